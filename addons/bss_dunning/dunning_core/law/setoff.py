"""Which debts a payment covers (art. 451 of the Civil Code).

1. The debtor's indication binds; yet the creditor may first cover the overdue costs and interest of the debt indicated.
2. Without it: the creditor's receipt that the debtor accepted.
3. Without both: debts that are due before others, the one due longest first.
What the indicated debts leave over goes on by rule 3. Nothing is lost: parts and surplus make up the payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from ..result import Failure, Reason

ZERO = Decimal("0.00")


class PartKind(Enum):
    """What of a debt is covered."""

    COSTS = "costs"
    INTEREST = "interest"
    PRINCIPAL = "principal"


ACCESSORY_FIRST = (PartKind.COSTS, PartKind.INTEREST, PartKind.PRINCIPAL)
PRINCIPAL_FIRST = (PartKind.PRINCIPAL, PartKind.INTEREST, PartKind.COSTS)


@dataclass(frozen=True)
class Debt:
    """One debt of the account in PLN; ``due`` already moved off free days, interest and costs as of the payment."""

    key: int
    due: date
    principal: Decimal
    interest: Decimal = ZERO
    costs: Decimal = ZERO

    def amount(self, kind: PartKind) -> Decimal:
        """Open amount of one kind."""
        return {
            PartKind.COSTS: self.costs,
            PartKind.INTEREST: self.interest,
            PartKind.PRINCIPAL: self.principal,
        }[kind]


@dataclass(frozen=True)
class Instruction:
    """What debtor and creditor said: keys of debts in the order named; ``accessory_first`` is the creditor's choice."""

    indicated: tuple[int, ...] = ()
    receipt: tuple[int, ...] = ()
    accessory_first: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the payment and the reason why it went there."""

    key: int
    kind: PartKind
    amount: Decimal
    reason: Reason


@dataclass(frozen=True)
class SetOff:
    """Parts in the order in which they were covered, and what no debt took."""

    parts: tuple[Part, ...]
    surplus: Decimal

    @property
    def explain(self) -> tuple[Reason, ...]:
        return tuple(part.reason for part in self.parts)


def set_off(
    amount: Decimal, day: date, debts: Iterable[Debt], instruction: Instruction = Instruction()
) -> SetOff | Failure:
    """Distribute a payment of ``amount`` with the value date ``day``."""
    by_key = {debt.key: debt for debt in debts}
    failure = _check(amount, by_key, instruction)
    if failure is not None:
        return failure
    kinds = ACCESSORY_FIRST if instruction.accessory_first else PRINCIPAL_FIRST
    left = amount
    parts: list[Part] = []
    for debt, code in _order(day, by_key, instruction):
        for kind in kinds:
            covered = min(left, debt.amount(kind))
            if covered > 0:
                left -= covered
                params = {"key": debt.key, "due": debt.due, "kind": kind.value, "amount": covered}
                parts.append(Part(debt.key, kind, covered, Reason(code, params)))
    return SetOff(tuple(parts), left)


def _check(amount: Decimal, by_key: dict[int, Debt], instruction: Instruction) -> Failure | None:
    if amount <= 0:
        return Failure("BAD_AMOUNT", {"amount": amount})
    unknown = [key for key in (*instruction.indicated, *instruction.receipt) if key not in by_key]
    if unknown:
        return Failure("UNKNOWN_DEBT", {"keys": tuple(unknown)})
    for debt in by_key.values():
        if min(debt.principal, debt.interest, debt.costs) < 0:
            return Failure("BAD_AMOUNT", {"key": debt.key})
    return None


def _order(day: date, by_key: dict[int, Debt], instruction: Instruction) -> Iterator[tuple[Debt, str]]:
    named, code = instruction.indicated, "SETOFF_INDICATED"
    if not named:
        named, code = instruction.receipt, "SETOFF_RECEIPT"
    named = tuple(dict.fromkeys(named))
    for key in named:
        yield by_key[key], code
    rest = [debt for debt in by_key.values() if debt.key not in named]
    for debt in sorted(rest, key=lambda debt: (debt.due, debt.key)):
        yield debt, "SETOFF_NOT_DUE" if debt.due >= day else "SETOFF_OLDEST"
