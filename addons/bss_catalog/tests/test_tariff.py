import re
from datetime import date

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import format_date, mute_logger
from psycopg2.errors import CheckViolation


class TariffCommon(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sos = cls.make_zone("T-SOS", "emergency", ["48112"])
        cls.fix = cls.make_zone("T-FIX", "national_fixed", ["4822"])
        cls.peak = cls.make_band(
            "T-PEAK", hour_from=8, hour_to=18, day_sat=False, day_sun=False, day_holiday=False, weight=20
        )
        cls.off = cls.make_band("T-OFF", weight=1)

    @classmethod
    def make_band(cls, code, **vals):
        return cls.env["bss.time.band"].create(
            {"name": f"Band {code}", "code": code, "company_id": cls.company.id, **vals}
        )

    @classmethod
    def banded(cls, *bands, **vals):
        """A draft plan with a price of the fixed zone in each band."""
        rates = [{"zone_id": cls.sos.id}]
        rates += [
            {"zone_id": cls.fix.id, "band_id": band.id, "price_micro": 100_000 * place}
            for place, band in enumerate(bands, start=1)
        ]
        return cls.make_rate_plan(rates, activate=False, **vals)

    @staticmethod
    def codes(plan):
        return [problem.code for problem in plan._bss_problems()]


@tagged("post_install", "-at_install")
class TestTimeBands(TariffCommon):
    def test_a_band_over_another_leaves_nothing_to_find(self):
        plan = self.banded(self.peak, self.off)
        self.assertFalse({"BAND_GAP", "BAND_OVERLAP"} & set(self.codes(plan)))
        self.assertEqual(plan.band_ids, self.peak | self.off)
        self.assertIn("T-PEAK", plan.band_grid_html)

    def test_a_hole_is_shown_in_words_of_the_user(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        day = self.make_band("T-DAY", hour_to=22)
        night = self.make_band("T-NIGHT", hour_from=22, day_wed=False)
        plan = self.banded(day, night)
        self.assertIn("BAND_GAP", self.codes(plan))
        self.assertIn("Wednesday 22:00–24:00", plan.problem_text)
        self.assertIn("środa 22:00–24:00", plan.with_context(lang="pl_PL").problem_text)
        self.assertIn("hole", plan.band_grid_html)
        with self.assertRaisesRegex(UserError, "Wednesday 22:00–24:00"):
            plan.action_activate()

    def test_a_rate_at_any_time_fills_the_holes(self):
        plan = self.banded(self.peak)
        self.assertIn("BAND_GAP", self.codes(plan))
        plan.rate_ids = [Command.create({"zone_id": self.fix.id, "price_micro": 50_000})]
        self.assertNotIn("BAND_GAP", self.codes(plan))

    def test_equal_weights_are_an_overlap(self):
        twin = self.make_band("T-TWIN", hour_from=10, hour_to=12, weight=20)
        self.assertIn("BAND_OVERLAP", self.codes(self.banded(self.peak, self.off, twin)))

    def test_summary_in_words(self):
        self.assertEqual(self.peak.summary, "Monday – Friday 08:00–18:00")
        summer = self.make_band("T-SUM", months="6-8", day_mon=False, day_tue=False, hour_from=9.5)
        self.assertEqual(summer.summary, "Wednesday – Sunday, holiday 09:30–24:00 (June, July, August)")

    def test_bad_bands_are_refused(self):
        for vals in ({"months": "13"}, {"months": "x"}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, "no months"), self.cr.savepoint():
                self.make_band("T-BAD", **vals)
        for vals in ({"hour_from": 22, "hour_to": 6}, {"hour_to": 24.5}, {"hour_from": -1}):
            with (
                self.subTest(vals=vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.make_band("T-BAD", **vals)
        days = {f"day_{day}": False for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")}
        with self.assertRaisesRegex(ValidationError, "at least one day"), self.cr.savepoint():
            self.make_band("T-BAD", **days)

    def test_a_band_that_prices_is_frozen(self):
        plan = self.banded(self.peak, self.off)
        self.env.cr.execute("UPDATE bss_rate_plan SET state = 'active' WHERE id = %s", (plan.id,))
        plan.invalidate_recordset()
        self.peak.name = "A better name"
        self.peak.hour_from = 8.0
        for change in (lambda: self.peak.write({"hour_from": 9}), self.peak.unlink):
            with self.assertRaisesRegex(UserError, "T1"):
                change()
        with self.assertRaises(UserError):
            plan.band_policy = "second"


@tagged("post_install", "-at_install")
class TestHolidays(TariffCommon):
    def test_the_polish_calendar_is_there(self):
        calendar = self.env.ref("bss_catalog.holiday_calendar_pl")
        days = calendar._bss_days(self.company, date(2026, 1, 1), date(2026, 12, 31))
        self.assertEqual(len(days), 14)
        self.assertLessEqual({date(2026, 4, 6), date(2026, 6, 4), date(2026, 12, 24)}, days)
        self.assertEqual(self.banded(self.off).holiday_calendar_id, calendar)

    def test_the_days_off_by_law_are_the_same_for_everybody(self):
        calendars = self.env["bss.holiday.calendar"]
        calendar, day = self.env.ref("bss_catalog.holiday_calendar_pl"), date(2026, 10, 14)
        law = calendars._bss_statutory_days()
        self.assertLessEqual({date(2018, 11, 12), date(2025, 12, 24), date(2026, 6, 4), date(2040, 12, 26)}, law)
        self.assertFalse({date(2010, 12, 24), date(2024, 12, 24), day} & law)
        own = self.env["bss.holiday"].create({"calendar_id": calendar.id, "date": day, "name": "Święto firmy"})
        self.assertNotIn(day, calendars._bss_statutory_days())
        own.is_statutory = True
        self.assertIn(day, calendars._bss_statutory_days())
        own.unlink()
        self.assertNotIn(day, calendars._bss_statutory_days())

    def test_the_law_is_not_that_of_one_company(self):
        calendar = self.env.ref("bss_catalog.holiday_calendar_pl")
        vals = {"calendar_id": calendar.id, "date": date(2026, 10, 14), "name": "Święto", "is_statutory": True}
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.env["bss.holiday"].create({**vals, "company_id": self.company.id})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            calendar.unlink()

    def test_more_years_are_added_once(self):
        calendar = self.env["bss.holiday.calendar"].create({"name": "Own", "is_polish": True})
        calendar._bss_fill(2024, 2025)
        self.assertEqual((len(calendar.holiday_ids), calendar.last_year), (13 + 14, 2025))
        calendar._bss_fill(2025, 2025)
        self.assertEqual(len(calendar.holiday_ids), 27)
        calendar.action_fill()
        self.assertGreaterEqual(calendar.last_year, 2030)

    def test_own_days_are_those_of_one_company(self):
        calendar = self.env.ref("bss_catalog.holiday_calendar_pl")
        other = self.env["res.company"].with_context(install_mode=True).create({"name": "Other"})
        day = date(2026, 10, 14)
        own = self.env["bss.holiday"].create(
            {"calendar_id": calendar.id, "date": day, "name": "Święto firmy", "company_id": self.company.id}
        )
        self.assertIn(day, calendar._bss_days(self.company, day, day))
        self.assertNotIn(day, calendar._bss_days(other, day, day))
        user = new_test_user(
            self.env, "h-other", "bss_catalog.group_bss_viewer", company_id=other.id, company_ids=other.ids
        )
        self.env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        self.assertNotIn(own, self.env["bss.holiday"].with_user(user).search([("date", "=", day)]))


@tagged("post_install", "-at_install")
class TestRates(TariffCommon):
    def _rate(self, **vals):
        plan = self.make_rate_plan([{"zone_id": self.fix.id, **vals}], code="T-R", activate=False)
        return plan.rate_ids

    def test_chain_and_increments_are_in_step(self):
        for written, first, following, text in (
            ("60/1", 60, 1, "60/1"),
            (" 30 / 6 ", 30, 6, "30/6"),
            ("60", 60, 60, "60/60"),
            ("30/30/6", 30, 6, "30/30/6"),
        ):
            rate = self._rate(chain=written)
            self.assertEqual((rate.increment_first_s, rate.increment_next_s, rate.chain), (first, following, text))
        rate = self._rate(increment_first_s=60, increment_next_s=1)
        self.assertEqual(rate.chain, "60/1")
        rate.increment_next_s = 60
        self.assertEqual(rate.chain, "60/60")
        rate.chain = "1/1"
        self.assertEqual((rate.increment_first_s, rate.increment_next_s), (1, 1))
        self.assertEqual(self._rate().chain, "1/1")

    def test_a_bad_chain_says_what_is_wrong(self):
        for text, words in (("60:1", "60:1"), ("60/0", "at least one second"), ("", "missing"), ("1/2/x", "“x”")):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, words):
                self._rate(chain=text)

    def test_findings_of_prices(self):
        rate = self._rate(min_charge_micro=200, max_charge_micro=100, price_micro=1)
        self.assertIn("MIN_ABOVE_MAX", self.codes(rate.plan_id))
        rate.write({"max_charge_micro": 0, "tier_model": "volume"})
        self.assertIn("TIER_MISSING", self.codes(rate.plan_id))
        rate.tier_ids = [
            Command.create({"quantity_from": 0, "quantity_to": 500, "price_display": 0.1}),
            Command.create({"quantity_from": 600, "quantity_to": 0, "price_display": 0.08}),
        ]
        self.assertEqual(rate.tier_ids.mapped("price_micro"), [100_000, 80_000])
        self.assertIn("500–600", rate.plan_id.problem_text)
        rate.tier_ids[0].quantity_to = 600
        self.assertNotIn("TIER_HOLE", self.codes(rate.plan_id))

    def test_an_unreachable_prefix_blocks(self):
        self.make_zone("T-BELOW", "national_fixed", [f"4822{digit}" for digit in range(10)])
        plan = self.make_rate_plan(
            [{"zone_id": self.sos.id}, {"zone_id": self.fix.id, "price_micro": 1}], activate=False
        )
        with self.assertRaisesRegex(UserError, "4822 of zone T-FIX"):
            plan.action_activate()

    def test_a_new_version_takes_bands_and_tiers_with_it(self):
        plan = self.banded(self.peak, self.off)
        plan.rate_ids[1].write(
            {"tier_model": "package", "tier_ids": [Command.create({"price_micro": 5, "package_size": 9})]}
        )
        version = self.env["bss.rate.plan"].browse(plan.action_new_version()["res_id"])
        self.assertEqual(version.rate_ids.band_id, self.peak | self.off)
        self.assertEqual(version.rate_ids.tier_ids.package_size, 9)
        self.assertEqual((plan.version_count, version.version_count), (2, 2))

    def test_the_next_version_ends_the_open_one(self):
        rates = [{"zone_id": self.sos.id}, {"zone_id": self.fix.id, "price_micro": 1}]
        plan = self.make_rate_plan(rates, date_start="2026-01-01")
        version = plan._bss_new_version()
        version.date_start = "2027-01-01"
        self.assertIn(format_date(self.env, date(2026, 12, 31)), version.problem_text)
        version.action_activate()
        self.assertEqual(plan.date_end, date(2026, 12, 31))
        self.assertEqual((plan.state, version.state), ("active", "active"))
        third = version._bss_new_version()
        third.write({"date_start": "2025-01-01", "date_end": "2025-11-30"})
        self.assertIn("VERSION_GAP", self.codes(third))
        first, last = (format_date(self.env, day) for day in (date(2025, 12, 1), date(2025, 12, 31)))
        self.assertIn(f"{first} – {last}", third.problem_text)
        third.write({"date_end": "2026-06-30"})
        with self.assertRaisesRegex(UserError, re.escape(format_date(self.env, date(2026, 1, 1)))):
            third.action_activate()

    def test_the_form_shows_bands_and_takes_a_chain(self):
        with Form(self.env["bss.rate.plan"]) as form:
            form.name, form.code = "Plan", "T-FORM"
            with form.rate_ids.new() as rate:
                rate.zone_id = self.fix
                rate.chain = "60/1"
                rate.band_id = self.peak
                rate.price_display = 0.29
        rate = form.record.rate_ids
        self.assertEqual((rate.increment_first_s, rate.increment_next_s, rate.price_micro), (60, 1, 290_000))
        self.assertIn("T-PEAK", form.record.band_grid_html)


@tagged("post_install", "-at_install")
class TestTariffAccess(TariffCommon):
    def test_only_the_billing_manager_changes_bands(self):
        plan = self.banded(self.peak, self.off)
        for group in ("viewer", "clerk", "collector"):
            user = new_test_user(
                self.env,
                f"t-{group}",
                f"bss_catalog.group_bss_{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
            )
            self.assertEqual(self.peak.with_user(user).name, "Band T-PEAK")
            self.assertTrue(plan.with_user(user).findings_html)
            for model, vals in (
                ("bss.time.band", {"name": "X", "code": "X", "company_id": self.company.id}),
                ("bss.holiday", {"name": "X", "date": "2026-01-02", "calendar_id": plan.holiday_calendar_id.id}),
                ("bss.rate.tier", {"rate_id": plan.rate_ids[0].id}),
            ):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).create(vals)
        manager = new_test_user(
            self.env,
            "t-manager",
            "bss_catalog.group_bss_billing_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.peak.with_user(manager).hour_to = 19
        self.assertEqual(self.peak.hour_to, 19)

    def test_a_second_company_sees_nothing(self):
        other = self.env["res.company"].with_context(install_mode=True).create({"name": "Other"})
        user = new_test_user(
            self.env, "t-other", "bss_catalog.group_bss_admin", company_id=other.id, company_ids=other.ids
        )
        there = self.env(user=user, context={"allowed_company_ids": other.ids})
        plan = self.banded(self.peak, self.off)
        plan.rate_ids[1].tier_ids = [Command.create({"price_micro": 5})]
        for model, records in (
            ("bss.time.band", self.peak),
            ("bss.rate.plan", plan),
            ("bss.rate.tier", plan.rate_ids.tier_ids),
        ):
            self.assertFalse(self.env[model].with_env(there).search([("id", "in", records.ids)]), model)
        foreign = self.env["bss.time.band"].with_env(there).create({"name": "X", "code": "T-PEAK"})
        self.assertEqual(foreign.company_id, other)
        with self.assertRaises(UserError):
            plan.rate_ids[1].band_id = self.peak.browse(foreign.id)

    def test_free_units_have_their_rules(self):
        template = self.make_offering("T-ALLOW").product_tmpl_id
        template.bss_lifecycle = "draft"
        base = {"template_id": template.id, "name": "Units", "quantity": 10}
        allowance = self.env["bss.offering.allowance"].create({**base, "unit": "micro", "quantity": 5_000_000})
        self.assertEqual((allowance.quantity_display, allowance.unit_display), (5.0, self.currency.name))
        for vals in (
            {"validity": "days"},
            {"rollover": "capped"},
            {"validity": "once", "rollover": "period"},
            {"validity": "once", "proration": "exact"},
        ):
            with (
                self.subTest(vals=vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.env["bss.offering.allowance"].create({**base, **vals})
