"""Keys that recognise a transaction seen before."""

from __future__ import annotations

import hashlib

from .formats.dialects import DIALECTS
from .model import Problem, Severity, Statement, StatementHead, Transaction, Unreadable

_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})


class KeyMaker:
    """Keys of one statement's entries, to be asked in the order of the file.

    The bank's own id counts with the amount (a return or a fee may bear the id of its payment); a
    bank reference counts with the date too; without either, statement, position and the raw text. Never date,
    amount, payer and title alone: two equal payments on one day are two payments. MT940, MT942 and camt of one
    payment give one key wherever the bank writes the same id or reference into them.

    A report of mass payments has no number, and a longer one of the same days may hold its rows at other places: a
    row without a reference counts by what it says, and equal ones of a day by their order. So the same report again,
    or a longer one, brings each payment once, and two equal payments in one report are two.

    Memory grows by some 70 bytes per entry with a reference, and per row of a report.
    """

    def __init__(self, head: StatementHead, dialect: str = ""):
        self._head = head
        profile = DIALECTS.get(dialect)
        self._stable = profile is None or profile.stable_bank_ref
        self._seen: set[int] = set()
        self._times: dict[str, int] = {}

    def key(self, tx: Transaction) -> str:
        head = self._head
        if tx.bank_id:
            return self._numbered(f"id|{head.account}|{tx.bank_id}|{tx.amount}")
        if self._stable and tx.bank_ref not in _NO_REFERENCE:
            own = "" if tx.owner_ref in _NO_REFERENCE else tx.owner_ref
            end = "" if tx.end_to_end in _NO_REFERENCE else f"|{tx.end_to_end}"
            return self._numbered(f"ref|{head.account}|{tx.bank_ref}|{own}{end}|{tx.value_date}|{tx.amount}|{tx.mark}")
        if head.kind == "report":
            return self._numbered("|".join(["row", head.account, *_said(tx)]))
        return _digest(
            f"raw|{head.account}|{head.number}|{head.page}|{tx.position}|{tx.value_date}|{tx.amount}|{tx.raw}"
        )

    def unreadable(self, row: Unreadable) -> str:
        head = self._head
        if head.kind == "report":
            return self._numbered(f"unreadable row|{head.account}|{row.raw}")
        return _digest(f"unreadable|{head.account}|{head.number}|{head.page}|{_year(head)}|{row.position}|{row.raw}")

    def _numbered(self, base: str) -> str:
        """Entries that share everything are told apart by their order."""
        digest = _digest(base)
        mark = int(digest[:16], 16)
        if mark not in self._seen:
            self._seen.add(mark)
            return digest
        times = self._times.get(base, 1) + 1
        self._times[base] = times
        return _digest(f"{base}|{times}")


def dedupe_keys(statement: Statement, dialect: str) -> list[str]:
    """One key per transaction, in order; see :class:`KeyMaker`."""
    maker = KeyMaker(statement.head, dialect)
    return [maker.key(tx) for tx in statement.transactions]


def unreadable_key(statement: Statement, raw: str, position: int) -> str:
    row = Unreadable(0, position, Problem("ENTRY_UNREADABLE", Severity.ERROR), raw)
    return KeyMaker(statement.head).unreadable(row)


def _said(tx: Transaction) -> tuple[str, ...]:
    """What a row says of its payment: no place in the file, no columns without a meaning."""
    days = f"{tx.entry_date}|{tx.value_date}|{tx.amount}"
    return days, tx.owner_ref, tx.payer_key, tx.party_account, tx.party_name, tx.party_address, tx.title


def _year(head: StatementHead) -> str:
    """Numbers of statements begin anew each year."""
    return str(head.opening.day.year) if head.opening else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
