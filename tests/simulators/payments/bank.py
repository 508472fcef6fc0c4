"""A month of payments: evidence for the careful person, `Transaction` objects for a matcher, MT940 for the whole way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ..bank.mt940_writer import Payment as Mt940Payment
from ..bank.mt940_writer import write_statement
from . import noise, payer_names, scenes
from .truth import Evidence
from .world import POOL, TODAY, World

if TYPE_CHECKING:
    from bank_core.model import Transaction


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment: what the bank shows, how it was made (``kinds``), what its payer meant. Labels use ``evidence`` only."""

    position: int
    day: date
    evidence: Evidence
    kinds: tuple[str, ...]
    meant: int
    meant_documents: tuple[int, ...]


def month(world: World, count: int, seed: int, virtual: bool) -> Iterator[Paid]:
    """``count`` payments of one month; ``virtual`` = each to a valid virtual account, else (almost) none."""
    dice = random.Random(f"month {seed} {virtual}")
    author = scenes.Author(world, dice)
    kinds = list(scenes.SCENES)
    rates = [rate for rate, _write, _text in scenes.SCENES.values()]
    rules = [rule for found in world.rules.values() for rule in found]
    for position in range(count):
        day = TODAY + timedelta(days=position * 30 // count)
        kind = dice.choices(kinds, rates)[0]
        rule = dice.choice(rules) if dice.random() < 0.004 else None
        account = rule.account if rule and author.debts(rule.account) else dice.choice(author.everyone)
        draft = scenes.Draft(account, kinds=[kind])
        scenes.SCENES[kind][1](author, draft)
        _words(draft, dice)
        account = draft.account
        payer = scenes.payer(world, account, dice)
        payer_nrb, payer_kind = payer.nrb, payer.kind
        if rule and rule.account == account:
            payer_nrb, payer_kind = rule.payer_nrb, "rule"
            draft.title = " ".join((*rule.words, draft.title)).strip() if dice.random() < 0.8 else draft.title
        draft.kinds.append(payer_kind)
        to = world.virtual(account) if virtual else ""
        if not virtual and dice.random() < 0.005:
            to = scenes.foreign_virtual(world, dice)
            draft.kinds.append("virtual_not_given_out")
        name = payer_names.bank_name(dice, payer.name, payer.partner)
        draft.kinds += name.kinds
        evidence = Evidence(draft.title, draft.amount, name.text, payer_nrb, to)
        yield Paid(position, day, evidence, tuple(dict.fromkeys(draft.kinds)), account, tuple(draft.meant))


def _words(draft: scenes.Draft, dice: random.Random) -> None:
    if not draft.is_form and not draft.only_words:
        written = noise.surround(dice, draft.title)
        draft.title = written.text
        draft.kinds += written.kinds
    written = noise.layout(dice, draft.title, draft.only_words)
    draft.title = written.text
    draft.kinds += written.kinds


def transaction(paid: Paid) -> Transaction:
    """What a parser would give; every second virtual account as the bank's short payer number."""
    from bank_core.model import Transaction

    virtual = paid.evidence.virtual
    return Transaction(
        line=0,
        position=paid.position,
        value_date=paid.day,
        entry_date=paid.day,
        amount=Decimal(paid.evidence.amount) / 100,
        mark="C",
        funds_code="N",
        type_code="240",
        owner_ref="NONREF",
        bank_ref=f"{paid.day:%y%m%d}{paid.position:010d}",
        supplement="",
        title=paid.evidence.title,
        party_name=paid.evidence.payer_name,
        party_account=paid.evidence.payer_nrb,
        payer_key=virtual[2 + len(POOL) :] if paid.position % 2 else virtual,
    )


def mt940(payments: Iterable[Paid], account_nrb: str) -> bytes:
    """The month as one PKO BP statement; titles beyond 162 characters are cut by its six pieces."""
    rows = [
        Mt940Payment(
            booked=paid.day,
            amount=Decimal(paid.evidence.amount) / 100,
            title=paid.evidence.title,
            payer_name=paid.evidence.payer_name,
            payer_nrb=paid.evidence.payer_nrb,
            virtual_nrb=paid.evidence.virtual,
        )
        for paid in payments
    ]
    return write_statement(rows, opening=Decimal(0), account_nrb=account_nrb)
