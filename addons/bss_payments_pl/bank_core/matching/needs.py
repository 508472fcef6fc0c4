"""What has to be fetched before a batch of payments can be matched."""

from __future__ import annotations

from collections.abc import Sequence

from .. import nrb
from ..model import Transaction
from .model import Facts, MoreNeeds, Needs
from .shapes import Shape
from .text import name_key, tokens


def needs(batch: Sequence[Transaction], shapes: Sequence[Shape], prefixes: Sequence[str] = ()) -> Needs:
    """First question: keys that stand in the payments themselves.

    :param shapes: shapes of the journals' numbers
    :param prefixes: prefixes of the pools of this bank account, to complete short payer keys
    """
    words = {token for tx in batch for token, _start in tokens(tx.title)}
    virtual = {
        number
        for tx in batch
        for number in (
            [tx.payer_key]
            if len(tx.payer_key) == 26
            else [nrb.from_payer_key(prefix, tx.payer_key) for prefix in prefixes]
        )
        if number
    }
    return Needs(
        numbers=frozenset(words),
        account_numbers=frozenset(words),
        payers=frozenset(tx.party_account for tx in batch if tx.party_account),
        names=frozenset(name_key(tx.party_name) for tx in batch if tx.party_name),
        virtual=frozenset(virtual),
    )


def more_needs(batch: Sequence[Transaction], facts: Facts) -> MoreNeeds:
    """Second question: accounts whose open documents matter, and numbers one slip away."""
    accounts = set(facts.virtual.values())
    for ids in (*facts.names.values(), *facts.account_numbers.values()):
        accounts.update(ids)
    for uses in facts.payers.values():
        accounts.update(use.account_id for use in uses)
    return MoreNeeds(accounts=frozenset(accounts))
