from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankSecured(PaymentsCommon):
    """Bank journals that secure their entries with hashes hold no payment that is nobody's, and let none be undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")

    def file(self):
        return self.statement(self.entry("10,00", "", self.key_of(self.jan)), self.entry("7,00", "kto wie"))

    def lines(self):
        return self.env["account.bank.statement.line"].search([("journal_id", "=", self.bank_journal.id)])

    def test_file_says_so_and_is_read_again_without_hashes(self):
        self.bank_journal.restrict_mode_hash_table = True
        record = self.receive(self.file())
        self.assertEqual((record.state, record.problem_ids.mapped("code")), ("rejected", ["JOURNAL_SECURED"]))
        self.assertIn(self.bank_journal.name, record.problem_ids.message)
        self.assertIn("with hashes", record.problem_ids.message)
        with self.assertRaises(UserError):
            record.action_import()
        self.bank_journal.restrict_mode_hash_table = False
        record.action_read_again()
        self.assertEqual((record.state, record.problem_ids.mapped("code")), ("received", []))
        record.action_import()
        self.assertEqual((record.state, len(record.match_ids), self.jan.amount_due), ("imported", 2, -10))

    def test_secured_after_the_file_was_received(self):
        record = self.receive(self.file())
        self.bank_journal.restrict_mode_hash_table = True
        with self.assertRaisesRegex(UserError, "with hashes"), self.env.cr.savepoint():
            record.action_import()
        self.assertEqual((record.state, record.progress_done), ("received", 0))
        self.assertFalse(self.lines())
