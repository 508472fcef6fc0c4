"""Amounts of bulk invoices against an oracle in fractions, with shared code only for the last step."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_core import LineRequest, TaxRule, closed_form, distribute, half_up

RATES = {1: 230_000, 2: 80_000, 3: 50_000, 4: 0}
NET = {tax_id: TaxRule(tax_id, rate) for tax_id, rate in RATES.items()}
GROSS = {tax_id: TaxRule(tax_id, rate, price_include=True) for tax_id, rate in RATES.items()}


def line(price, tax_id=1, quantity="1", discount="0"):
    return LineRequest(None, None, 7, (tax_id,), "Fee", Decimal(quantity), Decimal(str(price)), Decimal(discount))


lines = st.lists(
    st.builds(
        line,
        price=st.decimals(min_value=-500, max_value=5000, places=2),
        tax_id=st.sampled_from(sorted(RATES)),
        quantity=st.sampled_from(["1", "2", "3", "0.5", "12", "-1"]),
        discount=st.sampled_from(["0", "0", "10", "25", "50", "100"]),
    ),
    min_size=1,
    max_size=40,
)


def away_from_zero(amount: Fraction) -> int:
    """Grosz, halves away from zero."""
    grosz = abs(amount) * 100
    found = int(grosz + Fraction(1, 2))
    return -found if amount < 0 else found


def exact(one: LineRequest) -> Fraction:
    return Fraction(one.quantity) * Fraction(one.price_unit) * (100 - Fraction(one.discount)) / 100


def is_whole(asked: list[LineRequest]) -> bool:
    return all((exact(one) * 100).denominator == 1 for one in asked)


@settings(max_examples=400, deadline=None)
@given(lines)
def test_net_prices(asked):
    found = closed_form(asked, NET)
    if not is_whole(asked):
        assert found is None
        return
    assert found is not None
    assert [Fraction(net, 100) for net in found.nets] == [exact(one) for one in asked]
    assert found.subtotals == found.nets
    taxes = {}
    for one in asked:
        taxes[one.tax_ids[0]] = taxes.get(one.tax_ids[0], 0) + exact(one)
    expected = {tax_id: away_from_zero(base * RATES[tax_id] / 1_000_000) for tax_id, base in taxes.items()}
    assert {one.tax_id: one.amount for one in found.taxes} == {key: tax for key, tax in expected.items() if tax}
    assert all(Fraction(one.base, 100) == taxes[one.tax_id] for one in found.taxes)
    assert found.untaxed == sum(found.nets)
    assert found.tax == sum(expected.values())
    assert found.total == found.untaxed + found.tax
    for one, total in zip(asked, found.totals, strict=True):
        assert total == away_from_zero(exact(one)) + away_from_zero(exact(one) * RATES[one.tax_ids[0]] / 1_000_000)


@settings(max_examples=400, deadline=None)
@given(lines)
def test_gross_prices_add_up_to_what_is_paid(asked):
    found = closed_form(asked, GROSS)
    if not is_whole(asked):
        assert found is None
        return
    assert found is not None
    assert found.total == sum(exact(one) for one in asked) * 100
    assert list(found.totals) == [exact(one) * 100 for one in asked]
    assert sum(found.nets) == found.untaxed == found.total - found.tax
    for net, subtotal, one in zip(found.nets, found.subtotals, asked, strict=True):
        assert subtotal == away_from_zero(exact(one) * 1_000_000 / (1_000_000 + RATES[one.tax_ids[0]]))
        assert abs(net - subtotal) <= len(asked)
    for tax in found.taxes:
        gross = sum(exact(one) for one in asked if one.tax_ids == (tax.tax_id,))
        rate = RATES[tax.tax_id]
        assert tax.amount == away_from_zero(gross * rate / (1_000_000 + rate))
        assert tax.base + tax.amount == gross * 100


@settings(max_examples=200, deadline=None)
@given(lines)
def test_tax_rounded_on_every_line(asked):
    for rules in (NET, GROSS):
        found = closed_form(asked, rules, per_line=True)
        if not is_whole(asked):
            assert found is None
            continue
        assert found is not None
        assert found.nets == found.subtotals
        own = [total - net for net, total in zip(found.nets, found.totals, strict=True)]
        assert found.tax == sum(own)
        assert found.total == sum(found.totals)


def test_document_and_line_round_differently():
    asked = [line("0.10"), line("0.10"), line("0.10")]
    assert closed_form(asked, NET).tax == 7  # 0.069
    assert closed_form(asked, NET, per_line=True).tax == 6  # three times 0.023


@pytest.mark.parametrize(
    ("price", "tax"), [("0.50", 12), ("1.50", 35), ("49.50", 1139), ("0.10", 2), ("-0.50", -12), ("1000.50", 23012)]
)
def test_half_a_grosz_goes_away_from_zero(price, tax):
    assert closed_form([line(price)], NET).tax == tax


def test_half_of_a_sum():
    asked = [line("0.10", 3)] * 5  # 5 % of 0.50
    assert closed_form(asked, NET).tax == 3
    assert closed_form([line("0.10", 3)] * 4 + [line("0.10", 1)], NET).tax == 4  # 0.02 and 0.023


def test_left_over_grosz_goes_to_the_greatest_line():
    found = closed_form([line("21.53")] * 2, {1: TaxRule(1, 210_000, price_include=True)})
    # the example in the documentation of the engine
    assert found.nets == (1780, 1779)
    assert found.subtotals == (1779, 1779)
    assert (found.untaxed, found.tax, found.total) == (3559, 747, 4306)


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [line("0.01", quantity="0.5")],
        [line("59.99", discount="15")],
        [LineRequest(None, None, 7, (), "Fee", Decimal(1), Decimal(5))],
        [LineRequest(None, None, 7, (1, 2), "Fee", Decimal(1), Decimal(5))],
    ],
)
def test_left_to_the_engine(asked):
    assert closed_form(asked, NET) is None


def test_odd_taxes_are_left_to_the_engine():
    assert closed_form([line(5)], {1: TaxRule(1, 230_000, is_plain=False)}) is None
    assert closed_form([line(5)], {1: TaxRule(1, -230_000)}) is None
    mixed = {1: TaxRule(1, 230_000), 2: TaxRule(2, 80_000, price_include=True)}
    assert closed_form([line(5), line(5, 2)], mixed) is None
    # an exact half of a gross price: 25 % of 0.05 is 0.01, of 0.10 it is 0.02; 100 % of 0.01 is half a grosz
    assert closed_form([line("0.01")], {1: TaxRule(1, 1_000_000, price_include=True)}) is None


@given(st.integers(-60, 60), st.lists(st.floats(-1000, 1000), min_size=1, max_size=30))
def test_distribution_gives_all_of_it(delta, factors):
    parts = distribute(delta, factors)
    assert sum(parts) == delta
    assert all(part * delta >= 0 for part in parts)


def test_distribution_knows_no_weights():
    assert distribute(3, [0.0, 0.0]) in ([2, 1], [1, 2], [3, 0])


@pytest.mark.parametrize(("amount", "grosz"), [(2.675, 268), (0.0, 0), (-2.675, -268), (1.004999, 100), (0.005, 1)])
def test_half_up(amount, grosz):
    assert half_up(amount) == grosz
