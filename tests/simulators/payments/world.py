"""The operator whose customers pay: accounts, numbers, documents in compact columns, twenty-four months of payer history.

Documents are numbered densely per series (journal and month) as real journals are, so that almost every slip in a number hits a
document of somebody else. Identities are ranges of integers; numbers are computed from them and back.
"""

from __future__ import annotations

import random
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from . import names
from .numbers import WIDTH, ksef, luhn, nrb

SELLER = "5260250274"
POOL = "102055614444"  # clearing number and client code of the virtual accounts
BANKS = ("10201042", "11402004", "10501025", "12401037", "11602202", "10901014", "24900005", "16000003")
INVOICE, CREDIT, INTEREST = "FA", "KOR", "NOT"
SERIES = (INVOICE, CREDIT, INTEREST)
MONTHS = tuple((2026, month) for month in range(5, 11))
#: share of the invoices of each month that is still open
OPEN = (0.06, 0.10, 0.16, 0.30, 0.65, 1.0)
TODAY = date(2026, 11, 1)
AGE_LIMIT = date(2024, 11, 1).toordinal()
TARIFFS = (4999, 5999, 6999, 7999, 3999, 8990, 9900, 4500, 12000, 2999)
FIRST_CUSTOMER = 10_000_000
_SCRAMBLE, _UNSCRAMBLE = 0x5DEECE66D, pow(0x5DEECE66D, -1, 2**48)


@dataclass(frozen=True, slots=True)
class Use:
    """How often, and when last (ordinal of the day), an account number paid for a customer."""

    account: int
    count: int
    last: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A clerk's visible rule: payments from ``payer_nrb`` (any when empty) whose title holds ``words`` are of ``account``."""

    account: int
    payer_nrb: str
    words: tuple[str, ...] = ()


@dataclass(repr=False)
class World:
    """Accounts are 1…N; documents are indexes of the columns; money is integer grosze."""

    names: list[str] = field(default_factory=lambda: [""])
    #: (journal, year, month) → (first document, how many)
    series: dict[tuple[str, int, int], tuple[int, int]] = field(default_factory=dict)
    starts: list[tuple[int, str, int, int]] = field(default_factory=list)
    owner: array[int] = field(default_factory=lambda: array("i"))
    residual: array[int] = field(default_factory=lambda: array("q"))
    open_documents: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    paid_documents: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    payers: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    own_nrb: dict[int, str] = field(default_factory=dict)
    families: list[list[int]] = field(default_factory=list)
    family_nrb: dict[int, str] = field(default_factory=dict)
    accountant_nrb: dict[int, str] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    bearers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def accounts(self) -> range:
        return range(1, len(self.names))

    # numbers and back

    def customer_number(self, account: int) -> str:
        base = str(FIRST_CUSTOMER + account)
        return base + luhn(base)

    def customer_of(self, number: str) -> int:
        """0 unless the check digit is right and the customer exists."""
        if len(number) != 9 or luhn(number[:-1]) != number[-1]:
            return 0
        account = int(number[:-1]) - FIRST_CUSTOMER
        return account if 0 < account < len(self.names) else 0

    def contract_number(self, account: int) -> str:
        """One contract per account; these numbers have no check digit."""
        return f"UM/{2019 + account % 8}/{account // 8 + 1:0{WIDTH}d}"

    def contract_of(self, year: int, running: int) -> int:
        account = (running - 1) * 8 + (year - 2019)
        return account if 2019 <= year <= 2026 and running > 0 and 0 < account < len(self.names) else 0

    def virtual(self, account: int) -> str:
        return nrb(f"{POOL}{account:0{24 - len(POOL)}d}")

    def virtual_of(self, number: str) -> int:
        """The account behind a virtual number; 0 = not ours, not given out, or damaged."""
        if len(number) != 26 or not number[2:].startswith(POOL) or nrb(number[2:]) != number:
            return 0
        account = int(number[2 + len(POOL) :])
        return account if 0 < account < len(self.names) else 0

    def place(self, document: int) -> tuple[str, int, int, int]:
        """Journal, year, month and running number."""
        for first, journal, year, month in reversed(self.starts):
            if document >= first:
                return journal, year, month, document - first + 1
        raise IndexError(document)

    def number(self, document: int) -> str:
        journal, year, month, running = self.place(document)
        return f"{journal}/{year}/{month:02d}/{running:0{WIDTH}d}"

    def document_at(self, journal: str, year: int, month: int, running: int) -> int:
        """-1 = there is none."""
        first, count = self.series.get((journal, year, month), (0, 0))
        return first + running - 1 if 0 < running <= count else -1

    def period(self, document: int) -> int:
        """YYYYMM; interest notes are about no period."""
        journal, year, month, _running = self.place(document)
        return 0 if journal == INTEREST else year * 100 + month

    def ksef_number(self, document: int) -> str:
        """Interest notes are no invoices and have none."""
        journal, year, month, running = self.place(document)
        if journal == INTEREST:
            return ""
        return ksef(SELLER, f"{year}{month:02d}{1 + running % 28:02d}", (document + 1) * _SCRAMBLE % 2**48)

    def ksef_document(self, number: str) -> int:
        """-1 unless this very number is of one of our documents."""
        try:
            document = int(number[20:32], 16) * _UNSCRAMBLE % 2**48 - 1
        except ValueError:
            return -1
        return document if 0 <= document < len(self.owner) and self.ksef_number(document) == number else -1

    # people

    def known(self, payer_nrb: str) -> set[int]:
        """Customers for whom this account number paid within the age limit."""
        return {use.account for use in self.payers.get(payer_nrb, ()) if use.last >= AGE_LIMIT}

    def fitting(self, payer: str) -> set[int]:
        """Customers whose name the payer's field bears: two words with the surname, or a firm's whole name."""
        found = names.words(payer)
        keys = {f"{a} {b}" for a in found for b in found if a != b} | set(found)
        bearers = {account for key in keys if key in self.bearers for account in self.bearers[key]}
        have = set(found)
        return {
            account
            for account in bearers
            if not names.is_firm(self.names[account]) or have.issuperset(names.core_words(self.names[account]))
        }

    def bearing(self, payer: str) -> set[int]:
        """Of those fitting: all whose whole name stands there (Jan Piotr Kowalski before Jan Kowalski); else all."""
        have, fitting = set(names.words(payer)), self.fitting(payer)
        whole = {account: words for account in fitting if (words := set(names.core_words(self.names[account]))) <= have}
        return {
            account for account, mine in whole.items() if not any(mine < other for other in whole.values())
        } or fitting

    def add_account(self, name: str) -> int:
        account = len(self.names)
        self.names.append(name)
        found = names.core_words(name)
        if names.is_firm(name):
            self.bearers[f"{found[0]} {found[1]}"].append(account)
        else:
            for word in set(found[:-1]) - {found[-1]}:
                self.bearers[f"{word} {found[-1]}"].append(account)
        return account

    def add_series(self, journal: str, year: int, month: int, rows: Iterable[tuple[int, int]]) -> None:
        """Documents (owner, residual) numbered 1, 2, 3… in one journal and month."""
        first = len(self.owner)
        for account, residual in rows:
            (self.open_documents if residual else self.paid_documents)[account].append(len(self.owner))
            self.owner.append(account)
            self.residual.append(residual)
        self.series[journal, year, month] = (first, len(self.owner) - first)
        self.starts.append((first, journal, year, month))

    def rules_of(self, payer_nrb: str) -> list[Rule]:
        """Rules for this payer, and those for any payer."""
        return [*self.rules.get(payer_nrb, ()), *(self.rules.get("", ()) if payer_nrb else ())]

    def add_rule(self, rule: Rule) -> None:
        self.rules[rule.payer_nrb].append(rule)

    def add_payer(self, payer_nrb: str, account: int, count: int, last: int) -> None:
        self.payers[payer_nrb].append(Use(account, count, last))


def random_nrb(dice: random.Random) -> str:
    return nrb(dice.choice(BANKS) + f"{dice.randrange(10**16):016d}")


def make(customers: int, seed: int) -> World:
    """A world of that many customers; about 2.3 open documents come with each."""
    dice = random.Random(f"world {seed}")
    world = World()
    _people(world, customers, dice)
    _documents(world, dice)
    _history(world, dice)
    return world


def _people(world: World, customers: int, dice: random.Random) -> None:
    while len(world.names) <= customers:
        if dice.random() < 0.10:
            world.add_account(names.firm(dice))
        elif dice.random() < 0.06:
            surname = names.surname(dice)
            size = min(dice.choice((2, 2, 3, 4)), customers + 1 - len(world.names))
            family = [names.person(dice, surname) for _one in range(size)]
            if dice.random() < 0.08:  # father and son of one name
                family[1:2] = family[:1]
            world.families.append([world.add_account(name) for name in family])
        else:
            world.add_account(names.person(dice))


def _documents(world: World, dice: random.Random) -> None:
    fees = array("q", [0])
    for account in world.accounts:
        odd = dice.random() < (0.7 if names.is_firm(world.names[account]) else 0.2)
        fees.append(-dice.choice(TARIFFS) if odd else dice.choice(TARIFFS))
    for (year, month), open_share in zip(MONTHS, OPEN, strict=True):
        world.add_series(INVOICE, year, month, _invoices(world, fees, open_share, dice))
        notes = dice.sample(world.accounts, max(1, len(fees) // 60))
        world.add_series(
            CREDIT, year, month, ((account, -dice.randrange(300, 4000) * (dice.random() < 0.4)) for account in notes)
        )
        notes = dice.sample(world.accounts, max(1, len(fees) // 120))
        world.add_series(
            INTEREST, year, month, ((account, dice.randrange(50, 900) * (dice.random() < 0.7)) for account in notes)
        )


def _invoices(world: World, fees: array[int], open_share: float, dice: random.Random) -> Iterator[tuple[int, int]]:
    late = set(dice.sample(world.accounts, len(fees) // 20))
    in_time = (account for account in world.accounts if account not in late)
    for account in (*in_time, *sorted(late)):
        if dice.random() >= open_share:
            yield account, 0
            continue
        fee = fees[account]
        amount = fee if fee > 0 else -fee + dice.randrange(1, 9000)
        if dice.random() < 0.05:
            amount = max(1, amount - dice.choice((1000, 2000, 2500, amount // 2)))
        yield account, amount


def _history(world: World, dice: random.Random) -> None:
    today = TODAY.toordinal()

    def seen(payer_nrb: str, account: int, oldest: int = 400) -> None:
        world.add_payer(payer_nrb, account, dice.randrange(1, 24), today - dice.randrange(1, oldest))

    for family in world.families:
        if dice.random() < 0.45:
            shared = random_nrb(dice)
            for account in family:
                world.family_nrb[account] = shared
                seen(shared, account)
    firms = [account for account in world.accounts if names.is_firm(world.names[account])]
    dice.shuffle(firms)
    while len(firms) > 50:
        shared = random_nrb(dice)
        for _client in range(dice.randrange(3, 20)):
            account = firms.pop()
            if dice.random() < 0.4:
                world.accountant_nrb[account] = shared
                seen(shared, account)
    for account in world.accounts:
        kind = dice.random()
        if kind < 0.12:  # pays in cash, or is new
            continue
        world.own_nrb[account] = number = random_nrb(dice)
        if kind < 0.16:  # has not paid from there for years
            world.add_payer(number, account, 3, AGE_LIMIT - dice.randrange(1, 900))
        else:
            seen(number, account)
        if kind > 0.985:  # paid once for somebody else, too: the account number decides nothing any more
            seen(number, dice.choice(world.accounts), 700)
    for _rule in range(max(3, len(world.names) // 400)):
        words = ("DZIALKA",) if dice.random() < 0.3 else ()
        world.add_rule(Rule(dice.choice(world.accounts), random_nrb(dice), words))
