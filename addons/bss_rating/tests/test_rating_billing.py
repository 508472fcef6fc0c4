from datetime import date
from unittest.mock import patch

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .. import store
from ..models import bss_bill_run
from .common import RatingCommon

NOVEMBER = {"date_start": date(2026, 11, 1), "date_end": date(2026, 11, 30), "date_invoice": date(2026, 11, 1)}
DECEMBER = {"date_start": date(2026, 12, 1), "date_end": date(2026, 12, 31), "date_invoice": date(2026, 12, 1)}


@tagged("post_install", "-at_install")
class TestRatingBilling(RatingCommon):
    """A bill run of November in advance bills the usage of October."""

    def run_of(self, period=NOVEMBER, **vals):
        return self.env["bss.bill.run"].create({"cycle_id": self.cycle.id, **period, **vals})

    def collected(self, period=NOVEMBER, **vals):
        run = self.run_of(period, **vals)
        run.with_context(queue_job__no_delay=True)._bss_collect()
        return run

    def usage_of(self, run):
        charges = self.env["bss.charge"].search([("bill_run_id", "=", run.id), ("kind", "=", "usage")], order="id")
        return [(charge.date_start, charge.amount_e4, charge.state) for charge in charges]

    def test_usage_is_rated_charged_and_billed_month_by_month(self):
        file = self.load(self.call(61), self.call(61, start="2026-11-02 08:00:00"))
        run = self.collected()
        self.assertEqual(self.usage_of(run), [(date(2026, 10, 1), 2948, "pending")])
        self.assertEqual((run.usage_charge_count, run.amount_usage, run.count_unrated), (1, 0.29, 0))
        self.assertEqual(self.events(file).mapped("state"), ["rated", "guided"])
        self.assertEqual(self.events(file)[0].rating_run_id, run.rating_run_id)
        run.with_context(queue_job__no_delay=True)._bss_issue()
        self.assertEqual(self.usage_of(run), [(date(2026, 10, 1), 2948, "billed")])
        following = self.collected(DECEMBER)
        self.assertEqual(self.usage_of(following), [(date(2026, 11, 1), 2948, "pending")])
        self.assertConserved()
        with Form(following) as form:
            self.assertTrue(form)

    def test_rated_usage_of_days_not_billed_waits(self):
        self.load(self.call(61), self.call(61, start="2026-11-02 08:00:00"))
        rating = self.rate((date(2026, 10, 1), date(2026, 11, 30)))
        rating.by_month = True
        run = self.collected()
        self.assertEqual(self.usage_of(run), [(date(2026, 10, 1), 2948, "pending")])
        self.assertEqual((rating.count_uncharged, rating.amount_uncharged), (1, 0.2948))
        self.assertFalse(run.rating_run_id, "nothing waited")

    def test_collecting_again_adds_only_what_is_new(self):
        self.load(self.call(61))
        run = self.collected()
        late = self.load(self.call(121, start="2026-10-31 23:59:00"))
        for _time in range(2):
            run.with_context(queue_job__no_delay=True)._bss_collect()
            self.assertEqual([row[1] for row in self.usage_of(run)], [2948, 5848])
        self.assertEqual(self.events(late).rating_run_id, run.rating_run_id)

    def test_what_a_person_took_out_of_billing_stays_out(self):
        self.load(self.call(61))
        run = self.collected()
        charge = self.env["bss.charge"].search([("bill_run_id", "=", run.id), ("kind", "=", "usage")])
        charge.action_cancel()
        run.with_context(queue_job__no_delay=True)._bss_collect()
        self.assertFalse(self.usage_of(run))
        self.assertEqual(charge.state, "cancelled")

    def test_switched_off_somebody_makes_the_charges(self):
        self.company.bss_bill_gathers_usage = False
        file = self.load(self.call(61))
        run = self.collected()
        self.assertFalse(self.usage_of(run) or run.usage_gathered_at)
        self.assertEqual(self.events(file).state, "guided")

    def test_usage_without_a_price_is_told(self):
        self.load(self.call(61), self.call(60, dst="00995123456"))
        run = self.collected()
        self.assertEqual((run.count_unrated, run.refuses_unrated), (1, False))
        self.assertEqual(self.env["bss.usage.event"].search(run.action_view_unrated()["domain"]).reason, "NO_ZONE")
        run.with_context(queue_job__no_delay=True)._bss_issue()
        self.assertTrue(run.issued_count)

    def test_usage_without_a_price_can_stop_the_invoices(self):
        self.company.bss_bill_unrated_usage = "refuse"
        self.load(self.call(61), self.call(60, dst="00995123456"))
        run = self.collected()
        self.assertTrue(run.refuses_unrated)
        with self.assertRaises(UserError):
            run.with_context(queue_job__no_delay=True)._bss_issue()
        run.action_bill_without_unrated()
        self.assertEqual(run.unrated_accepted_by_id, self.env.user)
        run.with_context(queue_job__no_delay=True)._bss_issue()
        self.assertTrue(run.issued_count)

    def test_rated_in_the_meantime_nothing_stops_the_invoices(self):
        self.company.bss_bill_unrated_usage = "refuse"
        self.load(self.call(61), self.call(60, dst="701123456"))
        run = self.collected()
        version = self.new_version(self.plan)
        version.rate_ids = [(0, 0, {"zone_id": self.premium.id, "price_micro": 5_000_000, "chain": "60/60"})]
        version.action_activate()
        self.env["bss.usage.event"].search(run.action_view_unrated()["domain"]).action_rate_again()
        run.with_context(queue_job__no_delay=True)._bss_issue()
        self.assertEqual(run.count_unrated, 0)

    def test_an_immediate_bill_takes_the_usage_of_its_account_to_its_day(self):
        other = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009")
        other.service_ids.rate_plan_id = self.plan
        file = self.load(
            self.call(61, start="2026-11-02 08:00:00"),
            self.call(61, start="2026-11-10 08:00:00"),
            self.call(61, start="2026-11-02 08:00:00", src="501000009"),
        )
        run = self.account._bss_single_run("immediate", date(2026, 11, 5))
        self.assertEqual(self.usage_of(run), [(date(2026, 11, 1), 2948, "pending")])
        self.assertEqual(self.events(file).mapped("state").count("guided"), 2)
        run.with_context(queue_job__no_delay=True)._bss_issue()
        following = self.collected(DECEMBER)
        self.assertEqual([row[1] for row in self.usage_of(following)], [2948, 2948])
        self.assertConserved()

    def test_usage_without_a_price_is_that_of_the_billed_accounts(self):
        cycle = self.cycle.copy({"name": "15th", "day": 15})
        other = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009", bill_cycle_id=cycle.id)
        other.bill_cycle_id = cycle
        other.service_ids.rate_plan_id = self.plan
        file = self.load(self.call(61, dst="00999123456"), self.call(61, src="501000009", dst="00999123456"))
        self.rate()
        own = self.events(file).filtered(lambda event: event.account_id == self.account)
        for few in (0, 100):
            with self.subTest(few), patch.object(bss_bill_run, "FEW_ACCOUNTS", few):
                run = self.collected()
                self.assertEqual(run.count_unrated, 1)
                self.assertEqual(self.env["bss.usage.event"].search(run.action_view_unrated()["domain"]), own)
                run.action_cancel()

    def test_another_cycle_is_left_alone(self):
        cycle = self.cycle.copy({"name": "15th", "day": 15})
        other = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009", bill_cycle_id=cycle.id)
        other.bill_cycle_id = cycle
        other.service_ids.rate_plan_id = self.plan
        self.load(self.call(61), self.call(61, src="501000009"))
        self.rate()
        with patch.object(bss_bill_run, "FEW_ACCOUNTS", 0):
            run = self.collected()
        self.assertEqual(self.env["bss.charge"].search([("kind", "=", "usage")]).account_id, self.account)
        self.assertEqual(len(self.usage_of(run)), 1)

    def test_much_usage_goes_to_a_job(self):
        file = self.load(self.call(61))
        run = self.run_of()
        with patch.object(bss_bill_run, "RATE_AT_ONCE_EVENTS", 0), trap_jobs() as trap:
            run.action_collect()
            trap.assert_jobs_count(1, only=run._bss_gather_in_job)
            self.assertFalse(run.item_ids)
        self.assertEqual(self.events(file).state, "guided")
        run.with_context(queue_job__no_delay=True)._bss_gather_in_job()
        self.assertEqual((run.stage, self.usage_of(run)), ("preview", [(date(2026, 10, 1), 2948, "pending")]))
        with (
            patch.object(store, "try_lock", lambda *_args: False),
            self.assertRaises(RetryableJobError, msg="usage is being rated"),
        ):
            run._bss_gather_in_job()
        run._bss_gather_in_job()
        self.assertEqual(len(self.usage_of(run)), 1, "the job of a run that goes on already does nothing")

    def test_a_test_run_counts_usage_and_leaves_nothing(self):
        self.load(self.call(61))
        self.rate()
        before = self.env["bss.charge"].search_count([])
        plain = self.collected(is_test=True)
        self.company.bss_bill_gathers_usage = False
        without = self.collected(is_test=True)
        self.assertAlmostEqual(plain.amount_charges - without.amount_charges, 0.29, 2)
        self.assertEqual(self.env["bss.charge"].search_count([]), before)
