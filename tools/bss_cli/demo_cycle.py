"""One whole billing cycle of the demo operator, through the addons' own models.

It runs inside an Odoo environment (``./bss demo`` and ``tests/e2e`` call it). Every stage does what a user would do on
the screens: receive a usage file, rate the period, collect and issue a bill run, send to KSeF, import a bank statement,
run the collection. The outside world is played by the simulators of ``tests/simulators``: a PBX that writes an
Asterisk ``Master.csv``, the national e-invoicing system over HTTP, and a bank that writes MT940.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from . import demo_collections, ksef_sim
from .conservation import Law, laws
from .demo_bank import DUE_DAYS
from .demo_bills import BillStages
from .demo_operator import OperatorStages
from .demo_stage import Calendar, Progress, Stage
from .demo_usage import UsageStages
from .paths import ROOT


class Cycle(OperatorStages, UsageStages, BillStages):
    """The stages in order; each commits, so a stage that fails leaves the ones before it to be looked at."""

    def stages(self, until: str = "") -> Iterator[Stage]:
        """:param until: name of the last step; "" for all."""
        steps = self._steps()
        names = [step.__name__ for step in steps]
        if until and until not in names:
            raise ValueError(f"there is no stage {until}; the stages are {', '.join(names)}")
        for step in steps[: names.index(until) + 1] if until else steps:
            yield from step()
            self.env.cr.commit()
            self.env.invalidate_all()

    def _steps(self) -> tuple[Callable[[], Iterator[Stage]], ...]:
        return (
            self.operator,
            self.past,
            self.usage,
            self.rating,
            self.preview,
            self.billing,
            self.ksef,
            self.documents,
            self.payments,
            self.collections,
            self.dunning,
            self.desk,
        )

    # --- collection --------------------------------------------------------------------------------------------------
    def collections(self) -> Iterator[Stage]:
        """The weeks between the bills of the cycle and its dunning run."""
        if self.collecting is None:
            return
        # up to the day before the first reminders of the cycle, which its own run sends
        last = self.calendar.invoice_date + timedelta(days=DUE_DAYS + 2)
        self.collecting.work(self.calendar.invoice_date, last, self._bar("collections"))
        yield from ()

    def dunning(self) -> Iterator[Stage]:
        run = self.env["bss.dunning.run"].create({"as_of": self.calendar.dunning_date})
        run._bss_run(self.calendar.dunning_date, progress=self._bar("collection"))
        cases = self.env["bss.dunning.case"].search([("state", "!=", "closed")])
        total = sum((Decimal(str(case.amount_overdue)) for case in cases), Decimal(0))
        yield Stage("collection cases", len(cases), total)
        letters = run.action_ids.document_id.filtered(lambda document: document.kind == "reminder")
        yield Stage("reminders by e-mail", len(run.action_ids.filtered("mail_id")))
        yield Stage("reminder letters", len(letters))

    def desk(self) -> Iterator[Stage]:
        """What lies on the desks this morning."""
        if self.collecting is not None:
            self.collecting.desk.this_morning(self.today)
            actions = self.env["bss.dunning.action"]
            yield Stage("steps of collection taken", actions.search_count([("state", "=", "done")]))
            waiting = [("state", "=", "planned"), ("by_hand", "=", True)]
            yield Stage("steps for people", actions.search_count(waiting))

    # --- proof --------------------------------------------------------------------------------------------------
    def laws(self) -> list[Law]:
        self.env.flush_all()
        return laws(self.env.cr, self.calendar.dunning_date.isoformat())


def ksef_time(calendar: Calendar) -> datetime:
    """Noon of the invoice date: an invoice that comes to KSeF later than on its own day is marked Offline."""
    return datetime.combine(calendar.invoice_date, time(12), ZoneInfo("Europe/Warsaw"))


@contextmanager
def simulators_importable() -> Iterator[None]:
    """The simulators live under ``tests``; they are part of a checkout, not of the product."""
    folder = str(ROOT / "tests")
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def run(
    env: Any, progress: Progress, today: date, calls: int = 20_000, accounts: int = 0, until: str = ""
) -> tuple[list[Stage], list[Law]]:
    """Run the whole cycle on an installed, empty database.

    :param today: the clock of the cycle; no stage uses a later date.
    :param calls: rows of the generated usage file.
    :param accounts: billing accounts to grow the base to; 0 for the small one.
    :param until: name of the last stage; "" for the whole cycle.
    :return: the rows of the closing table and the conservation laws, which the caller prints or asserts.
    """
    with simulators_importable():
        from simulators.ksef import KsefSimulator
        from simulators.sms import SmsApiSimulator

        with (
            KsefSimulator(clock=lambda: ksef_time(Calendar.before(today))) as ksef,
            SmsApiSimulator(demo_collections.SMS_TOKEN) as sms,
        ):
            cycle = Cycle(env, progress, today, calls, ksef, sms, accounts)
            stages = list(cycle.stages(until))
        demo_collections.hang_up(cycle.env)
        cycle.company.write({"bss_ksef_base_url": ksef_sim.DEMO_URL, "bss_ksef_token": ksef_sim.DEMO_TOKEN})
        # they hold for a whole cycle
        return stages, cycle.laws() if until in ("", "dunning", "desk") else []
