"""Receivables of billing accounts as claims of the law kernel: a few queries for any number of accounts."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo.tools import SQL

from . import adapters, adapters_law
from .dunning_core.law.interest import Allocation, Claim, Interest, Payment, Rounding, Terms, interest
from .dunning_core.law.uncovered import uncovered

#: entries that bear no interest: interest itself (art. 482 of the Civil Code), money, and what is no debt of a document
BEARING_NONE = ("interest_note", "write_off", "refund", "payment", "entry")


@dataclass
class Receivable:
    """One receivable line with all that was set against it."""

    line_id: int
    move_id: int
    number: str
    issued: date
    due: date
    value: Decimal
    residual: Decimal
    disputed: bool
    covered_to: date | None
    compensated: bool
    reduced: Decimal = Decimal("0.00")
    payments: list[Payment] = field(default_factory=list)
    note_payments: list[Payment] = field(default_factory=list)

    def claim(self, terms):
        """Principal less corrections, which count from the beginning; with payments of its interest where they matter.

        Interest first means that money paid on a note covers interest, as the calculation says, and not principal.
        """
        payments = list(self.payments)
        if terms.allocation is Allocation.INTEREST_FIRST:
            payments += self.note_payments
        return Claim(max(self.value - self.reduced, Decimal("0.00")), self.due, tuple(payments))


class RateBook:
    """Tables of interest for accounts: by their regime, agreed rate and day of contract; read once."""

    def __init__(self, env):
        self.env = env
        self.tables = adapters.rate_tables(env)
        self._known = {}

    def of(self, account):
        """Table of an account, None when its regime has no rates."""
        agreed = account.interest_rate_mode == "agreed"
        percent = Decimal(f"{account.interest_rate_agreed:.4f}").normalize() if agreed else None
        key = (account._bss_interest_regime(), percent, account.interest_contract_date or None)
        if key not in self._known:
            self._known[key] = self._table(*key)
        return self._known[key]

    def _table(self, regime, percent, concluded):
        table = self.tables.get(regime)
        if table is None:
            return None
        if concluded and regime != "civil":
            table = adapters_law.contract_table(self.env, table, concluded)
        if percent is None or "civil" not in self.tables:
            return table
        return adapters_law.agreed_table(self.env, {**self.tables, regime: table}, percent, regime)


def note_terms(env, company, as_of):
    """How interest of a company is calculated: allocation and rounding of its settings."""
    rounding = company.bss_interest_rounding
    return Terms(
        allocation=Allocation(company.bss_interest_allocation),
        rounding=None if rounding == "auto" else Rounding(rounding),
        divisor=adapters_law.interest_terms(env, as_of).divisor,
    )


def receivable_interest(receivable, table, as_of, calendar, terms):
    """(kernel result or failure, what no note has charged yet or None)"""
    result = interest(receivable.claim(terms), table, as_of, calendar, terms)
    if not isinstance(result, Interest):
        return result, None
    return result, uncovered(result, receivable.covered_to)


def load_receivables(env, account_ids, as_of, late_paid=True):
    """{account id: [Receivable, …]} that fell due before a day, the oldest first.

    :param late_paid: also those that were paid after their term; False: only what is open
    """
    result = defaultdict(list)
    ids = sorted(set(account_ids))
    if not ids:
        return result
    _flush(env)
    rows = env.execute_query(_line_query(ids, as_of, late_paid))
    by_line = {}
    for account_id, line_id, move_id, number, issued, due, value, residual, disputed, covered_to, compensated in rows:
        receivable = Receivable(
            line_id,
            move_id,
            number,
            issued,
            due,
            adapters.to_money(value),
            adapters.to_money(residual),
            disputed,
            covered_to,
            compensated,
        )
        by_line[line_id] = receivable
        result[account_id].append(receivable)
    _load_payments(env, by_line)
    _load_note_payments(env, by_line)
    return result


def _flush(env):
    env["account.move.line"].flush_model()
    env["account.move"].flush_model()
    env["account.partial.reconcile"].flush_model()
    env["bss.dunning.note"].flush_model()
    env["bss.dunning.note.line"].flush_model()


def _line_query(ids, as_of, late_paid):
    paid_late = SQL(
        """
        OR EXISTS (SELECT 1 FROM account_partial_reconcile part
                     JOIN account_move_line credit ON credit.id = part.credit_move_id
                    WHERE part.debit_move_id = line.id AND credit.date > line.date_maturity)
        """
    )
    return SQL(
        """
        SELECT move.bss_account_id, line.id, move.id, move.name, COALESCE(move.invoice_date, line.date),
               line.date_maturity, line.balance, line.amount_residual, COALESCE(line.no_followup, FALSE),
               charged.covered_to, COALESCE(charged.compensated, FALSE)
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN account_account ledger ON ledger.id = line.account_id
          LEFT JOIN LATERAL (
                    SELECT MAX(done.date_to) FILTER (WHERE done.kind = 'interest') AS covered_to,
                           bool_or(done.kind = 'compensation') AS compensated
                      FROM bss_dunning_note_line done
                     WHERE done.move_line_id = line.id AND done.state = 'issued') charged ON TRUE
         WHERE move.bss_account_id = ANY(%(ids)s)
           AND ledger.account_type = 'asset_receivable'
           AND line.parent_state = 'posted'
           AND line.balance > 0
           AND line.date_maturity < %(as_of)s
           AND line.bss_deposit_part IS NULL
           AND COALESCE(move.bss_settlement_kind, '') != ALL(%(none)s)
           AND NOT EXISTS (SELECT 1 FROM bss_dunning_note note WHERE note.move_id = move.id)
           AND (line.amount_residual > 0 %(late)s)
      ORDER BY line.date_maturity, line.id
        """,
        ids=ids,
        as_of=as_of,
        none=list(BEARING_NONE),
        late=paid_late if late_paid else SQL(),
    )


def _load_payments(env, by_line):
    """Money and corrections set against the lines."""
    rows = env.execute_query(
        SQL(
            """
            SELECT part.debit_move_id, part.amount, credit.date,
                   credit_move.move_type = 'out_refund'
                   OR COALESCE(credit_move.reversed_entry_id = debit.move_id, FALSE)
              FROM account_partial_reconcile part
              JOIN account_move_line debit ON debit.id = part.debit_move_id
              JOIN account_move_line credit ON credit.id = part.credit_move_id
              JOIN account_move credit_move ON credit_move.id = credit.move_id
             WHERE part.debit_move_id = ANY(%s) AND part.amount > 0
          ORDER BY credit.date, part.id
            """,
            list(by_line),
        )
    )
    for line_id, amount, day, is_correction in rows:
        receivable = by_line[line_id]
        if is_correction:
            receivable.reduced += adapters.to_money(amount)
        else:
            receivable.payments.append(Payment(day, adapters.to_money(amount)))


def _load_note_payments(env, by_line):
    """Money paid on issued interest notes, given to their documents in the order in which the note names them."""
    rows = env.execute_query(
        SQL(
            """
            SELECT part.id, part.amount, credit.date, line.move_line_id, line.amount, line.id
              FROM bss_dunning_note_line line
              JOIN bss_dunning_note note ON note.id = line.note_id AND note.state = 'issued'
              JOIN account_move_line debit ON debit.move_id = note.move_id AND debit.balance > 0
              JOIN account_partial_reconcile part ON part.debit_move_id = debit.id AND part.amount > 0
              JOIN account_move_line credit ON credit.id = part.credit_move_id
             WHERE note.kind = 'interest'
               AND note.id IN (SELECT mine.note_id FROM bss_dunning_note_line mine WHERE mine.move_line_id = ANY(%s))
          ORDER BY note.id, credit.date, part.id, line.id
            """,
            list(by_line),
        )
    )
    left_of_part, left_of_line = {}, {}
    for part_id, amount, day, line_id, charged, note_line_id in rows:
        left = left_of_part.setdefault(part_id, adapters.to_money(amount))
        open_line = left_of_line.setdefault(note_line_id, adapters.to_money(charged))
        money = min(left, open_line)
        if money <= 0:
            continue
        left_of_part[part_id] -= money
        left_of_line[note_line_id] -= money
        if line_id in by_line:
            by_line[line_id].note_payments.append(Payment(day, money))
