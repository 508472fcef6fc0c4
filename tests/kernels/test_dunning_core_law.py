"""Interest, calendar, limitation, compensation and the service chain against worked examples and an oracle."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from dunning_data import chain_terms, limitation_terms, polish_free_days, rate_table
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS, FreeDays
from dunning_core.law.compensation import (
    CompensationBand,
    compensation_eur,
    compensation_pln,
    compensation_rate_day,
)
from dunning_core.law.interest import Allocation, Claim, Interest, Payment, Rounding, Terms, interest
from dunning_core.law.limitation import LimitationTerm, is_lapsed, limitation_bar, limitation_end
from dunning_core.law.rates import Rate, RateTable
from dunning_core.law.service_chain import (
    ChainState,
    ChainStep,
    Notice,
    NoticeKind,
    gate,
    resume_deadline,
)
from dunning_core.money import round_half_up
from dunning_core.result import Failure

CALENDAR = polish_free_days()
TERMS = chain_terms()
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

    @pytest.mark.parametrize(
        ("due", "moved"),
        [
            ("2025-11-01", "2025-11-03"),
            ("2025-12-24", "2025-12-29"),
            ("2024-12-24", "2024-12-24"),
            ("2023-12-31", "2024-01-02"),
            ("2018-11-10", "2018-11-13"),
            ("2016-10-15", "2016-10-15"),
        ],
    )
    def test_e7_due_date_moves_off_free_days(self, due, moved):
        assert CALENDAR.shift(day(due)) == day(moved)

    @pytest.mark.parametrize(
        ("due", "rate_day"),
        [("2024-11-30", "2024-11-29"), ("2025-01-31", "2024-12-31"), ("2023-12-31", "2023-12-29")],
    )
    def test_day_of_the_euro_rate(self, due, rate_day):
        assert compensation_rate_day(day(due), CALENDAR) == day(rate_day)

    def test_e9_limitation(self):
        terms = [LimitationTerm(day("2018-07-09"), 3)]
        assert limitation_end(day("2022-12-30"), terms) == day("2025-12-31")
        assert limitation_end(day("2023-01-02"), terms) == day("2026-12-31")
        assert not is_lapsed(day("2022-12-30"), day("2025-12-31"), terms)
        assert is_lapsed(day("2022-12-30"), day("2026-01-01"), terms)
        assert limitation_end(day("2018-07-08"), terms) is None
        assert limitation_bar(day("2018-07-08"), day("2018-07-09"), terms) == "LIMITATION_UNKNOWN"

    @pytest.mark.parametrize(
        ("due", "last"),
        [
            ("1990-09-30", None),
            ("2014-05-05", "2017-05-05"),
            ("2012-02-29", "2015-02-28"),
            ("2015-07-08", "2018-07-08"),
            ("2015-07-09", "2018-12-31"),
            ("2016-01-01", "2019-12-31"),
            ("2018-07-08", "2021-12-31"),
            ("2018-07-09", "2021-12-31"),
        ],
    )
    def test_limitation_over_the_change_of_2018(self, due, last):
        """What had not lapsed on 9 July 2018 follows the new wording; the rest ended on its day."""
        terms = limitation_terms()
        assert limitation_end(day(due), terms) == (day(last) if last else None)
        if last:
            assert limitation_bar(day(due), day(last), terms) == ""
            assert limitation_bar(day(due), day(last) + timedelta(days=1), terms) == "LAPSED"


class TestCompensation:
    BANDS = (
        CompensationBand(date(2013, 4, 28), Decimal(0), True, Decimal(40)),
        CompensationBand(date(2020, 1, 1), Decimal(0), True, Decimal(40)),
        CompensationBand(date(2020, 1, 1), Decimal(5000), False, Decimal(70)),
        CompensationBand(date(2020, 1, 1), Decimal(50000), True, Decimal(100)),
    )

    @pytest.mark.parametrize(
        ("value", "eur"),
        [("0.01", 40), ("5000.00", 40), ("5000.01", 70), ("49999.99", 70), ("50000.00", 100)],
    )
    def test_bands(self, value, eur):
        assert compensation_eur(Decimal(value), date(2025, 1, 31), self.BANDS) == eur

    def test_flat_before_2020_and_nothing_before_the_act(self):
        assert compensation_eur(Decimal(90000), date(2019, 12, 31), self.BANDS) == 40
        assert isinstance(compensation_eur(Decimal(10), date(2013, 1, 1), self.BANDS), Failure)

    @pytest.mark.parametrize(("eur", "pln"), [(40, "170.92"), (70, "299.11"), (100, "427.30")])
    def test_e6_in_pln(self, eur, pln):
        assert compensation_pln(Decimal(eur), Decimal("4.2730")) == Decimal(pln)


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


class TestCalendar:
    @pytest.mark.parametrize(("saturday", "is_free"), [("2016-12-31", False), ("2017-01-07", True)])
    def test_saturday_is_free_since_2017(self, saturday, is_free):
        assert FreeDays().is_free(day(saturday)) is is_free

    def test_a_plain_set_of_dates_is_enough(self):
        monday = day("2026-03-02")
        assert FreeDays([monday]).shift(day("2026-02-28")) == day("2026-03-03")
        assert not NO_FREE_DAYS.is_free(day("2026-03-01"))

    @pytest.mark.parametrize(
        "free", ["2026-04-06", "2026-05-24", "2026-06-04", "2026-08-15", "2025-12-24", "2018-11-12"]
    )
    def test_free(self, free):
        assert CALENDAR.is_free(day(free))

    @pytest.mark.parametrize("working", ["2024-12-24", "2019-11-12", "2016-12-31", "2026-06-05", "2010-01-06"])
    def test_working(self, working):
        assert CALENDAR.is_working(day(working))


class TestCutoff:
    @given(st.dates(date(2015, 1, 1), date(2030, 12, 31)), st.integers(-20, 5))
    def test_overdue_means_that_the_shifted_term_is_over(self, as_of, distance):
        due = as_of + timedelta(days=distance)
        assert (due <= CALENDAR.last_working_day_before(as_of)) == (CALENDAR.shift(due) < as_of)


class TestServiceChain:
    """Day 0 is Monday 2026-02-02; no term ends on a free day, so this is the fastest lawful timeline."""

    ZERO = date(2026, 2, 2)

    def on(self, number: int) -> date:
        return self.ZERO + timedelta(days=number)

    def first_allowed(self, step: ChainStep, state: ChainState, until: int = 120) -> int | None:
        for number in range(until):
            if gate(step, state, self.on(number), NO_FREE_DAYS, TERMS).allowed:
                return number
        return None

    def state(self, *delivered: tuple[NoticeKind, int], **facts) -> ChainState:
        notices = tuple(Notice(kind, self.on(number)) for kind, number in delivered)
        return ChainState(unpaid=True, notices=notices, **facts)

    def test_fastest_timeline(self):
        n1, n2, n3 = NoticeKind.N1, NoticeKind.N2, NoticeKind.N3
        assert self.first_allowed(ChainStep.RESTRICT, self.state((n1, 0))) == 8
        restricted = {"restricted_on": self.on(8)}
        assert self.first_allowed(ChainStep.NOTICE_SUSPEND, self.state((n1, 0), **restricted)) == 16
        assert self.first_allowed(ChainStep.SUSPEND, self.state((n1, 0), (n2, 16), **restricted)) == 20
        suspended = {**restricted, "suspended_on": self.on(20)}
        assert self.first_allowed(ChainStep.NOTICE_TERMINATE, self.state((n1, 0), (n2, 16), **suspended)) == 28
        assert self.first_allowed(ChainStep.TERMINATE, self.state((n1, 0), (n2, 16), (n3, 28), **suspended)) == 36

    def test_sent_is_not_delivered(self):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1),))
        answer = gate(ChainStep.RESTRICT, state, self.on(90), CALENDAR, TERMS)
        assert (answer.allowed, answer.code) == (False, "N1_NOT_DELIVERED")

    def test_a_notice_too_early_does_not_count(self):
        state = self.state((NoticeKind.N1, 0), (NoticeKind.N2, 15), restricted_on=self.on(8))
        assert gate(ChainStep.SUSPEND, state, self.on(90), CALENDAR, TERMS).code == "N2_NOT_DELIVERED"

    def test_term_ending_on_a_free_day_moves(self):
        """Delivered on Saturday 2025-12-20: 7 days end on Saturday 27, so Monday 29 is the last day to pay."""
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, day("2025-12-20")),))
        assert not gate(ChainStep.RESTRICT, state, day("2025-12-29"), CALENDAR, TERMS).allowed
        answer = gate(ChainStep.RESTRICT, state, day("2025-12-30"), CALENDAR, TERMS)
        assert (answer.allowed, answer.earliest) == (True, day("2025-12-30"))

    def test_payment_closes_the_gate(self):
        state = ChainState(unpaid=False, notices=(Notice(NoticeKind.N1, self.ZERO),))
        for step in ChainStep:
            assert gate(step, state, self.on(90), CALENDAR, TERMS).code == "NOTHING_DUE"

    def test_no_suspension_without_restriction_unless_unfit(self):
        state = self.state((NoticeKind.N1, 0), (NoticeKind.N2, 16))
        assert gate(ChainStep.SUSPEND, state, self.on(90), CALENDAR, TERMS).code == "NOT_RESTRICTED"
        unfit = self.state((NoticeKind.N1, 0), (NoticeKind.N2, 16), restriction_unfit=True)
        assert self.first_allowed(ChainStep.SUSPEND, unfit) == 20

    def test_complaint(self):
        facts = {"restricted_on": self.on(8), "complaint_open": True}
        notices = ((NoticeKind.N1, 0), (NoticeKind.N2, 16))
        assert self.first_allowed(ChainStep.SUSPEND, self.state(*notices, **facts)) == 20
        protected = self.state(*notices, **facts, undisputed_paid=True)
        assert gate(ChainStep.SUSPEND, protected, self.on(90), CALENDAR, TERMS).code == "COMPLAINT_OPEN"
        over = self.state(*notices, **facts, undisputed_paid=True, complaint_exhausted_on=self.on(30))
        assert self.first_allowed(ChainStep.SUSPEND, over) == 52

    def test_persistent_late_payer(self):
        assert self.first_allowed(ChainStep.SUSPEND, self.state((NoticeKind.PERSISTENT, 0))) == 15

    def test_nothing_ends_without_suspension(self):
        assert (
            gate(ChainStep.TERMINATE, self.state((NoticeKind.N3, 0)), self.on(90), CALENDAR, TERMS).code
            == "NOT_SUSPENDED"
        )

    def test_resume_deadline(self):
        assert resume_deadline(date(2026, 2, 2), TERMS) == date(2026, 2, 5)

    @settings(max_examples=100, deadline=None)
    @given(n1=days, wait=st.integers(0, 40), step=st.sampled_from([ChainStep.RESTRICT, ChainStep.SUSPEND]))
    def test_never_earlier_than_the_act(self, n1, wait, step):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, n1),))
        if gate(step, state, n1 + timedelta(days=wait), CALENDAR, TERMS).allowed:
            assert step is ChainStep.RESTRICT and wait >= 8
