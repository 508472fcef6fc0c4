"""Which way a chunk takes after a failure, and that a failed one leaves nothing."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import bulk
from .test_bill_run_issue import WAYS, WORK, IssueCommon


@tagged("post_install", "-at_install")
class TestWays(IssueCommon):
    def assertOrdered(self, chunk):
        """The reserved numbers belong to the items in the order that the chunk keeps."""
        moves = self.env["bss.bill.run.item"].browse(chunk.reserved_item_ids).move_id
        self.assertEqual(moves.mapped("sequence_number"), list(range(1, len(moves) + 1)))

    def test_an_error_that_comes_back_takes_the_next_way(self):
        self.make_subscribers(6)
        run = self.collected()
        broken = patch.object(bulk, "write_copy", side_effect=ValueError("a token that nobody foresaw"))
        with broken, self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        chunk = run.chunk_ids
        self.assertEqual(chunk.state, "reserved")
        with broken, self.assertLogs(WAYS, "WARNING"):
            run._bss_issue()
        self.assertEqual((chunk.state, chunk.tier, chunk.error), ("done", "tuned", False))
        self.assertIn("a token that nobody foresaw", chunk.reason)
        self.assertEqual((run.state, run.issued_count), ("done", 6))
        self.assertGapless()
        self.assertBilled(run)

    def test_errors_of_two_ways_leave_the_last_one(self):
        self.make_subscribers(6)
        run = self.collected()
        rows = patch.object(bulk, "write_copy", side_effect=ValueError("no such row"))
        tuned = patch.object(bulk, "write_tuned", side_effect=ValueError("no such line"))
        with rows, tuned, self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        with rows, tuned, self.assertLogs(WAYS, "WARNING"):
            run._bss_issue()
        chunk = run.chunk_ids
        self.assertEqual((chunk.state, chunk.tier), ("done", "stock"))
        self.assertIn("no such row", chunk.reason)
        self.assertIn("no such line", chunk.reason)
        self.assertGapless()
        self.assertBilled(run)

    def test_a_failure_after_the_rows_leaves_no_invoice(self):
        accounts = self.make_subscribers(6)
        run = self.collected()
        broken = patch.object(type(run), "_bss_mark_issued", side_effect=AssertionError("sums"))
        with broken, self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual(run.chunk_ids.state, "reserved")
        self.assertFalse(accounts.invoice_ids)
        run._bss_issue()
        self.assertEqual((run.chunk_ids.state, run.chunk_ids.tier), ("done", "copy"), run.chunk_ids.error)
        self.assertEqual(len(accounts.invoice_ids), 6)
        self.assertGapless()

    def test_an_error_of_the_database_is_told(self):
        """Its transaction takes nothing any more; the cause is written nevertheless."""
        self.make_subscribers(6)
        run = self.collected()

        def broken(env, *_args, **_kwargs):
            env.cr.execute("SELECT 1 / 0")

        calls = (("prepare", "error"), ("write_copy", "reserved"))
        for name, state in calls:
            with patch.object(bulk, name, broken), self.assertLogs(WORK, "ERROR"), self.cr_errors():
                run._bss_issue()
            self.assertEqual(run.chunk_ids.state, state)
            self.assertIn("division by zero", run.chunk_ids.error)
        run._bss_issue()
        self.assertEqual(run.state, "done")
        self.assertGapless()

    def cr_errors(self):
        return self.assertLogs("odoo.sql_db", "ERROR")

    def after_reserving(self, run, change):
        """Issue the run; ``change`` comes between the reservation and the rows."""
        chunks = type(run.chunk_ids)
        reserve = chunks._bss_reserve

        def and_change(chunk):
            reserve(chunk)
            change()

        # the one invoice that is compared is another one
        first = patch("odoo.addons.bss_contracts.bulk.writer._canaries", lambda readies, count: [0])
        with patch.object(chunks, "_bss_reserve", and_change), first:
            run._bss_issue()

    def test_a_customer_changed_after_the_reservation(self):
        accounts = self.make_subscribers(6)
        run = self.collected()
        self.after_reserving(run, lambda: accounts[5].partner_id.write({"name": "Nowe Nazwisko"}))
        move = accounts[5].invoice_ids
        self.assertEqual(run.chunk_ids.tier, "copy")
        self.assertEqual(
            (move.invoice_partner_display_name, move.sudo().bss_document_data["buyer"]["name"]),
            ("Nowe Nazwisko", "Nowe Nazwisko"),
        )

    def test_books_closed_after_the_reservation(self):
        """Past the check of the company, as a transaction does that began before the reservation."""
        accounts = self.make_subscribers(6)
        run = self.collected()
        unchecked = patch.object(type(self.company), "_bss_check_reserved_numbers", lambda company: None)
        with unchecked:
            self.after_reserving(run, lambda: self.company.write({"sale_lock_date": date(2026, 11, 30)}))
        self.assertEqual((run.chunk_ids.state, run.chunk_ids.number_count), ("done", 0))
        self.assertEqual((run.state, run.error_count), ("done_errors", 6))
        self.assertIn("books are closed", run.error_item_ids[0].error)
        self.assertFalse(accounts.invoice_ids)
        self.company.sale_lock_date = False
        run.action_retry_failed()
        self.assertEqual((run.state, run.issued_count), ("done", 6))
        self.assertGapless()

    def test_the_orm_behind_reserved_numbers_makes_no_gap(self):
        self.make_subscribers(12)
        run = self.collected()
        self.setting("bill_run_chunk_size", 6)
        calls = []

        def broken(env, part, number, canaries=1):
            calls.append(number)
            if len(calls) == 1:
                raise ValueError("the disk is full")
            raise bulk.CanaryDifference(part.ready[0].request.item_id, ["invoice x: 1 / 2"])

        with patch.object(bulk, "write_copy", broken), self.assertLogs(WORK, "ERROR"), self.assertLogs(WAYS):
            run._bss_issue()
        self.assertEqual(run.chunk_ids.mapped("state"), ["reserved", "done"])
        run._bss_issue()
        self.assertEqual(run.chunk_ids.mapped("state"), ["done", "done"])
        self.assertGapless()

    # -- an odd invoice -----------------------------------------------------------------------------

    def odd_run(self, differing):
        """Issue six invoices of one kind and six of another; of the kinds ``differing`` the canaries differ.

        :return: (run, [(canaries, accounts)] of each try to write rows)
        """
        odd = self.make_subscribers(6, products=[self.fibre, self.mobile])
        plain = self.make_subscribers(6)
        run = self.collected()
        write, tries = bulk.write_copy, []

        def picky(env, part, number, canaries=1):
            accounts = self.env["bss.account"].browse([one.request.account_id for one in part.ready])
            tries.append((canaries, accounts))
            wrong = {"odd": odd, "plain": plain}
            for ready in part.ready:
                if any(ready.request.account_id in wrong[name].ids for name in differing):
                    raise bulk.CanaryDifference(ready.request.item_id, ["invoice ref: a / b"])
            return write(env, part, number, canaries)

        with patch.object(bulk, "write_copy", picky), self.assertLogs(WAYS, "WARNING"):
            run._bss_issue()
        self.assertEqual(tries[0], (1, odd | plain))
        self.assertEqual(tries[1], (10, plain))
        self.assertEqual(len(tries), 2)
        self.assertEqual((run.state, run.issued_count), ("done", 12))
        self.assertIn("invoice ref: a / b", run.chunk_ids.reason)
        self.assertGapless()
        self.assertBilled(run)
        self.assertOrdered(run.chunk_ids)
        return run, odd, plain

    def test_an_odd_invoice_takes_only_its_kind_with_it(self):
        run, odd, plain = self.odd_run(["odd"])
        self.assertEqual(run.chunk_ids.tier, "mixed")
        self.assertEqual(sorted(plain.invoice_ids.mapped("sequence_number")), [1, 2, 3, 4, 5, 6])
        self.assertEqual(sorted(odd.invoice_ids.mapped("sequence_number")), [7, 8, 9, 10, 11, 12])

    def test_a_second_kind_that_differs_takes_all(self):
        run, _odd, _plain = self.odd_run(["odd", "plain"])
        self.assertEqual(run.chunk_ids.tier, "tuned")

    # -- sums ---------------------------------------------------------------------------------------

    def assertSumsRefused(self, run, statement):
        write = bulk.write_copy

        def falsified(env, part, number, canaries=1):
            ids = write(env, part, number, canaries)
            env.cr.execute(statement, (ids,))
            self.assertTrue(env.cr.rowcount)
            return ids

        with patch.object(bulk, "write_copy", falsified), self.assertLogs(WORK, "ERROR"):
            run._bss_issue()
        self.assertEqual(run.chunk_ids.state, "reserved")
        self.assertRegex(run.chunk_ids.error, r"\d of 6 invoices are the sum of their charges")
        self.assertFalse(run.item_ids.move_id)
        run._bss_issue()
        self.assertEqual((run.state, run.chunk_ids.tier), ("done", "copy"))
        self.assertBilled(run)

    def test_gross_prices_are_compared_gross(self):
        accounts = self.make_subscribers(6)
        for service in accounts.service_ids:
            service._bss_set_version(date(2026, 1, 1), {"price_unit": 49.99, "price_kind": "gross"})
        self.assertSumsRefused(
            self.collected(),
            "UPDATE account_move_line SET price_total = price_total + 0.01"
            " WHERE move_id = ANY(%s) AND display_type = 'product'",
        )

    def test_each_line_is_compared_with_its_charge(self):
        """Two differences that cancel each other are two."""
        self.make_subscribers(6, products=[self.fibre, self.mobile])
        self.assertSumsRefused(
            self.collected(),
            f"""UPDATE account_move_line
                   SET price_subtotal = price_subtotal + CASE WHEN product_id = {self.fibre.id} THEN 1 ELSE -1 END
                 WHERE move_id = ANY(%s) AND display_type = 'product'""",
        )

    # -- several invoices of an account ---------------------------------------------------------------

    def test_only_the_invoice_that_corrects_goes_the_long_way(self):
        accounts = self.make_subscribers(6)
        account = accounts[0]
        account.invoice_split = "contract"
        contract = account.contract_ids.copy({"date_start": date(2026, 1, 1), "state": "active"})
        service = self.make_service(contract, self.mobile, charged_through=date(2026, 10, 31))
        run = self.collected()
        run._bss_issue()
        self.assertEqual((run.state, len(account.invoice_ids)), ("done", 2))
        service._bss_end(date(2026, 11, 15), "moved away")
        december = self.collected(
            date_start=date(2026, 12, 1), date_end=date(2026, 12, 31), date_invoice=date(2026, 11, 20)
        )
        items = december.item_ids.filtered(lambda item: item.account_id == account)
        self.assertEqual(len(items), 2)
        correcting = items.filtered(lambda item: item.contract_id == contract)
        self.assertEqual(december._bss_uncut_items()[1], {correcting.id})

        def plug(*_args, **_kwargs):
            raise ValueError("the plug")

        with patch.object(bulk, "write_copy", plug), self.assertLogs(WORK, "ERROR"):
            december._bss_issue()
        self.assertEqual(correcting.state, "issued")
        (reserved,) = (items - correcting).charge_ids
        with self.assertRaisesRegex(UserError, "is issuing the invoice of account"):
            reserved.action_cancel()
        # what the account has beside the reserved invoice stays free
        free = self.env["bss.charge"].create(
            {"account_id": account.id, "product_id": self.fibre.id, "name": "Loose", "price_unit": 5.0}
        )
        free.bill_run_id = december
        free.action_cancel()
        self.assertEqual(free.state, "cancelled")
