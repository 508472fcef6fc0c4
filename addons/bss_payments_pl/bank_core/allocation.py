"""Which debts does a payment pay, and in which order? (art. 451 of the Polish Civil Code)

All amounts are integer grosze, days are ``date.toordinal()``.

- The payer's indication binds (§1 first sentence): named items first, in the order given. On an indicated debt the
  creditor may take the interest due on it before the principal (§1 second sentence; *interest_first*).
- Without an indication (and without an accepted receipt of the creditor, §2) the debts that are due are paid, the
  longest overdue first (§3). What is not due yet comes after all that is due.
- Disputed debts come last, unless named.
- Credit notes named beside debts widen what the payment pays; other credits are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NAMED = "NAMED"
CREDIT_NOTE = "CREDIT_NOTE"
INTEREST = "INTEREST"
OLDEST = "OLDEST"
DISPUTED = "DISPUTED"


class OpenItem(NamedTuple):
    """One open journal item of a customer.

    ``residual`` is positive for debts and negative for credits; ``document_id`` is the document that a payer names:
    an interest item carries the document whose delay it is for, when that is known, and in ``note_id`` the interest
    note itself, which can be named apart from its debt. ``due`` 0 = due at once.
    """

    id: int
    document_id: int
    residual: int
    due: int = 0
    kind: str = "principal"
    is_disputed: bool = False
    note_id: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """``order``: on one debt "interest_first" (the creditor's right) or "principal_first".

    ``undirected``: "oldest" (the longest overdue first) or "none" (kept as open credit of the customer).
    """

    order: str = "interest_first"
    undirected: str = "oldest"


class Part(NamedTuple):
    """``amount`` set against an item: positive pays a debt, negative uses up a credit."""

    item_id: int
    amount: int
    reason: str


class Allocation(NamedTuple):
    """``sum(part.amount) + left`` is the amount paid; ``left`` stays an open credit."""

    parts: tuple[Part, ...]
    left: int


def allocate(
    items: Iterable[OpenItem], amount: int, named: Sequence[int] = (), policy: Policy | None = None
) -> Allocation:
    """Set a payment against open items.

    :param amount: grosze paid, not negative
    :param named: documents the payer indicated, in his order
    :raises ValueError: for a negative amount or two items with one id
    """
    policy = policy or Policy()
    ordered = sorted(items, key=lambda item: (item.due, item.document_id, item.id))
    if amount < 0:
        raise ValueError("the amount paid is not negative")
    if len({item.id for item in ordered}) != len(ordered):
        raise ValueError("two open items with one id")
    place_of = _places(ordered, named)
    chosen = [item for item in ordered if item.id in place_of]
    parts = []
    left = amount
    credits = [item for item in chosen if item.residual < 0]
    debts = [item for item in chosen if item.residual > 0]
    room = sum(item.residual for item in debts)
    for item in credits:
        # a credit note named in a title is used up only as far as the named debts need it
        used = min(-item.residual, max(room - left, 0))
        if used:
            parts.append(Part(item.id, -used, CREDIT_NOTE))
            left += used
    interest_late = policy.order == "principal_first"
    debts.sort(key=lambda item: (place_of[item.id], _later(item, interest_late)))
    left = _pay(debts, left, parts, "")
    if policy.undirected == "oldest":
        rest = [item for item in ordered if item.residual > 0 and item.id not in place_of]
        # a debt with its interest is as old as its oldest part
        due: dict[tuple[bool, int], int] = {}
        for item in rest:
            due.setdefault((item.is_disputed, item.document_id), item.due)
        rest.sort(
            key=lambda item: (
                item.is_disputed,
                due[item.is_disputed, item.document_id],
                item.document_id,
                _later(item, interest_late),
                item.due,
                item.id,
            )
        )
        left = _pay(rest, left, parts, OLDEST)
    return Allocation(tuple(parts), left)


def _places(items: Iterable[OpenItem], named: Sequence[int]) -> dict[int, int]:
    """{id of an item that was named: its place}; a debt brings its interest along, an interest note comes alone."""
    wanted: dict[int | None, int] = {document: place for place, document in reversed(list(enumerate(named)))}
    return {
        item.id: wanted[item.document_id if item.document_id in wanted else item.note_id]
        for item in items
        if item.document_id in wanted or item.note_id in wanted
    }


def _later(item: OpenItem, interest_late: bool) -> bool:
    return (item.kind == "interest") == interest_late


def _pay(items: Sequence[OpenItem], left: int, parts: list[Part], reason: str) -> int:
    for item in items:
        if not left:
            break
        used = min(left, item.residual)
        why = INTEREST if item.kind == "interest" else reason or NAMED
        parts.append(Part(item.id, used, DISPUTED if reason and item.is_disputed else why))
        left -= used
    return left
