"""Statutory interest of cases, with its arithmetic."""

from datetime import timedelta

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date, formatLang

from .. import adapters, adapters_note


class BssDunningCaseInterest(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    uncharged_amount = fields.Monetary(
        compute="_compute_interest",
        compute_sudo=True,
        string="Interest Not Charged",
        help="Of the open documents, to the as-of day of the case: what no note or invoice has charged yet.",
    )
    note_ids = fields.One2many("bss.dunning.note", "case_id", string="Notes")

    @api.depends("line_ids", "as_of", "note_ids.state")
    @api.depends_context("bss_as_of", "lang")
    def _compute_interest(self):
        """Like all amounts of a case to the day on which it was last looked at."""
        asked = fields.Date.to_date(self.env.context.get("bss_as_of"))
        today = polish_day.today()
        calendar = adapters.free_days(self.env)
        book = adapters_note.RateBook(self.env)
        for (company, as_of), cases in self.grouped(
            lambda case: (case.company_id, asked or case.as_of or today)
        ).items():
            terms = adapters_note.note_terms(self.env, company, as_of)
            debts = adapters_note.load_receivables(self.env, cases.account_id.ids, as_of, late_paid=False)
            for case in cases:
                case._bss_set_interest(
                    case._bss_interest(debts[case.account_id.id], as_of, calendar, book.of(case.account_id), terms)
                )

    def _bss_set_interest(self, results):
        good = [result for _number, result, _due in results if adapters.is_interest(result)]
        self.interest_amount = float(sum(result.amount for result in good))
        self.interest_per_day = float(sum(result.per_day for result in good))
        self.uncharged_amount = float(sum(due.amount for _number, _result, due in results if due is not None))
        self.interest_html = self._bss_interest_html(results) if results else False

    def _bss_interest(self, receivables, as_of, calendar, table, terms):
        """[(document number, kernel result, what is not charged yet)] of the open documents."""
        self.ensure_one()
        if table is None:
            return []
        open_ids = set(self.line_ids.ids)
        return [
            (one.number, *adapters_note.receivable_interest(one, table, as_of, calendar, terms))
            for one in receivables
            if one.line_id in open_ids
        ]

    def _bss_interest_html(self, results):
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Document"),
            self.env._("Interest from"),
            self.env._("Calculation"),
            self.env._("Interest"),
        )
        rows = Markup("").join(self._bss_interest_row(number, result) for number, result, _due in results)
        return Markup("<table class='table table-sm'><thead>%s</thead><tbody>%s</tbody></table>") % (head, rows)

    def _bss_interest_row(self, number, result):
        if not adapters.is_interest(result):
            return Markup("<tr><td>%s</td><td colspan='3'>%s</td></tr>") % (
                number,
                self.env._("Not calculated: %(code)s", code=result.code),
            )
        arithmetic = Markup("<br/>").join(escape(self._bss_arithmetic(segment)) for segment in result.segments)
        first = result.due_effective + timedelta(days=1)
        return Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>") % (
            number,
            format_date(self.env, first),
            arithmetic,
            formatLang(self.env, float(result.amount), currency_obj=self.currency_id),
        )

    def _bss_arithmetic(self, segment):
        """One segment in the numbers of the reader's language."""
        first, last = format_date(self.env, segment.date_start), format_date(self.env, segment.date_end)
        principal = formatLang(self.env, float(segment.principal), digits=2)
        percent = formatLang(self.env, float(segment.percent), digits=2)
        interest = formatLang(self.env, float(segment.exact), digits=4)
        return f"{first}–{last}: {principal} × {percent}% × {segment.days} / {segment.divisor} = {interest}"
