"""How often and when a company contacts people about debts."""

from datetime import UTC

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .. import adapters
from ..dunning_core.contact.limits import Limits, allowed_moment


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_contact_hour_from = fields.Integer(string="Contacts From Hour", default=8, required=True)
    bss_contact_hour_to = fields.Integer(string="Contacts To Hour", default=20, required=True)
    bss_contact_working_days = fields.Boolean(string="Contacts on Working Days Only", default=True)
    bss_contact_sms_day = fields.Integer(string="SMS per Day", default=1, help="0 means no limit.")
    bss_contact_attempts_day = fields.Integer(
        string="Attempts per Day", default=2, help="Messages, letters and calls, answered or not. 0 means no limit."
    )
    bss_contact_week = fields.Integer(
        string="Contacts per Week",
        default=3,
        help="In any seven days; a call that nobody answered is not one. 0: no limit.",
    )
    bss_contact_letters = fields.Boolean(
        string="Limits Hold for Letters", default=True, help="Without it letters are neither counted nor held back."
    )
    bss_contact_third_parties = fields.Boolean(
        string="Call Contact Persons", help="Calls about a debt may also go to the contact persons of the customer."
    )
    bss_call_attempts = fields.Integer(
        string="Attempts of a Call", default=3, required=True, help="Then the step takes its next channel."
    )
    bss_call_retry_hours = fields.Integer(string="Hours Until the Next Attempt", default=4, required=True)
    bss_call_minute_price = fields.Float(string="Price of a Minute", digits=(16, 4), help="Cost of calls to customers.")

    _bss_contact_hours = models.Constraint(
        "CHECK(bss_contact_hour_from >= 0 AND bss_contact_hour_from < bss_contact_hour_to"
        " AND bss_contact_hour_to <= 24)",
        "Customers are contacted from one hour to a later one.",
    )
    _bss_contact_numbers = models.Constraint(
        "CHECK(bss_contact_sms_day >= 0 AND bss_contact_attempts_day >= 0 AND bss_contact_week >= 0"
        " AND bss_call_attempts BETWEEN 1 AND 20 AND bss_call_retry_hours BETWEEN 1 AND 240"
        " AND bss_call_minute_price >= 0)",
        "Limits of contacts are not negative; a call has 1 to 20 attempts, 1 to 240 hours apart.",
    )

    def _bss_contact_limits(self):
        """Settings of the company as the kernel reads them."""
        self.ensure_one()
        own = self.sudo()
        return Limits(
            hour_from=own.bss_contact_hour_from,
            hour_to=own.bss_contact_hour_to,
            working_days=own.bss_contact_working_days,
            sms_per_day=own.bss_contact_sms_day,
            attempts_per_day=own.bss_contact_attempts_day,
            contacts_per_week=own.bss_contact_week,
            count_letters=own.bss_contact_letters,
        )

    def _bss_contact_moment(self, moment, channel):
        """First moment (naive UTC) from this one on at which people may be contacted by a channel."""
        local = moment.replace(tzinfo=UTC).astimezone(polish_day.POLAND)
        allowed = allowed_moment(local, channel, self._bss_contact_limits(), adapters.free_days(self.env))
        return allowed.astimezone(UTC).replace(tzinfo=None)

    def _bss_check_call_moment(self, moment):
        """Refuse a moment (naive UTC) at which people may not be called; told is the next one at which they may."""
        allowed = self._bss_contact_moment(moment, "call")
        if allowed != moment:
            raise UserError(
                self.env._(
                    "%(wished)s: nobody is called then. Calls: %(hours)s. The next moment is %(moment)s.",
                    wished=format_datetime(self.env, moment, tz=polish_day.POLAND.key),
                    hours=self._bss_contact_hours_text(),
                    moment=format_datetime(self.env, allowed, tz=polish_day.POLAND.key),
                )
            )

    def _bss_contact_hours_text(self):
        """Hours at which people may be called, in words."""
        self.ensure_one()
        hours = {"from_hour": self.sudo().bss_contact_hour_from, "to_hour": self.sudo().bss_contact_hour_to}
        if self.sudo().bss_contact_working_days:
            return self.env._("working days %(from_hour)s:00–%(to_hour)s:00", **hours)
        return self.env._("every day %(from_hour)s:00–%(to_hour)s:00", **hours)
