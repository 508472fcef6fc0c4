from datetime import date

from odoo.tests import tagged

from .common import OCTOBER, RatingCommon

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@tagged("post_install", "-at_install")
class TestRatingAllowance(RatingCommon):
    """Free units as offerings write them: periods, parts of periods, what is carried over, who may use them, bands, money."""

    def _given(self):
        found = self.env["bss.allowance"].search(
            [("service_id", "=", self.service.id)], order="date_start, is_carried, id"
        )
        return [(one.date_start, one.date_end, one.quantity, one.used) for one in found]

    def _give(self, minutes, **values):
        allowance = self.give_minutes(minutes)
        allowance.write(values)
        return allowance

    # --- periods

    def test_month_of_the_bill_cycle(self):
        self.account.bill_cycle_id = self.account.bill_cycle_id.copy({"day": 15})
        self._give(2, validity="cycle")
        days = ("09-14", "09-15", "10-14", "10-15")
        file = self.load(*(self.call(60, start=f"2026-{day} 12:00:00") for day in days))
        self.rate()
        self.assertEqual(
            self._given(),
            [
                (date(2026, 8, 15), date(2026, 9, 14), 120, 60),
                (date(2026, 9, 15), date(2026, 10, 14), 120, 120),
                (date(2026, 10, 15), date(2026, 11, 14), 120, 60),
            ],
        )
        self.assertEqual(self.events(file).mapped("free_units"), [60] * 4)
        self.rate()
        self.assertEqual(len(self._given()), 3)

    def test_number_of_days_from_the_start_of_the_service(self):
        self.service.date_start = "2026-09-25"
        self._give(1, validity="days", validity_days=10)
        days = ("09-25", "10-04", "10-05", "10-31")
        file = self.load(*(self.call(60, start=f"2026-{day} 12:00:00") for day in days))
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [60, 0, 60, 60])
        self.assertEqual(
            [row[:2] for row in self._given()],
            [
                (date(2026, 9, 25), date(2026, 10, 4)),
                (date(2026, 10, 5), date(2026, 10, 14)),
                (date(2026, 10, 15), date(2026, 10, 24)),
                (date(2026, 10, 25), date(2026, 11, 3)),
            ],
        )

    def test_once_until_used_up(self):
        self._give(3, validity="once")
        file = self.load(*(self.call(60, start=f"2026-{month}-14 12:00:00") for month in ("09", "10", "11")))
        self.rate(SEPTEMBER)
        self.rate(NOVEMBER)
        self.assertEqual(self._given(), [(self.service.date_start, False, 180, 180)])
        self.assertEqual(self.events(file).mapped("free_units"), [60, 60, 60])
        allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.assertIn("Free minutes", allowance.display_name)

    # --- parts of a period

    def test_part_of_the_first_period(self):
        """60,000 s x 20/31 = 38,709.677…"""
        self.service.date_start = "2026-10-12"
        for proration, expected in (("none", 60_000), ("exact", 38_709), ("round_up", 38_710)):
            with self.subTest(proration), self.cr.savepoint() as savepoint:
                self._give(1_000, proration=proration)
                self.load(self.call(60))
                self.rate()
                self.assertEqual([row[2] for row in self._given()], [expected])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_part_of_the_last_period(self):
        self.service.write({"date_start": "2026-09-01", "date_end": "2026-10-11"})
        self._give(1_000, proration="exact")
        self.load(self.call(60, start="2026-10-10 12:00:00"))
        self.rate()
        self.assertEqual(self._given()[-1][2], 60_000 * 11 // 31)

    # --- carried over

    def test_all_is_carried_over_one_period(self):
        self._give(2, rollover="period")
        self.rate_month("2026-09-14", 60)
        self.rate_month("2026-10-14", 120)
        self.rate_month("2026-11-14", 240)
        self.assertEqual(
            self._given(),
            [
                (date(2026, 9, 1), date(2026, 10, 31), 120, 120),
                (date(2026, 10, 1), date(2026, 11, 30), 120, 120),
                (date(2026, 11, 1), date(2026, 12, 31), 120, 120),
            ],
            "September leaves 60 s to October, October 60 s to November",
        )

    def test_what_is_carried_over_expires(self):
        self._give(2, rollover="period")
        self.rate_month("2026-09-14", 0)
        self.rate_month("2026-10-14", 0)
        event = self.rate_month("2026-11-14", 600)
        self.assertEqual(event.free_units, 240, "the units of September are gone")

    def test_a_month_without_any_call_leaves_all_to_the_next(self):
        self._give(2, rollover="period")
        self.rate((date(2026, 9, 1), date(2026, 9, 28)))
        event = self.rate_month("2026-10-14", 600)
        self.assertEqual(event.free_units, 240)

    def test_up_to_a_limit(self):
        self._give(3, rollover="capped", rollover_cap=60)
        self.rate_month("2026-09-14", 0)
        event = self.rate_month("2026-10-14", 600)
        self.assertEqual(event.free_units, 240, "three minutes of October and one of September")
        self.assertEqual(
            self._given()[:2],
            [(date(2026, 9, 1), date(2026, 9, 30), 120, 0), (date(2026, 9, 1), date(2026, 10, 31), 60, 60)],
        )

    def test_what_is_lost_sooner_goes_first(self):
        self._give(3, rollover="capped", rollover_cap=60)
        self.rate_month("2026-09-14", 120)
        self.assertEqual([row[3] for row in self._given()], [120, 0])

    def test_a_late_call_still_has_the_units_of_its_month(self):
        self._give(2, rollover="period")
        self.rate_month("2026-09-14", 0)
        self.rate_month("2026-10-14", 60)
        late = self.load(self.call(60, start="2026-09-20 12:00:00"))
        self.rate()
        self.assertEqual(self.events(late).free_units, 60)

    def rate_month(self, day, seconds):
        """The call of one month, rated with its month."""
        start = date.fromisoformat(day).replace(day=1)
        file = self.load(self.call(seconds, start=f"{day} 12:00:00"))
        self.rate((start, start.replace(day=28)))
        return self.events(file)

    # --- who may use them

    def test_services_of_the_contract_share(self):
        for sharing, expected in (("service", [60, 0]), ("contract", [60, 60]), ("account", [60, 60])):
            with self.subTest(sharing), self.cr.savepoint() as savepoint:
                self._give(3, sharing=sharing)
                self._second_service(self.service.contract_id)
                file = self.load(self.call(60), self.call(60, src="501000002", start="2026-10-14 13:00:00"))
                self.rate()
                self.assertEqual(self.events(file).mapped("free_units"), expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_contracts_of_the_account_share(self):
        for sharing, expected in (("contract", [60, 0]), ("account", [60, 60])):
            with self.subTest(sharing), self.cr.savepoint() as savepoint:
                self._give(3, sharing=sharing)
                self._second_service(self.service.contract_id.copy())
                file = self.load(self.call(60), self.call(60, src="501000002", start="2026-10-14 13:00:00"))
                self.rate()
                self.assertEqual(self.events(file).mapped("free_units"), expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def _second_service(self, contract):
        """A service of another offering without free units of its own."""
        offering = self.make_offering("T-MOB2", 30.0, service="mobile", bss_rate_plan_id=self.plan.id)
        return self.make_service(contract, offering, msisdn="48501000002", rate_plan_id=self.plan.id)

    # --- bands, money, uses

    def test_units_of_a_band(self):
        day, _night = self.make_bands()
        version = self.new_version(self.plan)
        fixed = version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed)
        fixed.copy({"plan_id": version.id, "band_id": day.id})
        version.action_activate()
        self._give(10, band_id=day.id)
        file = self.load(self.call(60, start="2026-10-14 12:00:00"), self.call(60, start="2026-10-14 20:00:00"))
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [60, 0])

    def test_money_pays_amounts(self):
        allowance = self._give(1)
        allowance.write({"unit": "micro", "quantity": 400_000})
        file = self.load(self.call(61), self.call(61, start="2026-10-14 13:00:00"))
        run = self.rate()
        self.assertEqual(self.amounts(file), [0, 1896])
        self.assertEqual(self._given(), [(*OCTOBER, 400_000, 400_000)])
        shown = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.assertRegex(shown.granted_display, rf"^0[.,]4 {self.company.currency_id.name}$")
        self.assertIn("0.2948\N{NO-BREAK SPACE}zł is paid", self.events(file)[0].explanation_html)
        run._bss_make_charges()
        self.assertEqual(self.assertConserved(), 1896)

    def test_each_use_is_kept(self):
        self._give(2)
        file = self.load(self.call(60), self.call(61, start="2026-10-14 13:00:00"))
        self.rate()
        first, second = self.events(file)
        allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        self.env.cr.execute("SELECT event_id, allowance_id, units FROM bss_usage_use ORDER BY event_id")
        self.assertEqual(self.env.cr.fetchall(), [(first.id, allowance.id, 60), (second.id, allowance.id, 60)])
