"""Time bands of a tariff: which one an instant belongs to, and where a set of bands leaves holes or doubts.

A band holds minutes of day types: Monday to Sunday, and the holiday, which replaces the weekday it falls on. Minutes are those of the wall
clock in Warsaw. Where several bands hold a minute the heaviest one wins; two of one weight are an overlap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

HOLIDAY = "holiday"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_TYPES = (*WEEKDAYS, HOLIDAY)
DAY_MINUTES = 24 * 60
ALL_MONTHS = frozenset(range(1, 13))
GAP = "gap"
OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Band:
    """``end_min`` is the first minute after the band (1440 = midnight); no ``months`` means every month, dates are inclusive."""

    code: str
    days: frozenset[str]
    start_min: int = 0
    end_min: int = DAY_MINUTES
    months: frozenset[int] = frozenset()
    date_start: date | None = None
    date_end: date | None = None
    weight: int = 0

    def holds_month(self, month: int) -> bool:
        return not self.months or month in self.months

    def holds_date(self, first: date, last: date) -> bool:
        """Whether the dates of the band include all days from ``first`` to ``last``."""
        return (self.date_start or date.min) <= first and last <= (self.date_end or date.max)


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes [start_min, end_min) of one day type and the heaviest bands that hold them (none = hole, several = doubt)."""

    start_min: int
    end_min: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BandFinding:
    """A hole or an overlap; ``months`` empty = every month, dates empty = without limit."""

    kind: str
    days: tuple[str, ...]
    start_min: int
    end_min: int
    codes: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    date_start: date | None = None
    date_end: date | None = None


def clock(minute: int) -> str:
    """1320 is "22:00", 1440 "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_months(text: str) -> frozenset[int] | None:
    """ "6-8, 12" is June to August and December, "11-2" runs over the new year; empty = every month; None = no months."""
    months: set[int] = set()
    for part in text.replace("–", "-").split(","):
        first, dash, last = (end.strip() for end in part.partition("-"))
        if not first and not dash:
            continue
        ends = [first, last] if dash else [first, first]
        if not all(end.isascii() and end.isdigit() and 1 <= int(end[:3]) <= 12 for end in ends):
            return None
        month, stop = int(ends[0]), int(ends[1])
        months.add(month)
        while month != stop:
            month = month % 12 + 1
            months.add(month)
    return frozenset(months)


def format_months(months: Iterable[int]) -> str:
    """Months in runs: {6, 7, 8, 12} is "6-8,12"; none is ""."""
    runs: list[list[int]] = []
    for month in sorted(months):
        if runs and runs[-1][1] == month - 1:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def day_type(day: date, holidays: Iterable[date] = ()) -> str:
    return HOLIDAY if day in holidays else WEEKDAYS[day.weekday()]


def day_slots(bands: Sequence[Band], kind_of_day: str) -> list[Slot]:
    """The whole day in slots; ``bands`` are those valid on the day."""
    held = [band for band in bands if kind_of_day in band.days]
    edges = sorted({0, DAY_MINUTES, *(band.start_min for band in held), *(band.end_min for band in held)})
    slots: list[Slot] = []
    for start, end in pairwise(edges):
        present = [band for band in held if band.start_min <= start and end <= band.end_min]
        heaviest = max((band.weight for band in present), default=0)
        codes = tuple(sorted(band.code for band in present if band.weight == heaviest))
        if slots and slots[-1].codes == codes:
            slots[-1] = Slot(slots[-1].start_min, end, codes)
        else:
            slots.append(Slot(start, end, codes))
    return slots


def bands_on(bands: Iterable[Band], day: date) -> list[Band]:
    return [band for band in bands if band.holds_month(day.month) and band.holds_date(day, day)]


def band_at(bands: Iterable[Band], day: date, minute: int, holidays: Iterable[date] = ()) -> str | None:
    """Code of the band of a wall-clock minute; None in a hole, the first code in a doubt."""
    for slot in day_slots(bands_on(bands, day), day_type(day, holidays)):
        if slot.start_min <= minute < slot.end_min:
            return slot.codes[0] if slot.codes else None
    raise ValueError(f"no minute of a day: {minute}")


@dataclass(frozen=True, slots=True)
class _Season:
    """Days from ``first`` to ``last`` in one month, with the weekdays that occur there."""

    first: date
    last: date
    month: int
    weekdays: frozenset[str]


def check_bands(bands: Sequence[Band]) -> list[BandFinding]:
    """Every hole and overlap of the week and of a holiday, the same ones of several days or months together."""
    found: dict[tuple[str, int, int, tuple[str, ...], date, date], dict[int, set[str]]] = {}
    for season in _seasons(bands):
        valid = [
            band for band in bands if band.holds_month(season.month) and band.holds_date(season.first, season.last)
        ]
        for kind_of_day in (*season.weekdays, HOLIDAY):
            for slot in day_slots(valid, kind_of_day):
                if len(slot.codes) == 1:
                    continue
                kind = OVERLAP if slot.codes else GAP
                key = (kind, slot.start_min, slot.end_min, slot.codes, season.first, season.last)
                found.setdefault(key, {}).setdefault(season.month, set()).add(kind_of_day)
    return sorted(_join_months(found), key=_place)


def _place(finding: BandFinding) -> tuple[str, date, tuple[int, ...], int, int]:
    return (
        finding.kind,
        finding.date_start or date.min,
        finding.months,
        DAY_TYPES.index(finding.days[0]),
        finding.start_min,
    )


def _join_months(
    found: dict[tuple[str, int, int, tuple[str, ...], date, date], dict[int, set[str]]],
) -> list[BandFinding]:
    findings = []
    for (kind, start, end, codes, first, last), days_of_month in found.items():
        months_of_days: dict[tuple[str, ...], list[int]] = {}
        for month, days in sorted(days_of_month.items()):
            months_of_days.setdefault(tuple(sorted(days, key=DAY_TYPES.index)), []).append(month)
        for days_found, months in months_of_days.items():
            findings.append(
                BandFinding(
                    kind,
                    days_found,
                    start,
                    end,
                    codes,
                    months=() if len(months) == len(ALL_MONTHS) else tuple(months),
                    date_start=None if first == date.min else first,
                    date_end=None if last == date.max else last,
                )
            )
    return findings


def _seasons(bands: Sequence[Band]) -> Iterable[_Season]:
    """Stretches of days in which the same bands are valid, month by month."""
    starts = {date.min}
    starts |= {band.date_start for band in bands if band.date_start}
    starts |= {band.date_end + timedelta(days=1) for band in bands if band.date_end and band.date_end < date.max}
    ordered = sorted(starts)
    ends = [*(start - timedelta(days=1) for start in ordered[1:]), date.max]
    for first, last in zip(ordered, ends, strict=True):
        if (last - first).days >= 366:
            for month in sorted(ALL_MONTHS):
                yield _Season(first, last, month, frozenset(WEEKDAYS))
            continue
        present: dict[int, set[str]] = {}
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            present.setdefault(day.month, set()).add(WEEKDAYS[day.weekday()])
        for month, weekdays in sorted(present.items()):
            yield _Season(first, last, month, frozenset(weekdays))
