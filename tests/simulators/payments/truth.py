"""The careful person: who is meant and which documents, from the evidence left after the noise, against the whole world.

This is the law that a matcher is judged by, written from its words and not from any matcher. An automatic booking needs one of

a. a valid virtual account of ours: final;
b. strong keys (KSeF number, customer number with its check digit) of one customer, nobody else's document beside them;
c. exactly named documents (or contract) of one customer, corroborated by the payer's account, the payer's name or the amount,
   and not contradicted by a linked customer with an open document one slip away; the amount alone corroborates nothing where
   the payer is another customer who owes that very amount himself: he may have copied a number of somebody else;
d. a number that is nobody's, while the payer's account (exclusive) or a name that one customer bears leads to one open document
   one slip away;
e. an account number that paid for exactly one customer, and nobody else's number in the title;
f. a clerk's rule.

Two customers from these: undecidable. The payer's intent is never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import names
from .numbers import one_slip, running_forms, slips
from .reading import Numbered, Reading, exact, read
from .world import MONTHS, Rule, World

NAMED, PERIOD, AMOUNT = "NAMED", "PERIOD", "AMOUNT"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the bank tells about one payment; ``amount`` is in grosze, ``virtual`` the account number paid to."""

    title: str
    amount: int
    payer_name: str = ""
    payer_nrb: str = ""
    virtual: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """``account`` 0 = no careful person could say; no documents = the same for them."""

    account: int = 0
    clause: str = ""
    documents: frozenset[int] = frozenset()
    document_reason: str = ""


def label(world: World, seen: Evidence) -> Label:
    """What a careful person decides. Deterministic; costs about 0.1 ms."""
    person = _Person(world, seen)
    account, clause = person.customer()
    if not account:
        return Label()
    documents, reason = person.documents(account)
    return Label(account, clause, documents, reason)


class _Person:
    def __init__(self, world: World, seen: Evidence) -> None:
        self.world, self.seen = world, seen
        self.reading: Reading = read(world, seen.title, frozenset(names.words(seen.payer_name)))
        self.known = world.known(seen.payer_nrb) if seen.payer_nrb else set()
        self.fitting = world.fitting(seen.payer_name) if seen.payer_name else set()
        self.bearing = world.bearing(seen.payer_name) if self.fitting else set()
        owner = world.owner
        self.named = [number.documents[0] for number in self.reading.exact]
        self.owners = {owner[document] for document in self.named} | set(self.reading.contracts)
        self.strong = {owner[document] for document in self.reading.ksef} | set(self.reading.customers)

    # the customer

    def customer(self) -> tuple[int, str]:
        account = self.world.virtual_of(self.seen.virtual)
        if account:
            return account, "a"
        if self.strong:
            account = min(self.strong)
            return (account, "b") if self.strong == {account} and self._names_only(account) else (0, "")
        said = [(account, "c") for account in self._by_documents()]
        said += [(account, "d") for account in self._by_slip()]
        said += [(account, "e") for account in self._by_account()]
        said += [(account, "f") for account in self._by_rule()]
        return said[0] if len({account for account, _clause in said}) == 1 else (0, "")

    def _names_only(self, account: int) -> bool:
        """Nobody else's number stands in the title."""
        return self.owners <= {account} and all(self._ambiguous_of(account))

    def _ambiguous_of(self, account: int) -> list[list[int]]:
        """For each number without its prefix that several journals have: what it can be of this customer.

        Alone it decides no customer; but where something else names him, his own document is meant and not the one of
        the same number in another journal.
        """
        owner = self.world.owner
        return [[one for one in number.documents if owner[one] == account] for number in self.reading.ambiguous]

    def _by_documents(self) -> Iterator[int]:
        if len(self.owners) != 1:
            return
        account = min(self.owners)
        if not self._names_only(account):
            return
        linked = account in self.known or account in self.fitting
        corroborated = linked or (self._amount_says(account) and not self._payer_owes_it())
        if corroborated and not self._contradicted(account):
            yield account

    def _sum(self) -> int:
        return sum(self.world.residual[document] for document in self._all_named())

    def _all_named(self) -> set[int]:
        """With the documents that a number without prefix can only be of the one customer who is named."""
        if not self.reading.ambiguous or len(self.owners) != 1:
            return set(self.named)
        return {*self.named, *(mine[0] for mine in self._ambiguous_of(min(self.owners)) if len(mine) == 1)}

    def _amount_says(self, account: int) -> bool:
        """The sum is right, and no neighbour of the single number would be right, too."""
        if not self.named or self._sum() != self.seen.amount:
            return False
        if len(self._all_named()) > 1:
            return True
        world = self.world
        return not any(
            world.owner[document] != account and world.residual[document] == self.seen.amount
            for number in self.reading.exact
            for document in neighbours(world, number)
        )

    def _payer_owes_it(self) -> bool:
        """The payer's own account or name is of one customer, whom the amount fits as well."""
        payers = {account for group in (self.known, self.bearing) if len(group) == 1 for account in group}
        return any(self._owes(account) for account in payers)

    def _owes(self, account: int) -> bool:
        residual = self.world.residual
        debts = [residual[one] for one in self.world.open_documents.get(account, ()) if residual[one] > 0]
        return self.seen.amount in (*debts, sum(debts))

    def _contradicted(self, account: int) -> bool:
        world, total = self.world, self._sum()
        for other in (self.known | self.bearing) - {account}:
            for document in world.open_documents.get(other, ()):
                for number in self.reading.exact:
                    theirs = total - world.residual[number.documents[0]] + world.residual[document]
                    if not (total == self.seen.amount != theirs) and slipped(world, number, document):
                        return True
        return False

    def _by_slip(self) -> Iterator[int]:
        if not (self.reading.unknown or self.reading.stubs or self.reading.broken_ksef):
            return
        leads = {account for group in (self.known, self.bearing) if len(group) == 1 for account in group}
        for account in leads:
            if self._names_only(account) and any(len(found) == 1 for found in self._near(account)):
                yield account

    def _near(self, account: int) -> list[list[int]]:
        """For each number that is nobody's: the account's open documents one slip away; stubs only if there is one."""
        return [
            *self._slips_of(account, self.reading.unknown),
            *filter(None, self._slips_of(account, self.reading.stubs)),
            *self._ksef_slips_of(account),
        ]

    def _slips_of(self, account: int, numbers: list[Numbered]) -> list[list[int]]:
        mine = self.world.open_documents.get(account, ())
        return [
            [document for document in mine if document in number.documents]
            or [document for document in mine if slipped(self.world, number, document)]
            for number in numbers
        ]

    def _ksef_slips_of(self, account: int) -> list[list[int]]:
        world, found = self.world, []
        mine = world.open_documents.get(account, ())
        for written in self.reading.broken_ksef:
            forms = {written, written[:-1]}
            found.append(
                [
                    document
                    for document in mine
                    if any(one_slip(form, world.ksef_number(document).replace("-", "")) for form in forms)
                ]
            )
        return found

    def _by_account(self) -> Iterator[int]:
        if len(self.known) == 1 and self._names_only(min(self.known)) and not self._cut_of_others(min(self.known)):
            yield min(self.known)

    def _by_rule(self) -> Iterator[int]:
        accounts = {rule.account for rule in self.world.rules_of(self.seen.payer_nrb) if self._fits(rule)}
        for account in accounts:
            if self._names_only(account) and not self._cut_of_others(account):
                yield account

    def _cut_of_others(self, account: int) -> bool:
        """A number that may be cut is, as it stands, of somebody else; of this customer neither by a slip nor with more digits.

        It is no key for anybody; but neither is it true that the title names nobody else's number.
        """
        world = self.world
        mine = {*world.open_documents.get(account, ()), *world.paid_documents.get(account, ())}
        return any(
            number.documents
            and mine.isdisjoint(number.documents)
            and not any(slipped(world, number, document) or begins(world, number, document) for document in mine)
            for number in self.reading.stubs
        )

    def _fits(self, rule: Rule) -> bool:
        title = set(names.words(self.seen.title))
        return rule.payer_nrb in ("", self.seen.payer_nrb) and title.issuperset(rule.words)

    # the documents

    def documents(self, account: int) -> tuple[frozenset[int], str]:
        """Empty = no claim about the payer's will."""
        if self.reading.names_a_document or any(self._slips_of(account, self.reading.stubs)):
            found = self._named_of(account)
            return (found, NAMED) if found else (found, "")
        mine = self.world.open_documents.get(account, [])
        mentioned = self._months(account)
        if mentioned:
            found = self._of_periods(mine, mentioned)
            return (found, PERIOD) if found else (found, "")
        found = self._of_amount(mine) if not self.reading.suppliers else frozenset()
        return (found, AMOUNT) if found and self._begun(found) else (frozenset(), "")

    def _begun(self, found: frozenset[int]) -> bool:
        """A cut number whose year and month stand there began to name a document of that period, not of another."""
        periods = {self.world.place(document)[1:3] for document in found}
        return all(period in periods for number in self.reading.stubs if (period := _period_of(number)))

    def _named_of(self, account: int) -> frozenset[int]:
        """All numbers must be of open documents of this customer, exactly or by a single slip."""
        world, reading = self.world, self.reading
        named = {*reading.ksef, *self.named}
        if any(world.owner[document] != account for document in named):
            return frozenset()
        for mine in self._ambiguous_of(account):
            if len(mine) != 1:
                return frozenset()
            named.add(mine[0])
        if not all(world.residual[document] for document in named):
            return frozenset()
        for found in self._near(account):
            if len(found) != 1:
                return frozenset()
            named.add(found[0])
        return frozenset(named)

    def _months(self, account: int) -> list[tuple[int, int]]:
        """The months of the title; a month's name that is the customer's own name is none."""
        own = {*names.words(self.world.names[account]), *names.words(self.seen.payer_name)}
        return read(self.world, self.seen.title, frozenset(own)).months if self.reading.months else []

    def _of_periods(self, mine: Iterable[int], mentioned: list[tuple[int, int]]) -> frozenset[int]:
        chosen = set()
        for month, year in mentioned:
            found = [
                document
                for document in mine
                if self.world.period(document) % 100 == month and year in (0, self.world.period(document) // 100)
            ]
            if len(found) != 1:
                return frozenset()
            chosen.add(found[0])
        return frozenset(chosen)

    def _of_amount(self, mine: list[int]) -> frozenset[int]:
        debts = [document for document in mine if self.world.residual[document] > 0]
        if debts and sum(self.world.residual[document] for document in debts) == self.seen.amount:
            return frozenset(debts)
        same = [document for document in debts if self.world.residual[document] == self.seen.amount]
        return frozenset(same) if len(same) == 1 else frozenset()


def _period_of(number: Numbered) -> tuple[int, int] | None:
    """Year and month of a number that lacks its end; None = they are not whole, or are none."""
    groups = number.groups
    if len(groups) == 1:
        groups = (groups[0][:4], groups[0][4:6]) if groups[0].startswith("20") else (groups[0][:2], groups[0][2:4])
    if len(groups) < 2 or len(groups[0]) not in (2, 4) or len(groups[1]) != 2:
        return None
    year, month = int(groups[0]) + (0 if len(groups[0]) == 4 else 2000), int(groups[1])
    return (year, month) if (year, month) in MONTHS else None


def slipped(world: World, number: Numbered, document: int) -> bool:
    """Whether the number, as it is written, is one slip away from a form of the document's number."""
    journal, year, month, running = world.place(document)
    if number.letters not in ("", journal) or document in number.documents:
        return False
    return any(
        _slip_apart(groups, form)
        for groups in number.shapes or (number.groups,)
        for form in _forms(year, month, running)
    )


def _forms(year: int, month: int, running: int) -> Iterator[tuple[str, str, str]]:
    for shown_year in (str(year), str(year)[2:]):
        for shown in running_forms(running):
            yield shown_year, f"{month:02d}", shown


def begins(world: World, number: Numbered, document: int) -> bool:
    """Whether the number, as it is written, is what a cut leaves of the document's number."""
    journal, *place = world.place(document)
    separator = "/" if len(number.groups) > 1 else ""
    written = separator.join(number.groups)
    return number.letters in ("", journal) and any(separator.join(form).startswith(written) for form in _forms(*place))


def _slip_apart(groups: tuple[str, ...], form: tuple[str, str, str]) -> bool:
    """Written with separators: one slip in one group. Written without: one in the whole."""
    if len(groups) == 1:
        return one_slip(groups[0], "".join(form))
    if len(groups) != 3:
        return False
    wrong = [index for index in range(3) if groups[index] != form[index]]
    return len(wrong) == 1 and one_slip(groups[wrong[0]], form[wrong[0]])


def neighbours(world: World, number: Numbered) -> set[int]:
    """Open documents one slip away from the number as written, whoever owes them."""
    found: set[int] = set()
    for index, group in enumerate(number.groups):
        for other in slips(group):
            groups = (*number.groups[:index], other, *number.groups[index + 1 :])
            found.update(exact(world, number.letters, groups))
    return {document for document in found - set(number.documents) if world.residual[document]}
