from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price List",
        compute="_compute_pricelist_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        index="btree_not_null",
        domain="[('currency_id', '=', currency_id)]",
        help="Prices of new services, net or gross as the list is. Services that run keep theirs. Empty: the net list "
        "prices of the offerings.",
    )

    @api.depends("partner_id")
    def _compute_pricelist_id(self):
        """The list given to the customer, else the one Odoo falls back to; gross prices are given expressly only."""
        for account in self:
            company = account.company_id or self.env.company
            partner = account.partner_id.with_company(company)
            fallback = partner.property_product_pricelist.filtered(lambda one: one.bss_price_kind == "net")
            pricelist = partner.specific_property_product_pricelist or fallback
            fits = not account.currency_id or pricelist.currency_id == account.currency_id
            account.pricelist_id = pricelist if fits else False

    @api.constrains("pricelist_id", "currency_id")
    def _check_pricelist_currency(self):
        for account in self:
            if account.pricelist_id and account.pricelist_id.currency_id != account.currency_id:
                raise ValidationError(
                    self.env._(
                        "Price list %(list)s is in %(currency)s, account %(account)s in another currency.",
                        list=account.pricelist_id.name,
                        currency=account.pricelist_id.currency_id.name,
                        account=account.name,
                    )
                )
