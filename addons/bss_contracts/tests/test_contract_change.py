"""Life of a contract change, and annexes."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangeLife(ChangeCommon):
    def test_confirmed_change_waits_for_its_day(self):
        change = self.upgrade()
        self.assertEqual(change.name, "/")
        line = change.line_ids
        self.assertEqual((line.price_before, line.price_unit, line.price_list), (59.0, 89.0, 89.0))
        change.action_confirm()
        self.assertRegex(change.name, r"^ZM/2026/\d{5}$")
        self.assertEqual(change.state, "confirmed")
        self.assertEqual(self.internet.product_id, self.fibre)
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 9)), 59.0)
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 10)), 89.0)
        order = change.order_ids
        self.assertEqual(
            (order.service_id, order.action, order.state, order.date_valid_from),
            (self.internet, "change", "queued", date(2026, 12, 10)),
        )
        self.finish("2026-12-09")
        self.assertEqual(change.state, "confirmed")
        self.finish("2026-12-10")
        self.assertEqual(change.state, "done")
        with freeze_time("2026-12-10 06:00:00"):
            self.internet._bss_sync_current()
        self.assertEqual((self.internet.product_id, self.internet.price_unit), (self.fast, 89.0))

    def test_undo_takes_everything_back(self):
        change = self.upgrade()
        change.action_confirm()
        change.action_undo()
        self.assertEqual(change.state, "undone")
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 31)), 59.0)
        self.assertEqual(change.order_ids.state, "cancelled")
        self.assertEqual(self.contract.revision, 2)
        with self.assertRaises(UserError):
            change.action_undo()

    def test_no_undo_from_its_day_on(self):
        change = self.upgrade()
        change.action_confirm()
        with freeze_time("2026-12-10 08:00:00"), self.assertRaisesRegex(UserError, "make a new change"):
            change.action_undo()
        today = self.make_change(
            "price", date(2026, 11, 21), [{"service_id": self.phone.id, "action": "price", "price_unit": 35.0}]
        )
        today.action_confirm()
        self.assertEqual(today.state, "done")
        with self.assertRaisesRegex(UserError, "make a new change"):
            today.action_undo()

    def test_confirmed_change_is_frozen(self):
        change = self.upgrade()
        clerk = new_test_user(
            self.env, "frozen_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        mine = change.with_user(clerk)
        with self.assertRaises(AccessError):
            mine.state = "done"
        mine.action_confirm()
        with self.assertRaises(UserError):
            mine.date_effective = date(2026, 12, 24)
        mine.note = "told by phone"
        with self.assertRaises(UserError):
            mine.unlink()

    def test_number_is_given_at_confirmation(self):
        first, second = self.upgrade(), self.upgrade(date(2026, 12, 20))
        first.unlink()
        second.action_confirm()
        self.assertNotEqual(second.name, "/")
        with self.assertRaisesRegex(UserError, "confirmed already"):
            second.action_confirm()

    def test_second_clerk_is_told(self):
        ania = new_test_user(
            self.env, "ania", name="Ania Nowak", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        mine, hers = self.upgrade(), self.upgrade(date(2026, 12, 12))
        hers.with_user(ania).action_confirm()
        self.assertTrue(mine.is_outdated)
        with self.assertRaisesRegex(UserError, "Ania Nowak on .*2026"):
            mine.action_confirm()
        mine.action_refresh()
        mine.action_confirm()
        self.assertEqual(mine.state, "confirmed")

    def test_preview_shows_the_next_bill_before_and_after(self):
        change = self.upgrade()
        values = change._bss_preview()
        (bill,) = values["bills"]
        self.assertEqual((bill["date_start"], bill["date_end"]), (date(2026, 12, 1), date(2026, 12, 31)))
        self.assertEqual((float(bill["before"]["net"]), float(bill["before"]["gross"])), (89.0, 109.47))
        # 59 × 9/31 + 89 × 22/31 and the mobile
        self.assertEqual(float(bill["after"]["net"]), 110.29)
        self.assertEqual(float(bill["same"]), 30.0)
        change.action_preview()
        self.assertIn("135,66", change.preview_html)
        self.assertEqual((change.state, change.name), ("draft", "/"))
        self.assertFalse(self.internet.version_ids.filtered(lambda one: one.date_start == date(2026, 12, 10)))
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 31)), 59.0)

    def test_preview_of_a_later_month_and_of_a_billed_one(self):
        later = self.upgrade(date(2027, 2, 1))._bss_preview()["bills"][0]
        self.assertEqual(later["date_start"], date(2027, 2, 1))
        self.assertEqual(float(later["after"]["net"] - later["before"]["net"]), 30.0)
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        change = self.upgrade(date(2026, 12, 17))
        values = change._bss_preview()
        corrections = [row for row in values["charges"] if row["amount"]]
        self.assertEqual(round(sum(row["amount"] for row in corrections), 2), 14.52)  # 30 × 15/31
        change.action_confirm()
        made = self.account.charge_ids.filtered(lambda one: one.state == "pending")
        self.assertEqual(round(sum(made.mapped("amount")), 2), 14.52)
        change.action_undo()
        self.assertEqual(
            round(sum(self.account.charge_ids.filtered(lambda one: one.state == "pending").mapped("amount")), 2), 0.0
        )

    def test_preview_says_why_not_and_loses_its_worth_by_a_change(self):
        change = self.upgrade(date(2025, 1, 1))
        change.action_preview()
        self.assertIn("before contract", change.preview_html)
        change.date_effective = date(2026, 12, 20)
        self.assertFalse(change.preview_html)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAnnex(ChangeCommon):
    def test_add_a_service(self):
        change = self.make_change("annex", date(2026, 12, 5), [{"action": "add", "product_id": self.tv.id}])
        self.assertEqual(change.line_ids.price_unit, 39.0)
        change.action_confirm()
        added = change.line_ids.service_id
        self.assertEqual((added.state, added.contract_id), ("pending", self.contract))
        order = change.order_ids
        self.assertEqual((order.action, order.date_valid_from), ("activate", date(2026, 12, 5)))
        with freeze_time("2026-12-05 09:00:00"):
            order._bss_done()
        self.assertEqual((added.state, added.date_start), ("active", date(2026, 12, 5)))

    def test_undo_of_an_added_service(self):
        lines = [{"action": "add", "product_id": self.mobile.id, "new_identifier": "600 700 800"}]
        change = self.make_change("annex", date(2026, 12, 5), lines)
        change.action_confirm()
        added = change.line_ids.service_id
        self.assertEqual(added.main_identifier, "48600700800")
        change.action_undo()
        self.assertEqual((added.state, added.date_start), ("terminated", False))
        self.assertFalse(added.identifier_ids)
        self.assertEqual(change.order_ids.state, "cancelled")

    def test_telephone_is_added_with_its_number(self):
        change = self.make_change("annex", date(2026, 12, 5), [{"action": "add", "product_id": self.mobile.id}])
        with self.assertRaisesRegex(UserError, "needs a phone number"):
            change.action_confirm()

    def test_remove_a_service_and_back(self):
        change = self.make_change("annex", date(2026, 12, 16), [{"action": "remove", "service_id": self.internet.id}])
        change.action_confirm()
        self.assertEqual(self.internet.date_end, date(2026, 12, 15))
        self.assertEqual((change.order_ids.action, change.order_ids.date_valid_from), ("terminate", date(2026, 12, 16)))
        change.action_undo()
        self.assertFalse(self.internet.date_end)
        self.assertEqual((self.internet.state, change.order_ids.state), ("active", "cancelled"))

    def test_another_kind_of_service_is_no_change(self):
        change = self.make_change(
            "annex",
            date(2026, 12, 5),
            [{"action": "change", "service_id": self.internet.id, "product_id": self.tv.id}],
        )
        with self.assertRaisesRegex(UserError, "another kind of service"):
            change.action_confirm()

    def test_form_proposes_the_present(self):
        action = self.contract.action_new_change("annex")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        with form.line_ids.new() as line:
            line.action = "change"
            line.service_id = self.internet
            self.assertEqual(line.product_id, self.fibre)
            line.product_id = self.fast
            self.assertEqual(line.price_unit, 89.0)
        change = form.save()
        self.assertEqual(change.revision, self.contract.revision)
        self.assertEqual(change.line_ids.text_before, self.fibre.name)

    def test_contract_and_kind_of_the_menu_stay(self):
        """A key pressed by mistake does not turn the change into one of another contract."""
        action = self.contract.action_new_change("suspension")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        for name, value in (("kind", "annex"), ("contract_id", self.contract)):
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form[name] = value
        change = form.save()
        self.assertEqual((change.contract_id, change.kind), (self.contract, "suspension"))
        form = Form(self.env[action["res_model"]])
        form.contract_id = self.contract
        form.kind = "annex"
        with self.assertRaisesRegex(AssertionError, "readonly"):
            Form(form.save()).contract_id = self.contract

    def test_price_of_a_bundle_is_spread(self):
        bundle = self.make_bundle()
        contract = self.make_subscriber(name="Ewa Lis", products=[bundle]).contract_ids
        head = contract.service_ids.filtered("child_ids")
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        change = self.make_change(
            "price",
            date(2026, 12, 1),
            [{"action": "price", "service_id": head.id, "price_unit": 100.0}],
            contract=contract,
        )
        self.assertEqual(change.line_ids.price_before, 128.0)
        change.action_confirm()
        prices = [self.price_on(part, date(2026, 12, 1)) for part in head.child_ids]
        self.assertEqual(sum(prices), 100.0)
        self.assertEqual(prices, [69.53, 30.47])
