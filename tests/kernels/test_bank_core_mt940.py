"""MT940: samples of every dialect, marks, dates and code pages."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mt940_text import DATA, FOOT, HEAD, codes, entry, one, sample

from bank_core import codepage
from bank_core.formats import SAMPLE_BYTES, formats, mt940, mt940_entry, read
from bank_core.formats.mt940_details import without_address, without_addresses

EXPECTED = json.loads((DATA / "synthetic" / "expected.json").read_text())["files"]
ALL_SAMPLES = sorted(
    p for p in DATA.rglob("*") if p.is_file() and p.suffix in (".sta", ".txt") and p.name != "SOURCES.md"
)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_is_read_as_expected(name: str) -> None:
    want = EXPECTED[name]
    found = mt940.parse((DATA / "synthetic" / name).read_bytes())
    (statement,) = found.statements
    assert found.encoding == want["encoding"]
    assert len(found.transactions) == want["tx"]
    assert statement.opening == Decimal(want["opening"])
    assert statement.closing == Decimal(want["closing"])
    assert statement.difference == 0
    assert not found.unreadable
    if "statement" in want:
        assert int(statement.number) == want["statement"]


def test_pko_bp() -> None:
    first, second, third, fee = sample("synthetic/pko_bp_2026-10-02.sta")
    assert first.title == "ZAPŁATA ZA FV/2026/09/000101 ABONAMENT INTERNET 300"
    assert (first.party_name, first.party_address) == ("JAN KOWALSKI", "UL. DŁUGA 5/7 00-238 WARSZAWA")
    assert first.party_account == "38109010140000071219812900"
    assert (first.payer_key, first.bank_ref) == ("000000000101", "2610022750000000")
    assert second.title == "FV/2026/08/000102, FV/2026/09/000102 - DWIE FAKTURY"
    assert second.party_name == "ŁUCJA ŻÓŁĆ-ŹDŹBŁO"
    assert third.title.endswith("/TXT/KSEF 5260250995-20260930-0A1B2C3D4E5F-7A")
    assert (fee.amount, fee.mark, fee.payer_key) == (Decimal("-0.75"), "D", "")


def test_mbank_collect() -> None:
    first, second, third, fee = sample("synthetic/mbank_collect.sta")
    assert (first.payer_key, first.bank_id) == ("000000000601", "179271073837500.010001")
    assert first.party_account == "38109010140000071219812900"
    assert (first.party_name, first.title) == ("ŁUCJA ŻÓŁĆ", "FAKTURA VAT NR FVD-0001/09/2026")
    assert second.title == "ZAPL.FV-210F1033,210F0995 MINUS FV. KORYG.210FK24"
    assert third.title == "CZY TO ZA MAJ?20 ZŁ"
    assert third.payer_key == ""
    assert (fee.amount, fee.business_code) == (Decimal("-1.00"), "794")


def test_mbank_title_with_a_label_in_it() -> None:
    text = (
        ":20:ST261002CYC/1\n:25:PL29114010810000267002001002\n:28C:190/1\n:60F:C261002PLN0,00\n"
        ":61:2610021002CN45,00NTRFNONREF//MB1\n911-TRANSAKCJA IPH\n"
        ":86:911 TRANSAKCJA COLLECT; ID IPH: XX000000000601; Z RACH.: \n38109010140000071219812900; OD: JAN; "
        "TYT.: ZA LISTOPAD; OD: BABCI; TNR: 1; TNR: \n179271073837500.010001\n:62F:C261002PLN45,00\n-"
    )
    (tx,) = one(text).transactions
    assert tx.party_name == "JAN"
    assert tx.title == "ZA LISTOPAD; OD: BABCI; TNR: 1"
    assert tx.bank_id == "179271073837500.010001"


def test_line_break_before_the_transaction_number() -> None:
    first, _second = sample("mbank/wolph_with_newline_in_tnr.sta")
    assert first.bank_id == "179301073837502.000001"


def test_mt942_gives_the_same_transactions_as_mt940() -> None:
    day = sample("mbank/wolph_mt940.sta")
    interim = sample("mbank/wolph_mt942.sta")
    assert [tx.bank_id for tx in day][:1] == [tx.bank_id for tx in interim][:1]
    found = mt940.parse((DATA / "mbank/wolph_mt942.sta").read_bytes())
    assert not found.all_problems


def test_ing_two_details_per_entry() -> None:
    first, second, _third = sample("synthetic/ing_pl.sta")
    assert first.title == "FAKTURA FV/2026/09/000201"
    assert first.party_address == "OS. MŁODYCH 12 31-908 KRAKÓW"
    assert second.title == "PŁATNOŚĆ ZA TELEFON KLIENT 202 ŻÓŁTY"


def test_reversals_and_funds_codes() -> None:
    credit, debit_back, credit_back = sample("synthetic/millennium_bph_lt.sta")
    assert (credit.mark, credit.amount, credit.is_customer_credit) == ("C", Decimal("49.99"), True)
    assert (debit_back.mark, debit_back.amount, debit_back.is_customer_credit) == ("RD", Decimal("12.00"), False)
    assert (credit_back.mark, credit_back.amount, credit_back.funds_code) == ("RC", Decimal("-49.99"), "N")
    assert credit_back.is_reversal


@pytest.mark.parametrize(
    ("mark", "currency", "sign", "want_mark", "want_funds"),
    [
        ("C", "PLN", 1, "C", ""),
        ("CN", "PLN", 1, "C", "N"),
        ("CR", "EUR", 1, "C", "R"),
        ("DR", "EUR", -1, "D", "R"),
        ("CD", "USD", 1, "C", "D"),
        ("DD", "USD", -1, "D", "D"),
        ("RC", "PLN", -1, "RC", ""),
        ("RCN", "PLN", -1, "RC", "N"),
        ("RD", "PLN", 1, "RD", ""),
        ("RDR", "EUR", 1, "RD", "R"),
    ],
)
def test_marks(mark: str, currency: str, sign: int, want_mark: str, want_funds: str) -> None:
    head = HEAD.replace("PLN", currency)
    found = one(head + entry(mark=mark) + FOOT.replace("PLN", currency).format(f"{100 + sign * 10},00"))
    (tx,) = found.transactions
    assert (tx.amount, tx.mark, tx.funds_code) == (Decimal(sign * 10), want_mark, want_funds)
    assert not found.all_problems


def test_funds_code_of_another_currency_is_reported() -> None:
    assert codes(one(HEAD + entry(mark="CR") + FOOT.format("110,00"))) == ["FUNDS_CODE_DIFFERS"]


@pytest.mark.parametrize(
    ("value", "mmdd", "want"),
    [
        (date(2026, 12, 31), "0101", date(2027, 1, 1)),
        (date(2027, 1, 1), "1231", date(2026, 12, 31)),
        (date(2026, 6, 1), "0601", date(2026, 6, 1)),
        (date(2028, 2, 28), "0229", date(2028, 2, 29)),
        (date(2026, 2, 28), "0230", None),
    ],
)
def test_entry_date_takes_the_nearest_year(value: date, mmdd: str, want: date | None) -> None:
    assert mt940_entry.entry_date(value, mmdd) == want


def test_entry_date_that_does_not_exist_falls_back_to_the_value_date() -> None:
    found = one(HEAD + entry(dates="2612310230") + FOOT.format("110,00"))
    assert codes(found) == ["ENTRY_DATE_UNREADABLE"]
    assert found.transactions[0].entry_date == date(2026, 12, 31)


def test_double_encoded_file_is_restored() -> None:
    found = mt940.parse((DATA / "bph" / "bph_sta.txt").read_bytes())
    assert codes(found) == ["ENCODING_RESTORED"]
    assert "KILIŃSKIEGO" in " ".join(tx.details for tx in found.transactions)
    assert found.transactions[0].title == (
        "ZAPLATA ZA OPAKOWANIA DO KINESKOPÓW 17 I 21 CALI Z NADRUKIEM LOGO FIRMY FVT 2368/2989284/2006"
    )


@pytest.mark.parametrize("encoding", ["iso-8859-2", "cp1250", "cp852", "utf-8", "utf-8-sig"])
def test_code_page_is_found(encoding: str) -> None:
    text = HEAD + entry(title="ZAŻÓŁĆ GĘŚLĄ JAŹŃ śćąg") + FOOT.format("110,00")
    found = mt940.parse(text.encode(encoding))
    assert found.transactions[0].title == "ZAŻÓŁĆ GĘŚLĄ JAŹŃ śćąg"
    assert not found.all_problems


def test_code_page_can_be_prescribed() -> None:
    found = mt940.parse((HEAD + entry(title="ŻÓŁĆ") + FOOT.format("110,00")).encode("cp1250"), encoding="cp852")
    assert found.encoding == "cp852"
    assert found.transactions[0].title != "ŻÓŁĆ"


def test_plain_sample_does_not_hide_polish_letters_behind_it() -> None:
    text = HEAD + "".join(entry() for _n in range(12000)) + entry(title="ŻÓŁĆ") + FOOT.format("120110,00")
    assert len(text) > SAMPLE_BYTES
    assert mt940.parse(text.encode("iso-8859-2")).transactions[-1].title == "ŻÓŁĆ"


def test_code_page_of_equal_texts_is_not_doubtful() -> None:
    assert not codepage.detect("KRAKÓW ŁÓD".encode("cp1250")).doubtful


def test_statement_without_entries_and_several_statements() -> None:
    text = HEAD + FOOT.format("100,00") + HEAD.replace(":28C:7", ":28C:8") + entry() + FOOT.format("110,00")
    found = one(text)
    assert [statement.number for statement in found.statements] == ["7", "8"]
    assert not found.all_problems


def test_swift_envelope() -> None:
    text = "{1:F01BPKOPLPWXXX}{2:I940}{4:\r\n" + HEAD + entry() + FOOT.format("110,00").replace("-\r\n", "-}\r\n")
    found = one(text)
    assert (len(found.transactions), codes(found)) == (1, [])


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=lambda path: path.name)
def test_no_sample_breaks_the_reader(path: Path) -> None:
    found = mt940.parse(path.read_bytes())
    for tx in found.transactions:
        assert tx.raw.startswith(":61:")
        assert tx.line > 0


@pytest.mark.parametrize(
    "name",
    ["synthetic/pko_bp_2026-10-02.sta", "synthetic/millennium_bph_lt.sta", "synthetic/mbank_collect.sta",
     "mbank/wolph_mt940.sta", "mbank/wolph_with_newline_in_tnr.sta", "swift_generic/jejik_sparkasse.txt"],
)  # fmt: skip
def test_second_opinion_of_the_mt_940_package(name: str) -> None:
    """Amounts, dates and references agree with an independent reader where that one can read."""
    package = pytest.importorskip("mt940")
    found = mt940.parse((DATA / name).read_bytes())
    text = (DATA / name).read_bytes().decode("latin-1").replace("\r\n", "\n").strip("\x01\x03\n-")
    theirs = package.parse(io.StringIO(text), encoding="latin-1")
    assert len(theirs) == len(found.transactions)
    for other, own in zip(theirs, found.transactions, strict=True):
        data = other.data
        assert abs(data["amount"].amount) == abs(own.amount)
        if not own.is_reversal:  # the package takes a reversed credit for money in
            assert data["amount"].amount == own.amount
        assert data["date"] == own.value_date
        assert data["entry_date"] == own.entry_date


def test_registry() -> None:
    assert "mt940" in formats()
    assert read("mt940", (HEAD + FOOT.format("100,00")).encode()).dialect == "pko_bp"
    assert read("mt940", b"", dialect="mbank").dialect == "mbank"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("JAN KOWALSKI 30-308 KRAKÓW", ("JAN KOWALSKI", "30-308 KRAKÓW")),
        ("JAN KOWALSKI-30-308 KRAKÓW", ("JAN KOWALSKI-", "30-308 KRAKÓW")),
        ("ANNA NOWAK-30-30 SPÓŁKA", ("ANNA NOWAK-30-30 SPÓŁKA", "")),
        ("30-308 KRAKÓW", ("30-308 KRAKÓW", "")),
    ],
)
def test_a_postcode_begins_the_address(text: str, found: tuple[str, str]) -> None:
    assert without_address(text) == found
    assert tuple(column[0] for column in without_addresses([text])) == found
