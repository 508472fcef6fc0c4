from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from .bss_dunning_step import CHANNELS


class BssDunningAction(models.Model):
    _name = "bss.dunning.action"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Dunning Action"
    _order = "date desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "bss.dunning.case", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    step_id = fields.Many2one(
        "bss.dunning.step",
        index=True,
        ondelete="restrict",
        check_company=True,
        readonly=True,
        help="Empty: a letter or message outside the strategy.",
    )
    round = fields.Integer(default=1, required=True, readonly=True, help="Which repetition of the step this is.")
    origin = fields.Selection(
        [
            ("run", "Strategy"),
            ("hand", "By hand"),
            ("letter", "Letter at any moment"),
            ("notice", "Notice"),
            ("promise", "Promise"),
        ],
        default="run",
        required=True,
        readonly=True,
        index=True,
        help="What made this action.",
    )
    cost = fields.Monetary(readonly=True, help="What it cost us: postage, parts of the message, minutes of the call.")
    cost_note = fields.Char(string="How the Cost Came About", readonly=True)
    stage_id = fields.Many2one(related="step_id.stage_id", string="Stage")
    account_id = fields.Many2one(
        related="case_id.account_id", store=True, index=True, string="Billing Account", precompute=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    run_id = fields.Many2one("bss.dunning.run", index="btree_not_null", ondelete="set null", readonly=True)
    date = fields.Date(string="Planned On", required=True, index=True, readonly=True)
    date_done = fields.Date(string="Done On", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True, help="The channel that was used in the end.")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        readonly=True,
        index=True,
    )
    by_hand = fields.Boolean(string="Waits for a Person", readonly=True)
    reason = fields.Text(readonly=True, help="What happened, channel by channel.")
    amount = fields.Monetary(readonly=True, help="Amount demanded.")
    recovered = fields.Monetary(readonly=True, copy=False, help="Paid after the step and within the window.")
    deadline = fields.Date(readonly=True, string="Pay By")
    line_ids = fields.Many2many(
        "account.move.line",
        "bss_dunning_action_move_line_rel",
        "action_id",
        "line_id",
        string="Documents Demanded",
        readonly=True,
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null", groups="base.group_user")
    mail_state = fields.Selection(related="mail_id.state", string="E-mail State", groups="base.group_user")
    failed_email = fields.Char(
        string="Address That Failed", readonly=True, help="Not written to again in this step until the address changes."
    )
    failed_email_reason = fields.Char(readonly=True)
    document_id = fields.Many2one("bss.document", readonly=True, ondelete="restrict", index="btree_not_null")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null", index="btree_not_null")
    order_ids = fields.Many2many(
        "bss.service.order",
        "bss_dunning_action_order_rel",
        "action_id",
        "order_id",
        string="Service Orders",
        readonly=True,
    )
    released = fields.Boolean(string="Services Back", readonly=True)
    legal_notice = fields.Selection(related="step_id.legal_notice")
    delivered_at = fields.Datetime(related="document_id.delivered_at", string="Delivered")
    notice_stands = fields.Boolean(compute="_compute_notice_stands", compute_sudo=True)
    # Words for templates: Polish, because the law of the debt is
    amount_text = fields.Char(compute="_compute_words", compute_sudo=True)
    deadline_text = fields.Char(compute="_compute_words", compute_sudo=True)
    nrb_text = fields.Char(compute="_compute_words", compute_sudo=True)
    letter_title = fields.Char(compute="_compute_words", compute_sudo=True)
    letter_html = fields.Html(compute="_compute_words", compute_sudo=True)
    documents_html = fields.Html(compute="_compute_words", compute_sudo=True)

    _case_step_unique = models.Constraint(
        "UNIQUE(case_id, step_id, round)", "This step was taken or planned in this case already."
    )

    def _bss_guard_words(self):
        return self.env._("Actions are changed by their buttons: carry out, skip, record delivery.")

    # Computes

    @api.depends("step_id.name", "round", "letter_title")
    def _compute_display_name(self):
        for action in self:
            name = action.step_id.name or action.letter_title or self.env._("Letter")
            action.display_name = f"{name} ({action.round})" if action.round > 1 else name

    @api.depends("line_ids.amount_residual", "case_id.as_of", "case_id.amount_overdue", "case_id.state")
    def _compute_notice_stands(self):
        for action in self:
            case = action.case_id
            debt = case._bss_debts(case.as_of or action.date)[case]
            action.notice_stands = case.state != "closed" and action._bss_notice_stands(debt)

    def _bss_notice_stands(self, debt):
        """A notice holds while at least one of the documents it named may still be demanded."""
        return bool(set(self.line_ids.ids) & set(debt.demanded_keys))

    # Buttons

    def action_execute(self):
        """Carry out by hand what waits for a person or failed."""
        self.check_access("write")
        today = polish_day.today()
        held = self.filtered(lambda action: action._bss_is_held(today)).case_id
        if held:
            raise UserError(self.env._("On hold: %(cases)s. Release first.", cases=", ".join(held.mapped("name"))))
        self.sudo().filtered(lambda action: action.state == "failed").write({"state": "planned"})
        self._bss_execute(today, by_hand=True)
        self.case_id._bss_replan()

    def _bss_is_held(self, as_of):
        """Whether a hold stands in the way of this action."""
        self.ensure_one()
        return self.case_id._bss_is_held(as_of)

    def action_skip(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_skip_action")
        action["context"] = {"default_action_ids": self.ids}
        return action

    def _bss_skip(self, reason):
        """A person decides that the ladder goes on without this step; who and why stays written."""
        self.check_access("write")
        today = polish_day.today()
        waiting = self.sudo().filtered(lambda action: action.state in ("planned", "failed"))
        activities = waiting.activity_id
        for action in waiting:
            text = self.env._("Skipped by %(user)s: %(reason)s", user=self.env.user.name, reason=reason)
            action.write({"state": "skipped", "date_done": today, "reason": text})
            action.case_id.sudo()._message_log(body=action._bss_history_entry())
        activities.unlink()
        waiting.case_id._bss_replan()

    def action_record_delivery(self):
        """Ask for the day and the proof of delivery of the letter."""
        self.ensure_one()
        if not self.document_id:
            raise UserError(self.env._("This action has no letter."))
        return self.document_id.action_mark_delivered()

    def action_view_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }

    def action_open_pdf(self):
        self.ensure_one()
        attachment = self.document_id.attachment_id
        if not attachment:
            raise UserError(self.env._("This action has no letter."))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}", "target": "new"}
