"""Clocks of a complaint about a telecom service (art. 378, 379, 381 of the PKE act; regulation Dz.U. 2025/1371).

Lodged within 12 months, confirmed within 14 days, answered (the answer *sent*) within 30 days, else deemed accepted.
The path is exhausted when the complaint is rejected, or when what was granted is not paid within 30 days. Terms that
bind the operator are not moved off free days: the safe side; the subscriber's own term is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ..result import Reason
from .calendar import FreeDays
from .limitation_course import Event, EventKind
from .terms import add_days, add_months, add_working_days

ONE_DAY = timedelta(days=1)
ZERO = Decimal("0.00")


class Decision(Enum):
    """What the answer says."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


class Status(Enum):
    """Where a complaint stands on a day."""

    NOT_CONSIDERED = "not_considered"
    OPEN = "open"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"
    DEEMED_ACCEPTED = "deemed"


@dataclass(frozen=True)
class ComplaintTerms:
    """Numbers of the law; None where the law of the day knows no such term."""

    lodge_months: int
    answer_days: int
    pay_days: int
    confirm_days: int | None = None
    resend_working_days: int | None = None


@dataclass(frozen=True)
class Complaint:
    """Facts of one complaint, amounts in PLN.

    ``basis``: delivery of the invoice, day of the bad performance, or end of the billing period of the interruption.
    ``disputed``: part of invoices said not to be owed; ``granted``: of it, what a partly accepting answer takes off.
    ``requested``: money asked for (damages, refund); ``awarded``: what a partly accepting answer promises to pay.
    ``answer_delivered``: proof of delivery of the answer, when there is one.
    """

    lodged: date
    basis: date
    disputed: Decimal = ZERO
    requested: Decimal = ZERO
    confirmed: date | None = None
    answer_sent: date | None = None
    answer_delivered: date | None = None
    decision: Decision | None = None
    granted: Decimal = ZERO
    awarded: Decimal = ZERO
    paid: date | None = None
    copy_asked: date | None = None
    copy_sent: date | None = None


@dataclass(frozen=True)
class Clocks:
    """Answer for one day.

    ``withheld``: disputed amount that must not be demanded, reported or lead to suspension; ``to_pay`` by ``pay_by``.
    ``exhausted``: day on which the path is exhausted, None while it is not (or the complaint was satisfied).
    """

    status: Status
    lodge_by: date
    confirm_by: date | None
    answer_by: date
    pay_by: date | None
    to_pay: Decimal
    exhausted: date | None
    resend_by: date | None
    withheld: Decimal
    alarms: tuple[Reason, ...]
    explain: tuple[Reason, ...]

    @property
    def protects(self) -> bool:
        """Tell whether the gate of art. 382(5) has to count this complaint as open."""
        return self.status is Status.OPEN


def clocks(complaint: Complaint, as_of: date, calendar: FreeDays, terms: ComplaintTerms) -> Clocks:
    """Where a complaint stands at the end of a day; facts after that day are not looked at."""
    complaint = _as_known(complaint, as_of)
    lodge_by = calendar.shift(add_months(complaint.basis, terms.lodge_months))
    answer_by = add_days(complaint.lodged, terms.answer_days)
    status, decided = _status(complaint, as_of, lodge_by, answer_by)
    to_pay = _to_pay(complaint, status)
    pay_by = add_days(decided, terms.pay_days) if decided is not None and to_pay > 0 else None
    exhausted = _exhausted(complaint, status, decided, pay_by, as_of)
    resend_by = None
    if complaint.copy_asked is not None and terms.resend_working_days is not None:
        resend_by = add_working_days(complaint.copy_asked, terms.resend_working_days, calendar)
    confirm_by = add_days(complaint.lodged, terms.confirm_days) if terms.confirm_days is not None else None
    return Clocks(
        status=status,
        lodge_by=lodge_by,
        confirm_by=confirm_by,
        answer_by=answer_by,
        pay_by=pay_by,
        to_pay=to_pay,
        exhausted=exhausted,
        resend_by=resend_by,
        withheld=_withheld(complaint, status),
        alarms=_alarms(complaint, status, as_of, confirm_by, answer_by, pay_by, resend_by),
        explain=_explain(complaint, status, decided, answer_by, pay_by, exhausted),
    )


def limitation_pause(complaint: Complaint, clock: Clocks) -> Event | None:
    """Suspension of limitation by this complaint (art. 381), from its day to the day the path is exhausted.

    A complaint that was satisfied never exhausts its path; it stops suspending on the day it was paid or decided. One
    that was not considered suspends nothing.
    """
    if clock.status is Status.NOT_CONSIDERED:
        return None
    ended = clock.exhausted
    if ended is None and clock.status is not Status.OPEN:
        ended = complaint.paid if clock.to_pay > 0 else _decided(complaint, clock.answer_by)
    return Event(EventKind.SUSPENDED, complaint.lodged, ended)


def _as_known(complaint: Complaint, as_of: date) -> Complaint:
    def known(day: date | None) -> date | None:
        return day if day is not None and day <= as_of else None

    return Complaint(
        lodged=complaint.lodged,
        basis=complaint.basis,
        disputed=complaint.disputed,
        requested=complaint.requested,
        confirmed=known(complaint.confirmed),
        answer_sent=known(complaint.answer_sent),
        answer_delivered=known(complaint.answer_delivered),
        decision=complaint.decision if known(complaint.answer_sent) else None,
        granted=complaint.granted,
        awarded=complaint.awarded,
        paid=known(complaint.paid),
        copy_asked=known(complaint.copy_asked),
        copy_sent=known(complaint.copy_sent),
    )


def _status(complaint: Complaint, as_of: date, lodge_by: date, answer_by: date) -> tuple[Status, date | None]:
    """Status and the day of the decision."""
    if complaint.lodged > lodge_by:
        return Status.NOT_CONSIDERED, None
    sent = complaint.answer_sent
    if sent is not None and sent <= answer_by and complaint.decision is not None:
        return Status(complaint.decision.value), sent
    if as_of > answer_by:
        return Status.DEEMED_ACCEPTED, answer_by + ONE_DAY
    return Status.OPEN, None


def _decided(complaint: Complaint, answer_by: date) -> date:
    in_time = complaint.answer_sent is not None and complaint.answer_sent <= answer_by
    return complaint.answer_sent if in_time and complaint.answer_sent is not None else answer_by + ONE_DAY


def _to_pay(complaint: Complaint, status: Status) -> Decimal:
    if status in (Status.ACCEPTED, Status.DEEMED_ACCEPTED):
        return complaint.requested
    return complaint.awarded if status is Status.PARTLY else ZERO


def _exhausted(
    complaint: Complaint, status: Status, decided: date | None, pay_by: date | None, as_of: date
) -> date | None:
    """A rejected part exhausts the path with the answer, money granted and not paid with the end of its term."""
    refused = complaint.answer_delivered or decided if status in (Status.REJECTED, Status.PARTLY) else None
    unpaid = None
    if pay_by is not None and as_of > pay_by and (complaint.paid is None or complaint.paid > pay_by):
        unpaid = pay_by + ONE_DAY
    return max((day for day in (refused, unpaid) if day is not None), default=None)


def _withheld(complaint: Complaint, status: Status) -> Decimal:
    """All of it while open and when accepted (it is not owed and has to be corrected), the granted part when partly."""
    if status in (Status.OPEN, Status.ACCEPTED, Status.DEEMED_ACCEPTED):
        return complaint.disputed
    return min(complaint.granted, complaint.disputed) if status is Status.PARTLY else ZERO


def _alarms(
    complaint: Complaint,
    status: Status,
    as_of: date,
    confirm_by: date | None,
    answer_by: date,
    pay_by: date | None,
    resend_by: date | None,
) -> tuple[Reason, ...]:
    """What is still to be done, with its last day; late when that day is over."""
    todo: list[tuple[str, date]] = []
    open_now = status is Status.OPEN
    if confirm_by is not None and complaint.confirmed is None and open_now:
        todo.append(("COMPLAINT_CONFIRM", confirm_by))
    if open_now:
        todo.append(("COMPLAINT_ANSWER", answer_by))
    if pay_by is not None and complaint.paid is None:
        todo.append(("COMPLAINT_PAY", pay_by))
    if resend_by is not None and complaint.copy_sent is None:
        todo.append(("COMPLAINT_RESEND", resend_by))
    return tuple(Reason(code, {"day": day, "left": (day - as_of).days, "late": as_of > day}) for code, day in todo)


def _explain(
    complaint: Complaint,
    status: Status,
    decided: date | None,
    answer_by: date,
    pay_by: date | None,
    exhausted: date | None,
) -> tuple[Reason, ...]:
    lines = [Reason("COMPLAINT_LODGED", {"day": complaint.lodged, "answer_by": answer_by})]
    if decided is not None:
        lines.append(Reason(f"COMPLAINT_{status.name}", {"day": decided, "answer_by": answer_by}))
    elif status is Status.NOT_CONSIDERED:
        lines.append(Reason("COMPLAINT_NOT_CONSIDERED", {"day": complaint.lodged, "basis": complaint.basis}))
    if pay_by is not None:
        lines.append(Reason("COMPLAINT_PAY_BY", {"day": pay_by, "paid": complaint.paid}))
    if exhausted is not None:
        lines.append(Reason("COMPLAINT_EXHAUSTED", {"day": exhausted}))
    return tuple(lines)
