"""The earliest calendar of a ladder: one debtor who never pays, every letter delivered and every order done at once.

It shows a designer where the law, not the ladder, decides the day, and where a step can never come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ..law.calendar import FreeDays
from ..law.service_chain import ChainState, ChainTerms, Gate, Notice, NoticeKind, gate
from ..result import Reason
from .rung import Rung

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """One step on its day. ``wanted`` is the day of the ladder, ``day`` the lawful one, None when it never comes.

    ``blocked`` is the code of the gate that never opens; ``ONLY_AFTER`` marks the steps behind such a one.
    """

    rung: Rung
    round: int
    wanted: date | None
    day: date | None
    blocked: str = ""
    explain: tuple[Reason, ...] = field(default=())

    @property
    def law_waits(self) -> int:
        """Days for which only the law makes the step wait."""
        return (self.day - self.wanted).days if self.day and self.wanted else 0


def timeline(rungs: Sequence[Rung], due: date, calendar: FreeDays, terms: ChainTerms) -> tuple[Moment, ...]:
    """Every repetition of every step on the first day on which it may be taken."""
    state = ChainState(
        unpaid=True, undisputed_paid=True, persistent_payer=any(rung.notice == "persistent" for rung in rungs)
    )
    start = calendar.shift(due)
    last: date | None = None
    moments: list[Moment] = []
    stopped = False
    for rung in rungs:
        for number in range(1, rung.repeat_count + 1):
            if stopped:
                moments.append(Moment(rung, number, None, None, "ONLY_AFTER"))
                continue
            wanted = _wanted(rung, number, start, last, calendar)
            moment = _lawful(rung, number, wanted, state, calendar, terms)
            moments.append(moment)
            if moment.day is None:
                stopped = True
                continue
            last = moment.day
            state = _after(state, rung, last)
    return tuple(moments)


def _wanted(rung: Rung, number: int, start: date, last: date | None, calendar: FreeDays) -> date:
    day = start + timedelta(days=rung.days_after_due)
    if last is not None:
        gap = rung.days_after_previous if number == 1 else rung.repeat_days
        day = max(day, last + max(timedelta(days=gap), ONE_DAY))
    return calendar.shift(day) if rung.working_days_only else day


def _lawful(rung: Rung, number: int, wanted: date, state: ChainState, calendar: FreeDays, terms: ChainTerms) -> Moment:
    if rung.chain_step is None:
        return Moment(rung, number, wanted, wanted)
    answer: Gate = gate(rung.chain_step, state, wanted, calendar, terms)
    if answer.allowed:
        return Moment(rung, number, wanted, wanted)
    if answer.earliest is None:
        return Moment(rung, number, wanted, None, answer.code)
    day = calendar.shift(answer.earliest) if rung.working_days_only else answer.earliest
    return Moment(rung, number, wanted, day, explain=answer.explain)


def _after(state: ChainState, rung: Rung, day: date) -> ChainState:
    """The chain once the step is taken on this day."""
    if rung.channel == "restrict":
        return replace(state, restricted_on=state.restricted_on or day)
    if rung.channel == "suspend":
        return replace(state, suspended_on=state.suspended_on or day)
    if rung.notice:
        return replace(state, notices=(*state.notices, Notice(NoticeKind(rung.notice), day)))
    return state
