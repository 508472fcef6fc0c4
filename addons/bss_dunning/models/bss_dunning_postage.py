"""What posting a letter costs: price lists with the day from which they hold."""

from odoo import api, fields, models
from odoo.addons.bss_contracts.document_core import format_money
from odoo.exceptions import ValidationError

from .. import adapters
from ..dunning_core.printing.postage import Price, price_of, sheets_of
from .bss_dunning_template import FRANKINGS


class BssDunningPostage(models.Model):
    _name = "bss.dunning.postage"
    _description = "Postage"
    _order = "date_start desc, franking, max_sheets"
    _rec_name = "franking"
    _check_company_auto = True

    date_start = fields.Date(string="Valid From", required=True)
    franking = fields.Selection(FRANKINGS, required=True, default="plain")
    max_sheets = fields.Integer(string="Up to Sheets", required=True, default=4)
    price = fields.Monetary(required=True, help="Of one letter: postage, printing and envelope.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _price_unique = models.Constraint(
        "UNIQUE(company_id, franking, date_start, max_sheets)",
        "There is a price for this franking, day and number of sheets already.",
    )

    @api.constrains("max_sheets", "price")
    def _check_numbers(self):
        for row in self:
            if row.max_sheets < 1 or row.price < 0:
                raise ValidationError(self.env._("A postage price is not negative and holds for at least one sheet."))

    @api.model
    def _bss_prices(self, company):
        """Price list of a company for the kernel; one query for a whole batch."""
        rows = self.sudo().search([("company_id", "=", company.id)])
        return [Price(row.date_start, row.franking, row.max_sheets, adapters.to_money(row.price)) for row in rows]


class BssDunningActionPostage(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_note_postage(self, desk):
        """Cost of the letter of this action; nothing when no price is recorded."""
        document, company = self.document_id.sudo(), self.company_id
        franking = document.print_franking or "plain"
        sheets = sheets_of(document.print_pages or 1, company.bss_print_duplex)
        price = price_of(franking, sheets, desk.as_of, desk.prices(company))
        if price is not None:
            document.print_cost = float(price)
            self._bss_add_cost(float(price), self._bss_postage_note(franking, sheets, price))

    @api.model
    def _bss_postage_note(self, franking, sheets, price):
        words = dict(self.env["bss.dunning.postage"]._fields["franking"]._description_selection(self.env))
        return self.env._(
            "%(franking)s letter, %(sheets)s sheet(s): %(price)s",
            franking=words[franking],
            sheets=sheets,
            price=format_money(price),
        )
