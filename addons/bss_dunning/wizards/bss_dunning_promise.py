from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date

from .. import adapters, adapters_agreement
from ..dunning_core.policy import promise as kernel
from ..models.bss_dunning_case_promise_rules import MANAGER
from ..models.bss_dunning_promise import CHANNELS


class BssDunningPromiseWizard(models.TransientModel):
    _name = "bss.dunning.promise.wizard"
    _description = "Record a Promise to Pay"

    case_id = fields.Many2one("bss.dunning.case", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="case_id.currency_id")
    amount_demanded = fields.Monetary(related="case_id.amount_demanded")
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, required=True)
    date = fields.Date(
        string="Promised Day", required=True, default=lambda self: polish_day.today() + timedelta(days=7)
    )
    channel = fields.Selection(CHANNELS, required=True, default="phone", string="Made By")
    note = fields.Text()
    rule_text = fields.Char(compute="_compute_rule_text", string="Kept When")
    problem = fields.Char(compute="_compute_problem", help="Why the promise is not taken like this.")
    may_override = fields.Boolean(compute="_compute_problem")
    override = fields.Boolean(string="In Spite of the Limits")
    history_text = fields.Char(related="case_id.promise_text", string="Kept Before")

    @api.depends("case_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.case_id.amount_demanded

    @api.depends("case_id", "amount", "date")
    def _compute_rule_text(self):
        calendar = adapters.free_days(self.env)
        for wizard in self:
            if not wizard.case_id or not wizard.date:
                wizard.rule_text = False
                continue
            rules = adapters_agreement.promise_rules(wizard.case_id.company_id.sudo())
            promise = kernel.Promise(polish_day.today(), wizard.date, adapters.to_money(wizard.amount))
            wizard.rule_text = self.env._(
                "%(amount)s arrive by %(day)s; nothing is sent until then.",
                amount=wizard.case_id._bss_text_amount(kernel.needed(promise, rules)),
                day=format_date(self.env, kernel.last_day(promise, rules, calendar)),
            )

    @api.depends("case_id", "amount", "date", "override")
    @api.depends_context("uid")
    def _compute_problem(self):
        """What recording would answer, told while the form is filled in."""
        manager = self.env.user.has_group(MANAGER)
        for wizard in self:
            failure, case = None, wizard.case_id
            if case and wizard.date:
                rules = case._bss_promise_rules(override=wizard.override and manager)
                data = kernel.Promise(polish_day.today(), wizard.date, adapters.to_money(wizard.amount))
                failure = case._bss_promise_failure(data, rules)
            wizard.problem = case._bss_promise_refusal(failure) if failure else False
            wizard.may_override = manager

    def action_promise(self):
        self.ensure_one()
        self.case_id._bss_promise(self.amount, self.date, self.channel, self.note or "", override=self.override)
        return {"type": "ir.actions.act_window_close"}
