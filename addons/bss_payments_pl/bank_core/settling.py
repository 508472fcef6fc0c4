"""Which debt is paid with which credit: an allocation as pairs of journal items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol


class Portion(Protocol):
    """So much of one open item; a part of a credit may have either sign."""

    @property
    def item_id(self) -> int: ...

    @property
    def amount(self) -> int: ...


class Pair(NamedTuple):
    """``amount`` (grosze, > 0) of a debt settled by a credit; both are ids of journal items."""

    debit_id: int
    credit_id: int
    amount: int


class OverpaidError(ValueError):
    """More would be set against an item than is open on it, or than the payment brings."""


def pairs(payment_id: int, amount: int, parts: Iterable[Portion], residuals: Mapping[int, int]) -> tuple[Pair, ...]:
    """Pairs of a payment and the parts it was allocated to, debts in the order of the parts.

    Credits among the parts (credit notes, earlier overpayments) are used up before the payment, so that
    what is left over is left on the payment.

    :param payment_id: id of the payment's own receivable item
    :param amount: of the payment, grosze
    :param residuals: {item id: what is open on it, grosze; debts > 0, credits < 0}
    :raises OverpaidError: a part is larger than the open amount, or the parts together than all the credit
    """
    debts: list[tuple[int, int]] = []
    credits_: list[tuple[int, int]] = []
    for part in parts:
        open_amount, wanted = residuals.get(part.item_id, 0), abs(part.amount)
        if wanted > abs(open_amount):
            raise OverpaidError(f"item {part.item_id}: {wanted} of {open_amount}")
        if wanted:
            (debts if open_amount > 0 else credits_).append((part.item_id, wanted))
    credits_.append((payment_id, amount))
    result = []
    sources = iter(credits_)
    credit_id, left = next(sources)
    for debit_id, wanted in debts:
        while wanted:
            while not left:
                following = next(sources, None)
                if following is None:
                    raise OverpaidError(f"payment {payment_id}: {wanted} more than there is")
                credit_id, left = following
            taken = min(wanted, left)
            result.append(Pair(debit_id, credit_id, taken))
            wanted -= taken
            left -= taken
    return tuple(result)
