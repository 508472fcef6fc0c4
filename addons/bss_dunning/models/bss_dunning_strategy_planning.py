"""What the planner reads of strategies and steps beyond days and amounts."""

from odoo import fields, models


class BssDunningStrategyPlanning(models.Model):
    _inherit = "bss.dunning.strategy"  # pylint: disable=consider-merging-classes-inherited

    min_documents = fields.Integer(string="From Documents", default=0)
    absorb = fields.Selection(
        [
            ("join", "Newly due documents join the case with its next step"),
            ("own", "Newly due documents are taken up by a case of their own after this one"),
        ],
        string="Newly Due Documents",
        default="join",
        required=True,
    )


class BssDunningStepPlanning(models.Model):
    _inherit = "bss.dunning.step"  # pylint: disable=consider-merging-classes-inherited

    min_documents = fields.Integer(string="From Documents", default=0)
    repeat_count = fields.Integer(string="Times", default=1, help="How many times the step is taken.")
    repeat_days = fields.Integer(string="Days Between", default=7)
