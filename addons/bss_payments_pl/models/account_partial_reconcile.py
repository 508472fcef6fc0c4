from odoo import models
from odoo.tools import SQL


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """What accounting takes apart is no allocation of a payment any more."""
        self._bss_forget_allocations()
        return super().unlink()

    def _bss_forget_allocations(self):
        if not self:
            return
        self.flush_model(["debit_move_id", "credit_move_id"])
        self.env["bss.payment.allocation"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT log.id
                  FROM account_partial_reconcile part
                  JOIN account_move_line credit ON credit.id = part.credit_move_id
                  JOIN account_move_line debit ON debit.id = part.debit_move_id
                  JOIN bss_payment_match match
                    ON match.statement_line_id IN (credit.statement_line_id, debit.statement_line_id)
                  JOIN bss_payment_allocation log
                    ON log.match_id = match.id AND log.move_line_id IN (part.debit_move_id, part.credit_move_id)
                 WHERE part.id = ANY(%s)
                """,
                self.ids,
            )
        )
        self.env["bss.payment.allocation"].sudo().browse([row[0] for row in rows]).unlink()
