from decimal import Decimal

from odoo import models

from ..price_sides import PriceSides
from ..report import invoice_data

# kind of change -> (template, kind of document)
DOCUMENTS = {
    "assignment": ("bss_contracts.document_assignment", "assignment"),
    "suspension": ("bss_contracts.document_suspension", "annex"),
    "termination": ("bss_contracts.document_termination", "termination"),
}
ANNEX = ("bss_contracts.document_annex", "annex")


class BssContractChange(models.Model):
    """The document of a change, archived when it is confirmed."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_archive(self):
        template, kind = DOCUMENTS.get(self.kind, ANNEX)
        document = self.contract_id._bss_render_document(template, kind, self.name, self)
        self.sudo().document_id = document

    def action_open_document(self):
        self.ensure_one()
        return self.document_id.action_open()

    # -- what the templates say ---------------------------------------------------------------------

    def _bss_heir(self):
        """Name and address of the customer who takes the contract over."""
        partner = self.new_partner_id.commercial_partner_id
        return invoice_data.buyer(partner, invoice_data.language(partner))

    def _bss_new_data_rows(self):
        """[(label, so far, from then on)] of a change of address."""
        before = (self.undo_data or {}).get("address") or {}
        rows = []
        for name, value in self._bss_new_data().items():
            field = self._fields[name]
            texts = dict(field._description_selection(self.env)) if field.type == "selection" else {}
            old = before.get(name) or ""
            rows.append((field._description_string(self.env), texts.get(old, old), texts.get(value, value or "")))
        return rows

    def _bss_printed_claims(self):
        """Claims of the claw-back as the customer is told of them: a consumer with VAT, others as they were counted."""
        claims = self.claw_back_data or []
        partner = self.contract_id.partner_id
        if partner.commercial_partner_id.bss_customer_kind != "consumer":
            return claims
        product = self.company_id._bss_claw_back_product()
        sides = PriceSides(self.env, self.company_id, partner)
        return [
            {
                **claim,
                **{
                    name: sides.both(product, Decimal(claim[name]), claim.get("price_kind") == "gross")[1]
                    for name in ("relief", "used", "amount")
                },
            }
            for claim in claims
        ]

    def _bss_settlement(self):
        """Charges of the contract that wait for the final bill."""
        return self.env["bss.charge"].search(
            [("contract_id", "=", self.contract_id.id), ("state", "=", "pending")], order="date_start, id"
        )
