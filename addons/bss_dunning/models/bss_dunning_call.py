from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date, format_money
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.letters.placeholders import fill

RESULT_WORDS = [
    ("reached", "Reached"),
    ("no_answer", "No Answer"),
    ("wrong_number", "Wrong Number"),
    ("promise", "Promise to Pay"),
    ("dispute", "Dispute"),
    ("refuse", "Refuses to Pay"),
    ("callback", "Call Back"),
]
# What collectors may change themselves; results are recorded by buttons
EDITABLE = frozenset({"user_id", "next_at", "phone", "activity_ids"})


class BssDunningCall(models.Model):
    """A customer to be called about his debt, by a person or by a dialer."""

    _name = "bss.dunning.call"
    _description = "Call to a Customer in Arrears"
    _order = "next_at, id"
    _check_company_auto = True
    _rec_name = "partner_id"

    case_id = fields.Many2one(
        "bss.dunning.case", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    action_id = fields.Many2one(
        "bss.dunning.action", index=True, ondelete="cascade", check_company=True, readonly=True, string="Step Taken"
    )
    account_id = fields.Many2one(related="case_id.account_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(
        related="case_id.account_id.partner_id", store=True, index=True, precompute=True, string="Customer"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Collector", index=True)
    state = fields.Selection(
        [
            ("open", "To Call"),
            ("done", "Done"),
            ("unreached", "Not Reached"),
            ("cancelled", "Called Off"),
        ],
        required=True,
        default="open",
        index=True,
        readonly=True,
        group_expand=True,
    )
    next_at = fields.Datetime(string="Call At", required=True, index=True, default=fields.Datetime.now)
    is_callback = fields.Boolean(readonly=True, help="The customer asked to be called at this time.")
    phone = fields.Char(readonly=True, help="With its country (E.164).")
    other_phones = fields.Char(readonly=True)
    result = fields.Selection(RESULT_WORDS, string="Last Result", readonly=True)
    note = fields.Text(readonly=True, string="Course")
    attempt_ids = fields.One2many("bss.dunning.call.attempt", "call_id", string="Attempts", readonly=True)
    attempt_count = fields.Integer(string="Attempts Made", readonly=True)
    minutes = fields.Float(readonly=True, aggregator="sum")
    cost = fields.Monetary(readonly=True)
    batch_id = fields.Many2one(
        "bss.dunning.dialer.batch", string="Dialer", index="btree_not_null", ondelete="set null", readonly=True
    )
    amount = fields.Monetary(related="case_id.amount_demanded", string="To Demand")
    oldest_due = fields.Date(related="case_id.oldest_due")
    days_overdue = fields.Integer(related="case_id.days_overdue")
    stage_id = fields.Many2one(related="case_id.stage_id")
    case_state = fields.Selection(related="case_id.state", string="State of the Case")
    lang = fields.Selection(related="partner_id.lang", string="Language")
    last_contact = fields.Date(compute="_compute_last_contact", compute_sudo=True)
    hours = fields.Char(compute="_compute_hours", string="Allowed Hours")
    blocked = fields.Char(compute="_compute_blocked", string="Not Now", help="Why the customer may not be called now.")
    script = fields.Text(compute="_compute_script", compute_sudo=True)

    _action_unique = models.Constraint("UNIQUE(action_id)", "This step has its call already.")

    # Computes

    @api.depends("partner_id", "attempt_count")
    def _compute_last_contact(self):
        days = {}
        for company, calls in self.grouped("company_id").items():
            query = self.env["res.partner"]._bss_last_contact_query(company, calls.partner_id.ids)
            days.update({(company.id, partner): day for partner, day in self.env.execute_query(query)})
        for call in self:
            call.last_contact = days.get((call.company_id.id, call.partner_id.id), False)

    @api.depends("company_id")
    def _compute_hours(self):
        for call in self:
            call.hours = call.company_id._bss_contact_hours_text() if call.company_id else ""

    @api.depends("partner_id", "state", "attempt_count", "next_at")
    def _compute_blocked(self):
        now = fields.Datetime.now()
        today = polish_day.day_of(now)
        for call in self:
            call.blocked = call._bss_blocked(now, today) if call.state == "open" else False

    def _bss_blocked(self, now, today):
        company = self.company_id
        refusal = self.partner_id.with_company(company)._bss_contact_refusal("call", today)
        if refusal:
            return refusal
        if company._bss_contact_moment(now, "call") > now:
            return self.env._("Calls: %(hours)s.", hours=company._bss_contact_hours_text())
        return False

    @api.depends("action_id.step_id.call_script", "amount", "oldest_due")
    def _compute_script(self):
        for call in self:
            call.script = call._bss_script()

    def _bss_script(self):
        step = self.action_id.step_id or self.case_id.step_id
        text = step.call_script or step._fields["call_script"].default(step)
        return fill(
            text,
            {
                "name": self.partner_id.name or "",
                "company": self.company_id.name or "",
                "account": self.account_id.name or "",
                "amount": format_money(adapters.to_money(self.amount)),
                "oldest_due": format_date(self.oldest_due),
                "days": str(self.days_overdue),
                "nrb": self.account_id.payment_nrb or "",
                "collector": self.user_id.name or self.env.user.name or "",
            },
        )

    # Life

    def write(self, vals):
        if not self.env.su and set(vals) - EDITABLE:
            raise AccessError(self.env._("Calls are changed by their results."))
        if not self.env.su and vals.get("next_at"):
            moment = fields.Datetime.to_datetime(vals["next_at"])
            for company in self.company_id:
                company._bss_check_call_moment(moment)
        return super().write(vals)

    @api.model
    def _bss_plan_for(self, action, as_of):
        """The call of a step; one that was called off is taken up again with the attempts it had."""
        call = self.sudo().search([("action_id", "=", action.id)])
        phones = action.partner_id._bss_call_phones(action.company_id)
        vals = {
            "state": "open",
            "next_at": call._bss_first_moment(action, as_of),
            "phone": phones[0] if phones else False,
            "other_phones": ", ".join(phones[1:]) or False,
            "user_id": (action.case_id.user_id or action.step_id.strategy_id.user_id or self.env.user).id,
        }
        if call:
            call.write(vals)
            return call
        return self.sudo().create({**vals, "case_id": action.case_id.id, "action_id": action.id})

    def _bss_first_moment(self, action, as_of):
        """Now or the morning of the day of the step, within the hours."""
        now = fields.Datetime.now()
        if polish_day.day_of(now) < as_of:
            now = fields.Datetime.to_datetime(as_of)
        return action.company_id._bss_contact_moment(now, "call")

    def _bss_withdraw(self):
        """The step needs no call any more, or not now."""
        self.sudo().filtered(lambda call: call.state == "open").write({"state": "cancelled", "batch_id": False})

    @api.model
    def _bss_withdraw_orphans(self, company):
        """Calls whose step or case went on without them, set-based."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_call call
                   SET state = 'cancelled', batch_id = NULL
                  FROM bss_dunning_case dunning
                 WHERE dunning.id = call.case_id AND call.company_id = %s AND call.state = 'open'
                   AND (dunning.state = 'closed' OR EXISTS (
                        SELECT 1 FROM bss_dunning_action action
                         WHERE action.id = call.action_id AND action.state != 'planned'))
                """,
                company.id,
            )
        )
        self.invalidate_model(["state", "batch_id"])

    def _bss_next_number(self):
        """Number of the attempt that comes next."""
        return max(self.sudo().attempt_ids.mapped("number"), default=0) + 1

    def _bss_next_moment(self):
        """When the call is tried again: after the pause, within hours and limits."""
        self.ensure_one()
        company = self.company_id
        moment = fields.Datetime.now() + timedelta(hours=company.sudo().bss_call_retry_hours)
        moment = company._bss_contact_moment(moment, "call")
        day = polish_day.day_of(moment)
        closed = self.partner_id.with_company(company)._bss_contact_closed("call", day)
        if closed and closed.free_on:
            moment = company._bss_contact_moment(fields.Datetime.to_datetime(closed.free_on), "call")
        return moment

    # Buttons

    def action_result(self):
        """Ask for what came of the call; the button says which result."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result of the Call"),
            "res_model": "bss.dunning.call.result",
            "view_mode": "form",
            "target": "new",
            "context": {"default_call_id": self.id, "default_result": self.env.context.get("bss_result", "reached")},
        }

    def action_take(self):
        """These calls are mine."""
        self.check_access("write")
        self.write({"user_id": self.env.uid})

    def action_view_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

    @api.model
    def _bss_due_domain(self, company, now):
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "open")
            & Domain("next_at", "<=", now)
            & Domain("phone", "!=", False)
            & Domain("case_id.state", "=", "open")
        )
