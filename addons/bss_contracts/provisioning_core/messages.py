"""The message of one service order: plain JSON, the same when it is pushed and when it is pulled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Identifier:
    """``kind``: msisdn, login, imsi, account_code or mac; ``value`` in the normal form of the product."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is delivered; the codes are those of TERYT."""

    address: str
    street: str = ""
    house_no: str = ""
    premises_no: str = ""
    zip: str = ""
    city: str = ""
    teryt: str = ""
    port: str = ""


@dataclass(frozen=True, slots=True)
class Equipment:
    kind: str
    serial: str
    mac: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything the network must know of one order.

    ``requested_at`` is an aware instant; ``valid_from`` the Polish day on which the network shall change.
    """

    number: str
    key: str
    action: str
    cause: str
    requested_at: datetime
    valid_from: date
    service_id: int
    service_type: str
    offering: str
    offering_code: str
    identifiers: tuple[Identifier, ...] = ()
    place: Place | None = None
    equipment: tuple[Equipment, ...] = ()
    characteristics: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def message(facts: OrderFacts) -> dict[str, Any]:
    """The order as JSON data; a repeated order has the same content, whenever it is sent."""
    return {
        "version": VERSION,
        "order": facts.number,
        "idempotency_key": facts.key,
        "action": facts.action,
        "cause": facts.cause,
        "requested_at": facts.requested_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "valid_from": facts.valid_from.isoformat(),
        "service": {
            "id": str(facts.service_id),
            "type": facts.service_type,
            "offering": facts.offering,
            "offering_code": facts.offering_code,
            "identifiers": [{"kind": one.kind, "value": one.value} for one in facts.identifiers],
            "place": _place(facts.place),
            "equipment": [{"kind": one.kind, "serial": one.serial, "mac": one.mac} for one in facts.equipment],
            "characteristics": dict(facts.characteristics),
        },
        "text": facts.text,
    }


def _place(place: Place | None) -> dict[str, str] | None:
    if place is None:
        return None
    return {name: getattr(place, name) for name in Place.__dataclass_fields__}
