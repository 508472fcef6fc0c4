from datetime import date, timedelta

from odoo import fields
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestRun(DunningCommon):
    """A run takes the steps of its day, once."""

    def test_twice_on_a_day_does_nothing_twice(self):
        account = self.debtor()
        first = self.run_on(date(2026, 10, 8))
        self.assertRecordValues(
            first,
            [
                {
                    "state": "done",
                    "opened_count": 1,
                    "case_count": 1,
                    "action_count": 1,
                    "done_count": 1,
                    "progress": 100,
                }
            ],
        )
        mails = self.env["mail.mail"].search_count([])
        documents = self.env["bss.document"].search_count([])
        second = self.run_on(date(2026, 10, 8))
        self.assertRecordValues(second, [{"state": "done", "opened_count": 0, "case_count": 1, "action_count": 0}])
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(self.env["bss.document"].search_count([]), documents)
        self.assertEqual(len(self.case_of(account).action_ids), 1)

    def test_nightly_runs_climb_the_ladder_in_order(self):
        account = self.debtor()
        day = self.due
        while day < date(2026, 11, 21):
            self.run_on(day)
            day += timedelta(days=1)
        case = self.case_of(account)
        taken = case.action_ids.sorted("id")
        self.assertEqual(
            taken.step_id,
            self.env.ref("bss_dunning.step_household_reminder")
            | self.env.ref("bss_dunning.step_household_demand")
            | self.env.ref("bss_dunning.step_household_call"),
        )
        self.assertEqual(taken.mapped("date"), [date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)])
        self.assertEqual(taken.mapped("state"), ["done", "done", "planned"])
        self.assertEqual((case.next_code, case.stage_id), ("STEP_IN_WORK", taken[1].step_id.stage_id))

    def test_a_call_is_an_activity_and_its_end_lets_the_ladder_go_on(self):
        account = self.debtor()
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        case = self.case_of(account)
        call = case.action_ids.filtered(lambda action: action.channel == "call")
        self.assertEqual(call.activity_id.res_id, case.id)
        call.activity_id._action_done(feedback="Obiecał zapłacić w piątek")
        self.assertEqual(call.state, "done")
        self.assertIn("Obiecał zapłacić w piątek", call.reason)
        self.assertEqual(case.next_step_id, self.env.ref("bss_dunning.step_household_n1"))

    def test_an_old_debt_starts_at_the_first_step(self):
        account = self.debtor(due=date(2026, 3, 2))
        self.run_on(date(2026, 11, 21))
        case = self.case_of(account)
        self.assertEqual(case.action_ids.step_id, self.env.ref("bss_dunning.step_household_reminder"))
        self.run_on(date(2026, 11, 22))
        self.assertEqual(len(case.action_ids), 1, "the demand keeps its distance from the reminder")
        self.assertEqual(case.date_next, date(2026, 11, 28))

    def test_due_on_a_free_day_counts_from_the_next_working_day(self):
        """Sunday 1 November 2026: the first reminder comes three days after Monday."""
        account = self.debtor(due=date(2026, 11, 1))
        self.run_on(date(2026, 11, 4))
        self.assertFalse(self.case_of(account).action_ids)
        self.run_on(date(2026, 11, 5))
        self.assertTrue(self.case_of(account).action_ids)

    def test_a_failure_is_parked_and_taken_up_by_the_next_run(self):
        good = self.debtor("Dobry Adres")
        bad = self.debtor("Bez Adresu", partner={"email": False, "street": False, "city": False})
        run = self.run_on(date(2026, 10, 8))
        self.assertEqual((run.state, run.done_count, run.failed_count), ("done_errors", 1, 1))
        action = self.case_of(bad).action_ids
        self.assertEqual(action.state, "failed")
        self.assertEqual(len(action.reason.split("\n")), 2, "both channels say why not")
        self.assertEqual(self.case_of(good).action_ids.state, "done")
        bad.partner_id.write({"street": "ul. Nowa 1", "city": "Kutno", "zip": "99-300"})
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.state, action.channel, action.date_done), ("done", "letter", date(2026, 10, 9)))

    def test_skipping_needs_a_reason_and_lets_the_ladder_go_on(self):
        bad = self.debtor("Bez Adresu", partner={"email": False, "street": False, "city": False})
        self.run_on(date(2026, 10, 8))
        case = self.case_of(bad)
        self.env["bss.dunning.skip"].create(
            {"action_ids": case.action_ids.ids, "reason": "adres nieznany"}
        ).action_skip()
        self.assertEqual(case.action_ids.state, "skipped")
        self.assertEqual(case.next_step_id, self.env.ref("bss_dunning.step_household_demand"))

    def test_progress_is_told(self):
        for number in range(3):
            self.debtor(f"Klient {number}")
        told = []
        self.env["bss.dunning.run"]._bss_run(date(2026, 10, 8), progress=lambda done, total: told.append((done, total)))
        self.assertEqual(told, [(3, 3)])

    def test_by_jobs(self):
        accounts = [self.debtor(f"Klient {number}") for number in range(3)]
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        with trap_jobs() as trap:
            with freeze_time("2026-10-08 03:00:00"):
                run.action_start()
            trap.assert_jobs_count(1, only=run._job_prepare)
            for _stage in range(4):
                trap.perform_enqueued_jobs()
        self.assertRecordValues(run, [{"state": "done", "action_count": 3, "done_count": 3}])
        for account in accounts:
            self.assertEqual(self.case_of(account).action_ids.mapped("state"), ["done"])

    @freeze_time("2026-10-08 12:00:00")
    def test_a_run_of_a_future_day_is_not_started(self):
        self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 9)})
        with trap_jobs() as trap, self.assertRaisesRegex(UserError, run.name):
            run.action_start()
        trap.assert_jobs_count(0)
        self.assertEqual((run.state, run.action_count), ("planned", 0))

    def test_paid_between_planning_and_execution(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        self.pay(account.invoice_ids)
        actions._bss_execute(run.as_of)
        self.assertEqual(actions.state, "cancelled")
        self.assertFalse(actions.document_id)

    def test_hold_between_planning_and_execution(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        self.case_of(account)._bss_hold(date(2026, 10, 12), "obietnica")
        actions._bss_execute(run.as_of)
        self.assertEqual(actions.state, "planned")
        self.assertIn("obietnica", actions.reason)
        self.assertFalse(actions.document_id or actions.mail_id)
        self.run_on(date(2026, 10, 12))
        self.assertEqual(actions.state, "planned")
        self.run_on(date(2026, 10, 13))
        self.assertEqual((actions.state, actions.date_done), ("done", date(2026, 10, 13)))

    def test_hold_stops_a_block_that_waits_for_a_person(self):
        step = self.env.ref("bss_dunning.step_household_reminder")
        step.auto = False
        account = self.debtor()
        today = fields.Date.today()
        self.run_on(today)
        case = self.case_of(account)
        case._bss_hold(False, "spór")
        with self.assertRaisesRegex(UserError, case.name):
            case.action_ids.action_execute()
        self.assertEqual(case.action_ids.state, "planned")

    def test_hold_takes_calls_out_of_the_list_and_release_gives_them_back(self):
        account = self.debtor()
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        case = self.case_of(account)
        call = case.action_ids.filtered(lambda action: action.channel == "call")
        case._bss_hold(date(2026, 10, 28), "urlop")
        self.assertEqual((call.state, bool(call.activity_id), bool(case.activity_ids)), ("planned", False, False))
        self.run_on(date(2026, 10, 28))
        self.assertFalse(call.activity_id)
        self.run_on(date(2026, 10, 29))
        self.assertTrue(call.activity_id)

    def test_credit_booked_between_planning_and_execution(self):
        """Nothing was reconciled, so nothing has closed the case: the execution looks at the money itself."""
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        self.make_payment(account, 123.0, date(2026, 10, 8))
        actions._bss_execute(run.as_of)
        self.assertEqual(actions.state, "cancelled")
        self.assertIn("paid", actions.reason)
        self.assertFalse(actions.document_id or actions.mail_id)

    def test_dispute_between_planning_and_execution_and_its_end(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        account.invoice_ids.no_followup = True
        actions._bss_execute(run.as_of)
        self.assertEqual((actions.state, bool(actions.reason)), ("cancelled", True))
        account.invoice_ids.no_followup = False
        self.run_on(date(2026, 10, 14))
        self.assertEqual((actions.state, actions.date), ("done", date(2026, 10, 14)))
        self.assertEqual(actions.line_ids.move_id, account.invoice_ids)

    def test_one_of_two_documents_paid_between_planning_and_execution(self):
        account = self.debtor()
        first = account.invoice_ids
        second = self.make_invoice(account, 123.0)
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        self.pay(first)
        actions._bss_execute(run.as_of)
        self.assertEqual((actions.state, actions.amount), ("done", 123.0))
        self.assertEqual(actions.line_ids.move_id, second)

    def test_a_rest_below_the_threshold_is_not_demanded(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        actions = run._bss_prepare()
        self.pay(account.invoice_ids, 122.95)
        actions._bss_execute(run.as_of)
        self.assertEqual(actions.state, "cancelled")

    def test_queries_do_not_grow_with_accounts_when_nothing_is_due(self):
        for number in range(5):
            self.debtor(f"Klient {number}")
        self.run_on(date(2026, 10, 8))
        few = self._queries_of_a_run(date(2026, 10, 9))
        for number in range(15):
            self.debtor(f"Inny {number}")
        self.run_on(date(2026, 10, 9))
        self.assertLessEqual(self._queries_of_a_run(date(2026, 10, 10)), few + 5)

    def _queries_of_a_run(self, day):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.run_on(day)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_an_action_that_waited_demands_what_is_owed_now(self):
        step = self.env.ref("bss_dunning.step_household_reminder")
        step.auto = False
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertTrue(action.by_hand and action.state == "planned")
        self.pay(account.invoice_ids, 100.0)
        self.make_invoice(account, 7.0, date(2026, 10, 9))
        self.run_on(date(2026, 10, 14))
        action._bss_execute(date(2026, 10, 14), by_hand=True)
        self.assertAlmostEqual(action.amount, 30.0, 2)
        self.assertEqual(len(action.line_ids), 2)
        self.assertEqual(action.deadline, date(2026, 10, 21))

    def test_an_interrupted_run_is_finished_by_the_next_one(self):
        account = self.debtor()
        dead = self.env["bss.dunning.run"].create({"as_of": date(2026, 10, 8)})
        dead._bss_prepare()
        self.assertEqual(self.case_of(account).action_ids.state, "planned")
        run = self.run_on(date(2026, 10, 9))
        action = self.case_of(account).action_ids
        self.assertEqual((action.state, action.run_id, action.date_done), ("done", run, date(2026, 10, 9)))

    def test_an_email_that_failed_is_not_a_step_taken(self):
        account = self.debtor()
        fine = self.debtor("Dobry Adres")
        self.run_on(date(2026, 10, 8))
        case, action = self.case_of(account), self.case_of(account).action_ids
        self.assertEqual((action.state, action.channel, case.step_id), ("done", "email", action.step_id))
        action.mail_id.write({"state": "exception", "failure_reason": "550 no such mailbox"})
        self.case_of(fine).action_ids.mail_id.unlink()
        self.assertEqual(action.mail_state, "exception")
        email = action.document_id
        self.run_on(date(2026, 10, 9))
        self.assertRecordValues(action, [{"state": "done", "channel": "letter", "date_done": date(2026, 10, 9)}])
        self.assertIn("550 no such mailbox", action.reason)
        self.assertEqual((email.channel, action.document_id.channel), ("email", "post"))
        self.assertEqual(self.case_of(fine).action_ids.date_done, date(2026, 10, 8), "deleted after sending")
        self.run_on(date(2026, 10, 10))
        self.assertEqual((action.state, action.date_done), ("done", date(2026, 10, 9)), "the letter stands")
        self.run_on(date(2026, 10, 19))
        self.assertEqual(case.step_id, self.env.ref("bss_dunning.step_household_demand"))

    def test_a_failed_email_without_another_channel_stays_failed_until_the_address_changes(self):
        self.env.ref("bss_dunning.step_household_reminder").fallback_channel = False
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case, action = self.case_of(account), self.case_of(account).action_ids
        action.mail_id.write({"state": "exception", "failure_reason": "550 no such mailbox"})
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.state, action.date_done, bool(case.step_id)), ("failed", False, False))
        self.run_on(date(2026, 10, 19))
        self.assertEqual(case.action_ids, action, "the ladder does not go on")
        account.partner_id.email = "nowy@example.com"
        self.run_on(date(2026, 10, 20))
        self.assertEqual((action.state, action.channel, case.step_id), ("done", "email", action.step_id))
