from odoo import fields, models

from .res_partner_contact import CONTACT_WAYS


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    dunning_contact_way = fields.Selection(
        CONTACT_WAYS,
        string="Contact About Debts",
        tracking=True,
        help="Goes before the way that the customer prefers. Empty: the customer's.",
    )
