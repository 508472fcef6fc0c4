"""Value types shared by all bank formats."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file.

    ``line`` counts from 1 (0 = the file as a whole), ``field`` is the tag or sub-field,
    ``code`` is stable and meant for translation, ``params`` fill the translated text.
    """

    code: str
    severity: Severity
    line: int = 0
    field: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Balance:
    amount: Decimal
    day: date
    currency: str
    line: int
    intermediate: bool = False


#: "statement" (MT940, camt.053), "interim" (MT942, camt.052), "notice" (camt.054) or "report" (mass-payment report)
Kind = Literal["statement", "interim", "notice", "report"]


class Transaction(NamedTuple):
    """One entry of a statement; ``amount`` is positive when money came in.

    A tuple because files hold hundreds of thousands of them; ``tx._replace(title="…")`` makes a changed copy.
    """

    line: int
    #: counts the entries of its statement from 1, unreadable ones too
    position: int
    value_date: date
    entry_date: date
    amount: Decimal
    #: C, D, or RC (a credit taken back: money out) and RD (a debit taken back: money in)
    mark: str
    funds_code: str
    type_code: str
    owner_ref: str
    bank_ref: str
    supplement: str
    business_code: str = ""
    title: str = ""
    party_name: str = ""
    party_address: str = ""
    #: 26 digits, or a foreign account as it stands; a damaged number is left out
    party_account: str = ""
    #: who paid, in the bank's words: SWRK, ID IPH or the virtual account
    payer_key: str = ""
    #: the bank's own id of the transaction, the same in every file that tells of it
    bank_id: str = ""
    details: str = ""
    raw: str = ""
    problems: tuple[Problem, ...] = ()
    end_to_end: str = ""
    #: bank reference of the transaction this one takes back, when the bank names it
    original_ref: str = ""
    #: ISO code or text of the bank: why the money came back
    return_reason: str = ""
    #: the entry of which this is one of several details (camt)
    batch_ref: str = ""

    @property
    def is_reversal(self) -> bool:
        return self.mark in ("RC", "RD")

    @property
    def is_customer_credit(self) -> bool:
        """Money that came in and is not the reversal of an own debit."""
        return self.mark == "C" and self.amount > 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be read; the rest of the file is not affected."""

    line: int
    position: int
    problem: Problem
    raw: str


@dataclass(frozen=True, slots=True)
class StatementHead:
    line: int
    reference: str
    account: str
    number: str
    page: str
    opening: Balance | None
    currency: str
    #: lines of ``:25:`` and ``:28C:``, 0 = there is none
    account_line: int = 0
    number_line: int = 0
    kind: Kind = "statement"


@dataclass(frozen=True, slots=True)
class StatementFoot:
    """``line`` is the line of the closing balance, else the last one of the statement."""

    line: int
    closing: Balance | None
    available: Balance | None
    info: str


#: what a reader yields: head, then entries and problems, then foot; again for the next statement
Event = StatementHead | StatementFoot | Transaction | Unreadable | Problem


def balance_problem(opening: Balance | None, closing: Balance | None, movement: Decimal, field: str) -> Problem | None:
    """What every reader says before the foot when its entries do not explain the balances."""
    if opening is None or closing is None or closing.amount - opening.amount == movement:
        return None
    params = {
        "opening": str(opening.amount),
        "movement": str(movement),
        "closing": str(closing.amount),
        "difference": str(closing.amount - opening.amount - movement),
    }
    return Problem("BALANCE_MISMATCH", Severity.ERROR, closing.line, field, params)


@dataclass(frozen=True, slots=True)
class Statement:
    head: StatementHead
    foot: StatementFoot
    transactions: tuple[Transaction, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def account(self) -> str:
        return self.head.account

    @property
    def number(self) -> str:
        return self.head.number

    @property
    def currency(self) -> str:
        return self.head.currency

    @property
    def opening(self) -> Decimal | None:
        return self.head.opening.amount if self.head.opening else None

    @property
    def closing(self) -> Decimal | None:
        return self.foot.closing.amount if self.foot.closing else None

    @property
    def movement(self) -> Decimal:
        return sum((tx.amount for tx in self.transactions), Decimal(0))

    @property
    def difference(self) -> Decimal | None:
        """What the readable entries lack to explain the balances (0 = nothing is missing)."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.movement


@dataclass(frozen=True, slots=True)
class BankFile:
    """A whole file, read."""

    format: str
    dialect: str
    encoding: str
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        return tuple(tx for statement in self.statements for tx in statement.transactions)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        return tuple(row for statement in self.statements for row in statement.unreadable)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        found = list(self.problems)
        for statement in self.statements:
            found.extend(statement.problems)
            found.extend(row.problem for row in statement.unreadable)
            for tx in statement.transactions:
                found.extend(tx.problems)
        return tuple(sorted(found, key=lambda problem: problem.line))

    @property
    def is_readable(self) -> bool:
        return bool(self.statements)
