"""Values of single cells of a workbook, as people type them: numbers with comma or point, ticks, hours, dates, tiers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from .money import micro_from_decimal, micro_to_decimal, round_half_up
from .rate_tiers import RateTier
from .time_bands import DAY_MINUTES

MAX_MICRO = 2**31 - 1
MAX_INT = 2**31 - 1
PLACES = 6
FLOAT_NOISE = Decimal("1e-9")
YES = frozenset(("x", "1", "tak", "t", "yes", "y", "true", "prawda", "✓"))
NO = frozenset(("", "0", "nie", "n", "no", "false", "fałsz", "-", "–"))

Cell = object


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be read; the codes are those of ``CellError``."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


def text_of(value: Cell) -> str:
    """The cell as text; whole numbers without a point, since Excel makes numbers of codes and prefixes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value).strip()


def number_of(value: Cell) -> Decimal | Fault:
    """A number typed as one or as text: "0,29", "0.29", "1 234,5"; empty is 0."""
    if isinstance(value, bool):
        return Fault("NOT_A_NUMBER")
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    else:
        text = "".join(text_of(value).split())
        if not text:
            return Decimal(0)
        if not set(text) <= set("0123456789.,-+") or ("," in text and "." in text):
            return Fault("NOT_A_NUMBER")
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            return Fault("NOT_A_NUMBER")
    return number if number.is_finite() else Fault("NOT_A_NUMBER")


def micro_of(value: Cell) -> int | Fault:
    """An amount of money in micro-PLN, not below zero, with at most six decimals."""
    number = number_of(value)
    if isinstance(number, Fault):
        return number
    if number < 0:
        return Fault("NEGATIVE")
    if number * 10**PLACES > MAX_MICRO:
        return Fault("TOO_LARGE", {"most": str(micro_to_decimal(MAX_MICRO))})
    if abs(round_half_up(number, PLACES) - number) > FLOAT_NOISE:
        return Fault("TOO_PRECISE", {"places": str(PLACES)})
    return micro_from_decimal(number)


def multiplier_of(value: Cell) -> int | Fault:
    """A mark-up in per cent as a multiplier in millionths: 25 is 1,250,000; at least -100, at most four decimals."""
    number = number_of(value)
    if isinstance(number, Fault):
        return number
    multiplier = (number + 100) * 10_000
    if abs(round_half_up(multiplier, 0) - multiplier) > FLOAT_NOISE:
        return Fault("TOO_PRECISE", {"places": "4"})
    most = MAX_MICRO // 10_000 - 100
    if not 0 <= multiplier <= MAX_MICRO:
        return Fault("OUT_OF_RANGE", {"least": "-100", "most": str(most)})
    return int(round_half_up(multiplier, 0))


def percent_of(multiplier_micro: int) -> Decimal:
    """The mark-up of a multiplier in millionths."""
    return Decimal(multiplier_micro).scaleb(-4) - 100


def whole_of(value: Cell, least: int = 0, most: int = MAX_INT) -> int | Fault:
    number = number_of(value)
    if isinstance(number, Fault):
        return number
    if number != number.to_integral_value():
        return Fault("NOT_WHOLE")
    if not least <= number <= most:
        return Fault("OUT_OF_RANGE", {"least": str(least), "most": str(most)})
    return int(number)


def tick_of(value: Cell) -> bool | Fault:
    text = text_of(value).casefold()
    if text in YES:
        return True
    return False if text in NO else Fault("NOT_A_TICK")


def minute_of(value: Cell) -> int | Fault:
    """Minute of the day of "8:30", "24:00", a time of Excel, or a number of hours."""
    if isinstance(value, datetime):
        return Fault("NOT_A_TIME")
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if isinstance(value, timedelta):
        minute = int(value.total_seconds()) // 60
    elif isinstance(value, int | float) and not isinstance(value, bool):
        minute = round(value * 60)
    else:
        hours, _colon, minutes = text_of(value).partition(":")
        minutes = minutes or "00"
        if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and len(minutes) == 2):
            return Fault("NOT_A_TIME")
        if int(minutes) > 59:
            return Fault("NOT_A_TIME")
        minute = int(hours[:3]) * 60 + int(minutes)
    return minute if 0 <= minute <= DAY_MINUTES else Fault("NOT_A_TIME")


def date_of(value: Cell) -> date | None | Fault:
    """A date of Excel, "2026-01-31" or "31.01.2026"; empty is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = text_of(value)
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    return Fault("NOT_A_DATE")


def format_tiers(tiers: tuple[RateTier, ...]) -> str:
    """ "0-500: 0.1; 500-: 0.08"; packages as "0-: 20 / 500"."""
    parts = []
    for tier in tiers:
        price = micro_to_decimal(tier.price_micro).normalize()
        package = f" / {tier.package_size}" if tier.package_size else ""
        parts.append(f"{tier.quantity_from}-{tier.quantity_to or ''}: {price:f}{package}")
    return "; ".join(parts)


def tiers_of(value: Cell) -> tuple[RateTier, ...] | Fault:
    tiers = []
    for part in filter(None, (piece.strip() for piece in text_of(value).split(";"))):
        head, colon, tail = part.partition(":")
        low, dash, high = head.replace("–", "-").partition("-")
        price, _slash, package = tail.partition("/")
        amount, start = micro_of(price), whole_of(low)
        end, size = whole_of(high), whole_of(package)
        if (
            not (colon and dash and low.strip() and price.strip())
            or isinstance(amount, Fault)
            or isinstance(start, Fault)
            or isinstance(end, Fault)
            or isinstance(size, Fault)
        ):
            return Fault("NOT_TIERS", {"part": part})
        tiers.append(RateTier(start, end, amount, size))
    return tuple(tiers)
