"""MT940: samples of every dialect, traps of the format, damaged input."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_core import codepage
from bank_core.formats import SAMPLE_BYTES, formats, mt940, mt940_entry, read
from bank_core.formats.dialects import DIALECTS
from bank_core.model import BankFile, Transaction, Unreadable

DATA = Path(__file__).parent.parent / "data" / "bank"
EXPECTED = json.loads((DATA / "synthetic" / "expected.json").read_text())["files"]
ALL_SAMPLES = sorted(
    p for p in DATA.rglob("*") if p.is_file() and p.suffix in (".sta", ".txt") and p.name != "SOURCES.md"
)

HEAD = ":20:MT940\r\n:25:/PL34102055580000111122223333\r\n:28C:7\r\n:60F:C261230PLN100,00\r\n"
FOOT = ":62F:C261231PLN{}\r\n-\r\n"


def entry(amount: str = "10,00", mark: str = "C", dates: str = "2612311231", title: str = "TYTUL") -> str:
    return (
        f":61:{dates}{mark}{amount}N240NONREF//REF1\r\n240 0\r\n:86:020~00240\r\n~20{title}\r\n~63SWRK 000000000101\r\n"
    )


def one(text: str, **options: str) -> BankFile:
    return mt940.parse(text.encode("iso-8859-2"), **options)


def codes(found: BankFile) -> list[str]:
    return [problem.code for problem in found.all_problems]


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


def sample(name: str) -> tuple[Transaction, ...]:
    return mt940.parse((DATA / name).read_bytes()).transactions


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


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (entry(amount="10.00"), "AMOUNT_UNREADABLE", ":61: amount"),
        (entry(amount="1000"), "AMOUNT_UNREADABLE", ":61: amount"),
        (entry(amount="10,001"), "AMOUNT_UNREADABLE", ":61: amount"),
        (entry(amount="ABC,00"), "AMOUNT_UNREADABLE", ":61: amount"),
        (entry(dates="261331"), "DATE_UNREADABLE", ":61: value date"),
        (entry(dates="26X231"), "DATE_UNREADABLE", ":61: value date"),
        (entry(mark="X"), "MARK_UNREADABLE", ":61: mark"),
        (entry().replace("N240", "n2"), "TYPE_UNREADABLE", ":61: type"),
    ],
)
def test_one_broken_entry_does_not_lose_the_file(bad: str, code: str, field: str) -> None:
    found = one(HEAD + entry(amount="1,00") + bad + entry(amount="2,00") + FOOT.format("113,00"))
    assert [tx.amount for tx in found.transactions] == [Decimal("1.00"), Decimal("2.00")]
    assert [tx.position for tx in found.transactions] == [1, 3]
    (lost,) = found.unreadable
    assert (lost.problem.code, lost.problem.field, lost.line, lost.position) == (code, field, 10, 2)
    assert lost.raw.startswith(":61:") and "~20TYTUL" in lost.raw
    assert found.statements[0].difference == Decimal("10.00")
    assert codes(found) == [code, "BALANCE_MISMATCH"]


def test_corrected_entry_can_be_read_alone() -> None:
    bad = one(HEAD + entry(amount="10.00") + FOOT.format("110,00")).unreadable[0]
    again = mt940.read_entry(bad.raw, "pko_bp", "PLN", line=bad.line, position=bad.position)
    assert isinstance(again, Unreadable) and again.line == bad.line
    fixed = mt940.read_entry(bad.raw.replace("10.00", "10,00"), "pko_bp", "PLN", line=bad.line, position=3)
    assert isinstance(fixed, Transaction)
    assert (fixed.amount, fixed.payer_key, fixed.position) == (Decimal("10.00"), "000000000101", 3)


def test_tag_inside_a_title_is_text() -> None:
    nest = (
        ":20:261002\n:25:PL18253000080000111122223333\n:28:191\n:60F:C261002PLN100,00\n"
        ":61:2610021002CN49,99NTRFNONREF//\n:86: za abonament\n:61:nie wiem\n:20:cos\n:62F: saldo\n"
        "dalej\n-\nkoniec\n"
        ":61:2610021002CN1,00NTRFNONREF//\n:86: drugi\n:62F:C261002PLN150,99\n"
    )
    first, second = one(nest).transactions
    assert first.title == "za abonament :61:nie wiem :20:cos :62F: saldo dalej - koniec"
    assert second.title == "drugi"


def test_entry_whose_tag_looked_like_text_is_found_by_its_details() -> None:
    nest = (
        ":20:261002\n:25:PL18253000080000111122223333\n:28:191\n:60F:C261002PLN100,00\n"
        ":61:2610021002CN49,99NTRFNONREF//\n:86: pierwszy\n:61:XX1002CN2,00NTRF\n:86: zepsuty\n"
        ":61:2610021002CN1,00NTRFNONREF//\n:86: trzeci\n:62F:C261002PLN152,99\n"
    )
    found = one(nest)
    assert [tx.title for tx in found.transactions] == ["pierwszy", "trzeci"]
    assert [row.position for row in found.unreadable] == [2]


def test_wrong_balance_is_reported() -> None:
    found = one(HEAD + entry() + FOOT.format("111,00"))
    assert codes(found) == ["BALANCE_MISMATCH"]
    assert found.all_problems[0].params["difference"] == "1.00"


def test_unreadable_balance_and_missing_end() -> None:
    assert codes(one(HEAD + entry() + ":62F:C26PLN1\r\n-\r\n")) == ["BALANCE_UNREADABLE", "CLOSING_MISSING"]
    assert codes(one(HEAD + ":62F:C26PLN1\r\n-\r\n")) == ["BALANCE_UNREADABLE", "CLOSING_MISSING"]


def test_last_entry_of_a_cut_statement_is_held_back() -> None:
    whole = HEAD + entry() + entry("20,00") + entry("40,00") + FOOT.format("170,00")
    start = whole.rindex(":61:")
    end = whole.index(":62F:")
    for cut in range(start + 10, end + 5):
        found = one(whole[:cut])
        assert [tx.amount for tx in found.transactions] == [Decimal(10), Decimal(20)], whole[:cut][-20:]
        assert not found.unreadable
        assert codes(found)[-2:] == ["ENTRY_HELD_BACK", "CLOSING_MISSING"]
        held = next(problem for problem in found.all_problems if problem.code == "ENTRY_HELD_BACK")
        line = whole[:start].count("\n") + 1
        assert (held.line, held.field, held.params["line"]) == (line, ":61:", str(line))
    # the closing balance is damaged, not missing: the entry before it is whole
    assert len(one(whole[: end + 8]).transactions) == 3


def test_problems_point_at_the_line_of_their_tag() -> None:
    text = HEAD + entry() + FOOT.format("111,00")
    (wrong,) = one(text).all_problems
    assert (wrong.code, wrong.field) == ("BALANCE_MISMATCH", ":62F:")
    assert text.splitlines()[wrong.line - 1].startswith(":62F:")
    head = one(text).statements[0].head
    assert (head.line, head.account_line, head.number_line) == (1, 2, 3)
    cut = HEAD + entry()
    missing = next(problem for problem in one(cut).all_problems if problem.code == "CLOSING_MISSING")
    assert missing.line == len(cut.splitlines())


def test_nul_and_control_characters_reach_no_text() -> None:
    text = (
        HEAD.replace(":28C:7", ":28C:7\0x")
        + entry(title="TY\0T\x1bUL")
        + entry("1.00", title="\0")
        + FOOT.format("1,00")
    )
    found = one(text)
    assert found.transactions[0].title == "TYTUL"
    assert len(found.unreadable) == 1
    kept = [tx.raw for tx in found.transactions] + [row.raw for row in found.unreadable]
    kept += [value for problem in found.all_problems for value in problem.params.values()]
    assert not any("\0" in value or "\x1b" in value for value in kept)


def test_closing_in_another_currency() -> None:
    assert "CURRENCY_DIFFERS" in codes(one(HEAD + entry() + FOOT.format("110,00").replace("PLN", "EUR")))


def test_damaged_own_and_payer_numbers_are_reported_not_repaired() -> None:
    text = HEAD.replace("PL34", "PL35") + entry() + "~38PL39109010140000071219812900\r\n" + FOOT.format("110,00")
    found = one(text)
    assert codes(found) == ["NRB_CHECK_DIGITS", "NRB_CHECK_DIGITS"]
    assert found.transactions[0].party_account == ""
    assert found.statements[0].account == "35102055580000111122223333"


def test_statement_without_entries_and_several_statements() -> None:
    text = HEAD + FOOT.format("100,00") + HEAD.replace(":28C:7", ":28C:8") + entry() + FOOT.format("110,00")
    found = one(text)
    assert [statement.number for statement in found.statements] == ["7", "8"]
    assert not found.all_problems


def test_statement_that_lost_its_closing_does_not_swallow_the_next() -> None:
    found = one(HEAD + entry() + HEAD.replace(":28C:7", ":28C:8") + entry() + FOOT.format("110,00"))
    assert [len(statement.transactions) for statement in found.statements] == [0, 1]
    assert codes(found) == ["ENTRY_HELD_BACK", "CLOSING_MISSING"]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"a;b;c\n1;2;3\n", b"\xff" * 50, b"%PDF-1.7\n", bytes(range(256))]
)
def test_something_else_than_mt940(content: bytes) -> None:
    found = mt940.parse(content)
    assert not found.is_readable
    assert "NOT_MT940" in codes(found)


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


_BYTES = st.binary(max_size=400)
_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [HEAD.strip(), entry().strip(), FOOT.format("1,00").strip(), ":61:", ":86:", ":62F:", ":20:", "-", "~20a",
             "<20x<21y", "^20", ":86:150", ":NS:22", "{4:", "TNR: 1", ":28C:a/b", ":60F:D000101PLN1,"]
        ),
        st.text(alphabet=":0123456789ACDNPLRF,~<^?/; ążŁ\r", max_size=40),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=_BYTES)
def test_any_bytes_give_a_value(content: bytes) -> None:
    mt940.parse(content)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=_LINES, dialect=st.sampled_from(["", *DIALECTS]), encoding=st.sampled_from(["", "cp852", "utf-8"]))
def test_any_mixture_of_lines_gives_a_value(lines: list[str], dialect: str, encoding: str) -> None:
    found = mt940.parse("\r\n".join(lines).encode("utf-8"), dialect, encoding)
    for statement in found.statements:
        positions = sorted([tx.position for tx in statement.transactions] + [r.position for r in statement.unreadable])
        assert positions == list(range(1, len(positions) + 1))


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 1266), flip=st.integers(0, 1265), byte=st.integers(0, 255))
def test_a_cut_or_damaged_file_never_invents_money(cut: int, flip: int, byte: int) -> None:
    """Damage is either seen in the balances, an unreadable entry or another problem, or changes no amount."""
    whole = (DATA / "synthetic" / "pko_bp_2026-10-02.sta").read_bytes()
    true = [tx.amount for tx in mt940.parse(whole).transactions]
    damaged = bytearray(whole)
    damaged[flip] = byte
    for content in (bytes(damaged), whole[:cut]):
        found = mt940.parse(content)
        if [tx.amount for tx in found.transactions] != true:
            assert found.all_problems
