from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import ValidationError

from ..billing_core import Period, bill_period, due_date, next_period


class BssBillCycle(models.Model):
    _name = "bss.bill.cycle"
    _description = "Bill Cycle"
    _order = "day, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    day = fields.Integer(
        string="Cycle Day",
        required=True,
        default=1,
        help="Day of the month on which a bill period begins (1 to 28).",
    )
    period_months = fields.Integer(
        string="Months per Bill",
        required=True,
        default=1,
        help="Length of one bill period. Periods longer than a month are counted from January.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="Leave empty to use the days to pay below.",
    )
    due_rule = fields.Selection(
        [
            ("days", "Days after the invoice date"),
            ("working_days", "Working days after the invoice date"),
            ("day_of_month", "Day of the month"),
        ],
        string="Due",
        required=True,
        default="days",
        help="Working days leave out Saturdays, Sundays and the days off by Polish law. A day of the month is the first "
        "one after the invoice date.",
    )
    due_days = fields.Integer(
        string="Days to Pay", default=14, help="Number of days, or the day of the month on which invoices are due."
    )
    minimum_amount = fields.Monetary(
        help="Charges that sum to less (net) wait for the next bill; 0 = every amount is invoiced.",
    )
    carry_months = fields.Integer(
        string="Carry Over At Most",
        default=2,
        help="For so many bills in a row charges may wait because of the minimum amount.",
    )
    invoice_split = fields.Selection(
        [("account", "Account"), ("contract", "Contract"), ("service_group", "Group of services")],
        string="One Invoice Per",
        required=True,
        default="account",
        help="Accounts may say otherwise. Charges without a contract or a group go with the first invoice.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        string="Invoice Journal",
        check_company=True,
        domain="[('type', '=', 'sale'), ('company_id', '=', company_id)]",
        help="Sales journal of this cycle's invoices. Mass billing works best with a journal of its own, "
        "in which nobody posts by hand.",
    )
    account_ids = fields.One2many("bss.account", "bill_cycle_id", string="Billing Accounts")
    account_count = fields.Integer(compute="_compute_account_count", string="Number of Accounts")
    run_ids = fields.One2many("bss.bill.run", "cycle_id", string="Bill Runs")
    last_run_end = fields.Date(compute="_compute_last_run_end", string="Billed Until")

    _day_check = models.Constraint("CHECK(day BETWEEN 1 AND 28)", "The cycle day must be between 1 and 28.")
    _period_check = models.Constraint("CHECK(period_months BETWEEN 1 AND 12)", "A bill period has 1 to 12 months.")
    _due_check = models.Constraint("CHECK(due_days >= 0)", "The days to pay must not be negative.")
    _due_day_check = models.Constraint(
        "CHECK(due_rule != 'day_of_month' OR due_days BETWEEN 1 AND 31)", "The day of the month is between 1 and 31."
    )
    _minimum_check = models.Constraint(
        "CHECK((minimum_amount IS NULL OR minimum_amount >= 0) AND carry_months >= 0)",
        "The minimum amount and the number of bills must not be negative.",
    )

    @api.depends("account_ids")
    def _compute_account_count(self):
        counts = dict(
            self.env["bss.account"]._read_group([("bill_cycle_id", "in", self.ids)], ["bill_cycle_id"], ["__count"])
        )
        for cycle in self:
            cycle.account_count = counts.get(cycle, 0)

    @api.depends("run_ids.date_end", "run_ids.state", "run_ids.is_whole_cycle")
    def _compute_last_run_end(self):
        for cycle in self:
            ends = cycle.run_ids.filtered(lambda run: run.state != "cancelled" and run.is_whole_cycle).mapped(
                "date_end"
            )
            cycle.last_run_end = max(ends) if ends else False

    @api.constrains("journal_id")
    def _check_journal(self):
        for cycle in self:
            if cycle.journal_id and cycle.journal_id.type != "sale":
                raise ValidationError(
                    self.env._("The journal of bill cycle %(name)s must be a sales journal.", name=cycle.name)
                )

    def write(self, vals):
        if "day" in vals:
            moved = self.filtered(lambda cycle: cycle.day != vals["day"])
            moved.with_context(active_test=False).account_ids._bss_remember_cycle_day()
        return super().write(vals)

    def _bss_period(self, day):
        """Bill period (start, end) that holds ``day``."""
        self.ensure_one()
        period = bill_period(day, self.day, self.period_months)
        return period.start, period.end

    def _bss_next_period(self, day):
        """First period not covered by a run yet; the one that holds ``day`` when there is no run."""
        self.ensure_one()
        if not self.last_run_end:
            return self._bss_period(day)
        return self._bss_period_after(self.last_run_end)

    def _bss_period_after(self, day):
        """Bill period that follows the one that holds ``day``."""
        start, end = self._bss_period(day)
        following = next_period(Period(start, end), self.period_months)
        return following.start, following.end

    def _bss_due_date(self, date_invoice):
        """Day by which an invoice of ``date_invoice`` is to be paid, without payment terms."""
        self.ensure_one()
        days_off = self.env["bss.holiday.calendar"]._bss_statutory_days() if self.due_rule == "working_days" else ()
        return due_date(self.due_rule, self.due_days, date_invoice, days_off)

    def action_plan_run(self):
        """Plan the next bill run of the cycle and open it."""
        self.ensure_one()
        today = polish_day.today()
        start, end = self._bss_next_period(today)
        run = self.env["bss.bill.run"].create(
            {"cycle_id": self.id, "date_start": start, "date_end": end, "date_invoice": today}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.bill.run",
            "res_id": run.id,
            "view_mode": "form",
        }

    def action_view_accounts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_account_action")
        action["domain"] = [("bill_cycle_id", "=", self.id)]
        action["context"] = {"default_bill_cycle_id": self.id}
        return action
