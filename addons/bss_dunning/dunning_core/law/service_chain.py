"""Gate before a service is restricted, suspended or a contract ended for arrears (art. 382 of the PKE act).

notice N1 -> 7 days -> restrict -> 7 days -> notice N2 -> 3 days -> suspend -> 7 days -> notice N3 -> 7 days -> end.
The day of delivery does not count; a payment term that ends on a free day moves to the next working day.
A notice that was sent but not delivered starts nothing. What is not proven is not allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from .calendar import FreeDays

ONE_DAY = timedelta(days=1)


class ChainStep(Enum):
    """What the operator would like to do."""

    NOTICE_RESTRICT = "n1"
    RESTRICT = "restrict"
    NOTICE_SUSPEND = "n2"
    SUSPEND = "suspend"
    NOTICE_TERMINATE = "n3"
    TERMINATE = "terminate"


class NoticeKind(Enum):
    """Notices of the chain; PERSISTENT is the single notice to a persistent late payer."""

    N1 = "n1"
    N2 = "n2"
    N3 = "n3"
    PERSISTENT = "persistent"


@dataclass(frozen=True)
class ChainTerms:
    """Day counts of the act; dated data of the caller, never defaults of this file."""

    pay_after_n1: int
    wait_after_restrict: int
    pay_after_n2: int
    wait_after_suspend: int
    pay_after_n3: int
    pay_after_persistent: int
    wait_after_complaint: int
    resume_within: int


@dataclass(frozen=True)
class Notice:
    """One notice of the present arrears; ``delivered`` is proven delivery, not dispatch."""

    kind: NoticeKind
    delivered: date | None = None


@dataclass(frozen=True)
class ChainState:
    """All that matters about one subscriber's arrears; only facts since the arrears began."""

    unpaid: bool
    notices: tuple[Notice, ...] = ()
    restricted_on: date | None = None
    suspended_on: date | None = None
    restriction_unfit: bool = False
    complaint_open: bool = False
    complaint_exhausted_on: date | None = None
    undisputed_paid: bool = False


@dataclass(frozen=True)
class Gate:
    """Answer of the gate: allowed or not, why, and from which day it would be."""

    allowed: bool
    code: str
    earliest: date | None = None


def gate(step: ChainStep, state: ChainState, as_of: date, calendar: FreeDays, terms: ChainTerms) -> Gate:
    """Tell whether a step of the chain is lawful on ``as_of``."""
    if not state.unpaid:
        return Gate(False, "NOTHING_DUE")
    answer = _RULES[step](state, calendar, terms)
    if isinstance(answer, str):
        return Gate(False, answer)
    if as_of < answer:
        return Gate(False, "TERM_RUNNING", answer)
    return Gate(True, "ALLOWED", answer)


def resume_deadline(paid_on: date, terms: ChainTerms) -> date:
    """Last day on which a paid-up service has to work again."""
    return paid_on + timedelta(days=terms.resume_within)


def _delivered(state: ChainState, kind: NoticeKind, since: date | None) -> date | None:
    days = [
        notice.delivered
        for notice in state.notices
        if notice.kind is kind and notice.delivered and (since is None or notice.delivered > since)
    ]
    return min(days, default=None)


def _after_term(delivered: date, days: int, calendar: FreeDays) -> date:
    """First day after a payment term."""
    return calendar.shift(delivered + timedelta(days=days)) + ONE_DAY


def _after_wait(start: date, days: int) -> date:
    return start + timedelta(days=days) + ONE_DAY


def _notice_restrict(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    return date.min


def _restrict(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    delivered = _delivered(state, NoticeKind.N1, None)
    if delivered is None:
        return "N1_NOT_DELIVERED"
    return _after_term(delivered, terms.pay_after_n1, calendar)


def _notice_suspend(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    if state.restricted_on is not None:
        return _after_wait(state.restricted_on, terms.wait_after_restrict)
    if not state.restriction_unfit:
        return "NOT_RESTRICTED"
    start = _restrict(state, calendar, terms)
    return start if isinstance(start, str) else _after_wait(start, terms.wait_after_restrict)


def _suspend(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    earliest = _suspend_by_notice(state, calendar, terms)
    if isinstance(earliest, str):
        return earliest
    return _after_complaint(state, earliest, terms)


def _suspend_by_notice(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    persistent = _delivered(state, NoticeKind.PERSISTENT, None)
    if persistent is not None:
        return _after_term(persistent, terms.pay_after_persistent, calendar)
    start = _notice_suspend(state, calendar, terms)
    if isinstance(start, str):
        return start
    delivered = _delivered(state, NoticeKind.N2, start - ONE_DAY)
    if delivered is None:
        return "N2_NOT_DELIVERED"
    return _after_term(delivered, terms.pay_after_n2, calendar)


def _after_complaint(state: ChainState, earliest: date, terms: ChainTerms) -> date | str:
    if not state.undisputed_paid:
        return earliest
    if state.complaint_exhausted_on is not None:
        return max(earliest, _after_wait(state.complaint_exhausted_on, terms.wait_after_complaint))
    return "COMPLAINT_OPEN" if state.complaint_open else earliest


def _notice_terminate(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    if state.suspended_on is None:
        return "NOT_SUSPENDED"
    return _after_wait(state.suspended_on, terms.wait_after_suspend)


def _terminate(state: ChainState, calendar: FreeDays, terms: ChainTerms) -> date | str:
    start = _notice_terminate(state, calendar, terms)
    if isinstance(start, str):
        return start
    delivered = _delivered(state, NoticeKind.N3, start - ONE_DAY)
    if delivered is None:
        return "N3_NOT_DELIVERED"
    return _after_term(delivered, terms.pay_after_n3, calendar)


_RULES = {
    ChainStep.NOTICE_RESTRICT: _notice_restrict,
    ChainStep.RESTRICT: _restrict,
    ChainStep.NOTICE_SUSPEND: _notice_suspend,
    ChainStep.SUSPEND: _suspend,
    ChainStep.NOTICE_TERMINATE: _notice_terminate,
    ChainStep.TERMINATE: _terminate,
}
