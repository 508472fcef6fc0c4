"""What a step brought: only money that came after it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .receivables import HUNDRED, ratio


@dataclass(frozen=True)
class Taken:
    """One step taken: its day, what it demanded, what it cost, and the payments of what it demanded."""

    day: date
    demanded: Decimal
    cost: Decimal
    payments: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True)
class Effect:
    """Of all the times that a step was taken."""

    taken: int
    cured: int
    demanded: Decimal
    recovered: Decimal
    cost: Decimal

    @property
    def cure_rate(self) -> Decimal | None:
        return ratio(Decimal(self.cured), Decimal(self.taken), HUNDRED)

    @property
    def cost_per_zloty(self) -> Decimal | None:
        """None when nothing came: every cost was in vain."""
        return ratio(self.cost, self.recovered)


def recovered(step: Taken, window: int) -> Decimal:
    """Paid after the day of the step and within ``window`` days, at most what it demanded."""
    last = step.day + timedelta(days=window)
    paid = sum((amount for day, amount in step.payments if step.day < day <= last), Decimal(0))
    return min(paid, step.demanded)


def effect(steps: Iterable[Taken], window: int) -> Effect:
    """A step cured its case when all that it demanded came within the window."""
    taken = tuple(steps)
    came = [recovered(step, window) for step in taken]
    return Effect(
        taken=len(taken),
        cured=sum(money >= step.demanded > 0 for step, money in zip(taken, came, strict=True)),
        demanded=sum((step.demanded for step in taken), Decimal(0)),
        recovered=sum(came, Decimal(0)),
        cost=sum((step.cost for step in taken), Decimal(0)),
    )
