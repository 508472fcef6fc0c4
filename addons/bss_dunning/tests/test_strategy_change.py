"""A collector sends one case over to another strategy, with a reason that stays."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon

REASON = "Klient kluczowy, rozmawia z nim opiekun"


@tagged("post_install", "-at_install")
class TestStrategyChange(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.collector = cls.user("zmienia.windykator", "collector")

    @classmethod
    def user(cls, login, role, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,bss_catalog.group_bss_{role}",
            company_id=company.id,
            company_ids=company.ids,
            lang="en_US",
            context={"no_reset_password": True},
        )

    def setUp(self):
        super().setUp()
        self.account = self.debtor("Pierwszy")
        self.run_on(date(2026, 10, 8))
        self.run_on(date(2026, 10, 19))
        self.case = self.case_of(self.account)
        self.gentle = self.household.copy({"name": "Dla wybranych", "sequence": 99})
        self.gentle.step_ids.filtered(lambda step: step.code == "call").code = "visit"
        self.gentle.action_activate()

    def wizard(self, user=None, **vals):
        env = self.env["bss.dunning.strategy.change"].with_user(user or self.collector)
        return env.create({"case_id": self.case.id, "target_id": self.gentle.id, "reason": REASON, **vals})

    def test_the_button_opens_it_for_this_case(self):
        action = self.case.with_user(self.collector).action_change_strategy()
        form = Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"]))
        self.assertEqual((form.case_id, form.source_id), (self.case, self.household))
        self.assertIn(self.gentle, form.allowed_ids[:])
        self.assertNotIn(self.business, form.allowed_ids[:], "for another kind of customer")
        self.assertNotIn(self.household, form.allowed_ids[:])
        form.target_id = self.gentle
        visit = self.gentle.step_ids.filtered(lambda step: step.code == "visit")
        self.assertEqual((form.level, form.next_step), ("Demand for payment", visit.name))
        form.reason = REASON
        form.save()

    def test_the_case_goes_on_and_nothing_goes_out(self):
        letters = self.env["bss.document"].search_count([])
        other = self.debtor("Drugi")
        self.run_on(date(2026, 10, 20))
        self.wizard().action_change()
        case = self.case.with_user(self.collector)
        visit = self.gentle.step_ids.filtered(lambda step: step.code == "visit")
        self.assertEqual((case.strategy_id, case.step_id.code), (self.gentle, "demand"))
        self.assertEqual(case.next_step_id, visit, "planned anew")
        self.assertTrue(case.date_next)
        self.assertEqual(case.stage_id.strategy_id, self.gentle)
        self.assertEqual(case.action_ids.filtered(lambda a: a.state == "done").step_id.strategy_id, self.gentle)
        self.assertEqual(self.case_of(other).strategy_id, self.household, "one case only")
        self.assertEqual(self.env["bss.document"].search_count([]), letters + 1, "that of the other customer")
        self.end_transaction()
        told = [event for event in case.get_timeline() if "changed the strategy" in event["title"]]
        self.assertEqual(len(told), 1)
        self.assertIn(self.collector.name, told[0]["title"])
        for words in (REASON, self.household.name, self.gentle.name):
            self.assertIn(words, told[0]["text"])

    def test_what_waits_under_an_unknown_step_is_called_off(self):
        self.run_on(date(2026, 10, 26))
        call = self.case.action_ids.filtered(lambda action: action.channel == "call")
        self.assertEqual(call.state, "planned")
        self.wizard().action_change()
        self.assertEqual((call.state, bool(call.activity_id)), ("cancelled", False))

    def test_and_back_repeats_nothing(self):
        self.wizard().action_change()
        self.wizard(target_id=self.household.id).action_change()
        self.assertEqual((self.case.strategy_id, self.case.next_step_id.code), (self.household, "call"))
        self.assertEqual(
            [(action.step_id.code, action.state) for action in self.case.action_ids.sorted("id")],
            [("reminder", "done"), ("demand", "done")],
        )

    def test_a_case_without_a_strategy_gets_one(self):
        self.case.sudo().strategy_id = False
        self.wizard().action_change()
        self.assertEqual(self.case.strategy_id, self.gentle)
        self.assertTrue(self.case.next_step_id)

    def test_a_held_case_stays_held(self):
        self.case._bss_hold(False, "czeka")
        self.wizard().action_change()
        self.assertEqual((self.case.state, self.case.next_code), ("hold", "ON_HOLD"))

    def test_bad_wishes_are_refused(self):
        draft = self.gentle.browse(self.gentle.action_new_version()["res_id"])
        for strategy in (self.business, self.household, draft):
            with self.subTest(strategy.name), self.assertRaisesRegex(UserError, "is not for case"):
                self.wizard(target_id=strategy.id).action_change()
        with self.assertRaisesRegex(UserError, "Say why"):
            self.wizard(reason="  ").action_change()
        self.pay(self.account.invoice_ids, day=date(2026, 10, 21))
        self.assertEqual(self.case.state, "closed")
        with self.assertRaisesRegex(UserError, "is closed"):
            self.wizard().action_change()
        self.assertEqual(self.case.strategy_id, self.household)

    def test_a_notice_must_stay_the_notice_it_was(self):
        wrong = self.household.copy({"name": "Pomylona", "sequence": 99})
        wrong.step_ids.filtered(lambda step: step.code == "n2").legal_notice = "n3"
        wrong.action_activate()
        with self.assertRaisesRegex(UserError, "another notice of the law"):
            self.wizard(target_id=wrong.id).action_change()

    def test_others_cannot(self):
        for role in ("viewer", "clerk", "billing_manager"):
            user = self.user(f"zmienia.{role}", role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.wizard(user)
            with self.subTest(role), self.assertRaises(AccessError):
                self.case.with_user(user).action_change_strategy()
        portal = new_test_user(self.env, "zmienia.klient", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.wizard(portal)

    def test_cases_of_other_companies_are_out_of_reach(self):
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("zmienia.obcy", "collector", other)
        with self.assertRaises(AccessError):
            self.wizard(stranger).action_change()
        self.assertEqual(self.case.strategy_id, self.household)
