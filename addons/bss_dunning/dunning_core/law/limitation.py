"""Limitation of periodic and business claims (art. 118 of the Civil Code), with the change of 9 July 2018."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LAPSED = "LAPSED"
UNKNOWN = "LIMITATION_UNKNOWN"


@dataclass(frozen=True)
class LimitationTerm:
    """Rule for claims that fall due from a day on.

    ``year_end``: the term ends on 31 December of its last year, otherwise on the day itself.
    ``takes_over``: claims from before that had not lapsed on ``valid_from`` follow this rule too
    (art. 5 of the act Dz.U. 2018/1104).
    """

    valid_from: date
    years: int
    year_end: bool = True
    takes_over: bool = False

    def end(self, due: date) -> date:
        """Last day of the term under this rule."""
        year = due.year + self.years
        if self.year_end:
            return date(year, 12, 31)
        try:
            return due.replace(year=year)
        except ValueError:
            # 29 February: the last day of the month (art. 112)
            return date(year, 2, 28)


def limitation_end(due: date, terms: Iterable[LimitationTerm]) -> date | None:
    """Last day on which a claim may be demanded; None when no rule is recorded for its due date."""
    end: date | None = None
    for term in sorted(terms, key=lambda term: term.valid_from):
        if term.valid_from <= due:
            end = term.end(due)
        elif end is None or end < term.valid_from:
            break
        elif term.takes_over:
            end = term.end(due)
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
