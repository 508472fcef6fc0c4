from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged
from psycopg2.errors import SerializationFailure

from ..models import bss_dunning_letter_batch as batches
from ..models import bss_dunning_letter_batch_send as sending
from ..wizards import bss_dunning_letter as letter
from .letter_common import LetterCommon

ITEM_LOGGER = "odoo.addons.bss_dunning.models.bss_dunning_letter_batch_item"


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterBatch(LetterCommon):
    """Letters by hand to many accounts are written by jobs: each account once, whatever happens to the jobs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.letters = cls.env["bss.dunning.letter"]
        cls.collector = new_test_user(
            cls.env,
            "windykator.masowy",
            name="Wanda Windykator",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            context={"no_reset_password": True},
        )

    def debtors(self, count):
        accounts = self.env["bss.account"]
        for number in range(count):
            accounts |= self.postal_debtor(f"Dłużnik {number}", amount=100 + number)
        return accounts

    def start(self, accounts, **vals):
        """The mass letter to these accounts, ordered by the collector; its jobs wait in ``self.trap``."""
        self.trap = self.enterContext(trap_jobs())
        with patch.object(letter, "AT_ONCE", 0):
            wizard = self.write_letter(accounts, self.env(user=self.collector), kind=vals.pop("kind", "demand"))
            wizard.write(vals)
            opened = wizard.action_send()
        return self.env[opened["res_model"]].browse(opened["res_id"])

    def go(self):
        self.trap.perform_enqueued_jobs()

    def items(self, batch):
        return {item.account_id: item for item in batch.item_ids}

    def letters_of(self, accounts):
        """Letters written by hand to each of these accounts."""
        actions = accounts.dunning_case_ids.action_ids.filtered(lambda one: one.origin == "letter")
        return [len(actions.filtered(lambda one, own=account: one.account_id == own)) for account in accounts]

    def failing(self, account, error):
        actions = type(self.Action)
        send = actions._bss_send_letter

        def broken(action, *args):
            if action.account_id == account:
                raise error
            return send(action, *args)

        return patch.object(actions, "_bss_send_letter", broken)

    # Few at once, many by jobs

    def test_twenty_at_once_twenty_one_by_jobs(self):
        accounts = self.env["bss.account"]
        for number in range(21):
            accounts |= self.make_subscriber(f"Abonent {number}")
        documents = self.env["bss.document"]
        own = [("account_id", "in", accounts.ids), ("kind", "=", "other")]
        with trap_jobs() as trap:
            wizard = self.write_letter(accounts[:20], kind="balance")
            self.assertFalse(wizard.is_mass)
            told = wizard.action_send()
            trap.assert_jobs_count(0)
        self.assertEqual(told["tag"], "display_notification")
        self.assertEqual(documents.search_count(own), 20)
        with trap_jobs() as trap:
            wizard = self.write_letter(accounts, kind="balance")
            self.assertEqual((wizard.is_mass, wizard.account_count), (True, 21))
            opened = wizard.action_send()
            batch = self.env["bss.dunning.letter.batch"].browse(opened["res_id"])
            self.assertEqual((opened["res_model"], opened["views"]), (batch._name, [(False, "form")]))
            self.assertEqual((batch.state, batch.waiting_count, batch.progress), ("running", 21, 0.0))
            self.assertEqual(documents.search_count(own), 20, "nobody waits for the letters")
            trap.assert_jobs_count(2)
            trap.perform_enqueued_jobs()
        self.assertRecordValues(batch, [{"state": "done", "sent_count": 21, "waiting_count": 0, "progress": 100.0}])
        found = documents.search(batch.action_view_letters()["domain"])
        self.assertEqual((found.account_id, len(found)), (accounts, 21))

    def test_the_letter_is_the_one_that_was_written(self):
        account = self.postal_debtor()
        batch = self.start(account, kind="final_demand", body="Dopisek: $documents dok.", deadline_days=10)
        self.assertEqual(self.letters_of(account), [0])
        self.go()
        action = self.case_of(account).action_ids
        self.assertRecordValues(
            action, [{"origin": "letter", "state": "done", "channel": "letter", "own_franking": "registered"}]
        )
        self.assertEqual(str(action.deadline), "2026-10-18")
        self.assertIn("Dopisek: 1 dok.", self.text_of(action.document_id.attachment_id.raw))
        self.assertEqual(self.items(batch)[account].document_id, action.document_id)

    def test_the_history_says_who_started_it_and_how_it_ended(self):
        batch = self.start(self.debtors(2))
        self.go()
        told = [message.preview for message in batch.message_ids]
        self.assertEqual(
            told, ["Finished: 2 sent, 0 left out, 0 failed.", "Started by Wanda Windykator: 2 account(s)."]
        )
        self.assertEqual(batch.user_id, self.collector)
        self.assertEqual(batch.message_ids.author_id, self.collector.partner_id)

    def test_accounts_of_one_customer_are_in_one_job(self):
        """Side by side in two jobs they would not count as contacts of each other."""
        first, other = self.debtors(2)
        second = self.env["bss.account"].create({"partner_id": first.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 50.0)
        self.company.write({"bss_contact_week": 1, "bss_contact_letters": True})
        with patch.object(sending, "BATCH", 1):
            batch = self.start(first | other | second)
            self.trap.assert_jobs_count(2, only=batch._job_send)
        self.go()
        self.assertEqual(sum(self.letters_of(first | second)), 1)
        self.assertIn("at most 1 contacts", batch.item_ids.filtered(lambda item: item.state == "skipped").reason)

    # Each account once

    def test_a_repeated_job_writes_nothing_twice(self):
        accounts = self.debtors(3)
        batch = self.start(accounts)
        for _time in range(2):
            batch.sudo()._job_send(batch.item_ids.ids)
        self.go()
        self.assertEqual((batch.state, self.letters_of(accounts)), ("done", [1, 1, 1]))

    def test_a_killed_job_is_done_again(self):
        accounts = self.debtors(2)
        batch = self.start(accounts)
        job = batch.sudo()
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            job._job_send(batch.item_ids.ids)
            self.assertEqual(batch.sent_count, 2)
            raise KeyboardInterrupt
        self.env.invalidate_all()
        job._bss_finish()
        self.assertEqual((batch.state, batch.waiting_count, self.letters_of(accounts)), ("running", 2, [0, 0]))
        batch.with_user(self.collector).action_start()
        self.go()
        self.assertEqual((batch.state, self.letters_of(accounts)), ("done", [1, 1]))

    def test_what_another_job_has_in_its_hands_is_passed_over(self):
        mine, others = self.debtors(2)
        batch = self.start(mine | others)
        items = type(batch.item_ids)
        with patch.object(items, "try_lock_for_update", lambda own: own.filtered(lambda one: one.account_id == mine)):
            batch.sudo()._job_send(batch.item_ids.ids)
            batch.sudo()._bss_finish()
        self.assertEqual((self.letters_of(mine | others), batch.state), ([1, 0], "running"))

    def test_a_lost_race_is_the_jobs_not_the_accounts(self):
        account = self.postal_debtor()
        batch = self.start(account)
        with self.failing(account, SerializationFailure()), self.assertRaises(SerializationFailure):
            batch.sudo()._job_send(batch.item_ids.ids)
        self.assertEqual(batch.item_ids.state, "new")

    # Failures

    def test_one_failing_account_does_not_stop_the_others(self):
        good, bad, later = self.debtors(3)
        batch = self.start(good | bad | later)
        with self.failing(bad, ValueError("zepsuty adres")), self.assertLogs(ITEM_LOGGER, "ERROR") as logs:
            self.go()
        self.assertIn(bad.name, logs.output[0])
        self.assertRecordValues(batch, [{"state": "done_errors", "sent_count": 2, "failed_count": 1}])
        item = batch.shown_item_ids
        self.assertRecordValues(
            item,
            [{"account_id": bad.id, "partner_id": bad.partner_id.id, "reason": "ValueError: zepsuty adres"}],
        )
        self.assertEqual(self.letters_of(good | bad | later), [1, 0, 1], "nothing of a failed letter is left")
        searched = self.env["bss.dunning.letter.batch.item"].search(batch.action_view_failed()["domain"])
        self.assertEqual(searched.filtered(lambda one: one.state == "failed"), item)

    def test_what_failed_is_tried_again(self):
        good, bad = self.debtors(2)
        batch = self.start(good | bad)
        with self.failing(bad, ValueError("zepsuty adres")), self.assertLogs(ITEM_LOGGER):
            self.go()
        mine = batch.with_user(self.collector)
        with trap_jobs() as trap:
            self.env.invalidate_all()
            mine.action_retry()
            states = batch.item_ids._fields["state"]._get_cache(self.env)
            self.assertEqual(len(states), 1, "of half a million letters only those that failed are read")
            self.assertEqual((batch.state, batch.waiting_count, self.items(batch)[bad].reason), ("running", 1, False))
            with self.assertRaisesRegex(UserError, "not finished"):
                mine.action_retry()
            trap.perform_enqueued_jobs()
        self.assertEqual((batch.state, self.letters_of(good | bad)), ("done", [1, 1]))
        self.assertIn("Tried again by Wanda Windykator: 1", " ".join(str(one.body) for one in batch.message_ids))
        with self.assertRaisesRegex(UserError, "None of these accounts"):
            mine.action_retry()

    def test_who_may_not_be_written_to_is_left_out_with_the_reason(self):
        debtor, paid = self.debtors(1), self.make_subscriber("Anna Nowak")
        batch = self.start(debtor | paid)
        self.go()
        self.assertRecordValues(self.items(batch)[paid], [{"state": "skipped", "reason": "Nothing is overdue."}])
        self.assertRecordValues(batch, [{"state": "done", "sent_count": 1, "skipped_count": 1, "failed_count": 0}])
        self.make_invoice(paid, 70.0)
        with trap_jobs() as trap:
            batch.item_ids.with_user(self.collector).action_retry()
            trap.perform_enqueued_jobs()
        self.assertEqual((batch.sent_count, self.letters_of(debtor | paid)), (2, [1, 1]))

    def test_failures_are_shown_before_those_left_out(self):
        batch = self.start(self.debtors(3))
        first, second, third = batch.item_ids.sudo()
        (first | second).write({"state": "skipped", "reason": "x"})
        third.write({"state": "failed", "reason": "y"})
        with patch.object(batches, "SHOWN", 2):
            self.assertEqual(batch.shown_item_ids.ids, [third.id, first.id])

    # Stopping

    def test_stopped_nobody_else_is_written_to(self):
        first, second = self.debtors(2)
        with patch.object(sending, "BATCH", 1):
            batch = self.start(first | second)
        mine = batch.with_user(self.collector)
        batch.sudo()._job_send(self.items(batch)[first].ids)
        mine.action_stop()
        self.go()
        self.assertRecordValues(batch, [{"state": "stopped", "sent_count": 1, "waiting_count": 1, "progress": 50.0}])
        self.assertEqual(self.letters_of(first | second), [1, 0])
        self.assertIn("Stopped by Wanda Windykator: 1 account(s) left", batch.message_ids[0].body)
        for button, words in ((mine.action_stop, "not running"), (mine.action_retry, "not finished")):
            with self.assertRaisesRegex(UserError, words):
                button()
        with trap_jobs() as trap:
            mine.action_start()
            trap.perform_enqueued_jobs()
        self.assertEqual((batch.state, self.letters_of(first | second)), ("done", [1, 1]))
        with self.assertRaisesRegex(UserError, "is finished"):
            mine.action_start()

    def test_stopped_after_the_last_letter_it_is_done(self):
        batch = self.start(self.debtors(1))
        batch.sudo()._job_send(batch.item_ids.ids)
        batch.with_user(self.collector).action_stop()
        self.assertEqual(batch.state, "done")
