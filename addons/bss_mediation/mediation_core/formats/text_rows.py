"""Physical lines of a text file in bounded pieces, whatever the bytes are.

A line ends with LF or CR LF, mixed in one file if need be; a lone CR is no line end. Empty lines are skipped but counted.
A line of ``max_line`` bytes or more is cut and marked, so that a file without line ends costs no memory.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_LINE = 65_536
KEPT_OF_LONG_LINE = 2_000
BLOCK = 1 << 19
# A piece is closed early when its lines are so long that the asked number of them would fill the memory.
MAX_PIECE = 32 << 20
ENCODINGS = ("utf-8", "cp1250", "iso8859-2")
# Codecs that never fail with replacement, and in which a switch may write.
READABLE = frozenset(
    ["ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp437", "cp500", "cp852", "cp037"]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)]
)
BOM = b"\xef\xbb\xbf"
TOO_LONG = "line too long"
WIDE = "every other octet is zero: UTF-16?"


@dataclass(frozen=True, slots=True)
class Lines:
    """Non-empty lines, decoded, without their ends; ``broken`` gives the reason why a place cannot be read.

    ``data`` are the same texts joined by LF as UTF-8, where they are at hand.
    """

    numbers: list[int]
    texts: list[str]
    broken: dict[int, str]
    done: int
    data: bytes | None = None

    def __len__(self) -> int:
        return len(self.texts)


def known_encoding(encoding: str) -> bool:
    """Whether text can be read by this codec; "auto" is always known."""
    return encoding == "auto" or _codec(encoding) in READABLE


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return ""


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int, /) -> bytes: ...


def read_lines(stream: Readable, size: int, encoding: str = "auto", max_line: int = MAX_LINE) -> Iterator[Lines]:
    """Pieces of at most ``size`` lines with the bytes read so far.

    :param encoding: codec name, must be known (:func:`known_encoding`), or "auto": then the mark at the head of UTF-16 counts.
    """
    if encoding == "auto":
        stream = _Peeked(stream)
        encoding = "utf-16" if stream.head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "auto"
    if encoding != "auto" and "\n".encode(encoding) not in (b"\n", BOM + b"\n"):
        reader, encoding = _Reader(_Recoded(stream, encoding), max_line), "utf-8"
    else:
        reader = _Reader(stream, max_line)
    while True:
        numbers, raw, long = reader.take(size)
        if raw:
            yield _decode(numbers, raw, long, encoding, reader.done)
        elif reader.ended:
            return


class _Reader:
    """Cuts a stream into lines block by block."""

    def __init__(self, stream: Readable, max_line: int) -> None:
        self.stream = stream
        self.max_line = max_line
        self.ended = False
        self.done = 0
        self.number = 0
        self.ready: list[bytes] = []  # whole lines of the last block, from `at` on
        self.at = 0
        self.plain = False  # nothing in them is empty, long, or ends with CR
        self.tail = b""

    def take(self, size: int) -> tuple[list[int], list[bytes], set[int]]:
        """Numbers and bytes of the next lines that are not empty, and the places of those cut short."""
        numbers: list[int] = []
        raw: list[bytes] = []
        long: set[int] = set()
        held = 0
        while len(raw) < size and held < MAX_PIECE and (self.at < len(self.ready) or self._fill()):
            some = self.ready[self.at : self.at + size - len(raw)]
            held += sum(map(len, some))
            if self.plain:
                numbers += range(self.number + 1, self.number + 1 + len(some))
                raw += some
            else:
                self._add(some, numbers, raw, long)
            self.number += len(some)
            self.at += len(some)
        return numbers, raw, long

    def _add(self, some: list[bytes], numbers: list[int], raw: list[bytes], long: set[int]) -> None:
        for number, line in enumerate(some, start=self.number + 1):
            data = line.removeprefix(BOM) if number == 1 else line
            if len(data) >= self.max_line:
                long.add(len(raw))
                data = data[:KEPT_OF_LONG_LINE]
            if data.endswith(b"\r"):
                data = data.rstrip(b"\r")
            if data:
                numbers.append(number)
                raw.append(data)

    def _fill(self) -> bool:
        """Read one block; False at the end of the stream."""
        if self.ended:
            return False
        block = self.stream.read(BLOCK)
        self.done += len(block)
        self.at = 0
        if not block:
            self.ended = True
            self.ready = [self.tail] if self.tail else []
            self.plain = False
        elif b"\n" not in block:
            # Of a line that is too long already only the length matters.
            if len(self.tail) < self.max_line:
                self.tail += block
            self.ready = []
        else:
            self.ready = (self.tail + block).split(b"\n")
            self.tail = self.ready.pop()
            sizes = list(map(len, self.ready))
            self.plain = bool(self.number and b"\r" not in block and min(sizes) and max(sizes) < self.max_line)
        return True


class _Peeked:
    """A stream whose first octets were looked at."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self.head = stream.read(2)
        self.waiting = self.head

    def read(self, size: int) -> bytes:
        waiting, self.waiting = self.waiting, b""
        return waiting + self.stream.read(max(size - len(waiting), 1)) if waiting else self.stream.read(size)


class _Recoded:
    """A stream of UTF-16 or EBCDIC text as UTF-8; what cannot be decoded shows as U+FFFD."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self.stream = stream
        self.first = stream.read(2)
        if _codec(encoding) == "utf-16" and self.first not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            encoding = "utf-16-le"
        self.decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def read(self, size: int) -> bytes:
        while True:
            block, self.first = self.first or self.stream.read(size), b""
            text = self.decoder.decode(block, final=not block)
            if text or not block:
                return text.encode("utf-8", "replace")


def _decode(numbers: list[int], raw: list[bytes], long: set[int], encoding: str, done: int) -> Lines:
    broken = dict.fromkeys(long, TOO_LONG)
    data: bytes | None = b"\n".join(raw)
    assert data is not None
    if b"\x00" in data:
        broken |= {place: WIDE for place, line in enumerate(raw) if line.count(b"\x00") * 4 > len(line)}
    try:
        text = data.decode("utf-8" if encoding == "auto" else encoding)
        # A database text cannot hold NUL; the replacement shows that something was there.
        clean = text.replace("\x00", "\ufffd")
        if clean is not text or encoding not in ("auto", "utf-8"):
            data = None
        texts = clean.split("\n")
        if len(texts) == len(raw):
            return Lines(numbers, texts, broken, done, data)
    except UnicodeError:
        pass
    if encoding == "auto":
        texts = [decode_line(line) for line in raw]
    else:
        texts = [_decoded_or_broken(line, encoding, place, broken) for place, line in enumerate(raw)]
    return Lines(numbers, [text.replace("\x00", "\ufffd") for text in texts], broken, done)


def _decoded_or_broken(data: bytes, encoding: str, place: int, broken: dict[int, str]) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeError:
        broken.setdefault(place, f"not {encoding} text")
        text = data.decode(encoding, errors="replace")
    return text.replace("\n", "\ufffd")


def decode_line(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("iso8859-2", errors="replace")
