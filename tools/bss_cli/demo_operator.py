"""Stages of the demo cycle before its month: the operator, his customers, their older bills and what was collected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from . import demo_accounts, demo_collections, demo_debtors, demo_history
from .demo_bank import DUE_DAYS
from .demo_stage import Stage, Stages


class OperatorStages(Stages):
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
