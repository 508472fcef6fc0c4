from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.tests import tagged

from ..models import bss_bank_import
from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankChain(PaymentsCommon):
    """Statements that follow each other: gaps, pages, days and months, order of arrival."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")

    def paid(self, amount="10,00", **kwargs):
        return self.entry(amount, "za internet", self.key_of(self.jan), **kwargs)

    def file(self, *entries, **kwargs):
        return self.receive(self.statement(*entries, **kwargs), f"{kwargs}.sta")

    def codes(self, record):
        return record.problem_ids.mapped("code")

    def take(self, *entries, **kwargs):
        record = self.file(*entries, **kwargs)
        record._bss_import()
        return record

    def page(self, number, page, opening, closing, *entries, first=True, last=True):
        """One page of a statement; pages in the middle have intermediate balances."""
        text = self.statement(*entries, opening=opening, closing=closing, number=f"{number}/{page}")
        text = text if first else text.replace(b":60F:", b":60M:")
        return text if last else text.replace(b":62F:", b":62M:")

    def take_page(self, *args, **kwargs):
        record = self.receive(self.page(*args, **kwargs), f"{args[0]}-{args[1]}.sta")
        record._bss_import()
        return record

    def test_daily_files_then_the_month(self):
        first, second, third = (self.paid(ref=f"D{n}") for n in range(3))
        monday = self.take(first, number=1)
        tuesday = self.take(second, number=2, opening="10,00")
        month = self.take(first, second, third, number=11)
        self.assertEqual((month.count_known, month.count_credits, month.amount_credits), (2, 1, 10))
        self.assertEqual(month.match_ids.amount, 10)
        self.assertEqual(month.part_ids.count_known, 2)
        self.assertTrue(month.statement_id.is_complete)
        self.assertEqual((month.statement_id.balance_start, month.statement_id.balance_end_real), (20, 30))
        self.assertEqual(self.jan.amount_due, -30)
        for record in monday + tuesday + month:
            self.assert_conserved(record)

    def test_two_real_payments_alike_are_two(self):
        record = self.take(self.paid(ref="X1"), self.paid(ref="X2"))
        bare = self.take(self.paid(ref="NONREF"), self.paid(ref="NONREF"), number=2, opening="20,00")
        self.assertEqual(len(record.match_ids), 2)
        self.assertEqual(len(bare.match_ids), 2)
        self.assertEqual(self.jan.amount_due, -40)

    def test_missing_page_is_told_with_its_number(self):
        self.take_page(7, 1, "0,00", "10,00", self.paid(), last=False)
        third = self.take_page(7, 3, "20,00", "30,00", self.paid(), first=False)
        self.assertEqual(set(self.codes(third)), {"OPENING_DIFFERS", "PAGE_MISSING"})
        problem = third.problem_ids.filtered(lambda p: p.code == "PAGE_MISSING")
        self.assertEqual((problem.field_name, problem.line_no, problem.severity), (":28C:", 3, "warning"))
        for word in ("2", "7", "3"):
            self.assertIn(word, problem.message)
        second = self.take_page(7, 2, "10,00", "20,00", self.paid(), first=False, last=False)
        self.assertEqual(self.codes(second), ["OUT_OF_ORDER"])
        self.assertEqual(problem.resolved_by_id, second)
        self.assertEqual(self.jan.amount_due, -30)

    def test_page_that_is_not_the_last_awaits_the_next(self):
        first = self.take_page(8, 1, "0,00", "10,00", self.paid(), last=False)
        self.assertEqual(self.codes(first), ["PAGE_AWAITED"])
        second = self.take_page(8, 2, "10,00", "20,00", self.paid(), first=False)
        self.assertFalse(self.codes(second))
        self.assertEqual(first.problem_ids.resolved_by_id, second)

    def test_pages_in_one_file(self):
        content = self.page(9, 1, "0,00", "10,00", self.paid(), last=False)
        content += self.page(9, 2, "10,00", "20,00", self.paid(), first=False)
        record = self.receive(content, "pages.sta")
        record._bss_import()
        self.assertFalse(self.codes(record))
        self.assertEqual((len(record.part_ids), len(record.statement_ids), len(record.match_ids)), (2, 2, 2))
        self.assertTrue(all(record.statement_ids.mapped("is_complete")))
        self.assert_conserved(record)

    def test_gap_is_flagged_and_solved_by_the_missing_statement(self):
        self.take(self.paid(), number=1)
        third = self.take(self.paid(), number=3, opening="20,00")
        self.assertEqual(set(self.codes(third)), {"OPENING_DIFFERS", "STATEMENTS_MISSING"})
        self.assertEqual(third.state, "imported")
        second = self.take(self.paid(), number=2, opening="10,00")
        self.assertEqual(self.codes(second), ["OUT_OF_ORDER"])
        self.assertEqual(third.problem_ids.resolved_by_id, second)

    def test_gap_blocks_where_the_journal_says_so(self):
        self.bank_journal.bss_gap_mode = "block"
        self.take(self.paid(), number=1)
        third = self.file(self.paid(), number=3, opening="20,00")
        third.action_import()
        self.assertEqual(third.state, "blocked")
        self.assertEqual(set(self.codes(third)), {"OPENING_DIFFERS", "STATEMENTS_MISSING", "GAP_BLOCKS"})
        self.assertFalse(third.match_ids)
        self.assertFalse(third.statement_ids)
        fifth = self.file(self.paid(), number=5, opening="40,00")
        fifth.action_import()
        self.assertEqual(fifth.state, "blocked")
        second = self.take(self.paid(), number=2, opening="10,00")
        self.assertEqual((second.state, third.state, fifth.state), ("imported", "imported", "blocked"))
        self.assertFalse(self.codes(third))
        self.assertEqual(self.jan.amount_due, -30)
        fifth.action_import_anyway()
        self.assertEqual(fifth.state, "imported")
        self.assertIn("STATEMENTS_MISSING", self.codes(fifth))
        self.assertEqual(self.jan.amount_due, -40)
        for record in second + third + fifth:
            self.assert_conserved(record)

    def test_a_long_file_is_imported_anyway_by_its_job(self):
        self.bank_journal.bss_gap_mode = "block"
        self.take(self.paid(), number=1)
        third = self.file(self.paid(), number=3, opening="20,00")
        third.action_import()
        with patch.object(bss_bank_import, "DIRECT_LIMIT", 0), trap_jobs() as trap:
            third.action_import_anyway()
            self.assertTrue(third.is_queued)
            self.assertTrue(third.get_summary()[0]["working"], "the summary shows the progress")
            trap.perform_enqueued_jobs()
        self.assertEqual(third.state, "imported")
        self.assertFalse(third.is_queued)
