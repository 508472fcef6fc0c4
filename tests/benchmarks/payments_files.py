"""Bank files of any size for benchmarks, made piece by piece: PKO BP (sub-fields) and mBank (labels).

Every entry has what a payment of a subscriber has: title of two pieces, name and address, account, virtual payer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

PKO_ACCOUNT = "60102010550000910200000001"
MBANK_ACCOUNT = "29114010810000267002001002"
_NAMES = ("JAN KOWALSKI", "ŁUCJA ŻÓŁĆ-NOWAK", "ANNA MARIA WIŚNIEWSKA", "PRZEDSIĘBIORSTWO ROBÓT SP. Z O.O.")
_STREETS = ("UL. DŁUGA 5/7 00-238 WARSZAWA", "OS. MŁODYCH 12 31-908 KRAKÓW", "AL. LIPOWA 3 M.4 50-001 WROCŁAW")
_FIRST = date(2026, 10, 1)


def amount(number: int) -> Decimal:
    return Decimal(1_000 + number * 7919 % 29_000) / 100


def total(entries: int) -> Decimal:
    return sum((amount(number) for number in range(entries)), Decimal(0))


def nrb(number: int) -> str:
    b24 = f"10901014{number:016}"
    return f"{98 - int(b24 + '252100') % 97:02d}{b24}"


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
    payer = nrb(number)
    title = f"ZAPŁATA ZA FAKTURĘ FA/2026/10/{number:06} ABONAMENT"
    name = f"{_NAMES[number % len(_NAMES)]} {_STREETS[number % len(_STREETS)]}"
    money = f"{amount(number):.2f}".replace(".", ",")
    lines = [
        f":61:{day:%y%m%d%m%d}C{money}N240NONREF//{day:%y%m%d}275{number:07}",
        "240 0",
        ":86:020~00240",
        f"~20{title[:27]}",
        f"~21{title[27:54]}",
        *(f"~{code}\u02d9" for code in (22, 23, 24, 25)),
        f"~30{payer[2:10]}",
        f"~31{payer[10:]}",
        f"~32{name[:27]}",
        f"~33{name[27:54]}",
        f"~38PL{payer}",
        "~60\u02d9",
        f"~63SWRK {number:012}",
        "",
    ]
    return "\r\n".join(lines).encode("iso-8859-2")


def _mbank_entry(number: int, entries: int) -> bytes:
    day = _day(number, entries)
    money = f"{amount(number):.2f}".replace(".", ",")
    text = (
        f"911 TRANSAKCJA COLLECT; ID IPH: XX{number:012}; Z RACH.: {nrb(number)}; "
        f"OD: {_NAMES[number % len(_NAMES)]}  {_STREETS[number % len(_STREETS)]}; "
        f"TYT.: ZAPŁATA ZA FAKTURĘ FA/2026/10/{number:06}; DATA STEMPLA: {day:%d.%m.%Y}; TNR: {number:015}.010001"
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
