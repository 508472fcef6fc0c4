"""Whether news of one letter fit what is known of it already; the same news again fit, contradictions do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .ack import AckError, AckRow

PLAIN = "plain"
REFUSED = "refused"


@dataclass(frozen=True)
class Posted:
    """What is known of a letter on its way."""

    issued: date
    sent: date | None = None
    franking: str = PLAIN
    settled: bool = False  # it was delivered or came back
    delivered: date | None = None
    by_post: bool = True  # the delivery that is recorded is that of the post, not of a courier or by hand
    reason: str = ""


def problem(row: AckRow, known: Posted) -> AckError | None:
    """Why the news cannot be taken, or None."""
    return _days(row, known) or _contradiction(row, known)


def is_known(row: AckRow, known: Posted) -> bool:
    """The delivery or the return that ``row`` tells is recorded, word for word."""
    if not known.settled:
        return False
    if row.reason == REFUSED:
        return known.reason == REFUSED and known.delivered == row.returned
    return (row.delivered, row.reason) == (known.delivered, known.reason)


def _days(row: AckRow, known: Posted) -> AckError | None:
    for name, day in (("sent_date", row.sent), ("delivered_date", row.delivered), ("return_date", row.returned)):
        if day and day < known.issued:
            return AckError(row.line, name, "BEFORE_ISSUED", day.isoformat())
        if name != "sent_date" and day and known.sent and day < known.sent:
            return AckError(row.line, name, "BEFORE_SENT", day.isoformat())
    return None


def _contradiction(row: AckRow, known: Posted) -> AckError | None:
    if row.sent and known.sent and row.sent != known.sent:
        return AckError(row.line, "sent_date", "SENT_OTHERWISE", row.sent.isoformat())
    if row.sent and known.delivered and known.by_post and row.sent > known.delivered:
        # one of the two days is wrong, and statutory terms count from the earlier one
        return AckError(row.line, "sent_date", "DELIVERED_OTHERWISE", row.sent.isoformat())
    if row.delivered and known.franking == PLAIN:
        return AckError(row.line, "delivered_date", "PLAIN_PROVES_NOTHING", row.delivered.isoformat())
    tells = bool(row.delivered or row.reason)
    if tells and known.settled and not _adds_the_reason(row, known) and not is_known(row, known):
        name = "delivered_date" if row.delivered else "return_reason"
        return AckError(row.line, name, "DELIVERED_OTHERWISE", str(row.delivered or row.reason))
    return None


def _adds_the_reason(row: AckRow, known: Posted) -> bool:
    """It came back, nobody said why yet."""
    return bool(row.reason) and not known.delivered and not known.reason
