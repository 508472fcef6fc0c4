from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.queue_job.exception import FailedJobError, RetryableJobError
from odoo.addons.queue_job.job import Job
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .. import booking
from ..bank_core.settling import OverpaidError
from ..booking import eligibility, mass
from ..booking.clash import clashes_told
from ..booking.numbering import Series
from .booking_common import DAY, BookingCommon


@tagged("post_install", "-at_install")
class TestPaymentBookingWays(BookingCommon):
    """When payments are written as rows, when not and why; numbers; hooks; and that nobody pays too much."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def reasons(self, *rows):
        """What is said of rows that come with enough plain ones; each of them by itself."""
        result, taken = self.write([*self.fillers(), *rows])
        self.assertTrue(taken)
        self.assertFalse({row.key for row in rows} & set(taken))
        return set(result.reasons)

    def entries(self):
        return self.env["account.move"].search([("journal_id", "=", self.bank_journal.id)])

    def assert_gapless(self):
        for prefix, moves in self.entries().grouped("sequence_prefix").items():
            numbers = sorted(moves.mapped("sequence_number"))
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), prefix)
            self.assertEqual(len(set(moves.mapped("name"))), len(moves))
            self.assertEqual(set(moves.line_ids.mapped("move_name")), set(moves.mapped("name")))

    def test_numbers_have_no_gap_between_both_ways(self):
        self.write(self.fillers())
        self.write([self.row(3), self.row(4)])
        self.write([*self.fillers(), *(self.row(n, day=DAY - timedelta(days=n)) for n in range(1, 30))])
        self.write([self.row(3)])
        self.assert_gapless()
        self.assertEqual(len(self.entries()), 2 + 1 + 29 + 2 * 15)

    def test_numbers_of_two_years(self):
        old = date(2025, 12, 30)
        result, taken = self.write([*self.fillers(), *(self.row(n, day=old) for n in range(1, 9))])
        self.assertFalse(result.reasons)
        self.assertGreater(len(taken), 15)
        self.assert_gapless()
        self.assertEqual(len(self.entries().grouped("sequence_prefix")), 2)

    def test_difference_sends_all_to_the_orm(self):
        invoice = self.make_invoice(self.jan, 50)
        rows = [*self.fillers(), self.row(50, self.jan, [(invoice, 50)])]
        real = mass.picture

        def other(*args):
            found = real(*args)
            found["entry"][0]["ref"] = "different"
            return found

        with patch.object(mass, "picture", other), self.assertLogs(mass._logger, "WARNING"):
            result, taken = self.write(rows)
        self.assertTrue(taken)
        [(reason, count)] = result.reasons.items()
        self.assertEqual((count, "entry ref" in reason and "different /" not in reason), (len(taken), True))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(len(self.entries()), len(rows))
        self.assertEqual(len(set(result.line_ids)), len(rows))
        self.assert_gapless()

    def test_few_go_one_by_one(self):
        result, taken = self.write([self.row(3), self.row(4)])
        self.assertEqual((list(result.reasons.values()), taken), ([2], []))

    def test_result_follows_the_order_of_the_rows(self):
        rows = self.fillers()
        result, _taken = self.write(rows)
        lines = self.env["account.bank.statement.line"].browse(result.line_ids)
        self.assertEqual(lines.mapped("bss_dedupe_key"), [row.key for row in rows])
        matches = self.Match.browse(result.match_ids)
        self.assertEqual(matches.mapped("dedupe_key"), [row.key for row in rows if row.tx.amount > 0])

    def test_single_rows_for_the_orm(self):
        tomorrow = fields.Date.context_today(self.record) + timedelta(days=1)
        self.assertIn("The day is in the future.", self.reasons(self.row(1, day=tomorrow)))
        invoice = self.make_invoice(self.jan, 20)
        note = self.make_note(self.jan, 20)
        found = self.reasons(self.row(5, self.jan, [(invoice, 20), (note, 20)]), self.row(7, self.jan))
        self.assertEqual(
            found,
            {"Credits alone settle an invoice.", "Another payment of the billing account is booked by itself."},
        )
        self.assertEqual(invoice.payment_state, "reversed")

    def test_foreign_debt(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "rate": 0.25, "company_id": self.company.id}
        )
        invoice = self.make_invoice(self.jan, 10, currency=euro)
        self.assertEqual(self.reasons(self.row(40, self.jan, [(invoice, 40)])), {"A debt is in a foreign currency."})
        self.assertEqual(invoice.payment_state, "paid")

    def test_locked_books(self):
        self.company.sudo().sale_lock_date = False
        self.company.sudo().fiscalyear_lock_date = date(2026, 9, 30)
        checks = eligibility.RowChecks(self.env, self.bank_journal, {}, {})
        self.assertEqual(checks.reason(self.row(5, day=date(2026, 9, 30))), "The books of the day are closed.")
        self.assertEqual(checks.reason(self.row(5)), "")

    def test_books_that_rows_do_not_suit(self):
        self.assertEqual(eligibility.call_reason(self.env, self.bank_journal), "")
        for values, words in (
            ({"restrict_mode_hash_table": True}, "hashes"),
            ({"sequence_override_regex": r"(?P<prefix1>.*)(?P<seq>\d*)"}, "pattern of numbers"),
            ({"suspense_account_id": self.bank_journal.default_account_id.id}, "one account for money"),
        ):
            before = {name: self.bank_journal[name] for name in values}
            self.bank_journal.write(values)
            self.assertIn(words, eligibility.call_reason(self.env, self.bank_journal))
            self.bank_journal.write(before)
        self.company.tax_exigibility = True
        self.assertIn("cash basis", eligibility.call_reason(self.env, self.bank_journal))

    def test_override_of_a_stranger(self):
        cls = self.env.registry["account.partial.reconcile"]
        self.addCleanup(self.env.registry.clear_cache)
        self.env.registry.clear_cache()
        with patch.object(cls, "create", lambda self, vals_list: None):
            self.assertIn("account.partial.reconcile.create", eligibility.call_reason(self.env, self.bank_journal))

    def test_hooks_see_what_was_paid(self):
        invoice, other = self.make_invoice(self.jan, 50), self.make_invoice(self.anna, 50)
        seen, booked = [], []

        def hook(moves):
            seen.append(moves)

        def after(matches):
            booked.append(matches)

        with (
            patch.object(self.env.registry["account.move"], "_bss_after_mass_reconcile", hook),
            patch.object(self.env.registry["bss.payment.match"], "_bss_after_booking", after),
        ):
            result, taken = self.write(
                [*self.fillers(), self.row(50, self.jan, [(invoice, 50)]), self.row(5, self.anna, [(other, 5)])]
            )
        self.assertEqual(len(seen), 1)
        self.assertLessEqual({invoice.id, other.id}, set(seen[0].ids))
        self.assertEqual(
            booked[0].ids, self.Match.browse(result.match_ids).filtered(lambda match: match.state == "booked").ids
        )
        self.assertGreater(len(taken), 2)

    def test_paid_invoice_tells_its_sales_order(self):
        product = self.env["product.product"].create({"name": "Router", "type": "service", "invoice_policy": "order"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.jan.partner_id.id,
                "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": 50, "tax_ids": [(5,)]})],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.write(
            {
                "bss_account_id": self.jan.id,
                "invoice_date": DAY,
                "journal_id": self.sale_journal.id,
                "currency_id": self.currency.id,
                "invoice_payment_term_id": False,
            }
        )
        invoice.action_post()
        before = order.message_ids
        result, taken = self.write([*self.fillers(), self.row(50, self.jan, [(invoice, 50)])])
        self.assertIn(f"key{self.rows_made}", taken, result.reasons)
        self.assertEqual(invoice.payment_state, "paid")
        [message] = order.message_ids - before
        self.assertIn(invoice.name, message.body)

    def test_nobody_pays_more_than_is_open(self):
        invoice = self.make_invoice(self.jan, 50)
        rows = [*self.fillers(), self.row(50, self.jan, [(invoice, 50)])]
        self.write([self.row(30, self.jan, [(invoice, 30)])])
        with self.assertRaises(OverpaidError), self.env.cr.savepoint():
            self.write(rows)
        self.env.invalidate_all()
        self.assertEqual(invoice.amount_residual, 20)

    # --- somebody else was quicker

    def test_clash_of_entry_numbers_is_told_as_such(self):
        real = Series.last
        with (
            patch.object(Series, "last", lambda series: real(series) - 1),
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(booking.ClashError, "entry numbers"),
            self.env.cr.savepoint(),
        ):
            self.write(self.fillers())

    def test_clash_of_transactions_is_told_as_another_import(self):
        rows = self.fillers()
        self.write(rows[2:3])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(booking.ClashError, "Another import"),
            self.env.cr.savepoint(),
        ):
            self.write(rows)

    def test_what_else_is_not_unique_is_a_fault(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
            clashes_told(self.env, self.bank_journal),
        ):
            self.env.cr.execute(
                "INSERT INTO bss_bank_import (journal_id, sha256, name, state) "
                "SELECT journal_id, sha256, name, state FROM bss_bank_import WHERE id = %s",
                self.record.ids,
            )

    def test_a_job_tries_again_by_itself(self):
        record = self.record
        with self.assertRaises(UserError):
            record._bss_try_later(UserError("later"))
        with self.assertRaises(RetryableJobError):
            record.with_context(job_uuid="x")._bss_try_later(UserError("later"))

    def test_a_job_waits_for_its_turn_as_long_as_it_takes(self):
        """Another file that is imported for ten minutes uses up no tries; a clash that stays one is told at last."""
        record = self.record.with_context(job_uuid="x")
        for method, args, waits in (("_bss_tell_busy", (), True), ("_bss_try_later", (UserError("clash"),), False)):
            job = Job(getattr(record, method), args=args)
            job.retry = job.max_retries
            with self.assertRaises(RetryableJobError if waits else FailedJobError):
                job.perform()

    def test_open_items(self):
        late = self.make_invoice(self.jan, 5, due=date(2026, 11, 1))
        early = self.make_invoice(self.jan, 7.01, due=date(2026, 9, 1))
        note = self.make_note(self.jan, 2)
        self.receivable(late).no_followup = True
        found = booking.open_items(self.env, [self.jan.id, self.anna.id])
        self.assertEqual(found[self.anna.id], [])
        self.assertEqual(
            [(item.document_id, item.residual, item.is_disputed) for item in found[self.jan.id]],
            [(early.id, 701, False), (late.id, 500, True), (note.id, -200, False)],
        )
        self.assertEqual(found[self.jan.id][0].due, date(2026, 9, 1).toordinal())
