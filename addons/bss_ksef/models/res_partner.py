import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

INTERNAL_ID = re.compile(r"\d{10}-\d{5}")


class ResPartner(models.Model):
    _inherit = "res.partner"

    bss_ksef_jst = fields.Boolean(
        string="Unit of Local Government",
        help="Invoices are for a subordinate unit of a local government (JST): the buyer is the local government with "
        "its tax number, the unit is the delivery address of the invoice.",
    )
    bss_ksef_vat_group = fields.Boolean(
        string="Member of a VAT Group",
        help="Invoices are for a member of a VAT group (GV): the buyer is the group with its tax number, the member is "
        "the delivery address of the invoice.",
    )
    bss_ksef_internal_id = fields.Char(
        string="Internal Identifier in KSeF",
        help="IDWew of a unit: the tax number of the taxpayer, a hyphen and five digits. The unit sees its invoices by it.",
    )

    @api.constrains("bss_ksef_internal_id")
    def _check_bss_ksef_internal_id(self):
        for partner in self:
            if partner.bss_ksef_internal_id and not INTERNAL_ID.fullmatch(partner.bss_ksef_internal_id):
                raise ValidationError(
                    self.env._(
                        "“%(identifier)s” is no internal identifier of KSeF: ten digits of a tax number, a hyphen, five digits.",
                        identifier=partner.bss_ksef_internal_id,
                    )
                )
