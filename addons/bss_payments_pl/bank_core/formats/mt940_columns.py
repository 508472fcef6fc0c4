"""Regular MT940 entries read many at a time: what stands at one place in all of them is a column.

A column goes through one call after the other without a step of Python for each entry; an entry with something
odd in it is told by its number (from 0 in the run), and is then read again the careful way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import count, repeat
from operator import itemgetter

from ..model import Transaction
from .dialects_base import Dialect
from .mt940_details import taken_back
from .mt940_entry import entry_date, read_amount, read_date

#: the texts at one place, one of each entry
Column = Sequence[str]
Days = tuple[date, date]

_NO_DAYS = (date.min, date.min)
_BEFORE_CENTS = itemgetter(slice(-3, -2))


def where(flags: Iterable[object]) -> list[int]:
    """Numbers of the entries for which something holds."""
    return [number for number, flag in enumerate(flags) if flag]


def transactions(
    columns: Sequence[Column],
    meant: Sequence[Column],
    lines: Iterable[int],
    position: int,
    currency: str,
    dialect: Dialect,
    odd: set[int],
) -> list[Transaction]:
    """The entries of a run.

    :param columns: groups of :mod:`.mt940_shapes`, up to the text of :86:
    :param meant: columns of :class:`.mt940_details.Meaning`
    :param lines: number of each entry's first line
    :param position: of the first entry
    :param odd: gets the numbers of those that must be read again
    """
    raws, dates, marks, funds, amounts, types, refs, supplements, details = columns
    code, title, name, address, account, payer_key, bank_id, end_to_end = meant
    if not {*funds} <= {"", currency[2:3]}:
        odd.update(where(text and text != currency[2:3] for text in funds))
    value_days, entry_days = _days(dates, odd)
    owner_refs, _slashes, bank_refs = zip(*map(str.partition, refs, repeat("//")), strict=True)
    original, reason = _taken_back(marks, types, title, details, dialect)
    made = zip(
        lines,
        count(position),
        value_days,
        entry_days,
        _amounts(amounts, marks),
        marks,
        funds,
        types,
        map(str.strip, owner_refs),
        map(str.strip, bank_refs),
        map(str.strip, supplements),
        code,
        title,
        name,
        address,
        account,
        payer_key,
        bank_id,
        details,
        raws,
        repeat(()),
        end_to_end,
        original,
        reason,
        repeat(""),
        strict=False,
    )
    return list(map(tuple.__new__, repeat(Transaction), made))


def _days(texts: Column, odd: set[int]) -> tuple[Sequence[date], Sequence[date]]:
    found = [*map(_days_of, texts)]
    if None in found:
        odd.update(where(days is None for days in found))
        found = [days or _NO_DAYS for days in found]
    value_days, entry_days = zip(*found, strict=True)
    return value_days, entry_days


@lru_cache(maxsize=4096)
def _days_of(text: str) -> Days | None:
    """(value date, entry date); None when one of them is no day."""
    day = read_date(text[:6])
    booked = entry_date(day, text[6:]) if day and text[6:] else day
    return (day, booked) if day and booked else None


def _amounts(texts: Column, marks: Column) -> list[Decimal]:
    if {*map(_BEFORE_CENTS, texts)} == {","}:
        found = [*map(Decimal, "\n".join(texts).replace(",", ".").split("\n"))]
    else:
        found = [*map(read_amount, texts)]
    if {*marks} == {"C"}:
        return found
    return [amount if mark in ("C", "RD") else -amount for amount, mark in zip(found, marks, strict=True)]


def _taken_back(
    marks: Column, types: Column, titles: Column, details: Column, dialect: Dialect
) -> tuple[Iterable[str], Iterable[str]]:
    if {*marks} == {"C"} and not any(kind.endswith("RTI") for kind in {*types}):
        return repeat(""), repeat("")
    pairs = map(taken_back, marks, types, titles, details, repeat(dialect))
    original, reason = zip(*pairs, strict=True)
    return original, reason
