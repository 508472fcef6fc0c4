"""Relief for bad debts in VAT (art. 89a of the VAT act, wording since 1 October 2021): candidates and warnings.

The creditor corrects the tax when the claim was neither paid nor sold for 90 days after its term, within three years
from the end of the year of the invoice. Against a debtor who is no active VAT payer one more fact is needed: a final
judgment sent to enforcement, an entry in a national register of debts, or consumer bankruptcy. Nothing is posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from ..money import round_half_up
from ..result import Reason
from .terms import add_days

ONE_DAY = timedelta(days=1)


class DebtorKind(Enum):
    """How the debtor stands to VAT."""

    PAYER = "payer"
    OTHER = "other"


class ReliefStatus(Enum):
    """Whether the tax may be corrected on a day."""

    NO_VAT = "no_vat"
    PAID = "paid"
    TAKEN = "taken"
    LATER = "later"
    FACT_MISSING = "fact_missing"
    POSSIBLE = "possible"
    EXPIRED = "expired"


@dataclass(frozen=True)
class ReliefTerms:
    """Numbers of the law: days unpaid, years from the end of the year of the invoice."""

    days: int
    years: int


@dataclass(frozen=True)
class Receivable:
    """One invoice in PLN; ``due`` as agreed. The three days are those of the facts of art. 89a(2a)."""

    issued: date
    due: date
    gross: Decimal
    vat: Decimal
    residual: Decimal
    debtor: DebtorKind
    relief_taken: bool = False
    enforced_on: date | None = None
    listed_on: date | None = None
    bankrupt_on: date | None = None


@dataclass(frozen=True)
class Relief:
    """Where the relief stands: first and last day, tax of what is unpaid, what a write-off has to be warned of."""

    status: ReliefStatus
    first: date
    last: date
    vat_open: Decimal
    warning: str
    explain: tuple[Reason, ...]


_WARNINGS = {
    ReliefStatus.POSSIBLE: "VAT_TAKE_RELIEF_FIRST",
    ReliefStatus.LATER: "VAT_RELIEF_NOT_YET",
    ReliefStatus.FACT_MISSING: "VAT_RELIEF_FACT_MISSING",
    ReliefStatus.TAKEN: "VAT_RELIEF_TAKEN",
    ReliefStatus.EXPIRED: "VAT_RELIEF_EXPIRED",
}


def relief(receivable: Receivable, as_of: date, terms: ReliefTerms) -> Relief:
    """Where the relief for one invoice stands on a day."""
    unpaid_until = add_days(receivable.due, terms.days)
    first = max(unpaid_until + ONE_DAY, _fact(receivable) or unpaid_until)
    last = date(receivable.issued.year + terms.years, 12, 31)
    status = _status(receivable, first, last, as_of)
    vat_open = _vat_open(receivable)
    explain = [Reason("VAT_UNPAID_DAYS", {"due": receivable.due, "days": terms.days, "last": unpaid_until})]
    explain.append(Reason("VAT_YEARS", {"issued": receivable.issued, "years": terms.years, "last": last}))
    if receivable.gross:
        params = {"vat": receivable.vat, "residual": receivable.residual, "gross": receivable.gross, "open": vat_open}
        explain.append(Reason("VAT_OPEN", params))
    return Relief(status, first, last, vat_open, _WARNINGS.get(status, ""), tuple(explain))


def _fact(receivable: Receivable) -> date | None:
    facts = (receivable.enforced_on, receivable.listed_on, receivable.bankrupt_on)
    return min((day for day in facts if day is not None), default=None) if _needs_fact(receivable) else None


def _needs_fact(receivable: Receivable) -> bool:
    return receivable.debtor is not DebtorKind.PAYER


def _status(receivable: Receivable, first: date, last: date, as_of: date) -> ReliefStatus:
    if receivable.relief_taken:
        return ReliefStatus.TAKEN
    if receivable.vat <= 0:
        return ReliefStatus.NO_VAT
    if receivable.residual <= 0:
        return ReliefStatus.PAID
    if as_of > last:
        return ReliefStatus.EXPIRED
    if _needs_fact(receivable) and _fact(receivable) is None:
        return ReliefStatus.FACT_MISSING
    return ReliefStatus.POSSIBLE if as_of >= first else ReliefStatus.LATER


def _vat_open(receivable: Receivable) -> Decimal:
    """Tax in the unpaid part."""
    if receivable.gross <= 0 or receivable.residual <= 0:
        return Decimal("0.00")
    share = Fraction(min(receivable.residual, receivable.gross)) / Fraction(receivable.gross)
    return round_half_up(Fraction(receivable.vat) * share)
