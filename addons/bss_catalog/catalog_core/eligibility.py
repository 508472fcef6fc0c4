"""May this offering be sold at this place on this day? The answer carries its reasons."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class OfferingFacts:
    lifecycle: str
    technology: str = "any"
    service_type: str = "other"
    date_start: date | None = None
    date_end: date | None = None


@dataclass(frozen=True, slots=True)
class LocationFacts:
    technologies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ineligibility:
    code: str
    params: dict[str, str] = field(default_factory=dict)


# Served over the radio network everywhere, no installation at the place is needed.
_PLACELESS = frozenset({"any", "mobile"})


def why_not_available(offering: OfferingFacts, on: date, location: LocationFacts | None = None) -> list[Ineligibility]:
    """Reasons against the sale; an empty list means it may be sold."""
    reasons: list[Ineligibility] = []
    if offering.lifecycle != "on_sale":
        reasons.append(Ineligibility("NOT_ON_SALE", {"lifecycle": offering.lifecycle}))
    if offering.date_start and on < offering.date_start:
        reasons.append(Ineligibility("NOT_YET", {"date": offering.date_start.isoformat()}))
    if offering.date_end and on > offering.date_end:
        reasons.append(Ineligibility("NO_LONGER", {"date": offering.date_end.isoformat()}))
    if (
        location is not None
        and offering.technology not in _PLACELESS
        and offering.technology not in location.technologies
    ):
        reasons.append(Ineligibility("TECHNOLOGY_MISSING", {"technology": offering.technology}))
    return reasons
