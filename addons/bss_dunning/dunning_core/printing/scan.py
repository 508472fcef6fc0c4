"""What a hand scanner reads off a letter: the code that we printed, or a number of the post."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .manifest import barcode

OURS = re.compile(r"BSS(\d*)")
AIM_PREFIX = re.compile(r"^\][A-Za-z]\d")  # symbology identifier, sent by some scanners before the data
NOISE = re.compile(r"[\s()\x00-\x1f]+")  # the post prints its numbers with blanks and (00)
POSTING_NUMBER = re.compile(r"[0-9A-Z]{5,40}")
DIGITS = 11  # ten and the check digit


@dataclass(frozen=True)
class Scan:
    """``kind``: empty, barcode (ours, checked), misread (ours, with a wrong check digit) or other."""

    kind: str
    value: str = ""


def read(text: str) -> Scan:
    """What was scanned, without what scanners and printers add."""
    value = _bare(text)
    if not value:
        return Scan("empty")
    ours = OURS.fullmatch(value)
    if not ours:
        return Scan("other", value)
    digits = ours.group(1)
    good = digits.isascii() and len(digits) == DIGITS and barcode(int(digits[:-1])) == value
    return Scan("barcode" if good else "misread", value)


def posting_number(text: str) -> str:
    """The number under which the post took a letter, or an empty text when this is none."""
    value = _bare(text)
    return value if POSTING_NUMBER.fullmatch(value) and not OURS.fullmatch(value) else ""


def _bare(text: str) -> str:
    return NOISE.sub("", AIM_PREFIX.sub("", text.strip())).upper()
