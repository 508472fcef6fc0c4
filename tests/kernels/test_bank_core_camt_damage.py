"""camt: what is wrong in an entry or a file is told, and its neighbours are read."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from camt_writer import OWN, VIRTUAL, balance, codes, detail, entry, message, only, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_core import formats
from bank_core.formats import camt
from bank_core.model import Severity, Transaction, Unreadable

DATA = Path(__file__).parent.parent / "data" / "bank"


@pytest.mark.parametrize(
    "parts",
    [
        detail("4.00") + detail("5.00"),
        detail("4.00") + detail(),
        detail("5.00") + detail("5.00", currency="EUR"),
        detail("5.00") + detail("5.001"),
        detail("10.00", "DBIT") + detail("20.00", "DBIT"),
    ],
)
def test_details_that_do_not_add_up_are_not_believed(parts: str) -> None:
    (tx,) = read(message(entry("10.00", "CRDT", parts))).transactions
    assert (tx.amount, tx.party_name, tx.payer_key) == (Decimal("10.00"), "", "")
    (problem,) = tx.problems
    assert (problem.code, problem.params["amount"], problem.line) == ("DETAILS_SUM", "10.00", 3)


def test_own_account_is_no_payer_key_and_a_damaged_number_is_told() -> None:
    creditor = "<RltdPties><CdtrAcct><Id><IBAN>PL{}</IBAN></Id></CdtrAcct></RltdPties>"
    assert only(entry(details=detail(inner=creditor.format(OWN)))).payer_key == ""
    tx = only(entry(details=detail(inner=creditor.format(VIRTUAL[:-1] + "2"))))
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["NRB_CHECK_DIGITS"])


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (("10.00</Amt>", "10.005</Amt>"), "AMOUNT_DECIMALS", "Amt"),
        (("10.00</Amt>", "-10.00</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("10.00</Amt>", "10,00</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("10.00</Amt>", "</Amt>"), "AMOUNT_UNREADABLE", "Amt"),
        (("CRDT", "CREDIT"), "MARK_UNREADABLE", "CdtDbtInd"),
        (("2026-10-02", "2026-02-30"), "DATE_UNREADABLE", "BookgDt"),
        (("'PLN'", "'EUR'"), "CURRENCY_DIFFERS", "Amt"),
        (("'PLN'", "'zł'"), "CURRENCY_UNREADABLE", "Amt"),
    ],
)
def test_bad_entry_does_not_lose_its_neighbours(change: tuple[str, str], code: str, field: str) -> None:
    found = read(message(entry("1.00"), entry().replace(*change), entry("2.00")))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00"), Decimal("2.00")]
    (row,) = found.unreadable
    assert (row.problem.code, row.problem.field, row.position) == (code, field, 2)
    assert row.raw.startswith("<Ntry>") and row.raw.endswith("</Ntry>")
    assert [tx.position for tx in found.transactions] == [1, 3]


def test_five_decimals_that_are_zero_are_no_fault() -> None:
    assert only(entry("10.15000")).amount == Decimal("10.15")
    assert str(only(entry("10")).amount) == "10.00"


def test_corrected_entry_is_read_again() -> None:
    found = read(message(entry("1.00"), entry("10,00", details=detail("10.00"))))
    (row,) = found.unreadable
    (tx,) = camt.read_entry(row.raw.replace("10,00", "10.00"), "PLN", OWN)
    assert isinstance(tx, Transaction) and tx.amount == Decimal("10.00")
    prefixed = '<n:Ntry xmlns:n="urn:x"><n:Amt Ccy="PLN">3</n:Amt><n:CdtDbtInd>DBIT</n:CdtDbtInd></n:Ntry>'
    (tx,) = camt.read_entry(prefixed, "PLN")
    assert isinstance(tx, Transaction) and tx.amount == Decimal("-3.00")
    (bad,) = camt.read_entry("<Ntry><Amt", "PLN", line=7)
    assert isinstance(bad, Unreadable) and bad.problem.code == "XML_BROKEN"


def test_a_batch_is_not_read_as_one_payment() -> None:
    batch = entry("3.00", details=detail("1.00") + detail("2.00"))
    row = formats.read_entry("camt", batch, formats.Options(), 7, 2)
    assert isinstance(row, Unreadable)
    assert (row.problem.code, row.line, row.position) == ("ENTRY_IS_BATCH", 7, 2)


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR", "<Cd>PDNG</Cd>", "<Prtry>WAITING</Prtry>", "pdng"])
def test_only_what_is_booked_is_given_out(status: str) -> None:
    found = read(message(entry().replace("BOOK", status), entry("1.00")))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]
    (told,) = [problem for problem in found.all_problems if problem.code == "ENTRY_NOT_BOOKED"]
    word = re.sub("<[^>]*>", "", status).upper()
    assert told.params == {"status": word, "amount": "10.00", "currency": "PLN"}


@pytest.mark.parametrize("status", ["BOOK", "Book", "book", " BOOK ", "<Cd>BOOK</Cd>", "<Cd>Book</Cd>", ""])
def test_booked_is_booked_however_it_is_written(status: str) -> None:
    found = read(message(entry("1.00").replace("BOOK", status)))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]
    assert "ENTRY_NOT_BOOKED" not in codes(found)


@pytest.mark.parametrize(
    ("once", "twice", "field", "value"),
    [
        ("10.00</Amt>", "10.00</Amt><Amt Ccy='PLN'>1000.00</Amt>", "Amt", "10.00 / 1000.00"),
        ("10.00</Amt>", "10.00</Amt><Amt Ccy='PLN'>10.00</Amt>", "Amt", "10.00 / 10.00"),
        ("10.00</Amt>", "10.00</Amt><Amt Ccy='EUR'>2.50</Amt>", "Amt", "10.00 / 2.50"),
        ("CRDT</CdtDbtInd>", "CRDT</CdtDbtInd><CdtDbtInd>DBIT</CdtDbtInd>", "CdtDbtInd", "CRDT / DBIT"),
        ("BOOK</Sts>", "BOOK</Sts><Sts>PDNG</Sts>", "Sts", "BOOK / PDNG"),
    ],
)
def test_what_an_entry_says_twice_is_told_and_not_guessed(once: str, twice: str, field: str, value: str) -> None:
    found = read(message(entry("1.00"), entry().replace(once, twice), entry("2.00")))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00"), Decimal("2.00")]
    (row,) = found.unreadable
    problem = row.problem
    assert (problem.code, problem.severity) == ("VALUE_TWICE", Severity.ERROR)
    assert (problem.field, problem.params["value"]) == (field, value)


def test_detail_with_two_amounts_is_not_believed() -> None:
    two = detail("4.00").replace("</TxDtls>", "<Amt Ccy='PLN'>6.00</Amt></TxDtls>")
    (tx,) = read(message(entry("10.00", "CRDT", two + detail("6.00")))).transactions
    assert (tx.amount, [problem.code for problem in tx.problems]) == (Decimal("10.00"), ["DETAILS_SUM"])


def test_balance_with_two_amounts_is_none() -> None:
    two = balance("OPBD", "5").replace("</Amt>", "</Amt><Amt Ccy='PLN'>6</Amt>")
    (statement,) = read(message(two, balance("CLBD", "15"), entry("10.00"))).statements
    assert statement.opening is None
    assert {"BALANCE_UNREADABLE", "OPENING_MISSING"} == {problem.code for problem in statement.problems}


def test_balance_mismatch_and_missing_parts_are_told() -> None:
    found = read(message(balance("OPBD", "5"), balance("CLBD", "16"), entry("10.00")))
    (problem,) = found.statements[0].problems
    assert (problem.code, problem.params["difference"]) == ("BALANCE_MISMATCH", "1.00")
    bare = read("<Document><BkToCstmrStmt><Stmt/></BkToCstmrStmt></Document>")
    assert codes(bare) == ["ACCOUNT_MISSING", "OPENING_MISSING", "CLOSING_MISSING"]
    odd = read(message(balance("OPBD", "x"), entry()))
    assert "BALANCE_UNREADABLE" in codes(odd)


def test_cut_file_keeps_what_was_whole() -> None:
    text = message(balance("OPBD", "0"), entry("1.00"), entry("2.00"))
    found = read(text[: text.rindex("<AcctSvcrRef>")])
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00")]
    assert {"XML_BROKEN", "CLOSING_MISSING"} <= set(codes(found))


def test_what_is_no_camt_is_told() -> None:
    assert codes(read("<html><body/></html>")) == ["NOT_CAMT"]
    assert codes(read(b"")) == ["XML_BROKEN"]
    assert codes(read(b"<?xml version='1.0' encoding='no-such-page'?><a/>")) == ["XML_BROKEN"]


SEED = (DATA / "synthetic" / "camt053_virtual_accounts.xml").read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4))
def test_damaged_bytes_never_raise(changes: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(SEED)
    for place, length, new in changes:
        data[place : place + length] = new
    found = read(bytes(data))
    for statement in found.statements:
        assert all(tx.amount == tx.amount.quantize(Decimal("0.01")) for tx in statement.transactions)
