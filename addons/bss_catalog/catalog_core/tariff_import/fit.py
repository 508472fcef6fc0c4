"""Imported prefixes beside the prefixes that are there: every prefix stays in the zone it is in, since all plans share the zones.

A list prices destinations, a plan prices zones. A zone that is there takes the price of a destination when the list means that
destination by all of the zone's prefixes. What would need a zone to be divided is told and has no price, or usage of other
plans would lose its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Existing:
    """Zone of each prefix of a company, its own before shared ones; ``own``: zones that only plans being imported price."""

    zone_of: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a destination is not priced in a zone, or a prefix not added (``code``), or what to know about it (warning).

    ZONE_DIFFERS: the list prices prefixes of the zone differently. ZONE_PARTLY: it prices some of them only.
    PREFIX_INSIDE: the prefix is within one of a zone that is priced otherwise. PREFIX_GONE, PREFIX_SPLIT: warnings.
    """

    code: str
    destination: str
    zone: str
    prefixes: tuple[str, ...]
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """Zones of each destination: those that are there, and prefixes to add to one of them or to a new one."""

    zones: Mapping[str, tuple[str, ...]]
    new: Mapping[str, tuple[str, tuple[str, ...]]]
    misfits: tuple[Misfit, ...]


def fit(destination_of: Mapping[str, str], existing: Existing) -> Fitted:
    """:param destination_of: destination of each imported prefix, by the code that its zone would have"""
    return _Fit(destination_of, existing).result()


class _Fit:
    def __init__(self, destination_of: Mapping[str, str], existing: Existing) -> None:
        self.destination_of = destination_of
        self.existing = existing
        self.misfits: list[Misfit] = []
        self.zones: dict[str, list[str]] = {}
        self.held: dict[str, str] = {}  # zone that is there: its destination

    def result(self) -> Fitted:
        self._hold()
        added = self._add()
        new: dict[str, tuple[str, tuple[str, ...]]] = {}
        for destination, prefixes in added.items():
            mine = [zone for zone in self.zones.get(destination, ()) if zone in self.existing.own]
            zone = mine[0] if mine else self._free_code(destination, {code for code, _new in new.values()})
            new[destination] = zone, tuple(sorted(prefixes))
        zones = {
            destination: tuple(
                dict.fromkeys(
                    [*self.zones.get(destination, ()), *([new[destination][0]] if destination in new else [])]
                )
            )
            for destination in dict.fromkeys([*self.zones, *new])
        }
        return Fitted(zones, new, tuple(self.misfits))

    def _hold(self) -> None:
        """Zones that are there and mean one destination as a whole."""
        prefixes_of: dict[str, list[str]] = {}
        for prefix, zone in self.existing.zone_of.items():
            prefixes_of.setdefault(zone, []).append(prefix)
        for zone, prefixes in prefixes_of.items():
            by_destination: dict[str, list[str]] = {}
            for prefix in prefixes:
                by_destination.setdefault(_nearest(prefix, self.destination_of), []).append(prefix)
            missing = by_destination.pop("", [])
            if len(by_destination) > 1:
                self._tell("ZONE_DIFFERS", sorted(by_destination)[0], zone, prefixes)
            elif by_destination and missing and zone not in self.existing.own:
                self._tell("ZONE_PARTLY", next(iter(by_destination)), zone, missing)
            elif by_destination:
                destination = next(iter(by_destination))
                self.held[zone] = destination
                self.zones.setdefault(destination, []).append(zone)
                if missing:
                    self._tell("PREFIX_GONE", destination, zone, missing, is_warning=True)

    def _add(self) -> dict[str, list[str]]:
        """Prefixes that are in no zone yet, by destination."""
        added: dict[str, list[str]] = {}
        inside: dict[tuple[str, str], list[str]] = {}
        for prefix, destination in self.destination_of.items():
            if prefix in self.existing.zone_of:
                continue
            zone = _nearest(prefix[:-1], self.existing.zone_of)
            if not zone:
                added.setdefault(destination, []).append(prefix)
            elif self.held.get(zone) != destination:
                inside.setdefault((destination, zone), []).append(prefix)
                if zone in self.existing.own:
                    added.setdefault(destination, []).append(prefix)
        for (destination, zone), prefixes in inside.items():
            mine = zone in self.existing.own
            self._tell("PREFIX_SPLIT" if mine else "PREFIX_INSIDE", destination, zone, prefixes, is_warning=mine)
        return added

    def _free_code(self, wanted: str, taken: set[str]) -> str:
        code, number = wanted, 1
        while code in self.existing.codes or code in taken:
            number += 1
            code = f"{wanted}/{number}"
        return code

    def _tell(self, code: str, destination: str, zone: str, prefixes: list[str], *, is_warning: bool = False) -> None:
        self.misfits.append(Misfit(code, destination, zone, tuple(sorted(prefixes)), is_warning))


def _nearest(prefix: str, table: Mapping[str, str]) -> str:
    """What the longest head of ``prefix`` stands for; empty when none is known."""
    for length in range(len(prefix), 0, -1):
        found = table.get(prefix[:length])
        if found is not None:
            return found
    return ""
