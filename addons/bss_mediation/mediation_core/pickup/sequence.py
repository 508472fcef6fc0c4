"""Sequence numbers of files: what follows, what is missing, what comes late; numbers wrap around (TAP: 99999, then 1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SequenceRange:
    """Numbers ``first`` to ``last``, after which it begins again."""

    first: int = 1
    last: int = 99_999

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last

    def after(self, number: int, steps: int = 1) -> int:
        """The number ``steps`` further on (or back, below zero)."""
        return self.first + (number - self.first + steps) % self.size


@dataclass(frozen=True, slots=True)
class Follows:
    """The number that was due, or the first one of all."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Numbers ``missing_from`` to ``missing_to`` have not come; the range may run over the wrap."""

    missing_from: int
    missing_to: int
    count: int


@dataclass(frozen=True, slots=True)
class Behind:
    """``steps`` (0 = the same number) before the newest one: a late file, a second one, or a new beginning."""

    steps: int


Place = Follows | Ahead | Behind


def place(newest: int | None, number: int, numbers: SequenceRange) -> Place:
    """Where ``number`` stands after ``newest``: the shorter way round decides between ahead and behind.

    :raises ValueError: a number outside the range
    """
    if not numbers.holds(number) or (newest is not None and not numbers.holds(newest)):
        raise ValueError(f"{number} is not within {numbers.first} to {numbers.last}")
    if newest is None:
        return Follows()
    forward = (number - newest) % numbers.size
    if forward == 1:
        return Follows()
    if 0 < forward <= numbers.size // 2:
        return Ahead(numbers.after(newest), numbers.after(number, -1), forward - 1)
    return Behind((newest - number) % numbers.size)


def close_number(gap_from: int, gap_to: int, number: int, numbers: SequenceRange) -> list[tuple[int, int]] | None:
    """What is left of the gap ``gap_from``..``gap_to`` when ``number`` came: none, one or two gaps; None: not in it."""
    length = (gap_to - gap_from) % numbers.size
    offset = (number - gap_from) % numbers.size
    if not numbers.holds(number) or offset > length:
        return None
    left = []
    if offset > 0:
        left.append((gap_from, numbers.after(number, -1)))
    if offset < length:
        left.append((numbers.after(number), gap_to))
    return left
