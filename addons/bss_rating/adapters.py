"""Records and SQL rows to frames of the rating kernel and back; the only file that knows both sides."""

from datetime import date

import polars as pl

from .rating_core import (
    ALLOWANCE_SCHEMA,
    EVENT_SCHEMA,
    MEMBER_SCHEMA,
    ZONE_SET_SCHEMA,
    Allowances,
    Prefix,
    Rate,
    Tariff,
)

# Days and months of billing are Polish wall-clock ones, whatever the user's time zone.
BILLING_TZ = "Europe/Warsaw"
KIND_OF_UNIT = {"s": "voice", "sms": "sms", "byte": "data"}
UNIT_SIZE = {"voice": 60, "sms": 1, "data": 1_000_000}
DECIMALS = 4
ALLOWANCE_AS_RATED = {
    "validity": "month",
    "rollover": "none",
    "sharing": "service",
    "proration": "none",
}
EVENT_COLUMNS = ("id", "started_at", "service_id", "plan_id", "usage_kind", "b_number", "units")
RESULT_COLUMNS = (
    "id",
    "started_at",
    "state",
    "reason",
    "plan_id",
    "zone_id",
    "prefix",
    "rate_id",
    "billed_units",
    "free_units",
    "amount_e4",
    "explanation",
)


def tariff(company):
    """Zones and rates of a company; its own prefixes go before the shared ones."""
    env = company.env
    prefixes = {}
    entries = env["bss.rate.prefix"].search([("company_id", "in", [False, company.id]), ("zone_id.active", "=", True)])
    for entry in entries.sorted(lambda one: bool(one.company_id)):
        prefixes[entry.prefix] = entry.zone_id.id
    rates = env["bss.rate"].search([("company_id", "=", company.id), ("plan_id.state", "!=", "draft")])
    return Tariff(
        prefixes=[Prefix(prefix, zone_id) for prefix, zone_id in prefixes.items()],
        rates=[_rate(entry) for entry in _ratable(rates)],
    )


def unratable_features(entry):
    """Names of what a rate asks for and the engine cannot do; a plan with any is not activated."""
    found = []
    if entry.band_id:
        found.append("band")
    if entry.usage_kind not in UNIT_SIZE:
        found.append("usage_kind")
    if entry.charge_basis != "unit":
        found.append("event")
    if entry.usage_kind == "voice" and (entry.chain or "").count("/") > 1:
        found.append("chain")
    if entry.decimals != DECIMALS:
        found.append("decimals")
    if entry.tier_model != "flat":
        found.append("tiers")
    return found


def unratable_allowance_features(allowance):
    """Names of the fields of an offering's allowance whose values the engine cannot honour."""
    found = [name for name, value in ALLOWANCE_AS_RATED.items() if allowance[name] != value]
    if allowance.unit not in KIND_OF_UNIT:
        found.append("unit")
    if allowance.band_id:
        found.append("band_id")
    return found


def _ratable(rates):
    """Rates without the zones of plans that the engine cannot price right: their usage waits instead of costing too little."""
    stuck = {_place(entry) for entry in rates if unratable_features(entry)}
    return rates.filtered(lambda entry: _place(entry) not in stuck)


def _place(entry):
    return entry.plan_id.id, entry.zone_id.id, entry.usage_kind


def _rate(entry):
    chain = {
        "voice": (entry.increment_first_s, entry.increment_next_s),
        "sms": (1,),
        "data": (entry.data_block_bytes,),
    }[entry.usage_kind]
    return Rate(
        rate_id=entry.id,
        plan_id=entry.plan_id.id,
        zone_id=entry.zone_id.id,
        usage_kind=entry.usage_kind,
        price_micro=entry.price_micro,
        connect_fee_micro=entry.connect_fee_micro,
        min_charge_micro=entry.min_charge_micro,
        max_charge_micro=entry.max_charge_micro,
        chain=chain,
        unit_size=UNIT_SIZE[entry.usage_kind],
    )


def event_frame(rows):
    return pl.DataFrame(rows, schema={name: EVENT_SCHEMA[name] for name in EVENT_COLUMNS}, orient="row")


def allowances(env, rows):
    """:param rows: (id, service, unit, remaining, priority, valid_from, valid_to, offering allowance or None)"""
    offered = env["bss.offering.allowance"].browse({row[7] for row in rows if row[7]})
    limited = {one.id: one.zone_ids.ids for one in offered if one.zone_ids}
    frame = pl.DataFrame(
        [(row[0], KIND_OF_UNIT[row[2]], *row[3:7], row[7] if row[7] in limited else None, None) for row in rows],
        schema=dict(ALLOWANCE_SCHEMA),
        orient="row",
    )
    members = pl.DataFrame([row[:2] for row in rows], schema=dict(MEMBER_SCHEMA), orient="row")
    zones = [(zone_set, zone_id) for zone_set, zone_ids in limited.items() for zone_id in zone_ids]
    return Allowances(frame, members, pl.DataFrame(zones, schema=dict(ZONE_SET_SCHEMA), orient="row"))


def result_frame(rated):
    """Rows of ``RESULT_COLUMNS``; the explanation freezes the prices that were used."""
    uses = rated.uses.group_by("id").agg(allowances=pl.struct(pl.col("allowance_id").alias("id"), pl.col("units")))
    frame = rated.events.join(uses, on="id", how="left")
    frozen = pl.struct(
        pl.col("units"),
        pl.col("price_micro").alias("price"),
        pl.col("connect_fee_micro").alias("connect"),
        pl.col("min_charge_micro").alias("min"),
        pl.col("max_charge_micro").alias("max"),
        pl.col("chain"),
        pl.col("unit_size").alias("size"),
        pl.col("allowances"),
    )
    explained = pl.when(pl.col("rate_id").is_not_null()).then(frozen.struct.json_encode())
    return frame.with_columns(explanation=explained).select(RESULT_COLUMNS)


def month_start(day):
    return date(day.year, day.month, 1)


def next_month(day):
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months(first, last):
    """First days of the months from ``first`` to ``last``."""
    month = month_start(first)
    while month <= last:
        yield month
        month = next_month(month)
