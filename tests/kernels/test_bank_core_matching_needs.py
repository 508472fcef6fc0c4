"""What is asked before matching: no more than what can decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bank_core import nrb
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
    shapes_of,
)
from bank_core.model import Transaction

DAY = date(2026, 11, 21)
PREFIX = "102055614444"
VIRTUAL = nrb.virtual_nrb(PREFIX, 101).nrb
PAYER = "38109010140000071219812900"
JAN, ANNA, EWA = 1, 2, 3
NAMES = {JAN: name_key("Jan Kowalski"), ANNA: name_key("Anna Nowak"), EWA: name_key("Ewa Anna Nowak")}
DOCUMENTS = (
    Document(11, JAN, "FA/2026/10/01234", residual=4999),
    Document(21, ANNA, "FA/2026/10/05678", residual=4999),
)
FACTS = Facts(
    virtual={VIRTUAL: JAN},
    prefixes=(PREFIX,),
    documents=document_index(DOCUMENTS),
    names={NAMES[ANNA]: (ANNA,)},
    shapes=shapes_of(["FA/2026/10/01234"]),
)


def payment(title: str, name: str, amount: str = "60.00", key: str = "") -> Transaction:
    value = Decimal(amount)
    return Transaction(
        1,
        1,
        DAY,
        DAY,
        value,
        "C",
        "",
        "N240",
        "",
        "",
        "",
        title=title,
        party_name=name,
        party_account=PAYER,
        payer_key=key,
    )


def numbers_asked(tx: Transaction, names_of: Mapping[int, str]) -> frozenset[str]:
    return more_needs([tx], replace(FACTS, names_of=names_of)).numbers


def test_neighbours_of_a_stranger_whom_nothing_speaks_for_are_not_asked() -> None:
    assert not numbers_asked(payment("FA/2026/10/01234", "Anna Nowak"), NAMES)


def test_neighbours_are_asked_where_the_amount_may_speak_for_a_stranger() -> None:
    asked = numbers_asked(payment("FA/2026/10/01234", "Anna Nowak", "49.99"), NAMES)
    assert {"FA20261001235", "FA20261101234", "FA20261002134"} <= asked


def test_neighbours_are_asked_where_a_part_of_the_name_fits() -> None:
    asked = numbers_asked(payment("FA/2026/10/05678", "Ewa Nowak"), {ANNA: NAMES[EWA]})
    assert "FA20261005679" in asked


def test_neighbours_are_asked_while_the_customers_name_is_not_known() -> None:
    assert "FA20261001235" in numbers_asked(payment("FA/2026/10/01234", "Anna Nowak"), {})


def test_a_payment_to_a_virtual_account_asks_for_its_customer_alone() -> None:
    known = replace(FACTS, payers={PAYER: (PayerUse(EWA, 1, DAY.toordinal()),)}, names_of=NAMES)
    more = more_needs([payment("FA/2026/10/05678", "Anna Nowak", key=VIRTUAL)], known)
    assert more.accounts == {JAN}
    assert not more.numbers
    assert not more.name_words


def test_namesakes_of_a_payer_known_for_the_named_customer_alone_are_not_asked() -> None:
    known = replace(FACTS, payers={PAYER: (PayerUse(JAN, 1, DAY.toordinal()),)}, names_of=NAMES)
    more = more_needs([payment("FA/2026/10/01234", "Jan Piotr Kowalski")], known)
    assert more.accounts == {JAN}
    assert not more.name_words


def test_what_was_seen_of_a_payment_stands_for_that_payment_and_those_facts_only() -> None:
    tx = payment("FA/2026/10/05678", "Anna Nowak")
    facts = replace(FACTS, names_of=NAMES)
    more_needs([tx], facts)
    assert [seen.tx for seen in facts.seen.values()] == [tx]
    assert Matcher(facts).match(tx).decision == BOOK

    other = replace(facts, documents={})
    assert not other.seen
    assert Matcher(other).match(tx).decision != BOOK
    # another payment may stand where one stood that is gone
    facts.seen[id(tx)] = facts.seen[id(tx)]._replace(tx=payment("FA/2026/10/01234", "Jan Kowalski"))
    assert Matcher(facts).match(tx).document_ids == (21,)

    more_needs([], facts)
    assert not facts.seen


def test_a_day_with_strokes_is_asked_for_as_the_number_it_may_be() -> None:
    asked = needs([payment("26/10/2033 abonament", "Anna Nowak")], FACTS.shapes)
    assert match_key("FA/2026/10/02033") in asked.numbers
    assert not needs([payment("dnia 26.10.2033", "Anna Nowak")], FACTS.shapes).numbers
