"""May this offering be sold at this place on this day? The answer carries its reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class OfferingFacts:
    lifecycle: str
    technology: str = "any"
    service_type: str = "other"
    date_start: date | None = None
    date_end: date | None = None
    # Mbit/s promised; 0: none promised
    down_mbps: int = 0
    up_mbps: int = 0
    # kinds of customers it is sold to; empty: every kind
    customer_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """``speeds``: most Mbit/s (down, up) of a technology there, 0 = not known. ``ports``: (all, free) ports of a
    technology; a technology without any registered port is served without counting them."""

    technologies: frozenset[str]
    speeds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    ports: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ineligibility:
    code: str
    params: dict[str, str] = field(default_factory=dict)


# Served over the radio network everywhere, no installation at the place is needed.
_PLACELESS = frozenset({"any", "mobile"})


def why_not_available(
    offering: OfferingFacts, on: date, location: LocationFacts | None = None, customer_kind: str | None = None
) -> list[Ineligibility]:
    """Reasons against the sale; an empty list means it may be sold."""
    return [
        *_sale(offering, on),
        *_customer(offering, customer_kind),
        *(_network(offering, location) if location is not None else ()),
    ]


def _sale(offering: OfferingFacts, on: date) -> Iterable[Ineligibility]:
    if offering.lifecycle != "on_sale":
        yield Ineligibility("NOT_ON_SALE", {"lifecycle": offering.lifecycle})
    if offering.date_start and on < offering.date_start:
        yield Ineligibility("NOT_YET", {"date": offering.date_start.isoformat()})
    if offering.date_end and on > offering.date_end:
        yield Ineligibility("NO_LONGER", {"date": offering.date_end.isoformat()})


def _customer(offering: OfferingFacts, customer_kind: str | None) -> Iterable[Ineligibility]:
    if customer_kind and offering.customer_kinds and customer_kind not in offering.customer_kinds:
        yield Ineligibility("CUSTOMER_KIND", {"kinds": ",".join(sorted(offering.customer_kinds))})


def _network(offering: OfferingFacts, location: LocationFacts) -> Iterable[Ineligibility]:
    technology = offering.technology
    if technology in _PLACELESS:
        return
    if technology not in location.technologies:
        yield Ineligibility("TECHNOLOGY_MISSING", {"technology": technology})
        return
    most_down, most_up = location.speeds.get(technology, (0, 0))
    if 0 < most_down < offering.down_mbps:
        yield Ineligibility("DOWN_TOO_SLOW", {"most": str(most_down), "needed": str(offering.down_mbps)})
    if 0 < most_up < offering.up_mbps:
        yield Ineligibility("UP_TOO_SLOW", {"most": str(most_up), "needed": str(offering.up_mbps)})
    ports, free = location.ports.get(technology, (0, 0))
    if ports and not free:
        yield Ineligibility("NO_FREE_PORT", {"technology": technology, "ports": str(ports)})
