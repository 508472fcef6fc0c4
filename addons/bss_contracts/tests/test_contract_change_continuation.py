"""Between the confirmation of an assignment and its day: what happens to the old services reaches the new customer."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY
from .test_contract_change_edges import EdgeCommon

DAY = date(2026, 12, 5)  # before the assignment of 11 December


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestContinuation(EdgeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls.env["bss.contract.change"].create(
            {
                "contract_id": cls.contract.id,
                "kind": "assignment",
                "date_effective": date(2026, 12, 11),
                "new_account_id": cls.heir.id,
            }
        )
        cls.assignment.action_confirm()
        cls.new = cls.assignment.result_contract_id
        cls.heirs_internet = cls.internet.successor_ids
        cls.heirs_phone = cls.phone.successor_ids

    def price(self, service, day):
        return float(service._bss_prices_on(day)[service.id])

    def bill_of(self, account, day=date(2026, 12, 15)):
        return float(account._bss_next_bill(day)["net"])

    def grant_line(self, **vals):
        return {
            "action": "price",
            "service_id": self.internet.id,
            "promotion_ids": [Command.set(self.promotion.ids)],
            **vals,
        }

    def test_bills_of_both_before_anything_changes(self):
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (28.71, 60.29))

    def test_offering_and_price(self):
        change = self.upgrade(day=DAY)
        change.action_confirm()
        twin = self.heirs_internet
        self.assertEqual((twin._bss_as_of(date(2026, 12, 11))["product"], twin.price_unit), (self.fast, 89.0))
        # 59 × 4/31 + 89 × 6/31 + 30 × 10/31; (89 + 30) × 21/31
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (34.52, 80.61))
        self.finish("2026-12-05")
        self.finish("2026-12-11")
        self.assertEqual((self.assignment.state, twin.state, twin.product_id), ("done", "active", self.fast))
        order = change.order_ids
        self.assertEqual((order.service_id, order.action, order.state), (twin, "change", "queued"))

    def test_undone_change_is_gone_from_both(self):
        change = self.upgrade(day=DAY)
        change.action_confirm()
        change.action_undo()
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 59.0)
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (28.71, 60.29))

    def test_undone_assignment_leaves_the_change(self):
        self.upgrade(day=DAY).action_confirm()
        self.assignment.action_undo()
        self.assertEqual(self.price(self.internet, date(2026, 12, 31)), 89.0)
        self.assertEqual(
            (self.bill_of(self.account), self.bill_of(self.heir)), (115.13, 0.0)
        )  # 59 × 4/31 + 89 × 27/31 + 30

    def test_change_older_than_the_assignment_can_be_undone(self):
        self.assignment.action_undo()
        change = self.upgrade(day=DAY)
        change.action_confirm()
        again = self.assign()
        change.action_undo()
        self.assertEqual(self.price(self.twin(self.internet), date(2026, 12, 11)), 59.0)
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (28.71, 60.29))
        self.finish("2026-12-11")
        self.assertEqual(again.state, "done")

    def test_promotion(self):
        change = self.make_change("annex", DAY, [self.grant_line()])
        change.action_confirm()
        twin = self.heirs_internet
        self.assertEqual(twin.promotion_grant_ids.date_start, DAY)  # its months count on
        self.assertEqual(self.price(twin, date(2026, 12, 11)), 39.0)
        change.action_undo()
        self.assertFalse(twin.promotion_grant_ids)

    def test_suspension_beyond_the_day(self):
        away = self.make_change("suspension", DAY, date_end=date(2026, 12, 20), charge_percent=0.0)
        away.action_confirm()
        spans = [(one.date_start, one.date_end, one.cause) for one in self.heirs_internet.suspension_ids]
        self.assertEqual(spans, [(date(2026, 12, 11), date(2026, 12, 20), "request")])
        # 59 × 4/31 + 30 × 4/31; 59 × 11/31 + 30 × 11/31
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (11.48, 31.59))
        back = self.make_change("resumption", date(2026, 12, 8))
        back.action_confirm()
        self.assertFalse(self.heirs_internet.suspension_ids)
        self.assertEqual(self.bill_of(self.heir), 60.29)
        back.action_undo()
        self.assertEqual(self.heirs_internet.suspension_ids.date_end, date(2026, 12, 20))
        away.action_undo()
        self.assertFalse(self.heirs_internet.suspension_ids)
        self.assertEqual((self.bill_of(self.account), self.bill_of(self.heir)), (28.71, 60.29))

    def test_after_the_bill_both_are_corrected(self):
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        change = self.upgrade(day=DAY)
        change.action_confirm()
        self.assertEqual(self.charged(self.heirs_internet, (2026, 12)), 60.29)  # 89 × 21/31
        self.assertEqual(self.charged(self.internet, (2026, 12)), 24.84)  # 59 × 4/31 + 89 × 6/31
        change.action_undo()
        self.assertEqual(self.charged(self.heirs_internet, (2026, 12)), 39.97)
        self.assertEqual(self.charged(self.internet, (2026, 12)), 19.03)

    def test_preview_shows_both_bills_and_keeps_nothing(self):
        change = self.upgrade(day=DAY)
        change.action_preview()
        self.assertNotIn("alert-danger", change.preview_html)
        for name in (self.account.display_name, self.heir.display_name, "80,61", "60,29", "34,52", "28,71"):
            self.assertIn(name, change.preview_html)
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 59.0)
        self.assertEqual(self.new.revision, 0)

    def test_price_typed_into_the_service(self):
        self.internet.price_unit = 70.0
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 70.0)

    def test_price_typed_before_the_first_charge(self):
        self.assignment.action_undo()
        tv = self.make_service(self.contract, self.tv, date_start=date(2026, 11, 1))
        self.assign()
        tv.price_unit = 45.0
        self.assertEqual(self.price(self.twin(tv), date(2026, 12, 11)), 45.0)

    def test_address_of_the_new_customer_is_in_nobodys_way(self):
        moved = self.make_change("address", date(2026, 12, 12), contract=self.new, new_email="ewa@example.com")
        moved.action_confirm()
        self.upgrade(day=DAY).action_confirm()
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 89.0)

    def test_block_of_the_network(self):
        with freeze_time("2026-12-03 09:00:00"):
            self.internet._bss_apply_order("suspend", date(2026, 12, 3), "technical")
            self.assertEqual(self.heirs_internet.suspension_ids.date_start, date(2026, 12, 11))
            self.internet._bss_apply_order("resume", date(2026, 12, 4), "technical")
            self.assertFalse(self.heirs_internet.suspension_ids)
            self.internet._bss_apply_order("suspend", date(2026, 12, 4), "debt")
        self.assertFalse(self.heirs_internet.suspension_ids)

    def test_refused_with_the_contract_that_takes_over(self):
        tv = self.make_change("annex", DAY, [{"action": "add", "product_id": self.tv.id}])
        self.assertRefused(tv, f"on contract {self.new.name}")
        self.assertRefused(self.upgrade(day=date(2026, 12, 11)), f"goes over to Ewa Lis.*on contract {self.new.name}")
        self.assertRefused(self.make_change("suspension", date(2026, 12, 20)), f"on contract {self.new.name}")
        with self.assertRaisesRegex(UserError, f"to contract {self.new.name}"), self.env.cr.savepoint():
            self.make_service(self.contract, self.tv, state="pending")

    def test_the_new_customer_agrees_for_his_days(self):
        line = {"action": "change", "service_id": self.heirs_internet.id, "product_id": self.fast.id}
        early = self.make_change("annex", date(2026, 12, 10), [line], contract=self.new)
        self.assertRefused(early, "before contract")
        own = self.make_change("annex", date(2026, 12, 11), [line], contract=self.new)
        own.action_confirm()
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 89.0)
        self.assertRefused(self.upgrade(day=DAY), f"agreed already.*{own.name}")
        self.internet.price_unit = 70.0
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 89.0)
        with self.assertRaisesRegex(UserError, "build on"):
            self.assignment.action_undo()
        self.finish("2026-12-11")
        self.assertEqual((own.state, self.heirs_internet.state), ("done", "active"))
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 89.0)

    def test_a_clerk_may_do_it(self):
        clerk = new_test_user(
            self.env, "follow_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        change = self.upgrade(day=DAY).with_user(clerk)
        change.action_preview()
        self.assertNotIn("alert-danger", change.preview_html)
        change.action_confirm()
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 89.0)
        change.action_undo()
        self.assertEqual(self.price(self.heirs_internet, date(2026, 12, 11)), 59.0)

    def test_bundle(self):
        self.assignment.action_undo()
        head = self.make_service(self.contract, self.make_bundle(), state="active", date_start=date(2026, 1, 1))
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1), "charged_through": date(2026, 11, 30)})
        self.assign()
        line = {"action": "price", "service_id": head.id, "price_unit": 256.0}
        self.make_change("price", DAY, [line]).action_confirm()
        parts = head.child_ids.successor_ids
        self.assertEqual([self.price(one, date(2026, 12, 11)) for one in parts], [178.0, 78.0])
