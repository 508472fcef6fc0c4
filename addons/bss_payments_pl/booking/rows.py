"""What is to be booked, and what came of it."""

from typing import NamedTuple

from ..bank_core.allocation import Part
from ..bank_core.matching import Match
from ..bank_core.model import Transaction


class Row(NamedTuple):
    """One transaction of a statement.

    :ivar key: what makes a second import harmless (``account.bank.statement.line.bss_dedupe_key``)
    :ivar account_id: billing account that the payment is booked to, 0 = it stays in suspense
    :ivar parts: open items it is set against, in order (grosze); what they leave stays a credit
    """

    tx: Transaction
    key: str
    match: Match
    account_id: int = 0
    parts: tuple[Part, ...] = ()


class BookingResult(NamedTuple):
    """Ids by the rows' order; not every row has a match (own debits have none).

    :ivar reasons: {why the rows were written by the ORM: how many}, empty when all were written as rows
    """

    line_ids: list[int]
    match_ids: list[int]
    reasons: dict[str, int]
