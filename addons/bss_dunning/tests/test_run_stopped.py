from datetime import date
from unittest.mock import patch

from odoo.addons.bss_dunning.models.bss_dunning_action_timing import BssDunningActionTiming
from odoo.addons.bss_dunning.models.bss_dunning_run import BssDunningRun
from odoo.addons.bss_dunning.models.bss_dunning_run_part import ATTEMPTS, BssDunningRunPart
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from psycopg2.errors import DiskFull, SerializationFailure

from .common import DunningCommon

REMINDED = date(2026, 10, 8)
LOGGER = "odoo.addons.bss_dunning.models.bss_dunning_run_job"
PART_LOGGER = "odoo.addons.bss_dunning.models.bss_dunning_run_part"


@tagged("post_install", "-at_install")
class TestRunStopped(DunningCommon):
    """A run whose job fails says so and can be gone on with; what payment ends is counted from its day."""

    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.run_record = self.env["bss.dunning.run"].create({"as_of": REMINDED})

    def go(self, trap, stages=4):
        self.run_record.action_start()
        for _stage in range(stages):
            trap.perform_enqueued_jobs()

    def broken(self, owner, name):
        def fail(*_args, **_kwargs):
            raise ValueError("zepsute dane")

        return patch.object(owner, name, fail)

    def check_stopped(self):
        self.assertEqual(self.run_record.state, "stopped")
        self.assertIn("zepsute dane", self.run_record.error)

    def check_gone_on(self):
        with trap_jobs() as trap:
            self.go(trap)
        self.assertRecordValues(self.run_record, [{"state": "done", "error": False, "done_count": 1}])
        self.assertEqual(self.case_of(self.account).action_ids.mapped("state"), ["done"])
        with self.assertRaises(UserError):
            self.run_record.action_start()

    def test_preparing_fails(self):
        with trap_jobs() as trap, self.broken(BssDunningRun, "_bss_before_planning"), self.assertLogs(LOGGER):
            self.go(trap, stages=1)
        self.check_stopped()
        self.assertFalse(self.run_record.part_ids, "nothing of a failed preparation stays")
        self.check_gone_on()

    def test_cutting_into_batches_fails(self):
        with trap_jobs() as trap, self.broken(BssDunningRun, "_bss_gather"), self.assertLogs(LOGGER):
            self.go(trap, stages=3)
        self.check_stopped()
        self.check_gone_on()

    def test_a_batch_fails(self):
        with trap_jobs() as trap, self.broken(BssDunningActionTiming, "_bss_execute"), self.assertLogs(LOGGER):
            self.go(trap)
        self.check_stopped()
        self.check_gone_on()

    def failing(self, times, error=ValueError):
        """Parts fail so many times; ``tried`` counts every attempt."""
        self.tried = 0
        plan = BssDunningRunPart._bss_plan_accounts

        def fail(part):
            self.tried += 1
            if self.tried <= times:
                part.error = "nothing of this stays"
                raise error("zepsute dane")
            return plan(part)

        return patch.object(BssDunningRunPart, "_bss_plan_accounts", fail)

    def test_a_part_that_failed_is_tried_again_after_a_while(self):
        with trap_jobs() as trap, self.failing(ATTEMPTS - 1), self.assertLogs(PART_LOGGER):
            self.go(trap, stages=2)
            again = {job.method_name: job for job in trap.enqueued_jobs}
            self.assertEqual(set(again), {"_job_plan", "_job_queue"})
            self.assertEqual(again["_job_plan"].recordset, self.run_record.part_ids)
            self.assertGreater(again["_job_plan"].eta, again["_job_plan"].date_created)
            for _stage in range(6):
                trap.perform_enqueued_jobs()
        self.assertEqual(self.tried, ATTEMPTS)
        self.assertRecordValues(self.run_record, [{"state": "done", "error": False, "done_count": 1}])
        self.assertRecordValues(self.run_record.part_ids, [{"state": "done", "error": False, "failures": ATTEMPTS - 1}])

    def test_a_part_that_fails_always_stops_the_run_and_is_gone_on_with(self):
        with trap_jobs() as trap, self.failing(99), self.assertLogs(PART_LOGGER):
            self.go(trap, stages=10)
            trap.assert_jobs_count(0, only=self.run_record.part_ids._job_plan)
        self.assertEqual(self.tried, ATTEMPTS)
        self.check_stopped()
        self.assertFalse(self.run_record.finished_at)
        self.check_gone_on()
        self.assertTrue(self.run_record.finished_at)

    def test_a_full_disk_is_no_lost_race(self):
        """It is kept as an error of the part; a job that dies of it would leave the run waiting for ever."""
        with trap_jobs() as trap, self.failing(1, DiskFull), self.assertLogs(PART_LOGGER):
            self.go(trap, stages=8)
        self.assertRecordValues(self.run_record, [{"state": "done", "done_count": 1}])
        with trap_jobs() as trap, self.failing(1, SerializationFailure), self.assertRaises(SerializationFailure):
            self.run_record.part_ids._job_plan()

    @freeze_time("2026-10-20 12:00:00")
    def test_a_case_is_closed_on_the_day_of_the_payment(self):
        self.run_on(REMINDED)
        case = self.case_of(self.account)
        self.pay(self.account.invoice_ids, day=date(2026, 10, 20))
        self.assertRecordValues(case, [{"state": "closed", "date_closed": date(2026, 10, 20), "as_of": REMINDED}])

    @freeze_time("2026-10-01 12:00:00")
    def test_a_case_is_not_closed_before_it_was_looked_at(self):
        self.run_on(REMINDED)
        case = self.case_of(self.account)
        self.pay(self.account.invoice_ids, day=REMINDED)
        self.assertEqual(case.date_closed, REMINDED)

    def test_a_promise_goes_with_its_hold_to_the_next_case(self):
        self.run_on(REMINDED)
        case = self.case_of(self.account)
        with freeze_time("2026-10-08 12:00:00"):
            promise = case._bss_promise(100.0, date(2026, 10, 15))
        case._bss_close(REMINDED, "own_paid")
        case.close_reason = False  # so that it is not taken for one whose payment was returned
        self.run_on(date(2026, 10, 9))
        following = self.case_of(self.account)
        self.assertNotEqual(following, case)
        self.assertEqual((promise.hold_id.case_id, promise.case_id), (following, following))
