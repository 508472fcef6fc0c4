from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import RatingCommon

PERIOD = (date(2026, 10, 1), date(2026, 11, 30))


@tagged("post_install", "-at_install")
class TestRatingCodes(RatingCommon):
    """Zones by code, the zone inside the network, size steps, sessions and costs from upstream, from the catalogue to the price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.make_zone("T-DE", "roaming")
        cls.germany.code_ids = [
            Command.create({"kind": "network", "value": "262"}),
            Command.create({"kind": "incoming", "value": "IN:*"}),
        ]
        cls.internet = cls.make_zone("T-NET", "content")
        cls.internet.code_ids = [
            Command.create({"kind": "usage", "value": "data"}),
            Command.create({"kind": "usage", "value": "mms"}),
        ]

    def _plan(self, *rates, **values):
        version = self.new_version(self.plan)
        version.write({**values, "rate_ids": [Command.create(one) for one in rates]})
        version.action_activate()
        return version

    def _events(self, *events):
        """One event for each dict of columns of the event table; starts a minute apart unless told."""
        rows = [self.call(60, start=f"2026-10-14 12:{minute:02}:00") for minute in range(len(events))]
        file = self.load(*rows)
        self.env.flush_all()
        for event, columns in zip(self.events(file), events, strict=True):
            assignments = ", ".join(f"{name} = %s" for name in columns)
            self.env.cr.execute(
                f"UPDATE bss_usage_event SET {assignments} WHERE id = %s", [*columns.values(), event.id]
            )
        self.env["bss.usage.event"].invalidate_model()
        return file

    def test_abroad_the_visited_network_decides(self):
        self._plan({"zone_id": self.germany.id, "price_micro": 500_000, "chain": "60/1"})
        file = self._events(
            {"network": "26201", "units": 61},
            {"network": "26201", "units": 61, "direction": "in", "b_number": "48501000001"},
            {"network": "20801", "units": 61},
            {"units": 61},
        )
        self.rate()
        abroad, received, france, home = self.events(file)
        # 61 s × 0.50 / 60 = 0.50833; at home 61 s × 0.29 / 60 = 0.29483
        self.assertEqual((abroad.amount_e4, abroad.zone_id, abroad.prefix), (5_083, self.germany, "net:262"))
        self.assertEqual((received.amount_e4, received.zone_id, received.prefix), (5_083, self.germany, "in:*"))
        self.assertEqual((france.state, france.reason), ("suspended", "NO_ZONE"))
        self.assertEqual((home.amount_e4, home.zone_id), (2_948, self.fixed))

    def test_a_code_belongs_to_one_zone_and_says_what_it_is(self):
        for kind, value in (("network", "2620"), ("rating_group", "a"), ("apn", "a b"), ("usage", "x"), ("apn", " ")):
            with self.subTest(kind=kind, value=value), self.assertRaises(ValidationError), self.cr.savepoint():
                self.germany.code_ids = [Command.create({"kind": kind, "value": value})]
        self.assertEqual(self.germany.code_ids.mapped("code"), ["in:*", "net:262"])

    def test_inside_the_network(self):
        inside = self.make_zone("T-ON", "on_net")
        self._plan({"zone_id": inside.id, "price_micro": 60_000, "chain": "60/60"})
        file = self._events({"on_net": True}, {"on_net": False}, {"on_net": True, "usage_kind": "sms", "units": 1})
        self.rate()
        first, second, message = self.events(file)
        self.assertEqual((first.amount_e4, first.zone_id, first.prefix), (600, inside, "4822"))
        self.assertEqual((second.amount_e4, second.zone_id), (2_900, self.fixed))
        self.assertEqual(message.reason, "NO_RATE")  # the plan prices calls there, not messages

    def test_the_zone_inside_the_network_of_the_company(self):
        zones = self.make_zone("T-ON1", "on_net") | self.make_zone("T-ON2", "on_net")
        self.assertFalse(self.company._bss_get_on_net_zone())  # which one?
        self.company.bss_on_net_zone_id = zones[1]
        self.assertEqual(self.company._bss_get_on_net_zone(), zones[1])

    def test_data_without_and_with_an_access_point(self):
        corporate = self.make_zone("T-APN", "content")
        corporate.code_ids = [Command.create({"kind": "apn", "value": "Firma.PL"})]
        data = {"usage_kind": "data", "data_block_bytes": 100_000}
        self._plan(
            {"zone_id": self.internet.id, "price_micro": 100_000, **data},
            {"zone_id": corporate.id, "price_micro": 20_000, **data},
        )
        used = {"usage_kind": "data", "b_number": None, "units": 99_999_999}
        file = self._events({**used, "service_code": "apn:firma.pl"}, {**used, "service_code": "apn:internet"}, used)
        self.rate()
        # 1000 blocks of 100 kB: 10.00 at 0.01 a block, 2.00 at 0.002
        self.assertEqual(self.amounts(file), [20_000, 100_000, 100_000])
        self.assertEqual(self.events(file).mapped("prefix"), ["apn:firma.pl", "data", "data"])

    def test_size_steps_of_messages(self):
        self._plan({"zone_id": self.internet.id, "usage_kind": "mms", "price_micro": 200_000, "step_bytes": 100_000})
        message = {"usage_kind": "mms", "b_number": None, "units": 1}
        file = self._events(
            {**message, "volume_up": 350_001}, {**message, "volume_up": 50_000, "volume_down": 50_000}, message
        )
        self.rate()
        self.assertEqual(self.amounts(file), [8_000, 2_000, 2_000])  # 4 steps, 1 step, size unknown
        self.assertEqual(self.events(file)[0].billed_units, 4)

    def test_blocks_of_a_session_and_of_a_period(self):
        record = {"usage_kind": "data", "b_number": None}
        records = [
            {**record, "units": 60_000, "session_key": "s1"},
            {**record, "units": 30_000, "session_key": "s1"},  # still in the first block of the session
            {**record, "units": 30_000, "session_key": "s2"},
            {**record, "units": 20_000, "session_key": "s1"},  # 110,000: a second block
        ]
        expected = {"event": [100, 100, 100, 100], "session": [100, 0, 100, 100], "period": [100, 0, 100, 0]}
        for rounding, amounts in expected.items():
            with self.subTest(rounding), self.cr.savepoint() as savepoint:
                self._plan(
                    {"zone_id": self.internet.id, "usage_kind": "data", "price_micro": 100_000,
                     "data_block_bytes": 100_000, "rounding": rounding}
                )  # fmt: skip
                first, later = self._events(*records[:2]), self._events(*records[2:])
                self.env.cr.execute(
                    "UPDATE bss_usage_event SET started_at = started_at + interval '1 hour' WHERE file_id = %s",
                    (later.id,),
                )
                self.env["bss.usage.event"].invalidate_model()
                self.rate((PERIOD[0], date(2026, 10, 31)))  # all that waits, then nothing: the same totals go on
                self.assertEqual(self.amounts(first) + self.amounts(later), amounts)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_session_goes_on_in_the_next_run(self):
        self._plan(
            {"zone_id": self.internet.id, "usage_kind": "data", "price_micro": 100_000, "data_block_bytes": 100_000,
             "rounding": "session"}
        )  # fmt: skip
        record = {"usage_kind": "data", "b_number": None, "session_key": "s1"}
        first = self._events({**record, "units": 60_000})
        self.rate()
        second = self._events({**record, "units": 30_000}, {**record, "units": 30_000})
        self.rate()
        self.assertEqual(self.amounts(first) + self.amounts(second), [100, 0, 100])

    def test_totals_when_usage_is_rated_again(self):
        tiers = [
            {"quantity_from": 0, "quantity_to": 2, "price_micro": 100_000},
            {"quantity_from": 2, "quantity_to": 0, "price_micro": 50_000},
        ]
        self.account.bill_cycle_id = self.env["bss.bill.cycle"].create({"name": "15th", "day": 15})
        dear = self.make_zone("T-TIER", "national_fixed", ["4858"])
        blocks = {"zone_id": self.internet.id, "price_micro": 100_000, "data_block_bytes": 100_000}
        self._plan(
            {"zone_id": dear.id, "chain": "60/60", "tier_model": "graduated",
             "tier_ids": [Command.create(tier) for tier in tiers]},
            {**blocks, "usage_kind": "data", "rounding": "session"},
            {**blocks, "usage_kind": "mms", "rounding": "period", "step_bytes": 10, "price_micro": 30_000},
            tier_period="cycle",
        )  # fmt: skip
        calls = self.load(*(self.call(60, f"2026-{day} 12:00:00", "581234567") for day in ("10-31", "11-01", "11-02")))
        record = {"usage_kind": "data", "b_number": None, "units": 40_000, "session_key": "s1"}
        message = {"usage_kind": "mms", "b_number": None, "units": 1, "volume_up": 25}
        data = self._events(record, record, record, message, message)
        self.env.cr.execute(
            "UPDATE bss_usage_event SET started_at = started_at + interval '20 days' WHERE file_id = %s AND line_no > 1",
            (data.id,),
        )
        self.env["bss.usage.event"].invalidate_model()
        self.rate(PERIOD)
        before = self.amounts(calls) + self.amounts(data)
        self.assertEqual(before, [1_000, 1_000, 500, 100, 0, 100, 900, 900])
        totals = self.env["bss.rating.counter"].search([("service_id", "=", self.service.id)])
        known = sorted((total.scope, total.units) for total in totals)
        self.assertEqual(known, [("period", 6.0), ("session", 120_000.0), ("tier", 180.0)])
        rerating = self.env["bss.rerating"].create(
            {"date_start": "2026-11-01", "date_end": "2026-11-30", "reason": "Nothing was wrong"}
        )
        rerating.action_rerate()
        self.env.invalidate_all()
        self.assertEqual(rerating.count_changed, 0)
        self.assertEqual(self.amounts(calls) + self.amounts(data), before)
        totals = self.env["bss.rating.counter"].search([("service_id", "=", self.service.id)])
        self.assertEqual(sorted((total.scope, total.units) for total in totals), known)

    def test_tiers_by_the_bill_cycle_of_the_account(self):
        self.account.bill_cycle_id = self.env["bss.bill.cycle"].create({"name": "15th", "day": 15})
        tiers = [
            {"quantity_from": 0, "quantity_to": 2, "price_micro": 100_000},
            {"quantity_from": 2, "quantity_to": 0, "price_micro": 50_000},
        ]
        dear = self.make_zone("T-TIER", "national_fixed", ["4858"])
        rate = {"zone_id": dear.id, "chain": "60/60", "tier_model": "graduated"}
        self._plan({**rate, "tier_ids": [Command.create(tier) for tier in tiers]}, tier_period="cycle")
        days = (("2026-10-14", 120), ("2026-10-15", 120), ("2026-11-14", 60), ("2026-11-15", 60))
        file = self.load(*(self.call(seconds, f"{day} 12:00:00", "581234567") for day, seconds in days))
        self.rate(PERIOD)
        # the month from 15 October has 2 min at 0.10, then 1 min at 0.05
        self.assertEqual(self.amounts(file), [2_000, 2_000, 500, 1_000])

    def test_a_cost_from_upstream_with_a_mark_up(self):
        euro = self.env.ref("base.EUR")
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": "2026-10-01",
                "inverse_company_rate": 4.3215,
            }
        )
        version = self._plan(
            {
                "zone_id": self.germany.id,
                "charge_basis": "upstream",
                "markup_percent": 25.0,
                "connect_fee_micro": 10_000,
            }
        )
        rate = version.rate_ids.filtered(lambda one: one.zone_id == self.germany)
        self.assertEqual((rate.multiplier_micro, rate.price_per), (1_250_000, "cost"))
        abroad = {"network": "26201"}
        file = self._events(
            {**abroad, "cost_micro": 210_000, "cost_currency": "EUR"},
            {**abroad, "cost_micro": 210_000, "cost_currency": "PLN"},
            {**abroad, "cost_micro": 210_000, "cost_currency": "USD"},
            abroad,
        )
        self.env["res.currency.rate"].search([("currency_id.name", "=", "USD")]).unlink()
        self.rate()
        euros, zlotys, dollars, unknown = self.events(file)
        # 0.210 × 4.3215 × 1.25 + 0.01 = 1.14439375; 0.210 × 1.25 + 0.01 = 0.2725
        self.assertEqual((euros.amount_e4, zlotys.amount_e4), (11_444, 2_725))
        self.assertEqual((dollars.reason, unknown.reason), ("NO_COST", "NO_COST"))
        self.assertIn("0.907515 × 1.25", euros.explanation_html)

    def test_what_a_plan_asks_of_the_wrong_kind_of_usage(self):
        plan = self.make_rate_plan(
            [
                {"zone_id": self.fixed.id, "rounding": "session", "price_micro": 1},
                {"zone_id": self.cellular.id, "step_bytes": 10, "price_micro": 1},
                {"zone_id": self.germany.id, "charge_basis": "upstream", "price_micro": 1},
                {"zone_id": self.emergency.id, "price_micro": 0},
            ],
            code="T-ODD",
            activate=False,
        )
        found = {(problem.code, problem.params.get("zone")) for problem in plan._bss_problems()}
        self.assertLessEqual(
            {("ROUNDING_OF_CALLS", "T-FIX"), ("STEP_WITHOUT_SIZE", "T-MOB"), ("PRICE_BESIDE_COST", "T-DE")}, found
        )
        self.assertNotIn(("ZONE_WITHOUT_PREFIX", "T-DE"), found)
