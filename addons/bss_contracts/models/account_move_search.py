from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # not stored: found and grouped by joins, so that an invoice has no column that a customer may change later
    bss_customer_kind = fields.Selection(related="partner_id.bss_customer_kind", string="Customer Kind")
    bss_city = fields.Char(related="partner_id.city", string="Town")
