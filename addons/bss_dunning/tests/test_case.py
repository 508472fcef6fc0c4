from datetime import date

from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestCase(DunningCommon):
    """A case follows the money of its account."""

    def test_one_open_case_per_overdue_account(self):
        late = self.debtor(amount=123.0)
        self.make_invoice(late, 77.0, date(2026, 10, 6))
        not_yet = self.debtor("Anna Nowak", due=date(2026, 12, 1))
        self.run_on(date(2026, 10, 9))
        case = self.case_of(late)
        self.assertRecordValues(
            case,
            [
                {
                    "amount_overdue": 200.0,
                    "oldest_due": self.due,
                    "days_overdue": 4,
                    "age_bucket": "1_30",
                    "strategy_id": self.household.id,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(case.line_ids.move_id, late.invoice_ids)
        self.assertFalse(self.case_of(not_yet))

    def test_a_document_due_today_is_not_overdue(self):
        account = self.debtor()
        self.run_on(self.due)
        self.assertFalse(self.case_of(account))

    def test_strategy_follows_the_kind_of_customer_or_the_account(self):
        company = self.debtor("Firma Sp. z o.o.", "company")
        special = self.debtor("Jan Specjalny")
        special.dunning_strategy_id = self.business
        self.run_on(date(2026, 10, 9))
        self.assertEqual(self.case_of(company).strategy_id, self.business)
        self.assertEqual(self.case_of(company).stage_id, self.env.ref("bss_dunning.stage_business_reminder"))
        self.assertEqual(self.case_of(special).strategy_id, self.business)
        self.assertEqual(self.case_of(special).stage_id, self.env.ref("bss_dunning.stage_business_reminder"))

    def test_small_debt_has_a_case_but_no_action(self):
        account = self.debtor(amount=9.99)
        self.run_on(date(2026, 11, 21))
        case = self.case_of(account)
        self.assertTrue(case.watched)
        self.assertEqual(case.amount_overdue, 9.99)
        self.assertFalse(case.action_ids)
        self.assertIn("9.99", case.next_reason.replace(",", "."))

    def test_sum_of_open_cases_is_the_overdue_receivable(self):
        accounts = [self.debtor(f"Klient {n}", amount=5.0 + n * 31.37) for n in range(6)]
        self.make_payment(accounts[0], 50.0)
        self.make_payment(accounts[1], 10.0)
        self.run_on(date(2026, 10, 20))
        expected = 0.0
        for account in accounts:
            expected += max(0.0, account.amount_due)
        cases = self.Case.search([("state", "!=", "closed"), ("company_id", "=", self.company.id)])
        self.assertAlmostEqual(sum(cases.mapped("amount_overdue")), expected, 2)
        self.assertFalse(self.case_of(accounts[0]), "an open credit covers the whole debt")
        self.assertAlmostEqual(self.case_of(accounts[1]).amount_credit, 10.0, 2)

    def test_payment_closes_the_case(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 9))
        case = self.case_of(account)
        self.pay(account.invoice_ids)
        self.assertRecordValues(
            case, [{"state": "closed", "amount_overdue": 0.0, "close_reason": "paid", "date_next": False}]
        )
        self.assertFalse(account.dunning_state)

    def test_payment_written_as_rows_closes_the_case(self):
        """Mass booking writes what the ORM would, then calls its hook."""
        account = self.debtor()
        self.run_on(date(2026, 10, 9))
        case = self.case_of(account)
        invoices = account.invoice_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET amount_residual = 0, amount_residual_currency = 0, reconciled = TRUE"
            " WHERE id = ANY(%s)",
            [self.receivable(invoices).ids],
        )
        self.env.cr.execute(
            "UPDATE account_move SET amount_residual = 0, payment_state = 'paid' WHERE id = ANY(%s)", [invoices.ids]
        )
        self.env.invalidate_all()
        invoices._bss_after_mass_reconcile()
        self.end_transaction()
        self.assertRecordValues(case, [{"state": "closed", "amount_overdue": 0.0, "close_reason": "paid"}])

    def test_part_payment_lowers_the_case(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 9))
        self.pay(account.invoice_ids, 100.0)
        case = self.case_of(account)
        self.assertAlmostEqual(case.amount_overdue, 23.0, 2)
        self.assertAlmostEqual(case.amount_demanded, 23.0, 2)
        self.assertEqual(account.dunning_amount, case.amount_overdue)

    def test_undone_payment_returns_at_the_next_run(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 9))
        first = self.case_of(account)
        self.pay(account.invoice_ids)
        self.receivable(account.invoice_ids).remove_move_reconcile()
        self.end_transaction()
        self.assertEqual(first.state, "closed")
        self.env["account.move"].search(
            [("bss_account_id", "=", account.id), ("move_type", "=", "entry")]
        ).button_cancel()
        self.run_on(date(2026, 10, 13))
        self.assertEqual(self.case_of(account).amount_overdue, 123.0)

    def test_reversal_in_one_transaction_keeps_the_case(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 9))
        case = self.case_of(account)
        entry = self.make_payment(account, 123.0)
        (self.receivable(account.invoice_ids) | entry).reconcile()
        self.receivable(account.invoice_ids).remove_move_reconcile()
        entry.move_id.button_cancel()
        self.end_transaction()
        self.assertEqual((case.state, case.amount_overdue), ("open", 123.0))

    def test_hold_stops_steps_until_its_last_day(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account)
        case._bss_hold(date(2026, 10, 15), "obietnica zapłaty")
        self.run_on(date(2026, 10, 15))
        self.assertEqual(case.state, "hold")
        self.assertFalse(case.action_ids)
        self.assertIn("obietnica zapłaty", case.next_reason)
        self.run_on(date(2026, 10, 16))
        self.assertEqual(case.state, "open")
        self.assertEqual(case.action_ids.mapped("state"), ["done"])

    def test_release_by_hand(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account)
        case._bss_hold(False, "spadek")
        self.run_on(date(2026, 11, 16))
        self.assertFalse(case.action_ids)
        case.action_release()
        self.assertEqual((case.state, case.next_code), ("open", "DUE"))

    def test_lapsed_debt_of_a_consumer_is_not_demanded(self):
        old = date(2022, 12, 30)
        consumer = self.debtor(due=old)
        company = self.debtor("Firma", "company", due=old)
        self.run_on(date(2026, 1, 2))
        case = self.case_of(consumer)
        self.assertEqual((case.amount_overdue, case.amount_demanded), (123.0, 0.0))
        self.assertEqual(case.next_code, "NOTHING_TO_DEMAND")
        self.assertFalse(case.action_ids)
        self.assertTrue(self.case_of(company).action_ids)

    def test_old_debt_of_a_consumer_is_lapsed_under_the_older_law_too(self):
        account = self.debtor(due=date(2014, 5, 5))
        self.run_on(date(2026, 1, 2))
        case = self.case_of(account)
        self.assertEqual((case.amount_demanded, case.next_code), (0.0, "NOTHING_TO_DEMAND"))
        self.assertIn("lapsed", case.next_reason)
        self.assertFalse(case.action_ids)

    def test_debt_of_a_consumer_without_recorded_limitation_is_withheld(self):
        self.env["bss.legal.value"].search([("code", "=", "limitation_years")]).unlink()
        consumer = self.debtor()
        company = self.debtor("Firma", "company")
        self.run_on(date(2026, 10, 30))
        case = self.case_of(consumer)
        self.assertEqual((case.amount_demanded, case.next_code), (0.0, "NOTHING_TO_DEMAND"))
        self.assertEqual(case.next_params["withheld"], "LIMITATION_UNKNOWN")
        self.assertIn("limitation is not recorded", case.next_reason)
        self.assertFalse(case.action_ids)
        self.assertTrue(self.case_of(company).action_ids)

    def test_due_on_a_free_day_is_not_overdue_on_the_next_working_day(self):
        """Saturday 7 November moves to Monday; Tuesday 10 November before the holiday stays."""
        account = self.debtor(due=date(2026, 11, 7))
        for day in (date(2026, 11, 8), date(2026, 11, 9)):
            self.run_on(day)
            self.assertFalse(self.case_of(account))
        self.run_on(date(2026, 11, 10))
        case = self.case_of(account)
        self.assertEqual((case.amount_overdue, case.days_overdue, case.oldest_due), (123.0, 1, date(2026, 11, 7)))
        self.assertEqual(case.line_ids.move_id, account.invoice_ids)
        holiday = self.make_invoice(account, 50.0, date(2026, 11, 11))
        self.run_on(date(2026, 11, 12))
        self.assertEqual(case.amount_overdue, 123.0)
        self.assertEqual((account.invoice_ids - holiday).bss_dunning_state, "open")
        self.assertFalse(holiday.bss_dunning_state)
        self.assertNotIn(holiday, case.line_ids.move_id)
        self.run_on(date(2026, 11, 13))
        holiday.invalidate_recordset(["bss_dunning_state"])
        self.assertEqual((case.amount_overdue, holiday.bss_dunning_state), (173.0, "open"))

    def test_disputed_document_leaves_dunning_but_stays_overdue(self):
        account = self.debtor()
        disputed = self.make_invoice(account, 50.0)
        disputed.no_followup = True
        self.run_on(date(2026, 10, 9))
        case = self.case_of(account)
        self.assertEqual((case.amount_overdue, case.amount_demanded), (173.0, 123.0))
        self.assertEqual(case.action_ids.line_ids.move_id, account.invoice_ids - disputed)

    def test_invoices_know_their_dunning_state(self):
        account = self.debtor()
        later = self.make_invoice(account, 50.0, date(2026, 12, 1))
        self.run_on(date(2026, 10, 9))
        invoice = account.invoice_ids - later
        self.assertEqual((invoice.bss_dunning_state, later.bss_dunning_state), ("open", False))
        Move = self.env["account.move"]
        found = Move.search([("bss_dunning_state", "=", "open"), ("bss_account_id", "=", account.id)])
        self.assertEqual(found, invoice)
        none = Move.search([("bss_dunning_state", "=", False), ("bss_account_id", "=", account.id)])
        self.assertEqual(none, later)
        self.case_of(account)._bss_hold(False, "reklamacja")
        self.assertEqual(
            Move.search([("bss_dunning_state", "=", "hold"), ("bss_account_id", "=", account.id)]), invoice
        )

    def test_change_of_strategy_plans_again(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 6))
        case = self.case_of(account)
        case.strategy_id = self.business
        self.assertEqual(case.stage_id.strategy_id, self.business)
        self.assertEqual(case.next_code, "BELOW_MIN_DAYS")
