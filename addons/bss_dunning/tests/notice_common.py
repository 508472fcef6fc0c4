from datetime import date

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.tests import freeze_time

from .sms_common import SmsCommon

#: Friday before the due date (Monday)
DAY = date(2026, 10, 2)


class NoticeSmsCommon(SmsCommon):
    """A customer with a document that falls due soon, and a rule that reminds him."""

    def setUp(self):
        super().setUp()
        clock = freeze_time("2026-10-02 10:00:00")
        clock.start()
        self.addCleanup(clock.stop)
        self.company.partner_id.lang = "en_US"  # its jobs write in the language of the company
        self.account = self.make_subscriber("Jan Kowalski", partner={"phone": "+48 600 100 200"})
        self.move = self.make_invoice(self.account)
        self.rule = self.make_rule()
        self.Notice = self.env["bss.dunning.notice"]

    def make_rule(self, kind="due", **vals):
        rules = self.env["bss.dunning.notice.rule"]
        texts = rules.new({"kind": kind})
        texts._onchange_kind()
        return rules.create(
            {
                "name": "Przed terminem",
                "kind": kind,
                "company_id": self.company.id,
                "subject": texts.subject,
                "email_text": texts.email_text,
                "sms_text": texts.sms_text,
                "domain": f"[('id', 'in', {self.account.ids})]",
                **vals,
            }
        )

    def start(self, rule=None):
        rule = rule or self.rule
        rule.action_count()
        rule.action_start()
        return rule

    def night(self, day=DAY):
        """Select and send as the jobs do."""
        with freeze_time(f"{day} 03:00:00"):
            for rule in self.env["bss.dunning.notice.rule"].search([("state", "=", "running")]):
                with trap_jobs() as trap:
                    rule._job_select(day)
                    trap.perform_enqueued_jobs()
        self.env.invalidate_all()

    def notices(self, rule=None):
        return self.Notice.search([("rule_id", "=", (rule or self.rule).id)])
