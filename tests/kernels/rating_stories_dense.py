"""Random worlds about one thing: calls that compete for many small allowances, and periods that pass the end of their tiers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.kernels.rating_stories_tariff import CHAINS, POLICIES, PRICES
from tests.kernels.rating_world import Allowance, Band, Event, Plan, Rate, Tier, World

EVENING = datetime.fromisoformat("2026-10-24 22:40:00")  # 00:40 in Warsaw, the night of the repeated hour
WEEK = timedelta(days=7)
PREFIXES = {"48": 1, "49": 2, "4912": 3}
NUMBERS = ("48501234567", "49301234567", "4912345678")


def pools(dice: Random, size: int) -> World:
    """Calls of three services over three zones, two bands and up to a dozen allowances that are nearly used up."""
    plan = Plan(
        1,
        dice.choice(POLICIES),
        dice.choice(("increment", "increment", "increment", "unit")),
        free_pays_connect=dice.random() < 0.2,
    )
    rates: list[Rate] = []
    for zone in (1, 2, 3):
        for band_id in (None, 1) if dice.random() < 0.7 else (None,):
            rates.append(
                Rate(
                    len(rates) + 1,
                    1,
                    zone,
                    price_micro=dice.choice(PRICES),
                    connect_fee_micro=dice.choice((0, 150_000)),
                    chain=dice.choice((*CHAINS, (60, 5, 30), (45, 10, 20, 3))),
                    band_id=band_id,
                )
            )
    return World(
        events=tuple(_call(dice, number) for number in range(1, size + 1)),
        rates=tuple(rates),
        plans=(plan,),
        prefixes=PREFIXES,
        bands=(Band(1, start_min=60, end_min=150),),
        allowances=tuple(_small(dice, number, ("voice",)) for number in range(1, dice.randrange(2, 13))),
    )


def tier_ends(dice: Random, size: int) -> World:
    """Messages and calls whose tiers end soon, with allowances before them and now and then a rate in two bands."""
    rates: list[Rate] = []
    for kind in ("sms", "voice"):
        for zone in (1, 2, 3):
            for band_id in (None, 1) if dice.random() < 0.3 else (None,):
                rates.append(_ending(dice, Rate(len(rates) + 1, 1, zone, kind, band_id=band_id)))
    kinds = ("sms", "voice", "money")
    return World(
        events=tuple(_call(dice, number, dice.choice(("sms", "sms", "voice"))) for number in range(1, size + 1)),
        rates=tuple(rates),
        plans=(Plan(1, dice.choice(POLICIES), dice.choice(("increment", "unit"))),),
        prefixes=PREFIXES,
        bands=(Band(1, start_min=60, end_min=150),),
        allowances=tuple(_small(dice, number, kinds) for number in range(1, dice.randrange(1, 8))),
    )


def _ending(dice: Random, rate: Rate) -> Rate:
    model = dice.choice(("graduated", "volume", "package", "stairstep"))
    edges = sorted(dice.sample(range(1, 40), dice.randrange(1, 4)))
    tiers = tuple(
        Tier(start, end, dice.choice(PRICES), dice.randrange(1, 6) if model == "package" else 0)
        for start, end in zip([0, *edges[:-1]], edges, strict=True)
    )
    voice = rate.usage_kind == "voice"
    return Rate(
        rate.rate_id,
        1,
        rate.zone_id,
        rate.usage_kind,
        connect_fee_micro=dice.choice((0, 0, 150_000)),
        chain=dice.choice(CHAINS) if voice else (1, 1),
        unit_size=60 if voice else 1,
        band_id=rate.band_id,
        decimals=dice.choice((4, 2)),
        tier_model=model,
        tiers=tiers,
    )


def _call(dice: Random, number: int, kind: str = "voice") -> Event:
    """Several events share an instant; two periods, so that a counter begins anew."""
    start = EVENING + timedelta(seconds=dice.randrange(0, 7_200, 300))
    return Event(
        number,
        start,
        dice.choice((1, 1, 1, 2, 5))
        if kind == "sms"
        else dice.choice((0, 1, 30, 59, 60, 61, 240, dice.randrange(900))),
        dice.choice(NUMBERS),
        service_id=dice.choice((1, 1, 2, 3)),
        usage_kind=kind,
        answered_at=start + timedelta(seconds=dice.choice((0, 0, 7))),
        tie=dice.choice((0, 0, 0, 1, -1)),
        period=dice.choice((date(2026, 10, 1), date(2026, 10, 1), date(2026, 11, 1))),
    )


def _small(dice: Random, number: int, kinds: tuple[str, ...]) -> Allowance:
    kind = dice.choice(kinds)
    largest = {"voice": dice.choice((20, 100, 400, 4_000)), "sms": 12, "money": 40_000}[kind]
    return Allowance(
        number,
        kind,
        dice.randrange(largest),
        EVENING - dice.choice((WEEK, WEEK, 2 * WEEK)),
        EVENING + dice.choice((WEEK, WEEK, 2 * WEEK, timedelta(hours=1))),
        frozenset(dice.sample((1, 2, 3), dice.choice((1, 1, 2, 3)))),
        priority=dice.choice((1, 1, 2, 3)),
        zones=None if dice.random() < 0.6 else frozenset(dice.sample((1, 2, 3), dice.choice((1, 2)))),
        band_id=1 if dice.random() < 0.1 else None,
    )
