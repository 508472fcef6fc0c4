from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

TEMPLATE = "bss_dunning.document_instalment_plan"


class BssDunningInstalmentPlan(models.Model):
    """A debt paid by instalments: acknowledged by the debtor, with due dates of its own."""

    _name = "bss.dunning.instalment.plan"
    _inherit = ["bss.dunning.guard.mixin", "mail.thread", "mail.activity.mixin", "bss.numbered.mixin"]
    _description = "Instalment Plan"
    _order = "date_made desc, id desc"
    _check_company_auto = True
    _bss_editable = frozenset({"note", "activity_ids"})

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    hold_id = fields.Many2one(
        "bss.dunning.hold", required=True, index=True, ondelete="restrict", check_company=True, readonly=True
    )
    case_id = fields.Many2one(related="hold_id.case_id", store=True, index=True)
    account_id = fields.Many2one(related="hold_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    company_id = fields.Many2one(related="hold_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    document_line_ids = fields.One2many(related="hold_id.line_ids", string="Withheld Documents")
    line_ids = fields.One2many("bss.dunning.instalment.line", "plan_id", string="Instalments", readonly=True)
    date_made = fields.Date(string="Made On", required=True, default=polish_day.today, readonly=True, index=True)
    date_acknowledged = fields.Date(
        string="Signed On",
        readonly=True,
        tracking=True,
        help="Day on which the debtor acknowledged the debt: its limitation begins anew.",
    )
    amount_principal = fields.Monetary(string="Documents", readonly=True)
    amount_interest = fields.Monetary(string="Interest", readonly=True, help="To the day of the plan.")
    amount_total = fields.Monetary(string="Total", readonly=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True)
    paid_before = fields.Monetary(readonly=True, help="Paid on the first day before the plan was made.")
    amount_left = fields.Monetary(string="Left", compute="_compute_amount_left", store=True)
    date_next = fields.Date(string="Next Due", compute="_compute_next", store=True, index=True)
    amount_next = fields.Monetary(string="Next Instalment", compute="_compute_next", store=True)
    grace_days = fields.Integer(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Agreed By", default=lambda self: self.env.user, readonly=True, ondelete="restrict"
    )
    note = fields.Text()
    document_id = fields.Many2one("bss.document", string="Agreement", readonly=True, ondelete="restrict", copy=False)
    state = fields.Selection(
        [("active", "Active"), ("kept", "Kept"), ("broken", "Broken"), ("cancelled", "Cancelled")],
        required=True,
        default="active",
        readonly=True,
        index=True,
        tracking=True,
    )
    date_decided = fields.Date(readonly=True)

    _active = models.Index("(account_id) WHERE state = 'active'")

    @api.depends("amount_total", "amount_paid")
    def _compute_amount_left(self):
        for plan in self:
            plan.amount_left = plan.amount_total - plan.amount_paid

    @api.depends("line_ids.state", "line_ids.amount_paid", "state")
    def _compute_next(self):
        for plan in self:
            due = plan.line_ids.filtered(lambda line: line.state != "paid")[:1] if plan.state == "active" else None
            plan.date_next = due.date_due if due else False
            plan.amount_next = due.amount - due.amount_paid if due else 0.0

    def _bss_guard_words(self):
        return self.env._("Instalment plans are made in their case and decided by payments.")

    # Buttons

    def action_sign(self):
        """The debtor signed: that acknowledges the debt and breaks its limitation (art. 123 of the Civil Code)."""
        self.check_access("write")
        for plan in self.sudo():
            if plan.date_acknowledged:
                raise UserError(self.env._("%(plan)s was signed already.", plan=plan.name))
            plan.date_acknowledged = polish_day.today()

    def action_cancel(self):
        """Both sides give the plan up: the debt goes back to the stage that it left."""
        self.check_access("write")
        self._bss_finish("cancelled", polish_day.today())

    def action_decide(self):
        """Look at the payments now."""
        self.check_access("write")
        self.sudo()._bss_decide(polish_day.today(), self.account_id)

    def action_open_pdf(self):
        self.ensure_one()
        attachment = self.document_id.sudo().attachment_id
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}", "target": "new"}

    def action_view_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

    def _bss_finish(self, state, as_of):
        """State of the plans and of their holds; the debt of a broken one is demanded again."""
        running = self.sudo().filtered(lambda plan: plan.state == "active")
        running.write({"state": state, "date_decided": as_of})
        running.hold_id._bss_end({"cancelled": "released"}.get(state, state), as_of)
        return running

    def _bss_issue(self):
        """The agreement with the acknowledgement of the debt, frozen in the archive."""
        for plan in self.sudo():
            values = {"plan": plan, "case": plan.case_id}
            plan.document_id = self.env["bss.document"]._bss_issue_letter(
                TEMPLATE, "agreement", plan.name, plan, plan.account_id, values
            )


class BssDocument(models.Model):
    _inherit = "bss.document"  # pylint: disable=consider-merging-classes-inherited

    kind = fields.Selection(
        selection_add=[("agreement", "Instalment agreement"), ("complaint", "Answer to a complaint")],
        ondelete={"agreement": "set default", "complaint": "set default"},
    )
