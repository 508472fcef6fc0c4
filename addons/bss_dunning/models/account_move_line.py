from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day

from .. import adapters, adapters_law


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    dunning_days_late = fields.Integer(
        string="Days Late",
        compute="_compute_dunning_late",
        compute_sudo=True,
        help="Days after the due date moved off free days.",
    )
    dunning_interest = fields.Monetary(
        string="Statutory Interest",
        compute="_compute_dunning_late",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="To today, or to the last look at the dunning case.",
    )

    @api.depends("amount_residual", "date_maturity", "move_id.bss_account_id")
    @api.depends_context("bss_as_of")
    def _compute_dunning_late(self):
        asked = fields.Date.to_date(self.env.context.get("bss_as_of"))
        calendar = adapters.free_days(self.env)
        tables = adapters.rate_tables(self.env)
        today = polish_day.today()
        terms = adapters_law.interest_terms(self.env, today)
        for line in self:
            account = line.move_id.bss_account_id
            if not account or not line.date_maturity or line.amount_residual <= 0:
                line.dunning_days_late, line.dunning_interest = 0, 0.0
                continue
            day = asked or account.dunning_case_id.as_of or today
            line.dunning_days_late = max((day - calendar.shift(line.date_maturity)).days, 0)
            line.dunning_interest = line._bss_interest_amount(tables, account, day, calendar, terms)

    def _bss_interest_amount(self, tables, account, day, calendar, terms):
        """Interest of one open line, nothing when no rate is known."""
        table = tables.get(account._bss_interest_regime())
        result = adapters.line_interest(self, table, day, calendar, terms) if table else None
        return float(result.amount) if result and adapters.is_interest(result) else 0.0
