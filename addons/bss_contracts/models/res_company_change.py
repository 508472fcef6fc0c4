from odoo import api, fields, models
from odoo.fields import Command


class ResCompany(models.Model):
    """Rules of contract changes."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_change_months_back = fields.Integer(
        string="Contract changes at most this many months back",
        default=12,
        help="A change that holds from an earlier day is refused.",
    )
    bss_claw_back_method = fields.Selection(
        [("proportional", "In proportion to the rest of the term"), ("none", "Not asked back")],
        string="Claw-back of the relief",
        required=True,
        default="proportional",
        help="What a customer who leaves within the minimum term gives back of the relief granted for it.",
    )
    bss_claw_back_product_id = fields.Many2one(
        "product.product",
        string="Claw-back is charged as",
        check_company=True,
        help="One-off offering whose name and taxes the claw-back has on the bill; made when first needed.",
    )

    _change_months_check = models.Constraint(
        "CHECK(bss_change_months_back >= 0)", "The number of months must not be negative."
    )

    @api.private
    def _bss_claw_back_product(self):
        """The offering of the claw-back; made when the company has none yet."""
        self.ensure_one()
        company = self.sudo()
        if not company.bss_claw_back_product_id:
            lang = company.partner_id.lang or self.env.lang
            template = (
                self.env["product.template"]
                .sudo()
                .with_company(company)
                .create(
                    {
                        "name": self.with_context(lang=lang).env._("Claw-back of relief"),
                        "type": "service",
                        "list_price": 0.0,
                        "company_id": company.id,
                        "taxes_id": [Command.set(company._bss_sale_tax().ids)],
                        "bss_is_offering": True,
                        "bss_offering_kind": "one_off",
                        "bss_lifecycle": "on_sale",
                    }
                )
            )
            company.bss_claw_back_product_id = template.product_variant_id
        return company.bss_claw_back_product_id.with_env(self.env)
