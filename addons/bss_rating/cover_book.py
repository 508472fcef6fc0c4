"""Which allowances may serve an event: looked up for many events at once, without asking what is left of them."""

import polars as pl

from .adapters import KIND_OF_UNIT, local_date
from .lookup import Lookup

# Whether an allowance pays any kind of usage that costs something.
MONEY_UNIT = "micro"
# One row per service, unit and offered allowance with zones (null: every zone); ``last``: the last day on which one may serve it.
_COVERS_QUERY = """
    WITH picked AS MATERIALIZED (
        SELECT id, contract_id, account_id FROM bss_service WHERE company_id = %(company)s {chosen}),
    holder AS (
        SELECT id, contract_id, account_id, product_id FROM bss_service
         WHERE account_id IN (SELECT account_id FROM picked)),
    given AS (
        SELECT holder.id, contract_id, account_id, offered.sharing, offered.unit, offered.id AS offered_id,
               '9999-12-31'::date AS last
          FROM holder
          JOIN product_product product ON product.id = holder.product_id
          JOIN bss_offering_allowance offered ON offered.template_id = product.product_tmpl_id
         UNION ALL
        SELECT holder.id, contract_id, holder.account_id, COALESCE(offered.sharing, 'service'), allowance.unit, offered.id,
               COALESCE(allowance.date_end, '9999-12-31')
          FROM holder
          JOIN bss_allowance allowance ON allowance.service_id = holder.id
          LEFT JOIN bss_offering_allowance offered ON offered.id = allowance.offering_allowance_id
         UNION ALL
        SELECT holder.id, contract_id, account_id, 'service', step.unit, NULL, COALESCE(granted.date_end, '9999-12-31')
          FROM holder
          JOIN bss_service_promotion granted ON granted.service_id = holder.id
          JOIN bss_promotion_step step ON step.promotion_id = granted.promotion_id AND step.kind = 'units'),
    limited AS ({limited}),
    cover AS (
        SELECT sharing, CASE sharing WHEN 'contract' THEN contract_id WHEN 'account' THEN account_id ELSE id END AS owner,
               unit, limited.offered_id, max(last) AS last
          FROM given LEFT JOIN (SELECT DISTINCT offered_id FROM limited) limited USING (offered_id)
         GROUP BY 1, 2, 3, 4),
    served AS (
        SELECT picked.id, cover.* FROM picked JOIN cover ON sharing = 'service' AND owner = picked.id
         UNION ALL
        SELECT picked.id, cover.* FROM picked JOIN cover ON sharing = 'contract' AND owner = picked.contract_id
         UNION ALL
        SELECT picked.id, cover.* FROM picked JOIN cover ON sharing = 'account' AND owner = picked.account_id)
    SELECT id, unit, offered_id, max(last) - '1970-01-01'::date FROM served GROUP BY 1, 2, 3
"""
# An archived zone does not limit: without any other the allowance serves every zone.
_LIMITS_QUERY = """
    SELECT offered.id AS offered_id, zone.id AS zone_id
      FROM bss_offering_allowance offered
      JOIN {relation} link ON link.{own} = offered.id
      JOIN bss_rate_zone zone ON zone.id = link.{other} AND zone.active
"""
_COVERS = {"service_id": pl.Int64(), "unit": pl.String(), "offered_id": pl.Int64(), "last": pl.Int32()}
_LIMITS = {"offered_id": pl.Int64(), "zone_id": pl.Int64()}


class CoverBook:
    """Allowances of the services of a company, as they stand when they are first asked for."""

    def __init__(self, company, whole=False):
        """:param whole: read those of all services at once; the cursor is not needed any more then"""
        zones = company.env["bss.offering.allowance"]._fields["zone_ids"]
        limited = _LIMITS_QUERY.format(relation=zones.relation, own=zones.column1, other=zones.column2)
        query = _COVERS_QUERY.format(limited=limited, chosen="{chosen}")
        self._covers = Lookup(company.env.cr, company.id, query, _COVERS, whole)
        self._limits = self._covers.rows_of(limited, _LIMITS)

    def offers(self, usage):
        """(``id``, ``offered_id``) of events and allowances that may serve their kind on their day; of one that serves every zone the
        second is null.

        :param usage: has id, service_id, usage_kind and started_at (UTC)
        """
        covers = self._covers.of(usage["service_id"]).with_columns(kind=pl.col("unit").replace_strict(KIND_OF_UNIT))
        pairs = usage.select("id", "service_id", "usage_kind", day=local_date().cast(pl.Int32)).join(
            covers, on="service_id"
        )
        of_kind = (pl.col("kind") == pl.col("usage_kind")) | (pl.col("unit") == MONEY_UNIT)
        return pairs.filter(of_kind & (pl.col("last") >= pl.col("day"))).select("id", "offered_id")

    def serves(self, offers, priced):
        """Ids of the ``priced`` events (id, zone_id) whose zone is one of those of an allowance that is offered to them."""
        zones = offers.join(self._limits, on="offered_id")
        return zones.join(priced, on=["id", "zone_id"], how="semi")["id"].unique()
