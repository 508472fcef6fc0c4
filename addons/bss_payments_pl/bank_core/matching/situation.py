"""One payment with all that was looked up for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..model import Transaction
from .leftovers import FEWEST
from .lexicon import Lexicon
from .long_numbers import Number
from .lookups import Seen, days_that_are_numbers, may_hold_days, see
from .model import Document, Facts, Rule, Settings
from .names import fits, pairs
from .near import Written, as_written
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
    seen: Seen
    strong: tuple[tuple[str, int], ...]
    ksef: tuple[Document, ...]
    weak: tuple[tuple[str, int], ...]
    rules: Sequence[Rule]
    has_unknown: bool
    #: days that may as well be numbers of ours
    days: tuple[str, ...]
    #: the title names documents, each for certain, or nothing; nothing else in it may be a number of anybody
    is_plain: bool
    _slips: dict[int, list[Document] | None] = field(default_factory=dict)
    #: by the place of the number in the title: what lies near it of each customer who was asked about
    _near: dict[int, dict[int, list[Document]]] = field(default_factory=dict)

    @property
    def strong_accounts(self) -> set[int]:
        if not self.strong and not self.ksef:
            return set()
        return {account for _number, account in self.strong} | {document.account_id for document in self.ksef}

    @property
    def owners(self) -> set[int]:
        """Customers whose documents are named exactly."""
        exact = self.seen.exact
        return {exact[0][1].account_id} if len(exact) == 1 else {document.account_id for _mention, document in exact}

    def documents_of(self, account: int) -> list[Document]:
        """Documents of a customer that the title names."""
        exact = self.seen.exact
        if not self.ksef:
            if not exact:
                return []
            if len(exact) == 1:
                return [exact[0][1]] if exact[0][1].account_id == account else []
        found = {document.id: document for document in self.ksef if document.account_id == account}
        for _mention, document in self.seen.exact:
            if document.account_id == account:
                found[document.id] = document
        return list(found.values())

    def names_documents_of_others(self, account: int) -> bool:
        """Another customer's document is named exactly."""
        for _mention, document in self.seen.exact:
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
        for _mention, documents in self.seen.doubtful:
            for document in documents:
                if document.account_id != account:
                    return True
        nrbs = self.reading.nrbs
        return bool(nrbs) and any(self.facts.virtual.get(number, account) != account for number in nrbs)

    def linked(self, account: int) -> set[int]:
        """Other customers the payer is linked to: by payments before, or by the same name."""
        others = {use.account_id for use in self.seen.known}
        others.update(self.seen.namesakes)
        others.discard(account)
        return others

    def near_by(self, mention: Mention, accounts: Iterable[int]) -> dict[int, list[Document]]:
        """Of these customers those who have open documents one slip away from what was written, and the documents."""
        looked_at = self._near.get(mention.start)
        if looked_at is None:
            looked_at = self._near[mention.start] = {}
        opened = self.facts.open_documents
        written: Written | None = None
        near = {}
        for account in accounts:
            found = looked_at.get(account)
            if found is None:
                written = written or as_written(mention)
                found = looked_at[account] = written.near_among(opened.get(account, ()))
            if found:
                near[account] = found
        return near

    def near_of(self, mention: Mention, account: int) -> list[Document]:
        """Open documents of a customer one slip away from what was written."""
        looked_at = self._near.setdefault(mention.start, {})
        found = looked_at.get(account)
        if found is None:
            opened = self.facts.open_documents.get(account, ())
            found = looked_at[account] = as_written(mention).near_among(opened)
        return found

    def name_fits(self, account: int) -> bool:
        name = self.seen.name
        return bool(name) and (account in self.seen.namesakes or fits(name, self.facts.names_of.get(account, "")))

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
        for mention in self.seen.unknown:
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
        if not self.seen.unknown:
            return False
        ends = {mention.end for mention in self.reading.mentions if len(mention.keys) > 1}
        return any(mention.start - 1 in ends for mention in self.seen.unknown)

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
        return months_in(self.reading.rest, f"{self.seen.name} {self.facts.names_of.get(account, '')}".split())

    def pays_for(self, account: int) -> bool:
        return account in [use.account_id for use in self.seen.known]

    def names_other_customer(self, account: int) -> bool:
        """The title holds the name of another customer, which is not the payer's own."""
        for key in pairs(self.reading.rest):
            owners = self.facts.names.get(key, ())
            if owners and account not in owners and key != self.seen.name and not fits(key, self.seen.name):
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
    if seen is None or seen.tx is not tx or seen.payer_age_days != settings.payer_age_days:
        seen = see(tx, read_title(tx.title, words), facts, settings)
    if has_virtual:
        seen = seen._replace(known=(), namesakes=())
    reading = seen.reading
    strong: list[tuple[str, int]] = []
    weak: list[tuple[str, int]] = []
    has_unknown = bool(seen.unknown or reading.damaged_ksef)
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
    days = days_that_are_numbers(reading, facts, words) if may_hold_days(reading) else ()
    is_doubtful = strong or weak or ksef or has_unknown or seen.doubtful or days or reading.nrbs or reading.fragments
    return Situation(
        tx,
        facts,
        int(tx.amount.scaleb(2)),
        reading,
        seen,
        tuple(strong),
        ksef,
        tuple(weak),
        () if has_virtual or rules.is_empty else rules.fitting(tx),
        has_unknown,
        days,
        not is_doubtful and reading.digits_left < FEWEST,
    )


def is_strong(number: Number, checked: frozenset[str]) -> bool:
    """A right check digit proves a number of digits that was not joined by guess; with letters only where all numbers of that kind carry one."""
    return (
        not number.is_torn
        and number.is_checked
        and (number.key.isdigit() or number.key.rstrip("0123456789") in checked)
    )
