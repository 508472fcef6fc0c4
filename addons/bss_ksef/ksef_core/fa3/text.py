"""Text and numbers in the form the schema accepts."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from xml.sax.saxutils import escape

# XML 1.0 forbids most control characters and surrogates; KSeF also refuses the discouraged ranges.
_ASTRAL = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}-{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + _ASTRAL + "]"
)
# invisible characters that only confuse searching and comparing
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_is_composed = unicodedata.is_normalized
_SPACE = re.compile(r"\s+")


def clean(text: str, limit: int = 0) -> str:
    """Composed Unicode without forbidden and invisible characters, spaces collapsed, cut to `limit` characters."""
    # every character that has to go or to change is not printable, so most texts are done after four quick looks
    if not (text.isprintable() and text == text.strip(" ") and "  " not in text and _is_composed("NFC", text)):
        text = _scrubbed(text)
    if limit and len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text


def _scrubbed(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    text = _FORBIDDEN.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=4096)  # seller, products and units are the same on thousands of invoices
def element_text(text: str, limit: int = 0) -> str:
    """Cleaned, cut and escaped: ready to stand between tags."""
    return escaped(clean(text, limit))


def is_blank(text: str) -> bool:
    """True when nothing of `text` would be written."""
    return not clean(text)


def has_forbidden(text: str) -> bool:
    """True when `text` holds a character that KSeF refuses."""
    return _FORBIDDEN.search(text) is not None


def escaped(text: str) -> str:
    """`text` ready to stand between tags."""
    if "&" in text or "<" in text or ">" in text:
        return escape(text)
    return text


class TooFineError(ValueError):
    """An amount with a part of a grosz: FA(3) cannot say it, and rounding it here would change the invoice."""


def _fixed(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded.is_zero() else rounded


def amount(value: Decimal) -> str:
    """TKwotowy: always two decimals. Raises TooFineError for a value finer than a grosz."""
    text = str(value)
    if text[-3:-2] == "." and text != "-0.00":  # the usual form needs no rounding
        return text
    rounded = _fixed(value, 2)
    if rounded != value:
        raise TooFineError(str(value))
    return f"{rounded:f}"


def _short(value: Decimal, places: int) -> tuple[str, str]:
    """Whole and broken part, at most `places` digits of it and no useless zeros."""
    whole, _, rest = str(value).partition(".")
    if len(rest) > places or "E" in rest or not whole.lstrip("-").isdigit() or whole == "-0":
        whole, _, rest = f"{_fixed(value, places):f}".partition(".")
    return whole, rest.rstrip("0")


def quantity(value: Decimal) -> str:
    """TIlosci: up to six decimals, no useless zeros."""
    whole, rest = _short(value, 6)
    return f"{whole}.{rest}" if rest else whole


def price(value: Decimal) -> str:
    """TKwotowy2: up to eight decimals, at least two as prices are written."""
    whole, rest = _short(value, 8)
    return f"{whole}.{rest.ljust(2, '0')}"


def day(value: date) -> str:
    return value.isoformat()


@lru_cache(maxsize=64)  # the invoices of a run share their moment
def instant(value: datetime) -> str:
    """UTC with `Z`, whole seconds."""
    if value.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
