"""A statement: movements of a period with the balance before and after it, or what is open on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["movements", "open", "overdue", "confirmation"]
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Link:
    """``amount`` of the document was settled with document ``number`` on ``day``."""

    number: str
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Movement:
    """One change of what the customer owes, in the currency of the company.

    :ivar kind: kind of the document, one of ``kind_…`` of the words
    :ivar debit, credit: not negative, one of them zero
    :ivar balance: what the customer owes after it; negative is his credit
    :ivar amount_open: what of it is not settled; negative is a credit
    """

    day: date
    kind: str
    number: str
    issued: date | None
    due: date | None
    debit: Decimal
    credit: Decimal
    balance: Decimal
    amount_open: Decimal
    overdue_days: int
    account: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Statement:
    """:ivar opening, closing: what the customer owes before the first and after the last movement of the period"""

    kind: Kind
    date_from: date | None
    as_of: date
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    amount_open: Decimal
    overdue: Decimal
    movements: tuple[Movement, ...]


def statement_of(
    kind: Kind, date_from: date | None, as_of: date, opening: Decimal, movements: Sequence[Movement]
) -> Statement:
    """Sums of all ``movements`` of the period and those that this kind of statement shows.

    ``opening`` counts in every kind; a statement of open items must be given all movements, so ``opening`` is 0 there.

    :raise ValueError: the running balance of the movements does not fit their amounts
    """
    balance = opening
    for one in movements:
        balance += one.debit - one.credit
        if balance != one.balance:
            raise ValueError(f"{one.number}: balance {one.balance}, but the movements sum up to {balance}")
    shown = tuple(one for one in movements if _shown(kind, one))
    return Statement(
        kind=kind,
        date_from=date_from,
        as_of=as_of,
        opening=opening,
        debit=sum((one.debit for one in shown), ZERO),
        credit=sum((one.credit for one in shown), ZERO),
        closing=balance,
        amount_open=sum((one.amount_open for one in shown), ZERO),
        overdue=sum((one.amount_open for one in movements if one.overdue_days > 0), ZERO),
        movements=shown,
    )


def _shown(kind: Kind, movement: Movement) -> bool:
    if kind == "movements":
        return True
    if kind == "overdue":
        return movement.overdue_days > 0
    return movement.amount_open != 0
