"""The tax of what is outside VAT: interest for delay is damages, neither taxed nor exempt."""

import re

from odoo import api, models

#: how accountants name such a tax; the exempt ones (ZW) are another thing: they stand in the return
_NAMES = re.compile(
    r"\bNP\b|nie podlega|niepodlegaj|poza (zakresem )?VAT|not subject|outside (the scope of |of )?VAT", re.IGNORECASE
)


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model
    def _bss_outside_vat_of(self, company):
        """The company's sales tax of 0% that says "outside VAT" and that no field of the VAT return knows, or none.

        The Polish chart ships none (19.0): its taxes of 0% are exempt, reverse charged, or sales abroad.
        """
        taxes = self.sudo().search(
            [
                ("company_id", "parent_of", company.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", 0),
            ]
        )
        return taxes.filtered(lambda tax: tax._bss_is_outside_vat())[:1]

    def _bss_is_outside_vat(self):
        self.ensure_one()
        if "bss_ksef_rate" in self._fields and self.bss_ksef_rate:
            return self.bss_ksef_rate == "settlement"
        if self.invoice_repartition_line_ids.tag_ids:
            return False
        names = (self.with_context(lang=lang).name or "" for lang in ("pl_PL", "en_US"))
        return any(_NAMES.search(name) for name in names)


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        target = company or self.env.company
        if template_code == "pl" and not target.bss_interest_tax_id:
            target.sudo().bss_interest_tax_id = self.env["account.tax"]._bss_outside_vat_of(target)
        return result
