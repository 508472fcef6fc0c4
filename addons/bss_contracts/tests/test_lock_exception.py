"""Closed books that somebody may still post in: bill runs of his do so, those of others do not."""

from datetime import date

from odoo.tests import new_test_user, tagged

from .test_bill_run_issue import IssueCommon

GROUPS = "bss_catalog.group_bss_billing_manager,account.group_account_invoice"


@tagged("post_install", "-at_install")
class TestLockException(IssueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trusted = new_test_user(cls.env, "bss_trusted", groups=GROUPS)
        cls.other = new_test_user(cls.env, "bss_other", groups=GROUPS)
        cls.company.sale_lock_date = date(2026, 11, 30)
        cls.env["account.lock_exception"].create(
            {
                "company_id": cls.company.id,
                "user_id": cls.trusted.id,
                "sale_lock_date": date(2026, 10, 31),
                "reason": "the run of November is late",
            }
        )

    def issued_by(self, user):
        run = self.collected().with_user(user).with_context(queue_job__no_delay=True)
        run._bss_issue()
        return run

    def test_rows_are_written_by_whoever_may(self):
        self.make_subscribers(6)
        run = self.issued_by(self.trusted)
        self.assertEqual((run.state, run.issued_count, run.chunk_ids.tier), ("done", 6, "copy"))
        self.assertGapless()
        self.assertBilled(run.sudo())

    def test_few_go_through_the_orm_and_others_are_refused(self):
        self.make_subscribers(3)
        self.setting("bill_run_small", 50)
        run = self.issued_by(self.other)
        self.assertEqual((run.state, run.error_count), ("done_errors", 3))
        self.assertIn("books are closed", run.error_item_ids[0].error)
        run.with_user(self.trusted).with_context(queue_job__no_delay=True).action_retry_failed()
        self.assertEqual((run.state, run.issued_count), ("done", 3))
        self.assertGapless()

    def test_an_exception_for_everybody(self):
        self.env["account.lock_exception"].create(
            {"company_id": self.company.id, "user_id": False, "sale_lock_date": False, "reason": "for all"}
        )
        self.make_subscribers(6)
        self.assertEqual(self.issued_by(self.other).chunk_ids.tier, "copy")
