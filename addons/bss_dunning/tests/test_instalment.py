from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..dunning_core.policy.instalment import PlanWish
from .common import DunningCommon

MADE = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestInstalment(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor(amount=200.0)
        self.make_invoice(self.account, 100.0)
        self.first, self.second = self.account.invoice_ids.sorted("id")
        self.run_on(MADE)
        self.case = self.case_of(self.account)

    def plan(self, total="300.00", count=3, interest=0.0, **facts):
        wish = PlanWish(MADE, Decimal(total), count, facts.pop("first", date(2026, 10, 20)), 20, **facts)
        with freeze_time(f"{MADE} 12:00:00"):
            return self.case._bss_instalment_plan(wish, interest)

    def user(self, login, kind, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups=f"base.group_user,bss_catalog.group_bss_{kind}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    def test_the_schedule_and_its_documents(self):
        plan = self.plan()
        self.assertEqual(
            [(line.number, line.date_due, line.amount) for line in plan.line_ids],
            [(1, date(2026, 10, 20), 100.0), (2, date(2026, 11, 20), 100.0), (3, date(2026, 12, 20), 100.0)],
        )
        self.assertRecordValues(plan.hold_id, [{"kind": "instalment", "scope": "documents", "amount": 300.0}])
        self.assertEqual(plan.hold_id.line_ids.move_line_id, self.case.line_ids)
        self.assertRecordValues(
            plan, [{"state": "active", "amount_left": 300.0, "date_next": date(2026, 10, 20), "amount_next": 100.0}]
        )
        self.assertNotEqual(self.case.state, "hold", "documents are withheld, the case goes on without them")

    def test_a_lapsed_document_is_not_acknowledged(self):
        """Three years after it fell due nobody asks a consumer for it, and a plan does not bring it back."""
        self.make_invoice(self.account, 50.0, date(2020, 3, 2))
        self.run_on(date(2026, 10, 9))
        self.assertEqual(self.case.amount_overdue, 350.0)
        plan = self.plan("300.00")
        self.assertEqual(plan.hold_id.line_ids.move_line_id.move_id, self.first | self.second)

    def test_the_agreement_acknowledges_the_debt(self):
        plan = self.plan()
        document = plan.document_id
        self.assertEqual((document.kind, document.name, document.account_id), ("agreement", plan.name, self.account))
        self.assertTrue(document._bss_content().startswith(b"%PDF"))
        parties = {"name": "Jan", "street": "", "zip": "", "city": ""}
        names = {"seller": parties, "buyer": parties, "day": str, "money": str, "nrb": str}
        names |= {"plan": plan, "case": self.case}
        html = str(self.env["ir.qweb"]._render("bss_dunning.document_instalment_plan", names))
        for part in ("uznaje w całości", "art. 123", self.first.name, self.second.name, "300.0", "2026-12-20"):
            self.assertIn(part, html)
        self.assertFalse(plan.date_acknowledged)
        with freeze_time("2026-10-12 12:00:00"):
            plan.action_sign()
        self.assertEqual(plan.date_acknowledged, date(2026, 10, 12))
        with self.assertRaises(UserError):
            plan.action_sign()

    def test_payments_count_in_the_order_of_the_instalments(self):
        plan = self.plan()
        with freeze_time("2026-10-16 12:00:00"):
            self.pay(self.second, 100.0, date(2026, 10, 15))
            self.pay(self.first, 50.0, date(2026, 10, 16))
        self.assertEqual([line.amount_paid for line in plan.line_ids], [100.0, 50.0, 0.0])
        self.assertRecordValues(plan.line_ids[0], [{"state": "paid", "date_paid": date(2026, 10, 15)}])
        self.assertEqual((plan.amount_paid, plan.date_next, plan.amount_next), (150.0, date(2026, 11, 20), 50.0))

    def test_unassigned_money_counts_in_the_night(self):
        plan = self.plan()
        self.make_payment(self.account, 100.0, date(2026, 10, 15))
        self.run_on(date(2026, 10, 24))
        self.assertEqual((plan.state, plan.amount_paid), ("active", 100.0))

    def test_all_paid_is_kept(self):
        plan = self.plan()
        self.pay(self.first, day=date(2026, 10, 15))
        self.pay(self.second, day=date(2026, 10, 19))
        self.assertEqual((plan.state, plan.hold_id.state, self.case.state), ("kept", "kept", "closed"))
        self.assertEqual(set(plan.line_ids.mapped("state")), {"paid"})

    def test_missed_after_grace_brings_the_debt_back_to_its_stage(self):
        self.company.bss_instalment_broken_channel = "email"
        self.account.partner_id.email = "jan@example.com"
        step = self.case.step_id
        plan = self.plan()
        with freeze_time("2026-10-15 12:00:00"):
            self.pay(self.first, 60.0, date(2026, 10, 15))
        self.run_on(date(2026, 10, 23))
        self.assertEqual((plan.state, plan.line_ids[0].state), ("active", "late"), "three days of grace")
        self.run_on(date(2026, 10, 24))
        self.assertEqual((plan.state, plan.hold_id.state, plan.line_ids[0].state), ("broken", "broken", "missed"))
        self.assertEqual(plan.hold_id.line_ids.mapped("state"), ["broken", "broken"])
        self.assertEqual(self.case.amount_demanded, 240.0)
        taken = self.case.action_ids.filtered(lambda action: action.step_id != step)
        self.assertEqual(taken.step_id, (steps := step.strategy_id._bss_ordered_steps())[list(steps).index(step) + 1])
        mail = self.env["mail.mail"].search([("res_id", "=", self.case.id), ("model", "=", self.case._name)])
        self.assertIn("40,00", mail.body_html)

    def test_down_payment_interest_and_limits(self):
        with freeze_time(f"{MADE} 12:00:00"):
            form = Form(self.env["bss.dunning.instalment.wizard"].with_context(default_case_id=self.case.id))
            self.assertEqual((form.amount_principal, form.amount_total), (300.0, 300.0))
            form.with_interest = True
            self.assertGreater(form.amount_interest, 0)
            form.down_payment = 100.0
            form.count = 2
            form.date_first = date(2026, 11, 15)
            self.assertIn("2026", form.preview_html)
            action = form.save().action_agree()
        plan = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(plan.line_ids.mapped("number"), [0, 1, 2])
        self.assertEqual(plan.line_ids[0].amount, 100.0)
        self.assertAlmostEqual(sum(plan.line_ids.mapped("amount")), plan.amount_total, 2)
        self.assertAlmostEqual(plan.amount_total, 300.0 + plan.amount_interest, 2)

    def test_refusals_name_the_limit(self):
        for facts, words in (
            ({"count": 13}, "at most 12"),
            ({"count": 7}, "at least"),
            ({"total": "299.00"}, "changed meanwhile"),
            ({"first": date(2026, 10, 1)}, "before today"),
        ):
            with self.subTest(words=words), self.assertRaises(UserError) as refused:
                self.plan(**facts)
            self.assertIn(words, str(refused.exception))

    def test_disputed_part_stays_out_of_the_plan(self):
        line = self.receivable(self.first)
        self.case._bss_hold(False, "spór", "dispute", {line: 80.0})
        plan = self.plan("220.00", 2)
        self.assertEqual(plan.hold_id.line_ids.filtered(lambda one: one.move_line_id == line).amount, 120.0)

    def test_a_signed_plan_breaks_limitation(self):
        """A debt of 2022 lapsed at the end of 2025; acknowledged before that its term began anew."""
        account = self.debtor("Stary Dłużnik", due=date(2022, 12, 30))
        self.run_on(date(2025, 12, 29))
        self.case = self.case_of(account)
        wish = PlanWish(date(2025, 12, 29), Decimal("123.00"), 1, date(2026, 1, 5), 5)
        with freeze_time("2025-12-29 12:00:00"):
            plan = self.case._bss_instalment_plan(wish)
            plan.action_sign()
            plan.action_cancel()
        self.run_on(date(2026, 1, 2))
        self.assertEqual(self.case.amount_demanded, 123.0)
        note = {"account_id": account.id, "kind": "interest", "date": date(2026, 1, 2), "date_to": date(2026, 1, 2)}
        note = self.env["bss.dunning.note"].create(note)
        self.assertEqual((note.line_ids.move_line_id.move_id, note.refusal), (account.invoice_ids, False))
        plan.date_acknowledged = False
        note.action_recompute()
        self.assertFalse(note.line_ids)
        self.assertIn("lapsed", note.refusal)
        self.run_on(date(2026, 1, 5))
        self.assertEqual((self.case.amount_demanded, self.case.next_code), (0.0, "NOTHING_TO_DEMAND"))

    def test_cancelled_by_both_sides(self):
        plan = self.plan()
        plan.action_cancel()
        self.assertEqual((plan.state, plan.hold_id.state, plan.date_next), ("cancelled", "released", False))

    def test_rights(self):
        collector, viewer = self.user("raty.w", "collector"), self.user("raty.p", "viewer")
        self.case = self.case.with_user(collector)
        plan = self.plan()
        self.assertEqual(plan.user_id, collector)
        plan.note = "telefonicznie"
        for record, values in ((plan, {"state": "kept"}), (plan.line_ids[0], {"amount": 1.0})):
            with self.assertRaises(AccessError):
                record.write(values)
        with self.assertRaises(AccessError):
            plan.with_user(viewer).action_cancel()
        with self.assertRaises(AccessError):
            plan.with_user(viewer).read(["amount_total"])
        self.assertEqual(Form(plan).amount_total, 300.0)
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("raty.obcy", "collector", other)
        with self.assertRaises(AccessError):
            plan.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["name"])
