"""What an account owes and what of it may be demanded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class OpenItem:
    """One overdue receivable; ``due`` is already moved off free days.

    ``withheld`` names why it may not be demanded (LAPSED, LIMITATION_UNKNOWN, DISPUTED); such an item stays overdue in the books.
    """

    key: int
    due: date
    residual: Decimal
    withheld: str = ""


@dataclass(frozen=True)
class Arrears:
    """Overdue money of an account after its open credits."""

    overdue: Decimal
    demanded: Decimal
    oldest_due: date | None
    demanded_keys: tuple[int, ...]
    withheld: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.demanded_keys)


def arrears(items: Iterable[OpenItem], credit: Decimal = ZERO) -> Arrears:
    """Let open credits cover the oldest items that may be demanded first, then the withheld ones."""
    ordered = sorted(items, key=lambda item: (bool(item.withheld), item.due, item.key))
    left = credit
    overdue = demanded = ZERO
    keys: list[int] = []
    oldest: date | None = None
    withheld: set[str] = set()
    for item in ordered:
        covered = min(left, item.residual)
        left -= covered
        open_amount = item.residual - covered
        overdue += open_amount
        if open_amount <= 0:
            continue
        if item.withheld:
            withheld.add(item.withheld)
            continue
        demanded += open_amount
        keys.append(item.key)
        oldest = oldest or item.due
    return Arrears(overdue, demanded, oldest, tuple(keys), tuple(sorted(withheld)))
