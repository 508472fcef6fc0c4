"""The ladder: from the state of a case to the next step or the reason why there is none today.

Rules: steps go strictly in order (a level is never skipped, however old the debt); at most one new step per case and
day; a step waits for its day after the due date, for its distance from the step before, for its amount and number of
documents, for a working day where it talks to people, and for its legal gate. A step that is repeated is taken in rounds,
all of them before the next step. The key of a planned round is the same on every repeat of the planning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from ..law.calendar import FreeDays
from .arrears import Arrears

ONE_DAY = timedelta(days=1)
NO_PARAMS: Mapping[str, object] = MappingProxyType({})


class Outcome(Enum):
    """How far an action of a step got."""

    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """One rung; ``repeat_count`` rounds of it, ``repeat_days`` apart."""

    key: int
    code: str
    days_after_due: int
    days_after_previous: int = 0
    min_amount: Decimal = Decimal("0.00")
    working_days_only: bool = False
    gate: str = ""
    min_documents: int = 0
    repeat_count: int = 1
    repeat_days: int = 0


@dataclass(frozen=True)
class Strategy:
    """Ordered rungs and the intake threshold; ``absorb``: newly due documents ``join`` a case or wait for their ``own``."""

    steps: tuple[Step, ...]
    min_amount: Decimal = Decimal("0.00")
    min_days: int = 0
    max_contacts: int = 0
    contact_window_days: int = 7
    min_documents: int = 0
    absorb: str = "join"

    @cached_property
    def rungs(self) -> tuple[tuple[Step, int], ...]:
        """(step, round) in the order in which they are taken."""
        return tuple((step, number) for step in self.steps for number in range(1, max(step.repeat_count, 1) + 1))


class PastAction(NamedTuple):
    """An action row of the case; ``contact`` when it talked to the customer, ``step_key`` 0 when it is no step."""

    step_key: int
    day: date
    outcome: Outcome
    contact: bool = True
    round: int = 1


class CaseState(NamedTuple):
    """What the planner must know about one case."""

    key: int
    actions: tuple[PastAction, ...] = ()
    hold_until: date | None = None
    on_hold: bool = False


class Verdict(Enum):
    """Kind of answer."""

    ACT = "act"
    RETRY = "retry"
    WAIT = "wait"
    END = "end"


class Plan(NamedTuple):
    """The answer: a step to take on this day, or a reason and, when known, the next day to look."""

    verdict: Verdict
    code: str
    step: Step | None = None
    date_next: date | None = None
    key: str = ""
    params: Mapping[str, object] = NO_PARAMS
    round: int = 1

    @property
    def acts(self) -> bool:
        return self.verdict in (Verdict.ACT, Verdict.RETRY)


class GateAnswer(NamedTuple):
    """What a legal gate said about a step."""

    allowed: bool
    code: str = ""
    earliest: date | None = None


GateCheck = Callable[[Step], GateAnswer]


def action_key(case_key: int, step_key: int, number: int = 1) -> str:
    """Identity of a round of a step in a case, on whatever day it is planned."""
    return f"dunning:{case_key}:{step_key}:{number}"


def plan(
    case: CaseState,
    debt: Arrears,
    strategy: Strategy,
    as_of: date,
    calendar: FreeDays,
    gate: GateCheck | None = None,
) -> Plan:
    """Decide for one case and one day."""
    for rule in (_paid, _held, _below_threshold):
        answer = rule(case, debt, strategy, as_of)
        if answer is not None:
            return answer
    rung, last = _position(case, strategy)
    if rung is None:
        return Plan(Verdict.END, "LADDER_ENDED")
    return _decide(rung, last, case, debt, strategy, as_of, calendar, gate)


def _paid(case: CaseState, debt: Arrears, strategy: Strategy, as_of: date) -> Plan | None:
    if debt.overdue <= 0:
        return Plan(Verdict.END, "PAID")
    if debt.demanded <= 0 or debt.oldest_due is None:
        return Plan(
            Verdict.WAIT, "NOTHING_TO_DEMAND", params={"overdue": debt.overdue, "withheld": ",".join(debt.withheld)}
        )
    return None


def _held(case: CaseState, debt: Arrears, strategy: Strategy, as_of: date) -> Plan | None:
    if not case.on_hold or (case.hold_until is not None and as_of > case.hold_until):
        return None
    after = case.hold_until + ONE_DAY if case.hold_until is not None else None
    return Plan(Verdict.WAIT, "ON_HOLD", date_next=after, params={"until": case.hold_until})


def _below_threshold(case: CaseState, debt: Arrears, strategy: Strategy, as_of: date) -> Plan | None:
    if case.actions and any(action.step_key for action in case.actions):
        return None
    params: dict[str, object]
    if debt.demanded < strategy.min_amount:
        params = {"amount": debt.demanded, "min_amount": strategy.min_amount}
        return Plan(Verdict.WAIT, "BELOW_MIN_AMOUNT", params=params)
    if debt.count < strategy.min_documents:
        params = {"documents": debt.count, "min_documents": strategy.min_documents}
        return Plan(Verdict.WAIT, "BELOW_MIN_DOCUMENTS", params=params)
    assert debt.oldest_due is not None
    first = debt.oldest_due + timedelta(days=strategy.min_days)
    if as_of < first:
        return Plan(Verdict.WAIT, "BELOW_MIN_DAYS", date_next=first, params={"min_days": strategy.min_days})
    return None


def _position(case: CaseState, strategy: Strategy) -> tuple[tuple[Step, int] | None, PastAction | None]:
    """First rung without a finished action, and the last finished action before it."""
    finished = {(a.step_key, a.round): a for a in case.actions if a.outcome in (Outcome.DONE, Outcome.SKIPPED)}
    last: PastAction | None = None
    for step, number in strategy.rungs:
        action = finished.get((step.key, number))
        if action is None:
            return (step, number), last
        if last is None or action.day >= last.day:
            last = action
    return None, last


def _decide(
    rung: tuple[Step, int],
    last: PastAction | None,
    case: CaseState,
    debt: Arrears,
    strategy: Strategy,
    as_of: date,
    calendar: FreeDays,
    gate: GateCheck | None,
) -> Plan:
    step, number = rung
    current = next((a for a in case.actions if (a.step_key, a.round) == (step.key, number)), None)
    if current is not None and current.outcome is Outcome.WAITING:
        return Plan(Verdict.WAIT, "STEP_IN_WORK", step, params={"since": current.day}, round=number)
    day = _day_of(step, number, last, debt)
    if step.working_days_only:
        day = calendar.shift(max(day, as_of))
    if as_of < day:
        return Plan(Verdict.WAIT, "TOO_EARLY", step, date_next=day, round=number)
    for answer in (_step_threshold(step, debt), _too_many_contacts(step, case, strategy, as_of), _gated(step, gate)):
        if answer is not None:
            return answer._replace(round=number)
    key = action_key(case.key, step.key, number)
    if current is not None:
        return Plan(Verdict.RETRY, "RETRY", step, as_of, key, round=number)
    return Plan(Verdict.ACT, "DUE", step, as_of, key, round=number)


def _day_of(step: Step, number: int, last: PastAction | None, debt: Arrears) -> date:
    """First day of a rung: its day after the due date, its distance from the action before."""
    assert debt.oldest_due is not None
    if number > 1 and last is not None:
        return last.day + max(timedelta(days=step.repeat_days), ONE_DAY)
    day = debt.oldest_due + timedelta(days=step.days_after_due)
    if last is None:
        return day
    return max(day, last.day + max(timedelta(days=step.days_after_previous), ONE_DAY))


def _step_threshold(step: Step, debt: Arrears) -> Plan | None:
    params: dict[str, object]
    if debt.demanded < step.min_amount:
        params = {"amount": debt.demanded, "min_amount": step.min_amount}
        return Plan(Verdict.WAIT, "BELOW_STEP_AMOUNT", step, params=params)
    if debt.count < step.min_documents:
        params = {"documents": debt.count, "min_documents": step.min_documents}
        return Plan(Verdict.WAIT, "BELOW_STEP_DOCUMENTS", step, params=params)
    return None


def _too_many_contacts(step: Step, case: CaseState, strategy: Strategy, as_of: date) -> Plan | None:
    if not (strategy.max_contacts and case.actions):
        return None
    window = timedelta(days=strategy.contact_window_days)
    recent = sorted(a.day for a in case.actions if a.contact and a.outcome is Outcome.DONE and as_of - a.day < window)
    if len(recent) < strategy.max_contacts:
        return None
    free_again = recent[-strategy.max_contacts] + window
    return Plan(Verdict.WAIT, "TOO_MANY_CONTACTS", step, date_next=free_again)


def _gated(step: Step, gate: GateCheck | None) -> Plan | None:
    if not step.gate:
        return None
    answer = gate(step) if gate is not None else GateAnswer(False, "GATE_UNKNOWN")
    if answer.allowed:
        return None
    return Plan(
        Verdict.WAIT,
        "GATE_CLOSED",
        step,
        date_next=answer.earliest,
        params={"gate": step.gate, "why": answer.code},
    )
