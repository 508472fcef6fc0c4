from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_outlier_high_factor = fields.Float(
        string="High Bill: Times the Usual",
        digits=(6, 2),
        default=3.0,
        help="A bill of more than so many times the usual amount is pointed out before it is issued.",
    )
    bss_outlier_low_factor = fields.Float(
        string="Low Bill: Part of the Usual",
        digits=(6, 2),
        default=3.0,
        help="A bill of less than the usual amount divided by this number is pointed out before it is issued.",
    )
    bss_outlier_policy = fields.Selection(
        [("warn", "Ask"), ("block", "Refuse to issue")],
        string="Deviations Not Accepted",
        required=True,
        default="warn",
        help="What happens when a bill run with deviations that nobody accepted is to be issued.",
    )

    _outlier_factor_check = models.Constraint(
        "CHECK(bss_outlier_high_factor > 1 AND bss_outlier_low_factor > 1)",
        "The factors of a high and of a low bill are greater than 1.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_outlier_high_factor = fields.Float(related="company_id.bss_outlier_high_factor", readonly=False)
    bss_outlier_low_factor = fields.Float(related="company_id.bss_outlier_low_factor", readonly=False)
    bss_outlier_policy = fields.Selection(related="company_id.bss_outlier_policy", readonly=False, required=True)
