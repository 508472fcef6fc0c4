from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date, format_datetime


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
        string="Effect and Patterns As Of", readonly=True, help="Payments up to this day are counted."
    )
    bss_dunning_measured_at = fields.Datetime(
        string="Effect and Patterns Counted At",
        readonly=True,
        help="Payments booked up to this moment are counted.",
    )

    _bss_dunning_days_positive = models.Constraint(
        "CHECK(bss_dunning_effect_days > 0 AND bss_dunning_dso_days > 0)", "Days of reports must be above zero."
    )

    def _bss_measured_until(self, instant):
        """What was booked before this moment is counted; the day moves on with it, never back.

        Without a moment all is to be counted first: what was booked before changes were marked may be missing.
        """
        for company in self.filtered("bss_dunning_measured_at"):
            day = polish_day.day_of(instant)
            company.write(
                {
                    "bss_dunning_measured_at": max(filter(None, [company.bss_dunning_measured_at, instant])),
                    "bss_dunning_measured_on": max(company.bss_dunning_measured_on, day),
                }
            )

    def _bss_measured_order(self):
        return (self.bss_dunning_measured_on, str(self.bss_dunning_measured_at or ""))

    def _bss_measured_words(self):
        """The moment, or only the day where figures of another day than that of the clock were asked for."""
        self.ensure_one()
        instant, day = self.bss_dunning_measured_at, self.bss_dunning_measured_on
        if instant and day == polish_day.day_of(instant):
            zone = self.env.context.get("tz") or self.env.user.tz or polish_day.POLAND.key
            return format_datetime(self.env, instant, tz=zone, dt_format="short")
        return format_date(self.env, day) if day else ""
