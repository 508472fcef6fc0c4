"""Texts that a bank cut into pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: a piece of exactly this length was cut by a machine, its text goes on in the next piece
FULL_PIECES = frozenset({27, 35, 140})


def joined(pieces: Sequence[str]) -> str:
    """Pieces of one text; a full piece goes on without a blank, blanks are made one."""
    text, last = "", ""
    for piece in pieces:
        text += piece if not text or len(last) in FULL_PIECES else f" {piece}"
        last = piece
    return re.sub(r"\s+", " ", text).strip()
