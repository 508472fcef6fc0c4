from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPriceNow(ChangeCommon):
    """What the customer really pays stands beside the list price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promotion = cls.env["bss.promotion"].create(
            {
                "code": "MINUS40",
                "name": "40 % taniej przez rok",
                "step_ids": [Command.create({"month_from": 1, "month_to": 12, "kind": "percent", "value": 40})],
            }
        )
        cls.promotion.action_put_on_sale()

    def test_contract_and_its_services(self):
        self.assertEqual((self.internet.price_now, self.contract.amount_now), (59.0, 89.0))
        self.internet._bss_grant(self.promotion, date(2026, 11, 1))
        self.assertEqual((self.internet.price_unit, self.internet.price_now), (59.0, 35.4))
        self.assertEqual((self.contract.amount_recurring, self.contract.amount_now), (89.0, 65.4))
        self.phone._bss_suspend(date(2026, 11, 20), date(2026, 11, 25), "request", 10)
        self.assertEqual((self.phone.price_now, self.contract.amount_now), (3.0, 38.4))
        self.assertFalse(self.contract.has_quantities)
        with freeze_time("2027-11-02 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self.contract.amount_now, 89.0, "the promotion ran out, the suspension ended")

    def test_service_not_begun_or_ended(self):
        waiting = self.make_service(self.contract, self.tv, state="pending")
        waiting.promised_promotion_ids = self.promotion
        self.assertEqual((waiting.price_unit, waiting.price_now), (39.0, 23.4))
        later = self.make_service(self.contract, self.tv, date_start=date(2026, 12, 10))
        self.assertEqual(later.price_now, 39.0)
        later.date_end = date(2026, 12, 31)
        with freeze_time("2027-01-01 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual(later.price_now, 0.0)

    def test_gross_price_and_bundle(self):
        self.internet.write({"price_kind": "gross", "price_unit": 123.0})
        with freeze_time("2026-12-01 10:00:00"):
            self.internet._bss_sync_current()
            self.env.invalidate_all()
            self.assertEqual((self.internet.price_now, self.contract.amount_now), (123.0, 130.0))
            head = self.make_service(self.contract, self.make_bundle(), date_start=date(2026, 11, 1))
            for part in head.child_ids:
                part.write({"state": "active", "date_start": date(2026, 11, 1)})
            self.env.invalidate_all()
            self.assertEqual(len(head.child_ids), 2)
            self.assertEqual(head.price_now, sum(head.child_ids.mapped("price_now")))
            self.assertEqual(self.contract.amount_now, 130.0 + head.price_now, "the parts count once")

    def test_list_is_computed_in_one_go(self):
        accounts = [self.make_subscriber(f"Klient {number}") for number in range(8)]
        contracts = self.env["bss.contract"].concat(*(account.contract_ids for account in accounts))
        self.env.flush_all()
        counts = []
        for some in (contracts[:2], contracts):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(some.mapped("amount_now"), [59.0] * len(some))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_preview_of_a_change(self):
        self.internet._bss_grant(self.promotion, date(2026, 11, 1))
        ((before, after),) = self.upgrade()._bss_preview()["services"]
        self.assertEqual((before["amount"], before["price"]), (59.0, 35.4))
        self.assertEqual((after["amount"], after["price"]), (89.0, 53.4))

    def test_offer(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.account.partner_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": price,
                            "bss_price_kind": kind,
                            "bss_price_given": True,
                            "bss_promotion_ids": [Command.set(promotions.ids)],
                        }
                    )
                    for product, price, kind, promotions in (
                        (self.fibre, 59.0, "net", self.promotion),
                        (self.tv, 36.9, "gross", self.promotion.browse()),
                        (self.make_offering("T-ACT", 99.0, kind="one_off"), 99.0, "net", self.promotion.browse()),
                    )
                ],
            }
        )
        self.assertEqual(order.order_line.mapped("bss_price_first"), [35.4, 36.9, 99.0])
        self.assertEqual((order.bss_first_net, order.bss_amount_recurring), (65.4, 89.0))
        self.assertEqual(order.bss_first_gross, round(35.4 * 1.23 + 36.9, 2))
        self.assertTrue(order.bss_has_promotions)

    def test_next_bill_names_what_waits(self):
        self.assertNotIn("not confirmed", self.contract.next_bill_html)
        waiting = self.make_service(self.contract, self.tv, state="pending")
        self.contract.invalidate_recordset()
        self.assertIn("has not confirmed their activation", self.contract.next_bill_html)
        self.assertIn(waiting.name, self.contract.next_bill_html)

    # -- drafts of changes --------------------------------------------------------------------------

    def test_draft_has_a_name_and_can_be_discarded(self):
        change = self.upgrade()
        self.assertEqual(change.display_name, f"Draft: Annex, {self.contract.name}")
        action = change.action_discard()
        self.assertFalse(change.exists())
        self.assertEqual((action["res_model"], action["res_id"]), ("bss.contract", self.contract.id))
        confirmed = self.upgrade()
        confirmed.action_confirm()
        self.assertEqual(confirmed.display_name, f"{confirmed.name} Annex")
        with self.assertRaisesRegex(UserError, "Only a draft"):
            confirmed.action_discard()

    def test_refused_effect_hides_confirm(self):
        change = self.upgrade(date(2025, 1, 1))
        change.action_preview()
        self.assertTrue(change.preview_html and change.preview_refused)
        change.date_effective = date(2026, 12, 20)
        change.action_preview()
        self.assertTrue(change.preview_html)
        self.assertFalse(change.preview_refused)

    def test_clerk_passes_on_what_the_manager_confirms(self):
        company = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        clerk = new_test_user(self.env, "t_now_clerk", groups="bss_catalog.group_bss_clerk", **company)
        manager = new_test_user(self.env, "t_now_boss", groups="bss_catalog.group_bss_billing_manager", **company)
        change = self.make_change(
            "price", date(2026, 12, 10), [{"action": "price", "service_id": self.internet.id, "price_unit": 10.0}]
        ).with_user(clerk)
        change.action_preview()
        self.assertTrue(change.needs_manager)
        self.assertFalse(change.preview_refused or change.can_confirm)
        self.assertIn(change, change.search([("state", "=", "draft"), ("needs_manager", "=", True)]))
        change.action_ask_manager()
        change.action_ask_manager()
        self.assertEqual(len(change.sudo().activity_ids), 1)
        self.assertTrue(change.sudo().activity_ids.user_id.has_group("bss_catalog.group_bss_billing_manager"))
        self.assertTrue(change.with_user(manager).can_confirm)
        change.with_user(manager).action_confirm()
        self.assertEqual(change.state, "confirmed")
        self.assertFalse(change.sudo().activity_ids, "nothing waits for the manager any more")
