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
            ("limitation_judgment_years", "Limitation of judgments and settlements (years)"),
            ("limitation_judgment_year_end", "Limitation of judgments ends on 31 December (1) or on the day (0)"),
            ("limitation_judgment_takes_over", "Older judgments not lapsed yet follow the limitation of this day (1)"),
            ("interest_divisor", "Days of a year in the calculation of interest"),
            ("contractual_cap_factor", "Agreed interest: at most so many times the civil rate"),
            ("commercial_older_after", "New commercial rate holds for older contracts so many days later"),
            ("compensation_next_day", "A claim becomes due on its due date (0) or on the day after (1)"),
            ("persistent_late_documents", "Persistent late payer: late documents (own measure)"),
            ("persistent_within_months", "Persistent late payer: within so many months (own measure)"),
            ("complaint_lodge_months", "Months to lodge a complaint"),
            ("complaint_confirm_days", "Days to confirm the receipt of a complaint"),
            ("complaint_answer_days", "Days to send the answer to a complaint"),
            ("complaint_pay_days", "Days to pay what a complaint was granted"),
            ("complaint_resend_working_days", "Working days to send the answer to a complaint again"),
            ("big_consumer_amount", "Debt registers: least debt of a consumer (PLN)"),
            ("big_business_amount", "Debt registers: least debt of a business (PLN)"),
            ("big_due_days", "Debt registers: days overdue"),
            ("big_demand_months", "Debt registers: months after the demand"),
            ("big_title_days", "Debt registers: days after the letter about an enforceable title"),
            ("big_update_days", "Debt registers: days to report a payment"),
            ("big_age_years", "Debt registers: greatest age of a claim (years)"),
            ("vat_relief_days", "VAT bad debts: days unpaid"),
            ("vat_relief_years", "VAT bad debts: years from the end of the year of the invoice"),
            ("income_relief_days", "Income tax bad debts: days unpaid"),
            ("income_relief_years", "Income tax bad debts: years from the end of the year of the invoice"),
            ("epu_fee_divisor", "Electronic proceedings: part of the ordinary court fee (1/n)"),
            ("epu_fee_minimum", "Electronic proceedings: least court fee (PLN)"),
            ("epu_claim_years", "Electronic proceedings: years back that claims may lie"),
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
    _value_positive = models.Constraint("CHECK(value >= 0)", "A number of the law cannot be negative.")
