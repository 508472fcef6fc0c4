"""What can be sold at an address, at which price for how long, and why not the rest."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import (
    Candidate,
    LocationFacts,
    OfferingFacts,
    PartCandidate,
    PromotionFacts,
    SaleRequest,
    StepFacts,
    offers,
)
from catalog_core.availability import PeriodUnit, add_months, periods_in_month

ON = date(2026, 11, 21)
PLACE = LocationFacts(
    frozenset({"fibre", "hfc"}), {"fibre": (600, 100), "hfc": (0, 0)}, {"fibre": (8, 2), "hfc": (4, 0)}
)
NET = Candidate(7, OfferingFacts("on_sale", "fibre", "internet", down_mbps=600, up_mbps=100), "recurring", Decimal(59))
TV = Candidate(8, OfferingFacts("on_sale", "any", "tv"), "recurring", Decimal(39))
REQUEST = SaleRequest(ON, "consumer", term_months=24, location=PLACE, place_ids=frozenset({1, 10}))
CHEAP = PromotionFacts(
    1,
    (StepFacts(1, 3, "fixed", Decimal(1)), StepFacts(4, 24, "percent", Decimal(20))),
    product_ids=frozenset({7}),
)
START = PromotionFacts(2, (StepFacts(1, 1, "fixed", Decimal(1)),), target="activation")
FEE = Candidate(9, OfferingFacts("on_sale"), "one_off", Decimal(49))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"lifecycle": "draft"}, ["NOT_ON_SALE"]),
        ({"date_start": ON + timedelta(1)}, ["NOT_YET"]),
        ({"technology": "radio"}, ["TECHNOLOGY_MISSING"]),
        ({"down_mbps": 1000}, ["DOWN_TOO_SLOW"]),
        ({"down_mbps": 1000, "up_mbps": 300}, ["DOWN_TOO_SLOW", "UP_TOO_SLOW"]),
        ({"technology": "hfc", "down_mbps": 1000}, ["NO_FREE_PORT"]),
        ({"customer_kinds": frozenset({"company"})}, ["CUSTOMER_KIND"]),
        ({"customer_kinds": frozenset({"company", "consumer"})}, []),
        ({"technology": "mobile", "down_mbps": 1000}, []),
    ],
)
def test_reasons_against(changes: dict[str, object], expected: list[str]) -> None:
    candidate = replace(NET, facts=replace(NET.facts, **changes))  # type: ignore[arg-type]  # names from a table
    (offer,) = offers([candidate], [CHEAP], REQUEST)
    assert [reason.code for reason in offer.reasons] == expected
    assert offer.sellable == (not expected)


def test_unregistered_ports_and_unknown_speeds_refuse_nothing() -> None:
    bare = replace(REQUEST, location=LocationFacts(frozenset({"fibre"})))
    assert offers([NET], [], bare)[0].sellable
    assert offers([NET], [], replace(REQUEST, location=None))[0].sellable


def test_price_of_every_month_and_of_the_term() -> None:
    (offer,) = offers([NET], [CHEAP, START], REQUEST)
    assert offer.promotion_ids == (1,)
    assert [row.price for row in offer.months] == [Decimal(1)] * 3 + [Decimal("47.2")] * 21 + [Decimal(59)]
    assert offer.first_price == 1
    assert offer.total == 3 * 1 + 21 * Decimal("47.20")
    assert offer.relief == 24 * 59 - offer.total
    assert offer.fee is None


def test_without_a_term_there_is_no_total() -> None:
    (offer,) = offers([NET], [CHEAP], replace(REQUEST, term_months=0))
    assert (offer.total, offer.relief) == (None, None)
    assert len(offer.months) == 25


def test_the_activation_fee_has_promotions_of_its_own() -> None:
    (offer,) = offers([replace(NET, fee=FEE)], [CHEAP, START], REQUEST)
    assert offer.fee is not None
    assert (offer.fee.total, offer.fee.relief, offer.fee.promotion_ids) == (Decimal("1.00"), Decimal("48.00"), (2,))
    apart = replace(START, incompatible_ids=frozenset({1}))
    (offer,) = offers([replace(NET, fee=FEE)], [CHEAP, apart], REQUEST)
    assert offer.fee is not None
    assert (offer.fee.total, offer.fee.promotion_ids) == (Decimal("49.00"), ())
    assert [(lost.promotion_id, lost.to_id) for lost in offer.fee.choice.lost] == [(2, 1)]


def test_a_one_off_gets_no_promotion_of_months() -> None:
    (offer,) = offers([FEE], [replace(CHEAP, product_ids=frozenset())], REQUEST)
    assert (offer.months, offer.promotion_ids, offer.total) == ((), (), None)


def _bundle(*parts: PartCandidate) -> Candidate:
    return Candidate(20, OfferingFacts("on_sale"), "recurring", Decimal(98), parts=parts)


def test_a_bundle_is_the_sum_of_its_fixed_parts() -> None:
    only_here = replace(CHEAP, promotion_id=3, product_ids=frozenset(), bundle_ids=frozenset({20, 21}))
    extra = PartCandidate(replace(TV, product_id=11, price=Decimal(25)), optional=True)
    (bundle, alone) = offers([_bundle(PartCandidate(NET), PartCandidate(TV), extra), TV], [only_here], REQUEST)
    assert [part.promotion_ids for part in bundle.parts] == [(3,)] * 3
    assert [reason.code for refused in alone.choice.refused for reason in refused.reasons] == ["PROMO_NOT_IN_BUNDLE"]
    assert bundle.months[0].price == 2
    assert bundle.months[24].price == 98
    assert bundle.total == sum(part.total or 0 for part in bundle.parts if not part.optional)


def test_a_part_that_cannot_be_sold_takes_the_bundle_with_it() -> None:
    radio = replace(NET, facts=replace(NET.facts, technology="radio"))
    (bundle,) = offers([_bundle(PartCandidate(radio), PartCandidate(TV))], [], REQUEST)
    assert [(r.code, r.params["product"], r.params["reason"]) for r in bundle.reasons] == [
        ("BUNDLE_PART", "7", "TECHNOLOGY_MISSING")
    ]
    (bundle,) = offers([_bundle(PartCandidate(radio, optional=True), PartCandidate(TV))], [], REQUEST)
    assert bundle.sellable
    assert [part.sellable for part in bundle.parts] == [False, True]


@pytest.mark.parametrize(
    ("unit", "count", "total"),
    [
        ("month", 1, Decimal("1416.00")),
        ("month", 3, Decimal("472.00")),
        ("month", 12, Decimal("118.00")),
        ("day", 1, Decimal(59 * 731)),
        ("week", 2, (Decimal(59 * 731) / 14).quantize(Decimal("0.01"))),
    ],
)
def test_other_charging_periods(unit: PeriodUnit, count: int, total: Decimal) -> None:
    """24 months from 21 Nov 2026 have 731 days (29 February 2028)."""
    (offer,) = offers([replace(NET, period_unit=unit, period_count=count)], [], REQUEST)
    assert offer.total == total


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_months_of_a_service_follow_each_other(start: date, months: int) -> None:
    day = add_months(start, months)
    assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == months
    assert day.day == start.day or (day + timedelta(1)).day == 1
    days = sum((periods_in_month(start, n, "day", 1) for n in range(1, months + 1)), Fraction(0))
    assert days == (day - start).days


steps = st.builds(
    StepFacts,
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(12, 30)),
    st.sampled_from(["percent", "amount", "free"]),
    st.decimals(0, 100, places=2),
)


@given(
    st.lists(steps, min_size=1, max_size=4),
    st.decimals(0, 300, places=2),
    st.integers(1, 36),
    st.sampled_from([1, 3, 12]),
)
def test_the_total_is_the_sum_of_the_months(some: list[StepFacts], price: Decimal, term: int, count: int) -> None:
    promotions = [PromotionFacts(number, (step,)) for number, step in enumerate(some, start=1)]
    candidate = replace(NET, price=price, period_count=count)
    (offer,) = offers([candidate], promotions, replace(REQUEST, term_months=term))
    exact = sum((Fraction(row.price) for row in offer.months[:term]), Fraction(0)) / count
    assert offer.total is not None
    assert offer.relief is not None
    assert abs(Fraction(offer.total) - exact) <= Fraction(1, 200)
    assert offer.relief >= 0
    assert len(offer.months) > term
