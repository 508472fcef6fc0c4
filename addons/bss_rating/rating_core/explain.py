"""How an event came to its amount, step by step; the words come from whoever shows them.

Steps in their order: ``SUSPENDED`` (reason) alone, or ``ZONE`` (prefix, zone_id, plan_id), ``BAND`` (band_id), ``SIZE``
(volume, step_bytes, units), ``INCREMENTS`` or ``SESSION`` or ``PERIOD`` (units, billed, chain), ``FREE`` (allowance_id, units), ``NOTHING_TO_PAY``, ``PIECE`` (units, paid, price_micro, unit_size,
band_id, tier_start), ``PER_UNIT`` (paid, price_micro, unit_size, connect_fee_micro, exact_micro), ``PIECES`` (connect_fee_micro,
exact_micro), ``TIERS`` (connect_fee_micro), ``PER_EVENT`` (price_micro, connect_fee_micro, exact_micro), ``EXCHANGE`` (own_cost_micro, cost_currency, cost_micro), ``UPSTREAM`` (cost_micro,
multiplier_micro, connect_fee_micro, exact_micro), ``MINIMUM`` and ``MAXIMUM`` (micro), ``FEE_ONLY`` (connect_fee_micro),
``ROUNDED`` (decimals, amount_e4), ``MONEY`` (allowance_id, e4, amount_e4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
MILLION = 1_000_000


@dataclass(frozen=True)
class Step:
    """``params`` are numbers and ids; ``exact_micro`` is a Fraction."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def explain(event: Row, pieces: Sequence[Row] = (), uses: Sequence[Row] = ()) -> tuple[Step, ...]:
    """The steps of one rated event.

    :param event: a row of ``RESULT_SCHEMA``; it may tell ``rounding`` and ``step_bytes`` of its rate, its ``volume``, and its cost before
        it was exchanged (``own_cost_micro`` in ``cost_currency``)
    :param pieces: its rows of ``PIECE_SCHEMA``
    :param uses: its rows of ``USE_SCHEMA``, each with ``is_money``
    """
    if event["reason"]:
        return (Step("SUSPENDED", {"reason": event["reason"]}),)
    steps = [Step("ZONE", _some(event, "prefix", "zone_id", "plan_id"))]
    if event["band_id"] is not None:
        steps.append(Step("BAND", _some(event, "band_id")))
    steps += _units(event)
    steps += [Step("FREE", _some(use, "allowance_id", "units")) for use in uses if not use["is_money"]]
    steps += _price(event, pieces)
    due = event["amount_e4"]
    for use in reversed([use for use in uses if use["is_money"]]):
        steps.append(Step("MONEY", {**_some(use, "allowance_id"), "e4": use["units"], "amount_e4": due}))
    return tuple(steps)


def _units(event: Row) -> list[Step]:
    """From what was used to what is charged, free units included."""
    units, steps = event["units"], []
    size, volume = event.get("step_bytes") or 0, event.get("volume")
    if size and volume is not None and units:
        units = max(-(-volume // size), 1)
        steps.append(Step("SIZE", {"volume": volume, "step_bytes": size, "units": units}))
    code = {"session": "SESSION", "period": "PERIOD"}.get(event.get("rounding") or "", "INCREMENTS")
    return [*steps, Step(code, {"units": units, **_some(event, "chain"), "billed": event["billed_units"]})]


def _price(event: Row, pieces: Sequence[Row]) -> list[Step]:
    before_money = event["amount_e4"] + event["money_e4"]
    rounded = Step("ROUNDED", {"decimals": event["decimals"], "amount_e4": before_money})
    fee = _some(event, "connect_fee_micro")
    if event["billed_units"] == event["free_units"]:
        return [Step("FEE_ONLY", fee), rounded] if before_money else [Step("NOTHING_TO_PAY")]
    steps = [Step("PIECE", _piece(piece)) for piece in pieces]
    if any(piece["tier_start"] is not None for piece in pieces):
        # the event pays what it adds to the rounded total of the period
        return [*steps, Step("TIERS", fee), rounded]
    exact, step = _exact(event, pieces)
    if step.code == "UPSTREAM" and event.get("own_cost_micro") not in (None, event["cost_micro"]):
        steps.append(Step("EXCHANGE", _some(event, "own_cost_micro", "cost_currency", "cost_micro")))
    charge = exact + event["connect_fee_micro"]
    steps.append(Step(step.code, {**step.params, **fee, "exact_micro": charge}))
    least, most = event["min_charge_micro"], event["max_charge_micro"]
    if least and charge < least:
        steps.append(Step("MINIMUM", {"micro": least}))
    if most and max(charge, least) > most:
        steps.append(Step("MAXIMUM", {"micro": most}))
    return [*steps, rounded]


def _exact(event: Row, pieces: Sequence[Row]) -> tuple[Fraction, Step]:
    """Price without fees in micro, and the step that tells it."""
    if event["basis"] == "event":
        return Fraction(event["price_micro"]), Step("PER_EVENT", _some(event, "price_micro"))
    if event["basis"] == "upstream":
        cost = Fraction(event["cost_micro"] * event["multiplier_micro"], MILLION)
        return cost, Step("UPSTREAM", _some(event, "cost_micro", "multiplier_micro"))
    if pieces:
        parts = [Fraction(one["paid_units"] * one["price_micro"], one["unit_size"]) for one in pieces]
        return sum(parts, Fraction(0)), Step("PIECES")
    paid = event["billed_units"] - event["free_units"]
    params = {"paid": paid, **_some(event, "price_micro", "unit_size")}
    return Fraction(paid * event["price_micro"], event["unit_size"]), Step("PER_UNIT", params)


def _piece(piece: Row) -> dict[str, Any]:
    shown = _some(piece, "units", "price_micro", "unit_size", "band_id", "tier_start")
    return {**shown, "paid": piece["paid_units"]}


def _some(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}
