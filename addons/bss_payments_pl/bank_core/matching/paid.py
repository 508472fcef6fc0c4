"""Which documents a payment of a known customer pays, where that can be told at all."""

from __future__ import annotations

from collections.abc import Sequence

from .model import AMOUNT, NAMED, PERIOD, Document
from .periods import Months

Claim = tuple[tuple[int, ...], str]
NOTHING: Claim = ((), "")


def claim(
    open_documents: Sequence[Document],
    named: Sequence[Document],
    is_list_whole: bool,
    names_other: bool,
    months: Months,
    amount: int,
) -> Claim:
    """Ids of the documents and the kind of claim; nothing when only the allocation policy can tell.

    :param named: documents of the customer that the title names
    :param is_list_whole: all numbers of the title were understood
    :param names_other: the title holds a number that is no document of this customer
    :param amount: grosze
    """
    if named:
        return _by_name(named, is_list_whole and not names_other)
    if names_other:
        return NOTHING
    if months.named or not months.is_clear:
        return _by_period(open_documents, months) if months.is_clear else NOTHING
    return _by_amount(open_documents, amount)


def _by_name(named: Sequence[Document], is_whole: bool) -> Claim:
    if not is_whole:
        return NOTHING
    for document in named:
        if not document.is_open:
            return NOTHING
    if len(named) == 1:
        return (named[0].id,), NAMED
    return tuple(dict.fromkeys([document.id for document in named])), NAMED


def _by_period(open_documents: Sequence[Document], months: Months) -> Claim:
    found = []
    for year, month in months.named:
        fitting = [
            document
            for document in open_documents
            if document.period % 100 == month and year in (0, document.period // 100)
        ]
        if len(fitting) != 1:
            return NOTHING
        found.append(fitting[0].id)
    return tuple(dict.fromkeys(found)), PERIOD


def _by_amount(open_documents: Sequence[Document], amount: int) -> Claim:
    debts: list[int] = []
    equal: set[int] = set()
    total = 0
    for document in open_documents:
        residual = document.residual
        if residual > 0:
            debts.append(document.id)
            total += residual
            if residual == amount:
                equal.add(document.id)
    if total == amount and len(debts) > 1:
        return tuple(debts), AMOUNT
    return (tuple(equal), AMOUNT) if len(equal) == 1 else NOTHING
