from datetime import date, datetime
from random import Random

from odoo.fields import Command
from odoo.tests import tagged

from .on_load_common import OnLoadCommon

MOBILE, EMERGENCY, NOWHERE = "48501234567", "48112", "99512345678"


@tagged("post_install", "-at_install")
class TestRatingOnLoadAllowances(OnLoadCommon):
    """What an allowance might serve waits for the rating run; the results are those of a rating run alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.internet = cls.make_zone("T-NET", "content")
        cls.internet.code_ids = [Command.create({"kind": "usage", "value": "data"})]
        version = cls.new_version(cls.plan)
        version.rate_ids = [
            Command.create({"zone_id": cls.internet.id, "usage_kind": "data", "price_micro": 100_000}),
            Command.create({"zone_id": cls.fixed.id, "usage_kind": "sms", "price_micro": 90_000}),
            Command.create({"zone_id": cls.cellular.id, "usage_kind": "sms", "price_micro": 120_000}),
        ]
        version.action_activate()
        cls.version = version
        cls.one_of_each = [
            {},
            {"b_number": MOBILE},
            {"b_number": EMERGENCY},
            {"b_number": NOWHERE},
            {"usage_kind": "sms", "units": 1},
            {"usage_kind": "sms", "units": 1, "b_number": MOBILE},
            {"usage_kind": "data", "b_number": None, "units": 5_000_000},
            {"usage_kind": "premium"},
        ]

    def give(self, unit, quantity, *zones, product=None, **values):
        return self.env["bss.offering.allowance"].create(
            {
                "template_id": (product or self.mobile).product_tmpl_id.id,
                "name": f"Free {unit}",
                "unit": unit,
                "quantity": quantity,
                "zone_ids": [Command.set([zone.id for zone in zones])],
                **values,
            }
        )

    def promise(self, start, *steps, **values):
        promotion = self.env["bss.promotion"].create(
            {
                "code": "T-UNITS",
                "name": "Units to begin with",
                "company_id": self.company.id,
                "step_ids": [Command.create({"kind": "units", **step}) for step in steps],
                **values,
            }
        )
        promotion.state = "on_sale"
        return self.service._bss_grant(promotion, start)

    def assertLater(self, rows, *later):
        """:param later: places of the rows that wait"""
        states, outcome = self.assertSame(rows)
        self.assertEqual([place for place, state in enumerate(states) if state == "later"], list(later))
        return outcome

    def test_without_allowances_nothing_waits(self):
        self.assertLater(self.one_of_each)

    # --- units and zones

    def test_only_usage_of_the_kind_of_the_units_waits(self):
        for unit, later in (("s", (0, 1, 2, 3)), ("sms", (4, 5)), ("byte", (6,)), ("mms", ())):
            with self.subTest(unit), self.env.cr.savepoint() as point:
                self.give(unit, 1)
                self.assertLater(self.one_of_each, *later)
                point.rollback()
                self.env.invalidate_all()

    def test_money_may_pay_everything(self):
        self.give("micro", 1_000_000)
        self.assertLater(self.one_of_each, *range(len(self.one_of_each)))

    def test_money_for_some_zones(self):
        self.give("micro", 150_000, self.fixed)
        outcome = self.assertLater(self.one_of_each, 0, 4)
        self.assertTrue(any('"money":1500' in row[-2] for row in outcome.events), outcome.events)

    def test_only_usage_of_the_zones_of_the_allowance_waits(self):
        self.give("s", 90, self.cellular)
        self.give("sms", 1, self.fixed, self.premium)
        outcome = self.assertLater([*self.one_of_each, {"b_number": MOBILE, "units": 61}], 1, 4, 8)
        self.assertEqual(sum(row[8] for row in outcome.events), 61)

    def test_calls_within_the_operator_are_of_their_own_zone(self):
        inside = self.make_zone("T-ON", "on_net")
        version = self.new_version(self.version, date(2026, 10, 2))
        version.rate_ids = [Command.create({"zone_id": inside.id, "price_micro": 60_000, "chain": "60/60"})]
        version.action_activate()
        rows = [{"b_number": "48501000001"}, {"b_number": MOBILE}]
        for zone, later in ((self.cellular, 1), (inside, 0)):
            offered = self.give("s", 60, zone)
            self.assertLater(rows, later)
            offered.unlink()

    def test_an_archived_zone_does_not_limit(self):
        old = self.make_zone("T-OLD", "premium", ["4871"])
        self.give("s", 60, old)
        old.active = False
        self.assertLater([{}, {"usage_kind": "sms", "units": 1}], 0)

    def test_one_allowance_without_zones_makes_all_wait(self):
        self.give("s", 60, self.cellular)
        self.give("s", 60)
        self.assertLater(self.one_of_each, 0, 1, 2, 3)

    def test_in_one_time_band(self):
        day, _night = self.make_bands()
        self.give("s", 60, self.fixed, band_id=day.id)
        self.assertLater([{}, {"started_at": datetime(2026, 10, 14, 23)}, {"b_number": MOBILE}], 0, 1)

    # --- promised units

    def test_promised_units_hold_up_till_the_promotion_ends(self):
        granted = self.promise(date(2026, 9, 15), {"unit": "s", "quantity": 150, "month_from": 1, "month_to": 2})
        granted.date_end = date(2026, 10, 13)
        rows = [
            {"started_at": datetime(2026, 10, 1, 12)},
            {"started_at": datetime(2026, 10, 13, 21, 59, 59)},
            {"started_at": datetime(2026, 10, 13, 22, 0, 0)},
            {"started_at": datetime(2026, 10, 12, 12), "usage_kind": "sms", "units": 1},
        ]
        outcome = self.assertLater(rows, 0, 1)
        self.assertEqual([row[8] for row in outcome.events], [60, 0, 60, 0])

    def test_promised_units_beside_those_of_the_offering(self):
        self.give("s", 60, self.cellular)
        self.promise(date(2026, 10, 1), {"unit": "sms", "quantity": 1})
        self.assertLater(self.one_of_each, 1, 4, 5)

    # --- shared units

    def _family(self):
        """Numbers of services: one of the same contract, one of another contract of the account, one of another account."""
        plain = self.make_offering("T-PLAIN", 20.0, service="mobile")
        contract = self.service.contract_id
        other = contract.create({"account_id": contract.account_id.id, "date_start": "2026-01-01"})
        stranger = contract.create({"account_id": self.make_account("Another").id, "date_start": "2026-01-01"})
        numbers = []
        for one in (contract, other, stranger):
            numbers.append(self.next_msisdn())
            self.make_service(one, plain, msisdn=numbers[-1], rate_plan_id=self.plan.id)
        return numbers

    def test_units_of_a_pool_are_used_in_the_order_of_time(self):
        numbers = ["48501000001", *self._family()]
        rows = [
            {"charged_number": number, "a_number": number, "units": 50, "b_number": target,
             "started_at": datetime(2026, 10, 14, hour, minute)}
            for hour in (9, 8, 7)
            for minute, number in enumerate(numbers)
            for target in ("48221234567", MOBILE)
        ]  # fmt: skip
        for sharing, members in (("service", 1), ("contract", 2), ("account", 3)):
            with self.subTest(sharing), self.env.cr.savepoint() as point:
                self.give("s", 130, self.fixed, sharing=sharing)
                held = [
                    place
                    for place, row in enumerate(rows)
                    if row["charged_number"] in numbers[:members] and row["b_number"] != MOBILE
                ]
                outcome = self.assertLater(rows, *held)
                self.assertGreater(sum(row[8] for row in outcome.events), 100)
                point.rollback()
                self.env.invalidate_all()

    def test_whatever_is_offered(self):
        numbers = ["48501000001", *self._family()]
        seed = Random().randrange(10**9)
        dice = Random(seed)
        mix = (self.fixed, self.cellular, self.premium)
        for _offer in range(6):
            zones = dice.sample(mix, dice.randrange(3))
            sharing = dice.choice(("service", "contract", "account"))
            unit, most = dice.choice((("s", 3_000), ("s", 3_000), ("sms", 30), ("byte", 10**7)))
            self.give(unit, dice.randrange(1, most), *zones, sharing=sharing, priority=dice.randrange(3))
        self.promise(date(2026, 10, dice.randrange(1, 28)), {"unit": "s", "quantity": 600})
        rows = []
        for _event in range(150):
            number = dice.choice(numbers)
            kind = {**dice.choice(self.one_of_each)}
            if "units" not in kind:
                kind["units"] = dice.randrange(300)
            start = datetime(2026, 10, dice.randrange(1, 31), dice.randrange(24), dice.randrange(60))
            rows.append({"charged_number": number, "a_number": number, "started_at": start, **kind})
        with self.subTest(seed):
            states, _outcome = self.assertSame(rows)
            self.assertEqual(set(states), {"at once", "later"})

    # --- spending limits

    def test_limits_of_spending_are_noted_alike(self):
        self.give("s", 60, self.cellular)
        self.env["bss.spending.limit"].create(
            {
                "name": "Calls",
                "company_id": self.company.id,
                "amount": 1.0,
                "zone_ids": [Command.set((self.fixed | self.cellular).ids)],
                "threshold_ids": [Command.create({"percent": percent}) for percent in (50, 100, 400)],
            }
        )
        for calls, passed in ((1, []), (2, [50]), (3, [50, 100])):  # 0.29 each, those to mobiles after a free minute
            rows = [
                {"started_at": datetime(2026, 10, 14, hour), "b_number": number}
                for hour in range(calls)
                for number in ("48221234567", MOBILE)
            ]
            outcome = self.assertLater(rows, *range(1, 2 * calls, 2))
            self.assertEqual([notice[2] for notice in outcome.notices], passed)
