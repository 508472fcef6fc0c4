import io
import zipfile

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..bank_core import nrb
from ..models import bss_bank_import_run
from .common import PAYER, PaymentsCommon
from .test_bank_file_kinds import camt, camt_entry

OTHER_NRB = nrb.check_digits("102055580000999922223333") + "102055580000999922223333"


class Crash(Exception):
    """Stands for a killed process."""


@tagged("post_install", "-at_install")
class TestBankOddFiles(PaymentsCommon):
    """Files that go on after a crash, come late, come to another journal or are kept in another currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def user(self, group):
        return new_test_user(
            self.env,
            f"odd_{group.rpartition('_')[2]}",
            group,
            context={"no_reset_password": True, "mail_create_nolog": True, "mail_create_nosubscribe": True},
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def journal_of(self, account, **vals):
        journal = self.bank_journal.copy({"code": "BNK9", **vals})
        journal.bank_account_id = account
        return journal

    def account_of(self, number):
        return self.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": self.company.partner_id.id, "company_id": self.company.id}
        )

    def drop(self, **files):
        manager = self.user("bss_catalog.group_bss_billing_manager")
        env = self.env(user=manager)
        found = [{"name": name.replace("_", "."), "raw": raw} for name, raw in files.items()]
        attachments = env["ir.attachment"].create(found)
        action = env["bss.bank.import"].create_document_from_attachment(attachments.ids)
        self.assertFalse(action["params"]["refused"])
        return self.Import.browse(action["params"]["import_ids"]).sorted("file_name")

    # --- a crash

    def import_until(self, record, number):
        """Import until the step of that number, counted from 0, which leaves nothing."""
        steps = iter(range(1000))
        original = type(record)._bss_book_chunk

        def book(this, part, pairs):
            if next(steps) == number:
                raise Crash
            return original(this, part, pairs)

        self.patch(type(record), "_bss_book_chunk", book)
        try:  # assertRaises would take back the steps before
            record._bss_import()
        except Crash:
            return
        self.fail("the import came to its end")

    def test_a_file_that_goes_on_tells_each_problem_once(self):
        self.import_file(self.entry("5,00", "", self.key_of(self.jan)), number=1)
        content = self.statement(self.entry("6,00", "", self.key_of(self.jan)), number=4, opening="50,00")
        content += self.statement(self.entry("7,00", "", self.key_of(self.anna)), number=9, opening="90,00")
        record = self.receive(content, "two.sta")
        self.import_until(record, 1)
        self.assertEqual((record.state, record.progress_done), ("received", 1))
        record._bss_import()
        codes = record.problem_ids.mapped("code")
        self.assertEqual(
            sorted(codes), ["OPENING_DIFFERS", "OPENING_DIFFERS", "STATEMENTS_MISSING", "STATEMENTS_MISSING"]
        )
        self.assertEqual((record.state, self.jan.amount_due, self.anna.amount_due), ("imported", -11, -7))
        self.assert_conserved(record)

    def test_a_report_that_goes_on_is_booked_once(self):
        self.bank_journal.bss_report_mode = "sum"
        day = self.import_file(self.entry("50,00", "MASOWE"))
        rows = [
            f'110,20261120,{grosze},10901014,0,"{PAYER}","{self.nrb_of(account)}","JAN|","","",0,10901014,"x"'
            for account, grosze in ((self.jan, 3000), (self.anna, 2000))
        ]
        self.patch(bss_bank_import_run, "CHUNK", 1)
        report = self.receive("\r\n".join([*rows, "999,2,5000", ""]).encode("cp1250"), "report.csv")
        self.import_until(report, 1)
        self.assertEqual((report.progress_done, self.jan.amount_due, self.anna.amount_due), (1, -30, 0))
        report._bss_import()
        self.assertEqual((report.state, self.jan.amount_due, self.anna.amount_due), ("imported", -30, -20))
        self.assertEqual(report.part_ids.sum_line_id, day.match_ids.statement_line_id)
        clearing = self.bank_journal.bss_clearing_journal_id.default_account_id
        items = self.env["account.move.line"].search([("account_id", "=", clearing.id)])
        self.assertEqual(round(sum(items.mapped("balance")), 2), 0)

    def test_more_steps_do_not_read_the_statement_more_often(self):
        self.patch(bss_bank_import_run, "CHUNK", 2)
        statements = self.env.registry["account.bank.statement"]
        original, asked = statements._compute_balance_end, []

        def compute(statement):
            asked.append(statement)
            return original(statement)

        self.patch(statements, "_compute_balance_end", compute)
        short = self.import_file(*(self.entry("5,00", "", self.key_of(self.jan)) for _number in range(2)))
        once = len(asked)
        rows = [self.entry("5,00", "", self.key_of(self.jan)) for _number in range(10)]
        long = self.import_file(*rows, number=2, opening="10,00")
        self.assertEqual(len(asked), 2 * once)
        self.assertEqual((long.statement_id.balance_end, long.statement_id.is_complete), (60, True))
        self.assertEqual((short.statement_id.balance_end, self.jan.amount_due), (10, -60))

    # --- returns

    def test_return_that_comes_before_its_payment(self):
        invoice = self.make_invoice(self.jan, 50)
        later = self.import_file(
            self.entry("50,00", "STORNO", ref="L1", mark="RC", day="261121"), number=12, opening="50,00"
        )
        self.assertEqual(later.match_ids.state, "unallocated")
        self.import_file(self.entry("50,00", "za internet", self.key_of(self.jan), ref="L1"), number=11)
        self.assertEqual((later.match_ids.state, later.match_ids.account_id), ("booked", self.jan))
        self.assertEqual((invoice.payment_state, self.jan.amount_due), ("not_paid", 50))

    def test_late_payment_leaves_what_a_person_decided(self):
        later = self.import_file(
            self.entry("50,00", "STORNO", ref="L2", mark="RC", day="261121"), number=12, opening="50,00"
        )
        later.match_ids.action_reject()
        self.import_file(self.entry("50,00", "za internet", self.key_of(self.jan), ref="L2"), number=11)
        self.assertEqual((later.match_ids.state, self.jan.amount_due), ("rejected", -50))

    def test_return_of_a_split_payment_is_taken_from_all(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.anna, 30)
        paid = self.import_file(self.entry("42,00", "nie wiem", ref="S1")).match_ids
        paid._bss_book_split([(self.jan, 10, first), (self.anna, 32, second)])
        self.assertEqual((first.payment_state, second.payment_state, self.anna.amount_due), ("paid", "paid", -2))
        record = self.import_file(self.entry("42,00", "STORNO", ref="S1", mark="RC"), number=2, opening="42,00")
        back = record.match_ids
        self.assertEqual((back.state, back.reversed_id, back.account_id), ("booked", paid, self.env["bss.account"]))
        self.assertEqual(
            [(part.account_id, part.amount) for part in back.part_ids], [(self.jan, -10), (self.anna, -32)]
        )
        self.assertEqual((first.payment_state, second.payment_state), ("not_paid", "not_paid"))
        self.assertEqual((self.jan.amount_due, self.anna.amount_due), (10, 30))
        self.assertEqual((back.amount_open, paid.amount_open), (0, 0))
        back.action_undo()
        self.assertEqual((back.state, self.jan.amount_due, self.anna.amount_due), ("unallocated", 0, -2))
        self.assertFalse(back.part_ids)

    def test_return_of_a_part_used_payment(self):
        first = self.make_invoice(self.jan, 30)
        self.import_file(self.entry("50,00", "za internet", self.key_of(self.jan), ref="P1"))
        later = self.make_invoice(self.jan, 40)
        self.jan._bss_reconcile_open_items()
        self.assertEqual((first.payment_state, later.amount_residual), ("paid", 20))
        self.import_file(self.entry("50,00", "STORNO", ref="P1", mark="RC"), number=2, opening="50,00")
        self.assertEqual((first.amount_residual, later.amount_residual, self.jan.amount_due), (30, 40, 70))

    def test_debit_taken_back_is_nobodys_payment(self):
        self.make_invoice(self.jan, 3)
        record = self.import_file(self.entry("3,00", "KOREKTA", self.key_of(self.jan), mark="RD"))
        self.assertNotEqual(record.match_ids.state, "booked")
        self.assertEqual(self.jan.amount_due, 3)
        self.assert_conserved(record)

    # --- what a file holds

    def test_only_debits(self):
        record = self.import_file(
            self.entry("0,75", "OPLATA", mark="D"), self.entry("9,00", "PRZELEW", mark="D"), opening="20,00"
        )
        self.assertEqual((record.state, record.count_debits, record.amount_debits), ("imported", 2, 9.75))
        self.assertFalse(record.match_ids)
        self.assertTrue(record.statement_id.is_complete)
        self.assert_conserved(record)

    def test_one_reference_of_two_entries(self):
        twins = [self.entry("5,00", "", self.key_of(self.jan), ref="T1") for _number in range(2)]
        record = self.import_file(*twins)
        self.assertEqual((record.count_credits, self.jan.amount_due), (2, -10))
        again = self.import_file(*twins, number=2, opening="10,00")
        self.assertEqual((again.count_known, again.count_credits, self.jan.amount_due), (2, 0, -10))

    def test_undone_payment_is_not_imported_again(self):
        row = self.entry("5,00", "", self.key_of(self.jan), ref="U1")
        self.import_file(row).match_ids.action_undo()
        month = self.import_file(row, self.entry("6,00", "", self.key_of(self.jan)), number=11)
        self.assertEqual((month.count_known, month.count_credits, self.jan.amount_due), (1, 1, -6))

    # --- journals

    def test_one_bank_account_of_two_journals(self):
        row = self.entry("5,00", "", self.key_of(self.jan), ref="J1")
        content = self.statement(row)
        self.import_file(row)
        twin = self.journal_of(self.bank_account)
        record = self.Import._bss_receive(twin, "again.sta", content)
        record._bss_import()
        self.assertEqual((record.count_known, record.count_credits, self.jan.amount_due), (1, 0, -5))

    def test_journal_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "rate": 0.25, "company_id": self.company.id}
        )
        journal = self.journal_of(self.account_of(OTHER_NRB), currency_id=euro.id)
        zloty, foreign = self.make_invoice(self.anna, 10), self.make_invoice(self.jan, 10, currency=euro)
        content = self.statement(
            self.entry("10,00", foreign.name, name="Jan Kowalski"),
            # ten euro are no ten zloty
            self.entry("10,00", zloty.name, name="Ktos Inny"),
            account=OTHER_NRB,
            currency="EUR",
        )
        record = self.Import._bss_receive(journal, "euro.sta", content)
        self.assertEqual(record.state, "received", record.problem_ids.mapped("message"))
        record._bss_import()
        paid, other = record.match_ids.sorted("position")
        self.assertEqual((paid.state, paid.account_id, foreign.payment_state), ("booked", self.jan, "paid"))
        self.assertEqual((paid.allocation_ids.amount, paid.allocation_ids.currency_id), (10, euro))
        self.assertNotEqual(other.state, "booked")
        self.assertEqual(zloty.payment_state, "not_paid")
        self.assertEqual(record.amount_difference, 0)

    # --- the whole way in

    def test_camt_is_dropped(self):
        to_jan = f"<RltdPties><CdtrAcct><Id><IBAN>PL{self.nrb_of(self.jan)}</IBAN></Id></CdtrAcct></RltdPties>"
        invoice = self.make_invoice(self.jan, 50)
        record = self.drop(a_xml=camt(camt_entry("50.00", "AB1", details=to_jan), closing="50.00"))
        self.assertEqual((record.state, record.format, invoice.payment_state), ("imported", "camt", "paid"))
        self.assert_conserved(record)

    def test_report_is_dropped_and_a_wrong_sum_refuses_it_whole(self):
        self.bank_journal.bss_report_mode = "sum"
        self.import_file(self.entry("30,00", "MASOWE"))
        row = f'110,20261120,3000,10901014,0,"{PAYER}","{self.nrb_of(self.jan)}","JAN|","","",0,10901014,"internet"\r\n'
        good, bad = (f"{row}999,1,{grosze}\r\n".encode("cp1250") for grosze in (3000, 3001))
        refused, taken = self.drop(bad_txt=bad, good_txt=good)
        self.assertEqual((refused.state, refused.problem_ids.mapped("code")), ("rejected", ["REPORT_SUM"]))
        self.assertFalse(refused.match_ids)
        for amount in ("30.01", "30.00"):
            self.assertIn(amount, refused.problem_ids.message.replace(",", "."))
        self.assertEqual((taken.state, taken.match_ids.account_id, self.jan.amount_due), ("imported", self.jan, -30))

    def test_archive_of_three_finds_the_journals(self):
        second = self.journal_of(self.account_of(OTHER_NRB))
        files = {
            "1.sta": self.statement(self.entry("1,00", "", self.key_of(self.jan)), number=1),
            "2.sta": self.statement(self.entry("2,00", "", self.key_of(self.jan)), number=2, opening="1,00"),
            "3.sta": self.statement(self.entry("4,00", "x"), account=OTHER_NRB),
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        records = self.drop(days_zip=buffer.getvalue())
        self.assertEqual(records.mapped("state"), ["imported"] * 3)
        self.assertEqual([one.journal_id for one in records], [self.bank_journal, self.bank_journal, second])
        self.assertEqual((self.jan.amount_due, len(records.problem_ids)), (-3, 0))

    def test_clerk_does_not_import_what_is_held_back(self):
        self.bank_journal.bss_gap_mode = "block"
        self.import_file(self.entry("1,00"), number=1)
        held = self.import_file(self.entry("2,00"), number=3, opening="9,00")
        self.assertEqual(held.state, "blocked")
        with self.assertRaises(AccessError):
            held.with_user(self.user("bss_catalog.group_bss_clerk")).action_import_anyway()
        self.assertEqual((held.state, held.match_ids), ("blocked", self.Match))
