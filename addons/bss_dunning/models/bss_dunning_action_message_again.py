"""Messages about promises and plans that did not arrive: tried again by every run while they make sense."""

from odoo import api, models
from odoo.tools import SQL


class BssDunningActionMessageAgain(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_fail_unsent(self, company):
        return super()._bss_fail_unsent(company) | self._bss_fail_unsent_messages(company)

    @api.model
    def _bss_fail_unsent_messages(self, company):
        """Messages of open cases whose e-mail or SMS never arrived: not sent after all, and no contact."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id, COALESCE(log.phone, sms.number), log.problem, log.problem_text,
                       COALESCE(mail.failure_reason, notice.failure_reason, notice.failure_type)
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id AND dunning.state != 'closed'
                  LEFT JOIN bss_sms_log log ON log.uuid = action.sms_uuid
                  LEFT JOIN sms_sms sms ON sms.uuid = action.sms_uuid
                  LEFT JOIN mail_mail mail ON mail.id = action.mail_id
                  LEFT JOIN LATERAL (
                        SELECT told.failure_reason, told.failure_type FROM mail_notification told
                         WHERE told.mail_message_id = mail.mail_message_id
                           AND told.notification_status IN ('exception', 'bounce') LIMIT 1) notice ON TRUE
                 WHERE action.company_id = %s AND action.message_kind IS NOT NULL AND action.state = 'done'
                   AND CASE action.channel
                       WHEN 'sms' THEN log.state = 'failed'
                                    OR (sms.state = 'canceled' AND COALESCE(log.state, '') != 'delivered')
                       ELSE mail.state = 'exception' OR notice.failure_type IS NOT NULL END
                """,
                company.id,
            )
        )
        failed = self.sudo().browse(row[0] for row in rows)
        for action, (_id, phone, problem, text, reason) in zip(failed, rows, strict=True):
            if action.channel == "sms":
                words = self.env["bss.sms.gateway"]._bss_words(problem or "cancelled", text or "")
                action.write({"failed_phone": phone, "failed_phone_reason": words, "date_done": False})
                action._bss_fail(action._bss_sms_failure(phone, words))
            else:
                words, email = " ".join((reason or "").split()), action.partner_id.email
                action.write({"failed_email": email, "failed_email_reason": words, "date_done": False})
                action._bss_fail(action._bss_mail_failure(email or "", words))
            action.case_id._message_log(body=action._bss_history_entry())
        return failed

    @api.model
    def _bss_retry_messages(self, company, as_of):
        """Failed messages wait again, those that come too late are given up."""
        failed = self.sudo().search(
            [("company_id", "=", company.id), ("message_kind", "!=", False), ("state", "=", "failed")]
        )
        late = failed.filtered(lambda action: not action._bss_still_makes_sense(as_of))
        for action in late:
            action._bss_cancel(
                action.reason or self.env._("It is too late for this message, or it is not needed any more.")
            )
        (failed - late).write({"state": "planned"})
        return failed - late
