"""Carrying actions out: what still stands, which channel may be used, and what came of it."""

import logging
from datetime import timedelta

from markupsafe import Markup, escape
from odoo import models
from odoo.addons.bss_contracts.document_core import format_money
from psycopg2 import OperationalError

from .. import adapters
from .bss_dunning_step import CONTACT_CHANNELS, SERVICE_CHANNELS

_logger = logging.getLogger(__name__)


class BssDunningActionExecute(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_execute(self, as_of, by_hand=False):
        """Carry actions out, each in its own savepoint: one bad address does not stop the others.

        Between planning and now a case may have been paid, held or disputed: the cases are locked and looked at again.
        """
        waiting = self.sudo().filtered(lambda action: action.state == "planned" and (by_hand or not action.by_hand))
        # read together even after the actions they were found by are read anew
        cases = waiting.case_id.with_prefetch()
        cases._bss_lock_and_recheck(as_of)
        debts = cases._bss_debts(as_of)
        for action in waiting.filtered(lambda action: action.state == "planned"):
            try:
                with self.env.cr.savepoint():
                    action._bss_execute_one(as_of, debts[action.case_id])
            except OperationalError:
                raise  # a lost race: the whole job is repeated
            except Exception as error:
                _logger.info("Dunning action %s failed", action.id, exc_info=True)
                action._bss_fail(str(error))

    def _bss_execute_one(self, as_of, debt):
        if self._bss_stopped(as_of, debt):
            return
        self._bss_renew(as_of, debt)
        log = [self.fault_note] if self.fault_note else []
        for channel in self._bss_channels():
            refusal = self._bss_refusal(channel, as_of)
            if refusal:
                log.append(refusal)
                continue
            done = getattr(self, f"_bss_do_{channel}")(as_of)
            log.append(done)
            self.write({"channel": channel, "reason": "\n".join(log)})
            if channel != "call":
                self._bss_done(as_of)
            return
        self._bss_fail("\n".join(log))

    def _bss_channels(self):
        """Of the step; a letter at any moment has none and goes by the channel that was chosen for it."""
        if not self.step_id:
            return [self.channel]
        return self.step_id._bss_channels(self.partner_id, self.account_id)

    def _bss_stopped(self, as_of, debt):
        """What happened to the case since this step was planned; the reason is written on the action."""
        case, step = self.case_id, self.step_id
        floor = max(step.min_amount, 0.0 if case.step_id or not step else case.strategy_id.min_amount)
        if case.state == "closed" or debt.overdue <= 0:
            self._bss_cancel(self.env._("The debt was paid."))
        elif case._bss_is_held(as_of):
            self.reason = self.env._("Waits: the case is on hold. %(reason)s", reason=case.hold_reason or "").strip()
        elif debt.demanded <= 0:
            self._bss_cancel(self.env._("Nothing of the debt may be demanded any more."))
        elif self.currency_id.compare_amounts(float(debt.demanded), floor) < 0:
            self._bss_cancel(self.env._("Too little is left of the debt for this step."))
        else:
            return False
        return True

    def _bss_renew(self, as_of, debt):
        """An action that waited demands what is owed now, with its days to pay counted from now."""
        amount = float(debt.demanded)
        same = set(self.line_ids.ids) == set(debt.demanded_keys)
        if same and self.date == as_of and not self.currency_id.compare_amounts(amount, self.amount):
            return
        if self.step_id:
            self.write({"amount": amount, "deadline": as_of + timedelta(days=self.step_id.deadline_days)})
        else:
            self.write({"amount": amount, "deadline": as_of + (self.deadline - self.date), "date": as_of})
        self.flush_recordset()
        self._bss_fill_lines(as_of)

    def _bss_refusal(self, channel, as_of):
        """Why this channel may not be used now, or False."""
        label = dict(self._fields["channel"]._description_selection(self.env))[channel]
        gate = channel if channel in SERVICE_CHANNELS else self.step_id.gate
        answer = self.case_id._bss_gate(gate, as_of) if gate else None
        if answer and not answer.allowed:
            why = self.case_id._bss_gate_text(answer.code)
            return self.env._("%(channel)s: not lawful yet, %(why)s", channel=label, why=why)
        if channel in SERVICE_CHANNELS:
            return False
        if channel not in CONTACT_CHANNELS or not self.partner_id._bss_may_contact("dunning", channel):
            return self.env._("%(channel)s: the customer may not or cannot be contacted this way.", channel=label)
        if not hasattr(self, f"_bss_do_{channel}"):
            return self.env._("%(channel)s: no gateway is connected.", channel=label)
        if channel == "email" and self.failed_email and self.failed_email == self.partner_id.email:
            return self._bss_mail_failure(self.failed_email, self.failed_email_reason)
        return False

    # Calls

    def _bss_do_call(self, as_of):
        case = self.case_id
        user = case.user_id or self.step_id.strategy_id.user_id or self.env.user
        activity = case.sudo().activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=as_of,
            summary=self.display_name,
            note=Markup("<p>%s: %s</p>") % (self.account_id.name, format_money(adapters.to_money(self.amount))),
            user_id=user.id,
        )
        self.activity_id = activity
        return self.env._("Call given to %(user)s.", user=user.name)

    def _bss_withdraw_calls(self):
        """Calls that people have not made yet go back to the waiting steps."""
        calls = self.sudo().filtered(lambda action: action.state == "planned" and action.activity_id)
        activities = calls.activity_id
        calls.write({"activity_id": False})
        activities.unlink()

    # Results

    def _bss_done(self, as_of, text=None):
        for action in self:
            reason = "\n".join(filter(None, [action.reason, text]))
            action.write({"state": "done", "date_done": as_of, "reason": reason})
            if action.step_id:
                action.case_id.sudo().with_context(tracking_disable=True).write(
                    {"step_id": action.step_id.id, "stage_id": action.step_id.stage_id.id, "watched": False}
                )
            action.case_id.sudo()._message_log(body=action._bss_history_entry())

    def _bss_history_entry(self):
        lines = Markup("<br/>").join(escape(line) for line in (self.reason or "").split("\n"))
        return Markup("<b>%s</b> %s<br/>%s") % (self.display_name, format_money(adapters.to_money(self.amount)), lines)

    def _bss_fail(self, text):
        self.write({"state": "failed", "reason": text})

    def _bss_cancel(self, text):
        activities = self.sudo().activity_id
        self.write({"state": "cancelled", "reason": text})
        activities.unlink()
