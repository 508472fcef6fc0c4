"""How a customer pays: late or on time, on which day, through which journal."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import SQL, date_utils

from .. import adapters_measures

YEARS_BACK = 2
#: first half of the key of the advisory lock, the second is the company ("bdpt")
LOCK = 0x62647074
#: what is counted, in the order of ``_bss_counted``
COLUMNS = (
    "account_id",
    "company_id",
    "partner_id",
    "customer_kind",
    "document_count",
    "amount",
    "amount_on_time",
    "days_late",
    "share_on_time",
    "last_payment",
    "usual_day",
    "journal_id",
    "as_of",
)


class BssDunningPattern(models.Model):
    """One row per billing account that paid anything in the last years; days late are weighted by money.

    Rows have the ids of their accounts. They are counted every night, those of changed accounts soon
    after, and those that people choose at any moment.
    """

    _name = "bss.dunning.pattern"
    _description = "Payment Pattern"
    _log_access = False
    _order = "days_late desc, id"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", index=True, ondelete="cascade", readonly=True)
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
    as_of = fields.Date(readonly=True, help="Payments up to this day are counted.")

    _late_idx = models.Index("(company_id, days_late DESC, id)")

    def action_refresh(self):
        """Count the payments of the chosen accounts up to now."""
        self.check_access("read")
        for company, patterns in self.grouped("company_id").items():
            if not self._bss_may_count(company, alone=True):
                raise UserError(
                    self.env._(
                        "Payment patterns of %(company)s are being counted just now. Look again in a few minutes: they "
                        "may be up to date by then.",
                        company=company.name,
                    )
                )
            patterns.sudo()._bss_refresh_accounts(company, polish_day.today(), patterns.account_id.ids)
        self.invalidate_model()

    def action_count_now(self):
        """Count the accounts that changed since they were counted."""
        return self.env["bss.dunning.recount"]._bss_count_now_action()

    @api.model
    def _bss_may_count(self, company, alone=False):
        """Whether nobody counts what we would count; nobody does until our transaction ends, then.

        Ranges of all accounts do not meet each other, so they share; accounts that a person chose may meet any range.
        """
        key = SQL("%s, %s", LOCK, company.id)
        if alone:
            query = SQL("SELECT pg_try_advisory_xact_lock(%s)", key)
        else:
            query = SQL("SELECT pg_try_advisory_xact_lock_shared(%s)", key)
        return self.env.execute_query(query)[0][0]

    @api.model
    def _bss_refresh_range(self, company, day, first, last):
        self._bss_replace(company, day, SQL("account.id BETWEEN %s AND %s", first, last))

    @api.model
    def _bss_refresh_accounts(self, company, day, account_ids):
        self._bss_replace(company, day, SQL("account.id = ANY(%s)", list(account_ids)))

    @api.model
    def _bss_replace(self, company, day, accounts):
        """Put the rows of some accounts of a company in the place of what was counted before.

        A row that somebody else wrote since our transaction began is no duplicate key: the database makes us begin again.

        :param accounts: SQL condition on ``account``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH counted AS (
                    INSERT INTO bss_dunning_pattern (id, %(columns)s) %(counted)s
                    ON CONFLICT (id) DO UPDATE SET (%(columns)s) = (%(fresh)s)
                    RETURNING id
                )
                DELETE FROM bss_dunning_pattern pattern USING bss_account account
                 WHERE pattern.account_id = account.id AND account.company_id = %(company)s AND %(accounts)s
                   AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.id = pattern.id)
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                fresh=SQL(", ").join(SQL.identifier("excluded", name) for name in COLUMNS),
                counted=self._bss_counted(company, day, accounts),
                company=company.id,
                accounts=accounts,
            )
        )

    @api.model
    def _bss_counted(self, company, day, accounts):
        """SQL of the rows of accounts as of a day."""
        since = date_utils.subtract(day, years=YEARS_BACK)
        return SQL(
            """
            SELECT account.id,
                   account.id AS account_id,
                   account.company_id,
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
                   MODE() WITHIN GROUP (ORDER BY credit.journal_id) AS journal_id,
                   %(day)s::date AS as_of
              FROM bss_account account
              JOIN account_move move ON move.bss_account_id = account.id
              JOIN account_move_line debit ON debit.move_id = move.id
              JOIN account_account ledger ON ledger.id = debit.account_id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move paid ON paid.id = credit.move_id
              LEFT JOIN %(moved)s ON moved.due = debit.date_maturity
             WHERE account.company_id = %(company)s AND %(accounts)s
               AND ledger.account_type = 'asset_receivable'
               AND debit.parent_state = 'posted'
               AND debit.date_maturity IS NOT NULL
               AND paid.move_type <> 'out_refund'
               AND paid.bss_settlement_kind IS DISTINCT FROM 'write_off'
               AND credit.date > %(since)s
             GROUP BY account.id
            """,
            due=SQL("COALESCE(moved.effective, debit.date_maturity)"),
            moved=adapters_measures.moved_terms(self.env, date_utils.subtract(since, years=1), day),
            since=since,
            day=day,
            company=company.id,
            accounts=accounts,
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
