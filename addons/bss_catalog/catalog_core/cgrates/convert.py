"""A whole set of CGRateS tariff plan files to zones, bands, plans and rates of this catalogue.

What cannot be said here exactly is left out and reported, never guessed: its numbers have no price, so their usage waits in
suspense instead of being priced wrong. Times are read as wall clock in Warsaw, dates of activation as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..time_bands import HOLIDAY, Band
from .groups import Group, Groups, groups_of
from .prices import Prices
from .rows import RATING_PLANS, RATING_PROFILES, Rows, read
from .timings import bands_of, clash, filler
from .values import (
    WARNING,
    Assignment,
    ImportedPlan,
    ImportedRate,
    ImportedTariff,
    ImportProblem,
)
from .zones import Partition, partition

# what the categories of CGRateS mean, unless the operator says otherwise
USAGE_OF_CATEGORY = {"call": "voice", "sms": "sms", "mms": "mms", "data": "data"}


def convert(files: Mapping[str, bytes], usage_of_category: Mapping[str, str] = USAGE_OF_CATEGORY) -> ImportedTariff:
    """:param files: content by file name (``Rates.csv`` …); :param usage_of_category: our usage kind of each category."""
    rows = read(files)
    return _Conversion(rows, usage_of_category).result()


class _Conversion:
    def __init__(self, rows: Rows, usage_of_category: Mapping[str, str]) -> None:
        self.rows = rows
        self.usage_of = usage_of_category
        self.problems = rows.problems
        self.weights = {weight: rank for rank, weight in enumerate(sorted({row.weight for row in rows.plans}))}
        self.bands: dict[Band, str] = {}
        self.prices = Prices(rows)

    def result(self) -> ImportedTariff:
        groups, found = groups_of(self.rows)
        self.problems += found
        assignments = self._assignments()
        kinds: dict[str, set[str]] = {}
        for one in assignments:
            kinds.setdefault(one.plan, set()).add(one.usage_kind)
        plans = sorted({row.code for row in self.rows.plans})
        for plan in plans:
            if plan not in kinds:
                line = next(row.line for row in self.rows.plans if row.code == plan)
                self._tell(RATING_PLANS, line, "Id", "PLAN_UNUSED", plan)
        priced = {plan: frozenset(dest for owner, dest in groups if owner == plan) for plan in plans if plan in kinds}
        parts = partition(self.rows.destinations, priced)
        self._tell_shared(parts)
        made = tuple(self._plan(plan, sorted(kinds[plan]), groups, parts) for plan in sorted(priced))
        bands = tuple(replace(band, code=code) for band, code in self.bands.items())
        unique = dict.fromkeys([*self.problems, *self.prices.problems])
        problems = tuple(sorted(unique, key=lambda one: (one.file, one.line, one.code)))
        return ImportedTariff(parts.zones, bands, made, tuple(assignments), problems)

    def _tell_shared(self, parts: Partition) -> None:
        for one in parts.shared:
            line = next(row.line for row in self.rows.plans if row.code == one.plan)
            value = ", ".join(one.destinations)
            params = {"prefix": one.prefix, "plan": one.plan}
            self._tell(RATING_PLANS, line, "DestinationRatesId", "DESTINATIONS_SHARE_PREFIX", value, params=params)

    def _tell(
        self, file: str, line: int, field: str, code: str, value: str, severity: str = "error",
        params: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.problems.append(ImportProblem(file, line, field, code, value, severity, tuple((params or {}).items())))

    # --- profiles

    def _assignments(self) -> list[Assignment]:
        known = {row.code for row in self.rows.plans}
        found = []
        for row in self.rows.profiles:
            kind = self.usage_of.get(row.category)
            if kind is None:
                self._tell(RATING_PROFILES, row.line, "Category", "UNKNOWN_CATEGORY", row.category)
            elif row.plan not in known:
                self._tell(RATING_PROFILES, row.line, "RatingPlanId", "UNKNOWN_PLAN", row.plan)
            else:
                if row.fallback:
                    self._tell(
                        RATING_PROFILES, row.line, "RatesFallbackSubject", "FALLBACK_SUBJECT", row.fallback, WARNING
                    )
                found.append(Assignment(row.tenant, row.category, kind, row.subject, row.active_from, row.plan))
        return found

    # --- plans

    def _plan(self, plan: str, kinds: Iterable[str], groups: Groups, parts: Partition) -> ImportedPlan:
        rates: list[ImportedRate] = []
        for kind in kinds:
            rates_of: dict[str, list[ImportedRate]] = {}
            for (owner, destination), group in groups.items():
                if owner == plan:
                    rates_of[destination] = self._group(group, kind)
                    if not rates_of[destination]:
                        self._tell(RATING_PLANS, group.line, "DestinationRatesId", "NOT_PRICED", destination)
            for zone in parts.zones:
                nearest = parts.destination_of.get((plan, zone.code), "")
                rates += [replace(rate, zone=zone.code) for rate in rates_of.get(nearest, ())]
        return ImportedPlan(plan, tuple(rates))

    def _group(self, group: Group, kind: str) -> list[ImportedRate]:
        """Rates of one destination in one plan; none as soon as one of them cannot be said, or half of it would be wrong."""
        if group.is_broken:
            return []
        twice = clash(group.entries)
        if twice:
            self._tell(RATING_PLANS, twice.line, "TimingTag", "TIMING_TWICE", twice.timing.code)
            return []
        fill = filler(group.entries)
        made: list[ImportedRate] = []
        complete = True
        for entry in group.entries:
            price = self.prices.of(entry.price, kind)
            if price is None:
                complete = False
            elif entry is fill:
                made.append(price)
            elif fill and entry.weight < fill.weight:
                self._tell(RATING_PLANS, entry.line, "Weight", "TIMING_HIDDEN", entry.timing.code, WARNING)
            else:
                bands = bands_of(entry, group.entries, self.weights)
                if any(HOLIDAY not in band.days for band in bands):
                    self._tell(RATING_PLANS, entry.line, "TimingTag", "HOLIDAYS_OPEN", entry.timing.code, WARNING)
                made += [replace(price, band=self._code(band)) for band in bands]
        return made if complete else []

    def _code(self, band: Band) -> str:
        """The timing's own code for its first band, "PEAK/2" for one that ends elsewhere or has another weight."""
        if band not in self.bands:
            number = 1 + sum(other.code == band.code for other in self.bands)
            self.bands[band] = band.code if number == 1 else f"{band.code}/{number}"
        return self.bands[band]
