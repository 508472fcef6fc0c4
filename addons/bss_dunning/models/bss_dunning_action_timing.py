"""Limits of contacts on actions: a step whose customer has heard enough waits for the day on which he may hear more."""

from odoo import fields, models

from ..dunning_core.contact.limits import Contact
from .bss_dunning_step import CONTACT_CHANNELS


class BssDunningActionTiming(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    wait_until = fields.Date(
        string="Not Before", readonly=True, copy=False, help="The customer was contacted often enough until then."
    )
    _contact_idx = models.Index("(company_id, date_done) WHERE state = 'done'")

    def _bss_execute(self, as_of, by_hand=False):
        return super(BssDunningActionTiming, self._bss_listening(as_of))._bss_execute(as_of, by_hand=by_hand)

    def _bss_listening(self, as_of):
        """What the customers of a batch heard lately is read once and kept up while the batch goes on."""
        ledger = {}
        for company, actions in self.grouped("company_id").items():
            ledger |= actions.partner_id._bss_contact_ledger(company, as_of)
        return self.with_context(bss_contact_ledger=ledger)

    def _bss_done(self, as_of, text=None):
        result = super()._bss_done(as_of, text)
        self._bss_note_contact(as_of)
        return result

    def _bss_send_letter(self, channel, as_of):
        result = super()._bss_send_letter(channel, as_of)
        self._bss_note_contact(as_of)
        return result

    def _bss_note_contact(self, as_of):
        """Keep up what the customers of the batch under way have heard."""
        ledger = self.env.context.get("bss_contact_ledger") or {}
        for action in self.filtered(lambda action: action.channel in ("email", "sms", "letter")):
            heard = ledger.get((action.company_id.id, action.partner_id.id))
            if heard is not None:
                heard.append(Contact(as_of, action.channel))

    def _bss_refusal(self, channel, as_of):
        refusal = super()._bss_refusal(channel, as_of)
        if refusal or channel not in CONTACT_CHANNELS or self.env.context.get("bss_unlimited_contacts"):
            return refusal
        why = self.partner_id.with_company(self.company_id)._bss_contact_refusal(channel, as_of)
        label = dict(self._fields["channel"]._description_selection(self.env))[channel]
        return self.env._("%(channel)s: %(why)s", channel=label, why=why) if why else False

    def _bss_stopped(self, as_of, debt):
        return super()._bss_stopped(as_of, debt) or self._bss_wait_for_contact(as_of)

    def _bss_wait_for_contact(self, as_of):
        """Whether the step waits: the first channel that is open but for the limits is closed by them today."""
        closed = self._bss_contact_closed(as_of)
        if not closed:
            if self.wait_until:
                self.wait_until = False
            return False
        partner = self.partner_id.with_company(self.company_id)
        self.write(
            {
                "wait_until": closed.free_on,
                "reason": self.env._("Waits: %(why)s", why=partner._bss_contact_words(closed)),
            }
        )
        return True

    def _bss_contact_closed(self, as_of):
        unlimited = self.with_context(bss_unlimited_contacts=True)
        for channel in self._bss_contact_channels():
            if not unlimited._bss_refusal(channel, as_of):
                return self.partner_id.with_company(self.company_id)._bss_contact_closed(channel, as_of)
        return None

    def _bss_contact_channels(self):
        """Channels that talk to the customer, in their order."""
        return [channel for channel in self._bss_channels() if channel in CONTACT_CHANNELS]
