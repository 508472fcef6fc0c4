"""Document numbers of one customer are named: does anything else say the same, or the opposite?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .leftovers import unexplained
from .lookups import neighbours
from .model import Document
from .names import LongNames, fits, parts
from .near import as_written
from .situation import Situation


def named_sum(documents: Sequence[Document]) -> int:
    """Sum of the named residuals, credit notes negative."""
    return sum([document.residual for document in documents if document.is_open])


def corroborating(case: Situation, account: int, long_names: Callable[[], LongNames]) -> str:
    """What else leads to the customer: PAYER_ACCOUNT, NAME, AMOUNT or nothing."""
    if case.pays_for(account):
        return "PAYER_ACCOUNT"
    if case.name_fits(account):
        # a part of a name may be a neighbour's too, and the neighbour's number one slip away
        whole = account in case.seen.namesakes
        if whole or not any(_fits_neighbour(case, document) for document in case.documents_of(account)):
            return "NAME"
    if amount_corroborates(case, account, long_names):
        return "AMOUNT"
    return ""


def _fits_neighbour(case: Situation, document: Document) -> bool:
    name = case.seen.name
    return any(fits(name, case.facts.names_of.get(d.account_id, "")) for d in neighbours(document, case.facts))


def amount_corroborates(case: Situation, account: int, long_names: Callable[[], LongNames]) -> bool:
    """The amount is the sum of the named residuals, and nothing else would explain it as well.

    Neither a neighbour's document, nor a debt of the payer himself, who may have copied somebody else's number.
    """
    documents = case.documents_of(account)
    if named_sum(documents) != case.amount:
        return False
    if case.has_unknown or case.seen.doubtful or case.weak or not documents or unexplained(case):
        return False
    if len(documents) == 1:
        if not all(mention.is_sure for mention, _document in case.seen.exact):
            return False
        if any(other.residual == case.amount for other in neighbours(documents[0], case.facts)):
            return False
    return not any(_owes(case, payer) for payer in _like_the_payer(case, account, long_names))


def _owes(case: Situation, account: int) -> bool:
    """The customer himself has an open debt of the amount, or owes it in all."""
    debts = [d.residual for d in case.facts.open_documents.get(account, ()) if d.is_open and d.residual > 0]
    return case.amount in (*debts, sum(debts))


def _like_the_payer(case: Situation, account: int, long_names: Callable[[], LongNames]) -> set[int]:
    """Other customers whom the payer's account paid for, or whose name may be the payer's."""
    others = case.linked(account)
    name = case.seen.name
    if name:
        others.update([owner for key in parts(name) for owner in case.facts.names.get(key, ())])
        others.update(long_names().sharing_two_words(name))
        others.discard(account)
    return others


def contradiction(case: Situation, account: int, long_names: Callable[[], LongNames]) -> Document | None:
    """A document of another customer linked to the payer, one slip away from a named number.

    No contradiction when the amount fits the named documents and not with that one in its place.
    """
    others = _like_the_payer(case, account, long_names)
    if not others:
        return None
    fits_named = case.amount == named_sum(case.documents_of(account))
    for mention, document in case.seen.exact:
        if not fits_named:
            for found in case.near_by(mention, others).values():
                return found[0]
            continue
        # with one of another residual in its place the amount would not fit
        residual = document.residual if document.is_open else 0
        for other in others:
            owed = [one for one in case.facts.open_documents.get(other, ()) if one.residual == residual]
            near = as_written(mention).near_among(owed) if owed else []
            if near:
                return near[0]
    return None


def nearly_named(case: Situation, long_names: Callable[[], LongNames]) -> tuple[int, list[Document]] | None:
    """The one linked customer whose open documents lie one slip from every number that is not ours.

    The payer must be known for that customer alone: by his account, or by a name nobody else bears.
    """
    accounts = {use.account_id for use in case.seen.known} | set(case.seen.namesakes)
    unknown = case.seen.unknown
    may_be_meant = case.near_by(unknown[0], accounts) if unknown else accounts
    found = {account: documents for account in may_be_meant if (documents := case.slips_of(account))}
    if len(found) != 1:
        return None
    account, documents = found.popitem()
    exclusive, unique = case.seen.exclusive, case.seen.unique
    if exclusive != account and not _bears_name_alone(case, account, long_names()):
        return None
    if account not in (exclusive, unique) or (exclusive is not None and exclusive != account):
        return None
    # a second customer with something near, even if not for every number, makes it doubtful
    others = accounts - {account}
    if others and any(case.near_by(mention, others) for mention in unknown):
        return None
    return account, documents


def _bears_name_alone(case: Situation, account: int, long_names: LongNames) -> bool:
    """No other customer's name stands in the payer's field, or holds the payer's name."""
    name = case.seen.name
    shorter = (owner for key in parts(name) for owner in case.facts.names.get(key, ()))
    return all(owner == account for owner in shorter) and long_names.sharing_two_words(name) <= {account}
