"""Physical lines of a text file in bounded pieces, whatever the bytes are."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_LINE = 65_536
KEPT_OF_LONG_LINE = 2_000
# One broken quote makes this many lines be read one by one.
TOGETHER = 250
ENCODINGS = ("utf-8", "cp1250", "iso8859-2")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One non-empty physical line, decoded, without its end."""

    number: int
    text: str
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line split into fields, or the reason why it could not be."""

    line: Line
    fields: list[str] | None
    error: str = ""


def read_lines(stream: BinaryIO, size: int) -> Iterator[tuple[list[Line], int]]:
    """Pieces of at most ``size`` lines with the bytes read so far; empty lines are skipped but counted."""
    number = done = 0
    while True:
        raw: list[tuple[int, bytes, bool]] = []
        ended = False
        while len(raw) < size:
            data = stream.readline(MAX_LINE)
            if not data:
                ended = True
                break
            number += 1
            done += len(data)
            long = len(data) == MAX_LINE and not data.endswith(b"\n")
            if long:
                done += _skip_rest(stream)
                data = data[:KEPT_OF_LONG_LINE]
            if number == 1:
                data = data.removeprefix(BOM)
            data = data.rstrip(b"\r\n")
            if data:
                raw.append((number, data, long))
        if raw:
            yield _decode(raw), done
        if ended:
            return


def _skip_rest(stream: BinaryIO) -> int:
    skipped = 0
    while True:
        data = stream.readline(MAX_LINE)
        skipped += len(data)
        if not data or data.endswith(b"\n"):
            return skipped


def _decode(raw: list[tuple[int, bytes, bool]]) -> list[Line]:
    try:
        texts = b"\n".join(data for _, data, _ in raw).decode("utf-8").split("\n")
    except UnicodeDecodeError:
        texts = [decode_line(data) for _, data, _ in raw]
    # A database text cannot hold NUL; the replacement shows that something was there.
    return [
        Line(number, text.replace("\x00", "\ufffd"), long) for (number, _, long), text in zip(raw, texts, strict=True)
    ]


def decode_line(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("iso8859-2", errors="replace")


def split_rows(lines: list[Line]) -> list[Row]:
    """Comma-separated fields of every line; a broken quote spoils its own line only."""
    return [row for start in range(0, len(lines), TOGETHER) for row in _split_some(lines[start : start + TOGETHER])]


def _split_some(lines: list[Line]) -> list[Row]:
    if not any(line.too_long for line in lines):
        try:
            fields = list(csv.reader([line.text for line in lines], strict=True))
        except csv.Error:
            fields = []
        if len(fields) == len(lines):
            return [Row(line, values) for line, values in zip(lines, fields, strict=True)]
    return [_split_one(line) for line in lines]


_END_OF_LINE = re.compile(r"[\r\n]")


def _split_one(line: Line) -> Row:
    if line.too_long:
        return Row(line, None, "line too long")
    try:
        rows = list(csv.reader([line.text], strict=True))
    except csv.Error as error:
        return Row(line, None, _END_OF_LINE.sub(" ", str(error)))
    return Row(line, rows[0]) if len(rows) == 1 else Row(line, None, "broken line")
