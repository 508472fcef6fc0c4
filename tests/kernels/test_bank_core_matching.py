from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core import nrb
from bank_core.matching import (
    BOOK,
    IGNORE,
    PROPOSE,
    UNKNOWN,
    Document,
    Facts,
    Matcher,
    PayerUse,
    document_index,
    ksef_index,
    name_key,
    normalise,
    shape_of,
)
from bank_core.model import Transaction

PREFIX = "102055614444"
NRB_1, NRB_2 = (nrb.virtual_nrb(PREFIX, n).nrb for n in (101, 102))
KSEF = "5260250995-20260930-0A1B2C3D4E5F-AF"
PAYER = "38109010140000071219812900"
DOCUMENTS = (
    Document(11, 1, "FV/2026/09/000101", residual=4999),
    Document(12, 1, "FV/2026/10/000101"),
    Document(21, 2, "FV/2026/09/000102", KSEF, residual=6000),
    Document(22, 2, "FV/2026/09/0001022"),
    Document(31, 3, "FV/2026/09/000104", residual=4999),
    Document(32, 3, "210F1033"),
    Document(33, 3, "210F0995"),
    Document(34, 3, "7"),
)
DIRECTORY = Facts(
    virtual={NRB_1: 1, NRB_2: 2},
    prefixes=(PREFIX,),
    documents=document_index(DOCUMENTS),
    ksef=ksef_index(DOCUMENTS),
    account_numbers={"100000017": (1,), "100000025": (2,)},
    payers={
        PAYER: (PayerUse(2, 3, 739900),),
        "11109010140000071219812901": (PayerUse(1, 1, 739900), PayerUse(2, 1, 739900)),
    },
    names={name_key("Anna Nowak"): (3,), name_key("Jan Kowalski"): (1, 2)},
    open_documents={n: tuple(d for d in DOCUMENTS if d.account_id == n) for n in (1, 2, 3)},
)
MATCHER = Matcher(DIRECTORY)


def tx(title: str = "", key: str = "", amount: str = "49.99", mark: str = "C", **more: Any) -> Transaction:
    day = date(2026, 11, 21)
    value = Decimal(amount)
    return Transaction(1, 1, day, day, value, mark, "", "N240", "", "", "", title=title, payer_key=key, **more)


#: title, payer key, other fields -> decision, reason, account, documents
CASES: list[tuple[str, str, Mapping[str, str], str, str, int | None, tuple[int, ...]]] = [
    ("", "000000000101", {}, BOOK, "VIRTUAL_ACCOUNT", 1, (11,)),
    ("", "101", {}, BOOK, "VIRTUAL_ACCOUNT", 1, (11,)),
    ("", "4444000000000101", {}, BOOK, "VIRTUAL_ACCOUNT", 1, (11,)),
    ("", NRB_2, {}, BOOK, "VIRTUAL_ACCOUNT", 2, ()),
    ("FV/2026/09/000101", "101", {}, BOOK, "VIRTUAL_ACCOUNT", 1, (11,)),
    ("FV/2026/09/000102", "101", {}, BOOK, "VIRTUAL_ACCOUNT", 1, ()),
    ("", "999", {}, UNKNOWN, "UNKNOWN_VIRTUAL_ACCOUNT", None, ()),
    ("FV/2026/09/000101", "999", {}, PROPOSE, "UNKNOWN_VIRTUAL_ACCOUNT", 1, (11,)),
    ("", "46102055614444000000000816", {}, UNKNOWN, "DAMAGED_ACCOUNT_NUMBER", None, ()),
    ("NA 99 1020 5561 4444 0000 0000 0101", "", {}, UNKNOWN, "DAMAGED_ACCOUNT_IN_TITLE", None, ()),
    ("NA PL99102055614444000000000101", "", {}, UNKNOWN, "DAMAGED_ACCOUNT_IN_TITLE", None, ()),
    (f"1 NA {NRB_1}", "", {}, PROPOSE, "ACCOUNT_NUMBER", 1, ()),
    ("NA 99102055613333000000000101", "", {}, UNKNOWN, "NO_KEY", None, ()),
    ("NA 99102055614444000000000101 ZA FV/2026/09/000101", "", {}, PROPOSE, "DAMAGED_ACCOUNT_IN_TITLE", 1, (11,)),
    ("ZAPLATA FV/2026/09/000101 NET", "", {}, PROPOSE, "INVOICE_NUMBER", 1, (11,)),
    ("FV 2026 09 OO0104", "", {}, PROPOSE, "INVOICE_NUMBER", 3, (31,)),
    ("fv-2026-09-000101,fv.2026.10.000101", "", {}, BOOK, "INVOICE_NUMBER", 1, (11, 12)),
    ("FV/2026/09/0001022", "", {}, PROPOSE, "INVOICE_NUMBER", 2, (22,)),
    ("FV/2026/09/00010233", "", {}, UNKNOWN, "NO_KEY", None, ()),
    ("FV/2026/09/000101 FV/2026/09/000102", "", {}, UNKNOWN, "AMBIGUOUS", None, ()),
    ("ZAPL.FV-210F1033,210F0995 MINUS FV. KORYG.210FK24", "", {}, PROPOSE, "INVOICE_NUMBER", 3, (32, 33)),
    ("/VAT/9,35/IDC/5260250995/INV/FV/2026/09/000101/TXT/ZA NET", "", {}, PROPOSE, "INVOICE_NUMBER", 1, (11,)),
    (f"KSEF {KSEF} FV/2026/09/000101", "", {}, UNKNOWN, "AMBIGUOUS", None, ()),
    (KSEF.replace("-", " ").replace("0A1B", "OA1B"), "", {}, BOOK, "KSEF_NUMBER", 2, (21,)),
    ("klient 100000017", "", {}, BOOK, "ACCOUNT_NUMBER", 1, (11,)),
    ("klient 100000018", "", {}, UNKNOWN, "NO_KEY", None, ()),
    ("100000017 i 100000025", "", {}, UNKNOWN, "AMBIGUOUS", None, ()),
    ("za net", "", {"party_account": PAYER}, BOOK, "PAYER_ACCOUNT", 2, ()),
    ("za net", "", {"party_account": "11109010140000071219812901"}, PROPOSE, "PAYER_ACCOUNT", 1, ()),
    ("za net", "", {"party_name": "NOWAK ANNA"}, PROPOSE, "NAME_AND_AMOUNT", 3, ()),
    ("za net", "", {"party_name": "Kowalski Jan"}, PROPOSE, "NAME_AND_AMOUNT", 1, ()),
    ("7", "", {}, UNKNOWN, "NO_KEY", None, ()),
    ("", "", {}, UNKNOWN, "NO_KEY", None, ()),
]


@pytest.mark.parametrize(("title", "key", "more", "decision", "reason", "account", "documents"), CASES)
def test_cases(
    title: str,
    key: str,
    more: Mapping[str, str],
    decision: str,
    reason: str,
    account: int | None,
    documents: tuple[int, ...],
) -> None:
    found = MATCHER.match(tx(title, key, **more))
    assert (found.decision, found.reason, found.account_id, found.document_ids) == (
        decision,
        reason,
        account,
        documents,
    )
    assert (found.confidence >= 90) == (decision == BOOK)
    if decision in (BOOK, PROPOSE):
        assert found.candidates[0].account_id == account


@pytest.mark.parametrize(
    ("mark", "amount", "reason"),
    [
        ("D", "-1.00", "DEBIT"),
        ("RD", "1.00", "REVERSAL_OF_DEBIT"),
        ("C", "0.00", "ZERO_AMOUNT"),
    ],
)
def test_what_is_no_payment_is_left_alone(mark: str, amount: str, reason: str) -> None:
    found = MATCHER.match(tx("FV/2026/09/000101", "101", amount, mark))
    assert (found.decision, found.reason, found.account_id) == (IGNORE, reason, None)


def test_reversal_of_a_credit_is_proposed_to_the_account_that_paid() -> None:
    found = MATCHER.match(tx("FV/2026/09/000101", "101", "-9.00", "RC"))
    assert (found.decision, found.reason, found.account_id) == (PROPOSE, "REVERSAL_OF_CREDIT", 1)
    found = MATCHER.match(tx("STORNO", "", "-9.00", "RC"))
    assert (found.decision, found.reason, found.account_id) == (UNKNOWN, "REVERSAL_OF_CREDIT", None)


def test_one_key_two_pools() -> None:
    other = "102055615555"
    numbers = {NRB_1: 1, nrb.virtual_nrb(other, 101).nrb: 2}
    found = Matcher(replace(DIRECTORY, virtual=numbers, prefixes=(PREFIX, other))).match(tx(key="101"))
    assert (found.decision, found.reason, found.account_id) == (UNKNOWN, "AMBIGUOUS", None)
    assert [candidate.account_id for candidate in found.candidates] == [1, 2]


def test_the_same_invoice_number_of_two_accounts_never_books() -> None:
    twice = replace(DIRECTORY, documents=document_index((Document(1, 1, "FV/1/2026"), Document(2, 2, "FV/1/2026"))))
    found = Matcher(twice).match(tx("FV/1/2026"))
    assert (found.decision, found.reason) == (UNKNOWN, "AMBIGUOUS")


def test_normalise() -> None:
    assert normalise("Fv nr 2O26/09/OO1") == "FVNR202609001"
    assert normalise("Łódź ąęó-1l") == "LODZAEO11"
    assert name_key("Żółć, Łucja") == name_key("LUCJA ZOLC")


@given(title=st.text(max_size=200), key=st.text(alphabet="0123456789", max_size=27))
def test_any_title_gives_an_answer_with_a_reason(title: str, key: str) -> None:
    found = MATCHER.match(tx(title, key))
    assert found.reason
    assert (found.account_id is None) == (found.decision == UNKNOWN)
    if found.decision == BOOK:
        assert len({candidate.account_id for candidate in found.candidates}) == 1


@given(before=st.text(alphabet="abc ,.żł", max_size=20), after=st.text(alphabet="abc ,.żł", max_size=20))
def test_an_invoice_number_is_found_in_any_company(before: str, after: str) -> None:
    assert MATCHER.match(tx(f"{before} FV/2026/09/000101 {after}")).account_id == 1


@pytest.mark.parametrize(
    ("number", "kinds"),
    [
        ("FA/2026/10/00123", "L Y4 M2 D5"),
        ("FV/2026/000123", "L Y4 D6"),
        ("FV/2026/12", "L Y4 D2"),
        ("123/10/2026/FV", "D3 M2 Y4 L"),
        ("210F1033", "D3 L D4"),
        ("2026", "D4"),
    ],
)
def test_shape_of(number: str, kinds: str) -> None:
    parts = shape_of(number).parts
    assert " ".join(part.kind + (str(part.width) if part.width else "") for part in parts) == kinds
