"""The whole cycle of the demo operator, once, and what must be true of it afterwards."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest

from .conftest import CycleRun

DONE = "stage did nothing"


def test_every_stage_did_its_work(cycle: CycleRun) -> None:
    counts = {row["name"]: row["count"] for row in cycle.rows}
    assert counts["subscribers"] >= 60
    assert counts["call records received"] > counts["events loaded"] > 0
    assert counts["in suspense"] > 0, "the generated file holds bad rows on purpose"
    for name in ("events rated", "invoices", "invoice PDFs archived", "payments booked", "payments to decide"):
        assert counts[name] > 0, f"{name}: {DONE}"
    assert counts["e-invoices accepted by KSeF"] >= 5
    assert counts["collection cases"] >= counts["reminders by e-mail"] > 0
    assert counts["reminder letters"] > 0


def test_usage_is_rated_while_it_is_loaded_and_later(cycle: CycleRun) -> None:
    runs = cycle.env["bss.rating.run"].search([])
    at_once = runs.filtered("is_continuous")
    for some in (at_once, runs - at_once):
        assert sum(some.mapped("count_rated")) > 50
        assert sum(some.mapped("amount")) > 0
    assert set(at_once.mapped("state")) == {"done"}
    plain = cycle.env["product.product"].search([("default_code", "=", "MOB-MIN")])
    rated = cycle.env["bss.usage.event"].search([("service_id.product_id", "=", plain.id), ("state", "=", "rated")])
    assert rated.rating_run_id == at_once


def test_conservation_laws_hold(cycle: CycleRun) -> None:
    assert cycle.laws, "the demo printed no laws"
    broken = [law["text"] for law in cycle.laws if not law["holds"]]
    assert not broken, "\n".join(broken)
    with_figures = [law for law in cycle.fresh_laws() if law.left]
    assert len(with_figures) >= 10, "laws over empty tables prove nothing"


@contextmanager
def _undone(env: Any) -> Iterator[None]:
    try:
        yield
    finally:
        env.cr.rollback()
        env.invalidate_all()


@pytest.mark.parametrize(
    ("law", "harm"),
    [
        ("events stored = rows loaded", "DELETE FROM bss_usage_event WHERE id = (SELECT min(id) FROM bss_usage_event)"),
        (
            "sum of rated events = sum of usage charges (1e-4 PLN)",
            """UPDATE bss_usage_event SET amount_e4 = amount_e4 + 1
                WHERE id = (SELECT min(id) FROM bss_usage_event WHERE state = 'rated')""",
        ),
        (
            "sum of usage charges = sum of usage lines (net)",
            """UPDATE bss_charge SET amount = amount + 0.01
                WHERE id = (SELECT min(id) FROM bss_charge WHERE kind = 'usage' AND state = 'billed')""",
        ),
        (
            "sum of billed charges = net of invoices",
            """UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed - 0.01
                WHERE id = (SELECT min(id) FROM account_move WHERE bss_bill_run_id IS NOT NULL)""",
        ),
        (
            "sum of FA(3) P_15 = gross of invoices in KSeF",
            """UPDATE account_move SET amount_total_in_currency_signed = amount_total_in_currency_signed + 0.01
                WHERE id = (SELECT min(move_id) FROM bss_ksef_document WHERE state = 'accepted')""",
        ),
        (
            "credits in bank files = booked + to decide + rejected",
            """UPDATE bss_payment_match SET amount = amount + 0.01
                WHERE id = (SELECT min(id) FROM bss_payment_match WHERE state = 'booked' AND amount > 0)""",
        ),
        (
            "overdue receivables on {dunning_date} = sum of open cases",
            """UPDATE bss_dunning_case SET amount_overdue = amount_overdue + 0.01
                WHERE id = (SELECT min(id) FROM bss_dunning_case WHERE state <> 'closed')""",
        ),
    ],
)
def test_a_law_notices_a_grosz(cycle: CycleRun, law: str, harm: str) -> None:
    name = law.format(dunning_date=cycle.calendar.dunning_date)
    with _undone(cycle.env):
        cycle.env.cr.execute(harm)
        assert cycle.env.cr.rowcount == 1
        broken = {entry.name for entry in cycle.fresh_laws() if not entry.holds}
    assert name in broken


def test_billing_laws_hold_with_corrective_invoices(cycle: CycleRun) -> None:
    env, calendar = cycle.env, cycle.calendar
    laws = {
        "sum of billed charges = net of invoices",
        "no charge of a billed account left behind",
        "sum of receivable lines = gross of invoices",
        "sum of usage charges = sum of usage lines (net)",
    }
    with _undone(env):
        business = env["bss.ksef.document"].search([("state", "=", "accepted")]).move_id.bss_account_id[:1]
        accounts = business | env["account.move"].search([("bss_bill_run_id", "!=", False)]).bss_account_id[:3]
        accounts.contract_ids.filtered(lambda contract: contract.state == "active").action_terminate(
            calendar.invoice_date + timedelta(days=9), "moved away"
        )
        start = calendar.period_end + timedelta(days=1)
        run = env["bss.bill.run"].create(
            {
                "cycle_id": accounts.bill_cycle_id[:1].id,
                "date_start": start,
                "date_end": start + timedelta(days=27),
                "date_invoice": start,
            }
        )
        run._bss_collect()
        run._bss_issue()
        env.flush_all()
        assert run.refund_count >= len(accounts)
        assert "pending" not in accounts.charge_ids.mapped("state")
        refunds = run.item_ids.refund_ids.filtered(lambda move: move.bss_account_id == business)
        assert set(refunds.mapped("bss_ksef_state")) == {"to_send"}
        created = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
        for document in env["bss.ksef.document"]._bss_freeze(refunds, start, created):
            assert document.state == "queued", document.error_text
            assert document.move_id.reversed_entry_id.bss_ksef_number.encode() in base64.b64decode(document.xml)
        refunds._bss_ksef_set(state="to_send")
        found = {law.name: law for law in cycle.fresh_laws() if law.name in laws}
        assert found.keys() == laws
        assert not [str(law) for law in found.values() if not law.holds]


def test_everything_again_changes_nothing(cycle: CycleRun) -> None:
    env, before = cycle.env, cycle.counts()
    with _undone(env):
        env["bss.rating.run"].search([]).filtered(lambda run: run.state != "planned")[:1]._bss_rate()
        bill_run = env["bss.bill.run"].search([], limit=1)
        bill_run._bss_collect()
        bill_run._bss_issue()
        env["bss.dunning.run"].create({"as_of": cycle.calendar.dunning_date})._bss_run(cycle.calendar.dunning_date)
        env.flush_all()
        assert cycle.counts() == before
        assert not [str(law) for law in cycle.fresh_laws() if not law.holds]


def test_a_file_is_received_once(cycle: CycleRun) -> None:
    from odoo.exceptions import UserError

    env = cycle.env
    usage = env["bss.usage.file"].search([("state", "=", "loaded")], limit=1)
    statement = env["bss.bank.import"].search([("state", "=", "imported")], limit=1)
    with _undone(env):
        with pytest.raises(UserError):
            env["bss.usage.file"]._bss_receive(usage.source_id, "again.csv", usage.attachment_id.raw)
        with pytest.raises(UserError):
            env["bss.bank.import"]._bss_receive(statement.journal_id, "again.sta", statement.attachment_id.raw)


def test_invoice_pdf_says_what_the_invoice_says(cycle: CycleRun) -> None:
    env = cycle.env
    documents = env["bss.document"].search([("kind", "=", "invoice")])
    for document in random.Random(7).sample(list(documents), 5):
        move = env["account.move"].browse(document.res_id)
        pdf = pypdf.PdfReader(io.BytesIO(document.attachment_id.raw))
        text = "".join(page.extract_text() for page in pdf.pages)
        packed = "".join(text.split()).replace("\xa0", "")
        assert move.name in packed
        assert f"{move.amount_total:.2f}".replace(".", ",") in packed
        if move.bss_account_id.payment_way == "transfer":
            assert move.bss_account_id.payment_nrb in packed


def test_numbers_are_gapless(cycle: CycleRun) -> None:
    cycle.env.cr.execute(
        """SELECT count(*), count(DISTINCT sequence_number), max(sequence_number) - min(sequence_number) + 1
             FROM account_move WHERE bss_bill_run_id IS NOT NULL AND state = 'posted' GROUP BY sequence_prefix"""
    )
    series = cycle.env.cr.fetchall()
    assert series
    for total, distinct, span in series:
        assert total == distinct == span > 0


def test_business_invoices_carry_number_and_upo(cycle: CycleRun) -> None:
    accepted = cycle.env["bss.ksef.document"].search([("state", "=", "accepted")])
    assert accepted
    for document in accepted:
        assert len(document.ksef_number) == 35
        assert document.move_id.bss_ksef_number == document.ksef_number
        assert document.move_id.bss_ksef_qr_url.startswith("https://")
    assert all(session.state == "done" for session in accepted.session_id)
