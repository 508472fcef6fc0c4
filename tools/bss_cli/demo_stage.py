"""What all stages of the demo cycle share: its dates, the rows of its closing table, the company that it is played in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from . import demo_collections
from .demo_bank import DUE_DAYS

Progress = Callable[[str, int, int], None]

DAYS_TO_FIRST_REMINDER = 7
SEED = 20260101


@dataclass(frozen=True)
class Calendar:
    """Dates of the cycle: usage of one month is billed on the first day of the next one."""

    usage_start: date
    usage_end: date
    invoice_date: date
    period_end: date
    dunning_date: date

    @classmethod
    def before(cls, today: date) -> Calendar:
        """The latest cycle whose first reminder is already due ``today``, so that nothing lies in the future."""
        invoice = today.replace(day=1)
        while invoice + timedelta(days=DUE_DAYS + DAYS_TO_FIRST_REMINDER) > today:
            invoice = (invoice - timedelta(days=1)).replace(day=1)
        usage_end = invoice - timedelta(days=1)
        period_end = (invoice + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        dunning = invoice + timedelta(days=DUE_DAYS + DAYS_TO_FIRST_REMINDER)
        return cls(usage_end.replace(day=1), usage_end, invoice, period_end, dunning)


@dataclass(frozen=True)
class Stage:
    """A row of the closing table; ``amount`` in PLN, ``None`` where money makes no sense."""

    name: str
    count: int
    amount: Decimal | None = None
    note: str = ""


class Stages:
    """Base of the stages: an environment, the dates, the simulators; stages hand on what they made as attributes."""

    run_id: int

    def __init__(
        self, env: Any, progress: Progress, today: date, calls: int, ksef: Any, sms: Any, accounts: int = 0
    ) -> None:
        self.env = env(context=dict(env.context, queue_job__no_delay=True, tracking_disable=True))
        self.progress = progress
        self.calendar = Calendar.before(today)
        self.calls = calls
        self.accounts = accounts
        self.today = today
        self.ksef_simulator = ksef
        self.sms_simulator = sms
        self.collecting: demo_collections.Collecting | None = None

    @property
    def company(self) -> Any:
        return self.env.company

    def _bar(self, label: str) -> Callable[[int, int], None]:
        return lambda done, total: self.progress(label, done, total)
