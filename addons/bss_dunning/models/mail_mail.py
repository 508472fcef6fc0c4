from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        settled = self._bss_cancel_settled()
        if settled and post_send_callback:
            post_send_callback(settled.ids)
        return super(MailMail, self - settled).send(
            auto_commit=auto_commit, raise_exception=raise_exception, post_send_callback=post_send_callback
        )

    def _bss_cancel_settled(self):
        """Nobody is reminded of an invoice that he paid while the message waited; an e-mail of a notice waits here."""
        notices = self.env["bss.dunning.notice"].sudo().search([("mail_id", "in", self.ids), ("state", "=", "sent")])
        settled = notices.filtered(lambda notice: notice.mail_id.state == "outgoing")._bss_settled()
        mails = self.browse(settled.mail_id.ids)
        mails.cancel()
        settled.write({"state": "cancelled", "reason": self.env._("Paid before the e-mail went out.")})
        return mails
