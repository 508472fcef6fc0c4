from odoo import api, fields, models


class BssPriceTier(models.Model):
    """A range of quantities with its price. What is wrong with a set of them is said by the offering."""

    _name = "bss.price.tier"
    _description = "Price tier of an offering"
    _order = "template_id, quantity_from, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "product.template", string="Offering", required=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="template_id.currency_id")
    quantity_from = fields.Float(
        string="Above", digits=(16, 6), help="The tier begins after this many units; 0 for the first one."
    )
    quantity_to = fields.Float(
        string="Up to",
        digits=(16, 6),
        help="Last unit of the tier. 0: up to the next tier; the last tier then has no end.",
    )
    price = fields.Float(
        digits=(16, 6),
        min_display_digits=2,
        help="Net price of a unit, of a started package or of the whole step, as the price model says.",
    )
    package_size = fields.Float(string="Units in a Package", digits=(16, 6))

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        if not self.env.context.get("bss_new_offering"):
            tiers.template_id._bss_check_not_frozen()
        return tiers

    def write(self, vals):
        self.template_id._bss_check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self.template_id._bss_check_not_frozen()
