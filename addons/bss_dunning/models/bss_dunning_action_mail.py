"""E-mails of actions, and the step back when one never arrived."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from ..dunning_core.contact.mail_fault import blames_address

#: so often an e-mail is tried first while our own mail server does not send it
MAIL_ATTEMPTS = 3


class BssDunningActionMail(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    mail_faults = fields.Integer(
        string="Failures of Our Mail Server",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The next run tries the same address again; after a few times another channel goes first.",
    )

    fault_note = fields.Char(
        string="Failure on Our Side", readonly=True, copy=False, help="Why a message has to be sent again."
    )

    def _bss_do_email(self, as_of):
        self._check_documents()
        attachments = self.env["ir.attachment"]
        if self.step_id.with_letter or not self.step_id:
            attachments = self._bss_archive_letter(as_of, "email").attachment_id
        mail_id = self._bss_mail_template().send_mail(
            self.id,
            force_send=False,
            email_values={"attachment_ids": attachments.ids, "auto_delete": False},
        )
        self.mail_id = mail_id
        return self.env._("E-mail to %(email)s.", email=self.partner_id.email)

    def _bss_mail_template(self):
        """Of the step; letters without one go in the frame of all reminders."""
        asked = self.env["mail.template"].browse(self.env.context.get("bss_mail_template") or ())
        template = self.step_id.mail_template_id or asked or self.env.ref("bss_dunning.mail_template_dunning")
        return template.sudo()

    def _bss_mail_failure(self, email, reason):
        return self.env._("E-mail to %(email)s failed: %(reason)s", email=email, reason=reason or "")

    def _bss_channels(self):
        return self._bss_after_faults(super()._bss_channels())

    def _bss_after_faults(self, channels):
        """E-mail stands behind the others once our own mail server failed so often: a step does not wait for ever."""
        if self.mail_faults < MAIL_ATTEMPTS:
            return channels
        return sorted(channels, key=lambda channel: channel == "email")

    @api.model
    def _bss_fail_unsent(self, company):
        """E-mails that never arrived: their step was not taken, the ladder comes back to it.

        Only the last step of an open case: nobody is reminded after he was given a demand. Letters at any moment have no
        step: they fail, and who wrote to the customer is told. Messages about promises have a way of their own.
        """
        last = SQL("action.message_kind IS NULL AND (action.step_id IS NULL OR dunning.step_id = action.step_id)")
        failed = self.sudo()
        for action, kind, words in self._bss_lost_mails(company, last):
            action._bss_take_back(action._bss_mail_lost(kind, words))
            failed |= action
        return failed

    @api.model
    def _bss_lost_mails(self, company, which):
        """[(action, kind of failure, words)] of e-mails of open cases that count as sent and never arrived.

        :param which: SQL condition on ``action`` and its case ``dunning``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id,
                       CASE WHEN notice.notification_status = 'bounce' THEN 'mail_bounce'
                            ELSE COALESCE(mail.failure_type, notice.failure_type, '') END,
                       COALESCE(mail.failure_reason, notice.failure_reason, notice.failure_type, '')
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id AND dunning.state != 'closed'
                  JOIN mail_mail mail ON mail.id = action.mail_id
                  LEFT JOIN LATERAL (
                        SELECT told.notification_status, told.failure_reason, told.failure_type
                          FROM mail_notification told
                         WHERE told.mail_message_id = mail.mail_message_id
                           AND told.notification_status IN ('exception', 'bounce')
                         ORDER BY told.notification_status, told.id LIMIT 1) notice ON TRUE
                 WHERE action.company_id = %(company)s AND action.state = 'done' AND action.channel = 'email'
                   AND (mail.state = 'exception' OR notice.notification_status IS NOT NULL) AND %(which)s
                 ORDER BY action.id
                """,
                company=company.id,
                which=which,
            )
        )
        actions = self.sudo().browse(row[0] for row in rows)
        return [
            (action, kind, " ".join(words.split())) for action, (_id, kind, words) in zip(actions, rows, strict=True)
        ]

    def _bss_mail_lost(self, kind, words):
        """Remember whose fault it was; what our own mail server did says nothing about the address.

        :return: what happened, in words
        """
        email = self.partner_id.email or ""
        # it is written anew or goes by another channel: sent out of the queue by hand it would be a second one
        self.mail_id.filtered(lambda mail: mail.state == "exception").cancel()
        if blames_address(kind, words):
            self.write({"failed_email": email, "failed_email_reason": words})
            return self._bss_mail_failure(email, words)
        text = self.env._(
            "E-mail to %(email)s was not sent, the fault is not the address: %(reason)s", email=email, reason=words
        )
        self.write({"mail_faults": self.mail_faults + 1, "fault_note": text})
        return text

    def _bss_take_back(self, text):
        """The step was not taken after all: the one before it is the last of the case, this one goes on as failed."""
        case = self.case_id
        self.date_done = False
        self._bss_fail(text)
        if self.step_id:
            case.with_context(tracking_disable=True)._bss_step_back()
        else:
            self._bss_tell_undelivered(text)
        case._message_log(body=self._bss_history_entry())

    def _bss_tell_undelivered(self, text):
        """A letter outside the ladder: nothing comes back to it by itself, so its collector has to."""
        case = self.case_id
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=polish_day.today(),
            summary=self.env._("Did not arrive: %(letter)s", letter=self.display_name),
            note=text,
            user_id=(case.user_id or self.create_uid)._bss_or_admin().id,
        )
