"""Relief for bad debts in income tax (CIT, PIT, lump sum; Dz.U. 2019/1649): candidates, nothing is posted.

Between businesses only, for terms that ended after 31 December 2019: the creditor lowers the tax base of the year in
which 90 days after the term passed, when the claim is still unpaid on the day of the return, the debtor is neither in
restructuring nor in bankruptcy nor in liquidation, and not more than two years have passed from the end of the year of
the invoice or of the contract, whichever is later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..result import Reason
from .terms import add_days

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class IncomeReliefTerms:
    """Numbers of the law: days unpaid, years from the end of the year of the invoice."""

    days: int
    years: int


@dataclass(frozen=True)
class BusinessClaim:
    """One invoice between businesses in PLN net of tax; ``insolvent`` on the last day of the month before the return."""

    issued: date
    due: date
    residual: Decimal
    concluded: date | None = None
    between_businesses: bool = True
    insolvent: bool = False
    related: bool = False
    written_to_costs: bool = False


@dataclass(frozen=True)
class IncomeRelief:
    """Code of the answer (INCOME_POSSIBLE, or the first bar), the tax year and the last day for a first correction."""

    code: str
    tax_year: int
    last: date
    explain: tuple[Reason, ...]

    @property
    def possible(self) -> bool:
        return self.code == "INCOME_POSSIBLE"


def income_relief(claim: BusinessClaim, as_of: date, since: date, terms: IncomeReliefTerms) -> IncomeRelief:
    """Whether a claim is a candidate on a day; ``since`` is the first day on which its term may have ended."""
    unpaid_until = add_days(claim.due, terms.days)
    newest = max(claim.issued, claim.concluded or claim.issued)
    last = date(newest.year + terms.years, 12, 31)
    bars = {
        "INCOME_PAID": claim.residual <= 0,
        "INCOME_NOT_BETWEEN_BUSINESSES": not claim.between_businesses,
        "INCOME_TERM_TOO_OLD": claim.due < since,
        "INCOME_WRITTEN_TO_COSTS": claim.written_to_costs,
        "INCOME_RELATED": claim.related,
        "INCOME_INSOLVENT": claim.insolvent,
        "INCOME_EXPIRED": as_of > last,
        "INCOME_NOT_YET": as_of <= unpaid_until,
    }
    code = next((bar for bar, holds in bars.items() if holds), "INCOME_POSSIBLE")
    explain = (
        Reason("INCOME_UNPAID_DAYS", {"due": claim.due, "days": terms.days, "last": unpaid_until}),
        Reason("INCOME_YEARS", {"newest": newest, "years": terms.years, "last": last}),
        Reason(code),
    )
    return IncomeRelief(code, unpaid_until.year, last, explain)
