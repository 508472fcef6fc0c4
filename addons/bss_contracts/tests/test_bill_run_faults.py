"""What goes wrong while invoices are issued: nothing is lost, nothing doubled, no number missing."""

from contextlib import suppress
from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from psycopg2 import errors

from .. import bulk
from .test_bill_run_issue import WORK, IssueCommon


class PulledPlug(BaseException):
    """The process is gone."""


class FaultsCommon(IssueCommon):
    def reserved(self, count=6, **vals):
        """(run, chunk) whose numbers are reserved and whose invoices are not written."""
        self.make_subscribers(count)
        run = self.collected(**vals)

        def plug(*args, **kwargs):
            raise PulledPlug

        # assertRaises would undo what was written
        with patch.object(bulk, "write_copy", plug), suppress(PulledPlug):
            run._bss_issue()
        run.invalidate_recordset()
        [chunk] = run.chunk_ids
        self.assertEqual((chunk.state, chunk.number_count), ("reserved", count))
        self.assertFalse(run.item_ids.move_id)
        return run, chunk

    def hand_made(self, journal=None):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": (journal or self.billing_journal).id,
                "partner_id": self.make_account("By hand").partner_id.id,
                "invoice_date": date(2026, 11, 1),
                "invoice_line_ids": [
                    (0, 0, {"product_id": self.fibre.id, "price_unit": 100, "tax_ids": [(6, 0, self.tax_23.ids)]})
                ],
            }
        )


@tagged("post_install", "-at_install")
class TestFaults(FaultsCommon):
    def test_a_reserved_chunk_gets_its_numbers(self):
        run, chunk = self.reserved()
        items = chunk.reserved_item_ids
        first, last = chunk.first_number, chunk.last_number
        later = self.make_subscriber("Later", charged_through=date(2026, 10, 31))
        run._bss_issue()
        self.assertEqual((chunk.state, chunk.tier, run.state), ("done", "copy", "done"))
        moves = self.env["bss.bill.run.item"].browse(items).move_id
        self.assertEqual((moves[0].name, moves[-1].name, len(moves)), (first, last, 6))
        self.assertFalse(later.invoice_ids)
        self.assertGapless()
        self.assertBilled(run)

    def test_others_take_numbers_after_the_reserved_ones(self):
        run, _chunk = self.reserved()
        self.make_subscriber("Other cycle", charged_through=date(2026, 10, 31))
        self.setting("bill_run_small", 50)
        other = self.make_run().with_context(queue_job__no_delay=True)
        other._bss_collect()
        other._bss_issue()
        self.assertEqual(other.issued_count, 1)
        self.assertEqual(other.item_ids.move_id.name, "BSSB/2026/00007")
        run._bss_issue()
        self.assertGapless()

    def test_posting_by_hand_waits_for_the_run(self):
        run, _chunk = self.reserved()
        invoice = self.hand_made()
        with self.assertRaisesRegex(UserError, "is issuing invoices in journal .*; try again"):
            invoice.action_post()
        self.assertEqual(invoice.state, "draft")
        elsewhere = self.hand_made(
            self.env["account.journal"].create({"name": "By hand", "code": "HAND", "type": "sale"})
        )
        elsewhere.action_post()
        run._bss_issue()
        invoice.action_post()
        self.assertEqual(invoice.name, "BSSB/2026/00007")
        self.assertGapless()

    def test_a_run_goes_on_after_one_posted_by_hand(self):
        self.hand_made().action_post()
        self.make_subscribers(6)
        run = self.collected()
        run._bss_issue()
        self.assertEqual(run.chunk_ids.first_number, "BSSB/2026/00002")
        self.assertGapless()

    def test_numbers_that_are_written_while_the_next_one_is_asked_for(self):
        """Another worker commits between the looks at reserved ranges and at the last invoice."""
        run, chunk = self.reserved()
        moves = self.env.registry["account.move"]
        ask = moves._get_next_sequence_format

        def meanwhile(move):
            found = ask(move)
            if chunk.state == "reserved":
                run._bss_issue()
            return found

        with patch.object(moves, "_get_next_sequence_format", meanwhile):
            number = self.env["bss.invoice.counter"]._bss_next_number(
                run.cycle_id.journal_id, run.date_invoice, "out_invoice"
            )
        self.assertEqual((chunk.state, number.sequence_number), ("done", 7))

    def test_nothing_reserved_changes(self):
        run, chunk = self.reserved()
        item = self.env["bss.bill.run.item"].browse(chunk.reserved_item_ids[0])
        charge = self.env["bss.charge"].search([("account_id", "=", item.account_id.id)])
        other_cycle = self.env["bss.bill.cycle"].create({"name": "15th", "day": 15})
        for call in (
            charge.action_cancel,
            lambda: charge.sudo().write({"amount": 1}),
            charge.sudo().unlink,
            lambda: item.account_id.write({"bill_cycle_id": other_cycle.id}),
            lambda: item.account_id.write({"partner_id": self.make_account("Else").partner_id.id}),
            lambda: item.write({"state": "cancelled"}),
        ):
            with self.assertRaisesRegex(UserError, "is issuing the invoice of account"):
                call()
        for collect in (run._bss_collect, run._bss_go_on_collecting):
            with self.assertRaisesRegex(UserError, "numbers reserved"):
                collect()
        other_journal = self.env["account.journal"].create({"name": "Else", "code": "ELSE", "type": "sale"})
        for call in (
            lambda: run.write({"date_invoice": date(2027, 1, 1)}),
            lambda: run.write({"cycle_id": other_cycle.id}),
            lambda: self.cycle.write({"journal_id": other_journal.id}),
        ):
            with self.assertRaisesRegex(UserError, "numbers reserved"):
                call()
        self.cycle.write({"journal_id": self.billing_journal.id})
        # giving up the run concerns only what has no number yet
        run.action_cancel()
        self.assertEqual((run.state, run.pending_count), ("running", 6))
        item.account_id.name = "AC-OTHER"
        run._bss_issue()
        self.assertGapless()
        item.account_id.write({"bill_cycle_id": other_cycle.id})

    def test_a_reserved_invoice_that_cannot_be_issued_gives_its_number_back(self):
        """No later number is taken: the others move up, the last one of the range is free again."""
        run, chunk = self.reserved()
        item = self.env["bss.bill.run.item"].browse(chunk.reserved_item_ids[2])
        item.account_id.partner_id.active = False
        run._bss_issue()
        self.assertEqual((chunk.state, chunk.error, run.state), ("done", False, "done_errors"))
        self.assertEqual((run.issued_count, run.error_item_ids, chunk.error_count), (5, item, 1))
        self.assertIn("archived", item.error)
        self.assertEqual(
            (chunk.first_number, chunk.last_number, chunk.number_count), ("BSSB/2026/00001", "BSSB/2026/00005", 5)
        )
        self.assertGapless()
        self.assertBilled(run)
        by_hand = self.hand_made()
        by_hand.action_post()
        self.assertEqual(by_hand.name, "BSSB/2026/00006")
        item.account_id.partner_id.active = True
        run.action_retry_failed()
        self.assertEqual((run.state, item.move_id.name), ("done", "BSSB/2026/00007"))
        self.assertGapless()

    def test_what_was_given_back_comes_back_with_the_failure(self):
        """The numbers are given back in the transaction of the rows, or not at all."""
        run, chunk = self.reserved()
        item = self.env["bss.bill.run.item"].browse(chunk.reserved_item_ids[2])
        partner = item.account_id.partner_id
        partner.active = False
        with (
            patch.object(bulk, "write_copy", side_effect=ValueError("the disk is full")),
            self.assertLogs(WORK, "ERROR"),
        ):
            run._bss_issue()
        self.assertEqual((chunk.state, chunk.number_count, item.state), ("reserved", 6, "pending"))
        self.assertEqual(chunk.last_number, "BSSB/2026/00006")
        partner.active = True
        run._bss_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 6))
        self.assertGapless()

    def test_a_number_before_others_is_kept_for_its_invoice(self):
        """Given back, it would be missing before those that are written already."""
        self.make_subscribers(12)
        run = self.collected()
        self.setting("bill_run_chunk_size", 6)
        write = bulk.write_copy

        def broken(env, part, number, canaries=1):
            if number.sequence_number == 1:
                raise ValueError("the disk is full")
            return write(env, part, number, canaries)

        with patch.object(bulk, "write_copy", broken), self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        chunk = run.chunk_ids.sorted("sequence")[0]
        item = self.env["bss.bill.run.item"].browse(chunk.reserved_item_ids[2])
        item.account_id.partner_id.active = False
        with self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual((chunk.state, chunk.number_count, run.state), ("reserved", 6, "running"))
        self.assertIn("archived", chunk.error)
        self.assertFalse(item.move_id)
        item.account_id.partner_id.active = True
        run._bss_issue()
        self.assertEqual((chunk.state, chunk.error, run.state), ("done", False, "done"))
        self.assertEqual(run.issued_count, 12)
        self.assertGapless()

    def test_books_are_not_closed_over_reserved_numbers(self):
        run, chunk = self.reserved()
        for name in ("sale_lock_date", "fiscalyear_lock_date"):
            with self.assertRaisesRegex(UserError, f"Chunk 1 of bill run {run.name} has numbers BSSB/2026/00001"):
                self.company[name] = date(2026, 11, 30)
            self.env.invalidate_all(flush=False)
            self.assertFalse(self.company[name])
        self.company.sale_lock_date = date(2026, 10, 31)
        run._bss_issue()
        self.assertEqual((chunk.state, run.issued_count), ("done", 6))
        self.company.sale_lock_date = date(2026, 11, 30)

    def failed_once(self, name, error=None):
        """(chunk as a job has it, its run) after a first try in which ``bulk.<name>`` broke."""
        error = error or ValueError("the disk is full")
        self.make_subscribers(6)
        run = self.collected()
        run.write({"state": "running", "stage": "issue"})
        chunk = run._bss_cut_chunks().with_context(job_uuid="one", queue_job__no_delay=False)
        broken = patch.object(bulk, name, side_effect=error)
        with broken, trap_jobs() as trap, self.assertLogs(WORK, "ERROR"):
            chunk._bss_work()
        [job] = trap.enqueued_jobs
        self.assertEqual((job.method_name, job.recordset), ("_bss_work_again", chunk))
        self.assertAlmostEqual(job.eta, chunk.retry_at, delta=timedelta(seconds=2))
        self.assertIn(str(error), chunk.error)
        return chunk, run

    def test_a_chunk_that_failed_once_is_tried_again(self):
        """By a job of its own a minute later, which closes the run as well."""
        chunk, run = self.failed_once("prepare")
        self.assertEqual(chunk.state, "waiting")
        chunk._bss_work_again()
        self.assertEqual((chunk.state, chunk.error, chunk.retry_at), ("done", False, False))
        self.assertEqual((run.state, run.issued_count), ("done", 6))
        self.assertGapless()
        chunk._bss_work_again()
        self.assertEqual(run.issued_count, 6)

    def test_errors_of_the_database_are_failures_of_the_chunk(self):
        """The queue would give the job up, and the jobs after it would wait for ever."""
        error = errors.DiskFull("no space left on device")
        chunk, run = self.failed_once("prepare", error)
        self.assertEqual((chunk.state, run.state), ("waiting", "running"))
        chunk._bss_work_again()
        self.assertEqual((run.state, run.issued_count), ("done", 6))
        for passing in (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable):
            self.assertFalse(chunk._bss_may_fail(passing()), "the queue lets the job begin anew")
        by_hand = chunk.with_context(job_uuid=False)
        self.assertFalse(by_hand._bss_may_fail(error), "said to the person who asked")

    def test_jobs_behind_one_that_was_given_up_bar_nobody(self):
        """They never begin; a manager issues anew, without pausing and resuming the run first."""
        self.make_subscribers(12)
        run = self.collected().with_context(queue_job__no_delay=False)
        self.setting("bill_run_chunk_size", 6)
        run._bss_issue()
        jobs = self.env["queue.job"].search([("identity_key", "=like", f"bss.bill.run:{run.id}:issue:%")])
        self.assertEqual((len(jobs), run.waiting_job_count), (2, 3))
        for state in ("started", "pending"):
            jobs[0].state = state
            run.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "is being issued already; jobs left: 2"):
                run.action_issue()
        jobs[0].state, jobs[1].state = "failed", "wait_dependencies"
        run.invalidate_recordset()
        self.assertEqual(run.waiting_job_count, 0)
        run.with_context(queue_job__no_delay=True).action_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 12))

    def test_a_chunk_that_failed_twice_waits_for_a_person(self):
        chunk, run = self.failed_once("prepare")
        broken = patch.object(bulk, "prepare", side_effect=ValueError("the disk is full"))
        with broken, trap_jobs() as trap, self.assertLogs(WORK, "ERROR"):
            chunk._bss_work_again()
        self.assertFalse(trap.enqueued_jobs)
        self.assertEqual((chunk.state, chunk.retry_at, run.state), ("error", False, "running"))
        run._bss_cut_chunks()
        self.assertEqual((chunk.state, chunk.is_retried), ("waiting", False))
        chunk._bss_work_again()
        self.assertEqual((run.state, run.issued_count), ("done", 6))

    def test_the_second_try_of_a_reserved_chunk_takes_the_next_way(self):
        chunk, run = self.failed_once("write_copy")
        self.assertEqual((chunk.state, chunk.number_count), ("reserved", 6))
        broken = patch.object(bulk, "write_copy", side_effect=ValueError("the disk is full"))
        with broken, self.assertLogs("odoo.addons.bss_contracts.models.bss_bill_run_chunk_ways", "WARNING"):
            chunk._bss_work_again()
        self.assertEqual((chunk.state, chunk.tier, run.state), ("done", "tuned", "done"))
        self.assertIn("the disk is full", chunk.reason)
        self.assertGapless()
        self.assertBilled(run)

    def test_bad_accounts_leave_no_gap(self):
        good = self.make_subscribers(6)
        archived = self.make_subscriber("Archived", charged_through=date(2026, 10, 31))
        archived.partner_id.active = False
        untaxed = self.make_offering("T-NOTAX", 10.0)
        untaxed.taxes_id = False
        no_tax = self.make_subscriber("No tax", products=[untaxed], charged_through=date(2026, 10, 31))
        poor = self.make_offering("T-NOACC", 10.0)
        self.billing_journal.default_account_id = False
        poor.categ_id = self.env["product.category"].create({"name": "No account"})
        poor.categ_id.property_account_income_categ_id = False
        (self.fibre | untaxed).property_account_income_id = self.company.income_account_id
        self.company.income_account_id = False
        no_account = self.make_subscriber("No account", products=[poor], charged_through=date(2026, 10, 31))
        run = self.collected()
        run._bss_issue()
        self.assertEqual((run.state, run.issued_count, run.error_count), ("done_errors", 6, 3))
        reasons = {item.account_id: item.error for item in run.error_item_ids}
        self.assertIn("archived", reasons[archived])
        self.assertIn("no sales tax", reasons[no_tax])
        self.assertIn("no income account", reasons[no_account])
        self.assertEqual(len(good.invoice_ids), 6)
        self.assertEqual(run.chunk_ids.mapped("error_count"), [3])
        self.assertGapless()
        self.assertBilled(run)
        archived.partner_id.active = True
        untaxed.taxes_id = self.tax_23
        run.action_retry_failed()
        self.assertEqual((run.issued_count, run.error_count), (8, 1))
        self.assertGapless()

    def test_closed_books(self):
        for small in (1, 50):
            self.setting("bill_run_small", small)
            self.make_subscribers(6)
            run = self.collected()
            self.company.sale_lock_date = date(2026, 11, 30)
            run._bss_issue()
            self.assertEqual((run.state, run.error_count, run.issued_count), ("done_errors", 6, 0))
            self.assertIn("books are closed", run.error_item_ids[0].error)
            self.company.sale_lock_date = False
            run.action_retry_failed()
            self.assertEqual((run.state, run.error_count), ("done", 0))
            self.assertGapless()

    def test_two_chunks_one_broken(self):
        self.make_subscribers(12)
        run = self.collected()
        self.setting("bill_run_chunk_size", 6)
        write, calls = bulk.write_copy, []

        def once(env, part, number, canaries=1):
            calls.append(number)
            if len(calls) == 1:
                raise ValueError("the disk is full")
            return write(env, part, number, canaries)

        with patch.object(bulk, "write_copy", once), self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual(run.chunk_ids.mapped("state"), ["reserved", "done"])
        self.assertIn("the disk is full", run.chunk_ids[0].error)
        self.assertEqual(run.state, "running")
        run._bss_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 12))
        self.assertGapless()
        self.assertBilled(run)

    def test_the_rights(self):
        run, chunk = self.reserved()
        viewer = new_test_user(self.env, "bss_viewer_one", groups="bss_catalog.group_bss_viewer")
        manager = new_test_user(
            self.env, "bss_manager_one", groups="bss_catalog.group_bss_billing_manager,account.group_account_invoice"
        )
        self.assertEqual(chunk.with_user(viewer).first_number, chunk.first_number)
        for user in (viewer, manager):
            for call in (lambda one: one.write({"number_first": 7}), lambda one: one.unlink()):
                with self.assertRaises(Exception) as caught:
                    call(chunk.with_user(user))
                self.assertEqual(type(caught.exception).__name__, "AccessError")
        run.with_user(manager).with_context(queue_job__no_delay=True)._bss_issue()
        self.assertEqual(run.state, "done")
        self.assertGapless()
