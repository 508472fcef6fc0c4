"""MT940: what is wrong in a file is told, loses no neighbour and invents no money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mt940_text import DATA, FOOT, HEAD, codes, entry, one

from bank_core.formats import mt940
from bank_core.formats.dialects import DIALECTS
from bank_core.model import Transaction, Unreadable


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
