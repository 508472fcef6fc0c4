"""The matcher at work on a simulated month: its questions answered from the world, batch by batch, as an import does it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from tests.simulators.payments import bank
from tests.simulators.payments.bank import Paid
from tests.simulators.payments.judge import Answer, Judge
from tests.simulators.payments.truth import label
from tests.simulators.payments.world import CREDIT, INTEREST, POOL, TODAY, World

from bank_core.matching import (
    BOOK,
    Document,
    Facts,
    Matcher,
    PayerUse,
    Rule,
    match_key,
    more_needs,
    name_key,
    needs,
    no_cycles,
    shapes_of,
)
from bank_core.model import Transaction

BATCH = 2_000
KINDS = {CREDIT: "credit_note", INTEREST: "interest_note"}


class Desk:
    """Knows the world under the keys that the matcher asks for."""

    def __init__(self, world: World) -> None:
        self.world = world
        ends = [place for first, count in world.series.values() for place in (first, first + count - 1)]
        self.shapes = shapes_of(world.number(document) for document in ends)
        self.numbers = {match_key(world.number(document)): document for document in range(len(world.owner))}
        self.accounts = {match_key(world.customer_number(account)): (account,) for account in world.accounts}
        self.accounts |= {match_key(world.contract_number(account)): (account,) for account in world.accounts}
        self.names_of = {account: name_key(world.names[account]) for account in world.accounts}
        self.names: dict[str, tuple[int, ...]] = {}
        for account, key in self.names_of.items():
            self.names[key] = (*self.names.get(key, ()), account)
        self.by_word: dict[str, set[str]] = {}
        for key in self.names:
            for word in key.split():
                self.by_word.setdefault(word, set()).add(key)
        self.virtual = {world.virtual(account): account for account in world.accounts}
        rules = (rule for found in world.rules.values() for rule in found)
        self.rules = [
            Rule(number, rule.account, rule.payer_nrb, "", tuple(word.lower() for word in rule.words))
            for number, rule in enumerate(rules, 1)
        ]

    @functools.cached_property
    def _ksef_key_is_plain(self) -> bool:
        number = self.world.ksef_number(0)
        return match_key(number) == number.replace("-", "")

    def ksef(self, key: str) -> tuple[Document, ...]:
        assert self._ksef_key_is_plain, "KSeF numbers are keyed otherwise"
        document = self.world.ksef_document(f"{key[:10]}-{key[10:18]}-{key[18:30]}-{key[30:]}")
        return (self.document(document),) if document >= 0 else ()

    def document(self, document: int) -> Document:
        world = self.world
        journal, year, month, _running = world.place(document)
        return Document(
            id=document + 1,
            account_id=world.owner[document],
            number=world.number(document),
            ksef_number=world.ksef_number(document),
            residual=world.residual[document],
            due=TODAY.replace(year=year, month=month).toordinal(),
            period=world.period(document),
            kind=KINDS.get(journal, "invoice"),
            is_open=world.residual[document] != 0,
        )

    def documents(self, keys: Iterable[str]) -> dict[str, tuple[Document, ...]]:
        return {key: (self.document(self.numbers[key]),) for key in keys if key in self.numbers}

    def names_with(self, pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[int, ...]]:
        found: set[str] = set()
        for first, second in pairs:
            found |= self.by_word.get(first, set()) & self.by_word.get(second, set())
        return {key: self.names[key] for key in found}

    def facts(self, batch: Sequence[Transaction]) -> Facts:
        """Two questions, two answers; nothing else of the world is shown."""
        asked = needs(batch, self.shapes, (POOL,))
        known = {
            "virtual": {key: self.virtual[key] for key in asked.virtual if key in self.virtual},
            "prefixes": (POOL,),
            "ksef": {key: found for key in asked.ksef if (found := self.ksef(key))},
            "account_numbers": {key: self.accounts[key] for key in asked.account_numbers if key in self.accounts},
            "payers": {
                key: tuple(PayerUse(use.account, use.count, use.last) for use in self.world.payers[key])
                for key in asked.payers
                if key in self.world.payers
            },
            "names": {key: self.names[key] for key in asked.names if key in self.names},
            "names_of": self.names_of,
            "rules": self.rules,
            "shapes": self.shapes,
        }
        documents = self.documents(asked.numbers)
        first = Facts(documents=documents, **known)
        more = more_needs(batch, first)
        known["names"] |= self.names_with(more.name_words)
        accounts = more.accounts.union(*known["names"].values())
        opened = {
            account: tuple(self.document(document) for document in self.world.open_documents.get(account, ()))
            for account in accounts
        }
        facts = Facts(documents=documents | self.documents(more.numbers), open_documents=opened, **known)
        facts.seen.update(first.seen)
        return facts

    def answers(self, month: Iterable[Paid]) -> Iterator[tuple[Paid, Answer]]:
        rest = iter(month)
        while batch := list(islice(rest, BATCH)):
            transactions = [bank.transaction(paid) for paid in batch]
            matcher = Matcher(self.facts(transactions))
            with no_cycles():
                matches = [matcher.match(tx) for tx in transactions]
            for paid, match in zip(batch, matches, strict=True):
                booked = match.decision == BOOK
                # whatever reason is told: the import pays every document that a booked match names before all others
                claims = frozenset(document - 1 for document in match.document_ids if booked)
                reason = f"{match.decision} {match.reason} {match.document_reason}".strip()
                yield paid, Answer((match.account_id or 0) if booked else 0, claims, reason)


def judged(desk: Desk, count: int, seed: int, virtual: bool, keep: int = 0) -> Judge:
    """A month of ``count`` payments matched and judged; ``keep`` examples of each kind of fault."""
    judge = Judge(desk.world, keep)
    for paid, answer in desk.answers(bank.month(desk.world, count, seed, virtual)):
        judge.add(paid, label(desk.world, paid.evidence), answer)
    return judge
