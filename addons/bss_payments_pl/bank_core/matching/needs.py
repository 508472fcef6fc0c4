"""What has to be fetched before a batch of payments can be matched."""

from __future__ import annotations

from collections.abc import Sequence

from .. import nrb
from ..model import Transaction
from .batches import no_cycles
from .corroboration import named_sum
from .lexicon import lexicon
from .lookups import Seen, days_like_numbers, may_hold_days, neighbours_of, paid_to, see
from .model import Facts, MoreNeeds, Needs, Settings
from .names import fits, pairs, parts, word_pairs
from .reading import read_title
from .shapes import Shape, shapes_of
from .text import name_key


@no_cycles()
def needs(batch: Sequence[Transaction], shapes: Sequence[Shape], prefixes: Sequence[str] = ()) -> Needs:
    """First question: keys that stand in the payments themselves.

    :param shapes: shapes of the journals' numbers
    :param prefixes: prefixes of the pools of this bank account, to complete short payer keys
    """
    words = lexicon(tuple(shapes))
    numbers: set[str] = set()
    ksef: set[str] = set()
    accounts: set[str] = set()
    payers: set[str] = set()
    names: set[str] = set()
    virtual: set[str] = set()
    for tx in batch:
        if tx.payer_key:
            virtual.update(_virtual(tx.payer_key, prefixes))
        reading = read_title(tx.title, words)
        for mention in reading.mentions:
            numbers.update(mention.keys)
        if may_hold_days(reading):
            for _day, keys in days_like_numbers(reading, words):
                numbers.update(keys)
        if reading.ksef:
            ksef.update(reading.ksef)
        if reading.numbers:
            accounts.update(number.key for number in reading.numbers)
        if reading.nrbs:
            virtual.update(reading.nrbs)
        if tx.party_account:
            payers.add(tx.party_account)
        if tx.party_name:
            name = name_key(tx.party_name)
            names.add(name)
            if reading.mentions or reading.damaged_ksef:
                names.update(parts(name))
        told = pairs(reading.rest)
        if told:
            names.update(told)
    return Needs(
        frozenset(numbers),
        frozenset(ksef),
        frozenset(accounts | numbers),
        frozenset(payers),
        frozenset(names),
        frozenset(virtual),
    )


def _virtual(key: str, prefixes: Sequence[str]) -> list[str]:
    if len(key) == 26:
        return [key]
    return [number for number in (nrb.from_payer_key(prefix, key) for prefix in prefixes) if number]


@no_cycles()
def more_needs(batch: Sequence[Transaction], facts: Facts, settings: Settings | None = None) -> MoreNeeds:
    """Second question: accounts whose open documents matter, and numbers one slip away."""
    settings = settings or Settings()
    shapes = facts.shapes or shapes_of(d.number for found in facts.documents.values() for d in found)
    words = lexicon(tuple(shapes))
    accounts: set[int] = {rule.account_id for rule in facts.rules if rule.account_id}
    numbers: set[str] = set()
    name_words: set[tuple[str, str]] = set()
    facts.seen.clear()
    for tx in batch:
        if tx.payer_key:
            virtual = paid_to(tx, facts)[1]
            accounts.update(virtual)
            if virtual:
                continue  # nobody asks who else might have paid
        reading = read_title(tx.title, words)
        seen = facts.seen[id(tx)] = see(tx, reading, facts, settings)
        for use in seen.known:
            accounts.add(use.account_id)
        accounts.update(seen.namesakes)
        for number in reading.numbers:
            accounts.update(facts.account_numbers.get(number.key, ()))
        for key in reading.ksef:
            accounts.update([document.account_id for document in facts.ksef.get(key, ())])
        for key in reading.nrbs:
            if key in facts.virtual:
                accounts.add(facts.virtual[key])
        if (reading.mentions and not _is_own(seen)) or reading.damaged_ksef:
            _about_numbers(tx, seen, facts, accounts, numbers, name_words)
    return MoreNeeds(frozenset(accounts), frozenset(numbers), frozenset(name_words))


def _may_fit(payer: str, customer: str | None) -> bool:
    """Whether the payer's name may be that of the customer; a name that was not fetched yet may be any."""
    return bool(payer) and (customer is None or fits(payer, customer))


def _is_own(seen: Seen) -> bool:
    """The title names one document, of the customer whom the payer's account pays for alone: nobody else matters."""
    exact = seen.exact
    return len(exact) == 1 == len(seen.reading.mentions) and exact[0][1].account_id == seen.exclusive


def _about_numbers(
    tx: Transaction,
    seen: Seen,
    facts: Facts,
    accounts: set[int],
    numbers: set[str],
    name_words: set[tuple[str, str]],
) -> None:
    """Whose documents a title names, and who else may be meant by its numbers."""
    for _mention, found in seen.doubtful:
        accounts.update([document.account_id for document in found])
    owners = {document.account_id for _mention, document in seen.exact}
    accounts.update(owners)
    if len(owners) == 1:
        (owner,) = owners
        if owner not in seen.namesakes and owner not in [use.account_id for use in seen.known]:
            # only a name or an amount may still speak for him, and a neighbour's number against that
            documents = {document.id: document for _mention, document in seen.exact}
            if _may_fit(seen.name, facts.names_of.get(owner)) or named_sum([*documents.values()]) == int(
                tx.amount.scaleb(2)
            ):
                for document in documents.values():
                    numbers.update(neighbours_of(document.number))
    # against the customer the payer's account pays for alone no namesake counts
    if seen.name and (seen.exclusive is None or owners - {seen.exclusive}):
        for key in parts(seen.name):
            accounts.update(facts.names.get(key, ()))
        name_words.update(word_pairs(seen.name))
