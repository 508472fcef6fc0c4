from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSecurity(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.user("windykator", "bss_catalog.group_bss_collector")
        cls.viewer = cls.user("podglad", "bss_catalog.group_bss_viewer")
        cls.billing = cls.user("rozliczenia", "bss_catalog.group_bss_billing_manager")

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

    def test_collector_works_cases(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account).with_user(self.collector)
        case.action_assign_me()
        self.assertEqual(case.user_id, self.collector)
        wizard = self.env["bss.dunning.hold.wizard"].with_user(self.collector)
        wizard.create({"case_ids": case.ids, "hold_until": False, "reason": "telefon"}).action_hold()
        self.assertEqual(case.state, "hold")
        case.action_release()
        case.action_take_next_step()
        self.assertEqual(case.action_ids.mapped("state"), ["done"])
        self.assertTrue(case.line_ids.mapped("amount_residual"))
        self.assertTrue(case.interest_html)

    def test_the_next_step_is_named_before_it_is_taken(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account).with_user(self.collector)
        asked = case.action_ask_next_step()
        wizard = self.env[asked["res_model"]].with_user(self.collector).browse(asked["res_id"])
        step = self.env.ref("bss_dunning.step_household_reminder")
        for part in (step.name, account.partner_id.name, "E-mail", "123.00"):
            self.assertIn(part, wizard.summary_html.replace(",", "."))
        self.assertFalse(case.action_ids, "nothing went out yet")
        wizard.action_take()
        self.assertEqual(case.action_ids.state, "done")
        with self.assertRaises(AccessError):
            case.with_user(self.viewer).action_ask_next_step()

    def test_raw_writes_are_refused(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case = self.case_of(account).with_user(self.collector)
        action = case.action_ids
        chief = self.user("zarzadca", "bss_catalog.group_bss_admin")
        for vals in (
            {"state": "closed"},
            {"amount_overdue": 0},
            {"hold_until": "2030-01-01"},
            {"next_code": "PAID"},
            {"complaint_open": True},
            {"complaint_open": False},
            {"complaint_exhausted_on": "2026-01-01"},
            {"strategy_id": self.business.id},
            {"user_id": self.collector.id, "strategy_id": self.business.id},
        ):
            for user in (self.collector, chief):
                with self.subTest(vals=vals, user=user.login), self.assertRaises(AccessError):
                    case.with_user(user).write(vals)
        self.assertEqual((case.strategy_id, case.complaint_open), (self.household, False))
        for vals in ({"date_done": "2026-01-01"}, {"state": "skipped"}, {"delivered_at": "2026-10-09 10:00:00"}):
            with self.assertRaises(AccessError):
                action.write(vals)
        with self.assertRaises(AccessError):
            action.run_id.write({"state": "planned"})
        for user in (self.collector, chief):
            with self.assertRaises(AccessError):
                self.Action.with_user(user).create({"case_id": case.id, "step_id": action.step_id.id, "date": self.due})
        case.write({"user_id": self.collector.id})
        case.message_post(body="telefon")
        case.activity_schedule("mail.mail_activity_data_todo", user_id=self.collector.id)

    def test_collector_starts_a_run(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].with_user(self.collector)._bss_run(date(2026, 10, 8))
        self.assertEqual(run.done_count, 1)
        self.assertEqual(self.case_of(account).action_ids.state, "done")

    def test_viewer_neither_reads_nor_changes(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case = self.case_of(account).with_user(self.viewer)
        action = self.case_of(account).action_ids.with_user(self.viewer)
        for record, name in ((case, "next_reason"), (action, "reason")):
            with self.assertRaises(AccessError):
                record.read([name])
        with self.assertRaises(AccessError):
            case.user_id = self.viewer
        for forbidden in (action.action_execute, case.action_refresh, case.action_take_next_step):
            with self.assertRaises(AccessError):
                forbidden()
        with self.assertRaises(AccessError):
            self.env["bss.dunning.run"].with_user(self.viewer).create({"as_of": date(2026, 10, 8)})
        with self.assertRaises(AccessError):
            self.env.ref("bss_dunning.strategy_household").with_user(self.viewer).name = "X"

    def test_strategies_and_law_are_the_administrators(self):
        with self.assertRaises(AccessError):
            self.env["bss.interest.rate"].with_user(self.collector).create(
                {"regime": "civil", "date_start": date(2027, 1, 1), "rate": 1}
            )
        with self.assertRaises(AccessError):
            self.env.ref("bss_dunning.step_household_n1").with_user(self.collector).days_after_due = 1

    def test_payment_booked_by_billing_closes_the_case(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case = self.case_of(account)
        entry = self.make_payment(account, 123.0)
        (self.receivable(account.invoice_ids) | entry).with_user(self.billing).reconcile()
        self.end_transaction()
        self.assertEqual(case.state, "closed")

    def test_forms_open_for_the_roles(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case, strategy = self.case_of(account), self.env.ref("bss_dunning.strategy_household")
        form = Form(case.with_user(self.collector))
        self.assertEqual((form.amount_overdue, form.strategy_id), (123.0, strategy))
        form.user_id = self.collector
        self.assertEqual(form.save().user_id, self.collector)
        self.assertEqual(Form(case.action_ids.with_user(self.collector)).state, "done")
        self.assertEqual(Form(strategy.with_user(self.collector)).name, strategy.with_user(self.collector).name)
        for record in (case, case.action_ids, strategy):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                Form(record.with_user(self.viewer))

    def test_second_company_sees_nothing_and_runs_alone(self):
        account = self.debtor()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        self.run_on(date(2026, 10, 8))
        stranger = new_test_user(
            self.env,
            "obcy",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=other.id,
            company_ids=other.ids,
            context={"no_reset_password": True},
        )
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(theirs["bss.dunning.case"].search([]))
        with self.assertRaises(AccessError):
            self.case_of(account).with_env(theirs).read(["amount_overdue"])
        run = theirs["bss.dunning.run"]._bss_run(date(2026, 10, 20))
        self.assertEqual((run.company_id, run.case_count, run.action_count), (other, 0, 0))
        self.assertEqual(self.case_of(account).as_of, date(2026, 10, 8))

    def test_a_company_may_have_its_own_strategy(self):
        own = self.household.copy({"name": "Własna", "company_id": self.company.id})
        own.invalidate_recordset()
        own.action_activate()
        self.assertEqual(len(own.step_ids), len(self.household.step_ids))
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        self.assertEqual(self.case_of(account).strategy_id, own)
