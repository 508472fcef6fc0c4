from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools.misc import format_date

from .contract_change_common import TODAY, ChangeCommon
from .test_document import text_of


class EndCommon(ChangeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promotion = cls.env["bss.promotion"].create(
            {
                "name": "Pół ceny",
                "code": "HALF",
                "company_id": cls.company.id,
                "product_ids": [Command.set((cls.fibre | cls.fast).ids)],
                "step_ids": [Command.create({"month_from": 1, "month_to": 24, "kind": "amount", "value": 20.0})],
                "state": "on_sale",
            }
        )

    def with_term(self, months=24):
        """The contract has a term from its start, and the internet a promotion of 20.00 a month for it."""
        self.contract.write({"term_months": months})
        self.internet._bss_grant(self.promotion, date(2026, 1, 1))

    def terminate(self, **vals):
        return self.make_change("termination", **{"termination_cause": "agreement", **vals})


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermination(EndCommon):
    def test_notice_end(self):
        for months, days, rule, last in (
            (1, 0, "days", date(2026, 12, 21)),
            (1, 0, "month_end", date(2026, 12, 31)),
            (0, 14, "days", date(2026, 12, 5)),
            (1, 0, "cycle_end", date(2026, 12, 31)),
        ):
            self.contract.write({"notice_months": months, "notice_days": days, "notice_rule": rule})
            form = Form(
                self.env["bss.contract.change"].with_context(
                    default_contract_id=self.contract.id, default_kind="termination"
                )
            )
            self.assertEqual((form.date_notice_end, form.date_last), (last, last), (months, days, rule))
            form.termination_cause = "immediate"
            self.assertEqual(form.date_last, date(2026, 11, 21))

    def test_preview_says_what_else_is_to_be_settled(self):
        router = self.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R-77", "service_id": self.internet.id}
        )
        device.action_hand_over()
        self.company.bss_deposit_account_id = self.env["account.account"].create(
            {"name": "Kaucje", "code": "249001", "account_type": "liability_current", "company_ids": self.company.ids}
        )
        deposit = self.env["bss.deposit"].create({"contract_id": self.contract.id, "amount": 120.0})
        deposit.action_due()
        change = self.terminate(date_last=date(2026, 12, 10))
        change.action_preview()
        for words in ("R-77", format_date(self.env, date(2026, 12, 24)), "300", deposit.name, "120", "not paid"):
            self.assertIn(words, change.preview_html)
        change.kind = "assignment"
        self.assertEqual({one["words"] for one in change._bss_left_rows()}, {"goes over to the new customer"})
        change.move_deposit = False
        self.assertIn("stays with the present customer", [one["words"] for one in change._bss_left_rows()])
        self.assertFalse(self.upgrade()._bss_left_rows())

    def test_shorter_than_the_notice(self):
        change = self.terminate(termination_cause="notice", date_last=date(2026, 12, 20))
        with self.assertRaisesRegex(UserError, "ends on .*; an earlier last day needs the agreement"):
            change.action_confirm()
        with self.assertRaises(ValidationError):
            self.terminate(terminated_by="operator", termination_cause="operator_fault")

    def test_runs_until_its_last_day_and_can_be_undone(self):
        change = self.terminate(date_last=date(2026, 12, 15))
        self.assertEqual(change.date_effective, date(2026, 12, 16))
        change.action_confirm()
        self.assertEqual((self.contract.state, self.contract.date_end), ("active", date(2026, 12, 15)))
        self.assertEqual(set(self.contract.service_ids.mapped("date_end")), {date(2026, 12, 15)})
        self.assertEqual(set(change.order_ids.mapped("date_valid_from")), {date(2026, 12, 16)})
        self.assertEqual((change.document_id.kind, change.document_id.name), ("termination", change.name))
        self.assertEqual((change.document_id.res_model, change.document_id.res_id), (change._name, change.id))
        change.action_undo()
        self.assertFalse(self.contract.date_end)
        self.assertFalse(any(self.contract.service_ids.mapped("date_end")))
        self.assertEqual(set(change.order_ids.mapped("state")), {"cancelled"})
        self.finish("2026-12-16")
        self.assertEqual(self.contract.state, "active")

    def test_bill_before_its_day_knows_it(self):
        self.terminate(date_last=date(2026, 12, 15)).action_confirm()
        run = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        charges = run.charge_ids if "charge_ids" in run else self.account.charge_ids
        self.assertEqual(
            {charge.service_id: charge.amount for charge in charges},
            {self.internet: 28.55, self.phone: 14.52},  # 15/31
        )

    def test_undo_after_a_bill_charges_the_rest(self):
        change = self.terminate(date_last=date(2026, 12, 15))
        change.action_confirm()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        change.action_undo()
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        december = self.account.charge_ids.filtered(
            lambda one: one.date_start <= date(2026, 12, 31) and one.state != "cancelled"
        )
        self.assertEqual(round(sum(december.mapped("amount")), 2), 89.0)

    def test_never_activated(self):
        pending = self.make_service(self.contract, self.tv, state="pending")
        pending.date_start = date(2027, 1, 1)
        self.env["bss.service.order"]._bss_request(pending, "activate", "new", valid_from=date(2027, 1, 1))
        change = self.terminate(date_last=date(2026, 12, 31))
        change.action_confirm()
        self.assertEqual((pending.state, pending.date_start), ("terminated", False))
        self.assertEqual(pending.order_ids.mapped("state"), ["cancelled"])
        self.assertFalse(pending.charge_ids)
        change.action_undo()
        self.assertEqual((pending.state, pending.date_start), ("pending", date(2027, 1, 1)))
        self.assertEqual(pending.order_ids.filtered(lambda one: one.state == "queued").action, "activate")

    def to_come(self):
        """A second internet agreed for 1 December, with the promotion and a reduced activation fee, not active yet."""
        fee = self.make_offering("T-ACT", 100.0, kind="one_off", service="internet")
        self.fast.product_tmpl_id.bss_activation_product_id = fee
        step = Command.create({"month_from": 1, "month_to": 1, "kind": "fixed", "value": 1.0})
        cheap = self.env["bss.promotion"].create(
            {
                "name": "Aktywacja za 1 zł",
                "code": "ACT1",
                "company_id": self.company.id,
                "target": "activation",
                "step_ids": [step],
                "state": "on_sale",
            }
        )
        self.contract.term_months = 24
        pending = self.make_service(self.contract, self.fast, state="pending")
        pending.date_start = date(2026, 12, 1)
        pending.promised_promotion_ids = self.promotion
        pending._bss_grant(cheap, date(2026, 12, 1))
        self.env["bss.service.order"]._bss_request(pending, "activate", "new", valid_from=date(2026, 12, 1))
        return pending

    def claims(self, change):
        return [(one.service_id, one.amount, one.state) for one in change.charge_ids]

    def test_relief_given_after_the_confirmation_is_claimed(self):
        pending = self.to_come()
        change = self.terminate(date_last=date(2026, 12, 31))
        change.action_confirm()
        self.assertFalse(change.charge_ids)  # nothing given yet
        with freeze_time("2026-12-01 09:00:00"):
            pending.order_ids.filtered(lambda one: one.action == "activate")._bss_done()
        self.assertEqual((pending.state, pending.date_end), ("active", date(2026, 12, 31)))
        # 13 months of 20.00 and 99.00 of the fee, 365 of 730 days of the term are left
        self.assertEqual(self.claims(change), [(pending, 179.5, "pending")])
        self.assertEqual(change.claw_back_amount, 179.5)
        self.assertIn("365", change.charge_ids.source_ref)
        with freeze_time("2026-12-02 09:00:00"):
            change.action_undo()
        self.assertEqual(self.claims(change), [(pending, 179.5, "cancelled")])

    def test_relief_never_given_is_not_claimed(self):
        pending = self.to_come()
        change = self.terminate(date_last=date(2026, 12, 31))
        change.action_confirm()
        self.finish("2027-01-01")
        self.assertEqual((change.state, pending.state, pending.date_start), ("done", "terminated", False))
        self.assertFalse(change.charge_ids)

    def test_relief_given_after_the_confirmation_without_a_claim(self):
        for vals in ({"claw_back_waived": True}, {"termination_cause": "operator_fault"}):
            with self.env.cr.savepoint() as savepoint:
                pending = self.to_come()
                change = self.terminate(date_last=date(2026, 12, 31), **vals)
                change.action_confirm()
                with freeze_time("2026-12-01 09:00:00"):
                    pending._bss_apply_order("activate", date(2026, 12, 1))
                self.assertEqual(pending.state, "active")
                self.assertFalse(change.charge_ids, vals)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_claw_back_inside_the_term(self):
        self.with_term()
        change = self.terminate(date_last=date(2026, 12, 31))
        change.action_preview()
        # 24 × 20.00 of relief, 365 of 730 days of the term are left
        self.assertEqual(change.claw_back_amount, 240.0)
        self.assertIn("480,00", change.preview_html)
        self.assertFalse(self.account.charge_ids)
        change.action_confirm()
        charge = change.charge_ids
        self.assertEqual((charge.kind, charge.amount, charge.service_id), ("one_off", 240.0, self.internet))
        self.assertIn("365", charge.source_ref)
        self.assertTrue(charge.product_id.taxes_id)
        text = text_of(change.document_id._bss_content())
        for gross in ("590,40", "295,20"):
            self.assertIn(gross, text, "a consumer is told what he gives back, with VAT")
        self.assertNotIn("240,00", text)
        change.action_undo()
        self.assertEqual(charge.state, "cancelled")

    def test_no_claim(self):
        self.with_term()
        for vals in (
            {"termination_cause": "operator_fault"},
            {"termination_cause": "statutory_withdrawal"},
            {"terminated_by": "operator", "termination_cause": "notice", "date_last": date(2026, 12, 31)},
        ):
            change = self.terminate(**vals)
            change.action_preview()
            self.assertNotIn("alert-danger", change.preview_html)
            self.assertEqual(change.claw_back_amount, 0.0, vals)
        breach = self.terminate(terminated_by="operator", termination_cause="immediate")
        breach.action_preview()
        self.assertGreater(breach.claw_back_amount, 0.0)

    def test_after_the_term(self):
        self.with_term(months=10)
        change = self.terminate(date_last=date(2026, 12, 31))
        change.action_preview()
        self.assertEqual(change.claw_back_amount, 0.0)

    def test_waiving_needs_the_manager(self):
        self.with_term()
        clerk = new_test_user(self.env, "w_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id)
        boss = new_test_user(
            self.env, "w_boss", groups="bss_catalog.group_bss_billing_manager", company_id=self.company.id
        )
        change = self.terminate(date_last=date(2026, 12, 31), claw_back_waived=True)
        change.with_user(clerk).action_preview()
        self.assertIn("A billing manager must confirm it", change.preview_html)
        with self.assertRaisesRegex(UserError, "Waiving the claw-back of 240"), self.env.cr.savepoint():
            change.with_user(clerk).action_confirm()
        change.with_user(boss).action_confirm()
        self.assertFalse(change.charge_ids)

    def test_billed_claw_back_is_given_back_by_an_undo(self):
        self.with_term()
        change = self.terminate(date_last=date(2026, 12, 15))
        change.action_confirm()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        claim = change.charge_ids
        self.assertEqual(claim.state, "billed")
        change.action_undo()
        back = change.charge_ids - claim
        self.assertEqual((back.kind, back.amount, back.origin_charge_id), ("correction", -claim.amount, claim))

    def test_removed_service_gives_its_relief_back(self):
        self.with_term()
        change = self.make_change("annex", date(2027, 1, 1), [{"action": "remove", "service_id": self.internet.id}])
        change.action_confirm()
        self.assertEqual(change.charge_ids.amount, 240.0)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestRenewal(EndCommon):
    def test_new_term_from_its_day(self):
        self.with_term(12)
        retained = self.promotion.copy({"code": "STAY", "customer_status": "retained"})
        retained.state = "on_sale"
        change = self.make_change(
            "renewal",
            date(2027, 1, 1),
            [
                {
                    "action": "price",
                    "service_id": self.internet.id,
                    "price_unit": 65.0,
                    "promotion_ids": [Command.set(retained.ids)],
                }
            ],
            new_term_months=24,
        )
        self.assertEqual(change.date_term_end, date(2028, 12, 31))
        change.action_confirm()
        self.assertEqual(self.contract.date_term_end, date(2026, 12, 31))
        self.assertEqual(self.contract._bss_term_on(date(2027, 6, 1)), (date(2027, 1, 1), date(2028, 12, 31)))
        grants = self.internet.promotion_grant_ids
        self.assertIn((retained, date(2027, 1, 1)), [(one.promotion_id, one.date_start) for one in grants])
        self.finish("2027-01-01")
        self.assertEqual(self.contract.date_term_end, date(2028, 12, 31))
        self.assertEqual(self.contract.date_term_start, date(2027, 1, 1))

    def test_undo(self):
        self.with_term(12)
        change = self.make_change(
            "renewal",
            date(2027, 1, 1),
            [
                {
                    "action": "price",
                    "service_id": self.internet.id,
                    "price_unit": 65.0,
                    "promotion_ids": [Command.set(self.promotion.ids)],
                }
            ],
            new_term_months=24,
        )
        change.action_confirm()
        change.action_undo()
        self.assertEqual(len(self.internet.promotion_grant_ids), 1)
        self.assertEqual(self.contract._bss_term_on(date(2027, 6, 1)), (date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual(self.price_on(self.internet, date(2027, 1, 1)), 59.0)

    def test_promotion_refusals(self):
        def refused(words, **vals):
            promotion = self.promotion.copy({"code": "X", **vals})
            promotion.state = "on_sale"
            change = self.make_change(
                "renewal",
                date(2027, 1, 1),
                [
                    {
                        "action": "price",
                        "service_id": self.internet.id,
                        "promotion_ids": [Command.set(promotion.ids)],
                    }
                ],
                new_term_months=12,
            )
            if words == "it was withdrawn":
                promotion.action_withdraw()
            with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                change.action_confirm()

        refused("it was withdrawn")
        refused("for new customers only", code="X2", customer_status="new")
        refused("another term than 12 months", code="X3", min_term_months=24)
        refused("not for", code="X4", product_ids=[Command.set(self.tv.ids)])
        refused("not on sale on", code="X5", date_start=date(2026, 12, 1))

    def test_withdrawn_promotion_runs_on(self):
        self.internet._bss_grant(self.promotion, date(2026, 12, 1))
        self.promotion.action_withdraw()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        charges = self.account.charge_ids.filtered(lambda one: one.service_id == self.internet)
        self.assertEqual(charges.amount, 39.0)

    def test_shorter_than_the_present_term(self):
        self.with_term(24)
        change = self.make_change("renewal", date(2026, 12, 1), new_term_months=12)
        with self.assertRaisesRegex(UserError, "before the present one ends"):
            change.action_confirm()
