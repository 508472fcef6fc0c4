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
        texts = {
            action: action._bss_mail_lost(kind, words)
            for action, kind, words in self._bss_lost_mails(company, SQL("action.message_kind IS NOT NULL"))
        }
        for action, phone, problem, words in self._bss_lost_sms(company):
            texts[action] = action._bss_sms_lost(phone, problem, words)
        failed = self.sudo()
        for action, text in texts.items():
            action.date_done = False
            action._bss_fail(text)
            action.case_id._message_log(body=action._bss_history_entry())
            failed |= action
        return failed

    @api.model
    def _bss_lost_sms(self, company):
        """[(action, number, problem, operator's words)] of messages of open cases whose SMS never arrived."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id, COALESCE(log.phone, sms.number), log.problem, log.problem_text
                  FROM bss_dunning_action action
                  JOIN bss_dunning_case dunning ON dunning.id = action.case_id AND dunning.state != 'closed'
                  LEFT JOIN bss_sms_log log ON log.uuid = action.sms_uuid
                  LEFT JOIN sms_sms sms ON sms.uuid = action.sms_uuid
                 WHERE action.company_id = %s AND action.message_kind IS NOT NULL AND action.state = 'done'
                   AND action.channel = 'sms'
                   AND (log.state = 'failed' OR (sms.state = 'canceled' AND COALESCE(log.state, '') != 'delivered'))
                """,
                company.id,
            )
        )
        actions = self.sudo().browse(row[0] for row in rows)
        return [(action, *row[1:]) for action, row in zip(actions, rows, strict=True)]

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
