"""Bulk corrections of raw records, and numbers shown to those who may not see them whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

SHOWN_FIRST, SHOWN_LAST = 5, 3
_BACKSLASHED_GROUP = re.compile(r"\\(\d)")
MASK_FROM = 10  # digits; below that even a part would tell the number


class BadPattern(ValueError):
    """Not a regular expression; its text says why."""


def replaced(raws: Sequence[str], find: str, replacement: str, *, regex: bool = False) -> list[str]:
    """``raws`` with every place that fits ``find`` replaced.

    Regular expressions are those of Rust's ``regex`` (no look-around, linear time whatever the pattern);
    ``$1``, ``${1}`` or ``\\1`` in the replacement is the first group, ``$$`` a dollar sign.

    :raises BadPattern: for an empty or unreadable pattern
    """
    if not find:
        raise BadPattern("empty")
    texts = pl.Series(list(raws), dtype=pl.String)
    try:
        if regex:
            return texts.str.replace_all(find, _BACKSLASHED_GROUP.sub(r"${\1}", replacement)).to_list()
        return [raw.replace(find, replacement) for raw in raws]
    except pl.exceptions.PolarsError as error:
        raise BadPattern(str(error)) from error


def masked_number(number: str | None) -> str | None:
    """A number without its middle: 48501***567; short ones not at all, they tell what somebody called about."""
    if not number:
        return None
    if len(number) < MASK_FROM:
        return "***"
    return f"{number[:SHOWN_FIRST]}***{number[-SHOWN_LAST:]}"
