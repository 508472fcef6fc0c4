"""One by one, at once: the urgent way of a few invoices to KSeF."""

from odoo import models
from odoo.exceptions import UserError

from ..ksef_core.transport import online
from .account_move import LOCKED


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def action_bss_ksef_send_now(self):
        """Sends the chosen invoices in an interactive session and tells what became of each."""
        self.check_access("write")
        wanted = self.filtered(
            lambda m: m.state == "posted" and m.bss_ksef_state not in LOCKED and m._bss_ksef_applies()
        )
        if not wanted:
            raise UserError(self.env._("None of the chosen documents can be sent to KSeF."))
        if len(wanted) > online.MAX_INVOICES:
            raise UserError(
                self.env._("At most %(count)s invoices can be sent at once one by one.", count=online.MAX_INVOICES)
            )
        wanted._bss_ksef_set(state="to_send")
        for company, moves in wanted.grouped("company_id").items():
            self.env["bss.ksef.session"].sudo()._bss_send_now(company, moves)
        return wanted._bss_ksef_tell_now()

    def _bss_ksef_tell_now(self):
        accepted = self.filtered(lambda m: m.bss_ksef_state == "accepted")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": "; ".join(f"{move.name}: {move._bss_ksef_outcome()}" for move in self),
                "type": "success" if accepted == self else "warning",
                "sticky": accepted != self,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _bss_ksef_outcome(self):
        self.ensure_one()
        if self.bss_ksef_state == "accepted":
            return self.env._("accepted by KSeF, number %(number)s", number=self.bss_ksef_number)
        if self.bss_ksef_error:
            return self.bss_ksef_error
        if self.bss_ksef_state == "to_send":
            if not self.env["bss.ksef.session"].sudo()._bss_due(self.company_id, self):
                return self.env._("waits for the number of the invoice that it corrects")
            return self.sudo()._bss_ksef_documents()[:1].error_text or self.env._(
                "not sent, waits for the next sending"
            )
        return self.env._("KSeF has not answered yet; the number comes by itself")
