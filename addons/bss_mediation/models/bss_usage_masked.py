from odoo import api, fields, models

from ..mediation_core.row_fix import masked_number

CLERK = "bss_catalog.group_bss_clerk"


class BssUsageMasked(models.AbstractModel):
    """The called number for everybody: whole for those who may know it, without its middle for others."""

    _name = "bss.usage.masked"
    _description = "Masked Called Number"

    b_number_shown = fields.Char(string="Number Called", compute="_compute_b_number_shown")

    @api.depends("b_number")
    @api.depends_context("uid")
    def _compute_b_number_shown(self):
        open_hand = self.env.user.has_group(CLERK)
        for record in self:
            number = record.sudo().b_number
            record.b_number_shown = number if open_hand else masked_number(number)


class BssUsageEvent(models.Model):
    _name = "bss.usage.event"
    _inherit = ["bss.usage.event", "bss.usage.masked"]
