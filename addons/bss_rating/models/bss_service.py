from odoo import fields, models


class BssService(models.Model):
    _inherit = "bss.service"

    allowance_ids = fields.One2many("bss.allowance", "service_id", string="Allowances", readonly=True)
