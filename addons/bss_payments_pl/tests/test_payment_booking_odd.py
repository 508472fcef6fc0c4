"""Odd kinds of debts and books: equal to what Odoo makes of the payments, or left to Odoo with the reason said."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .booking_common import DAY, BookingCommon

OCTOBER = date(2026, 10, 31)


@tagged("post_install", "-at_install")
class TestPaymentBookingOdd(BookingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def reasons(self, *rows):
        """What is said of rows that come with plain ones, which are written as rows."""
        result, taken = self.write([*self.fillers(), *rows])
        self.assertTrue(taken)
        self.assertFalse({row.key for row in rows} & set(taken))
        return set(result.reasons)

    def reason_of_all(self, *rows):
        """What is said of books that rows do not suit at all."""
        result, taken = self.write([*self.fillers(), *rows])
        self.assertFalse(taken)
        [(reason, count)] = result.reasons.items()
        self.assertEqual(count, len(result.line_ids))
        return reason

    def entry_of(self, row):
        line = self.env["account.bank.statement.line"].search([("bss_dedupe_key", "=", row.key)])
        self.assertEqual(len(line), 1)
        return line.move_id

    # --- deposits

    def test_final_invoice_after_a_down_payment(self):
        product = self.env["product.product"].create({"name": "Router", "type": "service", "invoice_policy": "order"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.jan.partner_id.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": 50, "tax_ids": [(5,)]})],
            }
        )
        order.action_confirm()
        first = self.invoice_of(order, advance_payment_method="fixed", fixed_amount=20)
        final = self.invoice_of(order, advance_payment_method="delivered")
        self.assertEqual((first.amount_total, final.amount_total), (20, 30))
        self.assertTrue(all(one.invoice_line_ids.filtered("is_downpayment") for one in (first, final)))
        wanted = [
            self.row(50, self.jan, [(first, 20), (final, 30)], documents=first | final),
            self.row(7, self.anna, [(self.make_invoice(self.anna, 7), 7)]),
        ]
        self.assert_same([*self.fillers(), *wanted], wanted)
        self.assertEqual((first | final).mapped("payment_state"), ["paid", "paid"])

    def invoice_of(self, order, **how):
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids)
        before = order.invoice_ids
        wizard.create(how).create_invoices()
        invoice = order.invoice_ids - before
        invoice.write(
            {
                "bss_account_id": self.jan.id,
                "invoice_date": DAY,
                "journal_id": self.sale_journal.id,
                "invoice_payment_term_id": False,
                "currency_id": self.currency.id,
            }
        )
        invoice.invoice_line_ids.tax_ids = False
        invoice.action_post()
        return invoice

    def test_deposit_of_a_contract(self):
        self.company.bss_deposit_account_id = self.env["account.account"].create(
            {"name": "Kaucje", "code": "249001", "account_type": "liability_current", "company_ids": self.company.ids}
        )
        account = self.make_subscriber("Ewa Lis")
        deposit = self.env["bss.deposit"].create(
            {"contract_id": account.contract_ids.id, "amount": 200, "date": "2026-11-02"}
        )
        deposit.action_due()
        demand = deposit.move_line_ids.filtered(lambda line: line.bss_deposit_part == "demand" and line.balance > 0)
        self.assertEqual(self.reasons(self.row(200, account, [(demand, 200)])), {"A deposit is paid."})
        self.assertEqual((deposit.state, deposit.amount_held, account.amount_due), ("held", 200, 0))

    # --- closed books

    def lock(self, **dates):
        self.company.sudo().write({"sale_lock_date": False, **dates})

    def test_old_invoice_of_closed_books_is_paid_after_them(self):
        for name in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(name):
                invoice = self.make_invoice(self.jan, 50)
                fillers = self.fillers()
                self.lock(**{name: OCTOBER})
                wanted = self.row(50, self.jan, [(invoice, 50)])
                self.assert_same([*fillers, wanted], [wanted])
                self.assertEqual((invoice.payment_state, invoice.date <= OCTOBER), ("paid", True))
                if name != "hard_lock_date":  # it can never be taken back
                    self.lock(**{name: False})

    def test_payment_of_a_closed_day_stands_on_the_first_open_one(self):
        """As Odoo does it with every bank transaction; the payment itself keeps the day of the bank."""
        for name in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(name):
                invoice = self.make_invoice(self.jan, 50)
                self.lock(**{name: OCTOBER})
                row = self.row(50, self.jan, [(invoice, 50)], day=OCTOBER)
                self.assertEqual(self.reasons(row), {"The books of the day are closed."})
                theirs = self.line_by_hand(50, self.jan, day=OCTOBER)
                entry = self.entry_of(row)
                self.assertEqual((entry.date, invoice.payment_state), (theirs.move_id.date, "paid"))
                self.assertGreater(entry.date, OCTOBER)
                self.assertEqual(entry.statement_line_ids.bss_match_ids.date, OCTOBER)
                if name != "hard_lock_date":
                    self.lock(**{name: False})

    def line_by_hand(self, amount, account, day=DAY):
        receivable = account.partner_id.with_company(self.company).property_account_receivable_id
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": day,
                "payment_ref": "by hand",
                "amount": amount,
                "partner_id": account.partner_id.id,
                "counterpart_account_id": receivable.id,
            }
        )

    def test_lock_with_an_exception_for_the_user(self):
        invoice = self.make_invoice(self.jan, 50)
        fillers = self.fillers()
        self.lock(fiscalyear_lock_date=OCTOBER)
        self.env["account.lock_exception"].create(
            {
                "company_id": self.company.id,
                "user_id": self.env.uid,
                "fiscalyear_lock_date": date(2026, 9, 30),
                "reason": "October's last statement came late",
            }
        )
        wanted = [self.row(50, self.jan, [(invoice, 50)], day=OCTOBER), self.row(3, day=OCTOBER)]
        # the earliest of each kind are the examples
        first = date(2026, 10, 15)
        other = self.make_invoice(self.anna, 5, day=date(2026, 9, 1))
        examples = [self.row(5, self.anna, [(other, 5)], day=first), self.row(4, day=first)]
        self.assert_same([*fillers, *examples, *wanted], wanted)
        self.assertEqual(invoice.payment_state, "paid")

    # --- currencies

    def euro(self):
        """The euro is worth 4.00 in October and 5.00 from the day of payment on."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {"name": day, "currency_id": euro.id, "rate": 1 / worth, "company_id": self.company.id}
                for day, worth in (("2026-01-01", 4), (DAY, 5))
            ]
        )
        return euro

    def test_zloty_for_a_euro_invoice_when_the_rate_moved(self):
        euro = self.euro()
        ours, theirs = (self.make_invoice(self.jan, 10, currency=euro) for _number in range(2))
        found = self.reasons(self.row(40, self.jan, [(ours, 40)]))
        self.assertEqual(found, {"A debt is in a foreign currency."})
        line = self.line_by_hand(40, self.jan)
        (self.receivable(line.move_id) | self.receivable(theirs)).reconcile()
        self.assertEqual(self.left_of(ours), self.left_of(theirs))
        # forty zloty are eight euro by now
        self.assertEqual((ours.payment_state, ours.amount_residual), ("partial", 2))
        [log] = ours.bss_allocation_ids
        self.assertEqual((log.amount, self.receivable(ours).amount_residual), (32, 8))

    def test_what_a_euro_invoice_takes_when_the_rate_moved_is_logged(self):
        """Ten euro cost fifty zloty by now, whatever was planned at the old rate."""
        euro = self.euro()
        first, second = self.make_invoice(self.jan, 10, currency=euro), self.make_invoice(self.jan, 60)
        row = self.row(100, self.jan, [(first, 40), (second, 60)])
        self.assertEqual(self.reasons(row), {"A debt is in a foreign currency."})
        paid = {one.invoice_id: one.amount for one in (first | second).bss_allocation_ids}
        # ten more zloty went into the difference of the rates: the next invoice gets no sixty
        self.assertEqual(paid, {first: 40, second: 50})
        self.assertEqual((first.payment_state, second.amount_residual), ("paid", 10))

    def left_of(self, invoice):
        item = self.receivable(invoice)
        partials = item.matched_credit_ids
        exchange = partials.exchange_move_id.line_ids
        return {
            "state": invoice.payment_state,
            "left": (invoice.amount_residual, item.amount_residual),
            "partials": sorted((one.amount, one.debit_amount_currency, one.credit_amount_currency) for one in partials),
            "exchange": sorted((one.account_id.code, one.balance, one.amount_currency) for one in exchange),
        }

    def test_euro_for_a_euro_invoice_when_the_rate_moved(self):
        euro = self.euro()
        journal = self.bank_journal.copy({"currency_id": euro.id, "code": "EUR1", "bank_account_id": False})
        record = self.Import.create({"journal_id": journal.id, "file_name": "eur", "sha256": "eur"})
        statement = self.env["account.bank.statement"].create(
            {"name": "eur", "journal_id": journal.id, "date": DAY, "bss_import_id": record.id}
        )
        invoice = self.make_invoice(self.jan, 10, currency=euro)
        paying = self.row(10, self.jan, [(invoice, 40)])
        self.record, kept = record.with_env(self.record.env).with_company(self.company), self.record
        try:
            result, taken = self.write([*(self.row(number) for number in range(1, 14)), paying], statement=statement)
        finally:
            self.record = kept
        self.assertFalse(taken)
        self.assertEqual(len(result.reasons), 1)
        self.assertIn("has a currency of its own", next(iter(result.reasons)))
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0))
        exchange = self.left_of(invoice)["exchange"]
        self.assertEqual(sorted(balance for _code, balance, _currency in exchange), [-10, 10])
        log = invoice.bss_allocation_ids
        self.assertEqual((log.amount, log.currency_id), (10, euro))

    # --- debts that are marked

    def test_disputed_invoice(self):
        invoice, other = self.make_invoice(self.jan, 50), self.make_invoice(self.anna, 5)
        (self.receivable(invoice) | self.receivable(other)).no_followup = True
        wanted = [self.row(50, self.jan, [(invoice, 50)]), self.row(2, self.anna, [(other, 2)])]
        self.assert_same([*self.fillers(), *wanted], wanted)
        self.assertEqual((invoice.payment_state, other.amount_residual), ("paid", 3))
        self.assertTrue(self.receivable(other).no_followup)

    def test_discount_for_early_payment(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2/7 net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 7,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        invoice = self.make_invoice(self.jan, 100)
        invoice.button_draft()
        invoice.write({"invoice_date": DAY, "invoice_payment_term_id": term.id})
        invoice.action_post()
        self.assertTrue(self.receivable(invoice).discount_date)
        found = self.reasons(self.row(98, self.jan, [(invoice, 98)]))
        self.assertEqual(found, {"An invoice has a discount for early payment."})
        # a bank line grants no discount by itself in Odoo either: what was kept back stays open for a person
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("partial", 2))

    # --- books that rows do not suit

    def test_journal_that_secures_its_entries(self):
        self.bank_journal.restrict_mode_hash_table = True
        invoices = [self.make_invoice(self.jan, number) for number in range(1, 14)]
        rows = [self.row(one.amount_total, self.jan, [(one, one.amount_total)]) for one in invoices]
        result, taken = self.write(rows)
        self.assertFalse(taken)
        [(reason, count)] = result.reasons.items()
        self.assertEqual(("secures its entries with hashes" in reason, count), (True, 13))
        self.assertEqual({one.payment_state for one in invoices}, {"paid"})
        self.assertTrue(all(self.entry_of(row).inalterable_hash for row in rows))

    def test_journal_that_secures_its_entries_takes_nobodys_money(self):
        """Odoo secures bank entries only when they are reconciled, and refuses every other one."""
        self.bank_journal.restrict_mode_hash_table = True
        plain = {"journal_id": self.bank_journal.id, "date": DAY, "payment_ref": "by hand", "amount": 3}
        lines = self.env["account.bank.statement.line"]
        rows = self.fillers()
        for attempt in (lambda: lines.create(plain), lambda: self.write(rows)):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        self.env.invalidate_all()
        self.assertFalse(lines.search([("journal_id", "=", self.bank_journal.id)]))

    def test_secured_invoice_is_paid_by_rows(self):
        journal = self.sale_journal.copy(
            {
                "code": "SEC",
                "restrict_mode_hash_table": True,
                "default_account_id": self.sale_journal.default_account_id.id,
            }
        )
        with patch.object(type(self), "sale_journal", journal):
            invoice = self.make_invoice(self.jan, 50)
        self.assertTrue(invoice.inalterable_hash)
        wanted = self.row(50, self.jan, [(invoice, 50)])
        self.assert_same([*self.fillers(), wanted], [wanted])
        self.assertEqual(invoice.payment_state, "paid")
        self.env.user.group_ids += self.env.ref("account.group_account_user")
        checked = [
            one["status"]
            for one in self.company._check_hash_integrity()["results"]
            if one["journal_name"].startswith(journal.name)
        ]
        self.assertIn("verified", checked)
        self.assertNotIn("corrupted", checked)

    def test_archived_journal_takes_no_payment(self):
        rows = self.fillers()
        self.bank_journal.active = False
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.write(rows)

    def test_tax_that_is_due_when_paid(self):
        self.company.tax_exigibility = True
        transition = self.env["account.account"].create(
            {"name": "VAT to come", "code": "221009", "account_type": "liability_current", "reconcile": True}
        )
        tax = self.env["account.tax"].create(
            {
                "name": "23 % on payment",
                "amount": 23,
                "type_tax_use": "sale",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )
        invoice = self.make_invoice(self.jan, 100)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        row = self.row(123, self.jan, [(invoice, 123)])
        self.assertIn("cash basis", self.reason_of_all(row))
        self.assertEqual(invoice.payment_state, "paid")
        due = self.env["account.move"].search([("tax_cash_basis_origin_move_id", "=", invoice.id)])
        self.assertEqual((due.state, due.date), ("posted", DAY))
        self.assertEqual(sum(due.line_ids.filtered("tax_line_id").mapped("balance")), -23)
