"""The customer's own account number stands everywhere he is told where to pay."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from lxml import etree
from pypdf import PdfReader

from .conftest import CycleRun

SPACE = "{http://crd.gov.pl/wzor/2025/06/25/13775/}"


def _number(account: Any) -> str:
    number = account.virtual_account_ids.filtered("is_main").nrb
    assert len(number) == 26
    return str(number)


def test_e_invoices_ask_for_payment_on_the_virtual_account(cycle: CycleRun) -> None:
    documents = cycle.env["bss.ksef.document"].search([("move_id.move_type", "=", "out_invoice")], limit=40)
    told = 0
    for document in documents.filtered(lambda one: one.move_id.bss_account_id and one.xml):
        tree = etree.fromstring(base64.b64decode(document.with_context(bin_size=False).xml))
        path = "/".join(f"{SPACE}{step}" for step in ("Fa", "Platnosc", "RachunekBankowy", "NrRB"))
        assert tree.findtext(path) == _number(document.move_id.bss_account_id), document.move_id.name
        told += 1
    assert told


def test_letters_about_debts_ask_for_payment_on_the_virtual_account(cycle: CycleRun) -> None:
    actions = cycle.env["bss.dunning.action"].search([("document_id", "!=", False)], limit=5)
    assert actions
    for action in actions:
        pages = PdfReader(BytesIO(action.document_id._bss_content())).pages
        text = "".join("".join(page.extract_text().split()) for page in pages)
        assert _number(action.account_id) in text, action.document_id.name
