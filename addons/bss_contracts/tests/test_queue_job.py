"""Jobs that wait for others which are done."""

from datetime import timedelta

from odoo import fields
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.job import Job
from odoo.tests import TransactionCase, tagged

CHANNEL = "root.bss.billing"
LATE = timedelta(minutes=6)


@tagged("post_install", "-at_install")
class TestQueueJob(TransactionCase):
    def setUp(self):
        super().setUp()
        run = self.env["bss.bill.run"].with_context(queue_job__no_delay=False)

        def job():
            return run.delayable(channel=CHANNEL)._bss_collect_done()

        self.parts = [job(), job()]
        self.last = job()
        chain(group(*self.parts), self.last).delay()
        self.wait = Job.db_records_from_uuids(self.env, [self.last._generated_job.uuid])

    def done(self, part, ago=LATE):
        record = Job.db_records_from_uuids(self.env, [part._generated_job.uuid])
        record.write({"state": "done", "date_done": fields.Datetime.now() - ago})

    def woken(self):
        self.env["queue.job"]._bss_cron_wake()
        return self.wait.state == "pending"

    def test_a_job_behind_done_ones_begins(self):
        """Both workers marked their jobs done; the one that was to tell the last job of it was killed."""
        self.assertEqual(self.wait.state, "wait_dependencies")
        self.done(self.parts[0])
        self.assertFalse(self.woken(), "one of two is not done")
        self.done(self.parts[1])
        self.assertTrue(self.woken())

    def test_workers_have_time_to_tell_it_themselves(self):
        self.done(self.parts[0])
        self.done(self.parts[1], timedelta(seconds=2))
        self.assertFalse(self.woken())

    def test_a_failed_job_holds_those_behind_it(self):
        self.done(self.parts[0])
        self.done(self.parts[1])
        record = Job.db_records_from_uuids(self.env, [self.parts[1]._generated_job.uuid])
        record.write({"state": "failed"})
        self.assertFalse(self.woken())

    def test_jobs_of_others_are_theirs(self):
        self.done(self.parts[0])
        self.done(self.parts[1])
        self.wait.write({"channel": "root.other"})
        self.assertFalse(self.woken())
