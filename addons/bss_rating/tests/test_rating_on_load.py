import json
from datetime import date
from unittest.mock import patch

import polars as pl
from freezegun import freeze_time
from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv
from odoo.addons.bss_mediation.store import identifiers
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .. import adapters, tariff_cache
from ..on_load import rater
from ..open_run import close_open_run, open_run_shared
from .common import OCTOBER
from .on_load_common import OnLoadCommon


@tagged("post_install", "-at_install")
class TestRatingOnLoad(OnLoadCommon):
    def _other_company(self):
        return self.env["res.company"].create({"name": "Other operator"})

    def open_runs(self):
        return self.env["bss.rating.run"].search([("is_continuous", "=", True), ("company_id", "=", self.company.id)])

    # --- what is rated at once

    def test_a_call_has_its_amount_when_it_is_loaded(self):
        self.assertFalse(self.plan.has_rated)
        file = self.load(self.call(61), self.call(600, dst="112"), self.call(60, dst="00995123456"))
        run = self.open_runs()
        events = self.events(file)
        self.assertEqual(events.mapped("state"), ["rated", "free", "suspended"])
        self.assertEqual(events.mapped("reason"), [False, False, "NO_ZONE"])
        self.assertEqual(self.amounts(file)[:2], [2948, 0])
        self.assertEqual(events.rating_run_id, run)
        self.assertEqual((run.state, run.company_id, run.by_month), ("running", self.company, True))
        self.assertTrue(self.plan.has_rated)
        self.assertEqual(self.rate().count_events, 0)

    def test_a_large_file_of_plans_that_count_nothing(self):
        """A filter that is a constant has more than one row once polars shares a frame among its threads."""
        known = rater(self.company, whole=True)
        self.assertFalse(known._tariff.counting)
        rows = 50_000 * pl.thread_pool_size()
        events = pl.DataFrame({"id": range(rows), "usage_kind": ["voice"] * rows, "plan_id": [self.plan.id] * rows})
        self.assertEqual(events.filter(~known._counts()).height, rows)

    def test_switched_off_everything_waits(self):
        self.company.bss_rate_on_load = False
        file = self.load(self.call(61))
        self.assertEqual(self.events(file).state, "guided")
        self.assertFalse(self.open_runs())

    def test_a_company_without_prices_waits_for_them(self):
        company = self._other_company()
        source = self.env["bss.usage.source"].create({"name": "X", "code": "X", "company_id": company.id})
        self.assertTrue(company.bss_rate_on_load)
        self.load(self.call(60), source=source)
        self.assertFalse(self.env["bss.rating.run"].search([("company_id", "=", company.id)]))

    def test_companies_have_runs_of_their_own(self):
        company = self._other_company()
        cr = self.env.cr
        own, other = open_run_shared(cr, self.company), open_run_shared(cr, company)
        self.assertNotEqual(own, other)
        self.assertEqual((open_run_shared(cr, self.company), open_run_shared(cr, company)), (own, other))
        self.assertEqual(self.env["bss.rating.run"].browse(other).company_id, company)

    def test_who_loads_cannot_switch(self):
        manager, viewer = (
            new_test_user(self.env, login=f"t-{role}", groups=f"base.group_user,bss_catalog.group_bss_{role}")
            for role in ("billing_manager", "viewer")
        )
        file = self.receive(self.call(61))
        file.with_user(manager)._bss_load()
        self.assertEqual(self.events(file).state, "rated")
        for user in (manager, viewer):
            with self.assertRaises(AccessError):
                self.company.with_user(user).bss_rate_on_load = False

    # --- what waits for the rating run

    def test_what_allowances_may_serve_waits(self):
        other = self.make_service(self.service.contract_id, self.fibre, msisdn="48501000002", rate_plan_id=self.plan.id)
        calls = [self.call(60), self.call(60, src="501000002", start="2026-10-14 12:30:00")]
        offered = self.give_minutes(10)
        for sharing, states in (
            ("service", ["guided", "rated"]),
            ("contract", ["guided"] * 2),
            ("account", ["guided"] * 2),
        ):
            with self.subTest(sharing):
                offered.sharing = sharing
                source = self.source.copy({"code": f"T-{sharing}"})
                self.assertEqual(self.events(self.load(*calls, source=source)).mapped("state"), states)
        self.assertTrue(other)

    def test_an_allowance_that_is_over_does_not_hold_up(self):
        self.give_minutes(10)
        self.load(self.call(60, start="2026-09-14 12:00:00"))
        self.rate((date(2026, 9, 1), date(2026, 9, 30)))
        given = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.assertEqual(given.mapped("date_end"), [date(2026, 9, 30)])
        self.service.product_id = self.make_offering("T-PLAIN", 20.0, service="mobile", bss_rate_plan_id=self.plan.id)
        file = self.load(self.call(60, start="2026-09-30 23:59:59"), self.call(60, start="2026-10-01 00:00:00"))
        self.assertEqual(self.events(file).mapped("state"), ["guided", "rated"])

    def test_prices_by_the_quantity_of_the_month_wait(self):
        version = self.new_version(self.plan)
        rate = version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed)
        rate.write({"tier_model": "graduated", "tier_ids": [(0, 0, {"quantity_from": 0, "price_micro": 290_000})]})
        version.action_activate()
        file = self.load(self.call(61), self.call(61, start="2026-09-14 12:00:00"))
        self.assertEqual(self.events(file).mapped("state"), ["rated", "guided"])

    # --- the same results as those of a rating run

    def _mixed_base(self):
        """Services with plans of all kinds, with and without allowances."""
        bands = self.make_bands()
        sos = {"zone_id": self.emergency.id, "price_micro": 0}
        priced = [
            {"zone_id": zone.id, "price_micro": price, "band_id": band.id, "connect_fee_micro": 50_000,
             "increment_first_s": 60, "increment_next_s": 1, "min_charge_micro": 100_000}
            for zone in (self.fixed, self.cellular)
            for band, price in zip(bands, (300_000, 120_000), strict=True)
        ]  # fmt: skip
        night = self.make_rate_plan([sos, *priced], code="T-BANDS")
        chain = self.make_rate_plan(
            [
                sos,
                *(
                    {"zone_id": zone.id, "price_micro": 170_000, "chain": "30/30/6"}
                    for zone in (self.fixed, self.cellular)
                ),
            ],
            code="T-CHAIN",
        )
        by_quantity = {
            "tier_model": "graduated",
            "tier_ids": [
                (0, 0, {"quantity_from": 0, "quantity_to": 20, "price_micro": 300_000}),
                (0, 0, {"quantity_from": 20, "price_micro": 100_000}),
            ],
        }
        tiers = self.make_rate_plan(
            [{**rate, **by_quantity} if rate["zone_id"] == self.fixed.id else rate for rate in self.rates()],
            code="T-TIERS",
        )
        numbers = ["48501000001"]
        contract = self.service.contract_id
        for plan in (night, chain, tiers, self.plan.browse()):
            numbers.append(self.next_msisdn())
            self.make_service(contract, self.fibre, msisdn=numbers[-1], rate_plan_id=plan.id)
        moved = self.env["bss.service"].search([("rate_plan_id", "=", night.id)])
        with freeze_time("2026-10-20 12:00:00"):
            moved.rate_plan_id = chain
        self.give_minutes(30)
        return numbers

    def _loaded_and_rated(self, on_load, content, whole=False):
        """Results of all events after a rating run has rated what waits; nothing of it stays."""
        self.company.bss_rate_on_load = on_load
        with (
            self.env.cr.savepoint() as point,
            patch.object(identifiers, "WHOLE_FROM_BYTES", 0 if whole else 2**40),
        ):
            file = self.env["bss.usage.file"]._bss_receive(self.source, "mix.csv", content)
            file._bss_load()
            at_once = len(self.events(file).filtered(lambda event: event.state != "guided"))
            self.rate()
            results = self.results(file)
            point.rollback()
            self.env.invalidate_all()
        return at_once, results

    def test_the_same_amounts_as_by_the_rating_run(self):
        content = generate_master_csv(self._mixed_base(), 600, *OCTOBER, 5, Mix(bad=0, duplicate=0))
        none, by_run = self._loaded_and_rated(False, content)
        some, by_both = self._loaded_and_rated(True, content)
        as_many, whole = self._loaded_and_rated(True, content, whole=True)
        self.assertEqual(none, 0)
        self.assertEqual(some, as_many)
        self.assertTrue(100 < some < len(by_run) - 100, some)
        states = {row[1:3] for row in by_run}
        self.assertLessEqual(
            {("rated", False), ("free", False), ("suspended", "NO_ZONE"), ("suspended", "NO_RATE")}, states
        )
        self.assertIn(("suspended", "NO_RATE_PLAN"), states)
        self.assertTrue(any('"pieces":[' in row[-2] for row in by_run), "calls over a change of band")
        self.assertEqual(by_both, by_run)
        self.assertEqual(whole, by_run)

    def test_the_same_abroad_by_code_size_and_cost(self):
        germany, internet = self.make_zone("T-DE", "roaming"), self.make_zone("T-NET", "content")
        inside = self.make_zone("T-ON", "on_net")
        germany.code_ids = [
            Command.create({"kind": "network", "value": "262"}),
            Command.create({"kind": "incoming", "value": "*"}),
        ]
        internet.code_ids = [Command.create({"kind": "usage", "value": kind}) for kind in ("data", "mms")]
        version = self.new_version(self.plan)
        version.rate_ids = [
            Command.create(rate)
            for rate in (
                {"zone_id": germany.id, "charge_basis": "upstream", "markup_percent": 25.0},
                {"zone_id": inside.id, "price_micro": 60_000, "chain": "60/60"},
                {"zone_id": internet.id, "usage_kind": "data", "price_micro": 100_000, "data_block_bytes": 100_000},
                {"zone_id": internet.id, "usage_kind": "mms", "price_micro": 200_000, "step_bytes": 100_000},
            )
        ]
        version.action_activate()
        abroad = {"network": "26201", "cost_micro": 210_000, "cost_currency": self.company.currency_id.name}
        rows = [
            abroad,
            {**abroad, "direction": "in"},
            {**abroad, "cost_micro": None},
            {"network": "20801"},
            {"b_number": "48501000001"},
            {"direction": "in", "charged_number": "48501000001"},
            {"usage_kind": "data", "b_number": None, "units": 99_999_999},
            {"usage_kind": "mms", "b_number": None, "units": 1, "volume_up": 250_000},
            {"usage_kind": "sms", "units": 1},
            {"units": 0},
        ]
        states, outcome = self.assertSame(rows)
        self.assertEqual(states, ["at once"] * len(rows))
        states = [row[1] for row in outcome.events]
        self.assertEqual(states.count("suspended"), 3)
        self.assertEqual(states.count("free"), 2)

    def test_suspended_events_are_rated_again(self):
        self.new_version(self.plan).action_activate()
        file = self.load(self.call(60, dst="701123456"))
        run, event = self.open_runs(), self.events(file)
        self.assertEqual(event.reason, "NO_RATE")
        plan = self.make_rate_plan(
            [*self.rates(), {"zone_id": self.premium.id, "price_micro": 5_000_000}], code="T-PREM"
        )
        with freeze_time("2026-10-01 12:00:00"):
            self.service.rate_plan_id = plan
        event.action_rate_again()
        event.invalidate_recordset()
        self.assertEqual((event.state, event.amount_e4), ("rated", 50_000))
        self.assertNotEqual(event.rating_run_id, run)

    # --- prices that change

    def test_what_changes_in_the_catalogue_counts_at_once(self):
        self.assertEqual(self.amounts(self.load(self.call(60))), [2900])
        tariff = tariff_cache.compiled(self.company)
        self.assertIs(tariff_cache.compiled(self.company), tariff)
        version = self.new_version(self.plan)
        self.assertEqual(self.amounts(self.load(self.call(60, start="2026-09-15 12:00:00"))), [2900])
        rate = version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed)
        for price in (600_000, 900_000):  # twice in one transaction
            rate.price_micro = price
            version.action_activate()
            with self.env.cr.savepoint() as point:
                self.assertEqual(self.amounts(self.load(self.call(60))), [price // 100])
                point.rollback()
                self.env.invalidate_all()
            version.action_draft()
        own = self.make_zone("T-OWN", prefixes=["482212"])
        self.assertEqual(self.events(self.load(self.call(60, start="2026-09-16 12:00:00"))).zone_id, own)

    # --- the open run

    def test_charges_close_the_run_and_the_next_load_opens_another(self):
        self.load(self.call(61), self.call(60, start="2026-09-12 10:00:00"))
        run = self.open_runs()
        run.action_refresh_counts()
        self.assertEqual((run.count_events, run.count_rated), (2, 2))
        with self.assertRaises(UserError):
            run.action_rate()
        self.assertFalse(close_open_run(self.env.cr, run.with_context(bss_one_transaction=True)))
        self.assertTrue(close_open_run(self.env.cr, run))
        self.assertFalse(close_open_run(self.env.cr, run))
        self.assertEqual((run.state, run.date_start, run.date_end), ("done", date(2026, 9, 12), date(2026, 10, 14)))
        self.load(self.call(60, start="2026-10-20 10:00:00"))
        self.assertEqual(len(self.open_runs()), 2)
        self.assertEqual((run.count_events, len(run._bss_make_charges() and run)), (2, 1))

    def test_a_run_is_not_open_beyond_its_month(self):
        with freeze_time("2026-10-14 12:00:00"):
            self.load(self.call(61))
            run = self.open_runs()
            run._cron_close_open_runs()
            self.assertEqual(run.state, "running")
            idle = self.env["bss.rating.run"].browse(open_run_shared(self.env.cr, self._other_company()))
        with freeze_time("2026-11-01 00:30:00"):
            run._cron_close_open_runs()
        self.assertEqual(
            (idle.state, idle.date_start, idle.date_end), ("running", date(2026, 11, 1), date(2026, 11, 30))
        )
        self.assertEqual((run.state, run.count_rated, run.count_uncharged), ("done", 1, 1))
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(self.assertConserved(), 2948)

    # --- the calculation in words

    def test_the_calculation_is_told_without_being_stored(self):
        self.give_minutes(1)
        self.company.bss_rate_on_load = False
        file = self.load(self.call(45), self.call(61, start="2026-10-15 12:00:00"))
        self.rate()
        by_allowance, ordinary = self.events(file)
        self.assertTrue(by_allowance.explanation)
        self.assertFalse(ordinary.explanation)
        self.assertIn("61 s × 0.2900 / 60 s", ordinary.explanation_html)
        kept = json.dumps(adapters.told_by_rate(ordinary))
        shown = ordinary.explanation_html
        with patch.object(adapters, "told_by_rate", side_effect=AssertionError):
            self.env.cr.execute("UPDATE bss_usage_event SET explanation = %s WHERE id = %s", (kept, ordinary.id))
            ordinary.invalidate_recordset()
            self.assertEqual(ordinary.explanation_html, shown)
