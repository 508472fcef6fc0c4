"""Physical lines of a text file in bounded pieces, whatever the bytes are.

A line ends with LF or CR LF, mixed in one file if need be; a lone CR is no line end. Empty lines are skipped but counted.
A line of ``max_line`` bytes or more is cut and marked, so that a file without line ends costs no memory.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

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


@dataclass(frozen=True, slots=True)
class Lines:
    """Non-empty lines, decoded, without their ends; ``broken`` gives the reason why a place cannot be read."""

    numbers: list[int]
    texts: list[str]
    broken: dict[int, str]
    done: int

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


def read_lines(stream: BinaryIO, size: int, encoding: str = "auto", max_line: int = MAX_LINE) -> Iterator[Lines]:
    """Pieces of at most ``size`` lines with the bytes read so far.

    :param encoding: codec name, must be known (:func:`known_encoding`), or "auto".
    """
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


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int, /) -> bytes: ...


class _Reader:
    """Cuts a stream into lines block by block."""

    def __init__(self, stream: Readable, max_line: int) -> None:
        self.stream = stream
        self.max_line = max_line
        self.ended = False
        self.done = 0
        self.number = 0
        self.ready: list[bytes] = []  # whole lines, last one first
        self.tail = b""

    def take(self, size: int) -> tuple[list[int], list[bytes], set[int]]:
        """Numbers and bytes of the next lines that are not empty, and the places of those cut short."""
        numbers: list[int] = []
        raw: list[bytes] = []
        long: set[int] = set()
        held = 0
        while len(raw) < size and held < MAX_PIECE and (self.ready or self._fill()):
            while self.ready and len(raw) < size and held < MAX_PIECE:
                data = self.ready.pop()
                self.number += 1
                held += len(data)
                if self.number == 1:
                    data = data.removeprefix(BOM)
                if len(data) >= self.max_line:
                    long.add(len(raw))
                    data = data[:KEPT_OF_LONG_LINE]
                if data.endswith(b"\r"):
                    data = data.rstrip(b"\r")
                if data:
                    numbers.append(self.number)
                    raw.append(data)
        return numbers, raw, long

    def _fill(self) -> bool:
        """Read one block; False at the end of the stream."""
        if self.ended:
            return False
        block = self.stream.read(BLOCK)
        self.done += len(block)
        if not block:
            self.ended = True
            lines = [self.tail] if self.tail else []
        elif b"\n" not in block:
            # Of a line that is too long already only the length matters.
            if len(self.tail) < self.max_line:
                self.tail += block
            lines = []
        else:
            lines = (self.tail + block).split(b"\n")
            self.tail = lines.pop()
        lines.reverse()
        self.ready = lines
        return True


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
    try:
        texts = b"\n".join(raw).decode("utf-8" if encoding == "auto" else encoding).split("\n")
        if len(texts) != len(raw):
            raise UnicodeError("line ends changed")
    except UnicodeError:
        if encoding == "auto":
            texts = [decode_line(data) for data in raw]
        else:
            texts = [_decoded_or_broken(data, encoding, place, broken) for place, data in enumerate(raw)]
    # A database text cannot hold NUL; the replacement shows that something was there.
    if any("\x00" in text for text in texts):
        texts = [text.replace("\x00", "\ufffd") for text in texts]
    return Lines(numbers, texts, broken, done)


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
