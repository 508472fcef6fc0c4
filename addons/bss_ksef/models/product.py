from odoo import fields, models

ANNEX15_HELP = (
    "Named in annex 15 of the VAT act. An invoice to a business above 15,000 PLN with such a product is paid by split "
    "payment and says so (P_18A)."
)


class ProductTemplate(models.Model):
    _inherit = "product.template"

    bss_ksef_annex15 = fields.Boolean(string="Annex 15 (Split Payment)", help=ANNEX15_HELP)


class ProductCategory(models.Model):
    _inherit = "product.category"

    bss_ksef_annex15 = fields.Boolean(
        string="Annex 15 (Split Payment)", help=f"{ANNEX15_HELP} Holds for the categories below, too."
    )
