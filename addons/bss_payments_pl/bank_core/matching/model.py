"""Value types of matching: what is known, what is asked, what is answered.

Amounts are integer grosze, days are ``date.toordinal()``, periods are ``YYYYMM``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .lookups import Seen
    from .shapes import Shape

#: decisions
BOOK = "book"
PROPOSE = "propose"
UNKNOWN = "unknown"
IGNORE = "ignore"

#: which claim about the documents was made; an empty string leaves them to the allocation policy
NAMED = "NAMED"
PERIOD = "PERIOD"
AMOUNT = "AMOUNT"

#: reason -> confidence in percent; 90 and more books
CONFIDENCE: Mapping[str, int] = {
    "VIRTUAL_ACCOUNT": 100,
    "KSEF_NUMBER": 98,
    "ACCOUNT_NUMBER": 97,
    "INVOICE_NUMBER": 95,
    "INVOICE_NUMBER_NEAR": 93,
    "RULE": 92,
    "PAYER_ACCOUNT": 91,
    "NAME_AND_AMOUNT": 50,
}
BOOKING_CONFIDENCE = 90

Evidence = tuple[str, Mapping[str, str | int]]


class Document(NamedTuple):
    """An invoice, credit note or interest note that can be named in a title.

    ``residual`` is in grosze and negative for credit notes; ``due`` is the ordinal of the due day; ``period``
    (YYYYMM) is the month the document bills, 0 = unknown.
    """

    id: int
    account_id: int
    number: str
    ksef_number: str = ""
    residual: int = 0
    due: int = 0
    period: int = 0
    kind: str = "invoice"
    is_open: bool = True
    is_disputed: bool = False


@dataclass(frozen=True, slots=True)
class PayerUse:
    """A payer's bank account paid ``count`` times for a billing account, last on the day ``last`` (ordinal)."""

    account_id: int
    count: int
    last: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A clerk's rule. All conditions that are given must hold; a rule without conditions never fits.

    ``name_key`` is what :func:`name_key` makes of the payer's name; ``words`` must all stand in the title.
    ``kind`` "assign" books to ``account_id``, "not_payment" sets the money aside.
    """

    id: int
    account_id: int | None
    payer_nrb: str = ""
    name_key: str = ""
    words: tuple[str, ...] = ()
    kind: str = "assign"


@dataclass(frozen=True, slots=True)
class Facts:
    """What our side knows about a batch of payments (all of it, or what :class:`Needs` asked for).

    ``names_of`` must hold every billing account that occurs in ``documents``, ``payers`` and ``names``;
    ``open_documents`` every one that :class:`MoreNeeds` asked for, with all its open documents.
    """

    #: virtual account -> billing account
    virtual: Mapping[str, int] = field(default_factory=dict)
    #: pool prefixes of the bank account the file belongs to
    prefixes: Sequence[str] = ()
    #: ``match_key(number)`` -> documents of that number, open and settled ones
    documents: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    #: ``match_key(KSeF number)`` -> documents
    ksef: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    #: ``match_key(customer or contract number)`` -> billing accounts
    account_numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    #: payer's account -> billing accounts it paid for before
    payers: Mapping[str, Sequence[PayerUse]] = field(default_factory=dict)
    #: ``name_key(name)`` -> all billing accounts of that name
    names: Mapping[str, Sequence[int]] = field(default_factory=dict)
    names_of: Mapping[int, str] = field(default_factory=dict)
    open_documents: Mapping[int, Sequence[Document]] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    #: shapes of the journals' own numbers; empty = read off ``documents``
    shapes: Sequence[Shape] = ()
    #: what ``more_needs`` saw of its batch, by ``id`` of the payment: the matcher takes it from here. A copy of the
    #: facts begins without; hand it on only to facts that say the same about these payers and numbers
    seen: dict[int, Seen] = field(default_factory=dict, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    #: a payer's account counts as known this long after its last payment
    payer_age_days: int = 730
    #: letters before contract numbers that end with a Luhn check digit ("UM"); numbers of digits need no entry
    checked_prefixes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Needs:
    """Keys to fetch for a batch before matching, each as the mapping of :class:`Facts` of that name is keyed."""

    numbers: frozenset[str] = frozenset()
    ksef: frozenset[str] = frozenset()
    account_numbers: frozenset[str] = frozenset()
    payers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    virtual: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MoreNeeds:
    """What the first answers made necessary: open documents of ``accounts``, documents by ``numbers``.

    ``name_words``: two words each; all customers whose name keys hold both, in :attr:`Facts.names`, and their
    open documents too. A longer name may hold the payer's.
    """

    accounts: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()
    name_words: frozenset[tuple[str, str]] = frozenset()


class Candidate(NamedTuple):
    """``evidence`` are stable codes with parameters, to be put into words."""

    account_id: int
    reason: str
    confidence: int
    document_ids: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Match(NamedTuple):
    """``account_id`` is set only when ``decision`` is :data:`BOOK` or :data:`PROPOSE`."""

    decision: str
    reason: str
    confidence: int = 0
    account_id: int | None = None
    nrb: str = ""
    document_ids: tuple[int, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    document_reason: str = ""
    rule_id: int | None = None
