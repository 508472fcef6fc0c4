from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.tests import tagged

from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankWake(PaymentsCommon):
    """The process that imported a statement dies before it tells the files that waited for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.bank_journal.bss_gap_mode = "block"

    def take(self, number):
        row = self.entry("10,00", "za internet", self.key_of(self.jan))
        record = self.receive(self.statement(row, number=number, opening=f"{number - 1}0,00"), f"{number}.sta")
        record.action_import()
        return record

    def killed(self):
        """Statement 2 is on the books and committed, statement 3 still waits for it."""
        self.take(1)
        third = self.take(3)
        self.assertEqual(third.state, "blocked")
        with patch.object(self.env.registry["bss.bank.import"], "_bss_wake", lambda self: None):
            second = self.take(2)
        self.assertEqual((second.state, second.is_wake_due, third.state), ("imported", True, "blocked"))
        return second, third

    def test_its_job_begun_anew_wakes_them(self):
        second, third = self.killed()
        second._bss_import()
        self.assertEqual((third.state, second.is_wake_due, third.is_wake_due), ("imported", False, False))
        self.assertEqual((self.jan.amount_due, len(second.match_ids), len(third.match_ids)), (-30, 1, 1))
        second._bss_import()
        self.assertEqual(self.jan.amount_due, -30)

    def test_the_next_cron_wakes_them_by_a_job(self):
        second, third = self.killed()
        with trap_jobs() as trap:
            self.Import._cron_wake()
            trap.assert_jobs_count(0)  # its own process may be at it
            second.imported_at = fields.Datetime.now() - timedelta(hours=1)
            self.Import._cron_wake()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
            self.Import._cron_wake()
            trap.assert_jobs_count(0)
        self.assertEqual((third.state, second.is_wake_due, self.jan.amount_due), ("imported", False, -30))

    def test_what_failed_while_waking_is_not_tried_for_ever(self):
        second, _third = self.killed()
        second.write({"imported_at": fields.Datetime.now() - timedelta(hours=1), "error": "out of space"})
        with trap_jobs() as trap:
            self.Import._cron_wake()
            trap.assert_jobs_count(0)

    def test_a_year_of_files_in_the_wrong_order(self):
        """They wake one another one after the other: as deep as one, however many they are."""
        depth, deepest, real = 0, 0, type(self.Import)._bss_import_alone

        def spy(record, progress):
            nonlocal depth, deepest
            depth += 1
            deepest = max(deepest, depth)
            try:
                return real(record, progress)
            finally:
                depth -= 1

        self.take(1)
        later = [self.take(number) for number in (6, 5, 4, 3)]
        with patch.object(self.env.registry["bss.bank.import"], "_bss_import_alone", spy):
            second = self.take(2)
        records = self.Import.browse([second.id, *(record.id for record in later)])
        self.assertEqual((set(records.mapped("state")), any(records.mapped("is_wake_due"))), ({"imported"}, False))
        self.assertEqual((self.jan.amount_due, deepest), (-60, 2))

    def test_the_cron_runs(self):
        self.env.ref("bss_payments_pl.ir_cron_wake").method_direct_trigger()
