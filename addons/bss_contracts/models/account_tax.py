from odoo import fields, models
from odoo.exceptions import UserError


class AccountTax(models.Model):
    _inherit = "account.tax"

    bss_net_tax_id = fields.Many2one(
        "account.tax",
        string="Same Tax on Net Prices",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="This tax takes the same VAT out of gross prices: same rate, accounts and tags.",
    )

    _bss_net_tax_unique = models.UniqueIndex(
        "(bss_net_tax_id) WHERE bss_net_tax_id IS NOT NULL", "There is one tax for gross prices of each tax."
    )

    def _bss_for_gross(self):
        """These taxes for prices that include them; made once when missing."""
        taxes = self.browse()
        for tax in self:
            taxes |= tax if tax.price_include else tax._bss_gross_twin()
        return taxes

    def _bss_gross_twin(self):
        self.ensure_one()
        if self.amount_type != "percent":
            raise UserError(
                self.env._("Tax %(tax)s is no percentage: it cannot be taken out of a gross price.", tax=self.name)
            )
        taxes = self.sudo().with_context(active_test=False)
        twin = taxes.search([("bss_net_tax_id", "=", self.id)], limit=1)
        if not twin:
            twin = self.sudo().copy(
                {
                    "name": self.env._("%(tax)s, in the price", tax=self.name),
                    "price_include_override": "tax_included",
                    "bss_net_tax_id": self.id,
                }
            )
        return twin.with_env(self.env)
