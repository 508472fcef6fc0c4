"""Statutory interest of cases, with its arithmetic."""

from datetime import timedelta

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date, formatLang

from .. import adapters, adapters_law


class BssDunningCaseInterest(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("line_ids", "as_of")
    @api.depends_context("bss_as_of", "lang")
    def _compute_interest(self):
        """Like all amounts of a case to the day on which it was last looked at."""
        asked = fields.Date.to_date(self.env.context.get("bss_as_of"))
        today = polish_day.today()
        calendar = adapters.free_days(self.env)
        tables = adapters.rate_tables(self.env)
        terms = adapters_law.interest_terms(self.env, today)
        for case in self:
            results = case._bss_interest(asked or case.as_of or today, calendar, tables, terms)
            good = [result for _line, result in results if adapters.is_interest(result)]
            case.interest_amount = float(sum(result.amount for result in good))
            case.interest_per_day = float(sum(result.per_day for result in good))
            case.interest_html = case._bss_interest_html(results) if results else False

    def _bss_interest(self, as_of, calendar, tables, terms):
        """[(receivable line, kernel result)] of the open documents."""
        self.ensure_one()
        table = tables.get(self.account_id._bss_interest_regime())
        if table is None:
            return []
        return [(line, adapters.line_interest(line, table, as_of, calendar, terms)) for line in self.line_ids]

    def _bss_interest_html(self, results):
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Document"),
            self.env._("Interest from"),
            self.env._("Calculation"),
            self.env._("Interest"),
        )
        rows = Markup("").join(self._bss_interest_row(line, result) for line, result in results)
        return Markup("<table class='table table-sm'><thead>%s</thead><tbody>%s</tbody></table>") % (head, rows)

    def _bss_interest_row(self, line, result):
        if not adapters.is_interest(result):
            return Markup("<tr><td>%s</td><td colspan='3'>%s</td></tr>") % (
                line.move_id.name,
                self.env._("Not calculated: %(code)s", code=result.code),
            )
        arithmetic = Markup("<br/>").join(escape(self._bss_arithmetic(segment)) for segment in result.segments)
        first = result.due_effective + timedelta(days=1)
        return Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>") % (
            line.move_id.name,
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
