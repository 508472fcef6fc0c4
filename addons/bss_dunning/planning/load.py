"""Open receivables and cases of many accounts, in a few queries however many there are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.tools import SQL

from .. import adapters
from ..dunning_core.policy.arrears import ZERO, OpenItem
from ..dunning_core.policy.review import Book
from .arrays import ids
from .limitation import Reprieves
from .memo import Memo

READ = (
    ("account.move.line", None),
    ("account.account", ["account_type"]),
    ("bss.account", None),
    ("bss.dunning.case", None),
    ("bss.dunning.action", None),
    ("bss.dunning.hold", None),
    ("bss.dunning.hold.line", None),
    ("bss.document", ["delivered_at", "state"]),
    ("bss.service.order", ["action", "done_at", "state", "superseded_by_id"]),
)


class Account(NamedTuple):
    """A billing account with what is open on it."""

    id: int
    partner_id: int
    kind: str
    book: Book


class Case(NamedTuple):
    """What planning reads of a case; ``id`` 0 for one that is not opened yet."""

    id: int
    account_id: int
    strategy_id: int | None
    on_hold: bool = False
    hold_until: date | None = None
    hold_reason: str = ""
    begun: bool = False
    date_opened: date | None = None
    complaint_open: bool = False
    complaint_exhausted_on: date | None = None


def flush(env):
    """Write what the ORM still keeps of everything that the queries read."""
    for model, fields in READ:
        env[model].flush_model(fields)


def load_accounts(env, scope, terms):
    """{account id: account} of those that owe something overdue before credits."""
    receivables = [row[0] for row in env.execute_query(SQL(_RECEIVABLE))]
    rows = env.execute_query(
        SQL(
            _ITEMS,
            ledgers=receivables,
            cutoff=terms.cutoff,
            scope=scope.condition(SQL("line.bss_account_id")),
            company=scope.company_id,
        )
    )
    parts = _withheld_parts(env, scope)
    reprieves = Reprieves(env, scope, terms.as_of)
    shifted, bars, money = terms.shifted, terms.bars, Memo(_money)
    found = {}
    for account_id, partner_id, kind, keys, dues, residuals, disputed, credit in rows:
        items = []
        consumer = kind == "consumer"
        for due, key, residual in sorted(zip(dues, keys, residuals, strict=True)):
            withheld = bars[due] if consumer else ""
            if withheld:
                withheld = reprieves.bar(key, due, withheld)
            if not withheld and disputed and key in disputed:
                withheld = "DISPUTED"
            items.append(OpenItem(key, shifted[due], money[residual], withheld, parts.get(key, ())))
        book = Book(tuple(items), tuple(sorted(dues)), _money(credit) if credit else ZERO)
        found[account_id] = Account(account_id, partner_id, kind or "", book)
    return found


def _money(grosze):
    return Decimal(grosze).scaleb(-2)


_RECEIVABLE = "SELECT id FROM account_account WHERE account_type = 'asset_receivable'"

# one row for each account: its overdue documents as arrays, which of them are disputed, and its open credits of any
# date; amounts in grosze, because a float is no money
_ITEMS = """
SELECT account.id, account.partner_id, account.customer_kind,
       item.keys, item.dues, item.residuals, item.disputed, item.credit
  FROM (SELECT line.bss_account_id AS account_id,
               array_agg(line.id) FILTER (WHERE line.amount_residual > 0) AS keys,
               array_agg(line.date_maturity) FILTER (WHERE line.amount_residual > 0) AS dues,
               array_agg((line.amount_residual * 100)::bigint) FILTER (WHERE line.amount_residual > 0) AS residuals,
               array_agg(line.id) FILTER (WHERE line.amount_residual > 0 AND line.no_followup) AS disputed,
               (-SUM(line.amount_residual) FILTER (WHERE line.amount_residual < 0) * 100)::bigint AS credit
          FROM account_move_line line
         WHERE %(scope)s
           AND line.account_id = ANY(%(ledgers)s)
           AND line.company_id = %(company)s
           AND line.parent_state = 'posted'
           AND line.reconciled IS NOT TRUE
           AND line.amount_residual != 0
           AND (line.amount_residual < 0 OR line.date_maturity <= %(cutoff)s)
         GROUP BY line.bss_account_id
        HAVING bool_or(line.amount_residual > 0)
       ) item
  JOIN bss_account account ON account.id = item.account_id AND account.company_id = %(company)s
 ORDER BY account.id
"""


def _withheld_parts(env, scope):
    """{receivable item: ((code, amount), …)} of what holds on documents keep out of dunning."""
    rows = env.execute_query(
        SQL(
            """
            SELECT part.move_line_id, CASE hold.kind WHEN 'instalment' THEN 'INSTALMENT' ELSE 'DISPUTED' END, part.amount
              FROM bss_dunning_hold hold
              JOIN bss_dunning_hold_line part ON part.hold_id = hold.id
             WHERE hold.state = 'active' AND hold.scope = 'documents' AND hold.company_id = %s AND %s
             ORDER BY part.id
            """,
            scope.company_id,
            scope.condition(SQL("hold.account_id")),
        )
    )
    parts = defaultdict(list)
    for key, code, amount in rows:
        parts[key].append((code, adapters.to_money(amount)))
    return {key: tuple(found) for key, found in parts.items()}


_CASE = """dunning.id, dunning.account_id, dunning.strategy_id, dunning.state = 'hold', dunning.hold_until,
           dunning.hold_reason, dunning.step_id IS NOT NULL, dunning.date_opened,
           COALESCE(dunning.complaint_open, false), dunning.complaint_exhausted_on"""


def load_cases(env, scope, *, lock=False):
    """{account id: open case}; locked, they stand still until the transaction ends."""
    rows = env.execute_query(
        SQL(
            "SELECT %s FROM bss_dunning_case dunning WHERE dunning.state != 'closed' AND dunning.company_id = %s AND %s"
            " ORDER BY dunning.id %s",
            SQL(_CASE),
            scope.company_id,
            scope.condition(SQL("dunning.account_id")),
            SQL("FOR NO KEY UPDATE") if lock else SQL(),
        )
    )
    return {row[1]: Case(*row) for row in rows}


def load_returned(env, scope, account_ids):
    """{account id: its last case}, closed as paid or written off, of which a demanded document is open again."""
    if not account_ids:
        return {}
    rows = env.execute_query(
        SQL(
            """
            SELECT %s
              FROM (SELECT DISTINCT ON (closed.account_id) closed.id
                      FROM bss_dunning_case closed
                     WHERE closed.account_id = ANY(%s) AND closed.company_id = %s AND closed.state = 'closed'
                     ORDER BY closed.account_id, closed.date_closed DESC, closed.id DESC) latest
              JOIN bss_dunning_case dunning ON dunning.id = latest.id
             WHERE dunning.close_reason IN ('paid', 'noticed_paid', 'own_paid', 'written_off')
               AND EXISTS (SELECT 1
                             FROM bss_dunning_action action
                             JOIN bss_dunning_action_move_line_rel rel ON rel.action_id = action.id
                             JOIN account_move_line line ON line.id = rel.line_id
                            WHERE action.case_id = dunning.id AND action.state = 'done'
                              AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
                              AND line.amount_residual > 0)
             ORDER BY dunning.id
            """,
            SQL(_CASE),
            ids(account_ids),
            scope.company_id,
        )
    )
    return {row[1]: Case(*row) for row in rows}
