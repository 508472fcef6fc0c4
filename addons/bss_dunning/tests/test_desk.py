from datetime import date, timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..dunning_core.measures import worklist
from .common import DunningCommon

DAY = date(2026, 10, 20)


@tagged("post_install", "-at_install")
class TestDesk(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.user("windykator.biurko", "bss_catalog.group_bss_collector")
        cls.viewer = cls.user("podglad.biurko", "bss_catalog.group_bss_viewer")

    @classmethod
    def user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            context={"no_reset_password": True},
        )

    def worked(self, name, amount, due=None):
        account = self.debtor(name, amount=amount, due=due)
        self.run_on(DAY)
        return self.case_of(account)

    # Worklist

    def test_the_database_sorts_like_the_kernel(self):
        cases = self.Case.browse()
        for name, amount, due in (
            ("A", 100.0, DAY - timedelta(days=10)),
            ("B", 90.0, DAY - timedelta(days=89)),
            ("C", 5000.0, DAY - timedelta(days=30)),
            ("D", 150.0, DAY - timedelta(days=400)),
        ):
            cases |= self.worked(name, amount, due)
        cases[2]._bss_hold(False, "VIP")
        with freeze_time(DAY):
            ordered = self.Case.search([("id", "in", cases.ids)], order="worklist_score desc, id desc")
            scores = [
                worklist.score(
                    worklist.Standing(
                        Decimal(str(case.amount_demanded)),
                        case.days_overdue,
                        due=bool(case.date_next and case.date_next <= DAY),
                        held=case.state == "hold",
                        watched=case.watched,
                    )
                )
                for case in ordered
            ]
            self.assertEqual(scores, sorted(scores, reverse=True))
            self.assertEqual(len(set(scores)), 4, "a test of an order needs different weights")
            for case, number in zip(ordered, scores, strict=True):
                self.assertAlmostEqual(case.worklist_score, float(number), 2)

    def test_next_case_goes_round(self):
        first, second = self.worked("Pierwszy", 900.0), self.worked("Drugi", 300.0)
        other = self.worked("Cudzy", 600.0)
        (first | second).user_id = self.collector
        case = first.with_user(self.collector)
        self.assertEqual(case.action_next_of_mine()["res_id"], second.id)
        self.assertEqual(second.with_user(self.collector).action_next_of_mine()["res_id"], first.id)
        self.assertEqual(other.with_user(self.collector).action_next_of_mine()["res_id"], first.id)
        with self.assertRaises(UserError):
            other.with_user(self.viewer).action_next_of_mine()

    def test_take_those_of_nobody(self):
        free, taken = self.worked("Wolny", 200.0), self.worked("Zajęty", 200.0)
        taken.user_id = self.env.user
        (free | taken).with_user(self.collector).action_take_unassigned()
        self.assertEqual((free.user_id, taken.user_id), (self.collector, self.env.user))
        with self.assertRaises(UserError):
            taken.with_user(self.collector).action_take_unassigned()
        with self.assertRaises(AccessError):
            free.with_user(self.viewer).action_take_unassigned()

    # Best action

    def test_what_waits_for_a_person_comes_before_the_ladder(self):
        case = self.worked("Jan", 400.0)
        action = case.action_ids[:1].sudo()
        self.assertTrue(action)
        action.write({"state": "planned", "by_hand": True, "date_done": False})
        self.assertEqual(case.best_action, "approve")
        action.write({"by_hand": False, "state": "failed"})
        self.assertEqual(case.best_action, "retry")
        case._bss_hold(False, "spór")
        self.assertFalse(case.best_action)
        with self.assertRaises(UserError):
            case.action_best()

    def test_blocked_services_of_who_paid_come_first(self):
        case = self.worked("Anna", 400.0)
        alarm = DAY + timedelta(days=3)
        case.activity_schedule("mail.mail_activity_data_warning", date_deadline=alarm, user_id=self.collector.id)
        self.assertEqual((case.best_action, case.resume_by), ("unblock", alarm))
        self.assertEqual(case.action_best()["res_model"], "bss.service.order")
        with self.assertRaises(AccessError):
            case.with_user(self.viewer).action_best()

    def test_the_step_of_the_day(self):
        account = self.debtor("Ewa", amount=400.0)
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account)
        self.assertFalse(case.best_action)
        case._bss_plan(date(2026, 10, 8))
        self.assertEqual((case.next_code, case.best_action), ("DUE", "step"))

    # 360 degrees

    def test_payments_services_and_other_cases(self):
        case = self.worked("Karol", 400.0)
        self.pay(self.account_moves(case)[0], 100.0, date(2026, 10, 12))
        self.assertEqual(case.payment_line_ids.mapped("credit"), [100.0])
        second = self.env["bss.account"].create({"partner_id": case.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 250.0)
        self.run_on(DAY)
        self.assertEqual(case.related_case_ids, self.case_of(second))
        self.assertEqual(case.service_ids, case.account_id.service_ids)
        self.env["res.partner"].create({"name": "Syn", "phone": "+48 600 1", "parent_id": case.partner_id.id})
        self.assertIn("Syn +48 600 1", case.more_phones)

    def account_moves(self, case):
        return case.line_ids.move_id.sorted("id")

    def test_days_late_and_interest_of_each_document(self):
        case = self.worked("Lena", 1000.0, date(2026, 10, 5))
        line = case.line_ids
        self.assertEqual(line.dunning_days_late, 15)
        self.assertAlmostEqual(line.dunning_interest, case.interest_amount, 2)
        self.assertGreater(line.dunning_interest, 0)

    def test_timeline_in_order_and_by_rights(self):
        case = self.worked("Piotr", 400.0)
        self.pay(self.account_moves(case)[0], 100.0, DAY + timedelta(days=1))
        events = case.get_timeline()
        titles = [event["title"] for event in events]
        self.assertIn(self.env._("Case opened"), titles[-1] + titles[-2])
        self.assertTrue(any("100" in event["amount"] for event in events), "the payment stands in the timeline")
        self.assertTrue(any(event["model"] == "bss.dunning.action" for event in events))
        stranger = new_test_user(self.env, "obcy.biurko", groups="base.group_user", context={"no_reset_password": True})
        for nobody in (self.viewer, stranger):
            with self.assertRaises(AccessError):
                case.with_user(nobody).get_timeline()

    def test_forms_and_worklist_open_for_the_roles(self):
        case = self.worked("Zofia", 400.0)
        self.assertEqual(Form(case.with_user(self.collector)).amount_overdue, 400.0)
        with self.assertRaises(AccessError):
            Form(case.with_user(self.viewer))
        arch = self.Case.with_user(self.collector).get_views(
            [(self.env.ref("bss_dunning.bss_dunning_case_view_list_worklist").id, "list"), (False, "kanban")]
        )
        self.assertIn("worklist_score desc", arch["views"]["list"]["arch"])

    # Calculator

    def calculator(self, **vals):
        return (
            self.env["bss.dunning.calculator"]
            .with_user(self.collector)
            .create({"delivered_on": date(2026, 3, 2), **vals})
        )

    def amounts(self, *rows):
        return [Command.create({"amount": amount, "due": due}) for amount, due in rows]

    def test_worked_example_of_a_consumer(self):
        """E1 of the facts: paid after 239 days, 84.20."""
        wizard = self.calculator(
            regime="civil", as_of=date(2025, 12, 31), line_ids=self.amounts((1234.56, date(2025, 4, 15))),
            payment_ids=[Command.create({"date": date(2025, 12, 10), "amount": 1234.56})],
        )  # fmt: skip
        self.assertEqual((wizard.amount_interest, wizard.amount_principal), (84.20, 0.0))
        self.assertIn("11.25", wizard.result_html.replace(",", "."))
        self.assertFalse(wizard.amount_compensation)

    def test_part_payments_by_either_order(self):
        """E5: principal first 44.50 of interest, interest first 779.71 altogether."""
        vals = {
            "regime": "civil", "as_of": date(2025, 12, 31), "line_ids": self.amounts((1234.56, date(2025, 6, 30))),
            "payment_ids": [Command.create({"date": date(2025, 8, 18), "amount": 500.0})],
        }  # fmt: skip
        self.assertEqual(self.calculator(**vals).amount_interest, 44.50)
        second = self.calculator(
            **{**vals, "line_ids": self.amounts((1234.56, date(2025, 6, 30)))}, allocation="interest_first"
        )
        self.assertEqual(second.amount_principal + second.amount_interest, 779.71)

    def test_a_payment_of_two_amounts_covers_the_older_one(self):
        wizard = self.calculator(
            regime="civil",
            as_of=date(2025, 12, 31),
            line_ids=self.amounts((100.0, date(2025, 8, 29)), (100.0, date(2025, 6, 30))),
            payment_ids=[Command.create({"date": date(2025, 10, 1), "amount": 120.0})],
        )
        self.assertEqual(wizard.amount_principal, 80.0)

    def test_compensation_with_its_rate_day(self):
        wizard = self.calculator(
            regime="commercial", as_of=date(2026, 9, 30), line_ids=self.amounts((4000.0, date(2025, 1, 31)))
        )
        self.assertFalse(wizard.amount_compensation)
        wizard.eur_rate = 4.2730
        self.assertEqual(wizard.amount_compensation, 170.92)
        self.assertEqual(wizard.amount_total, round(wizard.amount_principal + wizard.amount_interest + 170.92, 2))

    def test_what_cannot_be_meant_is_told(self):
        for vals, words in (
            ({"eur_rate": -4.0}, "greater than zero"),
            ({"line_ids": [Command.create({"amount": -100.0, "due": date(2025, 1, 31)})]}, "greater than zero"),
            ({"payment_ids": [Command.create({"amount": -5.0, "date": date(2025, 2, 1)})]}, "greater than zero"),
            ({"delivered_on": date(9999, 12, 20)}, "cannot be calculated"),
            ({"line_ids": [Command.create({"amount": 100.0, "due": date(9999, 12, 31)})]}, "cannot be calculated"),
        ):
            whole = {"line_ids": [Command.create({"amount": 1000.0, "due": date(2025, 1, 31)})], **vals}
            wizard = self.calculator(**whole)
            self.assertIn(words, wizard.result_html)
            self.assertEqual(wizard.amount_total, 0.0)

    def test_sheet_and_rights(self):
        wizard = self.calculator(regime="civil", line_ids=self.amounts((100.0, date(2025, 8, 29))))
        answer = wizard.action_print()
        number = int(answer["url"].split("/")[-1].partition("?")[0])
        attachment = self.env["ir.attachment"].with_user(self.collector).browse(number)
        self.assertTrue(attachment.raw.startswith(b"%PDF"))
        with self.assertRaises(AccessError):
            attachment.with_user(self.viewer).read(["datas"])
        with self.assertRaises(UserError):
            self.calculator(regime="civil").action_print()
        with self.assertRaises(AccessError):
            self.env["bss.dunning.calculator"].with_user(self.viewer).create({})

    def test_calculator_of_a_case(self):
        case = self.worked("Olga", 400.0)
        answer = case.with_user(self.collector).action_calculate()
        wizard = self.env[answer["res_model"]].browse(answer["res_id"])
        self.assertEqual((wizard.line_ids.amount, wizard.line_ids.due, wizard.regime), (400.0, self.due, "civil"))
