"""Limitation of periodic and business claims (art. 118 of the Civil Code) and of judgments (art. 125).

The rules changed on 9 July 2018 (Dz.U. 2018/1104): the term of business claims ends on 31 December, judgments have six
years instead of ten; claims not lapsed on that day follow the new rule, a shorter term starts on that day unless the
old one ends earlier (art. 5). What interrupts and suspends a term is in ``limitation_course``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .terms import add_days, add_years

LAPSED = "LAPSED"
UNKNOWN = "LIMITATION_UNKNOWN"


@dataclass(frozen=True)
class LimitationTerm:
    """Rule for terms that start on a day or later.

    ``year_end``: the term ends on 31 December of its last year, otherwise on the day itself.
    ``takes_over``: terms from before that had not ended on ``valid_from`` follow this rule too
    (art. 5 of the act Dz.U. 2018/1104).
    """

    valid_from: date
    years: int
    year_end: bool = True
    takes_over: bool = False

    def end(self, start: date, suspended: int = 0) -> date:
        """Last day of the term under this rule, ``suspended`` days later when it did not run for so long."""
        end = add_days(add_years(start, self.years), suspended)
        return date(end.year, 12, 31) if self.year_end else end


def limitation_end(start: date, terms: Iterable[LimitationTerm], suspended: int = 0) -> date | None:
    """Last day on which a claim may be demanded; None when no rule is recorded for the start of its term."""
    end: date | None = None
    years = 0
    for term in sorted(terms, key=lambda term: term.valid_from):
        if term.valid_from <= start:
            end, years = term.end(start, suspended), term.years
        elif end is None or end < term.valid_from:
            break
        elif term.takes_over:
            shorter = term.years < years
            end = min(end, term.end(term.valid_from, suspended)) if shorter else term.end(start, suspended)
            years = term.years
    return end


def is_lapsed(due: date, as_of: date, terms: Iterable[LimitationTerm]) -> bool:
    """Tell whether the term has run out; pass the due date as agreed (not shifted) against consumers."""
    end = limitation_end(due, terms)
    return end is not None and as_of > end


def limitation_bar(due: date, as_of: date, terms: Iterable[LimitationTerm]) -> str:
    """Code of why a consumer must not be asked for this claim, or an empty text; what is not known is not demanded."""
    end = limitation_end(due, terms)
    if end is None:
        return UNKNOWN
    return LAPSED if as_of > end else ""
