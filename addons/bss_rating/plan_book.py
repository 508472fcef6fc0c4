"""Which version of which plan prices an event: looked up for many events at once.

The plan is the one that the service had on the Polish day of the start, in its version (same code) of that day. Where a version was
withdrawn and another one made for the same days, because of wrong prices, the active one counts.
"""

import polars as pl

from .adapters import local_date
from .lookup import Lookup

_FACTS = {
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "first": pl.Int32(),
    "last": pl.Int32(),
}
_VERSIONS = {
    "plan_id": pl.Int64(),
    "version_id": pl.Int64(),
    "first": pl.Int32(),
    "last": pl.Int32(),
    "rank": pl.Int64(),
    "by_cycle": pl.Int8(),  # whether its quantities are those of the bill cycle of the account
}

# One row per service and plan that it had. Days are numbers since 1970, nothing is without end.
_FACTS_QUERY = """
    WITH picked AS MATERIALIZED (
        SELECT id, rate_plan_id FROM bss_service WHERE company_id = %(company)s {chosen}),
    span AS (
        SELECT had.service_id, had.plan_id, had.date_end AS last,
               lag(had.date_end) OVER (PARTITION BY had.service_id ORDER BY had.date_end, had.id) + 1 AS first
          FROM bss_service_rate_plan had WHERE had.service_id IN (SELECT id FROM picked)
         UNION ALL
        SELECT picked.id, picked.rate_plan_id, NULL,
               (SELECT max(had.date_end) + 1 FROM bss_service_rate_plan had WHERE had.service_id = picked.id)
          FROM picked)
    SELECT service_id, plan_id, first - '1970-01-01'::date, last - '1970-01-01'::date FROM span
"""
_VERSIONS_QUERY = """
    SELECT plan.id, other.id, other.date_start - '1970-01-01'::date, other.date_end - '1970-01-01'::date,
           row_number() OVER (PARTITION BY plan.id ORDER BY other.state, other.id = plan.id DESC,
                                                            other.date_start DESC NULLS LAST),
           (other.tier_period = 'cycle')::int
      FROM bss_rate_plan plan
      JOIN bss_rate_plan other ON other.company_id = plan.company_id AND other.code = plan.code
     WHERE other.state IN ('active', 'withdrawn')
"""


class PlanBook:
    """Plans of the services of a company, as they stand when they are first asked for."""

    def __init__(self, cr, company_id, whole=False):
        """:param whole: read those of all services at once; the cursor is not needed any more then"""
        self._facts = Lookup(cr, company_id, _FACTS_QUERY, _FACTS, whole)
        self._versions = self._facts.rows_of(_VERSIONS_QUERY, _VERSIONS)

    def attach(self, usage):
        """``usage`` in its order with ``plan_id`` (the version, or null) and ``period`` (first day of the one whose quantities count).

        :param usage: has service_id and started_at (UTC); without ``cycle_day`` all periods are calendar months
        """
        dated = usage.with_columns(date=local_date(), day=local_date().cast(pl.Int32))
        facts = self._facts.of(usage["service_id"])
        found = dated.join(facts, on="service_id", how="left", maintain_order="left").filter(_valid())
        found = found.drop("first", "last")
        versions = self._versions_of(found.select("plan_id", "day").unique())
        found = found.join(versions, on=["plan_id", "day"], how="left", maintain_order="left")
        return found.with_columns(plan_id="version_id", period=_period(found)).drop(
            "date", "day", "version_id", "by_cycle"
        )

    def _versions_of(self, wanted):
        """The version of each (plan, day)."""
        valid = wanted.join(self._versions, on="plan_id").filter(_valid())
        return (
            valid.sort("rank")
            .unique(["plan_id", "day"], keep="first")
            .select("plan_id", "day", "version_id", "by_cycle")
        )


def _valid():
    after = pl.col("first").is_null() | (pl.col("first") <= pl.col("day"))
    return after & (pl.col("last").is_null() | (pl.col("last") >= pl.col("day")))


def _period(found):
    month = pl.col("date").dt.truncate("1mo")
    if "cycle_day" not in found.columns or not found["by_cycle"].sum():
        return month
    shift = pl.duration(days=pl.col("cycle_day").fill_null(1) - 1)
    cycle = (pl.col("date") - shift).dt.truncate("1mo") + shift
    return pl.when(pl.col("by_cycle") == 1).then(cycle).otherwise(month)
