"""What the events of a TAP file need from its head: currencies, decimal places, offsets from UTC, recording entities."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..values import SourceProfile
from . import tap3_tags as tag
from .ber import Span, fields, items, signed, unsigned
from .binary_rows import LARGEST, Unreadable, malformed
from .octets import micros, offset_minutes
from .registry import Option, option

OPTIONS = (
    Option("cost_currency", "Currency of the cost", "choice", "tap", ("tap", "local")),
    Option(
        "exchange_rate", "Meaning of the exchange rate", "choice", "local_per_tap", ("local_per_tap", "tap_per_local")
    ),
    Option("messaging_kind", "Messaging events are", "choice", "sms", ("sms", "mms")),
    Option("check_times", "Compare the earliest and latest time", "bool", "1"),
)
# What the exchanges call the unit of account is XDR in ISO 4217.
_ISO_CURRENCY = {"SDR": "XDR"}
_MICRO_PLACES = 6
_MOST_PLACES = 12
_MOST_REMEMBERED = 100_000
_STAMP_LENGTH = 14


@dataclass
class Context:
    """The head of a file; codes in events point into its tables."""

    sender: str = ""
    local_currency: str = ""
    tap_currency: str = ""
    decimals: int = 0
    rates: dict[int, tuple[int, int]] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    entities: dict[int, str] = field(default_factory=dict)
    in_local: bool = False
    local_per_tap: bool = True
    messaging_kind: str = "sms"
    _stamps: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    _notes: dict[tuple[int | None, int | None, int | None], str] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: SourceProfile) -> Context:
        return cls(
            in_local=option(profile, OPTIONS, "cost_currency") == "local",
            local_per_tap=option(profile, OPTIONS, "exchange_rate") != "tap_per_local",
            messaging_kind=option(profile, OPTIONS, "messaging_kind"),
        )

    # --- reading the head

    def read_accounting(self, data: bytes, start: int, stop: int) -> None:
        """:raises Unreadable: no decimal places."""
        found = group(data, (start, stop))
        self.local_currency = text(data, found.get(tag.LOCAL_CURRENCY), 3)
        self.tap_currency = text(data, found.get(tag.TAP_CURRENCY), 3) or self.local_currency
        places = number(data, found, tag.DECIMALS)
        if places is None or places > _MOST_PLACES:
            raise malformed("no tapDecimalPlaces")
        self.decimals = places
        for _, first, last in listed(data, found.get(tag.CONVERSIONS)):
            entry = group(data, (first, last))
            code, rate = number(data, entry, tag.RATE_CODE), number(data, entry, tag.RATE)
            scale = number(data, entry, tag.RATE_PLACES) or 0
            if code is not None and rate and scale <= _MOST_PLACES:
                self.rates[code] = (rate, scale)

    def read_network(self, data: bytes, start: int, stop: int) -> None:
        found = group(data, (start, stop))
        for _, first, last in listed(data, found.get(tag.OFFSETS)):
            entry = group(data, (first, last))
            code = number(data, entry, tag.OFFSET_CODE)
            minutes = offset_minutes(text(data, entry.get(tag.OFFSET), 5))
            if code is not None and minutes is not None:
                self.offsets[code] = minutes
        for _, first, last in listed(data, found.get(tag.ENTITIES)):
            entry = group(data, (first, last))
            code = number(data, entry, tag.ENTITY_CODE)
            if code is not None:
                self.entities[code] = text(data, entry.get(tag.ENTITY_ID), 60)

    # --- using it

    def stamp(self, data: bytes, found: dict[int, Span], name: int, label: str) -> tuple[int, int]:
        """Microseconds UTC of a local stamp, and the code of its offset.

        :raises Unreadable: no such stamp, no calendar date, or an offset that is not in the table.
        """
        span = found.get(name)
        if span is None:
            raise Unreadable("UNREADABLE_DATE", label)
        key = data[span[0] : span[1]]
        value = self._stamps.get(key)
        if value is None:
            if len(self._stamps) > _MOST_REMEMBERED:
                self._stamps.clear()
            value = self._stamps[key] = self._read_stamp(data, span, label)
        return value

    def _read_stamp(self, data: bytes, span: Span, label: str) -> tuple[int, int]:
        inner = group(data, span)
        code = number(data, inner, tag.OFFSET_CODE)
        local = text(data, inner.get(tag.LOCAL_STAMP), _STAMP_LENGTH)
        if code is None or code not in self.offsets:
            raise Unreadable("UNREADABLE_DATE", label, local)
        value = local_micros(local, self.offsets[code])
        if value is None:
            raise Unreadable("UNREADABLE_DATE", label, local)
        return value, code

    def cost(self, charge: int, rate_code: int | None) -> tuple[int, str]:
        """Charge of an event in 1e-6 of a currency, and that currency; rounded half up away from zero, once.

        :raises Unreadable: the local currency is wanted and the event names no known rate.
        """
        top, bottom = charge * 10**_MICRO_PLACES, 10**self.decimals
        if not self.in_local or self.local_currency == self.tap_currency:
            return _rounded(top, bottom), _iso(self.tap_currency)
        if rate_code is None or rate_code not in self.rates:
            raise Unreadable("UNKNOWN_VALUE", "exchangeRateCode", "" if rate_code is None else str(rate_code))
        rate, places = self.rates[rate_code]
        if self.local_per_tap:
            return _rounded(top * rate, bottom * 10**places), _iso(self.local_currency)
        return _rounded(top * 10**places, bottom * rate), _iso(self.local_currency)

    def in_tap_currency(self, charge: int) -> tuple[int, str]:
        """A sum of the file in 1e-6 of the TAP currency."""
        return _rounded(charge * 10**_MICRO_PLACES, 10**self.decimals), _iso(self.tap_currency)

    # --- travelling with a row

    def note(self, offset: int | None, rate: int | None, entity: int | None) -> str:
        """The part of the head that one event needs, as text; the codes are those that the event uses."""
        key = (offset, rate, entity)
        note = self._notes.get(key)
        if note is None:
            if len(self._notes) > _MOST_REMEMBERED:
                self._notes.clear()
            note = self._notes[key] = self._note(*key)
        return note

    def _note(self, offset: int | None, rate: int | None, entity: int | None) -> str:
        parts = [self.sender, self.tap_currency, self.local_currency, str(self.decimals)]
        parts.append("" if offset not in self.offsets else f"{offset}={self.offsets[offset]}")
        parts.append("" if rate not in self.rates else "{}={}/{}".format(rate, *self.rates[rate]))
        parts.append("" if entity not in self.entities else f"{entity}={self.entities[entity]}")
        return ";".join(part.replace(";", ",") for part in parts)

    def recall(self, note: str) -> bool:
        """Take the head of one event back; False when the text has been spoilt."""
        parts = note.split(";")
        if len(parts) != 7:
            return False
        self.sender, self.tap_currency, self.local_currency = parts[:3]
        self._stamps.clear()
        try:
            self.decimals = int(parts[3])
            self.offsets = {int(code): int(minutes) for code, minutes in _pairs(parts[4])}
            self.rates = {
                int(code): (int(value.partition("/")[0]), int(value.partition("/")[2]))
                for code, value in _pairs(parts[5])
            }
            self.entities = {int(code): name for code, name in _pairs(parts[6])}
        except ValueError:
            return False
        bad_rate = any(rate <= 0 or not 0 <= places <= _MOST_PLACES for rate, places in self.rates.values())
        return 0 <= self.decimals <= _MOST_PLACES and not bad_rate


def _iso(currency: str) -> str:
    return _ISO_CURRENCY.get(currency, currency)


def _rounded(top: int, bottom: int) -> int:
    result = (2 * abs(top) + bottom) // (2 * bottom)
    if result > LARGEST:
        raise Unreadable("NOT_A_NUMBER", "charge", str(top)[:60])
    return -result if top < 0 else result


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(text.partition("=")[0], text.partition("=")[2])] if text else []


def local_micros(stamp: str, offset: int) -> int | None:
    """Microseconds UTC of YYYYMMDDhhmmss at an offset in minutes."""
    if len(stamp) != _STAMP_LENGTH or not (stamp.isascii() and stamp.isdigit()):
        return None
    parts = (stamp[:4], stamp[4:6], stamp[6:8], stamp[8:10], stamp[10:12], stamp[12:])
    year, month, day, hour, minute, second = map(int, parts)
    return micros(year, month, day, hour, minute, second, offset)


def offset_stamp(data: bytes, span: Span | None) -> int | None:
    """Microseconds UTC of a stamp that carries its offset as text, as in the head and the tail of a file."""
    if span is None:
        return None
    inner = fields(data, *span) or {}
    offset = offset_minutes(text(data, inner.get(tag.OFFSET), 5))
    return None if offset is None else local_micros(text(data, inner.get(tag.LOCAL_STAMP), _STAMP_LENGTH), offset)


def group(data: bytes, span: Span) -> dict[int, Span]:
    """Fields of a group.

    :raises Unreadable: its contents are broken.
    """
    found = fields(data, *span)
    if found is None:
        raise malformed("broken group")
    return found


def listed(data: bytes, span: Span | None) -> list[tuple[int, int, int]]:
    """Members of a list; empty when it is absent.

    :raises Unreadable: its contents are broken.
    """
    if span is None:
        return []
    found = items(data, *span)
    if found is None:
        raise malformed("broken list")
    return found


def number(data: bytes, found: dict[int, Span], name: int) -> int | None:
    """A whole number, null when absent.

    :raises Unreadable: negative or beyond sense.
    """
    span = found.get(name)
    if span is None:
        return None
    value = unsigned(data, span)
    if value is None or value > LARGEST:
        raise Unreadable("NOT_A_NUMBER", "", data[span[0] : min(span[1], span[0] + 20)].hex())
    return value


def amount(data: bytes, found: dict[int, Span], name: int) -> int | None:
    """A charge, which may be negative; null when absent.

    :raises Unreadable: beyond sense.
    """
    span = found.get(name)
    if span is None:
        return None
    value = signed(data, span)
    if value is None or abs(value) > LARGEST:
        raise Unreadable("NOT_A_NUMBER", "charge", data[span[0] : min(span[1], span[0] + 20)].hex())
    return value


def text(data: bytes, span: Span | None, most: int) -> str:
    """Printable text; empty when absent or too long; what cannot be shown is replaced."""
    if span is None or span[1] - span[0] > most:
        return ""
    shown = data[span[0] : span[1]].decode("latin-1")
    return shown if shown.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in shown)
