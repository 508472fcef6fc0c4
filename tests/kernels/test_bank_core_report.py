"""Reports of mass payments: samples, and files written and read back by random layouts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_simple import DATA, PAYER, ROW, SIMPLE, VIRTUAL, codes, read
from report_writer import Paid, payments, profiles, write

from bank_core import formats
from bank_core.formats.report_profile import FIELDS, Column, faults
from bank_core.model import BankFile, Transaction, Unreadable

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank" / "synthetic" / "expected.json"


def as_paid(found: BankFile) -> list[Paid]:
    return [
        Paid(
            tx.amount,
            tx.entry_date,
            tx.payer_key,
            tx.party_account,
            tx.party_name,
            tx.title,
            tx.bank_ref or tx.owner_ref,
        )
        for tx in found.transactions
    ]


@pytest.mark.parametrize(
    ("name", "code", "encoding", "keys", "title"),
    [
        ("mass_elixir_like_cp1250.txt", "elixir_csv", "cp1250", "nrb", "DWIE FAKTURY 08 I 09"),
        ("mass_pipe_cp1250.txt", "pipe", "cp1250", "nrb", "DWIE FAKTURY 08 I 09"),
        ("mass_wns_latin2.txt", "wns_bph", "iso-8859-2", "number", "DWIE FAKTURY 08 I 09"),
    ],
)
def test_sample_is_recognised_and_read(name: str, code: str, encoding: str, keys: str, title: str) -> None:
    with (DATA / name).open("rb") as stream:
        found = formats.collect(formats.open_file(stream, name))
    assert (found.format, found.dialect, found.encoding) == ("report", code, encoding)
    (statement,) = found.statements
    assert (statement.head.kind, statement.opening, statement.currency) == ("report", None, "PLN")
    virtual = ["96102055584444000000000101", "69102055584444000000000102", "84102055584444000000999999"]
    numbers = ["000000000101", "000000000102", "000000999999"]
    assert [tx.payer_key for tx in statement.transactions] == (virtual if keys == "nrb" else numbers)
    assert [tx.amount for tx in statement.transactions] == [Decimal("49.99"), Decimal("123.00"), Decimal("0.01")]
    assert [tx.party_name for tx in statement.transactions] == ["JAN KOWALSKI", "ŁUCJA ŻÓŁĆ-ŹDŹBŁO", "NIEZNANY PŁATNIK"]
    assert [tx.party_account for tx in statement.transactions] == [PAYER, PAYER_2, PAYER_3]
    assert [tx.title for tx in statement.transactions] == ["FV/2026/09/000101", title, "BEZ TYTUŁU"]
    assert {(tx.entry_date, tx.mark) for tx in statement.transactions} == {(date(2026, 10, 2), "C")}
    assert not found.all_problems


PAYER_2, PAYER_3 = "11109010140000071219812901", "81109010140000071219812902"


def test_address_is_told_from_the_name() -> None:
    first, _second, third = read((DATA / "mass_elixir_like_cp1250.txt").read_bytes(), None).transactions
    assert (first.party_name, first.party_address) == ("JAN KOWALSKI", "UL. DŁUGA 5/7 00-238 WARSZAWA")
    assert third.party_address == ""


@pytest.mark.parametrize("expected", [path for path in [BESIDE] if path.exists()], ids=lambda path: path.name)
def test_expected_results_of_the_collection(expected: Path) -> None:
    told = {
        name: want
        for name, want in json.loads(expected.read_text())["files"].items()
        if name.startswith("mass_") and "rows" in want
    }
    assert len(told) == 3
    for name, want in told.items():
        found = read((expected.parent / name).read_bytes(), None)
        assert (len(found.transactions), found.encoding) == (want["rows"], want["encoding"])
        if "sum_grosze" in want:
            assert sum(tx.amount for tx in found.transactions) * 100 == want["sum_grosze"]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_a_profile_wrote_it_reads(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    assert not faults(profile)
    paid = data.draw(payments(profile))
    content = write(profile, paid, data.draw(st.sampled_from(("\r\n", "\n", "\r"))))
    found = read(content, profile)
    assert as_paid(found) == paid
    assert not found.unreadable
    assert codes(found) == ([] if paid else ["REPORT_EMPTY"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_payment_more_or_less_is_noticed(data: st.DataObject) -> None:
    profile = data.draw(profiles().filter(lambda profile: profile.checks))
    paid = data.draw(payments(profile).filter(bool))
    lines = write(profile, paid, "\n").split(b"\n")
    place = profile.skip_first + (1 if profile.header else 0)
    if data.draw(st.booleans()):
        del lines[place]
    else:
        lines.insert(place, lines[place])
    found = read(b"\n".join(lines), profile)
    assert not found.statements
    assert codes(found) in (["REPORT_COUNT"], ["REPORT_SUM"])


def test_payer_key_by_its_last_digits_or_as_text() -> None:
    (tx,) = read(ROW, replace(SIMPLE, key_kind="digits", key_digits=6)).transactions
    assert tx.payer_key == "000101"
    (tx,) = read(ROW.replace(VIRTUAL, "AB 7"), replace(SIMPLE, key_kind="text")).transactions
    assert tx.payer_key == "AB 7"


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("comma", "1 234,50", "1234.50"),
        ("comma", "1.234.567,5", "1234567.50"),
        ("comma", "12", "12.00"),
        ("point", "1,234.05", "1234.05"),
        ("point", "0.01", "0.01"),
        ("minor", "000000000001", "0.01"),
        ("minor", "7-", "-0.07"),
        ("point", "-7.00", "-7.00"),
    ],
)
def test_amounts(form: str, text: str, value: str) -> None:
    profile = replace(SIMPLE, amount_format=form, sign="minus")  # type: ignore[arg-type]
    (tx,) = read(ROW.replace("4999", text), profile).transactions
    assert str(tx.amount) == value
    assert tx.mark == ("RC" if tx.amount < 0 else "C")


@pytest.mark.parametrize("text", ["1.234", "1,23,4", "12,345,6", "١٢", "1e5", "--5", "-5-", "1 23"])
def test_amounts_that_may_mean_two_things_are_not_read(text: str) -> None:
    for form in ("comma", "point"):
        found = read(
            ROW.replace("4999", text).encode(), replace(SIMPLE, amount_format=form, sign="minus", encoding="utf-8")
        )  # type: ignore[arg-type]
        if (form, text) == ("comma", "1.234"):
            assert [tx.amount for tx in found.transactions] == [Decimal(1234)]
        else:
            assert codes(found) == ["AMOUNT_UNREADABLE"]


def test_bank_s_number_counts_as_a_reference_only_where_it_is_never_repeated() -> None:
    columns = (*SIMPLE.columns, Column(5, field="transaction_id"))
    for unique in (True, False):
        (tx,) = read(f"{ROW};77", replace(SIMPLE, columns=columns, is_id_unique=unique)).transactions
        assert (tx.bank_ref, tx.owner_ref) == (("77", "") if unique else ("", "77"))


def test_rows_of_unknown_types_are_told() -> None:
    profile = replace(SIMPLE, columns=tuple(replace(c, number=c.number + 1) for c in SIMPLE.columns), record=Column(1))
    profile = replace(profile, payments=("P",), ignored=("I",))
    found = read(f"P;{ROW}\nI;\n" + "Q;x\n" * 50, profile)
    assert len(found.transactions) == 1
    assert codes(found) == ["ROW_OTHER"] * 20


def test_row_is_read_again_by_its_layout() -> None:
    options = formats.Options(profile=SIMPLE)
    bad = formats.read_entry("report", ROW.replace("4999", "49,99"), options, 5, 3)
    assert isinstance(bad, Unreadable) and (bad.line, bad.position) == (5, 3)
    good = formats.read_entry("report", ROW, options, 5, 3)
    assert isinstance(good, Transaction) and (good.amount, good.line, good.position) == (Decimal("49.99"), 5, 3)
    row = (DATA / "mass_pipe_cp1250.txt").read_text("cp1250").splitlines()[0]
    shipped = formats.read_entry("report", row, formats.Options(dialect="pipe"))
    assert isinstance(shipped, Transaction) and shipped.party_name == "JAN KOWALSKI"
    lost = formats.read_entry("report", row, formats.Options(dialect="gone"))
    assert isinstance(lost, Unreadable) and lost.problem.code == "PROFILE_UNKNOWN"


def test_own_layout_is_used_where_nothing_else_fits() -> None:
    options = formats.Options(profile=SIMPLE)
    assert formats.open_file(io.BytesIO(ROW.encode()), options=options).dialect == "simple"
    camt = (DATA / "camt053_virtual_accounts.xml").read_bytes()
    assert formats.open_file(io.BytesIO(camt), options=options).format == "camt"
    statement = (DATA / "pko_bp_2026-10-02.sta").read_bytes()
    assert formats.open_file(io.BytesIO(statement), options=options).format == "mt940"
    assert formats.open_file(io.BytesIO(ROW.encode())).format == ""


def test_texts_of_several_columns_are_joined() -> None:
    columns = (*SIMPLE.columns, Column(5, field="title"), Column(6, field="party_name"), Column(7, field="party_name"))
    (tx,) = read(f"{ROW};ZA WRZESIEŃ;JAN;KOWALSKI", replace(SIMPLE, columns=columns)).transactions
    assert (tx.title, tx.party_name) == ("FV 1 ZA WRZESIEŃ", "JAN KOWALSKI")
    assert {column.field for column in columns} <= set(FIELDS)


def test_stream_stays_open() -> None:
    stream = io.BytesIO(ROW.encode())
    list(formats.open_file(stream, "", "report", formats.Options(profile=SIMPLE)))
    assert not stream.closed
