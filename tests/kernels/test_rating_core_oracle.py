"""6,000 random events of crooked worlds against the second-by-second oracle (100,000 in ``./bss soak rating``), and what must
not change a price: the order of rows, cutting the month in pieces, names, a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random, SystemRandom

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.kernels.rating_checks import (
    allowances,
    check,
    differences,
    event_frame,
    rated,
    smallest,
    start_of,
    tariff,
    told_by_kernel,
    totals,
)
from tests.kernels.rating_stories import world, worlds
from tests.kernels.rating_stories_dense import pools, tier_ends
from tests.kernels.rating_world import Event, Rate, World

from rating_core import COUNTER_SCHEMA, Engine, Rated, rate

COUNTER_KEY = ("scope", "service_id", "rate_id", "key", "period")
# worlds × events
CROOKED, DENSE = (32, 125), (40, 25)
seeds = st.integers(0, 2**48)


@pytest.mark.parametrize("teller", [world, pools, tier_ends], ids=lambda teller: teller.__name__)
def test_no_difference_to_the_oracle(teller: Callable[[Random, int], World]) -> None:
    first = SystemRandom().randrange(10**12)
    worlds, events = CROOKED if teller is world else DENSE
    for seed in range(first, first + worlds):
        check(teller(Random(seed), events), f"{teller.__name__}(Random({seed}), {events})")


def test_a_call_that_comes_back_to_a_tier_past_its_end() -> None:
    """Its first piece held as well, so what was counted before is what stood before the call."""
    check(world(Random(9000128), 125))


def test_units_that_an_event_past_its_tiers_gives_back_serve_the_next_one() -> None:
    """Although an earlier event of another pool fails as well."""
    check(world(Random(988757894091), 600))


@settings(max_examples=25)
@given(worlds())
def test_no_difference_in_small_worlds(small: World) -> None:
    assert differences(small) == []


# --- what must not change a price


def continued(told: World, parts: Iterable[list[Event]]) -> tuple[list[Rated], pl.DataFrame]:
    """Parts of the events rated one after another, allowances and counters handed on as the caller would store them."""
    engine = Engine(tariff(told))
    left = allowances(told.allowances)
    counters = pl.DataFrame(schema=dict(COUNTER_SCHEMA))
    answers = []
    for part in parts:
        answer = engine.rate(event_frame(part), left, counters)
        left = answer.allowances
        counters = counters.join(answer.counters, on=COUNTER_KEY, how="anti", nulls_equal=True)
        counters = pl.concat([counters, answer.counters.select(list(COUNTER_SCHEMA))])
        answers.append(answer)
    return answers, counters


@settings(max_examples=25)
@given(seeds)
def test_rows_in_any_order(seed: int) -> None:
    dice = Random(seed)
    told = world(dice, 60)
    shuffled = replace(
        told,
        events=tuple(dice.sample(told.events, len(told.events))),
        rates=tuple(dice.sample(told.rates, len(told.rates))),
        allowances=tuple(dice.sample(told.allowances, len(told.allowances))),
        prefixes=dict(dice.sample(list(told.prefixes.items()), len(told.prefixes))),
    )
    one, other = rated(told), rated(shuffled)
    assert_frame_equal(one.events, other.events)
    assert told_by_kernel(one, told.rates) == told_by_kernel(other, told.rates)


@settings(max_examples=25)
@given(seeds, st.lists(st.integers(0, 60), max_size=4))
def test_the_month_in_pieces(seed: int, cuts: list[int]) -> None:
    told = world(Random(seed), 60)
    ordered = sorted(told.events, key=start_of)
    edges = [0, *sorted(cuts), len(ordered)]
    whole = rated(told)
    answers, counters = continued(told, ([*ordered[start:end]] for start, end in zip(edges, edges[1:], strict=False)))
    assert_frame_equal(pl.concat([one.events for one in answers]), whole.events)
    assert_frame_equal(pl.concat([one.uses for one in answers]), whole.uses, check_row_order=False)
    assert_frame_equal(pl.concat([one.pieces for one in answers]), whole.pieces, check_row_order=False)
    assert_frame_equal(counters, whole.counters.select(list(COUNTER_SCHEMA)), check_row_order=False)
    left = [one.frame.sort("allowance_id") for one in (answers[-1].allowances, whole.allowances)]
    assert_frame_equal(left[0], left[1])


@settings(max_examples=15)
@given(seeds)
def test_twice_by_one_engine_is_the_same(seed: int) -> None:
    """Nothing of the first time stays in the engine or in the frames that were handed in."""
    told = world(Random(seed), 60)
    engine, frame, held = Engine(tariff(told)), event_frame(told.events), allowances(told.allowances)
    before = (frame.clone(), held.frame.clone())
    first, second = engine.rate(frame, held), engine.rate(frame, held)
    for name in ("events", "uses", "pieces", "counters"):
        assert_frame_equal(getattr(first, name), getattr(second, name))
    assert_frame_equal(frame, before[0])
    assert_frame_equal(held.frame, before[1])


@settings(max_examples=15)
@given(seeds)
def test_other_numbers_for_the_same_things(seed: int) -> None:
    """Ids of events, services, plans, zones, rates and bands say nothing; the order of equal instants is told by the tie."""
    told = world(Random(seed), 60)
    renamed = _renamed(told, Random(seed))
    assert totals(rated(renamed)) == totals(rated(told))


def _renamed(told: World, dice: Random) -> World:
    def other(numbers: Iterable[int]) -> dict[int, int]:
        found = sorted(set(numbers))
        return dict(zip(found, dice.sample(range(1, 10 * len(found) + 10), len(found)), strict=True))

    order = {event.id: place for place, event in enumerate(sorted(told.events, key=start_of))}
    ids = other(order)
    services = other([*(one.service_id for one in told.events), *(s for a in told.allowances for s in a.services)])
    plans = other(plan.plan_id for plan in told.plans)
    zones = other(range(1, 10))
    rates = other(one.rate_id for one in told.rates)
    bands: dict[int | None, int | None] = {None: None, **other(band.band_id for band in told.bands)}
    return replace(
        told,
        events=tuple(
            replace(
                one,
                id=ids[one.id],
                tie=order[one.id],
                service_id=services[one.service_id],
                plan_id=None if one.plan_id is None else plans[one.plan_id],
            )
            for one in told.events
        ),
        rates=tuple(
            replace(
                one,
                rate_id=rates[one.rate_id],
                plan_id=plans[one.plan_id],
                zone_id=zones[one.zone_id],
                band_id=bands[one.band_id],
            )
            for one in told.rates
        ),
        plans=tuple(replace(plan, plan_id=plans[plan.plan_id]) for plan in told.plans),
        prefixes={prefix: zones[zone] for prefix, zone in told.prefixes.items()},
        codes={code: zones[zone] for code, zone in told.codes.items()},
        on_net_zone=None if told.on_net_zone is None else zones[told.on_net_zone],
        bands=tuple(replace(band, band_id=bands[band.band_id] or 0) for band in told.bands),
        allowances=tuple(
            replace(
                one,
                services=frozenset(services[service] for service in one.services),
                zones=None if one.zones is None else frozenset(zones[zone] for zone in one.zones),
                band_id=bands[one.band_id],
            )
            for one in told.allowances
        ),
    )


@settings(max_examples=15)
@given(seeds)
def test_services_without_a_common_pool_need_not_be_rated_together(seed: int) -> None:
    """As two processes would: each takes its services with their allowances."""
    told = world(Random(seed), 60)
    told = replace(told, allowances=tuple(one for one in told.allowances if len({s % 2 for s in one.services}) == 1))
    halves = [
        rated(
            replace(
                told,
                events=tuple(one for one in told.events if one.service_id % 2 == side),
                allowances=tuple(one for one in told.allowances if {s % 2 for s in one.services} == {side}),
            )
        )
        for side in (0, 1)
    ]
    whole = rated(told)
    assert tuple(map(sum, zip(*map(totals, halves), strict=True))) == totals(whole)
    assert_frame_equal(pl.concat([one.events for one in halves]), whole.events, check_row_order=False)


@settings(max_examples=15)
@given(seeds)
def test_columns_that_may_be_left_out(seed: int) -> None:
    told = world(Random(seed), 60)
    plain = {"answered_at": None, "tie": 0, "code": None, "on_net": False, "volume": None, "session_key": None}
    told = replace(told, events=tuple(replace(one, **plain, cost_micro=None, period=None) for one in told.events))
    frame = event_frame(told.events)
    short = frame.drop([*plain, "cost_micro", "period"])
    held = allowances(told.allowances)
    assert_frame_equal(rate(short, tariff(told), held).events, rate(frame, tariff(told), held).events)


# --- the comparison itself


def test_a_difference_is_told_by_its_smallest_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that forgets the connection fee is caught, and the world that shows it has one call and one rate."""
    told = replace(world(Random(7), 40), allowances=())
    calls = tuple(replace(one, b_number="48501234567", units=61, code=None, plan_id=1) for one in told.events)
    priced = Rate(1, 1, told.prefixes["48"], price_micro=290_000, connect_fee_micro=150_000, chain=(60, 1))
    told = replace(
        told,
        events=calls,
        rates=(priced, *(one for one in told.rates if one.plan_id != 1)),
        prefixes={"48": priced.zone_id},
    )

    def forgetful(one: World) -> Rated:
        return rate(
            event_frame(one.events),
            tariff(replace(one, rates=tuple(replace(r, connect_fee_micro=0) for r in one.rates))),
        )

    assert differences(told) == []
    monkeypatch.setattr("tests.kernels.rating_checks.rated", forgetful)
    small = smallest(told, lambda one: bool(differences(one)))
    assert (len(small.events), len(small.rates), small.bands, small.holidays) == (1, 1, (), frozenset())
    with pytest.raises(AssertionError, match=r"(?s)oracle on event.*exact .*kernel: .*'amount': 4448"):
        check(told)
