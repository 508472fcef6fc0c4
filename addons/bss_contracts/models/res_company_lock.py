"""Books are not closed over numbers that a bill run has reserved and not written yet."""

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
                # also companies that this person does not see
                self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)]).ids,
            )
        )
        for chunk in self.env["bss.bill.run.chunk"].sudo().browse([row[0] for row in reserved]):
            run = chunk.run_id
            if run._bss_closed_text():
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
