from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestStrategyLadder(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.household = cls.household.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.draft = self.household.copy({"name": "Szkic"})

    def step(self, code, strategy=None):
        return (strategy or self.draft).step_ids.filtered(lambda step: step.code == code)

    def test_shipped_ladders_are_lawful(self):
        shipped = ("household", "business", "public", "valued", "persistent", "household_sms")
        for name in shipped:
            strategy = self.env.ref(f"bss_dunning.strategy_{name}")
            with self.subTest(name):
                self.assertFalse(strategy.warning_html)
                self.assertNotIn("never", strategy.timeline_html.lower())
                for step in strategy.step_ids.filtered(lambda one: one.gate in ("restrict", "suspend", "terminate")):
                    self.assertFalse(step.auto, step.name)
        codes = self.household._bss_ordered_steps().mapped("code")
        self.assertEqual(codes[-6:], ["restrict", "n2", "suspend", "n3", "terminate", "final"])

    def test_the_law_makes_a_hasty_ladder_wait(self):
        self.assertNotIn("table-warning", self.household.timeline_html)
        for step in self.draft.step_ids:
            step.write({"days_after_due": 0, "days_after_previous": 0})
        self.draft.preview_due = date(2026, 2, 2)
        html = self.draft.timeline_html
        self.assertIn("The law makes it wait", html)
        self.assertIn("7 days to pay", html)
        self.assertEqual(html.count("table-warning"), 5)

    def test_warnings_name_the_step_and_the_fault(self):
        self.step("n1").unlink()
        self.assertIn("no notice of restriction stands before it", self.draft.warning_html)
        self.assertIn("Never lawful", self.draft.timeline_html)
        self.assertIn("Never reached", self.draft.timeline_html)
        self.step("n2").letter_text = "Prosimy o zapłatę."
        self.assertIn("„art. 382”", self.draft.warning_html)
        self.step("n3").unlink()
        self.assertIn("no notice of termination", self.draft.warning_html)
        self.assertFalse(self.household.warning_html)

    def test_steps_in_words(self):
        restrict, call = self.step("restrict"), self.step("call")
        self.assertEqual(restrict.starts, "with approval")
        self.assertEqual(restrict.gate_text, "7 days after delivery of the notice of restriction")
        call.write({"repeat_count": 3, "repeat_days": 2, "by_preference": True})
        self.assertEqual(call.how, "customer's channel first · Call · else Letter · 3 times, every 2 days")
        self.assertEqual(self.draft.kinds_text, "consumers")

    def test_a_step_is_duplicated_in_its_stage(self):
        reminder = self.step("reminder")
        reminder.action_duplicate()
        copied = reminder.stage_id.step_ids - reminder
        self.assertEqual((copied.name, copied.code), ("First reminder (copy)", "email"))

    def test_the_form_counts_the_calendar_of_unsaved_steps(self):
        with Form(self.draft) as form:
            form.preview_due = date(2026, 2, 2)
            before = form.timeline_html
            form.preview_due = date(2026, 2, 3)
            self.assertNotEqual(form.timeline_html, before)

    def test_what_touches_services_waits_for_a_person_unless_said_otherwise(self):
        stage = self.draft.stage_ids[0]
        vals = {"name": "Koniec", "stage_id": stage.id, "channel": "terminate"}
        self.assertFalse(self.draft.step_ids.create(vals).auto)
        self.assertTrue(self.draft.step_ids.create({**vals, "auto": True}).auto)
        with self.assertRaisesRegex(ValidationError, "ends contracts"):
            self.draft.step_ids.create({**vals, "fallback_channel": "letter"})

    def test_channels_the_customer_prefers(self):
        partner = self.make_subscriber("Jan", partner={"phone": "+48 600 100 200"}).partner_id
        reminder, n1 = self.step("reminder"), self.step("n1")
        self.assertEqual(reminder._bss_channels(partner), ["email", "letter"])
        reminder.by_preference = True
        wanted = [one for one in partner._bss_dunning_channels() if one != "call"]
        self.assertEqual(reminder._bss_channels(partner)[: len(wanted)], wanted, "calls are no channel of this step")
        n1.write({"by_preference": True})
        self.assertFalse({"sms", "call"} & set(n1._bss_channels(partner)), "a notice goes by letter or e-mail")

    def test_a_warning_of_a_register_names_it_or_does_not_go_out(self):
        final = self.env.ref("bss_dunning.step_household_sms_final")
        self.step("reminder").write({"channel": "letter", "letter_text": final.letter_text, "fallback_channel": False})
        account = self.debtor()
        self.draft.action_activate()
        account.dunning_strategy_id = self.draft
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertEqual(action.state, "failed")
        self.assertIn("name and seat", action.reason)
        self.company.bss_dunning_bureau = "BIG Przykład S.A. z siedzibą w Warszawie"
        self.run_on(date(2026, 10, 9))
        self.assertEqual(action.state, "done")
        self.assertIn("BIG Przykład S.A. z siedzibą w Warszawie, jeżeli", action.letter_html)
        self.assertIn("art. 187 § 1 pkt 3", action.letter_html)
