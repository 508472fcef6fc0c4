from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    bss_usage_product_id = fields.Many2one(
        "product.product",
        string="Product of Usage Charges",
        domain="[('bss_offering_kind', '=', 'usage')]",
        help="Its taxes and income account serve rated usage; empty: the product with the reference USAGE.",
    )

    def _bss_get_usage_product(self):
        self.ensure_one()
        product = self.bss_usage_product_id or self.env["product.product"].search(
            [("default_code", "=", "USAGE"), ("company_id", "in", [False, self.id])], order="company_id", limit=1
        )
        if not product:
            raise UserError(
                self.env._(
                    "Choose the product of usage charges in the settings of company %(company)s, or make one with the reference USAGE.",
                    company=self.name,
                )
            )
        return product
