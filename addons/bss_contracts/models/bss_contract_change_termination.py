from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Date

from ..billing_core import notice_end
from ..enact import enact

# what the law says about the claw-back hangs on who ended it and why
CAUSES = {
    ("customer", "notice"): "customer",
    ("customer", "immediate"): "customer",
    ("customer", "operator_fault"): "operator_fault",
    ("customer", "statutory_withdrawal"): "statutory_withdrawal",
    ("operator", "notice"): "operator_notice",
    ("operator", "immediate"): "customer_breach",
}


class BssContractChange(models.Model):
    """Termination by either side, with its notice, the claw-back and the final settlement."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    terminated_by = fields.Selection(
        [("customer", "Customer"), ("operator", "Operator")], string="Ended By", default="customer"
    )
    termination_cause = fields.Selection(
        [
            ("notice", "Ordinary notice"),
            ("immediate", "Without notice"),
            ("operator_fault", "Fault of the operator"),
            ("statutory_withdrawal", "Withdrawal by law"),
            ("agreement", "Agreement of both sides"),
        ],
        string="How",
        default="notice",
    )
    date_notice_end = fields.Date(
        string="Notice Ends On", compute="_compute_date_notice_end", help="As the contract's notice says."
    )
    date_last = fields.Date(
        string="Last Day",
        compute="_compute_date_last",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Last day of service, included.",
    )

    @api.depends("kind", "date_signed", "contract_id")
    def _compute_date_notice_end(self):
        for change in self:
            contract = change.contract_id
            if change.kind != "termination" or not contract or not change.date_signed:
                change.date_notice_end = False
                continue
            change.date_notice_end = notice_end(
                change.date_signed,
                contract.notice_months,
                contract.notice_days,
                contract.notice_rule,
                contract.account_id.bill_cycle_id.day or 1,
            )

    @api.depends("kind", "date_signed", "contract_id", "termination_cause")
    def _compute_date_last(self):
        for change in self:
            if change.kind != "termination" or not change.date_signed:
                change.date_last = False
            elif change.termination_cause == "notice":
                change.date_last = change.date_notice_end
            else:
                before = Date.subtract(change.contract_id.date_start or change.date_signed, days=1)
                change.date_last = max(change.date_signed, before)

    @api.depends("kind", "date_last")
    def _compute_date_effective(self):
        ends = self.filtered(lambda change: change.kind == "termination" and change.date_last)
        for change in ends:
            change.date_effective = Date.add(change.date_last, days=1)
        return super(BssContractChange, self - ends)._compute_date_effective()

    @api.constrains("kind", "terminated_by", "termination_cause")
    def _check_termination(self):
        for change in self.filtered(lambda one: one.kind == "termination"):
            if not change.terminated_by or not change.termination_cause:
                raise ValidationError(self.env._("Say who ends the contract and how."))
            pair = (change.terminated_by, change.termination_cause)
            if change.termination_cause != "agreement" and pair not in CAUSES:
                raise ValidationError(
                    self.env._("The operator neither withdraws by law nor ends a contract for its own fault.")
                )

    def _bss_cause(self):
        """Code of the cause for the kernel of the claw-back."""
        return CAUSES.get((self.terminated_by, self.termination_cause), "customer")

    def _bss_services_termination(self):
        return self.contract_id.service_ids

    def _bss_check_termination(self):
        if self.line_ids:
            raise UserError(self.env._("A termination has no lines: it ends the whole contract."))
        if self.termination_cause == "notice" and self.date_last < self.date_notice_end:
            raise UserError(
                self.env._(
                    "The notice given on %(given)s ends on %(end)s; an earlier last day needs the agreement of both "
                    "sides.",
                    given=self._bss_day(self.date_signed),
                    end=self._bss_day(self.date_notice_end),
                )
            )

    def _bss_enter_termination(self):
        contract = self.contract_id
        self._bss_remember(contract_end=Date.to_string(contract.date_end) or False)
        self._bss_end_services(contract.service_ids, self.date_last)
        enact(contract, {"date_end": self.date_last})
        self._bss_claw_back(self._bss_ended()._bss_will_run(), self._bss_cause())

    def _bss_order_termination(self):
        never = self.contract_id.service_ids.filtered(lambda one: one.state == "terminated")
        never.order_ids.filtered(
            lambda order: order.action == "activate" and order.state in ("draft", "queued", "sent")
        ).action_cancel()
        self._bss_request(self._bss_ended() - never, "terminate", self.date_effective)

    def _bss_finish_termination(self):
        never = self.contract_id.service_ids._bss_without_heads().filtered(lambda one: one.state == "pending")
        never.order_ids.filtered(lambda order: order.state in ("draft", "queued", "sent")).action_cancel()
        never._bss_cancel_pending(self.date_last)
        enact(self.contract_id, {"state": "terminated"})

    def _bss_take_back_termination(self):
        enact(self.contract_id, {"date_end": (self.undo_data or {}).get("contract_end") or False})
        self._bss_restore_ends()


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def action_terminate(self, date=None, reason=None, cause="agreement", by="customer", waive_claw_back=False):
        """Terminate with ``date`` as the last day; without a date open the form of a termination.

        Services stop being charged after that day; what was charged beyond it is given back on the next bill;
        switching off is ordered for the day after. A termination agreed before, whose day has not come, is replaced.

        :param cause: notice, immediate, operator_fault, statutory_withdrawal or agreement
        :param by: customer or operator
        :param waive_claw_back: the relief of the term is not asked back
        """
        if not date:
            return self.action_new_change("termination")
        date = Date.to_date(date)
        changes = self.env["bss.contract.change"]
        for contract in self.filtered(lambda one: one.state != "terminated"):
            contract.change_ids.filtered(
                lambda change: change.kind == "termination" and change.state == "confirmed"
            ).action_undo()
            changes |= changes.create(
                {
                    "contract_id": contract.id,
                    "kind": "termination",
                    "terminated_by": by,
                    "termination_cause": cause,
                    "date_last": date,
                    "reason": reason or self.env._("Contract terminated"),
                    "claw_back_waived": waive_claw_back,
                }
            )
        changes.action_confirm()
        return True
