"""The CSV files of a tariff plan set to typed rows; a row that cannot be read is a problem with its place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from .values import (
    DestinationRateRow,
    DestinationRow,
    Duration,
    ImportProblem,
    PlanRow,
    ProfileRow,
    RateRow,
    TimingRow,
)

DESTINATIONS, RATES, DESTINATION_RATES = "Destinations.csv", "Rates.csv", "DestinationRates.csv"
TIMINGS, RATING_PLANS, RATING_PROFILES = "Timings.csv", "RatingPlans.csv", "RatingProfiles.csv"
REQUIRED = (RATES, DESTINATION_RATES, RATING_PLANS, RATING_PROFILES)
COLUMNS = {
    DESTINATIONS: ("Id", "Prefix"),
    RATES: ("Id", "ConnectFee", "Rate", "RateUnit", "RateIncrement", "GroupIntervalStart"),
    DESTINATION_RATES: (
        "Id",
        "DestinationId",
        "RatesTag",
        "RoundingMethod",
        "RoundingDecimals",
        "MaxCost",
        "MaxCostStrategy",
    ),
    TIMINGS: ("Id", "Years", "Months", "MonthDays", "WeekDays", "Time"),
    RATING_PLANS: ("Id", "DestinationRatesId", "TimingTag", "Weight"),
    RATING_PROFILES: ("Tenant", "Category", "Subject", "ActivationTime", "RatingPlanId", "RatesFallbackSubject"),
}
_NUMBER = re.compile(r"(0|[1-9]\d{0,11})(\.\d{1,18})?")
_END = re.compile(r"\r\n|\r|\n")
_PART = re.compile(r"(\d{1,12})(h|ms|m|s)")
_SECONDS = {"h": 3600, "m": 60, "s": 1}
Row = TypeVar("Row")


@dataclass
class Rows:
    """All readable rows of a set, and every problem found so far."""

    destinations: list[DestinationRow] = field(default_factory=list)
    rates: list[RateRow] = field(default_factory=list)
    destination_rates: list[DestinationRateRow] = field(default_factory=list)
    timings: list[TimingRow] = field(default_factory=list)
    plans: list[PlanRow] = field(default_factory=list)
    profiles: list[ProfileRow] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    # ids of rows that could not be read: what stands on them must not be priced by something else
    broken: dict[str, set[str]] = field(default_factory=dict)


class _Bad(Exception):
    """A field that cannot be read."""

    def __init__(self, column: str, code: str, value: str = "") -> None:
        super().__init__(code)
        self.column, self.code, self.value = column, code, value


def read(files: Mapping[str, bytes]) -> Rows:
    """Rows of the files of a set by their usual names; ``#`` begins a comment, empty lines say nothing."""
    found = Rows()
    for name in REQUIRED:
        if name not in files:
            found.problems.append(ImportProblem(name, 0, "", "NO_FILE"))
    _take(files, DESTINATIONS, found, found.destinations, _destination)
    _take(files, RATES, found, found.rates, _rate)
    _take(files, DESTINATION_RATES, found, found.destination_rates, _destination_rate)
    _take(files, TIMINGS, found, found.timings, _timing)
    _take(files, RATING_PLANS, found, found.plans, _plan)
    _take(files, RATING_PROFILES, found, found.profiles, _profile)
    return found


def _take(
    files: Mapping[str, bytes], name: str, found: Rows, into: list[Row], make: Callable[[int, dict[str, str]], Row]
) -> None:
    for line, text in _lines(files.get(name, b"")):
        cells = split_cells(text)
        try:
            if cells is None:
                raise _Bad("", "UNREADABLE_ROW", text[:80])
            into.append(make(line, _named(COLUMNS[name], cells)))
        except _Bad as bad:
            found.problems.append(ImportProblem(name, line, bad.column, bad.code, bad.value))
            found.broken.setdefault(name, set()).add(cells[0].strip() if cells else text.partition(",")[0].strip())


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_END.split(_text(data)), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def split_cells(line: str) -> list[str] | None:
    """Fields of one line of CSV; None when it is none (a field without end)."""
    try:
        return next(csv.reader(io.StringIO(line)), None)
    except csv.Error:
        return None


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("iso-8859-2")


def _named(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """The last column (fallback subject, strategy) may be missing."""
    least = len(columns) - (columns[-1] in ("MaxCostStrategy", "RatesFallbackSubject"))
    if len(cells) < least:
        raise _Bad(columns[len(cells)], "TOO_FEW_COLUMNS", ",".join(cells))
    values = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
    return dict(zip(columns, values, strict=False))


# --- fields


def parse_number(text: str) -> Decimal | None:
    """A number not below 0 as price lists write it; None for "015", "1e3", "1,5" and anything else."""
    return Decimal(text) if text.isascii() and _NUMBER.fullmatch(text) else None


def _present(row: dict[str, str], column: str) -> str:
    if not row[column]:
        raise _Bad(column, "NO_VALUE")
    return row[column]


def _number(row: dict[str, str], column: str) -> Decimal:
    """Not negative; empty is 0."""
    text = row[column] or "0"
    found = parse_number(text)
    if found is None:
        raise _Bad(column, "BAD_NUMBER", text)
    return found


def _duration(row: dict[str, str], column: str) -> Duration:
    """ "60s", "1m", "1h30m" are seconds, a bare "1024" counts units; "0" is nothing of either."""
    text = row[column] or "0"
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return Duration(int(text), False)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _Bad(column, "BAD_DURATION", text)
    seconds = 0
    for number, unit in parts:
        if unit == "ms":
            if int(number) % 1000:
                raise _Bad(column, "BAD_DURATION", text)
            seconds += int(number) // 1000
        else:
            seconds += int(number) * _SECONDS[unit]
    return Duration(seconds, True)


def _instant(row: dict[str, str], column: str) -> datetime:
    text = _present(row, column)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Bad(column, "BAD_INSTANT", text) from None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


# --- rows


def _destination(line: int, row: dict[str, str]) -> DestinationRow:
    prefix = _present(row, "Prefix").removeprefix("+")
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 15 and not prefix.startswith("0")):
        raise _Bad("Prefix", "BAD_PREFIX", row["Prefix"])
    return DestinationRow(line, _present(row, "Id"), prefix)


def _rate(line: int, row: dict[str, str]) -> RateRow:
    return RateRow(
        line,
        _present(row, "Id"),
        _number(row, "ConnectFee"),
        _number(row, "Rate"),
        _duration(row, "RateUnit"),
        _duration(row, "RateIncrement"),
        _duration(row, "GroupIntervalStart"),
    )


def _destination_rate(line: int, row: dict[str, str]) -> DestinationRateRow:
    decimals = _number(row, "RoundingDecimals")
    if decimals != int(decimals):
        raise _Bad("RoundingDecimals", "BAD_NUMBER", row["RoundingDecimals"])
    return DestinationRateRow(
        line,
        _present(row, "Id"),
        _present(row, "DestinationId"),
        _present(row, "RatesTag"),
        _present(row, "RoundingMethod"),
        int(decimals),
        _number(row, "MaxCost"),
        row["MaxCostStrategy"],
    )


def _timing(line: int, row: dict[str, str]) -> TimingRow:
    """Words as they stand: a set has timings of other things than prices, read only when a plan names them."""
    names = ("Years", "Months", "MonthDays", "WeekDays", "Time")
    return TimingRow(line, _present(row, "Id"), *(row[name] for name in names))


def _plan(line: int, row: dict[str, str]) -> PlanRow:
    return PlanRow(
        line,
        _present(row, "Id"),
        _present(row, "DestinationRatesId"),
        _present(row, "TimingTag"),
        _number(row, "Weight"),
    )


def _profile(line: int, row: dict[str, str]) -> ProfileRow:
    return ProfileRow(
        line,
        _present(row, "Tenant"),
        _present(row, "Category"),
        _present(row, "Subject"),
        _instant(row, "ActivationTime"),
        _present(row, "RatingPlanId"),
        row["RatesFallbackSubject"],
    )
