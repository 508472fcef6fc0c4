from odoo import fields, models


class BssServiceOrder(models.Model):
    """Knows the contract change that asked for it, so that undoing it finds it."""

    _inherit = "bss.service.order"

    change_id = fields.Many2one(
        "bss.contract.change",
        string="Contract Change",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
