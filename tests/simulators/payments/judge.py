"""A matcher's answers beside the careful person's labels: recall against what can be decided, and what is wrong, by noise kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from .bank import Paid
from .truth import Label
from .world import World

ALL = "all"
#: recall that is needed against the ceiling: customers with virtual accounts, customers without, documents in both
VIRTUAL, PLAIN, DOCUMENTS = 1.0, 0.95, 0.90


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided without a person: account 0 = nothing, documents empty = no claim about them."""

    account: int = 0
    documents: frozenset[int] = frozenset()
    #: the matcher's own words, for examples only
    reason: str = ""


@dataclass(slots=True)
class Count:
    """``decidable`` is the ceiling. An answer beyond it, or another than it, is wrong; no answer is a miss."""

    payments: int = 0
    decidable: int = 0
    matched: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        return self.matched / self.decidable if self.decidable else 1.0

    def add(self, decidable: bool, matched: bool, wrong: bool) -> None:
        self.payments += 1
        self.decidable += decidable
        self.matched += matched
        self.wrong += wrong


@dataclass
class Judge:
    world: World
    keep: int = 0
    customers: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    documents: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    #: the law itself against the payer's intent, by clause: where even a careful person errs
    law_errs: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    _shown: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, paid: Paid, truth: Label, answer: Answer) -> None:
        wrong = answer.account not in (0, truth.account)
        matched = bool(truth.account) and answer.account == truth.account
        claims = answer.documents if answer.account else frozenset()
        wrong_documents = not claims <= truth.documents
        matched_documents = bool(claims) and claims == truth.documents
        self.law_errs[truth.clause] += truth.account not in (0, paid.meant)
        for kind in (ALL, *paid.kinds):
            self.customers[kind].add(bool(truth.account), matched, wrong)
            self.documents[kind].add(bool(truth.documents), matched_documents, wrong_documents)
        if wrong or wrong_documents:
            self._example("WRONG", paid, truth, answer)
        elif bool(truth.account) > matched or bool(truth.documents) > matched_documents:
            self._example("MISS", paid, truth, answer)

    def _example(self, what: str, paid: Paid, truth: Label, answer: Answer) -> None:
        group = f"{what} {truth.clause or '-'} {truth.document_reason or '-'} {answer.reason}"
        self._shown[group] += 1
        if self._shown[group] > self.keep:
            return
        seen = paid.evidence
        numbers = self._numbers
        self.examples.append(
            f"{group}: {seen.title!r} {seen.amount / 100:.2f} {seen.payer_name!r} NRB {seen.payer_nrb or '-'}"
            f" to {seen.virtual or '-'}; {', '.join(paid.kinds)}\n"
            f"    person: {self._who(truth.account)} {numbers(truth.documents)}\n"
            f"    answer: {self._who(answer.account)} {numbers(answer.documents)}\n"
            f"    payer known for {[self._who(account) for account in sorted(self.world.known(seen.payer_nrb))]}"
            f"; open there: {[numbers(frozenset(self._open(account))) for account in {truth.account, answer.account} if account]}"
        )

    def _open(self, account: int) -> list[int]:
        return self.world.open_documents.get(account, [])

    def _who(self, account: int) -> str:
        return f"{account} {self.world.names[account]}" if account else "undecidable"

    def _numbers(self, documents: frozenset[int]) -> str:
        world = self.world
        return ", ".join(f"{world.number(one)} {world.residual[one] / 100:.2f}" for one in sorted(documents)) or "-"

    def groups(self) -> Iterator[tuple[str, int]]:
        """Kinds of misses and wrongs with their number, the most frequent first."""
        return iter(sorted(self._shown.items(), key=lambda item: -item[1]))


def faults(virtual: Judge, plain: Judge) -> list[str]:
    """What fails of the demands: nothing wrong, recall, and no payment to a virtual account that is left open."""
    found = []
    for name, judge, floor in (("virtual", virtual, VIRTUAL), ("plain", plain, PLAIN)):
        for what, counts, needed in (("customers", judge.customers, floor), ("documents", judge.documents, DOCUMENTS)):
            count = counts[ALL]
            if count.wrong:
                found.append(f"{name} {what} wrong: {count.wrong} ({_wrong_kinds(counts)})")
            if count.recall < needed:
                found.append(f"{name} {what} recall: {count.recall:.4f}, {needed} needed")
    if open_ones := virtual.customers[ALL].payments - virtual.customers[ALL].decidable:
        found.append(f"virtual customers open: {open_ones}")
    return found


def _wrong_kinds(counts: dict[str, Count]) -> str:
    return ", ".join(f"{kind} {count.wrong}" for kind, count in sorted(counts.items()) if count.wrong and kind != ALL)
