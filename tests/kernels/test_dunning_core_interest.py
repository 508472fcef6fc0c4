"""Interest against worked examples, at its edges, and against a day-by-day oracle."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from dunning_data import polish_free_days, rate_table
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.interest import (
    Allocation,
    Claim,
    Interest,
    Payment,
    Rounding,
    Terms,
    interest,
    interest_on_interest,
)
from dunning_core.law.rates import Rate, RateTable
from dunning_core.money import round_half_up
from dunning_core.result import Failure

CALENDAR = polish_free_days()
CIVIL, COMMERCIAL, MEDICAL = rate_table("civil"), rate_table("commercial"), rate_table("medical")
AMOUNT = Decimal("1234.56")


def day(text: str) -> date:
    return date.fromisoformat(text)


def calculate(table, due, as_of, payments=(), calendar=CALENDAR, **terms) -> Interest:
    claim = Claim(AMOUNT, day(due), tuple(Payment(day(d), Decimal(a)) for d, a in payments))
    result = interest(claim, table, day(as_of), calendar, Terms(**terms))
    assert isinstance(result, Interest), result
    return result


class TestWorkedExamples:
    def test_e1_civil_over_seven_rates(self):
        result = calculate(CIVIL, "2025-04-15", "2025-12-10")
        assert [(s.days, str(s.percent), str(round_half_up(s.exact, 4))) for s in result.segments] == [
            (22, "11.25", "8.3713"),
            (56, "10.75", "20.3618"),
            (63, "10.50", "22.3743"),
            (35, "10.25", "12.1342"),
            (28, "10.00", "9.4706"),
            (28, "9.75", "9.2338"),
            (7, "9.50", "2.2493"),
        ]
        assert (result.days, result.amount) == (239, Decimal("84.20"))

    def test_e1_rounded_per_segment(self):
        result = calculate(CIVIL, "2025-04-15", "2025-12-10", rounding=Rounding.PER_SEGMENT)
        assert result.amount == Decimal("84.18")

    def test_e2_commercial_due_on_saturday(self):
        result = calculate(COMMERCIAL, "2024-11-30", "2025-08-20")
        assert result.due_effective == day("2024-12-02")
        assert [(s.days, str(s.percent), str(round_half_up(s.exact, 4))) for s in result.segments] == [
            (210, "15.75", "111.8714"),
            (51, "15.25", "26.3063"),
        ]
        assert (result.days, result.amount) == (261, Decimal("138.18"))

    def test_e2_medical_and_without_shift(self):
        assert calculate(MEDICAL, "2024-11-30", "2025-08-20").amount == Decimal("120.52")
        assert calculate(COMMERCIAL, "2024-11-30", "2025-08-20", calendar=NO_FREE_DAYS).amount == Decimal("139.24")

    def test_e3_civil_over_twelve_years(self):
        result = calculate(CIVIL, "2014-10-31", "2026-03-31")
        assert (result.days, result.amount) == (4169, Decimal("1195.92"))
        per_segment = calculate(CIVIL, "2014-10-31", "2026-03-31", rounding=Rounding.PER_SEGMENT)
        assert per_segment.amount == Decimal("1195.89")

    def test_e4_leap_year_still_divides_by_365(self):
        result = calculate(CIVIL, "2024-01-31", "2024-12-31")
        assert (result.days, result.amount) == (335, Decimal("127.47"))

    def test_e5_part_payment_principal_first(self):
        result = calculate(CIVIL, "2025-06-30", "2025-12-31", [("2025-08-18", "500.00")])
        assert (result.principal_left, result.amount) == (Decimal("734.56"), Decimal("44.50"))
        assert sum(s.days for s in result.segments if s.principal == Fraction("734.56")) == 135

    def test_e5_part_payment_interest_first(self):
        paid = [("2025-08-18", "500.00")]
        result = calculate(CIVIL, "2025-06-30", "2025-12-31", paid, allocation=Allocation.INTEREST_FIRST)
        assert result.principal_left == Decimal("751.98")
        assert result.interest_left == Decimal("27.73")
        assert result.total_left == Decimal("779.71")
        once = calculate(
            CIVIL,
            "2025-06-30",
            "2025-12-31",
            paid,
            allocation=Allocation.INTEREST_FIRST,
            rounding=Rounding.ONCE,
        )
        assert once.total_left == Decimal("779.70")

    def test_e6_commercial_four_half_years(self):
        result = calculate(COMMERCIAL, "2025-01-31", "2026-09-30")
        assert [(s.days, str(s.percent)) for s in result.segments] == [
            (150, "15.75"),
            (184, "15.25"),
            (181, "14.00"),
            (92, "13.75"),
        ]
        assert (result.days, result.amount) == (607, Decimal("303.31"))


class TestExplain:
    """What a letter prints: every number of the calculation, no words."""

    def test_e5_prints_segments_payment_and_rounding(self):
        result = calculate(CIVIL, "2025-06-30", "2025-08-31", [("2025-08-18", "500.00")])
        assert [reason.code for reason in result.explain] == [
            "INTEREST_SEGMENT",
            "INTEREST_SEGMENT",
            "INTEREST_PAYMENT",
            "INTEREST_SEGMENT",
            "INTEREST_ROUNDED",
        ]
        assert result.explain[2].params["principal"] == Decimal("734.56")
        printed = sum(Decimal(str(r.params["interest"])) for r in result.explain if r.code == "INTEREST_SEGMENT")
        assert abs(printed - result.amount) < Decimal("0.01")

    def test_a_shifted_due_date_is_told(self):
        result = calculate(COMMERCIAL, "2024-11-30", "2024-12-31")
        assert result.explain[0].code == "DUE_SHIFTED"
        assert result.explain[0].params == {"due": day("2024-11-30"), "effective": day("2024-12-02")}

    def test_interest_first_prints_what_went_to_principal(self):
        paid = [("2025-08-18", "500.00")]
        result = calculate(CIVIL, "2025-06-30", "2025-12-31", paid, allocation=Allocation.INTEREST_FIRST)
        payment = next(reason for reason in result.explain if reason.code == "INTEREST_PAYMENT")
        assert payment.params["to_principal"] == Decimal("482.58")


class TestInterestOnInterest:
    def test_from_the_day_of_the_suit(self):
        """84.20 of interest, suit filed on Thursday 1 January 2026: that day already bears interest."""
        result = interest_on_interest(Decimal("84.20"), day("2026-01-01"), CIVIL, day("2026-01-31"))
        assert isinstance(result, Interest)
        assert (result.days, result.amount) == (31, Decimal("0.68"))
        before = interest_on_interest(Decimal("84.20"), day("2026-01-01"), CIVIL, day("2025-12-31"))
        assert isinstance(before, Interest) and before.amount == 0


class TestLeapYears:
    def test_29_february_bears_interest_and_365_divides(self):
        result = calculate(CIVIL, "2024-02-28", "2024-03-01")
        assert (result.days, result.amount) == (2, Decimal("0.76"))

    def test_the_divisor_is_a_setting(self):
        with_366 = calculate(CIVIL, "2024-01-31", "2024-12-31", divisor=366)
        assert with_366.amount == Decimal("127.12")


class TestInterestEdges:
    def test_nothing_before_and_on_the_due_date(self):
        for as_of in ("2025-06-29", "2025-06-30"):
            result = calculate(CIVIL, "2025-06-30", as_of)
            assert (result.amount, result.segments) == (Decimal("0.00"), ())

    def test_payment_on_the_due_date_bears_no_interest(self):
        result = calculate(CIVIL, "2025-06-30", "2026-06-30", [("2025-06-30", "1234.56")])
        assert (result.amount, result.total_left) == (0, 0)

    def test_first_day_is_one_day(self):
        result = calculate(CIVIL, "2025-06-30", "2025-07-01")
        assert result.days == 1
        assert result.segments[0].formula == "1234.56 × 10.75% × 1 / 365 = 0.3636"

    def test_interest_per_day_is_told(self):
        assert calculate(CIVIL, "2026-06-30", "2026-07-31").per_day == Decimal("0.31")

    def test_surplus_is_returned(self):
        result = calculate(CIVIL, "2025-06-30", "2025-12-31", [("2025-08-18", "1300.00")])
        assert (result.total_left, result.amount, result.surplus) == (0, Decimal("17.42"), Decimal("48.02"))

    def test_later_payment_is_not_known_yet(self):
        with_payment = calculate(CIVIL, "2025-06-30", "2025-08-17", [("2025-08-18", "500.00")])
        assert with_payment == calculate(CIVIL, "2025-06-30", "2025-08-17")

    def test_day_without_a_rate_is_a_value(self):
        result = interest(Claim(AMOUNT, date(2000, 1, 3)), CIVIL, date(2001, 1, 1))
        assert isinstance(result, Failure)
        assert (result.code, result.params["regime"]) == ("NO_RATE", "civil")

    def test_nonsense_amounts_are_values(self):
        negative = interest(Claim(Decimal(-1), date(2025, 1, 1)), CIVIL, date(2025, 2, 1))
        zero = Claim(Decimal(1), date(2025, 1, 1), (Payment(date(2025, 1, 5), Decimal(0)),))
        assert isinstance(negative, Failure) and negative.code == "BAD_AMOUNT"
        bad = interest(zero, CIVIL, date(2025, 2, 1))
        assert isinstance(bad, Failure) and bad.code == "BAD_PAYMENT"

    def test_two_rates_on_one_day_are_refused(self):
        rate = Rate(date(2025, 1, 1), Decimal(1))
        with pytest.raises(ValueError):
            RateTable("civil", [rate, rate])


def oracle(claim: Claim, table: RateTable, as_of: date) -> tuple[Decimal, Decimal]:
    """Day by day, principal first, rounded once: interest so far and principal left."""
    rates = {rate.valid_from: rate.percent for rate in table.rates}
    today, percent = min(rates), Decimal(0)
    principal, total = claim.principal, Decimal(0)
    while today <= as_of:
        percent = rates.get(today, percent)
        if today > claim.due:
            total += principal * percent
        for payment in claim.payments:
            if payment.day == today:
                principal = max(Decimal(0), principal - payment.amount)
        today += timedelta(days=1)
    exact = Fraction(total) / 36500
    cents = int(exact * 100 + Fraction(1, 2))
    return Decimal(cents) / 100, principal


money = st.integers(1, 10_000_00).map(lambda cents: Decimal(cents) / 100)
days = st.dates(date(2015, 1, 1), date(2026, 11, 30))


def oracle_interest_first(claim: Claim, table: RateTable, as_of: date) -> tuple[Decimal, Decimal, Decimal]:
    """Day by day; each payment pays the interest so far (rounded that day) and then principal."""
    principal, owed, total = Fraction(claim.principal), Decimal(0), Decimal(0)
    running = Fraction(0)
    paid = {payment.day: payment.amount for payment in claim.payments}

    def settle() -> Decimal:
        return Decimal(int(running * 100 + Fraction(1, 2))) / 100

    today = claim.due
    while today < as_of:
        today += timedelta(days=1)
        rate = table.on(today)
        assert rate is not None
        running += principal * Fraction(rate.percent) / 36500
        if today in paid:
            owed, total, running = owed + settle(), total + settle(), Fraction(0)
            to_interest = min(paid[today], owed)
            owed -= to_interest
            principal -= Fraction(paid[today] - to_interest)
    return total + settle(), Decimal(principal.numerator) / principal.denominator, owed + settle()


class TestAgainstOracle:
    @settings(max_examples=60, deadline=None)
    @given(principal=money, due=days, as_of=days, paid=st.lists(st.tuples(days, money), max_size=3))
    def test_every_day_by_itself(self, principal, due, as_of, paid):
        payments = [Payment(max(d, due), a) for d, a in paid]
        kept, left = [], principal
        for payment in sorted(payments, key=lambda p: p.day):
            if payment.amount < left:
                kept.append(payment)
                left -= payment.amount
        claim = Claim(principal, due, tuple(kept))
        result = interest(claim, CIVIL, as_of)
        assert isinstance(result, Interest)
        amount, principal_left = oracle(claim, CIVIL, as_of)
        assert (result.amount, result.principal_left) == (amount, principal_left)

    @settings(max_examples=60, deadline=None)
    @given(
        principal=st.integers(3000_00, 10_000_00).map(lambda cents: Decimal(cents) / 100),
        due=days,
        length=st.integers(1, 900),
        paid=st.dictionaries(st.integers(1, 900), st.integers(1, 900_00), max_size=3),
    )
    def test_interest_first_every_day_by_itself(self, principal, due, length, paid):
        """Up to three payments of at most 900.00 never pay 3,000.00 off, so the oracle needs no surplus."""
        payments = tuple(Payment(due + timedelta(days=n), Decimal(cents) / 100) for n, cents in paid.items())
        claim = Claim(principal, due, payments)
        as_of = due + timedelta(days=length)
        result = interest(claim, CIVIL, as_of, terms=Terms(Allocation.INTEREST_FIRST))
        assert isinstance(result, Interest)
        wanted = oracle_interest_first(claim, CIVIL, as_of)
        assert (result.amount, result.principal_left, result.interest_left) == wanted

    @settings(max_examples=200, deadline=None)
    @given(
        principal=money,
        due=days,
        as_of=days,
        paid=st.lists(st.tuples(days, money), max_size=4),
        allocation=st.sampled_from(Allocation),
        rounding=st.sampled_from([None, *Rounding]),
    )
    def test_money_is_conserved_and_days_are_unbroken(self, principal, due, as_of, paid, allocation, rounding):
        claim = Claim(principal, due, tuple(Payment(d, a) for d, a in paid))
        result = interest(claim, COMMERCIAL, as_of, CALENDAR, Terms(allocation, rounding))
        assert isinstance(result, Interest)
        received = sum((a for d, a in paid if d <= as_of), Decimal(0))
        assert principal + result.amount + result.surplus == received + result.total_left
        assert result.amount >= 0 and result.principal_left >= 0 and result.surplus >= 0
        for before, after in zip(result.segments, result.segments[1:], strict=False):
            assert after.date_start == before.date_end + timedelta(days=1)
        if result.segments:
            assert result.segments[0].date_start == result.due_effective + timedelta(days=1)

    @given(st.fractions(min_value=-1000, max_value=1000, max_denominator=2000))
    def test_rounding_agrees_with_decimal(self, value):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        if Fraction(exact) == value:
            assert round_half_up(value) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
