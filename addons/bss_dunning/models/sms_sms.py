from uuid import uuid4

from odoo import api, fields, models
from odoo.fields import Domain


class SmsSms(models.Model):
    _inherit = "sms.sms"

    bss_company_id = fields.Many2one("res.company", string="Company", default=lambda self: self.env.company)
    bss_action_id = fields.Many2one("bss.dunning.action", ondelete="set null", index="btree_not_null")
    bss_next_try = fields.Datetime(string="Not Before", index="btree_not_null", copy=False)

    # Which gateway

    def _get_sms_company(self):
        return self.mail_message_id.record_company_id or self.bss_company_id or super()._get_sms_company()

    def _split_by_api(self):
        """Messages of companies with a gateway go there, each company's apart; the others go their way."""
        companies = {sms: sms._get_sms_company()[:1] for sms in self}
        connected = {one for one in set(companies.values()) if self.env["bss.sms.gateway"]._bss_of(one)}
        own = self.filtered(lambda sms: companies[sms] in connected)
        for company, messages in own.grouped(companies.get).items():
            sms_api = company._get_sms_api_class()(self.env)
            sms_api._set_company(company)
            yield sms_api, messages
        others = self - own
        if others:
            yield from super(SmsSms, others)._split_by_api()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """The queue hands over messages of several companies at once: each goes by its own."""
        options = {"unlink_failed": unlink_failed, "unlink_sent": unlink_sent, "raise_exception": raise_exception}
        if self.env.context.get("sms_api"):
            return super()._send(**options)
        for sms_api, messages in self._split_by_api():
            super(SmsSms, messages.with_context(sms_api=sms_api))._send(**options)
        return None

    def resend_failed(self):
        """A person tries again: a new message for the operator, who may know the old one as lost."""
        known = self.env["bss.sms.log"].sudo().search([("uuid", "in", self.mapped("uuid"))]).mapped("uuid")
        for sms in self.sudo().filtered(lambda one: one.state == "error" and one.uuid in known):
            old, tracker = sms.uuid, sms.sms_tracker_id
            sms.uuid = tracker.sms_uuid = uuid4().hex
            sms.bss_action_id.filtered(lambda action, old=old: action.sms_uuid == old).sms_uuid = sms.uuid
        return super().resend_failed()

    # The queue

    @api.model
    def _process_queue(self):
        """Send what is due: not what waits for its next attempt or for the hours at which people may be written to."""
        due = Domain("state", "=", "outgoing") & Domain("to_delete", "!=", True)
        due &= Domain("bss_next_try", "=", False) | Domain("bss_next_try", "<=", fields.Datetime.now())
        size = self._get_send_batch_size()
        records = self.search(due, limit=size, order="id").try_lock_for_update()
        if not records:
            return
        ready = records - records._bss_cancel_settled()
        ready -= ready._bss_wait_for_hours()
        if ready:
            ready._send(unlink_failed=False, unlink_sent=True, raise_exception=False)
        left = self.search_count(due) if len(records) == size else 0
        self.env["ir.cron"]._commit_progress(len(records), remaining=left)

    def _bss_cancel_settled(self):
        """Nobody is reminded of a debt that he paid while the message waited."""
        settled = self.filtered(lambda sms: sms.bss_action_id.case_id.state == "closed")
        if settled:
            settled.action_set_canceled()
            for company, messages in settled.grouped("bss_company_id").items():
                actions = messages.sudo().bss_action_id.with_context(lang=company.partner_id.lang)
                actions._bss_cancel(actions.env._("The debt was paid before the SMS went out."))
        return settled

    def _bss_wait_for_hours(self):
        """Messages of collections outside the hours and days on which their company contacts people."""
        now = fields.Datetime.now()
        moments = {}
        for company, messages in self.filtered(lambda sms: sms._bss_is_of_dunning()).grouped("bss_company_id").items():
            allowed = company._bss_contact_moment(now, "sms")
            if allowed > now:
                moments.update(dict.fromkeys(messages.mapped("uuid"), allowed))
        waiting = self.filtered(lambda sms: sms.uuid in moments)
        waiting._bss_postpone(moments)
        return waiting

    def _bss_is_of_dunning(self):
        """Whether the message is about a debt; others, a code to log in say, do not wait for hours."""
        self.ensure_one()
        return bool(self.bss_action_id)

    def _bss_postpone(self, moments):
        """:param moments: {uuid: not before}; the queue is woken then"""
        for sms in self:
            sms.bss_next_try = moments[sms.uuid]
        if self:
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger(at=sorted(set(moments.values())))
