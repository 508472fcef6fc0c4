from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day

from .. import adapters, adapters_note


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
        today = polish_day.today()
        self.dunning_days_late, self.dunning_interest = 0, 0.0
        owed = self.filtered(
            lambda line: line.move_id.bss_account_id and line.date_maturity and line.amount_residual > 0
        )
        for line in owed:
            day = asked or line.move_id.bss_account_id.dunning_case_id.as_of or today
            line.dunning_days_late = max((day - calendar.shift(line.date_maturity)).days, 0)
        for (company, day), lines in owed.grouped(
            lambda line: (line.company_id, asked or line.move_id.bss_account_id.dunning_case_id.as_of or today)
        ).items():
            for line, amount in lines._bss_interest_amounts(company, day, calendar).items():
                line.dunning_interest = amount

    def _bss_interest_amounts(self, company, day, calendar):
        """{line: interest to a day} of those that bear any and whose rate is known; a note bears none."""
        terms, book = adapters_note.note_terms(self.env, company, day), adapters_note.RateBook(self.env)
        accounts = self.move_id.bss_account_id
        debts = adapters_note.load_receivables(self.env, accounts.ids, day, late_paid=False)
        asked = set(self.ids)
        found = {}
        for account in accounts:
            table = book.of(account)
            for receivable in debts[account.id] if table else ():
                if receivable.line_id not in asked:
                    continue
                result, _uncharged = adapters_note.receivable_interest(receivable, table, day, calendar, terms)
                if adapters.is_interest(result):
                    found[self.browse(receivable.line_id)] = float(result.amount)
        return found
