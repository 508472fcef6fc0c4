"""PGWRecord of TS 32.298: the usage of a packet session, one row per service container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .ber import Item, Span, element, fields, items
from .binary_rows import Row, Unreadable, hex_raw, malformed
from .octets import network_digits
from .ts32298_fields import Fields, Record, imsi, number

PGW = 0xBF4F
# PGWRecord
TYPE = 0x80
_IMSI, _GATEWAY, _CHARGING_ID, _APN = 0x83, 0xA4, 0x85, 0x87
_TRAFFIC, _OPENED, _DURATION, _SEQUENCE, _MSISDN = 0xAC, 0x8D, 0x8E, 0x91, 0x96
_SERVING_NETWORK, _SERVICE_DATA, _OWN_NETWORK = 0x9B, 0xBF22, 0x9F25
_KEPT = (
    *(TYPE, _IMSI, _GATEWAY, _CHARGING_ID, _APN, _OPENED, _DURATION, _SEQUENCE, _MSISDN),
    *(_SERVING_NETWORK, _OWN_NETWORK),
)
# ChangeOfServiceCondition
_RATING_GROUP, _LOCAL_SEQUENCE, _FIRST_USAGE, _TIME_USAGE, _UP, _DOWN = 0x81, 0x84, 0x85, 0x87, 0x8C, 0x8D
# ChangeOfCharCondition
_TRAFFIC_UP, _TRAFFIC_DOWN = 0x83, 0x84
_MOST_CONTAINERS = 5_000
_KEPT_SIZE = 200
_APN_LENGTH = 63


@dataclass
class Packet:
    """Reads packet gateway records; ``home_networks`` are not roaming."""

    fields: Fields
    home_networks: frozenset[str]

    def rows(self, data: bytes, tag: int, record: Record) -> list[Row]:
        """Rows of the record that ``data`` is.

        :raises Unreadable: it cannot become rows.
        """
        charging_id = number(data, record, _CHARGING_ID)
        if charging_id is None or _GATEWAY not in record:
            raise malformed("no p-GWAddress or chargingID")
        session = f"{self.fields.node(data, record[_GATEWAY])}-{charging_id}"
        who = imsi(data, record.get(_IMSI))
        phone = self.fields.phone(data, record.get(_MSISDN))
        if who is None and phone is None:
            raise Unreadable("INVALID_NUMBER", "servedIMSI")
        # What is the same in all rows of the record; key, volumes, start and code are filled in.
        common = Row(
            dedupe_key=f"p:{session}:{number(data, record, _SEQUENCE) or 0}",
            usage_kind="data",
            started_at=self.fields.stamp(data, record, _OPENED, "recordOpeningTime"),
            units=0,
            raw="",
            direction="out",
            a_number=phone,
            imsi=who,
            network=self._visited(data, record, who),
            session_key=session,
            duration_s=number(data, record, _DURATION),
        )
        if _SERVICE_DATA not in record:
            return [_traffic(data, record, common)]
        containers = items(data, *record[_SERVICE_DATA], limit=_MOST_CONTAINERS)
        if containers is None:
            raise malformed("broken listOfServiceData")
        return list(self._containers(data, record, containers, common))

    def _containers(self, data: bytes, record: Record, containers: list[Item], common: Row) -> Iterator[Row]:
        identity, opened = common.dedupe_key, common.started_at
        alone = len(containers) == 1
        shared = b"" if alone else _kept(data, record)
        unnumbered: dict[int | None, int] = {}
        for _, start, stop in containers:
            container = fields(data, start, stop)
            if container is None:
                raise malformed("broken service container")
            group = number(data, container, _RATING_GROUP)
            place = number(data, container, _LOCAL_SEQUENCE)
            suffix = ""
            if place is None:
                ordinal = unnumbered[group] = unnumbered.get(group, 0) + 1
                # A row that is read again alone is the first of its rating group: its true place goes with it.
                suffix = f"#{ordinal}" if ordinal > 1 else ""
                key = f"{identity}:{'' if group is None else group}:o{ordinal}"
            else:
                key = f"{identity}:{'' if group is None else group}:{place}"
            up, down = number(data, container, _UP) or 0, number(data, container, _DOWN) or 0
            first = opened
            if _FIRST_USAGE in container:
                first = self.fields.stamp(data, container, _FIRST_USAGE, "timeOfFirstUsage")
            used = number(data, container, _TIME_USAGE)
            raw = data if alone else _single(shared, data[start:stop])
            yield Row(
                key,
                "data",
                first,
                up + down,
                hex_raw(raw) + suffix,
                *common[5:11],
                service_code=None if group is None else f"rg:{group}",
                session_key=common.session_key,
                duration_s=common.duration_s if used is None else used,
                volume_up=up,
                volume_down=down,
            )

    def _visited(self, data: bytes, record: Record, who: str | None) -> str | None:
        serving = record.get(_SERVING_NETWORK)
        if serving is None:
            return None
        network = network_digits(data, *serving)
        if network is None:
            raise malformed("unreadable servingNodePLMNIdentifier")
        own = record.get(_OWN_NETWORK)
        home = network_digits(data, *own) if own is not None else None
        if network == home or network in self.home_networks or (home is None and (who or "").startswith(network)):
            return None
        return network


def _traffic(data: bytes, record: Record, common: Row) -> Row:
    """The one row of a record without service containers."""
    up = down = 0
    changes = items(data, *record[_TRAFFIC], limit=_MOST_CONTAINERS) if _TRAFFIC in record else []
    if changes is None:
        raise malformed("broken listOfTrafficVolumes")
    for _, start, stop in changes:
        change = fields(data, start, stop)
        if change is None:
            raise malformed("broken traffic volume")
        up += number(data, change, _TRAFFIC_UP) or 0
        down += number(data, change, _TRAFFIC_DOWN) or 0
    return common._replace(
        dedupe_key=f"{common.dedupe_key}::",
        units=up + down,
        raw=hex_raw(data),
        service_code=_apn(data, record.get(_APN)),
        volume_up=up,
        volume_down=down,
    )


def _apn(data: bytes, span: Span | None) -> str | None:
    if span is None or not 0 < span[1] - span[0] <= _APN_LENGTH:
        return None
    text = data[span[0] : span[1]].decode("ascii", "replace")
    return f"apn:{text.lower()}" if text.isprintable() else None


def _kept(data: bytes, record: Record) -> bytes:
    """The fields of a record that its rows are made of, so that each row is kept as a record of its own."""
    parts = []
    for tag in _KEPT:
        span = record.get(tag)
        if span is None:
            continue
        if span[1] - span[0] > _KEPT_SIZE:
            raise malformed("a field is too long", f"{tag:X}")
        parts.append(element(tag, data[span[0] : span[1]]))
    return b"".join(parts)


def _single(shared: bytes, container: bytes) -> bytes:
    return element(PGW, shared + element(_SERVICE_DATA, element(0x30, container)))
