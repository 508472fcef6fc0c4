"""Worked examples of the charge calculus; the random ones are beside it in test_billing_core_oracle.py."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing_core import (
    ChargingRule,
    Period,
    PriceStep,
    Problem,
    Promotion,
    Suspension,
    Timeline,
    Version,
    bill_charges,
    charge_all,
    due_lines,
    segments,
)


def D(text) -> Decimal:
    return Decimal(text)


START = date(2026, 1, 1)
OCT = Period(date(2026, 10, 1), date(2026, 10, 31))
NOV = Period(date(2026, 11, 1), date(2026, 11, 30))
MONTHLY = ChargingRule()


def service(amount="49.00", start=START, end=None, rule=MONTHLY, **more):
    more.setdefault("versions", (Version(start, 1, D(amount), rule),))
    return Timeline(1, start, end, **more)


def promotion(*steps, start=START, priority=10, exclusive=False, number=1, end=None, **more):
    return Promotion(number, start, end, priority, exclusive, tuple(steps), **more)


def amounts(timeline, period=OCT, through=None):
    return [str(line.amount) for line in due_lines(timeline, period, through)]


def rows(timeline, bill=NOV, charged_through=date(2026, 10, 31), **more):
    found = bill_charges(timeline, bill, charged_through, **more)
    assert not isinstance(found, Problem), found
    return [(one.part.start.isoformat(), one.part.end.isoformat(), str(one.amount)) for one in found]


@pytest.mark.parametrize(
    ("timeline", "period", "expected"),
    [
        # the worked examples of the fact sheet: 49.00 from 12 October
        (service(start=date(2026, 10, 12)), OCT, "31.61"),
        (service(start=date(2026, 10, 12), rule=ChargingRule(proration="thirty")), OCT, "32.67"),
        (service(start=date(2026, 2, 15)), Period(date(2026, 2, 1), date(2026, 2, 28)), "24.50"),
        (service(start=date(2028, 2, 15)), Period(date(2028, 2, 1), date(2028, 2, 29)), "25.34"),
        # whole periods cost the whole fee whatever their length
        (service(), OCT, "49.00"),
        (service(rule=ChargingRule(proration="thirty")), OCT, "49.00"),
        (service(rule=ChargingRule(proration="thirty")), Period(date(2026, 2, 1), date(2026, 2, 28)), "49.00"),
        # 30 of 31 days in thirtieths are a whole fee; 91 of 92 days of a quarter never more than it
        (service(start=date(2026, 10, 2), rule=ChargingRule(proration="thirty")), OCT, "49.00"),
        (
            service(start=date(2026, 7, 2), rule=ChargingRule(count=3, proration="thirty")),
            Period(date(2026, 7, 1), date(2026, 9, 30)),
            "49.00",
        ),
        # none: the whole price as soon as one day is used
        (service(start=date(2026, 10, 31), rule=ChargingRule(proration="none")), OCT, "49.00"),
        # the start and the end of a service have rules of their own
        (service(start=date(2026, 10, 12), rule=ChargingRule(first="none")), OCT, "49.00"),
        (service(end=date(2026, 10, 12), rule=ChargingRule(first="none")), OCT, "18.97"),
        (service(end=date(2026, 10, 12), rule=ChargingRule(last="none")), OCT, "49.00"),
        (service(start=date(2026, 10, 12), end=date(2026, 10, 20), rule=ChargingRule(first="none")), OCT, "49.00"),
        (service(start=date(2026, 10, 12), end=date(2026, 10, 20), rule=ChargingRule(last="none")), OCT, "14.23"),
        # a hand-over inside the chain is by days
        (service(start=date(2026, 10, 12), carried_in=True, rule=ChargingRule(proration="none")), OCT, "31.61"),
        (service(end=date(2026, 10, 11), carried_out=True, rule=ChargingRule(proration="none")), OCT, "17.39"),
        # suspended: for nothing from the 11th to the 20th, then at half the price
        (service("31.00", suspensions=(Suspension(date(2026, 10, 11), date(2026, 10, 20), D(0)),)), OCT, "21.00"),
        (service("31.00", suspensions=(Suspension(date(2026, 10, 11), None, D(50)),)), OCT, "20.50"),
        (service("31.00", suspensions=(Suspension(date(2026, 9, 11), None, D(0)),)), OCT, "0.00"),
        # a day a thirtieth, also when days are missing in the middle
        (
            service(
                "30.00",
                rule=ChargingRule(proration="thirty"),
                suspensions=(Suspension(date(2026, 10, 11), date(2026, 10, 20), D(0)),),
            ),
            OCT,
            "21.00",
        ),
        # weeks and days count from the start of the service, or of its chain
        (
            service("7.00", start=date(2026, 10, 7), end=date(2026, 10, 16), rule=ChargingRule(unit="week")),
            Period(date(2026, 10, 14), date(2026, 10, 20)),
            "3.00",
        ),
        (
            service("2.50", start=date(2026, 10, 7), rule=ChargingRule(unit="day")),
            Period(date(2026, 10, 8), date(2026, 10, 8)),
            "2.50",
        ),
        (service("0.00"), OCT, "0.00"),
    ],
)
def test_worked_examples(timeline, period, expected):
    assert amounts(timeline, period) == [expected]


def test_a_change_of_product_has_a_line_each_and_they_sum_to_the_rounded_whole():
    timeline = service(versions=(Version(START, 1, D("49.00")), Version(date(2026, 10, 16), 2, D("69.00"))))
    assert amounts(timeline) == ["23.71", "35.61"]
    first, second = due_lines(timeline, OCT)
    assert (first.product_id, first.part, first.days, first.is_first) == (
        1,
        Period(OCT.start, date(2026, 10, 15)),
        15,
        True,
    )
    assert (second.product_id, second.full_price, second.is_full, second.is_first) == (2, D("69.00"), False, False)
    # a change of price alone is one line
    priced = service(versions=(Version(START, 1, D("49.00")), Version(date(2026, 10, 16), 1, D("69.00"))))
    assert amounts(priced) == ["59.32"]
    assert amounts(priced, through=date(2026, 10, 15)) == ["23.71"]


@pytest.mark.parametrize(
    ("period", "change", "expected"),
    [
        # the last day of a short month takes the thirtieths that are left, the 31st has none
        (Period(date(2026, 2, 1), date(2026, 2, 28)), date(2026, 2, 15), ["14.00", "16.00"]),
        (Period(date(2028, 2, 1), date(2028, 2, 29)), date(2028, 2, 29), ["28.00", "2.00"]),
        (OCT, date(2026, 10, 16), ["15.00", "15.00"]),
        (OCT, date(2026, 10, 31), ["30.00", "0.00"]),
        (NOV, date(2026, 11, 2), ["1.00", "29.00"]),
    ],
)
def test_thirtieths_of_two_products_sum_to_the_fee(period, change, expected):
    rule = ChargingRule(proration="thirty")
    timeline = service(versions=(Version(START, 1, D(30), rule), Version(change, 2, D(30), rule)))
    assert amounts(timeline, period) == expected


@pytest.mark.parametrize(
    ("promotions", "expected"),
    [
        ((promotion(PriceStep(1, None, "percent", D(50))),), "15.50"),
        ((promotion(PriceStep(1, None, "amount", D(10))),), "21.00"),
        ((promotion(PriceStep(1, None, "amount", D(100))),), "0.00"),
        ((promotion(PriceStep(1, None, "fixed", D("19.99"))),), "19.99"),
        ((promotion(PriceStep(1, None, "free")),), "0.00"),
        # ascending priority, each on the result of the one before
        (
            (
                promotion(PriceStep(1, None, "amount", D(11)), priority=2, number=1),
                promotion(PriceStep(1, None, "percent", D(50)), priority=1, number=2),
            ),
            "4.50",
        ),
        (
            (
                promotion(PriceStep(1, None, "amount", D(11)), priority=1, number=1),
                promotion(PriceStep(1, None, "percent", D(50)), priority=2, number=2),
            ),
            "10.00",
        ),
        # an exclusive one stands alone; of several the lowest priority number, then the lowest id
        (
            (
                promotion(PriceStep(1, None, "amount", D(11)), number=1),
                promotion(PriceStep(1, None, "amount", D(1)), number=5, priority=20, exclusive=True),
                promotion(PriceStep(1, None, "amount", D(2)), number=4, priority=20, exclusive=True),
                promotion(PriceStep(1, None, "amount", D(3)), number=3, priority=30, exclusive=True),
            ),
            "29.00",
        ),
        # an exclusive one without a step of the month does not stand in the way
        (
            (
                promotion(PriceStep(1, None, "amount", D(11)), number=1),
                promotion(PriceStep(1, 2, "amount", D(1)), number=5, exclusive=True),
            ),
            "20.00",
        ),
        # month 10 begins on 12 October
        ((promotion(PriceStep(1, 9, "free"), start=date(2026, 1, 12)),), "20.00"),
        ((promotion(PriceStep(10, 10, "free"), start=date(2026, 1, 12)),), "11.00"),
        # counted from the original day: the 31st of a short month is its last day
        ((promotion(PriceStep(2, 2, "free"), start=date(2026, 8, 31)),), "1.00"),
        # of two steps of one month the earliest
        ((promotion(PriceStep(2, None, "free"), PriceStep(1, 12, "percent", D(50))),), "15.50"),
        # ended early
        ((promotion(PriceStep(1, None, "free"), end=date(2026, 10, 10)),), "21.00"),
        # of another product
        ((promotion(PriceStep(1, None, "free"), product_ids=(7,)),), "31.00"),
    ],
)
def test_promotions(promotions, expected):
    assert amounts(service("31.00", promotions=promotions)) == [expected]


def test_a_month_of_a_promotion_begins_on_the_last_day_of_a_short_month():
    offer = promotion(PriceStep(2, 2, "free"), start=date(2026, 1, 31))
    february = Period(date(2026, 2, 28), date(2026, 3, 27))
    assert amounts(service("28.00", cycle_day=28, promotions=(offer,)), february) == ["0.00"]
    march = Period(date(2026, 3, 28), date(2026, 4, 27))
    # month 2 runs to 30 March: counted from the 31st, not from 28 February
    assert amounts(service("31.00", cycle_day=28, promotions=(offer,)), march) == ["28.00"]


def test_values_of_a_promotion_are_those_of_one_unit():
    three = (Version(START, 1, D("93.00"), MONTHLY, D(3)),)
    for kind, value, expected in (("amount", "10", "63.00"), ("fixed", "19.99", "59.97"), ("percent", "50", "46.50")):
        offer = promotion(PriceStep(1, None, kind, D(value)))
        assert amounts(service(versions=three, promotions=(offer,))) == [expected]


def test_a_suspension_may_stop_the_clock_of_a_promotion():
    pause = (Suspension(date(2026, 10, 1), date(2026, 10, 31), D(0)),)
    offer = promotion(PriceStep(1, 10, "free"), stops_while_suspended=True)
    stopped = service("30.00", promotions=(offer,), suspensions=pause)
    assert amounts(stopped, NOV) == ["0.00"]
    # ten months of days: the 31 lost days of October come back after the tenth anniversary
    assert [(one.start, one.end) for one in segments(stopped, Period(NOV.start, date(2026, 12, 31))) if one.applied][
        -1
    ] == (NOV.start, date(2026, 12, 1))
    running = replace(stopped, promotions=(replace(offer, stops_while_suspended=False),))
    assert amounts(running, NOV) == ["30.00"]


def test_segments_explain_every_day():
    timeline = service(
        "31.00",
        promotions=(promotion(PriceStep(1, 12, "percent", D(20)), start=date(2026, 1, 12)),),
        suspensions=(Suspension(date(2026, 10, 21), None, D(50)),),
    )
    found = segments(timeline, OCT)
    assert [(one.start.day, one.end.day, str(one.price)) for one in found] == [
        (1, 11, "124/5"),
        (12, 20, "124/5"),
        (21, 31, "62/5"),
    ]
    assert [one.applied[0].month_from for one in found] == [9, 10, 10]
    [line] = due_lines(timeline, OCT)
    assert [(one.promotion_id, one.month_from, one.month_to) for one in line.applied] == [(1, 9, 10)]


@pytest.mark.parametrize(
    ("timeline", "through", "expected"),
    [
        (service("59.00"), date(2026, 10, 31), [("2026-11-01", "2026-11-30", "59.00")]),
        (
            service("59.00", start=date(2026, 10, 12)),
            None,
            [("2026-10-12", "2026-10-31", "38.06"), ("2026-11-01", "2026-11-30", "59.00")],
        ),
        (service("59.00", start=date(2026, 11, 16)), None, [("2026-11-16", "2026-11-30", "29.50")]),
        (service("59.00", start=date(2026, 12, 1)), None, []),
        (service("59.00", end=date(2026, 11, 15)), date(2026, 10, 31), [("2026-11-01", "2026-11-15", "29.50")]),
        (service("59.00", end=date(2026, 10, 31)), date(2026, 10, 31), []),
        (service("59.00"), date(2026, 11, 30), []),
        (service("59.00"), date(2026, 11, 10), [("2026-11-11", "2026-11-30", "39.33")]),
        (service("59.00", start=date(2026, 11, 10), end=date(2026, 11, 9)), None, []),
        # in arrears: October on the November bill; what ended before the bill too
        (
            service("59.00", rule=ChargingRule("arrears")),
            date(2026, 9, 30),
            [("2026-10-01", "2026-10-31", "59.00")],
        ),
        (
            service("59.00", rule=ChargingRule("arrears"), end=date(2026, 10, 10)),
            date(2026, 9, 30),
            [("2026-10-01", "2026-10-10", "19.03")],
        ),
        (
            service("365.00", rule=ChargingRule("arrears", count=12), end=date(2026, 10, 31)),
            None,
            [("2026-01-01", "2026-10-31", "304.00")],
        ),
        # a year from the start of the service, and of the chain it continues
        (
            service("365.00", start=date(2025, 11, 1), rule=ChargingRule(count=12)),
            date(2026, 10, 31),
            [("2026-11-01", "2027-10-31", "365.00")],
        ),
        (
            service("365.00", start=date(2026, 11, 1), rule=ChargingRule(count=12), anchor=START, carried_in=True),
            None,
            [("2026-11-01", "2026-12-31", "61.00")],
        ),
        # a year of the chain has begun, but not this service yet
        (
            service("365.00", start=date(2026, 12, 20), rule=ChargingRule(count=12), anchor=START, carried_in=True),
            None,
            [],
        ),
        # a week that begins on the bill's last days is its own
        (
            service("7.00", start=date(2026, 11, 14), rule=ChargingRule(unit="week")),
            date(2026, 11, 20),
            [("2026-11-21", "2026-11-27", "7.00"), ("2026-11-28", "2026-12-04", "7.00")],
        ),
        # months until 15 November, quarters from then on: each by its own rule
        (
            service(
                versions=(
                    Version(START, 1, D("60.00")),
                    Version(date(2026, 11, 16), 2, D("92.00"), ChargingRule(count=3)),
                )
            ),
            date(2026, 10, 31),
            [("2026-11-01", "2026-11-15", "30.00"), ("2026-11-16", "2026-12-31", "46.00")],
        ),
        # what is not due yet holds back what follows it, so that no day is skipped
        (
            service(
                versions=(
                    Version(START, 1, D("60.00"), ChargingRule("arrears")),
                    Version(date(2026, 11, 16), 2, D("60.00")),
                )
            ),
            date(2026, 10, 31),
            [],
        ),
        # suspended without a fee: a charge of nothing says that the days were looked at
        (
            service(suspensions=(Suspension(date(2026, 10, 1), None, D(0)),)),
            date(2026, 10, 31),
            [("2026-11-01", "2026-11-30", "0.00")],
        ),
    ],
)
def test_what_is_on_the_bill(timeline, through, expected):
    assert rows(timeline, charged_through=through) == expected


def explained(timeline):
    [charge] = bill_charges(timeline, NOV, OCT.end)
    why = charge.line.explanation
    parts = [(part.days.start.day, part.days.end.day, str(part.price), part.weight) for part in why.parts]
    return why.code, why.params.get("all"), parts, charge.amount


def test_a_price_changed_within_the_period_names_both_prices_and_their_days():
    versions = (Version(START, 1, D("60.00")), Version(date(2026, 11, 11), 1, D("90.00")))
    changed = service(versions=versions)
    parts = [(1, 10, "60.00", 10), (11, 30, "90.00", 20)]
    assert explained(changed) == ("PRICES", "30", parts, D("80.00"))
    # days that are not charged stand beside them
    pause = Suspension(date(2026, 11, 6), date(2026, 11, 10), D(0))
    parts = [(1, 5, "60.00", 5), (11, 30, "90.00", 20)]
    assert explained(replace(changed, suspensions=(pause,))) == ("PRICES", "30", parts, D("70.00"))
    # one price before and after a pause is one price
    assert explained(service("60.00", suspensions=(pause,)))[:3] == ("DAYS", "30", [])
    # a promotion that ends in the middle
    ends = promotion(PriceStep(1, 1, "percent", D(50)), start=date(2026, 10, 11))
    parts = [(1, 10, "30.00", 10), (11, 30, "60.00", 20)]
    assert explained(service("60.00", promotions=(ends,))) == ("PRICES", "30", parts, D("50.00"))


def test_neighbouring_days_of_one_price_are_one_part():
    versions = (
        Version(START, 1, D("60.00")),
        Version(date(2026, 11, 6), 1, D("60.00"), quantity=D(2)),
        Version(date(2026, 11, 11), 1, D("90.00")),
    )
    thirty = service(versions=versions)
    assert explained(thirty)[2] == [(1, 10, "60.00", 10), (11, 30, "90.00", 20)]
    none = tuple(replace(one, rule=ChargingRule(proration="none")) for one in versions)
    assert explained(service(versions=none))[0] == "WHOLE_PRICE"


def test_a_daily_service_is_not_too_far_back_after_a_month():
    daily = service("1.00", start=date(2026, 10, 1), rule=ChargingRule(unit="day"))
    assert len(rows(daily, charged_through=None)) == 61


def test_charges_explain_themselves():
    [charge] = bill_charges(service("59.00", end=date(2026, 11, 15)), NOV, OCT.end)
    assert (charge.line.explanation.code, charge.line.explanation.params) == ("DAYS", {"days": "15", "all": "30"})
    assert (charge.identity_key, charge.line.is_full) == ("rec:1:2026-11-01", False)
    [thirty] = bill_charges(service(end=date(2026, 11, 15), rule=ChargingRule(proration="thirty")), NOV, OCT.end)
    assert thirty.line.explanation.code == "THIRTIETHS"
    [full] = bill_charges(service(), NOV, OCT.end)
    assert (full.line.explanation.code, full.line.is_full, full.line.quantity) == ("FULL_PERIOD", True, D(1))
    versions = (Version(START, 1, D("49.00")), Version(date(2026, 11, 16), 2, D("69.00")))
    one, two = bill_charges(service(versions=versions), NOV, OCT.end)
    assert (one.identity_key, two.identity_key) == ("rec:1:2026-11-01", "rec:1:2026-11-16:2")


@pytest.mark.parametrize(
    ("timeline", "code"),
    [
        (replace(service(), start=None), "NO_START"),
        (service(end=date(2025, 1, 1)), "END_BEFORE_START"),
        (service(versions=()), "NO_VERSION"),
        (service(versions=(Version(START, 1, D(1)), Version(START, 2, D(1)))), "VERSION_ORDER"),
        (service(rule=ChargingRule(proration="weekly")), "UNKNOWN_PRORATION"),
        (service(rule=ChargingRule(last="weekly")), "UNKNOWN_PRORATION"),
        (service(rule=ChargingRule(count=0)), "BAD_PERIOD"),
        (service(cycle_day=31), "BAD_PERIOD"),
        (service("NaN"), "BAD_AMOUNT"),
        (service(suspensions=(Suspension(START, None, D(-1)),)), "BAD_SUSPENSION"),
        (service(suspensions=(Suspension(START, None, D(101)),)), "BAD_SUSPENSION"),
        (service(promotions=(promotion(PriceStep(1, 1, "amount", D("Infinity"))),)), "BAD_PROMOTION"),
        (service(rule=ChargingRule(unit="year")), "BAD_PERIOD"),
        (service(rule=ChargingRule(timing="later")), "BAD_PERIOD"),
        (service(promotions=(promotion(PriceStep(0, 1, "free")),)), "BAD_PROMOTION"),
        (service(promotions=(promotion(PriceStep(1, 1, "percent", D(-5))),)), "BAD_PROMOTION"),
        (
            service(
                suspensions=(
                    Suspension(date(2026, 5, 1), date(2026, 5, 9), D(0)),
                    Suspension(date(2026, 5, 9), None, D(0)),
                )
            ),
            "SUSPENSION_OVERLAP",
        ),
        (service(start=date(2010, 1, 1)), "TOO_FAR_BACK"),
    ],
)
def test_problems_are_values_and_others_go_on(timeline, code):
    other = replace(service(), service_id=2)
    collected = charge_all([timeline, other], NOV, {2: OCT.end})
    assert [(one.service_id, one.code) for one in collected.problems] == [(1, code)]
    assert [one.service_id for one in collected.charges] == [2]
    assert collected.charged_through() == {2: NOV.end}


def test_a_charge_of_a_bill_in_the_middle_and_the_rest_of_it_sum_to_the_whole():
    timeline = service("49.00")
    [head] = due_lines(timeline, OCT, date(2026, 10, 10))
    [tail] = bill_charges(timeline, OCT, date(2026, 10, 10))
    assert head.amount + tail.amount == D("49.00")
    assert tail.part.start == head.part.end + timedelta(days=1)
    assert tail.identity_key == "rec:1:2026-10-11"
