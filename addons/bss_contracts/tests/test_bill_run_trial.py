import base64
import io
from datetime import date

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import tagged
from openpyxl import load_workbook

from .common import ContractsCommon


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
        """Whatever a run changes."""
        self.env.flush_all()
        counts = []
        for table in ("bss_charge", "account_move", "account_move_line", "bss_bill_run_item", "bss_document"):
            self.env.cr.execute(f'SELECT COUNT(*) FROM "{table}"')
            counts.append((table, self.env.cr.fetchone()[0]))
        self.env.cr.execute("SELECT id, charged_through, is_recalculation_due FROM bss_service ORDER BY id")
        return counts, self.env.cr.fetchall()

    def trial(self):
        run = self.make_run()
        run.is_test = True
        run.with_context(queue_job__no_delay=True)._bss_collect()
        return run

    def test_figures_are_those_of_the_real_run(self):
        trial = self.trial()
        self.assertEqual((trial.state, trial.stage), ("done", "finished"))
        real = self.bill()
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "=", real.id)], ["state"], ["__count", "amount_charges:sum", "amount_total:sum"]
        )
        expected = {state: (count, f"{charges:.2f}", f"{gross:.2f}") for state, count, charges, gross in rows}
        found = {
            state: (int(one["count"]), one["amount_charges"], one["amount_total"])
            for state, one in trial.trial_report.items()
        }
        self.assertEqual(found, expected)
        self.assertEqual(set(found), {"issued", "carried", "error"})
        shown = str(trial.trial_html).replace(",", ".")
        for text in ("Carried over", "Together", "108.86"):
            self.assertIn(text, shown)

    def test_no_trace(self):
        before = self.traces()
        trial = self.trial()
        self.assertEqual(self.traces(), before)
        self.assertFalse(trial.item_ids or trial.charge_ids)
        self.assertFalse(self.cycle.last_run_end)
        self.assertFalse(trial._bss_trial_parts())
        first = self.bill().item_ids.move_id.sorted("name")[:1]
        self.assertTrue(first.name.endswith("00001"), first.name)

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
        self.assertEqual(self.traces(), before)
        with self.assertRaises(UserError):
            trial.with_context(queue_job__no_delay=True)._bss_issue()
