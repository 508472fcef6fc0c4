"""Batch package: one archive of frozen documents, cut, encrypted and written part by part while it is being made.

Nothing here holds more than one document: the archive of ten thousand large invoices takes disk, not memory. That is why
the encryption is our own streaming use of `cryptography`: `ksef_client` encrypts a part in one piece and needs 290 MB
and three times the CPU time for a part of 100 MB (measured); its result is the yardstick of the tests.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

MAX_INVOICES = 10_000
MAX_PART = 100_000_000  # bytes, before encryption
MAX_PARTS = 50
MAX_ARCHIVE = 5_000_000_000  # bytes
MAX_INVOICE = 1_000_000  # bytes; 3,000,000 with an attachment, which only a batch session takes
_CHUNK = 1 << 16
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class Compression(StrEnum):
    TAR_GZ = "TarGz"
    ZIP = "Zip"


class TooLargeError(ValueError):
    """The archive is over the limits of one session: fewer documents have to go in it."""


@dataclass(frozen=True)
class Part:
    """One encrypted part in its file; iterating gives its bytes anew each time, so that a request can be repeated."""

    ordinal: int
    path: Path
    size: int  # bytes, encrypted
    sha256: str  # base64, of the encrypted bytes

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                yield chunk


@dataclass(frozen=True)
class Package:
    compression: Compression
    size: int  # bytes of the plain archive
    sha256: str  # base64, of the plain archive
    parts: tuple[Part, ...]


def pack(
    files: Iterable[tuple[str, bytes]],
    key: bytes,
    iv: bytes,
    folder: Path,
    *,
    compression: Compression = Compression.TAR_GZ,
    max_part: int = MAX_PART,
) -> Package:
    """Archive of `files` in `folder`: cut before encryption, every part with the same key and vector (AES-256-CBC, PKCS#7).

    The same files, key and vector always give the same bytes, so an interrupted upload can go on. The vector is not put
    in front of the parts: it travels in the open call only. TooLargeError when one session cannot hold it.
    """
    with _Cutter(key, iv, folder, max_part) as cutter:
        if compression is Compression.TAR_GZ:
            _write_tar_gz(files, cutter)
        else:
            _write_zip(files, cutter, folder)
    return Package(compression, cutter.size, cutter.sha256, tuple(cutter.parts))


def _write_tar_gz(files: Iterable[tuple[str, bytes]], out: _Cutter) -> None:
    with (
        gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(content))
            tar.members.clear()  # type: ignore[attr-defined]  # only needed for reading back


def _write_zip(files: Iterable[tuple[str, bytes]], out: _Cutter, folder: Path) -> None:
    """By way of a nameless file: only there can the sizes be written into the headers afterwards.

    An archive written in one go carries them behind each file, which not every reader takes; and Zip is our way out when
    KSeF has trouble with the other format.
    """
    with tempfile.TemporaryFile(dir=folder) as plain:
        with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in files:
                bundle.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
        plain.seek(0)
        shutil.copyfileobj(plain, out, _CHUNK)


class _Cutter(io.RawIOBase):
    """Takes the plain archive as it grows: hashes it, cuts it, encrypts each part into a file of its own."""

    def __init__(self, key: bytes, iv: bytes, folder: Path, max_part: int) -> None:
        self.size = 0
        self.sha256 = ""
        self.parts: list[Part] = []
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
        self._folder, self._max_part = folder, max_part
        self._hash = hashlib.sha256()
        self._part: _PartFile | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # tarfile and zipfile hand over bytes
        self.size += len(view)
        if self.size > MAX_ARCHIVE:
            raise TooLargeError("archive")
        self._hash.update(view)
        rest = view
        while rest:
            if self._part is not None and self._part.room == 0:
                self._end_part()
            if self._part is None:
                self._part = self._begin_part()
            taken, rest = rest[: self._part.room], rest[self._part.room :]
            self._part.write(taken)
        return len(view)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if kind is None:
            self._end_part()
            self.sha256 = base64.b64encode(self._hash.digest()).decode("ascii")
        elif self._part is not None:
            self._part.abandon()
        super().__exit__(kind, error, tb)

    def _begin_part(self) -> _PartFile:
        ordinal = len(self.parts) + 1
        if ordinal > MAX_PARTS:
            raise TooLargeError("parts")
        return _PartFile(ordinal, self._folder / f"part-{ordinal}.aes", self._cipher, self._max_part)

    def _end_part(self) -> None:
        if self._part is not None:
            self.parts.append(self._part.end())
            self._part = None


class _PartFile:
    def __init__(self, ordinal: int, path: Path, cipher: Cipher[modes.CBC], room: int) -> None:
        self.room = room  # plain bytes that still fit
        self._ordinal, self._path = ordinal, path
        self._file = path.open("wb")
        self._encryptor = cipher.encryptor()
        self._padder = PKCS7(128).padder()
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, plain: memoryview) -> None:
        self.room -= len(plain)
        self._put(self._encryptor.update(self._padder.update(plain)))

    def end(self) -> Part:
        self._put(self._encryptor.update(self._padder.finalize()) + self._encryptor.finalize())
        self._file.close()
        return Part(self._ordinal, self._path, self._size, base64.b64encode(self._hash.digest()).decode("ascii"))

    def abandon(self) -> None:
        self._file.close()

    def _put(self, encrypted: bytes) -> None:
        self._hash.update(encrypted)
        self._size += len(encrypted)
        self._file.write(encrypted)
