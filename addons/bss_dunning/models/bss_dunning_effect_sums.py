"""Groups of steps taken, from sums by day, step and channel: pivots of many hundred thousand steps in a moment."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: what rows of sums are told apart by; groups and filters of these need no single step
DIMENSIONS = frozenset(
    {
        "as_of",
        "channel",
        "company_id",
        "cured",
        "currency_id",
        "date",
        "stage_id",
        "step_id",
        "strategy_id",
        "window_over",
    }
)
#: aggregates that follow from such rows
AGGREGATES = frozenset(
    {
        "__count",
        "amount:sum",
        "amount:sum_currency",
        "cost:sum",
        "cost:sum_currency",
        "cost_per_zloty:avg",
        "cure_rate:avg",
        "cured:sum",
        "currency_id:array_agg_distinct",
        "recovered:sum",
        "recovered:sum_currency",
        "recovery_rate:avg",
    }
)
#: context of the reading of sums; records of results do not carry it
KEY = "bss_effect_sums"
#: its value: an object that no client can send, so the context of a call cannot choose the sums by itself
SUMS = object()


class BssDunningEffectSums(models.Model):
    """Sums are exact (``numeric``), so the figures are those of the single steps; what sums cannot tell is read from them."""

    _inherit = "bss.dunning.effect.report"  # pylint: disable=consider-merging-classes-inherited

    @property
    def _table_query(self):
        return self._bss_sums() if self._bss_reads_sums() else super()._table_query

    def _bss_reads_sums(self):
        return self.env.context.get(KEY) is SUMS

    def _bss_sums(self):
        return SQL(
            """
            SELECT summed.company_id, company.currency_id, step.strategy_id, step.stage_id, summed.step_id,
                   summed.channel, summed.date, %(as_of)s AS as_of, %(window_over)s AS window_over,
                   summed.cured, summed.taken, summed.amount, summed.recovered, summed.cost
              FROM (SELECT action.company_id, action.step_id, action.channel, action.date_done AS date,
                           (COALESCE(action.amount, 0) > 0
                            AND COALESCE(action.recovered, 0) >= COALESCE(action.amount, 0))::int AS cured,
                           COUNT(*) AS taken,
                           SUM(COALESCE(action.amount, 0)) AS amount,
                           SUM(COALESCE(action.recovered, 0)) AS recovered,
                           SUM(COALESCE(action.cost, 0)) AS cost
                      FROM bss_dunning_action action
                     WHERE action.state = 'done' AND action.date_done IS NOT NULL
                     GROUP BY 1, 2, 3, 4, 5) summed
              JOIN res_company company ON company.id = summed.company_id
              LEFT JOIN bss_dunning_step step ON step.id = summed.step_id
            """,
            as_of=self._bss_as_of_sql(),
            window_over=self._bss_window_over_sql(SQL("summed.date")),
        )

    # Reading

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        told = not having and self._bss_sums_tell(domain, groupby, aggregates, order)
        read = super(BssDunningEffectSums, self.with_context(**{KEY: SUMS}) if told else self)._read_group
        rows = read(domain, groupby, aggregates, having, offset, limit, order)
        return self._bss_without_key(rows) if told else rows

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = [spec for groupby in grouping_sets for spec in groupby]
        told = self._bss_sums_tell(domain, specs, aggregates, order)
        read = super(BssDunningEffectSums, self.with_context(**{KEY: SUMS}) if told else self)._read_grouping_sets
        result = read(domain, grouping_sets, aggregates, order)
        return [self._bss_without_key(rows) for rows in result] if told else result

    @api.model
    def _bss_sums_tell(self, domain, groupby, aggregates, order):
        """Whether nothing is asked that only single steps know."""
        terms = [term.split()[0] for term in (order or "").split(",") if term.strip()]
        if not set(aggregates) | (set(terms) - set(groupby)) <= AGGREGATES | DIMENSIONS:
            return False
        rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        asked = [*(Domain(domain) & Domain(rules)).iter_conditions()]
        names = {condition.field_expr.split(".")[0] for condition in asked}
        # groups by a field of a related record may hold a step more than once: single steps are told apart by their id
        return names | {spec.split(":")[0] for spec in groupby} <= DIMENSIONS

    def _bss_without_key(self, rows):
        return [
            tuple(value.with_env(self.env) if isinstance(value, models.BaseModel) else value for value in row)
            for row in rows
        ]

    def _read_group_select(self, aggregate_spec, query):
        if not self._bss_reads_sums():
            return super()._read_group_select(aggregate_spec, query)
        taken = SQL.identifier(self._table, "taken")
        cured = self._field_to_sql(self._table, "cured", query)
        # the division is that of the database's own AVG, to the last digit
        found = {
            "__count": SQL("COALESCE(SUM(%s), 0)::bigint", taken),
            "cured:sum": SQL("SUM(%s * %s)::bigint", cured, taken),
            "cure_rate:avg": SQL("SUM(%s * %s * 100.0) / NULLIF(SUM(%s), 0)", cured, taken, taken),
        }
        return found.get(aggregate_spec) or super()._read_group_select(aggregate_spec, query)
