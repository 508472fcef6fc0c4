"""The fast path against the line machine; hostile input; memory of a child process."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_core.formats import Options, mt940, mt940_fast, mt940_machine, mt940_source, open_file
from bank_core.formats.dialects import DIALECTS
from bank_core.formats.mt940_details import tidy, tidy_all
from bank_core.model import BankFile, Transaction

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bank_samples import everything
from benchmarks import payments_files
from payments_child import grown

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SAMPLES = {name: path.read_bytes() for name, path in everything().items()}
OPENING = Decimal("100.00")

# --- generated statements -------------------------------------------------------------------------

_TEXT = st.text(alphabet="ABCŁŻ ąź0123456789/.,-:;?~<^+'\"\u02d9\u00a0{}", max_size=30)
_AMOUNT = st.integers(0, 10**9).map(lambda number: f"{number // 100},{number % 100:02}")
_MARKS = st.sampled_from(["C", "D", "CN", "DN", "RC", "RD", "RCN", "CR"])
_ENDS = st.sampled_from(["\r\n", "\n", "\r"])
_CODES = ["20", "21", "22", "25", "30", "31", "32", "33", "38", "60", "62", "63", "26", "27", "99", "0", "XX"]


def _details(draw: st.DrawFn, dialect: str) -> list[str]:
    profile = DIALECTS[dialect]
    fields = draw(st.lists(st.tuples(st.sampled_from(_CODES), _TEXT), max_size=8))
    if profile.layout == "labels" and profile.after_title:
        pieces = [f"{draw(st.sampled_from(profile.known))}: {text}" for _code, text in fields]
        text = "; ".join(["911 TRANSAKCJA", *pieces, "TNR: 179171073864111.010001"])
        width = draw(st.sampled_from([30, 65, 200]))
        return [f":86:{text[:width]}", *(text[at : at + width] for at in range(width, len(text), width))]
    mark = profile.separator or "/"
    if profile.one_per_line:
        lines = [f":86:020{mark}00Przelew", *(f"{mark}{code}{text}" for code, text in fields)]
        return [":86:020", *lines] if profile.doubled else lines
    text = f"020{mark}00Przelew" + "".join(f"{mark}{code}{text}" for code, text in fields)
    return [f":86:{text[:60]}", *(text[at : at + 65] for at in range(60, len(text), 65))]


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, bytes, Decimal]:
    """(dialect, file, sum of its entries as written)."""
    dialect = draw(st.sampled_from(sorted(DIALECTS)))
    lines = [":20:MT940", ":25:/PL34102055580000111122223333", ":28C:7", ":60F:C261230PLN100,00"]
    total = Decimal(0)
    for _number in range(draw(st.integers(0, 4))):
        mark, amount = draw(_MARKS), draw(_AMOUNT)
        sign = 1 if mark.startswith(("C", "RD")) else -1
        total += sign * Decimal(amount.replace(",", "."))
        day = draw(st.sampled_from(["261230", "2612301231", "2612310101", "261231"]))
        lines.append(f":61:{day}{mark}{amount}NTRFNONREF//{draw(st.integers(1, 10**9))}")
        lines += draw(st.sampled_from([[], ["911-TRANSAKCJA"], ["240 0"]]))
        lines += _details(draw, dialect)
    closing = f"{OPENING + total:.2f}".replace(".", ",")
    lines.append(f":62F:{'D' if OPENING + total < 0 else 'C'}261231PLN{closing.removeprefix('-')}")
    lines.append(draw(st.sampled_from(["-", "-}", ":64:C261231PLN0,00"])))
    return dialect, draw(_ENDS).join([*lines, ""]).encode("utf-8"), total


_OWN_NRB = "34102055580000111122223333"
#: texts of parts that have a form, right and nearly right
_ACCOUNTS = st.sampled_from(
    [
        _OWN_NRB,
        f"PL{_OWN_NRB}",
        f" PL{_OWN_NRB} ",
        "34102055580000111122223334",
        "٣4102055580000111122223333",
        "DE89370400440532013000",
        " ",
    ]
)
_PAYERS = st.sampled_from(
    ["SWRK 000000000101", "SWRK000000000101 ", "SWRK 1O1", "XX000000000101", "X101", "", "\u02d9", "\u02d9 \u02d9"]
)
_WORDS = st.sampled_from(
    ["A" * 27, "UL. DŁUGA 5", "JAN KOWALSKI UL. DŁUGA 5/1 ", "AL.  LIPOWA", "00-238 WARSZAWA", "\u02d9", "\u00ff", ""]
)


@st.composite
def regular_statements(draw: st.DrawFn) -> tuple[str, bytes]:
    """(dialect, file) as banks write them: parts in their order, each at most once, none of them with a separator."""
    dialect = draw(st.sampled_from(["pko_bp", "ing", "mbank", "pekao", "millennium", "generic", "deutsche"]))
    profile = DIALECTS[dialect]
    known = [*profile.known] if profile.layout == "labels" else sorted(profile.known)
    plain = st.text(alphabet="ABCŁŻ ąź0129/.,-:", max_size=30)
    lines = [":20:MT940", f":25:/PL{_OWN_NRB}", ":28C:7", ":60F:C261230PLN100,00"]
    for number in range(draw(st.integers(1, 4))):
        kept = draw(st.sets(st.sampled_from(known), max_size=12)) | {profile.title[0]}
        kept |= {"00"} if profile.layout != "labels" else set()
        kept |= {profile.account[0]} if draw(st.booleans()) else set()
        formed = {**dict.fromkeys(profile.account, _ACCOUNTS), **{key[0]: _PAYERS for key in profile.payer_key}}
        parts = [(part, draw(formed.get(part, _WORDS | plain))) for part in known if part in kept]
        lines += [f":61:2612301230C{number + 1},00NTRFNONREF//{number}", "240 0"]
        if profile.layout == "labels":
            text = "; ".join(["911 TRANSAKCJA", *(f"{part}: {value}" for part, value in parts)])
            lines += [f":86:{text[:65]}", *(text[at : at + 65] for at in range(65, len(text), 65))]
        elif profile.one_per_line:
            lines += [":86:020"] if profile.doubled else []
            first, *others = [f"{profile.separator}{part}{value}" for part, value in parts]
            lines += [f":86:020{first}", *others]
        else:
            text = "020" + "".join(f"{profile.separator}{part}{value}" for part, value in parts)
            lines += [f":86:{text[:60]}", *(text[at : at + 65] for at in range(60, len(text), 65))]
    return dialect, "\r\n".join([*lines, ":62F:C261231PLN100,00", "-", ""]).encode("utf-8")


def both(content: bytes, dialect: str = "", encoding: str = "") -> BankFile:
    quick = mt940.parse(content, dialect, encoding)
    slow = mt940.parse(content, dialect, encoding, fast=False)
    assert quick == slow
    return quick


def is_told(found: BankFile) -> bool:
    """Something about the money of the file was said."""
    money = {"BALANCE_MISMATCH", "ENTRY_HELD_BACK", "CLOSING_MISSING", "BALANCE_UNREADABLE", "NOT_MT940"}
    money |= {"INTERIM_SUM_MISMATCH", "INTERIM_END_MISSING"}
    return bool(found.unreadable) or bool({problem.code for problem in found.all_problems} & money)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=statements())
def test_both_paths_agree_and_the_money_is_all_there(case: tuple[str, bytes, Decimal]) -> None:
    dialect, content, total = case
    found = both(content, dialect, "utf-8")
    read = sum((tx.amount for tx in found.transactions), Decimal(0))
    assert read == total or is_told(found)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=regular_statements())
def test_both_paths_agree_on_regular_entries(case: tuple[str, bytes]) -> None:
    dialect, content = case
    both(content, dialect, "utf-8")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=statements(), data=st.data())
def test_both_paths_agree_on_damaged_statements(case: tuple[str, bytes, Decimal], data: st.DataObject) -> None:
    dialect, content, _total = case
    both(_damaged(content, data), dialect, "utf-8")


def _damaged(content: bytes, data: st.DataObject) -> bytes:
    damaged = bytearray(content)
    for _time in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        kind = data.draw(st.sampled_from(["change", "drop", "insert", "cut", "repeat"]))
        if kind == "change":
            damaged[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
        elif kind == "drop":
            del damaged[at : at + data.draw(st.integers(1, 30))]
        elif kind == "insert":
            bit = [
                b"\n",
                b"\r",
                b":61:",
                b":86:",
                b"~20",
                b"; TNR: ",
                b"-\n",
                b"\xff",
                b"\x03",
                b" ",
                b"\n\n",
                b"{4:",
                b":20:",
            ]
            damaged[at:at] = data.draw(st.sampled_from(bit))
        elif kind == "cut":
            del damaged[at:]
        else:
            damaged[at:at] = damaged[at : at + 80]
    return bytes(damaged)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_damaged_samples_raise_nothing_and_change_no_money_in_silence(name: str, data: st.DataObject) -> None:
    content = SAMPLES[name]
    whole = mt940.parse(content)
    found = both(_damaged(content, data))
    before = sum((tx.amount for tx in whole.transactions), Decimal(0))
    after = sum((tx.amount for tx in found.transactions), Decimal(0))
    if after != before and not is_told(whole):
        # balances and entries changed by the same amount are a different, but consistent statement
        assert is_told(found) or _balances(found) != _balances(whole)


def _balances(found: BankFile) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(statement.opening, statement.closing) for statement in found.statements]


@pytest.mark.parametrize("name", ["synthetic/pko_bp_2026-10-03.sta", "synthetic/ing_pl.sta", "mbank/wolph_mt942.sta"])
def test_cut_at_every_byte(name: str) -> None:
    content = SAMPLES[name]
    whole = mt940.parse(content).transactions
    for cut in range(len(content)):
        found = both(content[:cut])
        read = found.transactions
        assert [tx.amount for tx in read] == [tx.amount for tx in whole[: len(read)]]
        if len(read) < len(whole) and found.statements:
            assert is_told(found)


@SLOW
@given(content=st.binary(max_size=3000))
def test_random_bytes_raise_nothing(content: bytes) -> None:
    both(content)
    for event in open_file(io.BytesIO(content), "x.sta"):
        assert event is not None


@pytest.mark.parametrize(("dialect", "mark"), [("pko_bp", "\r\n~"), ("ing", "\r\n~"), ("pekao", "^"), ("mbank", "; ")])
def test_more_kinds_of_entries_than_are_learned(dialect: str, mark: str) -> None:
    """Each entry leaves out others of its parts, in a file of twice as many kinds as get an expression."""
    names = ["20", "21", "22", "32", "33", "38", "63"]
    if dialect == "mbank":
        names = ["ID IPH", "Z RACH.", "OD", "TYT.", "WALUTA", "DATA STEMPLA", "TNR"]
    lines = [":20:X", ":25:PL34102055580000111122223333", ":28C:7", ":60F:C261230PLN0,00"]
    for number in range(1, 1 << len(names)):
        kept = [name for place, name in enumerate(names) if number >> place & 1]
        values = [f"{name}: {number} TEKST" if dialect == "mbank" else f"{name}{number} TEKST" for name in kept]
        lines += [f":61:2612301230C{number},00NTRFNONREF//{number}", ":86:150"] if dialect == "ing" else []
        lines += [] if dialect == "ing" else [f":61:2612301230C{number},00NTRFNONREF//{number}"]
        lines.append(mark.join([":86:150" if mark == "; " else f":86:150{mark.strip()}00X", *values]))
    total = sum(range(1, 1 << len(names)))
    found = both("\r\n".join([*lines, f":62F:C261231PLN{total},00", "-", ""]).encode(), dialect)
    assert [tx.amount for tx in found.transactions] == list(range(1, 1 << len(names)))
    assert not {problem.code for problem in found.all_problems} - {"PAYER_KEY_UNREADABLE"}


@pytest.mark.parametrize("make", [payments_files.pko_bp, payments_files.mbank], ids=["lines", "labels over lines"])
def test_regular_entries_take_the_quick_way(
    make: Callable[[int], Iterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careful(*_args: object) -> None:
        raise AssertionError("an entry went the careful way")

    content = b"".join(make(40))
    monkeypatch.setattr(mt940_machine, "make_entry", careful)
    monkeypatch.setattr(mt940_fast, "make_entry", careful)
    assert len(mt940.parse(content).transactions) == 40


@given(
    rows=st.lists(st.tuples(_WORDS | _TEXT, _WORDS | _TEXT, _WORDS | _TEXT), min_size=1, max_size=5),
    width=st.integers(0, 40),
)
def test_pieces_in_columns_make_the_same_texts(rows: list[tuple[str, str, str]], width: int) -> None:
    for size in (1, 2, 3):
        pieces = [row[:size] for row in rows]
        assert tidy_all([*zip(*pieces, strict=True)], width) == [tidy(row, width) for row in pieces]


# --- size -----------------------------------------------------------------------------------------


def test_pieces_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(payments_files.pko_bp(40)) + b"".join(payments_files.mbank(1))
    want = mt940.parse(content)
    assert len(want.transactions) == 41
    for size in (1, 7, 64, 333, 5000):
        monkeypatch.setattr(mt940_source, "CHUNK_BYTES", size)
        assert mt940.parse(content) == want


@pytest.mark.parametrize("end", [b"", b"\r\n", b"AB\r\n"], ids=["one line", "many empty lines", "many lines"])
def test_description_of_three_megabytes_is_harmless(end: bytes) -> None:
    """It is kept in part, told, and the next entry is read as always."""
    head = b":20:X\r\n:25:PL34102055580000111122223333\r\n:28C:7\r\n:60F:C261230PLN100,00\r\n"
    entry = b":61:2612301230C10,00N240NONREF//REF1\r\n:86:020~00240\r\n~20TYTUL\r\n"
    huge = (b"Z" * 50 + end) * (3_000_000 // (50 + len(end)))
    content = head + entry + b"~21" + huge + b"\r\n" + entry + b":62F:C261231PLN120,00\r\n-\r\n"
    start = time.process_time()
    found = both(content)
    assert time.process_time() - start < 3
    first, second = found.transactions
    assert first.title.startswith("TYTULZZZ") and second.title == "TYTUL"
    assert len(first.raw) <= mt940_machine.MAX_DETAIL_CHARS + 2 * mt940_source.MAX_LINE
    assert [problem.code for problem in found.all_problems] == ["DETAILS_TOO_LONG"]


@pytest.mark.parametrize("word", ["REF", "TNR ORYG"])
def test_blanks_in_a_returned_payment_take_no_time(word: str) -> None:
    """A payer who writes three thousand blanks in many entries would else hold the import for minutes."""
    head = b":20:X\r\n:25:PL34102055580000111122223333\r\n:28C:7\r\n:60F:C261230PLN100,00\r\n"
    entry = f":61:2612301230RC10,00NTRFNONREF\r\n:86:150^00X^20{word}{' ' * 3000}?\r\n".encode()
    start = time.process_time()
    found = both(head + entry * 3 + b":62F:C261231PLN70,00\r\n-\r\n", "pekao")
    assert time.process_time() - start < 0.2
    assert [tx.amount for tx in found.transactions] == [Decimal("-10.00")] * 3 and not found.all_problems


def test_millions_of_stray_lines_are_told_once() -> None:
    found = mt940.parse(b"a;b;c\n" * 200_000)
    codes = [problem.code for problem in found.all_problems]
    assert len(codes) == mt940_machine.MAX_STRAY + 2
    assert codes[-1] == "MORE_LINES_OUT_OF_PLACE"


@pytest.mark.parametrize("kind", ["pko_bp", "mbank"])
def test_memory_does_not_grow_with_the_file(kind: str) -> None:
    """20 MB here; the benchmark measures 150 MB."""
    assert grown(kind, 60_000) < 60 * 1024


def test_options_choose_the_dialect() -> None:
    stream = open_file(io.BytesIO(SAMPLES["synthetic/pko_bp_2026-10-02.sta"]), options=Options(dialect="alior"))
    assert (stream.format, stream.dialect) == ("mt940", "alior")
    assert sum(type(event) is Transaction for event in stream) == 4
