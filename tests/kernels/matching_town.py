"""A small town of six customers with their documents, accounts and namesakes, for tests of matching."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from bank_core.matching import (
    Document,
    Facts,
    Match,
    Matcher,
    PayerUse,
    document_index,
    ksef_index,
    name_key,
)
from bank_core.model import Transaction

DAY = date(2026, 11, 5)
TODAY = DAY.toordinal()
KSEF = "5265877635-20250826-0100001AF629-AF"
JAN, ANNA, JAN_2, FIRM, EWA, MOTHER = 1, 2, 3, 4, 5, 6
NAMES = {
    JAN: "Jan Kowalski",
    ANNA: "Anna Nowak",
    JAN_2: "Jan Kowalski",
    FIRM: "Tele Marzec Sp. z o.o.",
    EWA: "Ewa Lis",
    MOTHER: "Maria Zając",
}
NRB_ANNA, NRB_OFFICE, NRB_OLD, NRB_MOTHER = (f"{n}109010140000071219812900" for n in (38, 11, 22, 33))
NUMBERS = {"100000017": (JAN,), "100000025": (ANNA,), "100000033": (EWA,)}
DOCUMENTS = (
    Document(11, JAN, "FA/2026/09/00501", residual=4999, period=202609),
    Document(12, JAN, "FA/2026/10/00111", residual=4999, period=202610),
    Document(13, JAN, "FA/2026/08/00300", residual=0, period=202608, is_open=False),
    Document(21, ANNA, "FA/2026/09/00777", KSEF, residual=6000, period=202609),
    Document(22, ANNA, "FA/2026/10/00888", residual=3000, period=202610),
    Document(23, ANNA, "KOR/2026/10/00001", residual=-1000, period=202610, kind="credit_note"),
    Document(31, JAN_2, "FA/2026/10/00112", residual=4999, period=202610),
    Document(41, FIRM, "FA/2026/09/04000", residual=10000, period=202609),
    Document(42, FIRM, "FA/2026/10/04001", residual=12000, period=202610),
    Document(51, EWA, "FA/2026/10/09990", residual=4999, period=202610),
    Document(61, MOTHER, "FA/2026/10/07007", residual=5500, period=202610),
)


def facts(documents: Iterable[Document] = DOCUMENTS, **more: Any) -> Facts:
    documents = tuple(documents)
    by_name: dict[str, tuple[int, ...]] = {}
    for account, name in NAMES.items():
        by_name[name_key(name)] = (*by_name.get(name_key(name), ()), account)
    known: dict[str, Any] = {
        "documents": document_index(documents),
        "ksef": ksef_index(documents),
        "account_numbers": NUMBERS,
        "payers": {
            NRB_ANNA: (PayerUse(ANNA, 3, TODAY - 30),),
            NRB_OFFICE: tuple(PayerUse(account, 5, TODAY - 20) for account in (JAN, ANNA, FIRM)),
            NRB_OLD: (PayerUse(ANNA, 9, TODAY - 900),),
            NRB_MOTHER: (PayerUse(MOTHER, 9, TODAY - 10),),
        },
        "names": by_name,
        "names_of": {account: name_key(name) for account, name in NAMES.items()},
        "open_documents": {a: tuple(d for d in documents if d.account_id == a and d.is_open) for a in NAMES},
    }
    return Facts(**(known | more))


FACTS = facts()
MATCHER = Matcher(FACTS)


def tx(title: str = "", amount: str = "49.99", name: str = "", nrb: str = "", **more: Any) -> Transaction:
    value = Decimal(amount)
    return Transaction(
        1, 1, DAY, DAY, value, "C", "", "N240", "", "", "", title=title, party_name=name, party_account=nrb, **more
    )


def match(title: str = "", matcher: Matcher = MATCHER, **more: Any) -> Match:
    return matcher.match(tx(title, **more))


LONG = "ZA USLUGI TELEKOMUNIKACYJNE WRAZ Z DZIERZAWA URZADZENIA WEDLUG UMOWY ZAWARTEJ NA CZAS NIEOKRESLONY "


def cut(end: str) -> str:
    """A title of 140 characters that ends like this."""
    return f"{(LONG * 2)[: 139 - len(end)]} {end}"
