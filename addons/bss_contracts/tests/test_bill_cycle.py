from datetime import date

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestBillCycle(ContractsCommon):
    def test_due_rules_reach_the_invoice(self):
        account = self.make_subscriber(charged_through=date(2026, 10, 31))
        self.cycle.write({"due_rule": "working_days", "due_days": 3})
        # Friday 6 November; 11 November is a holiday
        self.bill(date_invoice=date(2026, 11, 6))
        self.assertEqual(account.invoice_ids.invoice_date_due, date(2026, 11, 12))
        self.cycle.write({"due_rule": "day_of_month", "due_days": 20})
        run = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31), date_invoice=date(2026, 12, 21))
        self.assertEqual(run.item_ids.move_id.invoice_date_due, date(2027, 1, 20))

    @mute_logger("odoo.sql_db")
    def test_a_day_that_no_month_has_is_refused(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cycle.write({"due_rule": "day_of_month", "due_days": 32})
            self.cycle.flush_recordset()

    @freeze_time("2026-12-31 23:30:00")
    def test_number_of_a_run_takes_the_year_of_poland(self):
        run = self.make_run()
        self.assertIn("/2027/", run.name)

    def test_parts_of_a_cycle_do_not_count_as_billed(self):
        partial = self.make_run(date(2026, 11, 1), date(2026, 11, 30))
        partial.for_company = True
        self.assertFalse(partial.is_whole_cycle)
        self.assertFalse(self.cycle.last_run_end)
        self.make_run(date(2026, 10, 1), date(2026, 10, 31))
        self.assertEqual(self.cycle.last_run_end, date(2026, 10, 31))

    # -- minimum amount -----------------------------------------------------------------------------

    def small(self, **vals):
        small = self.make_offering("T-SMALL", 4.0)
        return self.make_subscriber(products=[small], charged_through=date(2026, 10, 31), **vals)

    def month(self, month, **vals):
        last = {11: 30, 12: 31, 1: 31, 2: 28}[month]
        year = 2026 if month > 6 else 2027
        return self.bill(date_start=date(year, month, 1), date_end=date(year, month, last), **vals)

    def test_small_amounts_are_carried_over_for_so_many_bills(self):
        account = self.small()
        self.cycle.write({"minimum_amount": 10.0, "carry_months": 2})
        november = self.month(11)
        item = november.item_ids
        self.assertEqual((item.state, item.amount_charges, november.carried_count), ("carried", 4.0, 1))
        self.assertIn("10", item.error)
        self.assertEqual((november.state, account.charge_ids.state), ("done", "pending"))
        self.assertFalse(account.invoice_ids)
        december = self.month(12)
        self.assertEqual((december.item_ids.state, december.item_ids.amount_charges), ("carried", 8.0))
        # what December took over is no error in the figures of November
        for run in (november, december):
            self.assertEqual([check for check in run._bss_report()["checks"] if not check[3]], [])
        january = self.month(1)
        self.assertEqual((january.item_ids.state, january.amount_untaxed), ("issued", 12.0))
        self.assertEqual(set(account.charge_ids.mapped("state")), {"billed"})
        # what an invoice has settled begins anew
        february = self.month(2)
        self.assertEqual(february.item_ids.state, "carried")

    def test_no_more_bills_than_allowed(self):
        self.small()
        self.cycle.write({"minimum_amount": 100.0, "carry_months": 1})
        self.assertEqual(self.month(11).item_ids.state, "carried")
        self.assertEqual(self.month(12).item_ids.state, "issued")

    def test_collecting_again_does_not_count_itself(self):
        self.small()
        self.cycle.write({"minimum_amount": 10.0, "carry_months": 1})
        run = self.month(11)
        run._bss_collect()
        self.assertEqual(run.item_ids.state, "carried")

    def test_the_minimum_itself_is_invoiced(self):
        self.small()
        self.cycle.minimum_amount = 4.0
        self.assertEqual(self.month(11).item_ids.state, "issued")

    def test_an_ended_account_is_not_carried(self):
        account = self.small()
        account.service_ids._bss_end(date(2026, 11, 10), "moved away")
        self.cycle.minimum_amount = 10.0
        self.assertEqual(self.month(11).item_ids.state, "issued")

    def test_a_reduced_invoice_is_not_carried(self):
        net = self.make_offering("T-NET", 59.0)
        account = self.make_subscriber(products=[net, self.fibre], charged_through=date(2026, 10, 31))
        self.month(11)
        account.service_ids[0]._bss_end(date(2026, 11, 15), "moved away")
        self.cycle.minimum_amount = 1000.0
        run = self.month(12)
        self.assertEqual((run.item_ids.state, run.refund_count), ("issued", 1))

    # -- accounts moved between cycles ---------------------------------------------------------------

    def fifteenth(self, **vals):
        return self.env["bss.bill.cycle"].create(
            {"name": "15th", "day": 15, "journal_id": self.billing_journal.id, **vals}
        )

    def lines(self, account):
        charges = account.charge_ids.filtered(lambda one: one.state != "cancelled").sorted("date_start")
        return [(one.date_start, one.date_end, one.amount) for one in charges]

    def assertEveryDayOnce(self, account, first, last):
        """Days of the recurring charges follow each other without a hole or an overlap."""
        rows = account.charge_ids.filtered(lambda one: one.kind == "recurring").sorted("date_start")
        day = first.toordinal()
        for row in rows:
            self.assertEqual(row.date_start.toordinal(), day)
            day = row.date_end.toordinal() + 1
        self.assertEqual(day, last.toordinal() + 1)

    def test_moved_from_the_1st_to_the_15th(self):
        account = self.make_subscriber(date_start=date(2026, 11, 1))
        self.month(11)
        account.bill_cycle_id = self.fifteenth()
        self.bill(cycle=account.bill_cycle_id, date_start=date(2026, 12, 15), date_end=date(2027, 1, 14))
        self.assertEqual(
            self.lines(account),
            [
                (date(2026, 11, 1), date(2026, 11, 30), 59.0),
                # 14 of the 30 days of 15 November to 14 December
                (date(2026, 12, 1), date(2026, 12, 14), 27.53),
                (date(2026, 12, 15), date(2027, 1, 14), 59.0),
            ],
        )
        self.assertEveryDayOnce(account, date(2026, 11, 1), date(2027, 1, 14))

    def test_moved_from_the_15th_to_the_1st(self):
        fifteenth = self.fifteenth()
        account = self.make_subscriber(date_start=date(2026, 11, 15), bill_cycle_id=fifteenth.id)
        self.bill(cycle=fifteenth, date_start=date(2026, 11, 15), date_end=date(2026, 12, 14))
        account.bill_cycle_id = self.cycle
        self.month(12)
        self.month(1)
        self.assertEqual(
            self.lines(account),
            [
                (date(2026, 11, 15), date(2026, 12, 14), 59.0),
                # 17 of the 31 days of December
                (date(2026, 12, 15), date(2026, 12, 31), 32.35),
                (date(2027, 1, 1), date(2027, 1, 31), 59.0),
            ],
        )

    def test_moved_in_arrears(self):
        arrears = self.make_offering("T-ARR2", 31.0, bss_charge_timing="arrears")
        fifteenth = self.fifteenth()
        account = self.make_subscriber(products=[arrears], date_start=date(2026, 10, 1))
        self.month(11)
        self.assertEqual(account.service_ids.charged_through, date(2026, 10, 31))
        account.bill_cycle_id = fifteenth
        self.bill(cycle=fifteenth, date_start=date(2026, 11, 15), date_end=date(2026, 12, 14))
        self.bill(cycle=fifteenth, date_start=date(2026, 12, 15), date_end=date(2027, 1, 14))
        account.bill_cycle_id = self.cycle
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(
            self.lines(account),
            [
                (date(2026, 10, 1), date(2026, 10, 31), 31.0),
                (date(2026, 11, 1), date(2026, 11, 14), 14.0),  # of the 31 days from 15 October
                (date(2026, 11, 15), date(2026, 12, 14), 31.0),
                (date(2026, 12, 15), date(2026, 12, 31), 17.0),  # of the 31 days of December
            ],
        )
        self.assertEveryDayOnce(account, date(2026, 10, 1), date(2026, 12, 31))

    def test_moved_from_months_to_quarters_and_back(self):
        quarters = self.env["bss.bill.cycle"].create(
            {"name": "Quarters", "day": 1, "period_months": 3, "journal_id": self.billing_journal.id}
        )
        account = self.make_subscriber(date_start=date(2026, 11, 1))
        self.month(11)
        account.bill_cycle_id = quarters
        # the quarter from October: only December is left of it
        first = self.bill(cycle=quarters, date_start=date(2026, 10, 1), date_end=date(2026, 12, 31))
        self.assertEqual(first.amount_untaxed, 59.0)
        second = self.bill(cycle=quarters, date_start=date(2027, 1, 1), date_end=date(2027, 3, 31))
        self.assertEqual(second.amount_untaxed, 177.0)
        account.bill_cycle_id = self.cycle
        self.assertEqual(self.bill(date_start=date(2027, 3, 1), date_end=date(2027, 3, 31)).issued_count, 0)
        self.bill(date_start=date(2027, 4, 1), date_end=date(2027, 4, 30))
        self.assertEveryDayOnce(account, date(2026, 11, 1), date(2027, 4, 30))

    def test_a_move_is_no_reason_to_correct_what_was_charged(self):
        account = self.make_subscriber(date_start=date(2026, 11, 1))
        self.month(11)
        account.bill_cycle_id = self.fifteenth()
        account.service_ids._bss_recalculate()
        self.assertEqual(self.lines(account), [(date(2026, 11, 1), date(2026, 11, 30), 59.0)])
        self.bill(cycle=account.bill_cycle_id, date_start=date(2026, 12, 15), date_end=date(2027, 1, 14))
        account.service_ids._bss_recalculate()
        self.assertFalse(account.charge_ids.filtered(lambda one: one.kind == "correction"))

    def test_another_day_of_the_cycle_itself(self):
        account = self.make_subscriber(date_start=date(2026, 11, 1))
        self.month(11)
        self.cycle.day = 15
        account.service_ids._bss_recalculate()
        self.bill(date_start=date(2026, 12, 15), date_end=date(2027, 1, 14))
        self.assertEqual([one[2] for one in self.lines(account)], [59.0, 27.53, 59.0])

    def test_a_whole_price_is_settled_by_days_where_a_move_cuts_it(self):
        whole = self.make_offering("T-WHOLE", 30.0, bss_proration="none")
        account = self.make_subscriber(products=[whole], date_start=date(2026, 11, 1))
        self.month(11)
        account.bill_cycle_id = self.fifteenth()
        self.bill(cycle=account.bill_cycle_id, date_start=date(2026, 12, 15), date_end=date(2027, 1, 14))
        account.service_ids._bss_recalculate()
        # 14 of the 30 days of 15 November to 14 December
        self.assertEqual([one[2] for one in self.lines(account)], [30.0, 14.0, 30.0])

    def test_an_end_after_a_move_gives_back_what_was_not_lived(self):
        account = self.make_subscriber(date_start=date(2026, 11, 1))
        self.month(11)
        account.bill_cycle_id = self.fifteenth()
        account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        corrections = account.charge_ids.filtered(lambda one: one.kind == "correction")
        # half of November was charged in a period of the calendar month
        self.assertAlmostEqual(sum(corrections.mapped("amount")), -29.5, 2)
        self.assertEqual(corrections.origin_charge_id, account.charge_ids - corrections)
