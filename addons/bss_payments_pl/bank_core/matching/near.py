"""Which numbers of ours lie one slip from what was written in a title: one number written, many documents asked about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from .model import Document
from .parsing import Mention
from .shapes import series_of
from .slips import digit_forms, is_far, is_one_slip, series_forms

#: so many last digits are looked at quickly
_TAIL = 4
#: what stands first among them where all of them may be left out: zeros, or the century of a year
_MAY_BE_LEFT_OUT = frozenset("012")
#: what stands before them where nothing is left out
_WRITTEN = frozenset("123456789")


class _Behind(NamedTuple):
    """What follows the head of a series for a number to be near: one slip from one of ``slipped``, or in ``exact``."""

    slipped: tuple[str, ...]
    exact: frozenset[str]


_NOTHING = _Behind((), frozenset())


class Written:
    """A number in the ways it may be read.

    Numbers of a series have all before their last digits in common: that is compared once for a series, not for each
    of its numbers.
    """

    __slots__ = ("_behind", "_ends", "_fronts", "_moved", "_prefix", "_ways")

    def __init__(self, prefix: str, ways: tuple[str, ...]):
        self._prefix = prefix
        self._ways = ways
        #: by head and meaning of a series; as many as our journals have series
        self._behind: dict[tuple[str, str], _Behind] = {}
        self._ends = {way[-2:] for way in ways}
        self._moved = {way[-4:-2] for way in ways}
        self._fronts = {
            *self._moved,
            *[way[-3:-1] for way in ways],
            *[way[-4:-3] + way[-2:-1] for way in ways],
        }

    def near_among(self, documents: Sequence[Document]) -> list[Document]:
        """Those of the open documents whose numbers are one slip away.

        First a quick look at the last four digits. A slip leaves the last two alone, or else the two before them
        (moved by one place when a digit is missing or extra; with the second of them swapped). It says nothing where
        leading zeros or a century may have been left out: where the four begin with a zero or may be a year, and no
        digit that must be written stands before them.
        """
        found = []
        for document in documents:
            number = document.number
            tail = number[-_TAIL:]
            if (
                tail[2:] in self._ends
                or tail[:2] in self._fronts
                or tail[1:3] in self._moved
                or (tail[:1] in _MAY_BE_LEFT_OUT and number[-_TAIL - 1 : -_TAIL] not in _WRITTEN)
                or not (len(tail) == _TAIL and tail.isdigit() and tail.isascii())
            ) and (document.is_open and self.is_near(number)):
                found.append(document)
        return found

    def is_near(self, number: str) -> bool:
        """One slip leads from one of the ways to one in which people write the number."""
        head, meaning, last = series_of(number)
        if len(last) < _TAIL or not number.isascii():
            return self._is_near_any(number)
        behind = self._behind.get((head, meaning))
        if behind is None:
            prefix, heads, longest = _heads(head, meaning)
            if not heads:
                return self._is_near_any(number)
            is_other = self._prefix and self._prefix != prefix
            behind = self._behind[head, meaning] = _NOTHING if is_other else _behind(self._ways, heads, longest)
        slipped, exact = behind
        for form in (last,) if last[0] != "0" else (last, last.lstrip("0") or "0"):
            if form in exact:
                return True
            for way in slipped:
                if is_one_slip(way, form):
                    return True
        return False

    def _is_near_any(self, number: str) -> bool:
        """As :meth:`is_near`, for a number whose last digits are few or not its running number."""
        ways = [way for way in self._ways if not is_far(way, number)]
        if not ways:
            return False
        prefix, forms = digit_forms(number)
        if self._prefix and self._prefix != prefix:
            return False
        return any(is_one_slip(way, form) for way in ways for form in forms)


@lru_cache(maxsize=32)
def _written(prefix: str, ways: tuple[str, ...]) -> Written:
    return Written(prefix, ways)


def as_written(mention: Mention) -> Written:
    """The number of a mention; kept for as long as the customers it may mean are gone through."""
    return _written(mention.prefix, mention.digits)


@lru_cache(maxsize=4096)
def _heads(head: str, meaning: str) -> tuple[str, tuple[str, ...], int]:
    """Leading letters and forms of the head of a series, and the length of the longest."""
    prefix, heads = series_forms(head, meaning)
    return prefix, heads, max(map(len, heads), default=0)


def _behind(ways: Sequence[str], heads: tuple[str, ...], longest: int) -> _Behind:
    slipped: list[str] = []
    exact: list[str] = []
    for way in ways:
        for is_behind, before, cut in _rests(way[: longest + 1], heads):
            (slipped if is_behind else exact).append(before + way[cut:])
    return _Behind(tuple(dict.fromkeys(slipped)), frozenset(exact))


@lru_cache(maxsize=4096)
def _rests(front: str, heads: tuple[str, ...]) -> tuple[tuple[bool, str, int], ...]:
    """What of a number written must stand behind one of the heads of a series: (with the slip in it, digits before the
    rest, where the rest begins).

    The first digits decide that, up to one more than the longest head has: few of them, for many numbers.
    """
    found: list[tuple[bool, str, int]] = []
    for head in heads:
        if front.startswith(head):
            found.append((True, "", len(head)))
        else:
            found += [(False, before, cut) for before, cut in _behind_slip(front, head)]
    return tuple(found)


def _behind_slip(way: str, head: str) -> list[tuple[str, int]]:
    """What must follow the head when the slip lies in it: the rest of the way, as the slip has moved it."""
    end = len(head)
    place = next((place for place, (one, other) in enumerate(zip(way, head, strict=False)) if one != other), end)
    if place >= len(way):
        return []
    found = []
    untouched = head[place + 1 :]
    if way[place + 1 : end] == untouched:  # changed
        found.append(("", end))
    if way[place + 1 : end + 1] == head[place:]:  # extra
        found.append(("", end + 1))
    if way[place : end - 1] == untouched:  # missing
        found.append(("", end - 1))
    if way[place + 1 : place + 2] == head[place]:  # swapped with the next digit, which may stand behind the head
        if not untouched:
            found.append((way[place], end + 1))
        elif way[place] == untouched[0] and way[place + 2 : end] == untouched[1:]:
            found.append(("", end))
    return found
