"""Reading the invoices of a batch out of a Zip or tar.gz archive.

Sources: sesja-wsadowa.md; OpenAPI 2.9.0 CompressionType and SessionInvoiceStatusResponse.invoiceFileName (128 characters).
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from .invoices import MAX_SIZE_WITH_ATTACHMENT

MAX_NAME = 128


class ArchiveError(Exception):
    """Status 430: the archive cannot be read."""


def read(path: Path, compression: str) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, bytes); a file above the limit is cut one byte behind it, enough to be refused for its size."""
    seen: set[str] = set()
    files = _tar_gz(path) if compression == "TarGz" else _zip(path)
    try:
        for name, content in files:
            if not name or len(name) > MAX_NAME:
                raise ArchiveError(f"file name is empty or longer than {MAX_NAME} characters")
            if name in seen:
                raise ArchiveError(f"file name {name} occurs twice")
            seen.add(name)
            yield name, content
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise ArchiveError(str(error)) from error


def _zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                raise ArchiveError("the archive contains a folder")
            with archive.open(info) as member:
                content = member.read(MAX_SIZE_WITH_ATTACHMENT + 1)
                yield info.filename, content


def _tar_gz(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, "r:gz") as archive:
        for info in archive:
            if not info.isfile():
                raise ArchiveError("the archive contains something that is no file")
            member = archive.extractfile(info)
            assert member is not None
            yield info.name, member.read(MAX_SIZE_WITH_ATTACHMENT + 1)
