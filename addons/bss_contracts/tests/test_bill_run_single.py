from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-20")
class TestBillRunSingle(ContractsCommon):
    """An immediate bill, and the final bill of an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.bss_deposit_account_id = cls.env["account.account"].create(
            {"name": "Kaucje", "code": "249001", "account_type": "liability_current", "company_ids": cls.company.ids}
        )

    def open(self, action):
        return self.env["bss.bill.run"].browse(action["res_id"]).with_context(queue_job__no_delay=True)

    def charge(self, account, amount, day):
        return self.env["bss.charge"].create(
            {
                "account_id": account.id,
                "product_id": self.fibre.id,
                "name": "Visit",
                "price_unit": amount,
                "date_start": day,
                "date_end": day,
            }
        )

    # -- immediate ----------------------------------------------------------------------------------

    def test_an_immediate_bill_takes_what_is_due_by_its_day(self):
        account = self.make_subscriber(charged_through=date(2026, 11, 30))
        other = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.cycle.minimum_amount = 1000.0
        visit = self.charge(account, 80.0, date(2026, 11, 18))
        later = self.charge(account, 20.0, date(2026, 11, 25))
        run = self.open(account.action_bill_now())
        self.assertEqual((run.kind, run.stage, run.state), ("immediate", "preview", "running"))
        self.assertEqual((run.item_ids.account_id, run.pending_count), (account, 1))
        run._bss_issue()
        self.assertEqual(account.invoice_ids.amount_untaxed, 80.0)
        self.assertEqual(account.invoice_ids.invoice_date, date(2026, 11, 20))
        self.assertEqual((visit.state, later.state), ("billed", "pending"))
        self.assertFalse(other.charge_ids)
        # the run of the cycle bills the rest, and its own period is not taken for billed
        self.assertFalse(self.cycle.last_run_end)
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        mine = following.item_ids.filtered(lambda item: item.account_id == account)
        self.assertEqual((mine.state, mine.amount_charges), ("carried", 79.0))

    def test_an_immediate_bill_charges_a_service_begun_meanwhile(self):
        account = self.make_subscriber(date_start=date(2026, 11, 16))
        run = self.open(account.action_bill_now())
        run._bss_issue()
        # 15 of the 30 days of November
        self.assertEqual(account.invoice_ids.amount_untaxed, 29.5)
        self.assertEqual(self.bill().issued_count, 0)

    def test_nothing_due(self):
        account = self.make_subscriber(charged_through=date(2026, 11, 30))
        with self.assertRaises(UserError):
            account.action_bill_now()

    def test_what_a_run_holds_already_is_told(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        with self.assertRaisesRegex(UserError, run.name):
            account.action_bill_now()

    # -- final --------------------------------------------------------------------------------------

    def test_a_final_bill_needs_every_service_to_have_ended(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.assertFalse(account.is_final_bill_due)
        with self.assertRaisesRegex(UserError, account.service_ids.name):
            account.action_final_bill()

    def test_an_account_without_services_has_no_final_bill(self):
        self.assertFalse(self.make_account("Nothing yet").is_final_bill_due)

    @freeze_time("2026-11-21")
    def test_a_final_bill_does_not_wait_for_the_answer_of_the_network(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        account.service_ids.date_end = date(2026, 11, 22)
        self.assertFalse(account.is_final_bill_due)
        account.service_ids.date_end = date(2026, 11, 21)
        self.assertEqual((account.service_ids.state, account.is_final_bill_due), ("active", True))
        self.assertEqual(self.open(account.action_final_bill()).pending_count, 1)

    def test_a_final_bill_settles_everything(self):
        arrears = self.make_offering("T-ARR", 30.0, bss_charge_timing="arrears")
        account = self.make_subscriber(
            products=[self.fibre, arrears], date_start=date(2026, 1, 1), charged_through=date(2026, 10, 31)
        )
        self.cycle.write({"minimum_amount": 1000.0, "carry_months": 12})
        account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        device = self.charge(account, 100.0, date(2026, 12, 24))
        run = self.open(account.action_final_bill())
        run._bss_issue()
        lines = account.invoice_ids.invoice_line_ids.sorted("price_subtotal").mapped("price_subtotal")
        self.assertEqual(lines, [15.0, 29.5, 100.0])
        self.assertEqual(device.state, "billed")
        self.assertEqual(set(account.service_ids.mapped("charged_through")), {date(2026, 11, 15)})
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(following.issued_count, 0)

    def test_the_deposit_pays_the_final_bill(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        deposit = self.env["bss.deposit"].create(
            {"contract_id": account.contract_ids.id, "amount": 100.0, "date": date(2026, 10, 1)}
        )
        deposit.action_due()
        self.pay(deposit, 100.0)
        self.assertEqual(deposit.state, "held")
        account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        run = self.open(account.action_final_bill())
        run._bss_issue()
        # 29.50 net of half a month
        self.assertEqual(account.invoice_ids.amount_total, 36.29)
        self.assertEqual(account.invoice_ids.amount_residual, 0.0)
        self.assertEqual((deposit.amount_set_off, deposit.amount_held), (36.29, 63.71))

    def pay(self, deposit, amount):
        receivable = deposit.partner_id.property_account_receivable_id
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.bank_journal.id,
                "date": "2026-11-05",
                "bss_account_id": deposit.account_id.id,
                "line_ids": [
                    (0, 0, {"account_id": self.bank_journal.default_account_id.id, "balance": amount}),
                    (0, 0, {"account_id": receivable.id, "balance": -amount, "partner_id": deposit.partner_id.id}),
                ],
            }
        )
        move._post(soft=False)
        demand = deposit.move_line_ids.filtered(lambda line: line.bss_deposit_part == "demand" and line.balance > 0)
        (demand | move.line_ids.filtered(lambda line: line.account_id == receivable)).reconcile()
