"""Stages of the demo cycle from charges to money: bill run, e-invoices, documents, a bank statement."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from . import demo_bank
from .demo_stage import Stage, Stages

SHARE_PAID = 0.72


class BillStages(Stages):
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

    def documents(self) -> Iterator[Stage]:
        """The images of the invoices; after KSeF, so that they carry its number and QR code."""
        moves = self._invoices()
        for start in range(0, len(moves), 100):
            batch = moves[start : start + 100]
            batch._bss_archive_invoices()
            self.progress("PDF", start + len(batch), len(moves))
        yield Stage("invoice PDFs archived", self.env["bss.document"].search_count([("kind", "=", "invoice")]))

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
