"""Open items of a billing account, and which of them a payment settles."""

from __future__ import annotations

from typing import NamedTuple


class OpenItem(NamedTuple):
    """``id`` of the journal item, ``residual`` in grosze (debts > 0, credits < 0), ``due`` as ``date.toordinal()``."""

    id: int
    document_id: int
    residual: int
    due: int
    kind: str = "principal"
    is_disputed: bool = False


class Part(NamedTuple):
    """So much (grosze) of a payment goes to this item; ``reason`` NAMED, CREDIT_NOTE, INTEREST, OLDEST or DISPUTED."""

    item_id: int
    amount: int
    reason: str
