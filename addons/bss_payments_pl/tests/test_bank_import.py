from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..bank_core import nrb
from .common import BANK_NRB, PREFIX, PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankImport(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def codes(self, record):
        return record.problem_ids.mapped("code")

    def test_number_is_of_the_polish_year(self):
        with freeze_time("2026-12-31 23:30:00"):
            record = self.Import.with_context(tz="America/New_York").create({"journal_id": self.bank_journal.id})
        self.assertTrue(record.name.startswith("WB/2027/"), record.name)

    def test_virtual_account_is_booked_and_settles_the_oldest_debt(self):
        new = self.make_invoice(self.jan, 50, date(2026, 10, 1), date(2026, 11, 15))
        old = self.make_invoice(self.jan, 60, date(2026, 9, 1), date(2026, 9, 15))
        self.assertEqual(self.jan.amount_due, 110)
        record = self.import_file(self.entry("80,00", "za internet", self.key_of(self.jan)))
        match = record.match_ids
        self.assertEqual((match.state, match.reason, match.confidence), ("booked", "VIRTUAL_ACCOUNT", 100))
        self.assertEqual((match.account_id, match.partner_id), (self.jan, self.jan.partner_id))
        self.assertEqual(match.nrb, self.nrb_of(self.jan))
        self.assertEqual((old.payment_state, old.amount_residual), ("paid", 0))
        self.assertEqual((new.payment_state, new.amount_residual), ("partial", 30))
        self.jan.invalidate_recordset(["amount_due"])
        self.assertEqual(self.jan.amount_due, 30)
        self.assertEqual(self.jan.payment_count, 1)
        self.assertEqual(record.state, "imported")
        self.assertTrue(record.statement_id.is_complete)
        self.assert_conserved(record)

    def test_invoice_named_by_the_payer_comes_first(self):
        old = self.make_invoice(self.jan, 60, date(2026, 9, 1))
        new = self.make_invoice(self.jan, 50, date(2026, 10, 1))
        record = self.import_file(self.entry("55,00", f"za {new.name}", self.key_of(self.jan)))
        self.assertEqual(record.match_ids.invoice_ids, new)
        self.assertEqual((new.amount_residual, old.amount_residual), (0, 55))
        self.assert_conserved(record)

    def test_disputed_invoice_is_paid_last_unless_named(self):
        disputed = self.make_invoice(self.jan, 60, date(2026, 9, 1))
        new = self.make_invoice(self.jan, 50, date(2026, 10, 1))
        disputed.no_followup = True
        self.import_file(self.entry("55,00", "za internet", self.key_of(self.jan)))
        self.assertEqual((new.amount_residual, disputed.amount_residual), (0, 55))
        other = self.make_invoice(self.jan, 70, date(2026, 10, 2))
        self.import_file(self.entry("20,00", f"za {disputed.name}", self.key_of(self.jan)), number=2, opening="55,00")
        self.assertEqual((other.amount_residual, disputed.amount_residual), (70, 35))
        self.import_file(
            self.entry("100,00", "za internet", self.key_of(self.jan)),
            self.entry("3,00", "za internet", self.key_of(self.jan)),
            number=3,
            opening="75,00",
        )
        self.assertEqual((other.amount_residual, disputed.amount_residual), (0, 2))

    def test_invoice_number_is_the_second_key(self):
        invoice = self.make_invoice(self.anna, 49.99)
        record = self.import_file(self.entry("49,99", f"oplata {invoice.name.lower()} dziekuje"))
        self.assertEqual((record.match_ids.account_id, record.match_ids.reason), (self.anna, "INVOICE_NUMBER"))
        self.assertEqual(invoice.payment_state, "paid")

    def test_ksef_number_in_the_title(self):
        if "bss_ksef_number" not in self.env["account.move"]._fields:
            self.skipTest("the e-invoice addon is not installed")
        invoice, other = self.make_invoice(self.anna, 49.99), self.make_invoice(self.jan, 49.99)
        invoice.bss_ksef_number = "5260250995-20260930-0A1B2C3D4E5F-AF"
        title = f"/VAT/9,35/IDC/5260250995/INV/{invoice.name}/TXT/KSEF {invoice.bss_ksef_number}"
        record = self.import_file(
            self.entry("49,99", title), self.entry("49,98", title.replace(invoice.name, other.name))
        )
        clear, mixed = record.match_ids.sorted("amount", reverse=True)
        self.assertEqual((clear.state, clear.account_id, clear.reason), ("booked", self.anna, "KSEF_NUMBER"))
        self.assertEqual(invoice.payment_state, "paid")
        # the number of one customer beside the invoice of another: a person asks
        self.assertEqual((mixed.state, mixed.reason), ("unallocated", "AMBIGUOUS"))
        self.assertEqual(mixed.candidate_ids.account_id, self.anna | self.jan)

    def test_paying_a_paid_invoice_again_is_an_open_credit(self):
        invoice = self.make_invoice(self.anna, 20)
        entries = [self.entry("20,00", invoice.name), self.entry("20,00", invoice.name)]
        record = self.import_file(*entries)
        again = self.import_file(self.entry("20,00", invoice.name, name="NOWAK ANNA"), number=2, opening="40,00")
        self.assertEqual(record.match_ids.mapped("state"), ["booked", "booked"])
        self.assertEqual(again.match_ids.account_id, self.anna)
        self.assertEqual(self.anna.amount_due, -40)

    def test_overpayment_stays_open_and_pays_the_next_invoice(self):
        record = self.import_file(self.entry("100,00", "zaliczka", self.key_of(self.jan)))
        self.assertEqual(self.jan.amount_due, -100)
        self.assertEqual(record.match_ids.amount_open, 100)
        invoice = self.make_invoice(self.jan, 70)
        invoice._bss_after_issue()
        self.assertEqual(invoice.payment_state, "paid")
        record.match_ids.invalidate_recordset(["amount_open"])
        self.assertEqual(record.match_ids.amount_open, 30)
        self.assert_conserved(record)

    def test_unknown_payments_wait(self):
        invoice = self.make_invoice(self.anna, 10)
        stranger = nrb.virtual_nrb(PREFIX, 999999).nrb
        record = self.import_file(
            self.entry("1,00", "nic"),
            self.entry("2,00", "za net", stranger[14:]),
            self.entry("3,00", invoice.name, stranger[14:]),
            self.entry("4,00", "za net", stranger[:-1] + ("0" if stranger[-1] != "0" else "1")),
            self.entry("5,00", f"klient {self.jan.name}"),
            self.entry("6,00", "net", name="NOWAK ANNA"),
        )
        found = record.match_ids.sorted("amount")
        self.assertEqual(
            found.mapped("reason"),
            [
                "NO_KEY",
                "UNKNOWN_VIRTUAL_ACCOUNT",
                "UNKNOWN_VIRTUAL_ACCOUNT",
                "DAMAGED_ACCOUNT_NUMBER",
                "ACCOUNT_NUMBER",
                "NAME_AND_AMOUNT",
            ],
        )
        self.assertEqual(
            found.mapped("state"),
            ["unallocated", "unallocated", "proposed", "unallocated", "booked", "proposed"],
        )
        self.assertEqual(found[2].account_id, self.anna)
        self.assertEqual(found[4].account_id, self.jan)
        self.assertEqual(found[5].account_id, self.anna)
        self.assertEqual(found[5].candidate_ids.reason, "NAME_AND_AMOUNT")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual((record.count_to_decide, record.amount_to_decide), (5, 16))
        self.assert_conserved(record)

    def test_debits_and_reversals_are_left_in_suspense(self):
        record = self.import_file(
            self.entry("0,75", "OPLATA", mark="D"),
            self.entry("9,00", "STORNO", self.key_of(self.jan), mark="RC"),
            self.entry("3,00", "KOREKTA", mark="RD"),
            self.entry("5,00", "", self.key_of(self.jan)),
            opening="100,00",
        )
        self.assertEqual((record.count_debits, record.amount_debits), (2, 9.75))
        self.assertEqual((record.count_credits, record.amount_credits), (2, 8))
        by_reason = {match.reason: match for match in record.match_ids}
        self.assertEqual(set(by_reason), {"REVERSAL_OF_CREDIT", "REVERSAL_OF_DEBIT", "VIRTUAL_ACCOUNT"})
        back = by_reason["REVERSAL_OF_CREDIT"]
        self.assertEqual((back.state, back.account_id, back.amount), ("proposed", self.jan, -9))
        self.assertEqual(record.count_to_decide, 2)
        self.assert_conserved(record)
        back.action_book()
        self.assertEqual((back.state, back.reason, self.jan.amount_due), ("booked", "REVERSAL_OF_CREDIT", 4))
        back.action_undo()
        self.assertEqual((back.state, self.jan.amount_due), ("unallocated", -5))
        by_reason["REVERSAL_OF_DEBIT"].account_id = self.jan
        self.assert_conserved(record)
        self.assertEqual(record.match_ids.filtered(lambda m: m.state == "booked").amount, 5)

    def test_same_file_is_refused(self):
        content = self.statement(self.entry("5,00", "", self.key_of(self.jan)))
        self.receive(content)._bss_import()
        with self.assertRaisesRegex(UserError, "received before"):
            self.receive(content, "other name.sta")

    def test_import_twice_changes_nothing(self):
        record = self.receive(self.statement(self.entry("5,00", "", self.key_of(self.jan))))
        record._bss_import()
        record._bss_import()
        self.assertEqual(len(record.match_ids), 1)
        with self.assertRaises(UserError):
            record.action_import()

    def test_overlapping_file_books_only_what_is_new(self):
        first = self.entry("5,00", "", self.key_of(self.jan), ref="A1")
        twin = self.entry("5,00", "", self.key_of(self.jan), ref="A2")
        later = self.entry("7,00", "", self.key_of(self.anna), ref="A3")
        day = self.import_file(first, twin)
        month = self.import_file(first, twin, later, number=11)
        self.assertEqual((day.count_credits, day.count_known), (2, 0))
        self.assertEqual((month.count_credits, month.count_known), (1, 2))
        self.assertEqual(month.statement_id.balance_start, 10)
        self.assertTrue(month.statement_id.is_complete)
        self.assertEqual(self.jan.amount_due, -10)
        for record in day + month:
            self.assert_conserved(record)
        all_known = self.import_file(first, later, number=12, opening="5,00")
        self.assertEqual((all_known.state, all_known.count_known), ("imported", 2))
        self.assertFalse(all_known.statement_ids)

    def test_one_unreadable_line_does_not_stop_the_file(self):
        bad = self.entry("8.00", "popsute", self.key_of(self.jan))
        record = self.import_file(
            self.entry("5,00", "", self.key_of(self.jan)),
            bad,
            self.entry("7,00", "", self.key_of(self.anna)),
            closing="20,00",
        )
        self.assertEqual((record.state, record.count_unreadable), ("imported", 1))
        problem = record.problem_ids.filtered(lambda p: p.code == "AMOUNT_UNREADABLE")
        self.assertTrue(problem.line_no and problem.field_name and "8.00" in problem.message)
        self.assertIn("BALANCE_MISMATCH", self.codes(record))
        row = record.match_ids.filtered(lambda m: m.reason == "UNREADABLE")
        self.assertIn("8.00", row.raw)
        self.assert_conserved(record)
        with self.assertRaisesRegex(UserError, "Correct the text"):
            row.account_id = self.jan
            row.action_book()
        with self.assertRaisesRegex(UserError, "cannot be read"):
            row.action_read_again()
        row.raw = row.raw.replace("8.00", "8,00")
        row.action_read_again()
        self.assertEqual(len(record.match_ids), 3)
        self.assertEqual(set(record.match_ids.mapped("state")), {"booked"})
        self.assertEqual(self.jan.amount_due, -13)
        self.assertTrue(record.statement_id.is_complete)
        self.assert_conserved(record)

    def test_files_that_cannot_be_used(self):
        other = nrb.check_digits("102055580000111122224444") + "102055580000111122224444"
        for content, code in (
            (b"to nie jest wyciag", "FORMAT_UNKNOWN"),
            (b"", "FORMAT_UNKNOWN"),
            (self.statement(self.entry("5,00"), account=other), "OTHER_ACCOUNT"),
            (self.statement(self.entry("5,00"), currency="EUR"), "OTHER_CURRENCY"),
        ):
            record = self.receive(content)
            self.assertEqual(record.state, "rejected")
            self.assertIn(code, self.codes(record))
            self.assertTrue(all(record.problem_ids.mapped("message")))
            record._bss_import()
            self.assertFalse(record.match_ids)
            with self.assertRaises(UserError):
                record.action_import()

    def test_mbank_collect_file(self):
        self.bank_account.acc_number = "29114010810000267002001002"
        self.pool.is_default = False
        self.env["bss.virtual.account.pool"].create(
            {"name": "IPH", "journal_id": self.bank_journal.id, "prefix": "114010810000", "next_number": 601}
        )
        account = self.make_account("Łucja Żółć")
        text = (
            "\x01\r\n:20:ST261120CYC/1\r\n:25:PL29114010810000267002001002\r\n:28C:190/1\r\n:60F:C261120PLN0,40\r\n"
            ":61:2611201120CN45,00NTRFNONREF//MB261120000000\r\n911-TRANSAKCJA IPH\r\n"
            ":86:911 TRANSAKCJA COLLECT; ID IPH: XX000000000601; Z RACH.: \r\n38109010140000071219812900; "
            "OD: ŁUCJA ŻÓŁĆ UL.DŁUGA 27; TYT.: FV; TNR: \r\n179271073837500.010001\r\n"
            ":62F:C261120PLN45,40\r\n-\x03"
        )
        record = self.receive(text.encode("iso-8859-2"))
        record._bss_import()
        self.assertEqual(record.dialect, "mbank")
        self.assertEqual((record.match_ids.account_id, record.match_ids.state), (account, "booked"))
        self.assertEqual(record.match_ids.bank_reference, "179271073837500.010001")
        self.assert_conserved(record)

    def test_interim_report_is_not_booked(self):
        text = f":20:X\r\n:25:{BANK_NRB}\r\n:28C:1\r\n:34F:PLN0\r\n:13D:2611201815+0100\r\n"
        record = self.receive((text + self.entry("5,00", "", self.key_of(self.jan)) + ":90C:1PLN5,00\r\n-").encode())
        self.assertEqual((record.state, self.codes(record)), ("shown", ["INTERIM"]))

    def test_journal_without_account_is_cured_and_read_again(self):
        self.bank_journal.bank_account_id = False
        record = self.receive(self.statement(self.entry("5,00", "", self.key_of(self.jan))))
        self.assertEqual((record.state, self.codes(record)), ("rejected", ["JOURNAL_WITHOUT_ACCOUNT"]))
        self.bank_journal.bank_account_id = self.bank_account
        record.action_read_again()
        self.assertEqual((record.state, self.codes(record)), ("received", []))
        record.action_import()
        self.assertEqual(record.match_ids.state, "booked")

    def test_gap_between_statements_is_flagged(self):
        self.import_file(self.entry("5,00", "", self.key_of(self.jan)), number=1)
        record = self.import_file(self.entry("6,00", "", self.key_of(self.jan)), number=3, opening="50,00")
        self.assertEqual(self.codes(record), ["OPENING_DIFFERS", "STATEMENTS_MISSING"])
        self.assertEqual(record.state, "imported")

    def test_code_page_of_the_journal(self):
        title = "ZAŻÓŁĆ GĘŚLĄ JAŹŃ"
        record = self.import_file(self.entry("5,00", title, self.key_of(self.jan)))
        self.assertEqual((record.encoding, record.match_ids.title), ("iso-8859-2", title))
        self.bank_journal.bss_statement_encoding = "cp852"
        record = self.import_file(self.entry("5,00", title, self.key_of(self.jan)), number=2, opening="5,00")
        self.assertEqual(record.encoding, "cp852")
        self.assertNotEqual(record.match_ids.title, title)

    def test_progress_and_wizard(self):
        seen = []
        record = self.receive(self.statement(*(self.entry("1,00", "", self.key_of(self.jan)) for _n in range(3))))
        record._bss_import(progress=lambda done, total: seen.append((done, total)))
        self.assertEqual(seen[-1], (3, 3))
        files = self.env["ir.attachment"].create(
            [
                {"name": f"b{n}.sta", "raw": self.statement(self.entry("1,00", "", self.key_of(self.anna)), number=n)}
                for n in (5, 6)
            ]
        )
        wizard = self.env["bss.bank.import.wizard"].create({"attachment_ids": [(6, 0, files.ids)]})
        self.assertEqual(wizard.journal_id, self.bank_journal)
        action = wizard.action_import()
        self.assertEqual(len(self.Import.search(action["domain"])), 2)
        self.assertEqual(self.anna.amount_due, -2)

    def test_long_files_go_to_the_queue(self):
        record = self.receive(self.statement(self.entry("1,00", "", self.key_of(self.jan))))
        record.count_entries = 100000
        record.action_import()
        self.assertTrue(record.is_queued)
        self.assertEqual(record.state, "received")
        job = self.env["queue.job"].search([("model_name", "=", "bss.bank.import")], order="id desc", limit=1)
        self.assertEqual((job.method_name, job.channel), ("_bss_import", "root.bss.payments"))

    def test_imported_file_stays(self):
        record = self.import_file(self.entry("1,00", "", self.key_of(self.jan)))
        with self.assertRaises(UserError):
            record.unlink()

    def test_two_hundred_payments_are_booked_in_batches(self):
        accounts = self.env["bss.account"].create(
            [
                {"partner_id": partner.id}
                for partner in self.env["res.partner"].create([{"name": f"P{i}"} for i in range(50)])
            ]
        )
        for account in accounts[:10]:
            self.make_invoice(account, 5)
        record = self.import_file(*(self.entry("5,00", "", self.key_of(a)) for a in accounts for _n in range(5)))
        self.assertEqual((record.count_booked, record.amount_booked), (250, 1250))
        self.assertEqual(accounts[0].amount_due, -20)
        self.assert_conserved(record)

    def test_journal_account_written_as_iban(self):
        self.bank_account.acc_number = f"PL {nrb.pretty(BANK_NRB)}"
        record = self.import_file(self.entry("1,00", "", self.key_of(self.jan)))
        self.assertEqual(record.state, "imported")
