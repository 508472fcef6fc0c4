"""Thanks for payments: one message for each, after the booking is committed."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

BATCH = 200
#: older payments (of statements brought later) are not thanked for
DAYS = 14


class BssPaymentMatch(models.Model):
    _name = "bss.payment.match"
    _inherit = ["bss.payment.match", "bss.customer.thanks"]

    @api.model
    def _cron_thank(self):
        """Jobs for the payments nobody was thanked for yet; each takes what no other job holds."""
        for company in self.env["res.company"].search([("bss_payment_thanks", "!=", "off")]):
            waiting = self.sudo().search(self._bss_thanks_domain(company), order="id")
            for start in range(0, len(waiting), BATCH):
                part = waiting[start : start + BATCH].with_company(company)
                part.with_delay(
                    channel="root.bss.payments", identity_key=f"bss-thanks-{company.id}-{part[0].id}"
                )._bss_thank()

    @api.model
    def _bss_thanks_domain(self, company):
        since = company.bss_payment_thanks_since or fields.Datetime.now()
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "booked")
            & Domain("thanks", "=", False)
            & Domain("amount", ">", 0)
            & (Domain("account_id", "!=", False) | Domain("part_ids", "!=", False))
            & Domain("create_date", ">=", since)
            & Domain("date", ">=", fields.Date.today() - timedelta(days=DAYS))
        )

    def _bss_thank(self):
        """Write the messages of one batch; what was undone or taken back meanwhile gets none.

        The messages and the mark that they are written are committed together: a job that is killed
        and runs again writes to nobody twice.
        """
        company = self.company_id[:1]
        channel = company.sudo().bss_payment_thanks
        if channel not in ("email", "sms"):
            return
        locked = self.sudo().try_lock_for_update()
        due = locked.filtered_domain(self._bss_thanks_domain(company))
        due -= self.sudo().search([("reversed_id", "in", due.ids)]).reversed_id
        split = due.filtered("part_ids")
        (due - split)._bss_write_thanks(channel)
        split.part_ids.filtered(lambda part: not part.thanks)._bss_write_thanks(channel)
        for match in split:
            match._bss_mark_thanks(match._bss_thanks_of_parts(channel))
        due._bss_check_thanks(channel)

    def _bss_check_thanks(self, channel):
        """When nothing could be written for several payments, not they are at fault but the template: nobody is marked.

        :raises UserError: so it is
        """
        tried = self.filtered(lambda match: match.thanks != "none")
        written = [*self.mapped("thanks"), *self.part_ids.mapped("thanks")]
        if len(tried) > 1 and channel not in written:
            problems = [record.thanks_problem for record in (*tried, *tried.part_ids) if record.thanks_problem]
            raise UserError(self.env._("No message of thanks can be written: %(reason)s", reason=problems[0]))

    def _bss_thanks_of_parts(self, channel):
        """What became of a payment split over several accounts: each was written to for its own part."""
        found = set(self.part_ids.mapped("thanks"))
        return next(thanks for thanks in ("failed", channel, *found) if thanks in found)

    def _bss_thanks_template(self, channel):
        kind = {"email": "mail", "sms": "sms"}[channel]
        return self.env.ref(f"bss_payments_pl.{kind}_template_payment_thanks").sudo()

    def action_thank_again(self):
        """The cause was cured: those whose message could not be written get one with the next that are due."""
        self._bss_check_may_book()
        failed = self.sudo().filtered(lambda match: match.thanks == "failed")
        failed.part_ids.filtered(lambda part: part.thanks == "failed")._bss_mark_thanks(False)
        failed._bss_mark_thanks(False)
        return True
