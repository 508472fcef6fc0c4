"""A promise was kept by a payment that the bank took back."""

from datetime import date

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

MADE = date(2026, 10, 8)
LAST = date(2026, 10, 19)


@tagged("post_install", "-at_install")
class TestPromiseReturned(DunningCommon):
    def setUp(self):
        super().setUp()
        self.company.bss_promise_min_percent = 0
        self.account = self.debtor()
        self.invoice = self.account.invoice_ids
        self.run_on(MADE)
        self.case = self.case_of(self.account)

    def promise(self, amount=100.0, made=MADE, day=date(2026, 10, 15)):
        with freeze_time(f"{made} 12:00:00"):
            return self.case._bss_promise(amount, day)

    def paid(self, amount, day):
        with freeze_time(f"{day} 12:00:00"):
            return self.pay(self.invoice, amount, day)

    def take_back(self, entry, day):
        """The bank's entry that takes a payment back, set against it; the invoice is open again."""
        with freeze_time(f"{day} 12:00:00"):
            entry.remove_move_reconcile()
            bank = entry.move_id.line_ids - entry
            move = self.env["account.move"].create(
                {
                    "date": day,
                    "journal_id": entry.journal_id.id,
                    "bss_account_id": self.account.id,
                    "line_ids": [
                        Command.create(
                            {"account_id": line.account_id.id, "partner_id": line.partner_id.id, "balance": balance}
                        )
                        for line, balance in ((bank, -entry.credit), (entry, entry.credit))
                    ],
                }
            )
            move.action_post()
            (entry | self.receivable(move)).reconcile()
            self.end_transaction()

    def test_before_its_last_day_it_waits_again(self):
        promise = self.promise()
        entry = self.paid(100.0, date(2026, 10, 12))
        self.assertEqual((promise.state, self.case.state), ("kept", "open"))
        self.take_back(entry, date(2026, 10, 14))
        self.assertRecordValues(promise, [{"state": "open", "date_decided": False}])
        self.assertEqual((promise.hold_id.state, self.case.state, self.case.hold_until), ("active", "hold", LAST))
        self.run_on(date(2026, 10, 20))
        self.assertEqual((promise.state, self.case.state), ("broken", "open"))

    def test_paid_once_more_in_time_it_is_kept(self):
        promise = self.promise()
        self.take_back(self.paid(100.0, date(2026, 10, 12)), date(2026, 10, 14))
        self.paid(100.0, date(2026, 10, 16))
        self.assertEqual((promise.state, promise.date_decided), ("kept", date(2026, 10, 16)))

    def test_after_its_last_day_it_was_broken_and_the_case_goes_on(self):
        step = self.case.step_id
        promise = self.promise(123.0)
        entry = self.paid(None, date(2026, 10, 12))
        self.assertEqual((promise.state, self.case.state), ("kept", "closed"))
        self.take_back(entry, date(2026, 10, 28))
        self.assertRecordValues(promise, [{"state": "broken", "date_decided": date(2026, 10, 28)}])
        self.assertEqual((self.case.state, self.case.step_id, promise.hold_id.state), ("open", step, "broken"))
        self.run_on(date(2026, 10, 29))
        self.assertGreater(len(self.case.action_ids.step_id), 1, "the ladder goes on")

    def test_a_refusal_of_later_money_changes_nothing(self):
        promise = self.promise()
        self.paid(100.0, date(2026, 10, 12))
        self.take_back(self.paid(10.0, date(2026, 11, 2)), date(2026, 11, 4))
        self.assertEqual((promise.state, promise.date_decided), ("kept", date(2026, 10, 12)))

    def test_what_is_left_is_enough(self):
        promise = self.promise(60.0)
        self.paid(60.0, date(2026, 10, 12))
        self.take_back(self.paid(20.0, date(2026, 10, 13)), date(2026, 10, 14))
        self.assertEqual(promise.state, "kept")

    def test_of_two_promises_the_later_one_falls(self):
        self.company.bss_promise_max_open = 2
        first, second = self.promise(50.0), self.promise(60.0)
        self.paid(50.0, date(2026, 10, 12))
        entry = self.paid(60.0, date(2026, 10, 13))
        self.assertEqual((first.state, second.state), ("kept", "kept"))
        self.take_back(entry, date(2026, 10, 26))
        self.assertEqual((first.state, second.state), ("kept", "broken"))

    def test_two_promises_that_one_payment_keeps_stay_kept(self):
        """They are looked at once more in the order in which they took the money: by the day that was promised."""
        self.company.bss_promise_max_open = 2
        long = self.promise(60.0, day=date(2026, 10, 20))
        self.paid(30.0, date(2026, 10, 9))
        short = self.promise(50.0, made=date(2026, 10, 12))
        self.paid(80.0, date(2026, 10, 13))
        self.assertEqual((long.state, short.state), ("kept", "kept"))

    def test_money_from_before_the_promise_that_is_returned_is_not_asked_for(self):
        entry = self.paid(23.0, MADE)
        promise = self.promise(100.0)
        self.assertEqual(promise.paid_before, 23.0)
        self.paid(100.0, date(2026, 10, 12))
        self.assertEqual(promise.state, "kept")
        self.take_back(entry, date(2026, 10, 14))
        self.assertEqual(promise.state, "kept")

    def test_entries_of_the_first_day_that_were_all_taken_out_of_the_books(self):
        """What had been paid before the promise is not asked for once more, whatever became of its entries."""
        entry = self.paid(23.0, MADE)
        promise = self.promise(100.0)
        with freeze_time("2026-10-09 12:00:00"):
            entry.remove_move_reconcile()
            entry.move_id.button_draft()
            self.end_transaction()
        self.assertEqual(entry.parent_state, "draft")
        self.paid(100.0, date(2026, 10, 12))
        self.assertRecordValues(promise, [{"state": "kept", "amount_paid": 100.0}])

    def test_an_entry_that_is_reversed(self):
        promise = self.promise()
        entry = self.paid(100.0, date(2026, 10, 12))
        with freeze_time("2026-10-26 12:00:00"):
            entry.remove_move_reconcile()
            entry.move_id._reverse_moves([{"date": date(2026, 10, 26)}], cancel=True)
            self.end_transaction()
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self.case.amount_overdue, 123.0)
