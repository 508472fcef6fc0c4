"""Registry of bank file formats. A new format is one module here that registers its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..model import BankFile

Reader = Callable[[bytes, str, str], BankFile]
_READERS: dict[str, Reader] = {}


def register(name: str) -> Callable[[Reader], Reader]:
    """Register ``reader(content, dialect code or "", encoding or "")`` under a format name."""

    def keep(reader: Reader) -> Reader:
        _READERS[name] = reader
        return reader

    return keep


def readers() -> Mapping[str, Reader]:
    return dict(_READERS)


def read(name: str, content: bytes, dialect: str = "", encoding: str = "") -> BankFile:
    return _READERS[name](content, dialect, encoding)


from . import mt940 as _mt940  # noqa: E402  (registers itself)
