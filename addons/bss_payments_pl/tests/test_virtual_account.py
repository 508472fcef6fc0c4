from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..bank_core import nrb
from .common import PREFIX, PaymentsCommon


@tagged("post_install", "-at_install")
class TestVirtualAccount(PaymentsCommon):
    def test_new_account_gets_a_number_for_ever(self):
        account = self.make_account("Jan")
        number = account.virtual_account_ids
        self.assertEqual(len(number), 1)
        self.assertTrue(nrb.is_valid(number.nrb))
        self.assertEqual(number.nrb[2:], PREFIX + "000000000101")
        self.assertEqual(account.payment_nrb, number.nrb)
        self.assertEqual(account._bss_payment_bank_account(), {account.id: number.nrb})
        with self.assertRaises(UserError):
            number.nrb = "1"
        with self.assertRaises(UserError):
            number.unlink()
        account._bss_give_virtual_accounts()
        self.assertEqual(len(account.virtual_account_ids), 1)

    def test_number_is_found_as_people_write_it(self):
        account = self.make_account("Jan")
        number = account.virtual_account_ids
        for text in (number.nrb_pretty, f"PL {number.nrb}", number.nrb[-8:]):
            self.assertIn(number, number.search([("nrb_pretty", "ilike", text)]))
            self.assertIn(account, account.search([("virtual_account_ids.nrb_pretty", "ilike", text)]))
            self.assertTrue(self.env["bss.virtual.account"].name_search(text))
        self.assertEqual(number.search([("nrb_pretty", "=", number.nrb_pretty)]), number)

    def test_late_payment_of_a_closed_account_is_booked(self):
        account = self.make_account("Jan")
        account.write({"state": "closed", "active": False})
        record = self.import_file(self.entry("9,00", "", self.key_of(account)))
        self.assertEqual((record.match_ids.state, record.match_ids.account_id), ("booked", account))
        self.assert_conserved(record)

    def test_without_a_pool_the_company_account_is_paid(self):
        self.pool.active = False
        account = self.make_account("Anna")
        self.assertFalse(account.virtual_account_ids)
        self.assertFalse(account.has_virtual_account)
        self.assertEqual(account.payment_nrb, account._bss_payment_bank_account()[account.id])
        self.assertIn(account, account.search([("has_virtual_account", "=", False)]))
        with self.assertRaises(UserError):
            account.action_give_virtual_account()
        self.pool.active = True
        self.assertEqual(
            self.pool.missing_count,
            self.env["bss.account"].search_count(
                [("company_id", "=", self.company.id), ("virtual_account_ids", "=", False)]
            ),
        )
        self.pool.action_allocate_missing()
        self.assertEqual(account.payment_nrb, account.virtual_account_ids.nrb)
        self.assertEqual(self.pool.missing_count, 0)

    def test_many_accounts_at_once_cost_few_queries(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(30)])
        self.pool.active = False
        accounts = self.env["bss.account"].create([{"partner_id": partner.id} for partner in partners])
        self.pool.active = True
        self.env.flush_all()
        with self.assertQueryCount(7):
            accounts._bss_give_virtual_accounts()
            self.env.flush_all()
        self.assertEqual(len(set(accounts.virtual_account_ids.mapped("nrb"))), 30)

    def test_numbers_taken_over_from_an_older_system_are_skipped(self):
        old = self.make_account("Old")
        taken = nrb.virtual_nrb(PREFIX, 102).nrb
        old.virtual_account_ids.is_main = False
        self.env["bss.virtual.account"].create(
            {"nrb": nrb.pretty(taken), "pool_id": self.pool.id, "account_id": old.id}
        )
        self.assertEqual(old.payment_nrb, taken)
        new = self.make_account("New")
        self.assertEqual(new.virtual_account_ids.nrb[14:], "000000000103")
        old.virtual_account_ids.filtered(lambda v: not v.is_main).action_make_main()
        self.assertEqual(old.payment_nrb[14:], "000000000101")

    def test_bad_numbers_are_refused(self):
        account = self.make_account("Jan")
        account.virtual_account_ids.is_main = False
        for number in ("1", nrb.virtual_nrb(PREFIX, 5).nrb[:-1] + "9", nrb.virtual_nrb("102055615555", 5).nrb):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.env["bss.virtual.account"].create(
                    {"nrb": number, "pool_id": self.pool.id, "account_id": account.id}
                )

    @mute_logger("odoo.sql_db")
    def test_one_printed_number_per_account(self):
        account = self.make_account("Jan")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["bss.virtual.account"].create(
                {"nrb": nrb.virtual_nrb(PREFIX, 999).nrb, "pool_id": self.pool.id, "account_id": account.id}
            )

    def test_pool_prefix(self):
        for prefix in ("10205562", "1020", "1020556a", "1" * 24):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.pool.prefix = prefix
        self.make_account("Jan")
        with self.assertRaises(UserError):
            self.pool.prefix = "102055615555"
        with self.assertRaises(UserError):
            self.pool.unlink()
        self.assertEqual(self.pool.payer_length, 12)
        self.assertIn("4444", self.pool.example)

    def test_pool_of_the_wrong_journal(self):
        with self.assertRaises(ValidationError):
            self.pool.journal_id = self.sale_journal

    def test_used_up_pool_says_so(self):
        self.pool.write({"prefix": PREFIX + "0" * 11, "next_number": 9})
        self.make_account("last")
        with self.assertRaisesRegex(UserError, "used up"):
            self.make_account("one too many")
