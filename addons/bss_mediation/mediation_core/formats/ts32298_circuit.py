"""Call and short message records of an MSC (TS 32.298), one row per record."""

from __future__ import annotations

from dataclasses import dataclass

from .ber import Span
from .binary_rows import Row, Unreadable, bounded_key, hex_raw
from .ts32298_fields import Fields, Record, hex_of, imsi, number

MO_CALL, MT_CALL, MO_SMS, MT_SMS = 0xA0, 0xA1, 0xA6, 0xA7


@dataclass(frozen=True)
class _CallTags:
    other: int
    entity: int
    seized: int
    answered: int
    duration: int
    reference: int
    sequence: int


@dataclass(frozen=True)
class _MessageTags:
    imsi: int
    msisdn: int
    entity: int
    at: int
    result: int


_CALLS = {
    MO_CALL: _CallTags(0x85, 0x89, 0x96, 0x97, 0x99, 0x9F20, 0x9F21),
    MT_CALL: _CallTags(0x84, 0x86, 0x93, 0x94, 0x96, 0x9D, 0x9E),
}
_CALL_IMSI, _CALL_MSISDN = 0x81, 0x83
_MESSAGES = {
    MO_SMS: _MessageTags(0x81, 0x83, 0x86, 0x89, 0xAA),
    MT_SMS: _MessageTags(0x82, 0x84, 0x86, 0x88, 0xA9),
}
_MESSAGE_REFERENCE, _MESSAGE_DESTINATION = 0x88, 0x8C


@dataclass
class Circuit:
    """Reads records of calls and messages."""

    fields: Fields

    def call(self, data: bytes, tag: int, record: Record) -> list[Row]:
        """The row of an answered call.

        :raises Unreadable: it cannot become one.
        """
        tags, outgoing = _CALLS[tag], tag == MO_CALL
        if tags.answered not in record:
            return []
        answered = self.fields.stamp(data, record, tags.answered, "answerTime")
        seized = answered
        if tags.seized in record:
            seized = self.fields.stamp(data, record, tags.seized, "seizureTime")
        seconds = number(data, record, tags.duration)
        if seconds is None:
            raise Unreadable("NOT_A_NUMBER", "callDuration")
        served, who = self._served(data, record, _CALL_MSISDN, _CALL_IMSI)
        other = self.fields.phone(data, record.get(tags.other))
        if outgoing and other is None:
            raise Unreadable("INVALID_NUMBER", "calledNumber", hex_of(data, record.get(tags.other)))
        reference, entity = hex_of(data, record.get(tags.reference)), hex_of(data, record.get(tags.entity))
        part = number(data, record, tags.sequence) or 0
        return [
            Row(
                dedupe_key=bounded_key(f"c:{tag & 0x1F}:{entity}:{reference}:{part}:{served or who}"),
                usage_kind="voice",
                started_at=seized,
                units=seconds,
                raw=hex_raw(data),
                direction="out" if outgoing else "in",
                a_number=served if outgoing else other,
                b_number=other if outgoing else served,
                charged_number=None if outgoing else served,
                imsi=who,
                session_key=f"{entity}-{reference}" if reference else None,
                answered_at=answered,
                duration_s=seconds,
            )
        ]

    def message(self, data: bytes, tag: int, record: Record) -> list[Row]:
        """The row of a message that did not fail.

        :raises Unreadable: it cannot become one.
        """
        tags, outgoing = _MESSAGES[tag], tag == MO_SMS
        if tags.result in record:
            return []
        at = self.fields.stamp(data, record, tags.at, "originationTime" if outgoing else "deliveryTime")
        served, who = self._served(data, record, tags.msisdn, tags.imsi)
        other = self._destination(data, record.get(_MESSAGE_DESTINATION)) if outgoing else None
        if outgoing and other is None:
            value = hex_of(data, record.get(_MESSAGE_DESTINATION))
            raise Unreadable("INVALID_NUMBER", "destinationNumber", value)
        entity = hex_of(data, record.get(tags.entity))
        reference = hex_of(data, record.get(_MESSAGE_REFERENCE)) if outgoing else ""
        return [
            Row(
                dedupe_key=bounded_key(
                    f"s:{tag & 0x1F}:{entity}:{served or who}:{at // 1_000_000}:{reference}:{other or ''}"
                ),
                usage_kind="sms",
                started_at=at,
                units=1,
                raw=hex_raw(data),
                direction="out" if outgoing else "in",
                a_number=served if outgoing else None,
                b_number=other if outgoing else served,
                charged_number=None if outgoing else served,
                imsi=who,
            )
        ]

    def _served(self, data: bytes, record: Record, msisdn: int, who: int) -> tuple[str | None, str | None]:
        phone, identity = self.fields.phone(data, record.get(msisdn)), imsi(data, record.get(who))
        if phone is None and identity is None:
            raise Unreadable("INVALID_NUMBER", "servedMSISDN")
        return phone, identity

    def _destination(self, data: bytes, span: Span | None) -> str | None:
        """Address field of TS 23.040; some exchanges leave out its first octet, the count of digits."""
        if span is None:
            return None
        start, stop = span
        return self.fields.phone(data, (start + 1, stop) if start < stop and data[start] < 0x80 else span)
