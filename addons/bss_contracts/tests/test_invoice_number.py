"""Numbers in the middle of a series whose invoices cannot be issued: the next invoices take them."""

from contextlib import suppress
from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .. import bulk
from .test_bill_run_faults import FaultsCommon, PulledPlug
from .test_bill_run_issue import WORK


class InvoiceNumberCommon(FaultsCommon):
    def standing(self, count=12, size=6, bad=(2,)):
        """(run, its first chunk with numbers before others, items that cannot be invoiced)"""
        self.make_subscribers(count)
        run = self.collected()
        self.setting("bill_run_chunk_size", size)
        write = bulk.write_copy

        def broken(env, part, number, canaries=1):
            if number.sequence_number == 1:
                raise ValueError("the disk is full")
            return write(env, part, number, canaries)

        with patch.object(bulk, "write_copy", broken), self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        chunk = run.chunk_ids.sorted("sequence")[0]
        items = self.env["bss.bill.run.item"].browse([chunk.reserved_item_ids[place] for place in bad])
        items.account_id.partner_id.active = False
        with self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual((chunk.state, chunk.can_free), ("reserved", True))
        return run, chunk, items

    def free(self):
        return self.env["bss.invoice.number"].search([("state", "=", "free")])

    def manager(self):
        groups = "bss_catalog.group_bss_billing_manager,account.group_account_invoice"
        return new_test_user(self.env, "bss_manager_number", groups=groups)


@tagged("post_install", "-at_install")
class TestInvoiceNumber(InvoiceNumberCommon):
    def test_the_others_are_issued_and_the_next_invoice_takes_the_number(self):
        run, chunk, item = self.standing()
        self.assertIn("BSSB/2026/00001 – BSSB/2026/00006", run.standing_text)
        run.action_issue_others()
        self.assertEqual((chunk.state, chunk.error, run.state), ("done", False, "done_errors"))
        self.assertFalse(run.standing_text)
        self.assertEqual((run.issued_count, run.error_item_ids), (11, item))
        self.assertEqual(self.free().mapped("name"), ["BSSB/2026/00006"])
        self.assertIn("archived", self.free().reason)
        self.assertIn("BSSB/2026/00006", run.free_number_text)
        self.assertBilled(run)
        by_hand = self.hand_made()
        by_hand.action_post()
        self.assertEqual(by_hand.name, "BSSB/2026/00006")
        number = self.env["bss.invoice.number"].search([])
        self.assertEqual((number.state, number.move_id), ("used", by_hand))
        self.assertGapless()
        following = self.hand_made()
        following.action_post()
        self.assertEqual(following.name, "BSSB/2026/00013")

    def test_the_cured_item_takes_its_number(self):
        run, chunk, items = self.standing(bad=(1, 4))
        chunk.action_issue_others()
        self.assertEqual(self.free().mapped("name"), ["BSSB/2026/00005", "BSSB/2026/00006"])
        items.account_id.partner_id.active = True
        run.action_retry_failed()
        self.assertEqual(run.state, "done")
        self.assertEqual(items.move_id.mapped("name"), ["BSSB/2026/00005", "BSSB/2026/00006"])
        self.assertFalse(self.free())
        self.assertGapless()
        self.assertBilled(run)

    def test_a_later_run_of_thousands_takes_them_first(self):
        _run, chunk, _items = self.standing(bad=(0, 3))
        chunk.action_issue_others()
        self.make_subscribers(8)
        self.setting("bill_run_chunk_size", 100)
        later = self.collected()
        later._bss_issue()
        self.assertEqual((later.issued_count, later.error_count), (8, 2))
        names = sorted(later.item_ids.move_id.mapped("name"))
        self.assertEqual(names[:3], ["BSSB/2026/00005", "BSSB/2026/00006", "BSSB/2026/00013"])
        self.assertIn("set free", " ".join(filter(None, later.chunk_ids.mapped("reason"))))
        self.assertFalse(self.free())
        self.assertGapless()
        self.assertBilled(later)

    def test_an_invoice_of_another_month_leaves_it(self):
        _run, chunk, _item = self.standing()
        chunk.action_issue_others()
        december = self.hand_made()
        december.invoice_date = date(2026, 12, 1)
        december.action_post()
        self.assertEqual(december.name, "BSSB/2026/00013")
        self.assertEqual(self.free().mapped("name"), ["BSSB/2026/00006"])

    def test_killed_between_nothing_is_free(self):
        _run, chunk, item = self.standing()

        def plug(*args, **kwargs):
            raise PulledPlug

        with patch.object(bulk, "write_copy", plug), suppress(PulledPlug), self.env.cr.savepoint():
            chunk.action_issue_others()
        self.env.invalidate_all()
        self.assertEqual((chunk.state, item.state, len(self.free())), ("reserved", "pending", 0))
        chunk.action_issue_others()
        self.assertEqual((chunk.state, item.state, len(self.free())), ("done", "error", 1))
        # killed while the next one takes it
        post = type(self.env["account.move"])._bss_take_free_numbers
        by_hand = self.hand_made()

        def torn(moves):
            post(moves)
            raise PulledPlug

        with (
            patch.object(type(self.env["account.move"]), "_bss_take_free_numbers", torn),
            suppress(PulledPlug),
            self.env.cr.savepoint(),
        ):
            by_hand.action_post()
        self.env.invalidate_all()
        self.assertEqual((by_hand.state, len(self.free())), ("draft", 1))
        by_hand.action_post()
        self.assertEqual((by_hand.name, len(self.free())), ("BSSB/2026/00006", 0))
        self.assertGapless()

    def test_what_only_odoo_refuses_is_found_one_by_one(self):
        """An error of the ORM that nobody foresaw bars the journal no more than others do."""
        run, chunk, item = self.standing()
        item.account_id.partner_id.active = True
        post = type(self.env["account.move"])._post

        def refused(moves, soft=True):
            if item.account_id in moves.bss_account_id:
                raise UserError("this customer is blocked")
            return post(moves, soft=soft)

        broken = patch.object(bulk, "write_copy", side_effect=ValueError("no"))
        tuned = patch.object(bulk, "write_tuned", side_effect=ValueError("no"))
        with broken, tuned, patch.object(type(self.env["account.move"]), "_post", refused):
            with self.assertLogs(WORK, "ERROR"):
                run._bss_issue()
            self.assertIn("blocked", chunk.error)
            chunk.action_issue_others()
        self.assertEqual((chunk.state, run.issued_count, item.error), ("done", 11, "this customer is blocked"))
        self.assertEqual(self.free().mapped("name"), ["BSSB/2026/00006"])

    def test_posting_by_hand_tells_what_to_do(self):
        _run, chunk, _item = self.standing()
        by_hand = self.hand_made()
        with self.assertRaisesRegex(UserError, "stands still .*archived.*issue the others"):
            by_hand.action_post()
        chunk.action_issue_others()
        by_hand.action_post()

    def test_books_are_closed_when_the_gap_is_explained(self):
        _run, chunk, _item = self.standing()
        chunk.action_issue_others()
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "BSSB/2026/00006"):
            self.company.sale_lock_date = date(2026, 11, 30)
        self.env.invalidate_all(flush=False)
        number = self.free()
        with self.assertRaisesRegex(UserError, "why number BSSB/2026/00006 stays unused"):
            number.action_void()
        number.void_reason = "No other invoice of November"
        number.action_void()
        self.assertEqual(number.state, "void")
        self.company.sale_lock_date = date(2026, 11, 30)
        with self.assertRaises(UserError):
            number.action_void()

    def test_whoever_closes_the_books_with_an_exception_of_his_own(self):
        """The jobs of others have no such exception: their reserved numbers would stand for ever."""
        self.reserved()
        self.env["account.lock_exception"].create(
            {"company_id": self.company.id, "user_id": self.env.uid, "sale_lock_date": False, "reason": "corrections"}
        )
        with self.assertRaisesRegex(UserError, "reserved for invoices"):
            self.company.sale_lock_date = date(2026, 11, 30)

    def test_rights(self):
        _run, chunk, _item = self.standing()
        viewer = new_test_user(self.env, "bss_viewer_number", groups="bss_catalog.group_bss_viewer")
        manager = self.manager()
        with self.assertRaises(AccessError):
            chunk.with_user(viewer).action_issue_others()
        chunk.with_user(manager).with_context(queue_job__no_delay=True).action_issue_others()
        number = self.free()
        self.assertEqual(number.with_user(viewer).name, "BSSB/2026/00006")
        for vals in ({"state": "used"}, {"name": "BSSB/2026/00099"}):
            with self.assertRaises(AccessError):
                number.with_user(manager).write(vals)
        with self.assertRaises(AccessError):
            number.with_user(viewer).write({"void_reason": "x"})
        number.with_user(manager).write({"void_reason": "x"})
        number.with_user(manager).action_void()
        self.assertEqual(number.state, "void")

    def test_a_chunk_at_work_does_not_stand_still(self):
        _run, chunk = self.reserved()
        with self.assertRaisesRegex(UserError, "does not stand still"):
            chunk.action_issue_others()
