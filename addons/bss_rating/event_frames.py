"""Usage events, as the database or a loader has them, in the shape in which the engine prices them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from .rating_core import EVENT_SCHEMA

# Days and months of billing are Polish wall-clock ones, whatever the user's time zone.
BILLING_TZ = "Europe/Warsaw"
NANO = 1_000_000_000
CURRENCY_NAMES = {"SDR": "XDR"}  # roaming partners write special drawing rights either way
_CODED = ("network", "service_code")
# What an event says that its price may depend on. A frame may lack all but the required columns of the engine.
USAGE_SCHEMA = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "answered_at": pl.Datetime("us"),
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),  # the version that prices the day of the event
    "usage_kind": pl.String(),
    "b_number": pl.String(),
    "units": pl.Int64(),
    "period": pl.Date(),  # first day of the period of tiers; null: of the calendar month
    "direction": pl.String(),
    "network": pl.String(),
    "service_code": pl.String(),
    "on_net": pl.Boolean(),
    "volume_up": pl.Int64(),
    "volume_down": pl.Int64(),
    "session_key": pl.String(),
    "cost_micro": pl.Int64(),
    "cost_currency": pl.String(),
    "identity": pl.String(),  # 32 hexadecimal digits, with or without dashes
}


@dataclass(frozen=True)
class Reading:
    """What the columns of an event mean to one company.

    ``codes``: the zone codes that it knows. ``exchange``: {currency: (first day, units of the company's ``currency`` for one),
    ascending}, only where prices are made from costs.
    """

    codes: frozenset[str] = frozenset()
    currency: str = ""
    exchange: Mapping[str, Sequence[tuple[date, Decimal]]] = field(default_factory=dict)

    def factor(self, currency: str | None, day: date) -> int | None:
        """Units of the own currency for one of ``currency`` on ``day`` in 1e-9; None where no rate is known."""
        name = CURRENCY_NAMES.get(currency or "", currency)
        if not name or name == self.currency:
            return NANO
        known = self.exchange.get(name, ())
        place = bisect_right([first for first, _rate in known], day)
        return int((known[place - 1][1] * NANO).to_integral_value(ROUND_HALF_UP)) if place else None


def local_date():
    """The Polish day on which usage starts."""
    return pl.col("started_at").dt.replace_time_zone("UTC").dt.convert_time_zone(BILLING_TZ).dt.date()


def engine_frame(usage, reading):
    """Events as the engine takes them (``rating_core.EVENT_SCHEMA``), in the order in which they come.

    - Abroad (``network``) the visited network decides the zone: of the codes ``net:26006``, ``net:260`` (the country) and ``net:*``
      the first one that the company knows; of calls received there ``in:…`` likewise. One it does not know suspends the event.
    - At home the service code (``apn:…``, ``rg:…``, ``vod:…``, ``premium:…``) decides where the company knows it or there is no
      number; otherwise the number does.
    - Events at the same instant are rated in the order of their identities.
    - A cost in a foreign currency is converted at the rate of the day of the event; without a rate it is unknown.

    :param usage: columns of ``USAGE_SCHEMA``, others are left out
    """
    usage = usage.select(
        (pl.col(name) if name in usage.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in USAGE_SCHEMA.items()
    )
    day = local_date()
    frame = usage.select(
        *("id", "started_at", "answered_at", "service_id", "plan_id", "usage_kind", "b_number", "units", "session_key"),
        tie=_tie(usage),
        code=_code(usage, reading.codes),
        on_net=pl.col("on_net").fill_null(value=False),
        volume=pl.coalesce(pl.col("volume_up") + pl.col("volume_down"), "volume_up", "volume_down"),
        period=pl.coalesce("period", day.dt.truncate("1mo")) if usage["period"].null_count() else pl.col("period"),
        cost_micro=_cost(usage, day, reading),
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in EVENT_SCHEMA.items())


def _tie(usage):
    """Of events at the same instant the smaller identity is rated first: by what they are, not by the file in which they came.

    60 bits of it, so that the order of the numbers is that of the identities in the database.
    """
    if usage["identity"].null_count() == len(usage):
        return pl.lit(0)
    return pl.col("identity").str.replace_all("-", "", literal=True).str.slice(0, 15).str.to_integer(base=16)


def _code(usage, known):
    """Zone code of each event, null where its number leads."""
    network, service = (pl.when(pl.col(name) != "").then(pl.col(name).str.to_lowercase()) for name in _CODED)
    if all(usage[name].null_count() == len(usage) for name in _CODED):
        return pl.lit(None, dtype=pl.String)
    head = pl.when(pl.col("direction") == "in").then(pl.lit("in:")).otherwise(pl.lit("net:"))
    tries = [head + network, head + network.str.slice(0, 3), pl.when(network.is_not_null()).then(head + pl.lit("*"))]
    codes = pl.Series(sorted(known), dtype=pl.String).implode()
    abroad = pl.coalesce(*(pl.when(one.is_in(codes)).then(one) for one in tries), tries[0])
    no_number = pl.col("b_number").is_null() | (pl.col("b_number") == "")
    return pl.coalesce(abroad, pl.when(service.is_in(codes) | no_number).then(service))


def _cost(usage, day, reading):
    """Cost of each event in millionths of the company's currency, rounded half up."""
    if usage["cost_micro"].null_count() == len(usage):
        return pl.col("cost_micro")
    usage = usage.with_columns(day=day)
    foreign = usage.filter(pl.col("cost_micro").is_not_null()).select("cost_currency", "day").unique()
    factors = [reading.factor(currency, day) for currency, day in foreign.rows()]
    if all(factor == NANO for factor in factors):
        return pl.col("cost_micro")
    priced = usage.join(
        foreign.with_columns(factor=pl.Series(factors, dtype=pl.Int64)),
        on=["cost_currency", "day"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).select("cost_micro", factor=pl.col("factor").cast(pl.Int128))
    cost = pl.col("cost_micro")
    size = (cost.abs().cast(pl.Int128) * pl.col("factor") + NANO // 2) // NANO
    return priced.select((size * cost.sign()).cast(pl.Int64))["cost_micro"]
