"""Collector's desk: what one case shows beside its money, and the one button to press now."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

PAYMENTS_SHOWN = 20


class BssDunningCaseDesk(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email", string="E-mail")
    more_phones = fields.Char(compute="_compute_more_phones", help="Phones of the customer's contact persons.")
    service_ids = fields.Many2many(
        "bss.service", compute="_compute_service_ids", compute_sudo=True, string="Services of the Account"
    )
    resume_by = fields.Date(
        compute="_compute_resume_by",
        compute_sudo=True,
        help="Paid, but services are still blocked: the last lawful day to bring them back.",
    )
    related_case_ids = fields.Many2many("bss.dunning.case", compute="_compute_related_case_ids", string="Other Cases")
    payment_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_payment_line_ids", compute_sudo=True, string="Last Payments"
    )
    best_action = fields.Selection(
        [
            ("unblock", "Bring services back"),
            ("approve", "Approve and carry out"),
            ("retry", "Try again"),
            ("call", "Call"),
            ("deliver", "Record delivery"),
            ("step", "Take the next step"),
        ],
        compute="_compute_best_action",
        compute_sudo=True,
        string="Best Action Now",
    )

    # Computes

    @api.depends("partner_id.child_ids.phone")
    def _compute_more_phones(self):
        for case in self:
            persons = case.partner_id.child_ids.filtered("phone")
            case.more_phones = ", ".join(f"{person.name or ''} {person.phone}".strip() for person in persons)

    @api.depends("account_id.service_ids")
    def _compute_service_ids(self):
        for case in self:
            case.service_ids = case.account_id.service_ids

    @api.depends("activity_ids.date_deadline", "activity_ids.activity_type_id")
    def _compute_resume_by(self):
        warning = self.env.ref("mail.mail_activity_data_warning", raise_if_not_found=False)
        for case in self:
            alarms = case.activity_ids.filtered(lambda activity: activity.activity_type_id == warning)
            case.resume_by = min(alarms.mapped("date_deadline"), default=False)

    @api.depends("partner_id.commercial_partner_id")
    def _compute_related_case_ids(self):
        customers = self.partner_id.commercial_partner_id
        found = self.search([("partner_id.commercial_partner_id", "in", customers.ids)], order="date_opened desc, id")
        by_customer = found.grouped(lambda case: case.partner_id.commercial_partner_id)
        for case in self:
            case.related_case_ids = by_customer.get(case.partner_id.commercial_partner_id, self.browse()) - case

    @api.depends("account_id", "as_of")
    def _compute_payment_line_ids(self):
        lines = self.env["account.move.line"]
        credits = Domain("account_id.account_type", "=", "asset_receivable") & Domain("parent_state", "=", "posted")
        credits &= Domain("credit", ">", 0) & Domain("move_id.move_type", "!=", "out_refund")
        for case in self:
            mine = credits & Domain("move_id.bss_account_id", "=", case.account_id.id)
            case.payment_line_ids = lines.search(mine, order="date desc, id desc", limit=PAYMENTS_SHOWN)

    @api.depends(
        "state", "resume_by", "next_code", "action_ids.state", "action_ids.by_hand", "action_ids.activity_id",
        "action_ids.delivered_at",
    )  # fmt: skip
    def _compute_best_action(self):
        for case in self:
            case.best_action = case._bss_best_action()

    def _bss_best_action(self):
        """What the law or the customer waits for first, then what people hold up, then the ladder."""
        if self.resume_by:
            return "unblock"
        if self.state == "closed":
            return False
        if self.state == "hold":
            return "deliver" if self._bss_unproven() else False
        if self._bss_waiting():
            return "approve"
        states = self.action_ids.filtered(lambda action: action.state in ("planned", "failed"))
        if self._bss_failed_steps():
            return "retry"
        if states.activity_id:
            return "call"
        if self._bss_unproven():
            return "deliver"
        return "step" if self.next_code in ("DUE", "RETRY") else False

    def _bss_waiting(self):
        """Planned actions that wait for somebody's approval."""
        return self.action_ids.filtered(
            lambda action: action.state == "planned" and action.by_hand and not action.activity_id
        )

    def _bss_failed_steps(self):
        """What holds the ladder up; messages about promises do not, every run tries them again."""
        return self.action_ids.filtered(lambda action: action.state == "failed" and not action.message_kind)

    def _bss_unproven(self):
        """Statutory notices that went out and whose delivery nobody has recorded: their term does not run."""
        return self.action_ids.filtered(
            lambda action: (
                action.state == "done" and action.legal_notice and action.document_id and not action.delivered_at
            )
        )

    # Buttons

    def action_best(self):
        """The primary button: do, or open, what comes first."""
        self.ensure_one()
        self.check_access("write")
        best = self.best_action
        if best == "unblock":
            return self.account_id.action_view_orders()
        if best == "approve":
            return self._bss_waiting().action_execute()
        if best == "retry":
            return self._bss_failed_steps().action_execute()
        if best == "call":
            return self._bss_open_call()
        if best == "deliver":
            return self._bss_unproven()[:1].action_record_delivery()
        if best == "step":
            return self.action_ask_next_step()
        raise UserError(self.env._("Nothing to do now: %(reason)s", reason=self.next_reason or self.name))

    def _bss_open_call(self):
        activity = self.action_ids.filtered(lambda action: action.state == "planned").activity_id[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call"),
            "res_model": "mail.activity",
            "res_id": activity.id,
            "view_mode": "form",
            "views": [(self.env.ref("mail.mail_activity_view_form_popup").id, "form")],
            "target": "new",
        }

    def action_next_of_mine(self):
        """The case after this one in the collector's worklist, round to the first at its end."""
        self.ensure_one()
        mine = self.search(self._bss_worklist_domain(), order="worklist_score desc, id desc").ids
        if not mine:
            raise UserError(self.env._("Your worklist is empty: assign cases to yourself first."))
        following = mine[(mine.index(self.id) + 1) % len(mine)] if self.id in mine else mine[0]
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": following,
            "view_mode": "form",
            "target": "current",
        }

    @api.model
    def _bss_collected_domain(self):
        """Cases in collection: what is counted on the page of the day is what its lists and the worklist hold."""
        return Domain("state", "!=", "closed") & Domain("watched", "=", False)

    @api.model
    def _bss_worklist_domain(self):
        return Domain("user_id", "=", self.env.uid) & self._bss_collected_domain()

    def action_take_unassigned(self):
        """Take the chosen cases that nobody works."""
        self.check_access("write")
        free = self.filtered(lambda case: not case.user_id and case.state != "closed")
        if not free:
            raise UserError(self.env._("All of these cases have a collector already."))
        free.action_assign_me()

    def action_calculate(self):
        """The calculator, filled with what is left of the open documents."""
        self.ensure_one()
        wizard = self.env["bss.dunning.calculator"].create(
            {
                "company_id": self.company_id.id,
                "case_id": self.id,
                "regime": self.account_id._bss_interest_regime(),
                "line_ids": [
                    Command.create({"amount": line.amount_residual, "due": line.date_maturity})
                    for line in self.line_ids
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Calculator"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "current",
        }
