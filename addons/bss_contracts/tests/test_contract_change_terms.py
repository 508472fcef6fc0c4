from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAgreedTerms(ChangeCommon):
    """What was agreed is what is stored, billed and printed."""

    def add(self, product, **vals):
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": product.id, **vals}])
        change.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        return change.line_ids

    def test_added_service_keeps_its_agreed_price(self):
        line = self.add(self.tv, price_unit=50.0, quantity=2.0)
        self.assertEqual((line.price_unit, line.quantity, line.price_kind), (50.0, 2.0, "net"))
        self.assertEqual((line.service_id.price_unit, line.service_id.quantity), (50.0, 2.0))

    def test_added_bundle_is_billed_at_its_agreed_price(self):
        line = self.add(self.make_bundle(), price_unit=100.0)
        parts = line.service_id.child_ids
        self.assertEqual((line.price_unit, line.service_id.price_unit), (100.0, 100.0))
        self.assertEqual(parts.mapped("price_unit"), [69.53, 30.47])  # 100.00 as 89 : 39
        for part in parts:
            part._bss_apply_order("activate", date(2026, 12, 1))
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(round(sum(parts.charge_ids.mapped("amount")), 2), 100.0)

    def test_a_draft_follows_the_offering(self):
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": self.tv.id}])
        change.line_ids.product_id = self.fast
        self.assertEqual(change.line_ids.price_unit, 89.0)

    def test_agreed_terms_are_never_recomputed(self):
        change = self.upgrade()
        change.line_ids.price_unit = 95.0
        change.action_confirm()
        line, names = change.line_ids, ("action", "product_id", "quantity", "price_unit", "price_kind", "identifier_id")
        before = line.read(names, load="")
        self.finish("2026-12-10")
        for name in names:  # as an upgrade of the module does
            self.env.add_to_compute(line._fields[name], line)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(line.read(names, load=""), before)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestOnlyTheManager(ChangeCommon):
    """What a clerk cannot confirm, whatever the request carries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env, "limited_clerk", groups="bss_catalog.group_bss_clerk", company_id=cls.company.id
        )

    def refused(self, action, service, **vals):
        line = {"action": action, "service_id": service.id, **vals}
        change = self.make_change("annex", date(2026, 12, 1), [line]).with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "only a billing manager"), self.env.cr.savepoint():
            change.action_confirm()
        change.action_preview()
        self.assertIn("billing manager", change.preview_html)
        return change

    def test_preview_of_the_client_is_no_preview(self):
        change = self.refused("price", self.internet, price_unit=1.0)
        for claimed in ([], {}, True, "Trial"):
            with self.assertRaisesRegex(UserError, "only a billing manager"), self.env.cr.savepoint():
                change.with_context(bss_preview=claimed).action_confirm()
        self.assertEqual(change.state, "draft")

    def test_waived_claw_back_needs_the_manager_whatever_the_context(self):
        self.contract.term_months = 24
        promotion = self.env["bss.promotion"].create(
            {
                "name": "Taniej",
                "code": "LESS",
                "company_id": self.company.id,
                "step_ids": [Command.create({"month_from": 1, "month_to": 24, "kind": "amount", "value": 20.0})],
                "state": "on_sale",
            }
        )
        self.internet._bss_grant(promotion, date(2026, 1, 1))
        change = self.make_change(
            "termination", termination_cause="agreement", date_last=date(2026, 12, 15), claw_back_waived=True
        ).with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "only a billing manager"):
            change.with_context(bss_preview=[]).action_confirm()

    def test_less_than_one_piece(self):
        self.refused("change", self.internet, product_id=self.fibre.id, quantity=0.01)
        change = self.make_change(
            "annex", date(2026, 12, 1), [{"action": "add", "product_id": self.tv.id, "quantity": 0.5}]
        ).with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "less than one piece: only a billing manager"):
            change.action_confirm()

    def test_less_money_for_the_same(self):
        self.internet._bss_set_version(date(2026, 11, 1), {"quantity": 3, "price_unit": 65.0})
        self.refused("change", self.internet, product_id=self.fibre.id, quantity=2.0, price_unit=65.0)
        self.refused("price", self.internet, price_unit=60.0)
        change = self.make_change(
            "annex",
            date(2026, 12, 1),
            [{"action": "change", "service_id": self.internet.id, "product_id": self.fibre.id, "quantity": 4.0}],
        ).with_user(self.clerk)
        change.action_confirm()
        self.assertEqual(self.internet._bss_as_of(date(2026, 12, 1))["quantity"], 4)

    def test_projection_of_the_client_is_a_direct_price(self):
        self.internet.with_user(self.env.user).with_context(bss_projection=True).write({"price_unit": 70.0})
        self.assertEqual(self.price_on(self.internet, date(2026, 11, 30)), 59.0)  # charged: stays
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 1)), 70.0)

    def test_bundle_always_has_its_parts(self):
        bundle = self.make_bundle()
        head = (
            self.env["bss.service"]
            .with_context(bss_without_parts=True)
            .create({"contract_id": self.contract.id, "product_id": bundle.id})
        )
        self.assertEqual(head.child_ids.product_id, self.fast | self.tv)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTheDay(ChangeCommon):
    def test_one_that_fails_does_not_hold_up_the_others(self):
        first = self.upgrade(date(2026, 12, 1))
        first.action_confirm()
        second = self.make_change(
            "price", date(2026, 12, 1), [{"action": "price", "service_id": self.phone.id, "price_unit": 35.0}]
        )
        second.action_confirm()
        finish = type(first)._bss_finish

        def fail(change):
            if change == first:
                raise ValueError("not a message for users")
            return finish(change)

        with (
            patch.object(type(first), "_bss_finish", fail),
            mute_logger("odoo.addons.bss_contracts.models.bss_contract_change"),
        ):
            self.finish("2026-12-01")
        self.assertEqual((first.state, second.state), ("confirmed", "done"))
        self.assertEqual(len(first.activity_ids), 1)

    def test_service_shows_the_kind_of_price_of_its_version(self):
        self.upgrade().action_confirm()
        self.account.pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Brutto",
                "currency_id": self.account.currency_id.id,
                "bss_price_kind": "gross",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": self.fast.product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": 99.0,
                        }
                    )
                ],
            }
        )
        with freeze_time("2026-12-10 06:00:00"):
            self.internet._bss_sync_current()
        self.assertEqual((self.internet.product_id, self.internet.price_unit), (self.fast, 89.0))
        self.assertEqual(self.internet.price_kind, "net")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestBuiltOnEachOther(ChangeCommon):
    """A change that builds on another one knows of it, and keeps it from being taken back alone."""

    def assign(self, day):
        change = self.make_change("assignment", day, new_account_id=self.make_account(name="Ewa Lis").id)
        change.action_confirm()
        return change

    def test_assignment_takes_the_renewed_term_over(self):
        self.contract.term_months = 12
        renewal = self.make_change("renewal", date(2027, 1, 1), new_term_months=24)
        renewal.action_confirm()
        new = self.assign(date(2027, 1, 11)).result_contract_id
        self.assertEqual((new.date_term_start, new.term_months), (date(2027, 1, 1), 24))
        self.assertEqual(new.date_term_end, date(2028, 12, 31))
        with self.assertRaisesRegex(UserError, "Undo the changes that build on"):
            renewal.action_undo()

    def test_assignment_before_a_renewal_was_agreed(self):
        self.contract.term_months = 12
        new = self.assign(date(2026, 12, 11)).result_contract_id
        self.assertEqual((new.term_months, new.date_term_end), (12, date(2026, 12, 31)))

    def test_price_agreed_for_the_new_offering(self):
        annex = self.upgrade()
        annex.action_confirm()
        price = self.make_change(
            "price", date(2026, 12, 20), [{"action": "price", "service_id": self.internet.id, "price_unit": 95.0}]
        )
        price.action_confirm()
        with self.assertRaisesRegex(UserError, "Undo the changes that build on"):
            annex.action_undo()
        price.action_undo()
        annex.action_undo()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 25)), 59.0)

    def test_price_agreed_before_holds_by_itself(self):
        self.make_change(
            "price", date(2026, 12, 20), [{"action": "price", "service_id": self.internet.id, "price_unit": 65.0}]
        ).action_confirm()
        annex = self.upgrade()
        annex.action_confirm()
        annex.action_undo()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 25)), 65.0)

    def test_resumption_of_the_suspension(self):
        suspension = self.make_change("suspension", date(2026, 12, 5), date_end=date(2026, 12, 20))
        suspension.action_confirm()
        resumption = self.make_change("resumption", date(2026, 12, 10))
        resumption.action_confirm()
        with self.assertRaisesRegex(UserError, "Undo the changes that build on"):
            suspension.action_undo()
        resumption.action_undo()
        suspension.action_undo()
        self.assertFalse(self.internet.suspension_ids)


@tagged("post_install", "-at_install")
@freeze_time("2026-12-15 09:00:00")
class TestStartMovedBack(ChangeCommon):
    def moved(self, service):
        service.date_start = date(2026, 11, 20)
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        early = service.charge_ids.filtered(lambda one: one.date_start < date(2026, 12, 1))
        return [(one.kind, one.date_start, one.date_end, one.amount) for one in early]

    def test_days_before_the_first_charge_are_charged_once(self):
        tv = self.make_service(self.contract, self.tv, date_start=date(2026, 12, 1))
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(tv.charge_ids.mapped("amount"), [39.0])
        days = [("correction", date(2026, 11, 20), date(2026, 11, 30), 14.3)]  # 11 of 30 days
        self.assertEqual(self.moved(tv), days)
        self.assertFalse(tv._bss_recalculate())

    def test_not_what_an_earlier_system_charged(self):
        tv = self.make_service(self.contract, self.tv, date_start=date(2026, 12, 1), charged_through=date(2026, 12, 31))
        self.assertEqual(self.moved(tv), [])
