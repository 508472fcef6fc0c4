"""What customers are thanked for: a whole payment, or the part of a split one that is on their account."""

import logging

from odoo import fields, models
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


class BssCustomerThanks(models.AbstractModel):
    """Mixin: needs ``partner_id``, ``account_id`` and one template for each channel (``_bss_thanks_template``)."""

    _name = "bss.customer.thanks"
    _description = "What Customers Are Thanked For"

    thanks = fields.Selection(
        [
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("none", "May not be contacted"),
            ("failed", "The message could not be written"),
        ],
        string="Thanked By",
        readonly=True,
        copy=False,
    )
    thanks_problem = fields.Char(string="Why Nobody Was Thanked", readonly=True, copy=False)

    def _bss_write_thanks(self, channel):
        """One message for each record, and the mark that it is written.

        A record whose message cannot be written is marked with the reason and holds nobody else back.

        :param channel: "email" or "sms"
        """
        reachable = self.filtered(lambda record: record.partner_id._bss_may_contact("billing", channel))
        problems = reachable._bss_try_thanks(channel)
        failed = self.browse(problems)
        for record in failed:
            record._bss_mark_thanks("failed", problems[record.id])
        (reachable - failed)._bss_mark_thanks(channel)
        (self - reachable)._bss_mark_thanks("none")

    def _bss_mark_thanks(self, thanks, problem=False):
        quiet = self.with_context(tracking_disable=True, bss_booking=True)
        quiet.write({"thanks": thanks, "thanks_problem": problem})

    def _bss_try_thanks(self, channel):
        """Write the messages of all together; {id of a record that has none: why}, found by halving."""
        if not self:
            return {}
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_bss_thank_by_{channel}")()
        except OperationalError:
            raise  # another transaction was first: the whole job runs again
        except Exception as error:
            if len(self) == 1:
                _logger.warning("no thanks for %s", self, exc_info=True)
                return {self.id: str(error) or type(error).__name__}
            half = len(self) // 2
            return self[:half]._bss_try_thanks(channel) | self[half:]._bss_try_thanks(channel)
        return {}

    def _bss_thanks_template(self, channel):
        """The template of messages on records of this model."""
        raise NotImplementedError

    def _bss_thank_by_email(self):
        self._bss_thanks_template("email").send_mail_batch(self.ids)

    def _bss_thank_by_sms(self):
        bodies = self._bss_thanks_template("sms")._render_field("body", self.ids, compute_lang=True)
        for company, own in self.grouped(lambda record: record.account_id.company_id or self.env.company).items():
            # each company writes through its own operator
            self.env["sms.sms"].sudo().with_company(company).create(
                [
                    {
                        "number": record.partner_id.phone_sanitized or record.partner_id.phone,
                        "body": bodies[record.id],
                        "partner_id": record.partner_id.id,
                    }
                    for record in own
                ]
            )
