from datetime import date

from lxml import etree
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import bss_bill_run_claim, bss_bill_run_collect, bss_bill_run_life, bss_bill_run_test
from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillRunLife(ContractsCommon):
    """Pausing, resuming, giving up; and what a run says about itself."""

    def subscriber(self, name="Jan Kowalski", **vals):
        return self.make_subscriber(name, charged_through=date(2026, 10, 31), **vals)

    def test_a_paused_run_collects_nothing_and_goes_on_when_resumed(self):
        account = self.subscriber()
        run = self.make_run()
        with trap_jobs() as trap:
            run.action_collect()
            run.action_pause()
            trap.perform_enqueued_jobs()
        self.assertEqual((run.stage, run.is_paused), ("collect", True))
        self.assertFalse(account.charge_ids)
        with trap_jobs() as trap:
            run.action_resume()
            trap.perform_enqueued_jobs()
        self.assertEqual((run.stage, run.is_paused, run.charge_count), ("preview", False, 1))

    def interrupted(self, collect):
        """(run, first account, second one, jobs of before a pause that are left): the first batch came to nothing."""
        self.patch(bss_bill_run_collect, "COLLECT_BATCH", 1)
        self.patch(bss_bill_run_test, "TRIAL_BATCH", 1)
        first, second = self.subscriber("First"), self.subscriber("Second")
        run = self.make_run()
        run.is_test = collect == "test"
        with trap_jobs() as before:
            run.action_collect()
        batch, *others = self.in_order(before)
        run.action_pause()
        self.perform(batch)
        return run, first, second, others

    @staticmethod
    def in_order(trap):
        """Jobs of batches, then the one that waits for them."""
        return sorted(trap.enqueued_jobs, key=lambda job: not job.args)

    @staticmethod
    def perform(*jobs):
        for job in jobs:
            getattr(job.recordset, job.method_name)(*job.args, **job.kwargs)

    def test_jobs_of_before_a_pause_do_not_end_the_collection(self):
        """The queue keeps them beside those of the resumption; the last one of them opens no half preview."""
        run, first, second, before = self.interrupted("real")
        with trap_jobs() as after:
            run.action_resume()
        with trap_jobs() as more:
            self.perform(*before)
            self.assertEqual((run.stage, len((first | second).charge_ids)), ("collect", 1))
            self.perform(*self.in_order(after))
        self.assertEqual((run.stage, run.charge_count), ("preview", 2))
        self.perform(*self.in_order(more))
        self.assertEqual((run.stage, run.charge_count), ("preview", 2))

    def test_jobs_of_before_a_pause_do_not_end_a_test(self):
        run, _first, _second, before = self.interrupted("test")
        with trap_jobs() as after:
            run.action_resume()
        self.perform(*before)
        self.assertEqual((run.state, bool(run.trial_report)), ("running", False))
        self.perform(*self.in_order(after))
        self.assertEqual((run.state, run.item_count, run.amount_charges), ("done", 2, 118.0))

    def test_resuming_collects_only_what_is_left(self):
        self.patch(bss_bill_run_collect, "COLLECT_BATCH", 1)
        accounts = self.subscriber("First") | self.subscriber("Second") | self.subscriber("Third")
        run = self.make_run()
        with trap_jobs() as before:
            run.action_collect()
        self.perform(self.in_order(before)[0])
        run.action_pause()
        new = self.subscriber("New")
        with trap_jobs() as after:
            run.action_resume()
        batches = [job.args[0] for job in self.in_order(after) if job.args]
        through = run.item_ids.filtered("charge_count").account_id
        left = (accounts - through) | new
        self.assertEqual((len(through), sorted(batches)), (1, [[one] for one in sorted(left.ids)]))
        self.perform(*self.in_order(after))
        self.assertEqual((run.stage, run.charge_count), ("preview", 4))

    def test_many_errors_are_collected_again_by_jobs(self):
        self.patch(bss_bill_run_life, "COLLECT_BATCH", 1)
        good, *bad = [self.subscriber(name) for name in ("Good", "Bad 1", "Bad 2")]
        for account in bad:
            account.partner_id.active = False
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        run._bss_issue()
        self.assertEqual((run.state, run.issued_count, run.error_count), ("done_errors", 1, 2))
        for account in bad:
            account.partner_id.active = True
        run = run.with_context(queue_job__no_delay=False)
        with trap_jobs() as trap:
            run.action_retry_failed()
            self.assertEqual((run.stage, run.state, run.error_count), ("collect", "running", 2))
            collecting = [job for job in trap.enqueued_jobs if job.args]
            self.assertEqual([sorted(job.args[0]) for job in collecting], [sorted(one.id for one in bad)])
            trap.perform_enqueued_jobs()
        self.assertEqual((run.stage, run.pending_count, run.error_count), ("preview", 2, 0))
        run.with_context(queue_job__no_delay=True)._bss_issue()
        self.assertEqual((run.state, run.issued_count, len(good.invoice_ids)), ("done", 3, 1))

    def test_only_a_running_run_is_paused(self):
        with self.assertRaises(UserError):
            self.make_run().action_pause()

    def test_only_work_is_paused_and_only_a_pause_is_resumed(self):
        self.subscriber()
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        messages = run.message_ids
        with self.assertRaisesRegex(UserError, "nothing to pause"):
            run.action_pause()
        with self.assertRaisesRegex(UserError, "is not paused"):
            run.action_resume()
        self.assertEqual((run.is_paused, run.message_ids), (False, messages))
        run._bss_issue()
        with self.assertRaisesRegex(UserError, "not running"):
            run.action_pause()

    def test_a_pause_after_the_last_invoice_leaves_nothing_paused(self):
        self.subscriber()
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        with trap_jobs() as trap:
            run.with_context(queue_job__no_delay=False)._bss_issue()
            run._bss_issue_batch(run.item_ids.ids)
            run.action_pause()
            trap.perform_enqueued_jobs()
        self.assertEqual((run.state, run.stage, run.is_paused, run.issued_count), ("done", "finished", False, 1))

    def test_errors_are_not_retried_while_the_run_collects(self):
        good, broken = self.subscriber("Good"), self.make_subscriber("Broken")
        broken.service_ids.date_start = False
        run = self.make_run()
        with trap_jobs() as trap:
            run.action_collect()
            run._bss_collect_accounts(broken.ids)
            failed = run.item_ids.filtered(lambda item: item.account_id == broken)
            self.assertEqual(failed.state, "error")
            for retry in (failed.action_retry, run.action_retry_failed):
                with self.assertRaisesRegex(UserError, "still collecting"):
                    retry()
            trap.perform_enqueued_jobs()
        self.assertEqual((run.stage, run.issued_count, run.pending_count), ("preview", 0, 1))
        self.assertFalse(good.invoice_ids)

    def test_the_list_of_errors_shows_them_whatever_their_reason(self):
        """A filter that bears the name of a field is switched on together with a search in that field."""
        view = self.env["bss.bill.run.item"].get_view(view_type="search")
        arch = etree.fromstring(view["arch"])
        names = {kind: {one.get("name") for one in arch.iter(kind)} for kind in ("field", "filter")}
        self.assertFalse(names["field"] & names["filter"])
        context = self.make_run().action_view_errors()["context"]
        asked = {key.removeprefix("search_default_") for key in context if key.startswith("search_default_")}
        self.assertTrue(asked and asked <= names["filter"])

    def test_the_log_begins_with_a_sentence(self):
        self.env["ir.model"]._get("bss.bill.run").name = "Bill Run"
        self.assertEqual(self.make_run()._creation_message(), "Created: Bill Run")

    def test_giving_up_keeps_what_is_issued(self):
        good, bad = self.subscriber("Good"), self.subscriber("Bad")
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        run.write({"state": "running", "stage": "issue"})
        run._bss_issue_batch(run.item_ids.filtered(lambda item: item.account_id == good).ids)
        self.assertEqual((run.issued_count, run.pending_count), (1, 1))
        run.action_cancel()
        self.assertEqual((run.state, run.stage, run.issued_count, run.cancelled_count), ("done", "finished", 1, 1))
        self.assertTrue(good.invoice_ids)
        self.assertEqual(bad.charge_ids.state, "pending")
        self.assertFalse(bad.charge_ids.bill_run_item_id)
        with self.assertRaises(UserError):
            run.action_cancel()
        self.assertEqual(self.bill().item_ids.filtered(lambda item: item.state == "issued").account_id, bad)

    def test_retrying_one_item_leaves_the_others_alone(self):
        waiting, archived = self.subscriber("Waiting"), self.subscriber("Archived")
        archived.partner_id.active = False
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        run.item_ids.filtered(lambda item: item.account_id == waiting).state = "held"
        run._bss_issue()
        self.assertEqual((run.state, run.error_count, run.held_count), ("done_errors", 1, 1))
        archived.partner_id.active = True
        run.action_retry_failed()
        self.assertEqual((run.issued_count, run.error_count, run.held_count), (1, 0, 1))
        self.assertEqual(waiting.charge_ids.bill_run_item_id.state, "held")

    def test_what_became_of_the_items_adds_up(self):
        small = self.make_offering("T-SMALL", 4.0)
        self.cycle.write({"minimum_amount": 10.0})
        self.subscriber("Issued")
        self.subscriber("Carried", products=[small])
        self.subscriber("Held", products=[self.fibre, self.fibre])
        self.subscriber("Archived").partner_id.active = False
        self.make_subscriber("Empty", charged_through=date(2026, 12, 31))
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        run.item_ids.filtered(lambda item: item.partner_id.name == "Held").state = "held"
        run._bss_issue()
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "=", run.id)], ["state"], ["__count", "amount_charges:sum"]
        )
        found = {state: (count, amount) for state, count, amount in rows}
        self.assertEqual(
            found,
            {"issued": (1, 59.0), "carried": (1, 4.0), "held": (1, 118.0), "error": (1, 59.0), "empty": (1, 0.0)},
        )
        counts = (run.issued_count, run.carried_count, run.held_count, run.error_count, run.empty_count)
        self.assertEqual((sum(counts), run.amount_charges), (run.item_count, 240.0))
        self.assertEqual(run.state, "done_errors")

    def test_the_planner_knows_the_rows_of_a_new_run(self):
        """Without statistics each charge walks all items of the run, and each item all pending charges."""
        self.patch(bss_bill_run_claim, "MANY", 3)
        for number in range(3):
            self.make_subscriber(f"Nr {number}", charged_through=date(2026, 10, 31))
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        [(known, staged)] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT %s = ANY(most_common_vals::text::int[]) OR n_distinct = 1 FROM pg_stats
                         WHERE tablename = 'bss_bill_run_item' AND attname = 'run_id'),
                       (SELECT reltuples FROM pg_class WHERE oid = 'bss_claim_stage'::regclass)
                """,
                run.id,
            )
        )
        self.assertEqual((known, int(staged)), (True, 3))
        plain = self.env.execute_query(
            SQL(
                """
                SELECT indexdef FROM pg_indexes
                 WHERE tablename IN ('bss_charge', 'bss_bill_run_item') AND indexdef ~ '\\((state|kind)\\)$'
                """
            )
        )
        self.assertEqual(plain, [])
