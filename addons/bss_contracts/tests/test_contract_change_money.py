"""The money of contract changes: prices and their kind, promotions, what is taken back, what is asked back."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY
from .test_contract_change_end import EndCommon


class MoneyCommon(EndCommon):
    def make_list(self, kind="net", percent=0.0, prices=()):
        """A price list of the account: ``percent`` off everything, or fixed prices [(product, price)]."""
        items = [
            Command.create(
                {
                    "applied_on": "1_product",
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "compute_price": "fixed",
                    "fixed_price": price,
                }
            )
            for product, price in prices
        ]
        if percent:
            items = [
                Command.create({"applied_on": "3_global", "compute_price": "percentage", "percent_price": percent})
            ]
        self.account.pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Lista konta",
                "currency_id": self.account.currency_id.id,
                "bss_price_kind": kind,
                "item_ids": items,
            }
        )

    def user(self, login, group):
        return new_test_user(
            self.env,
            login,
            groups=f"bss_catalog.group_bss_{group}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def make_promotion(self, code, **vals):
        return self.env["bss.promotion"].create(
            {
                "name": code,
                "code": code,
                "company_id": self.company.id,
                "step_ids": [Command.create({"month_from": 1, "month_to": 1, "kind": "free"})],
                "state": "on_sale",
                **vals,
            }
        )

    def add_tv(self, *promotions, day=date(2026, 12, 1)):
        line = {"action": "add", "product_id": self.tv.id, "promotion_ids": [Command.set([p.id for p in promotions])]}
        return self.make_change("annex", day, [line])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangePrice(MoneyCommon):
    def test_new_offering_takes_price_and_kind_from_the_gross_list(self):
        self.make_list("gross", prices=[(self.fast, 99.0)])
        change = self.upgrade()
        self.assertEqual((change.line_ids.price_unit, change.line_ids.price_kind), (99.0, "gross"))
        change.action_confirm()
        facts = self.internet._bss_as_of(date(2026, 12, 10))
        self.assertEqual((float(facts["price_unit"]), facts["price_kind"]), (99.0, "gross"))

    def test_new_offering_takes_price_and_kind_from_the_net_list(self):
        self.internet._bss_set_version(date(2026, 1, 1), {"price_kind": "gross", "price_unit": 72.57})
        line = self.upgrade().line_ids
        self.assertEqual((line.price_unit, line.price_kind), (89.0, "net"))

    def test_price_of_the_service_keeps_its_kind(self):
        self.make_list("gross", prices=[(self.fibre, 99.0)])
        line = {"action": "price", "service_id": self.internet.id}
        change = self.make_change("price", date(2026, 12, 10), [line])
        self.assertEqual((change.line_ids.price_unit, change.line_ids.price_kind), (59.0, "net"))
        # 99.00 / 1.23
        self.assertEqual(round(change.line_ids.price_list, 2), 80.49)

    def test_net_price_is_compared_with_the_net_of_the_gross_list(self):
        self.make_list("gross", prices=[(self.fibre, 99.0)])
        clerk = self.user("kind_clerk", "clerk")
        for day, price, allowed in ((10, 80.48, False), (11, 80.49, True)):
            line = {"action": "price", "service_id": self.internet.id, "price_unit": price}
            change = self.make_change("price", date(2026, 12, day), [line]).with_user(clerk)
            if allowed:
                change.action_confirm()
                continue
            with self.assertRaisesRegex(UserError, "below the list price"), self.env.cr.savepoint():
                change.action_confirm()

    def test_same_number_of_another_kind_is_another_price(self):
        line = {"action": "price", "service_id": self.internet.id, "price_kind": "gross"}
        change = self.make_change("price", date(2026, 12, 10), [line]).with_user(self.user("same_clerk", "clerk"))
        self.assertEqual((change.line_ids.price_unit, change.line_ids.price_kind), (59.0, "gross"))
        with self.assertRaisesRegex(UserError, "below the list price"):
            change.action_confirm()

    def test_list_of_the_account(self):
        self.make_list(percent=40.0)
        change = self.add_tv().with_user(self.user("list_clerk", "clerk"))
        self.assertEqual((change.line_ids.price_unit, change.line_ids.price_list), (23.4, 23.4))
        change.action_confirm()
        self.assertEqual(change.line_ids.service_id.price_unit, 23.4)

    def test_agreed_price_of_an_added_service_stays(self):
        bundle = self.make_bundle()
        change = self.make_change(
            "annex", date(2026, 12, 1), [{"action": "add", "product_id": bundle.id, "price_unit": 150.0}]
        )
        change.action_confirm()
        self.assertEqual((change.line_ids.price_unit, change.line_ids.product_id), (150.0, bundle))
        self.assertEqual(sum(change.line_ids.service_id.child_ids.mapped("price_unit")), 150.0)

    def test_cheap_bundle_needs_the_manager(self):
        bundle, clerk = self.make_bundle(), self.user("duo_clerk", "clerk")
        line = {"action": "add", "product_id": bundle.id, "price_unit": 0.01}
        change = self.make_change("annex", date(2026, 12, 1), [line]).with_user(clerk)
        with self.assertRaisesRegex(UserError, "below the list price"), self.env.cr.savepoint():
            change.action_confirm()
        change.line_ids.price_unit = 128.0
        change.action_confirm()

    def test_bundle_proposes_what_its_parts_cost(self):
        head = self.make_service(self.contract, self.make_bundle(), date_start=date(2026, 2, 1))
        for part in head.child_ids:
            part._bss_apply_order("activate", date(2026, 2, 1))
        clerk = self.user("head_clerk", "clerk")
        line = {"action": "price", "service_id": head.id}
        change = (
            self.env["bss.contract.change"]
            .with_user(clerk)
            .create(
                {
                    "contract_id": self.contract.id,
                    "kind": "price",
                    "date_effective": date(2026, 12, 10),
                    "line_ids": [Command.create(line)],
                }
            )
        )
        self.assertEqual((change.line_ids.price_unit, change.line_ids.price_list), (128.0, 128.0))
        change.line_ids.price_unit = 0.01
        with self.assertRaisesRegex(UserError, "below the list price"), self.env.cr.savepoint():
            change.action_confirm()
        change.line_ids.price_unit = 130.0
        change.action_confirm()
        parts = [self.price_on(part, date(2026, 12, 10)) for part in head.child_ids]
        self.assertEqual(round(sum(parts), 2), 130.0)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangeTakenBack(MoneyCommon):
    def test_billed_gross_claim_is_given_back_in_gross(self):
        self.with_term()
        self.internet._bss_set_version(date(2026, 1, 1), {"price_kind": "gross", "price_unit": 73.80})
        change = self.terminate(
            date_last=date(2026, 12, 15), termination_cause="immediate", date_signed=date(2026, 11, 21)
        )
        change.action_confirm()
        claim = change.charge_ids
        self.assertEqual(claim.price_kind, "gross")
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(claim.state, "billed")
        change.action_undo()
        back = change.charge_ids - claim
        self.assertEqual(
            (back.price_kind, back.amount_gross, back.amount), ("gross", -claim.amount_gross, -claim.amount)
        )
        run = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        item = run.item_ids.filtered(lambda one: one.account_id == self.account)
        self.assertNotEqual(item.state, "error", item.error)
        self.assertEqual(back.state, "billed")
        self.assertEqual(abs(back.move_line_id.price_total), claim.amount_gross)

    def test_device_given_back_after_a_gross_charge(self):
        device = self.env["bss.device"].create(
            {"product_id": self.fibre.id, "serial": "GR-1", "service_id": self.internet.id}
        )
        charge = self.internet._bss_charge_once(self.fibre, date(2026, 11, 1), price=123.0, price_kind="gross")
        device.write({"state": "at_customer", "account_id": self.account.id, "replacement_charge_id": charge.id})
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(charge.state, "billed")
        device._bss_take_back_replacement()
        back = self.account.charge_ids.filtered(lambda one: one.origin_charge_id == charge)
        self.assertEqual((back.price_kind, back.amount_gross), ("gross", -123.0))

    def test_lines_of_a_confirmed_change_are_frozen(self):
        change = self.upgrade()
        change.action_confirm()
        clerk = self.user("line_clerk", "clerk")
        lines = change.line_ids.with_user(clerk)
        draft = self.upgrade(date(2026, 12, 20)).with_user(clerk)
        for forbidden in (
            lambda: lines.write({"price_unit": 1.0}),
            lambda: lines.write({"change_id": draft.id}),
            lambda: draft.line_ids.write({"change_id": change.id}),
            lines.unlink,
            lambda: lines.create({"change_id": change.id, "action": "add", "product_id": self.tv.id}),
            lambda: change.with_user(clerk).write({"line_ids": [Command.clear()]}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                forbidden()
        with self.assertRaises(AccessError):
            draft.line_ids.kept_before = {"price": "1"}
        draft.line_ids.price_unit = 95.0
        self.assertEqual((draft.line_ids.price_unit, change.line_ids.price_unit), (95.0, 89.0))
        draft.line_ids.unlink()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestChangePromotions(MoneyCommon):
    def test_first_month_of_an_added_service_begins_with_it(self):
        free = self.make_promotion("FREE1")
        change = self.add_tv(free)
        change.action_confirm()
        tv = change.line_ids.service_id
        self.assertFalse(tv.promotion_grant_ids)
        self.assertEqual(free._bss_grant_counts(), {free.id: 1})
        with freeze_time("2026-12-20 09:00:00"):
            self.finish("2026-12-20")
            tv._bss_apply_order("activate", date(2026, 12, 20))
        self.assertEqual(tv.promotion_grant_ids.mapped("date_start"), [date(2026, 12, 20)])
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        # free 20 December – 19 January; 39 × 12/31
        self.assertEqual(round(sum(tv.charge_ids.mapped("amount")), 2), 15.10)

    def test_undone_promise_is_no_grant(self):
        free = self.make_promotion("FREE2")
        change = self.add_tv(free)
        change.action_confirm()
        change.action_undo()
        self.assertFalse(free._bss_grant_counts().get(free.id))

    def test_preview_knows_the_promise(self):
        free = self.make_promotion("FREE3")
        bill = self.add_tv(free)._bss_preview()["bills"][0]
        plain = self.add_tv()._bss_preview()["bills"][0]
        self.assertEqual(float(plain["after"]["net"] - bill["after"]["net"]), 39.0)

    def refused(self, words, promotion, kind="annex", **line):
        line = {"action": "change", "service_id": self.internet.id, "product_id": self.fast.id, **line}
        if line["action"] == "add":
            line.pop("service_id")
        change = self.make_change(kind, date(2026, 12, 10), [{**line, "promotion_ids": [Command.set(promotion.ids)]}])
        with self.assertRaisesRegex(UserError, f"cannot be granted: {words}"), self.env.cr.savepoint():
            change.action_confirm()
        return change

    def test_conditions_of_the_catalogue(self):
        rival = self.env["bss.competitor"].create({"name": "Konkurent"})
        here = self.env["bss.location"].create({"name": "Polna 1", "kind": "building", "city": "Kutno"})
        there = self.env["bss.location"].create({"name": "Polna 2", "kind": "building", "city": "Kutno"})
        bundle = self.make_bundle()
        self.refused("the competitors it answers are not at", self.make_promotion("P1", competitor_ids=rival.ids))
        self.refused("there is no competitor at this address", self.make_promotion("P2", any_competitor=True))
        self.refused("it is for other customers only: ", self.make_promotion("P3", for_company=True))
        at_place = self.make_promotion("P4", location_ids=here.ids)
        self.refused("it does not hold at this address", at_place)
        self.refused("it does not hold at this address", self.make_promotion("P5", teryt_prefixes="10"))
        self.refused("it is for another technology", self.make_promotion("P6", for_radio=True))
        self.refused("it is given in a bundle only", self.make_promotion("P7", bundle_id=bundle.id))
        self.internet._bss_set_version(date(2026, 11, 1), {"location_id": there})
        self.refused("it does not hold at this address", at_place)
        self.internet._bss_set_version(date(2026, 11, 1), {"location_id": here})
        change = self.refused("it was withdrawn", self.withdrawn())
        change.line_ids.promotion_ids = at_place
        change.action_confirm()
        self.assertEqual(self.internet.promotion_grant_ids.promotion_id, at_place)

    def withdrawn(self):
        promotion = self.make_promotion("P8")
        promotion.action_withdraw()
        return promotion

    def test_most_grants_count_promises_and_lines_of_the_same_change(self):
        once = self.make_promotion("ONCE", max_grants=1)
        change = self.add_tv(once)
        change.line_ids.copy({"change_id": change.id, "promotion_ids": [Command.set(once.ids)]})
        with self.assertRaisesRegex(UserError, "all grants are used up"), self.env.cr.savepoint():
            change.action_confirm()
        change.line_ids[1].unlink()
        change.action_confirm()
        second = self.refused("all grants are used up", once)
        change.action_undo()
        second.action_refresh()
        second.action_confirm()
        self.assertEqual(self.internet.promotion_grant_ids.promotion_id, once)

    def test_promotions_that_cannot_be_combined(self):
        first = self.make_promotion("FIRST", priority=1)
        second = self.make_promotion("SECOND", incompatible_ids=first.ids)
        change = self.add_tv(first, second)
        with self.assertRaisesRegex(UserError, "it cannot be combined with “FIRST”"):
            change.action_confirm()

    def test_promotion_of_a_bundle_goes_to_its_part(self):
        bundle = self.make_bundle()
        promotion = self.make_promotion("DUO", bundle_id=bundle.id, product_ids=self.tv.ids)
        line = {"action": "add", "product_id": bundle.id, "promotion_ids": [Command.set(promotion.ids)]}
        change = self.make_change("annex", date(2026, 12, 1), [line])
        change.action_confirm()
        parts = change.line_ids.service_id.child_ids
        self.assertEqual(parts.filtered("promised_promotion_ids").product_id, self.tv)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFeeRelief(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee = cls.make_offering("T-ACT", 100.0, kind="one_off", service="internet")
        cls.wired = cls.make_offering("T-WIRED", 59.0, service="internet", bss_activation_product_id=cls.fee.id)

    def relief_of(self, promotion=None):
        """Claims of a termination after 30 November of a service activated in the first month of a term of 24."""
        account = self.make_account("Ewa Lis", pricelist_id=self.account.pricelist_id.id)
        contract = self.env["bss.contract"].create(
            {
                "account_id": account.id,
                "date_signed": date(2026, 1, 1),
                "date_start": date(2026, 1, 1),
                "term_months": 24,
                "state": "active",
            }
        )
        service = self.make_service(contract, self.wired, state="pending", price_unit=59.0, price_kind="net")
        if promotion:
            service._bss_grant(promotion, date(2026, 1, 1))
        service._bss_apply_order("activate", date(2026, 1, 1))
        change = self.make_change(
            "termination", contract=contract, termination_cause="immediate", date_last=date(2026, 11, 30)
        )
        change.action_confirm()
        return service, change.claw_back_data

    def fee_promotion(self, kind, value=0.0):
        step = {"month_from": 1, "month_to": 1, "kind": kind, "value": value}
        return self.make_promotion(f"ACT-{kind}", target="activation", step_ids=[Command.create(step)])

    def test_fee_paid_in_full_is_no_relief(self):
        self.make_list("gross", prices=[(self.fee, 99.0)])
        service, claims = self.relief_of()
        self.assertEqual((service.charge_ids[0].amount_gross, service.charge_ids[0].amount), (99.0, 80.49))
        self.assertFalse(claims)

    def test_cheaper_price_list_is_no_relief(self):
        self.make_list(percent=40.0)
        service, claims = self.relief_of()
        self.assertEqual(service.charge_ids[0].amount, 60.0)
        self.assertFalse(claims)

    def test_reduction_by_a_promotion(self):
        _service, claims = self.relief_of(self.fee_promotion("percent", 40.0))
        # 40.00 × 396 of 730 days
        self.assertEqual([(one["relief"], one["amount"]) for one in claims], [("40.00", "21.69")])

    def test_fee_waived_wholly(self):
        service, claims = self.relief_of(self.fee_promotion("free"))
        self.assertEqual([(one["relief"], one["amount"]) for one in claims], [("100.00", "54.24")])
        self.assertEqual(service.charge_ids.mapped("amount"), [54.24])

    def test_gross_fee_of_a_net_service(self):
        self.make_list("gross", prices=[(self.fee, 99.0)])
        _service, claims = self.relief_of(self.fee_promotion("free"))
        self.assertEqual([(one["relief"], one["price_kind"]) for one in claims], [("80.49", "net")])
