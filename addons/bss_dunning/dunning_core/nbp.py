"""Mid rates of table A of the National Bank of Poland, as its web API tells them (api.nbp.pl).

One question covers at most 93 days. Days without a table (weekends, holidays, today before noon) are left out of an
answer; a span without any table at all is answered with 404.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .result import Failure

#: days of one question, both ends counted
MAX_DAYS = 93
#: no row of free days is as long: a longer span without a table was asked of somebody else
LONGEST_SILENCE = 10
MAX_RATE = Decimal(10_000)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class MidRate:
    """What one unit of the currency cost in zloty by the table of a day."""

    day: date
    mid: Decimal


def spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Questions that cover these days, oldest first."""
    while first <= last:
        end = min(first + timedelta(days=MAX_DAYS - 1), last)
        yield first, end
        first = end + ONE_DAY


def rates_path(code: str, first: date, last: date) -> str:
    """Path of a question about one currency."""
    return f"/api/exchangerates/rates/a/{code.lower()}/{first.isoformat()}/{last.isoformat()}/"


def read_answer(status: int, body: bytes, code: str, first: date, last: date) -> tuple[MidRate, ...] | Failure:
    """Rates of an answer by day, or what is wrong with it."""
    if status == 404 and (last - first).days < LONGEST_SILENCE:
        return ()
    if status != 200:
        text = " ".join(body[:200].decode("utf-8", "replace").split())
        return Failure("NBP_STATUS", {"status": status, "text": text})
    try:
        data = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return Failure("NBP_NO_JSON")
    if not isinstance(data, dict) or data.get("table") != "A" or data.get("code") != code:
        return Failure("NBP_OTHER_ANSWER", {"code": code})
    return _rates(data.get("rates"), first, last)


def _rates(rows: Any, first: date, last: date) -> tuple[MidRate, ...] | Failure:
    if not isinstance(rows, list) or not rows:
        return Failure("NBP_NO_RATES")
    found: dict[date, MidRate] = {}
    for row in rows:
        rate = _rate(row)
        if rate is None or not first <= rate.day <= last or rate.day in found:
            return Failure("NBP_BAD_RATE", {"row": str(row)[:80]})
        found[rate.day] = rate
    return tuple(found[day] for day in sorted(found))


def _rate(row: Any) -> MidRate | None:
    if not isinstance(row, dict):
        return None
    day, mid = row.get("effectiveDate"), row.get("mid")
    if not isinstance(day, str) or isinstance(mid, bool) or not isinstance(mid, (int, Decimal)):
        return None
    mid = Decimal(mid)
    if not (mid.is_finite() and 0 < mid < MAX_RATE):
        return None
    try:
        return MidRate(date.fromisoformat(day), mid)
    except ValueError:
        return None
