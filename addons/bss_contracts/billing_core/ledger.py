"""What was charged beside what is due by today's facts → correction charges.

Every day that a recurring charge covers must stand at what today's facts say; days that no charge covers are
nobody's business here (an earlier system charged them, or they are still to be charged).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from .charges import DueLine, Explanation, is_stub_of, sheet_lines, sheet_of
from .grid import charging_period, legs
from .period import Period
from .timeline import Problem, Timeline, check

Span = tuple[int, int]
Key = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Charged:
    """A stored charge: recurring, or a correction (of ``origin_id``, or of its own when that is None).

    ``period_start``: first day of its charging period; ``part``: the days it is about. A waived (cancelled)
    recurring charge is left alone with its days; a waived correction stands, so that it is not made again.
    ``by_hand``: what a corrective invoice made by a person changed of ``origin_id``. It is settled between people, so
    it is never charged again or undone here; but no more is given back than it left.
    """

    charge_id: int
    product_id: int
    period_start: date
    part: Period
    amount: Decimal
    kind: Literal["recurring", "correction", "by_hand"]
    origin_id: int | None = None
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """Difference between what a product should cost in a charging period and what stands.

    ``origin_id``: the charge it is taken from or added to; None for a product newly due. ``number`` tells it from
    the corrections of the same period and product made before.
    """

    service_id: int
    product_id: int
    period: Period
    part: Period
    amount: Decimal
    origin_id: int | None
    number: int
    explanation: Explanation

    @property
    def identity_key(self) -> str:
        key = f"cor:{self.service_id}:{self.period.start.isoformat()}:{self.product_id}:{self.number}"
        return key if self.origin_id is None else f"{key}:{self.origin_id}"


@dataclass(slots=True)
class _Root:
    """A charge that stands by itself, with all that was added to it and taken from it since."""

    row: Charged
    amount: Decimal
    by_hand: Decimal = Decimal(0)

    @property
    def free(self) -> Decimal:
        """What can still be given back."""
        return max(min(self.amount, self.amount + self.by_hand), Decimal(0))


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _without(spans: list[Span], holes: list[Span]) -> list[Span]:
    for hole in holes:
        kept = []
        for first, last in spans:
            kept += [
                part
                for part in ((first, min(last, hole[0] - 1)), (max(first, hole[1] + 1), last))
                if part[0] <= part[1]
            ]
        spans = kept
    return spans


def _span(period: Period) -> Span:
    return period.start.toordinal(), period.end.toordinal()


def _waived(ledger: Sequence[Charged]) -> list[Span]:
    return _merged(_span(row.part) for row in ledger if row.kind == "recurring" and row.waived)


def _covered(ledger: Sequence[Charged], charged_through: date | None, since: date | None) -> list[Span]:
    """Days that this ledger answers for: those of recurring charges, and of corrections made without one."""
    spans = [
        _span(row.part) for row in ledger if (not row.waived if row.kind == "recurring" else row.origin_id is None)
    ]
    if charged_through is not None:
        end = charged_through.toordinal()
        if since is not None and since <= charged_through:
            spans.append((since.toordinal(), end))
        spans = [(first, min(last, end)) for first, last in spans if first <= end]
    return _without(_merged(spans), _waived(ledger))


def _former_spans(timeline: Timeline, ledger: Sequence[Charged]) -> list[tuple[int, int, Timeline]]:
    """Days charged by the periods of another cycle day, with the timeline that has it; in order of time."""
    found = []
    timelines: dict[int, Timeline] = {}
    for row in ledger:
        number = row.period_start.day
        is_root = row.origin_id is None and not (row.kind == "recurring" and row.waived)
        if is_root and number in timeline.former_days and number != timeline.cycle_day:
            if number not in timelines:
                former = (timeline.former_days | {timeline.cycle_day}) - {number}
                timelines[number] = replace(timeline, cycle_day=number, former_days=former)
            found.append((*_span(row.part), timelines[number]))
    return sorted(found, key=lambda one: one[:2])


def _grid_on(timeline: Timeline, former: list[tuple[int, int, Timeline]], day: int, last: int) -> tuple[Timeline, int]:
    """The timeline whose cycle day holds on ``day``, and until when (at most ``last``)."""
    for first, until, one in former:
        if first <= day <= until:
            return one, min(last, until)
        if first > day:
            return timeline, min(last, first - 1)
    return timeline, last


def _due(timeline: Timeline, covered: list[Span], ledger: Sequence[Charged]) -> dict[Key, list[DueLine]]:
    """Lines of the covered days by start of the charging period and product.

    Days that were charged by the periods of an earlier cycle stay in them.
    """
    former = _former_spans(timeline, ledger) if timeline.former_days else []
    found: dict[Key, list[DueLine]] = defaultdict(list)
    for leg in legs(timeline):
        for span in covered:
            day, last = max(span[0], leg[0]), min(span[1], leg[1])
            while day <= last:
                grid, until = _grid_on(timeline, former, day, last)
                start, end = charging_period(grid, leg[2].rule, day)
                until = min(until, end)
                sheet = sheet_of(grid, leg, start, end, (day, until + 1), is_stub_of(grid, leg, start, day))
                for line in sheet_lines(sheet, day, until):
                    found[line.period.start, line.product_id].append(line)
                day = until + 1
    return found


def _is_left_alone(root: Charged, holes: list[Span]) -> bool:
    if root.kind == "recurring":
        return root.waived
    return not _without([_span(root.part)], holes)


def _roots(ledger: Sequence[Charged]) -> dict[Key, list[_Root]]:
    """Standing rows by period and product, oldest first; without what is left alone."""
    rows = {row.charge_id: row for row in ledger}
    holes = _waived(ledger)

    def root_of(row: Charged) -> Charged:
        seen = {row.charge_id}
        while row.origin_id is not None and row.origin_id in rows and row.origin_id not in seen:
            seen.add(row.origin_id)
            row = rows[row.origin_id]
        return row

    found: dict[int, _Root] = {}
    for row in ledger:
        root = root_of(row)
        if root.kind == "by_hand" or _is_left_alone(root, holes):
            continue
        entry = found.setdefault(root.charge_id, _Root(root, Decimal(0)))
        if row.kind == "by_hand":
            entry.by_hand += row.amount
        else:
            entry.amount += row.amount
    by_key: dict[Key, list[_Root]] = defaultdict(list)
    for entry in sorted(found.values(), key=lambda one: (one.row.part.start, one.row.charge_id)):
        by_key[entry.row.period_start, entry.row.product_id].append(entry)
    return by_key


def corrections(
    timeline: Timeline, ledger: Sequence[Charged], charged_through: date | None, since: date | None = None
) -> tuple[Correction, ...] | Problem:
    """What must be charged or given back, so that every covered day stands at today's facts; oldest first.

    Covered are the days of recurring charges that are not waived, up to ``charged_through``; with ``since`` also all
    days from it on (say it when a start has moved back to before the first charge; once is enough).
    Too little: one correction, added to the last charge of the period and product if there is one. Too much: taken
    from the newest charge first, never more than stands of it. Made again on its own result it gives nothing.
    """
    problem = check(timeline)
    if problem:
        return problem
    due = _due(timeline, _covered(ledger, charged_through, since), ledger)
    roots = _roots(ledger)
    numbers: dict[Key, int] = defaultdict(int)
    for row in ledger:
        if row.kind == "correction":
            numbers[row.period_start, row.product_id] += 1
    found: list[Correction] = []
    for key in sorted({*due, *roots}):
        lines, rows = due.get(key, []), roots.get(key, [])
        wanted = sum((line.amount for line in lines), Decimal(0))
        standing = sum((one.amount for one in rows), Decimal(0))
        if wanted != standing:
            explanation = Explanation("DUE_CHARGED", {"due": str(wanted), "charged": str(standing)})
            found.extend(_settled(timeline, key, lines, rows, wanted - standing, numbers[key], explanation))
    return tuple(found)


def _settled(
    timeline: Timeline,
    key: Key,
    lines: list[DueLine],
    rows: list[_Root],
    difference: Decimal,
    number: int,
    explanation: Explanation,
) -> Iterable[Correction]:
    """The difference of one period and product as corrections of its charges."""
    period = lines[0].period if lines else Period(key[0], max(one.row.part.end for one in rows))

    def correction(amount: Decimal, part: Period, origin_id: int | None) -> Correction:
        return Correction(timeline.service_id, key[1], period, part, amount, origin_id, number, explanation)

    if difference < 0:
        for entry in reversed(rows):
            taken = min(-difference, entry.free)
            if taken > 0:
                yield correction(-taken, _given_back(entry.row.part, lines), entry.row.charge_id)
                difference += taken
        # given back by hand already
        difference = min(difference + sum(max(one.amount - one.free, Decimal(0)) for one in rows), Decimal(0))
    if difference:
        part = Period(lines[0].part.start, lines[-1].part.end) if lines else rows[-1].row.part
        yield correction(difference, part, rows[-1].row.charge_id if rows else None)


def _given_back(part: Period, lines: list[DueLine]) -> Period:
    """The days of ``part`` that are no longer due, from the first to the last; all of them when none stands out."""
    spans = [_span(line.part) for line in lines if line.days]
    free = _without([_span(part)], _merged(spans))
    if not free:
        return part
    return Period(date.fromordinal(free[0][0]), date.fromordinal(free[-1][1]))


__all__ = ["Charged", "Correction", "corrections"]
