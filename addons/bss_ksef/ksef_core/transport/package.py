"""Batch package: one archive of frozen documents, split and encrypted part by part."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ksef_client.services.crypto import encrypt_aes_cbc_pkcs7

from ..qr import sha256_base64

MAX_INVOICES = 10_000
MAX_PART = 100_000_000
MAX_PARTS = 50
MAX_ARCHIVE = 5_000_000_000
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class Compression(StrEnum):
    TAR_GZ = "TarGz"
    ZIP = "Zip"


@dataclass(frozen=True)
class Part:
    ordinal: int
    data: bytes = field(repr=False)  # encrypted
    sha256: str


@dataclass(frozen=True)
class Package:
    compression: Compression
    size: int  # of the plain archive
    sha256: str  # of the plain archive
    parts: tuple[Part, ...]


def archive(files: Iterable[tuple[str, bytes]], compression: Compression = Compression.TAR_GZ) -> bytes:
    """All files in one archive; the same files always give the same bytes."""
    return _tar_gz(files) if compression is Compression.TAR_GZ else _zip(files)


def _tar_gz(files: Iterable[tuple[str, bytes]]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files:
            bundle.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pack(
    files: Iterable[tuple[str, bytes]],
    key: bytes,
    iv: bytes,
    *,
    compression: Compression = Compression.TAR_GZ,
    max_part: int = MAX_PART,
) -> Package:
    """Archive, cut before encryption, then encrypt every part with the same key and vector (AES-256-CBC, PKCS#7).

    The vector is not put in front of the parts: it travels in the open call only.
    """
    plain = archive(files, compression)
    cuts = range(0, len(plain), max_part)
    if len(plain) > MAX_ARCHIVE or len(cuts) > MAX_PARTS:
        raise ValueError("the archive is over the limits of one session; send fewer documents in it")
    parts = []
    for ordinal, start in enumerate(cuts, start=1):
        data = encrypt_aes_cbc_pkcs7(plain[start : start + max_part], key, iv)
        parts.append(Part(ordinal, data, sha256_base64(data)))
    return Package(compression, len(plain), sha256_base64(plain), tuple(parts))
