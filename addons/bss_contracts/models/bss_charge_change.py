from odoo import fields, models


class BssCharge(models.Model):
    """Knows the contract change that made it, so that undoing it finds it."""

    _inherit = "bss.charge"

    change_id = fields.Many2one(
        "bss.contract.change",
        string="Contract Change",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
