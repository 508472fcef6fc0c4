"""A run that only tells what it would issue."""

from odoo import fields, models


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    is_test = fields.Boolean(
        string="Test Run",
        copy=False,
        index=True,
        help="The run collects and issues to see the figures, and undoes everything: no charge, no invoice and no "
        "number is left, only a report.",
    )
