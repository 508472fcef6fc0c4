"""Which lines of MT940 are tags and ends: a title may begin with a colon or a dash, so the place of a line decides.

States are those of :class:`.mt940_machine.Machine`.
"""

from __future__ import annotations

import re

from .dialects_base import Dialect
from .mt940_entry import ENTRY

TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)$", re.DOTALL)
HEADER_TAGS = frozenset({"20", "21", "25", "28", "28C", "13", "13D", "34F", "60F", "60M", "NS"})
#: states in which no entry is open
OUTSIDE = ("", "head", "closed")

_AFTER_CLOSING = frozenset({"64", "65", "86"})
_ENTRY_START = re.compile(r"([0-9]{6}|.{4,10}?R?[CD][A-Z]?[0-9]+,)")
_BALANCE_START = re.compile(r"[CD][0-9]{6}[A-Z]{3}")
_END = re.compile(r"(?:-\}?|--)\s*(?:\{.*)?$", re.DOTALL)


def is_end(text: str, following: str | None, state: str) -> bool:
    """Is the line the end mark of a message? ``following`` is the next line, None at the end of the file."""
    if text[0] != "-" or not _END.match(text):
        return False
    if state in OUTSIDE:
        return True
    return following is None or not following.strip() or following.startswith((":20:", "{"))


def is_legal_outside(tag: str, value: str, state: str) -> bool:
    """May the tag stand where no entry is open?"""
    return (
        tag in HEADER_TAGS
        or (tag in _AFTER_CLOSING and state == "closed")
        or (tag in ("90C", "90D") and state != "")
        or (tag in ("61", "62F", "62M", "90C", "90D") and state == "head")
        or (tag == "61" and state == "closed" and ENTRY.match(value) is not None)
    )


def is_legal_inside(
    tag: str, value: str, following: str | None, state: str, details: list[tuple[int, str]], dialect: Dialect
) -> bool:
    """May the tag stand behind an entry (state "entry") or its details, or is it text of them?"""
    if tag == "61":
        sure = dialect.one_per_line and state == "details"
        return sure or state == "entry" or _ENTRY_START.match(value) is not None
    if tag in ("62F", "62M"):
        return (
            _BALANCE_START.match(value) is not None
            or following is None
            or following.startswith((":64:", ":65:", ":20:", "-"))
        )
    if tag in ("90C", "90D"):
        return True
    if tag == "86":
        return state == "entry" or _second_details_allowed(details)
    if tag == "20":
        return following is not None and following.startswith((":25:", ":21:"))
    return False


def _second_details_allowed(details: list[tuple[int, str]]) -> bool:
    """ING repeats :86:, the first one holds the three-digit code alone; anyone may drop a :61:."""
    texts = [text for _line, text in details]
    return (len(texts) == 1 and len(texts[0].strip()) == 3) or any(text.startswith(":61:") for text in texts)
