"""Fields that records of TS 32.298 share: numbers, stamps, identities."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..normalise import MAX_INTERNATIONAL, MIN_INTERNATIONAL, normalise_number
from ..values import NumberingProfile
from .ber import Span, fields
from .binary_rows import LARGEST, Unreadable, malformed
from .octets import Stamps, address_digits, ip_address, swapped_digits

Record = dict[int, Span]
_MOST_REMEMBERED = 10_000


@dataclass
class Fields:
    """Reads fields with what the source says of its numbers; remembers what repeats from record to record."""

    numbering: NumberingProfile
    stamps: Stamps = field(default_factory=Stamps)
    _addresses: dict[bytes, str] = field(default_factory=dict)

    def stamp(self, data: bytes, record: Record, tag: int, name: str) -> int:
        """Microseconds UTC.

        :raises Unreadable: absent or no calendar date.
        """
        span = record.get(tag)
        value = None if span is None else self.stamps.micros(data, *span)
        if value is None:
            raise Unreadable("UNREADABLE_DATE", name, hex_of(data, span))
        return value

    def phone(self, data: bytes, span: Span | None) -> str | None:
        """E.164 digits of an AddressString, by the numbering of the source when it is not international."""
        address = None if span is None else address_digits(data, *span)
        if address is None:
            return None
        digits, international = address
        if international:
            return digits if digits[0] != "0" and MIN_INTERNATIONAL <= len(digits) <= MAX_INTERNATIONAL else None
        return normalise_number(digits, self.numbering)

    def node(self, data: bytes, span: Span) -> str:
        """Text of an IPAddress."""
        packed = data[span[0] : span[1]]
        text = self._addresses.get(packed)
        if text is None:
            if len(self._addresses) > _MOST_REMEMBERED:
                self._addresses.clear()
            text = self._addresses[packed] = _address(packed)
        return text


def number(data: bytes, record: Record, tag: int) -> int | None:
    """A whole number of the record; None when it has none.

    :raises Unreadable: there is one, but it is negative or beyond sense.
    """
    span = record.get(tag)
    if span is None:
        return None
    start, stop = span
    if 0 < stop - start <= 9 and data[start] < 0x80:
        value = int.from_bytes(data[start:stop], "big")
        if value <= LARGEST:
            return value
    raise Unreadable("NOT_A_NUMBER", f"{tag:X}", hex_of(data, span))


def imsi(data: bytes, span: Span | None) -> str | None:
    digits = None if span is None else swapped_digits(data, *span)
    return digits if digits is not None and 6 <= len(digits) <= 15 else None


def hex_of(data: bytes, span: Span | None) -> str:
    """The octets of a field, as far as they can be shown."""
    return "" if span is None else data[span[0] : min(span[1], span[0] + 50)].hex()


def _address(packed: bytes) -> str:
    """Binary [0] or [1], text [2] or [3]; hexadecimal of anything else."""
    choice = fields(packed, 0, len(packed)) or {}
    for tag, (start, stop) in choice.items():
        if tag in (0x80, 0x81) and (text := ip_address(packed[start:stop])):
            return text
        if tag in (0x82, 0x83) and stop - start <= 45:
            return packed[start:stop].decode("ascii", "replace").replace("\x00", "")
    if len(packed) > 20:
        raise malformed("unreadable address")
    return packed.hex()
