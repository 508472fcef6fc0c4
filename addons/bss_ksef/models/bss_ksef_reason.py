"""Why invoices do not get into KSeF: what is to be done about each reason."""

import re

from odoo import api, fields, models
from odoo.tools import SQL

NUMBERED = r"\[\d+\]"  # the line in a path: Fa/FaWiersz[3]/P_7


class BssKsefDocument(models.Model):
    _inherit = "bss.ksef.document"  # pylint: disable=consider-merging-classes-inherited

    reason_element = fields.Char(
        string="Element without Line", compute="_compute_reason_element", search="_search_reason_element"
    )

    advice = fields.Char(compute="_compute_advice", string="What to Do")

    _accepted_lately = models.Index("(company_id, (COALESCE(accepted_at, write_date))) WHERE state = 'accepted'")
    _to_fix = models.Index("(company_id, error_code) WHERE state IN ('invalid', 'rejected')")

    @api.depends("state", "superseded", "error_code", "error_element")
    def _compute_advice(self):
        for document in self:
            to_fix = document.state in ("invalid", "rejected") and not document.superseded
            document.advice = to_fix and self.env["bss.ksef.reason"]._advice(
                document.state, document.error_code or "", document.error_element or ""
            )

    @api.depends("error_element")
    def _compute_reason_element(self):
        for document in self:
            document.reason_element = re.sub(NUMBERED, "", document.error_element or "")

    @api.model
    def _search_reason_element(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = [each or "" for each in value]
        bare = SQL("regexp_replace(COALESCE(error_element, ''), %s, '', 'g')", NUMBERED)
        found = SQL(
            "(SELECT id FROM bss_ksef_document WHERE state IN ('invalid', 'rejected') AND %s = ANY(%s))", bare, wanted
        )
        return [("id", "in", found)]


class BssKsefReason(models.AbstractModel):
    """One reason: who refused (``state`` of the document), ``code`` and ``element`` without line numbers."""

    _name = "bss.ksef.reason"
    _description = "Reason of a Refused Invoice"

    @api.model
    def _domain(self, company, state, code, element):
        """Documents of one reason that still wait for somebody."""
        return [
            ("company_id", "=", company.id),
            ("state", "=", state),
            ("superseded", "=", False),
            ("error_code", "=", code or False),
            ("reason_element", "=", element or False),
        ]

    @api.model
    def _may_repeat(self, state, code):
        """A number that KSeF already knows with other content is refused for ever."""
        return not (state == "rejected" and code == "440")

    @api.model
    def _advice(self, state, code, element):
        """One sentence: what to do before the invoices are queued again."""
        env = self.env
        refused = {
            "410": env._("KSeF does not let this login issue invoices of the company: give it the right in KSeF."),
            "415": env._(
                "Attachments need the company's notice in e-Urząd Skarbowy: give it, or send without attachment."
            ),
            "440": env._(
                "KSeF has an invoice with this number and other content. Look it up there; give this one a new number."
            ),
            "450": env._("Correct the invoice: back to draft, correct, confirm. It then waits to be sent."),
        }
        if state == "rejected" and code in refused:
            return refused[code]
        if code in ("missing_rate", "missing_exemption"):
            return env._("Set the KSeF rate, and the exemption's legal basis, on the sale tax; then queue again.")
        if code == "buyer_number_changed":
            return env._("Correct the invoice to zero and issue a new one with the right number.")
        if code == "missing_original":
            return env._("Say on the credit note which invoice it corrects.")
        if element.startswith("Podmiot2"):
            return env._("Correct the customer, then queue again.")
        if element.startswith("Podmiot1"):
            return env._("Correct the data of your company, then queue all again.")
        return env._("Correct the invoice: back to draft, correct, confirm. It then waits to be sent.")
