from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_dunning_effect_days = fields.Integer(
        string="Days in Which a Payment Counts for a Step",
        default=14,
        required=True,
        help="Effect of steps: a payment after the step counts for it when it comes within so many days.",
    )
    bss_dunning_dso_days = fields.Integer(
        string="Days of Sales for DSO",
        default=90,
        required=True,
        help="DSO = receivables / credit sales of so many last days * these days.",
    )
    bss_dunning_measured_on = fields.Date(
        string="Effect and Patterns As Of", readonly=True, help="Payments were counted in the night of this day."
    )

    _bss_dunning_days_positive = models.Constraint(
        "CHECK(bss_dunning_effect_days > 0 AND bss_dunning_dso_days > 0)", "Days of reports must be above zero."
    )
