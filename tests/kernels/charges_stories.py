"""Random timelines of services, and what an operator learns of them and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from billing_core import (
    ChargingRule,
    PriceStep,
    Promotion,
    Suspension,
    Timeline,
    Version,
    add_months,
    month_start,
)

METHODS = ("calendar", "calendar", "thirty", "none")
GRIDS = (
    [("month", 1)] * 8
    + [("month", 3)] * 2
    + [("month", 6), ("month", 12), ("week", 1), ("week", 2), ("day", 1), ("day", 10)]
)


@dataclass(frozen=True)
class Fact:
    """``timeline`` is what the operator believes from ``known`` on."""

    known: date
    timeline: Timeline


@dataclass(frozen=True)
class Story:
    truth: Timeline
    beliefs: tuple[Fact, ...]  # in order of time; the last one is the truth
    first_bill: date
    bills: int


def _money(dice: Random) -> Decimal:
    if dice.random() < 0.1:
        return Decimal(0)
    return (
        Decimal(dice.randrange(0, 30_000)).scaleb(-2)
        if dice.random() < 0.8
        else Decimal(dice.randrange(10**9)).scaleb(-6)
    )


def _rule(dice: Random) -> ChargingRule:
    unit, count = dice.choice(GRIDS)
    return ChargingRule(
        timing=dice.choice(("advance", "advance", "arrears")),
        unit=unit,
        count=count,
        proration=dice.choice(METHODS),
        first=dice.choice((None, None, *METHODS)),
        last=dice.choice((None, None, *METHODS)),
    )


def _day(dice: Random, start: date, span: int) -> date:
    """A day of the span; ends and beginnings of months more often than others."""
    day = start + timedelta(days=dice.randrange(span))
    choice = dice.random()
    if choice < 0.15:
        return day.replace(day=1)
    if choice < 0.3:
        return add_months(day.replace(day=1), 1) - timedelta(days=1)
    return day


def _versions(dice: Random, start: date, span: int) -> tuple[Version, ...]:
    rules = [_rule(dice)]
    if dice.random() < 0.25:
        rules.append(_rule(dice))
    if dice.random() < 0.3:  # another offering charged in the same periods, prorated in another way
        rules.append(replace(rules[0], proration=dice.choice(METHODS), last=dice.choice(METHODS)))
    days = {_day(dice, start, span) for _ in range(dice.choice((0, 0, 1, 1, 2, 4)))}
    return tuple(
        Version(
            day,
            dice.choice((1, 1, 2, 3)),
            _money(dice),
            dice.choice(rules),
            Decimal(dice.choice(("1", "1", "1", "3", "0.5", "2.25"))),
        )
        for day in sorted(days | {start})
    )


def _promotions(dice: Random, start: date, span: int) -> tuple[Promotion, ...]:
    found = []
    for number in range(dice.choice((0, 1, 1, 1, 2, 3))):
        begin = start if dice.random() < 0.5 else _day(dice, start, span)
        steps, month = [], 1
        for _step in range(dice.choice((1, 1, 2, 3))):
            month += dice.choice((0, 0, 0, 1))
            until = None if dice.random() < 0.2 else month + dice.randrange(4)
            kind = dice.choice(("percent", "amount", "fixed", "free"))
            value = Decimal(dice.choice((10, 33, 50, 100, 120))) if kind == "percent" else _money(dice) / 4
            steps.append(PriceStep(month, until, kind, value))
            if until is None:
                break
            month = until + 1
        found.append(
            Promotion(
                promotion_id=number + 1,
                start=begin,
                end=_day(dice, begin, span) if dice.random() < 0.2 else None,
                priority=dice.choice((1, 2, 2)),
                exclusive=dice.random() < 0.25,
                steps=tuple(steps),
                stops_while_suspended=dice.random() < 0.3,
                product_ids=dice.choice(((), (), (1,), (2, 3))),
            )
        )
    return tuple(found)


def _suspensions(dice: Random, start: date, span: int) -> tuple[Suspension, ...]:
    found: list[Suspension] = []
    day = start - timedelta(days=5)
    for _ in range(dice.choice((0, 0, 1, 2))):
        begin = _day(dice, day, span)
        if begin < day:
            continue
        end = None if dice.random() < 0.2 else begin + timedelta(days=dice.choice((0, 3, 10, 30, 70)))
        found.append(Suspension(begin, end, Decimal(dice.choice(("0", "0", "50", "100", "33.33")))))
        if end is None:
            break
        day = end + timedelta(days=1 + dice.choice((0, 0, 9)))
    return tuple(found)


def _end(dice: Random, start: date, span: int) -> date | None:
    choice = dice.random()
    if choice < 0.4:
        return None
    if choice < 0.5:
        return start - timedelta(days=1)
    return max(start, _day(dice, start, span))


def _belief(dice: Random, truth: Timeline, span: int) -> Timeline:
    """The truth with some of it unknown or wrong."""
    start = truth.start
    if start is None:
        raise AssertionError("stories have a start")
    parts: dict[str, object] = {}
    if dice.random() < 0.2:
        parts["start"] = start = start + timedelta(days=dice.randrange(-20, 21))
        parts["end"] = None
    if dice.random() < 0.6:
        parts["end"] = None if dice.random() < 0.6 else _end(dice, start, span)
    elif truth.end is not None and truth.end < start:
        parts["end"] = None
    if dice.random() < 0.5:
        parts["versions"] = tuple(one for index, one in enumerate(truth.versions) if not index or dice.random() < 0.5)
    if dice.random() < 0.5:
        parts["promotions"] = tuple(one for one in truth.promotions if dice.random() < 0.5)
    if dice.random() < 0.5:
        kept = [one for one in truth.suspensions if dice.random() < 0.6]
        if kept and dice.random() < 0.5:
            kept[-1] = replace(kept[-1], end=None)
        parts["suspensions"] = tuple(kept)
    return replace(truth, **parts)  # type: ignore[arg-type]  # names from a table


def story(dice: Random) -> Story:
    start = _day(dice, date(2027, 1, 1), 700)  # 2028 is a leap year
    span = dice.choice((30, 80, 180))
    cycle_day = dice.choice((1, 1, 1, 10, 28))
    truth = Timeline(
        service_id=1,
        start=start,
        end=_end(dice, start, span),
        versions=_versions(dice, start, span),
        promotions=_promotions(dice, start, span),
        suspensions=_suspensions(dice, start, span),
        cycle_day=cycle_day,
        anchor=start - timedelta(days=dice.randrange(500)) if dice.random() < 0.2 else None,
        carried_in=dice.random() < 0.15,
        carried_out=dice.random() < 0.15,
    )
    bills = dice.randrange(1, 7)
    first_bill = add_months(month_start(start, cycle_day), dice.choice((0, 0, 1)))
    known = sorted(_day(dice, start, 31 * bills) for _ in range(dice.choice((0, 1, 2, 3))))
    beliefs = [Fact(date.min, _belief(dice, truth, span)), *(Fact(day, _belief(dice, truth, span)) for day in known)]
    last = max(start + timedelta(days=31 * bills), known[-1] if known else start)
    return Story(truth, (*beliefs, Fact(last, truth)), first_bill, bills)
