"""Free numbers under attack: other series, other days, numbers at the end, invoices that lose theirs."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import bulk
from .test_bill_run_issue import WORK
from .test_invoice_number import InvoiceNumberCommon


@tagged("post_install", "-at_install")
class TestInvoiceNumberHostile(InvoiceNumberCommon):
    def freed(self, **kwargs):
        run, chunk, items = self.standing(**kwargs)
        chunk.action_issue_others()
        return run, items

    def test_a_rising_correction_leaves_numbers_of_invoices(self):
        """It is an invoice of the same journal, numbered as credit notes are."""
        self.billing_journal.refund_sequence = True
        self.freed()
        rising = self.hand_made()
        rising.bss_correction_series = True
        rising.action_post()
        self.assertEqual((rising.name[:5], len(self.free())), ("RBSSB", 1))

    def test_a_later_day_is_not_given_a_number_today(self):
        """Posted when its day comes; until then another invoice may take the number."""
        self.freed()
        later, now = self.hand_made(), self.hand_made()
        later.invoice_date = date(2026, 11, 30)
        with freeze_time("2026-11-20"):
            later._post(soft=True)
            self.assertEqual((later.state, later.name or "/"), ("draft", "/"))
            now.action_post()
        self.assertEqual(now.name, "BSSB/2026/00006")
        later.auto_post = "no"
        later.action_post()
        self.assertEqual(later.name, "BSSB/2026/00013")
        self.assertGapless()

    def tail(self):
        """Number 6 is free and the last one: those after it were given back."""
        self.make_subscribers(12)
        run = self.collected()
        self.setting("bill_run_chunk_size", 6)
        with patch.object(bulk, "write_copy", side_effect=ValueError("the disk is full")), mute_logger(WORK):
            run._bss_issue()
        first, second = run.chunk_ids.sorted("sequence")
        items = self.env["bss.bill.run.item"]
        reserved = items.browse(first.reserved_item_ids[:1] + second.reserved_item_ids)
        reserved.account_id.partner_id.active = False
        first.action_issue_others()
        self.assertEqual(self.free().mapped("name"), ["BSSB/2026/00006"])
        self.assertEqual((first.state, second.state), ("done", "done"))
        self.assertEqual(run.issued_count, 5)
        return run

    def test_a_free_number_at_the_end_is_given_once(self):
        self.tail()
        self.make_subscribers(12)
        self.setting("bill_run_chunk_size", 100)
        later = self.collected()
        later._bss_issue()
        self.assertEqual(later.issued_count, 12)
        self.assertIn("copy", later.chunk_ids.mapped("tier"))
        self.assertFalse(self.free())
        self.assertGapless()
        by_hand = self.hand_made()
        by_hand.action_post()
        self.assertEqual(by_hand.name, "BSSB/2026/00018")

    def test_an_unused_number_at_the_end_stays_unused(self):
        self.tail()
        number = self.free()
        number.void_reason = "No other invoice of November"
        number.action_void()
        self.make_subscribers(4)
        later = self.collected()
        later._bss_issue()
        self.assertEqual(sorted(later.item_ids.move_id.mapped("name"))[0], "BSSB/2026/00007")
        by_hand = self.hand_made()
        by_hand.action_post()
        self.assertEqual(by_hand.name, "BSSB/2026/00011")
        self.assertEqual(number.state, "void")

    def test_by_hand_after_an_unused_number_at_the_end(self):
        self.tail()
        number = self.free()
        number.void_reason = "No other invoice of November"
        number.action_void()
        by_hand = self.hand_made()
        by_hand.action_post()
        self.assertEqual((by_hand.name, number.state), ("BSSB/2026/00007", "void"))

    def test_an_invoice_that_loses_its_number_sets_it_free(self):
        self.freed()
        by_hand = self.hand_made()
        by_hand.action_post()
        number = self.env["bss.invoice.number"].search([])
        by_hand.button_draft()
        self.assertEqual((number.state, by_hand.name), ("used", "BSSB/2026/00006"))
        by_hand.with_context(force_delete=True).unlink()
        self.assertEqual((number.state, number.move_id.id), ("free", False))
        again = self.hand_made()
        again.action_post()
        self.assertEqual((again.name, number.state, number.move_id), ("BSSB/2026/00006", "used", again))
        self.assertGapless()

    def test_an_invoice_that_changes_its_journal_sets_its_number_free(self):
        self.freed()
        by_hand = self.hand_made()
        by_hand.action_post()
        number = self.env["bss.invoice.number"].search([])
        by_hand.button_draft()
        by_hand.name = False
        elsewhere = self.env["account.journal"].create({"name": "By hand", "code": "HAND", "type": "sale"})
        by_hand.journal_id = elsewhere
        by_hand.action_post()
        self.assertEqual((by_hand.name[:4], number.state), ("HAND", "free"))

    def test_cancelled_it_keeps_its_number(self):
        self.freed()
        by_hand = self.hand_made()
        by_hand.action_post()
        by_hand.button_draft()
        by_hand.button_cancel()
        other = self.hand_made()
        other.action_post()
        self.assertEqual((by_hand.name, other.name), ("BSSB/2026/00006", "BSSB/2026/00013"))

    def test_what_was_said_of_an_unused_number_is_not_rewritten(self):
        self.freed()
        number = self.free()
        number.void_reason = "No other invoice of November"
        number.action_void()
        manager = self.manager()
        with self.assertRaises(UserError):
            number.with_user(manager).void_reason = "something else"

    def test_another_journal_has_its_own(self):
        self.freed()
        elsewhere = self.env["account.journal"].create({"name": "By hand", "code": "HAND", "type": "sale"})
        other = self.hand_made(elsewhere)
        other.action_post()
        self.assertEqual((other.name[:4], len(self.free())), ("HAND", 1))

    def test_posted_together_each_has_one_number(self):
        self.freed(bad=(1, 4))
        three = self.hand_made() | self.hand_made() | self.hand_made()
        three.action_post()
        self.assertEqual(sorted(three.mapped("name")), ["BSSB/2026/00005", "BSSB/2026/00006", "BSSB/2026/00013"])
        self.assertFalse(self.free())
        self.assertGapless()

    def test_a_failed_posting_leaves_it_free(self):
        self.freed()
        bad = self.hand_made()
        bad.partner_id = False
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError), self.env.cr.savepoint():
            bad.action_post()
        self.env.invalidate_all()
        self.assertEqual((bad.name or "/", self.free().mapped("name")), ("/", ["BSSB/2026/00006"]))
