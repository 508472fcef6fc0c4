"""Which version of which plan prices an event, and whether allowances may serve it: looked up for many events at once.

The plan is the one that the service had on the Polish day of the start, in its version (same code) of that day. Where a version was
withdrawn and another one made for the same days, because of wrong prices, the active one counts.
"""

import io

import polars as pl

from .adapters import BILLING_TZ

_FACTS = {
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "first": pl.Int32(),
    "last": pl.Int32(),
    "covered_to": pl.Int32(),
}
_VERSIONS = {
    "plan_id": pl.Int64(),
    "version_id": pl.Int64(),
    "first": pl.Int32(),
    "last": pl.Int32(),
    "rank": pl.Int64(),
    "by_cycle": pl.Int8(),  # whether its quantities are those of the bill cycle of the account
}

# One row per service and plan that it had; ``covered_to``: the last day on which an allowance of its own or a shared one may serve it.
# Days are numbers since 1970, nothing is without end.
_FACTS_QUERY = """
    WITH picked AS MATERIALIZED (
        SELECT id, contract_id, account_id, rate_plan_id FROM bss_service WHERE company_id = %(company)s {chosen}),
    holder AS (
        SELECT id, contract_id, account_id, product_id FROM bss_service
         WHERE account_id IN (SELECT account_id FROM picked)),
    given AS (
        SELECT holder.id, contract_id, account_id, offered.sharing, '9999-12-31'::date AS last
          FROM holder
          JOIN product_product product ON product.id = holder.product_id
          JOIN bss_offering_allowance offered ON offered.template_id = product.product_tmpl_id
         UNION ALL
        SELECT holder.id, contract_id, holder.account_id, COALESCE(offered.sharing, 'service'),
               COALESCE(allowance.date_end, '9999-12-31')
          FROM holder
          JOIN bss_allowance allowance ON allowance.service_id = holder.id
          LEFT JOIN bss_offering_allowance offered ON offered.id = allowance.offering_allowance_id
         UNION ALL
        SELECT holder.id, contract_id, account_id, 'service', COALESCE(granted.date_end, '9999-12-31')
          FROM holder
          JOIN bss_service_promotion granted ON granted.service_id = holder.id
          JOIN bss_promotion_step step ON step.promotion_id = granted.promotion_id AND step.kind = 'units'),
    covered AS (
        SELECT sharing, CASE sharing WHEN 'contract' THEN contract_id WHEN 'account' THEN account_id ELSE id END AS owner,
               max(last) AS last
          FROM given GROUP BY 1, 2),
    span AS (
        SELECT had.service_id, had.plan_id, had.date_end AS last,
               lag(had.date_end) OVER (PARTITION BY had.service_id ORDER BY had.date_end, had.id) + 1 AS first
          FROM bss_service_rate_plan had WHERE had.service_id IN (SELECT id FROM picked)
         UNION ALL
        SELECT picked.id, picked.rate_plan_id, NULL,
               (SELECT max(had.date_end) + 1 FROM bss_service_rate_plan had WHERE had.service_id = picked.id)
          FROM picked)
    SELECT span.service_id, span.plan_id, span.first - '1970-01-01'::date, span.last - '1970-01-01'::date,
           GREATEST(own.last, contract.last, account.last) - '1970-01-01'::date
      FROM span
      JOIN picked ON picked.id = span.service_id
      LEFT JOIN covered own ON own.sharing = 'service' AND own.owner = picked.id
      LEFT JOIN covered contract ON contract.sharing = 'contract' AND contract.owner = picked.contract_id
      LEFT JOIN covered account ON account.sharing = 'account' AND account.owner = picked.account_id
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
        self._cr, self._company_id, self._whole = cr, company_id, whole
        self._versions = _read(cr, _VERSIONS_QUERY, {}, _VERSIONS)
        self._facts = self._read() if whole else pl.DataFrame(schema=_FACTS)

    def attach(self, usage):
        """``usage`` in its order with ``plan_id`` (the version, or null), ``period`` (first day of the one whose quantities count)
        and ``is_covered``.

        :param usage: has service_id and started_at (UTC); without ``cycle_day`` all periods are calendar months
        """
        local = pl.col("started_at").dt.replace_time_zone("UTC").dt.convert_time_zone(BILLING_TZ).dt.date()
        dated = usage.with_columns(date=local, day=local.cast(pl.Int32))
        facts = self._facts_of(usage["service_id"])
        found = dated.join(facts, on="service_id", how="left", maintain_order="left").filter(_valid())
        covered = (pl.col("covered_to") >= pl.col("day")).fill_null(value=False)
        found = found.with_columns(is_covered=covered).drop("first", "last", "covered_to")
        versions = self._versions_of(found.select("plan_id", "day").unique())
        found = found.join(versions, on=["plan_id", "day"], how="left", maintain_order="left")
        return found.with_columns(plan_id="version_id", period=_period(found)).drop(
            "date", "day", "version_id", "by_cycle"
        )

    def _facts_of(self, services):
        missing = services.unique() if not self._whole else services.clear()
        missing = missing.filter(~missing.is_in(self._facts["service_id"].unique().implode()))
        if len(missing):
            self._facts = pl.concat([self._facts, self._read(missing.to_list())])
        return self._facts

    def _versions_of(self, wanted):
        """The version of each (plan, day)."""
        valid = wanted.join(self._versions, on="plan_id").filter(_valid())
        return (
            valid.sort("rank")
            .unique(["plan_id", "day"], keep="first")
            .select("plan_id", "day", "version_id", "by_cycle")
        )

    def _read(self, service_ids=None):
        chosen = "" if service_ids is None else "AND id = ANY(%(services)s)"
        params = {"company": self._company_id, "services": service_ids}
        return _read(self._cr, _FACTS_QUERY.format(chosen=chosen), params, _FACTS)


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


def _read(cr, query, params, schema):
    buffer = io.BytesIO()
    cr.copy_expert(f"COPY ({cr.mogrify(query, params).decode()}) TO STDOUT (FORMAT csv)", buffer)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    return pl.read_csv(buffer.getvalue(), has_header=False, schema=schema)
