"""Tariffs made ready for rating, kept in the process as long as nothing that they are made of changes in the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import adapters
from .rating_core import Engine

# Every table that ``adapters.tariff`` and ``adapters.reading`` read.
TABLES = (
    "bss_holiday",
    "bss_holiday_calendar",
    "bss_rate",
    "bss_rate_plan",
    "bss_rate_prefix",
    "bss_rate_tier",
    "bss_rate_zone",
    "bss_rate_zone_code",
    "bss_time_band",
    "res_company",
    "res_currency",
    "res_currency_rate",
)
# A row that is written gets a new place and the number of its transaction: no change escapes, not even one that was begun before the
# last one and committed after it.
_STAMP = " UNION ALL ".join(
    f"SELECT {number}, count(*), sum(hashtextextended(concat_ws(' ', id, ctid, xmin), 0)) FROM {table}"
    for number, table in enumerate(TABLES)
)
_compiled = {}


@dataclass(frozen=True)
class Compiled:
    """``counting``: kinds of usage and the plans in which what an event of that kind costs depends on others before it."""

    engine: Engine
    reading: adapters.Reading
    counting: Mapping[str, frozenset[int]]
    is_empty: bool


def compiled(company):
    """The tariff of a company as it stands in the transaction."""
    company = company.sudo().with_context(active_test=True)
    company.env.flush_all()
    cr = company.env.cr
    cr.execute(_STAMP)  # pylint: disable=sql-injection
    stamp = sorted(cr.fetchall())
    key = cr.dbname, company.id
    known, made = _compiled.get(key, (None, None))
    if known != stamp:
        made = _compile(company)
        _compiled[key] = stamp, made
    return made


def _compile(company):
    tariff = adapters.tariff(company)
    counting = {}
    for rate in tariff.rates:
        if rate.tier_model != "flat" or rate.rounding != "event":
            counting[rate.usage_kind] = counting.get(rate.usage_kind, frozenset()) | {rate.plan_id}
    engine, reading = Engine(tariff, adapters.BILLING_TZ), adapters.reading(company, tariff)
    return Compiled(engine, reading, counting, not tariff.rates)
