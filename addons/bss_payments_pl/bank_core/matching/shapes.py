"""Shapes of document numbers, read off the numbers themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from .text import plain

_PARTS = re.compile(r"[A-Z]+|[0-9]+")
LITERAL, YEAR, MONTH, DIGITS = "L", "Y", "M", "D"
_DIGITS = "0123456789"


class Part(NamedTuple):
    """``text`` of a literal, ``width`` of a run of digits."""

    kind: str
    text: str = ""
    width: int = 0


class Shape(NamedTuple):
    """``FA/2026/10/00123`` → literal FA, year, month, running number of 5 digits.

    ``running`` is the place of the running number in ``parts``, -1 = there is none.
    """

    parts: tuple[Part, ...]
    running: int


def shape_of(number: str) -> Shape:
    """The shape of one number; a year is 19xx or 20xx, a month stands beside a year and is not the last run left."""
    return _shape(*series_of(number)[:2]) if number.isascii() else _shape(number, "")


def series_of(number: str) -> tuple[str, str, str]:
    """What a number shares with its whole series: all before its last digits, and digits of the same meaning; and
    the last digits themselves.

    Which digits stand last matters only where they may be a year or a month.
    """
    head = number.rstrip(_DIGITS)
    last = number[len(head) :]
    if (len(last) == 4 and last[:2] in ("19", "20")) or (len(last) == 2 and "01" <= last <= "12"):
        return head, last, last
    return head, "5" * len(last), last


@lru_cache(maxsize=4096)
def _shape(head: str, last: str) -> Shape:
    pieces = _PARTS.findall(plain(head + last))
    runs = [index for index, piece in enumerate(pieces) if piece.isdigit()]
    years = [index for index in runs if len(pieces[index]) == 4 and pieces[index][:2] in ("19", "20")]
    year = years[0] if years and len(runs) > 1 else -1
    month = -1
    if year >= 0 and len(runs) > 2:
        place = runs.index(year)
        beside = [runs[near] for near in (place + 1, place - 1) if 0 <= near < len(runs)]
        month = next((index for index in beside if len(pieces[index]) == 2 and 1 <= int(pieces[index]) <= 12), -1)
    running = max((index for index in runs if index not in (year, month)), default=-1)
    parts = []
    for index, piece in enumerate(pieces):
        if not piece.isdigit():
            parts.append(Part(LITERAL, piece))
        else:
            kind = YEAR if index == year else MONTH if index == month else DIGITS
            parts.append(Part(kind, "", len(piece)))
    return Shape(tuple(parts), running)


def shapes_of(numbers: Iterable[str]) -> tuple[Shape, ...]:
    """The different shapes of many numbers, in a stable order."""
    return tuple(sorted({shape_of(number) for number in numbers}))


def digit_runs(number: str) -> list[str]:
    """Runs of digits of a number, in its order."""
    return [piece for piece in _PARTS.findall(plain(number)) if piece.isdigit()]
