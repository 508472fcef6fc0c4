"""Going from trials to production: numbers of one environment say nothing in another one."""

from odoo import models
from odoo.tools import SQL

from .account_move import STORED


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        changed = self.filtered(
            lambda company: (
                vals.get("bss_ksef_environment", company.bss_ksef_environment) != company.bss_ksef_environment
            )
        )
        result = super().write(vals)
        if changed:
            changed._bss_ksef_forget_trials()
            changed._bss_ksef_recall_numbers()
        return result

    def _bss_ksef_forget_trials(self):
        """In production, an invoice that only a trial accepted is not in KSeF: no number, no code, and it may be sent.

        Its documents stay. What production accepted keeps its number whatever the environment: it is evidence.
        """
        self._bss_ksef_update_moves(
            SQL(
                """
                UPDATE account_move move
                   SET bss_ksef_state = 'not_applicable', bss_ksef_number = NULL, bss_ksef_qr_url = NULL, bss_ksef_mode = NULL
                  FROM res_company company, bss_ksef_document document
                 WHERE company.id = ANY(%s) AND company.bss_ksef_environment = 'production'
                   AND move.company_id = company.id AND move.bss_ksef_state = 'accepted'
                   AND document.move_id = move.id AND document.ksef_number = move.bss_ksef_number
                   AND document.state = 'accepted' AND document.environment <> 'production'
                """,
                self.ids,
            )
        )

    def _bss_ksef_recall_numbers(self):
        """Back in the environment of a trial: its numbers, where no other one came meanwhile."""
        self._bss_ksef_update_moves(
            SQL(
                """
                UPDATE account_move move
                   SET bss_ksef_state = 'accepted', bss_ksef_number = document.ksef_number,
                       bss_ksef_qr_url = document.qr_url, bss_ksef_mode = document.invoicing_mode
                  FROM res_company company, bss_ksef_document document
                 WHERE company.id = ANY(%s) AND move.company_id = company.id AND document.move_id = move.id
                   AND document.environment = company.bss_ksef_environment AND document.state = 'accepted'
                   AND move.state = 'posted' AND move.bss_ksef_number IS NULL
                   AND move.bss_ksef_state IN ('not_applicable', 'to_send', 'late')
                """,
                self.ids,
            )
        )

    def _bss_ksef_update_moves(self, query):
        moves = self.env["account.move"]
        moves.flush_model(STORED)
        self.env["bss.ksef.document"].flush_model(["state", "environment", "ksef_number"])
        self.flush_recordset(["bss_ksef_environment"])
        self.env.cr.execute(query)
        moves.invalidate_model(STORED, flush=False)
