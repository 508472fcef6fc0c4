"""The course of a limitation term: what starts it anew, what stops it and for how long.

Acknowledgement and proceedings interrupt the term (art. 123), after which it runs anew (art. 124): from the day of the
acknowledgement, from the end of the proceedings; a judgment or a settlement brings the term of art. 125. A complaint
about a telecom service suspends it (art. 381 of the PKE act). What came after the term had run out changes nothing
here, except a judgment, which binds even when the claim had lapsed. A demand letter is no event: it interrupts nothing.

Days of suspension lengthen the term before its end is moved to 31 December. A suspension that begins after the term
has run its years and only waits for that day is not counted, and one without an end lasts as long as it lasts: until
the day asked for. Both are the readings in the debtor's favour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from ..result import Reason
from .limitation import LimitationTerm, limitation_end

ONE_DAY = timedelta(days=1)


class EventKind(Enum):
    """What happened to a claim."""

    ACKNOWLEDGED = "acknowledged"
    PROCEEDINGS = "proceedings"
    JUDGMENT = "judgment"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Event:
    """Something that touches the term, on a day; ``ended`` of proceedings and of suspensions, None while they last."""

    kind: EventKind
    day: date
    ended: date | None = None


@dataclass(frozen=True)
class LimitationRules:
    """Rules of claims and rules of judgments, by the day from which they hold."""

    claims: tuple[LimitationTerm, ...]
    judgments: tuple[LimitationTerm, ...] = ()


@dataclass(frozen=True)
class Limitation:
    """Where the term stands: its start, its last day (None while it cannot end or is not known), why."""

    start: date | None
    end: date | None
    code: str
    explain: tuple[Reason, ...]

    def lapsed(self, as_of: date) -> bool:
        return self.end is not None and as_of > self.end

    def bar(self, as_of: date) -> str:
        """Code of why a consumer must not be asked for the claim (art. 117 § 2(1)), or an empty text."""
        if self.code == "LIMITATION_UNKNOWN":
            return self.code
        return "LAPSED" if self.lapsed(as_of) else ""


class _Course:
    """The term while its events are told one by one."""

    def __init__(self, due: date, rules: LimitationRules, pauses: list[Event], as_of: date) -> None:
        self.rules = rules
        self.pauses = pauses
        self.as_of = as_of
        self.explain: list[Reason] = []
        self.begin(due, rules.claims, "LIMITATION_START")

    def begin(self, start: date, terms: tuple[LimitationTerm, ...], code: str) -> None:
        self.start: date | None = start
        self.terms = terms
        self.explain.append(Reason(code, {"day": start}))
        self.end = self._end(start)

    def _end(self, start: date) -> date | None:
        """End with the suspensions that touch the term; each may pull a later one into it."""
        suspended = 0
        for pause in self.pauses:
            runs_out = _runs_out(start, self.terms, suspended)
            if runs_out is None:
                return None
            last = min(pause.ended or self.as_of, self.as_of)
            first = max(pause.day, start + ONE_DAY)
            if first <= runs_out and first <= last:
                suspended += (last - first).days + 1
                params = {"first": first, "last": last, "days": (last - first).days + 1}
                self.explain.append(Reason("LIMITATION_SUSPENDED", params))
        return limitation_end(start, self.terms, suspended)

    def over(self, day: date) -> bool:
        """Tell whether the term had run out, or its end is not known, when something happened."""
        return self.start is not None and (self.end is None or day > self.end)

    def stop(self, day: date) -> None:
        self.start = self.end = None
        self.explain.append(Reason("LIMITATION_PROCEEDINGS", {"day": day}))


def _runs_out(start: date, terms: tuple[LimitationTerm, ...], suspended: int) -> date | None:
    """End of the years themselves, before it is moved to 31 December."""
    plain = tuple(LimitationTerm(term.valid_from, term.years, False, term.takes_over) for term in terms)
    return limitation_end(start, plain, suspended)


def limitation(due: date, rules: LimitationRules, events: Iterable[Event], as_of: date) -> Limitation:
    """Limitation of one claim as of a day; later events are not looked at.

    :param due: due date as agreed (not shifted), the earlier and safer start
    """
    known = sorted((event for event in events if event.day <= as_of), key=lambda event: event.day)
    pauses = _joined([event for event in known if event.kind is EventKind.SUSPENDED])
    course = _Course(due, rules, pauses, as_of)
    for event in known:
        if event.kind is EventKind.SUSPENDED:
            continue
        if event.kind is not EventKind.JUDGMENT and course.over(event.day):
            course.explain.append(Reason("LIMITATION_TOO_LATE", {"day": event.day, "kind": event.kind.value}))
            continue
        _tell(course, event, as_of)
    return _result(course)


def _joined(pauses: list[Event]) -> list[Event]:
    """Suspensions without overlaps, so that no day counts twice."""
    joined: list[Event] = []
    for pause in pauses:
        before = joined[-1] if joined else None
        if before is None or (before.ended is not None and before.ended < pause.day):
            joined.append(pause)
        elif before.ended is not None:
            ended = None if pause.ended is None else max(before.ended, pause.ended)
            joined[-1] = Event(before.kind, before.day, ended)
    return joined


def _tell(course: _Course, event: Event, as_of: date) -> None:
    if event.kind is EventKind.ACKNOWLEDGED:
        if course.start is not None and event.day > course.start:
            course.begin(event.day, course.terms, "LIMITATION_ACKNOWLEDGED")
    elif event.kind is EventKind.JUDGMENT:
        course.begin(event.day, course.rules.judgments, "LIMITATION_JUDGMENT")
    elif event.ended is not None and event.ended <= as_of:
        terms = course.terms
        course.stop(event.day)
        course.begin(event.ended, terms, "LIMITATION_PROCEEDINGS_ENDED")
    else:
        course.stop(event.day)


def _result(course: _Course) -> Limitation:
    explain = tuple(course.explain)
    if course.start is None:
        return Limitation(None, None, "LIMITATION_STOPPED", explain)
    if course.end is None:
        return Limitation(course.start, None, "LIMITATION_UNKNOWN", explain)
    explain += (Reason("LIMITATION_END", {"day": course.end}),)
    return Limitation(course.start, course.end, "LIMITATION_RUNS", explain)
