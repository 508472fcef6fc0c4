from odoo import fields, models


class BssLegalValue(models.Model):
    _name = "bss.legal.value"
    _description = "Number of the Law"
    _order = "code, date_start desc"
    _rec_name = "code"

    code = fields.Selection(
        [
            ("limitation_years", "Limitation of periodic and business claims (years)"),
            ("limitation_year_end", "Limitation ends on 31 December (1) or on the day (0)"),
            ("limitation_takes_over", "Older claims not lapsed yet follow the limitation of this day (1)"),
            ("chain_pay_after_n1", "Days to pay after delivery of the notice of restriction"),
            ("chain_wait_after_restrict", "Days from restriction to the notice of suspension"),
            ("chain_pay_after_n2", "Days to pay after delivery of the notice of suspension"),
            ("chain_wait_after_suspend", "Days from suspension to the notice of termination"),
            ("chain_pay_after_n3", "Days to pay after delivery of the notice of termination"),
            ("chain_pay_after_persistent", "Days to pay after the single notice to a persistent late payer"),
            ("chain_wait_after_complaint", "Days without suspension after a complaint is exhausted"),
            ("chain_resume_within", "Days to resume a service after payment"),
        ],
        required=True,
        index=True,
    )
    date_start = fields.Date(string="Valid From", required=True)
    value = fields.Integer(required=True, aggregator=None)
    legal_basis = fields.Char()

    _code_day_unique = models.Constraint(
        "UNIQUE(code, date_start)", "There is already a value of this kind from this day."
    )
    _value_positive = models.Constraint("CHECK(value >= 0)", "A number of days or years cannot be negative.")
