"""Whose payment is it?

Order of keys: virtual account (final) → KSeF number → invoice number in the title; these book.
Account number in the title, the payer's own account and name with amount only propose. Two
candidates of the same rank never book. Every answer carries its reason and a confidence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from . import nrb
from .model import Transaction

BOOK = "book"
PROPOSE = "propose"
UNKNOWN = "unknown"
IGNORE = "ignore"

#: reason -> confidence in percent; 90 and more books
CONFIDENCE: Mapping[str, int] = {
    "VIRTUAL_ACCOUNT": 100,
    "KSEF_NUMBER": 98,
    "INVOICE_NUMBER": 95,
    "ACCOUNT_NUMBER": 80,
    "PAYER_ACCOUNT": 70,
    "NAME_AND_AMOUNT": 50,
}
BOOKING_CONFIDENCE = 90

_PLAIN_L = str.maketrans("ŁłØøĐđ", "LlOoDd")
_TOKEN = re.compile(r"[A-Z0-9]+")
_DIGIT_RUN = re.compile(r"[0-9OIL]*[0-9][0-9OIL]*")
_LOOKALIKE = str.maketrans("OIL", "011")
_KSEF = re.compile(r"(?=(\d{10}-?\d{8}-?[0-9A-FOIL]{12}-?[0-9A-FOIL]{2}))")
_LONG_NUMBER = re.compile(r"(?=(\d(?:[ -]?\d){25}))")
_SPLIT_INVOICE = re.compile(r"/INV/(.*?)(?:/TXT/|/IDP/|$)", re.IGNORECASE)
_MIN_INVOICE_KEY = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """A clerk's decision that is repeated; empty conditions are not asked for, the others all hold."""

    id: int
    account_id: int | None
    payer_nrb: str = ""
    name_key: str = ""
    words: tuple[str, ...] = ()
    kind: str = "assign"


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice that can be named in a title."""

    id: int
    account_id: int
    number: str
    ksef_number: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    account_id: int
    reason: str
    confidence: int
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """``account_id`` is set only when ``decision`` is :data:`BOOK` or :data:`PROPOSE`."""

    decision: str
    reason: str
    confidence: int = 0
    account_id: int | None = None
    nrb: str = ""
    document_ids: tuple[int, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """What our side knows, prepared once per file."""

    #: virtual account -> billing account
    virtual: Mapping[str, int]
    #: pool prefixes of the bank account the file belongs to
    prefixes: Sequence[str] = ()
    documents: Sequence[Document] = ()
    #: billing account number -> billing account
    account_numbers: Mapping[str, int] = field(default_factory=dict)
    #: payer's account -> billing accounts it paid for before
    payer_accounts: Mapping[str, Sequence[int]] = field(default_factory=dict)
    #: normalised name -> billing accounts
    names: Mapping[str, Sequence[int]] = field(default_factory=dict)
    #: billing account -> open amount
    open_amounts: Mapping[int, Decimal] = field(default_factory=dict)


def normalise(text: str) -> str:
    """Upper case, no diacritics, only letters and digits; look-alikes become digits inside numbers."""
    return "".join(token for token, _start in _tokens(text))


class Matcher:
    def __init__(self, directory: Directory):
        self.directory = directory
        self._invoices: dict[str, list[Document]] = {}
        self._ksef: dict[str, list[Document]] = {}
        for document in directory.documents:
            key = normalise(document.number)
            if len(key) >= _MIN_INVOICE_KEY and any(char.isdigit() for char in key):
                self._invoices.setdefault(key, []).append(document)
            if document.ksef_number:
                self._ksef.setdefault(_ksef_key(document.ksef_number), []).append(document)
        self._lengths = sorted({len(key) for key in self._invoices}, reverse=True)
        self._numbers = {normalise(number): account for number, account in directory.account_numbers.items()}

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
        known = [(number, self.directory.virtual[number]) for number in numbers if number in self.directory.virtual]
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
        found = (nrb.from_payer_key(prefix, key) for prefix in self.directory.prefixes)
        return list(dict.fromkeys(number for number in found if number))

    def _names_damaged_account(self, title: str) -> bool:
        """Does the title hold a number of our pools with wrong check digits? Whose it was is not guessed."""
        numbers = (nrb.normalise(found.group(1)) for found in _LONG_NUMBER.finditer(title))
        return any(
            not nrb.is_valid(number) and any(number[2:].startswith(prefix) for prefix in self.directory.prefixes)
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
        tokens = {token for token, _start in _tokens(tx.title)}
        for token in sorted(tokens):
            account = self._numbers.get(token)
            if account is not None:
                yield Candidate(account, "ACCOUNT_NUMBER", CONFIDENCE["ACCOUNT_NUMBER"])
        payers = self.directory.payer_accounts.get(tx.party_account, ()) if tx.party_account else ()
        for account in payers:
            lower = 0 if len(payers) == 1 else 20
            yield Candidate(account, "PAYER_ACCOUNT", CONFIDENCE["PAYER_ACCOUNT"] - lower)
        for account in self.directory.names.get(name_key(tx.party_name), ()) if tx.party_name else ():
            exact = self.directory.open_amounts.get(account) == tx.amount
            yield Candidate(account, "NAME_AND_AMOUNT", CONFIDENCE["NAME_AND_AMOUNT"] - (0 if exact else 20))

    def _named(self, title: str) -> tuple[list[Document], str]:
        """Documents named in a title, best key first."""
        ksef = [doc for key in _ksef_numbers(title) for doc in self._ksef.get(key, ())]
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
        tokens = _tokens(title)
        text = "".join(token for token, _start in tokens)
        edges = {start for _token, start in tokens} | {len(text)}
        taken = bytearray(len(text))
        found: list[tuple[int, Document]] = []
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                documents = self._invoices.get(text[start : start + length])
                if not documents or any(taken[start : start + length]):
                    continue
                if _inside_number(text, start, start + length, edges):
                    continue
                taken[start : start + length] = b"\x01" * length
                found.extend((start, document) for document in documents)
        return [document for _start, document in sorted(found, key=lambda pair: (pair[0], pair[1].id))]


def name_key(name: str) -> str:
    """Words of a name in alphabetical order: "NOWAK ANNA" and "Anna Nowak" are equal."""
    return " ".join(sorted(_TOKEN.findall(_plain(name))))


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


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_L))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def _tokens(text: str) -> list[tuple[str, int]]:
    """Runs of letters and digits with their place in the joined text; look-alikes made digits."""
    result = []
    start = 0
    for match in _TOKEN.finditer(_plain(text)):
        token = _DIGIT_RUN.sub(lambda run: run.group().translate(_LOOKALIKE), match.group())
        result.append((token, start))
        start += len(token)
    return result


def _inside_number(text: str, start: int, end: int, edges: set[int]) -> bool:
    """Would the match cut a longer number? A separator in the original ends a number."""
    before = start > 0 and start not in edges and text[start - 1].isdigit() and text[start].isdigit()
    after = end < len(text) and end not in edges and text[end].isdigit() and text[end - 1].isdigit()
    return before or after


def _ksef_numbers(title: str) -> list[str]:
    # pieces of a title may be joined by a blank; what is found counts only when it is a number of ours
    squeezed = re.sub(r"\s+", "", _plain(title))
    return [_ksef_key(match.group(1)) for match in _KSEF.finditer(squeezed)]


def _ksef_key(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper()).translate(_LOOKALIKE)
