"""Received files that are packed: gzip, zip and tar, told by their first octets and not by their names.

Strict: what is damaged, encrypted, or holds anything but plain files is refused whole, so that no half of a delivery is loaded. What
comes out is counted while it comes out; sizes that an archive declares are not believed.

Codes of a refusal: TRUNCATED (ends before its end, or a checksum is wrong), TOO_LARGE (more than the limits, or packed so tightly that
it can only be a bomb), NOT_THIS_FORMAT with ``detail``: encrypted, link, nested, names, archive.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .values import FileProblem

GZIP, ZIP, TAR, PLAIN = "gzip", "zip", "tar", "plain"
_MAGIC = ((GZIP, 0, b"\x1f\x8b\x08"), (ZIP, 0, b"PK\x03\x04"), (ZIP, 0, b"PK\x05\x06"), (TAR, 257, b"ustar"))
_PIECE = 1 << 18
_LONGEST_NAME = 255
_ENDINGS = {".tgz": ".tar", ".taz": ".tar", ".gz": ""}
# What zipfile and tarfile raise on content that they do not like.
_DISLIKES = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tarfile.TarError,
    zlib.error,
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


@dataclass(frozen=True)
class Member:
    """One file out of an archive; ``name`` without folders."""

    name: str
    content: bytes


class _Refused(Exception):
    """Never leaves this module."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.problem = FileProblem(code, {"detail": what} if what else {})


@dataclass
class _Budget:
    """What may still come out of the file."""

    limits: Limits
    packed: int
    size: int = 0
    members: int = 0

    def took(self, octets: int) -> None:
        self.size += octets
        if self.size > self.limits.size:
            raise _Refused("TOO_LARGE", "size")
        if self.size > self.limits.ratio_from and self.size > self.packed * self.limits.ratio:
            raise _Refused("TOO_LARGE", "ratio")

    def next_member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise _Refused("TOO_LARGE", "members")


def kind_of(content: bytes) -> str:
    """gzip, zip, tar or plain."""
    for kind, place, magic in _MAGIC:
        if content[place : place + len(magic)] == magic:
            return kind
    return PLAIN


def unpack(name: str, content: bytes, limits: Limits | None = None) -> list[Member] | FileProblem:
    """The plain files in ``content``, or why it is refused; a plain file is its own only member.

    Never raises on content; needs no more memory than the limits allow.
    """
    limits = limits or Limits()
    if kind_of(content) == PLAIN:
        return [Member(_plain_name(name), content)]
    try:
        members = _opened(name, content, _Budget(limits, max(len(content), 1)), 0)
    except _Refused as refused:
        return refused.problem
    if len({member.name for member in members}) < len(members):
        return FileProblem("NOT_THIS_FORMAT", {"detail": "names"})
    return members


def _opened(name: str, content: bytes, budget: _Budget, depth: int) -> list[Member]:
    kind = kind_of(content)
    if kind == PLAIN:
        budget.next_member()
        return [Member(_plain_name(name), content)]
    if depth >= budget.limits.depth:
        raise _Refused("NOT_THIS_FORMAT", "nested")
    try:
        inside = _OPENERS[kind](name, content, budget)
    except _DISLIKES as error:
        raise _refusal(error)
    return [member for part in inside for member in _opened(part.name, part.content, budget, depth + 1)]


def _refusal(error: Exception) -> _Refused:
    text = str(error).lower()
    if isinstance(error, EOFError) or any(word in text for word in ("crc", "truncated", "end of", "incomplete")):
        return _Refused("TRUNCATED")
    return _Refused("NOT_THIS_FORMAT", "encrypted" if "encrypted" in text or "password" in text else "archive")


def _gunzip(name: str, content: bytes, budget: _Budget) -> list[Member]:
    """All members of a gzip file joined, as gzip itself does; zero octets behind them are filler."""
    pieces: list[bytes] = []
    rest = content
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            piece = unpacker.decompress(rest, _PIECE)
            rest = unpacker.unconsumed_tail
            if not piece and not rest and not unpacker.eof:
                raise EOFError
            budget.took(len(piece))
            pieces.append(piece)
        rest = unpacker.unused_data.lstrip(b"\x00")
    lower = name.lower()
    ending = next((ending for ending in _ENDINGS if lower.endswith(ending)), "")
    return [Member(name[: len(name) - len(ending)] + _ENDINGS.get(ending, ""), b"".join(pieces))]


def _unzip(name: str, content: bytes, budget: _Budget) -> list[Member]:
    members = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_by_product(entry.filename)]
        if len(entries) > budget.limits.members:
            raise _Refused("TOO_LARGE", "members")
        for entry in entries:
            if entry.flag_bits & 1:
                raise _Refused("NOT_THIS_FORMAT", "encrypted")
            if entry.external_attr >> 28 == 0xA:  # a symbolic link by its Unix mode
                raise _Refused("NOT_THIS_FORMAT", "link")
            with archive.open(entry) as packed:
                members.append(Member(entry.filename, _drained(packed.read, budget)))
    return members


def _untar(name: str, content: bytes, budget: _Budget) -> list[Member]:
    members = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for number, entry in enumerate(archive):
            if number > 2 * budget.limits.members:
                raise _Refused("TOO_LARGE", "members")
            if entry.isdir() or _is_by_product(entry.name):
                continue
            if not entry.isreg() or entry.issparse():
                raise _Refused("NOT_THIS_FORMAT", "link")
            packed = archive.extractfile(entry)
            if packed is None:
                raise _Refused("NOT_THIS_FORMAT", "link")
            # The octets were counted when they came out of what the tar is packed in.
            data = packed.read()
            if len(data) != entry.size:
                raise EOFError
            members.append(Member(entry.name, data))
        if not content[archive.offset :].startswith(bytes(512)) and archive.offset + 512 > len(content):
            raise EOFError  # a tar ends with blocks of zeros
    return members


def _drained(read: Callable[[int], bytes], budget: _Budget) -> bytes:
    pieces: list[bytes] = []
    while piece := read(_PIECE):
        budget.took(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def _is_by_product(name: str) -> bool:
    """What macOS puts beside the files."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith("._")


def _plain_name(name: str) -> str:
    """The last part of a path of any system, without what cannot stand in a name."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if letter.isprintable())[-_LONGEST_NAME:]
    return clean if clean.strip(". ") else "file"


_OPENERS: dict[str, Callable[[str, bytes, _Budget], list[Member]]] = {GZIP: _gunzip, ZIP: _unzip, TAR: _untar}
