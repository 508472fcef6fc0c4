"""Histories follow payments within minutes: only accounts that changed are counted again, once, by one at a time."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import sql_db
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged

from ..models import bss_dunning_recount as recount
from ..models.bss_dunning_effect_report import BssDunningEffectReport
from ..models.bss_dunning_pattern import LOCK
from .common import DunningCommon

DAY = date(2026, 11, 20)


@tagged("post_install", "-at_install")
@freeze_time(DAY)
class TestMeasuresRecount(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"
        cls.Kpi = cls.env["bss.dunning.kpi"]
        cls.Effect = cls.env["bss.dunning.effect.report"]
        cls.Pattern = cls.env["bss.dunning.pattern"]
        cls.Recount = cls.env["bss.dunning.recount"].with_context(allowed_company_ids=cls.company.ids, lang="en_US")

    def setUp(self):
        super().setUp()
        self.accounts = self.env["bss.account"]
        for name in ("Pierwszy", "Drugi", "Trzeci"):
            self.accounts |= self.debtor(name, amount=100.0)
            self.run_on(date(2026, 10, 8))
        self.Kpi._bss_refresh(self.company, DAY)
        self.env.cr.execute("DELETE FROM bss_dunning_recount")
        self.env.invalidate_all()

    def user(self, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            f"liczy.{group}.{company.id}",
            groups=f"base.group_user,bss_catalog.{group}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    def recovered(self):
        self.env.invalidate_all()
        rows = self.Effect.search([("account_id", "in", self.accounts.ids)])
        found = {row.account_id: row.recovered for row in rows}
        return [found[account] for account in self.accounts]

    def paid(self):
        rows = self.Pattern.search([("account_id", "in", self.accounts.ids)])
        return {row.account_id: row.amount for row in rows}

    def test_a_payment_is_counted_without_waiting_for_the_night(self):
        first = self.accounts[0]
        self.pay(first.invoice_ids, 30.0, date(2026, 10, 12))
        self.assertEqual(self.Recount._bss_waiting(self.company), 1)
        self.assertEqual(self.recovered(), [0.0, 0.0, 0.0])
        self.assertEqual(self.Recount._bss_count(self.company, 10), 0)
        self.assertEqual((self.recovered(), self.paid()), ([30.0, 0.0, 0.0], {first: 30.0}))
        self.assertEqual(self.company.bss_dunning_measured_at, self.env.cr.now())
        self.assertEqual(self.Recount._bss_count(self.company, 10), 0, "nothing is left, nothing changes")
        self.assertEqual(self.recovered(), [30.0, 0.0, 0.0])

    def test_only_changed_accounts_are_counted(self):
        actions = self.accounts.dunning_case_ids.action_ids.sudo()
        actions.write({"recovered": 7.0})
        self.pay(self.accounts[1].invoice_ids, 30.0, date(2026, 10, 12))
        self.Recount._bss_count(self.company, 10)
        self.assertEqual(self.recovered(), [7.0, 30.0, 7.0])

    def test_the_same_figures_as_those_of_the_night(self):
        for account, amount in zip(self.accounts, (30.0, 100.0, 55.0), strict=True):
            self.pay(account.invoice_ids, amount, date(2026, 10, 12))
        self.receivable(self.accounts[2].invoice_ids).remove_move_reconcile()
        self.end_transaction()
        self.Recount._bss_count(self.company, 10)
        names = [name for name, field in self.Pattern._fields.items() if field.store]
        fresh = (self.recovered(), self.Pattern.search([], order="id").read(names))
        self.assertEqual((fresh[0], self.paid().keys()), ([30.0, 100.0, 0.0], set(self.accounts[:2])))
        self.Kpi._bss_refresh(self.company, DAY)
        self.assertEqual((self.recovered(), self.Pattern.search([], order="id").read(names)), fresh)

    def test_a_payment_taken_back_is_counted_no_more(self):
        account = self.accounts[0]
        self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
        self.Recount._bss_count(self.company, 10)
        self.receivable(account.invoice_ids).remove_move_reconcile()
        self.end_transaction()
        self.Recount._bss_count(self.company, 10)
        self.assertEqual((self.recovered(), self.paid()), ([0.0, 0.0, 0.0], {}))

    def test_a_step_recorded_later_than_its_payment(self):
        account = self.accounts[0]
        action = account.dunning_case_ids.action_ids.sudo()
        action.write({"state": "planned", "date_done": False})
        self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
        self.Recount._bss_count(self.company, 10)
        action.write({"state": "done", "date_done": date(2026, 10, 10)})
        self.assertEqual(self.Recount._bss_waiting(self.company), 1)
        self.Recount._bss_count(self.company, 10)
        self.assertEqual(self.recovered()[0], 30.0)
        action.write({"recovered": 0.0})
        action.write({"state": "done", "date_done": DAY})
        self.assertEqual(self.Recount._bss_waiting(self.company), 0, "after a step of today nothing came yet")

    def test_a_step_that_is_taken_again_forgets_what_came_after_the_first_time(self):
        account = self.accounts[0]
        self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
        self.Recount._bss_count(self.company, 10)
        action = account.dunning_case_ids.action_ids.sudo()
        action.write({"state": "failed", "date_done": False})
        action.write({"state": "done", "date_done": DAY})
        self.assertEqual(self.Recount._bss_waiting(self.company), 1)
        self.Recount._bss_count(self.company, 10)
        self.assertEqual(self.recovered()[0], 0.0)

    # Jobs

    def test_batches_follow_each_other(self):
        for account in self.accounts:
            self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
            self.Recount._bss_mark(account.ids)
        with trap_jobs() as trap, patch.object(recount, "BATCH", 1):
            self.Recount._cron_count()
            before = self.company.bss_dunning_measured_at
            for left in (2, 1, 0):
                [job] = [one for one in trap.enqueued_jobs if one.args[0] == self.company]
                trap.enqueued_jobs.clear()
                job.perform()
                self.assertEqual(self.Recount._bss_waiting(self.company), left, "marks of one account go together")
                if left:
                    self.assertEqual(self.company.bss_dunning_measured_at, before, "not all is counted yet")
            self.assertFalse([one for one in trap.enqueued_jobs if one.args[0] == self.company])
        self.assertEqual(self.recovered(), [30.0, 30.0, 30.0])

    def test_one_job_waits_at_a_time(self):
        self.Recount._bss_mark(self.accounts.ids)
        jobs = self.env["queue.job"].sudo()
        domain = [("identity_key", "=", f"bss_dunning_recount:{self.company.id}")]
        for _time in range(3):
            self.Recount._cron_count()
        self.assertEqual(jobs.search_count(domain), 1)

    def test_the_moment_moves_on_when_nothing_changed(self):
        before = self.env.cr.now() - timedelta(days=2)
        self.company.bss_dunning_measured_at = before
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, self.company.id])
            self.Recount._cron_count()
            self.assertEqual(self.company.bss_dunning_measured_at, before, "who counts tells the moment himself")
        with trap_jobs() as trap:
            self.Recount._cron_count()
        self.assertFalse([one for one in trap.enqueued_jobs if one.args[0] == self.company])
        self.assertEqual(self.company.bss_dunning_measured_at, self.env.cr.now())
        self.assertEqual(self.company.bss_dunning_measured_on, polish_day.day_of(self.env.cr.now()))

    def test_one_counts_at_a_time(self):
        self.pay(self.accounts[0].invoice_ids, 30.0, date(2026, 10, 12))
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK, self.company.id])
            self.assertIsNone(self.Recount._bss_count(self.company, 10))
            with trap_jobs() as trap:
                self.assertEqual(self.Recount.count_now()["type"], "warning")
                trap.assert_jobs_count(1)
                with self.assertRaises(RetryableJobError) as busy:
                    trap.enqueued_jobs[0].perform()
                self.assertTrue(busy.exception.ignore_retry, "however long the night counts, the job waits")
        self.assertEqual(self.Recount._bss_waiting(self.company), 1, "the mark stays for the next time")
        self.Recount._bss_count(self.company, 10)
        self.assertEqual(self.recovered()[0], 30.0)

    def test_a_count_that_fails_leaves_the_marks(self):
        self.Recount._bss_mark(self.accounts.ids)

        def fail(*_args):
            raise ValueError("zepsute dane")

        with (
            patch.object(BssDunningEffectReport, "_bss_refresh_accounts", fail),
            self.assertRaises(ValueError),
            self.env.cr.savepoint(),
        ):
            self.Recount._bss_count(self.company, 10)
        self.assertEqual(self.Recount._bss_waiting(self.company), 3)

    # Screens

    def test_the_button_counts_and_tells_until_when(self):
        collector = self.user("group_bss_collector")
        mine = self.Recount.with_user(collector)
        self.pay(self.accounts[0].invoice_ids, 30.0, date(2026, 10, 12))
        self.assertRegex(mine.get_as_of(), r"^As of .+; accounts changed since: 1$")
        for report in (self.Effect, self.Pattern):
            clicked = report.with_user(collector).with_context(allowed_company_ids=self.company.ids)
            told = call_kw(clicked, "action_count_now", [[]], {})
            self.assertEqual((told["params"]["type"], told["params"]["next"]["tag"]), ("success", "soft_reload"))
        self.assertEqual(self.recovered()[0], 30.0)
        instant = self.env.cr.now()
        with freeze_time(instant):
            self.assertRegex(mine.get_as_of(), r"^As of .*\d:\d\d")
        self.assertNotIn("changed", mine.get_as_of())

    def test_more_than_a_moment_is_left_to_a_job(self):
        for account in self.accounts:
            self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
        with trap_jobs() as trap, patch.object(recount, "AT_ONCE", 2):
            self.assertEqual(self.Recount.count_now()["type"], "warning")
            trap.assert_jobs_count(1)
            self.assertEqual(sorted(self.recovered()), [0.0, 30.0, 30.0])
            trap.perform_enqueued_jobs()
        self.assertEqual(self.recovered(), [30.0, 30.0, 30.0])

    def test_a_night_before_changes_were_marked_says_nothing_of_this_moment(self):
        """After an update what was booked since the night has no marks: only the day is told until all is counted."""
        self.company.bss_dunning_measured_at = False
        day = self.company.bss_dunning_measured_on
        self.pay(self.accounts[0].invoice_ids, 30.0, date(2026, 10, 12))
        with trap_jobs() as trap:
            self.Recount._cron_count()
            self.assertFalse([one for one in trap.enqueued_jobs if one.args[0] == self.company])
            self.Recount.count_now()
            self.assertEqual([job.method_name for job in trap.enqueued_jobs], ["_job_start"])
        self.Recount._bss_count(self.company, 10)
        self.assertEqual((self.company.bss_dunning_measured_on, self.company.bss_dunning_measured_at), (day, False))
        self.assertNotRegex(self.Recount.get_as_of(), r"\d:\d\d")
        self.Kpi._bss_refresh(self.company, DAY)
        self.assertTrue(self.company.bss_dunning_measured_at)

    def test_the_moment_is_told_in_polish_time_to_those_without_a_time_zone(self):
        self.company.write(
            {"bss_dunning_measured_on": date(2026, 7, 1), "bss_dunning_measured_at": datetime(2026, 7, 1, 10, 15)}
        )
        self.env.user.tz = False
        self.assertIn("12:15", self.company.with_context(tz=False)._bss_measured_words())
        self.assertIn("10:15", self.company.with_context(tz="UTC")._bss_measured_words())

    def test_what_was_never_counted_is_counted_whole(self):
        self.company.write({"bss_dunning_measured_on": False, "bss_dunning_measured_at": False})
        self.assertEqual(self.Recount.get_as_of(), "Not counted yet")
        with trap_jobs() as trap:
            self.Recount.count_now()
        self.assertEqual([job.method_name for job in trap.enqueued_jobs], ["_job_start"])

    def test_numbers_are_for_collectors_of_the_company(self):
        self.Recount._bss_mark(self.accounts.ids)
        viewer, collector = self.user("group_bss_viewer"), self.user("group_bss_collector")
        for name in ("count_now", "get_as_of"):
            with self.assertRaises(AccessError):
                getattr(self.Recount.with_user(viewer), name)()
        row = self.Recount.with_user(collector).search([], limit=1)
        self.assertTrue(row)
        with self.assertRaises(AccessError):
            row.unlink()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        theirs = self.Recount.with_user(self.user("group_bss_collector", other))
        theirs = theirs.with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.search([]))
        with trap_jobs():
            theirs.count_now()
        self.assertEqual(self.Recount._bss_waiting(self.company), 3, "the accounts of others stay")
