"""Random tariffs: bands that overlap by weight and leave holes, nested prefixes, chains, tiers, every basis and policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.kernels.rating_world import EVERY_DAY, HOLIDAY, Band, Plan, Rate, Tier, World

KINDS = ("voice",) * 6 + ("sms", "sms", "data", "data", "mms", "premium", "content")
ZONES = (1, 2, 3, 4, 5)
ON_NET_ZONE = 5
POLICIES = ("increment", "second", "segment", "increment", "second", "segment", "start")
CHAINS = ((60, 60), (60, 1), (1, 1), (30, 6), (1, 60), (30, 30, 6), (60, 10, 1), (7, 5), (20,))
BLOCKS = ((102_400, 102_400), (100_000, 100_000), (1_048_576, 102_400), (4096, 100_000, 65_536))
UNIT_SIZES = {"voice": (60, 60, 60, 1, 20), "premium": (60,), "data": (1_000_000, 102_400, 1_048_576)}
PRICES = (0, 1, 49, 50, 5_000, 6_000, 50_000, 290_000, 300_000, 333_333, 999_999, 2_675_000)
# Features that a tariff may lack altogether: kernels like to go short ways where nothing asks for the long one.
WITHOUT_IN_RATES: dict[str, dict[str, Any]] = {
    "tiers": {"tier_model": "flat", "tiers": ()},
    "basis": {"basis": "unit"},
    "rounding": {"rounding": "event"},
    "decimals": {"decimals": 4},
    "fee": {"connect_fee_micro": 0},
    "limits": {"min_charge_micro": 0, "max_charge_micro": 0},
    "steps": {"step_bytes": 0},
    "chain": {"chain": (60, 1)},
    "unit": {"unit_size": 60},
}
WITHOUT_IN_PLANS: dict[str, dict[str, Any]] = {
    "policy": {"band_policy": "increment"},
    "consumption": {"consumption": "increment"},
    "zero": {"zero_length": "free"},
    "gratis": {"free_pays_connect": False},
}


def tariff(dice: Random, first: date) -> World:
    """A world without events and allowances; one in two lacks some features everywhere."""
    full = _full_tariff(dice, first)
    return full if dice.random() < 0.5 else _simpler(dice, full)


def _simpler(dice: Random, full: World) -> World:
    rates, plans = list(full.rates), list(full.plans)
    if dice.random() < 0.4:
        rates = [rate for rate in rates if rate.band_id is None]
        full = replace(full, bands=())
    for change in WITHOUT_IN_RATES.values():
        if dice.random() < 0.6:
            slow = "chain" in change  # single units of data would keep the oracle busy for ever
            rates = [rate if slow and rate.usage_kind == "data" else replace(rate, **change) for rate in rates]
    for change in WITHOUT_IN_PLANS.values():
        if dice.random() < 0.6:
            plans = [replace(plan, **change) for plan in plans]
    return replace(full, rates=tuple(rates), plans=tuple(plans))


def _full_tariff(dice: Random, first: date) -> World:
    bands = _bands(dice, first)
    plans = tuple(
        Plan(
            number,
            dice.choice(POLICIES),
            dice.choice(("increment", "increment", "unit")),
            dice.choice(("free", "second")),
            dice.random() < 0.2,
        )
        for number in range(1, dice.randrange(2, 5))
    )
    rates: list[Rate] = []
    for plan in plans:
        for zone in ZONES:
            for kind in dict.fromkeys(KINDS):
                if dice.random() < (0.97 if kind == "voice" else 0.85):
                    rates += _rates(dice, plan, zone, kind, bands, len(rates) + 1)
    return World(
        events=(),
        rates=tuple(rates),
        plans=plans,
        prefixes=_prefixes(dice),
        codes=_codes(dice),
        on_net_zone=dice.choice((None, ON_NET_ZONE)),
        bands=bands,
        holidays=frozenset(first + timedelta(days=n) for n in range(4) if dice.random() < 0.25),
    )


def _bands(dice: Random, first: date) -> tuple[Band, ...]:
    """Every band has a weight of its own: two of one weight would leave the price to chance."""
    count = dice.choice((0, 1, 2, 2, 3, 3, 4))
    weights = dice.sample(range(20), count)
    return tuple(_band(dice, first, number + 1, weight) for number, weight in enumerate(weights))


def _band(dice: Random, first: date, number: int, weight: int) -> Band:
    days = frozenset(
        dice.choice(
            (EVERY_DAY, EVERY_DAY, EVERY_DAY, range(5), (5, 6, HOLIDAY), dice.sample(range(8), dice.randrange(1, 8)))
        )
    )
    start, end = dice.choice(
        ((0, 1440), (480, 1080), (480, 1080), (600, 840), (1080, 1440), (120, 180), (0, 150), (0, 0), (0, 0))
    )
    if end == 0:
        start = dice.randrange(1440)
        end = dice.randrange(start + 1, 1441)
    months = frozenset(dice.sample(range(1, 13), 6)) if dice.random() < 0.1 else frozenset()
    last = first + timedelta(days=1) if dice.random() < 0.1 else None
    return Band(number, days, start, end, weight, months, None, last)


def _prefixes(dice: Random) -> dict[str, int]:
    """Ten to forty prefixes, most of them inside another one; zone 6 has no price anywhere."""
    found = {"48": 1, "4": 2}
    for _ in range(dice.randrange(10, 40)):
        inner = dice.choice(list(found))
        longer = dice.choice((inner, "1", "7", "49")) + str(dice.randrange(10 ** dice.choice((1, 1, 2))))
        found[longer[:15]] = 6 if dice.random() < 0.03 else dice.choice(ZONES)
    return found


def _codes(dice: Random) -> dict[str, int]:
    codes = ("data", "content", "net:26006", "apn:internet", "vod:77")
    return {code: dice.choice(ZONES) for code in codes if dice.random() < 0.7}


# --- rates


def _rates(dice: Random, plan: Plan, zone: int, kind: str, bands: tuple[Band, ...], first_id: int) -> list[Rate]:
    """One rate, or one for each of some bands, mostly with one for any other time; they share model and rounding."""
    chosen: list[int | None] = [band.band_id for band in bands if dice.random() < 0.75]
    if not chosen or dice.random() < 0.9:
        chosen.append(None)
    shared = _model(dice, kind)
    tiered = dice.random() < 0.15 and shared["basis"] == "unit"
    tier_model = dice.choice(("graduated", "volume", "package", "stairstep")) if tiered else "flat"
    return [
        _rate(dice, shared, tier_model, Rate(first_id + offset, plan.plan_id, zone, kind, band_id=band_id))
        for offset, band_id in enumerate(chosen)
    ]


def _model(dice: Random, kind: str) -> dict[str, object]:
    return {
        "basis": dice.choice(("unit",) * 10 + ("event", "upstream")),
        "rounding": dice.choice(("event", "session", "period")) if kind == "data" else "event",
        "step_bytes": dice.choice((0, 100_000)) if kind == "mms" else 0,
    }


def _rate(dice: Random, shared: dict[str, object], tier_model: str, key: Rate) -> Rate:
    kind = key.usage_kind
    size = dice.choice(UNIT_SIZES.get(kind, (1,)))
    chain = dice.choice(CHAINS if kind in UNIT_SIZES else ((1, 1),))
    least = dice.choice((0, 0, 0, 50_000, dice.randrange(1_000_000)))
    most = dice.choice((0, 0, 0, least + dice.randrange(1, 3_000_000)))
    plain = tier_model == "flat"
    return Rate(
        key.rate_id,
        key.plan_id,
        key.zone_id,
        kind,
        price_micro=dice.choice((*PRICES, dice.randrange(1_000_000))) if plain else 0,
        connect_fee_micro=dice.choice((0, 0, 150_000, dice.randrange(1_000_000))),
        min_charge_micro=least if plain else 0,
        max_charge_micro=most if plain else 0,
        chain=dice.choice(BLOCKS) if kind == "data" else chain,
        unit_size=size,
        band_id=key.band_id,
        basis=str(shared["basis"]),
        multiplier_micro=dice.choice((1_000_000, 1_250_000, 333_333, 0)),
        decimals=dice.choice((4, 4, 4, 3, 2, 1, 0)),
        rounding=str(shared["rounding"]),
        step_bytes=int(str(shared["step_bytes"])),
        tier_model=tier_model,
        tiers=() if plain else _tiers(dice, tier_model, kind),
    )


def _tiers(dice: Random, model: str, kind: str) -> tuple[Tier, ...]:
    """One to three tiers without holes; one time in four the last one ends."""
    largest = {"voice": 30, "premium": 30, "data": 8}.get(kind, 9)
    edges = sorted(dice.sample(range(1, largest + 3), dice.randrange(1, 4)))
    ends: list[int | None] = [*edges[:-1], edges[-1] if dice.random() < 0.25 else None]
    return tuple(
        Tier(start, end, dice.choice(PRICES), dice.randrange(1, 6) if model == "package" else 0)
        for start, end in zip([0, *edges[:-1]], ends, strict=True)
    )
