from odoo import api, fields, models
from odoo.tools import format_date

REGIMES = [
    ("civil", "Civil (consumers)"),
    ("commercial", "Commercial transactions"),
    ("medical", "Commercial, public medical entity"),
]


class BssInterestRate(models.Model):
    _name = "bss.interest.rate"
    _description = "Statutory Interest Rate"
    _order = "regime, date_start desc"

    regime = fields.Selection(REGIMES, required=True, index=True)
    date_start = fields.Date(string="Valid From", required=True)
    rate = fields.Float(string="Rate (% per year)", digits=(9, 4), required=True, aggregator=None)
    legal_basis = fields.Char()

    _regime_day_unique = models.Constraint(
        "UNIQUE(regime, date_start)", "There is already a rate of this kind from this day."
    )
    _rate_positive = models.Constraint("CHECK(rate >= 0)", "An interest rate cannot be negative.")

    @api.depends("regime", "date_start", "rate")
    def _compute_display_name(self):
        labels = dict(self._fields["regime"]._description_selection(self.env))
        for rate in self:
            day = format_date(self.env, rate.date_start) if rate.date_start else ""
            rate.display_name = f"{labels.get(rate.regime, '')} {day}: {rate.rate:g}%"
