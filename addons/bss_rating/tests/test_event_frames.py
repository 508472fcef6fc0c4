from datetime import date, datetime
from decimal import Decimal

import polars as pl
from odoo.tests import BaseCase, tagged

from ..event_frames import Reading, engine_frame

KNOWN = frozenset({"net:26006", "net:262", "in:*", "apn:internet", "data", "vod:77"})


@tagged("standard", "at_install")
class TestEventFrames(BaseCase):
    """What the columns of an event mean to the engine, before anything is priced."""

    def _row(self, reading=None, **columns):
        usual = {
            "id": 1,
            "started_at": datetime(2026, 10, 14, 12),
            "service_id": 1,
            "plan_id": 1,
            "usage_kind": "voice",
        }
        frame = pl.DataFrame([{**usual, "units": 60, **columns}])
        return engine_frame(frame, reading or Reading(KNOWN, "PLN")).row(0, named=True)

    def test_codes(self):
        cases = (
            ({"network": "26006", "b_number": "48221234567"}, "net:26006"),
            ({"network": "26203"}, "net:262"),  # any network of the country
            ({"network": "DEUD1"}, "net:deud1"),  # unknown: never the price at home
            ({"network": "26006", "direction": "in"}, "in:*"),
            ({"network": "26006", "service_code": "apn:internet"}, "net:26006"),
            ({"service_code": "APN:Internet", "usage_kind": "data"}, "apn:internet"),
            ({"service_code": "apn:x", "usage_kind": "data"}, "apn:x"),
            ({"service_code": "vod:77", "b_number": "48221234567"}, "vod:77"),
            ({"service_code": "lcs", "b_number": "48221234567"}, None),
            ({"network": "", "service_code": "", "b_number": "48221234567"}, None),
            ({"b_number": "48221234567"}, None),
        )
        for columns, code in cases:
            with self.subTest(columns):
                self.assertEqual(self._row(**columns)["code"], code)
        self.assertEqual(self._row(Reading(), network="26006")["code"], "net:26006")

    def test_cost_in_the_currency_of_the_company(self):
        rates = [(date(2026, 10, 10), Decimal("4.3215")), (date(2026, 10, 14), Decimal("4.30"))]
        reading = Reading(frozenset(), "PLN", {"EUR": rates, "XDR": [(date.min, Decimal("5.1234567"))]})
        cases = (
            # (start, cost, currency) and what it comes to: 0.210 EUR × 4.3215 = 0.907515 PLN
            (datetime(2026, 10, 13, 21, 59), 210_000, "EUR", 907_515),
            (datetime(2026, 10, 13, 22, 0), 210_000, "EUR", 903_000),  # midnight in Poland
            (datetime(2026, 10, 9, 12), 210_000, "EUR", None),  # before the first rate
            (datetime(2026, 10, 14, 12), 210_000, "PLN", 210_000),
            (datetime(2026, 10, 14, 12), 210_000, None, 210_000),
            (datetime(2026, 10, 14, 12), 210_000, "USD", None),
            (datetime(2026, 10, 14, 12), 1, "SDR", 5),
            (datetime(2026, 10, 14, 12), -5, "EUR", -22),  # 21.5, half away from zero
            (datetime(2026, 10, 14, 12), None, "EUR", None),
        )
        for start, cost, currency, expected in cases:
            with self.subTest(start=start, cost=cost, currency=currency):
                row = self._row(reading, started_at=start, cost_micro=cost, cost_currency=currency)
                self.assertEqual(row["cost_micro"], expected)

    def test_costs_of_several_currencies_in_one_frame(self):
        reading = Reading(frozenset(), "PLN", {"EUR": [(date.min, Decimal(4))], "USD": [(date.min, Decimal(3))]})
        frame = pl.DataFrame(
            {
                "id": range(5),
                "started_at": [datetime(2026, 10, 14, 12)] * 5,
                "cost_micro": [10, 10, None, 10, 10],
                "cost_currency": ["USD", "EUR", "EUR", None, "CHF"],
            }
        )
        self.assertEqual(engine_frame(frame, reading)["cost_micro"].to_list(), [30, 40, None, 10, None])

    def test_volume_and_period(self):
        self.assertEqual(self._row(volume_up=1_234_567, volume_down=98_765_432)["volume"], 99_999_999)
        self.assertEqual(self._row(volume_up=5)["volume"], 5)
        self.assertIsNone(self._row()["volume"])
        self.assertEqual(self._row(started_at=datetime(2026, 10, 31, 23, 30))["period"], date(2026, 11, 1))
        self.assertEqual(self._row(period=date(2026, 9, 15))["period"], date(2026, 9, 15))
        self.assertTrue(self._row(on_net=True)["on_net"])
        self.assertFalse(self._row()["on_net"])
