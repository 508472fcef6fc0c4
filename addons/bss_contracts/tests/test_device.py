from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDeviceLife(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.router = cls.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        cls.router.product_tmpl_id.bss_replacement_price = 450.5
        cls.account = cls.make_subscriber("Jan Kowalski", charged_through=date(2026, 10, 31))
        cls.service = cls.account.service_ids
        cls._serial = 0

    @classmethod
    def device(cls, ownership="lent", **vals):
        cls._serial += 1
        return cls.env["bss.device"].create(
            {
                "product_id": cls.router.id,
                "serial": f"R{cls._serial}",
                "ownership": ownership,
                "service_id": cls.service.id,
                "company_id": cls.company.id,
                **vals,
            }
        )

    def charges(self):
        return self.account.charge_ids.filtered(lambda charge: charge.product_id == self.router)

    def end(self, day=date(2026, 11, 10), state="terminated"):
        """The network answers on the next day; ``state`` "active" = it does not."""
        with freeze_time(day + timedelta(days=1)):
            self.service.write({"state": state, "date_end": day})
            self.env.flush_all()

    def cron(self, day):
        with freeze_time(day):
            self.env["bss.device"]._cron_returns()

    def test_sold_device_is_charged_once(self):
        device = self.device("sold")
        device.action_hand_over()
        charge = self.charges()
        self.assertEqual((charge.kind, charge.amount, charge.service_id), ("one_off", 300.0, self.service))
        self.assertIn(device.serial, charge.name)
        device.action_return()
        device.action_hand_over()
        self.assertEqual(self.charges(), charge)
        self.assertFalse(device.date_return)

    def test_sold_again_to_another_customer(self):
        device = self.device("sold")
        device.action_hand_over()
        other = self.make_subscriber("Anna Nowak")
        device.action_return()
        device.service_id = other.service_ids
        device.action_hand_over()
        self.assertEqual(other.charge_ids.filtered(lambda charge: charge.product_id == self.router).amount, 300.0)
        self.assertEqual(len(self.charges()), 1)

    def test_price_of_the_offer(self):
        order = self.env["sale.order"]._bss_from_availability(
            {
                "location": self.env["bss.location"],
                "partner": self.account.partner_id,
                "day": self.today,
                "term_months": 24,
                "lines": [
                    {"product_id": self.fibre.id, "quantity": 1, "price_unit": 59, "price_kind": "net"},
                    {"product_id": self.router.id, "quantity": 1, "price_unit": 123, "price_kind": "gross"},
                ],
            }
        )
        order.action_confirm()
        service = order.bss_contract_id.service_ids
        self.assertFalse(self.charges())
        first, second = self.device("sold", service_id=service.id), self.device("sold", service_id=service.id)
        first.action_hand_over()
        self.assertEqual((self.charges().amount, self.charges().amount_gross), (100.0, 123.0))
        self.assertEqual(self.charges().price_kind, "gross")
        second.action_hand_over()
        self.assertEqual(sorted(self.charges().mapped("amount")), [100.0, 300.0])

    def test_lent_device_is_to_be_returned(self):
        device = self.device()
        device.action_hand_over()
        self.assertFalse(self.charges() or device.date_return)
        self.assertEqual(device.amount_not_returned, 450.5)
        self.end()
        self.assertEqual(device.date_return, date(2026, 11, 24))
        self.cron("2026-11-12")
        self.assertEqual(device.activity_ids.date_deadline, date(2026, 11, 24))
        self.cron("2026-11-13")
        self.assertEqual((len(device.activity_ids), len(self.charges())), (1, 0))
        device.action_return()
        self.assertFalse(device.date_return or device.activity_ids)
        self.cron("2026-12-24")
        self.assertFalse(self.charges())

    def test_the_network_need_not_answer(self):
        device = self.device()
        device.action_hand_over()
        with freeze_time("2026-11-05"):
            self.service.date_end = date(2026, 11, 10)
            self.env.flush_all()
        self.assertFalse(device.date_return, "the service runs still")
        self.cron("2026-11-11")
        self.assertEqual(device.date_return, date(2026, 11, 24))
        self.assertTrue(device.activity_ids)
        self.cron("2026-11-25")
        self.assertEqual(self.charges().amount, 450.5)

    def test_an_end_entered_late_leaves_the_days_to_return(self):
        device = self.device()
        device.action_hand_over()
        with freeze_time("2026-11-22"):
            self.service.write({"state": "terminated", "date_end": date(2026, 10, 31)})
            self.env.flush_all()
        self.assertEqual(device.date_return, date(2026, 12, 5))
        self.cron("2026-11-23")
        self.assertFalse(self.charges())

    def test_the_company_says_how_long(self):
        self.company.bss_device_return_days = 30
        device = self.device()
        device.action_hand_over()
        self.end()
        self.assertEqual(device.date_return, date(2026, 12, 10))
        device.date_return = date(2026, 12, 31)
        self.cron("2026-12-20")
        self.assertFalse(self.charges())

    def test_not_returned_is_charged_once(self):
        device = self.device()
        device.action_hand_over()
        self.end()
        self.cron("2026-11-24")
        self.assertFalse(self.charges())
        self.cron("2026-11-25")
        charge = self.charges()
        self.assertEqual((charge.amount, charge.state, charge.date_start), (450.5, "pending", date(2026, 11, 25)))
        self.cron("2026-11-26")
        device.replacement_charge_id = False
        self.cron("2026-11-27")
        self.assertEqual((self.charges(), device.replacement_charge_id), (charge, charge))

    def test_returned_late_before_the_bill(self):
        device = self.device()
        device.action_hand_over()
        self.end()
        self.cron("2026-11-25")
        device.action_return()
        self.assertEqual(self.charges().state, "cancelled")
        self.assertEqual((device.state, device.replacement_charge_id.id), ("returned", False))

    def test_gross_price_is_taken_back_as_it_was_billed(self):
        device = self.device()
        device.action_hand_over()
        self.end()
        gross = self.env["bss.charge"]._bss_price_vals(self.router, Decimal("279.99"), "gross", self.company)
        device.replacement_charge_id = self.env["bss.charge"].create(
            {
                "account_id": self.account.id,
                "service_id": self.service.id,
                "product_id": self.router.id,
                "date_start": date(2026, 11, 25),
                "date_end": date(2026, 11, 25),
                **gross,
            }
        )
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        charge = device.replacement_charge_id
        self.assertEqual((charge.state, charge.move_line_id.price_total), ("billed", 279.99))
        device.action_return()
        correction = self.charges() - charge
        self.assertEqual((correction.price_kind, correction.amount_gross), ("gross", -279.99))
        run = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(run.item_ids.refund_ids.amount_total, 279.99)

    def test_returned_after_the_bill(self):
        device = self.device()
        device.action_hand_over()
        self.end()
        self.cron("2026-11-25")
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        charge = self.charges()
        self.assertEqual(charge.state, "billed")
        device.action_return()
        correction = self.charges() - charge
        self.assertEqual((correction.amount, correction.origin_charge_id), (-450.5, charge))
        run = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(run.item_ids.refund_ids.reversed_entry_id, charge.move_id)
        self.assertEqual(run.item_ids.refund_ids.amount_untaxed, 450.5)

    def test_lent_again_and_not_returned_again(self):
        device = self.device()
        device.action_hand_over()
        self.end()
        self.cron("2026-11-25")
        device.action_return()
        device.action_to_stock()
        other = self.make_subscriber("Anna Nowak")
        device.service_id = other.service_ids
        device.action_hand_over()
        with freeze_time("2026-12-02"):
            other.service_ids.write({"state": "terminated", "date_end": date(2026, 12, 1)})
            self.env.flush_all()
        self.cron("2026-12-20")
        self.assertEqual(other.charge_ids.filtered(lambda charge: charge.product_id == self.router).amount, 450.5)

    def test_same_customer_keeps_it_twice(self):
        device = self.device()
        for end, charged in ((date(2026, 11, 1), "2026-11-20"), (date(2026, 12, 1), "2026-12-20")):
            device.service_id = self.service
            device.action_hand_over()
            self.end(end)
            self.cron(charged)
            device.action_return()
            self.service.write({"state": "active", "date_end": False})
            device.action_to_stock()
        self.assertEqual(self.charges().mapped("state"), ["cancelled", "cancelled"])

    def test_lost_by_the_customer(self):
        device = self.device()
        device.action_hand_over()
        device.action_lost()
        self.assertEqual(self.charges().amount, 450.5)
        device.action_return()
        self.assertEqual(self.charges().state, "cancelled")
        in_stock = self.device(service_id=False)
        in_stock.action_lost()
        self.assertEqual(len(self.charges()), 1)

    def test_swap(self):
        old, new = self.device("sold"), self.device("lent", service_id=False)
        old.action_hand_over()
        wizard = self.env["bss.device.swap.wizard"].create({"device_id": old.id, "new_device_id": new.id})
        wizard.action_swap()
        self.assertEqual((old.state, old.replaced_by_id), ("returned", new))
        self.assertEqual((new.state, new.service_id, new.ownership), ("at_customer", self.service, "sold"))
        self.assertEqual(len(self.charges()), 1)
        for wrong in (old, new):
            with self.assertRaises(UserError):
                new._bss_swap(wrong)

    def test_history(self):
        device = self.device(service_id=False)
        device.service_id = self.service
        device.action_hand_over()
        device.action_return()
        self.assertEqual(
            device.event_ids.sorted("id").mapped("state"), ["in_stock", "in_stock", "at_customer", "returned"]
        )
        self.assertEqual(device.event_ids.sorted("id")[2].account_id, self.account)

    def test_refused(self):
        device = self.device()
        with self.assertRaises(UserError):
            device.action_return()
        device.action_lost()
        with self.assertRaises(UserError):
            device.action_hand_over()

    def test_one_trouble_does_not_stop_the_others(self):
        tax = self.env["account.tax"].create({"name": "fixed", "amount_type": "percent", "amount": 8})
        free = self.make_offering("T-FREE", 0.0, kind="device", type="consu", taxes_id=[Command.set(tax.ids)])
        devices = self.device() | self.device(product_id=free.id)
        devices.action_hand_over()
        self.end()
        self.cron("2026-11-25")
        self.assertEqual(self.charges().amount, 450.5)
        self.assertFalse(devices[1].replacement_charge_id, "nothing to charge")

    def test_roles_and_companies(self):
        users = {
            role: new_test_user(
                self.env,
                f"t_device_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for role in ("viewer", "clerk")
        }
        device = self.device("sold")
        with self.assertRaises(AccessError):
            device.with_user(users["viewer"]).action_hand_over()
        device.with_user(users["clerk"]).action_hand_over()
        self.assertEqual(len(self.charges()), 1)
        device.with_user(users["viewer"]).event_ids.read()
        with self.assertRaises(AccessError):
            device.event_ids.with_user(users["clerk"]).write({"state": "lost"})
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "t_device_stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        events = self.env["bss.device.event"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(events.search([]))
