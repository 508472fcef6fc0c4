"""Keys that recognise a transaction seen before, and continuity between statements."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .formats.dialects import DIALECTS
from .model import Problem, Severity, Statement, Transaction

_NO_REFERENCE = frozenset({"", "NONREF"})


def dedupe_keys(statement: Statement, dialect: str) -> list[str]:
    """One key per transaction, in order.

    The bank's own id counts alone; a bank reference counts with amount and date (a fee may share
    it); without either, statement, position and the raw text. Never date, amount, payer and title
    alone: two equal payments on one day are two payments.
    """
    seen: Counter[str] = Counter()
    keys = []
    for tx in statement.transactions:
        base = _base(statement, tx, dialect)
        seen[base] += 1
        keys.append(_digest(base if seen[base] == 1 else f"{base}|{seen[base]}"))
    return keys


def unreadable_key(statement: Statement, raw: str, position: int) -> str:
    day = statement.foot.closing.day if statement.foot.closing else ""
    return _digest(f"unreadable|{statement.account}|{statement.number}|{day}|{position}|{raw}")


def _base(statement: Statement, tx: Transaction, dialect: str) -> str:
    profile = DIALECTS.get(dialect)
    if tx.bank_id:
        return f"id|{statement.account}|{tx.bank_id}"
    if profile and profile.stable_bank_ref and tx.bank_ref not in _NO_REFERENCE:
        own = "" if tx.owner_ref in _NO_REFERENCE else tx.owner_ref
        return f"ref|{statement.account}|{tx.bank_ref}|{own}|{tx.value_date}|{tx.amount}|{tx.mark}"
    return (
        f"raw|{statement.account}|{statement.number}|{statement.head.page}|{tx.position}|{tx.value_date}"
        f"|{tx.amount}|{tx.raw}"
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class LastStatement:
    """What is known of the newest statement imported before."""

    number: str
    closing: Decimal
    year: int


def chain_problems(statements: Sequence[Statement], last: dict[str, LastStatement] | None = None) -> Iterable[Problem]:
    """Gaps between consecutive statements of one account, in file order.

    ``last`` maps an account to the statement before the first of this file.
    """
    before = dict(last or {})
    for statement in statements:
        known = before.get(statement.account)
        if known is not None:
            yield from _compare(known, statement)
        closing = statement.foot.closing
        if closing is not None:
            before[statement.account] = LastStatement(statement.number, closing.amount, closing.day.year)


def _compare(known: LastStatement, statement: Statement) -> Iterable[Problem]:
    opening = statement.head.opening
    if opening is not None and opening.amount != known.closing:
        params = {"expected": str(known.closing), "value": str(opening.amount)}
        tag = ":60M:" if opening.intermediate else ":60F:"
        yield Problem("OPENING_DIFFERS", Severity.WARNING, opening.line, tag, params)
    same_year = opening is not None and opening.day.year == known.year
    if same_year and known.number.isdigit() and statement.number.isdigit():
        step = int(statement.number) - int(known.number)
        if step > 1:
            params = {"before": known.number, "value": statement.number, "missing": str(step - 1)}
            line = statement.head.number_line or statement.head.line
            yield Problem("STATEMENTS_MISSING", Severity.WARNING, line, ":28C:", params)
