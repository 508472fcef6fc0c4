"""The way Polish documents write amounts, dates, accounts and durations.

What thousands of documents repeat is remembered: the same prices, days and periods.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

NBSP = "\u00a0"
_MINUS = "\u2212"
PRICE_PLACES = 6  # decimals of a unit price at most


def decimal_from_float(value: float, places: int = 2) -> Decimal:
    """A monetary float of the database as the Decimal that was meant."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@lru_cache(maxsize=8192)
def format_amount(value: Decimal, places: int = 2) -> str:
    """``1 234,56``: hard spaces between thousands (also in 1 234), comma, real minus."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _dot, fraction = f"{abs(rounded):,.{places}f}".partition(".")
    sign = _MINUS if rounded < 0 else ""
    return sign + whole.replace(",", NBSP) + ("," + fraction if fraction else "")


def format_money(value: Decimal, currency: str = "PLN") -> str:
    """Amount with its unit; zloty are written ``zł``."""
    return format_amount(value) + NBSP + ("zł" if currency == "PLN" else currency)


@lru_cache(maxsize=8192)
def format_quantity(value: Decimal) -> str:
    """At most six decimals, no trailing zeros: ``1``, ``0,5``, ``1 000``."""
    exact = value.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
    if exact == 0:
        return "0"
    places = max(0, -int(exact.normalize().as_tuple().exponent))
    return format_amount(exact, places)


@lru_cache(maxsize=8192)
def format_price(value: Decimal) -> str:
    """Unit price: ``49,00``, and more decimals only when it has them: ``0,0049``."""
    exact = value.quantize(Decimal(1).scaleb(-PRICE_PLACES), rounding=ROUND_HALF_UP).normalize()
    return format_amount(value, max(2, -int(exact.as_tuple().exponent)))


def price_from_amount(amount: Decimal, quantity: Decimal) -> Decimal:
    """What an amount leaves for one unit, in as few decimals from two on as give the amount back to the grosz."""
    exact = amount / quantity
    prices = [exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in range(2, PRICE_PLACES + 1)]
    cent = Decimal("0.01")
    whole = amount.quantize(cent)
    return next((one for one in prices if (one * quantity).quantize(cent, ROUND_HALF_UP) == whole), prices[0])


@lru_cache(maxsize=8192)
def format_date(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""


@lru_cache(maxsize=8192)
def format_period(start: date | None, end: date | None) -> str:
    """Inclusive days; the parts that repeat are written once: ``01–30.11.2026``."""
    if not start or not end or start == end:
        return format_date(start or end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day:02d}–{format_date(end)}"
    if start.year == end.year:
        return f"{start.strftime('%d.%m')}–{format_date(end)}"
    return f"{format_date(start)}–{format_date(end)}"


def format_duration(seconds: int) -> str:
    """``h:mm:ss``, or ``m:ss`` below one hour."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    sign = _MINUS if seconds < 0 else ""
    return f"{sign}{hours}:{minutes:02d}:{rest:02d}" if hours else f"{sign}{minutes}:{rest:02d}"


def _bare(text: str) -> str:
    upper = text.upper()
    # most numbers have nothing to take out
    return upper if upper.isalnum() else "".join(ch for ch in upper if ch.isalnum())


def format_nrb(text: str) -> str:
    """``61 1090 1014 …`` for 26 digits, with or without PL; other accounts come back as given."""
    digits = _bare(text).removeprefix("PL")
    if len(digits) != 26 or not digits.isdigit():
        return text
    return NBSP.join([digits[:2], *(digits[i : i + 4] for i in range(2, 26, 4))])


def format_nip(text: str) -> str:
    """Ten digits of a Polish NIP without dashes; foreign numbers keep their country."""
    bare = _bare(text)
    digits = bare.removeprefix("PL")
    return digits if len(digits) == 10 and digits.isdigit() else bare
