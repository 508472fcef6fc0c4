"""Books are not closed over numbers that have no invoice yet."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

LOCKS = ("fiscalyear_lock_date", "sale_lock_date", "tax_lock_date", "hard_lock_date")


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        result = super().write(vals)
        if any(vals.get(name) for name in LOCKS):
            for company in self:
                company._bss_check_reserved_numbers()
                company._bss_check_free_numbers()
        return result

    def _bss_check_reserved_numbers(self):
        """:raises UserError: invoices of a closed day have their numbers already, which nobody else may get"""
        reserved = self.env.execute_query(
            SQL(
                """
                SELECT chunk.id FROM bss_bill_run_chunk chunk JOIN bss_bill_run run ON run.id = chunk.run_id
                 WHERE chunk.state = 'reserved' AND chunk.number_count > 0 AND run.company_id = ANY(%s)
              ORDER BY chunk.id
                """,
                self._bss_branches().ids,
            )
        )
        for chunk in self.env["bss.bill.run.chunk"].sudo().browse([row[0] for row in reserved]):
            run = chunk.run_id
            if run.company_id._bss_is_closed(run.date_invoice):
                raise UserError(
                    self.env._(
                        "Chunk %(chunk)s of bill run %(run)s has numbers %(first)s – %(last)s reserved for invoices of "
                        "%(date)s: let it issue them before you close the books.",
                        chunk=chunk.sequence,
                        run=run.name,
                        first=chunk.first_number,
                        last=chunk.last_number,
                        date=format_date(self.env, run.date_invoice),
                    )
                )

    def _bss_branches(self):
        """The company and those below it, also those that this person does not see."""
        return self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])

    def _bss_is_closed(self, day):
        """Whether sales of the day are closed, without anybody's exceptions: the jobs of others do not have them."""
        company = self.sudo().with_context(ignore_exceptions=True)
        return day <= max(company[f"user_{name}"] for name in LOCKS)

    def _bss_check_free_numbers(self):
        """:raises UserError: a number of a closed day waits for an invoice, which nobody could issue any more"""
        numbers = self.env["bss.invoice.number"].sudo()
        numbers._bss_take_back()
        for number in numbers.search([("state", "=", "free"), ("company_id", "in", self._bss_branches().ids)]):
            if number.company_id._bss_is_closed(number.date):
                raise UserError(
                    self.env._(
                        "Number %(number)s of journal %(journal)s has no invoice yet: issue one of %(month)s with it, or say "
                        "in the free invoice numbers why it stays unused.",
                        number=number.name,
                        journal=number.journal_id.display_name,
                        month=format_date(self.env, number.date, date_format="LLLL y"),
                    )
                )
