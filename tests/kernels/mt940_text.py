"""Texts of MT940 statements for tests, and the reader they are given to."""

from __future__ import annotations

from pathlib import Path

from bank_core.formats import mt940
from bank_core.model import BankFile, Transaction

DATA = Path(__file__).parent.parent / "data" / "bank"
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


def sample(name: str) -> tuple[Transaction, ...]:
    return mt940.parse((DATA / name).read_bytes()).transactions
