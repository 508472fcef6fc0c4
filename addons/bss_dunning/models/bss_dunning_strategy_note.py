from odoo import fields, models


class BssDunningStrategyNote(models.Model):
    _inherit = "bss.dunning.strategy"  # pylint: disable=consider-merging-classes-inherited

    interest_way = fields.Selection(
        [("note", "Interest note"), ("charge", "On the next invoice")],
        string="Interest Goes",
        help="How the interest steps of this strategy charge; empty: as the settings of the company say.",
    )
