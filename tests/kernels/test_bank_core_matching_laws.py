"""Laws of matching: what must hold for any directory of customers and any payment."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bank_core.matching import (
    BOOK,
    Document,
    Facts,
    Matcher,
    PayerUse,
    document_index,
    ksef_index,
    more_needs,
    name_key,
    needs,
    shapes_of,
)
from bank_core.model import Transaction

DAY = date(2026, 11, 5)
SHAPES = shapes_of(["FA/2026/10/00123", "KOR/2026/10/0001"])
NAMES = ("Jan Kowalski", "Jan Piotr Kowalski", "Anna Nowak", "Jan Nowak", "Nowak Sp. z o.o.")
NRBS = ("38109010140000071219812900", "11109010140000071219812901", "22109010140000071219812902")
#: neighbours of each other, so that slips meet
RUNNING = ("00123", "00132", "00124", "01123", "100123", "00987")
ACCOUNTS = 6

Customer = tuple[int, str, tuple[Document, ...], tuple[str, ...]]


@st.composite
def customers(draw: st.DrawFn) -> list[Customer]:
    """Customers with names, documents of which no two bear one number, and payers' accounts of the past."""
    taken = draw(st.permutations([(month, run) for month in (9, 10) for run in RUNNING]))
    found = []
    for account in range(1, ACCOUNTS + 1):
        mine = taken[2 * account - 2 : 2 * account - draw(st.integers(0, 1))]
        documents = tuple(
            Document(
                account * 10 + place,
                account,
                f"FA/2026/{month:02}/{run}",
                residual=draw(st.sampled_from((4999, 5999))),
                period=202600 + month,
                is_open=draw(st.booleans()),
            )
            for place, (month, run) in enumerate(mine)
        )
        payers = tuple(draw(st.sets(st.sampled_from(NRBS), max_size=1)))
        found.append((account, draw(st.sampled_from(NAMES)), documents, payers))
    return found


@st.composite
def titles(draw: st.DrawFn) -> str:
    number = f"FA/2026/{draw(st.sampled_from(('09', '10')))}/{draw(st.sampled_from(RUNNING))}"
    place = draw(st.integers(0, len(number) - 1))
    ways = (
        number,
        number[3:],
        number.replace("/", " "),
        number.replace("/", ""),
        number[:place] + number[place + 1 :],
        number[:place] + "7" + number[place + 1 :],
    )
    words = ("", "internet", "za październik 2026", "UM/2026/12", number[:-1])
    return f"{draw(st.sampled_from(words))} {draw(st.sampled_from(ways))}".strip() if draw(st.booleans()) else ""


@st.composite
def payments(draw: st.DrawFn) -> Transaction:
    return Transaction(
        1, 1, DAY, DAY, Decimal(draw(st.sampled_from(("49.99", "59.99", "99.98")))), "C", "", "N240", "", "", "",
        title=draw(titles()),
        party_name=draw(st.sampled_from(("", *NAMES, "KOWALSKI JAN UL. POLNA 5"))),
        party_account=draw(st.sampled_from(("", *NRBS))),
    )  # fmt: skip


def whole(people: Sequence[Customer]) -> Facts:
    """All there is to know about these customers."""
    documents = [document for _account, _name, owned, _payers in people for document in owned]
    names: dict[str, tuple[int, ...]] = {}
    payers: dict[str, tuple[PayerUse, ...]] = {}
    for account, name, _documents, used in people:
        names[name_key(name)] = (*names.get(name_key(name), ()), account)
        for payer in used:
            payers[payer] = (*payers.get(payer, ()), PayerUse(account, 3, DAY.toordinal() - 40))
    return Facts(
        documents=document_index(documents),
        ksef=ksef_index(documents),
        account_numbers={f"UM2026{account:05}": (account,) for account, *_more in people},
        payers=payers,
        names=names,
        names_of={account: name_key(name) for account, name, *_more in people},
        open_documents={account: tuple(d for d in owned if d.is_open) for account, _name, owned, _payers in people},
        shapes=SHAPES,
    )


def asked(everything: Facts, tx: Transaction) -> Facts:
    """Only what the two questions ask for, as a database answers them."""
    first = needs([tx], SHAPES)
    facts = replace(
        everything,
        documents={key: found for key, found in everything.documents.items() if key in first.numbers},
        account_numbers={k: found for k, found in everything.account_numbers.items() if k in first.account_numbers},
        payers={key: found for key, found in everything.payers.items() if key in first.payers},
        names={key: found for key, found in everything.names.items() if key in first.names},
        open_documents={},
    )
    more = more_needs([tx], facts)
    longer = {
        key: found
        for key, found in everything.names.items()
        if any(set(words) <= set(key.split()) for words in more.name_words)
    }
    names = facts.names | longer
    accounts = more.accounts.union(*names.values())
    return replace(
        facts,
        documents=facts.documents | {k: found for k, found in everything.documents.items() if k in more.numbers},
        names=names,
        open_documents={account: found for account, found in everything.open_documents.items() if account in accounts},
    )


@settings(max_examples=80)
@given(people=customers(), tx=payments(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_directory_changes_nothing(
    people: list[Customer], tx: Transaction, order: random.Random
) -> None:
    shuffled = list(people)
    order.shuffle(shuffled)
    one, other = Matcher(whole(people)).match(tx), Matcher(whole(shuffled)).match(tx)
    assert one == other


@settings(max_examples=80)
@given(people=customers(), tx=payments())
def test_what_the_questions_ask_for_is_enough(people: list[Customer], tx: Transaction) -> None:
    everything = whole(people)
    one, other = Matcher(everything).match(tx), Matcher(asked(everything, tx)).match(tx)
    if BOOK in (one.decision, other.decision):
        assert (one.decision, one.account_id, one.document_ids) == (
            other.decision,
            other.account_id,
            other.document_ids,
        )


@settings(max_examples=80)
@given(people=customers(), tx=payments())
def test_one_customer_more_never_makes_a_booking_wrong(people: list[Customer], tx: Transaction) -> None:
    """He may make it doubtful; it never goes to somebody who had it not, unless to himself."""
    before = Matcher(whole(people[:-1])).match(tx)
    after = Matcher(whole(people)).match(tx)
    if before.decision == BOOK and after.decision == BOOK:
        assert after.account_id in (before.account_id, people[-1][0])


@settings(max_examples=80)
@given(people=customers(), tx=payments())
def test_what_is_ambiguous_never_books(people: list[Customer], tx: Transaction) -> None:
    found = Matcher(whole(people)).match(tx)
    if found.reason == "AMBIGUOUS":
        assert found.decision != BOOK
    if found.decision == BOOK:
        assert {candidate.account_id for candidate in found.candidates} == {found.account_id}
