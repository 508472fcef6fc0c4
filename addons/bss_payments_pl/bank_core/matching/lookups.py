"""What a reading means against the facts: documents named, numbers nearly right, customers the payer is linked to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .. import nrb
from ..model import Transaction
from .lexicon import Layout, Lexicon
from .model import Document, Facts, PayerUse, Settings
from .parsing import Mention
from .reading import Reading
from .shapes import MONTH, YEAR, shape_of
from .slips import neighbour_keys
from .text import match_key, name_key

_DAY = re.compile(r"(?<![0-9])([0-9]{2})[/\\]([01]?[0-9])[/\\](20[0-9]{2})(?![0-9])")
_DIGITS_OF_DAY = 6


#: documents that are named, each with its mention; those of a number that several have; numbers that are not ours
Named = tuple[
    tuple[tuple[Mention, Document], ...], tuple[tuple[Mention, tuple[Document, ...]], ...], tuple[Mention, ...]
]
NOT_NAMED: Named = ((), (), ())


class Seen(NamedTuple):
    """What a payment means against the facts, looked up once for both who ask; one stands for each payment of a batch.

    ``known`` and ``namesakes``: customers the payer is linked to by payments in the age limit, and by the same name;
    ``exact``: (mention, its only document); ``doubtful``: mentions of several documents; ``unknown``: not ours.
    """

    tx: Transaction
    payer_age_days: int
    reading: Reading
    known: tuple[PayerUse, ...]
    namesakes: Sequence[int]
    name: str
    exact: tuple[tuple[Mention, Document], ...]
    doubtful: tuple[tuple[Mention, tuple[Document, ...]], ...]
    unknown: tuple[Mention, ...]

    @property
    def exclusive(self) -> int | None:
        """The one customer this bank account pays for."""
        return self.known[0].account_id if len(self.known) == 1 else None

    @property
    def unique(self) -> int | None:
        """The one customer of this name."""
        return self.namesakes[0] if len(self.namesakes) == 1 else None


def see(tx: Transaction, reading: Reading, facts: Facts, settings: Settings) -> Seen:
    """Customers the payer is linked to, and the documents named."""
    exact, doubtful, unknown = named_documents(reading, facts) if reading.mentions else NOT_NAMED
    name = name_key(tx.party_name) if tx.party_name else ""
    # the namesakes as the facts hold them: a copy for each payment would only be more to look through and to drop
    namesakes = facts.names.get(name, ()) if name else ()
    known = _known(tx, facts, settings) if tx.party_account else ()
    return Seen(tx, settings.payer_age_days, reading, known, namesakes, name, exact, doubtful, unknown)


def _known(tx: Transaction, facts: Facts, settings: Settings) -> tuple[PayerUse, ...]:
    """Whom the payer's account paid for; uses older than the age limit say nothing."""
    uses = facts.payers.get(tx.party_account, ())
    if not uses:
        return ()
    oldest = tx.value_date.toordinal() - settings.payer_age_days
    if len(uses) > 1:
        uses = [use for use in uses if use.last >= oldest and use.count > 0]
        return tuple({use.account_id: use for use in uses}.values())
    return () if uses[0].last < oldest or uses[0].count <= 0 else tuple(uses)


def named_documents(reading: Reading, facts: Facts) -> Named:
    """Documents by the numbers of a title that holds some."""
    if len(reading.mentions) == 1:
        (mention,) = reading.mentions
        if not mention.keys:
            return (), (), reading.mentions
        if len(mention.keys) == 1 and not mention.is_cut:
            only = facts.documents.get(mention.keys[0], ())
            if len(only) == 1:
                return ((mention, only[0]),), (), ()
    exact: list[tuple[Mention, Document]] = []
    doubtful: list[tuple[Mention, tuple[Document, ...]]] = []
    unknown: list[Mention] = []
    for mention in reading.mentions:
        found: Sequence[Document]
        if len(mention.keys) == 1:
            found = facts.documents.get(mention.keys[0], ())
        else:
            found = [document for key in mention.keys for document in facts.documents.get(key, ())]
        if len(found) == 1 and not mention.is_cut:
            exact.append((mention, found[0]))
        elif found:
            doubtful.append((mention, tuple(found)))
        else:
            unknown.append(mention)
    return tuple(exact), tuple(doubtful), tuple(unknown)


def neighbours(document: Document, facts: Facts) -> Iterator[Document]:
    """Open documents of other customers whose numbers are one slip away."""
    for found in filter(None, map(facts.documents.get, neighbours_of(document.number))):
        for other in found:
            if other.account_id != document.account_id and other.is_open:
                yield other


@lru_cache(maxsize=512)
def neighbours_of(number: str) -> Sequence[str]:
    """Match keys one slip away from the number of a document."""
    return neighbour_keys(match_key(number), shape_of(number))


def days_that_are_numbers(reading: Reading, facts: Facts, words: Lexicon) -> tuple[str, ...]:
    """Days written with strokes that are exactly numbers of ours, in a title that may hold some."""
    return tuple(
        day for day, keys in days_like_numbers(reading, words) if any(facts.documents.get(key) for key in keys)
    )


def may_hold_days(reading: Reading) -> bool:
    """A quick look: hardly a title holds a day with strokes."""
    return reading.digits_left > _DIGITS_OF_DAY and ("/20" in reading.rest or "\\20" in reading.rest)


def days_like_numbers(reading: Reading, words: Lexicon) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(day, match keys) of days with strokes, read as numbers with a year of two digits and without letters."""
    for day in _DAY.finditer(reading.rest):
        values = (f"20{day.group(1)}", day.group(2).zfill(2), day.group(3))
        yield day.group(), tuple(key for layout in _of_three(words) for key in layout.keys(layout.widths, values))


def _of_three(words: Lexicon) -> list[Layout]:
    """Layouts of year, month and running number."""
    return [
        layout
        for layout in words.plain_layouts
        if [part.kind for part in layout.parts[:2]] == [YEAR, MONTH] and layout.running == len(layout.parts) - 1 == 2
    ]


def paid_to(tx: Transaction, facts: Facts) -> tuple[str, list[int]]:
    """The virtual account the money was paid to ("" when the key may mean several) and its customers."""
    key = tx.payer_key
    if len(key) == 26:
        numbers = [key] if nrb.is_valid(key) else []
    else:
        completed = (nrb.from_payer_key(prefix, key) for prefix in facts.prefixes)
        numbers = list(dict.fromkeys(number for number in completed if number))
    known = [(n, facts.virtual[n]) for n in numbers if n in facts.virtual]
    accounts = sorted({account for _number, account in known})
    if len(accounts) == 1:
        return known[0][0], accounts
    return numbers[0] if len(numbers) == 1 else "", accounts
