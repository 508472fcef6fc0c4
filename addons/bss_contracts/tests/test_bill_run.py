from datetime import date

from odoo import fields
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..models import bss_bill_run_collect
from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillRun(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.activation = cls.make_offering("T-ACT", 49.0, kind="one_off")

    @freeze_time("2026-11-21")
    def test_period_far_ahead_is_pointed_out(self):
        for start, ahead in (
            (date(2026, 10, 1), False),
            (date(2026, 11, 1), False),
            (date(2026, 12, 1), False),
            (date(2027, 1, 1), True),
            (date(2027, 11, 1), True),
        ):
            run = self.make_run(date_start=start, date_end=start.replace(day=28))
            self.assertEqual(run.is_period_ahead, ahead, start)
        run.action_cancel()
        self.assertFalse(run.is_period_ahead)
        with Form(self.env["bss.bill.run"]) as form:
            form.cycle_id = self.cycle
            form.date_start, form.date_end = date(2027, 1, 1), date(2027, 1, 31)
            self.assertTrue(form.is_period_ahead)

    def assertAddsUp(self, run):
        moves = self.env["account.move"].search([("bss_bill_run_id", "=", run.id)])
        issued = run.item_ids.filtered(lambda item: item.state == "issued")
        self.assertEqual(issued.move_id | issued.refund_ids, moves)
        self.assertEqual(run.refund_count, len(issued.refund_ids))
        self.assertEqual(run.issued_count, len(issued))
        sign = {move: -1 if move.move_type == "out_refund" else 1 for move in moves}
        for figure in ("amount_untaxed", "amount_tax", "amount_total"):
            total = sum(sign[move] * move[figure] for move in moves)
            self.assertAlmostEqual(run[figure], total, 2)
            self.assertAlmostEqual(sum(issued.mapped(figure)), total, 2)
        charges = self.env["bss.charge"].search([("bill_run_id", "=", run.id), ("state", "=", "billed")])
        self.assertAlmostEqual(sum(charges.mapped("amount")), run.amount_untaxed, 2)
        for charge in charges:
            self.assertEqual(sign[charge.move_id] * charge.move_line_id.price_subtotal, charge.amount)
            self.assertEqual(charge.move_line_id.bss_charge_id, charge)

    def test_full_and_partial_period(self):
        full = self.make_subscriber("Anna Nowak", date_start=date(2026, 5, 1), charged_through=date(2026, 10, 31))
        late = self.make_subscriber("Jan Wrona", date_start=date(2026, 10, 12))
        run = self.bill()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.progress, 100.0)
        move = full.invoice_ids
        self.assertEqual(
            (move.state, move.amount_untaxed, move.amount_tax, move.amount_total), ("posted", 59.0, 13.57, 72.57)
        )
        self.assertEqual(move.journal_id, self.billing_journal)
        self.assertEqual(move.invoice_date, date(2026, 11, 1))
        self.assertEqual(move.invoice_date_due, date(2026, 11, 15))
        self.assertEqual((move.bss_date_start, move.bss_date_end), (date(2026, 11, 1), date(2026, 11, 30)))
        # 20/31 of October and the whole of November
        self.assertEqual(
            late.invoice_ids.invoice_line_ids.sorted("bss_date_start").mapped("price_subtotal"), [38.06, 59.0]
        )
        # the period of the invoice is the billed one; earlier days are those of their lines
        self.assertEqual(late.invoice_ids.bss_date_start, date(2026, 11, 1))
        self.assertEqual(late.invoice_ids.bss_date_end, date(2026, 11, 30))
        self.assertEqual(set(late.service_ids.mapped("charged_through")), {date(2026, 11, 30)})
        self.assertEqual(late.amount_due, late.invoice_ids.amount_total)
        self.assertAddsUp(run)

    def test_run_twice_doubles_nothing(self):
        account = self.make_subscriber(products=[self.fibre, self.mobile], charged_through=date(2026, 10, 31))
        run = self.bill()
        before = (account.charge_ids, account.invoice_ids, run.amount_total)
        run._bss_collect()
        run._bss_issue()
        run._bss_issue_batch(run.item_ids.ids)
        again = self.bill()
        account.invalidate_recordset()
        self.assertEqual((account.charge_ids, account.invoice_ids, run.amount_total), before)
        self.assertEqual((again.issued_count, again.empty_count), (0, 1))
        self.assertEqual(again.state, "done")
        self.assertAddsUp(run)

    def test_identity_key_guards_even_a_forgotten_day(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.bill()
        account.service_ids.charged_through = date(2026, 10, 31)
        again = self.bill()
        self.assertEqual(len(account.charge_ids), 1)
        self.assertEqual(again.empty_count, 1)

    def test_all_kinds_of_charges(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        service = account.service_ids
        service._bss_charge_once(self.activation, date(2026, 10, 5))
        service._bss_charge_once(self.activation, date(2026, 10, 5))
        self.env["bss.charge"].create(
            [
                {
                    "account_id": account.id,
                    "service_id": service.id,
                    "product_id": self.activation.id,
                    "kind": "usage",
                    "name": "Calls",
                    "date_start": date(2026, 10, 1),
                    "date_end": date(2026, 10, 31),
                    "quantity": 123.456789,
                    "price_unit": 0.000123,
                    "amount": 1.23,
                    "amount_e4": 12345,
                },
                {
                    "account_id": account.id,
                    "product_id": self.activation.id,
                    "kind": "one_off",
                    "name": "Next month",
                    "date_start": date(2026, 12, 1),
                    "date_end": date(2026, 12, 1),
                },
            ]
        )
        run = self.bill()
        self.assertEqual(sorted(account.invoice_ids.invoice_line_ids.mapped("price_subtotal")), [1.23, 49.0, 59.0])
        self.assertEqual(account.charge_ids.filtered(lambda charge: charge.state == "pending").name, "Next month")
        self.assertAddsUp(run)

    def test_one_bad_account_does_not_stop_the_others(self):
        good = self.make_subscriber("Good", charged_through=date(2026, 10, 31))
        archived = self.make_subscriber("Archived", charged_through=date(2026, 10, 31))
        archived.partner_id.active = False
        no_start = self.make_subscriber("No start")
        no_start.service_ids.date_start = False
        untaxed = self.make_offering("T-NOTAX", 10.0)
        untaxed.taxes_id = False
        no_tax = self.make_subscriber("No tax", products=[untaxed], charged_through=date(2026, 10, 31))
        run = self.bill()
        self.assertEqual(run.state, "done_errors")
        self.assertEqual((run.issued_count, run.error_count), (1, 3))
        self.assertTrue(good.invoice_ids)
        reasons = {item.account_id: item.error for item in run.error_item_ids}
        self.assertIn("archived", reasons[archived])
        self.assertIn("no start date", reasons[no_start])
        self.assertIn("no sales tax", reasons[no_tax])
        self.assertAddsUp(run)

        archived.partner_id.active = True
        no_start.service_ids.date_start = date(2026, 11, 1)
        untaxed.taxes_id = self.tax_23
        run.action_retry_failed()
        self.assertEqual((run.state, run.issued_count, run.error_count), ("done", 4, 0))
        self.assertEqual(len(good.invoice_ids), 1)
        self.assertAddsUp(run)

    def test_failure_inside_the_batch_is_isolated(self):
        good = self.make_subscriber("Good", charged_through=date(2026, 10, 31))
        bad = self.make_subscriber("Bad", charged_through=date(2026, 10, 31))
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        create = type(self.env["account.move"]).create

        def failing(records, vals_list):
            if any(vals.get("bss_account_id") == bad.id for vals in vals_list):
                raise UserError("The printer of account books is on fire.")
            return create(records, vals_list)

        self.patch(type(self.env["account.move"]), "create", failing)
        run._bss_issue()
        self.assertEqual((run.issued_count, run.error_count), (1, 1))
        self.assertEqual(run.error_item_ids.error, "The printer of account books is on fire.")
        self.assertEqual(bad.charge_ids.state, "pending")
        self.assertTrue(good.invoice_ids)
        self.assertAddsUp(run)

    def test_missing_journal(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.cycle.journal_id = False
        run = self.bill()
        self.assertIn("no invoice journal", run.item_ids.error)
        self.cycle.journal_id = self.billing_journal
        run.item_ids.action_retry()
        self.assertTrue(account.invoice_ids)

    def test_negative_balance_waits(self):
        account = self.make_subscriber(charged_through=date(2026, 11, 30))
        self.env["bss.charge"].create(
            {
                "account_id": account.id,
                "product_id": self.fibre.id,
                "kind": "correction",
                "price_unit": -10,
                "date_start": date(2026, 10, 1),
                "date_end": date(2026, 10, 1),
            }
        )
        run = self.bill()
        self.assertEqual((run.empty_count, run.state), (1, "done"))
        self.assertIn("-10", run.item_ids.error)
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(following.amount_untaxed, 49.0)
        self.assertAddsUp(following)

    def test_jobs_of_a_hundred_accounts(self):
        accounts = [self.make_subscriber(f"S{index}", charged_through=date(2026, 10, 31)) for index in range(3)]
        run = self.make_run()
        self.patch(bss_bill_run_collect, "COLLECT_BATCH", 2)
        with trap_jobs() as trap:
            run.action_collect()
            # two batches and the preview
            trap.assert_jobs_count(3)
            self.assertEqual((run.state, run.stage, run.item_count), ("running", "collect", 3))
            self.assertFalse(run.charge_ids)
            trap.perform_enqueued_jobs()
        self.assertEqual((run.stage, run.charge_count, run.pending_count), ("preview", 3, 3))
        with trap_jobs() as trap:
            run.action_issue()
            trap.assert_jobs_count(2)
            self.assertEqual(run.state, "running")
            trap.perform_enqueued_jobs()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.issued_count), ("done", len(accounts)))
        self.assertAddsUp(run)

    def test_the_form_tells_when_no_job_runner_works(self):
        self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.make_run()
        self.assertEqual((run.waiting_job_count, run.is_job_runner_idle), (0, False))
        run.action_collect()
        run.invalidate_recordset()
        self.assertEqual((run.waiting_job_count, run.is_job_runner_idle), (2, False))
        jobs = self.env["queue.job"].search([("identity_key", "=like", f"bss.bill.run:{run.id}:%")])
        self.env.cr.execute(
            "UPDATE queue_job SET date_created = now() AT TIME ZONE 'UTC' - interval '1 hour' WHERE id IN %s",
            (tuple(jobs.ids),),
        )
        self.env.cr.execute(
            "UPDATE queue_job SET date_started = NULL, date_done = NULL, state = 'done' WHERE id NOT IN %s",
            (tuple(jobs.ids),),
        )
        self.env.invalidate_all()
        self.assertTrue(run.is_job_runner_idle)
        jobs[0].date_started = fields.Datetime.now()
        self.env.invalidate_all()
        self.assertFalse(run.is_job_runner_idle)
        run.action_collect()
        run.invalidate_recordset()
        self.assertEqual(run.waiting_job_count, 2, "the same jobs are not queued twice")

    def test_jobs_of_a_cancelled_run_do_nothing(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.make_run()
        with trap_jobs() as trap:
            run.action_collect()
            run.action_cancel()
            trap.perform_enqueued_jobs()
        self.assertEqual((run.state, run.stage), ("cancelled", "collect"))
        self.assertFalse(account.charge_ids)

    def test_arrears_and_termination(self):
        arrears = self.make_offering("T-ARR", 31.0, bss_charge_timing="arrears")
        account = self.make_subscriber(products=[arrears], date_start=date(2026, 10, 1))
        service = account.service_ids
        run = self.bill()
        self.assertEqual(account.invoice_ids.amount_untaxed, 31.0)
        self.assertEqual(service.charged_through, date(2026, 10, 31))
        service._bss_end(date(2026, 11, 15), "moved away")
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(following.amount_untaxed, 15.5)
        self.assertEqual(service.charged_through, date(2026, 11, 15))
        self.assertAddsUp(run)

    def test_early_end_is_corrected(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31), products=[self.fibre, self.mobile])
        self.bill()
        fibre = account.service_ids.filtered(lambda service: service.product_id == self.fibre)
        fibre._bss_end(date(2026, 11, 15), "moved away")
        correction = account.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual((correction.amount, correction.date_start), (-29.5, date(2026, 11, 16)))
        self.assertIn("29", correction.source_ref)
        fibre._bss_recalculate()
        original = account.invoice_ids
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(following.amount_untaxed, 0.5)
        self.assertEqual((following.item_ids.move_id.amount_untaxed, following.refund_count), (30.0, 1))
        refund = following.item_ids.refund_ids
        self.assertEqual((refund.move_type, refund.reversed_entry_id, refund.state), ("out_refund", original, "posted"))
        self.assertEqual((refund.amount_untaxed, refund.amount_total), (29.5, 36.29))
        self.assertEqual((refund.bss_date_start, refund.bss_date_end), (date(2026, 11, 16), date(2026, 11, 30)))
        self.assertTrue(refund.ref)
        self.assertEqual(refund.invoice_line_ids.tax_ids, self.tax_23)
        self.assertEqual((correction.state, correction.move_id), ("billed", refund))
        self.assertFalse(original.bss_bill_run_id == refund.bss_bill_run_id)
        self.assertEqual(original.amount_residual, original.amount_total - 36.29)
        self.assertTrue(refund._bss_invoice_pdf().startswith(b"%PDF"))
        self.assertAddsUp(following)

    def test_all_services_end_inside_a_paid_period(self):
        yearly = self.make_offering("T-YEAR", 365.0, bss_period_months=12)
        account = self.make_subscriber(
            products=[self.fibre, self.mobile, yearly], date_start=date(2026, 10, 1), partner={"vat": "PL5260250274"}
        )
        october = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        november = self.bill()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=account.invoice_ids.ids
        ).create({"payment_date": date(2026, 11, 5)})._create_payments()
        account.invalidate_recordset()
        paid = account.amount_due
        account.contract_ids.action_terminate(date(2026, 11, 15), "moved away")
        run = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual((run.state, run.issued_count, run.refund_count), ("done", 1, 2))
        self.assertFalse(run.item_ids.move_id)
        self.assertNotIn("pending", account.charge_ids.mapped("state"))
        refunds = run.item_ids.refund_ids
        self.assertEqual(refunds.reversed_entry_id, october.item_ids.move_id | november.item_ids.move_id)
        # 15 days of both monthly fees; 319 of the 365 days of the yearly one
        self.assertEqual(sorted(refunds.mapped("amount_untaxed")), [44.5, 319.0])
        account.invalidate_recordset()
        self.assertAlmostEqual(account.amount_due - paid, -sum(refunds.mapped("amount_total")), 2)
        self.assertAlmostEqual(run.amount_total, -sum(refunds.mapped("amount_total")), 2)
        self.assertAddsUp(run)
        following = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(following.issued_count, 0)

    def test_given_back_before_it_was_invoiced(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        account.service_ids._bss_end(date(2026, 10, 31), "moved away")
        run._bss_collect()
        run._bss_issue()
        self.assertEqual((run.state, run.empty_count), ("done", 1))
        self.assertEqual(set(account.charge_ids.mapped("state")), {"cancelled"})
        account.service_ids.date_end = date(2026, 11, 15)
        self.assertEqual(self.bill().amount_untaxed, 29.5)

    def test_an_end_that_moves_to_and_fro(self):
        account = self.make_subscriber(date_start=date(2026, 10, 1))
        october = {"date_start": date(2026, 10, 1), "date_end": date(2026, 10, 31)}
        runs = [self.bill(**october)]
        service = account.service_ids
        for day in (10, 20, 15, 20, 15):
            service.date_end = date(2026, 10, day)
            service._bss_recalculate()
            runs.append(self.bill(**october))
        self.assertAlmostEqual(sum(run.amount_untaxed for run in runs), 28.55, 2)
        self.assertEqual(set(account.charge_ids.mapped("state")), {"billed"})
        for run in runs:
            self.assertAddsUp(run)

    def test_amounts_are_explained_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.company.partner_id.lang = "pl_PL"
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        part = self.make_subscriber(date_start=date(2026, 11, 16))
        self.bill()
        self.assertEqual(account.charge_ids.source_ref, "pełny okres")
        self.assertEqual(part.charge_ids.source_ref, "15 z 30 dni okresu")
        account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        correction = account.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual(correction.source_ref.replace("\xa0", " "), "należne 29,50 zł, naliczone 59,00 zł")

    def test_a_cancelled_corrective_invoice_is_made_again(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31), products=[self.fibre, self.mobile])
        self.bill()
        account.service_ids[0]._bss_end(date(2026, 11, 15), "moved away")
        run = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        refund, invoice = run.item_ids.refund_ids, run.item_ids.move_id
        refund.with_context(bss_allow_draft=True).button_draft()
        refund.button_cancel()
        self.assertEqual((run.item_ids.state, run.item_ids.move_id, run.amount_untaxed), ("issued", invoice, 30.0))
        self.assertAddsUp(self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31)))
        self.assertNotIn("pending", account.charge_ids.mapped("state"))

    def test_issued_invoice_is_not_reopened(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.bill()
        with self.assertRaises(UserError):
            account.invoice_ids.button_draft()
        with self.assertRaises(UserError):
            account.charge_ids.amount = 1.0
        with self.assertRaises(UserError):
            run.action_cancel()
        move = account.invoice_ids
        move.with_context(bss_allow_draft=True).button_draft()
        move.button_cancel()
        self.assertEqual(account.charge_ids.state, "pending")
        again = self.bill()
        self.assertEqual(again.amount_untaxed, 59.0)
        self.assertAddsUp(again)

    def test_a_cancelled_run_stays_cancelled(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        account.service_ids.date_start = False
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        self.assertEqual(run.item_ids.state, "error")
        run.action_cancel()
        self.assertEqual(run.item_ids.state, "cancelled")
        account.service_ids.date_start = date(2026, 11, 1)
        for call in (run.action_retry_failed, run.item_ids.action_retry, run.action_collect, run.action_issue):
            with self.assertRaises(UserError):
                call()
        run._bss_issue_batch(run.item_ids.ids)
        run._bss_finish()
        self.assertEqual((run.state, run.item_ids.state), ("cancelled", "cancelled"))
        self.assertFalse(account.invoice_ids)

    def test_cycle_plans_period_after_period(self):
        self.assertEqual(self.cycle._bss_period(date(2026, 10, 12)), (date(2026, 10, 1), date(2026, 10, 31)))
        first = self.make_run(date(2026, 10, 1), date(2026, 10, 31))
        self.assertEqual(self.cycle.last_run_end, date(2026, 10, 31))
        self.assertEqual(self.cycle._bss_next_period(self.today), (date(2026, 11, 1), date(2026, 11, 30)))
        planned = self.env["bss.bill.run"].browse(self.cycle.action_plan_run()["res_id"])
        self.assertEqual((planned.date_start, planned.state), (date(2026, 11, 1), "planned"))
        planned.action_cancel()
        self.assertEqual(self.cycle._bss_next_period(self.today), (date(2026, 11, 1), date(2026, 11, 30)))
        first.unlink()
        form = Form(self.env["bss.bill.run"])
        form.cycle_id = self.cycle
        form.date_invoice = date(2026, 11, 21)
        self.assertTrue(form.date_start <= form.date_end)
        fifteenth = self.env["bss.bill.cycle"].create({"name": "15th", "day": 15, "period_months": 3})
        self.assertEqual(fifteenth._bss_period(date(2026, 11, 21)), (date(2026, 10, 15), date(2027, 1, 14)))

    def test_deleted_draft_gives_its_charges_back(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.bill()
        move = account.invoice_ids
        move.with_context(bss_allow_draft=True).button_draft()
        move.with_context(force_delete=True).unlink()
        self.assertEqual(account.charge_ids.state, "pending")
        self.assertEqual(self.bill().issued_count, 1)

    def test_credit_note_belongs_to_the_account_and_bills_nothing(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.bill()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=account.invoice_ids.ids)
            .create({"journal_id": self.billing_journal.id, "date": date(2026, 11, 5)})
        )
        credit = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        self.assertEqual(credit.bss_account_id, account)
        self.assertFalse(credit.bss_bill_run_id)
        self.assertFalse(credit.invoice_line_ids.bss_charge_id)
        self.assertTrue(credit.invoice_line_ids.bss_date_start)
        credit.action_post()
        self.assertEqual(account.amount_due, 0)
        self.assertEqual(account.charge_ids.state, "billed")
        self.assertEqual(self.bill().issued_count, 0)
        self.assertEqual(run.issued_count, 1)

    def test_other_company_stays_apart(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        cycle = self.env["bss.bill.cycle"].create({"name": "Other", "company_id": other.id})
        partner = self.env["res.partner"].create({"name": "Theirs"})
        theirs = (
            self.env["bss.account"]
            .with_company(other)
            .create({"partner_id": partner.id, "company_id": other.id, "bill_cycle_id": cycle.id})
        )
        mine = self.make_subscriber(charged_through=date(2026, 10, 31))
        run = self.bill()
        self.assertEqual(run.item_ids.account_id, mine)
        clerk = new_test_user(
            self.env, "bss_clerk_one", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        self.assertNotIn(theirs, self.env["bss.account"].with_user(clerk).search([]))
        with self.assertRaises(UserError):
            mine.bill_cycle_id = cycle
