"""What the bill runs of the cycle say to the national e-invoicing system."""

from __future__ import annotations

import base64
from typing import Any

from lxml import etree

from .conftest import CycleRun
from .test_cycle import _undone

SPACE = "{http://crd.gov.pl/wzor/2025/06/25/13775/}"


def _accepted(cycle: CycleRun) -> Any:
    accepted = cycle.env["bss.ksef.document"].search([("state", "=", "accepted")])
    assert accepted
    return accepted


def _tree(document: Any) -> etree._Element:
    return etree.fromstring(base64.b64decode(document.with_context(bin_size=False).xml))


def _text(node: etree._Element, *path: str) -> str | None:
    return node.findtext("/".join(f"{SPACE}{step}" for step in path))


def test_invoices_went_online_on_their_own_day(cycle: CycleRun) -> None:
    for document in _accepted(cycle):
        assert (document.invoicing_mode, document.move_id.bss_ksef_mode, document.late) == ("online", "online", False)
        assert document.ksef_number[11:19] == f"{cycle.calendar.invoice_date:%Y%m%d}"


def test_the_school_of_the_municipality_is_named(cycle: CycleRun) -> None:
    marked = _accepted(cycle).filtered(lambda document: document.partner_id.bss_ksef_jst)
    assert marked
    for tree in map(_tree, marked):
        assert _text(tree, "Podmiot2", "JST") == "1"
        assert _text(tree, "Podmiot3", "DaneIdentyfikacyjne", "Nazwa") == "Szkoła Podstawowa nr 1"
        assert _text(tree, "Podmiot3", "Rola") == "8"


def test_the_period_is_that_of_the_run_and_earlier_usage_carries_its_own_date(cycle: CycleRun) -> None:
    """OkresFa is the month of the run; usage of the month before says P_6A, so that no line contradicts the period."""
    moves = cycle.env["account.move"]
    assert "bss_date_start" in moves._fields, "bss_contracts is part of the cycle"
    calendar, usage_lines = cycle.calendar, 0
    for document in _accepted(cycle).filtered(
        lambda d: d.move_id.bss_bill_run_id and d.move_id.move_type == "out_invoice"
    ):
        tree, move = _tree(document), document.move_id
        period = (_text(tree, "Fa", "OkresFa", "P_6_Od"), _text(tree, "Fa", "OkresFa", "P_6_Do"))
        assert period == (calendar.invoice_date.isoformat(), calendar.period_end.isoformat()), move.name
        rows = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        rows = rows.sorted(lambda line: (line.sequence, line.id))
        written = tree.findall(f"{SPACE}Fa/{SPACE}FaWiersz")
        assert len(written) == len(rows)
        for line, row in zip(rows, written, strict=True):
            earlier = line.bss_date_end and line.bss_date_end < calendar.invoice_date
            assert _text(row, "P_6A") == (line.bss_date_end.isoformat() if earlier else None), (move.name, line.name)
            if line.bss_charge_id.kind == "usage":
                usage_lines += 1
                assert _text(row, "P_6A") == calendar.usage_end.isoformat(), (move.name, line.name)
    assert usage_lines, "no business subscriber made a paid call"


def test_a_credit_note_of_a_bill_run_invoice_corrects_it_by_its_number(cycle: CycleRun) -> None:
    from odoo.addons.bss_ksef import adapters
    from odoo.addons.bss_ksef.ksef_core import fa3

    original = _accepted(cycle).move_id.filtered(lambda m: m.bss_bill_run_id and m.move_type == "out_invoice")[:1]
    with _undone(cycle.env):
        refund = original._reverse_moves([{"invoice_date": cycle.calendar.period_end, "ref": "Reklamacja"}])
        refund._post(soft=False)
        assert refund.bss_ksef_state == "to_send"
        ((_move, invoice),) = adapters.invoices(refund, cycle.env["bss.ksef.session"]._bss_now())
        frozen = fa3.freeze(invoice, cycle.calendar.period_end)
        assert isinstance(frozen, fa3.Frozen), frozen
        tree = etree.fromstring(frozen.xml)
        assert _text(tree, "Fa", "RodzajFaktury") == "KOR"
        assert _text(tree, "Fa", "DaneFaKorygowanej", "NrKSeFFaKorygowanej") == original.bss_ksef_number
        assert _text(tree, "Fa", "DaneFaKorygowanej", "NrFaKorygowanej") == original.name
        assert _text(tree, "Fa", "P_15") == f"-{original.amount_total:.2f}"
