"""Streams of gzip, bzip2 and xz, unpacked with a count of what comes out."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .values import FileProblem

PIECE = 1 << 18
_FIRST_STEP = 1 << 9
_FILLER = re.compile(rb"\x00*")


@dataclass(frozen=True)
class Limits:
    """How much may come out of one file.

    ``ratio``: most octets out for one octet in, above ``ratio_from`` octets (deflate reaches 1000, usage files about 30).
    ``depth``: archives inside each other (a tar in a gzip is two).
    """

    size: int = 1 << 30
    members: int = 10_000
    ratio: int = 200
    ratio_from: int = 16 << 20
    depth: int = 3


class Refused(Exception):
    """Never leaves ``unpack``."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.problem = FileProblem(code, {"detail": what} if what else {})


@dataclass
class Budget:
    """What may still come out of the file."""

    limits: Limits
    packed: int
    size: int = 0
    members: int = 0

    def took(self, octets: int) -> None:
        self.size += octets
        if self.size > self.limits.size:
            raise Refused("TOO_LARGE", "size")
        if self.size > self.limits.ratio_from and self.size > self.packed * self.limits.ratio:
            raise Refused("TOO_LARGE", "ratio")

    def next_member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise Refused("TOO_LARGE", "members")


class Gunzip:
    """Decoder of one member of a gzip file, used like those of bzip2 and xz."""

    def __init__(self) -> None:
        self._inside = zlib.decompressobj(wbits=31)
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inside.eof

    @property
    def unused_data(self) -> bytes:
        return self._inside.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inside.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._inside.decompress(self._inside.unconsumed_tail + data, max_length)
        self._is_full = len(piece) == max_length
        return piece


_Decoder = Gunzip | bz2.BZ2Decompressor | lzma.LZMADecompressor


def streams(decoder: Callable[[], _Decoder], content: bytes, budget: Budget) -> bytes:
    """All streams of a file joined, as the programs themselves do; zero octets behind one are filler."""
    pieces: list[bytes] = []
    place = 0
    while place < len(content):
        place = _stream(decoder(), content, place, pieces, budget)
        if content[place : place + 1] == b"\x00":
            place = _FILLER.match(content, place).end()  # type: ignore[union-attr]  # it matches nothing, too
    return b"".join(pieces)


def _stream(unpacker: _Decoder, content: bytes, place: int, pieces: list[bytes], budget: Budget) -> int:
    """Add what comes out of the stream at ``place``; return where it ends.

    It is fed little at first: of what it does not need it keeps a copy, and a file may consist of millions of empty streams.
    """
    step = _FIRST_STEP
    while not unpacker.eof:
        packed = b""
        if unpacker.needs_input:
            packed = content[place : place + step]
            if not packed:
                raise EOFError
            place += len(packed)
            step = min(4 * step, PIECE)
        piece = unpacker.decompress(packed, PIECE)
        budget.took(len(piece))
        pieces.append(piece)
    return place - len(unpacker.unused_data)


def stream_pieces(
    unpacker: bz2.BZ2Decompressor | lzma.LZMADecompressor, packed: bytes, budget: Budget, size: int | None = None
) -> list[bytes]:
    """What comes out of one stream; ``size`` is where a stream without an end mark ends."""
    pieces: list[bytes] = []
    out = 0
    while not unpacker.eof and (size is None or out < size):
        piece = unpacker.decompress(packed, PIECE)
        packed = b""
        if not piece and unpacker.needs_input and not unpacker.eof:
            raise EOFError
        budget.took(len(piece))
        out += len(piece)
        pieces.append(piece)
    return pieces
