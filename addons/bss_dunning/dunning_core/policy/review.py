"""What becomes of the case of an account: kept, closed, closed with a successor, opened, opened again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from .arrears import ZERO, Arrears, OpenItem, arrears
from .gate_facts import GateFacts

NEXT_CASE = "NEXT_CASE"


@dataclass(frozen=True)
class Book:
    """Overdue receivables of an account, oldest first, and its open credits; ``dues`` as agreed, not moved off free days."""

    items: tuple[OpenItem, ...] = ()
    dues: tuple[date, ...] = ()
    credit: Decimal = ZERO
    #: overdue less credits; not below zero
    overdue: Decimal = field(init=False)

    def __post_init__(self) -> None:
        owed = sum((item.residual for item in self.items), ZERO)
        object.__setattr__(self, "overdue", max(ZERO, owed - self.credit))

    def oldest(self) -> tuple[date, date] | None:
        """Due date, as agreed and moved, of the first document that credits leave open."""
        left = self.credit
        for item, due in zip(self.items, self.dues, strict=True):
            left -= item.residual
            if left < 0:
                return due, item.due
        return None


class Fate(Enum):
    """What becomes of a case."""

    KEEP = "keep"
    PAID = "paid"
    NOTICED_PAID = "noticed_paid"
    OWN_PAID = "own_paid"


def of_case(items: Sequence[OpenItem], dues: Sequence[date], last_due: date | None) -> Iterable[OpenItem]:
    """Items of a case that takes no newer ones: what fell due after ``last_due`` waits for the next case."""
    if last_due is None:
        return items
    return [
        item._replace(withheld=NEXT_CASE) if due > last_due else item for item, due in zip(items, dues, strict=True)
    ]


def case_arrears(book: Book, last_due: date | None = None) -> Arrears:
    """What a case may demand of the book of its account."""
    return arrears(of_case(book.items, book.dues, last_due), book.credit)


def fate(debt: Arrears, facts: GateFacts) -> Fate:
    """Decide whether an open case goes on.

    Payment of what a notice demanded ends its chain, even when newer documents are overdue by now; what is only
    disputed is not paid.
    """
    if debt.overdue <= 0:
        return Fate.PAID
    if facts.ended_by_payment(debt):
        return Fate.NOTICED_PAID
    if debt.demanded <= 0 and debt.withheld == (NEXT_CASE,):
        return Fate.OWN_PAID
    return Fate.KEEP
