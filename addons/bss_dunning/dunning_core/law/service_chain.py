"""Gate before a service is restricted, suspended or a contract ended for arrears (art. 382 of the PKE act).

notice N1 -> 7 days -> restrict -> 7 days -> notice N2 -> 3 days -> suspend -> 7 days -> notice N3 -> 7 days -> end.
The day of delivery does not count; a payment term that ends on a free day moves to the next working day.
A notice that was sent but not delivered starts nothing, nor does one that was charged for, was not on a durable
medium or went to another address than the subscriber's (art. 382(9)). What is not proven is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ..result import Failure, Reason
from .calendar import FreeDays
from .terms import add_months

ONE_DAY = timedelta(days=1)


class ChainStep(Enum):
    """What the operator would like to do."""

    NOTICE_RESTRICT = "n1"
    RESTRICT = "restrict"
    NOTICE_SUSPEND = "n2"
    NOTICE_PERSISTENT = "persistent"
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
class PersistenceTerms:
    """Who counts as a persistent late payer. The act gives no number: this is the operator's own measure."""

    late_documents: int
    within_months: int


@dataclass(frozen=True)
class Notice:
    """One notice of the present arrears; ``delivered`` is proven delivery, ``flaw`` a code of ``notice_flaw``."""

    kind: NoticeKind
    delivered: date | None = None
    flaw: str = ""


@dataclass(frozen=True)
class ChainState:
    """All that matters about one subscriber's arrears; only facts since the arrears began.

    ``restriction_unfit``: restriction is technically impossible or makes no economic sense, ``unfit_since`` the day on
    which that came about, None when it always was so. ``complaint_exhausted_on`` is that of the complaint in question: of
    several ones the latest, and None while another is still open.
    """

    unpaid: bool
    notices: tuple[Notice, ...] = ()
    restricted_on: date | None = None
    suspended_on: date | None = None
    restriction_unfit: bool = False
    complaint_open: bool = False
    complaint_exhausted_on: date | None = None
    undisputed_paid: bool = False
    persistent_payer: bool = False
    unfit_since: date | None = None


@dataclass(frozen=True)
class Gate:
    """Answer of the gate: allowed or not, why, from which day it would be, and how that day was counted."""

    allowed: bool
    code: str
    earliest: date | None = None
    explain: tuple[Reason, ...] = ()


@dataclass
class _Question:
    """One question to the gate with the terms counted so far."""

    state: ChainState
    calendar: FreeDays
    terms: ChainTerms
    explain: list[Reason] = field(default_factory=list)

    def after_term(self, kind: NoticeKind, delivered: date, days: int) -> date:
        """First day after a payment term."""
        last = self.calendar.shift(delivered + timedelta(days=days))
        params = {"notice": kind.value, "delivered": delivered, "days": days, "last": last}
        self.explain.append(Reason("CHAIN_PAYMENT_TERM", params))
        return last + ONE_DAY

    def after_wait(self, since: str, start: date, days: int) -> date:
        """First day after a time that has to pass, whatever days it ends on."""
        last = start + timedelta(days=days)
        self.explain.append(Reason("CHAIN_WAIT", {"since": since, "start": start, "days": days, "last": last}))
        return last + ONE_DAY

    def delivered(self, kind: NoticeKind, since: date | None) -> date | str:
        """Proven delivery of a valid notice after a day, or the code of why there is none."""
        days: list[date] = []
        flawed = False
        for notice in self.state.notices:
            if notice.kind is kind and notice.delivered and (since is None or notice.delivered > since):
                if notice.flaw:
                    flawed = True
                else:
                    days.append(notice.delivered)
        if days:
            return min(days)
        return f"{kind.name}_FLAWED" if flawed else f"{kind.name}_NOT_DELIVERED"


def gate(step: ChainStep, state: ChainState, as_of: date, calendar: FreeDays, terms: ChainTerms) -> Gate:
    """Tell whether a step of the chain is lawful on ``as_of``."""
    if not state.unpaid:
        return Gate(False, "NOTHING_DUE")
    question = _Question(state, calendar, terms)
    answer = _RULES[step](question)
    explain = tuple(question.explain)
    if isinstance(answer, str):
        return Gate(False, answer, explain=explain)
    if as_of < answer:
        return Gate(False, "TERM_RUNNING", answer, explain)
    return Gate(True, "ALLOWED", answer, explain)


def resume_deadline(paid_on: date, terms: ChainTerms) -> date:
    """Last day on which a paid-up service has to work again."""
    return paid_on + timedelta(days=terms.resume_within)


def resume_fee_failure(fee: Decimal, real_cost: Decimal) -> Failure | None:
    """Refuse a fee for resumption above its real cost, PLN (art. 382(7))."""
    if fee > real_cost:
        return Failure("RESUME_FEE_ABOVE_COST", {"fee": fee, "cost": real_cost})
    return None


def notice_flaw(charge: Decimal, durable_medium: bool, chosen_address: bool) -> str:
    """Code of why a delivered notice is none in the sense of art. 382(9), or an empty text; ``charge`` in PLN."""
    if charge > 0:
        return "NOT_FREE"
    if not durable_medium:
        return "NOT_DURABLE"
    return "" if chosen_address else "OTHER_ADDRESS"


def persistence_window(as_of: date, terms: PersistenceTerms) -> tuple[date, date]:
    """First and last day on which the terms of documents ended that are looked at; today's term is not over yet."""
    return add_months(as_of, -terms.within_months), as_of - timedelta(days=1)


def is_persistent(late_ends: Iterable[date], as_of: date, terms: PersistenceTerms) -> bool:
    """Tell whether enough documents of the last months were or are paid late.

    :param late_ends: days on which their terms ended, moved off free days
    """
    first, last = persistence_window(as_of, terms)
    return bool(terms.late_documents) and sum(first <= end <= last for end in late_ends) >= terms.late_documents


def _notice_restrict(question: _Question) -> date | str:
    return date.min


def _notice_persistent(question: _Question) -> date | str:
    return date.min if question.state.persistent_payer else "NOT_PERSISTENT"


def _restrict(question: _Question) -> date | str:
    if question.state.restriction_unfit:
        return "RESTRICTION_UNFIT"
    return _restrict_by_notice(question)


def _restrict_by_notice(question: _Question) -> date | str:
    delivered = question.delivered(NoticeKind.N1, None)
    if isinstance(delivered, str):
        return delivered
    return question.after_term(NoticeKind.N1, delivered, question.terms.pay_after_n1)


def _notice_suspend(question: _Question) -> date | str:
    state, days = question.state, question.terms.wait_after_restrict
    if state.restricted_on is not None:
        return question.after_wait("restricted", state.restricted_on, days)
    if not state.restriction_unfit:
        return "NOT_RESTRICTED"
    start = _restrict_by_notice(question)
    if isinstance(start, str):
        return start
    return question.after_wait("unfit", max(start, state.unfit_since or start), days)


def _suspend(question: _Question) -> date | str:
    earliest = _suspend_by_notice(question)
    return earliest if isinstance(earliest, str) else _after_complaint(question, earliest)


def _suspend_by_notice(question: _Question) -> date | str:
    persistent = question.delivered(NoticeKind.PERSISTENT, None)
    if not isinstance(persistent, str):
        return question.after_term(NoticeKind.PERSISTENT, persistent, question.terms.pay_after_persistent)
    start = _notice_suspend(question)
    if isinstance(start, str):
        return persistent if persistent.endswith("FLAWED") else start
    delivered = question.delivered(NoticeKind.N2, start - ONE_DAY)
    if isinstance(delivered, str):
        return delivered
    return question.after_term(NoticeKind.N2, delivered, question.terms.pay_after_n2)


def _after_complaint(question: _Question, earliest: date) -> date | str:
    state = question.state
    if not state.undisputed_paid:
        return earliest
    if state.complaint_exhausted_on is not None:
        days = question.terms.wait_after_complaint
        return max(earliest, question.after_wait("complaint", state.complaint_exhausted_on, days))
    return "COMPLAINT_OPEN" if state.complaint_open else earliest


def _notice_terminate(question: _Question) -> date | str:
    if question.state.suspended_on is None:
        return "NOT_SUSPENDED"
    return question.after_wait("suspended", question.state.suspended_on, question.terms.wait_after_suspend)


def _terminate(question: _Question) -> date | str:
    start = _notice_terminate(question)
    if isinstance(start, str):
        return start
    delivered = question.delivered(NoticeKind.N3, start - ONE_DAY)
    if isinstance(delivered, str):
        return delivered
    return question.after_term(NoticeKind.N3, delivered, question.terms.pay_after_n3)


_RULES = {
    ChainStep.NOTICE_RESTRICT: _notice_restrict,
    ChainStep.RESTRICT: _restrict,
    ChainStep.NOTICE_SUSPEND: _notice_suspend,
    ChainStep.NOTICE_PERSISTENT: _notice_persistent,
    ChainStep.SUSPEND: _suspend,
    ChainStep.NOTICE_TERMINATE: _notice_terminate,
    ChainStep.TERMINATE: _terminate,
}
