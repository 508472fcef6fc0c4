"""VAT of bad debts: when it may be corrected and what a write-off is warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import relief_terms
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.vat_relief import DebtorKind, Receivable, ReliefStatus, relief

TERMS = relief_terms()
INVOICE = Receivable(
    issued=date(2026, 3, 31),
    due=date(2026, 4, 14),
    gross=Decimal("1230.00"),
    vat=Decimal("230.00"),
    residual=Decimal("1230.00"),
    debtor=DebtorKind.PAYER,
)


def ask(as_of: str, **facts):
    return relief(replace(INVOICE, **facts), date.fromisoformat(as_of), TERMS)


def test_ninety_days_unpaid():
    """14 April and 90 days is 13 July: from 14 July it is certain."""
    assert (ask("2026-07-13").status, ask("2026-07-13").first) == (ReliefStatus.LATER, date(2026, 7, 14))
    possible = ask("2026-07-14")
    assert (possible.status, possible.warning) == (ReliefStatus.POSSIBLE, "VAT_TAKE_RELIEF_FIRST")
    assert possible.vat_open == Decimal("230.00")


def test_three_years_from_the_end_of_the_year_of_the_invoice():
    assert ask("2029-12-31").status is ReliefStatus.POSSIBLE
    expired = ask("2030-01-01")
    assert (expired.status, expired.last, expired.warning) == (
        ReliefStatus.EXPIRED,
        date(2029, 12, 31),
        "VAT_RELIEF_EXPIRED",
    )


@pytest.mark.parametrize("fact", ["enforced_on", "listed_on", "bankrupt_on"])
def test_consumers_need_one_more_fact(fact):
    assert ask("2026-10-01", debtor=DebtorKind.OTHER).status is ReliefStatus.FACT_MISSING
    later = ask("2026-09-01", debtor=DebtorKind.OTHER, **{fact: date(2026, 9, 10)})
    assert (later.status, later.first) == (ReliefStatus.LATER, date(2026, 9, 10))
    early = ask("2026-09-01", debtor=DebtorKind.OTHER, **{fact: date(2026, 5, 10)})
    assert (early.status, early.first) == (ReliefStatus.POSSIBLE, date(2026, 7, 14))
    assert ask("2026-09-01", **{fact: date(2026, 12, 10)}).status is ReliefStatus.POSSIBLE, "a payer needs none"


@pytest.mark.parametrize(
    ("facts", "status", "warning"),
    [
        ({"vat": Decimal(0)}, ReliefStatus.NO_VAT, ""),
        ({"residual": Decimal(0)}, ReliefStatus.PAID, ""),
        ({"relief_taken": True}, ReliefStatus.TAKEN, "VAT_RELIEF_TAKEN"),
        ({"due": date(2026, 9, 30)}, ReliefStatus.LATER, "VAT_RELIEF_NOT_YET"),
        ({"debtor": DebtorKind.OTHER}, ReliefStatus.FACT_MISSING, "VAT_RELIEF_FACT_MISSING"),
    ],
)
def test_warnings_of_a_write_off(facts, status, warning):
    result = ask("2026-10-01", **facts)
    assert (result.status, result.warning) == (status, warning)


def test_the_calculation_is_told():
    result = ask("2026-10-01", residual=Decimal("615.00"))
    assert result.vat_open == Decimal("115.00")
    assert [reason.code for reason in result.explain] == ["VAT_UNPAID_DAYS", "VAT_YEARS", "VAT_OPEN"]


@given(st.integers(1, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_tax_of_the_unpaid_part_is_its_share(gross, vat, residual):
    vat, residual = min(vat, gross), min(residual, gross)
    result = ask("2026-10-01", gross=Decimal(gross) / 100, vat=Decimal(vat) / 100, residual=Decimal(residual) / 100)
    exact = vat * residual / gross
    assert abs(result.vat_open * 100 - Decimal(exact)) <= Decimal("0.51")
    assert 0 <= result.vat_open <= Decimal(vat) / 100


@given(st.dates(date(2022, 1, 1), date(2026, 6, 1)), st.integers(0, 60), st.integers(0, 1600))
def test_status_by_walking(issued, term, number):
    invoice = replace(INVOICE, issued=issued, due=issued + timedelta(days=term))
    today = issued + timedelta(days=number)
    unpaid = sum(1 for n in range(number + 1) if issued + timedelta(days=n) > invoice.due)
    if today.year - issued.year > 3:
        wanted = ReliefStatus.EXPIRED
    else:
        wanted = ReliefStatus.POSSIBLE if unpaid > 90 else ReliefStatus.LATER
    assert relief(invoice, today, TERMS).status is wanted
