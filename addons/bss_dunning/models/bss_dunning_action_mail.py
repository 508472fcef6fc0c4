"""E-mails of actions, and the step back when one never arrived."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL


class BssDunningActionMail(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

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

    @api.model
    def _bss_fail_unsent(self, company):
        """E-mails that never arrived: their step was not taken, the ladder comes back to it by its next channel.

        Only the last step of an open case: nobody is reminded after he was given a demand. Letters at any moment have no
        step: they fail, and who wrote to the customer is told. Messages about promises have a way of their own.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id, MAX(COALESCE(mail.failure_reason, notice.failure_reason, notice.failure_type))
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id
                       AND (action.step_id IS NULL OR dunning.step_id = action.step_id)
                  JOIN mail_mail mail ON mail.id = action.mail_id
                  LEFT JOIN mail_notification notice ON notice.mail_message_id = mail.mail_message_id
                       AND notice.notification_status IN ('exception', 'bounce')
                 WHERE action.company_id = %s AND action.state = 'done' AND action.channel = 'email'
                   AND action.message_kind IS NULL AND dunning.state != 'closed'
                   AND (mail.state = 'exception' OR notice.id IS NOT NULL)
                 GROUP BY action.id
                """,
                company.id,
            )
        )
        failed = self.sudo().browse(row[0] for row in rows)
        for action, (_id, reason) in zip(failed, rows, strict=True):
            action._bss_fail_mail(" ".join((reason or "").split()))
        return failed

    def _bss_fail_mail(self, reason):
        """Take one step back: what was done before it is the last step of the case again."""
        email = self.partner_id.email
        self.write({"failed_email": email, "failed_email_reason": reason})
        self._bss_take_back(self._bss_mail_failure(email or "", reason))

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
        self.account_id._message_log(body=self._bss_history_entry())
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=polish_day.today(),
            summary=self.env._("Did not arrive: %(letter)s", letter=self.display_name),
            note=text,
            user_id=(case.user_id or self.create_uid)._bss_or_admin().id,
        )
