"""Values of MT940: amounts, dates, balances, and one entry of :61: with its details."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ..model import Balance, Problem, Severity, Transaction, Unreadable
from .dialects_base import Dialect
from .mt940_details import cut_details, is_doubled, meaning, taken_back

#: blanks for the entry date and before the type, and a type that is padded with a blank, are out of
#: the standard but in use (Citi, Deutsche Bank, ING)
ENTRY = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}| {4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>[0-9]{1,20},[0-9]{0,2})(?P<type> ?[A-Z][A-Z0-9]{2}[A-Z0-9 ])(?P<ref>.*)$"
)
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})?([0-9]{1,20},[0-9]{0,2})\s*$")
_CENT = Decimal("0.01")


def read_balance(line: int, tag: str, value: str, currency: str = "") -> tuple[Balance | None, Problem | None]:
    """``currency`` is that of the statement, for banks that leave it out in the closing balance."""
    match = _BALANCE.match(value)
    day = read_date(match.group(2)) if match else None
    if match is None or day is None or not (match.group(3) or currency):
        return None, Problem("BALANCE_UNREADABLE", Severity.ERROR, line, f":{tag}:", {"value": value[:40]})
    amount = read_amount(match.group(4))
    signed = -amount if match.group(1) == "D" else amount
    return Balance(signed, day, match.group(3) or currency, line, tag.endswith("M")), None


def read_amount(text: str) -> Decimal:
    """``1234,5`` or zero-padded; the caller has checked the form."""
    return Decimal(text.replace(",", ".")).quantize(_CENT)


@lru_cache(maxsize=4096)
def read_date(text: str) -> date | None:
    """YYMMDD; years 80..99 belong to the last century."""
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
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
    """One entry from its lines (number, text without tag); anything at all may stand in them."""
    line, first = entry[0]
    texts = [text for _no, text in details]
    said = _with_tags(texts)
    raw = "\n".join([f":61:{first}", *(text for _no, text in entry[1:]), *([said] if said else [])])
    match = ENTRY.match(first)
    problems: list[Problem] = []
    value_date = _value_day(match.group("value"), line, problems) if match else None
    if match is None or value_date is None:
        return Unreadable(line, position, _entry_problem(line, first), raw)
    booked = _entry_day((match.group("entry") or "").strip(), value_date, line, problems)
    funds = match.group("funds") or ""
    if funds and currency and funds != currency[2:3]:
        params = {"value": funds, "expected": currency}
        problems.append(Problem("FUNDS_CODE_DIFFERS", Severity.WARNING, line, ":61:", params))
    mark, type_code = match.group("mark"), match.group("type").strip()
    amount = read_amount(match.group("amount"))
    owner_ref, _slashes, bank_ref = match.group("ref").partition("//")
    parts = cut_details(texts, dialect)
    found = meaning(parts, dialect, details[0][0] if details else line, problems)
    original, reason = taken_back(mark, type_code, found.title, said[4:], dialect)
    return Transaction(
        line,
        position,
        value_date,
        booked,
        amount if mark in ("C", "RD") else -amount,
        mark,
        funds,
        type_code,
        owner_ref.strip(),
        bank_ref.strip(),
        " ".join(text.strip() for _no, text in entry[1:]),
        found.business_code,
        found.title,
        found.party_name,
        found.party_address,
        found.party_account,
        found.payer_key,
        found.bank_id,
        said[4:],
        raw,
        tuple(problems),
        found.end_to_end,
        original,
        reason,
    )


def _with_tags(texts: list[str]) -> str:
    if not texts:
        return ""
    if is_doubled(texts):
        return "\n".join([f":86:{texts[0]}", f":86:{texts[1]}", *texts[2:]])
    return "\n".join([f":86:{texts[0]}", *texts[1:]])


def _entry_problem(line: int, text: str) -> Problem:
    """Say which part of a :61: is wrong, as precisely as the text allows."""
    params = {"value": text[:60]}
    if not re.match(r"[0-9]{6}", text) or _value_day(text[:6], line, []) is None:
        return Problem("DATE_UNREADABLE", Severity.ERROR, line, ":61: value date", params)
    rest = re.sub(r"^[0-9]{6}([0-9]{4}| {4})?", "", text)
    mark = re.match(r"R?[CD][A-Z]?(?=[^0-9]*[0-9])", rest)
    if not mark:
        return Problem("MARK_UNREADABLE", Severity.ERROR, line, ":61: mark", params)
    if not re.match(r"[0-9]{1,20},[0-9]{0,2}(?![0-9])", rest[mark.end() :]):
        return Problem("AMOUNT_UNREADABLE", Severity.ERROR, line, ":61: amount", params)
    return Problem("TYPE_UNREADABLE", Severity.ERROR, line, ":61: type", params)


def _value_day(text: str, line: int, problems: list[Problem]) -> date | None:
    """30 February is a day of banks that count interest by months of 30 days: the month's last day."""
    found = read_date(text)
    if found is None and text[2:] in ("0229", "0230"):
        found = read_date(text[:4] + "29") or read_date(text[:4] + "28")
        problems.append(Problem("VALUE_DATE_ADJUSTED", Severity.WARNING, line, ":61: value date", {"value": text}))
    return found


def _entry_day(mmdd: str, value_date: date, line: int, problems: list[Problem]) -> date:
    if not mmdd:
        return value_date
    found = entry_date(value_date, mmdd)
    if found is None:
        params = {"value": mmdd}
        problems.append(Problem("ENTRY_DATE_UNREADABLE", Severity.WARNING, line, ":61: entry date", params))
    return found or value_date
