"""Histories are counted part by part in jobs; what was interrupted goes on, and nobody counts the same at once."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo import sql_db
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import bss_dunning_kpi_part as parts
from ..models.bss_dunning_effect_report import BssDunningEffectReport
from ..models.bss_dunning_kpi_refresh import BssDunningKpiRefresh
from ..models.bss_dunning_pattern import LOCK
from .common import DunningCommon

DAY = date(2026, 11, 20)
LOGGER = "odoo.addons.bss_dunning.models.bss_dunning_kpi_part"


@tagged("post_install", "-at_install")
@freeze_time(DAY)
class TestMeasuresParts(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Kpi = cls.env["bss.dunning.kpi"].with_company(cls.company)
        cls.Pattern = cls.env["bss.dunning.pattern"]

    def setUp(self):
        super().setUp()
        self.accounts = self.env["bss.account"]
        for name in ("Pierwszy", "Drugi", "Trzeci"):
            account = self.debtor(name, amount=100.0)
            self.run_on(date(2026, 10, 8))
            self.pay(account.invoice_ids, 30.0, date(2026, 10, 12))
            self.accounts |= account
        self.enterContext(patch.object(parts, "RANGE", 1))

    def take(self, trap, stages=3):
        self.Kpi.action_snapshot()
        for _stage in range(stages):
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()

    def row(self):
        return self.Kpi.search([("company_id", "=", self.company.id), ("date", "=", DAY)])

    def patterns(self):
        return self.Pattern.search([("account_id", "in", self.accounts.ids)])

    def collector(self):
        return new_test_user(
            self.env,
            "windykator.czesci",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def test_a_count_that_was_overtaken_is_not_the_day_of_the_figures(self):
        """The jobs of yesterday still wait when those of today begin, and their last one finds no parts any more."""
        Kpi = self.Kpi.sudo()
        old, new = Kpi._bss_row(self.company, DAY), Kpi._bss_row(self.company, DAY + timedelta(days=1))
        old._bss_begin()
        new._bss_begin()
        self.assertFalse(old.part_ids)
        old._job_counted()
        self.assertFalse(self.company.bss_dunning_measured_on)
        for part in new.part_ids:
            part._job_count()
        new._job_counted()
        old._job_counted()
        self.assertEqual(self.company.bss_dunning_measured_on, new.date)

    def test_each_part_is_a_job_of_its_own(self):
        with trap_jobs() as trap:
            self.Kpi.action_snapshot()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
            row = self.row()
            self.assertGreater(row.part_count, 3)
            self.assertEqual((row.progress, self.company.bss_dunning_measured_on), (0.0, False))
            jobs = [job for job in trap.enqueued_jobs if job.method_name == "_job_count"]
            self.assertEqual(len(jobs), row.part_count)
            jobs[0].perform()
            self.env.invalidate_all()
            self.assertAlmostEqual(row.progress, 100.0 / row.part_count)
            trap.perform_enqueued_jobs()
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        self.assertEqual((row.progress, self.company.bss_dunning_measured_on), (100.0, DAY))
        self.assertEqual(self.patterns().mapped("amount"), [30.0, 30.0, 30.0])

    def test_what_was_interrupted_goes_on_and_is_not_counted_twice(self):
        with trap_jobs() as trap:
            self.Kpi.action_snapshot()
            trap.perform_enqueued_jobs()
        done = self.row().part_ids[:2]
        for part in done:
            part._job_count()
        left = self.row().part_ids - done
        worked = []
        with trap_jobs() as trap, patch.object(parts.BssDunningKpiPart, "_bss_work", lambda part: worked.append(part)):
            self.take(trap)
        self.assertEqual({part.id for part in worked}, set(left.ids))
        done[0]._job_count()
        self.assertEqual(done.mapped("state"), ["done", "done"])

    def test_a_part_that_fails_is_tried_again_and_the_others_go_on(self):
        tries = []
        count = BssDunningEffectReport._bss_refresh_range

        def fail(report, company, day, first, last):
            tries.append(first)
            if len(tries) == 1 or first == tries[0]:
                raise ValueError("zepsute dane")
            return count(report, company, day, first, last)

        with (
            trap_jobs() as trap,
            patch.object(BssDunningEffectReport, "_bss_refresh_range", fail),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.take(trap, stages=8)
        row = self.row()
        self.assertEqual(tries.count(tries[0]), parts.ATTEMPTS)
        self.assertEqual((row.part_failed_count, self.company.bss_dunning_measured_on), (1, False))
        failed = row.part_ids.filtered(lambda part: part.state == "failed")
        self.assertEqual((failed.error, failed.failures), ("zepsute dane", parts.ATTEMPTS))
        with trap_jobs() as trap:
            self.take(trap)
        self.assertEqual((row.progress, self.company.bss_dunning_measured_on), (100.0, DAY))

    def test_the_next_day_forgets_the_parts_of_the_last(self):
        self.Kpi._bss_refresh(self.company, DAY)
        row = self.row()
        self.Kpi._bss_refresh(self.company, date(2026, 11, 21))
        self.env.invalidate_all()
        self.assertEqual((row.part_count, self.company.bss_dunning_measured_on), (0, date(2026, 11, 21)))

    def test_the_night_starts_the_same_jobs(self):
        with trap_jobs() as trap:
            self.Kpi._cron_refresh()
            for _stage in range(3):
                trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        self.assertEqual(self.row().progress, 100.0)

    def test_a_part_has_one_job_however_often_its_count_is_started(self):
        def jobs(method):
            return self.env["queue.job"].sudo().search([("model_name", "like", "kpi"), ("method_name", "=", method)])

        before = {method: jobs(method) for method in ("_job_count", "_job_counted")}
        for _time in range(3):
            self.Kpi._job_start(self.company, DAY)
        made = jobs("_job_count") - before["_job_count"]
        self.assertEqual(len(made), self.row().part_count)
        self.assertEqual(len(jobs("_job_counted") - before["_job_counted"]), 1)
        made[0].state = "cancelled"
        self.Kpi._job_start(self.company, DAY)
        again = jobs("_job_count") - before["_job_count"] - made
        self.assertEqual(again.identity_key, made[0].identity_key, "what was cancelled goes on, the others wait")

    # Two at once

    def test_two_counts_that_begin_at_once(self):
        """The one that comes second is repeated, and finds the parts of the first."""
        self.Kpi._job_start(self.company, DAY)
        known = self.row().part_ids
        with (
            patch.object(BssDunningKpiRefresh, "_bss_begin", lambda kpi: known[0].copy()),
            mute_logger("odoo.sql_db"),
            self.assertRaises(RetryableJobError),
        ):
            self.Kpi._job_start(self.company, DAY)
        self.Kpi._job_start(self.company, DAY)
        self.assertEqual(self.row().part_ids, known)

    def test_chosen_accounts_wait_while_all_are_counted(self):
        self.Kpi._bss_refresh(self.company, DAY)
        mine = self.patterns().with_user(self.collector()).with_context(lang="en_US")
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK, self.company.id])
            with self.assertRaisesRegex(UserError, "being counted just now"):
                mine.action_refresh()
        mine.action_refresh()

    def test_parts_share_but_wait_for_who_counts_chosen_accounts(self):
        self.Kpi._job_start(self.company, DAY)
        part = self.row().part_ids[0]
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, self.company.id])
            with self.assertRaises(RetryableJobError):
                part._job_count()
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCK, self.company.id])
            part._job_count()
        self.assertEqual(part.state, "done")

    def test_a_row_that_is_there_already_is_no_duplicate_key(self):
        """As when somebody else wrote it after our transaction began: what we delete does not know it."""
        self.Kpi._bss_refresh(self.company, DAY)
        first, second = self.patterns()[:2]
        account = first.account_id
        self.env.cr.execute(
            "UPDATE bss_dunning_pattern SET account_id = %s, amount = 1 WHERE id = %s",
            [second.account_id.id, first.id],
        )
        self.env.invalidate_all()
        self.Pattern._bss_refresh_range(self.company, DAY, account.id, account.id)
        self.env.invalidate_all()
        self.assertEqual((first.account_id, first.amount), (account, 30.0))

    def test_who_pays_no_more_leaves_the_patterns(self):
        self.Kpi._bss_refresh(self.company, DAY)
        account = self.accounts[0]
        self.receivable(account.invoice_ids).remove_move_reconcile()
        self.Pattern._bss_refresh_range(self.company, DAY, account.id, account.id)
        self.env.invalidate_all()
        self.assertEqual(self.patterns().account_id, self.accounts - account)

    def test_only_jobs_write_parts(self):
        self.Kpi._bss_refresh(self.company, DAY)
        row, collector = self.row(), self.collector()
        self.assertTrue(row.part_ids.with_user(collector).mapped("state"))
        self.assertTrue(row.with_user(collector).action_view_parts()["domain"])
        with self.assertRaises(AccessError):
            row.part_ids[0].with_user(collector).state = "planned"
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        collector.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(row.part_ids.with_user(collector).with_context(allowed_company_ids=other.ids).search([]))
