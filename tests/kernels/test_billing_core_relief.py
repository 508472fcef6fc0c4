from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import (
    ChargingRule,
    OneTimeRelief,
    Period,
    PriceStep,
    Promotion,
    Suspension,
    Timeline,
    Version,
    add_months,
    claw_back,
    relief,
)

START = date(2026, 1, 1)
TERM = Period(START, date(2027, 12, 31))


def D(text) -> Decimal:
    return Decimal(text)


def granted(*steps, number=1, priority=1, start=START):
    return Promotion(number, start, None, priority, False, tuple(steps))


def service(*promotions, amount="60.00", end=None, **more):
    return Timeline(1, START, end, (Version(START, 1, D(amount), **more),), promotions)


def test_relief_of_a_term_is_the_list_price_less_the_price_paid():
    # 3 months free, then 10.00 off for 9 months, then the list price
    offer = granted(PriceStep(1, 3, "free"), PriceStep(4, 12, "amount", D(10)))
    found = relief(service(offer), TERM)
    assert found.amount == D("270.00")
    assert found.granted_until(date(2026, 3, 31)) == D("180.00")
    assert found.granted_until(date(2026, 4, 15)) == D("185.00")
    assert found.granted_until(date(2025, 12, 31)) == D("0.00")
    assert found.granted_until(TERM.end) == D("270.00")
    # known in advance: the end of the service is no matter
    assert relief(service(offer, end=date(2026, 2, 10)), TERM) == found


def test_relief_by_promotion_sums_to_the_whole():
    half = granted(PriceStep(1, None, "percent", D("33.3")), number=7)
    less = granted(PriceStep(1, 5, "amount", D("1.01")), number=8, priority=2, start=date(2026, 1, 20))
    fee = OneTimeRelief(START, D("199.00"), D("1.00"))
    late = OneTimeRelief(date(2028, 1, 1), D("199.00"), D("1.00"))
    found = relief(service(half, less), TERM, (fee, late))
    shares = dict(found.by_promotion)
    assert list(shares) == [7, 8, None]
    assert shares[None] == D("198.00")
    assert sum(shares.values()) == found.amount == D("682.59")


def test_a_suspension_for_nothing_grants_nothing():
    offer = granted(PriceStep(1, 2, "free"))
    paused = Timeline(
        1,
        START,
        None,
        (Version(START, 1, D("31.00")),),
        (offer,),
        (Suspension(date(2026, 1, 11), date(2026, 1, 20), D(0)), Suspension(date(2026, 2, 1), None, D(50))),
    )
    assert relief(paused, TERM).amount == D("21.00") + D("15.50")


def test_a_year_paid_at_once_grants_relief_by_days():
    yearly = service(granted(PriceStep(1, 12, "percent", D(10))), amount="365.00", rule=ChargingRule(count=12))
    found = relief(yearly, TERM)
    assert found.amount == D("36.50")
    assert found.granted_until(date(2026, 1, 10)) == D("1.00")


def test_a_price_above_the_list_is_no_relief():
    assert relief(service(granted(PriceStep(1, None, "fixed", D(70)))), TERM).amount == D("0.00")


def test_relief_of_a_broken_timeline_is_a_problem():
    assert relief(Timeline(1, None, None, ()), TERM).code == "NO_START"


@pytest.mark.parametrize(
    ("end", "cause", "method", "amount", "code"),
    [
        (date(2026, 12, 31), "customer", "proportional", "135.00", "PROPORTIONAL"),
        (date(2026, 12, 30), "customer_breach", "proportional", "135.36", "PROPORTIONAL"),
        # before it began: all of it, never more
        (date(2025, 12, 1), "customer", "proportional", "270.00", "PROPORTIONAL"),
        (TERM.end, "customer", "proportional", "0.00", "TERM_SERVED"),
        (date(2029, 1, 1), "customer", "proportional", "0.00", "TERM_SERVED"),
        (date(2026, 5, 5), "operator_fault", "proportional", "0.00", "NO_CLAIM"),
        (date(2026, 5, 5), "operator_notice", "proportional", "0.00", "NO_CLAIM"),
        (date(2026, 5, 5), "statutory_withdrawal", "proportional", "0.00", "NO_CLAIM"),
        (date(2026, 5, 5), "customer", "none", "0.00", "METHOD_NONE"),
    ],
)
def test_claw_back(end, cause, method, amount, code):
    found = claw_back(D("270.00"), TERM, end, cause, method)
    assert (found.amount, found.code) == (D(amount), code)


def test_claw_back_explains_itself_and_refuses_nonsense():
    offer = granted(PriceStep(1, 3, "free"), PriceStep(4, 12, "amount", D(10)))
    found = claw_back(relief(service(offer), TERM), TERM, date(2026, 12, 30), "customer")
    assert found.amount == D("135.36")  # 135.3698… rounded down
    assert found.params == {"relief": "270.00", "remaining": "366", "days": "730"}
    with pytest.raises(ValueError, match="relief of -1"):
        claw_back(D(-1), TERM, START, "customer")


@given(
    st.integers(0, 1_000_000),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(1, 36),
    st.integers(0, 1200),
    st.integers(0, 100),
)
def test_claw_back_falls_with_every_day_served(grosz, start, months, served, more):
    term = Period(start, add_months(start, months) - timedelta(days=1))
    amount = Decimal(grosz).scaleb(-2)
    end = start + timedelta(days=served)
    sooner = claw_back(amount, term, end, "customer").amount
    later = claw_back(amount, term, end + timedelta(days=more), "customer").amount
    assert 0 <= later <= sooner <= amount
