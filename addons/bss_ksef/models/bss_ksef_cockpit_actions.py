"""Buttons of the KSeF cockpit."""

import time

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .bss_ksef_cockpit import FINAL, WINDOWS

PATIENCE = 20  # seconds that somebody waits for answers at the screen


class BssKsefCockpitActions(models.AbstractModel):
    _inherit = "bss.ksef.cockpit"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ looking

    @api.model
    def open_state(self, company_id, state, hours=WINDOWS[0]):
        """List of the invoices in `state`; what is in KSeF as documents, because only these know since when."""
        company = self._company(company_id)
        if state == "accepted":
            action = self._action("action_bss_ksef_document")
            since = self._since(hours)
            action["domain"] = [
                ("company_id", "=", company.id),
                ("state", "=", "accepted"),
                *("|", "|", ("accepted_at", ">=", since), ("session_id.finished_at", ">=", since)),
                *("&", ("accepted_at", "=", False), ("write_date", ">=", since)),
            ]
            action["context"] = {}
            return self._named(action, "accepted")
        action = self._action("action_bss_ksef_waiting")
        action["domain"] = [
            ("company_id", "=", company.id),
            ("bss_ksef_state", "=", state),
            ("move_type", "in", ["out_invoice", "out_refund"]),
        ]
        action["context"] = {"default_move_type": "out_invoice", "create": False}
        return self._named(action, state)

    @api.model
    def _named(self, action, state):
        """`action` under the name of the state; the web client prefers the display name of a stored action."""
        labels = dict(self.env["account.move"]._fields["bss_ksef_state"]._description_selection(self.env))
        return {**action, "name": labels[state], "display_name": labels[state]}

    @api.model
    def open_reason(self, company_id, state, code, element):
        company = self._company(company_id)
        action = self._action("action_bss_ksef_to_fix")
        action["domain"] = self.env["bss.ksef.reason"]._domain(company, state, code, element)
        return action

    @api.model
    def open_session(self, company_id, session_id):
        self._company(company_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.ksef.session",
            "res_id": int(session_id),
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def _action(self, name):
        return self.env["ir.actions.act_window"]._for_xml_id(f"bss_ksef.{name}")

    # ------------------------------------------------------------------ doing

    @api.model
    def send_waiting(self, company_id):
        """Jobs for everything that waits; returns a sentence."""
        company = self._company_to_send(company_id)
        if not company.bss_ksef_enabled:
            raise UserError(self.env._("KSeF is not set up for this company."))
        domain = [("company_id", "=", company.id), ("bss_ksef_state", "=", "to_send"), ("state", "=", "posted")]
        count = self.env["account.move"].search_count(domain)
        if not count:
            raise UserError(self.env._("No invoice waits to be sent."))
        self.env["bss.ksef.session"].sudo()._bss_queue(company)
        return self.env._("%(count)s documents are on their way to KSeF.", count=count)

    @api.model
    def repeat_reason(self, company_id, state, code, element):
        """After the fix: all invoices of one reason wait for the next sending; returns a sentence."""
        company = self._company_to_send(company_id)
        reason = self.env["bss.ksef.reason"]
        if not reason._may_repeat(state, code):
            raise UserError(self.env._("KSeF would refuse these invoices again: their numbers are taken."))
        documents = self.env["bss.ksef.document"].search(reason._domain(company, state, code, element))
        if not documents:
            raise UserError(self.env._("Nothing of this reason is left."))
        documents.action_requeue()
        return self.env._("%(count)s invoices wait for the next sending.", count=len(documents))

    @api.model
    def ask_now(self, company_id):
        """Asks KSeF about every session that was told to it and is not finished; returns a sentence.

        Jobs take over from sessions that nobody would want to wait for at the screen.
        """
        company = self._company_to_send(company_id)
        domain = [("company_id", "=", company.id), ("state", "not in", [*FINAL, "draft"])]
        sessions = self.env["bss.ksef.session"].sudo().search(domain)
        until = time.monotonic() + PATIENCE
        for number, record in enumerate(sessions):
            if time.monotonic() > until:
                sessions[number:]._bss_queue_poll()
                break
            record._bss_go_on()
        ended = sessions.filtered(lambda s: s.state in FINAL)
        return self.env._(
            "%(count)s sessions asked about, %(ended)s of them ended.", count=len(sessions), ended=len(ended)
        )

    @api.model
    def test_connection(self, company_id):
        """Logs in for real with what is set up; {"ok", "message"}."""
        company = self._company_to_send(company_id)
        failure = company._bss_ksef_test_connection()
        message = company._bss_ksef_describe(failure) if failure else self.env._("Logged in to KSeF.")
        return {"ok": not failure, "message": message}

    @api.model
    def _company_to_send(self, company_id):
        company = self._company(company_id)
        if not self._may_send():
            raise AccessError(self.env._("You may look at the KSeF cockpit, but not send invoices."))
        self.env["account.move"].check_access("write")
        return company
