"""Open receivables by age."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.measures import buckets
from .bss_account import COLLECTOR

BUCKETS = [
    ("credit", "Open credits"),
    ("not_due", "Not due"),
    ("1_30", "1–30 days"),
    ("31_60", "31–60 days"),
    ("61_90", "61–90 days"),
    ("91_180", "91–180 days"),
    ("181_365", "181–365 days"),
    ("365", "over 365 days"),
]


class BssDunningAgeingReport(models.Model):
    """One row per open receivable item of a billing account; its age is that of today."""

    _name = "bss.dunning.ageing.report"
    _description = "Ageing of Receivables"
    _auto = False
    _order = "date_maturity, id"
    _rec_name = "move_id"
    _depends = {
        "account.move.line": [
            "account_id",
            "amount_residual",
            "bss_account_id",
            "company_id",
            "date",
            "date_maturity",
            "move_id",
            "no_followup",
            "parent_state",
            "reconciled",
        ],
        "account.account": ["account_type"],
        "bss.account": ["customer_kind", "partner_id"],
        "bss.dunning.case": ["account_id", "stage_id", "state", "strategy_id", "user_id"],
        "res.partner": ["city", "state_id"],
    }

    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["bss_customer_kind"]._description_selection(self.env),
        readonly=True,
    )
    state_id = fields.Many2one("res.country.state", string="Province", readonly=True)
    city = fields.Char(readonly=True)
    case_id = fields.Many2one("bss.dunning.case", string="Open Case", readonly=True, groups=COLLECTOR)
    strategy_id = fields.Many2one("bss.dunning.strategy", readonly=True, groups=COLLECTOR)
    stage_id = fields.Many2one("bss.dunning.stage", readonly=True, groups=COLLECTOR)
    user_id = fields.Many2one("res.users", string="Collector", readonly=True, groups=COLLECTOR)
    date = fields.Date(readonly=True)
    date_maturity = fields.Date(string="Due", readonly=True)
    bucket = fields.Selection(BUCKETS, string="Age", readonly=True)
    days_late = fields.Integer(string="Days After Due", readonly=True, aggregator="avg")
    disputed = fields.Boolean(readonly=True)
    amount = fields.Monetary(string="Open", readonly=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True)

    @api.model
    def _bss_bucket_sql(self, due, as_of):
        """Bucket of a due date by comparison with one day per limit: terms that end on a free day move on."""
        days = buckets.last_due_days(as_of, adapters.free_days(self.env))
        cases = SQL(" ").join(
            SQL("WHEN %s <= %s THEN %s", due, day, code)
            for day, code in reversed(tuple(zip(days, buckets.BUCKETS[1:], strict=True)))
        )
        return SQL("CASE %s ELSE %s END", cases, buckets.BUCKETS[0])

    @property
    def _table_query(self):
        """Conditions are those of the index of open items; what only some ask for is joined from outside."""
        today = polish_day.today()
        age = self._bss_bucket_sql(SQL("line.date_maturity"), today)
        return SQL(
            """
            SELECT line.id,
                   line.move_id,
                   line.company_id,
                   line.company_currency_id AS currency_id,
                   line.bss_account_id AS account_id,
                   account.partner_id,
                   account.customer_kind,
                   partner.state_id,
                   partner.city,
                   dunning.id AS case_id,
                   dunning.strategy_id,
                   dunning.stage_id,
                   dunning.user_id,
                   line.date,
                   line.date_maturity,
                   CASE WHEN line.amount_residual < 0 THEN 'credit' ELSE %(age)s END AS bucket,
                   CASE WHEN line.amount_residual > 0 THEN GREATEST(%(today)s - line.date_maturity, 0) END AS days_late,
                   COALESCE(line.no_followup, FALSE) AS disputed,
                   line.amount_residual AS amount,
                   CASE WHEN line.amount_residual > 0 AND %(age)s <> 'not_due' THEN line.amount_residual ELSE 0
                    END AS amount_overdue
              FROM account_move_line line
              JOIN bss_account account ON account.id = line.bss_account_id
              LEFT JOIN res_partner partner ON partner.id = account.partner_id
              LEFT JOIN bss_dunning_case dunning ON dunning.account_id = account.id AND dunning.state <> 'closed'
             WHERE line.account_id = ANY(%(ledgers)s)
               AND line.bss_account_id IS NOT NULL
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
               AND line.amount_residual <> 0
            """,
            age=age,
            today=today,
            ledgers=self._bss_receivable_ledgers(),
        )

    def _bss_receivable_ledgers(self):
        """Ids of the accounts that receivables stand on.

        Given as values they tell the database that nearly all open items are meant; joined, it expects a handful and
        looks up customers and cases one by one.
        """
        self.env["account.account"].flush_model(["account_type"])
        rows = self.env.execute_query(SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable'"))
        return [row[0] for row in rows]

    def action_open(self):
        """The open case for who may see it, else the document."""
        self.ensure_one()
        case = self.case_id if self.env.user.has_group(COLLECTOR) else None
        record = case or self.move_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
