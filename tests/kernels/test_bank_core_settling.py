"""Allocations as pairs of journal items, and what hangs together by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core.allocation import OpenItem, Part, allocate
from bank_core.settling import HalfwayError, OverpaidError, Settlement, pairs


def test_credit_note_is_used_before_the_payment() -> None:
    parts = [Part(1, 10_000, "NAMED"), Part(2, 2_000, "CREDIT_NOTE"), Part(3, 500, "OLDEST")]
    found = pairs(9, 9_000, parts, {1: 10_000, 2: -2_000, 3: 500})
    assert found == ((1, 2, 2_000), (1, 9, 8_000), (3, 9, 500))


def test_credit_note_used_in_part_comes_after_the_payment() -> None:
    parts = [Part(2, -1_000, "CREDIT_NOTE"), Part(1, 10_000, "NAMED")]
    assert pairs(9, 9_000, parts, {1: 10_000, 2: -2_000}) == ((1, 9, 9_000), (1, 2, 1_000))


def test_sign_of_a_credit_part_does_not_matter() -> None:
    residuals = {1: 10_000, 2: -2_000}
    ways = [
        pairs(9, 8_000, [Part(1, 10_000, "NAMED"), Part(2, amount, "CREDIT_NOTE")], residuals)
        for amount in (2_000, -2_000)
    ]
    assert ways[0] == ways[1] == ((1, 2, 2_000), (1, 9, 8_000))


@pytest.mark.parametrize(
    ("amount", "parts"),
    [(500, [Part(1, 600, "OLDEST")]), (2_000, [Part(1, 1_001, "OLDEST")]), (10, [Part(7, 1, "OLDEST")])],
)
def test_more_than_there_is_is_refused(amount: int, parts: list[Part]) -> None:
    with pytest.raises(OverpaidError):
        pairs(9, amount, parts, {1: 1_000})


def test_debt_left_open_beside_money_is_refused() -> None:
    with pytest.raises(HalfwayError):
        pairs(9, 900, [Part(1, 300, "OLDEST")], {1: 500})


def test_second_payment_finds_what_the_first_left() -> None:
    settlement = Settlement({1: 1_000})
    settlement.add(8, 700, [Part(1, 700, "NAMED")])
    with pytest.raises(OverpaidError):
        settlement.add(9, 700, [Part(1, 700, "NAMED")])
    assert settlement.residuals[1] == 300
    settlement.add(9, 700, [Part(1, 300, "NAMED")])
    [group] = settlement.groups([50, 51])
    assert (group.number, set(group.lines), group.is_closed) == (50, {1, 8, 9}, False)
    assert settlement.residuals == {1: 0, 8: 0, 9: -400}


def test_earlier_matchings_belong_to_the_group() -> None:
    settlement = Settlement({1: 300, 5: 0}, [((1, 5), (20,))])
    settlement.add(9, 300, [Part(1, 300, "OLDEST")])
    [group] = settlement.groups([50])
    assert group == (20, (1, 9, 5), (20,), (50,), True)


def test_untouched_matchings_are_left_out() -> None:
    settlement = Settlement({1: 300, 2: 100, 5: 0}, [((2, 5), (20,))])
    settlement.add(9, 300, [Part(1, 300, "OLDEST")])
    assert [group.number for group in settlement.groups([50])] == [50]


def test_payment_joins_two_groups() -> None:
    settlement = Settlement({1: 300, 2: 100, 5: 0, 6: -10}, [((1, 5), (20,)), ((2, 6), (21,))])
    settlement.add(9, 400, [Part(1, 300, "OLDEST"), Part(2, 100, "OLDEST")])
    [group] = settlement.groups([50, 51])
    assert (group.number, set(group.lines), set(group.old_partials)) == (20, {1, 2, 5, 6, 9}, {20, 21})
    assert not group.is_closed


items = st.lists(st.tuples(st.integers(-400, 400).filter(bool), st.integers(0, 3)), min_size=1, max_size=7)


@given(items, st.integers(1, 900), st.sets(st.integers(1, 7)))
def test_every_allocation_can_be_booked(found: list[tuple[int, int]], amount: int, named: set[int]) -> None:
    """Whatever the allocation kernel says is expressed by pairs that take all there is of one side."""
    open_items = [OpenItem(place, place, residual, due) for place, (residual, due) in enumerate(found, 1)]
    residuals = {item.id: item.residual for item in open_items}
    parts, left = allocate(open_items, amount, sorted(named))
    made = pairs(99, amount, parts, residuals)
    paid = dict.fromkeys([*residuals, 99], 0)
    for debit_id, credit_id, settled in made:
        paid[debit_id] += settled
        paid[credit_id] -= settled
    assert {part.item_id: part.amount for part in parts} == {
        item: settled for item, settled in paid.items() if settled and item != 99
    }
    assert amount + paid[99] == left


debts = st.lists(st.integers(1, 500), min_size=1, max_size=6)


@given(debts, st.lists(st.integers(1, 900), min_size=1, max_size=5))
def test_money_is_neither_lost_nor_made(owed: list[int], payments: list[int]) -> None:
    settlement = Settlement(dict(enumerate(owed, 1)))
    for number, amount in enumerate(payments, 100):
        left, parts = amount, []
        for line in range(1, len(owed) + 1):
            taken = min(left, settlement.residuals[line])
            parts += [Part(line, taken, "OLDEST")] if taken else []
            left -= taken
        settlement.add(number, amount, parts)
    assert sum(settlement.residuals.values()) == sum(owed) - sum(payments)
    assert all(settlement.residuals[line] >= 0 for line in range(1, len(owed) + 1))
    assert all(pair.amount > 0 for pair in settlement.pairs)
    groups = settlement.groups(range(1, len(settlement.pairs) + 1))
    lines = [line for group in groups for line in group.lines]
    assert len(lines) == len(set(lines))
    assert sorted(n for group in groups for n in group.partials) == list(range(1, len(settlement.pairs) + 1))
    for group in groups:
        assert group.is_closed == all(settlement.residuals[line] == 0 for line in group.lines)
        assert group.number == min(group.partials)
