from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BANK_NRB, PREFIX, PaymentsCommon


@tagged("post_install", "-at_install")
class TestVirtualAccountMoves(PaymentsCommon):
    """Virtual accounts when companies, pools, customers and printed numbers change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.other = (
            cls.env["res.company"]
            .with_context(install_mode=True)
            .create({"name": "Inna", "country_id": cls.env.ref("base.pl").id, "currency_id": cls.currency.id})
        )

    def test_a_used_pool_stays_with_its_company(self):
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "BNKX", "type": "bank", "company_id": self.other.id}
        )
        with self.assertRaisesRegex(UserError, "stays with its company"):
            self.pool.write({"company_id": self.other.id, "journal_id": journal.id})
        self.assertEqual(self.jan.virtual_account_ids.company_id, self.company)

    def test_an_account_with_a_number_stays_with_its_company(self):
        with self.assertRaisesRegex(UserError, "stays with its company"):
            self.jan.write({"company_id": self.other.id, "bill_cycle_id": False})

    def test_late_payments_of_archived_accounts_and_pools(self):
        self.jan.active = False
        self.pool.active = False
        match = self.import_file(self.entry("3,00", "?", self.key_of(self.jan))).match_ids
        self.assertEqual((match.state, match.account_id), ("booked", self.jan))

    def test_another_printed_number(self):
        old = self.jan.virtual_account_ids
        invoice = self.make_invoice(self.jan, 5)
        second = self.env["bss.virtual.account.pool"].create(
            {"name": "P2", "journal_id": self.bank_journal.id, "prefix": PREFIX[:-1] + "5", "is_default": False}
        )
        new = self.env["bss.virtual.account"].create(
            {"nrb": self._nrb(second), "pool_id": second.id, "account_id": self.jan.id, "is_main": False}
        )
        self.assertEqual(invoice._bss_pay_to()["nrb"], old.nrb)
        new.action_make_main()
        self.assertEqual(invoice._bss_pay_to()["nrb"], new.nrb)
        self.assertEqual((self.jan.payment_nrb, old.is_main), (new.nrb, False))
        bank = self.bank_account.with_context(bss_payment_nrb=self.jan._bss_payment_bank_account()[self.jan.id])
        self.assertIn(new.nrb, bank._bss_transfer_code(5, "x", "").payload)
        self.assertNotIn(BANK_NRB, bank._bss_transfer_code(5, "x", "").payload)

    def _nrb(self, pool):
        from ..bank_core import nrb

        return nrb.virtual_nrb(pool.prefix, 1).nrb

    def test_merged_customers(self):
        double = self.make_account("Jan Kowalsky")
        numbers = self.jan.virtual_account_ids | double.virtual_account_ids
        paid = self.import_file(self.entry("3,00", "?", self.key_of(double))).match_ids
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.jan.partner_id | double.partner_id).ids, self.jan.partner_id)
        self.env.invalidate_all()
        self.assertEqual(double.partner_id, self.jan.partner_id)
        self.assertEqual(numbers.account_id, self.jan | double)
        self.assertEqual(paid.partner_id, self.jan.partner_id)
        self.assertEqual(double.name_key, self.jan.name_key)
