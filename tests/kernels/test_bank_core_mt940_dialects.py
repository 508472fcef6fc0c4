"""Dialects are data: what each map must hold, how returns are read, and interim reports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bank_core import nrb
from bank_core.formats import detect, formats, mt940
from bank_core.formats.dialects import DIALECTS, by_clearing
from bank_core.model import Transaction

OWN = "34102055580000111122223333"


def statement(entry: str, closing: str = "0,00") -> str:
    return f":20:X\n:25:/PL{OWN}\n:28C:7\n:60F:C261001PLN100,00\n{entry}:62F:C261001PLN{closing}\n-\n"


def one(entry: str, dialect: str) -> Transaction:
    (tx,) = mt940.parse(statement(entry).encode(), dialect, "utf-8").transactions
    return tx


@pytest.mark.parametrize("code", sorted(DIALECTS))
def test_a_dialect_is_complete(code: str) -> None:
    dialect = DIALECTS[code]
    assert dialect.code == code and dialect.name and dialect.note
    used = {*dialect.title, *dialect.account, *(part for names, _width in dialect.names for part in names)}
    assert used <= dialect.known_set
    assert bool(dialect.separator) == (dialect.layout == "subfields")


def test_banks_have_one_dialect_each() -> None:
    banks = [bank for dialect in DIALECTS.values() for bank in dialect.banks]
    assert len(set(banks)) == len(banks)
    for bank in banks:
        b24 = f"{bank}{0:020}"
        found = by_clearing(nrb.check_digits(b24) + b24)
        assert found is not None and bank in found.banks


def test_new_dialects_read_their_layout() -> None:
    multicash = one(":61:2610011001C1,00NTRFA//B\n:86:020<00Przelew<20TYTUL<27JAN KOWALSKI<32INNY\n", "alior")
    assert (multicash.title, multicash.party_name) == ("TYTUL", "JAN KOWALSKI")
    caret = one(":61:2610011001C1,00NTRFA//B\n:86:020^00Przelew^20TYTUL^32JAN KOWALSKI\n", "santander")
    assert (caret.title, caret.party_name) == ("TYTUL", "JAN KOWALSKI")
    swift = one(":61:2610011001C1,00NTRFA//B\n:86:020?00Przelew?20TYTUL?32JAN KOWALSKI\n", "deutsche")
    assert (swift.title, swift.party_name) == ("TYTUL", "JAN KOWALSKI")
    citi = one(":61:2610011001C1,00NTRFA//B\n:86:/PT/FT/PY/TYTUL/BO/JAN KOWALSKI/EREF/E1\n", "citi")
    assert (citi.title, citi.party_name, citi.end_to_end) == ("TYTUL", "JAN KOWALSKI", "E1")


def test_deutsche_frames_its_statements() -> None:
    body = statement(":61:2610011001C1,00NTRFA//B\n:86:020?20TYTUL\n", "101,00").replace("\n", "\r\n")
    content = b"\x01" + body.encode() + b"\x03\x01" + body.replace(":28C:7", ":28C:8").encode() + b"\x03"
    found = mt940.parse(content, "deutsche")
    assert [s.number for s in found.statements] == ["7", "8"]
    assert not found.all_problems


def test_a_reversal_names_what_it_takes_back() -> None:
    entry = ":61:2610011001RC49,99NTRFNONREF//R2\n:86:020<00Storno<20STORNO REF: 2610020000999 POWOD: BRAK SRODKOW\n"
    tx = one(entry, "millennium")
    assert (tx.mark, tx.amount, tx.original_ref) == ("RC", Decimal("-49.99"), "2610020000999")
    assert tx.return_reason == "BRAK SRODKOW"
    tnr = (
        ":61:2610011001DN49,99NTRFNONREF//R2\n:86:911 ZWROT; TYT.: ZWROT PRZELEWU TNR 179171073864111.010001; TNR: 1\n"
    )
    assert one(tnr, "mbank").original_ref == "179171073864111.010001"


@pytest.mark.parametrize("mark", ["C", "D"])
def test_words_of_a_payer_take_nothing_back(mark: str) -> None:
    entry = f":61:2610011001{mark}49,99NTRFNONREF//R2\n:86:020<00Przelew<20ZA FV REF: 2610020000999\n"
    tx = one(entry, "millennium")
    assert (tx.original_ref, tx.return_reason) == ("", "")


def test_type_of_a_returned_payment() -> None:
    entry = ":61:2610011001C49,99NRTINONREF//R2\n:86:/RTRN/AC04//EREF/FV-1//REMI/USTD//ZWROT REF 2610020000999/\n"
    tx = one(entry, "structured")
    assert (tx.end_to_end, tx.original_ref, tx.return_reason) == ("FV-1", "2610020000999", "AC04")


INTERIM = (
    ":20:X\n:25:/PL{own}\n:28C:7\n:34F:PLN0\n:13D:2610011815+0100\n"
    ":61:2610011001C1,00NTRFA//B\n:86:020~00x\n~20A\n:61:2610011001D3,00NTRFA//C\n:86:020~00x\n~20B\n{end}"
)


@pytest.mark.parametrize(
    ("end", "count", "codes"),
    [
        (":90D:1PLN3,00\n:90C:1PLN1,00\n-\n", 2, []),
        (":90D:1PLN3,00\n:90C:2PLN1,00\n-\n", 2, ["INTERIM_SUM_MISMATCH"]),
        (":90D:1PLN3,00\n:90C:1PLN1,01\n-\n", 2, ["INTERIM_SUM_MISMATCH"]),
        (":90D:1PLNx\n-\n", 2, ["BALANCE_UNREADABLE"]),
        ("-\n", 2, []),
        ("", 1, ["ENTRY_HELD_BACK", "INTERIM_END_MISSING"]),
    ],
)
def test_interim_report(end: str, count: int, codes: list[str]) -> None:
    found = mt940.parse(INTERIM.format(own=OWN, end=end).encode())
    assert [problem.code for problem in found.all_problems] == codes
    assert found.statements[0].head.kind == "interim"
    assert len(found.transactions) == count


def test_registry_knows_an_mt940_by_its_tags() -> None:
    found = detect(statement("").encode(), "x.txt")
    assert found is formats()["mt940"]
    assert detect(b"\x00\x01\x02") is None
