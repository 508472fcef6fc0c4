"""Contract changes that are refused, and why."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangeRefusals(ChangeCommon):
    def price(self, day, price=60.0, **vals):
        line = {"action": "price", "service_id": self.internet.id, "price_unit": price}
        return self.make_change("price", day, [line], **vals)

    def test_before_the_contract(self):
        self.assertRefused(self.price(date(2025, 12, 31)), "before contract")

    def test_before_the_service(self):
        late = self.make_service(self.contract, self.tv, date_start=date(2026, 6, 1))
        change = self.make_change(
            "price", date(2026, 5, 1), [{"action": "price", "service_id": late.id, "price_unit": 50.0}]
        )
        self.assertRefused(change, "before Offering T-TV starts")

    def test_too_far_back(self):
        self.company.bss_change_months_back = 3
        self.assertRefused(self.price(date(2026, 8, 20)), "more than 3 months back")
        self.price(date(2026, 8, 21)).action_confirm()

    def test_one_fact_twice_on_one_day(self):
        first = self.price(date(2026, 12, 10))
        first.action_confirm()
        self.assertRefused(self.price(date(2026, 12, 10), 61.0), f"by {first.display_name} already")
        self.assertRefused(self.upgrade(), "already")
        # another fact of the same service on the same day is no contradiction
        place = self.env["bss.location"].create({"name": "Polna 1", "kind": "building", "city": "Kutno"})
        moved = self.make_change(
            "relocation", date(2026, 12, 10), [{"service_id": self.internet.id}], location_id=place.id
        )
        moved.action_confirm()
        facts = self.internet._bss_as_of(date(2026, 12, 10))
        self.assertEqual((float(facts["price_unit"]), facts["location"]), (60.0, place))
        first.action_undo()
        facts = self.internet._bss_as_of(date(2026, 12, 10))
        self.assertEqual((float(facts["price_unit"]), facts["location"]), (59.0, place))

    def test_two_lines_of_one_service(self):
        line = {"action": "price", "service_id": self.internet.id, "price_unit": 60.0}
        self.assertRefused(self.make_change("price", date(2026, 12, 1), [line, line]), "two lines at once")

    def test_nothing_said(self):
        self.assertRefused(self.make_change("annex", date(2026, 12, 1)), "at least one line")

    def test_last_service(self):
        lines = [{"action": "remove", "service_id": one.id} for one in (self.internet, self.phone)]
        self.assertRefused(self.make_change("annex", date(2026, 12, 1), lines), "terminate contract")
        lines.append({"action": "add", "product_id": self.fast.id})
        self.make_change("annex", date(2026, 12, 1), lines).action_confirm()

    def test_terminated_contract(self):
        self.contract.action_terminate(date(2026, 11, 20))
        self.assertEqual(self.contract.state, "terminated")
        self.assertRefused(self.price(date(2026, 11, 25)), "ended on")

    def test_draft_contract(self):
        draft = self.env["bss.contract"].create({"account_id": self.account.id, "date_start": date(2026, 11, 1)})
        self.assertRefused(self.make_change("annex", date(2026, 12, 1), contract=draft), "is a draft")

    def test_service_of_another_contract(self):
        other = self.make_subscriber(name="Ewa Lis").service_ids
        change = self.make_change(
            "price", date(2026, 12, 1), [{"action": "price", "service_id": other.id, "price_unit": 60.0}]
        )
        self.assertRefused(change, "another contract")

    def test_offering_withdrawn_from_sale(self):
        change = self.upgrade()
        self.fast.product_tmpl_id.action_bss_withdraw()
        self.assertRefused(change, "not on sale")

    def test_after_the_agreed_end(self):
        self.contract.action_terminate(date(2026, 12, 31))
        self.assertRefused(self.price(date(2027, 1, 1)), "nothing to change")
        self.price(date(2026, 12, 1)).action_confirm()

    def test_end_before_what_is_agreed(self):
        agreed = self.price(date(2027, 2, 1))
        agreed.action_confirm()
        end = self.make_change("termination", termination_cause="agreement", date_last=date(2026, 12, 31))
        self.assertRefused(end, "agreed for later days")
        agreed.action_undo()
        end.action_refresh()
        end.action_confirm()

    def test_price_below_the_list_needs_the_manager(self):
        clerk = new_test_user(self.env, "p_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id)
        boss = new_test_user(
            self.env, "p_boss", groups="bss_catalog.group_bss_billing_manager", company_id=self.company.id
        )
        change = self.price(date(2026, 12, 1), 49.0)
        with self.assertRaisesRegex(UserError, "below the list price"), self.env.cr.savepoint():
            change.with_user(clerk).action_confirm()
        change.with_user(boss).action_confirm()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 1)), 49.0)

    def test_viewer_only_looks(self):
        viewer = new_test_user(self.env, "c_viewer", groups="bss_catalog.group_bss_viewer", company_id=self.company.id)
        change = self.upgrade().with_user(viewer)
        self.assertEqual(change.contract_id, self.contract)
        for forbidden in (change.action_confirm, change.action_preview, change.action_undo, change.unlink):
            with self.assertRaises(AccessError):
                forbidden()

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Inny operator"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        change = self.upgrade()
        seen = self.env["bss.contract.change"].with_user(stranger).with_company(other)
        self.assertFalse(seen.with_context(allowed_company_ids=other.ids).search([]))
        with self.assertRaises(AccessError):
            change.with_user(stranger).with_context(allowed_company_ids=other.ids).reason  # noqa: B018 - the read is tried
