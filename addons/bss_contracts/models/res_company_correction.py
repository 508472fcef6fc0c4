from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_collective_corrections = fields.Boolean(
        string="One Corrective Invoice per Bill",
        help="What a bill run gives back of several invoices of an account stands on one corrective invoice, which names "
        "each of them. Otherwise every invoice has its own.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_collective_corrections = fields.Boolean(related="company_id.bss_collective_corrections", readonly=False)
