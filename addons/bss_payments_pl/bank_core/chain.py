"""Does one statement of a bank account go on where another ended? Gaps, missing pages, statements out of order.

What a file says of itself (sums, balances) the readers check; here are its neighbours: the statement before it and, for
one that comes late, the statement after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .model import Problem, Severity

#: what a journal may refuse to import
GAPS = frozenset({"OPENING_DIFFERS", "STATEMENTS_MISSING", "PAGE_MISSING", "FIRST_PAGE_MISSING", "LAST_PAGE_MISSING"})
#: a statement of a month among those of its days is longer than those by more than a long weekend
_LONGER = timedelta(days=4)
#: numbers further apart belong to another series (days and months are numbered apart)
_FAR = 31


@dataclass(frozen=True, slots=True)
class Link:
    """One statement, or one page of it. ``line`` of the head, the number and the opening balance, 0 = unknown."""

    start: date | None
    end: date | None
    opening: Decimal | None
    closing: Decimal | None
    number: str = ""
    page: str = ""
    #: the balances are those between two pages
    from_page: bool = False
    to_page: bool = False
    line: int = 0
    number_line: int = 0
    opening_line: int = 0
    #: order of arrival, settles what the bank did not number
    arrival: int = 0
    number_field: str = ":28C:"
    opening_field: str = ":60F:"

    @property
    def place(self) -> tuple[int, int] | None:
        if not self.number.isdigit():
            return None
        return int(self.number), int(self.page) if self.page.isdigit() else 1


def precedes(first: Link, second: Link) -> bool:
    """Does ``first`` end before ``second`` begins? Statements that overlap do not follow each other."""
    if first.end is None or second.start is None or second.end is None:
        return False
    if first.end != second.end:
        # the first day of a month does not lead up to the month
        inside = first.start == second.start and _length(second) > _LONGER
        return first.end <= second.start and not inside
    if _length(first) > _length(second) + _LONGER or _length(second) > _length(first) + _LONGER:
        return False
    if first.place is not None and second.place is not None and first.place != second.place:
        return first.place < second.place
    return first.arrival < second.arrival


def before(link: Link, others: Iterable[Link]) -> Link | None:
    """The statement that should lead up to this one."""
    found = [other for other in others if precedes(other, link)]
    return max(found, key=_order, default=None)


def after(link: Link, others: Iterable[Link]) -> Link | None:
    """The statement that should go on from this one."""
    found = [other for other in others if precedes(link, other)]
    return min(found, key=_order, default=None)


def problems(link: Link, previous: Link | None) -> tuple[Problem, ...]:
    """What is missing between a statement and the one before it; nothing is known of the first one of an account."""
    found: list[Problem] = []
    if previous is None:
        if link.from_page:
            found.append(_first_page(link))
        return tuple(found)
    differs = None not in (link.opening, previous.closing) and link.opening != previous.closing
    if differs:
        params = {"expected": str(previous.closing), "value": str(link.opening)}
        found.append(
            Problem("OPENING_DIFFERS", Severity.WARNING, link.opening_line or link.line, link.opening_field, params)
        )
    if _same_statement(link, previous):
        found.extend(_pages(link, previous))
        return tuple(found)
    if previous.to_page and differs:
        params = {"number": previous.number, "page": str(_page(previous) + 1)}
        found.append(Problem("LAST_PAGE_MISSING", Severity.WARNING, link.line, link.number_field, params))
    if link.from_page:
        found.append(_first_page(link))
    missing = _missing(link, previous, differs)
    if missing:
        params = {"before": previous.number, "value": link.number, "missing": str(missing)}
        line = link.number_line or link.line
        found.append(Problem("STATEMENTS_MISSING", Severity.WARNING, line, link.number_field, params))
    return tuple(found)


def late(link: Link, following: Link) -> Problem:
    """A statement that comes when a later one is imported already."""
    params = {"value": link.number or str(link.end), "after": following.number or str(following.end)}
    return Problem("OUT_OF_ORDER", Severity.INFO, link.number_line or link.line, link.number_field, params)


def awaited(link: Link) -> Problem:
    """The statement goes on on a page that has not come yet."""
    params = {"number": link.number, "page": str(_page(link) + 1)}
    return Problem("PAGE_AWAITED", Severity.INFO, link.line, link.number_field, params)


def _order(link: Link) -> tuple[date, tuple[int, int], int]:
    return link.end or date.min, link.place or (0, 0), link.arrival


def _length(link: Link) -> timedelta:
    return link.end - link.start if link.end and link.start else timedelta()


def _page(link: Link) -> int:
    return link.place[1] if link.place else 1


def _same_statement(link: Link, previous: Link) -> bool:
    if not link.number or link.number != previous.number or link.end is None or previous.end is None:
        return False
    return link.end - previous.end < timedelta(days=_FAR)


def _pages(link: Link, previous: Link) -> Iterable[Problem]:
    missing = _page(link) - _page(previous) - 1
    if missing > 0:
        params = {
            "number": link.number,
            "page": str(_page(previous) + 1),
            "before": str(_page(previous)),
            "value": str(_page(link)),
        }
        line = link.number_line or link.line
        yield Problem("PAGE_MISSING", Severity.WARNING, line, link.number_field, params)


def _first_page(link: Link) -> Problem:
    params = {"number": link.number, "value": link.page or "?"}
    return Problem("FIRST_PAGE_MISSING", Severity.WARNING, link.number_line or link.line, link.number_field, params)


def _missing(link: Link, previous: Link, differs: bool) -> int:
    """How many numbers lie between; banks begin anew each year and number months apart from days."""
    if link.place is None or previous.place is None or link.start is None or previous.end is None:
        return 0
    if link.start.year != previous.end.year or link.end is None:
        return 0
    step = link.place[0] - previous.place[0] - 1
    # with equal balances only so many can be missing as there are days, else they are of another series
    most = _FAR if differs else (link.end - previous.end).days
    return step if 0 < step <= most else 0
