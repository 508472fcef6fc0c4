"""Limitation of claims: the term ends on 31 December (art. 118 of the Civil Code)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LimitationTerm:
    """Years for periodic and business claims that fall due from a day on."""

    valid_from: date
    years: int


def limitation_end(due: date, terms: Iterable[LimitationTerm]) -> date | None:
    """Last day on which a claim may be demanded; None when no term is known for its due date."""
    known = [term for term in terms if term.valid_from <= due]
    if not known:
        return None
    years = max(known, key=lambda term: term.valid_from).years
    return date(due.year + years, 12, 31)


def is_lapsed(due: date, as_of: date, terms: Iterable[LimitationTerm]) -> bool:
    """Tell whether the term has run out; pass the due date as agreed (not shifted) against consumers."""
    end = limitation_end(due, terms)
    return end is not None and as_of > end
