"""Life of one document and of one batch session; the Odoo records are only the shadow of these tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Doc(StrEnum):
    INVALID = "invalid"  # our own check refused it; never left the house
    QUEUED = "queued"  # frozen, waits for its session
    SENT = "sent"  # its bytes were handed over and the session was closed
    ACCEPTED = "accepted"  # has a KSeF number
    REJECTED = "rejected"  # KSeF refused it for good
    RETURNED = "returned"  # certainly not in KSeF, may be sent again as it is
    UNKNOWN = "unknown"  # an answer was lost: ask, never send again


class Session(StrEnum):
    DRAFT = "draft"  # documents assigned, nothing told to KSeF
    OPENING = "opening"  # the open call may have gone out
    OPEN = "open"  # reference known, parts are being uploaded
    CLOSING = "closing"  # the close call may have gone out
    PROCESSING = "processing"  # KSeF is at work
    UNKNOWN = "unknown"  # the answer to open, upload or close was lost
    DONE = "done"  # processed, results stored, all accepted
    DONE_ERRORS = "done_errors"  # processed, some documents were refused
    FAILED = "failed"  # the whole session was refused; documents returned


DOC_MOVES: Final[dict[Doc, frozenset[Doc]]] = {
    Doc.INVALID: frozenset(),
    # found in KSeF although we believed that it never went there, as after a restored backup: it is accepted
    Doc.QUEUED: frozenset({Doc.SENT, Doc.UNKNOWN, Doc.RETURNED, Doc.ACCEPTED}),
    Doc.SENT: frozenset({Doc.ACCEPTED, Doc.REJECTED, Doc.RETURNED, Doc.UNKNOWN}),
    Doc.UNKNOWN: frozenset({Doc.SENT, Doc.ACCEPTED, Doc.REJECTED, Doc.RETURNED}),
    Doc.ACCEPTED: frozenset(),
    Doc.REJECTED: frozenset(),
    Doc.RETURNED: frozenset({Doc.ACCEPTED}),
}

SESSION_MOVES: Final[dict[Session, frozenset[Session]]] = {
    Session.DRAFT: frozenset({Session.OPENING, Session.FAILED}),
    Session.OPENING: frozenset({Session.OPEN, Session.UNKNOWN, Session.FAILED, Session.DRAFT}),
    Session.OPEN: frozenset({Session.CLOSING, Session.UNKNOWN, Session.FAILED}),
    # back to open: the close call certainly did nothing, or KSeF misses a part
    Session.CLOSING: frozenset({Session.OPEN, Session.PROCESSING, Session.UNKNOWN, Session.FAILED}),
    Session.PROCESSING: frozenset({Session.DONE, Session.DONE_ERRORS, Session.FAILED, Session.UNKNOWN}),
    Session.UNKNOWN: frozenset(
        {Session.OPEN, Session.CLOSING, Session.PROCESSING, Session.DONE, Session.DONE_ERRORS, Session.FAILED}
    ),
    Session.DONE: frozenset(),
    Session.DONE_ERRORS: frozenset(),
    Session.FAILED: frozenset(),
}

SESSION_FINAL: Final = frozenset(state for state, after in SESSION_MOVES.items() if not after)


def doc_may(old: str, new: str) -> bool:
    """True when a document may go from `old` to `new` (staying is always allowed)."""
    return old == new or Doc(new) in DOC_MOVES[Doc(old)]


def session_may(old: str, new: str) -> bool:
    """True when a session may go from `old` to `new` (staying is always allowed)."""
    return old == new or Session(new) in SESSION_MOVES[Session(old)]


class Verdict(StrEnum):
    """What a status code of KSeF means for us."""

    WAIT = "wait"
    DONE = "done"
    REFUSED = "refused"
    RETURN = "return"  # nothing of it is in KSeF and nothing is wrong with it: send again
    DUPLICATE = "duplicate"


def session_verdict(code: int) -> Verdict:
    """Session status code: 100/150/170 wait, 200 done, 445 every invoice refused, the rest failed as a whole."""
    if code < 200:
        return Verdict.WAIT
    if code == 200:
        return Verdict.DONE
    return Verdict.REFUSED if code == 445 else Verdict.RETURN


def invoice_verdict(code: int) -> Verdict:
    """Invoice status code; 405 and 550 cancel without a fault of the invoice, 440 is a duplicate."""
    if code < 200:
        return Verdict.WAIT
    if code == 200:
        return Verdict.DONE
    if code == 440:
        return Verdict.DUPLICATE
    return Verdict.RETURN if code in (405, 500, 550) else Verdict.REFUSED
