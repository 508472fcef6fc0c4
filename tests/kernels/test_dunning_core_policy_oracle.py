"""The ladder beside a naive oracle that walks day by day: anchors move, amounts change, no level is skipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.policy.arrears import OpenItem
from dunning_core.policy.ladder import CaseState, Outcome, PastAction, Step, Strategy, plan
from dunning_core.policy.review import Book, case_arrears

START = date(2026, 1, 1)
DAYS = 150


@dataclass(frozen=True)
class Document:
    """Due and paid on days counted from the start; ``disputed`` grosze of it are never demanded."""

    due: int
    grosze: int
    paid: int | None
    returned: int | None
    disputed: int

    def is_open(self, day: int) -> bool:
        if day <= self.due:
            return False
        paid = self.paid is not None and self.paid <= day
        return not paid or (self.returned is not None and self.returned <= day)

    @property
    def demanded(self) -> int:
        return max(self.grosze - self.disputed, 0)


@dataclass(frozen=True)
class Rung:
    offset: int
    gap: int
    grosze: int
    documents: int
    times: int
    pause: int


@dataclass(frozen=True)
class World:
    documents: tuple[Document, ...]
    rungs: tuple[Rung, ...]
    grosze: int
    number: int
    days: int


def naive(world: World) -> list[tuple[int, int, int]]:
    """(day, step, round) by the words of the rules, one day after the other."""
    ladder = [(place, turn) for place, rung in enumerate(world.rungs, 1) for turn in range(1, rung.times + 1)]
    taken: list[tuple[int, int, int]] = []
    for day in range(DAYS):
        asked = [one for one in world.documents if one.is_open(day) and one.demanded]
        if not asked or len(taken) == len(ladder):
            continue
        total, anchor = sum(one.demanded for one in asked), min(one.due for one in asked)
        if not taken and (total < world.grosze or len(asked) < world.number or day < anchor + world.days):
            continue
        place, turn = ladder[len(taken)]
        rung = world.rungs[place - 1]
        before = taken[-1][0] if taken else None
        if turn > 1:
            ready = day >= before + max(rung.pause, 1)
        else:
            ready = day >= anchor + rung.offset and (before is None or day >= before + max(rung.gap, 1))
        if ready and total >= rung.grosze and len(asked) >= rung.documents:
            taken.append((day, place, turn))
    return taken


def planned(world: World) -> list[tuple[int, int, int]]:
    """The same by the kernel, as nightly runs ask it."""
    steps = tuple(
        Step(
            place,
            str(place),
            rung.offset,
            rung.gap,
            money(rung.grosze),
            min_documents=rung.documents,
            repeat_count=rung.times,
            repeat_days=rung.pause,
        )
        for place, rung in enumerate(world.rungs, 1)
    )
    strategy = Strategy(steps, money(world.grosze), world.days, min_documents=world.number)
    actions: list[PastAction] = []
    for number in range(DAYS):
        today = START + timedelta(days=number)
        answer = plan(CaseState(1, tuple(actions)), case_arrears(book(world, number)), strategy, today, NO_FREE_DAYS)
        if answer.acts and answer.step is not None:
            actions.append(PastAction(answer.step.key, today, Outcome.DONE, round=answer.round))
    return [((action.day - START).days, action.step_key, action.round) for action in actions]


def book(world: World, day: int) -> Book:
    items = sorted(
        (
            OpenItem(key, START + timedelta(days=one.due), money(one.grosze), "", (("DISPUTED", money(one.disputed)),))
            for key, one in enumerate(world.documents)
            if one.is_open(day)
        ),
        key=lambda item: (item.due, item.key),
    )
    return Book(tuple(items), tuple(item.due for item in items))


def money(grosze: int) -> Decimal:
    return Decimal(grosze) / 100


maybe_day = st.none() | st.integers(0, DAYS)
documents = st.builds(
    Document, st.integers(0, 60), st.integers(1, 20_000), maybe_day, maybe_day, st.just(0) | st.integers(0, 20_000)
)
rungs = st.builds(
    Rung,
    st.integers(0, 40),
    st.integers(0, 12),
    st.just(0) | st.integers(0, 15_000),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 9),
)
worlds = st.builds(
    World,
    st.lists(documents, min_size=1, max_size=5).map(tuple),
    st.lists(rungs, min_size=1, max_size=5).map(tuple),
    st.just(0) | st.integers(0, 15_000),
    st.integers(0, 2),
    st.integers(0, 9),
)


@given(worlds)
def test_kernel_takes_the_steps_of_the_oracle(world: World) -> None:
    assert planned(world) == naive(world)


@given(worlds)
def test_no_level_is_skipped_or_taken_twice_however_anchors_move(world: World) -> None:
    ladder = [(place, turn) for place, rung in enumerate(world.rungs, 1) for turn in range(1, rung.times + 1)]
    taken = planned(world)
    assert [(step, turn) for _day, step, turn in taken] == ladder[: len(taken)]
    days = [day for day, _step, _turn in taken]
    assert days == sorted(set(days)), "at most one step a day"


@given(worlds, st.data())
def test_a_run_that_is_repeated_or_left_out_takes_nothing_twice(world: World, data: st.DataObject) -> None:
    """Whatever nights are missing, the steps are a beginning of the ladder and none comes before the oracle's day."""
    skipped = data.draw(st.sets(st.integers(0, DAYS - 1), max_size=100))
    strategy = Strategy(
        tuple(Step(place, str(place), rung.offset, rung.gap) for place, rung in enumerate(world.rungs, 1))
    )
    actions: list[PastAction] = []
    for number in range(DAYS):
        if number in skipped:
            continue
        today = START + timedelta(days=number)
        for _repeat in range(2):
            answer = plan(
                CaseState(1, tuple(actions)), case_arrears(book(world, number)), strategy, today, NO_FREE_DAYS
            )
            if answer.acts and answer.step is not None:
                actions.append(PastAction(answer.step.key, today, Outcome.DONE))
    assert [action.step_key for action in actions] == [step.key for step in strategy.steps][: len(actions)]
    assert len({action.day for action in actions}) == len(actions)
