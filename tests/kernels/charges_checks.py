"""A story charged by the kernel, bill after bill, and compared with the day-by-day oracle: not a grosz of difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.kernels import charges_oracle as oracle
from tests.kernels.charges_stories import Story

from billing_core import (
    Charged,
    Period,
    Problem,
    Timeline,
    add_months,
    bill_charges,
    check,
    corrections,
    due_lines,
    relief,
    segments,
)

LONG_AGO = date(2000, 1, 1)
NO_LIMIT = 10_000


def bill_of(day: date, number: int) -> Period:
    start = add_months(day, number)
    return Period(start, add_months(day, number + 1) - timedelta(days=1))


def grosz(amount: Decimal) -> int:
    return int(amount * 100)


def check_prices(timeline: Timeline, sheets: list[oracle.Sheet]) -> None:
    """Every charging period, whole and in part: lines, days, and the price of each day."""
    last = sheets[-1].days[-1].day if sheets else None
    for sheet in sheets:
        if last and last < sheet.end and last != timeline.end:
            continue  # goes on by another rule beyond what the oracle looked at
        period = Period(sheet.start, sheet.end)
        middle = sheet.days[len(sheet.days) // 2].day
        for through in (None, middle):
            expected = [
                line
                for other in sheets
                if (other.start, other.end) == (sheet.start, sheet.end)
                for line in oracle.lines(other, sheet.start, through or sheet.end)
            ]
            found = [
                (one.product_id, one.part.start, one.part.end, grosz(one.amount), one.days)
                for one in due_lines(timeline, period, through)
            ]
            assert found == expected, (period, through)
        prices = {one.day: one.price for one in sheet.days}
        for segment in segments(timeline, Period(sheet.days[0].day, sheet.days[-1].day)):
            for offset in range(segment.days):
                assert prices.pop(segment.start + timedelta(days=offset)) == segment.price
        assert not prices


class Books:
    """What billing would store of one service."""

    def __init__(self, since: date | None, additions_stand_alone: bool) -> None:
        self.since = since
        self.additions_stand_alone = additions_stand_alone
        self.rows: list[Charged] = []
        self.keys: set[str] = set()
        self.charged_through: date | None = None

    def _add(self, key: str, row: Charged) -> None:
        assert key not in self.keys, f"{key} twice"
        self.keys.add(key)
        self.rows.append(row)

    def settle(self, timeline: Timeline) -> None:
        found = corrections(timeline, self.rows, self.charged_through, self.since)
        assert not isinstance(found, Problem), found
        for one in found:
            origin = None if self.additions_stand_alone and one.amount > 0 else one.origin_id
            number = len(self.rows)
            row = Charged(number, one.product_id, one.period.start, one.part, one.amount, "correction", origin)
            self._add(one.identity_key, row)
        assert corrections(timeline, self.rows, self.charged_through, self.since) == (), "not at rest"

    def bill(self, timeline: Timeline, bill: Period) -> None:
        found = bill_charges(timeline, bill, self.charged_through, NO_LIMIT)
        assert not isinstance(found, Problem), found
        for one in found:
            if self.charged_through is not None:
                assert one.part.start > self.charged_through, "a day charged twice"
            self.charged_through = one.part.end
            self._add(
                one.identity_key,
                Charged(len(self.rows), one.product_id, one.period.start, one.part, one.amount, "recurring"),
            )

    def waive(self, step: int) -> None:
        """Somebody cancels every ``step``-th charge."""
        self.rows = [replace(row, waived=row.charge_id % step == 0) for row in self.rows]

    def check(self) -> None:
        standing: dict[int, Decimal] = {}
        for row in self.rows:
            root = row.charge_id if row.origin_id is None else row.origin_id
            standing[root] = standing.get(root, Decimal(0)) + row.amount
        assert all(amount >= 0 for amount in standing.values()), "more given back than charged"

    @property
    def total(self) -> int:
        return grosz(sum((row.amount for row in self.rows), Decimal(0)))


def check_story(story: Story) -> None:
    truth = story.truth
    assert check(truth) is None
    horizon = add_months(story.first_bill, story.bills + 1)
    sheets = oracle.sheets(truth, horizon)
    check_prices(truth, sheets)
    last = bill_of(story.first_bill, story.bills)
    middle = story.first_bill + timedelta(days=17)
    for through in (None, middle):
        found = bill_charges(truth, last, through, NO_LIMIT)
        assert not isinstance(found, Problem), found
        assert [(one.product_id, one.part.start, one.part.end, grosz(one.amount), one.line.days) for one in found] == (
            oracle.billed(sheets, last.start, last.end, through)
        )
    if truth.end is None and truth.promotions:
        check_relief(truth, sheets, middle)
    check_late_knowledge(story, sheets)


def check_relief(timeline: Timeline, sheets: list[oracle.Sheet], middle: date) -> None:
    """Relief is the list price less the price of every day, for all days and up to any one of them.

    For services without an end: relief does not look at it, the oracle would.
    """
    first, last = sheets[0].days[0].day, sheets[-1].days[-1].day
    for term in (Period(first, last), Period(first, max(first, middle))):
        found = relief(timeline, term)
        assert not isinstance(found, Problem), found
        assert found.exact == oracle.relief(timeline, sheets, term.start, term.end)
        assert sum((amount for _number, amount in found.by_promotion), Decimal(0)) == found.amount
        assert found.granted_until(term.end) == found.amount


def check_late_knowledge(story: Story, sheets: list[oracle.Sheet]) -> None:
    """Whatever was believed when the bills were made, in the end the customer has paid what the truth costs."""
    start_was_wrong = any(fact.timeline.start != story.truth.start for fact in story.beliefs)
    books = Books(LONG_AGO if start_was_wrong else None, story.bills % 2 == 0)
    for number in range(story.bills):
        bill = bill_of(story.first_bill, number)
        believed = [fact.timeline for fact in story.beliefs if fact.known <= bill.start]
        books.settle(believed[-1])
        books.bill(believed[-1], bill)
        books.check()
    last = bill_of(story.first_bill, story.bills)
    books.settle(story.truth)
    books.bill(story.truth, last)
    books.settle(story.truth)
    books.check()
    through = books.charged_through
    expected = 0
    if through is not None:
        for sheet in sheets if through <= last.end else oracle.sheets(story.truth, through):
            inside = [one for one in sheet.days if one.day <= through]
            expected += inside[-1].total if inside else 0
    assert books.total == expected
    due = oracle.billed(sheets, last.start, last.end, None)
    # whatever is cancelled, the books come to rest, and again when the facts change once more
    books.waive(2 + story.bills)
    for timeline in (story.truth, story.beliefs[0].timeline, story.truth):
        books.settle(timeline)
    assert not due or (through is not None and due[-1][2] <= through), "a day skipped"
