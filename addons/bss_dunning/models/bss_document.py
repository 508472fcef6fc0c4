from odoo import fields, models


class BssDocument(models.Model):
    _inherit = "bss.document"

    dunning_action_ids = fields.One2many("bss.dunning.action", "document_id", string="Dunning Actions")
