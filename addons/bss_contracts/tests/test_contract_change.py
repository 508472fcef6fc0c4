from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import ContractsCommon

TODAY = "2026-11-21 10:00:00"


class ChangeCommon(ContractsCommon):
    """A subscriber with internet and a mobile, charged up to the end of November 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fast = cls.make_offering("T-NET900", 89.0, service="internet")
        cls.tv = cls.make_offering("T-TV", 39.0, service="tv")
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.account = cls.make_subscriber(
            products=[cls.fibre, cls.mobile], date_start=date(2026, 1, 1), charged_through=date(2026, 11, 30)
        )
        cls.contract = cls.account.contract_ids
        cls.internet, cls.phone = cls.contract.service_ids
        cls.number = cls.next_msisdn()
        cls.env["bss.service.identifier"].create(
            {"service_id": cls.phone.id, "kind": "msisdn", "value": cls.number, "date_start": date(2026, 1, 1)}
        )

    def make_change(self, kind, day=None, lines=(), contract=None, **vals):
        vals = {
            "contract_id": (contract or self.contract).id,
            "kind": kind,
            "line_ids": [Command.create(line) for line in lines],
            **vals,
        }
        if day:
            vals["date_effective"] = day
        return self.env["bss.contract.change"].create(vals)

    def upgrade(self, day=date(2026, 12, 10), **vals):
        return self.make_change(
            "annex", day, [{"action": "change", "service_id": self.internet.id, "product_id": self.fast.id}], **vals
        )

    def make_bundle(self):
        return self.make_offering(
            "T-DUO",
            0.0,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.fast.id}),
                Command.create({"product_id": self.tv.id}),
            ],
        )

    def finish(self, day):
        """The cron of ``day``."""
        with freeze_time(f"{day} 06:00:00"), self.enter_registry_test_mode():
            self.env.ref("bss_contracts.ir_cron_finish_changes").method_direct_trigger()
        self.env.invalidate_all()

    def price_on(self, service, day):
        return float(service._bss_as_of(day)["price_unit"])


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
class TestChangeRefusals(ChangeCommon):
    def refused(self, change, words):
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            change.action_confirm()
        self.assertEqual(change.state, "draft")

    def price(self, day, price=60.0, **vals):
        line = {"action": "price", "service_id": self.internet.id, "price_unit": price}
        return self.make_change("price", day, [line], **vals)

    def test_before_the_contract(self):
        self.refused(self.price(date(2025, 12, 31)), "before contract")

    def test_before_the_service(self):
        late = self.make_service(self.contract, self.tv, date_start=date(2026, 6, 1))
        change = self.make_change(
            "price", date(2026, 5, 1), [{"action": "price", "service_id": late.id, "price_unit": 50.0}]
        )
        self.refused(change, "before Offering T-TV starts")

    def test_too_far_back(self):
        self.company.bss_change_months_back = 3
        self.refused(self.price(date(2026, 8, 20)), "more than 3 months back")
        self.price(date(2026, 8, 21)).action_confirm()

    def test_one_fact_twice_on_one_day(self):
        first = self.price(date(2026, 12, 10))
        first.action_confirm()
        self.refused(self.price(date(2026, 12, 10), 61.0), f"by {first.display_name} already")
        self.refused(self.upgrade(), "already")
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
        self.refused(self.make_change("price", date(2026, 12, 1), [line, line]), "two lines at once")

    def test_nothing_said(self):
        self.refused(self.make_change("annex", date(2026, 12, 1)), "at least one line")

    def test_last_service(self):
        lines = [{"action": "remove", "service_id": one.id} for one in (self.internet, self.phone)]
        self.refused(self.make_change("annex", date(2026, 12, 1), lines), "terminate contract")
        lines.append({"action": "add", "product_id": self.fast.id})
        self.make_change("annex", date(2026, 12, 1), lines).action_confirm()

    def test_terminated_contract(self):
        self.contract.action_terminate(date(2026, 11, 20))
        self.assertEqual(self.contract.state, "terminated")
        self.refused(self.price(date(2026, 11, 25)), "ended on")

    def test_draft_contract(self):
        draft = self.env["bss.contract"].create({"account_id": self.account.id, "date_start": date(2026, 11, 1)})
        self.refused(self.make_change("annex", date(2026, 12, 1), contract=draft), "is a draft")

    def test_service_of_another_contract(self):
        other = self.make_subscriber(name="Ewa Lis").service_ids
        change = self.make_change(
            "price", date(2026, 12, 1), [{"action": "price", "service_id": other.id, "price_unit": 60.0}]
        )
        self.refused(change, "another contract")

    def test_offering_withdrawn_from_sale(self):
        change = self.upgrade()
        self.fast.product_tmpl_id.action_bss_withdraw()
        self.refused(change, "not on sale")

    def test_after_the_agreed_end(self):
        self.contract.action_terminate(date(2026, 12, 31))
        self.refused(self.price(date(2027, 1, 1)), "nothing to change")
        self.price(date(2026, 12, 1)).action_confirm()

    def test_end_before_what_is_agreed(self):
        agreed = self.price(date(2027, 2, 1))
        agreed.action_confirm()
        end = self.make_change("termination", termination_cause="agreement", date_last=date(2026, 12, 31))
        self.refused(end, "agreed for later days")
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


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNumberAndPlace(ChangeCommon):
    def test_number_change_without_gap(self):
        new = self.next_msisdn()
        change = self.make_change("number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": new}])
        self.assertEqual(change.line_ids.action, "number")
        change.action_preview()
        for value in (self.number, new):
            self.assertIn(value, change.preview_html)
        change.action_confirm()
        rows = [(one.value, one.date_start, one.date_end) for one in self.phone.identifier_ids.sorted("date_start")]
        self.assertEqual(
            rows,
            [(self.number, date(2026, 1, 1), date(2026, 11, 30)), (new, date(2026, 12, 1), False)],
        )
        find = self.env["bss.service.identifier"]._bss_find_service
        self.assertEqual(find(self.company, "msisdn", self.number, date(2026, 11, 30)), self.phone)
        self.assertEqual(find(self.company, "msisdn", new, date(2026, 12, 1)), self.phone)
        self.assertIn(new, change.order_ids.text)
        change.action_undo()
        self.assertEqual(self.phone.identifier_ids.mapped("value"), [self.number])
        self.assertFalse(self.phone.identifier_ids.date_end)

    def test_a_service_is_called_by_the_number_of_today(self):
        new, later = self.next_msisdn(), self.next_msisdn()
        self.make_change(
            "number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": new}]
        ).action_confirm()
        self.assertEqual(self.phone.main_identifier, self.number)
        self.assertIn(self.number, self.phone.name)
        again = self.make_change("number", date(2026, 12, 10), [{"service_id": self.phone.id, "new_identifier": later}])
        self.assertEqual(again.line_ids.identifier_id.value, new, "changed from what it will be then")
        again.action_confirm()
        self.finish("2026-12-01")
        self.assertEqual(self.phone.main_identifier, new)
        self.finish("2026-12-10")
        self.assertEqual(self.phone.main_identifier, later)
        self.assertIn(later, self.phone.name)

    def test_number_in_use(self):
        taken = self.next_msisdn()
        self.make_subscriber(name="Ewa Lis", products=[self.mobile], msisdn=taken)
        change = self.make_change("number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": taken}])
        with self.assertRaisesRegex(UserError, f"{taken} is in use"):
            change.action_confirm()

    def test_bad_numbers(self):
        for value, words in ((self.number, "the number already"), ("12", "not a valid number")):
            change = self.make_change(
                "number", date(2026, 12, 1), [{"service_id": self.phone.id, "new_identifier": value}]
            )
            with self.assertRaisesRegex(UserError, words):
                change.action_confirm()
        change = self.make_change(
            "number", date(2026, 12, 1), [{"service_id": self.internet.id, "new_identifier": "jan"}]
        )
        with self.assertRaisesRegex(UserError, "no number"):
            change.action_confirm()

    def make_place(self, name, **vals):
        return self.env["bss.location"].create({"name": name, "kind": "building", "city": "Kutno", **vals})

    def test_relocation(self):
        old, new = self.make_place("Lipowa 1", has_fibre=True), self.make_place("Polna 2", has_fibre=True)
        self.fibre.bss_technology = "fibre"
        self.internet._bss_set_version(date(2026, 1, 1), {"location_id": old})
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R7", "service_id": self.internet.id, "state": "at_customer"}
        )
        action = self.contract.action_new_change("relocation")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.location_id = new
        form.date_effective = date(2026, 12, 3)
        change = form.save()
        self.assertEqual(change.line_ids.service_id, self.internet)
        change.action_confirm()
        self.assertEqual(self.internet._bss_as_of(date(2026, 12, 2))["location"], old)
        self.assertEqual(self.internet._bss_as_of(date(2026, 12, 3))["location"], new)
        self.assertIn("Polna 2", change.order_ids.text)
        self.finish("2026-12-03")
        self.assertEqual(device.location_id, new)

    def test_relocation_to_where_the_technology_is_missing(self):
        new = self.make_place("Polna 3")
        self.fibre.bss_technology = "fibre"
        change = self.make_change(
            "relocation", date(2026, 12, 3), [{"service_id": self.internet.id}], location_id=new.id
        )
        with self.assertRaisesRegex(UserError, "needs Fibre, which is not at Kutno, Polna 3"):
            change.action_confirm()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAddress(ChangeCommon):
    def test_new_address_on_its_day(self):
        change = self.make_change(
            "address",
            date(2026, 12, 1),
            new_street="ul. Polna 2",
            new_zip="99-300",
            new_city="Kutno",
            new_delivery_method="post",
        )
        change.action_confirm()
        partner = self.account.partner_id
        self.assertEqual((partner.street, self.account.delivery_method), ("ul. Lipowa 1", "email"))
        self.finish("2026-12-01")
        self.assertEqual((partner.street, partner.zip, partner.city), ("ul. Polna 2", "99-300", "Kutno"))
        self.assertEqual((self.account.delivery_method, change.state), ("post", "done"))
        self.assertEqual(change.undo_data["address"]["new_street"], "ul. Lipowa 1")

    def test_undone_address_never_comes(self):
        change = self.make_change("address", date(2026, 12, 1), new_email="nowy@example.com")
        change.action_confirm()
        change.action_undo()
        self.finish("2026-12-01")
        self.assertEqual(self.account.partner_id.email, "klient@example.com")

    def test_refusals(self):
        for vals, words in (
            ({}, "Say what changes"),
            ({"new_street": "ul. Polna 2"}, "postcode and town"),
            ({"new_street": "ul. Polna 2", "new_zip": "9930", "new_city": "Kutno"}, "“9930” is not a postcode"),
            ({"new_email": "jan.poczta.example"}, "not an e-mail address"),
            ({"new_phone": "12345"}, "not a phone number"),
        ):
            change = self.make_change("address", date(2026, 12, 1), **vals)
            with self.assertRaisesRegex(UserError, words):
                change.action_confirm()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuspension(ChangeCommon):
    def test_planned_absence(self):
        change = self.make_change("suspension", date(2026, 12, 5), date_end=date(2026, 12, 20), charge_percent=10.0)
        change.action_confirm()
        spans = (self.internet | self.phone).suspension_ids
        self.assertEqual(
            {(one.date_start, one.date_end, one.cause, one.charge_percent) for one in spans},
            {(date(2026, 12, 5), date(2026, 12, 20), "request", 10.0)},
        )
        orders = {(one.service_id, one.action, one.date_valid_from, one.state) for one in change.order_ids}
        self.assertEqual(
            orders,
            {
                (service, action, day, "queued")
                for service in (self.internet, self.phone)
                for action, day in (("suspend", date(2026, 12, 5)), ("resume", date(2026, 12, 21)))
            },
        )
        change.action_undo()
        self.assertFalse((self.internet | self.phone).suspension_ids)
        self.assertEqual(set(change.order_ids.mapped("state")), {"cancelled"})

    def test_one_service_only(self):
        change = self.make_change(
            "suspension", date(2026, 12, 5), service_ids=[Command.set(self.phone.ids)], charge_percent=0.0
        )
        change.action_confirm()
        self.assertFalse(self.internet.suspension_ids)
        self.assertTrue(self.phone.suspension_ids)
        self.finish("2026-12-05")
        self.assertEqual(self.contract.state, "active")

    def test_overlap_is_refused(self):
        self.make_change("suspension", date(2026, 12, 5), date_end=date(2026, 12, 20)).action_confirm()
        again = self.make_change("suspension", date(2026, 12, 20), date_end=date(2026, 12, 24))
        with self.assertRaisesRegex(UserError, "suspended already"):
            again.action_confirm()

    def test_reversed_days_are_said_by_the_preview(self):
        """Not by a dialogue at saving: the clerk corrects what stands in the form."""
        change = self.make_change("suspension", date(2026, 12, 20), date_end=date(2026, 12, 19))
        change.action_preview()
        self.assertTrue(change.preview_refused)
        self.assertIn("ends before it starts", change.preview_html)
        with self.assertRaisesRegex(UserError, "ends before it starts"):
            change.action_confirm()

    def test_days_that_are_over_only_give_money_back(self):
        change = self.make_change("suspension", date(2026, 11, 10), date_end=date(2026, 11, 15), charge_percent=0.0)
        change.action_confirm()
        self.assertEqual((change.state, self.contract.state), ("done", "active"))
        self.assertFalse(change.order_ids, "there is nothing left to switch")
        self.assertEqual(self.internet.suspension_ids.date_end, date(2026, 11, 15))
        self.assertEqual(set(self.contract.service_ids.mapped("state")), {"active"})

    def test_sooner_back(self):
        away = self.make_change("suspension", date(2026, 11, 25), date_end=date(2026, 12, 31))
        away.action_confirm()
        back = self.make_change("resumption", date(2026, 12, 10))
        back.action_confirm()
        self.assertEqual(set(self.internet.suspension_ids.mapped("date_end")), {date(2026, 12, 9)})
        resumes = (self.internet | self.phone).order_ids.filtered(lambda order: order.action == "resume")
        self.assertEqual(set(resumes.mapped("date_valid_from")), {date(2026, 12, 10)})
        back.action_undo()
        self.assertEqual(set(self.internet.suspension_ids.mapped("date_end")), {date(2026, 12, 31)})
        self.assertEqual(set(resumes.mapped("date_valid_from")), {date(2027, 1, 1)})
        self.assertEqual(set(resumes.mapped("state")), {"queued"})

    def test_whole_contract_suspended_and_resumed(self):
        self.make_change("suspension", date(2026, 11, 21)).action_confirm()
        self.assertEqual(self.contract.state, "suspended")
        self.contract.service_ids.order_ids.filtered(lambda one: one.action == "suspend")._bss_done()
        with freeze_time("2026-11-25 08:00:00"):
            self.make_change("resumption", date(2026, 11, 25)).action_confirm()
            self.assertEqual(self.contract.state, "active")
            self.contract.service_ids.order_ids.filtered(lambda one: one.action == "resume")._bss_done()
        self.assertEqual(set(self.contract.service_ids.mapped("state")), {"active"})

    def test_nothing_to_resume(self):
        with self.assertRaisesRegex(UserError, "No service is suspended"):
            self.make_change("resumption", date(2026, 12, 1)).action_confirm()

    def test_debt_is_not_resumed_on_request(self):
        self.internet._bss_suspend(date(2026, 11, 1), None, "debt")
        with self.assertRaisesRegex(UserError, "Suspended for debt"):
            self.make_change("resumption", date(2026, 12, 1)).action_confirm()
