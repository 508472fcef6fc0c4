"""Agreed interest under its cap, and commercial rates of contracts older than 2020."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import cap_factors, older_contracts, rate_table
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.contract_rates import CAP, CONTRACT, FLOOR, OLDER, contractual_table, older_contract_table
from dunning_core.law.interest import Claim, Interest, interest
from dunning_core.result import Failure

CIVIL, COMMERCIAL = rate_table("civil"), rate_table("commercial")
percents = st.integers(0, 6000).map(lambda hundredths: Decimal(hundredths) / 100)
days = st.dates(date(2016, 1, 1), date(2026, 11, 30))


def rate_on(table, text):
    rate = table.on(date.fromisoformat(text))
    assert rate is not None
    return rate.percent, rate.basis


class TestCap:
    """Twice the civil rate of each day (art. 481 § 2(1) of the Civil Code)."""

    @pytest.mark.parametrize(
        ("agreed", "on", "percent", "basis"),
        [
            ("30", "2026-07-01", "18.50", CAP),
            ("30", "2022-10-01", "24.50", CAP),
            ("18.50", "2026-03-05", "18.50", CONTRACT),
            ("18.51", "2026-03-05", "18.50", CAP),
            ("18.51", "2026-03-04", "18.51", CONTRACT),
            ("3", "2020-06-01", "3", CONTRACT),
        ],
    )
    def test_agreed_rate_is_cut_day_by_day(self, agreed, on, percent, basis):
        table = contractual_table(Decimal(agreed), CIVIL, cap_factors())
        assert rate_on(table, on) == (Decimal(percent), basis)

    def test_nothing_is_guessed_before_the_cap(self):
        table = contractual_table(Decimal(20), CIVIL, cap_factors())
        assert table.on(date(2015, 12, 31)) is None
        result = interest(Claim(Decimal(100), date(2015, 6, 30)), table, date(2016, 6, 30))
        assert isinstance(result, Failure) and result.code == "NO_RATE"
        assert contractual_table(Decimal(20), CIVIL, []).rates == ()

    @pytest.mark.parametrize(
        ("agreed", "on", "percent", "basis"),
        [
            ("5", "2026-07-01", "13.75", FLOOR),
            ("16", "2026-07-01", "16", CONTRACT),
            ("16", "2023-01-01", "16.75", FLOOR),
        ],
    )
    def test_business_cannot_agree_on_less_than_the_statute(self, agreed, on, percent, basis):
        table = contractual_table(Decimal(agreed), CIVIL, cap_factors(), statutory=COMMERCIAL)
        assert rate_on(table, on) == (Decimal(percent), basis)

    def test_the_reason_of_a_rate_is_in_the_calculation(self):
        table = contractual_table(Decimal(19), CIVIL, cap_factors())
        result = interest(Claim(Decimal("1000.00"), date(2026, 2, 1)), table, date(2026, 3, 31))
        assert isinstance(result, Interest)
        assert [(s.days, str(s.percent), s.basis) for s in result.segments] == [
            (31, "19", CONTRACT),
            (27, "18.50", CAP),
        ]
        assert [r.params["basis"] for r in result.explain if r.code == "INTEREST_SEGMENT"] == [CONTRACT, CAP]

    @settings(max_examples=200, deadline=None)
    @given(agreed=percents, on=days, business=st.booleans())
    def test_every_day_by_itself(self, agreed, on, business):
        table = contractual_table(agreed, CIVIL, cap_factors(), COMMERCIAL if business else None)
        civil, commercial = CIVIL.on(on), COMMERCIAL.on(on)
        assert civil is not None and commercial is not None
        wanted = min(agreed, 2 * civil.percent)
        if business:
            wanted = max(wanted, commercial.percent)
        rate = table.on(on)
        assert rate is not None and rate.percent == wanted


class TestOlderContracts:
    """Art. 20(3) of Dz.U. 2019/1649: the higher margin holds for interest that became due after 1 January 2020."""

    def test_the_old_rate_holds_one_day_longer(self):
        table = older_contract_table(COMMERCIAL, date(2018, 5, 4), older_contracts())
        assert rate_on(table, "2019-12-31")[0] == Decimal("9.50")
        assert rate_on(table, "2020-01-01")[0] == Decimal("9.50")
        assert rate_on(table, "2020-01-02") == (Decimal("11.50"), OLDER)
        assert rate_on(table, "2020-07-01")[0] == Decimal("10.10")

    def test_newer_contracts_follow_the_table(self):
        table = older_contract_table(COMMERCIAL, date(2020, 1, 1), older_contracts())
        assert table.rates == COMMERCIAL.rates

    def test_interest_over_new_year_2020(self):
        claim = Claim(Decimal("10000.00"), date(2019, 12, 30))
        amounts = []
        for concluded in (date(2019, 3, 1), date(2020, 1, 1)):
            table = older_contract_table(COMMERCIAL, concluded, older_contracts())
            result = interest(claim, table, date(2020, 1, 10), NO_FREE_DAYS)
            assert isinstance(result, Interest)
            amounts.append(result.amount)
        # 2 days at 9.50 and 9 at 11.50, against 1 and 10
        assert amounts == [Decimal("33.56"), Decimal("34.11")]

    @given(st.dates(date(2014, 1, 1), date(2019, 12, 31)), days)
    def test_all_other_days_are_those_of_the_table(self, concluded, on):
        old, plain = older_contract_table(COMMERCIAL, concluded, older_contracts()).on(on), COMMERCIAL.on(on)
        assert old is not None and plain is not None
        if on != date(2020, 1, 1):
            assert old.percent == plain.percent
        assert old.valid_from <= on < old.valid_from + timedelta(days=2000)
