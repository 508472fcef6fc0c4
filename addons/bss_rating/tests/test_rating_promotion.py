from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingPromotion(RatingCommon):
    """Free units of promotions beside those of the offering, month by month of the grant."""

    def _grant(self, start, *steps, **vals):
        promotion = self.env["bss.promotion"].create(
            {
                "code": "T-UNITS",
                "name": "Minuty na start",
                "company_id": self.company.id,
                "step_ids": [Command.create({"kind": "units", **step}) for step in steps],
                **vals,
            }
        )
        promotion.state = "on_sale"
        return self.service._bss_grant(promotion, start)

    def _given(self):
        allowances = self.env["bss.allowance"].search([("grant_id", "!=", False)], order="date_start")
        return [(one.date_start, one.date_end, one.quantity, one.used) for one in allowances]

    def test_units_are_given_in_the_months_of_the_steps(self):
        start = date(2026, 10, 1)
        self._grant(start, {"unit": "s", "quantity": 120, "month_from": 1, "month_to": 2})
        file = self.load(self.call(60), self.call(90, start="2026-10-15 12:00:00"), self.call(60, dst="501234567"))
        self.rate()
        self.assertEqual(sum(self.events(file).mapped("free_units")), 120)
        self.assertEqual(self._given(), [(start, date(2026, 10, 31), 120, 120)])
        self.rate()
        self.assertEqual(len(self._given()), 1)

    def test_the_offering_and_the_promotion_give_beside_each_other(self):
        self.give_minutes(1)
        self._grant(date(2026, 10, 1), {"unit": "s", "quantity": 60})
        file = self.load(self.call(180))
        self.rate()
        event = self.events(file)
        self.assertEqual((event.free_units, event.amount_e4), (120, 2900))
        self.assertIn("Minuty na start", event.explanation_html)
        self.assertIn("Free minutes", event.explanation_html)

    def test_months_run_from_the_day_of_the_grant(self):
        self.service.date_start = "2026-08-01"
        self._grant(date(2026, 8, 31), {"unit": "s", "quantity": 60, "month_from": 2, "month_to": 3})
        file = self.load(
            self.call(60, start="2026-09-29 12:00:00"),
            self.call(60, start="2026-09-30 12:00:00"),
            self.call(60, start="2026-10-30 12:00:00"),
            self.call(60, start="2026-10-31 12:00:00"),
        )
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [0, 60, 0, 60])
        self.assertEqual(
            [row[:2] for row in self._given()],
            [(date(2026, 9, 30), date(2026, 10, 30)), (date(2026, 10, 31), date(2026, 11, 29))],
        )

    def test_an_ended_or_undone_promotion_gives_no_more(self):
        grant = self._grant(date(2026, 10, 1), {"unit": "s", "quantity": 600})
        file = self.load(self.call(60))
        self.rate()
        self.assertEqual(self.events(file).free_units, 60)
        grant.date_end = "2026-10-15"
        later = self.load(self.call(60, start="2026-10-15 12:00:00"), self.call(60, start="2026-10-16 12:00:00"))
        self.rate()
        self.assertEqual(self.events(later).mapped("free_units"), [60, 0])
        grant.unlink()
        self.assertFalse(self._given())
        last = self.load(self.call(60, start="2026-10-14 18:00:00"))
        self.rate()
        self.assertEqual(self.events(last).free_units, 0)
        self.assertTrue(self.events(file).explanation_html)

    def test_messages_and_data_are_other_units(self):
        self._grant(date(2026, 10, 1), {"unit": "sms", "quantity": 100}, {"unit": "byte", "quantity": 10**9})
        file = self.load(self.call(60))
        self.rate()
        self.assertEqual(self.events(file).free_units, 0)
        self.assertEqual(sorted(row[2] for row in self._given()), [100, 10**9])

    def test_nothing_before_the_service_or_after_it(self):
        self._grant(self.service.date_start - timedelta(days=90), {"unit": "s", "quantity": 60, "month_to": 1})
        self.load(self.call(60))
        self.rate()
        self.assertEqual(self._given(), [])

    def test_units_cannot_wait_during_a_suspension(self):
        with self.assertRaisesRegex(ValidationError, "suspension"):
            self._grant(date(2026, 10, 1), {"unit": "s", "quantity": 60}, stops_while_suspended=True)
