"""Helpers that index documents the way :class:`~.model.Facts` wants them."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Document
from .text import match_key

_MIN_KEY = 4


def document_index(documents: Iterable[Document]) -> dict[str, tuple[Document, ...]]:
    """Documents by match key; a number too short to be told from other digits is left out."""
    found: dict[str, tuple[Document, ...]] = {}
    for document in documents:
        key = match_key(document.number)
        if len(key) >= _MIN_KEY and any(char.isdigit() for char in key):
            found[key] = (*found.get(key, ()), document)
    return found


def ksef_index(documents: Iterable[Document]) -> dict[str, tuple[Document, ...]]:
    """Documents by KSeF number."""
    found: dict[str, tuple[Document, ...]] = {}
    for document in documents:
        if document.ksef_number:
            key = match_key(document.ksef_number)
            found[key] = (*found.get(key, ()), document)
    return found
