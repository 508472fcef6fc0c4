from odoo import fields, models

from .bss_account import COLLECTOR


class BssDocument(models.Model):
    _inherit = "bss.document"

    dunning_action_ids = fields.One2many(
        "bss.dunning.action", "document_id", string="Dunning Actions", groups=COLLECTOR
    )
    letter_batch_item_ids = fields.One2many(
        "bss.dunning.letter.batch.item", "document_id", string="Mass Letters", groups=COLLECTOR
    )

    def write(self, vals):
        """Proven delivery of a notice starts a statutory term: plan its case again."""
        if vals.get("delivered_at") and "state" not in vals:
            vals = {**vals, "state": "delivered"}
        result = super().write(vals)
        if "delivered_at" in vals or "state" in vals:
            notices = self.sudo().dunning_action_ids.filtered("legal_notice")
            notices.case_id._bss_replan()
        return result
