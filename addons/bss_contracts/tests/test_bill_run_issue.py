"""The issue stage: chunks, ways of writing, reserved numbers."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import bulk
from .common import ContractsCommon

WORK = "odoo.addons.bss_contracts.models.bss_bill_run_chunk_work"
WAYS = WORK.replace("_work", "_ways")


class IssueCommon(ContractsCommon):
    """A run of a few accounts that go the way of thousands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.setting("bill_run_small", 1)

    @classmethod
    def setting(cls, name, value):
        cls.env["ir.config_parameter"].set_param(f"bss_contracts.{name}", str(value))

    @classmethod
    def make_subscribers(cls, count, **vals):
        vals.setdefault("charged_through", date(2026, 10, 31))
        accounts = cls.env["bss.account"]
        for index in range(count):
            accounts |= cls.make_subscriber(f"Subscriber {index}", **vals)
        return accounts

    def collected(self, **vals):
        run = self.make_run(**vals).with_context(queue_job__no_delay=True)
        run._bss_collect()
        return run

    def assertGapless(self, journal=None):
        moves = self.env["account.move"].search([("journal_id", "=", (journal or self.billing_journal).id)])
        for prefix, some in moves.grouped("sequence_prefix").items():
            self.assertEqual(sorted(some.mapped("sequence_number")), list(range(1, len(some) + 1)), prefix)
        self.assertEqual(len(set(moves.mapped("name"))), len(moves))
        self.assertFalse(any(moves.mapped("made_sequence_gap")))
        self.assertEqual(set(moves.mapped("state")), {"posted"})

    def assertBilled(self, run):
        for item in run.item_ids.filtered(lambda one: one.state == "issued"):
            move = item.move_id
            self.assertEqual(
                (item.amount_untaxed, item.amount_tax, item.amount_total),
                (move.amount_untaxed, move.amount_tax, move.amount_total),
            )
            self.assertEqual(item.account_id, move.bss_account_id)
            charges = move.invoice_line_ids.bss_charge_ids
            self.assertEqual(set(charges.mapped("state")), {"billed"})
            charged = move.currency_id.round(sum(charges.mapped("amount")))
            self.assertEqual((len(charges), charged), (item.charge_count, move.amount_untaxed))
            self.assertTrue(move.bss_document_data)


@tagged("post_install", "-at_install")
class TestIssue(IssueCommon):
    def test_thousands_are_written_as_rows(self):
        accounts = self.make_subscribers(6, products=[self.fibre, self.mobile])
        accounts |= self.make_subscribers(6)
        run = self.collected()
        self.setting("bill_run_chunk_size", 12)
        done = []
        run._bss_issue(progress=lambda *figures: done.append(figures))
        self.assertEqual(done, [(12, 12)])
        [chunk] = run.chunk_ids
        self.assertEqual((chunk.state, chunk.tier, chunk.reason), ("done", "copy", False))
        self.assertEqual((chunk.item_count, chunk.invoice_count, chunk.error_count), (12, 12, 0))
        self.assertEqual((chunk.first_number, chunk.last_number), ("BSSB/2026/00001", "BSSB/2026/00012"))
        self.assertAlmostEqual(chunk.amount_total, run.amount_total, 2)
        self.assertGreater(chunk.invoices_per_second, 0)
        self.assertEqual((run.state, run.issued_count, run.progress), ("done", 12, 100.0))
        self.assertEqual(run.item_ids.move_id, accounts.invoice_ids)
        self.assertGapless()
        self.assertBilled(run)

    def test_the_ways_agree(self):
        """The same charges by rows and by the ORM: the same figures, lines and days."""
        accounts = self.make_subscribers(
            7, products=[self.fibre, self.mobile], date_start=date(2026, 10, 12), charged_through=None
        )
        rows = self.collected()
        rows._bss_issue()
        self.assertEqual(rows.chunk_ids.tier, "copy")

        def seen(moves):
            return [
                (
                    move.partner_id.id,
                    move.amount_total,
                    move.invoice_date_due,
                    move.bss_date_start,
                    [
                        (
                            line.name,
                            line.quantity,
                            line.price_unit,
                            line.tax_ids.ids,
                            line.bss_date_start,
                            line.bss_date_end,
                        )
                        for line in move.invoice_line_ids.sorted("id")
                    ],
                )
                for move in moves.sorted(lambda move: move.partner_id.id)
            ]

        first = seen(accounts.invoice_ids)
        copies = self.env["bss.account"]
        for account in accounts:
            copies |= self.make_subscriber(
                account.partner_id.name, products=[self.fibre, self.mobile], date_start=date(2026, 10, 12)
            )
        self.setting("bill_run_small", 50)
        stock = self.collected()
        stock._bss_issue()
        self.assertEqual(stock.chunk_ids.tier, "stock")
        second = seen(copies.invoice_ids)
        self.assertEqual([one[1:] for one in first], [one[1:] for one in second])
        self.assertGapless()

    def test_what_is_special_gets_a_chunk_of_its_own(self):
        self.make_subscribers(6)
        german = self.env["res.country"].search([("code", "=", "DE")], limit=1)
        self.make_subscriber("Sole", charged_through=date(2026, 10, 31), partner={"country_id": german.id})
        run = self.collected()
        run._bss_issue()
        tiers = {chunk.tier: chunk for chunk in run.chunk_ids}
        self.assertEqual(set(tiers), {"copy", "tuned"})
        self.assertEqual((tiers["copy"].invoice_count, tiers["tuned"].invoice_count), (6, 1))
        self.assertTrue(tiers["tuned"].reason)
        self.assertEqual(tiers["tuned"].origin_id, tiers["copy"])
        self.assertEqual(run.state, "done")
        self.assertGapless()
        self.assertBilled(run)

    def test_corrections_go_through_the_orm(self):
        accounts = self.make_subscribers(8, products=[self.fibre, self.mobile], charged_through=date(2026, 9, 30))
        first = self.collected(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        first._bss_issue()
        accounts[0].service_ids[0]._bss_end(date(2026, 10, 15), "moved away")
        run = self.collected()
        run._bss_issue()
        self.assertEqual(run.chunk_ids.sorted("sequence").mapped("tier"), ["copy", "stock"])
        self.assertEqual((run.issued_count, run.refund_count, run.state), (8, 1, "done"))
        self.assertGapless()

    def test_the_end_compares_items_with_invoices(self):
        self.make_subscribers(3)
        run = self.collected()
        run._bss_issue()
        run._bss_assert_totals()
        first, second, _third = run.item_ids
        kept = first.move_id
        # the sums stay the same, but one invoice is of two items and another one of none
        first.move_id = second.move_id
        self.assertRaises(AssertionError, run._bss_assert_totals)
        first.move_id = kept
        run._bss_assert_totals()
        # an item less, its amounts with it
        first.write({"state": "error", "amount_untaxed": 0, "amount_tax": 0, "amount_total": 0})
        self.assertRaises(AssertionError, run._bss_assert_totals)

    def test_several_chunks(self):
        self.make_subscribers(15)
        run = self.collected()
        self.setting("bill_run_chunk_size", 5)
        run._bss_issue()
        self.assertEqual(run.chunk_ids.mapped("tier"), ["copy"] * 3)
        self.assertEqual(
            run.chunk_ids.sorted("sequence").mapped("first_number"),
            ["BSSB/2026/00001", "BSSB/2026/00006", "BSSB/2026/00011"],
        )
        self.assertGapless()
        self.assertBilled(run)

    def test_given_back_before_it_was_invoiced(self):
        accounts = self.make_subscribers(6)
        run = self.collected()
        accounts[0].service_ids._bss_end(date(2026, 10, 31), "moved away")
        run._bss_collect()
        run._bss_issue()
        self.assertEqual((run.issued_count, run.empty_count, run.chunk_ids.tier), (5, 1, "copy"))
        self.assertEqual(set(accounts[0].charge_ids.mapped("state")), {"cancelled"})

    def test_gross_prices(self):
        accounts = self.make_subscribers(6)
        for service in accounts.service_ids:
            service._bss_set_version(date(2026, 1, 1), {"price_unit": 49.99, "price_kind": "gross"})
        run = self.collected()
        run._bss_issue()
        self.assertEqual(run.chunk_ids.tier, "copy", run.chunk_ids.reason)
        self.assertEqual(set(accounts.invoice_ids.mapped("amount_total")), {49.99})
        self.assertBilled(run)

    def test_a_canary_sends_the_chunk_the_next_way(self):
        self.make_subscribers(6)
        run = self.collected()

        def dead(env, part, number, canaries=1):
            raise bulk.CanaryDifference(part.ready[0].request.item_id, ["invoice ref: a / b"])

        with patch.object(bulk, "write_copy", dead), self.assertLogs(WAYS, "WARNING"):
            run._bss_issue()
        [chunk] = run.chunk_ids
        self.assertEqual((chunk.tier, chunk.state), ("tuned", "done"))
        self.assertIn("invoice ref: a / b", chunk.reason)
        self.assertEqual(run.issued_count, 6)
        self.assertGapless()
        self.assertBilled(run)

    def test_the_last_way(self):
        self.make_subscribers(6)
        run = self.collected()

        def dead(env, part, number, canaries=1):
            raise bulk.CanaryDifference(part.ready[0].request.item_id, ["invoice ref: a / b"])

        def broken(env, part, number):
            raise ValueError("no such line")

        ways = patch.object(bulk, "write_copy", dead), patch.object(bulk, "write_tuned", broken)
        with ways[0], ways[1], self.assertLogs(WAYS, "WARNING"):
            run._bss_issue()
        [chunk] = run.chunk_ids
        self.assertEqual((chunk.tier, chunk.state), ("stock", "done"))
        self.assertIn("no such line", chunk.reason)
        self.assertGapless()
        self.assertBilled(run)

    def test_a_paused_run_begins_nothing(self):
        self.make_subscribers(10)
        run = self.collected()
        self.setting("bill_run_chunk_size", 5)
        chunks = run._bss_cut_chunks()
        run.write({"state": "running", "stage": "issue"})
        run.action_pause()
        chunks[0]._bss_work()
        self.assertEqual(chunks[0].state, "waiting")
        run.action_resume()
        self.assertEqual((run.chunk_ids, set(run.chunk_ids.mapped("state"))), (chunks, {"done"}))

    def test_second_start_is_told(self):
        self.make_subscribers(6)
        run = self.collected().with_context(queue_job__no_delay=False)
        run.action_issue()
        with self.assertRaisesRegex(UserError, "being issued already"):
            run.action_issue()
        self.assertEqual(run.waiting_job_count, 2)
