"""Numbers of invoices that the ORM makes for a bill run, beside ranges that are reserved for others."""

from odoo import models
from odoo.tools import SQL


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_take_journals(self, items):
        """Nobody else takes numbers of the journals of these items to the end of the transaction.

        A job that began before somebody else posted there begins anew, so that it sees those numbers.
        """
        journals = self.cycle_id.journal_id
        for charges in self._bss_charges_of(items).values():
            journals |= charges.origin_charge_id.move_id.journal_id
        self.env["bss.invoice.counter"].sudo()._bss_take(journals)

    def _bss_supply_numbers(self, vals_list):
        """Names of new invoices in journals where numbers are reserved and not written yet: those after them."""
        counters = self.env["bss.invoice.counter"].sudo()
        free = {}
        for vals in vals_list:
            journal_id = vals["journal_id"]
            if not counters._bss_reserved_run([journal_id]):
                continue
            key = (journal_id, vals["move_type"])
            if key not in free:
                journal = self.env["account.journal"].browse(journal_id)
                number = counters._bss_next_number(journal, vals["date"], vals["move_type"])
                shared = next((one for one in free.values() if one[0].prefix == number.prefix), None)
                free[key] = shared or [number, 0]
            number, offset = free[key]
            vals["name"] = number.text(offset)
            free[key][1] += 1
        return bool(free)

    def _bss_no_gap(self, moves):
        """Numbers before these may be reserved and not written yet: that is no gap."""
        moves.flush_recordset(["made_sequence_gap"])
        self.env.cr.execute(
            SQL("UPDATE account_move SET made_sequence_gap = FALSE WHERE id = ANY(%s) AND made_sequence_gap", moves.ids)
        )
        moves.invalidate_recordset(["made_sequence_gap"])
