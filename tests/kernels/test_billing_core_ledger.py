"""Corrections: what stands in the books beside what is due by today's facts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core import (
    Charged,
    ChargingRule,
    Period,
    PriceStep,
    Promotion,
    Suspension,
    Timeline,
    Version,
    bill_charges,
    corrections,
)

START = date(2026, 1, 1)
OCT = Period(date(2026, 10, 1), date(2026, 10, 31))
NOV = Period(date(2026, 11, 1), date(2026, 11, 30))


def D(text) -> Decimal:
    return Decimal(text)


def service(amount="60.00", start=START, end=None, **more):
    more.setdefault("versions", (Version(start, 1, D(amount)),))
    return Timeline(1, start, end, **more)


def charged(number, amount, part=NOV, product=1, period=None, **more):
    more.setdefault("kind", "recurring")
    return Charged(number, product, period or part.start, part, D(amount), **more)


def november(first, last):
    return Period(date(2026, 11, first), date(2026, 11, last))


def made(timeline, *ledger, through=NOV.end, since=None):
    return [
        (one.product_id, str(one.amount), (one.part.start.day, one.part.end.day), one.origin_id)
        for one in corrections(timeline, ledger, through, since)
    ]


WHOLE = charged(7, "60.00")
PAUSE = Suspension(date(2026, 11, 11), date(2026, 11, 20), D(0))


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        (service(), []),
        # the unused part of what was charged in advance
        (service(end=date(2026, 11, 15)), [(1, "-30.00", (16, 30), 7)]),
        (service(end=date(2026, 10, 31)), [(1, "-60.00", (1, 30), 7)]),
        (service(end=date(2026, 11, 15), versions=(Version(START, 1, D(60), ChargingRule(last="none")),)), []),
        # a start that moved forward
        (service(start=date(2026, 11, 11)), [(1, "-20.00", (1, 10), 7)]),
        # another price, another product
        (service("66.00"), [(1, "6.00", (1, 30), 7)]),
        (service("54.00"), [(1, "-6.00", (1, 30), 7)]),
        (
            service(versions=(Version(START, 1, D(60)), Version(date(2026, 11, 16), 2, D(90)))),
            [(1, "-30.00", (16, 30), 7), (2, "45.00", (16, 30), None)],
        ),
        # a suspension and a promotion learned late
        (service(suspensions=(PAUSE,)), [(1, "-20.00", (1, 30), 7)]),
        (
            service(
                promotions=(Promotion(1, date(2026, 11, 1), None, 1, False, (PriceStep(1, 1, "percent", D(10)),)),)
            ),
            [(1, "-6.00", (1, 30), 7)],
        ),
        # months become a year: the days charged already are settled by days of the year
        (
            service(versions=(Version(START, 1, D(60)), Version(NOV.start, 2, D(365), ChargingRule(count=12)))),
            [(2, "30.00", (1, 30), None), (1, "-60.00", (1, 30), 7)],
        ),
    ],
)
def test_facts_learned_after_the_bill(timeline, expected):
    assert made(timeline, WHOLE) == expected


def test_what_no_charge_covers_is_left_alone():
    assert made(service()) == []
    # an earlier system charged the days up to the 10th
    assert made(service("90.00"), charged(7, "40.00", november(11, 30), period=NOV.start)) == [
        (1, "20.00", (11, 30), 7)
    ]
    # unless the ledger answers for them: the start moved back
    rest = charged(7, "40.00", november(11, 30), period=NOV.start)
    assert made(service(start=date(2026, 11, 2)), rest, since=START) == [(1, "18.00", (2, 30), 7)]
    assert made(service(start=date(2026, 10, 30)), WHOLE, since=START) == [(1, "3.87", (30, 31), None)]
    # nor what is beyond the last charged day
    assert made(service("90.00"), charged(7, "20.00", november(1, 10)), through=date(2026, 11, 10)) == [
        (1, "10.00", (1, 10), 7)
    ]


def test_days_gained_by_an_earlier_start_stay_charged():
    earlier = service(start=date(2026, 10, 30))
    gained = charged(8, "3.87", Period(date(2026, 10, 30), OCT.end), period=OCT.start, kind="correction")
    assert made(earlier, WHOLE, gained) == []
    assert made(earlier, WHOLE, replace(gained, waived=True)) == []
    assert made(service("30.00", start=date(2026, 10, 31)), WHOLE, gained) == [
        (1, "-2.90", (30, 30), 8),
        (1, "-30.00", (1, 30), 7),
    ]


def test_a_waived_charge_stays_waived():
    waived = replace(WHOLE, waived=True)
    assert made(service(end=date(2026, 11, 15)), waived) == []
    assert made(service("99.00"), waived) == []
    # neither charged again under another product, nor is what hangs on it or on its days given back
    other = service(versions=(Version(START, 2, D(90)),))
    hanging = charged(8, "-5.00", kind="correction", origin_id=7)
    alone = charged(9, "15.00", november(16, 30), product=2, period=NOV.start, kind="correction")
    assert made(other, waived, hanging, alone) == []
    # of a period charged in two parts only the waived one is left alone
    first = charged(5, "20.00", november(1, 10), waived=True)
    second = charged(6, "40.00", november(11, 30), period=NOV.start)
    assert made(service(end=date(2026, 11, 15)), first, second) == [(1, "-30.00", (16, 30), 6)]


def test_a_waived_correction_is_not_made_again():
    ended = service(end=date(2026, 11, 15))
    kept = charged(8, "-30.00", november(16, 30), period=NOV.start, kind="correction", origin_id=7, waived=True)
    assert made(ended, WHOLE, kept) == []


def test_too_much_is_taken_from_the_newest_charge_first_and_never_more_than_stands():
    ledger = (
        charged(5, "20.00", november(1, 10)),
        charged(6, "40.00", november(11, 30), period=NOV.start),
        charged(8, "-25.00", november(18, 30), period=NOV.start, kind="correction", origin_id=6),
        charged(9, "5.00", november(18, 30), period=NOV.start, kind="correction", origin_id=8),
    )
    assert made(service(end=date(2026, 11, 5)), *ledger) == [(1, "-20.00", (11, 30), 6), (1, "-10.00", (6, 10), 5)]


def test_a_negative_price_is_corrected_too():
    credit = charged(7, "-60.00")
    assert made(service("-60.00", end=date(2026, 11, 15)), credit) == [(1, "30.00", (1, 15), 7)]
    assert made(service("-66.00"), credit) == [(1, "-6.00", (1, 30), 7)]
    assert made(service("-66.00"), charged(7, "0.00")) == [(1, "-66.00", (1, 30), 7)]


def test_keys_tell_corrections_of_a_period_apart():
    [one] = corrections(service("66.00"), (WHOLE,), NOV.end)
    assert one.identity_key == "cor:1:2026-11-01:1:0:7"
    made_before = charged(8, "6.00", kind="correction", origin_id=7)
    [two] = corrections(service(), (WHOLE, made_before), NOV.end)
    assert (two.amount, two.identity_key) == (D("-6.00"), "cor:1:2026-11-01:1:1:7")
    assert two.explanation.params == {"due": "60.00", "charged": "66.00"}


def test_a_broken_timeline_is_a_problem():
    assert corrections(service(end=date(2025, 1, 1)), (WHOLE,), NOV.end).code == "END_BEFORE_START"


@settings(max_examples=60)
@given(
    st.sampled_from(("calendar", "thirty", "none")),
    st.integers(0, 50_000),
    st.lists(st.tuples(st.integers(-1, 70), st.booleans()), min_size=1, max_size=8),
)
def test_an_end_that_moves_to_and_fro_costs_what_the_last_one_costs(method, grosz, ends):
    """``charged_through`` stays; corrections alone settle it."""
    timeline = service(start=OCT.start, versions=(Version(OCT.start, 1, Decimal(grosz).scaleb(-2)),))
    timeline = replace(timeline, versions=(replace(timeline.versions[0], rule=ChargingRule(proration=method)),))
    ledger, through = [], None
    for offset, billed in [*ends, (ends[-1][0], True)]:
        timeline = replace(timeline, end=OCT.start + timedelta(days=offset))
        for one in corrections(timeline, ledger, through):
            ledger.append(Charged(len(ledger), 1, one.period.start, one.part, one.amount, "correction", one.origin_id))
        if billed:
            for one in bill_charges(timeline, Period(date(2026, 12, 1), date(2026, 12, 31)), through):
                ledger.append(Charged(len(ledger), 1, one.period.start, one.part, one.amount, "recurring"))
                through = one.part.end
    known = bill_charges(timeline, Period(date(2026, 12, 1), date(2026, 12, 31)), None)
    assert sum(one.amount for one in ledger) == sum(one.amount for one in known)


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        ("-60.00", []),
        ("-50.00", ["-10.00"]),
        ("-10.00", ["-30.00"]),
        ("15.00", ["-30.00"]),
    ],
)
def test_no_more_is_given_back_than_a_person_left(by_hand, expected):
    ended = service(end=date(2026, 11, 15))
    hand = charged(8, by_hand, kind="by_hand", origin_id=7)
    found = corrections(ended, (WHOLE, hand), NOV.end)
    assert [str(one.amount) for one in found] == expected
    again = [charged(9 + index, str(one.amount), kind="correction", origin_id=7) for index, one in enumerate(found)]
    assert corrections(ended, (WHOLE, hand, *again), NOV.end) == ()
    # the end is taken back: what billing itself gave back is charged again, what people settled is not
    restored = corrections(service(), (WHOLE, hand, *again), NOV.end)
    assert sum((one.amount for one in (*found, *restored)), D(0)) == 0
