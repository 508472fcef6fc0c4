from odoo import fields, models


class BssLegalBand(models.Model):
    _name = "bss.legal.band"
    _description = "Amount of the Law by Band of Value"
    _order = "code, date_start desc, value_from"
    _rec_name = "code"

    code = fields.Selection(
        [
            ("compensation", "Compensation for recovery costs (EUR)"),
            ("court_fee", "Court fee of a claim for payment (PLN)"),
            ("epu_cost_norm", "Attorney cost norm in electronic proceedings (PLN)"),
        ],
        required=True,
        index=True,
    )
    date_start = fields.Date(string="Valid From", required=True)
    value_from = fields.Float(
        string="Value Above (PLN)",
        digits=(16, 2),
        required=True,
        aggregator=None,
        help="Limit at which the band begins.",
    )
    value_from_included = fields.Boolean(string="Limit Included", help="The limit itself belongs to this band.")
    amount = fields.Float(digits=(16, 2), aggregator=None)
    percent = fields.Float(string="% of the Value", digits=(9, 4), aggregator=None)
    maximum = fields.Float(digits=(16, 2), aggregator=None, help="Greatest amount of a percentage; zero: none.")
    legal_basis = fields.Char()

    _band_unique = models.Constraint(
        "UNIQUE(code, date_start, value_from)", "There is already a band of this kind from this day and this value."
    )
    _band_positive = models.Constraint(
        "CHECK(value_from >= 0 AND amount >= 0 AND percent >= 0 AND maximum >= 0)",
        "The amounts of a band cannot be negative.",
    )
