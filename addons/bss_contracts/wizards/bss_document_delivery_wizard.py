from odoo import fields, models
from odoo.addons.bss_catalog import polish_day

from ..models.bss_document import PROOFS


class BssDocumentDeliveryWizard(models.TransientModel):
    _name = "bss.document.delivery.wizard"
    _description = "Record Delivery of Documents"

    document_ids = fields.Many2many("bss.document", string="Documents", required=True)
    delivered_on = fields.Date(required=True, default=polish_day.today)
    proof = fields.Selection(PROOFS, string="Proof of Delivery", required=True, default="receipt")
    note = fields.Text(string="Particulars of the Proof", required=True)

    def action_record(self):
        self.ensure_one()
        self.document_ids._bss_register_delivery(self.delivered_on, self.proof, self.note)
        return {"type": "ir.actions.act_window_close"}
