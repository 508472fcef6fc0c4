"""Events of a TAP file to rows, one row per event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..values import SourceProfile
from . import tap3_tags as tag
from .ber import Item, Shapes, Span
from .binary_rows import LARGEST, Limits, Row, Unreadable, content_key, malformed
from .octets import plain_digits
from .tap3_context import Context, number, text

_TOTAL = b"00"
_SMS_SERVICES = ("21", "22")
_RECIPIENT_CHARGED = 1
_MOST_PARTIES = 10
_LOGGED = frozenset(
    {
        tag.CHARGE_DETAIL,
        tag.CHARGE_TYPE,
        tag.CHARGE,
        tag.CAMEL_FEE,
        tag.CONTENT_ITEM,
        tag.REFUND_INDICATOR,
        tag.PARTY_VALUE,
        tag.CUSTOMER_VALUE,
        tag.TRACKED,
    }
)
Found = dict[int, Span]


@dataclass
class Money:
    """Charges of one event in units of the file."""

    charge: int = 0
    camel: int = 0
    refund: int = 0


@dataclass(slots=True)
class Event:
    """What an event says, before it is a row."""

    kind: str
    stamp: tuple[int, int]
    units: int
    direction: str | None = None
    party: str | None = None
    imsi: str | None = None
    other: str | None = None
    duration_s: int | None = None
    volume_up: int | None = None
    volume_down: int | None = None
    service_code: str | None = None
    reference: str = ""


@dataclass
class Reader:
    """Reads events with the head of their file; adds up what the audit of the file compares."""

    context: Context
    limits: Limits
    total: int = 0
    camel: int = 0
    refund: int = 0
    earliest: int | None = None
    latest: int | None = None
    # An event could not be read so far that its charge or its time is known.
    charges_known: bool = True
    times_known: bool = True
    shapes: Shapes = field(default_factory=lambda: Shapes(_LOGGED))

    @classmethod
    def of(cls, profile: SourceProfile) -> Reader:
        return cls(Context.of(profile), Limits.of(profile))

    def row(self, name: int, data: bytes, whole: bytes) -> Row:
        """The row of an event.

        :param data: its contents. :param whole: it with tag and length.

        :raises Unreadable: it cannot become one; its charge is counted all the same if it can be read.
        """
        read = _READERS.get(name)
        walked = None if read is None else self.shapes.walk(data)
        if read is None or walked is None:
            self.charges_known = self.times_known = False
            raise malformed("broken call event" if walked is None and read else "unknown call event", f"{name:X}")
        found, log = walked
        try:
            money = charges(data, name, found, log)
        except Unreadable:
            self.charges_known = self.times_known = False
            raise
        self.total += money.charge
        self.camel += money.camel
        self.refund += money.refund
        try:
            event = read(self, data, found, log)
        except Unreadable:
            self.times_known = False
            raise
        started = event.stamp[0]
        if self.earliest is None or started < self.earliest:
            self.earliest = started
        if self.latest is None or started > self.latest:
            self.latest = started
        if event.party is None and event.imsi is None:
            raise Unreadable("INVALID_NUMBER", "msisdn")
        row = self._row(name, event, money, whole, data, found)
        self.limits.check(row)
        return row

    def _row(self, name: int, event: Event, money: Money, whole: bytes, data: bytes, found: Found) -> Row:
        rate = number(data, found, tag.RATE_CODE)
        cost, currency = self.context.cost(money.charge + money.camel - money.refund, rate)
        entity_code = number(data, found, tag.ENTITY_CODE)
        entity = "" if entity_code is None else self.context.entities.get(entity_code, "")
        place = tag.PLACE_VALUE if name == tag.CONTENT else tag.SERVING_NETWORK
        incoming = event.direction == "in"
        started, offset = event.stamp
        identity = (
            f"{name:X}|{event.imsi}|{event.party}|{started}|{event.reference}|{entity}|{event.other}"
            f"|{event.duration_s}|{event.volume_up}|{event.volume_down}|{event.service_code}|{cost}|{currency}"
        )
        return Row(
            dedupe_key=content_key(identity.encode()),
            usage_kind=event.kind,
            started_at=started,
            units=event.units,
            raw=f"hex:{whole.hex()} {self.context.note(offset, rate, entity_code)}",
            direction=event.direction,
            a_number=event.other if incoming else event.party,
            b_number=event.party if incoming else event.other,
            charged_number=event.party if incoming else None,
            imsi=event.imsi,
            network=text(data, found.get(place), 8) or self.context.sender or None,
            service_code=event.service_code,
            session_key=f"{self.context.sender}-{entity}-{event.reference}" if event.reference else None,
            duration_s=event.duration_s,
            volume_up=event.volume_up,
            volume_down=event.volume_down,
            cost_micro=cost,
            cost_currency=currency,
        )

    # --- events

    def mo_call(self, data: bytes, found: Found, log: list[Item]) -> Event:
        return self._call(data, found, "out", _digits(data, found, tag.CALLED, tag.MESSAGE_DESTINATION))

    def mt_call(self, data: bytes, found: Found, log: list[Item]) -> Event:
        return self._call(data, found, "in", _digits(data, found, tag.CALLING, tag.MESSAGE_ORIGINATOR))

    def _call(self, data: bytes, found: Found, direction: str, other: str | None) -> Event:
        duration = number(data, found, tag.DURATION) or 0
        message = text(data, found.get(tag.TELESERVICE), 2) in _SMS_SERVICES
        return Event(
            "sms" if message else "voice",
            self.context.stamp(data, found, tag.START, "callEventStartTimeStamp"),
            1 if message else duration,
            direction,
            _digits(data, found, tag.MSISDN, tag.MDN),
            _digits(data, found, tag.IMSI),
            other,
            duration,
            reference=_hex(data, found.get(tag.CALL_REFERENCE)),
        )

    def supplementary(self, data: bytes, found: Found, log: list[Item]) -> Event:
        return Event(
            "content",
            self.context.stamp(data, found, tag.CHARGING_STAMP, "chargingTimeStamp"),
            1,
            "out",
            _digits(data, found, tag.MSISDN, tag.MDN),
            _digits(data, found, tag.IMSI),
            service_code=f"ss:{text(data, found.get(tag.SUPPLEMENTARY_CODE), 2)}",
            reference=_hex(data, found.get(tag.CALL_REFERENCE)),
        )

    def message_centre(self, data: bytes, found: Found, log: list[Item]) -> Event:
        name = tag.DEPOSITED if tag.DEPOSITED in found else tag.COMPLETED
        incoming = number(data, found, tag.CHARGED_PARTY_STATUS) == _RECIPIENT_CHARGED
        return Event(
            "sms",
            self.context.stamp(data, found, name, "depositTimeStamp"),
            1,
            "in" if incoming else "out",
            _digits(data, found, tag.MSISDN, tag.MDN),
            _digits(data, found, tag.IMSI),
            _digits(data, found, tag.OTHER_NUMBER),
        )

    def data_session(self, data: bytes, found: Found, log: list[Item]) -> Event:
        down, up = number(data, found, tag.VOLUME_IN) or 0, number(data, found, tag.VOLUME_OUT) or 0
        apn = text(data, found.get(tag.APN), 63)
        charging_id = number(data, found, tag.CHARGING_ID)
        return Event(
            "data",
            self.context.stamp(data, found, tag.START, "callEventStartTimeStamp"),
            up + down,
            "out",
            _digits(data, found, tag.MSISDN, tag.MDN),
            _digits(data, found, tag.IMSI),
            None,
            number(data, found, tag.DURATION),
            up,
            down,
            f"apn:{apn.lower()}" if apn else None,
            "" if charging_id is None else str(charging_id),
        )

    def content(self, data: bytes, found: Found, log: list[Item]) -> Event:
        party, imsi = _named_party(data, log, tag.PARTY_VALUE)
        code = number(data, found, tag.CONTENT_CODE)
        name = next((stamp for stamp in (tag.ORDERED, tag.REQUESTED, tag.DELIVERED) if stamp in found), tag.ORDERED)
        return Event(
            "content",
            self.context.stamp(data, found, name, "orderPlacedTimeStamp"),
            1,
            "out",
            party,
            imsi,
            duration_s=number(data, found, tag.CONTENT_DURATION),
            service_code="content:" if code is None else f"content:{code}",
            reference=text(data, found.get(tag.CONTENT_ID), 80),
        )

    def location(self, data: bytes, found: Found, log: list[Item]) -> Event:
        party, imsi = _named_party(data, log, tag.CUSTOMER_VALUE)
        return Event(
            "content",
            self.context.stamp(data, found, tag.CHARGING_STAMP, "chargingTimeStamp"),
            1,
            "out",
            party,
            imsi,
            service_code="lcs",
            reference=_hex(data, found.get(tag.CALL_REFERENCE)),
        )

    def messaging(self, data: bytes, found: Found, log: list[Item]) -> Event:
        return self._ims(data, found, self.context.messaging_kind, None, 1)

    def session(self, data: bytes, found: Found, log: list[Item]) -> Event:
        direction = "out" if tag.REQUESTED_PARTY in found else "in"
        return self._ims(data, found, "voice", direction, number(data, found, tag.DURATION) or 0)

    def _ims(self, data: bytes, found: Found, kind: str, direction: str | None, units: int) -> Event:
        return Event(
            kind,
            self.context.stamp(data, found, tag.IMS_START, "serviceStartTimestamp"),
            units,
            direction,
            _digits(data, found, tag.MSISDN),
            _digits(data, found, tag.IMSI),
            _digits(data, found, tag.OTHER_PARTY_NUMBER, tag.REQUESTED_NUMBER),
            number(data, found, tag.DURATION),
            reference=_hex(data, found.get(tag.EVENT_REFERENCE)),
        )


_READERS: dict[int, Callable[[Reader, bytes, Found, list[Item]], Event]] = {
    tag.MO_CALL: Reader.mo_call,
    tag.MT_CALL: Reader.mt_call,
    tag.SUPPLEMENTARY: Reader.supplementary,
    tag.MESSAGE_CENTRE: Reader.message_centre,
    tag.DATA: Reader.data_session,
    tag.CONTENT: Reader.content,
    tag.LOCATION: Reader.location,
    tag.MESSAGING: Reader.messaging,
    tag.SESSION: Reader.session,
}


def charges(data: bytes, name: int, found: Found, log: list[Item]) -> Money:
    """Charges of type 00, the totals of their charge informations; a messaging event has one charge without a type.

    :raises Unreadable: a charge is beyond sense.
    """
    money = Money()
    is_total, is_refund = False, False
    for name_of, start, stop in log:
        if name_of == tag.CHARGE_DETAIL:
            is_total = False
        elif name_of == tag.CHARGE_TYPE:
            is_total = data[start:stop] == _TOTAL
        elif name_of == tag.CHARGE:
            if is_total or name == tag.MESSAGING:
                amount = _amount(data, start, stop)
                if is_refund:
                    money.refund += amount
                else:
                    money.charge += amount
        elif name_of == tag.CAMEL_FEE:
            money.camel += _amount(data, start, stop)
        elif name_of == tag.CONTENT_ITEM:
            is_refund = False
        elif name_of == tag.REFUND_INDICATOR:
            is_refund = any(data[start:stop])
    return money


def _amount(data: bytes, start: int, stop: int) -> int:
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if not 0 < stop - start <= 8 or abs(value) > LARGEST:
        raise Unreadable("NOT_A_NUMBER", "charge", data[start : start + 20].hex())
    return value


def _named_party(data: bytes, log: list[Item], name: int) -> tuple[str | None, str | None]:
    """Number and IMSI out of identifiers in text; told apart by the 15 digits of an IMSI."""
    party = imsi = None
    parties = 0
    for name_of, start, stop in log:
        if name_of == tag.TRACKED or parties >= _MOST_PARTIES:
            break
        if name_of != name:
            continue
        parties += 1
        value = text(data, (start, stop), 80).lstrip("+")
        if not (value.isascii() and value.isdigit()):
            continue
        if len(value) == 15:
            imsi = imsi or value
        elif 4 <= len(value) < 15:
            party = party or value
    return party, imsi


def _digits(data: bytes, found: Found, *names: int) -> str | None:
    for name in names:
        span = found.get(name)
        if span is not None and span[1] - span[0] <= 12 and (digits := plain_digits(data, *span)):
            return digits
    return None


def _hex(data: bytes, span: Span | None) -> str:
    return "" if span is None else data[span[0] : min(span[1], span[0] + 16)].hex()
