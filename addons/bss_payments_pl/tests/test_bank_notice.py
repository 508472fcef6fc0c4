from odoo.tests import tagged

from .common import BANK_NRB, PaymentsCommon


@tagged("post_install", "-at_install")
class TestBankNotice(PaymentsCommon):
    """What the bank tells before the statement: shown, or booked and recognised."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")

    def interim(self, *entries):
        head = f":20:MT942\r\n:25:/PL{BANK_NRB}\r\n:28C:1\r\n:34F:PLN0\r\n:13D:2611201815+0100\r\n"
        return (head + "".join(entries) + ":90C:1PLN5,00\r\n-\r\n").encode("iso-8859-2")

    def setUp(self):
        super().setUp()
        self.first = self.entry("5,00", "za internet", self.key_of(self.jan), ref="N1")
        self.second = self.entry("7,00", "za internet", self.key_of(self.jan), ref="N2")

    def test_shown_but_not_booked(self):
        notice = self.receive(self.interim(self.first), "mt942.txt")
        self.assertEqual((notice.state, notice.kind), ("shown", "interim"))
        self.assertEqual(notice.problem_ids.mapped("code"), ["INTERIM"])
        self.assertEqual(notice.part_ids.amount_credits, 5)
        notice._bss_import()
        self.assertFalse(notice.match_ids)
        day = self.import_file(self.first, self.second)
        self.assertEqual((day.count_known, day.count_credits), (0, 2))
        self.assertEqual(self.jan.amount_due, -12)

    def test_booked_at_once_and_recognised_by_the_statement(self):
        self.bank_journal.bss_book_notices = True
        notice = self.receive(self.interim(self.first), "mt942.txt")
        self.assertEqual((notice.state, notice.problem_ids.mapped("code")), ("received", []))
        notice._bss_import()
        self.assertEqual((notice.state, self.jan.amount_due), ("imported", -5))
        told = notice.match_ids.statement_line_id
        day = self.import_file(self.first, self.second)
        self.assertEqual((day.count_known, day.count_credits), (1, 1))
        self.assertEqual(self.jan.amount_due, -12)
        self.assertEqual(told.statement_id, day.statement_id)
        self.assertEqual((day.statement_id.balance_start, day.statement_id.balance_end_real), (0, 12))
        self.assertTrue(day.statement_id.is_complete)
        self.assertEqual(notice.amount_difference, 0)
        self.assertEqual(day.amount_difference, 0)

    def test_setting_changed_after_the_file_came(self):
        notice = self.receive(self.interim(self.first), "mt942.txt")
        self.bank_journal.bss_book_notices = True
        notice.action_read_again()
        self.assertEqual(notice.state, "received")
        notice.action_import()
        self.assertEqual(self.jan.amount_due, -5)
