"""The ladder: order, waiting, holds, thresholds, gates, repeats."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dunning_data import polish_free_days
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS
from dunning_core.policy.arrears import Arrears, OpenItem, arrears
from dunning_core.policy.ladder import (
    CaseState,
    GateAnswer,
    Outcome,
    PastAction,
    Step,
    Strategy,
    Verdict,
    action_key,
    plan,
)

CALENDAR = polish_free_days()
DUE = date(2026, 10, 5)
STEPS = (
    Step(1, "reminder", 3),
    Step(2, "demand", 14, 7),
    Step(3, "call", 21, 5, working_days_only=True),
    Step(4, "final", 30, 7, min_amount=Decimal("100.00")),
    Step(5, "restrict", 45, 14, gate="restrict"),
)
STRATEGY = Strategy(STEPS, min_amount=Decimal("10.00"), min_days=3)


def on(number: int) -> date:
    return DUE + timedelta(days=number)


def debt(amount: str = "150.00", due: date = DUE, withheld: str = "") -> Arrears:
    return arrears([OpenItem(1, due, Decimal(amount), withheld)])


def done(*numbers: int, outcome: Outcome = Outcome.DONE) -> tuple[PastAction, ...]:
    return tuple(PastAction(key, on(number), outcome) for key, number in enumerate(numbers, start=1))


def ask(number: int, actions=(), money: Arrears | None = None, calendar=NO_FREE_DAYS, gate=None, **case):
    state = CaseState(7, tuple(actions), **case)
    return plan(state, money or debt(), STRATEGY, on(number), calendar, gate)


class TestLadder:
    @pytest.mark.parametrize(
        ("number", "actions", "verdict", "code", "step", "next_in"),
        [
            (2, (), Verdict.WAIT, "BELOW_MIN_DAYS", None, 3),
            (3, (), Verdict.ACT, "DUE", 1, 3),
            (300, (), Verdict.ACT, "DUE", 1, 300),
            (4, done(3), Verdict.WAIT, "TOO_EARLY", 2, 14),
            (14, done(3), Verdict.ACT, "DUE", 2, 14),
            (300, done(300), Verdict.WAIT, "TOO_EARLY", 2, 307),
            (307, done(300), Verdict.ACT, "DUE", 2, 307),
            (30, done(3, 14, 21), Verdict.ACT, "DUE", 4, 30),
        ],
    )
    def test_matrix(self, number, actions, verdict, code, step, next_in):
        answer = ask(number, actions)
        assert (answer.verdict, answer.code) == (verdict, code)
        assert (answer.step.key if answer.step else None) == step
        assert answer.date_next == on(next_in)

    def test_key_is_the_same_on_every_day(self):
        assert ask(3).key == ask(44).key == action_key(7, 1) == "dunning:7:1:1"

    def test_a_step_in_work_holds_the_ladder(self):
        answer = ask(300, done(3) + (PastAction(2, on(14), Outcome.WAITING),))
        assert (answer.verdict, answer.code) == (Verdict.WAIT, "STEP_IN_WORK")

    def test_a_failed_step_is_tried_again_and_not_jumped_over(self):
        answer = ask(300, done(3) + (PastAction(2, on(14), Outcome.FAILED),))
        assert (answer.verdict, answer.step.key, answer.key) == (Verdict.RETRY, 2, "dunning:7:2:1")

    def test_a_step_skipped_by_a_person_counts_as_taken(self):
        assert ask(20, done(3, outcome=Outcome.SKIPPED)).step.key == 2

    def test_calls_wait_for_a_working_day(self):
        saturday = date(2026, 10, 31)
        assert on(26) == saturday
        answer = ask(26, done(3, 14), calendar=CALENDAR)
        assert (answer.verdict, answer.date_next) == (Verdict.WAIT, date(2026, 11, 2))
        assert ask(28, done(3, 14), calendar=CALENDAR).verdict is Verdict.ACT

    def test_step_amount_waits_without_skipping(self):
        answer = ask(300, done(3, 14, 21), money=debt("99.99"))
        assert (answer.verdict, answer.code, answer.step.key) == (Verdict.WAIT, "BELOW_STEP_AMOUNT", 4)

    def test_ladder_ends(self):
        assert ask(300, done(3, 14, 21, 30, 45)).code == "LADDER_ENDED"


class TestIntake:
    def test_small_debt_is_watched(self):
        answer = ask(300, money=debt("9.99"))
        assert (answer.verdict, answer.code) == (Verdict.WAIT, "BELOW_MIN_AMOUNT")

    def test_once_begun_the_threshold_no_longer_stops(self):
        assert ask(300, done(3), money=debt("9.99")).step.key == 2

    def test_paid(self):
        assert ask(300, money=arrears([])).code == "PAID"

    def test_lapsed_debt_is_not_demanded(self):
        answer = ask(300, money=debt(withheld="LAPSED"))
        assert (answer.verdict, answer.code) == (Verdict.WAIT, "NOTHING_TO_DEMAND")


class TestHold:
    def test_until_a_date_inclusive(self):
        answer = ask(10, on_hold=True, hold_until=on(10))
        assert (answer.code, answer.date_next) == ("ON_HOLD", on(11))
        assert ask(11, on_hold=True, hold_until=on(10)).verdict is Verdict.ACT

    def test_without_a_date(self):
        answer = ask(300, on_hold=True)
        assert (answer.code, answer.date_next) == ("ON_HOLD", None)


class TestGate:
    ACTIONS = done(3, 14, 21, 30)

    def test_no_gate_function_means_no(self):
        answer = ask(300, self.ACTIONS)
        assert (answer.code, answer.params["why"]) == ("GATE_CLOSED", "GATE_UNKNOWN")

    def test_closed_gate_tells_why_and_when(self):
        answer = ask(300, self.ACTIONS, gate=lambda step: GateAnswer(False, "TERM_RUNNING", on(303)))
        assert (answer.code, answer.params["why"], answer.date_next) == (
            "GATE_CLOSED",
            "TERM_RUNNING",
            on(303),
        )

    def test_open_gate(self):
        assert ask(300, self.ACTIONS, gate=lambda step: GateAnswer(True)).step.key == 5


class TestRounds:
    STRATEGY = Strategy((Step(1, "a", 3), Step(2, "b", 5, 2, repeat_count=3, repeat_days=4), Step(3, "c", 6, 1)))

    def ask(self, number, *actions):
        return plan(CaseState(7, actions), debt(), self.STRATEGY, on(number), NO_FREE_DAYS)

    def test_rounds_keep_their_distance_and_come_before_the_next_step(self):
        actions = [PastAction(1, on(3), Outcome.DONE)]
        taken = []
        for number in range(4, 40):
            answer = self.ask(number, *actions)
            if answer.acts:
                taken.append((number, answer.step.key, answer.round))
                actions.append(PastAction(answer.step.key, on(number), Outcome.DONE, round=answer.round))
        assert taken == [(5, 2, 1), (9, 2, 2), (13, 2, 3), (14, 3, 1)]

    def test_each_round_has_its_own_key(self):
        first = (PastAction(1, on(3), Outcome.DONE), PastAction(2, on(5), Outcome.DONE))
        assert self.ask(9, *first).key == action_key(7, 2, 2)

    def test_a_failed_round_is_tried_again(self):
        past = (
            PastAction(1, on(3), Outcome.DONE),
            PastAction(2, on(5), Outcome.DONE),
            PastAction(2, on(9), Outcome.FAILED, round=2),
        )
        answer = self.ask(10, *past)
        assert (answer.verdict, answer.step.key, answer.round) == (Verdict.RETRY, 2, 2)

    def test_a_letter_outside_the_strategy_moves_nothing(self):
        letter = PastAction(0, on(1), Outcome.DONE)
        strategy = Strategy(STEPS, min_amount=Decimal("200.00"))
        assert plan(CaseState(7, (letter,)), debt(), strategy, on(9), NO_FREE_DAYS).code == "BELOW_MIN_AMOUNT"
        assert self.ask(3, letter).step.key == 1


class TestDocuments:
    def test_intake_waits_for_documents(self):
        strategy = Strategy(STEPS, min_documents=2)
        answer = plan(CaseState(7), debt(), strategy, on(9), NO_FREE_DAYS)
        assert (answer.code, answer.params) == ("BELOW_MIN_DOCUMENTS", {"documents": 1, "min_documents": 2})
        begun = plan(CaseState(7, done(3)), debt(), strategy, on(14), NO_FREE_DAYS)
        assert begun.step.key == 2, "once begun it goes on with one document"

    def test_step_waits_for_documents(self):
        strategy = Strategy((Step(1, "a", 1, min_documents=2),))
        assert plan(CaseState(7), debt(), strategy, on(9), NO_FREE_DAYS).code == "BELOW_STEP_DOCUMENTS"
        two = arrears([OpenItem(1, DUE, Decimal(5)), OpenItem(2, DUE, Decimal(5))])
        assert plan(CaseState(7), two, strategy, on(9), NO_FREE_DAYS).verdict is Verdict.ACT


class TestContacts:
    def test_limit_in_a_week(self):
        strategy = Strategy((Step(1, "a", 1), Step(2, "b", 2), Step(3, "c", 3)), max_contacts=2)
        state = CaseState(7, done(1, 2))
        answer = plan(state, debt(), strategy, on(3), NO_FREE_DAYS)
        assert (answer.code, answer.date_next) == ("TOO_MANY_CONTACTS", on(8))
        assert plan(state, debt(), strategy, on(8), NO_FREE_DAYS).verdict is Verdict.ACT


class TestArrears:
    def test_credit_covers_the_oldest_first(self):
        items = [OpenItem(1, on(0), Decimal("50.00")), OpenItem(2, on(9), Decimal("70.00"))]
        result = arrears(items, Decimal("60.00"))
        assert (result.overdue, result.demanded, result.oldest_due, result.demanded_keys) == (
            60,
            60,
            on(9),
            (2,),
        )

    def test_withheld_stays_overdue(self):
        items = [OpenItem(1, on(0), Decimal("50.00"), "LAPSED"), OpenItem(2, on(9), Decimal("70.00"))]
        result = arrears(items)
        assert (result.overdue, result.demanded, result.oldest_due) == (120, 70, on(9))

    def test_only_the_disputed_part_leaves(self):
        item = OpenItem(1, on(0), Decimal("50.00"), withheld_parts=(("DISPUTED", Decimal("20.00")),))
        result = arrears([item, OpenItem(2, on(9), Decimal("70.00"))], Decimal("40.00"))
        assert (result.overdue, result.demanded, result.oldest_due) == (80, 60, on(9))
        assert (result.demanded_keys, result.demanded_amounts, result.withheld) == ((2,), (60,), ("DISPUTED",))

    def test_several_reasons_withhold_at_most_the_document(self):
        parts = (("DISPUTED", Decimal("30.00")), ("INSTALMENT", Decimal("30.00")))
        item = OpenItem(1, on(0), Decimal("50.00"), withheld_parts=parts)
        assert (item.withheld_amount, item.withheld_codes) == (50, ("DISPUTED", "INSTALMENT"))
        result = arrears([item])
        assert (result.overdue, result.demanded, result.count) == (50, 0, 0)

    amounts = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)

    @given(
        items=st.lists(
            st.tuples(amounts, st.integers(0, 900), st.booleans(), amounts | st.just(Decimal(0))), max_size=6
        ),
        credit=st.integers(0, 300_000).map(lambda cents: Decimal(cents) / 100),
    )
    def test_overdue_is_items_less_credit(self, items, credit):
        rows = [
            OpenItem(n, on(-d), a, "LAPSED" if w else "", (("DISPUTED", part),))
            for n, (a, d, w, part) in enumerate(items)
        ]
        result = arrears(rows, credit)
        assert result.overdue == max(Decimal(0), sum((row.residual for row in rows), Decimal(0)) - credit)
        free = sum((row.residual - row.withheld_amount for row in rows), Decimal(0))
        assert result.demanded == max(Decimal(0), free - credit) == sum(result.demanded_amounts)
        assert len(result.demanded_amounts) == result.count


class TestWholeLife:
    @given(
        offsets=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1, max_size=6),
        late=st.integers(0, 400),
    )
    def test_every_level_once_in_order_one_a_day(self, offsets, late):
        steps = tuple(Step(n, str(n), due, gap) for n, (due, gap) in enumerate(offsets))
        strategy = Strategy(steps)
        actions: list[PastAction] = []
        today = on(late)
        for _number in range(600):
            answer = plan(CaseState(7, tuple(actions)), debt(), strategy, today, NO_FREE_DAYS)
            if answer.acts:
                actions.append(PastAction(answer.step.key, today, Outcome.DONE))
                again = plan(CaseState(7, tuple(actions)), debt(), strategy, today, NO_FREE_DAYS)
                assert not again.acts
            today += timedelta(days=1)
        assert [action.step_key for action in actions] == list(range(len(steps)))
        assert len({action.day for action in actions}) == len(actions)
