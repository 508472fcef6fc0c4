"""Matching: payments per CPU second against 500,000 open documents in memory, both questions for facts included."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from bank_core.matching import (
    BOOK,
    Document,
    Facts,
    Matcher,
    PayerUse,
    document_index,
    match_key,
    more_needs,
    name_key,
    needs,
    no_cycles,
    shapes_of,
)
from bank_core.model import Transaction

from .figures import Figure

ACCOUNTS = 250_000
PAYMENTS = 20_000
BATCH = 2_000
ROUNDS = 8
DAY = date(2026, 11, 5)
#: about three customers share a name
_GIVEN = (
    "JAN", "ANNA", "PIOTR", "MARIA", "TOMASZ", "EWA", "PAWEL", "ZOFIA", "ADAM", "JOANNA", "MAREK", "HALINA",
    "KAROL", "AGATA", "JACEK", "BEATA", "LESZEK", "IWONA", "ROMAN", "DOROTA", "DAWID", "KINGA", "FILIP", "MONIKA",
    "ARTUR", "RENATA", "JAKUB", "SYLWIA", "KAMIL", "DANUTA", "IGOR", "ALICJA", "LECH", "ELIZA", "OSKAR", "LAURA",
    "EMIL", "NINA",
)  # fmt: skip
_HEADS = (
    "KOWAL", "NOWA", "WISNIEW", "WOJCI", "KAMIN", "LEWAND", "ZIELIN", "SZYMAN", "WOZNIA", "DABROW", "KOZLOW",
    "JANKOW", "MAZUR", "KWIAT",
)  # fmt: skip
_TAILS = (
    "SKI", "SKA", "AK", "EK", "ICZ", "CZYK", "OWSKI", "OWSKA", "EWSKI", "EWICZ", "IK", "UK",
)  # fmt: skip


def world() -> tuple[Facts, list[str], list[str]]:
    """Facts of 250,000 customers with two open invoices each, their names and their bank accounts."""
    dice = random.Random(7)
    names = [
        f"{dice.choice(_GIVEN)} {dice.choice(_HEADS)}{dice.choice(_TAILS)}{dice.choice(_TAILS)}"
        for _number in range(ACCOUNTS)
    ]
    nrbs = [f"{dice.randrange(10, 99)}10901014{number:016}" for number in range(ACCOUNTS)]
    open_documents = {}
    documents: list[Document] = []
    for account in range(ACCOUNTS):
        amount = dice.choice((4999, 5999, 6999, 7999, 8999, 10999))
        own = tuple(
            Document(
                account * 2 + place,
                account,
                f"FA/2026/{month:02}/{account + 1:06}",
                residual=amount,
                due=DAY.toordinal(),
                period=202600 + month,
            )
            for place, month in enumerate((9, 10))
        )
        open_documents[account] = own
        documents += own
    of_name: dict[str, list[int]] = {}
    for account, name in enumerate(names):
        of_name.setdefault(name_key(name), []).append(account)
    facts = Facts(
        documents=document_index(documents),
        account_numbers={_customer(account): (account,) for account in range(ACCOUNTS)},
        payers={
            nrb: (PayerUse(account, 6, DAY.toordinal() - 30),) for account, nrb in enumerate(nrbs) if account % 10 < 8
        },
        names=of_name,
        names_of={account: name_key(name) for account, name in enumerate(names)},
        open_documents=open_documents,
        shapes=shapes_of(["FA/2026/10/000123", "KOR/2026/10/000001", "NO/2026/00001"]),
    )
    return facts, names, nrbs


def _customer(account: int) -> str:
    base = str(10_000_001 + account)
    total = 0
    for index, char in enumerate(reversed(base)):
        digit = int(char) * (2 if index % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return base + str(-total % 10)


#: how a customer writes: the account's number, its October invoice
_TITLES: tuple[Callable[[int, str], str], ...] = (
    lambda account, number: f"Zapłata za fakturę {number}",
    lambda account, number: f"FAKTURA NR {number} ORAZ {number.replace('/10/', '/09/')}",
    lambda account, number: f"OPLATA ZA INTERNET {number.replace('/', ' ')}",
    lambda account, number: number.replace("/0", "/").replace("/0", "/") + " dziękuję",
    lambda account, number: f"klient {_customer(account)} abonament",
    lambda account, number: "za październik 2026",
    lambda account, number: "ABONAMENT",
    lambda account, number: f"FV {number[:-1]}",
    lambda account, number: f"{number} TEL. 601 234 567",
    lambda account, number: "",
)


def payments(names: list[str], nrbs: list[str], seed: int) -> list[Transaction]:
    """Payments written in ten ways, one in ten from an account nobody knows."""
    dice = random.Random(seed)
    found = []
    for position in range(PAYMENTS):
        account = dice.randrange(ACCOUNTS)
        title = _TITLES[position % len(_TITLES)](account, f"FA/2026/10/{account + 1:06}")
        found.append(
            Transaction(
                position,
                position,
                DAY,
                DAY,
                Decimal("49.99"),
                "C",
                "",
                "N240",
                "",
                "",
                "",
                title=title,
                party_name=names[account],
                party_account=nrbs[account],
            )
        )
    return found


def figures() -> list[Figure]:
    facts, names, nrbs = world()
    assert sum(map(len, facts.open_documents.values())) == 2 * ACCOUNTS
    assert match_key("FA/2026/10/000001") in facts.documents
    gc.collect()
    gc.freeze()
    try:
        # other payments in each round: what was understood of a title is kept
        rounds = [_seconds(facts, payments(names, nrbs, seed)) for seed in range(ROUNDS)]
    finally:
        gc.unfreeze()
    # other work on the machine only adds to the time of a batch: each counts as in its best round
    seconds = sum(map(min, zip(*rounds, strict=True)))
    return [Figure("match_per_cpu_s", PAYMENTS / seconds, "payments/s")]


def _seconds(facts: Facts, month: list[Transaction]) -> list[float]:
    """CPU seconds of each batch of a round."""
    matcher = Matcher(facts)
    booked = 0
    taken = []
    for first in range(0, PAYMENTS, BATCH):
        part = month[first : first + BATCH]
        start = time.process_time()
        needs(part, facts.shapes)
        more_needs(part, facts)
        with no_cycles():
            booked += sum(matcher.match(tx).decision == BOOK for tx in part)
        taken.append(time.process_time() - start)
    assert booked > PAYMENTS / 2, f"only {booked} of {PAYMENTS} recognised"
    return taken
