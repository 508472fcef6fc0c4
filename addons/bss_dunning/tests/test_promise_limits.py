"""A promise holds the whole case: how much has to be promised, and when none is taken after broken ones."""

from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import format_date

from .common import DunningCommon

MADE = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestPromiseLimits(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.Case = cls.Case.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.account = self.debtor(amount=200.0)
        self.run_on(MADE)
        self.case = self.case_of(self.account)

    def promise(self, amount=200.0, day=date(2026, 10, 12), made=MADE, **kwargs):
        with freeze_time(f"{made} 12:00:00"):
            return self.case._bss_promise(amount, day, **kwargs)

    def refused(self, **vals):
        with self.assertRaises(UserError) as refused:
            self.promise(**vals)
        return str(refused.exception)

    def test_a_grosz_does_not_hold_a_case(self):
        self.assertIn("at least", self.refused(amount=0.01))
        self.assertRegex(self.refused(amount=99.99), r"100[.,]00")
        self.assertEqual(self.case.state, "open")
        self.assertEqual(self.promise(100.0).state, "open")

    def test_the_part_is_a_setting(self):
        self.company.bss_promise_min_percent = 10
        self.assertRegex(self.refused(amount=19.99), r"20[.,]00")
        self.assertTrue(self.promise(20.0))

    def broken(self):
        """A promise that is broken on 16 October."""
        promise = self.promise()
        self.run_on(date(2026, 10, 16))
        self.assertEqual((promise.state, promise.date_decided), ("broken", date(2026, 10, 16)))
        return promise

    def test_none_for_some_days_after_a_broken_one(self):
        self.broken()
        words = self.refused(made=date(2026, 10, 30), day=date(2026, 11, 3))
        self.assertIn(format_date(self.env, date(2026, 10, 30)), words)
        self.assertTrue(self.promise(made=date(2026, 10, 31), day=date(2026, 11, 3)))

    def test_none_after_too_many_broken_ones(self):
        self.company.write({"bss_promise_broken_days": 0, "bss_promise_max_broken": 1})
        self.broken()
        self.assertIn(
            "broken promises: 1, no new one is taken", self.refused(made=date(2027, 3, 1), day=date(2027, 3, 3))
        )
        self.company.bss_promise_max_broken = 0
        self.assertTrue(self.promise(made=date(2027, 3, 1), day=date(2027, 3, 3)))

    def user(self, login, *groups):
        return new_test_user(
            self.env,
            login,
            groups=",".join(["base.group_user", *(f"bss_catalog.group_bss_{group}" for group in groups)]),
            company_id=self.company.id,
            company_ids=self.company.ids,
            context={"no_reset_password": True},
        )

    def wizard(self, user):
        return Form(self.env["bss.dunning.promise.wizard"].with_user(user).with_context(default_case_id=self.case.id))

    def test_the_collector_is_told_and_the_manager_decides(self):
        self.broken()
        collector = self.user("obietnica.k", "collector")
        manager = self.user("obietnica.m", "collector", "billing_manager")
        with freeze_time("2026-10-17 12:00:00"):
            form = self.wizard(collector)
            self.assertIn("broken lately", form.problem)
            self.assertFalse(form.may_override)
            with self.assertRaises(UserError):
                form.save().action_promise()
            with self.assertRaises(AccessError):
                self.case.with_user(collector)._bss_promise(200.0, date(2026, 10, 20), override=True)
            form = self.wizard(manager)
            self.assertTrue(form.may_override)
            form.override = True
            form.amount = 1.0
            self.assertFalse(form.problem)
            form.save().action_promise()
        taken = self.case.promise_ids.filtered(lambda promise: promise.state == "open")
        self.assertEqual((taken.amount, taken.overridden, taken.user_id), (1.0, True, manager))
        self.assertEqual(self.case.state, "hold")
