"""How a customer wants to be, may be and can be contacted about debts."""

from datetime import timedelta

import phonenumbers
from odoo import api, fields, models
from odoo.addons.bss_contracts.document_core import format_date
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.contact.limits import WEEK, Contact, refusal
from ..sms_core.gateways import GATEWAY_FAULTS

CONTACT_WAYS = [("email", "E-mail"), ("sms", "SMS"), ("call", "Call"), ("letter", "Letter")]
#: in which a customer without a wish of his own is contacted: the cheapest first
ORDER = ("email", "sms", "call", "letter")
LANDLINE = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.VOIP)
#: an SMS that failed for these reasons will fail again while the number stays
DEAD_NUMBER = ("number", "unsupported", "blacklisted")


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    bss_contact_way = fields.Selection(
        CONTACT_WAYS, string="Preferred Contact", tracking=True, help="Tried first by steps that follow the customer."
    )
    bss_no_email = fields.Boolean(string="No E-mails About Debts", tracking=True)
    bss_no_sms = fields.Boolean(string="No SMS About Debts", tracking=True)
    bss_no_call = fields.Boolean(string="No Calls About Debts", tracking=True)
    bss_wrong_phone = fields.Char(
        string="Wrong Number",
        copy=False,
        tracking=True,
        help="Somebody else answered here: not called and not written to while it is the customer's number.",
    )

    # May he be contacted at all

    def _bss_may_contact(self, purpose, channel):
        if purpose == "dunning" and self._bss_opted_out(channel):
            return False
        return super()._bss_may_contact(purpose, channel)

    def _bss_opted_out(self, channel):
        """Whether the customer asked not to be contacted this way, or the number is known not to be his."""
        self.ensure_one()
        if channel in ("sms", "call") and self._bss_has_wrong_phone():
            return True
        return bool(channel in ("email", "sms", "call") and self[f"bss_no_{channel}"])

    def _bss_has_wrong_phone(self):
        self.ensure_one()
        return bool(self.bss_wrong_phone and self._bss_e164() == self.bss_wrong_phone)

    def _bss_e164(self):
        """Number of the customer with its country; empty for none and for what is no number."""
        self.ensure_one()
        country = self.country_id or self.env.company.country_id
        return self._phone_format(number=self.phone or "", country=country) or ""

    def _bss_mobile(self):
        """Number for text messages; empty for a landline."""
        phone = self._bss_e164()
        if not phone or phonenumbers.number_type(phonenumbers.parse(phone)) in LANDLINE:
            return ""
        return phone

    def _bss_call_phones(self, company):
        """Numbers to call about a debt, the customer's own first; of other people only by the company's setting."""
        self.ensure_one()
        people = self
        if company.sudo().bss_contact_third_parties:
            people |= self.child_ids.filtered(lambda person: person.type == "contact")
        able = people.filtered(lambda person: person._bss_may_contact("dunning", "call"))
        return list(dict.fromkeys(filter(None, (person._bss_e164() for person in able))))

    # Which way is best

    def _bss_dunning_channels(self, account=None):
        """Channels by which the customer can be reached, in the order of his wish and of past failures.

        :param account: a billing account whose own wish goes before the customer's
        :return: list of codes; a channel that failed lately stands behind those that did not
        """
        self.ensure_one()
        wish = (account.dunning_contact_way if account else False) or self.bss_contact_way
        usable = [channel for channel in ORDER if self._bss_can_reach(channel)]
        return sorted(usable, key=lambda way: (self._bss_doubtful(way), way != wish, ORDER.index(way)))

    def _bss_can_reach(self, channel):
        if not self._bss_may_contact("dunning", channel):
            return False
        if channel == "sms":
            return bool(self._bss_mobile()) and self._bss_last_sms_problem() not in DEAD_NUMBER
        return channel != "call" or bool(self._bss_call_phones(self.env.company))

    def _bss_doubtful(self, channel):
        """Whether the last message by this channel did not arrive, for a reason of the customer's side."""
        if channel == "email":
            return bool(self.message_bounce)
        return channel == "sms" and self._bss_last_sms_problem() not in ("", *GATEWAY_FAULTS)

    def _bss_last_sms_problem(self):
        """Why the last message to the present number failed; empty when it did not."""
        phone = self._bss_mobile()
        domain = [("phone", "=", phone), ("state", "in", ("delivered", "failed"))]
        last = self.env["bss.sms.log"].sudo().search(domain, limit=1) if phone else self.env["bss.sms.log"]
        return last.problem if last.state == "failed" else ""

    # How often

    @api.model
    def _bss_contact_counts_query(self, company, as_of):
        """Contacts of all customers of a company in the seven days that end on a day.

        :return: SQL of rows ``(partner_id, day, channel, reached)``, one for each attempt
        """
        parts = self._bss_contact_sources(company, as_of - WEEK + timedelta(days=1), as_of)
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _bss_contact_sources(self, company, first, last):
        """SQL of each kind of contact; other kinds of messages add theirs."""
        self.env["bss.dunning.action"].flush_model(["state", "date_done", "channel", "account_id", "company_id"])
        self.env["bss.account"].flush_model(["partner_id"])
        return [
            SQL(
                """
                SELECT account.partner_id AS partner_id, action.date_done AS day, action.channel::varchar AS channel,
                       TRUE AS reached
                  FROM bss_dunning_action action
                  JOIN bss_account account ON account.id = action.account_id
                 WHERE action.company_id = %s AND action.state = 'done'
                   AND action.channel IN ('email', 'sms', 'letter')
                   AND action.date_done BETWEEN %s AND %s
                """,
                company.id,
                first,
                last,
            )
        ]

    def _bss_contact_ledger(self, company, as_of):
        """{(company id, partner id): contacts} of these customers, read at once for a batch (context of its work)."""
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, day, channel, reached FROM (%s) contact WHERE partner_id = ANY(%s)",
                self._bss_contact_counts_query(company, as_of),
                self.ids,
            )
        )
        ledger = {(company.id, partner_id): [] for partner_id in self.ids}
        for partner_id, day, channel, reached in rows:
            ledger[company.id, partner_id].append(Contact(day, channel, reached))
        return ledger

    def _bss_contacts(self, as_of):
        """Contacts with this customer that the limits of the present company look at."""
        self.ensure_one()
        company = self.env.company
        ledger = self.env.context.get("bss_contact_ledger") or {}
        if (company.id, self.id) not in ledger:
            ledger = self._bss_contact_ledger(company, as_of)
        return ledger[company.id, self.id]

    def _bss_contact_closed(self, channel, as_of):
        """``Refusal`` of the kernel for a channel on a day, None when nothing stands against it."""
        company = self.env.company
        limits, calendar = company._bss_contact_limits(), adapters.free_days(self.env)
        return refusal(as_of, channel, self._bss_contacts(as_of), limits, calendar)

    def _bss_contact_refusal(self, channel, as_of):
        """Why the customer may not be contacted by a channel on a day, in words with the next day; or False.

        Limits are those of the present company (``with_company``) and count all its contacts with the customer.
        """
        self.ensure_one()
        if self._bss_opted_out(channel):
            if channel in ("sms", "call") and self._bss_has_wrong_phone():
                return self.env._("%(phone)s is known as a wrong number.", phone=self.bss_wrong_phone)
            return self.env._("the customer asked not to be contacted this way.")
        closed = self._bss_contact_closed(channel, as_of)
        return self._bss_contact_words(closed) if closed else False

    def _bss_contact_words(self, closed):
        words = {
            "FREE_DAY": self.env._("customers are contacted on working days only."),
            "SMS_PER_DAY": self.env._("at most %(limit)s SMS a day.", limit=closed.limit),
            "ATTEMPTS_PER_DAY": self.env._("at most %(limit)s attempts a day.", limit=closed.limit),
            "CONTACTS_PER_WEEK": self.env._("at most %(limit)s contacts in seven days.", limit=closed.limit),
        }[closed.code]
        if not closed.free_on:
            return words
        return self.env._("%(why)s Next on %(day)s.", why=words, day=format_date(closed.free_on))
