from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestStrategyMove(DunningCommon):
    """Running cases go over to a new version, each behind its level."""

    def setUp(self):
        super().setUp()
        self.one = self.debtor("Pierwszy")
        self.run_on(date(2026, 10, 8))
        self.run_on(date(2026, 10, 19))
        self.two = self.debtor("Drugi", due=date(2026, 10, 14))
        self.run_on(date(2026, 10, 20))
        self.draft = self.household.browse(self.household.action_new_version()["res_id"])

    def step(self, code):
        return self.draft.step_ids.filtered(lambda step: step.code == code)

    def wizard(self, **vals):
        self.draft.action_activate()
        return self.env["bss.dunning.strategy.move"].create({"source_id": self.household.id, **vals})

    def taken(self, account):
        actions = self.case_of(account).action_ids.sorted("id")
        return [(action.step_id.strategy_id, action.step_id.code, action.state) for action in actions]

    def test_every_case_lands_behind_its_level(self):
        wizard = self.wizard()
        self.assertEqual((wizard.target_id, wizard.case_count, wizard.lost_count), (self.draft, 2, 0))
        self.assertEqual(
            wizard.line_ids.mapped(lambda line: (line.case_count, line.level, line.next_step)),
            [
                (1, "First reminder", "Demand for payment"),
                (1, "Demand for payment", "Call the customer"),
            ],
        )
        letters = self.env["bss.document"].search_count([])
        wizard.action_move()
        new = self.draft
        self.assertEqual(self.taken(self.one), [(new, "reminder", "done"), (new, "demand", "done")])
        self.assertEqual(self.taken(self.two), [(new, "reminder", "done")])
        case = self.case_of(self.one)
        self.assertRecordValues(
            case, [{"strategy_id": new.id, "step_id": self.step("demand").id, "next_step_id": self.step("call").id}]
        )
        self.assertEqual(case.stage_id, self.step("demand").stage_id)
        self.assertIn("Moved from", case.message_ids[0].body)
        self.assertEqual(self.env["bss.document"].search_count([]), letters, "nothing went out")
        self.run_on(date(2026, 10, 26))
        self.assertEqual([code for _strategy, code, _state in self.taken(self.one)], ["reminder", "demand", "call"])
        self.assertFalse(self.household.case_count)
        self.household.step_ids[0].days_after_due = 5

    def test_new_steps_before_the_level_are_passed_over_and_told(self):
        demand = self.step("demand")
        self.draft.step_ids.create(
            {"name": "SMS", "code": "sms", "channel": "call", "stage_id": demand.stage_id.id, "sequence": 5}
        )
        demand.repeat_count = 2
        self.draft.invalidate_recordset()
        wizard = self.wizard()
        self.assertEqual(wizard.line_ids.mapped(lambda line: line.passed or ""), ["", "SMS"])
        wizard.action_move()
        self.assertCountEqual(
            [(code, state) for _strategy, code, state in self.taken(self.one)],
            [("reminder", "done"), ("demand", "done"), ("sms", "skipped"), ("demand", "skipped")],
        )
        self.assertEqual(self.case_of(self.one).next_step_id, self.step("call"), "no round is repeated")
        self.assertEqual(self.case_of(self.two).next_step_id, self.step("sms"), "nothing ahead is skipped")

    def test_unknown_levels_are_told_before(self):
        self.step("demand").code = "wezwanie"
        wizard = self.wizard()
        self.assertEqual((wizard.case_count, wizard.lost_count), (2, 1))
        self.assertEqual(wizard.line_ids.mapped(lambda line: line.lost or ""), ["", "Demand for payment"])
        with self.assertRaisesRegex(UserError, "took steps unknown to .*: 1\\."):
            wizard.action_move()
        self.assertEqual(self.case_of(self.one).strategy_id, self.household)
        wizard.accept_lost = True
        wizard.action_move()
        self.assertEqual(self.case_of(self.one).next_step_id.code, "wezwanie")
        self.assertIn((self.household, "demand", "done"), self.taken(self.one), "the history stays")

    def test_what_waits_goes_over_or_is_called_off(self):
        self.run_on(date(2026, 10, 26))
        call = self.case_of(self.one).action_ids.filtered(lambda action: action.channel == "call")
        self.assertEqual(call.state, "planned")
        self.step("call").unlink()
        self.draft.invalidate_recordset()
        self.wizard().action_move()
        self.assertEqual((call.state, bool(call.activity_id)), ("cancelled", False))
        self.assertEqual(self.case_of(self.one).next_step_id, self.step("n1"))

    def test_a_notice_must_stay_the_notice_it_was(self):
        self.step("n2").legal_notice = "n3"
        wizard = self.wizard()
        with self.assertRaisesRegex(UserError, "another notice of the law"):
            wizard.action_move()

    def test_there_and_back_repeats_nothing(self):
        self.wizard().action_move()
        again = self.household.browse(self.draft.action_new_version()["res_id"])
        again.action_activate()
        self.env["bss.dunning.strategy.move"].create({"source_id": self.draft.id}).action_move()
        self.assertEqual(self.case_of(self.one).next_step_id.code, "call")
        self.assertEqual(self.taken(self.one), [(again, "reminder", "done"), (again, "demand", "done")])

    def test_cases_of_other_companies_stay(self):
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        wizard = self.wizard().with_context(allowed_company_ids=other.ids)
        wizard.with_company(other).action_move()
        self.assertEqual(self.case_of(self.one).strategy_id, self.household)

    def test_only_administrators_move_cases(self):
        self.draft.action_activate()
        for number, group in enumerate(("viewer", "clerk", "collector")):
            user = new_test_user(
                self.env,
                f"przenosi{number}",
                groups=f"base.group_user,bss_catalog.group_bss_{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )
            with self.subTest(group), self.assertRaises(AccessError):
                self.env["bss.dunning.strategy.move"].with_user(user).create({"source_id": self.household.id})
