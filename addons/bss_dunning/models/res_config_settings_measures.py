from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_dunning_effect_days = fields.Integer(related="company_id.bss_dunning_effect_days", readonly=False)
    bss_dunning_dso_days = fields.Integer(related="company_id.bss_dunning_dso_days", readonly=False)
