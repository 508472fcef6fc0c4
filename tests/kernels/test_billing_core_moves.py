"""Accounts that change their cycle day: charging goes on without a hole, and settling changes nothing by itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core import (
    Charged,
    ChargingRule,
    Period,
    Timeline,
    Version,
    bill_charges,
    bill_period,
    corrections,
    next_period,
)

DAYS = st.integers(1, 28)


def timeline_of(rule, day, former=frozenset()):
    version = Version(date(2026, 1, 1), 7, Decimal("59.00"), rule)
    return Timeline(1, date(2026, 1, 10), None, (version,), cycle_day=day, former_days=frozenset(former))


def rows_of(charges, start=1):
    return [
        Charged(start + index, one.product_id, one.period.start, one.part, one.amount, "recurring")
        for index, one in enumerate(charges)
    ]


def charge_through_moves(rule, moves):
    """Ledger and last timeline of an account that is billed a few months by each of the cycle days in turn."""
    ledger, through, former, day_now = [], None, set(), date(2026, 1, 15)
    timeline = None
    for day, months in moves:
        timeline = timeline_of(rule, day, former)
        bill = bill_period(day_now, day)
        for _month in range(months):
            charges = bill_charges(timeline, bill, through)
            ledger += rows_of(charges, len(ledger) + 1)
            through = charges[-1].part.end if charges else through
            day_now = bill.end
            bill = next_period(bill, 1)
        former.add(day)
    return timeline, ledger, through


RULES = st.builds(
    ChargingRule,
    timing=st.sampled_from(["advance", "arrears"]),
    count=st.sampled_from([1, 3]),
    proration=st.sampled_from(["calendar", "thirty", "none"]),
)


@settings(max_examples=300, deadline=None)
@given(RULES, st.lists(st.tuples(DAYS, st.integers(1, 5)), min_size=1, max_size=4))
def test_nothing_twice_nothing_skipped_nothing_corrected(rule, moves):
    timeline, ledger, through = charge_through_moves(rule, moves)
    day = timeline.start.toordinal()
    for row in ledger:
        assert row.part.start.toordinal() == day
        day = row.part.end.toordinal() + 1
        # the 31st day of a period costs nothing by thirtieths
        assert row.amount > 0 or rule.proration == "thirty"
    assert corrections(timeline, ledger, through) == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(1, 4)), min_size=2, max_size=3), st.integers(1, 120))
def test_an_end_gives_back_the_days_after_it(moves, lived):
    rule = ChargingRule()
    timeline, ledger, through = charge_through_moves(rule, moves)
    end = date.fromordinal(timeline.start.toordinal() + lived)
    ended = replace(timeline, end=end)
    given_back = -sum(one.amount for one in corrections(ended, ledger, through))
    expected = Decimal(0)
    for row in ledger:
        first = max(row.part.start, date.fromordinal(end.toordinal() + 1))
        if first <= row.part.end:
            days = (row.part.end - first).days + 1
            length = (bill_period(row.period_start, row.period_start.day).end - row.period_start).days + 1
            expected += Decimal(59) * days / length
    assert abs(given_back - expected) <= Decimal("0.01") * len(ledger)


def test_the_first_of_the_month_to_the_fifteenth():
    rule = ChargingRule()
    before = timeline_of(rule, 1)
    november = bill_charges(before, Period(date(2026, 11, 1), date(2026, 11, 30)), date(2026, 10, 31))
    after = timeline_of(rule, 15, {1})
    found = bill_charges(after, Period(date(2026, 12, 15), date(2027, 1, 14)), november[-1].part.end)
    assert [(one.part.start, one.part.end, one.amount) for one in found] == [
        (date(2026, 12, 1), date(2026, 12, 14), Decimal("27.53")),
        (date(2026, 12, 15), date(2027, 1, 14), Decimal("59.00")),
    ]
