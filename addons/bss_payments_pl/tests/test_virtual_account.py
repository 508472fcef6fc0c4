from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError
from psycopg2.errors import RestrictViolation

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
        with self.assertQueryCount(10):
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

    def test_postgresql_refuses_to_change_or_delete_numbers(self):
        number = self.make_account("Jan").virtual_account_ids
        self.env.flush_all()
        for statement in (
            "DELETE FROM bss_virtual_account WHERE id = %s",
            "UPDATE bss_virtual_account SET nrb = reverse(nrb) WHERE id = %s",
            "UPDATE bss_virtual_account SET account_id = account_id + 1 WHERE id = %s",
            "TRUNCATE bss_virtual_account CASCADE",
        ):
            with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.cr.execute(statement, [number.id] if "%s" in statement else [])
        self.cr.execute("UPDATE bss_virtual_account SET is_main = false WHERE id = %s", [number.id])
        self.assertTrue(number.exists())

    def test_check_digits_of_the_mass_allocation_are_those_of_the_kernel(self):
        self.pool.active = False
        partner = self.env["res.partner"].create({"name": "P"})
        accounts = self.env["bss.account"].create([{"partner_id": partner.id} for _number in range(200)])
        for prefix in ("1020556144", "10205561444412345678", "11401081000000"):
            pool = self.env["bss.virtual.account.pool"].create(
                {
                    "name": prefix,
                    "journal_id": self.bank_journal.id,
                    "prefix": prefix,
                    "next_number": 997,
                    "is_default": False,
                }
            )
            part, accounts = accounts[:60].sorted("id"), accounts[60:]
            given = pool._bss_give(part)
            self.assertEqual(
                [account.virtual_account_ids.nrb for account in part],
                [nrb.virtual_nrb(prefix, number).nrb for number in range(997, 1057)],
            )
            self.assertEqual((len(given.ids), pool.next_number, pool.company_id), (60, 1057, self.company))
            self.assertEqual(set(part.virtual_account_ids.mapped("is_main")), {True})
            self.assertEqual(part.virtual_account_ids.company_id, self.company)

    def test_numbers_in_the_way_are_skipped_by_the_mass_allocation(self):
        old = self.make_account("Old")
        old.virtual_account_ids.is_main = False
        for number in (103, 104, 106, 900):
            self.env["bss.virtual.account"].create(
                {
                    "nrb": nrb.virtual_nrb(PREFIX, number).nrb,
                    "pool_id": self.pool.id,
                    "account_id": old.id,
                    "is_main": False,
                }
            )
        self.pool.active = False
        accounts = self.env["bss.account"].create([{"partner_id": old.partner_id.id} for _number in range(4)])
        self.pool._bss_give(accounts)
        self.assertEqual(sorted(int(n[14:]) for n in accounts.virtual_account_ids.mapped("nrb")), [102, 105, 107, 108])
        self.assertEqual(self.pool.next_number, 109)
        self.assertEqual(self.pool._bss_give(accounts), ([], []))

    def numbered_account(self, number):
        partner = self.env["res.partner"].create({"name": "P"})
        return self.env["bss.account"].create({"partner_id": partner.id, "name": number})

    def test_account_numbers_as_payer_numbers(self):
        self.pool.number_source = "account"
        account = self.make_account("Jan")
        digits = "".join(char for char in account.name if char.isdigit())
        self.assertEqual(account.virtual_account_ids.nrb[14:], digits.zfill(12))
        self.assertEqual(account.virtual_account_ids.nrb, nrb.virtual_nrb(PREFIX, int(digits)).nrb)
        for name in ("1234567890123", "KLIENT", f"K/{digits}"):
            other = self.numbered_account(name)
            self.assertFalse(other.virtual_account_ids, name)
            self.assertIn(name, other.message_ids[:1].body)
        self.numbered_account("A-77").virtual_account_ids.ensure_one()
        note = self.pool.action_allocate_missing()["params"]
        self.assertEqual(note["type"], "warning")
        self.assertIn("3 account numbers", note["message"])
        self.assertIn("KLIENT", note["message"])

    def test_account_numbers_that_become_the_same_number_get_none(self):
        self.pool.write({"number_source": "account", "active": False})
        accounts = self.numbered_account("A-5") | self.numbered_account("B-5")
        given = self.pool._bss_give(accounts)
        self.assertEqual((given.ids, [name for _id, name in given.misfits]), ([], ["A-5", "B-5"]))

    def test_filling_of_a_pool(self):
        self.pool.write({"prefix": PREFIX + "0" * 9, "next_number": 0})
        self.assertEqual((self.pool.capacity, self.pool.fill_percent, self.pool.is_near_end), (1000, 0, False))
        self.pool.next_number = 899
        self.assertFalse(self.pool.is_near_end)
        self.make_account("Jan")
        self.assertEqual((self.pool.fill_percent, self.pool.free_count, self.pool.is_near_end), (90, 100, True))

    def test_several_pools_of_a_company(self):
        second = self.env["bss.virtual.account.pool"].create(
            {"name": "Second bank", "journal_id": self.bank_journal.id, "prefix": "11401081", "is_default": False}
        )
        account = self.make_account("Jan")
        self.assertEqual(account.virtual_account_ids.pool_id, self.pool)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            second.is_default = True
            self.env.flush_all()
        self.pool.is_default = False
        second.is_default = True
        self.assertEqual(self.make_account("Anna").virtual_account_ids.pool_id, second)

    def test_used_up_pool_says_so(self):
        self.pool.write({"prefix": PREFIX + "0" * 11, "next_number": 9})
        self.make_account("last")
        with self.assertRaisesRegex(UserError, "used up"):
            self.make_account("one too many")
