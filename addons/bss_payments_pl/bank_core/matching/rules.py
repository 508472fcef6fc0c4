"""Clerks' rules: visible decisions that are repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import Transaction
from .model import Rule
from .text import name_key, words_of


class Rulebook:
    """Rules by payer's account and by payer's name, so that few are tried for each payment."""

    def __init__(self, rules: Iterable[Rule]):
        self._by_nrb: dict[str, list[Rule]] = {}
        self._by_name: dict[str, list[Rule]] = {}
        self._by_words: list[tuple[Rule, frozenset[str]]] = []
        self._words: dict[int, frozenset[str]] = {}
        for rule in rules:
            words = frozenset(word for text in rule.words for word in words_of(text))
            self._words[rule.id] = words
            if rule.payer_nrb:
                self._by_nrb.setdefault(rule.payer_nrb, []).append(rule)
            elif rule.name_key:
                self._by_name.setdefault(rule.name_key, []).append(rule)
            elif words:
                self._by_words.append((rule, words))
        self.is_empty = not self._words

    def fitting(self, tx: Transaction) -> Sequence[Rule]:
        """Rules whose conditions all hold, in no order of rank."""
        if self.is_empty:
            return ()
        payer = name_key(tx.party_name) if tx.party_name else ""
        tried = [*self._by_nrb.get(tx.party_account, ()), *self._by_name.get(payer, ())]
        title: frozenset[str] | None = None
        found = []
        for rule in tried:
            if rule.name_key and rule.name_key != payer:
                continue
            wanted = self._words[rule.id]
            if wanted:
                title = title if title is not None else frozenset(words_of(tx.title))
                if not wanted <= title:
                    continue
            found.append(rule)
        if self._by_words:
            title = title if title is not None else frozenset(words_of(tx.title))
            found += [rule for rule, words in self._by_words if words <= title]
        return found
