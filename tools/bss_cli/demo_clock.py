"""The clock of the demo's months before today: Odoo's now and today stand where a stage sets them.

A reminder of August must say August: its letter, its history and the terms that begin with it. Only what Odoo asks
through its fields is turned; jobs, sessions and PostgreSQL keep the real time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

POLAND = ZoneInfo("Europe/Warsaw")
MORNING = time(10)
_turned: list[datetime] = []  # naive UTC; empty: the real time


def install() -> None:
    """Before any addon is loaded: defaults of fields keep the function that they are given."""
    from odoo import fields

    real_now, real_today = fields.Datetime.now, fields.Date.today
    real_context_today = fields.Date.context_today

    def now(*_args: Any) -> datetime:
        return _turned[-1] if _turned else real_now()

    def today(*_args: Any) -> date:
        return _turned[-1].date() if _turned else real_today()

    def context_today(record: Any, timestamp: datetime | None = None) -> Any:
        return real_context_today(record, timestamp or (_turned[-1] if _turned else None))

    fields.Datetime.now = staticmethod(now)
    fields.Date.today = staticmethod(today)
    fields.Date.context_today = staticmethod(context_today)


@contextmanager
def turned(day: date, at: time = MORNING) -> Iterator[None]:
    """It is ``at`` in Poland of this day; without :func:`install` nothing turns and the caller is told."""
    from odoo import fields

    instant = datetime.combine(day, at, POLAND).astimezone(UTC).replace(tzinfo=None)
    _turned.append(instant)
    try:
        if fields.Datetime.now() != instant:
            raise RuntimeError("demo_clock.install() was not called before the addons were loaded")
        yield
    finally:
        _turned.pop()
