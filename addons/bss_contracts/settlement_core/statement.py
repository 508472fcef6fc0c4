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
    """What a statement shows, in the currency of the company.

    :ivar opening, closing: what the customer owes before the first and after the last movement of the period
    :ivar opening_open: what of the movements before the period is open on its last day
    :ivar amount_open: all that is open of the movements shown, and before the period
    :ivar overdue: what is late, whenever it arose
    """

    kind: Kind
    date_from: date | None
    as_of: date
    opening: Decimal
    opening_open: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    amount_open: Decimal
    overdue: Decimal
    movements: tuple[Movement, ...]


def statement_of(kind: Kind, date_from: date | None, as_of: date, movements: Sequence[Movement]) -> Statement:
    """Statement of ``movements``: all of the customer up to ``as_of``, in order; those before ``date_from`` are its
    opening balance. Open and overdue items know no beginning, so ``date_from`` counts in ``movements`` only.

    :raise ValueError: the running balance of the movements does not fit their amounts
    """
    start = date_from if kind == "movements" else None
    balance = opening = opening_open = ZERO
    for one in movements:
        balance += one.debit - one.credit
        if balance != one.balance:
            raise ValueError(f"{one.number}: balance {one.balance}, but the movements sum up to {balance}")
        if start and one.day < start:
            opening = balance
            opening_open += one.amount_open
    shown = tuple(one for one in movements if _shown(kind, one) and not (start and one.day < start))
    return Statement(
        kind=kind,
        date_from=start,
        as_of=as_of,
        opening=opening,
        opening_open=opening_open,
        debit=sum((one.debit for one in shown), ZERO),
        credit=sum((one.credit for one in shown), ZERO),
        closing=balance,
        amount_open=sum((one.amount_open for one in shown), opening_open),
        overdue=sum((one.amount_open for one in movements if one.overdue_days > 0), ZERO),
        movements=shown,
    )


def _shown(kind: Kind, movement: Movement) -> bool:
    if kind == "movements":
        return True
    if kind == "overdue":
        return movement.overdue_days > 0
    return movement.amount_open != 0
