"""How an account is billed: who resells, how its charges are split over invoices, bills at once and the last one."""

from odoo import fields, models


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    invoice_split = fields.Selection(
        [("account", "Account"), ("contract", "Contract"), ("service_group", "Group of services")],
        string="One Invoice Per",
        tracking=True,
        help="Empty: as the bill cycle says.",
    )
    reseller_id = fields.Many2one(
        "res.partner",
        string="Reseller",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Who sold the services and looks after the customer; named on the invoices.",
    )
