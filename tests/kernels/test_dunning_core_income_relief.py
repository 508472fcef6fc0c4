"""Income tax of bad debts: who is a candidate, in which year, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import income_relief_since, income_relief_terms
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.income_relief import BusinessClaim, income_relief

TERMS, SINCE = income_relief_terms(), income_relief_since()
CLAIM = BusinessClaim(issued=date(2026, 9, 15), due=date(2026, 9, 30), residual=Decimal("1000.00"))


def ask(as_of: str, **facts):
    return income_relief(replace(CLAIM, **facts), date.fromisoformat(as_of), SINCE, TERMS)


def test_ninety_days_decide_the_tax_year():
    assert ask("2026-12-29").code == "INCOME_NOT_YET"
    assert (ask("2026-12-30").code, ask("2026-12-30").tax_year) == ("INCOME_POSSIBLE", 2026)
    assert ask("2027-02-01", due=date(2026, 10, 5)).tax_year == 2027


def test_two_years_from_the_later_of_invoice_and_contract():
    assert ask("2028-12-31").possible
    assert ask("2029-01-01").code == "INCOME_EXPIRED"
    assert ask("2029-01-01", concluded=date(2027, 1, 4)).last == date(2029, 12, 31)
    assert ask("2028-12-31", concluded=date(2019, 1, 4)).last == date(2028, 12, 31)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"residual": Decimal(0)}, "INCOME_PAID"),
        ({"between_businesses": False}, "INCOME_NOT_BETWEEN_BUSINESSES"),
        ({"due": date(2019, 12, 31)}, "INCOME_TERM_TOO_OLD"),
        ({"written_to_costs": True}, "INCOME_WRITTEN_TO_COSTS"),
        ({"related": True}, "INCOME_RELATED"),
        ({"insolvent": True}, "INCOME_INSOLVENT"),
    ],
)
def test_bars(facts, code):
    result = ask("2027-01-15", **facts)
    assert (result.code, result.possible) == (code, False)
    assert result.explain[-1].code == code


def test_terms_that_ended_from_2020_on():
    assert ask("2027-01-15", due=date(2020, 1, 1)).possible


@given(st.dates(date(2021, 1, 1), date(2026, 1, 1)), st.integers(0, 60), st.integers(0, 1300))
def test_status_by_walking(issued, term, number):
    claim = replace(CLAIM, issued=issued, due=issued + timedelta(days=term))
    today = issued + timedelta(days=number)
    late = sum(1 for n in range(number + 1) if issued + timedelta(days=n) > claim.due)
    wanted = "INCOME_POSSIBLE" if late > 90 else "INCOME_NOT_YET"
    assert income_relief(claim, today, SINCE, TERMS).code == (
        "INCOME_EXPIRED" if today.year > issued.year + 2 else wanted
    )
