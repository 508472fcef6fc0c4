"""Files of an import: several of them or one archive, none larger than can be held; rows of a sheet whatever its kind."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ..rate_xlsx import refusal
from ..rate_xlsx_cells import text_of

MAX_FILES = 100
MAX_UNPACKED = 100 * 2**20
MAX_ROWS = 200_000
HEADER_WITHIN = 30
ZIP = b"PK\x03\x04"
ENCODINGS = ("utf-8-sig", "windows-1250")


@dataclass(frozen=True, slots=True)
class Packed:
    """Content by the bare name of the file; ``problem``: why they are not opened (NO_FILES, UNPACKS_TOO_LARGE, DAMAGED)."""

    files: Mapping[str, bytes]
    problem: str = ""


def unpack(uploads: Sequence[tuple[str, bytes]]) -> Packed:
    """Files as they were sent; those of an archive (not a workbook) without its folders."""
    files: dict[str, bytes] = {}
    size = 0
    for name, content in uploads:
        if not content.startswith(ZIP) or _is_workbook(content):
            members: Iterator[tuple[str, bytes]] = iter([(name, content)])
        else:
            members = _members(content)
        try:
            for member, data in members:
                size += len(data)
                if size > MAX_UNPACKED or len(files) >= MAX_FILES:
                    return Packed({}, "UNPACKS_TOO_LARGE")
                files[PurePosixPath(member.replace("\\", "/")).name] = data
        except OverflowError:
            return Packed({}, "UNPACKS_TOO_LARGE")
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
            return Packed({}, "DAMAGED")
    return Packed(files, "" if files else "NO_FILES")


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [part for part in archive.infolist() if not part.is_dir()]
        if len(parts) > MAX_FILES or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise OverflowError
        for part in parts:
            with archive.open(part) as stream:
                # the size that the archive states may be a lie
                data = stream.read(MAX_UNPACKED + 1)
            if len(data) > MAX_UNPACKED:
                raise OverflowError
            yield part.filename, data


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


class Unreadable(ValueError):
    """A sheet that cannot be read; its code says why (those of ``CellError``)."""


def rows_of(content: bytes) -> Iterator[tuple[int, list[object]]]:
    """(line from 1, cells) of the first sheet of a workbook, or of a CSV file with any usual separator.

    :raises Unreadable:
    """
    rows = _workbook_rows(content) if content.startswith((ZIP, b"\xd0\xcf\x11\xe0")) else _csv_rows(content)
    for line, cells in enumerate(rows, 1):
        if line > MAX_ROWS:
            raise Unreadable("TOO_MANY_ROWS")
        yield line, cells


def headers_of(content: bytes) -> list[str]:
    """Names of the columns: the first row with at least two texts; empty when there is none."""
    try:
        for line, cells in rows_of(content):
            texts = [text_of(cell) for cell in cells]
            if sum(any(sign.isalpha() for sign in text) for text in texts) >= 2:
                return [text for text in texts if text]
            if line >= HEADER_WITHIN:
                break
    except Unreadable:
        pass
    return []


def _workbook_rows(content: bytes) -> Iterator[list[object]]:
    refused = refusal(content)
    if refused:
        raise Unreadable(refused.code)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unreadable("NOT_XLSX") from error
    try:
        for row in workbook.worksheets[0].iter_rows(values_only=True):
            yield list(row)
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, IndexError) as error:
        raise Unreadable("DAMAGED") from error
    finally:
        workbook.close()


def _csv_rows(content: bytes) -> Iterator[list[object]]:
    text = _text(content)
    head = "\n".join(text.splitlines()[:HEADER_WITHIN])
    separator = max(";\t|,", key=head.count)
    try:
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            yield list(row)
    except csv.Error as error:
        raise Unreadable("DAMAGED") from error


def _text(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("NOT_XLSX")
