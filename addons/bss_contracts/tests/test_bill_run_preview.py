from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillRunPreview(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls.make_offering("T-CALLS", 0.0, kind="one_off")

    def charge(self, account, amount, day=date(2026, 11, 1), kind="one_off", **vals):
        return self.env["bss.charge"].create(
            {
                "account_id": account.id,
                "product_id": self.calls.id,
                "kind": kind,
                "name": "Calls",
                "date_start": day,
                "date_end": day,
                "quantity": 1.0,
                "price_unit": amount,
                "amount": amount,
                **vals,
            }
        )

    def bill_month(self, month):
        start = date(2026, month, 1)
        return self.bill(date_start=start, date_end=start.replace(day=28), date_invoice=start)

    def preview(self, month=11, **vals):
        """A collected run that nobody has issued."""
        start = date(2026, month, 1)
        run = self.make_run(date_start=start, date_end=start.replace(day=28))
        run.write(vals)
        run = run.with_context(queue_job__no_delay=True)
        run._bss_collect()
        return run

    def item_of(self, run, account):
        return run.item_ids.filtered(lambda item: item.account_id == account)

    def billed_before(self, amounts, name="Jan Kowalski"):
        """An account without services that was billed these amounts, the last one in October."""
        account = self.make_account(name)
        account.state = "active"
        for offset, amount in enumerate(amounts):
            month = 11 - len(amounts) + offset
            self.charge(account, amount, date(2026, month, 1))
            self.bill_month(month)
        return account

    # -- comparing ----------------------------------------------------------------------------------

    def test_usual_is_the_median_of_the_last_six_bills(self):
        account = self.billed_before([900.0, 10.0, 20.0, 30.0, 40.0, 50.0, 61.0])
        self.charge(account, 40.0)
        item = self.item_of(self.preview(), account)
        # 10 … 61 without the seventh bill back: the middle of 30 and 40
        self.assertEqual((item.amount_usual, item.amount_previous), (35.0, 61.0))
        self.assertEqual((item.amount_difference, item.outlier), (-21.0, "none"))
        self.assertEqual(item.amount_expected, 49.2)
        self.assertFalse(item.is_to_check)

    def test_kinds_of_deviations(self):
        bills = {"high": 300.01, "edge": 300.0, "low": 33.33, "zero": 0.0, "negative": -5.0, "usual": 120.0}
        accounts = {}
        for name in (*bills, "nothing"):
            accounts[name] = self.make_account(name)
            accounts[name].state = "active"
            self.charge(accounts[name], 100.0, date(2026, 10, 1))
        self.bill_month(10)
        for name, amount in bills.items():
            self.charge(accounts[name], amount)
        accounts["new"] = self.make_account("new")
        self.charge(accounts["new"], 77.0)
        run = self.preview()
        found = {name: self.item_of(run, account).outlier for name, account in accounts.items()}
        self.assertEqual(
            found,
            {
                "high": "high",
                "edge": "none",
                "low": "low",
                "zero": "zero",
                "negative": "negative",
                "usual": "none",
                "nothing": "zero",
                "new": "new",
            },
        )
        # an account without charges has nothing to issue, a first bill nothing to compare with: neither is asked about
        to_check = run.item_ids.filtered("is_to_check")
        self.assertEqual(set(to_check.mapped("outlier")), {"high", "low", "zero", "negative"})
        self.assertEqual(run.warned_count, 4)
        self.assertEqual(self.env["bss.bill.run.item"].search([("is_to_check", "=", True)]), to_check)
        self.assertIn("3", self.item_of(run, accounts["high"]).outlier_text)

    def test_factors_are_settings(self):
        account = self.billed_before([100.0])
        self.charge(account, 210.0)
        self.company.bss_outlier_high_factor = 2.0
        run = self.preview()
        self.assertEqual(self.item_of(run, account).outlier, "high")
        self.company.bss_outlier_high_factor = 2.5
        run._bss_collect()
        self.assertEqual(self.item_of(run, account).outlier, "none")

    def test_first_run_of_an_operator_has_no_new_accounts(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.preview()
        self.assertEqual(self.item_of(run, account).outlier, "none")

    def test_missing_usage(self):
        talker = self.make_subscriber("Talker", charged_through=date(2026, 7, 31))
        silent = self.make_subscriber("Silent", charged_through=date(2026, 7, 31))
        seldom = self.make_subscriber("Seldom", charged_through=date(2026, 7, 31))
        gone = self.make_subscriber("Gone", charged_through=date(2026, 7, 31))
        for month in (8, 9, 10, 11):
            day = date(2026, month, 1)
            for account, months in (
                (talker, (8, 9, 10, 11)),
                (silent, (8, 9, 10)),
                (seldom, (8, 10)),
                (gone, (8, 9, 10)),
            ):
                if month in months:
                    self.charge(account, 1.0, day, "usage", service_id=account.service_ids.id)
            if month < 11:
                self.bill_month(month)
        gone.service_ids._bss_end(date(2026, 10, 31), "moved away")
        run = self.preview()
        found = {account.name: self.item_of(run, account).outlier for account in talker | silent | seldom}
        self.assertEqual(found, {talker.name: "none", silent.name: "missing_usage", seldom.name: "none"})
        self.assertNotEqual(self.item_of(run, gone).outlier, "missing_usage")
        item = self.item_of(run, silent)
        self.assertEqual(item.silent_services, silent.service_ids.name)
        self.assertIn(silent.service_ids.name, item.outlier_text)

    def test_one_or_two_earlier_bills_are_enough_to_compare_with(self):
        for months in ((10,), (9, 10)):
            accounts = {name: self.make_account(f"{name} {months}") for name in ("high", "low", "none")}
            silent = self.make_subscriber(f"Silent {months}", charged_through=date(2026, 10, 31))
            seldom = self.make_subscriber(f"Seldom {months}", charged_through=date(2026, 10, 31))
            for month in months:
                day = date(2026, month, 1)
                for account in accounts.values():
                    self.charge(account, 100.0, day)
                self.charge(silent, 1.0, day, "usage", service_id=silent.service_ids.id)
                self.charge(seldom, 1.0, day)
                if month == months[-1] and len(months) > 1:
                    self.charge(seldom, 1.0, day, "usage", service_id=seldom.service_ids.id)
                self.bill_month(month)
            for name, amount in (("high", 301.0), ("low", 33.0), ("none", 100.0)):
                self.charge(accounts[name], amount)
            run = self.preview()
            found = {name: self.item_of(run, account).outlier for name, account in accounts.items()}
            self.assertEqual(found, {name: name for name in accounts}, months)
            self.assertEqual(self.item_of(run, silent).outlier, "missing_usage", months)
            self.assertNotEqual(self.item_of(run, seldom).outlier, "missing_usage", months)
            run.action_cancel()

    def test_a_part_compares_with_its_own_accounts(self):
        accounts = [self.make_subscriber(f"Nr {n}", charged_through=date(2026, 10, 31)) for n in range(2)]
        self.charge(accounts[0], 100.0, date(2026, 10, 1))
        self.charge(accounts[1], 30.0, date(2026, 10, 1))
        october = self.bill_month(10)
        run = self.preview(account_ids=[(6, 0, accounts[1].ids)])
        self.assertEqual(run.previous_run_id, october)
        bill = self.item_of(october, accounts[1])
        before = run._bss_totals_before(october)
        self.assertEqual(before, {"count": 1, "net": bill.amount_untaxed, "gross": bill.amount_total})
        self.assertEqual(before["net"], self.item_of(run, accounts[1]).amount_previous)

    def test_against_the_previous_run(self):
        accounts = [self.make_subscriber(f"Nr {n}", charged_through=date(2026, 9, 30)) for n in range(3)]
        self.bill_month(9)
        october = self.bill_month(10)
        self.charge(accounts[0], 59.0)
        run = self.preview()
        self.assertEqual(run.previous_run_id, october)
        now = run._bss_totals_now()
        self.assertEqual((now["count"], round(now["net"], 2)), (3, round(run.amount_charges, 2)))
        before = {"count": 3, "net": october.amount_untaxed, "gross": october.amount_total}
        rows = {row[0]: row[1:] for row in run._bss_comparison(now, before)}
        self.assertEqual(rows["count"], (3, 3, 0, 0.0))
        self.assertAlmostEqual(rows["net"][2], now["net"] - october.amount_untaxed, 2)
        self.assertAlmostEqual(rows["net"][3], 100 * (now["net"] / october.amount_untaxed - 1), 6)
        expected = now["gross"]
        run._bss_issue()
        self.assertAlmostEqual(run.amount_total, expected, 2)
        self.assertAlmostEqual(run._bss_totals_now()["gross"], run.amount_total, 2)
        self.assertIn(october.name, run.preview_html)

    # -- deciding -----------------------------------------------------------------------------------

    def deviating(self):
        high = self.billed_before([100.0], "High")
        usual = self.make_account("Usual")
        self.charge(high, 500.0)
        self.charge(usual, 100.0)
        return high, usual, self.preview()

    def test_asks_before_issuing(self):
        high, usual, run = self.deviating()
        answer = run.action_issue()
        self.assertEqual(answer["res_model"], "bss.bill.run.issue.wizard")
        self.assertEqual((run.stage, run.issued_count), ("preview", 0))
        wizard = self.env["bss.bill.run.issue.wizard"].with_context(queue_job__no_delay=True).create({"run_id": run.id})
        self.assertEqual((wizard.item_count, wizard.warned_count, wizard.is_blocked), (2, 1, False))
        self.assertEqual((wizard.amount_charges, wizard.amount_expected), (600.0, 738.0))
        wizard.action_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 2))

    def test_accepted_deviations_are_not_asked_about(self):
        high, _usual, run = self.deviating()
        item = self.item_of(run, high)
        item.action_accept()
        self.assertEqual(item.accepted_by_id, self.env.user)
        self.assertTrue(item.accepted_at)
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            item.action_accept()
        run.action_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 2))

    def test_acceptance_lives_as_long_as_the_amount(self):
        high, _usual, run = self.deviating()
        item = self.item_of(run, high)
        item.action_accept()
        run._bss_collect()
        self.assertTrue(item.accepted_by_id)
        self.charge(high, 1.0)
        run._bss_collect()
        self.assertEqual(item.amount_charges, 501.0)
        self.assertTrue(item.is_to_check)
        self.assertFalse(item.accepted_by_id or item.accepted_at)

    def test_block(self):
        high, _usual, run = self.deviating()
        self.company.bss_outlier_policy = "block"
        wizard = self.env["bss.bill.run.issue.wizard"].with_context(queue_job__no_delay=True).create({"run_id": run.id})
        self.assertTrue(wizard.is_blocked)
        with self.assertRaisesRegex(UserError, "not accepted"):
            wizard.action_issue()
        self.assertEqual(run.issued_count, 0)
        wizard.action_hold_and_issue()
        self.assertEqual((run.state, run.issued_count, run.held_count), ("done", 1, 1))
        self.assertFalse(high.invoice_ids.filtered(lambda move: move.bss_bill_run_id == run))

    def test_held_items_go_out_when_released(self):
        high, usual, run = self.deviating()
        item = self.item_of(run, high)
        item.action_hold()
        self.assertEqual((item.state, item.held, item.held_by_id), ("held", True, self.env.user))
        run._bss_collect()
        self.assertEqual((item.state, item.amount_charges), ("held", 500.0))
        self.assertEqual(run.warned_count, 0)
        run.action_issue()
        self.assertEqual((run.state, run.issued_count, run.held_count), ("done", 1, 1))
        self.assertReportAddsUp(run)
        # another run does not take what is held
        december = self.preview(12)
        self.assertEqual(self.item_of(december, high).state, "empty")
        december.action_cancel()
        with self.assertRaisesRegex(UserError, "Nothing waits"):
            run.action_review_issue()
        item.action_release()
        self.assertEqual((item.state, item.held, item.accepted_by_id), ("pending", False, self.env.user))
        # what waits again is not done
        self.assertEqual((run.state, run.stage, run.released_count), ("running", "issue", 1))
        self.assertFalse(run.finished_at)
        self.assertEqual(run.action_review_issue()["res_model"], "bss.bill.run.issue.wizard")
        wizard = self.env["bss.bill.run.issue.wizard"].with_context(queue_job__no_delay=True).create({"run_id": run.id})
        wizard.date_invoice = date(2026, 11, 20)
        wizard.action_issue()
        self.assertEqual((run.state, run.stage, run.issued_count, run.held_count), ("done", "finished", 2, 0))
        self.assertEqual((item.move_id.amount_untaxed, item.move_id.invoice_date), (500.0, date(2026, 11, 20)))
        self.assertReportAddsUp(run)

    def test_a_released_item_that_is_held_or_given_up_again_ends_the_run(self):
        high, _usual, run = self.deviating()
        item = self.item_of(run, high)
        item.action_hold()
        run.action_issue()
        item.action_release()
        self.assertEqual((run.state, run.released_count), ("running", 1))
        item.action_hold()
        self.assertEqual((run.state, run.stage, run.held_count, run.released_count), ("done", "finished", 1, 0))
        item.action_release()
        run.action_cancel()
        self.assertEqual((run.state, run.stage, run.cancelled_count), ("done", "finished", 1))

    def test_bulk_decisions_skip_what_they_do_not_apply_to(self):
        _high, _usual, run = self.deviating()
        run.item_ids.action_hold()
        self.assertEqual(run.held_count, 2)
        run.item_ids.action_release()
        self.assertEqual((run.held_count, run.pending_count, run.warned_count), (0, 2, 0))
        run.action_issue()
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            run.item_ids.action_hold()

    def test_only_the_manager_decides(self):
        _high, _usual, run = self.deviating()
        clerk = new_test_user(
            self.env, "preview_clerk", "bss_catalog.group_bss_clerk", company_ids=[Command.set(self.company.ids)]
        )
        items = run.item_ids.with_user(clerk)
        items.read(["outlier_text", "amount_previous"])
        for decide in (items.action_accept, items.action_hold, items.action_release, items.action_cancel_held):
            with self.assertRaises(AccessError):
                decide()
        manager = new_test_user(
            self.env,
            "preview_manager",
            "bss_catalog.group_bss_billing_manager",
            company_ids=[Command.set(self.company.ids)],
        )
        run.with_user(manager).action_hold_to_check()
        self.assertEqual((run.warned_count, run.held_count), (0, 1))
        self.assertEqual(run.item_ids.filtered("held").held_by_id, manager)

    def test_retry_in_the_preview_issues_nothing(self):
        usual = self.make_subscriber("Usual", charged_through=date(2026, 10, 31))
        broken = self.make_subscriber("Broken")
        broken.service_ids.date_start = False
        run = self.preview()
        self.assertEqual((run.stage, run.error_count), ("preview", 1))
        self.assertIn("no start date", run.reason_html)
        broken.service_ids.date_start = date(2026, 11, 1)
        run.action_retry_failed()
        self.assertEqual((run.stage, run.error_count, run.pending_count, run.issued_count), ("preview", 0, 2, 0))
        self.assertFalse(usual.invoice_ids | broken.invoice_ids)

    def failing_deviation(self):
        """A run that is issued but for one account, whose products had no tax; it deviates now."""
        high = self.billed_before([100.0], "High")
        usual = self.make_account("Usual")
        self.charge(usual, 100.0)
        untaxed = self.make_offering("T-UNTAXED", 0.0, kind="one_off")
        untaxed.taxes_id = False
        self.charge(high, 100.0, product_id=untaxed.id)
        run = self.preview()
        self.assertEqual(run.warned_count, 0)
        run.action_issue()
        self.assertEqual((run.state, run.issued_count, run.error_count), ("done_errors", 1, 1))
        untaxed.taxes_id = self.tax_23
        self.charge(high, 400.0)
        return high, run

    def test_retry_asks_about_deviations_that_appear(self):
        self.company.bss_outlier_policy = "block"
        high, run = self.failing_deviation()
        item = self.item_of(run, high)
        answer = item.action_retry()
        self.assertEqual(answer["res_model"], "bss.bill.run.issue.wizard")
        self.assertEqual((item.state, item.outlier, item.is_to_check), ("pending", "high", True))
        self.assertEqual((run.state, run.stage, run.issued_count), ("running", "issue", 1))
        wizard = self.env["bss.bill.run.issue.wizard"].with_context(queue_job__no_delay=True).create({"run_id": run.id})
        with self.assertRaisesRegex(UserError, "not accepted"):
            wizard.action_issue()
        item.action_accept()
        run.action_issue()
        self.assertEqual((run.state, run.issued_count, run.error_count), ("done", 2, 0))
        self.assertEqual(item.move_id.amount_untaxed, 500.0)

    def test_retry_of_all_errors_asks_about_deviations_too(self):
        _high, run = self.failing_deviation()
        self.assertEqual(run.action_retry_failed()["res_model"], "bss.bill.run.issue.wizard")
        self.assertEqual((run.issued_count, run.warned_count), (1, 1))

    def test_retry_without_deviations_issues(self):
        high, run = self.failing_deviation()
        self.company.bss_outlier_high_factor = 6.0
        self.assertNotIsInstance(run.item_ids.filtered(lambda item: item.state == "error").action_retry(), dict)
        self.assertEqual((run.state, run.issued_count), ("done", 2))
        self.assertEqual(self.item_of(run, high).move_id.amount_untaxed, 500.0)

    # -- giving up what is held ---------------------------------------------------------------------

    def test_held_items_of_a_finished_run_are_given_up(self):
        high, usual, run = self.deviating()
        item = self.item_of(run, high)
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            run.item_ids.action_cancel_held()
        item.action_hold()
        run.action_issue()
        self.assertEqual((run.state, run.issued_count, run.held_count), ("done", 1, 1))
        before = run.message_ids
        run.item_ids.action_cancel_held()
        self.assertEqual((item.state, item.held, run.held_count, run.cancelled_count), ("cancelled", False, 0, 1))
        self.assertEqual((run.state, run.stage, self.item_of(run, usual).state), ("done", "finished", "issued"))
        charge = high.charge_ids.filtered(lambda one: one.state == "pending")
        self.assertFalse(charge.bill_run_id or charge.bill_run_item_id)
        message = run.message_ids - before
        self.assertEqual((message.author_id, len(message)), (self.env.user.partner_id, 1))
        self.assertIn(high.display_name, message.body)
        self.assertReportAddsUp(run)
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            item.action_release()
        december = self.preview(12)
        again = self.item_of(december, high)
        self.assertEqual((again.state, again.amount_charges, charge.bill_run_item_id), ("pending", 500.0, again))
        self.assertReportAddsUp(run)

    def test_the_run_gives_up_all_its_held_items(self):
        _high, _usual, run = self.deviating()
        run.item_ids.action_hold()
        run.action_cancel_held()
        self.assertEqual((run.cancelled_count, run.held_count), (2, 0))
        # nothing of what was given up comes back when the run is collected anew
        run._bss_collect()
        self.assertEqual((run.cancelled_count, run.pending_count), (2, 0))
        self.assertFalse(self.env["bss.charge"].search([("bill_run_id", "=", run.id)]))
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            run.action_cancel_held()

    def test_what_was_given_up_stays_so_when_another_item_is_tried_again(self):
        account = self.make_account("Two contracts")
        account.write({"state": "active", "invoice_split": "contract"})
        contract_vals = {"account_id": account.id, "date_start": "2026-01-01", "state": "active"}
        contracts = [self.env["bss.contract"].create(dict(contract_vals)) for _number in range(2)]
        untaxed = self.make_offering("T-UNTAXED", 0.0, kind="one_off")
        untaxed.taxes_id = False
        self.charge(account, 10.0, contract_id=contracts[0].id)
        self.charge(account, 20.0, contract_id=contracts[1].id, product_id=untaxed.id)
        run = self.preview()
        first, second = (run.item_ids.filtered(lambda item, one=one: item.contract_id == one) for one in contracts)
        first.action_hold()
        run.action_issue()
        self.assertEqual((first.state, second.state), ("held", "error"))
        first.action_cancel_held()
        untaxed.taxes_id = self.tax_23
        second.action_retry()
        self.assertEqual((first.state, second.state, run.issued_count), ("cancelled", "issued", 1))
        self.assertFalse(account.charge_ids.filtered(lambda one: one.contract_id == contracts[0]).bill_run_id)

    # -- report and progress ------------------------------------------------------------------------

    def assertReportAddsUp(self, run):
        report = run._bss_report()
        self.assertEqual(report["total"]["count"], len(run.item_ids))
        self.assertEqual([check for check in report["checks"] if not check[3]], [])
        for figure, total in report["total"].items():
            self.assertAlmostEqual(sum(row[figure] for row in report["rows"].values()), total, 2)

    def test_report_adds_up_and_tells_when_it_does_not(self):
        _high, _usual, run = self.deviating()
        self.assertReportAddsUp(run)
        run.item_ids[:1].action_hold()
        run._bss_issue()
        self.assertReportAddsUp(run)
        self.assertIn("text-bg-success", run.report_html)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bss_bill_run_item SET amount_total = amount_total + 1 WHERE run_id = %s AND state = 'issued'",
            [run.id],
        )
        self.env.invalidate_all()
        unequal = [name for name, _here, _there, equal in run._bss_report()["checks"] if not equal]
        self.assertEqual(unequal, ["gross"])
        self.assertIn("text-bg-danger", run.report_html)

    def test_progress(self):
        high, _usual, run = self.deviating()
        self.assertEqual(
            {name: run.get_progress()[name] for name in ("stage", "total", "done", "working", "paused")},
            {"stage": "preview", "total": 2, "done": 0, "working": False, "paused": False},
        )
        self.item_of(run, high).action_hold()
        run = run.with_context(queue_job__no_delay=False)
        run._bss_issue()
        progress = run.get_progress()
        self.assertEqual((progress["stage"], progress["working"]), ("issue", True))
        self.assertGreater(progress["jobs"], 0)
        self.assertEqual((progress["counts"]["pending"], progress["counts"]["held"], progress["done"]), (1, 1, 1))
        # the batch at work comes to its end: the funnel follows until no job is left
        run.is_paused = True
        self.assertEqual([run.get_progress()[name] for name in ("working", "paused")], [True, True])
        self.env["queue.job"].search([("identity_key", "=like", f"bss.bill.run:{run.id}:%")]).state = "done"
        self.assertFalse(run.get_progress()["working"])

    def test_the_form_does_not_read_the_items(self):
        _high, _usual, run = self.deviating()
        fields = list(self.env["bss.bill.run"].get_view(view_type="form")["models"]["bss.bill.run"])
        self.assertNotIn("item_ids", fields)
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            run.read(fields)
        more = [self.make_account(f"More {n}") for n in range(30)]
        for account in more:
            self.charge(account, 10.0)
        run._bss_collect()
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            run.read(fields)

    # -- dates --------------------------------------------------------------------------------------

    @freeze_time("2026-11-21")
    def test_odd_dates_are_pointed_out(self):
        self.make_subscriber(charged_through=date(2026, 8, 31))
        first = self.bill_month(9)
        first.date_end = date(2026, 9, 30)
        run = self.make_run(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30), date_invoice=date(2026, 11, 21))
        self.assertIn("The last run ended on", run.date_warning)
        run.write({"date_start": date(2026, 10, 1), "date_end": date(2026, 10, 31)})
        self.assertFalse(run.date_warning)
        run.date_end = date(2026, 10, 30)
        self.assertIn("The cycle's period", run.date_warning)
        run.write({"date_start": date(2026, 9, 1), "date_end": date(2026, 9, 30)})
        self.assertIn(first.name, run.date_warning)
        run.date_invoice = date(2026, 11, 22)
        self.assertIn("in the future", run.date_warning)
        run.date_invoice = date(2026, 11, 13)
        self.assertIn("in the past", run.date_warning)
        run.action_cancel()
        self.assertFalse(run.date_warning)
