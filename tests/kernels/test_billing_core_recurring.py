from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import (
    METHODS,
    ChargedPart,
    Explanation,
    Period,
    ServiceTerms,
    bill_period,
    end_corrections,
    next_period,
    recurring_charges,
)

NOV = (date(2026, 11, 1), date(2026, 11, 30))
BASE = ServiceTerms(1, Decimal("59.00"), date(2026, 1, 1), charged_through=date(2026, 10, 31))


def rows(terms, period=NOV, **kwargs):
    """(part start, part end, amount) of the charges on one bill."""
    collected = recurring_charges([terms], *period, **kwargs)
    assert not collected.problems
    return [(one.part.start, one.part.end, str(one.amount)) for one in collected.charges]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # in advance: the period that begins on the bill day
        (BASE, [(date(2026, 11, 1), date(2026, 11, 30), "59.00")]),
        # a newcomer of October: his part of October and the whole of November
        (
            replace(BASE, date_start=date(2026, 10, 12), charged_through=None),
            [
                (date(2026, 10, 12), date(2026, 10, 31), "38.06"),
                (date(2026, 11, 1), date(2026, 11, 30), "59.00"),
            ],
        ),
        # starts inside the billed period, the date is known
        (
            replace(BASE, date_start=date(2026, 11, 16), charged_through=None),
            [(date(2026, 11, 16), date(2026, 11, 30), "29.50")],
        ),
        # starts later
        (replace(BASE, date_start=date(2026, 12, 1), charged_through=None), []),
        # ends inside the billed period
        (replace(BASE, date_end=date(2026, 11, 15)), [(date(2026, 11, 1), date(2026, 11, 15), "29.50")]),
        # ended before
        (replace(BASE, date_end=date(2026, 10, 31)), []),
        # lives inside one period
        (
            replace(BASE, date_start=date(2026, 11, 10), date_end=date(2026, 11, 12), charged_through=None),
            [(date(2026, 11, 10), date(2026, 11, 12), "5.90")],
        ),
        # charged already
        (replace(BASE, charged_through=date(2026, 11, 30)), []),
        # charged in part already: the rest of the period
        (replace(BASE, charged_through=date(2026, 11, 10)), [(date(2026, 11, 11), date(2026, 11, 30), "39.33")]),
        # in arrears: October on the November bill
        (
            replace(BASE, timing="arrears", charged_through=date(2026, 9, 30)),
            [(date(2026, 10, 1), date(2026, 10, 31), "59.00")],
        ),
        (replace(BASE, timing="arrears"), []),
        # in arrears and ended inside October
        (
            replace(BASE, timing="arrears", charged_through=date(2026, 9, 30), date_end=date(2026, 10, 10)),
            [(date(2026, 10, 1), date(2026, 10, 10), "19.03")],
        ),
        # quantity
        (replace(BASE, quantity=Decimal(3)), [(date(2026, 11, 1), date(2026, 11, 30), "177.00")]),
        # yearly fee, charged once at the start of each year of the service
        (
            replace(BASE, period_months=12, date_start=date(2025, 11, 1), charged_through=date(2026, 10, 31)),
            [(date(2026, 11, 1), date(2027, 10, 31), "59.00")],
        ),
        (replace(BASE, period_months=12, charged_through=date(2026, 12, 31)), []),
        # yearly in arrears, terminated inside the year: due on the next bill
        (
            replace(
                BASE,
                price=Decimal("365.00"),
                period_months=12,
                timing="arrears",
                charged_through=None,
                date_end=date(2026, 10, 31),
            ),
            [(date(2026, 1, 1), date(2026, 10, 31), "304.00")],
        ),
    ],
)
def test_what_is_on_the_bill(terms, expected):
    assert rows(terms) == expected


def test_quarterly_bill_of_a_monthly_service():
    found = rows(replace(BASE, charged_through=date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 12, 31)))
    assert [row[0].month for row in found] == [10, 11, 12]


def test_cycle_day_moves_the_periods():
    terms = replace(BASE, cycle_day=15, date_start=date(2026, 10, 20), charged_through=None)
    assert rows(terms, (date(2026, 11, 15), date(2026, 12, 14))) == [
        (date(2026, 10, 20), date(2026, 11, 14), "49.48"),
        (date(2026, 11, 15), date(2026, 12, 14), "59.00"),
    ]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (replace(BASE, date_start=None), "NO_START"),
        (replace(BASE, date_end=date(2025, 1, 1)), "END_BEFORE_START"),
        (replace(BASE, proration="weekly"), "UNKNOWN_PRORATION"),
        (replace(BASE, period_months=0), "BAD_PERIOD"),
        (replace(BASE, date_start=date(2010, 1, 1), charged_through=None), "TOO_FAR_BACK"),
    ],
)
def test_problems_are_values_and_others_go_on(terms, code):
    collected = recurring_charges([terms, replace(BASE, service_id=2)], *NOV)
    assert [(one.service_id, one.code) for one in collected.problems] == [(1, code)]
    assert [one.service_id for one in collected.charges] == [2]


def test_a_service_that_never_ran_is_no_problem():
    terms = replace(BASE, date_start=date(2026, 11, 10), date_end=date(2026, 11, 9), charged_through=None)
    assert rows(terms) == []


def test_charges_explain_themselves():
    [charge] = recurring_charges([replace(BASE, date_end=date(2026, 11, 15))], *NOV).charges
    assert charge.explanation == Explanation("DAYS", {"days": "15", "all": "30"})
    [thirtieths] = recurring_charges([replace(BASE, date_end=date(2026, 11, 15), proration="thirty")], *NOV).charges
    assert thirtieths.explanation == Explanation("THIRTIETHS", {"days": "15", "all": "30"})
    [full] = recurring_charges([BASE], *NOV).charges
    assert full.explanation == Explanation("FULL_PERIOD")
    assert charge.identity_key == "rec:1:2026-11-01"
    assert not charge.is_full


def test_early_end_gives_back_what_was_charged_beyond():
    charged = [ChargedPart(7, Period(*NOV), Decimal("59.00"))]
    [correction] = end_corrections(BASE, charged, date(2026, 11, 15))
    assert (correction.amount, correction.part) == (Decimal("-29.50"), Period(date(2026, 11, 16), NOV[1]))
    assert correction.explanation == Explanation("DUE_CHARGED", {"due": "29.50", "charged": "59.00"})
    [whole] = end_corrections(BASE, charged, date(2026, 10, 31))
    assert whole.amount == Decimal("-59.00")
    assert not end_corrections(BASE, charged, NOV[1])
    assert not end_corrections(replace(BASE, proration="none"), charged, date(2026, 11, 15))
    # charged less by an earlier correction: nothing more to give back
    corrected = [ChargedPart(7, Period(*NOV), Decimal("29.50"))]
    assert not end_corrections(BASE, corrected, date(2026, 11, 15))


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(
    days,
    st.integers(0, 500),
    st.integers(1, 28),
    st.sampled_from(METHODS),
    st.sampled_from(("advance", "arrears")),
    st.integers(0, 50_000),
    st.lists(st.booleans(), min_size=24, max_size=24),
)
def test_bill_by_bill_charges_every_day_once(start, life, cycle_day, method, timing, grosz, skipped):
    """Whatever bills are left out, in the end every day of life is charged exactly once and the sums agree."""
    terms = ServiceTerms(
        service_id=1,
        price=Decimal(grosz).scaleb(-2),
        date_start=start,
        date_end=start + timedelta(days=life),
        proration=method,
        timing=timing,
        cycle_day=cycle_day,
    )
    at_once = recurring_charges([terms], date(2031, 1, 1), date(2031, 1, 31), max_periods=1000).charges
    period = bill_period(start, cycle_day)
    charged_through, found = None, []
    for skip in skipped:
        if not skip:
            bill = recurring_charges([replace(terms, charged_through=charged_through)], period.start, period.end)
            found.extend(bill.charges)
            charged_through = bill.charged_through().get(1, charged_through)
        period = next_period(period)
    last = recurring_charges(
        [replace(terms, charged_through=charged_through)], date(2031, 1, 1), date(2031, 1, 31), max_periods=1000
    )
    found.extend(last.charges)
    covered = [one.part.start + timedelta(days=offset) for one in found for offset in range(one.part.days)]
    assert covered == [start + timedelta(days=offset) for offset in range(life + 1)]
    assert len({one.identity_key for one in found}) == len(found)
    assert [(one.part, one.amount) for one in found] == [(one.part, one.amount) for one in at_once]


@given(days, st.integers(1, 28), st.sampled_from(("calendar", "thirty")), st.integers(0, 50_000), st.integers(0, 120))
def test_known_and_late_ends_cost_the_same(start, cycle_day, method, grosz, life):
    """Charging in advance and correcting afterwards equals knowing the end beforehand."""
    end = start + timedelta(days=life)
    open_end = ServiceTerms(1, Decimal(grosz).scaleb(-2), start, proration=method, cycle_day=cycle_day)
    bill = bill_period(end, cycle_day)
    charged = recurring_charges([open_end], bill.start, bill.end).charges
    parts = [ChargedPart(index, one.part, one.amount) for index, one in enumerate(charged)]
    corrected = end_corrections(open_end, parts, end)
    known = recurring_charges([replace(open_end, date_end=end)], bill.start, bill.end).charges
    total = sum((one.amount for one in charged), Decimal(0)) + sum((one.amount for one in corrected), Decimal(0))
    assert total == sum((one.amount for one in known), Decimal(0))


class Ledger:
    """A service whose end moves: what billing would store of it, in memory."""

    def __init__(self, terms, through):
        self.terms = terms
        self.horizon = bill_period(through, terms.cycle_day)
        self.charges = {}  # key -> (part, amount)
        self.corrections = {}  # key -> (key of the charge, part, amount)
        self.bill()

    def bill(self):
        back = tuple(part for _charge, part, _amount in self.corrections.values())
        terms = replace(self.terms, given_back=back)
        collected = recurring_charges([terms], self.horizon.start, self.horizon.end, max_periods=1000)
        assert not collected.problems
        for one in collected.charges:
            assert one.identity_key not in self.charges, "a day charged again would be lost"
            self.charges[one.identity_key] = (one.part, one.amount)
        through = collected.charged_through().get(self.terms.service_id)
        if through and (self.terms.charged_through is None or self.terms.charged_through < through):
            self.terms = replace(self.terms, charged_through=through)

    def end(self, day):
        self.terms = replace(self.terms, date_end=day)
        if not self.terms.charged_through or self.terms.charged_through <= day:
            return
        keys = list(self.charges)
        parts = []
        for index, (part, amount) in enumerate(self.charges.values()):
            own = [one for one in self.corrections.values() if one[0] == keys[index]]
            given_back = tuple(part for _charge, part, _amount in own)
            parts.append(ChargedPart(index, part, amount + sum((one[2] for one in own), Decimal(0)), given_back))
        for one in end_corrections(self.terms, parts, day):
            key = one.identity_key(day)
            assert key not in self.corrections, "a correction made again would be lost"
            self.corrections[key] = (keys[one.charge_id], one.part, one.amount)
        self.terms = replace(self.terms, charged_through=day)

    @property
    def total(self):
        rows = [*self.charges.values(), *[one[1:] for one in self.corrections.values()]]
        return sum((amount for _part, amount in rows), Decimal(0))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((10,), "19.03"),
        ((10, 20), "38.06"),
        ((10, 20, 15), "28.55"),
        ((10, 20, 10, 20), "38.06"),
        ((20, 10, 31, 5, 31), "59.00"),
        ((0, 31), "59.00"),
        ((0, 31, 0, 12, 0), "0.00"),
    ],
)
def test_an_end_that_moves_to_and_fro(ends, expected):
    ledger = Ledger(ServiceTerms(1, Decimal("59.00"), date(2026, 10, 1)), date(2026, 10, 31))
    for day in ends:
        ledger.end(date(2026, 9, 30) + timedelta(days=day))
        ledger.bill()
    assert ledger.total == Decimal(expected)


# fees of which a day is worth a grosz at least: of smaller ones a moved end may lose a grosz
@given(
    days,
    st.integers(1, 28),
    st.sampled_from(("calendar", "thirty")),
    st.integers(50, 50_000),
    st.lists(st.tuples(st.integers(-1, 70), st.booleans()), min_size=1, max_size=8),
)
def test_any_sequence_of_ends_costs_what_the_last_one_costs(start, cycle_day, method, grosz, ends):
    terms = ServiceTerms(1, Decimal(grosz).scaleb(-2), start, proration=method, cycle_day=cycle_day)
    ledger = Ledger(terms, start + timedelta(days=70))
    for offset, billed in ends:
        ledger.end(start + timedelta(days=offset))
        if billed:
            ledger.bill()
    ledger.bill()
    last = replace(terms, date_end=start + timedelta(days=ends[-1][0]))
    known = recurring_charges([last], ledger.horizon.start, ledger.horizon.end).charges
    assert ledger.total == sum((one.amount for one in known), Decimal(0))
