"""What is the same for all cases of a company on one day, each read once and only when it is asked for."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from .. import adapters
from ..dunning_core.law.limitation import limitation_bar
from .memo import Memo


class Terms:
    """Calendar, law and strategies as of a day; days already worked out are remembered."""

    def __init__(self, env, as_of: date, closed_on: date | None = None) -> None:
        self._env = env
        self.as_of = as_of
        self.closed_on = closed_on or as_of
        self.strategies = Memo(self._strategy)

    @cached_property
    def calendar(self):
        return adapters.free_days(self._env)

    @cached_property
    def chain(self):
        return adapters.chain_terms(self._env, self.as_of)

    @cached_property
    def cutoff(self):
        """Documents due by this day are overdue: a term that ends on a free day moves on."""
        return self.overdue_by[self.as_of]

    @cached_property
    def overdue_by(self):
        """{day: last agreed due date that is overdue on it}"""
        return Memo(self.calendar.last_working_day_before)

    @cached_property
    def shifted(self):
        """{due date: the day on which its term ends}"""
        return Memo(self.calendar.shift)

    @cached_property
    def bars(self):
        """{due date: code of why a consumer must not be asked for what fell due then, or an empty text}"""
        limitation = adapters.limitation_terms(self._env)
        return Memo(lambda due: limitation_bar(due, self.as_of, limitation))

    def _strategy(self, strategy_id):
        """Kernel ladder of a strategy record."""
        return adapters.strategy_data(self._env["bss.dunning.strategy"].sudo().browse(strategy_id))
