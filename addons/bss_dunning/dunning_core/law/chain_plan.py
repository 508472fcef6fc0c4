"""The fastest lawful course from the notice of restriction to the end of the contract, if every term is used up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ..result import Reason
from .calendar import FreeDays
from .service_chain import ChainState, ChainStep, ChainTerms, Gate, Notice, NoticeKind, gate


@dataclass(frozen=True)
class Earliest:
    """First lawful day of one step, with how it was counted."""

    step: ChainStep
    day: date
    explain: tuple[Reason, ...]


def fastest_course(delivered: date, calendar: FreeDays, terms: ChainTerms) -> tuple[Earliest, ...]:
    """Each step on its first lawful day, each further notice delivered on the day on which it may go out.

    :param delivered: day of delivery of the notice of restriction
    """
    state = ChainState(unpaid=True, notices=(Notice(NoticeKind.N1, delivered),))
    course: list[Earliest] = []

    def take(step: ChainStep) -> date:
        answer: Gate = gate(step, state, delivered, calendar, terms)
        if answer.earliest is None:
            raise AssertionError(f"{step} cannot follow: {answer.code}")  # the order below is the order of the act
        course.append(Earliest(step, answer.earliest, answer.explain[-1:]))
        return answer.earliest

    def deliver(kind: NoticeKind, day: date) -> ChainState:
        return replace(state, notices=(*state.notices, Notice(kind, day)))

    state = replace(state, restricted_on=take(ChainStep.RESTRICT))
    state = deliver(NoticeKind.N2, take(ChainStep.NOTICE_SUSPEND))
    state = replace(state, suspended_on=take(ChainStep.SUSPEND))
    state = deliver(NoticeKind.N3, take(ChainStep.NOTICE_TERMINATE))
    take(ChainStep.TERMINATE)
    return tuple(course)
