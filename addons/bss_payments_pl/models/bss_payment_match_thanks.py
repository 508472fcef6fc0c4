"""Thanks for payments: one message for each, after the booking is committed."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

BATCH = 200
#: older payments (of statements brought later) are not thanked for
DAYS = 14


class BssPaymentMatch(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    thanks = fields.Selection(
        [("email", "E-mail"), ("sms", "SMS"), ("none", "May not be contacted")],
        string="Thanked By",
        readonly=True,
        copy=False,
    )

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
            & Domain("account_id", "!=", False)
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
        reachable = due.filtered(lambda match: match.partner_id._bss_may_contact("billing", channel))
        getattr(reachable, f"_bss_thank_by_{channel}")()
        quiet = {"tracking_disable": True, "bss_booking": True}
        reachable.with_context(**quiet).thanks = channel
        (due - reachable).with_context(**quiet).thanks = "none"

    def _bss_thank_by_email(self):
        if self:
            self.env.ref("bss_payments_pl.mail_template_payment_thanks").sudo().send_mail_batch(self.ids)

    def _bss_thank_by_sms(self):
        if not self:
            return
        template = self.env.ref("bss_payments_pl.sms_template_payment_thanks").sudo()
        bodies = template._render_field("body", self.ids, compute_lang=True)
        self.env["sms.sms"].sudo().create(
            [
                {
                    "number": match.partner_id.phone_sanitized or match.partner_id.phone,
                    "body": bodies[match.id],
                    "partner_id": match.partner_id.id,
                }
                for match in self
            ]
        )
