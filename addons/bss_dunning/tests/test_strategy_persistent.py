from datetime import date

from freezegun import freeze_time
from odoo.tests import tagged

from .common import DunningCommon

DAY = date(2026, 11, 2)


@tagged("post_install", "-at_install")
class TestPersistent(DunningCommon):
    """Three late documents within twelve months, as shipped; a single notice and 14 days."""

    def setUp(self):
        super().setUp()
        self.ladder = self.env.ref("bss_dunning.strategy_persistent")
        self.account = self.make_subscriber("Spóźnialski", partner={"phone": "+48 600 100 200"})

    def late(self, due, paid=None):
        move = self.make_invoice(self.account, 60.0, due)
        if paid:
            self.pay(move, day=paid)
        return move

    def persistent(self, day=DAY):
        account = self.account.with_context(bss_dunning_as_of=day)
        found = account.search([("dunning_persistent", "=", True), ("id", "=", account.id)])
        others = account.search([("dunning_persistent", "=", False), ("id", "=", account.id)])
        account.invalidate_recordset(["dunning_persistent"])
        self.assertEqual((bool(found), bool(others)), (account.dunning_persistent, not account.dunning_persistent))
        return account.dunning_persistent

    def test_paid_late_and_still_open_count_paid_in_time_does_not(self):
        self.late(date(2026, 3, 2), date(2026, 3, 9))
        self.late(date(2026, 5, 4), date(2026, 5, 4))
        self.late(date(2026, 10, 5))
        self.assertFalse(self.persistent())
        self.late(date(2026, 7, 6), date(2026, 7, 7))
        self.assertTrue(self.persistent())
        self.assertFalse(self.persistent(date(2026, 10, 5)), "the third is not late on its due date")

    def test_documents_older_than_the_window_do_not_count(self):
        for month in (3, 5, 7):
            self.late(date(2026, month, 2), date(2026, month, 20))
        self.assertTrue(self.persistent(date(2027, 3, 1)))
        self.assertFalse(self.persistent(date(2027, 3, 3)))

    def test_a_term_that_ends_on_a_free_day_is_kept_on_the_next_working_one(self):
        for month, day in ((3, 7), (5, 9), (8, 1)):  # Saturdays, paid on Monday
            self.late(date(2026, month, day), date(2026, month, day + 2))
        self.assertFalse(self.persistent())

    def dispute(self, move, amount, since, until=None):
        case = self.case_of(self.account) or self.Case.create({"account_id": self.account.id})
        with freeze_time(f"{since} 09:00:00"):
            hold = case._bss_hold(False, "reklamacja", kind="dispute", lines={self.receivable(move): amount})
        if until:
            hold._bss_end("released", until)
        return hold

    def three_late(self):
        for month in (3, 5):
            self.late(date(2026, month, 2), date(2026, month, 20))
        return self.late(date(2026, 7, 6))

    def test_an_open_document_counts_as_far_as_it_is_not_disputed(self):
        move = self.three_late()
        self.assertTrue(self.persistent())
        hold = self.dispute(move, 60.0, date(2026, 10, 1))
        self.assertFalse(self.persistent())
        hold._bss_end("released", date(2026, 10, 30))
        self.assertTrue(self.persistent(), "the complaint is over and it still is not paid")
        self.dispute(move, 20.0, date(2026, 10, 30))
        self.assertTrue(self.persistent(), "forty of sixty are owed without a dispute")
        self.receivable(move).no_followup = True
        self.assertFalse(self.persistent())

    def test_a_document_paid_while_it_was_disputed_does_not_count(self):
        move = self.three_late()
        hold = self.dispute(move, 60.0, date(2026, 7, 3))
        hold._bss_end("released", date(2026, 7, 21))
        self.pay(move, day=date(2026, 7, 20))
        self.assertFalse(self.persistent())
        hold.date_ended = date(2026, 7, 19)
        self.assertTrue(self.persistent(), "paid late, after the dispute")

    def test_what_a_credit_note_takes_away_was_not_paid_late(self):
        move = self.three_late()
        credit = move._reverse_moves([{"invoice_date": date(2026, 10, 1), "date": date(2026, 10, 1)}])
        credit.action_post()
        (self.receivable(move) | self.receivable(credit)).filtered(lambda line: not line.reconciled).reconcile()
        self.assertTrue(self.receivable(move).reconciled)
        self.assertFalse(self.persistent())

    def test_planning_chooses_by_the_books_of_its_own_day(self):
        """Asked a year later, when nobody is persistent any more, the night of 2 November is planned as it was."""
        self.three_late()
        self.ladder.action_activate()
        with freeze_time("2027-12-01 09:00:00"):
            self.assertFalse(self.persistent(date(2027, 12, 1)))
            dry = self.Case._bss_dry_run(self.company, DAY)
            self.Case._bss_refresh(self.company, DAY)
        self.assertEqual([row["strategy_id"] for row in dry], [self.ladder.id])
        self.assertEqual(self.case_of(self.account).strategy_id, self.ladder)

    def test_nobody_is_persistent_without_a_measure(self):
        for month in (3, 5, 7):
            self.late(date(2026, month, 2), date(2026, month, 20))
        measure = self.env["bss.legal.value"].search([("code", "=", "persistent_late_documents")])
        measure.value = 0
        self.assertFalse(self.persistent())
        measure.unlink()
        self.assertFalse(self.persistent())

    def test_the_single_notice_is_for_persistent_payers_only(self):
        self.ladder.step_ids.filtered(lambda step: step.channel == "sms").write({"channel": "letter", "auto": True})
        self.ladder.step_ids.write({"auto": True})
        self.ladder.action_activate()
        self.late(date(2026, 10, 5))
        self.account.dunning_strategy_id = self.ladder
        case = self.climb(date(2026, 10, 8), date(2026, 10, 19))
        self.assertEqual((case.next_code, case.next_params["why"]), ("GATE_CLOSED", "NOT_PERSISTENT"))
        for month in (3, 5):
            self.late(date(2026, month, 2), date(2026, month, 20))
        case = self.climb(date(2026, 10, 20))
        notice = case.action_ids.filtered(lambda one: one.legal_notice == "persistent")
        self.assertEqual((notice.state, notice.deadline), ("done", date(2026, 11, 3)))
        notice.document_id.delivered_at = "2026-10-21 10:00:00"
        # fourteen days after Wednesday 21 October end on Wednesday 4 November
        self.assertFalse(case._bss_gate("suspend", date(2026, 11, 4)).allowed)
        self.assertTrue(case._bss_gate("suspend", date(2026, 11, 5)).allowed)
        self.climb(date(2026, 11, 5))
        suspended = case.action_ids.filtered(lambda one: one.channel == "suspend")
        self.assertEqual(suspended.order_ids.mapped("action"), ["suspend"])

    def climb(self, *days):
        for day in days:
            with freeze_time(f"{day} 09:00:00"):
                self.run_on(day)
        return self.case_of(self.account)

    def test_the_draft_strategy_takes_persistent_payers_once_it_is_active(self):
        for month in (3, 5, 7):
            self.late(date(2026, month, 2), date(2026, month, 20))
        self.late(date(2026, 10, 5))
        with freeze_time("2026-10-08 09:00:00"):
            self.run_on(date(2026, 10, 8))
            self.assertEqual(self.case_of(self.account).strategy_id, self.household)
            self.case_of(self.account).unlink()
            self.ladder.action_activate()
            rows = self.env.execute_query(self.ladder._bss_choice_query(self.company))
        self.assertEqual(dict(row[:2] for row in rows)[self.account.id], self.ladder.id)
