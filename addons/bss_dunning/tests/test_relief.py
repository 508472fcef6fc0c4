from datetime import date
from unittest.mock import patch

from odoo.addons.bss_dunning.models import bss_dunning_relief
from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

AS_OF = date(2026, 10, 20)
JUDGED = tuple(bss_dunning_relief.JUDGED)


@tagged("post_install", "-at_install")
class TestRelief(DunningCommon):
    """The list of candidates for bad-debt relief is made and judged by sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Relief = cls.env["bss.dunning.relief"]
        cls.firm = cls.make_subscriber("Firma", "company", partner={"vat": "PL5261040567"})

    def taxed(self, due=date(2026, 3, 31), account=None):
        lines = [Command.create({"name": "X", "price_unit": 1000.0, "tax_ids": [Command.set(self.tax_23.ids)]})]
        return self.make_invoice(account or self.firm, due=due, invoice_line_ids=lines)

    def make_list(self, as_of=AS_OF):
        self.Relief._bss_refresh(self.company, as_of)
        return self.Relief.search([("company_id", "=", self.company.id)])

    def told(self, rows):
        return {row.move_id: [row[name] for name in JUDGED] for row in rows}

    def queries(self, as_of):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.make_list(as_of)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_invoices(self):
        self.taxed()
        self.queries(AS_OF)  # fills the caches
        few = self.queries(date(2026, 10, 21))
        for _number in range(12):
            self.taxed()
        self.assertEqual(self.queries(date(2026, 10, 22)), few)
        self.assertEqual(set(self.make_list().mapped("status")), {"possible"})

    def test_rows_are_judged_batch_by_batch_as_all_at_once(self):
        moves = [self.taxed(date(2026, month, 28)) for month in (1, 3, 9)]
        moves.append(self.taxed(account=self.make_subscriber("Jan")))
        self.pay(moves[1], 615.0, date(2026, 5, 4))
        rows = self.make_list()
        told = self.told(rows)
        self.assertEqual([told[move][3] for move in moves], ["possible", "possible", "later", "fact_missing"])
        rows.unlink()
        with patch.object(bss_dunning_relief, "BATCH", 1):
            self.assertEqual(self.told(self.make_list()), told)
        row = self.Relief.search([("move_id", "=", moves[0].id)])
        self.assertEqual(
            (row.account_id, row.partner_id, row.company_id, row.date_due, row.date_invoice),
            (self.firm, self.firm.partner_id, self.company, date(2026, 1, 28), moves[0].invoice_date),
        )

    def test_rows_that_did_not_change_are_not_written(self):
        self.taxed()
        rows = self.make_list()
        self.env.cr.execute("UPDATE bss_dunning_relief SET write_date = '2020-01-01' WHERE id = ANY(%s)", (rows.ids,))
        rows.invalidate_recordset()
        self.assertEqual(self.make_list().write_date.year, 2020)
        self.assertNotEqual(self.make_list(date(2026, 10, 21)).write_date.year, 2020)
        self.assertEqual(rows.as_of, date(2026, 10, 21))

    def test_facts_stay_and_decide(self):
        move = self.taxed(account=self.make_subscriber("Jan"))
        row = self.make_list()
        row.listed_on = date(2026, 8, 1)
        self.assertEqual((row.status, row.date_first), ("possible", date(2026, 8, 1)))
        row = self.make_list(date(2026, 10, 21))
        self.assertEqual((row.move_id, row.listed_on, row.status), (move, date(2026, 8, 1), "possible"))

    def test_an_invoice_taken_back_is_no_candidate(self):
        kept, taken = self.taxed(), self.taxed()
        rows = self.make_list()
        self.assertEqual(set(rows.mapped("status")), {"possible"})
        rows.filtered(lambda row: row.move_id == taken).taken_on = AS_OF
        (kept | taken).button_draft()
        row = self.make_list(date(2026, 10, 21))
        self.assertEqual(row.move_id, taken)
        self.assertEqual((row.status, row.amount_residual, row.amount_vat), ("taken", 0.0, 0.0))

    def test_tax_of_what_is_paid_after_the_relief_is_paid_back(self):
        part, whole = self.taxed(), self.taxed()
        rows = self.make_list()
        rows.taken_on = AS_OF
        self.assertEqual(rows.mapped("taken_vat"), [230.0, 230.0])
        due_back = [("vat_to_return", ">", 0)]
        self.assertFalse(self.Relief.search(due_back))
        self.pay(part, 615.0, date(2026, 10, 25))
        self.pay(whole, 1230.0, date(2026, 10, 26))
        self.make_list(date(2026, 10, 31))
        found = {row.move_id: (row.vat_to_return, row.taken_vat) for row in self.Relief.search(due_back)}
        self.assertEqual(found, {part: (115.0, 230.0), whole: (230.0, 230.0)})
        rows.filtered(lambda row: row.move_id == part).taken_on = False
        self.assertEqual(self.Relief.search(due_back).move_id, whole)

    def test_without_the_numbers_of_the_law_nothing_is_possible(self):
        self.taxed()
        row = self.make_list()
        self.env["bss.legal.value"].search([("code", "=", "vat_relief_days")]).unlink()
        row = self.make_list(date(2026, 10, 21))
        self.assertEqual((row.status, row.date_first, row.amount_vat), (False, False, 0.0))
        self.assertEqual(row.amount_residual, 1230.0)
        self.assertTrue(row.reason)
