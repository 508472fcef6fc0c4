from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    # To whom it is sold; none ticked: to every kind of customer
    bss_for_consumer = fields.Boolean(string="Consumers")
    bss_for_sole_trader = fields.Boolean(string="Sole traders")
    bss_for_company = fields.Boolean(string="Companies")
    bss_for_public = fields.Boolean(string="Public bodies")
