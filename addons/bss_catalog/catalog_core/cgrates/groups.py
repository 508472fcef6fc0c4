"""Rating plans of a set laid out: for each plan and destination the prices that may hold, with their timings and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .rows import DESTINATION_RATES, DESTINATIONS, RATING_PLANS, TIMINGS, Rows
from .timings import ALWAYS, Entry, Timing, TimingProblem, timing_of
from .values import ANY, DestinationRateRow, ImportProblem, PlanRow


@dataclass
class Group:
    """All prices of one destination in one plan (``line``: where the plan first names it).

    A broken one lacks something and must not be priced by the rest.
    """

    line: int
    entries: list[Entry] = field(default_factory=list)
    is_broken: bool = False


Groups = Mapping[tuple[str, str], Group]


def groups_of(rows: Rows) -> tuple[Groups, list[ImportProblem]]:
    """Groups by (plan, destination); a plan with a row that cannot be read or names nothing is broken as a whole."""
    layout = _Layout(rows)
    for row in rows.plans:
        layout.add(row)
    layout.break_unsure_plans()
    return layout.groups, layout.problems


class _Layout:
    def __init__(self, rows: Rows) -> None:
        self.groups: dict[tuple[str, str], Group] = {}
        self.problems: list[ImportProblem] = []
        self.broken = rows.broken
        self.unsure = set(rows.broken.get(RATING_PLANS, ()))
        self.destinations = {row.code for row in rows.destinations} | {ANY}
        self.timings = {row.code: row for row in rows.timings}
        self.rates_of: dict[str, list[DestinationRateRow]] = {}
        for row in rows.destination_rates:
            self.rates_of.setdefault(row.code, []).append(row)

    def add(self, row: PlanRow) -> None:
        found = self.rates_of.get(row.destination_rate, [])
        if not found or row.destination_rate in self.broken.get(DESTINATION_RATES, ()):
            self._tell(row.line, "DestinationRatesId", "UNKNOWN_DESTINATION_RATE", row.destination_rate)
            self.unsure.add(row.code)
        timing = self._timing(row)
        for one in found:
            group = self.groups.setdefault((row.code, one.destination), Group(row.line))
            if one.destination not in self.destinations | self.broken.get(DESTINATIONS, set()):
                problem = ImportProblem(
                    DESTINATION_RATES, one.line, "DestinationId", "UNKNOWN_DESTINATION", one.destination
                )
                self.problems.append(problem)
            if timing is None:
                group.is_broken = True
            else:
                group.entries.append(Entry(row.line, timing, row.weight, one))

    def break_unsure_plans(self) -> None:
        for (plan, _destination), group in self.groups.items():
            group.is_broken |= plan in self.unsure

    def _timing(self, row: PlanRow) -> Timing | None:
        if row.timing == ANY:
            return ALWAYS
        if row.timing not in self.timings:
            self._tell(row.line, "TimingTag", "UNKNOWN_TIMING", row.timing)
            return None
        timing = timing_of(self.timings[row.timing])
        if isinstance(timing, TimingProblem):
            line = self.timings[row.timing].line
            self.problems.append(ImportProblem(TIMINGS, line, timing.field, timing.code, timing.value))
            return None
        return timing

    def _tell(self, line: int, column: str, code: str, value: str) -> None:
        self.problems.append(ImportProblem(RATING_PLANS, line, column, code, value))
