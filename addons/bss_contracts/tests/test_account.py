from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..billing_core import luhn_is_valid
from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestAccount(ContractsCommon):
    def test_number_has_a_check_digit(self):
        account = self.make_account()
        self.assertEqual(len(account.name), 9)
        self.assertTrue(luhn_is_valid(account.name))
        self.assertEqual(account.display_name, f"{account.name} Jan Kowalski")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_account().name = account.name
            self.env.flush_all()

    def test_missing_address_is_said(self):
        account = self.make_account()
        partner = account.partner_id
        self.assertFalse(account.delivery_warning)
        partner.email = False
        self.assertEqual(
            account.delivery_warning, "Invoices cannot be delivered: No e-mail address, or it must not be used."
        )
        partner.write({"email": "klient@example.com", "city": False})
        self.assertEqual(account.delivery_warning, "The postal address is not complete.")
        account.delivery_method = "post"
        self.assertEqual(account.delivery_warning, "Invoices cannot be delivered: The postal address is not complete.")
        partner.city = "Warszawa"
        account.delivery_method = "portal"
        self.assertFalse(account.delivery_warning)

    def test_cycle_is_proposed_when_there_is_one(self):
        self.env["bss.bill.cycle"].search([]).filtered(lambda cycle: cycle != self.cycle).active = False
        account = self.env["bss.account"].create({"partner_id": self.env.user.partner_id.id})
        self.assertEqual(account.bill_cycle_id, self.cycle)
        self.assertEqual(account.currency_id, self.company.currency_id)

    def test_amount_due_counts_invoices_and_payments(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        other = self.make_subscriber("Other", charged_through=date(2026, 11, 30))
        self.bill()
        self.assertEqual(account.amount_due, 72.57)
        self.assertEqual(other.amount_due, 0)
        found = self.env["bss.account"].search([("amount_due", ">", 70), ("id", "in", (account | other).ids)])
        self.assertEqual(found, account)
        settled = self.env["bss.account"].search([("amount_due", "=", 0), ("id", "in", (account | other).ids)])
        self.assertEqual(settled, other)
        receivable = account.invoice_ids.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(receivable.bss_account_id, account)
        self._pay(account, 100.0, receivable)
        self.assertEqual(account.amount_due, -27.43)
        self.assertEqual(account.invoice_ids.payment_state, "paid")
        self.assertIn(account, self.env["bss.account"].search([("amount_due", "<", 0)]))

    def _pay(self, account, amount, receivable):
        suspense = self.bank_journal.suspense_account_id
        move = self.env["account.move"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": date(2026, 11, 10),
                "bss_account_id": account.id,
                "line_ids": [
                    (0, 0, {"account_id": suspense.id, "debit": amount}),
                    (
                        0,
                        0,
                        {
                            "account_id": receivable.account_id.id,
                            "credit": amount,
                            "partner_id": account.partner_id.id,
                        },
                    ),
                ],
            }
        )
        move.action_post()
        credit = move.line_ids.filtered(lambda line: line.account_id == receivable.account_id)
        (credit | receivable).reconcile()

    def test_payment_bank_account(self):
        account = self.make_account()
        bank = self.company.partner_id.bank_ids
        if not bank:
            bank = self.env["res.partner.bank"].create(
                {"acc_number": "PL60 1020 1055 0000 9102 0000 0001", "partner_id": self.company.partner_id.id}
            )
        numbers = account._bss_payment_bank_account()
        self.assertEqual(list(numbers), account.ids)
        self.assertEqual(len(numbers[account.id]), 26)
        self.assertEqual(account.payment_nrb, numbers[account.id])

    def test_closing(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        with self.assertRaises(UserError):
            account.action_close()
        self.bill()
        service = account.service_ids
        service._bss_end(date(2026, 11, 30), "notice")
        service.order_ids.action_confirm_done()
        with self.assertRaises(UserError):
            account.action_close()
        receivable = account.invoice_ids.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self._pay(account, account.amount_due, receivable)
        account.action_close()
        self.assertEqual(account.state, "closed")
        with self.assertRaises(UserError):
            account.unlink()

    def test_smart_buttons(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.bill()
        self.assertEqual((account.contract_count, account.service_count, account.invoice_count), (1, 1, 1))
        for name in ("contracts", "services", "charges", "orders", "devices", "invoices", "due"):
            action = getattr(account, f"action_view_{name}")()
            self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(account.partner_id.bss_account_count, 1)
        self.assertEqual(account.partner_id.action_view_bss_accounts()["res_id"], account.id)
        nobody = self.env["res.partner"].create({"name": "Nobody yet"})
        self.assertEqual(nobody.action_view_bss_accounts()["context"], {"default_partner_id": nobody.id})
