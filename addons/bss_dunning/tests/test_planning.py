from datetime import date
from unittest.mock import patch

from odoo.addons.bss_dunning.models import bss_dunning_run_part
from odoo.addons.bss_dunning.models.bss_dunning_run_part import ATTEMPTS
from odoo.addons.bss_dunning.planning import store
from odoo.addons.bss_dunning.planning.scope import ranges
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon

REMINDED = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestPlanning(DunningCommon):
    """Planning of many accounts at once: parts, dry runs, returned payments, documents of their own cases."""

    def small_parts(self, size):
        return patch.object(bss_dunning_run_part, "ranges", lambda env, company_id: ranges(env, company_id, size))

    # Parts

    def test_parts_plan_every_account_once(self):
        accounts = [self.debtor(f"Klient {number}") for number in range(5)]
        with self.small_parts(2):
            run = self.run_on(REMINDED)
        self.assertGreaterEqual(len(run.part_ids), 3)
        self.assertEqual(set(run.part_ids.mapped("state")), {"done"})
        self.assertEqual((run.opened_count, run.case_count, run.action_count), (5, 5, 5))
        self.assertAlmostEqual(run.amount_overdue, 5 * 123.0, 2)
        for account in accounts:
            self.assertEqual(self.case_of(account).action_ids.state, "done")
        again = self.run_on(REMINDED)
        self.assertEqual((again.opened_count, again.action_count), (0, 0))

    def test_a_part_that_fails_says_so_and_the_others_go_on(self):
        self.debtor("Pierwszy")
        second = self.debtor("Drugi")
        parts = self.env["bss.dunning.run.part"]
        plan = type(parts)._bss_plan_accounts

        def broken(part):
            if part == part.run_id.part_ids[0]:
                raise ValueError("zepsute dane")
            return plan(part)

        run = self.env["bss.dunning.run"].create({"as_of": REMINDED})
        logger = "odoo.addons.bss_dunning.models.bss_dunning_run_part"
        with self.small_parts(1), patch.object(type(parts), "_bss_plan_accounts", broken), self.assertLogs(logger):
            run._bss_run()
        self.assertEqual((run.state, run.part_ids[0].state, run.part_ids[0].failures), ("stopped", "failed", ATTEMPTS))
        self.assertIn("zepsute dane", run.error)
        self.assertEqual(self.case_of(second).action_ids.state, "done")
        run._bss_run()
        self.assertRecordValues(run, [{"state": "done", "error": False, "opened_count": 2, "done_count": 2}])

    def test_a_part_is_harmless_when_it_is_repeated(self):
        account = self.debtor()
        run = self.env["bss.dunning.run"].create({"as_of": REMINDED})
        run._bss_prepare()
        run._bss_prepare()
        self.assertEqual((run.opened_count, len(self.case_of(account).action_ids)), (1, 1))

    def test_a_new_case_is_written_once_with_its_plan(self):
        """What a case inherits makes another row of it, which alone is planned and written again."""
        account, other = self.debtor("Nowy"), self.debtor("Wstrzymany")
        self.run_on(date(2026, 10, 6))
        self.case_of(other)._bss_hold(False, "upadłość", kind="bankruptcy")
        self.case_of(other)._bss_close(date(2026, 10, 6), "written_off")
        self.case_of(account).unlink()
        self.env.flush_all()
        planned = []
        store_plans = store.store_plans

        def spied(env, decisions, as_of):
            planned.extend(decision.case.account_id for decision in decisions)
            return store_plans(env, decisions, as_of)

        with patch.object(store, "store_plans", spied):
            self.Case._bss_refresh(self.company, REMINDED)
        self.assertEqual(planned, [other.id])
        self.assertRecordValues(
            self.case_of(account),
            [{"next_code": "DUE", "amount_overdue": 123.0, "amount_demanded": 123.0, "as_of": REMINDED}],
        )
        self.assertRecordValues(self.case_of(other), [{"state": "hold", "next_code": "ON_HOLD"}])

    def test_rows_that_did_not_change_are_not_written(self):
        account = self.debtor()
        self.Case._bss_refresh(self.company, REMINDED)
        case = self.case_of(account)
        self.env.cr.execute("UPDATE bss_dunning_case SET write_date = '2020-01-01' WHERE id = %s", (case.id,))
        self.Case._bss_refresh(self.company, REMINDED)
        self.assertEqual(case.write_date.year, 2020)
        self.Case._bss_refresh(self.company, date(2026, 10, 9))
        self.assertNotEqual(case.write_date.year, 2020)
        self.assertEqual((case.as_of, case.days_overdue), (date(2026, 10, 9), 4))

    def test_parts_are_read_only_and_of_their_company(self):
        self.debtor()
        run = self.run_on(REMINDED)
        user = new_test_user(
            self.env,
            "widz",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
            context={"no_reset_password": True},
        )
        part = run.part_ids[:1].with_user(user)
        self.assertEqual(part.state, "done")
        with self.assertRaises(AccessError):
            part.write({"state": "planned"})
        other = self.env["res.company"].create({"name": "Inna"})
        stranger = new_test_user(
            self.env,
            "obcy",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=other.id,
            company_ids=other.ids,
            context={"no_reset_password": True},
        )
        self.assertFalse(
            self.env["bss.dunning.run.part"]
            .with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([("run_id", "=", run.id)])
        )

    # Rounds, documents, disputes

    def test_a_repeated_step_is_taken_in_rounds(self):
        step = self.env.ref("bss_dunning.step_household_reminder")
        step.write({"repeat_count": 2, "repeat_days": 3})
        account = self.debtor()
        for day in (8, 9, 10, 11, 12, 13):
            self.run_on(date(2026, 10, day))
        actions = self.case_of(account).action_ids.sorted("id")
        self.assertEqual(actions.step_id, step)
        self.assertEqual(
            [(action.round, action.date) for action in actions], [(1, date(2026, 10, 8)), (2, date(2026, 10, 11))]
        )

    def test_only_the_disputed_part_leaves(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account)
        case._bss_hold(False, "reklamacja", kind="dispute", lines={self.receivable(account.invoice_ids): 23.0})
        self.assertEqual((case.state, case.amount_overdue, case.amount_demanded), ("open", 123.0, 100.0))
        self.run_on(REMINDED)
        self.assertEqual((case.action_ids.state, case.action_ids.amount), ("done", 100.0))

    def test_intake_waits_for_a_number_of_documents(self):
        self.household.min_documents = 2
        account = self.debtor()
        self.run_on(REMINDED)
        case = self.case_of(account)
        self.assertEqual((case.next_code, case.watched, bool(case.action_ids)), ("BELOW_MIN_DOCUMENTS", True, False))
        self.assertIn("2", case.next_reason)
        self.make_invoice(account, 10.0, date(2026, 10, 6))
        self.run_on(date(2026, 10, 9))
        self.assertEqual(case.action_ids.amount, 133.0)

    def test_newer_documents_get_a_case_of_their_own_where_the_strategy_says_so(self):
        self.household.absorb = "own"
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case, first = self.case_of(account), account.invoice_ids
        self.make_invoice(account, 50.0, date(2026, 10, 9))
        self.run_on(date(2026, 10, 12))
        self.assertEqual((case.amount_overdue, case.amount_demanded), (173.0, 123.0))
        self.assertEqual(case.action_ids.line_ids.move_id, first)
        self.pay(first, day=date(2026, 10, 12))
        self.assertEqual((case.state, case.close_reason), ("closed", "own_paid"))
        fresh = self.case_of(account)
        self.assertEqual((fresh.amount_demanded, bool(fresh.action_ids)), (50.0, False))

    def test_a_successor_is_planned_once_with_what_it_took_over(self):
        self.household.absorb = "own"
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        first = account.invoice_ids
        self.make_invoice(account, 50.0, date(2026, 10, 9))
        self.run_on(date(2026, 10, 12))
        self.case_of(account).complaint_open = True
        with patch.object(type(self.Case), "_bss_replan") as alone:
            self.pay(first, day=date(2026, 10, 12))
        alone.assert_not_called()
        fresh = self.case_of(account)
        self.assertEqual((fresh.complaint_open, fresh.strategy_id), (True, self.household))
        before = (fresh.next_code, fresh.next_step_id, fresh.date_next)
        self.assertTrue(all(before))
        fresh._bss_replan()
        self.assertEqual((fresh.next_code, fresh.next_step_id, fresh.date_next), before)

    # Dry run

    def test_a_dry_run_tells_what_the_run_does_and_writes_nothing(self):
        known = self.debtor("Znany")
        self.run_on(date(2026, 10, 6))
        fresh = self.debtor("Nowy")
        small = self.debtor("Drobny", amount=1.0)
        self.env.flush_all()
        writes = []
        execute = type(self.env.cr).execute

        def spied(cursor, query, params=None, log_exceptions=True):
            text = (query.code if hasattr(query, "code") else str(query)).lstrip().upper()
            if text.startswith(("INSERT", "UPDATE", "DELETE", "CREATE", "LOCK")) or "FOR NO KEY" in text:
                writes.append(text)
            return execute(cursor, query, params, log_exceptions)

        with patch.object(type(self.env.cr), "execute", spied):
            rows = {row["account_id"]: row for row in self.Case._bss_dry_run(self.company, REMINDED)}
        self.assertFalse(writes)
        self.assertFalse(self.case_of(fresh))
        told = {key for key, row in rows.items() if row["acts"]}
        self.assertEqual(told, {known.id, fresh.id})
        self.assertEqual(rows[fresh.id]["case_id"], 0)
        self.assertEqual(rows[known.id]["case_id"], self.case_of(known).id)
        self.assertEqual(rows[small.id]["code"], "BELOW_MIN_AMOUNT")
        words = self.Case._bss_reason_words(rows[small.id]["code"], rows[small.id]["params"])
        self.assertIn("1.00", words.replace(",", "."))
        run = self.run_on(REMINDED)
        self.assertEqual(set(run.action_ids.account_id.ids), told)
        for action in run.action_ids:
            row = rows[action.account_id.id]
            self.assertEqual(
                (action.step_id.id, action.round, action.amount), (row["step_id"], row["round"], float(row["amount"]))
            )

    def test_a_dry_run_of_one_strategy_and_of_some_rows(self):
        self.debtor("Osoba")
        self.debtor("Firma", "company")
        rows = self.Case._bss_dry_run(self.company, REMINDED, strategy=self.business)
        self.assertEqual({row["strategy_id"] for row in rows}, {self.business.id})
        self.assertEqual(len(self.Case._bss_dry_run(self.company, REMINDED, limit=1)), 1)

    # Returned payments

    def test_a_returned_payment_opens_the_same_case_at_its_level(self):
        account = self.debtor()
        for day in (REMINDED, date(2026, 10, 19)):
            self.run_on(day)
        case = self.case_of(account)
        demand = case.step_id
        self.assertEqual(demand, self.env.ref("bss_dunning.step_household_demand"))
        entry = self.pay(account.invoice_ids, day=date(2026, 10, 20))
        self.assertEqual(case.state, "closed")
        self.receivable(account.invoice_ids).remove_move_reconcile()
        entry.move_id.button_cancel()
        self.end_transaction()
        self.assertEqual((case.state, case.step_id, case.amount_overdue), ("open", demand, 123.0))
        self.assertFalse(case.close_reason or case.date_closed)
        self.assertEqual(case.next_step_id, self.env.ref("bss_dunning.step_household_call"))
        self.run_on(date(2026, 10, 26))
        self.assertEqual(self.case_of(account), case)
        self.assertEqual(len(case.action_ids), 3, "nothing is repeated or left out")

    def test_new_debt_after_payment_is_a_new_case(self):
        account = self.debtor()
        self.run_on(REMINDED)
        case = self.case_of(account)
        self.pay(account.invoice_ids, day=date(2026, 10, 9))
        self.make_invoice(account, 60.0, date(2026, 10, 12))
        self.run_on(date(2026, 10, 16))
        self.assertEqual(case.state, "closed")
        self.assertNotEqual(self.case_of(account), case)
        self.assertEqual(self.case_of(account).step_id, self.env.ref("bss_dunning.step_household_reminder"))

    def test_blocks_taken_back_by_a_returned_payment_are_taken_anew_after_the_same_notice(self):
        account = self.debtor()
        for day in (REMINDED, date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        case = self.case_of(account)
        case.action_ids._bss_skip("nie odbiera")
        case.action_ids.filtered(lambda action: action.state == "skipped").date_done = date(2026, 10, 26)
        self.run_on(date(2026, 11, 4))
        notice = case.action_ids.filtered("legal_notice")
        notice.document_id.delivered_at = "2026-11-06 10:00:00"
        self.run_on(date(2026, 11, 16))
        block = case.action_ids.filtered(lambda action: action.channel == "restrict")
        block._bss_execute(date(2026, 11, 16), by_hand=True)
        self.assertEqual((block.state, case.step_id), ("done", block.step_id))
        entry = self.pay(account.invoice_ids, day=date(2026, 11, 17))
        self.assertTrue(block.released)
        self.receivable(account.invoice_ids).remove_move_reconcile()
        entry.move_id.button_cancel()
        self.end_transaction()
        self.assertEqual((case.state, case.step_id, block.state), ("open", notice.step_id, "failed"))
        self.assertTrue(case._bss_gate("restrict", date(2026, 11, 18)).allowed, "the delivered notice stands")
        self.assertEqual((case.next_step_id, case.next_code), (block.step_id, "RETRY"))

    def test_a_notice_to_another_address_than_the_chosen_one_starts_no_term(self):
        account = self.debtor()
        account.notice_way = "email"
        for day in (REMINDED, date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        case = self.case_of(account)
        case.action_ids._bss_skip("nie odbiera")
        case.action_ids.filtered(lambda action: action.state == "skipped").date_done = date(2026, 10, 26)
        self.run_on(date(2026, 11, 4))
        notice = case.action_ids.filtered("legal_notice")
        self.assertEqual((notice.channel, notice.notice_flaw), ("letter", "OTHER_ADDRESS"))
        notice.document_id.delivered_at = "2026-11-06 10:00:00"
        self.assertEqual(case._bss_gate("restrict", date(2026, 12, 1)).code, "N1_FLAWED")

    def test_services_unfit_for_restriction(self):
        account = self.debtor()
        self.run_on(REMINDED)
        self.assertEqual(self.case_of(account)._bss_gate("restrict", REMINDED).code, "N1_NOT_DELIVERED")
        account.restriction_unfit = True
        self.assertEqual(self.case_of(account)._bss_gate("restrict", REMINDED).code, "RESTRICTION_UNFIT")
