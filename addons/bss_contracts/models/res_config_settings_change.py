from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_change_months_back = fields.Integer(related="company_id.bss_change_months_back", readonly=False)
    bss_claw_back_method = fields.Selection(related="company_id.bss_claw_back_method", readonly=False)
    bss_claw_back_product_id = fields.Many2one(related="company_id.bss_claw_back_product_id", readonly=False)
