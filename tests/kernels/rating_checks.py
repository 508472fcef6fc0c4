"""A world handed to the rating kernel, and its answer laid beside the oracle's: every number, or the smallest world that differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
from tests.kernels.rating_oracle import Books, rate_world
from tests.kernels.rating_world import Allowance, Event, Rate, World

import catalog_core as catalog
import rating_core as kernel

SHOWN = ("price_micro", "connect_fee_micro", "min_charge_micro", "max_charge_micro", "unit_size")
Key = tuple[str, int, int, str, date | None]


# --- the world in the kernel's words


def day_slots(world: World) -> Callable[[date, frozenset[int]], list[tuple[int, int | None]]]:
    """The bands of the catalogue, which the oracle does not use."""
    bands = {
        band.band_id: catalog.Band(
            str(band.band_id),
            frozenset(catalog.DAY_TYPES[day] for day in band.days),
            band.start_min,
            band.end_min,
            band.months,
            band.first,
            band.last,
            band.weight,
        )
        for band in world.bands
    }

    def slots(day: date, band_ids: frozenset[int]) -> list[tuple[int, int | None]]:
        valid = catalog.bands_on([bands[one] for one in sorted(band_ids)], day)
        found = catalog.day_slots(valid, catalog.day_type(day, world.holidays))
        return [(slot.start_min, int(slot.codes[0]) if slot.codes else None) for slot in found]

    return slots


def tariff(world: World) -> kernel.Tariff:
    slots = day_slots(world)
    return kernel.Tariff(
        prefixes=[kernel.Prefix(prefix, zone) for prefix, zone in world.prefixes.items()],
        rates=[
            kernel.Rate(**{**_fields(rate), "tiers": tuple(kernel.Tier(**_fields(tier)) for tier in rate.tiers)})
            for rate in world.rates
        ],
        codes=[kernel.ZoneCode(code, zone) for code, zone in world.codes.items()],
        plans=[kernel.Plan(**_fields(plan), day_slots=slots) for plan in world.plans],
        on_net_zone_id=world.on_net_zone,
    )


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def event_frame(events: Sequence[Event]) -> pl.DataFrame:
    return pl.DataFrame([asdict(event) for event in events], schema=dict(kernel.EVENT_SCHEMA))


def allowances(held: Sequence[Allowance]) -> kernel.Allowances:
    rows = [{**_fields(one), "zone_set": None if one.zones is None else one.allowance_id} for one in held]
    members = [(one.allowance_id, service) for one in held for service in sorted(one.services)]
    sets = [(one.allowance_id, zone) for one in held for zone in sorted(one.zones or ())]
    return kernel.Allowances(
        pl.DataFrame(
            [{name: row[name] for name in kernel.ALLOWANCE_SCHEMA} for row in rows],
            schema=dict(kernel.ALLOWANCE_SCHEMA),
        ),
        pl.DataFrame(members, schema=dict(kernel.MEMBER_SCHEMA), orient="row"),
        pl.DataFrame(sets, schema=dict(kernel.ZONE_SET_SCHEMA), orient="row"),
    )


def rated(world: World) -> kernel.Rated:
    return kernel.rate(event_frame(world.events), tariff(world), allowances(world.allowances))


# --- both answers in one shape


def told_by_oracle(world: World, books: Books) -> dict[str, Any]:
    tiered = {rate.rate_id for rate in world.rates if rate.tier_model != "flat"}
    told: dict[str, Any] = {}
    for found in books.outcomes.values():
        rate = found.rate
        told[f"event {found.event.id}"] = {
            "state": found.state,
            "reason": found.reason,
            "zone": found.zone_id,
            "prefix": found.matched if found.state != "suspended" else None,
            "rate": rate.rate_id if rate else None,
            "band": rate.band_id if rate else None,
            "units": found.event.units,
            "billed": found.billed,
            "free": found.free,
            "amount": found.amount_e4,
            "money": found.money_e4,
            "uses": dict(sorted(found.uses.items())),
        }
        if rate:
            told[f"prices of {found.event.id}"] = {
                **{name: getattr(rate, name) for name in SHOWN},
                "chain": _elements(rate.chain),
                "cost": found.event.cost_micro,
                "of": (found.event.service_id, found.event.plan_id),
            }
        if found.graduated:
            told[f"tiers of {found.event.id}"] = found.graduated
        if len(found.pieces) > 1 or (rate and rate.rate_id in tiered and found.billed):
            told[f"pieces of {found.event.id}"] = found.pieces
    told["remaining"] = books.remaining
    told["counters"] = {_counter_key(*key): units for key, units in books.counters.items()}
    return told


def _elements(chain: tuple[int, ...]) -> list[int]:
    """The first increments: (60,), (60, 60) and (60, 60, 60) charge the same."""
    return [chain[min(place, len(chain) - 1)] for place in range(8)]


def told_by_kernel(answer: kernel.Rated, rates: Sequence[Rate]) -> dict[str, Any]:
    uses: dict[int, dict[int, int]] = {}
    for event_id, allowance_id, units in answer.uses.sort("id", "allowance_id").iter_rows():
        uses.setdefault(event_id, {})[allowance_id] = units
    told: dict[str, Any] = {}
    for row in answer.events.iter_rows(named=True):
        live = row["state"] != "suspended"
        told[f"event {row['id']}"] = {
            "state": row["state"],
            "reason": row["reason"],
            "zone": row["zone_id"],
            "prefix": row["prefix"] if live else None,
            "rate": row["rate_id"] if live else None,
            "band": row["band_id"] if live else None,
            "units": row["units"],
            "billed": row["billed_units"],
            "free": row["free_units"],
            "amount": row["amount_e4"],
            "money": row["money_e4"],
            "uses": uses.pop(row["id"], {}),
        }
        if live:
            told[f"prices of {row['id']}"] = {
                **{name: row[name] for name in SHOWN},
                "chain": _elements(tuple(map(int, row["chain"].split("/")))),
                "cost": row["cost_micro"],
                "of": (row["service_id"], row["plan_id"]),
            }
    told |= {f"uses of no event {number}": found for number, found in uses.items()}
    told |= {f"tiers of {number}": price for number, price in _tier_prices(answer.pieces, rates).items() if price}
    told |= {f"pieces of {number}": found for number, found in _runs(answer.pieces).items()}
    told["remaining"] = dict(answer.allowances.frame.select("allowance_id", "remaining").iter_rows())
    counters = answer.counters.select("scope", "service_id", "rate_id", "key", "period", "units")
    told["counters"] = {_counter_key(*row[:5]): row[5] for row in counters.iter_rows()}
    return told


def _runs(pieces: pl.DataFrame) -> dict[int, list[tuple[int, int, int]]]:
    """Pieces in their order, neighbours of one rate (cut by tiers) joined."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for number, rate_id, units, paid in (
        pieces.sort("id", "seq").select("id", "rate_id", "units", "paid_units").iter_rows()
    ):
        runs = found.setdefault(number, [])
        if runs and runs[-1][0] == rate_id:
            _same, before_units, before_paid = runs.pop()
            units, paid = units + before_units, paid + before_paid
        runs.append((rate_id, units, paid))
    return found


def _tier_prices(pieces: pl.DataFrame, rates: Sequence[Rate]) -> dict[int, Fraction]:
    """Paid units × price of the pieces of graduated rates: the explanation must come to the price."""
    graduated = {rate.rate_id: rate for rate in rates if rate.tier_model == "graduated"}
    found: dict[int, Fraction] = {}
    for row in pieces.iter_rows(named=True):
        rate = graduated.get(row["rate_id"])
        if rate and row["paid_units"]:
            price = {tier.start: tier.price_micro for tier in rate.tiers}[row["tier_start"]]
            assert price == row["price_micro"]
            found[row["id"]] = found.get(row["id"], Fraction(0)) + Fraction(row["paid_units"] * price, rate.unit_size)
    return found


def _counter_key(scope: str, service_id: int, rate_id: int, key: str, period: date | None) -> Key:
    """The period does not cut a session."""
    return scope, service_id, rate_id, key, None if scope == "session" else period


# --- differences


def differences(world: World) -> list[str]:
    """One line for each thing that the kernel tells otherwise than the oracle."""
    books = rate_world(world)
    expected = told_by_oracle(world, books)
    found = told_by_kernel(rated(world), world.rates)
    lines = []
    for what in dict.fromkeys((*expected, *found)):
        mine, theirs = expected.get(what), found.get(what)
        if mine != theirs:
            lines.append(f"{what}:\n  oracle {_only(mine, theirs)}\n  kernel {_only(theirs, mine)}")
    return lines


def _only(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: value for key, value in one.items() if key not in other or other[key] != value}
    return one


def check(world: World, label: str = "") -> None:
    """No difference, or an AssertionError with the smallest world that still has one and both explanations."""
    if not differences(world):
        return
    small = smallest(world, lambda one: bool(differences(one)))
    raise AssertionError("\n".join([label, *_told(small)]))


def _told(world: World) -> list[str]:
    books = rate_world(world)
    lines = [f"{name} = {value!r}" for name, value in _fields(world).items() if value]
    lines += [f"oracle on event {number}: {line}" for number, one in books.outcomes.items() for line in one.story]
    answer = rated(world)
    lines += [f"kernel: {row}" for frame in (answer.events, answer.pieces, answer.uses) for row in frame.to_dicts()]
    return [*lines, *differences(world)]


def smallest(world: World, wrong: Callable[[World], bool]) -> World:
    """Leave out events, allowances, rates, bands … as long as the world stays wrong."""
    shrinking = True
    while shrinking:
        shrinking = False
        for name in ("events", "allowances", "rates", "bands", "prefixes", "holidays", "codes"):
            for smaller in _without(world, name):
                if _whole(smaller) and wrong(smaller):
                    world, shrinking = smaller, True
                    break
    return world


def _without(world: World, name: str) -> list[World]:
    """The world with half, a quarter … and single ones of ``name`` left out."""
    held = getattr(world, name)
    items: list[Any] = (
        list(held.items()) if isinstance(held, dict) else sorted(held) if name == "holidays" else list(held)
    )
    size, found = len(items), []
    while size:
        size = size // 2 if size > 1 else 0
        step = max(size, 1)
        found += [
            replace(world, **{name: type(held)([*items[:start], *items[start + step :]])})
            for start in range(0, len(items), step)
        ]
    return found


def _whole(world: World) -> bool:
    """Whether every band that a rate names still exists."""
    return {rate.band_id for rate in world.rates} - {None} <= {band.band_id for band in world.bands}


def totals(answer: kernel.Rated) -> tuple[int, int, int, int]:
    events = answer.events
    return (
        events.height,
        int(events["amount_e4"].sum()),
        int(events["money_e4"].sum()),
        int(events["free_units"].sum()),
    )


def start_of(event: Event) -> tuple[datetime, int, int]:
    return event.started_at, event.tie, event.id
