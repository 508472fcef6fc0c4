"""Records and SQL rows to frames of the rating kernel and back; the only file that knows both sides."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl
from odoo.addons.bss_catalog.adapters import band_facts
from odoo.addons.bss_catalog.catalog_core import bands_on, day_slots, day_type, parse_chain

from .event_frames import BILLING_TZ, Reading, engine_frame, local_date
from .rating_core import (
    ALLOWANCE_SCHEMA,
    COUNTER_SCHEMA,
    MEMBER_SCHEMA,
    TIMED_KINDS,
    ZONE_SET_SCHEMA,
    Allowances,
    Plan,
    Prefix,
    Rate,
    Tariff,
    Tier,
    ZoneCode,
)
from .rating_core.tariff_table import TariffTable

__all__ = ["BILLING_TZ", "Reading", "engine_frame", "local_date"]
KIND_OF_UNIT = {"s": "voice", "sms": "sms", "mms": "mms", "byte": "data", "micro": "money"}
UNIT_SIZE = {"voice": 60, "premium": 60, "sms": 1, "mms": 1, "data": 1_000_000, "content": 1}
MICRO_PER_E4 = 100
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
FROZEN = {
    "units": "units",
    "price_micro": "price",
    "connect_fee_micro": "connect",
    "min_charge_micro": "min",
    "max_charge_micro": "max",
    "chain": "chain",
    "unit_size": "size",
    "basis": "basis",
    "decimals": "decimals",
    "band_id": "band",
    "money_e4": "money",
    "cost_micro": "cost",
    "multiplier_micro": "multiplier",
}


# --- tariff


def tariff(company, plan=None):
    """Zones, plans and rates of a company; its own prefixes and codes go before the shared ones.

    :param plan: only this plan, drafts included: to try what it asks
    """
    env = company.env
    wanted = [("plan_id", "=", plan.id)] if plan else [("plan_id.state", "!=", "draft")]
    rates = _ratable(env["bss.rate"].search([("company_id", "=", company.id), *wanted]))
    return Tariff(
        prefixes=[Prefix(*item) for item in _zones_by(company, "bss.rate.prefix", "prefix").items()],
        rates=[_rate(entry) for entry in rates],
        codes=[ZoneCode(*item) for item in _zones_by(company, "bss.rate.zone.code", "code").items()],
        plans=_plans(company, rates),
        on_net_zone_id=company._bss_get_on_net_zone().id or None,
    )


def _zones_by(company, model, name):
    """{prefix or code: zone} of the active zones that the company sees."""
    entries = company.env[model].search([("company_id", "in", [False, company.id]), ("zone_id.active", "=", True)])
    return {entry[name]: entry.zone_id.id for entry in entries.sorted(lambda one: bool(one.company_id))}


def reading(company, of_tariff):
    """How to read the events that ``of_tariff`` prices (see ``event_frames.engine_frame``)."""
    return Reading(
        codes=frozenset(entry.code for entry in of_tariff.codes),
        currency=company.currency_id.name,
        exchange=_exchange(company) if any(rate.basis == "upstream" for rate in of_tariff.rates) else {},
    )


def _exchange(company):
    """{currency: (first day, units of the company's currency for one)}, by the rates of Odoo.

    Odoo keeps units of each currency for one of a common base; rates of the company take the place of shared ones from the
    first of them on. Before the first known day there is no rate.
    """
    company.env["res.currency.rate"].flush_model()
    company.env.cr.execute(
        """SELECT currency.name, rate.name, rate.rate
             FROM res_currency_rate rate
             JOIN res_currency currency ON currency.id = rate.currency_id
             LEFT JOIN LATERAL (
                  SELECT min(own.name) AS day FROM res_currency_rate own
                   WHERE own.currency_id = rate.currency_id AND own.company_id = %(company)s) first ON TRUE
            WHERE rate.company_id = %(company)s
               OR rate.company_id IS NULL AND (first.day IS NULL OR rate.name < first.day)
            ORDER BY currency.name, rate.name""",
        {"company": company.root_id.id},
    )
    series = {}
    for name, day, rate in company.env.cr.fetchall():
        series.setdefault(name, []).append((day, Decimal(rate)))
    own = series.pop(company.currency_id.name, [(date.min, Decimal(1))])
    return {name: _crossed(rates, own) for name, rates in series.items()}


def _crossed(rates, own):
    """Units of the own currency for one of the other, from each day on which either changes."""
    found = []
    for day in sorted({day for day, _rate in [*rates, *own]}):
        theirs, ours = ([rate for first, rate in one if first <= day] for one in (rates, own))
        if theirs and ours:
            found.append((day, ours[-1] / theirs[-1]))
    return found


def _plans(company, rates):
    """Plans with the bands of their days; plans of one holiday calendar share them."""
    bands = {band.id: replace(band_facts(band), code=str(band.id)) for band in rates.band_id}
    slots_of = {
        calendar: _slots_of_day(bands, calendar._bss_days(company, date.min, date.max))
        for calendar in rates.plan_id.holiday_calendar_id
    }
    without = _slots_of_day(bands, frozenset())
    return [
        Plan(
            plan.id,
            band_policy=plan.band_policy,
            consumption=plan.consumption,
            zero_length=plan.zero_length,
            free_pays_connect=plan.free_pays_connect,
            day_slots=slots_of.get(plan.holiday_calendar_id, without),
        )
        for plan in rates.plan_id
    ]


def _slots_of_day(bands, holidays):
    """Slots of a day (first minute, band) in the heaviest of the bands that a zone is priced in."""

    @cache
    def slots(day, band_ids):
        valid = bands_on([bands[band_id] for band_id in sorted(band_ids)], day)
        return [
            (slot.start_min, int(slot.codes[0]) if slot.codes else None)
            for slot in day_slots(valid, day_type(day, holidays))
        ]

    return slots


def unratable(rates):
    """{feature: rates that ask for it}: what the engine cannot do; a plan with any is not activated.

    ``tier_limits``: a minimum or maximum belongs to an event, tiers to a period.
    ``tier_event``: tiers count units, not events or costs. ``basis``: a call over a change of band cannot be charged per unit before
    and per event after it.
    """
    basis_of = {}
    for entry in rates:
        basis_of.setdefault(_place(entry), set()).add(entry.charge_basis)
    tiered = rates.filtered(lambda entry: entry.tier_model != "flat")
    found = {
        "tier_limits": tiered.filtered(lambda entry: entry.min_charge_micro or entry.max_charge_micro),
        "tier_event": tiered.filtered(lambda entry: entry.charge_basis != "unit"),
        "basis": rates.filtered(lambda entry: len(basis_of[_place(entry)]) > 1),
    }
    return {feature: stuck for feature, stuck in found.items() if stuck}


def _ratable(rates):
    """Rates without the zones of plans that the engine cannot price right: their usage waits instead of costing too little."""
    stuck = {_place(entry) for entries in unratable(rates).values() for entry in entries}
    return rates.filtered(lambda entry: _place(entry) not in stuck)


def _place(entry):
    return entry.plan_id.id, entry.zone_id.id, entry.usage_kind


def _rate(entry):
    return Rate(
        rate_id=entry.id,
        plan_id=entry.plan_id.id,
        zone_id=entry.zone_id.id,
        usage_kind=entry.usage_kind,
        price_micro=entry.price_micro,
        connect_fee_micro=entry.connect_fee_micro,
        min_charge_micro=entry.min_charge_micro,
        max_charge_micro=entry.max_charge_micro,
        chain=_chain(entry),
        unit_size=UNIT_SIZE[entry.usage_kind],
        band_id=entry.band_id.id or None,
        basis=entry.charge_basis,
        multiplier_micro=entry.multiplier_micro,
        decimals=entry.decimals,
        rounding=entry.rounding,
        step_bytes=entry.step_bytes,
        tier_model=entry.tier_model,
        tiers=tuple(
            Tier(tier.quantity_from, tier.quantity_to or None, tier.price_micro, tier.package_size)
            for tier in entry.tier_ids
        ),
    )


def _chain(entry):
    if entry.usage_kind in ("voice", "premium"):
        chain = parse_chain(entry.chain or "")
        return chain if isinstance(chain, tuple) else (entry.increment_first_s, entry.increment_next_s)
    return (entry.data_block_bytes,) if entry.usage_kind == "data" else (1,)


# --- allowances, counters


def allowances(env, rows, members):
    """:param rows: (id, unit, remaining, priority, valid_from, valid_to, offering allowance or None)
    :param members: (id, service)
    """
    offered = env["bss.offering.allowance"].browse({row[6] for row in rows if row[6]})
    limited = {one.id: one.zone_ids.ids for one in offered if one.zone_ids}
    band_of = {one.id: one.band_id.id for one in offered if one.band_id}
    frame = pl.DataFrame(
        [
            (row[0], KIND_OF_UNIT[row[1]], _kept(row[1], row[2]), *row[3:6])
            + (row[6] if row[6] in limited else None, band_of.get(row[6]))
            for row in rows
        ],
        schema=dict(ALLOWANCE_SCHEMA),
        orient="row",
    )
    zones = [(zone_set, zone_id) for zone_set, zone_ids in limited.items() for zone_id in zone_ids]
    return Allowances(
        frame,
        pl.DataFrame(members, schema=dict(MEMBER_SCHEMA), orient="row"),
        pl.DataFrame(zones, schema=dict(ZONE_SET_SCHEMA), orient="row"),
    )


def _kept(unit, remaining):
    """Money is given in millionths and used in 1e-4."""
    return remaining // MICRO_PER_E4 if unit == "micro" else remaining


def counter_frame(rows):
    return pl.DataFrame(rows, schema=dict(COUNTER_SCHEMA), orient="row")


# --- results


def result_frame(rated):
    """Rows of ``RESULT_COLUMNS``; the explanation freezes what the rate alone does not tell: parts, allowances, money, costs."""
    uses = rated.uses.group_by("id").agg(allowances=pl.struct(pl.col("allowance_id").alias("id"), pl.col("units")))
    parts = ("rate_id", "band_id", "units", "paid_units", "price_micro", "unit_size", "tier_start")
    pieces = rated.pieces.group_by("id", maintain_order=True).agg(pieces=pl.struct(*parts))
    frame = rated.events.join(uses, on="id", how="left").join(pieces, on="id", how="left")
    frozen = pl.struct(
        *(pl.col(column).alias(name) for column, name in FROZEN.items()), pl.col("allowances"), pl.col("pieces")
    )
    parts_or_uses = pl.col("pieces").is_not_null() | pl.col("allowances").is_not_null()
    special = parts_or_uses | (pl.col("money_e4") != 0) | (pl.col("basis") == "upstream")
    texts = frame.filter(special & pl.col("rate_id").is_not_null()).select(
        "id", explanation=frozen.struct.json_encode()
    )
    return frame.join(texts, on="id", how="left", maintain_order="left").select(RESULT_COLUMNS)


def told_by_rate(event):
    """What the rating of an ordinary event froze: the prices of its rate, which never change once they priced something."""
    row = TariffTable(Tariff(prefixes=[], rates=[_rate(event.rate_id)])).rates.row(0, named=True)
    row |= {"units": event.units, "money_e4": 0, "cost_micro": None}
    return {name: row[column] for column, name in FROZEN.items()}


def frozen(event, explanation=None):
    """(event, pieces, uses) for ``rating_core.explain``, of a stored event and what its rating froze."""
    explanation = explanation or told_by_rate(event)
    row = {column: explanation.get(name) for column, name in FROZEN.items()}
    row |= {
        "reason": event.reason or None,
        "prefix": event.prefix or "",
        "zone_id": event.zone_id.id,
        "plan_id": event.plan_id.id,
        "billed_units": event.billed_units,
        "free_units": event.free_units,
        "amount_e4": event.amount_e4,
        **_shape(event),
    }
    taken = explanation.get("allowances") or []
    given = event.env["bss.allowance"].browse(one["id"] for one in taken).exists()
    money = set(given.filtered(lambda one: one.unit == "micro").ids)
    uses = [{"allowance_id": one["id"], "units": one["units"], "is_money": one["id"] in money} for one in taken]
    return row, explanation.get("pieces") or [], uses


def _shape(event):
    """What the rate asks of the event beside its prices; rates that priced something never change."""
    rate, timed = event.rate_id, event.usage_kind in TIMED_KINDS
    per_session = rate.rounding != "session" or event.session_key
    return {
        "rounding": rate.rounding if not timed and per_session else "event",
        "step_bytes": rate.step_bytes,
        "volume": event.volume_up + event.volume_down or None,
        "own_cost_micro": event.cost_micro,
        "cost_currency": event.cost_currency,
    }


# --- months


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
