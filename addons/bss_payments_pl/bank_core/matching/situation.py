"""One payment with all that was looked up for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import Transaction
from .lexicon import Lexicon
from .long_numbers import Number
from .lookups import Links, Named, days_that_are_numbers, payer_only, see
from .model import Document, Facts, Rule, Settings
from .names import fits, pairs
from .near import as_written
from .parsing import LONGEST, Mention
from .periods import NONE, Months, months_in
from .reading import Reading, read_title
from .rules import Rulebook
from .slips import digits_of, is_one_group_off, is_one_slip
from .text import match_key


@dataclass(slots=True)
class Situation:
    """``amount`` in grosze; ``strong``: (number, account) by a key that proves itself."""

    tx: Transaction
    facts: Facts
    amount: int
    reading: Reading
    named: Named
    links: Links
    strong: tuple[tuple[str, int], ...]
    ksef: tuple[Document, ...]
    weak: tuple[tuple[str, int], ...]
    rules: Sequence[Rule]
    has_unknown: bool
    #: days that may as well be numbers of ours
    days: tuple[str, ...] = ()
    _slips: dict[int, list[Document] | None] = field(default_factory=dict)
    #: by the place of the number in the title and by customer
    _near: dict[tuple[int, int], list[Document]] = field(default_factory=dict)

    @property
    def strong_accounts(self) -> set[int]:
        if not self.strong and not self.ksef:
            return set()
        return {account for _number, account in self.strong} | {document.account_id for document in self.ksef}

    @property
    def owners(self) -> set[int]:
        """Customers whose documents are named exactly."""
        exact = self.named.exact
        return {exact[0][1].account_id} if len(exact) == 1 else {document.account_id for _mention, document in exact}

    def documents_of(self, account: int) -> list[Document]:
        """Documents of a customer that the title names."""
        exact = self.named.exact
        if not self.ksef:
            if not exact:
                return []
            if len(exact) == 1:
                return [exact[0][1]] if exact[0][1].account_id == account else []
        found = {document.id: document for document in self.ksef if document.account_id == account}
        for _mention, document in self.named.exact:
            if document.account_id == account:
                found[document.id] = document
        return list(found.values())

    def names_documents_of_others(self, account: int) -> bool:
        """Another customer's document is named exactly."""
        for _mention, document in self.named.exact:
            if document.account_id != account:
                return True
        return bool(self.ksef) and any(document.account_id != account for document in self.ksef)

    def names_others(self, account: int) -> bool:
        """A number in the title is, or may be, another customer's."""
        for _number, owner in (*self.strong, *self.weak) if self.strong or self.weak else ():
            if owner != account:
                return True
        if self.names_documents_of_others(account):
            return True
        for _mention, documents in self.named.doubtful:
            for document in documents:
                if document.account_id != account:
                    return True
        nrbs = self.reading.nrbs
        return bool(nrbs) and any(self.facts.virtual.get(number, account) != account for number in nrbs)

    def linked(self, account: int) -> set[int]:
        """Other customers the payer is linked to: by payments before, or by the same name."""
        others = {use.account_id for use in self.links.known}
        others.update(self.links.namesakes)
        others.discard(account)
        return others

    def near_of(self, mention: Mention, account: int) -> list[Document]:
        """Open documents of a customer one slip away from what was written."""
        key = mention.start, account
        found = self._near.get(key)
        if found is None:
            owed = self.facts.open_documents.get(account, ())
            found = self._near[key] = as_written(mention).near_among(owed) if owed else []
        return found

    def name_fits(self, account: int) -> bool:
        name = self.links.name
        return bool(name) and (account in self.links.namesakes or fits(name, self.facts.names_of.get(account, "")))

    def near_ksef(self, written: str, account: int) -> list[Document]:
        """Open documents of a customer whose KSeF number is one slip away."""
        return [
            document
            for document in self.facts.open_documents.get(account, ())
            if document.ksef_number and document.is_open and is_one_slip(written, match_key(document.ksef_number))
        ]

    def slips_of(self, account: int) -> list[Document] | None:
        """Documents of the customer meant by numbers that are not ours; None when one of them means none or several."""
        if account not in self._slips:
            self._slips[account] = self._meant_by_slips(account)
        return self._slips[account]

    def _meant_by_slips(self, account: int) -> list[Document] | None:
        found = []
        for mention in self.named.unknown:
            near = self.near_of(mention, account)
            if self._is_whole_at_cut(mention) or len(near) != 1 or not is_one_group_off(mention.groups, near[0].number):
                return None
            found.append(near[0])
        for written in self.reading.damaged_ksef:
            near = self.near_ksef(written, account)
            if len(near) != 1:
                return None
            found.append(near[0])
        return found

    def _is_whole_at_cut(self, mention: Mention) -> bool:
        """A blank is all that the cut left behind it: it may be whole and somebody's as it stands, or go on."""
        text = self.reading.text
        return len(self.tx.title) >= LONGEST and len(text.rstrip()) <= mention.end < len(text)

    @property
    def shares_a_digit(self) -> bool:
        """A number broken by a blank, and right behind it one that nobody has: the last digit may be the next one's first."""
        if not self.named.unknown:
            return False
        ends = {mention.end for mention in self.reading.mentions if len(mention.keys) > 1}
        return any(mention.start - 1 in ends for mention in self.named.unknown)

    @property
    def has_fragment(self) -> bool:
        """Something in the title may be a piece of a number; numbers of customers and contracts are understood."""
        if not self.reading.fragments:
            return False
        known = {digits_of(number) for number, _account in (*self.strong, *self.weak)}
        return any(piece not in known for piece in self.reading.fragments)

    def months_of(self, account: int) -> Months:
        """Months that the title names; Marzec, Maj and Lis may be the payer's or the customer's name."""
        months = months_in(self.reading.rest, ())
        if months is NONE:
            return NONE
        return months_in(self.reading.rest, f"{self.links.name} {self.facts.names_of.get(account, '')}".split())

    def pays_for(self, account: int) -> bool:
        return account in [use.account_id for use in self.links.known]

    def names_other_customer(self, account: int) -> bool:
        """The title holds the name of another customer, which is not the payer's own."""
        for key in pairs(self.reading.rest):
            owners = self.facts.names.get(key, ())
            if owners and account not in owners and key != self.links.name and not fits(key, self.links.name):
                return True
        return False


def look_up(
    tx: Transaction,
    facts: Facts,
    settings: Settings,
    words: Lexicon,
    rules: Rulebook,
    checked: frozenset[str],
    has_virtual: bool = False,
) -> Situation:
    """Read the title and look everything up that it and the payer name.

    :param has_virtual: paid to one customer's virtual account: nobody asks whom else the payer pays for
    """
    seen = facts.seen.get(id(tx))
    if seen is None or seen[0] is not tx or seen[1] != settings.payer_age_days:
        seen = see(tx, read_title(tx.title, words), facts, settings)
    _tx, _days, reading, known, named = seen
    strong: list[tuple[str, int]] = []
    weak: list[tuple[str, int]] = []
    of_number = facts.account_numbers
    for number in reading.numbers:
        accounts = of_number.get(number.key)
        if accounts:
            target = strong if len(accounts) == 1 and is_strong(number, checked) else weak
            target.extend([(number.key, account) for account in accounts])
    for mention in reading.mentions:
        for key in mention.keys:
            accounts = of_number.get(key)
            if accounts:
                weak.extend([(key, account) for account in accounts])
    ksef = tuple([document for key in reading.ksef for document in facts.ksef.get(key, ())]) if reading.ksef else ()
    return Situation(
        tx,
        facts,
        int(tx.amount.scaleb(2)),
        reading,
        named,
        payer_only(tx) if has_virtual else known,
        tuple(strong),
        ksef,
        tuple(weak),
        () if has_virtual or rules.is_empty else rules.fitting(tx),
        bool(named.unknown or reading.damaged_ksef),
        days_that_are_numbers(reading, facts, words),
    )


def is_strong(number: Number, checked: frozenset[str]) -> bool:
    """A right check digit proves a number of digits that was not joined by guess; with letters only where all numbers of that kind carry one."""
    return (
        not number.is_torn
        and number.is_checked
        and (number.key.isdigit() or number.key.rstrip("0123456789") in checked)
    )
