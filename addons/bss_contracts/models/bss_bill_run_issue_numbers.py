"""Numbers of invoices that the ORM makes for a bill run, beside ranges that are reserved for others."""

from odoo import fields, models
from odoo.tools import SQL


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    free_number_text = fields.Char(compute="_compute_free_number_text", string="Free Numbers")

    def _compute_free_number_text(self):
        free = self.env["bss.invoice.number"].search([("run_id", "in", self.ids), ("state", "=", "free")])
        names = free.grouped("run_id")
        for run in self:
            found = ", ".join(names[run._origin].mapped("name")) if run._origin in names else ""
            run.free_number_text = found and self.env._(
                "Without an invoice, for the next one of the month: %(numbers)s", numbers=found
            )

    def action_view_free_numbers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_invoice_number_action")
        return {**action, "domain": [("run_id", "=", self.id)], "context": {}}

    def _bss_take_journals(self, items):
        """Nobody else takes numbers of the journals of these items to the end of the transaction.

        A job that began before somebody else posted there begins anew, so that it sees those numbers.
        """
        journals = self.cycle_id.journal_id
        for charges in self._bss_charges_of(items).values():
            journals |= charges.origin_charge_id.move_id.journal_id
        self.env["bss.invoice.counter"].sudo()._bss_take(journals)

    def _bss_supply_numbers(self, vals_list):
        """Names of new invoices: numbers that are free, and in journals where numbers are reserved and not written
        yet, those after them."""
        named = self._bss_supply_free_numbers(vals_list)
        counters = self.env["bss.invoice.counter"].sudo()
        following = {}
        for vals in vals_list:
            journal_id = vals["journal_id"]
            if vals.get("name") or not counters._bss_reserved_run([journal_id]):
                continue
            key = (journal_id, vals["move_type"])
            if key not in following:
                journal = self.env["account.journal"].browse(journal_id)
                number = counters._bss_next_number(journal, vals["date"], vals["move_type"])
                shared = next((one for one in following.values() if one[0].prefix == number.prefix), None)
                following[key] = shared or [number, 0]
            number, offset = following[key]
            vals["name"] = number.text(offset)
            following[key][1] += 1
        return named or bool(following)

    def _bss_supply_free_numbers(self, vals_list):
        """Names of the first new invoices, as far as numbers of their journals are free. :return: whether any was"""
        numbers = self.env["bss.invoice.number"]
        free, taken = {}, numbers
        for vals in vals_list:
            key = (vals["journal_id"], vals["move_type"])
            if key not in free:
                journal = self.env["account.journal"].browse(vals["journal_id"])
                move = self.env["bss.invoice.counter"]._bss_move(journal, vals["date"], vals["move_type"])
                free[key] = numbers._bss_free(move, vals["date"])
            number = (free[key] - taken)[:1]
            if number:
                vals["name"] = number.name
                taken |= number
        return bool(taken)

    def _bss_free_numbers(self):
        """Numbers that invoices of this run may take before its own."""
        move = self.env["bss.invoice.counter"]._bss_move(self.cycle_id.journal_id, self.date_invoice, "out_invoice")
        return self.env["bss.invoice.number"]._bss_free(move, self.date_invoice)

    def _bss_no_gap(self, moves):
        """Numbers before these may be reserved and not written yet: that is no gap."""
        moves.flush_recordset(["made_sequence_gap"])
        self.env.cr.execute(
            SQL("UPDATE account_move SET made_sequence_gap = FALSE WHERE id = ANY(%s) AND made_sequence_gap", moves.ids)
        )
        moves.invalidate_recordset(["made_sequence_gap"])
