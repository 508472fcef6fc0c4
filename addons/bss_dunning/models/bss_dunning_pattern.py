"""How a customer pays: late or on time, on which day, through which journal."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL, date_utils

from .. import adapters_measures

YEARS_BACK = 2


class BssDunningPattern(models.Model):
    """One row per billing account that paid anything in the last years; days late are weighted by money."""

    _name = "bss.dunning.pattern"
    _description = "Payment Pattern"
    _auto = False
    _order = "days_late desc, id"
    _rec_name = "account_id"
    _depends = {
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "account.move.line": ["account_id", "date", "date_maturity", "journal_id", "move_id", "parent_state"],
        "account.move": ["bss_account_id", "bss_settlement_kind", "move_type"],
        "account.account": ["account_type"],
        "bss.account": ["company_id", "customer_kind", "partner_id"],
    }

    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["bss_customer_kind"]._description_selection(self.env),
        readonly=True,
    )
    document_count = fields.Integer(string="Documents Paid", readonly=True)
    amount = fields.Monetary(string="Paid", readonly=True)
    amount_on_time = fields.Monetary(string="Paid on Time", readonly=True)
    days_late = fields.Float(string="Days Late on Average", readonly=True, aggregator="avg", digits=(16, 1))
    share_on_time = fields.Float(string="On Time %", readonly=True, aggregator="avg", digits=(16, 1))
    last_payment = fields.Date(readonly=True)
    usual_day = fields.Integer(string="Usual Day of Month", readonly=True, aggregator=None)
    journal_id = fields.Many2one("account.journal", string="Usual Channel", readonly=True)

    @property
    def _table_query(self):
        today = polish_day.today()
        since = date_utils.subtract(today, years=YEARS_BACK)
        return SQL(
            """
            SELECT account.id,
                   account.id AS account_id,
                   account.company_id,
                   company.currency_id,
                   account.partner_id,
                   account.customer_kind,
                   COUNT(DISTINCT debit.id) AS document_count,
                   SUM(partial.amount) AS amount,
                   COALESCE(SUM(partial.amount) FILTER (WHERE credit.date <= %(due)s), 0) AS amount_on_time,
                   SUM(partial.amount * GREATEST(credit.date - %(due)s, 0)) / NULLIF(SUM(partial.amount), 0)
                       AS days_late,
                   100.0 * COALESCE(SUM(partial.amount) FILTER (WHERE credit.date <= %(due)s), 0)
                       / NULLIF(SUM(partial.amount), 0) AS share_on_time,
                   MAX(credit.date) AS last_payment,
                   MODE() WITHIN GROUP (ORDER BY EXTRACT(DAY FROM credit.date)::int) AS usual_day,
                   MODE() WITHIN GROUP (ORDER BY credit.journal_id) AS journal_id
              FROM bss_account account
              JOIN res_company company ON company.id = account.company_id
              JOIN account_move move ON move.bss_account_id = account.id
              JOIN account_move_line debit ON debit.move_id = move.id
              JOIN account_account ledger ON ledger.id = debit.account_id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move paid ON paid.id = credit.move_id
              LEFT JOIN %(moved)s ON moved.due = debit.date_maturity
             WHERE ledger.account_type = 'asset_receivable'
               AND debit.parent_state = 'posted'
               AND debit.date_maturity IS NOT NULL
               AND paid.move_type <> 'out_refund'
               AND paid.bss_settlement_kind IS DISTINCT FROM 'write_off'
               AND credit.date > %(since)s
             GROUP BY account.id, account.company_id, company.currency_id, account.partner_id, account.customer_kind
            """,
            due=SQL("COALESCE(moved.effective, debit.date_maturity)"),
            moved=adapters_measures.moved_terms(self.env, date_utils.subtract(since, years=1), today),
            since=since,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Shares of a group are those of its sums."""
        if aggregate_spec != "share_on_time:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "100 * SUM(%s) / NULLIF(SUM(%s), 0.0)",
            self._field_to_sql(self._table, "amount_on_time", query),
            self._field_to_sql(self._table, "amount", query),
        )

    def action_open_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
