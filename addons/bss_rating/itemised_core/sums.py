"""Events of an itemised bill in groups, their sums, and the way from a sum to the charges of an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

E4 = Decimal("0.0001")


class Use(NamedTuple):
    """One event as it is printed; uses come ordered by service, kind, zone and time.

    ``at`` is the wall clock in Poland, ``offset_min`` its minutes ahead of UTC. ``units``: seconds, messages or bytes.
    ``free_units`` came from allowances, ``free_e4`` was paid by money allowances; ``amount_e4`` is net, in 1e-4.
    """

    service_id: int
    service: str
    kind: str
    zone_id: int
    zone: str
    at: datetime
    offset_min: int
    number: str
    code: str
    network: str
    incoming: bool
    units: int
    free_units: int
    free_e4: int
    amount_e4: int


@dataclass(slots=True)
class Sums:
    """What a group, a service or the whole bill comes to; units only make sense within one kind of usage."""

    events: int = 0
    units: int = 0
    free_units: int = 0
    free_e4: int = 0
    amount_e4: int = 0

    def add(self, use: Use) -> None:
        self.events += 1
        self.units += use.units
        self.free_units += use.free_units
        self.free_e4 += use.free_e4
        self.amount_e4 += use.amount_e4

    def __iadd__(self, other: Sums) -> Sums:
        self.events += other.events
        self.units += other.units
        self.free_units += other.free_units
        self.free_e4 += other.free_e4
        self.amount_e4 += other.amount_e4
        return self

    @property
    def amount(self) -> Decimal:
        return self.amount_e4 * E4


@dataclass(slots=True)
class Group:
    """Uses of one service, kind and zone: to be gone through once; ``sums`` are whole after that."""

    service_id: int
    service: str
    kind: str
    zone_id: int
    zone: str
    uses: Iterator[Use]
    sums: Sums

    @property
    def key(self) -> tuple[int, str, int]:
        return self.service_id, self.kind, self.zone_id


def grouped(uses: Iterable[Use]) -> Iterator[Group]:
    """Groups one after another, each to be used up before the next; nothing is kept of them."""
    for (service_id, service, kind, zone_id, zone), members in groupby(uses, key=_head):
        sums = Sums()
        yield Group(service_id, service, kind, zone_id, zone, _counted(members, sums), sums)


def _head(use: Use) -> tuple[int, str, str, int, str]:
    return use.service_id, use.service, use.kind, use.zone_id, use.zone


def _counted(uses: Iterator[Use], sums: Sums) -> Iterator[Use]:
    for use in uses:
        sums.add(use)
        yield use


class Charged(NamedTuple):
    """Of listed events: net charges of this invoice and of other bills, to the grosz, and what is not charged yet (1e-4)."""

    here: Decimal = Decimal(0)
    elsewhere: Decimal = Decimal(0)
    later_e4: int = 0

    def plus(self, other: Charged) -> Charged:
        return Charged(self.here + other.here, self.elsewhere + other.elsewhere, self.later_e4 + other.later_e4)


class Settlement(NamedTuple):
    """``events`` + ``rounding`` - ``elsewhere`` - ``later`` = ``charged``."""

    events: Decimal
    rounding: Decimal
    elsewhere: Decimal
    later: Decimal
    charged: Decimal


def settle(amount_e4: int, charged: Charged) -> Settlement:
    """The way from the exact sum of a group to its charge; the rounding is at most half a grosz for each of the charges."""
    events, later = amount_e4 * E4, charged.later_e4 * E4
    rounding = charged.here + charged.elsewhere + later - events
    return Settlement(events, rounding, charged.elsewhere, later, charged.here)


@dataclass(slots=True)
class ChargeGroup:
    """A group of events with its live charges, exact sums in 1e-4, amounts to the grosz.

    ``lower`` and ``upper``: the part that this invoice was to bill, of the days after the bill before and before its own end;
    ``inside_e4``: sum of the events in it, ``all_e4``: of all events of the group.
    """

    since: datetime
    until: datetime
    lower: datetime
    upper: datetime
    here: Decimal = Decimal(0)
    here_e4: int = 0
    elsewhere: Decimal = Decimal(0)
    elsewhere_e4: int = 0
    all_e4: int = 0
    inside_e4: int = 0

    def listed(self) -> tuple[datetime, datetime, Charged]:
        """From when until when events are listed, and what they were charged.

        The part that was to be billed where it comes to the charges exactly. Otherwise (something came late, was rated again,
        or was charged by hand) all of the group with what other bills have of it: nothing charged stays unlisted.
        """
        if self.inside_e4 == self.here_e4:
            return self.lower, self.upper, Charged(self.here)
        later = self.all_e4 - self.here_e4 - self.elsewhere_e4
        return self.since, self.until, Charged(self.here, self.elsewhere, later)
