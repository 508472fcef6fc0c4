"""Calls of actions: a place in the list of calls, and what becomes of the step when nobody answers."""

from datetime import UTC

from odoo import api, fields, models

from ..dunning_core.contact.results import CallResult

OVER = ("done", "failed", "skipped", "cancelled")


class BssDunningActionTelephone(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    call_ids = fields.One2many("bss.dunning.call", "action_id", string="Calls", readonly=True)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in OVER:
            self.sudo().call_ids._bss_withdraw()
        return result

    def _bss_do_call(self, as_of):
        text = super()._bss_do_call(as_of)
        self.env["bss.dunning.call"]._bss_plan_for(self, as_of)
        return text

    def _bss_stopped(self, as_of, debt):
        return super()._bss_stopped(as_of, debt) or self._bss_is_being_called()

    def _bss_is_being_called(self):
        """Whether the call is in somebody's list: it is not given out a second time."""
        return bool(self.activity_id) and "open" in self.sudo().call_ids.mapped("state")

    def _bss_refusal(self, channel, as_of):
        refusal = super()._bss_refusal(channel, as_of)
        if refusal or channel != "call":
            return refusal
        label = dict(self._fields["channel"]._description_selection(self.env))[channel]
        tried = self.sudo().call_ids.filtered(lambda call: call.state == "unreached")
        if tried:
            count = tried.attempt_count
            return self.env._("%(channel)s: not reached, attempts: %(count)s.", channel=label, count=count)
        if not self.partner_id._bss_call_phones(self.company_id):
            number = self.partner_id.phone or ""
            return self.env._("%(channel)s: %(phone)s is no telephone number.", channel=label, phone=number)
        return False

    @api.model
    def _bss_fail_unsent(self, company):
        """Every run also calls off what nobody needs to call about any more."""
        self.env["bss.dunning.call"].sudo()._bss_withdraw_orphans(company)
        return super()._bss_fail_unsent(company)

    def _bss_channels_after_call(self):
        channels = self.step_id._bss_channels(self.partner_id)
        return channels[channels.index("call") + 1 :] if "call" in channels else []

    def _bss_withdraw_calls(self):
        result = super()._bss_withdraw_calls()
        self.sudo().filtered(lambda action: action.state == "planned").call_ids._bss_withdraw()
        return result

    def _bss_called(self, note):
        """The collector ticked the call off in the list of activities: the customer was reached."""
        now = fields.Datetime.now().replace(tzinfo=UTC)
        for call in self.sudo().call_ids.filtered(lambda call: call.state == "open"):
            call.with_user(self.env.user)._bss_record(
                CallResult(call.id, call._bss_next_number(), "reached", now, note=note)
            )

    def _bss_drop_activity(self):
        """The signal to the collector has done its work."""
        actions = self.sudo().filtered(lambda action: action.activity_id.active)
        activities = actions.activity_id
        actions.write({"activity_id": False})
        activities.unlink()
