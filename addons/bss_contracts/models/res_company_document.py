from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_contract_clauses = fields.Html(
        string="Clauses of contracts",
        translate=True,
        help="Printed in every contract after its terms: headings, paragraphs, lists and tables are kept.",
    )
    bss_offer_clauses = fields.Html(
        string="Clauses of offers", translate=True, help="Printed below the prices of every offer."
    )
    bss_accessibility = fields.Html(
        string="Features for users with disabilities",
        translate=True,
        help="Printed in the summary of the terms that goes with every contract.",
    )
    bss_invoice_engine = fields.Selection(
        [("mass", "Mass engine"), ("qweb", "QWeb template")],
        string="Printing of invoices",
        default="mass",
        required=True,
        help="What prints the invoices of billing accounts. Issued documents stay as they were printed.",
    )
    bss_invoice_message = fields.Text(
        string="Message on invoices",
        translate=True,
        help="Printed on every invoice issued from now on, for example news of prices or a change of your address.",
    )
