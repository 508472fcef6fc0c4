"""Records of 3GPP TS 32.298 in BER: packet gateway (PGWRecord) and circuit core (calls and short messages).

Tags are those of the published specification; everything that is not listed here is skipped, whatever it is.

PGWRecord
- Each service container (``listOfServiceData``) is one row: service code ``rg:<rating group>``, volumes up and down. A record
  without containers is one row of its summed ``listOfTrafficVolumes``, service code ``apn:<access point>``.
- Containers without any volume (time or event charging) are rows of zero bytes.
- Identity: gateway + charging id + record sequence number (0 when there is none) + rating group + number of the container: its
  ``localSequenceNumber``, else ``o`` and its place among those of its rating group in the record. Partial records of one session
  share the session key, gateway + charging id.
- Start of a row: ``timeOfFirstUsage`` of the container, else the opening of the record; stamps carry their offset from UTC, so the
  repeated hour of an autumn night is not in doubt.
- ``network`` is the serving network when it differs from the gateway's own (``p-GWPLMNIdentifier``), else from the IMSI's.

Calls and messages of an MSC (types mo_call, mt_call, mo_sms, mt_sms): answered calls only, partial records of a long call are rows
with a common session key; a message with a failure result is ignored. An MT record is charged to the called side.
Other record types are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..values import SourceProfile
from .ber import Span, fields
from .binary_rows import Limits, Row, malformed
from .ts32298_circuit import MO_CALL, MO_SMS, MT_CALL, MT_SMS, Circuit
from .ts32298_fields import Fields, Record
from .ts32298_packet import PGW, TYPE, Packet

# Types of records by their names in the settings: tag and value of the field recordType.
TYPES = {
    "pgw": (PGW, b"\x55"),
    "mo_call": (MO_CALL, b"\x00"),
    "mt_call": (MT_CALL, b"\x01"),
    "mo_sms": (MO_SMS, b"\x06"),
    "mt_sms": (MT_SMS, b"\x07"),
}


@dataclass(frozen=True)
class Decoder:
    """Turns one record into rows."""

    limits: Limits
    types: dict[int, bytes]
    readers: Mapping[int, Callable[[bytes, int, Record], list[Row]]]

    @classmethod
    def of(cls, profile: SourceProfile, types: str, home_networks: str) -> Decoder:
        """:param types: names out of ``TYPES``; others are never billed. :param home_networks: MCC and MNC, with commas."""
        shared = Fields(profile.numbering)
        packet = Packet(shared, frozenset(home_networks.replace(",", " ").split()))
        circuit = Circuit(shared)
        wanted = dict(TYPES[name] for name in types.replace(",", " ").split() if name in TYPES)
        readers = {
            PGW: packet.rows,
            MO_CALL: circuit.call,
            MT_CALL: circuit.call,
            MO_SMS: circuit.message,
            MT_SMS: circuit.message,
        }
        return cls(Limits.of(profile), wanted, readers)

    def rows(self, data: bytes, tag: int, span: Span) -> list[Row] | None:
        """Rows of the record that ``data`` is; None when it is none of those that are billed.

        :param span: contents of the record.
        :raises Unreadable: the record cannot become rows.
        """
        wanted = self.types.get(tag)
        if wanted is None:
            return None
        record = fields(data, *span)
        if record is None:
            raise malformed("broken record")
        kind = record.get(TYPE)
        if kind is None or data[kind[0] : kind[1]] != wanted:
            return None  # the same tag means another record in another specification
        found = self.readers[tag](data, tag, record)
        for row in found:
            self.limits.check(row)
        return found
