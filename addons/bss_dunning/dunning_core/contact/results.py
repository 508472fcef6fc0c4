"""What came of a call, from a form or from a line of a dialer: read once, checked the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

RESULTS = ("reached", "no_answer", "wrong_number", "promise", "dispute", "refuse", "callback")
#: of these the customer himself heard us
REACHED = frozenset({"reached", "promise", "dispute", "refuse", "callback"})
FIELDS = (
    "call_id",
    "attempt",
    "called_at",
    "phone",
    "result",
    "minutes",
    "promise_amount",
    "promise_date",
    "callback_at",
    "note",
)
POLAND = ZoneInfo("Europe/Warsaw")
MAX_MINUTES = Decimal(600)
MAX_AMOUNT = Decimal(10) ** 9
MAX_NOTE = 2000
AHEAD = timedelta(days=366)
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f'")


@dataclass(frozen=True)
class Fault:
    """A field that cannot be taken, and why, by code."""

    field: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class CallResult:
    """One attempt; moments know their time zone."""

    call_id: int
    attempt: int
    result: str
    called_at: datetime
    phone: str = ""
    minutes: Decimal = Decimal(0)
    promise_amount: Decimal | None = None
    promise_date: date | None = None
    callback_at: datetime | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.result in REACHED


class _Bad(ValueError):
    """Carries a fault out of a reader of one field."""

    def __init__(self, field: str, code: str, value: object = "") -> None:
        super().__init__(code)
        self.fault = Fault(field, code, str(value or "")[:80])


def read_result(row: Mapping[str, object], now: datetime) -> CallResult | Fault:
    """Check one line.

    :param row: values by ``FIELDS``; texts, numbers or None
    :param now: the present moment with its time zone; nothing was called later
    """
    try:
        return _read(row, now)
    except _Bad as bad:
        return bad.fault


def _read(row: Mapping[str, object], now: datetime) -> CallResult:
    call_id, attempt = _whole(row, "call_id"), _whole(row, "attempt")
    result = _text(row, "result").lower().replace(" ", "_").replace("-", "_")
    if result not in RESULTS:
        raise _Bad("result", "UNKNOWN" if result else "MISSING", row.get("result"))
    called_at = _moment(row, "called_at")
    if called_at is None:
        raise _Bad("called_at", "MISSING")
    if called_at > now + timedelta(minutes=5):
        raise _Bad("called_at", "FUTURE", row.get("called_at"))
    return CallResult(
        call_id,
        attempt,
        result,
        called_at,
        _text(row, "phone")[:32],
        _decimal(row, "minutes", MAX_MINUTES) or Decimal(0),
        *_promise(row, result, called_at),
        _callback(row, result, called_at),
        _text(row, "note")[:MAX_NOTE],
    )


def _promise(row: Mapping[str, object], result: str, called_at: datetime) -> tuple[Decimal | None, date | None]:
    if result != "promise":
        return None, None
    amount, day = _decimal(row, "promise_amount", MAX_AMOUNT), _day(row, "promise_date")
    if not amount:
        raise _Bad("promise_amount", "MISSING", row.get("promise_amount"))
    if day is None:
        raise _Bad("promise_date", "MISSING")
    called_on = called_at.astimezone(POLAND).date()
    if day < called_on:
        raise _Bad("promise_date", "PAST", row.get("promise_date"))
    if day > called_on + AHEAD:
        raise _Bad("promise_date", "TOO_FAR", row.get("promise_date"))
    return amount.quantize(Decimal("0.01")), day


def _callback(row: Mapping[str, object], result: str, called_at: datetime) -> datetime | None:
    if result != "callback":
        return None
    moment = _moment(row, "callback_at")
    if moment is None:
        raise _Bad("callback_at", "MISSING")
    if moment <= called_at:
        raise _Bad("callback_at", "PAST", row.get("callback_at"))
    if moment > called_at + AHEAD:
        raise _Bad("callback_at", "TOO_FAR", row.get("callback_at"))
    return moment


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return "" if value is None or isinstance(value, (dict, list)) else str(value).replace("\0", "").strip()


def _whole(row: Mapping[str, object], name: str) -> int:
    text = _text(row, name)
    if not text:
        raise _Bad(name, "MISSING")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0) or isinstance(row[name], bool):
        raise _Bad(name, "NO_NUMBER", text)
    return int(text)


def _decimal(row: Mapping[str, object], name: str, limit: Decimal) -> Decimal | None:
    text = _text(row, name).translate(_SPACES).replace(",", ".")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _Bad(name, "NO_NUMBER", text) from None
    if not value.is_finite() or not 0 <= value <= limit:
        raise _Bad(name, "OUT_OF_RANGE", text)
    return value


def _day(row: Mapping[str, object], name: str) -> date | None:
    text = _text(row, name)
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text[:10], pattern).replace(tzinfo=POLAND).date()
        except ValueError:
            continue
    raise _Bad(name, "NO_DATE", text)


def _moment(row: Mapping[str, object], name: str) -> datetime | None:
    """An instant; without a time zone it is Polish time."""
    text = _text(row, name)
    if not text:
        return None
    found = _iso(text)
    for pattern in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M"):
        if found is not None:
            break
        try:
            found = datetime.strptime(text, pattern).replace(tzinfo=POLAND)
        except ValueError:
            continue
    if found is None or not 2000 <= found.year <= 2200:
        raise _Bad(name, "NO_MOMENT", text)
    return (found if found.tzinfo else found.replace(tzinfo=POLAND)).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
