"""Court fees by bands: the worked examples of the electronic court, edges, and a naive count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from dunning_data import bands, epu_terms
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.court_fees import Fee, cost_norm, epu_claims_from, epu_fee, ordinary_fee, value_in_dispute
from dunning_core.result import Failure

FEES, NORMS, TERMS = bands("court_fee"), bands("epu_cost_norm"), epu_terms()
FILED = date(2026, 11, 22)


def fee(value: str) -> Fee:
    result = epu_fee(Decimal(value), FILED, FEES, TERMS)
    assert isinstance(result, Fee), result
    return result


@pytest.mark.parametrize(
    ("value", "amount"),
    [("1234.56", 30), ("4000.01", 100), ("10000.01", 188), ("20000.01", 251), ("54321.00", 680)],
)
def test_e8_fee_of_the_electronic_court(value, amount):
    assert fee(value).amount == amount


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("500.00", 30),
        ("500.01", 100),
        ("1500.00", 100),
        ("4000.00", 200),
        ("7500.00", 400),
        ("10000.00", 500),
        ("15000.00", 750),
        ("20000.00", 1000),
        ("20000.01", 1001),
        ("5000000.00", 200000),
    ],
)
def test_ordinary_fee(value, amount):
    result = ordinary_fee(Decimal(value), FILED, FEES)
    assert isinstance(result, Fee) and result.amount == amount


def test_the_fee_prints_its_calculation():
    assert [(reason.code, reason.params["amount"]) for reason in fee("10000.01").explain] == [
        ("COURT_FEE_FIXED", 750),
        ("EPU_FEE", 188),
    ]
    assert fee("54321.00").explain[0].code == "COURT_FEE_PERCENT"


def test_value_in_dispute_is_in_full_zloty():
    assert value_in_dispute(Decimal("1234.01")) == 1235
    assert value_in_dispute(Decimal("1234.00")) == 1234


def test_a_day_without_fees_and_nonsense_are_values():
    for value, filed, code in (("100", date(2019, 8, 20), "NO_COURT_FEE"), ("0", FILED, "BAD_AMOUNT")):
        result = epu_fee(Decimal(value), filed, FEES, TERMS)
        assert isinstance(result, Failure) and result.code == code


@pytest.mark.parametrize(("value", "norm"), [("500", 60), ("500.01", 180), ("5000", 600), ("50001", 3600)])
def test_cost_norm(value, norm):
    assert cost_norm(Decimal(value), FILED, NORMS) == norm


def test_claims_of_the_last_three_years_only():
    assert epu_claims_from(date(2026, 11, 22), TERMS) == date(2023, 11, 22)


@given(st.integers(1, 60_000_00).map(lambda cents: Decimal(cents) / 100))
def test_a_quarter_in_whole_zlotys(value):
    steps = [(500, 30), (1500, 100), (4000, 200), (7500, 400), (10000, 500), (15000, 750), (20000, 1000)]
    ordinary = next((Decimal(amount) for limit, amount in steps if value <= limit), None)
    if ordinary is None:
        dispute = value if value % 1 == 0 else value - value % 1 + 1
        ordinary = min(dispute * 5 / 100, Decimal(200000))
    quarter = ordinary / 4
    up = int(quarter) + (1 if quarter % 1 else 0)
    assert fee(str(value)).amount == max(up, 30)
