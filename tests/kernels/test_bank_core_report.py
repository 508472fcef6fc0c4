"""Reports of mass payments: samples, written and read back by random profiles, checks, damage, flat memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_writer import Paid, payments, profiles, write

from bank_core import formats
from bank_core.formats import report
from bank_core.formats.report_profile import FIELDS, SHIPPED, Check, Column, Profile, faults
from bank_core.formats.report_rows import MAX_ROW
from bank_core.model import BankFile, Severity, Transaction, Unreadable

DATA = Path(__file__).parent.parent / "data" / "bank" / "synthetic"
BESIDE = Path(__file__).parents[3] / "shared" / "data" / "bank" / "synthetic" / "expected.json"

PAYER, VIRTUAL = "38109010140000071219812900", "96102055584444000000000101"
SIMPLE = Profile(
    "simple",
    "simple",
    (Column(1, field="date"), Column(2, field="amount"), Column(3, field="payer_key"), Column(4, field="title")),
    separator=";",
    quote="",
    encoding="cp1250",
)
ROW = f"20261002;4999;{VIRTUAL};FV 1"


def read(content: bytes | str, profile: Profile | None = SIMPLE) -> BankFile:
    data = content.encode("cp1250") if isinstance(content, str) else content
    return formats.read("report", data, profile=profile)


def codes(found: BankFile) -> list[str]:
    return [problem.code for problem in found.all_problems]


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


# --- samples


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


def test_wrong_sum_refuses_the_whole_file() -> None:
    found = read((DATA / "mass_elixir_like_BAD_SUM.txt").read_bytes(), None)
    assert not found.statements
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.line) == ("REPORT_SUM", Severity.ERROR, 4)
    assert problem.params == {"expected": "172.99", "value": "173.00", "unreadable": "0"}


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


# --- written and read back


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


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_and_foreign_bytes_never_raise(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    content = bytearray(write(profile, data.draw(payments(profile)), "\n"))
    for _change in range(data.draw(st.integers(0, 5))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    found = read(bytes(content), profile)
    rows = [*found.transactions, *found.unreadable]
    assert sorted(row.position for row in rows) == list(range(1, len(rows) + 1))
    read(data.draw(st.binary(max_size=300)), None)


# --- rows


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (ROW.replace("4999", "49,99"), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("4999", "-4999"), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("4999", ""), "AMOUNT_UNREADABLE", "amount"),
        (ROW.replace("20261002", "20260230"), "DATE_UNREADABLE", "date"),
        (ROW.replace("20261002", "2026-10-02"), "DATE_UNREADABLE", "date"),
        ("20261002", "COLUMN_MISSING", "amount"),
        (ROW + "X" * MAX_ROW * 3, "ROW_TOO_LONG", ""),
    ],
)
def test_row_that_cannot_be_read_does_not_lose_the_others(row: str, code: str, field: str) -> None:
    found = read("\n".join([ROW, row, "", ROW]))
    assert [(tx.line, tx.position) for tx in found.transactions] == [(1, 1), (4, 3)]
    (bad,) = found.unreadable
    assert (bad.line, bad.position, bad.problem.code, bad.problem.field) == (2, 2, code, field)


def test_open_quote_is_the_row_s_own_fault() -> None:
    profile = replace(SIMPLE, quote='"')
    found = read(f'20261002;4999;{VIRTUAL};"FV 1\n{ROW}\n', profile)
    assert [row.problem.code for row in found.unreadable] == ["ROW_QUOTES"]
    assert len(found.transactions) == 1


def test_damaged_account_is_told_and_not_used() -> None:
    (tx,) = read(ROW.replace(VIRTUAL, VIRTUAL[:-1] + "2")).transactions
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["NRB_CHECK_DIGITS"])
    (tx,) = read(ROW.replace(VIRTUAL, "PŁATNIK 7"), replace(SIMPLE, key_kind="digits")).transactions
    assert (tx.payer_key, [p.code for p in tx.problems]) == ("", ["PAYER_KEY_UNREADABLE"])


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


# --- header and trailer

CHECKED = replace(SHIPPED["wns_bph"], trailer=Check("03", Column(2), Column(3)))
PAID = f"02,1,{PAYER},000000000101,4999,20261002,FV 1,1,JAN"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([PAID, "03,1,4999"], []),
        ([PAID, PAID, "03,2,9998"], []),
        ([PAID, "03,1,4999", PAID, PAID, "03,2,9998"], []),
        (["03,0,0"], ["REPORT_EMPTY"]),
        ([PAID, "03,2,4999"], ["REPORT_COUNT"]),
        ([PAID, "03,1,5000"], ["REPORT_SUM"]),
        ([PAID, "03,1,-4999"], ["REPORT_SUM"]),
        ([PAID, "03,x,4999"], ["COUNT_UNREADABLE"]),
        ([PAID, "03,1,"], ["AMOUNT_UNREADABLE"]),
        ([PAID, "03"], ["COLUMN_MISSING"]),
        ([PAID], ["REPORT_TRAILER_MISSING"]),
        ([PAID, "03,1,4999", PAID], ["REPORT_TRAILER_MISSING"]),
        ([], ["REPORT_TRAILER_MISSING"]),
    ],
)
def test_trailer(lines: list[str], told: list[str]) -> None:
    found = read("\n".join(lines), CHECKED)
    assert codes(found) == told
    assert bool(found.statements) == (told in ([], ["REPORT_EMPTY"]))


def test_trailer_that_need_not_be_there_and_header() -> None:
    assert codes(read(PAID, replace(CHECKED, trailer=Check("03", Column(2), is_required=False)))) == []
    headed = replace(CHECKED, trailer=None, ignored=(), header=Check("01", Column(2), Column(3)))
    assert codes(read(f"01,1,4999\n{PAID}", headed)) == []
    assert codes(read(f"01,2,4999\n{PAID}", headed)) == ["REPORT_COUNT"]
    assert codes(read(f"{PAID}", headed)) == ["REPORT_HEADER_MISSING"]
    assert codes(read(f"01,1,4999\n{PAID}\n01,1,1\n{PAID}", headed)) == ["REPORT_SUM"]
    bare = replace(CHECKED, trailer=Check("03"))
    assert codes(read(f"{PAID}\n03", bare)) == []


def test_unreadable_row_counts_with_its_amount() -> None:
    found = read(f"{PAID.replace('20261002', '20261332')}\n{PAID}\n03,2,9998", CHECKED)
    assert [row.problem.code for row in found.unreadable] == ["DATE_UNREADABLE"]
    assert len(found.transactions) == 1


# --- profiles


def test_shipped_profiles_have_no_faults() -> None:
    assert {code: faults(profile) for code, profile in SHIPPED.items()} == {code: [] for code in SHIPPED}
    assert {code for code, profile in SHIPPED.items() if not profile.is_verified} == {"speedcollect", "wns_pekao"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"columns": SIMPLE.columns[1:]}, "PROFILE_COLUMN_MISSING", "date"),
        ({"columns": (*SIMPLE.columns, Column(9, field="amount"))}, "PROFILE_COLUMN_TWICE", "amount"),
        ({"columns": (*SIMPLE.columns, Column(0, field="title"))}, "PROFILE_COLUMN_NUMBER", "title"),
        ({"columns": (*SIMPLE.columns, Column(1, field="nip"))}, "PROFILE_FIELD_UNKNOWN", "nip"),
        ({"separator": ";;"}, "PROFILE_SEPARATOR", "separator"),
        ({"separator": ""}, "PROFILE_SEPARATOR", "separator"),
        ({"quote": ";"}, "PROFILE_QUOTE", "quote"),
        ({"date_format": "YYYYMM"}, "PROFILE_DATE_FORMAT", "date_format"),
        ({"date_format": "YYYYYYMMDD"}, "PROFILE_DATE_FORMAT", "date_format"),
        ({"sign": "mark"}, "PROFILE_COLUMN_MISSING", "mark"),
        ({"payments": ("P",)}, "PROFILE_COLUMN_MISSING", "record"),
        ({"record": Column(1), "payments": ("P",), "ignored": ("P",)}, "PROFILE_RECORD_TYPES", "record"),
        ({"encoding": "utf-16"}, "PROFILE_ENCODING", "encoding"),
        ({"encoding": "no such"}, "PROFILE_ENCODING", "encoding"),
    ],
)
def test_faults_are_told_and_nothing_is_read(change: dict[str, object], code: str, field: str) -> None:
    profile = replace(SIMPLE, **change)  # type: ignore[arg-type]
    assert [(problem.code, problem.field) for problem in faults(profile)] == [(code, field)]
    found = read(ROW, profile)
    assert codes(found) == [code] and not found.statements
    fixed = replace(SIMPLE, layout="fixed")
    assert [problem.code for problem in faults(fixed)] == ["PROFILE_COLUMN_WIDTH"] * 4


def test_texts_of_several_columns_are_joined() -> None:
    columns = (*SIMPLE.columns, Column(5, field="title"), Column(6, field="party_name"), Column(7, field="party_name"))
    (tx,) = read(f"{ROW};ZA WRZESIEŃ;JAN;KOWALSKI", replace(SIMPLE, columns=columns)).transactions
    assert (tx.title, tx.party_name) == ("FV 1 ZA WRZESIEŃ", "JAN KOWALSKI")
    assert {column.field for column in columns} <= set(FIELDS)


def test_unknown_layout_asks_for_a_profile() -> None:
    assert codes(read("a,b,c\n", None)) == ["PROFILE_UNKNOWN"]
    assert report.sniff(b":20:MT940\r\n:25:/PL34102055580000111122223333\r\n") == 0
    assert report.sniff((DATA / "pko_bp_2026-10-02.sta").read_bytes()) == 0


MEMORY = """
    import io, sys, tempfile
    from pathlib import Path
    from bank_core import formats
    from bank_core.formats.report_profile import SHIPPED

    def peak():  # of this program alone: ru_maxrss begins with the peak of whoever started it
        return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

    row = b'110,20261002,100,10901014,0,"38109010140000071219812900","96102055584444000000000101","JAN||UL|","X",0,1,"FV","","","51",""\\n'

    def run(stream):
        return sum(hasattr(event, "amount") for event in formats.open_file(stream, "", "report"))

    def made(count, middle=b""):
        stream = tempfile.TemporaryFile()
        for _number in range(count): stream.write(row)
        for _number in range(800 if middle else 0): stream.write(middle)
        stream.write(b"\\n999,%d,%d\\n" % (count + bool(middle), count * 100))
        stream.seek(0)
        return stream

    if sys.argv[1] == "rows": big, seen = made(150_000), 150_000
    else: big, seen = made(10, b"x" * 65536), 10
    run(made(100))
    before = peak()
    print(run(big) == seen, peak() - before)
"""


@pytest.mark.parametrize("case", ["rows", "one row"])
def test_memory_is_flat(case: str) -> None:
    """20 MB of rows, and 50 MB in one row, through a process that may not grow by 20 MB."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY), case],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    is_read, grown = done.stdout.split()
    assert is_read == "True"
    assert int(grown) < 20


def test_stream_stays_open() -> None:
    stream = io.BytesIO(ROW.encode())
    list(formats.open_file(stream, "", "report", formats.Options(profile=SIMPLE)))
    assert not stream.closed
