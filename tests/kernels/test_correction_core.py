"""Arithmetic of corrective invoices: states of lines, spreading of discounts, the date of effect."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correction_core import (
    LineState,
    amount_of,
    effect_rule,
    is_changed,
    less_percent,
    line_problem,
    spread,
    with_amount,
    with_difference,
    with_pieces_back,
    with_price,
    with_quantity,
    with_tax,
    zeroed,
)

D = Decimal
FEE = LineState(D(2), D("29.50"), D(0), D("59.00"))
GROSZE = st.integers(0, 10**7).map(lambda value: D(value) / 100)


def test_amount_is_rounded_half_up():
    assert amount_of(D(3), D("0.335")) == D("1.01")
    assert amount_of(D(20), D(1000), D(10)) == D("18000.00")


def test_ways_to_another_amount():
    assert with_quantity(FEE, D(1)).amount == D("29.50")
    assert with_price(FEE, D("20.00")).amount == D("40.00")
    assert with_amount(FEE, D("30.01")) == LineState(D(2), D("15.005"), D(0), D("30.01"))
    assert with_difference(FEE, D("-29.50")).amount == D("29.50")
    assert zeroed(FEE) == LineState(D(0), D("29.50"), D(0), D(0))
    assert with_amount(FEE, D(0)) == zeroed(FEE)


def test_pieces_given_back():
    forty = LineState(D(40), D("59.00"), D(0), D("2360.00"))
    assert with_pieces_back(forty, D("118.00"), D("118.00")) == LineState(D(38), D("59.00"), D(0), D("2242.00"))
    # one whole and half of another one: the price of those left follows
    assert with_pieces_back(forty, D("88.50"), D("59.00")) == LineState(D(39), D("58.24358974"), D(0), D("2271.50"))
    assert with_pieces_back(forty, D("29.50"), D(0)) == with_difference(forty, D("-29.50"))
    assert with_pieces_back(forty, D("2360.00"), D("2360.00")) == zeroed(forty)
    # one piece at the sum of several prices has no pieces to give back
    summed = LineState(D(1), D("100.00"), D(0), D("100.00"))
    assert with_pieces_back(summed, D("40.00"), D("40.00")) == with_amount(summed, D("60.00"))
    # a price that corrections made: the pieces are not of it any more
    odd = LineState(D(3), D("49.16666667"), D(0), D("147.50"))
    assert with_pieces_back(odd, D("59.00"), D("59.00")) == with_amount(odd, D("88.50"))


def test_what_a_line_said_stays_when_nothing_changes():
    odd = LineState(D(3), D("0.33"), D(0), D("1.00"))
    assert with_quantity(odd, D(3)) is odd
    assert with_price(odd, D("0.33")) is odd


def test_a_corrected_line_can_rise_again():
    assert with_amount(zeroed(FEE), D(10)) == LineState(D(1), D(10), D(0), D(10))


def test_another_rate_changes_a_line_of_the_same_amount():
    taxed = LineState(D(2), D("29.50"), D(0), D("59.00"), 23)
    assert is_changed(taxed, with_tax(taxed, 8, D("59.00")))
    assert with_tax(taxed, 8, D("59.00")) == LineState(D(2), D("29.50"), D(0), D("59.00"), 8)
    assert with_tax(taxed, 8, D("60.00")).amount == D("60.00")
    assert with_tax(taxed, 8, D(0)) == zeroed(taxed)
    assert not is_changed(taxed, with_tax(taxed, 23, D("59.00")))
    assert with_amount(taxed, D("30.00")).tax == with_amount(zeroed(taxed), D(10)).tax == 23


def test_never_below_zero():
    assert line_problem(FEE, with_amount(FEE, D("-0.01"))) == "below_zero"
    assert line_problem(FEE, with_amount(FEE, D("29.49")), D("29.50")) == "waiting"
    assert line_problem(FEE, with_amount(FEE, D("29.50")), D("29.50")) is None
    rebate = LineState(D(1), D(-5), D(0), D(-5))
    assert line_problem(rebate, with_amount(rebate, D(1))) == "sign"
    assert line_problem(rebate, zeroed(rebate)) is None


def test_spread_by_hand():
    assert spread(D("10.00"), [D(1), D(1), D(1)]) == [D("3.34"), D("3.33"), D("3.33")]
    assert spread(D("0.01"), [D(10), D(30)]) == [D("0.00"), D("0.01")]
    with pytest.raises(ValueError):
        spread(D(1), [D(0)])


@given(GROSZE, st.lists(GROSZE.filter(bool), min_size=1, max_size=40))
def test_spread_sums_to_the_grosz(total, weights):
    parts = spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part - total * weight / whole) < D("0.01") for part, weight in zip(parts, weights, strict=True))
    if total <= whole:
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


def test_discount_of_a_percentage():
    assert less_percent(D("59.00"), D(10)) == D("53.10")
    assert less_percent(D("0.05"), D(10)) == D("0.04")
    assert less_percent(D("59.00"), D(100)) == 0


@pytest.mark.parametrize(
    ("kind", "difference", "is_error", "rule"),
    [
        ("value", D(-1), True, "2"),
        ("value", D(1), True, "1"),
        ("price", D(1), False, "2"),
        ("buyer", D(0), True, ""),
        ("value", D(0), False, ""),
    ],
)
def test_date_of_effect(kind, difference, is_error, rule):
    assert effect_rule(kind, difference, is_error=is_error) == rule
