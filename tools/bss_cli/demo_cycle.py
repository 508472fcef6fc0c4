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
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from . import demo_accounts, demo_bank, demo_collections, demo_debtors, demo_history, ksef_sim
from .conservation import Law, laws
from .demo_bank import DUE_DAYS
from .paths import ROOT

Progress = Callable[[str, int, int], None]

DAYS_TO_FIRST_REMINDER = 7
SEED = 20260101
MOBILE_HEAD = "48730900"  # numbers of the demo operator's mobile services
TRAVELLERS = 6
SHARE_PAID = 0.72
SAMPLE_CDR = ROOT / "tests/data/cdr/asterisk/smallcdr.csv"


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


class Cycle:
    """The stages in order; each commits, so a stage that fails leaves the ones before it to be looked at."""

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

    def _bar(self, label: str) -> Callable[[int, int], None]:
        return lambda done, total: self.progress(label, done, total)

    # --- the operator -------------------------------------------------------------------------------------------
    def operator(self) -> Iterator[Stage]:
        self.progress("operator", 0, 1)
        self.env["bss.demo"].load(self.calendar.invoice_date)
        self.progress("operator", 1, 1)
        if self.accounts:
            yield from self._grow()
        else:
            yield from self._live()
        self._configure_ksef()
        yield Stage("subscribers", self.env["bss.account"].search_count([]))
        yield Stage("services", self.env["bss.service"].search_count([("state", "=", "active")]))

    def _grow(self) -> Iterator[Stage]:
        """A base of a real operator, with the bills of the months before: they are older than his use of KSeF."""
        demo_accounts.grow(self.env, self.accounts, self.calendar.invoice_date)
        self.env.cr.commit()
        for start, issued, amount in demo_history.bills(self.env, self.calendar.invoice_date, self._bar):
            yield Stage(f"invoices of {start:%Y-%m}", issued, amount, "all paid but the usual few")

    def _live(self) -> Iterator[Stage]:
        """The bills of the months before for the small base; who pays them late is dunned in the stages to come."""
        starts = demo_history.first_days(self.calendar.invoice_date, demo_debtors.MONTHS)
        debtors = demo_debtors.Debtors.choose(self.env, starts[0])

        def late(move: Any) -> bool:
            return debtors.is_late(move.bss_account_id, starts.index(move.invoice_date))

        bills = demo_history.bills(self.env, self.calendar.invoice_date, self._bar, demo_debtors.MONTHS, late)
        for start, issued, amount in bills:
            yield Stage(f"invoices of {start:%Y-%m}", issued, amount)
        self.collecting = demo_collections.Collecting(self.env, debtors, self.calendar.dunning_date, self.sms_simulator)
        demo_collections.prepare(self.env, debtors, starts[0], self.sms_simulator)

    def _configure_ksef(self) -> None:
        nip = self.company._bss_ksef_nip()
        self.company.write(
            {
                "bss_ksef_enabled": True,
                "bss_ksef_environment": "local",
                "bss_ksef_base_url": self.ksef_simulator.base_url,
                "bss_ksef_auth": "token",
                "bss_ksef_token": self.ksef_simulator.issue_token(nip),
            }
        )

        self._mark_local_government()

    def _mark_local_government(self) -> None:
        """A school of the municipality gets its invoices: buyer is the municipality, the school is Podmiot3 (JST)."""
        municipality = self.env["res.partner"].search([("bss_customer_kind", "=", "public")], order="id", limit=1)
        municipality.bss_ksef_jst = True
        self.env["res.partner"].create(
            {
                "name": "Szkoła Podstawowa nr 1",
                "type": "delivery",
                "parent_id": municipality.id,
                "street": "ul. Szkolna 4",
                "zip": municipality.zip,
                "city": municipality.city,
                "country_id": municipality.country_id.id,
                "bss_ksef_internal_id": f"{municipality.vat.removeprefix('PL')}-00001",
            }
        )

    # --- the months before ---------------------------------------------------------------------------------------
    def past(self) -> Iterator[Stage]:
        """What was collected before the cycle: reminders, calls, notices, blocks, promises, complaints, payments."""
        if self.collecting is None:
            return
        first = demo_history.first_days(self.calendar.invoice_date, demo_debtors.MONTHS)[0]
        self.collecting.work(
            first + timedelta(days=DUE_DAYS + 1),
            self.calendar.invoice_date - timedelta(days=1),
            self._bar("past months"),
        )
        closed = self.env["bss.dunning.case"].search_count([("state", "=", "closed")])
        yield Stage("debts recovered before", closed)

    # --- usage --------------------------------------------------------------------------------------------------
    def _subscriber_numbers(self) -> list[str]:
        identifiers = self.env["bss.service.identifier"].search(
            [
                ("kind", "=", "msisdn"),
                ("service_id.state", "=", "active"),
                ("date_start", "<=", self.calendar.usage_start),
            ],
            order="value",
        )
        return identifiers.mapped("value")

    def usage(self) -> Iterator[Stage]:
        from odoo.addons.bss_mediation.mediation_core.generator import generate_master_csv

        source = self.env.ref("bss_mediation.demo_source", raise_if_not_found=False) or self.env[
            "bss.usage.source"
        ].search([], limit=1)
        content = generate_master_csv(
            self._subscriber_numbers(), self.calls, self.calendar.usage_start, self.calendar.usage_end, SEED
        )
        month = f"{self.calendar.usage_start:%Y-%m}"
        files = self.env["bss.usage.file"]
        received_files = [(source, f"Master-{month}.csv", content), (source, "pbx-sample.csv", SAMPLE_CDR.read_bytes())]
        partner = self.env.ref("bss_mediation.demo_roaming_source", raise_if_not_found=False)
        if partner:
            received_files.append((partner, f"roaming-{month}.csv", self._roaming_file()))
        for owner, name, data in received_files:
            received = files._bss_receive(owner, name, data)
            received._bss_load(progress=self._bar("usage files"))
            self.env.cr.commit()
            files |= received
        yield Stage("call records received", sum(files.mapped("count_rows")), note=f"{len(files)} files")
        yield Stage("events loaded", sum(files.mapped("count_loaded")))
        yield Stage(
            "in suspense",
            sum(files.mapped("count_suspended")),
            note=f"duplicates {sum(files.mapped('count_duplicate'))}, unanswered {sum(files.mapped('count_ignored'))}",
        )

    def _roaming_file(self) -> bytes:
        from odoo.addons.bss_mediation.mediation_core.roaming_sample import roaming_rows

        mobile = [number for number in self._subscriber_numbers() if number.startswith(MOBILE_HEAD)]
        return roaming_rows(mobile[:TRAVELLERS], self.calendar.usage_start, self.calendar.usage_end, SEED)

    # --- rating -------------------------------------------------------------------------------------------------
    def rating(self) -> Iterator[Stage]:
        run = self.env["bss.rating.run"].create(
            {"date_start": self.calendar.usage_start, "date_end": self.calendar.usage_end}
        )
        run._bss_rate(progress=self._bar("rating"))
        at_once = self.env["bss.rating.run"].search([("is_continuous", "=", True)])
        runs = run | at_once
        for one in runs:
            one._bss_make_charges()
        total = sum((Decimal(str(one.amount)) for one in runs), Decimal(0))
        note = f"free {sum(runs.mapped('count_free'))}, when they were loaded {sum(at_once.mapped('count_events'))}"
        yield Stage("events rated", sum(runs.mapped("count_rated")), total, note)

    # --- bill run -----------------------------------------------------------------------------------------------
    def preview(self) -> Iterator[Stage]:
        run = self.env["bss.bill.run"].create(
            {
                "cycle_id": self.env["bss.bill.cycle"].search([], limit=1).id,
                "date_start": self.calendar.invoice_date,
                "date_end": self.calendar.period_end,
                "date_invoice": self.calendar.invoice_date,
            }
        )
        self.run_id = run.id
        run._bss_collect(progress=self._bar("charges"))
        yield Stage("charges to bill", run.charge_count, Decimal(str(run.amount_charges)))

    def billing(self) -> Iterator[Stage]:
        run = self.env["bss.bill.run"].browse(self.run_id)
        self.progress("invoices", 0, run.item_count)
        run._bss_issue(progress=self._bar("invoices"))
        yield Stage("invoices", run.issued_count, Decimal(str(run.amount_total)), f"errors {run.error_count}")

    # --- KSeF ---------------------------------------------------------------------------------------------------
    def ksef(self) -> Iterator[Stage]:
        moves = self.env["account.move"].search([("bss_ksef_state", "=", "to_send")])
        self.progress("KSeF", 0, len(moves))
        self.env["bss.ksef.session"]._bss_send_batch(
            self.company, moves=moves, progress=self._bar("KSeF"), as_of=self.calendar.invoice_date
        )
        accepted = self.env["bss.ksef.document"].search([("state", "=", "accepted")])
        rejected = self.env["account.move"].search_count([("bss_ksef_state", "=", "rejected")])
        total = sum((Decimal(str(m.amount_total)) for m in accepted.move_id), Decimal(0))
        yield Stage("e-invoices accepted by KSeF", len(accepted), total, f"to fix {rejected}")

    # --- documents ----------------------------------------------------------------------------------------------
    def documents(self) -> Iterator[Stage]:
        """The images of the invoices; after KSeF, so that they carry its number and QR code."""
        moves = self._invoices()
        for start in range(0, len(moves), 100):
            batch = moves[start : start + 100]
            batch._bss_archive_invoices()
            self.progress("PDF", start + len(batch), len(moves))
        yield Stage("invoice PDFs archived", self.env["bss.document"].search_count([("kind", "=", "invoice")]))

    # --- money in -----------------------------------------------------------------------------------------------
    def payments(self) -> Iterator[Stage]:
        pool = self.env["bss.virtual.account.pool"].search([("company_id", "=", self.company.id)], limit=1)
        invoices = self._invoices()
        if self.collecting is not None:
            others = set(self.collecting.debtors.not_in_statement())
            invoices = invoices.filtered(lambda move: move.bss_account_id.id not in others)
        content = demo_bank.statement(pool, invoices, SHARE_PAID)
        imported = self.env["bss.bank.import"]._bss_receive(pool.journal_id, "MT940-demo.sta", content)
        imported._bss_import(progress=self._bar("payments"))
        matches = self.env["bss.payment.match"]
        for label, states in (("payments booked", ["booked"]), ("payments to decide", ["proposed", "unallocated"])):
            found = matches.search([("import_id", "=", imported.id), ("state", "in", states)])
            yield Stage(label, len(found), sum((Decimal(str(m.amount)) for m in found), Decimal(0)))

    def _invoices(self) -> Any:
        """Those of the bill run of this cycle, as they were made."""
        return self.env["account.move"].search(
            [("bss_bill_run_id", "=", self.run_id), ("state", "=", "posted")], order="id"
        )

    # --- collection ---------------------------------------------------------------------------------------------
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
