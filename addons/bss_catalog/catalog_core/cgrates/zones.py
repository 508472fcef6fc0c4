"""Destinations of CGRateS, which overlap and count plan by plan, to zones: each prefix in one zone that suits every plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .values import ANY, DestinationRow, ImportedZone

FIRST_DIGITS = "123456789"


@dataclass(frozen=True, slots=True)
class Shared:
    """A prefix of two destinations that a plan prices both: which one is meant, is not said."""

    plan: str
    prefix: str
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """Zones, the destination that prices each in each plan, and the doubts (their zones have no price in that plan)."""

    zones: tuple[ImportedZone, ...]
    destination_of: Mapping[tuple[str, str], str]
    shared: tuple[Shared, ...]


def partition(rows: Sequence[DestinationRow], priced: Mapping[str, frozenset[str]]) -> Partition:
    """:param priced: destinations that each plan prices, ``*any`` = every number without a longer priced prefix.

    A number takes the price of its longest prefix whose destination the plan prices, so a zone holds the prefixes for which
    all plans come to the same destination.
    """
    holders: dict[str, set[str]] = {}
    for row in rows:
        holders.setdefault(row.prefix, set()).add(row.code)
    if any(ANY in held for held in priced.values()):
        for digit in FIRST_DIGITS:
            holders.setdefault(digit, set())
    shared: list[Shared] = []
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for prefix in sorted(holders):
        found = []
        for plan in sorted(priced):
            names = _nearest(prefix, holders, priced[plan])
            if len(names) > 1:
                shared.append(Shared(plan, prefix, names))
            found.append(names[0] if len(names) == 1 else "")
        alike.setdefault((tuple(found), tuple(sorted(holders[prefix]))), []).append(prefix)
    zones = []
    destination_of = {}
    taken: dict[str, int] = {}
    for (nearest, held), prefixes in sorted(alike.items(), key=lambda one: one[1][0]):
        name = "+".join(held) or ANY
        taken[name] = taken.get(name, 0) + 1
        code = name if taken[name] == 1 else f"{name}/{taken[name]}"
        zones.append(ImportedZone(code, held or (ANY,), tuple(prefixes)))
        destination_of.update({(plan, code): one for plan, one in zip(sorted(priced), nearest, strict=True) if one})
    return Partition(tuple(zones), destination_of, tuple(shared))


def _nearest(prefix: str, holders: Mapping[str, set[str]], priced: frozenset[str]) -> tuple[str, ...]:
    """Priced destinations of the longest head of ``prefix`` that has any; ``*any`` when there is none and it is priced."""
    for length in range(len(prefix), 0, -1):
        names = holders.get(prefix[:length], set()) & priced
        if names:
            return tuple(sorted(names))
    return (ANY,) if ANY in priced else ()
