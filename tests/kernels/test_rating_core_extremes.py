"""Worlds at the edge of what a table can hold, rated by the kernel and by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from tests.kernels.rating_cases import FOREVER
from tests.kernels.rating_checks import differences, event_frame, tariff
from tests.kernels.rating_world import Allowance, Band, Event, Plan, Rate, Tier, World

from rating_core import rate

NOON = datetime.fromisoformat("2026-10-14 10:00:00")
OCTOBER = date(2026, 10, 1)
GB, TB = 10**9, 10**12
DATA = Rate(1, 1, 1, "data", price_micro=9_000_000, chain=(100 * GB, 100 * GB), unit_size=1_000_000)
VOICE = Rate(1, 1, 1, price_micro=290_000, chain=(60, 1))


def usage(units: int, number: int = 1, **others: object) -> Event:
    event = Event(number, NOON + timedelta(minutes=number), units, usage_kind="data", period=OCTOBER)
    return replace(event, **others)  # type: ignore[arg-type]


def call(number: int, units: int, service_id: int = 1) -> Event:
    return Event(number, NOON + timedelta(seconds=number), units, service_id=service_id)


def bucket(number: int, remaining: int, services: frozenset[int] = frozenset({1}), kind: str = "voice") -> Allowance:
    return Allowance(number, kind, remaining, *FOREVER, services, priority=number % 3)


@pytest.mark.parametrize("units", [40 * TB, 9_000 * TB])
def test_volumes_whose_price_in_micro_needs_more_than_64_bits(units: int) -> None:
    assert differences(World((usage(units),), (replace(DATA, chain=(TB, TB)),))) == []


@pytest.mark.parametrize("model", ["graduated", "volume", "package", "stairstep"])
@pytest.mark.parametrize("unit_size", [1, 1_000_000])
def test_tiers_of_terabytes(model: str, unit_size: int) -> None:
    sizes = (1000, 7) if model == "package" else (0, 0)
    tiers = (Tier(0, 10**6, 9_000_000, sizes[0]), Tier(10**6, None, 5_000_000, sizes[1]))
    rate = replace(DATA, price_micro=0, unit_size=unit_size, tier_model=model, tiers=tiers)
    events = tuple(usage(3 * TB * (1 if unit_size == 1 else 10) + n, n) for n in range(1, 5))
    assert differences(World(events, (rate,))) == []


def test_sessions_of_terabytes() -> None:
    events = tuple(usage(30 * TB + n, n, session_key="a") for n in range(1, 5))
    assert differences(World(events, (replace(DATA, rounding="session"),))) == []


@pytest.mark.parametrize(
    ("cost", "multiplier"),
    [
        (5 * 10**12, 1_333_333),
        (9 * 10**15, 1_333_333),
        (9 * 10**12, 10**9),
        (-9 * 10**12, 10**9),
        (-123_456, 1_333_333),
    ],
)
def test_upstream_prices(cost: int, multiplier: int) -> None:
    rate = Rate(1, 1, 1, "data", basis="upstream", multiplier_micro=multiplier)
    limited = replace(rate, rate_id=2, plan_id=2, min_charge_micro=50_000, max_charge_micro=60_000)
    events = (usage(5, cost_micro=cost), usage(5, 2, cost_micro=cost, plan_id=2))
    assert differences(World(events, (rate,), (Plan(1), Plan(2)))) == []
    assert differences(World(events, (rate, limited), (Plan(1), Plan(2)))) == []


@pytest.mark.parametrize("policy", ["increment", "second", "segment", "start"])
@pytest.mark.parametrize("chains", [((60, 1), (7, 5, 3)), ((100_000,), (7_000, 50_000))])
def test_calls_of_more_than_a_day(policy: str, chains: tuple[tuple[int, ...], ...]) -> None:
    """Over the night in which an hour is repeated, in increments of seconds and of more than a day."""
    rates = (
        replace(VOICE, band_id=1, chain=chains[0]),
        replace(VOICE, rate_id=2, price_micro=110_000, chain=chains[1], band_id=2),
    )
    bands = (Band(1, start_min=480, end_min=1080, weight=1), Band(2))
    event = Event(1, datetime.fromisoformat("2026-10-24 15:59:57.000001"), 90_000)
    assert differences(World((event,), rates, (Plan(1, policy),), bands=bands)) == []


@pytest.mark.parametrize("consumption", ["increment", "unit"])
@pytest.mark.parametrize("chain", [(60, 1), (30, 30, 6)])
def test_thousands_of_calls_on_shared_pools(consumption: str, chain: tuple[int, ...]) -> None:
    events = tuple(call(n, (n * 37) % 300, n % 3 + 1) for n in range(1, 2_001))
    pools = tuple(bucket(n, 20_000 + n * 7, frozenset(range(1, n % 3 + 2))) for n in range(1, 9))
    plan = Plan(1, consumption=consumption)
    assert differences(World(events, (replace(VOICE, chain=chain),), (plan,), allowances=pools)) == []


def test_allowances_used_up_before_or_large_beyond_need() -> None:
    events = (call(1, 61), call(2, 5))
    spent = (bucket(1, -5), bucket(2, -5, kind="money"), bucket(3, 0))
    assert differences(World(events, (VOICE,), allowances=spent)) == []
    assert differences(World(events, (VOICE,), allowances=(bucket(1, 10**12, kind="money"),))) == []


def test_years_far_away() -> None:
    starts = ("1914-08-01 00:00:00", "1970-01-01 00:00:00", "2037-10-25 00:30:00", "2099-12-31 22:59:30")
    events = tuple(Event(n, datetime.fromisoformat(start), 7_200) for n, start in enumerate(starts))
    rates = (replace(VOICE, band_id=1), replace(VOICE, rate_id=2, price_micro=1))
    band = Band(1, days=frozenset({2, 3, 4}), start_min=30, end_min=150)
    assert differences(World(events, rates, bands=(band,))) == []


@pytest.mark.parametrize(
    "missing", [{"plans": ()}, {"prefixes": {}}, {"rates": ()}, {"events": ()}, {"rates": (), "prefixes": {}}]
)
def test_empty_worlds(missing: dict[str, object]) -> None:
    told = World((call(1, 61), call(2, 0)), (VOICE,), allowances=(bucket(1, 60),))
    assert differences(replace(told, **missing)) == []  # type: ignore[arg-type]


def test_an_allowance_stops_at_the_first_segment_that_does_not_fit() -> None:
    """A call before leaves 14 s: 30 of the first segment do not fit, so the 7 and 5 of the second are not taken either."""
    rates = (
        replace(VOICE, zone_id=4, chain=(20,)),
        replace(VOICE, rate_id=2, zone_id=5, chain=(30, 30, 6)),
        replace(VOICE, rate_id=3, zone_id=5, chain=(7, 5), price_micro=1, band_id=1),
    )
    night = datetime.fromisoformat("2028-02-29 22:59:12")
    events = (Event(1, night - timedelta(hours=3), 3_600, "493"), Event(2, night, 434, "1411"))
    told = World(
        events,
        rates,
        (Plan(1, "segment"),),
        prefixes={"493": 4, "1411": 5},
        bands=(Band(1, start_min=0, end_min=150),),
        allowances=(bucket(1, 974),),
    )
    assert differences(told) == []


@pytest.mark.parametrize("chain", [(60, 1), (60, 10, 1), (60, 5, 30)])
def test_an_allowance_too_small_for_a_first_minute_goes_on_where_another_one_ends(chain: tuple[int, ...]) -> None:
    events = (call(1, 240), call(2, 240))
    pools = (bucket(3, 416), bucket(1, 25, frozenset({1, 2})))
    told = World(events, (replace(VOICE, chain=chain),), allowances=pools)
    assert differences(told) == []


@pytest.mark.parametrize("policy", ["increment", "second", "segment"])
@pytest.mark.parametrize(("answer", "later"), [(0, 0), (0, 150_000), (150_000, 0)])
def test_fees_of_a_later_band_make_no_call_dear(policy: str, answer: int, later: int) -> None:
    """Units that cost nothing use no allowance, unless the answer's own connection fee can be saved."""
    rates = (
        replace(VOICE, price_micro=0, connect_fee_micro=answer),
        replace(VOICE, rate_id=2, price_micro=0, connect_fee_micro=later, min_charge_micro=later, band_id=1),
    )
    band = Band(1, start_min=721)
    told = World((call(1, 240),), rates, (Plan(1, policy),), bands=(band,), allowances=(bucket(1, 500),))
    assert differences(told) == []


def test_each_plan_asks_its_own_calendar() -> None:
    """Two plans with the same bands, one of which keeps no holidays."""
    events = tuple(replace(call(number, 60), plan_id=number) for number in (1, 2))
    rates = tuple(
        replace(VOICE, rate_id=2 * plan + (band or 0), plan_id=plan, price_micro=price, band_id=band)
        for plan in (1, 2)
        for band, price in ((1, 600_000), (None, 60_000))
    )
    told = World(events, rates, (Plan(1), Plan(2)), bands=(Band(1, days=frozenset(range(7))),))
    with_holiday = replace(told, holidays=frozenset({NOON.date()}))
    first, second = (tariff(one).plans[at] for at, one in ((0, told), (1, with_holiday)))
    mixed = replace(tariff(told), plans=[first, second])
    assert rate(event_frame(events), mixed).events["amount_e4"].to_list() == [6_000, 600]
    other_way = replace(mixed, plans=[replace(first, plan_id=2), replace(second, plan_id=1)])
    assert rate(event_frame(events), other_way).events["amount_e4"].to_list() == [600, 6_000]


def test_another_clock_on_the_wall() -> None:
    """12:00 in Warsaw is 11:00 in London."""
    told = World(
        (call(1, 60),), (replace(VOICE, band_id=1), replace(VOICE, rate_id=2)), bands=(Band(1, start_min=720),)
    )
    found = [
        rate(event_frame(told.events), tariff(told), timezone=zone).events["band_id"].to_list()
        for zone in ("Europe/Warsaw", "Europe/London")
    ]
    assert found == [[1], [None]]
