from datetime import date, timedelta

from odoo.addons.bss_mediation.tests.common import MediationCommon
from odoo.fields import Command

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


class RatingCommon(MediationCommon):
    """The subscriber of ``MediationCommon`` with a plan of three zones and 10 free minutes to fixed and mobile numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fixed = cls.make_zone("T-FIX", "national_fixed", ["4822", "4861"])
        cls.cellular = cls.make_zone("T-MOB", "national_mobile", ["4850", "4860"])
        cls.premium = cls.make_zone("T-PREM", "premium", ["4870"])
        cls.emergency = cls.make_zone("T-SOS", "emergency", ["48112"])
        cls.plan = cls.make_rate_plan(cls.rates(), code="T-STD")
        cls.mobile.bss_rate_plan_id = cls.plan
        cls.service.rate_plan_id = cls.plan
        cls.usage_product = cls.make_offering("USAGE", 0.0, kind="usage")

    @classmethod
    def rates(cls, fixed=290_000, cellular=290_000):
        increments = {"increment_first_s": 60, "increment_next_s": 1}
        return [
            {"zone_id": cls.fixed.id, "price_micro": fixed, **increments},
            {"zone_id": cls.cellular.id, "price_micro": cellular, "increment_first_s": 60, "increment_next_s": 60},
            {"zone_id": cls.emergency.id, "price_micro": 0},
        ]

    @classmethod
    def new_version(cls, plan, day=OCTOBER[0]):
        """Draft version of a plan from ``day`` on; the old one ends the day before."""
        plan.date_end = day - timedelta(days=1)
        version = plan.browse(plan.action_new_version()["res_id"])
        version.date_start = day
        return version

    @classmethod
    def give_minutes(cls, minutes, zones=(), name="Free minutes", priority=10):
        return cls.env["bss.offering.allowance"].create(
            {
                "template_id": cls.mobile.product_tmpl_id.id,
                "name": name,
                "unit": "s",
                "quantity": 60 * minutes,
                "zone_ids": [Command.set([zone.id for zone in zones])],
                "priority": priority,
            }
        )

    @classmethod
    def make_bands(cls):
        """Weekdays from 8 to 18, and the rest of the week."""
        weekend = {"day_sat": False, "day_sun": False, "day_holiday": False}
        return cls.env["bss.time.band"].create(
            [
                {"name": "Day", "code": "T-DAY", "company_id": cls.company.id, "hour_from": 8, "hour_to": 18,
                 "weight": 20, **weekend},
                {"name": "Night", "code": "T-NIGHT", "company_id": cls.company.id, "weight": 10},
            ]
        )  # fmt: skip

    @classmethod
    def call(cls, seconds, start="2026-10-14 12:00:00", dst="221234567", **changes):
        return cls.row(start=start, answer="", end="", duration=str(seconds), billsec=str(seconds), dst=dst, **changes)

    @classmethod
    def make_rating(cls, period=OCTOBER):
        return cls.env["bss.rating.run"].create({"date_start": period[0], "date_end": period[1]})

    @classmethod
    def rate(cls, period=OCTOBER):
        run = cls.make_rating(period)
        run._bss_rate()
        return run

    def amounts(self, file):
        return self.events(file).mapped("amount_e4")

    def assertConserved(self):
        """Sum of rated events = sum of usage charges, counted past the ORM."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT (SELECT COALESCE(sum(amount_e4), 0)::bigint FROM bss_usage_event
                        WHERE company_id = %(company)s AND state <> 'suspended'),
                      (SELECT COALESCE(sum(amount_e4), 0)::bigint FROM bss_charge
                        WHERE company_id = %(company)s AND kind = 'usage')""",
            {"company": self.company.id},
        )
        events, charges = self.env.cr.fetchone()
        self.assertEqual(events, charges)
        return events
