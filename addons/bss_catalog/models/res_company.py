from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.private
    def _bss_sale_tax(self, amount=23.0, scope="service"):
        """Sale VAT of ``amount`` per cent: the chart's own tax for ``scope``, else any of that rate."""
        self.ensure_one()
        names = {(23.0, "service"): "vs_kraj_usl_23", (23.0, "goods"): "vs_kraj_23"}
        name = names.get((amount, scope))
        tax = name and self.env["account.chart.template"].with_company(self).ref(name, raise_if_not_found=False)
        if tax and tax.active:
            return tax
        taxes = self.env["account.tax"].search(
            [
                *self.env["account.tax"]._check_company_domain(self),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", amount),
            ]
        )
        return taxes.sorted(lambda t: t.tax_scope != {"goods": "consu"}.get(scope, scope))[:1]
