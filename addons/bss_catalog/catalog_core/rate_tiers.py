"""Tiers of a usage price: ranges of the quantity used in a period, each with its price, without hole or overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, field

FLAT = "flat"
TIER_MODELS = (FLAT, "graduated", "volume", "package", "stairstep")


@dataclass(frozen=True, slots=True)
class RateTier:
    """Quantity above ``quantity_from`` up to ``quantity_to`` (0 = without end), in the unit of the price; price in micro-PLN."""

    quantity_from: int
    quantity_to: int
    price_micro: int
    package_size: int = 0


@dataclass(frozen=True, slots=True)
class TierProblem:
    """TIER_MISSING, TIER_UNUSED, TIER_NEGATIVE, TIER_EMPTY, TIER_HOLE, TIER_OVERLAP, TIER_NO_END, TIER_PACKAGE."""

    code: str
    params: dict[str, str] = field(default_factory=dict)


def check_tiers(model: str, tiers: Sequence[RateTier]) -> list[TierProblem]:
    """Usage that would have no price or two, in the order of the quantity."""
    if model == FLAT:
        return [TierProblem("TIER_UNUSED")] if tiers else []
    if not tiers:
        return [TierProblem("TIER_MISSING")]
    ordered = sorted(tiers, key=lambda tier: (tier.quantity_from, tier.quantity_to or 2**62))
    return [*_each(model, ordered), *_joints(ordered)]


def _each(model: str, tiers: Sequence[RateTier]) -> list[TierProblem]:
    problems = []
    for tier in tiers:
        params = {"from": str(tier.quantity_from), "to": str(tier.quantity_to or "…")}
        if tier.price_micro < 0 or tier.quantity_from < 0:
            problems.append(TierProblem("TIER_NEGATIVE", params))
        if tier.quantity_to and tier.quantity_to <= tier.quantity_from:
            problems.append(TierProblem("TIER_EMPTY", params))
        if model == "package" and tier.package_size < 1:
            problems.append(TierProblem("TIER_PACKAGE", params))
    return problems


def _joints(tiers: Sequence[RateTier]) -> list[TierProblem]:
    """Walk up the quantity: ``reach`` is the end of what is priced so far, None when nothing ends it."""
    problems = []
    reach: int | None = 0
    for tier in tiers:
        start = tier.quantity_from
        end = tier.quantity_to or None
        if reach is None or start < reach:
            upper = reach if end is None else end if reach is None else min(end, reach)
            problems.append(TierProblem("TIER_OVERLAP", {"from": str(start), "to": str(upper or "…")}))
        elif start > reach:
            problems.append(TierProblem("TIER_HOLE", {"from": str(reach), "to": str(start)}))
        reach = None if reach is None or end is None else max(reach, end)
    if reach is not None:
        problems.append(TierProblem("TIER_NO_END", {"from": str(reach)}))
    return problems
