"""What payers mean and write: scenes of one payment, before the bank's forms touch it. Rates are shares of all payments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from . import months, names, noise, payer_names, references
from .numbers import nrb
from .world import AGE_LIMIT, POOL, SELLER, World, random_nrb


@dataclass(slots=True)
class Draft:
    """A payment being written: who and what is meant (never shown to anybody), what the title holds."""

    account: int
    amount: int = 0
    meant: list[int] = field(default_factory=list)
    title: str = ""
    kinds: list[str] = field(default_factory=list)
    only_words: bool = False
    #: titles of fixed form are not surrounded by words
    is_form: bool = False


class Author:
    """Writes drafts about the customers of one world."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.everyone = [account for account, mine in world.open_documents.items() if self._debts(mine)]

    def _debts(self, mine: list[int]) -> list[int]:
        return [document for document in mine if self.world.residual[document] > 0]

    def debts(self, account: int) -> list[int]:
        return self._debts(self.world.open_documents[account])

    def sum(self, documents: list[int]) -> int:
        return sum(self.world.residual[document] for document in documents)

    def one(self, account: int) -> int:
        """Mostly the newest debt, at times an older one."""
        mine = self.debts(account)
        return mine[-1] if self.dice.random() < 0.8 else self.dice.choice(mine)

    def name(self, draft: Draft, documents: list[int], minus: list[int] | None = None) -> None:
        """Numbers into the title."""
        texts = []
        for document in documents:
            written = noise.document(self.dice, self.world.number(document))
            draft.kinds += written.kinds
            texts.append(written.text)
        text = self.dice.choice((", ", " ", "; ", " i ", ",")).join(texts)
        for document in minus or ():
            written = noise.document(self.dice, self.world.number(document))
            draft.kinds += written.kinds
            text += f" minus {self.dice.choice(('korekta', 'FV koryg.', 'kor.'))} {written.text}"
        draft.title = text

    # scenes

    def number(self, draft: Draft) -> None:
        draft.meant = [self.one(draft.account)]
        draft.amount = self.sum(draft.meant)
        self.name(draft, draft.meant)

    def several(self, draft: Draft) -> None:
        mine = self.debts(draft.account)
        draft.meant = self.dice.sample(mine, min(len(mine), self.dice.choice((2, 2, 3, 4))))
        draft.amount = self.sum(draft.meant)
        self.name(draft, draft.meant)

    def several_credit(self, draft: Draft) -> None:
        credits = [d for d in self.world.open_documents[draft.account] if self.world.residual[d] < 0]
        mine = self.debts(draft.account)[-2:]
        draft.meant = mine + credits
        draft.amount = max(1, self.sum(draft.meant))
        self.name(draft, mine, credits)

    def part(self, draft: Draft) -> None:
        self.number(draft)
        draft.amount = max(1, self.dice.choice((draft.amount // 2, draft.amount // 3, draft.amount - 500, 2000)))

    def over(self, draft: Draft) -> None:
        self.number(draft)
        draft.amount += self.dice.choice((1, 100, 1000, draft.amount, -draft.amount % 1000))

    def old_paid(self, draft: Draft) -> None:
        """Last year's transfer copied: the number is of an invoice paid long ago."""
        paid = self.world.paid_documents.get(draft.account)
        draft.meant = [self.one(draft.account)]
        draft.amount = self.sum(draft.meant)
        self.name(draft, [self.dice.choice(paid)] if paid else draft.meant)

    def foreign(self, draft: Draft) -> None:
        """Somebody else's number, copied from the wrong letter."""
        self.number(draft)
        other = self.dice.choice(self.everyone)
        self.name(draft, [self.one(other)])

    def two_customers(self, draft: Draft) -> None:
        self.number(draft)
        other = self.dice.choice(self.everyone)
        draft.meant.append(self.one(other))
        draft.amount = self.sum(draft.meant)
        self.name(draft, draft.meant)

    def month(self, draft: Draft) -> None:
        mine = self.debts(draft.account)
        draft.meant = self.dice.sample(mine, min(len(mine), self.dice.choice((1, 1, 1, 2))))
        draft.amount = self.sum(draft.meant)
        draft.only_words = True
        said = [self._said(document) for document in draft.meant if self.world.period(document)]
        draft.title = f"{self.dice.choice(('abonament', 'za', 'internet', 'opłata za', 'tv'))} {' i '.join(said)}"

    def _said(self, document: int) -> str:
        year, month = divmod(self.world.period(document), 100)
        word = self.dice.choice(months.FORMS[month - 1])
        roman = months.ROMAN[month - 1]
        return self.dice.choice(
            (word, f"{word} {year}", f"{word} {year}", f"{month:02d}/{year}", f"{month}.{year}", f"{roman} {year}")
        )

    def words(self, draft: Draft) -> None:
        """Nothing but words: what is paid shows in the amount alone, if at all."""
        mine = self.debts(draft.account)
        draft.meant = self.dice.choice((mine, mine, [self.one(draft.account)]))
        draft.amount = self.sum(draft.meant)
        if self.dice.random() < 0.2:
            draft.amount += self.dice.randrange(1, 3000)
        draft.only_words = True
        draft.title = self.dice.choice(noise.TAILS)

    def name_only(self, draft: Draft) -> None:
        self.words(draft)
        draft.title = self.world.names[draft.account]

    def empty(self, draft: Draft) -> None:
        self.words(draft)
        draft.title, draft.is_form = "", True

    def customer_number(self, draft: Draft) -> None:
        self.words(draft)
        written = noise.customer(self.dice, self.world.customer_number(draft.account))
        draft.kinds += written.kinds
        draft.title = f"{self.dice.choice(('nr klienta', 'klient', 'id', 'numer klienta:'))} {written.text}"
        draft.only_words = False

    def contract_number(self, draft: Draft) -> None:
        self.words(draft)
        written = noise.contract(self.dice, self.world.contract_number(draft.account))
        draft.kinds += written.kinds
        draft.title = f"{self.dice.choice(('umowa', 'nr umowy', 'wg umowy nr'))} {written.text}"
        draft.only_words = False

    def split_payment(self, draft: Draft) -> None:
        """Title of a split payment: VAT, issuer, invoice (35 characters), text (33)."""
        self.number(draft)
        vat = f"{draft.amount * 23 // 123 // 100},{draft.amount * 23 // 123 % 100:02d}"
        draft.title = f"/VAT/{vat}/IDC/{SELLER}/INV/{draft.title[:35]}/TXT/{self.dice.choice(noise.TAILS)[:33]}"
        draft.is_form = True

    def ksef(self, draft: Draft) -> None:
        draft.meant = [self.one(draft.account)]
        draft.amount = self.sum(draft.meant)
        number = self.world.ksef_number(draft.meant[0])
        if not number:
            return self.name(draft, draft.meant)
        written = noise.ksef(self.dice, number)
        draft.kinds += written.kinds
        draft.title = written.text
        return None

    def slip(self, draft: Draft) -> None:
        """A slip in the running number and nothing else changed."""
        self.number(draft)
        journal, year, month, running = self.world.number(draft.meant[0]).split("/")
        draft.title = "/".join((journal, year, month, noise.slip(self.dice, running)))
        draft.kinds.append("slip")

    def sibling(self, draft: Draft) -> None:
        """Somebody of a family copies the number beside his own: bills of one house follow each other."""
        family = self.dice.choice(self.world.families)
        debtors = [account for account in family if self.debts(account)]
        if len(debtors) < 2:
            return self.slip(draft)
        draft.account, other = self.dice.sample(debtors, 2)
        self.number(draft)
        period = self.world.period(draft.meant[0])
        same = [document for document in self.debts(other) if self.world.period(document) == period]
        self.name(draft, [same[0] if same else self.one(other)])
        return None

    def reference(self, draft: Draft) -> None:
        """His own reference: alone, beside our number, beside months."""
        kind, text = references.of(draft.account)
        roll = self.dice.random()
        if roll < 0.4:
            self.words(draft)
            draft.title, draft.only_words = text, False
        else:
            (self.number if roll < 0.85 else self.month)(draft)
            draft.title = self.dice.choice((" ", " ", "; ")).join(self.dice.sample((text, draft.title), 2))
        draft.kinds.append(f"reference_{kind}")


#: scene → (rate, how it is written, what it is)
SCENES: dict[str, tuple[float, Callable[[Author, Draft], None], str]] = {
    "number": (0.32, Author.number, "one invoice named, its amount paid"),
    "several": (0.08, Author.several, "several invoices in one payment"),
    "several_credit": (0.02, Author.several_credit, "several invoices less a credit note"),
    "part": (0.04, Author.part, "part of a named invoice"),
    "over": (0.03, Author.over, "more than the named invoice"),
    "old_paid": (0.04, Author.old_paid, "number of an invoice paid before"),
    "foreign": (0.03, Author.foreign, "number of somebody else's invoice"),
    "two_customers": (0.01, Author.two_customers, "invoices of two customers"),
    "month": (0.10, Author.month, "months in Polish words or figures"),
    "words": (0.06, Author.words, "words that name nothing"),
    "name_only": (0.06, Author.name_only, "only the customer's name"),
    "empty": (0.04, Author.empty, "empty title"),
    "customer_number": (0.08, Author.customer_number, "customer number, at times with a slip"),
    "contract_number": (0.02, Author.contract_number, "contract number"),
    "split_payment": (0.02, Author.split_payment, "split payment form /VAT/…/INV/…"),
    "ksef": (0.02, Author.ksef, "KSeF number"),
    "slip_alone": (0.02, Author.slip, "a slip in the running number, nothing else changed"),
    "reference": (0.04, Author.reference, "the payer's own reference, alone or beside a number or months of ours"),
    "sibling": (0.01, Author.sibling, "the number of a relative's bill"),
}


# payers


@dataclass(frozen=True, slots=True)
class Payer:
    """``partner`` holds the account, too, and stands in the payer's field beside him."""

    name: str
    nrb: str
    kind: str
    partner: str = ""


#: payer → (rate, what it is); those a customer has not fall back to his own account or a new one
PAYERS: dict[str, tuple[float, str]] = {
    "own": (0.68, "from the customer's own account, if he has one"),
    "new_account": (0.08, "the customer's name, an account number never seen"),
    "third_party": (0.07, "somebody unknown pays for him"),
    "wrong_payer": (0.03, "another customer pays for him from his own account"),
    "family": (0.09, "the family's account, where there is one"),
    "accountant": (0.03, "the accountant's account, where there is one"),
    "cash": (0.02, "post office: a name, no account number"),
}


def payer(world: World, account: int, dice: random.Random) -> Payer:
    found = _payer(world, account, dice)
    if (
        not found.partner
        and found.name.split()[0] in names.GIVEN
        and dice.random() < payer_names.KINDS["joint_name"][0]
    ):
        return replace(found, partner=payer_names.partner_of(dice, found.name))
    return found


def _payer(world: World, account: int, dice: random.Random) -> Payer:
    kind = dice.choices(list(PAYERS), [rate for rate, _text in PAYERS.values()])[0]
    if kind == "own" and account in world.accountant_nrb:
        kind = "accountant"
    name = world.names[account]
    if kind == "third_party":
        return Payer(names.person(dice), random_nrb(dice), kind)
    if kind == "wrong_payer":
        other = dice.choice(world.accounts)
        return Payer(world.names[other], world.own_nrb.get(other) or random_nrb(dice), kind)
    if kind == "cash":
        return Payer(name, "", kind)
    if kind == "accountant" and account in world.accountant_nrb:
        return Payer(f"Biuro Rachunkowe {names.person(dice)}", world.accountant_nrb[account], kind)
    if kind in ("family", "own") and account in world.family_nrb and (kind == "family" or dice.random() < 0.5):
        shared = world.family_nrb[account]
        members = sorted(use.account for use in world.payers[shared])
        partner = world.names[members[-1]] if len(members) > 1 and dice.random() < 0.3 else ""
        return Payer(world.names[members[0]], shared, "family", partner)
    own = world.own_nrb.get(account) if kind != "new_account" else None
    if own is None:
        return Payer(name, random_nrb(dice), "new_account")
    stale = all(use.last < AGE_LIMIT for use in world.payers[own])
    return Payer(name, own, "stale" if stale else "own")


def foreign_virtual(world: World, dice: random.Random) -> str:
    """A number of our pool that was never given out."""
    return nrb(f"{POOL}{dice.randrange(len(world.names), 10**9):0{24 - len(POOL)}d}")
