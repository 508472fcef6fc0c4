from datetime import date

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestStrategyVersion(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls.env.ref("bss_dunning.step_household_reminder")
        cls.demand = cls.env.ref("bss_dunning.step_household_demand")

    def new_version(self):
        return self.household.browse(self.household.action_new_version()["res_id"])

    def followed(self):
        """A case that follows the strategy of households."""
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        return self.case_of(account)

    def test_a_strategy_in_use_is_not_rebuilt(self):
        self.reminder.days_after_due = 4
        case = self.followed()
        self.assertEqual(case.strategy_id, self.household)
        stage = self.reminder.stage_id
        changes = {
            "step written": lambda: self.demand.write({"days_after_due": 15}),
            "step added": lambda: stage.step_ids.create({"name": "Nowy", "stage_id": stage.id, "channel": "call"}),
            "step deleted": lambda: self.env.ref("bss_dunning.step_household_suspend").unlink(),
            "step moved": lambda: self.demand.write({"stage_id": stage.id}),
            "stage moved": lambda: stage.write({"sequence": 99}),
            "stage deleted": lambda: self.env.ref("bss_dunning.stage_household_suspension").unlink(),
        }
        for name, change in changes.items():
            with self.subTest(name), self.env.cr.savepoint(), self.assertRaises(RedirectWarning) as refused:
                change()
            message, action, button, context = refused.exception.args
            self.assertIn("1 open cases", message)
            self.assertEqual(button, "New version")
            self.assertEqual(context["active_id"], self.household.id)
            self.assertEqual(
                action, self.env.ref("bss_dunning.bss_dunning_strategy_new_version_action").id, "the button leads on"
            )
        self.env.invalidate_all()
        self.demand.write({"letter_title": "Wezwanie", "days_after_due": self.demand.days_after_due})
        self.pay(case.account_id.invoice_ids)
        self.demand.days_after_due = 15

    def test_the_button_of_the_refusal_makes_the_new_version(self):
        self.followed()
        action = self.env.ref("bss_dunning.bss_dunning_strategy_new_version_action")
        context = {
            "active_model": self.household._name,
            "active_id": self.household.id,
            "active_ids": self.household.ids,
        }
        opened = action.with_context(**context).run()
        draft = self.household.browse(opened["res_id"])
        self.assertRecordValues(
            draft,
            [{"version": 2, "state": "draft", "previous_id": self.household.id, "code": self.household.code}],
        )
        self.assertEqual(draft.step_ids.mapped("code"), self.household.step_ids.mapped("code"))
        self.assertEqual(self.new_version(), draft, "one draft at a time")
        draft.step_ids[1].days_after_due = 15

    def test_activation_retires_the_version_before_and_leaves_running_cases(self):
        case = self.followed()
        draft = self.new_version()
        draft.action_activate()
        self.assertEqual((self.household.state, draft.state), ("retired", "active"))
        other = self.debtor("Nowy Dłużnik")
        self.run_on(date(2026, 10, 9))
        self.assertEqual(self.case_of(other).strategy_id, draft)
        self.assertEqual(case.strategy_id, self.household)
        self.run_on(date(2026, 10, 19))
        self.assertEqual(case.step_id, self.demand, "the retired version goes on for its own")
        with self.assertRaisesRegex(UserError, "no draft"):
            draft.action_activate()

    def test_a_strategy_without_steps_is_not_activated(self):
        empty = self.household.create({"name": "Pusta", "for_consumer": True})
        self.assertEqual((empty.code, empty.state, empty.version), ("pusta", "draft", 1))
        with self.assertRaisesRegex(UserError, "no steps"):
            empty.action_activate()

    def test_amounts_and_limits_are_not_negative(self):
        strategy = self.env.ref("bss_dunning.step_household_reminder").strategy_id.copy()
        for record, name in (
            (strategy, "min_amount"),
            (strategy, "max_contacts"),
            (strategy.step_ids[:1], "min_amount"),
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                record.write({name: -1})
                record.flush_recordset()

    def test_codes(self):
        copied = self.reminder.copy()
        self.assertEqual((self.reminder.code, copied.code), ("reminder", "email"))
        again = self.reminder.stage_id.copy()
        self.assertEqual(len(again.step_ids), 2)
        codes = self.household.step_ids.mapped("code")
        self.assertEqual(len(codes), len(set(codes)))
        twin = self.household.copy()
        self.assertNotEqual(twin.code, self.household.code)
        self.assertFalse(twin.previous_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            copied.code = "reminder"
            copied.flush_recordset()
        copied.invalidate_recordset()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            twin.code = self.household.code
            twin.flush_recordset()

    def test_a_strategy_with_cases_is_not_deleted(self):
        self.followed()
        with self.assertRaisesRegex(UserError, "archive"):
            self.household.unlink()

    def test_approval_is_the_other_side_of_automatic(self):
        step = self.env.ref("bss_dunning.step_household_restrict")
        self.assertEqual((step.auto, step.approval), (False, True))
        self.reminder.approval = True
        self.assertFalse(self.reminder.auto)
        found = self.household.step_ids.search([("approval", "=", True), ("strategy_id", "=", self.household.id)])
        self.assertEqual(found, self.household.step_ids.filtered(lambda one: not one.auto))

    def test_rights(self):
        for number, group in enumerate(("viewer", "clerk", "collector")):
            user = new_test_user(
                self.env,
                f"wersje{number}",
                groups=f"base.group_user,bss_catalog.group_bss_{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )
            for method in ("action_new_version", "action_activate", "action_retire"):
                with self.subTest(f"{group} {method}"), self.assertRaises(AccessError):
                    getattr(self.household.with_user(user), method)()

    def test_strategies_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        theirs = self.household.copy({"name": "Obca", "company_id": other.id})
        user = new_test_user(
            self.env,
            "swoja",
            groups="base.group_user,bss_catalog.group_bss_admin",
            company_id=self.company.id,
            company_ids=self.company.ids,
            context={"no_reset_password": True},
        )
        mine = self.household.with_user(user)
        self.assertFalse(mine.search([("id", "=", theirs.id)]))
        with self.assertRaises(AccessError):
            theirs.with_user(user).action_activate()
        with self.assertRaises(AccessError):
            theirs.with_user(user).step_ids.read(["name"])
