"""Values of MT940: amounts, dates, balances, and one entry of :61: with its details."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from ..model import Balance, Problem, Severity, Transaction, Unreadable
from .dialects import Dialect
from .mt940_details import cut_details, meaning, raw_details

ENTRY = re.compile(
    r"^(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d{1,14},\d{0,2})(?P<type>[A-Z][A-Z0-9]{3})(?P<ref>.*)$"
)
_BALANCE = re.compile(r"^([CD])(\d{6})([A-Z]{3})(\d{1,14},\d{0,2})\s*$")


def read_balance(line: int, tag: str, value: str) -> tuple[Balance | None, Problem | None]:
    match = _BALANCE.match(value)
    day = read_date(match.group(2)) if match else None
    if match is None or day is None:
        return None, Problem("BALANCE_UNREADABLE", Severity.ERROR, line, f":{tag}:", {"value": value[:40]})
    amount = read_amount(match.group(4))
    signed = -amount if match.group(1) == "D" else amount
    return Balance(signed, day, match.group(3), line, tag.endswith("M")), None


def read_amount(text: str) -> Decimal:
    """``1234,5`` or zero-padded; the caller has checked the form."""
    return Decimal(text.replace(",", ".")).quantize(Decimal("0.01"))


def read_date(text: str) -> date | None:
    """YYMMDD; years 80..99 belong to the last century."""
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def entry_date(value_date: date, mmdd: str) -> date | None:
    """Day and month carry no year: take the one nearest to the value date."""
    near: list[date] = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        try:
            near.append(date(year, int(mmdd[:2]), int(mmdd[2:])))
        except ValueError:
            continue
    return min(near, key=lambda day: abs((day - value_date).days)) if near else None


def make_entry(
    entry: list[tuple[int, str]], details: list[tuple[int, str]], dialect: Dialect, currency: str, position: int
) -> Transaction | Unreadable:
    line, first = entry[0]
    raw = "\n".join([f":61:{first}", *(text for _no, text in entry[1:])])
    if details:
        raw += "\n" + raw_details(details)
    match = ENTRY.match(first)
    value_date = read_date(match.group("value")) if match else None
    if match is None or value_date is None:
        return Unreadable(line, position, _entry_problem(line, first), raw)
    problems: list[Problem] = []
    booked = _entry_day(match.group("entry") or "", value_date, line, problems)
    funds = match.group("funds") or ""
    if funds and currency and funds != currency[2:3]:
        params = {"value": funds, "expected": currency}
        problems.append(Problem("FUNDS_CODE_DIFFERS", Severity.WARNING, line, ":61:", params))
    mark = match.group("mark")
    amount = read_amount(match.group("amount"))
    owner_ref, _slashes, bank_ref = match.group("ref").partition("//")
    parts = cut_details(details, dialect)
    return Transaction(
        line=line,
        position=position,
        value_date=value_date,
        entry_date=booked,
        amount=amount if mark in ("C", "RD") else -amount,
        mark=mark,
        funds_code=funds,
        type_code=match.group("type"),
        owner_ref=owner_ref.strip(),
        bank_ref=bank_ref.strip(),
        supplement=" ".join(text.strip() for _no, text in entry[1:]),
        raw=raw,
        **meaning(parts, dialect, details[0][0] if details else line, problems),
        problems=tuple(problems),
    )


def _entry_problem(line: int, text: str) -> Problem:
    """Say which part of a :61: is wrong, as precisely as the text allows."""
    params = {"value": text[:60]}
    if not re.match(r"\d{6}", text) or read_date(text[:6]) is None:
        return Problem("DATE_UNREADABLE", Severity.ERROR, line, ":61: value date", params)
    rest = re.sub(r"^\d{6}(\d{4})?", "", text)
    mark = re.match(r"R?[CD][A-Z]?(?=\D*\d)", rest)
    if not mark:
        return Problem("MARK_UNREADABLE", Severity.ERROR, line, ":61: mark", params)
    if not re.match(r"\d{1,14},\d{0,2}(?!\d)", rest[mark.end() :]):
        return Problem("AMOUNT_UNREADABLE", Severity.ERROR, line, ":61: amount", params)
    return Problem("TYPE_UNREADABLE", Severity.ERROR, line, ":61: type", params)


def _entry_day(mmdd: str, value_date: date, line: int, problems: list[Problem]) -> date:
    if not mmdd:
        return value_date
    found = entry_date(value_date, mmdd)
    if found is None:
        params = {"value": mmdd}
        problems.append(Problem("ENTRY_DATE_UNREADABLE", Severity.WARNING, line, ":61: entry date", params))
    return found or value_date
