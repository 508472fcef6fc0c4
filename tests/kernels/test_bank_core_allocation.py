"""Which debts a payment pays: the order of art. 451 of the Civil Code, and sums that are exact whatever happens."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core.allocation import Allocation, OpenItem, Part, Policy, allocate

OLD = OpenItem(1, 11, 5000, due=100)
NEW = OpenItem(2, 12, 3000, due=130)
INTEREST = OpenItem(3, 12, 200, due=140, kind="interest")
DISPUTED = OpenItem(4, 14, 1000, due=50, is_disputed=True)
NOTE = OpenItem(6, 11, 90, due=145, kind="interest", note_id=16)
CREDIT = OpenItem(5, 15, -800, due=120)
ITEMS = (NEW, DISPUTED, INTEREST, CREDIT, OLD)


@pytest.mark.parametrize(
    ("amount", "named", "policy", "parts", "left"),
    [
        # nothing named: the longest overdue first, disputed last, credits left alone
        (5500, (), Policy(), [(1, 5000, "OLDEST"), (3, 200, "INTEREST"), (2, 300, "OLDEST")], 0),
        (99999, (), Policy(), [(1, 5000, "OLDEST"), (3, 200, "INTEREST"), (2, 3000, "OLDEST"), (4, 1000, "DISPUTED")], 90799),
        # named: interest of that debt may go first, then the debt, then the oldest
        (3500, (12,), Policy(), [(3, 200, "INTEREST"), (2, 3000, "NAMED"), (1, 300, "OLDEST")], 0),
        (3100, (12,), Policy("principal_first"), [(2, 3000, "NAMED"), (3, 100, "INTEREST")], 0),
        (1500, (14,), Policy(), [(4, 1000, "NAMED"), (1, 500, "OLDEST")], 0),
        (6000, (12, 11), Policy(), [(3, 200, "INTEREST"), (2, 3000, "NAMED"), (1, 2800, "NAMED")], 0),
        # a credit note named beside the debts pays as well, as far as they need it
        (4200, (11, 15), Policy(), [(5, -800, "CREDIT_NOTE"), (1, 5000, "NAMED")], 0),
        (4600, (11, 15), Policy(), [(5, -400, "CREDIT_NOTE"), (1, 5000, "NAMED")], 0),
        (5000, (15,), Policy(), [(1, 5000, "OLDEST")], 0),
        # what nobody named may be kept as an open credit
        (6000, (12,), Policy(undirected="none"), [(3, 200, "INTEREST"), (2, 3000, "NAMED")], 2800),
        (0, (11,), Policy(), [], 0),
        (100, (99,), Policy(undirected="none"), [], 100),
    ],
)  # fmt: skip
def test_order(
    amount: int, named: tuple[int, ...], policy: Policy, parts: list[tuple[int, int, str]], left: int
) -> None:
    assert allocate(ITEMS, amount, named, policy) == Allocation(tuple(Part(*part) for part in parts), left)


@pytest.mark.parametrize(
    ("amount", "named", "policy", "parts"),
    [
        # an interest note named alone is paid alone, whatever comes first on a debt
        (90, (16,), Policy("principal_first"), [(6, 90, "INTEREST")]),
        (3090, (16, 12), Policy(), [(6, 90, "INTEREST"), (2, 3000, "NAMED")]),
        # its debt named beside it: the order on a debt
        (100, (16, 11), Policy("principal_first"), [(1, 100, "NAMED")]),
        (100, (11, 16), Policy(), [(6, 90, "INTEREST"), (1, 10, "NAMED")]),
        # what is left goes where it would have gone
        (190, (16,), Policy(), [(6, 90, "INTEREST"), (1, 100, "OLDEST")]),
        # no document is called 0
        (90, (0,), Policy(undirected="none"), []),
    ],
)
def test_an_interest_note_can_be_named_apart_from_its_debt(
    amount: int, named: tuple[int, ...], policy: Policy, parts: list[tuple[int, int, str]]
) -> None:
    assert allocate((OLD, NEW, NOTE), amount, named, policy).parts == tuple(Part(*part) for part in parts)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="not negative"):
        allocate(ITEMS, -1)
    with pytest.raises(ValueError, match="one id"):
        allocate((OLD, OLD), 1)


ITEM = st.builds(
    OpenItem,
    st.integers(1, 9999),
    st.integers(1, 8),
    st.integers(-5000, 5000).filter(bool),
    st.integers(0, 5),
    st.sampled_from(("principal", "interest")),
    st.booleans(),
)
SOME = st.lists(ITEM, max_size=10, unique_by=lambda item: item.id)
NAMED = st.lists(st.integers(1, 9), max_size=4)
POLICY = st.builds(Policy, st.sampled_from(("interest_first", "principal_first")), st.sampled_from(("oldest", "none")))


@given(SOME, st.integers(0, 30000), NAMED, POLICY)
def test_sums_are_exact_and_nothing_is_paid_twice(
    items: list[OpenItem], amount: int, named: list[int], policy: Policy
) -> None:
    found = allocate(items, amount, named, policy)
    residual = {item.id: item.residual for item in items}
    assert sum(part.amount for part in found.parts) + found.left == amount
    assert found.left >= 0
    assert len({part.item_id for part in found.parts}) == len(found.parts)
    for part in found.parts:
        assert part.amount
        assert (part.amount > 0) == (residual[part.item_id] > 0)
        assert abs(part.amount) <= abs(residual[part.item_id])


@given(SOME, st.integers(0, 30000), NAMED, POLICY, st.randoms())
def test_the_order_of_the_items_changes_nothing(
    items: list[OpenItem], amount: int, named: list[int], policy: Policy, dice: Random
) -> None:
    shuffled = dice.sample(items, len(items))
    assert allocate(items, amount, named, policy) == allocate(shuffled, amount, named, policy)


@given(SOME, st.integers(0, 30000), NAMED, POLICY)
def test_indicated_debts_first(items: list[OpenItem], amount: int, named: list[int], policy: Policy) -> None:
    found = allocate(items, amount, named, policy)
    paid = {part.item_id: part.amount for part in found.parts}
    others = [item for item in items if item.document_id not in named and paid.get(item.id)]
    if others:
        for item in items:
            if item.document_id in named and item.residual > 0:
                assert paid.get(item.id) == item.residual
    assert all(item.residual > 0 for item in others)
    if policy.undirected == "none":
        assert not others


@given(SOME, st.integers(0, 30000))
def test_the_longest_overdue_first_and_disputed_last(items: list[OpenItem], amount: int) -> None:
    paid = {part.item_id: part.amount for part in allocate(items, amount).parts}
    debts = [item for item in items if item.residual > 0]
    oldest = {
        (one.is_disputed, one.document_id): min(
            other.due for other in debts if (other.is_disputed, other.document_id) == (one.is_disputed, one.document_id)
        )
        for one in debts
    }
    ranks = {one.id: (one.is_disputed, oldest[one.is_disputed, one.document_id]) for one in debts}
    for one in debts:
        for other in debts:
            if ranks[one.id] < ranks[other.id] and paid.get(other.id):
                assert paid.get(one.id) == one.residual


@given(SOME, st.integers(0, 20000), st.integers(0, 20000), NAMED, POLICY)
def test_more_money_never_pays_a_debt_less(
    items: list[OpenItem], amount: int, more: int, named: list[int], policy: Policy
) -> None:
    less = {part.item_id: part.amount for part in allocate(items, amount, named, policy).parts}
    greater = {part.item_id: part.amount for part in allocate(items, amount + more, named, policy).parts}
    assert all(greater.get(item, 0) >= paid for item, paid in less.items() if paid > 0)
