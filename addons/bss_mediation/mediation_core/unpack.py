"""Received files that are packed: gzip, bzip2, xz, zip and tar, told by their first octets and not by their names.

What comes out is counted while it comes out; sizes that an archive declares are not believed. A package whose frame is damaged, that holds
two files of one path, or from which more comes out than the limits allow is refused whole. A single file in it that is damaged,
encrypted, or no plain file is refused alone (:attr:`Member.problem`), the others go on.

Codes of a refusal: TRUNCATED (ends before its end, or a checksum is wrong), TOO_LARGE with ``detail`` size, ratio (packed so tightly that
it can only be a bomb), members or memory, NOT_THIS_FORMAT with ``detail`` encrypted, link, nested, names, method, archive.
"""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .unpack_streams import PIECE, Budget, Gunzip, Limits, Refused, stream_pieces, streams
from .values import FileProblem

GZIP, BZIP2, XZ, ZIP, TAR, PLAIN = "gzip", "bzip2", "xz", "zip", "tar", "plain"
# A text that anybody may have written (the name of a caller) never makes a file a package: all of these have octets that no text has, or
# stand at its very beginning.
_MAGIC = (
    (GZIP, 0, b"\x1f\x8b\x08"),
    *((BZIP2, 0, b"BZh%d" % level + block) for level in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")),
    (XZ, 0, b"\xfd7zXZ\x00"),
    (ZIP, 0, b"PK\x03\x04"),
    (ZIP, 0, b"PK\x05\x06"),
    (TAR, 257, b"ustar\x00"),
    (TAR, 257, b"ustar  \x00"),
)
_LONGEST_NAME = 255
_LARGEST_DICTIONARY = 128 << 20
_ENDINGS = {
    GZIP: {".tgz": ".tar", ".taz": ".tar", ".gz": ""},
    BZIP2: {".tbz2": ".tar", ".tbz": ".tar", ".bz2": ""},
    XZ: {".txz": ".tar", ".xz": ""},
}
# What zipfile and tarfile raise on content that they do not like.
_DISLIKES = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    MemoryError,
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
class Member:
    """One file out of an archive; ``name`` without folders. With a ``problem`` it could not be taken out, and has no content."""

    name: str
    content: bytes
    problem: FileProblem | None = None


def kind_of(content: bytes) -> str:
    """gzip, bzip2, xz, zip, tar or plain."""
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
        members = _opened(name, content, Budget(limits, max(len(content), 1)), 0)
    except Refused as refused:
        return refused.problem
    # When all that a package holds is one bad file, the package is bad.
    return members[0].problem or members if len(members) == 1 else members


def _opened(name: str, content: bytes, budget: Budget, depth: int) -> list[Member]:
    kind = kind_of(content)
    if kind == PLAIN:
        budget.next_member()
        return [Member(_plain_name(name), content)]
    if depth >= budget.limits.depth:
        raise Refused("NOT_THIS_FORMAT", "nested")
    try:
        inside = _OPENERS[kind](name, content, budget)
    except _DISLIKES as error:
        raise _refusal(error)
    members: list[Member] = []
    for part in inside:
        if part.problem:
            budget.next_member()
            members.append(part)
            continue
        try:
            members += _opened(part.name, part.content, budget, depth + 1)
        except Refused as refused:
            members.append(_bad(part.name, refused))
    return members


def _bad(name: str, refused: Refused) -> Member:
    """A file that is refused alone; what may be a bomb refuses everything."""
    if refused.problem.code == "TOO_LARGE":
        raise refused
    return Member(_plain_name(name), b"", refused.problem)


def _refusal(error: Exception) -> Refused:
    text = str(error).lower()
    if isinstance(error, MemoryError) or "memory" in text:
        return Refused("TOO_LARGE", "memory")
    if isinstance(error, EOFError) or any(word in text for word in ("crc", "truncated", "end of", "incomplete")):
        return Refused("TRUNCATED")
    return Refused("NOT_THIS_FORMAT", "encrypted" if "encrypted" in text or "password" in text else "archive")


def _gunzip(name: str, content: bytes, budget: Budget) -> list[Member]:
    return [Member(_without_ending(name, GZIP), streams(Gunzip, content, budget))]


def _unbzip2(name: str, content: bytes, budget: Budget) -> list[Member]:
    return [Member(_without_ending(name, BZIP2), streams(bz2.BZ2Decompressor, content, budget))]


def _unxz(name: str, content: bytes, budget: Budget) -> list[Member]:
    def decoder() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_LARGEST_DICTIONARY)

    return [Member(_without_ending(name, XZ), streams(decoder, content, budget))]


def _unzip(name: str, content: bytes, budget: Budget) -> list[Member]:
    members = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_by_product(entry.filename)]
        _check_names([entry.filename for entry in entries], budget)
        for entry in entries:
            try:
                members.append(Member(entry.filename, _zipped(archive, entry, content, budget)))
            except Refused as refused:
                members.append(_bad(entry.filename, refused))
            except _DISLIKES as error:
                members.append(_bad(entry.filename, _refusal(error)))
    return members


def _zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, content: bytes, budget: Budget) -> bytes:
    if entry.flag_bits & 1:
        raise Refused("NOT_THIS_FORMAT", "encrypted")
    if entry.external_attr >> 28 == 0xA:  # a symbolic link by its Unix mode
        raise Refused("NOT_THIS_FORMAT", "link")
    if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with archive.open(entry) as packed:
            return _drained(packed.read, budget)
    # The library unpacks these without a bound: a few octets could fill the memory before anybody counts.
    packed_data = _packed_data(entry, content)
    if entry.compress_type == zipfile.ZIP_BZIP2:
        data = b"".join(stream_pieces(bz2.BZ2Decompressor(), packed_data, budget))
    elif entry.compress_type == zipfile.ZIP_LZMA:
        data = _zipped_lzma(entry, packed_data, budget)
    else:
        raise Refused("NOT_THIS_FORMAT", "method")
    if zlib.crc32(data) != entry.CRC:
        raise Refused("TRUNCATED")
    return data


def _packed_data(entry: zipfile.ZipInfo, content: bytes) -> bytes:
    names, extra = struct.unpack_from("<HH", content, entry.header_offset + 26)
    start = entry.header_offset + 30 + names + extra
    return content[start : start + entry.compress_size]


def _zipped_lzma(entry: zipfile.ZipInfo, packed: bytes, budget: Budget) -> bytes:
    """LZMA as in a zip: version, size of the properties, properties, stream."""
    _version, length, packing, dictionary = struct.unpack_from("<HHBL", packed)
    if dictionary > _LARGEST_DICTIONARY:
        raise Refused("TOO_LARGE", "memory")
    chain = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(dictionary, 4096),
        "lc": packing % 9,
        "lp": packing // 9 % 5,
        "pb": packing // 45,
    }
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
    return b"".join(
        stream_pieces(unpacker, packed[4 + length :], budget, None if entry.flag_bits & 2 else entry.file_size)
    )


def _untar(name: str, content: bytes, budget: Budget) -> list[Member]:
    members = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for number, entry in enumerate(archive):
            if number > 2 * budget.limits.members:
                raise Refused("TOO_LARGE", "members")
            if entry.isdir() or _is_by_product(entry.name):
                continue
            # The octets were counted when they came out of what the tar is packed in.
            packed = archive.extractfile(entry) if entry.isreg() and not entry.issparse() else None
            if packed is None:
                members.append(Member(entry.name, b"", FileProblem("NOT_THIS_FORMAT", {"detail": "link"})))
                continue
            data = packed.read()
            if len(data) != entry.size:
                raise EOFError
            members.append(Member(entry.name, data))
        if not content[archive.offset :].startswith(bytes(512)) and archive.offset + 512 > len(content):
            raise EOFError  # a tar ends with blocks of zeros
    _check_names([member.name for member in members], budget)
    return members


def _check_names(names: Sequence[str], budget: Budget) -> None:
    """Two files of one path mean different things to different readers."""
    if len(names) > budget.limits.members:
        raise Refused("TOO_LARGE", "members")
    if len(set(names)) < len(names):
        raise Refused("NOT_THIS_FORMAT", "names")


def _drained(read: Callable[[int], bytes], budget: Budget) -> bytes:
    pieces: list[bytes] = []
    while piece := read(PIECE):
        budget.took(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def _is_by_product(name: str) -> bool:
    """What macOS puts beside the files."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith("._")


def _without_ending(name: str, kind: str) -> str:
    for ending, instead in _ENDINGS[kind].items():
        if name.lower().endswith(ending):
            return name[: len(name) - len(ending)] + instead
    return name


def _plain_name(name: str) -> str:
    """The last part of a path of any system, without what cannot stand in a name."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if letter.isprintable())[-_LONGEST_NAME:]
    return clean if clean.strip(". ") else "file"


_OPENERS: dict[str, Callable[[str, bytes, Budget], list[Member]]] = {
    GZIP: _gunzip,
    BZIP2: _unbzip2,
    XZ: _unxz,
    ZIP: _unzip,
    TAR: _untar,
}
