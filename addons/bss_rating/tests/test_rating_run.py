from contextlib import suppress
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .. import event_store
from ..models import bss_rating_run
from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestRatingRun(RatingCommon):
    def test_number_is_of_the_polish_year(self):
        with freeze_time("2026-12-31 23:30:00"):
            run = self.make_rating()
        self.assertTrue(run.name.startswith("RT/2027/"), run.name)

    def test_events_get_zone_increments_and_amount(self):
        file = self.load(
            self.call(61),
            self.call(61, dst="501234567", start="2026-10-14 12:10:00"),
            self.call(600, dst="112", start="2026-10-14 12:20:00"),
            self.call(0, start="2026-10-14 12:30:00"),
        )
        run = self.rate()
        fixed, cellular, emergency, empty = self.events(file)
        self.assertEqual(self.amounts(file), [2948, 5800, 0, 0])
        self.assertEqual((fixed.zone_id, fixed.prefix, fixed.billed_units), (self.fixed, "4822", 61))
        self.assertEqual((cellular.zone_id, cellular.billed_units), (self.cellular, 120))
        self.assertEqual((fixed.plan_id, fixed.rate_id.zone_id, fixed.rating_run_id), (self.plan, self.fixed, run))
        self.assertEqual([fixed.state, emergency.state, empty.state], ["rated", "free", "free"])
        self.assertEqual(fixed.amount, 0.2948)
        self.assertEqual((run.state, run.count_events, run.count_rated, run.count_free), ("done", 4, 2, 2))
        self.assertEqual((run.amount_e4, run.amount), (8748, 0.8748))

    def test_free_minutes_go_first_in_the_order_of_time(self):
        self.give_minutes(2)
        file = self.load(self.call(60, start="2026-10-14 15:00:00"), self.call(90, start="2026-10-14 14:00:00"))
        self.rate()
        early, late = self.events(file)
        self.assertEqual((early.free_units, early.amount_e4, early.state), (90, 0, "free"))
        self.assertEqual((late.free_units, late.amount_e4, late.state), (0, 2900, "rated"))
        allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.assertEqual((allowance.quantity, allowance.used, allowance.used_percent), (120, 90, 75))
        self.assertEqual((allowance.date_start, allowance.date_end), OCTOBER)

    def test_allowance_of_zones_and_priorities(self):
        self.give_minutes(1, [self.cellular], "Mobile", 1)
        self.give_minutes(1, name="All", priority=2)
        file = self.load(self.call(120, dst="501234567"), self.call(60, start="2026-10-14 13:00:00"))
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [120, 0])

    def test_each_month_has_its_own_allowance(self):
        self.give_minutes(1)
        file = self.load(
            self.call(60, start="2026-09-30 23:59:59"),
            self.call(60, start="2026-10-01 00:00:00"),
            self.call(60, start="2026-10-31 23:59:59"),
        )
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [60, 60, 0])

    def test_a_repeat_rates_only_what_is_new(self):
        first = self.load(self.call(61))
        run = self.rate()
        run._bss_make_charges()
        before = self.amounts(first)
        self.assertEqual(run._bss_rate(), 0)
        self.assertEqual(run._bss_make_charges(), 0)
        second = self.load(self.call(120, start="2026-10-15 08:00:00"))
        self.assertEqual(run._bss_rate(), 1)
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(self.amounts(first), before)
        self.assertEqual(self.amounts(second), [5800])
        self.assertEqual((run.count_events, run.charge_count), (2, 2))
        self.assertEqual(self.assertConserved(), 8748)

    def test_events_after_the_period_wait_and_late_ones_keep_their_month(self):
        file = self.load(
            self.call(60, start="2026-09-12 10:00:00"),
            self.call(60, start="2026-10-31 23:59:59"),
            self.call(60, start="2026-11-01 00:00:00"),
        )
        run = self.rate()
        self.assertEqual(self.events(file).mapped("state"), ["rated", "rated", "guided"])
        run._bss_make_charges()
        charges = self.env["bss.charge"].search([("source_ref", "=", run.name)], order="date_start")
        self.assertEqual(
            [(charge.date_start, charge.date_end) for charge in charges],
            [(date(2026, 9, 1), date(2026, 9, 30)), OCTOBER],
        )

    def test_charges_per_service_zone_and_kind(self):
        other = self.make_service(
            self.service.contract_id, self.mobile, msisdn="48501000002", rate_plan_id=self.plan.id
        )
        self.load(
            self.call(61),
            self.call(61, start="2026-10-15 12:00:00"),
            self.call(30, dst="501234567"),
            self.call(90, dst="112"),
            self.call(61, src="501000002"),
        )
        run = self.rate()
        self.assertEqual(run._bss_make_charges(), 3)
        charges = self.env["bss.charge"].search([("source_ref", "=", run.name)])
        found = {(charge.service_id, charge.zone_id): charge for charge in charges}
        charge = found[self.service, self.fixed]
        self.assertEqual(
            (charge.amount_e4, charge.amount, charge.usage_count, charge.usage_seconds), (5896, 0.59, 2, 122)
        )
        self.assertEqual((charge.kind, charge.state, charge.product_id), ("usage", "pending", self.usage_product))
        self.assertEqual((charge.account_id, charge.contract_id), (self.account, self.service.contract_id))
        self.assertEqual((charge.quantity, charge.price_unit), (1, 0.59))
        self.assertEqual(charge.identity_key, f"usage:{self.service.id}:{self.fixed.id}:voice:2026-10-01:{run.id}")
        self.assertIn("Zone T-FIX (2, 00:02:02)", charge.name)
        self.assertIn((other, self.fixed), found)
        self.assertEqual(run.count_uncharged, 0)
        self.assertEqual(self.assertConserved(), 5896 + 2900 + 2948)
        events = self.env["bss.usage.event"].search([("charge_id", "=", charge.id)])
        self.assertEqual(sum(events.mapped("amount_e4")), charge.amount_e4)

    def test_small_amounts_are_rounded_on_the_charge_only(self):
        version = self.new_version(self.plan)
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).write(
            {"price_micro": 6_000, "increment_first_s": 30, "increment_next_s": 6}
        )
        version.action_activate()
        self.load(*(self.call(30, start=f"2026-10-14 12:{minute:02}:00") for minute in range(5)))
        run = self.rate()
        run._bss_make_charges()
        charge = self.env["bss.charge"].search([("source_ref", "=", run.name)])
        self.assertEqual((charge.amount_e4, charge.amount), (150, 0.02), "five times 0.0030 is 0.015, half up 0.02")

    def test_suspended_events_are_listed_and_rated_again(self):
        other = self.make_service(self.service.contract_id, self.fibre, msisdn="48501000003")
        self.assertFalse(other.rate_plan_id)
        file = self.load(
            self.call(60, src="501000003", start="2026-10-14 08:00:00"),
            self.call(60, dst="701123456", start="2026-10-14 09:00:00"),
            self.call(60, dst="00995123456", start="2026-10-14 10:00:00"),
            self.call(60, start="2026-10-14 11:00:00"),
        )
        run = self.rate()
        events = self.events(file)
        self.assertEqual(events.mapped("reason"), ["NO_RATE_PLAN", "NO_RATE", "NO_ZONE", False])
        self.assertEqual((run.state, run.count_suspended, run.count_rated), ("done_errors", 3, 1))
        other.rate_plan_id = self.plan
        version = self.new_version(self.plan)
        self.env["bss.rate"].create(
            {"plan_id": version.id, "zone_id": self.premium.id, "price_micro": 5_000_000, "increment_first_s": 60}
        )
        version.action_activate()
        action = events.filtered(lambda event: event.state == "suspended").action_rate_again()
        again = self.env["bss.rating.run"].browse(action["res_id"])
        self.assertEqual((again.count_rated, again.count_suspended), (2, 1))
        self.assertEqual(self.amounts(file), [2900, 50000, 0, 2900])
        self.assertEqual((run.count_events, run.count_suspended), (1, 0))
        with self.assertRaises(UserError):
            events[-1].action_rate_again()
        (run | again).action_make_charges()
        self.assertEqual(self.assertConserved(), 55800)

    def test_rating_again_leaves_other_waiting_events_alone(self):
        file = self.load(self.call(60, dst="00995123456"))
        self.rate()
        waiting = self.load(self.call(60))
        self.events(file).action_rate_again()
        self.assertEqual(self.events(waiting).state, "guided")

    def test_version_of_the_plan_on_the_day_of_the_event(self):
        self.plan.date_end = date(2026, 10, 14)
        version = self.make_rate_plan(self.rates(fixed=600_000), code="T-STD", date_start=date(2026, 10, 15))
        file = self.load(
            self.call(60, start="2026-10-14 23:59:59"),
            self.call(60, start="2026-10-15 00:00:00"),
        )
        self.rate()
        self.assertEqual(self.amounts(file), [2900, 6000])
        self.assertEqual(self.events(file)[1].plan_id, version)
        early = self.load(self.call(60, start="2026-10-16 00:00:00"))
        version.date_start = date(2026, 10, 17)
        self.rate()
        self.assertEqual(self.events(early).reason, "NO_RATE_PLAN")

    def test_a_changed_plan_prices_later_days_only(self):
        other = self.make_rate_plan(self.rates(fixed=600_000), code="T-OTHER")
        third = self.make_rate_plan(self.rates(fixed=900_000), code="T-THIRD")
        with freeze_time("2026-11-10 12:00:00"):
            self.service.rate_plan_id = other
        with freeze_time("2026-11-21 12:00:00"):
            self.service.rate_plan_id = self.plan
            self.service.rate_plan_id = third
        file = self.load(
            *(
                self.call(60, start=f"2026-{day} 00:00:00")
                for day in ("10-14", "11-09", "11-10", "11-20", "11-21", "11-22")
            )
        )
        self.rate((date(2026, 11, 1), date(2026, 11, 30)))
        self.assertEqual(self.amounts(file), [2900, 2900, 6000, 6000, 9000, 9000])
        self.assertEqual(self.service.earlier_plan_ids.mapped("plan_id"), other | self.plan)

    def test_a_changed_offering_changes_the_plan_from_that_day(self):
        other = self.make_rate_plan(self.rates(fixed=600_000), code="T-OTHER")
        offering = self.make_offering("T-MOB2", 30.0, service="mobile", bss_rate_plan_id=other.id)
        with freeze_time("2026-11-10 12:00:00"):
            self.service.product_id = offering
        self.assertEqual(self.service.rate_plan_id, other)
        file = self.load(self.call(60), self.call(60, start="2026-11-10 00:00:00"))
        self.rate((date(2026, 11, 1), date(2026, 11, 30)))
        self.assertEqual(self.amounts(file), [2900, 6000])

    def test_the_day_of_a_change_is_corrected(self):
        other = self.make_rate_plan(self.rates(fixed=600_000), code="T-OTHER")
        with freeze_time("2026-11-21 12:00:00"):
            self.service.rate_plan_id = other
            self.service.earlier_plan_ids.date_end = date(2026, 10, 13)
            with self.assertRaises(ValidationError):
                self.service.earlier_plan_ids.date_end = date(2026, 11, 21)
        file = self.load(self.call(60))
        self.rate()
        self.assertEqual(self.amounts(file), [6000])

    def test_a_plan_that_is_used_is_not_reopened(self):
        with self.assertRaisesRegex(UserError, "new version"):
            self.plan.action_draft()
        version = self.new_version(self.plan)
        version.action_activate()
        version.action_draft()
        version.action_activate()
        self.load(self.call(60))
        self.rate()
        self.assertTrue(version.has_rated)
        with self.assertRaisesRegex(UserError, "new version"):
            version.write({"state": "draft"})
        earlier = self.make_rate_plan(self.rates(), code="T-OTHER")
        self.service.rate_plan_id = earlier
        with self.assertRaisesRegex(UserError, "new version"):
            self.plan.action_draft()

    def test_own_prefix_goes_before_the_shared_one(self):
        own = self.make_zone("T-OWN", prefixes=["48221"])
        shared = self.env["bss.rate.zone"].create(
            {
                "code": "T-ALL",
                "name": "Shared",
                "kind": "international",
                "prefix_ids": [(0, 0, {"prefix": prefix}) for prefix in ("48221", "999")],
            }
        )
        version = self.new_version(self.plan)
        self.env["bss.rate"].create(
            [{"plan_id": version.id, "zone_id": zone.id, "price_micro": 60_000} for zone in own | shared]
        )
        version.action_activate()
        file = self.load(self.call(60))
        self.rate()
        self.assertEqual(self.events(file).zone_id, own)
        own.active = False
        other = self.load(self.call(60, start="2026-10-15 10:00:00"))
        self.rate()
        self.assertEqual(self.events(other).zone_id, shared)

    def _volume(self, code):
        source = self.source.copy({"code": code})
        data = generate_master_csv(["48501000001"], 250, *OCTOBER, 21, Mix(bad=0, duplicate=0))
        file = self.env["bss.usage.file"]._bss_receive(source, "volume.csv", data)
        file._bss_load()
        return file

    def test_chunks_change_nothing(self):
        self.give_minutes(30)
        self.give_minutes(5, [self.cellular], "Mobile", 1)
        results = []
        for size in (1_000_000, 7):
            with self.env.cr.savepoint() as point:
                file = self._volume("T-VOL")
                progress = []
                with patch.object(bss_rating_run, "CHUNK_EVENTS", size):
                    run = self.make_rating()
                    run._bss_rate(progress=lambda done, total, into=progress: into.append((done, total)))
                results.append(
                    [(event.dedupe_key, event.state, event.free_units, event.amount_e4) for event in self.events(file)]
                )
                self.assertEqual(progress[-1], (file.count_loaded, file.count_loaded))
                point.rollback()
                self.env.invalidate_all()
        self.assertEqual(results[0], results[1])

    def test_a_killed_run_goes_on_and_ends_the_same(self):
        self.give_minutes(30)
        file = self._volume("T-VOL")
        run = self.make_rating()
        original, steps = event_store.store_results, []

        def killed(*args):
            steps.append(1)
            if len(steps) == 3:
                raise KeyboardInterrupt
            return original(*args)

        with self.env.cr.savepoint() as point:
            run._bss_rate()
            whole = self.events(file).mapped(lambda event: (event.dedupe_key, event.state, event.amount_e4))
            used = self.env["bss.allowance"].search([]).mapped("used")
            point.rollback()
            self.env.invalidate_all()
        # Chunks before the kill are durable, as after a commit (assertRaises would undo them).
        with (
            patch.object(bss_rating_run, "CHUNK_EVENTS", 40),
            patch.object(event_store, "store_results", killed),
            suppress(KeyboardInterrupt),
        ):
            run._bss_rate()
        self.assertEqual(len(steps), 3)
        self.env.invalidate_all()
        states = self.events(file).mapped("state")
        self.assertIn("guided", states)
        self.assertTrue({"rated", "free", "suspended"} & set(states))
        run._bss_rate()
        self.assertEqual(
            self.events(file).mapped(lambda event: (event.dedupe_key, event.state, event.amount_e4)), whole
        )
        self.assertEqual(self.env["bss.allowance"].search([]).mapped("used"), used)

    def test_conservation_on_a_volume(self):
        self.give_minutes(100)
        file = self._volume("T-VOL")
        run = self.rate()
        run._bss_make_charges()
        self.assertGreater(self.assertConserved(), 0)
        self.assertEqual(run.count_rated + run.count_free + run.count_suspended, file.count_loaded)
        self.assertEqual(run.count_uncharged, 0)
        allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.assertEqual(allowance.used, sum(self.events(file).mapped("free_units")))

    def test_a_deleted_charge_sets_its_events_free(self):
        self.load(self.call(61))
        run = self.rate()
        run._bss_make_charges()
        self.env["bss.charge"].search([("source_ref", "=", run.name)]).unlink()
        run._bss_count()
        self.assertEqual(run.count_uncharged, 1)
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertConserved()

    def test_usage_product_of_the_company(self):
        product = self.make_offering("CALLS", 0.0, kind="usage")
        self.company.bss_usage_product_id = product
        self.assertEqual(self.company._bss_get_usage_product(), product)
        self.company.bss_usage_product_id = False
        self.assertEqual(self.company._bss_get_usage_product(), self.usage_product)
        self.usage_product.default_code = "OTHER"
        with self.assertRaises(UserError):
            self.company._bss_get_usage_product()

    def test_billed_usage_reaches_the_invoice_exactly(self):
        self.load(self.call(61), self.call(1234, dst="501234567"))
        run = self.rate()
        run._bss_make_charges()
        self.bill(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30), date_invoice=date(2026, 11, 1))
        charges = self.env["bss.charge"].search([("source_ref", "=", run.name)])
        self.assertEqual(set(charges.mapped("state")), {"billed"})
        for charge in charges:
            self.assertEqual(charge.move_line_id.price_subtotal, charge.amount)
        events = self.env["bss.usage.event"].search(
            [("charge_id.state", "=", "billed"), ("rating_run_id", "=", run.id)]
        )
        self.assertEqual(len(events), 2)
