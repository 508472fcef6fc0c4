"""The chain of art. 382 of the PKE act: notices, terms, complaint, the persistent payer, fees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import chain_terms, persistence_terms, polish_free_days
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.law.service_chain import (
    ChainState,
    ChainStep,
    Notice,
    NoticeKind,
    PersistenceTerms,
    gate,
    is_persistent,
    notice_flaw,
    persistence_window,
    resume_deadline,
    resume_fee_failure,
)

CALENDAR = polish_free_days()
TERMS = chain_terms()
days = st.dates(date(2015, 1, 1), date(2026, 11, 30))


def day(text: str) -> date:
    return date.fromisoformat(text)


def counted(delivered: date, number: int) -> date:
    """First day after ``number`` days that do not end on a weekend or holiday, found by walking."""
    today = delivered
    for _one in range(number):
        today += timedelta(days=1)
    while CALENDAR.is_free(today):
        today += timedelta(days=1)
    return today + timedelta(days=1)


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

    def test_restriction_unfit_from_a_day_on(self):
        """Seven days run from the day on which restriction became impossible, not from an earlier notice (382(3))."""
        facts = {"restriction_unfit": True, "unfit_since": self.on(12)}
        assert self.first_allowed(ChainStep.NOTICE_SUSPEND, self.state((NoticeKind.N1, 0), **facts)) == 20
        answer = gate(ChainStep.RESTRICT, self.state((NoticeKind.N1, 0), **facts), self.on(90), NO_FREE_DAYS, TERMS)
        assert (answer.allowed, answer.code) == (False, "RESTRICTION_UNFIT")

    @pytest.mark.parametrize("flaw", ["NOT_FREE", "NOT_DURABLE", "OTHER_ADDRESS"])
    def test_a_flawed_notice_starts_nothing(self, flaw):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, self.on(0), flaw),))
        assert gate(ChainStep.RESTRICT, state, self.on(90), NO_FREE_DAYS, TERMS).code == "N1_FLAWED"
        again = ChainState(unpaid=True, notices=(*state.notices, Notice(NoticeKind.N1, self.on(10))))
        assert self.first_allowed(ChainStep.RESTRICT, again) == 18

    def test_a_flawed_single_notice_is_named(self):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.PERSISTENT, self.on(0), "NOT_FREE"),))
        assert gate(ChainStep.SUSPEND, state, self.on(90), NO_FREE_DAYS, TERMS).code == "PERSISTENT_FLAWED"

    def test_what_a_notice_must_be(self):
        assert notice_flaw(Decimal("0.00"), True, True) == ""
        assert notice_flaw(Decimal("0.01"), True, True) == "NOT_FREE"
        assert notice_flaw(Decimal(0), False, True) == "NOT_DURABLE"
        assert notice_flaw(Decimal(0), True, False) == "OTHER_ADDRESS"

    def test_single_notice_only_to_the_persistent(self):
        once = self.state(persistent_payer=False)
        assert gate(ChainStep.NOTICE_PERSISTENT, once, self.on(0), NO_FREE_DAYS, TERMS).code == "NOT_PERSISTENT"
        often = self.state(persistent_payer=True)
        assert gate(ChainStep.NOTICE_PERSISTENT, often, self.on(0), NO_FREE_DAYS, TERMS).allowed

    def test_persistent_chain_to_its_end(self):
        """Single notice day 0, suspension day 15, then as everybody: N3 day 23, termination day 31."""
        notices = ((NoticeKind.PERSISTENT, 0), (NoticeKind.N3, 23))
        suspended = {"suspended_on": self.on(15)}
        assert self.first_allowed(ChainStep.NOTICE_TERMINATE, self.state(*notices, **suspended)) == 23
        assert self.first_allowed(ChainStep.TERMINATE, self.state(*notices, **suspended)) == 31
        protected = self.state((NoticeKind.PERSISTENT, 0), complaint_open=True, undisputed_paid=True)
        assert gate(ChainStep.SUSPEND, protected, self.on(90), NO_FREE_DAYS, TERMS).code == "COMPLAINT_OPEN"

    def test_persistence_is_measured_by_records(self):
        dues = [date(2025, 12, 10), date(2026, 2, 10), date(2026, 4, 10)]
        assert is_persistent(dues, date(2026, 5, 1), persistence_terms())
        assert not is_persistent(dues, date(2026, 12, 11), persistence_terms()), "the first one is too old by then"
        assert not is_persistent(dues, date(2026, 4, 10), persistence_terms()), "the last one is not late yet"
        assert not is_persistent(dues, date(2026, 5, 1), PersistenceTerms(0, 12)), "nothing is measured"

    @given(as_of=days, months=st.integers(1, 36))
    def test_the_window_of_persistence_ends_before_the_day_and_begins_months_before_it(self, as_of, months):
        terms = PersistenceTerms(1, months)
        first, last = persistence_window(as_of, terms)
        for end in (first, last):
            assert is_persistent([end], as_of, terms)
        for end in (first - timedelta(days=1), last + timedelta(days=1)):
            assert not is_persistent([end], as_of, terms)
        assert last < as_of
        assert first < last

    def test_resume_fee_is_the_real_cost_at_most(self):
        assert resume_fee_failure(Decimal("25.00"), Decimal("25.00")) is None
        failure = resume_fee_failure(Decimal("25.01"), Decimal("25.00"))
        assert failure is not None and failure.params == {"fee": Decimal("25.01"), "cost": Decimal("25.00")}

    def test_the_gate_prints_how_it_counted(self):
        state = self.state((NoticeKind.N1, 0), (NoticeKind.N2, 16), restricted_on=self.on(8))
        answer = gate(ChainStep.SUSPEND, state, self.on(18), NO_FREE_DAYS, TERMS)
        assert [(reason.code, reason.params["last"]) for reason in answer.explain] == [
            ("CHAIN_WAIT", self.on(15)),
            ("CHAIN_PAYMENT_TERM", self.on(19)),
        ]
        assert answer.earliest == self.on(20)

    @settings(max_examples=300, deadline=None)
    @given(
        start=days,
        gaps=st.tuples(*[st.integers(0, 12)] * 5),
        complaint=st.one_of(st.none(), st.integers(0, 60)),
    )
    def test_chain_against_days_counted_one_by_one(self, start, gaps, complaint):
        """Whatever the days of delivery and of blocking: the gate opens on the day a naive count gives."""
        n1 = start
        restricted = n1 + timedelta(days=8 + gaps[0])
        n2 = restricted + timedelta(days=8 + gaps[1])
        suspended = n2 + timedelta(days=4 + gaps[2])
        n3 = suspended + timedelta(days=8 + gaps[3])
        exhausted = start + timedelta(days=complaint) if complaint is not None else None
        state = ChainState(
            unpaid=True,
            notices=(Notice(NoticeKind.N1, n1), Notice(NoticeKind.N2, n2), Notice(NoticeKind.N3, n3)),
            restricted_on=restricted,
            suspended_on=suspended,
            complaint_exhausted_on=exhausted,
            undisputed_paid=exhausted is not None,
        )
        wanted = {
            ChainStep.RESTRICT: counted(n1, 7),
            ChainStep.NOTICE_SUSPEND: restricted + timedelta(days=8),
            ChainStep.SUSPEND: max(
                counted(n2, 3), exhausted + timedelta(days=22) if exhausted is not None else date.min
            ),
            ChainStep.NOTICE_TERMINATE: suspended + timedelta(days=8),
            ChainStep.TERMINATE: counted(n3, 7),
        }
        for step, first in wanted.items():
            assert gate(step, state, first, CALENDAR, TERMS).allowed, step
            assert not gate(step, state, first - timedelta(days=1), CALENDAR, TERMS).allowed, step

    @settings(max_examples=100, deadline=None)
    @given(n1=days, wait=st.integers(0, 40), step=st.sampled_from([ChainStep.RESTRICT, ChainStep.SUSPEND]))
    def test_never_earlier_than_the_act(self, n1, wait, step):
        state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, n1),))
        if gate(step, state, n1 + timedelta(days=wait), CALENDAR, TERMS).allowed:
            assert step is ChainStep.RESTRICT and wait >= 8
