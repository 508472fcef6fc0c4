"""Tiers of a price: their data, and everything that can be wrong with them.

Tier ``i`` serves the units above ``start`` up to and including ``end`` (0-500, -1000 …: the 500th unit is of the
first tier). Without an end it reaches to the start of the next one; the last one then has no end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

ZERO = Decimal(0)
_PRECISION = 100


@dataclass(frozen=True, slots=True)
class Tier:
    """``price``: of a unit, of a started package (model package) or of the whole step (stairstep)."""

    start: Decimal
    price: Decimal
    end: Decimal | None = None
    package_size: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceProblem:
    """Why there is no price; ``params`` are the numbers of the message, as written by :func:`plain`."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of an amount: ``kind`` is unit, package, step or true_up.

    ``units`` units of the tier that begins above ``tier_start`` cost ``amount``; ``packages`` were started.
    """

    kind: str
    units: Decimal
    price: Decimal
    amount: Decimal
    tier_start: Decimal | None = None
    tier_end: Decimal | None = None
    packages: int = 0


@dataclass(frozen=True, slots=True)
class Priced:
    """Exact, unrounded amount; it is the sum of the pieces."""

    amount: Decimal
    explanation: tuple[Piece, ...]


def plain(value: Decimal) -> str:
    """``1000`` rather than ``1E+3`` or ``1000.000000``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def multiply(one: Decimal, other: Decimal) -> Decimal:
    """Exact product, whatever the precision of the caller's context."""
    with localcontext() as context:
        context.prec = _PRECISION
        return one * other


def total(values: Sequence[Decimal]) -> Decimal:
    """Exact sum."""
    with localcontext() as context:
        context.prec = _PRECISION
        return sum(values, ZERO)


def priced(pieces: Sequence[Piece]) -> Priced:
    return Priced(total([piece.amount for piece in pieces]), tuple(pieces))


def in_order(tiers: Sequence[Tier]) -> list[Tier]:
    """Tiers by their start, each with its end; only the last one may be without."""
    ordered = sorted(tiers, key=lambda tier: tier.start)
    starts: list[Decimal | None] = [tier.start for tier in ordered]
    return [
        Tier(tier.start, tier.price, following if tier.end is None else tier.end, tier.package_size)
        for tier, following in zip(ordered, [*starts[1:], None], strict=False)
    ]


def tier_problems(model: str, tiers: Sequence[Tier]) -> list[PriceProblem]:
    """Everything that would leave a quantity without a price or with two; in order of the tiers."""
    if not tiers:
        return [PriceProblem("NO_TIERS")]
    ordered = sorted(tiers, key=lambda tier: tier.start)
    problems = [problem for tier in ordered for problem in _own_problems(model, tier)]
    if ordered[0].start > ZERO:
        problems.append(PriceProblem("HOLE", {"start": "0", "end": plain(ordered[0].start)}))
    for tier, following in zip(ordered, ordered[1:], strict=False):
        problems.extend(_border_problems(tier, following))
    last = ordered[-1].end
    if last is not None:
        problems.append(PriceProblem("LIMITED", {"end": plain(last)}, is_error=False))
    return problems


def _own_problems(model: str, tier: Tier) -> Iterator[PriceProblem]:
    where = {"start": plain(tier.start)}
    if tier.start < ZERO:
        yield PriceProblem("NEGATIVE_START", where)
    if tier.end is not None and tier.end <= tier.start:
        yield PriceProblem("TIER_REVERSED", {**where, "end": plain(tier.end)})
    if tier.price < ZERO:
        yield PriceProblem("NEGATIVE_PRICE", where)
    if model == "package" and (tier.package_size is None or tier.package_size <= ZERO):
        yield PriceProblem("NO_PACKAGE_SIZE", where)


def _border_problems(tier: Tier, following: Tier) -> Iterator[PriceProblem]:
    if tier.start == following.start:
        yield PriceProblem("DUPLICATE_START", {"start": plain(tier.start)})
    elif tier.end is not None and tier.end < following.start:
        yield PriceProblem("HOLE", {"start": plain(tier.end), "end": plain(following.start)})
    elif tier.end is not None and tier.end > following.start:
        yield PriceProblem("OVERLAP", {"start": plain(following.start), "end": plain(tier.end)})


def reached(quantity: Decimal, ordered: Sequence[Tier]) -> Tier | None:
    """The tier in which the last unit falls; tiers as :func:`in_order` gives them."""
    for tier in ordered:
        if tier.start < quantity and (tier.end is None or quantity <= tier.end):
            return tier
    return None


def shares(quantity: Decimal, ordered: Sequence[Tier]) -> list[tuple[Tier, Decimal]]:
    """(tier, its units) of every tier that ``quantity`` reaches into."""
    found = []
    for tier in ordered:
        upper = quantity if tier.end is None else min(quantity, tier.end)
        if upper > tier.start:
            found.append((tier, upper - tier.start))
    return found
