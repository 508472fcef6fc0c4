"""Company and VAT a new offering begins with; VAT by its kind of charge: JPK and KSeF tell services from goods."""

from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        context = self.env.context
        if context.get("default_bss_is_offering") and "company_id" in fields and "default_company_id" not in context:
            # parts, rate plans and promotions belong to a company: a shared offering could not name them
            values["company_id"] = self.env.company.id
        if values.get("bss_is_offering") and "taxes_id" in fields and "default_taxes_id" not in context:
            tax = self._bss_default_tax(values.get("bss_offering_kind"), self.env.company)
            if tax:
                values["taxes_id"] = [(6, 0, tax.ids)]
        return values

    @api.onchange("bss_offering_kind")
    def _onchange_bss_offering_kind_tax(self):
        """Change between services and goods; a tax somebody chose stays."""
        if not self.bss_is_offering:
            return
        company = self.company_id or self.env.company
        usual = company.sudo().account_sale_tax_id.union(
            *(self._bss_default_tax(kind, company) for kind in ("recurring", "device"))
        )
        tax = self._bss_default_tax(self.bss_offering_kind, company)
        if tax and self.taxes_id and self.taxes_id._origin <= usual:
            self.taxes_id = tax

    @api.model
    def _bss_default_tax(self, kind, company):
        """Goods for a device, services for everything else."""
        return company.sudo()._bss_sale_tax(scope="goods" if kind == "device" else "service")
