"""Compensation for recovery costs: bands, rate day, older law, and the readings of "became due"."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import bands, polish_free_days
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.compensation import (
    Compensation,
    DueReading,
    Performance,
    compensation,
    compensation_eur,
    compensation_pln,
    compensation_rate_day,
)
from dunning_core.result import Failure

CALENDAR = polish_free_days()
BANDS = bands("compensation")


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestBands:
    @pytest.mark.parametrize(
        ("value", "eur"),
        [("0.01", 40), ("5000.00", 40), ("5000.01", 70), ("49999.99", 70), ("50000.00", 100), ("900000.00", 100)],
    )
    def test_bands(self, value, eur):
        assert compensation_eur(Decimal(value), date(2025, 1, 31), BANDS) == eur

    def test_flat_before_2020_and_nothing_before_the_act(self):
        assert compensation_eur(Decimal(90000), date(2019, 12, 31), BANDS) == 40
        assert compensation_eur(Decimal(90000), date(2020, 1, 2), BANDS) == 100
        assert isinstance(compensation_eur(Decimal(10), date(2013, 1, 1), BANDS), Failure)


class TestRateDay:
    @pytest.mark.parametrize(
        ("due", "rate_day"),
        [("2024-11-30", "2024-11-29"), ("2025-01-31", "2024-12-31"), ("2023-12-31", "2023-12-29")],
    )
    def test_e2_e6_e7_day_of_the_euro_rate(self, due, rate_day):
        assert compensation_rate_day(day(due), CALENDAR) == day(rate_day)

    @pytest.mark.parametrize(
        ("due", "rate_day"),
        [("2025-01-31", "2025-01-31"), ("2024-11-30", "2024-11-29"), ("2025-06-30", "2025-06-30")],
    )
    def test_courts_that_read_the_day_after(self, due, rate_day):
        assert compensation_rate_day(day(due), CALENDAR, DueReading.DAY_AFTER) == day(rate_day)

    @given(st.dates(date(2014, 1, 1), date(2030, 12, 31)), st.sampled_from(DueReading))
    def test_rate_day_found_by_walking_back(self, due, reading):
        became_due = due
        while CALENDAR.is_free(became_due):
            became_due += timedelta(days=1)
        if reading is DueReading.DAY_AFTER:
            became_due += timedelta(days=1)
        walked = became_due
        while walked.month == became_due.month or CALENDAR.is_free(walked):
            walked -= timedelta(days=1)
        assert compensation_rate_day(due, CALENDAR, reading) == walked


class TestCompensation:
    RATES = {day("2024-12-31"): Decimal("4.2730"), day("2025-01-31"): Decimal("4.2130")}

    def ask(self, as_of="2025-03-01", rates=None, reading=DueReading.DUE_DATE, **facts):
        performance = Performance(**{"value": Decimal("1234.56"), "due": day("2025-01-31"), **facts})
        return compensation(performance, day(as_of), BANDS, self.RATES if rates is None else rates, CALENDAR, reading)

    @pytest.mark.parametrize(("eur", "pln"), [(40, "170.92"), (70, "299.11"), (100, "427.30")])
    def test_e6_in_pln(self, eur, pln):
        assert compensation_pln(Decimal(eur), Decimal("4.2730")) == Decimal(pln)

    @pytest.mark.parametrize(("value", "pln"), [("5000.00", "170.92"), ("5000.01", "299.11"), ("50000.00", "427.30")])
    def test_e6_whole_with_its_calculation(self, value, pln):
        result = self.ask(value=Decimal(value))
        assert isinstance(result, Compensation)
        assert (result.amount, result.rate_day) == (Decimal(pln), day("2024-12-31"))
        assert result.entitled_from == day("2025-02-01")
        assert [reason.code for reason in result.explain] == [
            "COMPENSATION_BAND",
            "COMPENSATION_RATE",
            "COMPENSATION_AMOUNT",
        ]
        assert result.explain[-1].params == {
            "eur": result.amount_eur,
            "rate": Decimal("4.2730"),
            "amount": Decimal(pln),
        }

    def test_the_other_reading_is_another_rate(self):
        result = self.ask(reading=DueReading.DAY_AFTER)
        assert isinstance(result, Compensation)
        assert (result.rate_day, result.amount) == (day("2025-01-31"), Decimal("168.52"))

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"between_businesses": False}, "NOT_BETWEEN_BUSINESSES"),
            ({"as_of": "2025-01-31"}, "NOT_LATE_YET"),
            ({"concluded": date(2013, 4, 27)}, "CONTRACT_OLDER_THAN_ACT"),
            ({"due": date(2012, 5, 7)}, "NO_COMPENSATION"),
        ],
    )
    def test_refusals_are_values(self, facts, code):
        result = self.ask(**facts)
        assert isinstance(result, Failure) and result.code == code

    def test_contract_of_the_first_day_of_the_act(self):
        assert isinstance(self.ask(concluded=date(2013, 4, 28)), Compensation)

    def test_first_day_of_delay_is_enough(self):
        assert isinstance(self.ask(as_of="2025-02-01"), Compensation)

    def test_a_missing_rate_is_named_by_its_day(self):
        result = self.ask(rates={})
        assert isinstance(result, Failure)
        assert (result.code, result.params["day"]) == ("NO_MID_RATE", day("2024-12-31"))
