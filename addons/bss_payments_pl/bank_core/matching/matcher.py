"""Whose payment is it?

Order of keys: virtual account (final) → KSeF number → invoice number in the title; these book.
Account number in the title, the payer's own account and name with amount only propose. Two
candidates of the same rank never book. Every answer carries its reason and a confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .. import nrb
from ..model import Transaction
from .model import BOOK, CONFIDENCE, IGNORE, PROPOSE, UNKNOWN, Candidate, Document, Facts, Match, Settings
from .text import LOOKALIKE, match_key, name_key, plain, tokens

_KSEF = re.compile(r"(?=(\d{10}-?\d{8}-?[0-9A-FOIL]{12}-?[0-9A-FOIL]{2}))")
_LONG_NUMBER = re.compile(r"(?=(\d(?:[ -]?\d){25}))")
_SPLIT_INVOICE = re.compile(r"/INV/(.*?)(?:/TXT/|/IDP/|$)", re.IGNORECASE)


class Matcher:
    def __init__(self, facts: Facts, settings: Settings | None = None):
        self.facts = facts
        self.settings = settings or Settings()
        self._lengths = sorted({len(key) for key in facts.documents}, reverse=True)

    def match(self, tx: Transaction) -> Match:
        if tx.mark == "RC":
            return self._reversal(tx)
        if not tx.is_customer_credit:
            return Match(IGNORE, _not_a_payment(tx))
        return self._credit(tx)

    def _credit(self, tx: Transaction) -> Match:
        documents, key = self._named(tx.title)
        if tx.payer_key:
            return self._by_payer_key(tx, documents)
        found = self._by_documents(documents, key)
        if found:
            return found
        if self._names_damaged_account(tx.title):
            return self._proposal(tx, documents, "DAMAGED_ACCOUNT_IN_TITLE")
        return self._proposal(tx, documents, "NO_KEY")

    def _reversal(self, tx: Transaction) -> Match:
        """The bank took a payment back: whoever would have paid it is only proposed."""
        found = self._credit(tx)
        if found.account_id is None:
            return replace(found, decision=UNKNOWN, reason="REVERSAL_OF_CREDIT", confidence=0)
        return replace(found, decision=PROPOSE, reason="REVERSAL_OF_CREDIT", document_ids=())

    # keys that book

    def _by_payer_key(self, tx: Transaction, documents: Sequence[Document]) -> Match:
        numbers = self._virtual_numbers(tx.payer_key)
        known = [(number, self.facts.virtual[number]) for number in numbers if number in self.facts.virtual]
        if len({account for _number, account in known}) == 1:
            number, account = known[0]
            own = tuple(document.id for document in documents if document.account_id == account)
            confidence = CONFIDENCE["VIRTUAL_ACCOUNT"]
            candidate = Candidate(account, "VIRTUAL_ACCOUNT", confidence, own)
            return Match(BOOK, "VIRTUAL_ACCOUNT", confidence, account, number, own, (candidate,))
        if known:
            candidates = tuple(
                Candidate(account, "VIRTUAL_ACCOUNT", CONFIDENCE["VIRTUAL_ACCOUNT"])
                for account in sorted({account for _number, account in known})
            )
            return Match(UNKNOWN, "AMBIGUOUS", candidates=candidates)
        reason = "UNKNOWN_VIRTUAL_ACCOUNT"
        if len(tx.payer_key) == 26 and not nrb.is_valid(tx.payer_key):
            reason = "DAMAGED_ACCOUNT_NUMBER"
        # the payer used a number that is not ours: a title may suggest, but does not book
        return self._proposal(tx, documents, reason, numbers[0] if len(numbers) == 1 else "")

    def _virtual_numbers(self, key: str) -> list[str]:
        if len(key) == 26:
            return [key] if nrb.is_valid(key) else []
        found = (nrb.from_payer_key(prefix, key) for prefix in self.facts.prefixes)
        return list(dict.fromkeys(number for number in found if number))

    def _names_damaged_account(self, title: str) -> bool:
        """Does the title hold a number of our pools with wrong check digits? Whose it was is not guessed."""
        numbers = (nrb.normalise(found.group(1)) for found in _LONG_NUMBER.finditer(title))
        return any(
            not nrb.is_valid(number) and any(number[2:].startswith(prefix) for prefix in self.facts.prefixes)
            for number in numbers
        )

    def _by_documents(self, documents: Sequence[Document], reason: str) -> Match | None:
        accounts = {document.account_id for document in documents}
        if not accounts:
            return None
        confidence = CONFIDENCE[reason]
        candidates = tuple(
            Candidate(account, reason, confidence, tuple(doc.id for doc in documents if doc.account_id == account))
            for account in sorted(accounts)
        )
        if len(candidates) > 1:
            return Match(UNKNOWN, "AMBIGUOUS", candidates=candidates)
        only = candidates[0]
        return Match(BOOK, reason, confidence, only.account_id, "", only.document_ids, candidates)

    # keys that only propose

    def _proposal(self, tx: Transaction, documents: Sequence[Document], reason: str, number: str = "") -> Match:
        candidates = _best_per_account(self._weak_candidates(tx, documents))
        top = [c for c in candidates if candidates and c.confidence == candidates[0].confidence]
        if len(top) == 1:
            best = top[0]
            why = best.reason if reason == "NO_KEY" else reason
            return Match(PROPOSE, why, best.confidence, best.account_id, number, best.document_ids, candidates)
        return Match(UNKNOWN, "AMBIGUOUS" if top and reason == "NO_KEY" else reason, 0, None, number, (), candidates)

    def _weak_candidates(self, tx: Transaction, documents: Sequence[Document]) -> Iterator[Candidate]:
        for document in documents:
            yield Candidate(document.account_id, "INVOICE_NUMBER", 85, (document.id,))
        words = {token for token, _start in tokens(tx.title)}
        for token in sorted(words):
            for account in self.facts.account_numbers.get(token, ()):
                yield Candidate(account, "ACCOUNT_NUMBER", 80)
        payers = self.facts.payers.get(tx.party_account, ()) if tx.party_account else ()
        for use in payers:
            lower = 0 if len(payers) == 1 else 20
            yield Candidate(use.account_id, "PAYER_ACCOUNT", 70 - lower)
        grosze = int(tx.amount.scaleb(2))
        for account in self.facts.names.get(name_key(tx.party_name), ()) if tx.party_name else ():
            due = sum(document.residual for document in self.facts.open_documents.get(account, ()))
            yield Candidate(account, "NAME_AND_AMOUNT", CONFIDENCE["NAME_AND_AMOUNT"] - (0 if due == grosze else 20))

    def _named(self, title: str) -> tuple[list[Document], str]:
        """Documents named in a title, best key first."""
        ksef = [doc for key in _ksef_numbers(title) for doc in self.facts.ksef.get(key, ())]
        if ksef:
            return ksef, "KSEF_NUMBER"
        split = _SPLIT_INVOICE.search(title)
        if split:
            named = self._scan(split.group(1))
            if named:
                return named, "INVOICE_NUMBER"
        return self._scan(title), "INVOICE_NUMBER"

    def _scan(self, title: str) -> list[Document]:
        """All known invoice numbers in a text; the longest wins where two overlap."""
        words = tokens(title)
        text = "".join(token for token, _start in words)
        edges = {start for _token, start in words} | {len(text)}
        taken = bytearray(len(text))
        found: list[tuple[int, Document]] = []
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                documents = self.facts.documents.get(text[start : start + length])
                if not documents or any(taken[start : start + length]):
                    continue
                if _inside_number(text, start, start + length, edges):
                    continue
                taken[start : start + length] = b"\x01" * length
                found.extend((start, document) for document in documents)
        return [document for _start, document in sorted(found, key=lambda pair: (pair[0], pair[1].id))]


def _not_a_payment(tx: Transaction) -> str:
    if tx.mark == "RD":
        return "REVERSAL_OF_DEBIT"
    return "DEBIT" if tx.amount < 0 else "ZERO_AMOUNT"


def _best_per_account(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.account_id)
        if known is None or candidate.confidence > known.confidence:
            best[candidate.account_id] = candidate
    return tuple(sorted(best.values(), key=lambda c: (-c.confidence, c.account_id)))


def _inside_number(text: str, start: int, end: int, edges: set[int]) -> bool:
    """Would the match cut a longer number? A separator in the original ends a number."""
    before = start > 0 and start not in edges and text[start - 1].isdigit() and text[start].isdigit()
    after = end < len(text) and end not in edges and text[end].isdigit() and text[end - 1].isdigit()
    return before or after


def _ksef_numbers(title: str) -> list[str]:
    # pieces of a title may be joined by a blank; what is found counts only when it is a number of ours
    squeezed = re.sub(r"\s+", "", plain(title))
    return [match_key(match.group(1)).translate(LOOKALIKE) for match in _KSEF.finditer(squeezed)]
