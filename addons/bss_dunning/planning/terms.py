"""What is the same for all cases of a company on one day, each read once and only when it is asked for."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from .. import adapters
from ..dunning_core.law.limitation import limitation_bar


class Terms:
    """Calendar, law and strategies as of a day; days already worked out are remembered."""

    def __init__(self, env, as_of: date, closed_on: date | None = None) -> None:
        self._env = env
        self.as_of = as_of
        self.closed_on = closed_on or as_of
        self._shifted: dict[date, date] = {}
        self._bars: dict[date, str] = {}
        self._overdue_by: dict[date, date] = {}
        self._strategies = {}

    @cached_property
    def calendar(self):
        return adapters.free_days(self._env)

    @cached_property
    def chain(self):
        return adapters.chain_terms(self._env, self.as_of)

    @cached_property
    def cutoff(self):
        """Documents due by this day are overdue: a term that ends on a free day moves on."""
        return self.overdue_by(self.as_of)

    @cached_property
    def _limitation(self):
        return adapters.limitation_terms(self._env)

    def strategy(self, strategy_id):
        """Kernel ladder of a strategy record."""
        if strategy_id not in self._strategies:
            record = self._env["bss.dunning.strategy"].sudo().browse(strategy_id)
            self._strategies[strategy_id] = adapters.strategy_data(record)
        return self._strategies[strategy_id]

    def overdue_by(self, day):
        """Last agreed due date that is overdue on a day."""
        if day not in self._overdue_by:
            self._overdue_by[day] = self.calendar.last_working_day_before(day)
        return self._overdue_by[day]

    def shift(self, day):
        if day not in self._shifted:
            self._shifted[day] = self.calendar.shift(day)
        return self._shifted[day]

    def limitation_bar(self, due):
        """Code of why a consumer must not be asked for a claim that fell due on this day, or an empty text."""
        if due not in self._bars:
            self._bars[due] = limitation_bar(due, self.as_of, self._limitation)
        return self._bars[due]
