"""What a charging period costs, and which charges one bill makes of it.

An amount is the difference of two running sums, each rounded once HALF_UP. So however a period is cut (by a bill in
the middle, by a change of product), its lines sum to the rounded amount of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from .daily import Applied, Stretch, stretches
from .grid import PER_MONTH, Leg, charging_period, legs
from .period import Period
from .timeline import ChargingRule, Method, Problem, Timeline, check

MAX_PERIODS = 36


@dataclass(frozen=True, slots=True)
class PricePart:
    """Neighbouring days that cost the same: ``price`` of a full period at their terms (rounded to the grosz).

    ``weight``: how many parts of the period they count, in the method of its proration.
    """

    days: Period
    price: Decimal
    weight: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an amount is what it is; the words are the caller's.

    FULL_PERIOD; DAYS and THIRTIETHS with ``days`` of ``all``; PRICES with ``all`` and the ``parts`` of several prices;
    WHOLE_PRICE (no proration, the first chargeable day decides); NOT_CHARGEABLE (suspended without a fee);
    DUE_CHARGED with ``due`` and ``charged``.
    """

    code: Literal["FULL_PERIOD", "DAYS", "THIRTIETHS", "PRICES", "WHOLE_PRICE", "NOT_CHARGEABLE", "DUE_CHARGED"]
    params: dict[str, str] = field(default_factory=dict)
    parts: tuple[PricePart, ...] = ()


@dataclass(frozen=True, slots=True)
class DueLine:
    """One product's run of days in one charging period.

    ``amount``: what the run costs (grosz); ``full_price``: list price of its full period (the version's amount);
    ``days``: chargeable days; ``is_full``: the run is the whole period, every day chargeable at one price;
    ``applied``: the promotions at work in it, in order of time; ``is_first``: the first run of the period.
    """

    product_id: int
    period: Period
    part: Period
    amount: Decimal
    full_price: Decimal
    quantity: Decimal
    days: int
    is_full: bool
    is_first: bool
    explanation: Explanation
    applied: tuple[Applied, ...]


@dataclass(frozen=True, slots=True)
class RecurringCharge:
    """One line of a service on a bill. Days without a fee give a charge of 0.00, so that the ledger knows of them."""

    service_id: int
    line: DueLine

    @property
    def product_id(self) -> int:
        return self.line.product_id

    @property
    def period(self) -> Period:
        return self.line.period

    @property
    def part(self) -> Period:
        return self.line.part

    @property
    def amount(self) -> Decimal:
        return self.line.amount

    @property
    def identity_key(self) -> str:
        """The same first day of the same service is never charged twice."""
        key = f"rec:{self.service_id}:{self.line.part.start.isoformat()}"
        return key if self.line.is_first else f"{key}:{self.line.product_id}"


@dataclass(frozen=True, slots=True)
class Collected:
    """Charges of a bill in order of service and time; services that cannot be charged apart."""

    charges: tuple[RecurringCharge, ...]
    problems: tuple[Problem, ...]

    def charged_through(self) -> dict[int, date]:
        """Last covered day per service, of those that got a charge (of 0 too)."""
        result: dict[int, date] = {}
        for charge in self.charges:
            last = charge.line.part.end
            if charge.service_id not in result or last > result[charge.service_id]:
                result[charge.service_id] = last
        return result


@lru_cache(maxsize=65536)
def _period(first: int, last: int) -> Period:
    return Period(date.fromordinal(first), date.fromordinal(last))


@lru_cache(maxsize=4096)
def _days_of(code: Literal["DAYS", "THIRTIETHS"], days: int, base: int) -> Explanation:
    return Explanation(code, {"days": str(days), "all": str(base)})


FULL_PERIOD = Explanation("FULL_PERIOD")
WHOLE_PRICE = Explanation("WHOLE_PRICE")
NOT_CHARGEABLE = Explanation("NOT_CHARGEABLE")


def grosz(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)


def _half_up(number: int, divisor: int) -> int:
    """Quotient rounded to a whole number, ties away from zero; the divisor is positive."""
    if number < 0:
        return -((-2 * number + divisor) // (2 * divisor))
    return (2 * number + divisor) // (2 * divisor)


@dataclass(slots=True)
class Sheet:
    """The part of one charging period that one leg lives, with all it takes to sum it up.

    ``start``, ``end``: the charging period; ``days``: the stretches lived in it, without a gap, cut at window edges.
    """

    start: int
    end: int
    method: Method
    base: int
    days: list[Stretch]

    def weights(self) -> list[int]:
        """What each stretch counts, in parts of ``base``: its chargeable days, as the method has them."""
        if self.method == "calendar":
            return [one.last - one.first + 1 if one.is_chargeable else 0 for one in self.days]
        if self.method == "thirty":
            return self._thirtieths()
        first = next((index for index, one in enumerate(self.days) if one.is_chargeable), None)
        return [self.base if index == first else 0 for index in range(len(self.days))]

    def _thirtieths(self) -> list[int]:
        """A day one part, never more than all parts; the last day of a wholly chargeable period takes the rest."""
        found, left = [], self.base
        for one in self.days:
            weight = min(left, one.last - one.first + 1) if one.is_chargeable else 0
            found.append(weight)
            left -= weight
        days = self.days
        if days[0].first == self.start and days[-1].last == self.end and all(one.is_chargeable for one in days):
            found[-1] += left
        return found

    def sums(self) -> list[int]:
        """Rounded running sum in grosz after each stretch."""
        digits = max(one.price[1] for one in self.days)
        divisor = self.base * 10**digits
        total, found = 0, []
        for one, weight in zip(self.days, self.weights(), strict=True):
            number, own = one.price
            total += weight * (number if own == digits else number * 10 ** (digits - own))
            found.append(_half_up(total * 100, divisor))
        return found


def _method(timeline: Timeline, rule: ChargingRule, leg: Leg, start: int, end: int) -> Method:
    """How the period ``start`` … ``end`` is prorated; ``rule`` is that of its first day lived.

    Where a change of rule or a hand-over inside the chain cuts the period, "none" would charge it twice: by days.
    """
    first, last, _version = leg
    if first <= start and end <= last:
        return rule.proration
    born = timeline.start is not None and timeline.start.toordinal() == first
    dies = timeline.end is not None and timeline.end.toordinal() == last
    cut_by_change = False
    method = rule.proration
    if last < end:
        if dies and not timeline.carried_out:
            method = rule.last or rule.proration
        else:
            cut_by_change = True
    if first > start:
        if born and not timeline.carried_in:
            method = rule.first or rule.proration
        else:
            cut_by_change = True
    return "calendar" if cut_by_change and method == "none" else method


def _cut(found: list[Stretch], edges: Iterable[int]) -> list[Stretch]:
    """Stretches cut so that each day of ``edges`` begins one."""
    for edge in edges:
        for index, one in enumerate(found):
            if one.first < edge <= one.last:
                tail = Stretch(edge, one.last, one.version, one.applied, one.suspension, one.price)
                head = Stretch(one.first, edge - 1, one.version, one.applied, one.suspension, one.price)
                found[index : index + 1] = [head, tail]
                break
    return found


def is_stub_of(timeline: Timeline, leg: Leg, start: int, day: int) -> bool:
    """Whether ``day`` follows the last period of another cycle day, and is not the first of its own period."""
    if not timeline.former_days or day <= max(start, leg[0]):
        return False
    number = date.fromordinal(day).day
    return number in timeline.former_days or number == timeline.cycle_day


def sheet_of(
    timeline: Timeline, leg: Leg, start: int, end: int, edges: Iterable[int] = (), is_stub: bool = False
) -> Sheet:
    """The charging period ``start`` … ``end`` as far as ``leg`` lives in it (at least a day).

    ``is_stub``: an earlier cycle charged its first days, so "none" would leave the rest free: by days.
    """
    days = _cut(stretches(timeline, max(start, leg[0]), min(end, leg[1])), edges)
    rule = days[0].version.rule
    method = _method(timeline, rule, leg, start, end)
    if is_stub and method == "none":
        method = "calendar"
    if method == "thirty" and rule.unit == "month":
        return Sheet(start, end, method, 30 * rule.count, days)
    return Sheet(start, end, "calendar" if method == "thirty" else method, end - start + 1, days)


def _runs(days: Sequence[Stretch]) -> Iterable[tuple[int, int]]:
    """Index ranges of neighbouring stretches with the same product and rule."""
    begun = 0
    for index in range(1, len(days) + 1):
        if index < len(days):
            one, two = days[index - 1].version, days[index].version
            if one is two or (one.product_id == two.product_id and one.rule == two.rule):
                continue
        yield begun, index
        begun = index


def sheet_lines(sheet: Sheet, first: int, last: int) -> list[DueLine]:
    """Lines of the days ``first`` … ``last`` of a sheet that has been cut at both."""
    days, sums = sheet.days, sheet.sums()
    inside = [index for index, one in enumerate(days) if first <= one.first and one.last <= last]
    if not inside:
        return []
    offset, stop = inside[0], inside[-1] + 1
    lines = []
    for number, (begun, until) in enumerate(_runs(days)):
        begun, until = max(begun, offset), min(until, stop)
        if begun < until:
            amount = sums[until - 1] - (sums[begun - 1] if begun else 0)
            lines.append(_line(sheet, begun, until, amount, number == 0))
    return lines


def _line(sheet: Sheet, begun: int, until: int, amount: int, is_first: bool) -> DueLine:
    """The line of the stretches ``begun`` up to before ``until``."""
    run = sheet.days[begun:until]
    head = run[0]
    chargeable, one_price = 0, True
    for one in run:
        if one.is_chargeable:
            chargeable += one.last - one.first + 1
        if one.price != head.price:
            one_price = False
    is_full = one_price and chargeable == sheet.end - sheet.start + 1
    return DueLine(
        head.version.product_id,
        _period(sheet.start, sheet.end),
        _period(head.first, run[-1].last),
        grosz(amount),
        head.version.amount,
        head.version.quantity,
        chargeable,
        is_full,
        is_first,
        FULL_PERIOD if is_full else _explain(sheet, chargeable, () if one_price else _price_parts(sheet, begun, until)),
        head.applied if len(run) == 1 else _all_applied(run),
    )


def _explain(sheet: Sheet, chargeable: int, parts: tuple[PricePart, ...]) -> Explanation:
    if not chargeable:
        return NOT_CHARGEABLE
    if sheet.method == "none":
        return WHOLE_PRICE
    if len({part.price for part in parts}) > 1:
        return Explanation("PRICES", {"all": str(sheet.base)}, parts)
    return _days_of("THIRTIETHS" if sheet.method == "thirty" else "DAYS", chargeable, sheet.base)


def _price_parts(sheet: Sheet, begun: int, until: int) -> tuple[PricePart, ...]:
    """Chargeable days of these stretches by their prices, in order of time."""
    found: list[PricePart] = []
    for one, weight in list(zip(sheet.days, sheet.weights(), strict=True))[begun:until]:
        if not one.is_chargeable:
            continue
        number, digits = one.price
        part = PricePart(_period(one.first, one.last), grosz(_half_up(number * 100, 10**digits)), weight)
        before = found[-1] if found else None
        if before and before.price == part.price and before.days.end.toordinal() + 1 == one.first:
            found[-1] = PricePart(Period(before.days.start, part.days.end), part.price, before.weight + weight)
        else:
            found.append(part)
    return tuple(found)


def _all_applied(run: Sequence[Stretch]) -> tuple[Applied, ...]:
    """Promotions of the whole run; the same step in neighbouring stretches is one entry."""
    found: list[Applied] = []
    for stretch in run:
        for one in stretch.applied:
            for index, before in enumerate(found):
                if before.promotion_id == one.promotion_id and before.step == one.step:
                    found[index] = Applied(one.promotion_id, before.month_from, one.month_to, one.step)
                    break
            else:
                found.append(one)
    return tuple(found)


def due_lines(timeline: Timeline, period: Period, through: date | None = None) -> tuple[DueLine, ...]:
    """What the charging period ``period`` costs, up to and including ``through`` (None = its end).

    Empty when the service does not live in it, or when it is not a charging period of the rule of those days.
    The timeline must pass ``check``.
    """
    start, end = period.start.toordinal(), period.end.toordinal()
    last = end if through is None else min(end, through.toordinal())
    lines: list[DueLine] = []
    for leg in legs(timeline):
        first = max(start, leg[0])
        if first > min(last, leg[1]) or charging_period(timeline, leg[2].rule, first) != (start, end):
            continue
        sheet = sheet_of(timeline, leg, start, end, (last + 1,))
        lines.extend(sheet_lines(sheet, first, last))
    return tuple(lines)


def bill_charges(
    timeline: Timeline, bill: Period, charged_through: date | None, max_periods: int = MAX_PERIODS
) -> tuple[RecurringCharge, ...] | Problem:
    """Charges of one service on one bill, oldest first; nothing before the day after ``charged_through``.

    In advance: periods that begin on or before the bill's last day. In arrears: those that ended before its first.
    Days are charged in order of time, so a period that is not due yet holds back all later ones.
    ``max_periods``: how many periods (months for days and weeks) a bill may reach back before it is a Problem.
    """
    problem = check(timeline)
    if problem:
        return problem
    bill_start, bill_end = bill.start.toordinal(), bill.end.toordinal()
    begin = 0 if charged_through is None else charged_through.toordinal() + 1
    found: list[RecurringCharge] = []
    for leg in legs(timeline):
        rule = leg[2].rule
        day = max(begin, leg[0])
        passed = 0
        in_advance = rule.timing == "advance"
        while day <= leg[1]:
            if in_advance and passed and day > bill_end:
                return tuple(found)  # the next period begins there: no need to look at it
            start, end = charging_period(timeline, rule, day)
            if max(start, leg[0]) > bill_end if in_advance else min(end, leg[1]) >= bill_start:
                return tuple(found)
            passed += 1
            if passed > max_periods * PER_MONTH[rule.unit]:
                params = {"from": date.fromordinal(max(begin, leg[0])).isoformat(), "limit": str(max_periods)}
                return Problem(timeline.service_id, "TOO_FAR_BACK", params)
            sheet = sheet_of(timeline, leg, start, end, (day,), is_stub_of(timeline, leg, start, day))
            found.extend(RecurringCharge(timeline.service_id, line) for line in sheet_lines(sheet, day, end))
            day = end + 1
    return tuple(found)


def charge_all(
    timelines: Iterable[Timeline],
    bill: Period,
    charged_through: Mapping[int, date | None],
    max_periods: int = MAX_PERIODS,
) -> Collected:
    """Recurring charges of one bill for many services; services with a problem are listed apart."""
    charges: list[RecurringCharge] = []
    problems: list[Problem] = []
    for timeline in timelines:
        result = bill_charges(timeline, bill, charged_through.get(timeline.service_id), max_periods)
        if isinstance(result, Problem):
            problems.append(result)
        else:
            charges.extend(result)
    return Collected(tuple(charges), tuple(problems))


__all__ = [
    "Collected",
    "DueLine",
    "Explanation",
    "PricePart",
    "RecurringCharge",
    "bill_charges",
    "charge_all",
    "due_lines",
]
