from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..bank_core.matching import Matcher
from ..models import bss_payment_match_again
from ..wizards import bss_payment_rematch
from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentRematch(PaymentsCommon):
    """All waiting payments matched again: a few at once, many by a job whose progress the clerk sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.manager, cls.other = (
            new_test_user(
                cls.env,
                f"t_rematch_{name}",
                "bss_catalog.group_bss_billing_manager",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name in ("manager", "other")
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(bss_payment_match_again, "AT_ONCE", 3))
        self.startPatcher(patch.object(bss_payment_rematch, "STEP", 2))

    def wait_for_a_rule(self, count):
        """Payments that nobody could place, and then a rule for all but the first."""
        titles = ["kto wie", *(["czynsz za maszt"] * (count - 1))]
        record = self.import_file(*(self.entry("7,00", title) for title in titles))
        self.env["bss.payment.rule"].create({"words": "czynsz za maszt", "kind": "assign", "account_id": self.jan.id})
        return record.match_ids.sorted("id")

    def told(self):
        rows = self.env["bus.bus"].sudo().search([("message", "like", "simple_notification")])
        return [row.message for row in rows]

    def jobs(self):
        return self.env["queue.job"].sudo().search([("model_name", "=", "bss.payment.rematch")])

    def perform_jobs(self):
        for job in self.jobs():
            Job.load(self.env, job.uuid).perform()

    def test_a_few_are_matched_at_once(self):
        waiting = self.wait_for_a_rule(2)
        with trap_jobs() as trap:
            self.assertIs(waiting.action_match_again(), True)
            trap.assert_jobs_count(0)
        self.assertEqual(waiting.mapped("state").count("booked"), 1)

    def test_many_are_matched_by_a_job_that_tells_how_far_it_is(self):
        waiting = self.wait_for_a_rule(5)
        inbox = self.env["bss.payment.inbox"].with_user(self.manager)
        begun = inbox.match_again()
        self.assertEqual(len(self.jobs()), 1)
        self.assertEqual((begun["kind"], begun["done"], begun["total"]), ("matching", 0, 5))
        self.assertNotIn("booked", waiting.mapped("state"))
        run = self.env["bss.payment.rematch"].browse(begun["run"])
        run._bss_step()
        half = inbox.match_again_progress(run.id)
        self.assertEqual((half["kind"], half["done"], half["booked"]), ("matching", 2, 1))
        self.perform_jobs()
        ended = inbox.match_again_progress(run.id)
        self.assertEqual((ended["kind"], ended["done"], ended["booked"], ended["error"]), ("matched", 5, 4, ""))
        self.assertEqual(waiting.mapped("state").count("booked"), 4)
        self.assertEqual(self.jan.amount_due, -28)
        self.env.cr.precommit.run()
        [message] = self.told()
        self.assertIn("booked without a clerk: 4", message)

    def test_from_the_list_a_word_says_that_it_goes_on(self):
        waiting = self.wait_for_a_rule(4)
        with trap_jobs() as trap:
            action = waiting.with_user(self.manager).action_match_again()
            trap.assert_jobs_count(1)
        self.assertEqual((action["tag"], "4 payments" in action["params"]["message"]), ("display_notification", True))

    def test_what_a_clerk_decided_meanwhile_stays_decided(self):
        waiting = self.wait_for_a_rule(4)
        with trap_jobs() as trap:
            waiting.with_user(self.manager).action_match_again()
            waiting[1].action_reject()
            trap.perform_enqueued_jobs()
        self.assertEqual(waiting[1].state, "rejected")
        self.assertEqual(self.jan.amount_due, -14)

    def test_begun_anew_it_goes_on_and_books_nothing_twice(self):
        waiting = self.wait_for_a_rule(5)
        with trap_jobs():
            run = waiting._bss_match_again_or_later()
        run._bss_step()
        for _time in range(2):
            run._bss_run()
        self.assertEqual((run.is_done, run.count_booked, self.jan.amount_due), (True, 4, -28))

    def break_one(self, title):
        """The matcher stumbles over the payment of this title."""
        match = Matcher.match

        def stumble(matcher, tx):
            if tx.title == title:
                raise ValueError("odd bytes")
            return match(matcher, tx)

        self.startPatcher(patch.object(Matcher, "match", stumble))

    def test_one_payment_that_raises_stops_no_other(self):
        waiting = self.wait_for_a_rule(5)
        self.break_one("kto wie")
        with trap_jobs() as trap:
            run = waiting.with_user(self.manager)._bss_match_again_or_later()
            with self.assertLogs("odoo.addons.bss_payments_pl", "WARNING"):
                trap.perform_enqueued_jobs()
        self.assertEqual(waiting.mapped("state"), ["unallocated", *["booked"] * 4])
        self.assertEqual((run.is_done, run.count_booked, run.error), (True, 4, False))
        self.assertEqual(run.problems, [f"{waiting[0].display_name}: odd bytes"])
        figures = run._bss_figures()
        self.assertEqual(
            (figures["kind"], figures["stopped"], "odd bytes" in figures["error"]), ("matched", False, True)
        )
        self.env.cr.precommit.run()
        [message] = self.told()
        self.assertIn("1 payments could not be matched", message)

    def test_a_few_are_not_stopped_by_one_either(self):
        waiting = self.wait_for_a_rule(2)
        self.break_one("kto wie")
        with self.assertLogs("odoo.addons.bss_payments_pl", "WARNING"):
            told = self.env["bss.payment.inbox"].with_user(self.manager).match_again()
        self.assertEqual((told["kind"], told["booked"], "odd bytes" in told["error"]), ("matched", 1, True))
        with self.assertLogs("odoo.addons.bss_payments_pl", "WARNING"):
            action = waiting[:1].with_user(self.manager).action_match_again()
        self.assertEqual((action["tag"], action["params"]["type"]), ("display_notification", "warning"))

    def test_two_who_ask_at_once_wait_for_one_run(self):
        waiting = self.wait_for_a_rule(5)
        inbox = self.env["bss.payment.inbox"]
        first = inbox.with_user(self.manager).match_again()
        second = inbox.with_user(self.other).match_again()
        self.assertEqual(len(self.jobs()), 1)
        self.assertEqual(first["run"], second["run"])
        self.assertEqual(inbox.with_user(self.other).match_again_progress(second["run"])["total"], 5)
        run = self.env["bss.payment.rematch"].browse(first["run"])
        run._bss_step()
        again = waiting.with_user(self.other)._bss_match_again_or_later()
        self.assertTrue(again.is_done, "one was looked at before: few enough to do it now")
        self.assertEqual(again.payment_ids, waiting[:1].ids)
        self.perform_jobs()
        self.assertEqual(self.jan.amount_due, -28)
        self.env.cr.precommit.run()
        self.assertEqual(len(self.told()), 2, "both are told")

    def test_progress_is_of_whoever_asked(self):
        self.wait_for_a_rule(4)
        inbox = self.env["bss.payment.inbox"]
        with trap_jobs():
            begun = inbox.with_user(self.manager).match_again()
        with self.assertRaises(AccessError):
            inbox.with_user(self.other).match_again_progress(begun["run"])
        gone = self.env["bss.payment.rematch"].sudo().browse(begun["run"])
        gone.unlink()
        self.assertEqual(inbox.with_user(self.manager).match_again_progress(begun["run"])["kind"], "matched")

    def test_screen_does_not_wait_for_a_job_that_was_cancelled(self):
        self.wait_for_a_rule(4)
        inbox = self.env["bss.payment.inbox"].with_user(self.manager)
        begun = inbox.match_again()
        job = self.jobs()
        self.assertEqual((len(job), job.state), (1, "pending"))
        self.assertEqual(inbox.match_again_progress(begun["run"])["kind"], "matching")
        job.button_cancelled()
        told = inbox.match_again_progress(begun["run"])
        self.assertEqual((told["kind"], "stopped" in told["error"]), ("matched", True))

    def test_nobody_waits_for_a_job_that_was_deleted(self):
        waiting = self.wait_for_a_rule(4)
        inbox = self.env["bss.payment.inbox"].with_user(self.manager)
        begun = inbox.match_again()
        self.jobs().unlink()
        told = inbox.match_again_progress(begun["run"])
        self.assertEqual((told["kind"], "deleted" in told["error"]), ("matched", True))
        again = inbox.match_again()
        self.assertNotEqual(again["run"], begun["run"])
        self.perform_jobs()
        self.assertEqual(waiting.mapped("state").count("booked"), 3)

    def test_what_waits_long_for_its_turn_is_not_cleaned_up(self):
        waiting = self.wait_for_a_rule(4)
        with trap_jobs() as trap:
            waiting.with_user(self.manager).action_match_again()
            run = self.env["bss.payment.rematch"].search([])
            self.env.flush_all()
            old = fields.Datetime.now() - timedelta(hours=5)
            self.env.cr.execute("UPDATE bss_payment_rematch SET write_date = %s", [old])
            self.env.invalidate_all()
            run._transient_vacuum()
            self.assertTrue(run.exists())
            trap.perform_enqueued_jobs()
        self.assertEqual((run.is_done, run.count_booked), (True, 3))

    def test_who_may_not_book_may_not_match_again(self):
        viewer = new_test_user(
            self.env,
            "t_rematch_clerk",
            "bss_catalog.group_bss_clerk",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        waiting = self.wait_for_a_rule(4)
        with trap_jobs() as trap, self.assertRaises(AccessError):
            waiting.with_user(viewer).action_match_again()
        trap.assert_jobs_count(0)
