import base64
import io
from datetime import date
from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import tagged
from openpyxl import load_workbook

from .common import ContractsCommon

# a test that the button begins is a run of its own, with a number of its own series
JOBS = {"bss_bill_run", "bss_bill_run_id_seq", "ir_sequence_date_range", "ir_sequence_date_range_id_seq"}


@tagged("post_install", "-at_install")
class TestBillRunTrial(ContractsCommon):
    """A test run tells what a real one would issue and leaves nothing behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        small = cls.make_offering("T-SMALL", 4.0)
        cls.cycle.minimum_amount = 10.0
        cls.good = cls.make_subscriber("=Good", charged_through=date(2026, 10, 31))
        cls.late = cls.make_subscriber("Late", date_start=date(2026, 11, 16))
        cls.small = cls.make_subscriber("Small", products=[small], charged_through=date(2026, 10, 31))
        cls.bad = cls.make_subscriber("Bad", charged_through=date(2026, 10, 31))
        cls.bad.partner_id.active = False

    def traces(self):
        """Rows of every table, last values of every sequence, and what a run writes on services and charges."""
        self.env.flush_all()
        cr = self.env.cr
        cr.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cr.fetchall()]
        cr.execute(" UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM \"{name}\"" for name in tables))
        found = dict(cr.fetchall())
        cr.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        found.update(cr.fetchall())
        cr.execute("SELECT id, charged_through, is_recalculation_due, write_date FROM bss_service ORDER BY id")
        found["services"] = cr.fetchall()
        cr.execute("SELECT id, state, bill_run_id, bill_run_item_id, amount FROM bss_charge ORDER BY id")
        found["charges"] = cr.fetchall()
        cr.execute("SELECT id, number_next FROM ir_sequence ORDER BY id")
        found["numbers"] = cr.fetchall()
        return found

    def assertNoTrace(self, before, *allowed):
        """Beside the report (a file) and ids of rows that were undone, everything is as before."""
        own = {"ir_attachment", "ir_attachment_id_seq", "bss_charge_id_seq", "bss_bill_run_item_id_seq", *allowed}
        after = self.traces()
        self.assertEqual({name for name in before if before[name] != after[name]} - own, set())
        self.assertEqual(after["ir_attachment"], before["ir_attachment"] + 1)

    def trial(self, run=None, **vals):
        run = run or self.make_run(**vals)
        run.is_test = True
        run.with_context(queue_job__no_delay=True)._bss_collect()
        return run

    def assertSameFigures(self, trial, real):
        """Of each state as many, with the same sums."""
        names = ("charge_count", "amount_charges", "amount_untaxed", "amount_tax", "amount_total")
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "=", real.id)], ["state"], ["__count", *(f"{name}:sum" for name in names)]
        )
        expected = {
            state: (count, charges, *(f"{value:.2f}" for value in sums)) for state, count, charges, *sums in rows
        }
        found = {
            state: (int(one["count"]), int(one["charge_count"]), *(one[name] for name in names[1:]))
            for state, one in trial.trial_report.items()
        }
        self.assertEqual(found, expected)
        for name in ("item_count", "issued_count", "error_count", *names):
            self.assertEqual(trial[name], real[name], name)
        self.assertEqual((trial.progress, trial.item_count), (100, real.item_count))

    def test_figures_are_those_of_the_real_run(self):
        trial = self.trial()
        self.assertEqual((trial.state, trial.stage), ("done", "finished"))
        self.assertSameFigures(trial, self.bill())
        self.assertEqual(set(trial.trial_report), {"issued", "carried", "error"})
        shown = str(trial.trial_html).replace(",", ".")
        for text in ("Carried over", "Together", "108.86"):
            self.assertIn(text, shown)

    def test_no_trace(self):
        run = self.make_run()
        before = self.traces()
        trial = self.trial(run)
        self.assertNoTrace(before)
        self.assertFalse(trial.item_ids or trial.charge_ids)
        self.assertFalse(self.cycle.last_run_end)
        self.assertFalse(trial._bss_trial_parts())
        first = self.bill().item_ids.move_id.sorted("name")[:1]
        self.assertTrue(first.name.endswith("00001"), first.name)

    def many_kinds(self):
        """Gross and net prices, shared lines, an own tax, what is given back, a reduced invoice, a free month."""
        self.cycle.line_grouping = "equal"
        firm = self.make_subscriber("Firm", products=[self.fibre] * 5, charged_through=date(2026, 10, 31))
        service = firm.service_ids[0]
        for day in (2, 3, 4):
            service._bss_charge_once(
                self.fibre, date(2026, 11, day), price=0.99, name="Fee", price_kind="gross", reference=f"g{day}"
            )
            service._bss_charge_once(self.fibre, date(2026, 11, day), price=4.35, name="Call-out", reference=f"n{day}")
        low = self.company._bss_sale_tax(8.0, "service")
        service._bss_charge_once(self.fibre, date(2026, 11, 5), price=10.55, reference="low").tax_ids = low
        self.make_subscriber("Free", products=[self.make_offering("T-FREE", 0.0)], charged_through=date(2026, 10, 31))
        untaxed = self.make_offering("T-NOTAX", 12.0)
        untaxed.taxes_id = False
        self.make_subscriber("No Tax", products=[untaxed], charged_through=date(2026, 10, 31))
        back = self.late.service_ids._bss_charge_once(self.fibre, date(2026, 11, 16), price=7.0, reference="back")
        self.env["bss.charge"].create(
            {
                **{name: back[name].id for name in ("account_id", "service_id", "product_id")},
                "kind": "correction",
                "price_unit": -7.0,
            }
        ).sudo().origin_charge_id = back
        return firm

    def test_invoices_of_many_kinds(self):
        firm = self.many_kinds()
        trial = self.trial()
        self.assertSameFigures(trial, self.bill())
        self.assertGreater(len(firm.invoice_ids.invoice_line_ids.tax_ids), 2)

    def test_reduced_invoices(self):
        self.bill()
        self.good.service_ids._bss_end(date(2026, 11, 15), "moved away")
        december = {"date_start": date(2026, 12, 1), "date_end": date(2026, 12, 31)}
        trial = self.trial(**december)
        self.assertLess(float(trial.trial_report["issued"]["amount_total"]), 73)
        self.assertSameFigures(trial, self.bill(**december))

    def test_nothing_goes_through_the_orm(self):
        """Also of a day to come, when the run itself could not write rows."""
        self.many_kinds()
        with patch.object(type(self.env["bss.bill.run"]), "_bss_issue_batch", side_effect=AssertionError("an invoice")):
            trial = self.trial(date_invoice=date(2090, 3, 1))
        self.assertGreaterEqual(trial.issued_count, 3)

    def test_progress_while_it_goes_on(self):
        run = self.make_run()
        run.is_test = True
        seen = []

        def look(done, total):
            seen.append((done, total, round(run.progress), run.item_count, run.amount_total))

        with patch("odoo.addons.bss_contracts.models.bss_bill_run_test.TRIAL_BATCH", 2):
            run.with_context(queue_job__no_delay=True)._bss_collect(progress=look)
        self.assertEqual([one[:4] for one in seen], [(2, 4, 50, 2), (4, 4, 100, 4)])
        self.assertEqual(seen[-1][4], run.amount_total)

    def test_a_paused_test_goes_on(self):
        """Batches that are through are not worked out again, unless other accounts belong to them now."""
        run = self.make_run()
        run.is_test = True
        worked = []
        work = type(run)._bss_trial_rows

        def counted(one, account_ids):
            worked.append(len(account_ids))
            if len(worked) == 1:
                one.is_paused = True
            return work(one, account_ids)

        with (
            patch("odoo.addons.bss_contracts.models.bss_bill_run_test.TRIAL_BATCH", 2),
            patch.object(type(run), "_bss_trial_rows", counted),
        ):
            here = run.with_context(queue_job__no_delay=True)
            here._bss_collect()
            self.assertEqual((worked, run.state, run.progress), ([2], "running", 50))
            started = run.started_at
            here.action_resume()
            self.assertEqual((worked, run.state, run.item_count), ([2, 2], "done", 4))
            self.assertEqual(run.started_at, started)
        self.assertSameFigures(run, self.bill())

    def test_a_resumed_test_takes_other_accounts_anew(self):
        run = self.make_run()
        run.is_test = True
        run._bss_trial_batch(0, [])
        run.state = "running"
        run._bss_trial_batch(0, (self.good | self.late).ids)
        self.assertEqual(len(run._bss_trial_parts()), 1)
        run.with_context(queue_job__no_delay=True)._bss_go_on_collecting()
        self.assertEqual((run.state, run.item_count), ("done", 4))

    def test_the_workbook_names_every_account(self):
        book = load_workbook(io.BytesIO(base64.b64decode(self.trial().trial_file)))
        heading, *rows = list(book.active.iter_rows(values_only=True))
        found = {row[1]: row for row in rows}
        self.assertEqual(len(rows), 4)
        self.assertEqual(heading[1], "Customer")
        self.assertEqual(found["=Good"][-1], 72.57)
        self.assertIn("archived", found["Bad"][4])
        self.assertEqual(found["Small"][3], "Carried over")

    def test_a_collected_run_is_not_tried_out(self):
        run = self.make_run().with_context(queue_job__no_delay=True)
        run._bss_collect()
        with self.assertRaisesRegex(UserError, "has collected its charges"):
            run.action_test()
        # collecting again: the charges are its own all the same
        run.with_context(queue_job__no_delay=False).action_collect()
        self.assertEqual(run.stage, "collect")
        with self.assertRaisesRegex(UserError, "has collected its charges"):
            run.action_test()

    def test_jobs(self):
        run = self.make_run()
        before = self.traces()
        with trap_jobs() as trap:
            action = run.action_test()
            trap.perform_enqueued_jobs()
        trial = self.env["bss.bill.run"].browse(action["res_id"])
        self.assertEqual((trial.state, trial.is_test, run.is_test), ("done", True, False))
        self.assertTrue(trial.name.startswith("TEST/"))
        self.assertEqual(trial.trial_report["issued"]["count"], "2")
        self.assertNoTrace(before, *JOBS)
        with self.assertRaises(UserError):
            trial.with_context(queue_job__no_delay=True)._bss_issue()
