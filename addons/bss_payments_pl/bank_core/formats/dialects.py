"""The dialects by their code, and which one a file is written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .dialects_base import Dialect
from .dialects_pl import ALL

__all__ = ["DIALECTS", "Dialect", "by_clearing", "by_text"]

DIALECTS: Mapping[str, Dialect] = {dialect.code: dialect for dialect in ALL}


def by_clearing(account: str, dialects: Iterable[Dialect] = ALL) -> Dialect | None:
    """Dialect of the bank that keeps an account (26 digits)."""
    clearing = account[2:10] if len(account) == 26 else ""
    for dialect in dialects:
        if clearing and dialect.banks and clearing.startswith(dialect.banks):
            return dialect
    return None


def by_text(text: str) -> Dialect:
    """Dialect by the look of the first details in a file."""
    for dialect in ALL:
        if any(look in text for look in dialect.looks):
            return dialect
    return DIALECTS["generic"]
