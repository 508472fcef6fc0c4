"""Rate sheets of carriers (A-Z lists): a row for each prefix, its price, from which day; columns as the user names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..increments import ChainProblem, parse_chain
from ..prefixes import RangeProblem, expand_range
from ..rate_sheet import RateRow
from ..rate_xlsx_cells import Fault, date_of, micro_of, text_of
from .draft import ERROR, WARNING, ImportProblem, TariffDraft, TariffPlan, TariffZone, kind_of, priced
from .fit import Existing, Misfit, fit
from .package import HEADER_WITHIN, Unreadable, rows_of

# field: names that such columns have, in English and Polish
FIELDS: dict[str, tuple[str, ...]] = {
    "prefix": ("prefix", "code", "dial code", "area code", "codes", "breakout", "prefiks", "numer kierunkowy"),
    "country_code": ("country code", "cc", "kod kraju"),
    "destination": ("destination", "name", "description", "country", "destination name", "kierunek", "nazwa", "strefa"),
    "price": ("price", "rate", "price per minute", "rate per minute", "cena", "stawka", "cena za minutę"),
    "valid_from": ("valid from", "effective date", "effective", "date", "start date", "ważne od", "od dnia", "data"),
    "chain": ("increments", "increment", "billing increment", "billing", "rounding", "naliczanie"),
    "connect_fee": ("connection fee", "connect fee", "setup", "opłata za połączenie"),
}
REQUIRED = ("prefix", "price")
MAX_PROBLEMS = 1_000
SHOWN = 5  # prefixes named in a problem
_CODE = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Name of the column of each field, as the header says it; empty = there is none."""

    names: Mapping[str, str]
    usage_kind: str = "voice"
    date_start: date | None = None  # of rows without a date of their own
    chain: tuple[int, ...] = (1, 1)  # of rows without increments
    keeps_others: bool = False  # the list holds changes only


@dataclass(frozen=True, slots=True)
class Price:
    destination: str
    price_micro: int
    connect_fee_micro: int
    chain: tuple[int, ...]


@dataclass
class _Sheet:
    """Readable rows: price of each prefix from each day on, and where it stands."""

    prices: dict[date | None, dict[str, Price]] = field(default_factory=dict)
    line_of: dict[str, int] = field(default_factory=dict)
    problems: list[ImportProblem] = field(default_factory=list)


def guess_columns(headers: Sequence[str]) -> dict[str, str]:
    """Column of each field by its usual names, each column once."""
    left = {" ".join(name.split()).casefold(): name for name in headers}
    found = {}
    for key, names in FIELDS.items():
        name = next((one for one in names if one in left), "")
        found[key] = left.pop(name) if name else ""
    return found


def read_carrier(
    file: str,
    content: bytes,
    columns: Columns,
    code: str,
    existing: Existing,
    before: Mapping[str, Price] | None = None,
) -> TariffDraft:
    """A version of plan ``code`` for each day from which a price of the list is valid.

    :param before: prices of prefixes until then; they stay where the list is one of changes only
    """
    sheet = _read(file, content, columns)
    if not sheet.prices:
        told = sheet.problems or [ImportProblem(file, 0, "", "NO_ROWS")]
        return TariffDraft(problems=tuple(told))
    days = sorted(sheet.prices, key=lambda day: day or date.min)
    state = dict(before or {}) if columns.keeps_others else {}
    versions: list[tuple[date | None, dict[str, Price]]] = []
    for day in days:
        state = {**state, **sheet.prices[day]}
        versions.append((day, state))
    return _draft(file, sheet, columns.usage_kind, code, versions, existing)


def _draft(
    file: str, sheet: _Sheet, usage_kind: str, code: str,
    versions: Sequence[tuple[date | None, Mapping[str, Price]]], existing: Existing,
) -> TariffDraft:  # fmt: skip
    destination_of, names = _destinations(code, versions, existing)
    fitted = fit(destination_of, existing)
    plans = []
    for day, state in versions:
        price_of = {destination_of[prefix]: price for prefix, price in state.items()}
        rates: list[RateRow] = []
        for destination, price in sorted(price_of.items()):
            rate = RateRow(
                destination,
                usage_kind,
                price.price_micro,
                connect_fee_micro=price.connect_fee_micro,
                chain=price.chain,
            )
            rates += priced(rate, fitted.zones.get(destination, ()))
        plans.append(TariffPlan(code, day, tuple(rates)))
    zones = tuple(
        TariffZone(zone, names[destination], kind_of(prefixes), prefixes, destination)
        for destination, (zone, prefixes) in fitted.new.items()
    )
    lines = with_destinations(sheet.line_of, destination_of)
    problems = [*sheet.problems, *(problem_of(file, one, lines) for one in fitted.misfits)]
    return TariffDraft(zones, (), tuple(plans), tuple(problems))


def _destinations(
    code: str, versions: Sequence[tuple[date | None, Mapping[str, Price]]], existing: Existing
) -> tuple[dict[str, str], dict[str, str]]:
    """Zone code of each prefix: prefixes of one destination that cost the same at all times; and the names of the codes."""
    history: dict[str, list[Price | None]] = {}
    for place, (_day, state) in enumerate(versions):
        for prefix, price in state.items():
            history.setdefault(prefix, [None] * len(versions))[place] = price
    alike: dict[tuple[str, tuple[object, ...]], list[str]] = {}
    for prefix, prices in history.items():
        name = next(price.destination for price in prices if price)
        costs = tuple((price.price_micro, price.connect_fee_micro, price.chain) if price else None for price in prices)
        alike.setdefault((name or prefix, costs), []).append(prefix)
    destination_of: dict[str, str] = {}
    names: dict[str, str] = {}
    taken: dict[str, int] = {}
    for (name, _costs), prefixes in sorted(alike.items(), key=lambda one: min(one[1])):
        stem = f"{code}:{_CODE.sub('-', name.upper()).strip('-')[:40] or min(prefixes)}"
        taken[stem] = taken.get(stem, 0) + 1
        wanted = stem if taken[stem] == 1 else f"{stem}/{taken[stem]}"
        names[wanted] = name
        destination_of.update(dict.fromkeys(prefixes, wanted))
    return destination_of, names


def problem_of(file: str, misfit: Misfit, line_of: Mapping[str, int]) -> ImportProblem:
    """A misfit in the words of an import, with its prefixes.

    :param line_of: line of each prefix, and of the first prefix of each destination
    """
    lines = [line_of[prefix] for prefix in misfit.prefixes if prefix in line_of]
    shown = ", ".join(misfit.prefixes[:SHOWN]) + (" …" if len(misfit.prefixes) > SHOWN else "")
    severity = WARNING if misfit.is_warning else ERROR
    params = (("zone", misfit.zone), ("count", str(len(misfit.prefixes))))
    line = min(lines, default=line_of.get(misfit.destination, 0))
    return ImportProblem(file, line, "prefix", misfit.code, shown, severity, params)


def with_destinations(line_of: Mapping[str, int], destination_of: Mapping[str, str]) -> dict[str, int]:
    """Lines of prefixes, with the first line of each destination."""
    lines = dict(line_of)
    for prefix, destination in destination_of.items():
        if prefix in line_of:
            lines[destination] = min(lines.get(destination, line_of[prefix]), line_of[prefix])
    return lines


# --- rows


def _read(file: str, content: bytes, columns: Columns) -> _Sheet:
    sheet = _Sheet()
    try:
        rows = rows_of(content)
        places = _header(rows, columns)
        if isinstance(places, str):
            sheet.problems.append(ImportProblem(file, 0, places, "NO_COLUMN", places))
            return sheet
        for line, cells in rows:
            if len(sheet.problems) >= MAX_PROBLEMS:
                sheet.problems.append(ImportProblem(file, line, "", "TOO_MANY_PROBLEMS"))
                break
            row = {key: cells[place] if place < len(cells) else None for key, place in places.items()}
            if any(text_of(value) for value in row.values()):
                _take(file, line, row, columns, sheet)
    except Unreadable as error:
        sheet.problems.append(ImportProblem(file, 0, "", str(error)))
    return sheet


def _header(rows: Iterable[tuple[int, list[object]]], columns: Columns) -> dict[str, int] | str:
    """Place of each named column; the name of one that is missing."""
    wanted = {key: " ".join(name.split()).casefold() for key, name in columns.names.items() if name}
    for key in REQUIRED:
        if key not in wanted:
            return key
    missing = next(iter(wanted.values()))
    for line, cells in rows:
        names = [" ".join(text_of(cell).split()).casefold() for cell in cells]
        absent = [name for name in wanted.values() if name not in names]
        if not absent:
            return {key: names.index(name) for key, name in wanted.items()}
        if len(absent) < len(wanted):
            missing = absent[0]
        if line >= HEADER_WITHIN:
            break
    return missing


def _take(file: str, line: int, row: Mapping[str, object], columns: Columns, sheet: _Sheet) -> None:
    faults: list[ImportProblem] = []

    def read(key: str, found: object) -> object:
        if isinstance(found, Fault):
            faults.append(
                ImportProblem(file, line, key, found.code, text_of(row.get(key)), ERROR, tuple(found.params.items()))
            )
        return found

    price = read("price", micro_of(row["price"]) if text_of(row["price"]) else Fault("EMPTY"))
    fee = read("connect_fee", micro_of(row.get("connect_fee")))
    day = read("valid_from", date_of(row.get("valid_from"))) or columns.date_start
    chain = read("chain", _chain(text_of(row.get("chain")), columns.chain))
    prefixes = read("prefix", _prefixes(text_of(row.get("country_code")), text_of(row["prefix"])))
    if faults:
        sheet.problems += faults
        return
    assert isinstance(price, int) and isinstance(fee, int) and isinstance(chain, tuple) and isinstance(prefixes, tuple)
    assert day is None or isinstance(day, date)
    found = Price(text_of(row.get("destination")), price, fee, chain)
    of_day = sheet.prices.setdefault(day, {})
    for prefix in prefixes:
        if of_day.setdefault(prefix, found) != found:
            sheet.problems.append(ImportProblem(file, line, "prefix", "PREFIX_TWICE", prefix))
        sheet.line_of.setdefault(prefix, line)


def _chain(text: str, usual: tuple[int, ...]) -> tuple[int, ...] | Fault:
    if not text:
        return usual
    chain = parse_chain(re.sub(r"[^0-9]+", "/", text).strip("/"))
    return Fault(chain.code, chain.params) if isinstance(chain, ChainProblem) else chain


def _prefixes(country: str, text: str) -> tuple[str, ...] | Fault:
    """One, several with commas, semicolons or spaces between, ranges; the country code stands before each."""
    head = country.removeprefix("+").removeprefix("00")
    found: list[str] = []
    joined = re.sub(r"\s*[-–]\s*", "-", text)
    for part in filter(None, re.split(r"[\s,;]+", joined)) if text else ([""] if head else []):
        ends = [head + end.removeprefix("+").removeprefix("00") for end in part.split("-")]
        prefixes = expand_range("-".join(ends))
        if isinstance(prefixes, RangeProblem):
            return Fault(prefixes.code, prefixes.params)
        found += prefixes
    return tuple(dict.fromkeys(found)) or Fault("EMPTY")
