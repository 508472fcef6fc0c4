"""What an account owes and what of it may be demanded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

ZERO = Decimal("0.00")
# reasons that pass by themselves; the others stay
PAUSES = frozenset({"DISPUTED", "INSTALMENT"})


class OpenItem(NamedTuple):
    """One overdue receivable; ``due`` is already moved off free days.

    ``withheld`` names why nothing of it may be demanded (LAPSED, LIMITATION_UNKNOWN, DISPUTED, NEXT_CASE);
    ``withheld_parts`` are (code, amount) of what is disputed or paid by instalments: only that leaves, the rest is
    demanded. What is withheld stays overdue in the books.
    """

    key: int
    due: date
    residual: Decimal
    withheld: str = ""
    withheld_parts: tuple[tuple[str, Decimal], ...] = ()

    @property
    def withheld_amount(self) -> Decimal:
        """What of the residual may not be demanded."""
        if self.withheld:
            return self.residual
        if not self.withheld_parts:
            return ZERO
        return min(self.residual, sum((amount for _code, amount in self.withheld_parts), ZERO))

    @property
    def withheld_codes(self) -> tuple[str, ...]:
        """Why something of it may not be demanded."""
        parts = tuple(code for code, amount in self.withheld_parts if amount > 0)
        return (self.withheld, *parts) if self.withheld else parts


# by (due, key)
BY_DUE = itemgetter(1, 0)


@dataclass(frozen=True)
class Arrears:
    """Overdue money of an account after its open credits; ``demanded_amounts`` stand beside ``demanded_keys``.

    ``paused_keys`` are documents that are wholly or in part not demanded for a time: disputed, paid by instalments.
    """

    overdue: Decimal
    demanded: Decimal
    oldest_due: date | None
    demanded_keys: tuple[int, ...]
    withheld: tuple[str, ...] = ()
    demanded_amounts: tuple[Decimal, ...] = ()
    paused_keys: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return len(self.demanded_keys)

    @property
    def claimed_keys(self) -> frozenset[int]:
        """Documents that are not paid and not given up: demanded now or only paused."""
        return frozenset(self.demanded_keys).union(self.paused_keys)


def arrears(items: Iterable[OpenItem], credit: Decimal = ZERO) -> Arrears:
    """Let open credits cover the oldest that may be demanded first, then what is withheld."""
    left = credit
    demanded = ZERO
    keys: list[int] = []
    amounts: list[Decimal] = []
    oldest: date | None = None
    withheld_items: list[tuple[OpenItem, Decimal]] = []
    for item in sorted(items, key=BY_DUE):
        may = item.residual
        if item.withheld or item.withheld_parts:
            kept = item.withheld_amount
            if kept > 0:
                withheld_items.append((item, kept))
            may -= kept
        if left:
            covered = min(left, may)
            left -= covered
            may -= covered
        if may <= ZERO:
            continue
        demanded += may
        keys.append(item.key)
        amounts.append(may)
        oldest = oldest or item.due
    overdue = demanded
    withheld: set[str] = set()
    paused: list[int] = []
    for item, kept in withheld_items:
        covered = min(left, kept)
        left -= covered
        if kept > covered:
            overdue += kept - covered
            withheld.update(item.withheld_codes)
            if PAUSES.issuperset(item.withheld_codes):
                paused.append(item.key)
    return Arrears(overdue, demanded, oldest, tuple(keys), tuple(sorted(withheld)), tuple(amounts), tuple(paused))
