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


class SettlingError(ValueError):
    """An allocation that cannot be booked."""


class OverpaidError(SettlingError):
    """More would be set against an item than is open on it, or than the payment brings."""


class HalfwayError(SettlingError):
    """A debt stays open beside credit that could settle it: Odoo would take all of it."""


def pairs(payment_id: int, amount: int, parts: Iterable[Portion], residuals: Mapping[int, int]) -> tuple[Pair, ...]:
    """Pairs of a payment and the parts it was allocated to, debts in the order of the parts.

    Credits among the parts (credit notes, earlier overpayments) that are used up go before the payment, so
    that what is left over is left on the payment; one that is used in part goes after it.

    :param payment_id: id of the payment's own receivable item
    :param amount: of the payment, grosze
    :param residuals: {item id: what is open on it, grosze; debts > 0, credits < 0}
    :raises OverpaidError: a part is larger than the open amount, or the parts together than all the credit
    :raises HalfwayError: a part leaves both the debt and the credit open
    """
    free = {payment_id: amount}
    debts: list[tuple[int, int]] = []
    credits_: list[tuple[int, int]] = []
    for part in parts:
        open_amount, wanted = residuals.get(part.item_id, 0), abs(part.amount)
        if wanted > abs(open_amount):
            raise OverpaidError(f"item {part.item_id}: {wanted} of {open_amount}")
        free[part.item_id] = abs(open_amount)
        if wanted:
            (debts if open_amount > 0 else credits_).append((part.item_id, wanted))
    credits_.append((payment_id, amount))
    credits_.sort(key=lambda pair: free[pair[0]] > pair[1])
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
            if taken != min(free[debit_id], free[credit_id]):
                raise HalfwayError(f"item {debit_id}: {taken} of {free[debit_id]} by {free[credit_id]}")
            free[debit_id] -= taken
            free[credit_id] -= taken
            result.append(Pair(debit_id, credit_id, taken))
            wanted -= taken
            left -= taken
    return tuple(result)


class Group(NamedTuple):
    """Journal items that hang together by their matchings.

    :ivar number: lowest id of a matching among them
    :ivar old_partials: ids of the matchings that were there before
    :ivar is_closed: nothing is open on any of the items
    """

    number: int
    lines: tuple[int, ...]
    old_partials: tuple[int, ...]
    partials: tuple[int, ...]
    is_closed: bool


class Settlement:
    """The reconciliation of many payments, worked out before anything is written.

    :ivar residuals: {item id: what is open on it, grosze; debts > 0}
    :ivar pairs: in the order in which the payments were added
    """

    def __init__(
        self, residuals: Mapping[int, int], groups: Iterable[tuple[Iterable[int], Iterable[int]]] = ()
    ) -> None:
        """:param groups: (item ids, matching ids) of those that are matched already, all items with residuals"""
        self.residuals = dict(residuals)
        self.pairs: list[Pair] = []
        self._old: list[tuple[tuple[int, ...], tuple[int, ...]]] = [(tuple(a), tuple(b)) for a, b in groups]

    def add(self, payment_id: int, amount: int, parts: Iterable[Portion]) -> tuple[Pair, ...]:
        """Set one payment against its parts.

        :raises OverpaidError: more than is open by now; nothing is changed then
        """
        found = pairs(payment_id, amount, parts, self.residuals)
        residuals = self.residuals
        residuals[payment_id] = -amount
        for debit_id, credit_id, settled in found:
            residuals[debit_id] -= settled
            residuals[credit_id] += settled
        self.pairs.extend(found)
        return found

    def groups(self, partial_ids: Iterable[int]) -> list[Group]:
        """What hangs together when the pairs have these ids, in the order of their first pairs."""
        parent: dict[int, int] = {}

        def root(line: int) -> int:
            top = line
            while (above := parent.get(top, top)) != top:
                top = above
            while (above := parent.get(line, line)) != top:
                parent[line] = top
                line = above
            return top

        for lines, _old in self._old:
            for line in lines:
                parent[root(line)] = root(lines[0])
        ids = list(partial_ids)
        for debit_id, credit_id, _amount in self.pairs:
            parent.setdefault(debit_id, debit_id)
            parent[root(credit_id)] = root(debit_id)
        members: dict[int, tuple[dict[int, None], list[int], list[int]]] = {}
        for partial_id, (debit_id, credit_id, _amount) in zip(ids, self.pairs, strict=True):
            lines_of, _earlier, new = members.setdefault(root(debit_id), ({}, [], []))
            lines_of[debit_id] = lines_of[credit_id] = None
            new.append(partial_id)
        for lines, old_partials in self._old:
            if root(lines[0]) in members:
                members[root(lines[0])][0].update(dict.fromkeys(lines))
                members[root(lines[0])][1].extend(old_partials)
        return [
            Group(
                min([*old, *new]),
                tuple(lines_of),
                tuple(old),
                tuple(new),
                not any(self.residuals[line] for line in lines_of),
            )
            for lines_of, old, new in members.values()
        ]
