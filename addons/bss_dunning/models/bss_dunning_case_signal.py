"""Short messages about agreements: a promise that comes due, a promise or a plan that was broken."""

from markupsafe import Markup
from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_date, format_money, format_nrb

from .. import adapters
from ..dunning_core.letters.placeholders import fill


class BssDunningCaseSignal(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_signal(self, channel, text, amount, day, subject):
        """Send one message now and write in the history what became of it.

        :param channel: none, sms or email
        :param text: template with $account, $amount, $day, $nrb, $company
        :return: True when something went out
        """
        self.ensure_one()
        if channel == "none" or not (text or "").strip():
            return False
        case = self.sudo()
        body = fill(text, case._bss_signal_values(amount, day))
        refusal = case._bss_signal_refusal(channel)
        if refusal:
            case._message_log(body=self.env._("%(subject)s: not sent, %(why)s", subject=subject, why=refusal))
            return False
        if channel == "sms":
            case._bss_signal_sms(body)
        else:
            case._bss_signal_email(body, subject)
        case._message_log(body=self.env._("%(subject)s: %(text)s", subject=subject, text=body))
        return True

    def _bss_signal_values(self, amount, day):
        numbers = self.account_id._bss_payment_bank_account()
        return {
            "account": self.account_id.name or "",
            "amount": format_money(adapters.to_money(amount)),
            "day": format_date(day),
            "nrb": format_nrb(numbers.get(self.account_id.id, "")),
            "company": self.company_id.name or "",
        }

    def _bss_signal_refusal(self, channel):
        """Why the customer is not written to, or an empty text."""
        barred = self.account_id._bss_demand_barred()
        if barred:
            return barred
        if not self.partner_id._bss_may_contact("dunning", channel):
            return self.env._("the customer may not or cannot be contacted this way.")
        closed = self.partner_id.with_company(self.company_id)._bss_contact_closed(channel, polish_day.today())
        if closed and closed.code != "FREE_DAY":  # messages wait for a working day, see below
            return self.partner_id._bss_contact_words(closed)
        if channel == "email":
            return ""
        gateway = self.env["bss.sms.gateway"]._bss_of(self.company_id)
        if not gateway:
            return self.env._("no gateway is connected.")
        return "" if gateway._bss_phone(self.partner_id.phone) else self.env._("there is no mobile number.")

    def _bss_signal_sms(self, body):
        """Queued; not before the hours at which the company contacts people."""
        gateway = self.env["bss.sms.gateway"]._bss_of(self.company_id)
        sms = self.env["sms.sms"].create(
            {
                "number": gateway._bss_phone(self.partner_id.phone),
                "body": gateway._bss_text(body),
                "partner_id": self.partner_id.id,
                "bss_company_id": self.company_id.id,
            }
        )
        now = fields.Datetime.now()
        allowed = self.company_id._bss_contact_moment(now, "sms")
        if allowed > now:
            sms._bss_postpone({sms.uuid: allowed})

    def _bss_signal_email(self, body, subject):
        company = self.company_id
        self.env["mail.mail"].create(
            {
                "subject": f"{subject} – konto {self.account_id.name}",
                "body_html": Markup("<p>%s</p>") % body,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "recipient_ids": [fields.Command.link(self.partner_id.id)],
                "model": self._name,
                "res_id": self.id,
                "auto_delete": False,
            }
        )
