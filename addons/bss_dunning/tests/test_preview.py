from datetime import date
from io import BytesIO

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon

DAY = date(2026, 10, 19)


@tagged("post_install", "-at_install")
class TestPreview(DunningCommon):
    """What a run would do is told before it does it, and the run then does just that."""

    def setUp(self):
        super().setUp()
        self.jan = self.debtor("Jan Kowalski")
        self.run_on(date(2026, 10, 8))
        self.held = self.debtor("Wstrzymany")
        self.run_on(date(2026, 10, 9))
        self.case_of(self.held)._bss_hold(date(2026, 12, 31), "ugoda")
        self.small = self.debtor("Drobny", amount=3.0)
        self.firm = self.debtor("Spółka", "company")
        self.reminder = self.env.ref("bss_dunning.step_household_reminder")
        self.demand = self.env.ref("bss_dunning.step_household_demand")

    def preview(self, **vals):
        preview = self.env["bss.dunning.preview"].create({"as_of": DAY, **vals})
        preview.action_count()
        return preview

    def line(self, preview, account):
        return preview.line_ids.filtered(lambda line: line.account_id == account)

    def snapshot(self):
        """Everything a run writes."""
        tables = ("bss_dunning_case", "bss_dunning_action", "bss_document", "mail_mail", "mail_message", "queue_job")
        tables += ("bss_service_order", "bss_dunning_strategy", "bss_dunning_hold")
        self.env.flush_all()
        facts = {}
        for table in tables:
            self.env.cr.execute(f"SELECT md5(COALESCE(string_agg(t::text, ',' ORDER BY id), '')) FROM {table} t")
            facts[table] = self.env.cr.fetchone()
        return facts

    def test_every_case_has_its_reason_and_nothing_is_written(self):
        before = self.snapshot()
        preview = self.preview()
        self.assertEqual(self.snapshot(), before)
        acting, held = self.line(preview, self.jan), self.line(preview, self.held)
        self.assertEqual((acting.verdict, acting.step_id, acting.channel), ("act", self.demand, "email"))
        self.assertEqual((acting.amount, acting.date_next, acting.case_id), (123.0, DAY, self.case_of(self.jan)))
        self.assertEqual((held.verdict, held.code), ("wait", "ON_HOLD"))
        self.assertIn("ugoda", held.reason)
        small = self.line(preview, self.small)
        self.assertEqual((small.verdict, small.code, bool(small.case_id)), ("wait", "BELOW_MIN_AMOUNT", False))
        self.assertEqual(self.line(preview, self.firm).verdict, "act")
        self.assertFalse(self.case_of(self.firm), "the case was opened for the count only")
        self.assertEqual((preview.act_count, preview.wait_count), (2, 2))
        self.assertIn("Demand for payment", preview.totals_html)

    def test_the_run_does_what_was_told(self):
        lines = self.preview().line_ids.filtered(lambda line: line.verdict == "act")
        told = {(line.account_id, line.step_id, line.amount) for line in lines}
        run = self.run_on(DAY)
        self.assertEqual({(one.account_id, one.step_id, one.amount) for one in run.action_ids}, told)

    def test_another_day(self):
        preview = self.preview(as_of=date(2026, 10, 12))
        line = self.line(preview, self.jan)
        self.assertEqual((line.code, line.date_next), ("TOO_EARLY", DAY))

    def test_a_day_before_the_last_run_is_refused(self):
        early = self.env["bss.dunning.preview"].with_context(lang="en_US").create({"as_of": date(2026, 10, 7)})
        with self.assertRaisesRegex(UserError, "is over: collections ran for"):
            early.action_count()
        self.assertTrue(self.preview(as_of=date(2026, 10, 9)).line_ids)
        run = self.run_on(DAY).sudo()
        for state in ("done_errors", "stopped", "running"):
            run.state = state
            with self.subTest(state=state), self.assertRaisesRegex(UserError, "is over: collections ran for"):
                self.preview(as_of=date(2026, 10, 15))
        run.state = "planned"
        self.assertTrue(self.preview(as_of=date(2026, 10, 15)).id, "a run that has not begun moved nothing")

    def test_a_draft_version_is_tried_with_the_running_cases(self):
        draft = self.household.browse(self.household.action_new_version()["res_id"])
        draft.step_ids.filtered(lambda step: step.code == "demand").write({"days_after_due": 30, "cost": 6})
        before = self.snapshot()
        preview = self.preview(strategy_id=draft.id)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual((draft.state, self.household.state), ("draft", "active"))
        self.assertEqual(preview.line_ids.strategy_id, draft)
        line = self.line(preview, self.jan)
        self.assertEqual((line.code, line.step_id.code, line.date_next), ("TOO_EARLY", "demand", date(2026, 11, 4)))
        later = self.preview(strategy_id=draft.id, as_of=date(2026, 11, 4))
        self.assertEqual((self.line(later, self.jan).cost, later.cost), (6.0, 6.0))

    def test_only_cases_of_the_chosen_strategy(self):
        preview = self.preview(strategy_id=self.business.id)
        self.assertEqual(preview.line_ids.account_id, self.firm)

    def test_counting_again_replaces_the_lines(self):
        preview = self.preview()
        preview.as_of = date(2026, 10, 12)
        preview.action_count()
        self.assertEqual(len(preview.line_ids), 4)
        self.assertEqual(preview.act_count, 1, "the company is due already")

    def test_workbook(self):
        self.demand.cost = 4.5
        preview = self.preview()
        book = openpyxl.load_workbook(BytesIO(preview._bss_workbook()))
        totals = list(book["Totals"].values)
        self.assertIn((self.demand.display_name, "E-mail", 1, 123.0, 4.5), totals)
        lines = list(book["Lines"].values)
        self.assertEqual(len(lines), 5)
        self.assertIn("Would act", lines[1])
        self.assertTrue(any("ugoda" in str(row[-1]) for row in lines))
        self.assertIn("/xlsx_file/", preview.action_xlsx()["url"])

    def test_rights_and_companies(self):
        users = {}
        for group in ("collector", "viewer", "clerk"):
            users[group] = new_test_user(
                self.env,
                f"proba_{group}",
                groups=f"base.group_user,bss_catalog.group_bss_{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )
        Model = self.env["bss.dunning.preview"]
        preview = Model.with_user(users["collector"]).create({"as_of": DAY})
        preview.action_count()
        self.assertEqual(preview.act_count, 2)
        Form(preview)
        for group in ("viewer", "clerk"):
            with self.assertRaises(AccessError):
                Model.with_user(users[group]).create({"as_of": DAY})
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        preview.sudo().company_id = other
        with self.assertRaises(UserError):
            preview.action_count()
        theirs = Model.with_company(other).create({"as_of": DAY, "company_id": other.id})
        theirs.with_context(allowed_company_ids=other.ids).action_count()
        self.assertFalse(theirs.line_ids)
