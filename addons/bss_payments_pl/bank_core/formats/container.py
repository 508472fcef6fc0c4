"""Packed bank files: ZIP and gzip, told by their first bytes and not by their names.

:func:`members` gives the files of a package one after the other. What comes out is counted while it
comes out; sizes that a package declares are not believed. A member that cannot be taken out comes with
a :class:`~bank_core.model.Problem` and no content, the others go on; a package that may be a bomb
ends with such a member. Nothing is written to a disk, so a path in a package is only a name.

Codes: CONTAINER_BROKEN, CONTAINER_ENCRYPTED, CONTAINER_METHOD (a packing nobody needs), CONTAINER_NESTED
(a package in the package), CONTAINER_TOO_LARGE, CONTAINER_BOMB (packed too tightly to be a bank file),
CONTAINER_MEMBERS (too many files), CONTAINER_EMPTY.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Problem, Severity

PIECE = 1 << 16
_GZIP = b"\x1f\x8b\x08"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_DIRECTORY_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BY_PRODUCTS = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
#: what the library raises on damaged content
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
    IndexError,
    KeyError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes; ``ratio`` counts once more than ``free`` bytes came out."""

    member: int = 200_000_000
    total: int = 500_000_000
    members: int = 500
    ratio: int = 200
    free: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """One file; with a ``problem`` it has no content."""

    name: str
    content: bytes
    problem: Problem | None = None


class _Refused(Exception):
    """``is_final``: nothing more is taken out of this package."""

    def __init__(self, code: str, is_final: bool = False, **params: str):
        super().__init__(code)
        self.code, self.is_final, self.params = code, is_final, params

    def member(self, name: str) -> Member:
        return Member(name, b"", Problem(self.code, Severity.ERROR, 0, name[:80], self.params))


class _Budget:
    """Counts what comes out of one package."""

    def __init__(self, limits: Limits, packed: int):
        self.limits = limits
        self.packed = max(packed, 1)
        self.total = 0

    def taken(self, size: int, of_member: int) -> None:
        self.total += size
        limits = self.limits
        if self.total > limits.free and self.total > limits.ratio * self.packed:
            raise _Refused("CONTAINER_BOMB", True, ratio=str(limits.ratio))
        if self.total > limits.total:
            raise _Refused("CONTAINER_TOO_LARGE", True, limit=_megabytes(limits.total))
        if of_member > limits.member:
            raise _Refused("CONTAINER_TOO_LARGE", True, limit=_megabytes(limits.member))


def is_container(sample: bytes) -> bool:
    """Do the first bytes of a file say that it is packed?"""
    return sample.startswith((_GZIP, *_ZIP))


def members(content: bytes, name: str = "", limits: Limits | None = None) -> Iterator[Member]:
    """The files of a package in its order; a file that is not packed is its own only member.

    Raises nothing, whatever the bytes; holds one unpacked file in memory at a time.
    """
    limits = limits or Limits()
    budget = _Budget(limits, len(content))
    if content.startswith(_GZIP):
        yield _gunzip(content, name, budget)
    elif content.startswith(_ZIP):
        yield from _unzip(content, name, budget)
    else:
        yield Member(name, content)


def _gunzip(content: bytes, name: str, budget: _Budget) -> Member:
    inner = re.sub(r"\.(?:gz|gzip)$", "", name, flags=re.IGNORECASE) or name
    try:
        data = _inflated(content, budget)
        if is_container(data):
            raise _Refused("CONTAINER_NESTED")
        return Member(inner, data)
    except _Refused as refused:
        return refused.member(name)
    except _DAMAGE:
        return _Refused("CONTAINER_BROKEN").member(name)


def _inflated(content: bytes, budget: _Budget) -> bytes:
    """All members of a gzip file, joined as the format demands; zeros may follow."""
    out = bytearray()
    place = 0
    while place < len(content) and content[place : place + 1] != b"\x00":
        unpacker = zlib.decompressobj(31)
        while not unpacker.eof:
            data = unpacker.unconsumed_tail
            if not data:
                data = content[place : place + PIECE]
                place += len(data)
            if not data:
                raise EOFError
            piece = unpacker.decompress(data, PIECE)
            budget.taken(len(piece), len(out) + len(piece))
            out += piece
        place -= len(unpacker.unused_data)
    return bytes(out)


def _unzip(content: bytes, name: str, budget: _Budget) -> Iterator[Member]:
    try:
        # the library reads the whole directory before anybody can count it
        if content.count(_DIRECTORY_ENTRY) > 4 * budget.limits.members:
            raise _Refused("CONTAINER_MEMBERS", limit=str(budget.limits.members))
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [entry for entry in archive.infolist() if _is_file(entry)]
        if len(entries) > budget.limits.members:
            raise _Refused("CONTAINER_MEMBERS", limit=str(budget.limits.members))
        if not entries:
            raise _Refused("CONTAINER_EMPTY")
    except _Refused as refused:
        yield refused.member(name)
        return
    except _DAMAGE:
        yield _Refused("CONTAINER_BROKEN").member(name)
        return
    for entry in entries:
        shown = _name(entry.filename) or name
        try:
            yield Member(shown, _zipped(archive, entry, budget))
        except _Refused as refused:
            yield refused.member(shown)
            if refused.is_final:
                return
        except _DAMAGE:
            yield _Refused("CONTAINER_BROKEN").member(shown)


def _is_file(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and not _BY_PRODUCTS.search(entry.filename.replace("\\", "/"))


def _zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    if entry.flag_bits & 0x41:  # bit 6: strong encryption
        raise _Refused("CONTAINER_ENCRYPTED")
    if entry.compress_type not in _METHODS:
        raise _Refused("CONTAINER_METHOD")
    if entry.external_attr >> 28 == 0xA:  # a symbolic link by its Unix mode: its content is a path
        raise _Refused("CONTAINER_METHOD")
    out = bytearray()
    with archive.open(entry) as packed:
        while piece := packed.read(PIECE):
            budget.taken(len(piece), len(out) + len(piece))
            out += piece
            if len(out) == len(piece) and is_container(piece):
                raise _Refused("CONTAINER_NESTED")
    return bytes(out)


def _name(path: str) -> str:
    """Folders stay visible, steps out of them do not."""
    parts = (part.strip() for part in _UNPRINTABLE.sub("", path.replace("\\", "/")).split("/"))
    return "/".join(part for part in parts if part not in ("", ".", ".."))[-200:]


def _megabytes(size: int) -> str:
    return str(size // 1_000_000)
