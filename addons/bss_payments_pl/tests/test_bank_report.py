from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PAYER, PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankReport(PaymentsCommon):
    """Mass-payment reports beside a statement that shows each payment, or one sum of the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")
        cls.invoice = cls.make_invoice(cls.jan, 30)

    def report(self, *payments, day="20261120"):
        """(account, amount in grosze) as Pocztowy and others write it: a trailer with count and sum."""
        rows = [
            f'110,{day},{grosze},10901014,0,"{PAYER}","{self.nrb_of(account)}","JAN|","","",0,10901014,"za internet|"'
            for account, grosze in payments
        ]
        rows.append(f"999,{len(payments)},{sum(grosze for _account, grosze in payments)}")
        return ("\r\n".join(rows) + "\r\n").encode("cp1250")

    def take_report(self, *payments, **kwargs):
        record = self.receive(self.report(*payments, **kwargs), "report.csv")
        self.assertEqual((record.state, record.kind), ("received", "report"), record.problem_ids.mapped("message"))
        record._bss_import()
        return record

    def codes(self, record):
        return record.problem_ids.mapped("code")

    def clearing_balance(self):
        ledger = self.bank_journal.bss_clearing_journal_id.default_account_id
        lines = self.env["account.move.line"].search([("account_id", "=", ledger.id), ("parent_state", "=", "posted")])
        return round(sum(lines.mapped("balance")), 2)

    def test_sum_line_then_report(self):
        self.bank_journal.bss_report_mode = "sum"
        day = self.import_file(self.entry("50,00", "MASOWE"), self.entry("8,00", "inna wplata"))
        line = day.match_ids.filtered(lambda match: match.amount == 50)
        self.assertEqual(line.state, "unallocated")
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual(report.state, "imported")
        self.assertEqual((line.state, line.reason), ("rejected", "REPORT_SUM"))
        self.assertEqual(report.part_ids.sum_line_id, line.statement_line_id)
        self.assertEqual(set(report.match_ids.mapped("state")), {"booked"})
        self.assertEqual(set(report.match_ids.mapped("channel")), {"report"})
        self.assertEqual((self.invoice.payment_state, self.jan.amount_due, self.anna.amount_due), ("paid", 0, -20))
        self.assertEqual(self.clearing_balance(), 0)
        self.assertEqual((day.amount_difference, report.amount_difference), (0, 0))
        self.assertEqual(report.match_ids.statement_line_id.journal_id, self.bank_journal.bss_clearing_journal_id)

    def test_equal_rows_of_one_report_are_as_many_payments(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("60,00", "MASOWE"))
        report = self.take_report((self.jan, 3000), (self.jan, 3000))
        self.assertEqual((report.state, report.count_known), ("imported", 0))
        self.assertEqual(report.match_ids.mapped("amount"), [30, 30])
        self.assertEqual((self.invoice.payment_state, self.jan.amount_due), ("paid", -30))
        self.assertEqual(self.clearing_balance(), 0)

    def test_clearing_journal_that_secures_its_entries_takes_no_report(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("30,00", "MASOWE"))
        report = self.receive(self.report((self.jan, 3000)), "report.csv")
        self.bank_journal._bss_clearing_journal().restrict_mode_hash_table = True
        with self.assertRaisesRegex(UserError, "with hashes"), self.env.cr.savepoint():
            report.action_import()
        self.assertEqual((report.state, self.jan.amount_due), ("received", 30))

    def spoilt(self, content, *places):
        """A report whose rows at these places have a day that cannot be read; its count and sum are right."""
        self.bank_journal.bss_report_profile_id = self.env.ref("bss_payments_pl.report_profile_elixir_csv")
        rows = content.split(b"\r\n")
        for place in places:
            rows[place] = rows[place].replace(b"20261120", b"2O261120")
        report = self.receive(b"\r\n".join(rows), "report.csv")
        self.assertEqual(report.state, "received", report.problem_ids.mapped("message"))
        report._bss_import()
        self.assertEqual((report.state, report.count_unreadable), ("imported", len(places)))
        return report

    def unreadable(self, report):
        row = report.match_ids.filtered(lambda match: match.reason == "UNREADABLE")[:1]
        row.raw = row.raw.replace("2O261120", "20261120")
        return row

    def test_unreadable_row_corrected_into_the_twin_of_another(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("60,00", "MASOWE"))
        report = self.spoilt(self.report(*[(self.jan, 3000)] * 4), 1, 3)
        for left in (1, 0):
            self.unreadable(report).action_read_again()
            self.assertEqual(report.count_unreadable, left)
        self.assertEqual(report.match_ids.mapped("amount"), [30, 30, 30, 30])
        self.assertEqual(self.jan.amount_due, -90)

    def test_unreadable_row_that_another_report_brought(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("30,00", "MASOWE"))
        report = self.spoilt(self.report((self.jan, 3000), (self.jan, 3000)), 0)
        self.import_file(self.entry("60,00", "MASOWE"), number=2, opening="30,00")
        longer = self.take_report((self.jan, 3000), (self.jan, 3000))
        self.assertEqual((longer.state, longer.count_known), ("imported", 1))
        with self.assertRaisesRegex(UserError, "imported before"):
            self.unreadable(report).action_read_again()
        self.assertEqual(self.jan.amount_due, -30)

    def test_report_then_sum_line(self):
        self.bank_journal.bss_report_mode = "sum"
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual((report.state, self.codes(report)), ("waiting", ["SUM_AWAITED"]))
        self.assertFalse(report.match_ids)
        day = self.import_file(self.entry("50,00", "MASOWE"))
        self.assertEqual((report.state, self.codes(report)), ("imported", []))
        self.assertEqual((day.match_ids.reason, self.jan.amount_due), ("REPORT_SUM", 0))
        self.assertEqual(self.clearing_balance(), 0)

    def test_sum_that_differs_is_told_and_not_booked(self):
        self.bank_journal.bss_report_mode = "sum"
        day = self.import_file(self.entry("49,99", "MASOWE"))
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual((report.state, self.codes(report)), ("waiting", ["SUM_DIFFERS"]))
        message = report.problem_ids.message
        for amount in ("50.00", "49.99", "-0.01"):
            self.assertIn(amount, message.replace(",", "."))
        self.assertFalse(report.match_ids)
        self.assertEqual((day.match_ids.state, self.jan.amount_due), ("unallocated", 30))

    def test_two_equal_sums_are_for_a_person(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("50,00", "MASOWE"), self.entry("50,00", "MASOWE"))
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual((report.state, self.codes(report)), ("waiting", ["SUM_AMBIGUOUS"]))
        self.assertFalse(report.match_ids)

    def test_statement_shows_each_payment_the_report_confirms(self):
        day = self.import_file(
            self.entry("30,00", "za internet", self.key_of(self.jan), payer=PAYER),
            self.entry("20,00", "za internet", payer=PAYER),
        )
        waiting = day.match_ids.filtered(lambda match: match.amount == 20)
        self.assertNotEqual(waiting.account_id, self.anna)
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual((report.state, report.count_known, self.codes(report)), ("shown", 2, []))
        self.assertFalse(report.match_ids)
        self.assertEqual((waiting.state, waiting.account_id), ("booked", self.anna))
        self.assertEqual((self.jan.amount_due, self.anna.amount_due), (0, -20))
        self.assert_conserved(day)

    def test_report_before_the_statement_confirms_when_it_comes(self):
        report = self.take_report((self.jan, 3000), (self.anna, 2000))
        self.assertEqual((report.state, report.count_known, self.codes(report)), ("shown", 0, ["REPORT_UNCONFIRMED"]))
        day = self.import_file(
            self.entry("30,00", "za internet", self.key_of(self.jan)), self.entry("20,00", "?", self.key_of(self.anna))
        )
        self.assertEqual((report.count_known, self.codes(report)), (2, []))
        self.assertEqual((self.jan.amount_due, self.anna.amount_due), (0, -20))
        self.assert_conserved(day)

    def test_wrong_total_is_refused(self):
        content = self.report((self.jan, 3000)).replace(b"999,1,3000", b"999,1,3001")
        record = self.receive(content, "wrong.csv")
        self.assertEqual(record.state, "rejected")
        self.assertTrue(record.problem_ids.message)
