from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..models import bss_rating_run_suspended
from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestRatingSuspended(RatingCommon):
    """Who cures a price need not look for the usage that waits for it: the next rating or bill run finds it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.bss_rate_on_load = True
        cls.other = cls.make_service(cls.service.contract_id, cls.fibre, msisdn="48501000003")

    def load_stuck(self):
        """A call without a plan and one without a zone, beside one that has its price."""
        file = self.load(
            self.call(60, src="501000003", start="2026-10-14 08:00:00"),
            self.call(60, dst="00995123456", start="2026-10-14 10:00:00"),
            self.call(60, start="2026-10-14 11:00:00"),
        )
        self.assertEqual(self.events(file).mapped("reason"), ["NO_RATE_PLAN", "NO_ZONE", False])
        return file

    def cure_zone(self):
        zone = self.make_zone("T-GE", "international", ["995"])
        version = self.new_version(self.plan)
        version.rate_ids = [Command.create({"zone_id": zone.id, "price_micro": 3_000_000, "chain": "60/60"})]
        version.action_activate()
        return zone

    def open_run(self):
        return self.env["bss.rating.run"].search(
            [("is_continuous", "=", True), ("company_id", "=", self.company.id), ("state", "=", "running")]
        )

    def writes_of(self, file):
        """Version of each stored row: another one after each write."""
        self.env.flush_all()
        self.env.cr.execute("SELECT ctid::text FROM bss_usage_event WHERE file_id = %s ORDER BY id", (file.id,))
        return self.env.cr.fetchall()

    # --- rating runs

    def test_a_service_gets_its_plan_after_the_load(self):
        file = self.load_stuck()
        self.open_run().action_refresh_counts()
        self.other.rate_plan_id = self.plan
        run = self.rate()
        self.assertEqual(self.events(file).mapped("state"), ["rated", "suspended", "rated"])
        self.assertEqual(self.amounts(file), [2900, 0, 2900])
        self.assertEqual(self.events(file)[0].rating_run_id, run)
        self.assertEqual((run.state, run.count_events, run.count_rated), ("done", 1, 1))
        self.assertEqual((self.open_run().count_suspended, self.open_run().count_events), (1, 2))
        (run | self.open_run()).action_make_charges()
        self.assertEqual(self.assertConserved(), 5800)

    def test_a_zone_is_added_after_the_load(self):
        file = self.load_stuck()
        run = self.make_rating()
        self.assertEqual((run.count_waiting, run.count_stuck), (0, 2))
        zone = self.cure_zone()
        run.action_rate()
        self.assertEqual(self.amounts(file), [0, 30_000, 2900])
        self.assertEqual(self.events(file)[1].zone_id, zone)
        self.assertEqual((run.state, run.count_stuck), ("done", 1))

    def test_the_same_run_rates_what_it_suspended(self):
        self.company.bss_rate_on_load = False
        file = self.load(self.call(60, dst="00995123456"))
        run = self.rate()
        self.assertEqual((run.state, run.count_suspended, run.count_stuck), ("done_errors", 1, 1))
        self.cure_zone()
        run.action_rate()
        self.assertEqual((run.state, run.count_suspended, run.count_rated), ("done", 0, 1))
        self.assertEqual(self.amounts(file), [30_000])

    def test_an_earlier_run_whose_last_suspended_event_is_rated_is_done(self):
        self.company.bss_rate_on_load = False
        self.load(self.call(60, dst="00995123456"), self.call(60))
        earlier = self.rate()
        self.assertEqual(earlier.state, "done_errors")
        self.cure_zone()
        later = self.rate()
        self.assertEqual((earlier.state, earlier.count_events, earlier.count_suspended), ("done", 1, 0))
        self.assertEqual((later.count_rated, later.amount_e4), (1, 30_000))

    def test_what_nobody_cured_is_read_only(self):
        file = self.load_stuck()
        before, reasons = self.writes_of(file), self.events(file).mapped("reason")
        run = self.rate()
        self.assertEqual(self.writes_of(file), before)
        self.assertEqual(self.events(file).mapped("reason"), reasons)
        self.assertEqual((run.state, run.count_events, run._bss_rate()), ("done", 0, 0))

    def test_another_reason_is_told(self):
        file = self.load_stuck()
        self.make_zone("T-GE", "international", ["995"])
        run = self.rate()
        self.assertEqual(self.events(file).mapped("reason"), ["NO_RATE_PLAN", "NO_RATE", False])
        self.assertEqual((run.state, run.count_suspended), ("done_errors", 1))
        before = self.writes_of(file)
        run._bss_rate()
        self.assertEqual(self.writes_of(file), before)

    def test_free_units_of_the_month_serve_it(self):
        self.give_minutes(1)
        file = self.load(self.call(60, dst="00995123456", start="2026-09-14 10:00:00"))
        self.rate()
        self.assertEqual(self.events(file).reason, "NO_ZONE")
        self.cure_zone()
        # the version that prices the zone is of September, too
        self.plan.search([("code", "=", self.plan.code)], order="id desc", limit=1).date_start = date(2026, 9, 1)
        self.plan.date_end = date(2026, 8, 31)
        self.rate()
        self.assertEqual((self.events(file).state, self.events(file).free_units), ("free", 60))

    def test_events_past_the_last_tier_are_not_rated_each_time(self):
        version = self.new_version(self.plan)
        rate = version.rate_ids.filtered(lambda one: one.zone_id == self.fixed)
        tier = {"quantity_from": 0, "quantity_to": 0, "price_micro": 290_000}
        rate.write({"tier_model": "graduated", "tier_ids": [Command.create(tier)]})
        version.action_activate()
        # an active plan from before such ends were refused
        self.env.flush_all()
        self.env.cr.execute("UPDATE bss_rate_tier SET quantity_to = 1 WHERE rate_id = %s", (rate.id,))
        self.env.invalidate_all()
        file = self.load(self.call(60), self.call(60, start="2026-10-15 12:00:00"))
        self.rate()
        self.assertEqual(self.events(file).mapped("reason"), [False, "TIER_END"])
        before = self.writes_of(file)
        self.rate()
        self.assertEqual(self.writes_of(file), before)

    def test_days_after_the_period_wait(self):
        file = self.load(self.call(60, dst="00995123456", start="2026-11-01 00:00:00"))
        self.cure_zone()
        self.assertEqual(self.rate().count_events, 0)
        self.assertEqual(self.events(file).state, "suspended")

    def test_chunks_change_nothing(self):
        file = self.load_stuck()
        self.other.rate_plan_id = self.plan
        self.cure_zone()
        with patch.object(bss_rating_run_suspended, "CHUNK_EVENTS", 1):
            self.rate()
        self.assertEqual(self.amounts(file), [2900, 30_000, 2900])

    def test_the_billing_manager_presses_the_button(self):
        file = self.load_stuck()
        self.cure_zone()
        manager = new_test_user(self.env, "rater", groups="bss_catalog.group_bss_billing_manager")
        run = self.make_rating().with_user(manager)
        with Form(run) as form:
            self.assertEqual(form.count_stuck, 2)
        run.action_rate()
        self.assertEqual(self.amounts(file), [0, 30_000, 2900])

    # --- bill runs

    def collected(self, **vals):
        period = {"date_start": date(2026, 11, 1), "date_end": date(2026, 11, 30), "date_invoice": date(2026, 11, 1)}
        run = self.env["bss.bill.run"].create({"cycle_id": self.cycle.id, **period, **vals})
        run.with_context(queue_job__no_delay=True)._bss_collect()
        return run

    def usage_of(self, run):
        charges = self.env["bss.charge"].search([("bill_run_id", "=", run.id), ("kind", "=", "usage")])
        return sorted(charges.mapped("amount_e4"))

    def test_a_bill_run_bills_what_was_cured(self):
        self.load_stuck()
        self.other.rate_plan_id = self.plan
        run = self.collected()
        self.assertEqual((self.usage_of(run), run.count_unrated), ([2900, 2900], 1))
        self.cure_zone()
        run.with_context(queue_job__no_delay=True)._bss_collect()
        self.assertEqual((self.usage_of(run), run.count_unrated), ([2900, 2900, 30_000], 0))
        self.assertConserved()

    def test_a_bill_run_makes_no_rating_run_for_what_nobody_cured(self):
        self.load_stuck()
        run = self.collected()
        self.assertEqual((run.count_unrated, run.rating_run_id.id), (2, False))

    def test_a_bill_of_one_account_leaves_others_alone(self):
        customer = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009")
        customer.service_ids.rate_plan_id = self.plan
        file = self.load(self.call(60, dst="00995123456"), self.call(60, dst="00995123456", src="501000009"))
        self.cure_zone()
        run = self.account._bss_single_run("immediate", OCTOBER[1])
        self.assertEqual(self.usage_of(run), [30_000])
        self.assertEqual(self.events(file).mapped("state"), ["rated", "suspended"])

    def test_a_test_run_rates_nothing(self):
        file = self.load_stuck()
        self.cure_zone()
        self.collected(is_test=True)
        self.assertEqual(self.events(file)[1].state, "suspended")
