"""What steps and channels bring: cases, money that came after them, cost."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .bss_dunning_step import CHANNELS


class BssDunningEffectReport(models.Model):
    """One row per step taken; what came after it is counted every night, and soon after payments of its account.

    A payment counts when its day lies after the day of the step and within the window of the company, and only for
    the documents that the step demanded. One payment counts for every step whose window it falls into: the report
    compares steps, its sums are not money in.
    """

    _name = "bss.dunning.effect.report"
    _description = "Effect of Collection Steps"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "step_id"
    _depends = {
        "bss.dunning.action": [
            "account_id",
            "amount",
            "case_id",
            "channel",
            "company_id",
            "cost",
            "date_done",
            "recovered",
            "state",
            "step_id",
        ],
        "bss.dunning.case": ["customer_kind", "partner_id"],
        "bss.dunning.step": ["stage_id", "strategy_id"],
        "res.company": ["bss_dunning_effect_days", "bss_dunning_measured_on", "currency_id"],
    }

    action_id = fields.Many2one("bss.dunning.action", readonly=True)
    case_id = fields.Many2one("bss.dunning.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["bss_customer_kind"]._description_selection(self.env),
        readonly=True,
    )
    strategy_id = fields.Many2one("bss.dunning.strategy", readonly=True)
    stage_id = fields.Many2one("bss.dunning.stage", readonly=True)
    step_id = fields.Many2one("bss.dunning.step", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    date = fields.Date(string="Done On", readonly=True)
    as_of = fields.Date(readonly=True, help="Payments up to this day are counted.")
    window_over = fields.Boolean(readonly=True, help="All days within which a payment counts have passed.")
    amount = fields.Monetary(string="Demanded", readonly=True)
    recovered = fields.Monetary(readonly=True, help="Paid after the step and within the window.")
    cured = fields.Integer(readonly=True, help="All that was demanded came within the window.")
    cure_rate = fields.Float(string="Cure Rate %", readonly=True, aggregator="avg", digits=(16, 2))
    recovery_rate = fields.Float(string="Recovered %", readonly=True, aggregator="avg", digits=(16, 2))
    cost = fields.Monetary(readonly=True)
    cost_per_zloty = fields.Float(
        string="Cost per Recovered Złoty", readonly=True, aggregator="avg", digits=(16, 4), help="Cost / recovered."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT taken.*,
                   (taken.amount > 0 AND taken.recovered >= taken.amount)::int AS cured,
                   CASE WHEN taken.amount > 0 AND taken.recovered >= taken.amount THEN 100.0 ELSE 0.0 END AS cure_rate,
                   100.0 * taken.recovered / NULLIF(taken.amount, 0) AS recovery_rate,
                   taken.cost / NULLIF(taken.recovered, 0) AS cost_per_zloty
              FROM (%s) taken
            """,
            self._bss_taken(),
        )

    def _bss_taken(self):
        """Steps taken with what came after them; outer joins, so that the database leaves out those nobody asks for."""
        return SQL(
            """
            SELECT action.id,
                   action.id AS action_id,
                   action.case_id,
                   action.company_id,
                   company.currency_id,
                   action.account_id,
                   dunning.partner_id,
                   dunning.customer_kind,
                   step.strategy_id,
                   step.stage_id,
                   action.step_id,
                   action.channel,
                   action.date_done AS date,
                   %(as_of)s AS as_of,
                   %(window_over)s AS window_over,
                   COALESCE(action.amount, 0) AS amount,
                   COALESCE(action.recovered, 0) AS recovered,
                   COALESCE(action.cost, 0) AS cost
              FROM bss_dunning_action action
              JOIN res_company company ON company.id = action.company_id
              LEFT JOIN bss_dunning_case dunning ON dunning.id = action.case_id
              LEFT JOIN bss_dunning_step step ON step.id = action.step_id
             WHERE action.state = 'done' AND action.date_done IS NOT NULL
            """,
            as_of=self._bss_as_of_sql(),
            window_over=self._bss_window_over_sql(SQL("action.date_done")),
        )

    @api.model
    def _bss_as_of_sql(self):
        return SQL("company.bss_dunning_measured_on")

    @api.model
    def _bss_window_over_sql(self, day):
        return SQL("%s + company.bss_dunning_effect_days < %s", day, polish_day.today())

    # Counting

    @api.model
    def _bss_refresh_range(self, company, _day, first, last):
        """Count the steps of a range of actions."""
        self._bss_refresh(company, SQL("action.id BETWEEN %s AND %s", first, last))

    @api.model
    def _bss_refresh_accounts(self, company, account_ids):
        """Count the steps of some accounts."""
        self._bss_refresh(company, SQL("action.account_id = ANY(%s)", list(account_ids)))

    @api.model
    def _bss_refresh(self, company, actions):
        """Write what came after steps; rows that stay as they are are not written.

        :param actions: SQL condition on ``action``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_action action SET recovered = found.recovered
                  FROM (%s) found
                 WHERE action.id = found.id AND COALESCE(action.recovered, 0) <> found.recovered
                """,
                self._bss_recovered(company, actions),
            )
        )
        self.env["bss.dunning.action"].invalidate_model(["recovered"])

    @api.model
    def _bss_recovered(self, company, actions):
        """SQL of rows ``(id, recovered)`` of the steps taken among these actions."""
        return SQL(
            """
            SELECT action.id, LEAST(COALESCE(SUM(paid.amount), 0), COALESCE(action.amount, 0)) AS recovered
              FROM bss_dunning_action action
              LEFT JOIN LATERAL (
                   SELECT partial.amount
                     FROM bss_dunning_action_move_line_rel rel
                     JOIN account_partial_reconcile partial ON partial.debit_move_id = rel.line_id
                     JOIN account_move_line credit ON credit.id = partial.credit_move_id
                     JOIN account_move move ON move.id = credit.move_id AND move.move_type <> 'out_refund'
                                           AND move.bss_settlement_kind IS DISTINCT FROM 'write_off'
                    WHERE rel.action_id = action.id
                      AND credit.date > action.date_done AND credit.date <= action.date_done + %(days)s
                   ) paid ON TRUE
             WHERE action.company_id = %(company)s AND %(actions)s
               AND action.state = 'done' AND action.date_done IS NOT NULL
             GROUP BY action.id
            """,
            days=company.bss_dunning_effect_days,
            company=company.id,
            actions=actions,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Rates of a group are those of its sums, not the mean of its rows."""
        parts = {
            "recovery_rate:avg": ("recovered", "amount", 100),
            "cost_per_zloty:avg": ("cost", "recovered", 1),
        }.get(aggregate_spec)
        if not parts:
            return super()._read_group_select(aggregate_spec, query)
        part, whole, factor = parts
        return SQL(
            "%s * SUM(%s) / NULLIF(SUM(%s), 0.0)",
            factor,
            self._field_to_sql(self._table, part, query),
            self._field_to_sql(self._table, whole, query),
        )

    def action_open_case(self):
        self.ensure_one()
        return self.action_id.action_view_case()

    def action_count_now(self):
        """Count the accounts that changed since they were counted."""
        return self.env["bss.dunning.recount"]._bss_count_now_action()
