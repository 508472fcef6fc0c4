"""Bank files of any size for benchmarks, made piece by piece: PKO BP (sub-fields) and mBank (labels).

Every entry has what a payment of a subscriber has: title, name and address, account, virtual payer. No two titles are
alike, and a payer comes back only after :data:`PAYERS` others: what a reader remembers of earlier entries is of little
use to it, as in a bank's file of a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

#: what PKO BP writes into an empty sub-field
EMPTY = "\u02d9"
PKO_ACCOUNT = "60102010550000910200000001"
MBANK_ACCOUNT = "29114010810000267002001002"
#: most subscribers pay once a month, some twice
PAYERS = 15_013
_FIRST_NAMES = (
    "JAN",
    "ŁUCJA",
    "ANNA MARIA",
    "PAWEŁ",
    "KATARZYNA",
    "ZBIGNIEW",
    "MAŁGORZATA",
    "PIOTR",
    "EWA",
    "GRZEGORZ",
)
_SURNAMES = (
    "KOWALSKI",
    "ŻÓŁĆ-NOWAK",
    "WIŚNIEWSKA",
    "DĄBROWSKI",
    "LEWANDOWSKA",
    "WÓJCIK",
    "KAMIŃSKA",
    "ZIELIŃSKI",
    "WOŹNIAK",
)
_STREETS = ("UL. DŁUGA", "OS. MŁODYCH", "AL. LIPOWA", "UL. ŚW. JANA", "PLAC WOLNOŚCI", "UL. 3 MAJA", "UL. KRÓTKA")
_TOWNS = ("00-238 WARSZAWA", "31-908 KRAKÓW", "50-001 WROCŁAW", "90-330 ŁÓDŹ", "80-001 GDAŃSK")
_TITLES = (
    "ZAPŁATA ZA FAKTURĘ FA/2026/10/{:06} ABONAMENT",
    "FA/2026/10/{:06}",
    "INTERNET I TELEFON ZA PAŹDZIERNIK 2026, FAKTURA NR FA/2026/10/{:06}, UMOWA UM/2024/00731",
    "/VAT/18,70/IDC/5260250995/INV/FA/2026/10/{:06}/TXT/INTERNET",
)
_FIRST = date(2026, 10, 1)


def amount(number: int) -> Decimal:
    return Decimal(1_000 + number * 7919 % 29_000) / 100


def total(entries: int) -> Decimal:
    return sum((amount(number) for number in range(entries)), Decimal(0))


def nrb(number: int) -> str:
    b24 = f"10901014{number:016}"
    return f"{98 - int(b24 + '252100') % 97:02d}{b24}"


def _payer(number: int) -> tuple[str, str, str]:
    """(name, address, account)"""
    payer = number % PAYERS
    name = f"{_FIRST_NAMES[payer % 10]} {_SURNAMES[payer // 10 % 9]}"
    address = f"{_STREETS[payer // 90 % 7]} {payer // 7 % 211 + 1}/{payer % 97 + 1} {_TOWNS[payer % 5]}"
    return name, address, nrb(payer)


def pko_bp(entries: int) -> Iterator[bytes]:
    yield f":20:MT940\r\n:25:/PL{PKO_ACCOUNT}\r\n:28C:275\r\n:60F:C261001PLN0,00\r\n".encode()
    for number in range(entries):
        yield _pko_entry(number, entries)
    closing = f"{total(entries):.2f}".replace(".", ",")
    yield f":62F:C261031PLN{closing}\r\n:64:C261031PLN{closing}\r\n-\r\n".encode()


def mbank(entries: int) -> Iterator[bytes]:
    yield f"\x01\r\n:20:ST261001CYC/1\r\n:25:PL{MBANK_ACCOUNT}\r\n:28C:190/1\r\n:60F:C261001PLN0,00\r\n".encode()
    for number in range(entries):
        yield _mbank_entry(number, entries)
    closing = f"{total(entries):.2f}".replace(".", ",")
    yield f":62F:C261031PLN{closing}\r\n:64:C261031PLN{closing}\r\n-\x03".encode()


def _day(number: int, entries: int) -> date:
    return _FIRST + timedelta(days=number * 30 // entries)


def _pko_entry(number: int, entries: int) -> bytes:
    day = _day(number, entries)
    name, address, payer = _payer(number)
    title = _TITLES[number % len(_TITLES)].format(number)
    name = f"{name} {address}"
    money = f"{amount(number):.2f}".replace(".", ",")
    lines = [
        f":61:{day:%y%m%d%m%d}C{money}N240NONREF//{day:%y%m%d}275{number:07}",
        "240 0",
        ":86:020~00240",
        *(f"~{code}{title[at : at + 27] or EMPTY}" for code, at in zip(range(20, 26), range(0, 162, 27), strict=True)),
        f"~30{payer[2:10]}",
        f"~31{payer[10:]}",
        f"~32{name[:27]}",
        f"~33{name[27:54] or EMPTY}",
        f"~38PL{payer}",
        f"~60{EMPTY}",
        f"~63SWRK {number:012}",
        "",
    ]
    return "\r\n".join(lines).encode("iso-8859-2")


def _mbank_entry(number: int, entries: int) -> bytes:
    day = _day(number, entries)
    money = f"{amount(number):.2f}".replace(".", ",")
    name, address, payer = _payer(number)
    text = (
        f"911 TRANSAKCJA COLLECT; ID IPH: XX{number:012}; Z RACH.: {payer}; "
        f"OD: {name}  {address}; "
        f"TYT.: {_TITLES[number % len(_TITLES)].format(number)}; DATA STEMPLA: {day:%d.%m.%Y}; TNR: {number:015}.010001"
    )
    lines = [
        f":61:{day:%y%m%d%m%d}CN{money}NTRFNONREF//MB{day:%y%m%d}{number:06}",
        "911-TRANSAKCJA IPH",
        *_wrapped(f":86:{text}"),
        "",
    ]
    return "\r\n".join(lines).encode("iso-8859-2")


def _wrapped(text: str) -> Iterator[str]:
    """Lines of at most 65 characters, broken behind a blank, as this bank does."""
    while len(text) > 65:
        end = text.rfind(" ", 0, 65) + 1
        yield text[:end]
        text = text[end:]
    yield text


MAKERS = {"pko_bp": pko_bp, "mbank": mbank}
