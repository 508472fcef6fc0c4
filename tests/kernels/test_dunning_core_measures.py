"""Numbers of collections against their definitions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS, FreeDays
from dunning_core.law.chain_plan import fastest_course
from dunning_core.law.service_chain import ChainTerms
from dunning_core.measures.buckets import BUCKETS, bucket, last_due_days, order
from dunning_core.measures.effects import Taken, effect, recovered
from dunning_core.measures.receivables import Month, cei, dso
from dunning_core.measures.rolls import Flow, roll_rates
from dunning_core.measures.worklist import Standing, score

AS_OF = date(2026, 11, 20)
FREE = FreeDays(frozenset({date(2026, 11, 11)}))
money = st.decimals(0, 100_000, places=2)


class TestBuckets:
    @pytest.mark.parametrize(
        ("days", "code"),
        [(-5, "not_due"), (0, "not_due"), (1, "1_30"), (30, "1_30"), (31, "31_60"), (60, "31_60"), (61, "61_90"),
         (90, "61_90"), (91, "91_180"), (180, "91_180"), (181, "181_365"), (365, "181_365"), (366, "365")],
    )  # fmt: skip
    def test_borders(self, days, code):
        assert bucket(days) == code

    @given(st.integers(-40, 500), st.sampled_from([NO_FREE_DAYS, FREE]))
    def test_days_to_compare_with_say_the_same_as_moving_every_term(self, late, calendar):
        due = AS_OF - timedelta(days=late)
        by_days = BUCKETS[sum(due <= day for day in last_due_days(AS_OF, calendar))]
        assert by_days == bucket((AS_OF - calendar.shift(due)).days)


class TestReceivables:
    def test_worked_example(self):
        assert dso(Decimal(30_000), Decimal(90_000), 90) == Decimal("30.00")
        month = Month(Decimal(1000), Decimal(500), Decimal(900), Decimal(400))
        assert cei(month) == Decimal("54.55")  # 600 of 1,100 that could be collected

    def test_nothing_to_compare_with(self):
        assert dso(Decimal(10), Decimal(0), 90) is None
        assert cei(Month(Decimal(0), Decimal(5), Decimal(5), Decimal(5))) is None

    @given(money, money, st.decimals(0, 1, places=3), st.decimals(0, 1, places=3))
    def test_effectiveness_lies_between_nothing_and_all(self, opening, sales, left, current):
        closing = (opening + sales) * left
        result = cei(Month(opening, sales, closing, closing * current))
        assert result is None or 0 <= result <= 100


class TestRolls:
    def test_moved_of_opening(self):
        rates = roll_rates(
            [
                Flow("1_30", "31_60", Decimal(100), Decimal(80)),
                Flow("1_30", None, Decimal(100), Decimal(0)),
                Flow("not_due", "not_due", Decimal(50), Decimal(50)),
            ]
        )
        assert rates["1_30"] == Decimal("40.00")
        assert rates["not_due"] == Decimal("0.00")
        assert rates["31_60"] is None
        assert "365" not in rates

    @given(st.lists(st.tuples(st.sampled_from(BUCKETS[:-1]), st.sampled_from((*BUCKETS, None)), money)))
    def test_a_rate_is_a_part(self, rows):
        flows = [Flow(was, became, amount, amount if became else Decimal(0)) for was, became, amount in rows]
        for code, rate in roll_rates(flows).items():
            assert rate is None or 0 <= rate <= 100
            older = [flow for flow in flows if flow.opening_bucket == code and flow.closing_bucket]
            if rate and rate > 0:
                assert any(order(flow.closing_bucket) > order(code) for flow in older)


class TestEffects:
    day = date(2026, 10, 10)

    def test_only_payments_after_the_step_and_within_the_window(self):
        pays = tuple((self.day + timedelta(days=number), Decimal(10)) for number in (-1, 0, 1, 14, 15))
        assert recovered(Taken(self.day, Decimal(100), Decimal(0), pays), 14) == Decimal(20)

    def test_rates(self):
        paid = Taken(self.day, Decimal(50), Decimal(1), ((self.day + timedelta(days=3), Decimal(60)),))
        part = Taken(self.day, Decimal(50), Decimal(4), ((self.day + timedelta(days=3), Decimal(50) / 2),))
        none = Taken(self.day, Decimal(50), Decimal(1))
        result = effect([paid, part, none], 14)
        assert (result.cured, result.recovered, result.cure_rate) == (1, Decimal(75), Decimal("33.33"))
        assert result.cost_per_zloty == Decimal("0.08")
        assert effect([none], 14).cost_per_zloty is None
        assert effect([], 14).cure_rate is None

    @given(st.lists(st.tuples(st.integers(-5, 40), money)), money, st.integers(1, 30))
    def test_a_longer_window_never_brings_less(self, pays, demanded, window):
        payments = tuple((self.day + timedelta(days=number), amount) for number, amount in pays)
        step = Taken(self.day, demanded, Decimal(0), payments)
        assert recovered(step, window) <= recovered(step, window + 1) <= demanded


class TestWorklist:
    @given(money, st.integers(0, 400), st.booleans())
    def test_more_money_and_more_urgency_come_first(self, amount, days, due):
        plain = Standing(amount, days, due=due, held=False, watched=False)
        assert score(Standing(amount + 1, days, due=due, held=False, watched=False)) > score(plain)
        assert score(Standing(amount, days, due=due, held=True, watched=False)) <= score(plain)
        assert score(Standing(amount, days, due=due, held=False, watched=True)) <= score(plain)
        assert score(Standing(amount, days + 10, due=due, held=False, watched=False)) >= score(plain)

    def test_age_counts_up_to_ninety_days(self):
        at = [score(Standing(Decimal(100), days, due=False, held=False, watched=False)) for days in (0, 45, 90, 900)]
        assert at == [100, 150, 200, 200]
        assert score(Standing(Decimal(100), 0, due=True, held=False, watched=False)) == 200


class TestFastestCourse:
    terms = ChainTerms(7, 7, 3, 7, 7, 14, 21, 3)

    def test_days_of_the_act(self):
        course = fastest_course(AS_OF, NO_FREE_DAYS, self.terms)
        days = {step.step.value: (step.day - AS_OF).days for step in course}
        assert days == {"restrict": 8, "n2": 16, "suspend": 20, "n3": 28, "terminate": 36}
        assert all(step.explain for step in course)

    @given(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
    def test_free_days_only_make_it_later(self, delivered):
        weekends = FreeDays(frozenset())
        plain = fastest_course(delivered, NO_FREE_DAYS, self.terms)
        moved = fastest_course(delivered, weekends, self.terms)
        assert all(late.day >= early.day for late, early in zip(moved, plain, strict=True))
        assert [step.day for step in moved] == sorted(step.day for step in moved)
