"""The settlement ledger as SQL: movements of receivables with running balance, and what settled what.

Two facts carry it. What is open on a journal item on a day is its balance less the matchings (`account.partial.reconcile`)
whose both sides had happened by that day, which is their `max_date`. And a matching with an item outside the scope, such
as a payment that names no billing account, moves the balance of the scope by its amount on that day: it is a movement of
its own. So the running balance equals the sum of what is open, on every day and for every choice of accounts.
"""

from dataclasses import dataclass
from datetime import date

from odoo import fields
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

FAR = date(9999, 12, 31)
# ids of the view: a journal item, a matching seen from its debit or credit side, the opening balance of a company
ID_STEP = 4
# a matching comes after the documents of its day
AFTER_LINES = 1 << 40


@dataclass(frozen=True)
class Scope:
    """Whose movements, and up to which day.

    :ivar partner_ids: customers whose items without a billing account belong to it too
    :ivar date_from: earlier movements become the opening balance
    :ivar line_ids: when given, only the matchings of these journal items (the movements do not ask)
    """

    account_ids: tuple[int, ...]
    partner_ids: tuple[int, ...]
    company_ids: tuple[int, ...]
    date_from: date | None
    date_to: date | None
    line_ids: tuple[int, ...]

    @property
    def today(self):
        """The day on which debts are late or not."""
        return self.date_to or polish_day.today()


def scope_of(env):
    """The scope named by the context; nobody's movements without one. That of a move: its account, or its customer."""
    context = env.context
    customers = _ids(context.get("settlement_partner_ids"))
    accounts, partners = _ids(context.get("settlement_account_ids")), ()
    for move in env["account.move"].sudo().browse(_ids(context.get("settlement_move_ids"))).exists():
        if move.bss_account_id:
            accounts += move.bss_account_id._ids
        else:
            customers += move.partner_id._ids
    if customers:
        known = env["res.partner"].sudo().with_context(active_test=False).browse(customers).exists()
        family = known.commercial_partner_id
        partners = family.search([("id", "child_of", family.ids)])._ids
        owned = env["bss.account"].sudo().with_context(active_test=False)
        accounts += owned.search([("partner_id", "in", partners)])._ids
    return Scope(
        account_ids=tuple(dict.fromkeys(accounts)),
        partner_ids=partners,
        company_ids=tuple(env.companies.ids),
        date_from=fields.Date.to_date(context.get("settlement_date_from") or None),
        date_to=fields.Date.to_date(context.get("settlement_date_to") or None),
        line_ids=_ids(context.get("settlement_line_ids")),
    )


def _ids(value):
    return tuple(int(one) for one in value or ())


def movements(scope, kind):
    """Query of the columns of `bss.settlement`.

    :param kind: SQL expression of the kind of a document, over `line`, `move`, `journal`, `company`
    """
    start = scope.date_from or date.min
    return SQL(
        """
        WITH %(scope)s,
        movement AS (
            SELECT own.id::bigint * %(step)s AS id, own.id AS line_id, NULL::int AS partial_id,
                   own.bss_account_id AS account_id, own.company_id, own.date,
                   own.balance AS amount, own.balance + COALESCE(settled.effect, 0) AS amount_open
              FROM own
         LEFT JOIN (SELECT line_id, SUM(effect) AS effect FROM pair GROUP BY line_id) settled ON settled.line_id = own.id
             UNION ALL
            SELECT pair.id + %(after)s, pair.other_id, pair.partial_id, pair.account_id, pair.company_id, pair.date,
                   pair.effect, 0
              FROM pair
             WHERE NOT EXISTS (SELECT 1 FROM own WHERE own.id = pair.other_id)
        ),
        ledger AS (
            SELECT movement.*,
                   SUM(amount) OVER (PARTITION BY company_id ORDER BY date, id ROWS UNBOUNDED PRECEDING) AS balance
              FROM movement
        ),
        document AS (
            SELECT ledger.id, ledger.line_id, ledger.partial_id, line.move_id, move.name AS number, line.name AS label,
                   ledger.account_id, COALESCE(account.partner_id, line.partner_id) AS partner_id, ledger.company_id,
                   company.currency_id, ledger.date, COALESCE(move.invoice_date, move.date) AS date_issue,
                   CASE WHEN ledger.partial_id IS NULL AND ledger.amount > 0 THEN line.date_maturity END AS date_due,
                   CASE WHEN ledger.partial_id IS NOT NULL AND line.bss_account_id IS NOT NULL THEN 'transfer'
                        ELSE %(kind)s END AS kind,
                   GREATEST(ledger.amount, 0) AS debit, GREATEST(-ledger.amount, 0) AS credit, ledger.balance,
                   ledger.amount_open,
                   CASE WHEN ledger.partial_id IS NULL AND line.currency_id != company.currency_id
                        THEN line.amount_currency END AS amount_currency,
                   CASE WHEN ledger.partial_id IS NULL AND line.currency_id != company.currency_id
                        THEN line.currency_id END AS foreign_currency_id,
                   CASE WHEN ledger.amount_open = 0 THEN 'settled'
                        WHEN ledger.amount_open = ledger.amount THEN 'open' ELSE 'partial' END AS state
              FROM ledger
              JOIN account_move_line line ON line.id = ledger.line_id
              JOIN account_move move ON move.id = line.move_id
              JOIN account_journal journal ON journal.id = move.journal_id
              JOIN res_company company ON company.id = ledger.company_id
         LEFT JOIN bss_account account ON account.id = ledger.account_id
             WHERE ledger.date >= %(start)s
        )
        SELECT document.*,
               CASE WHEN amount_open > 0 AND date_due < %(today)s THEN %(today)s - date_due ELSE 0 END AS overdue_days
          FROM document
         UNION ALL
        SELECT MIN(ledger.company_id)::bigint * %(step)s + 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               ledger.company_id, MIN(company.currency_id), %(start)s::date - 1, NULL, NULL, 'opening_balance',
               GREATEST(SUM(amount), 0), GREATEST(-SUM(amount), 0), SUM(amount), SUM(amount_open), NULL, NULL, NULL, 0
          FROM ledger
          JOIN res_company company ON company.id = ledger.company_id
         WHERE ledger.date < %(start)s
         GROUP BY ledger.company_id
        """,
        scope=_scope(scope),
        step=ID_STEP,
        after=AFTER_LINES,
        kind=kind,
        start=start,
        today=scope.today,
    )


def links(scope, kind, other_kind):
    """Query of the columns of `bss.settlement.link`: each matching as seen from each item of the scope."""
    only = SQL("AND pair.line_id = ANY(%s)", list(scope.line_ids)) if scope.line_ids else SQL()
    return SQL(
        """
        WITH %(scope)s
        SELECT pair.id, pair.partial_id, pair.line_id, line.move_id, move.name AS number, %(kind)s AS kind,
               COALESCE(move.invoice_date, move.date) AS date_issue, pair.account_id, pair.company_id,
               company.currency_id, pair.date, ABS(pair.effect) AS amount,
               other.id AS other_line_id, other.move_id AS other_move_id, other_move.name AS other_number,
               %(other_kind)s AS other_kind, COALESCE(other_move.invoice_date, other_move.date) AS other_date_issue,
               other.bss_account_id AS other_account_id,
               other.bss_account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM own WHERE own.id = other.id) AS is_outside
          FROM pair
          JOIN account_move_line line ON line.id = pair.line_id
          JOIN account_move move ON move.id = line.move_id
          JOIN account_journal journal ON journal.id = move.journal_id
          JOIN res_company company ON company.id = pair.company_id
          JOIN account_move_line other ON other.id = pair.other_id
          JOIN account_move other_move ON other_move.id = other.move_id
          JOIN account_journal other_journal ON other_journal.id = other_move.journal_id
         WHERE TRUE %(only)s
        """,
        scope=_scope(scope),
        kind=kind,
        other_kind=other_kind,
        only=only,
    )


def _scope(scope):
    """`own`: the receivable items of the scope; `pair`: their matchings, with what each does to the item."""
    return SQL(
        """
        own AS MATERIALIZED (
            SELECT line.id, line.bss_account_id, line.company_id, line.date, line.balance
              FROM account_move_line line
             WHERE line.bss_account_id = ANY(%(accounts)s::int[]) AND %(receivable)s
             UNION ALL
            SELECT line.id, line.bss_account_id, line.company_id, line.date, line.balance
              FROM account_move_line line
             WHERE line.partner_id = ANY(%(partners)s::int[]) AND line.bss_account_id IS NULL AND %(receivable)s
        ),
        pair AS MATERIALIZED (
            SELECT part.id::bigint * %(step)s + 1 AS id, part.id AS partial_id, own.id AS line_id,
                   part.credit_move_id AS other_id, own.bss_account_id AS account_id, own.company_id,
                   part.max_date AS date, -part.amount AS effect
              FROM own JOIN account_partial_reconcile part ON part.debit_move_id = own.id
             WHERE part.max_date <= %(until)s
             UNION ALL
            SELECT part.id::bigint * %(step)s + 2, part.id, own.id, part.debit_move_id, own.bss_account_id,
                   own.company_id, part.max_date, part.amount
              FROM own JOIN account_partial_reconcile part ON part.credit_move_id = own.id
             WHERE part.max_date <= %(until)s
        )
        """,
        accounts=list(scope.account_ids),
        partners=list(scope.partner_ids),
        receivable=SQL(
            "line.parent_state = 'posted' AND line.company_id = ANY(%s::int[]) AND line.date <= %s AND EXISTS ("
            "SELECT 1 FROM account_account ledger WHERE ledger.id = line.account_id"
            " AND ledger.account_type = 'asset_receivable')",
            list(scope.company_ids),
            scope.date_to or FAR,
        ),
        until=scope.date_to or FAR,
        step=ID_STEP,
    )


def kind_case(line, move, journal, extra=()):
    """SQL expression of the kind of a document; the first condition that holds decides.

    :param line, move, journal: names of the tables; `company` is the company
    :param extra: pairs of (SQL condition, kind) that come before what is guessed from the entry
    """
    names = {
        "line": SQL.identifier(line),
        "move": SQL.identifier(move),
        "journal": SQL.identifier(journal),
    }

    def counterpart(*types):
        return SQL(
            "EXISTS (SELECT 1 FROM account_move_line counter JOIN account_account book ON book.id = counter.account_id"
            " WHERE counter.move_id = %s.id AND book.account_type = ANY(%s))",
            names["move"],
            list(types),
        )

    explicit = SQL(
        """
        WHEN %(move)s.bss_settlement_kind IS NOT NULL THEN %(move)s.bss_settlement_kind
        WHEN %(move)s.bss_correction_id IS NOT NULL THEN 'correction'
        WHEN %(move)s.move_type = 'out_invoice' THEN 'invoice'
        WHEN %(move)s.move_type = 'out_refund' THEN 'correction'
        WHEN %(move)s.move_type = 'out_receipt' THEN 'debit_note'
        """,
        **names,
    )
    hooked = SQL(" ").join(SQL("WHEN %s THEN %s", condition, code) for condition, code in extra)
    guessed = SQL(
        """
        WHEN %(line)s.bss_deposit_part = 'demand' THEN 'deposit'
        WHEN %(line)s.bss_deposit_part = 'set_off' THEN 'deposit_set_off'
        WHEN %(line)s.bss_deposit_part = 'return' THEN 'deposit_return'
        WHEN %(move)s.reversed_entry_id IS NOT NULL THEN 'reversal'
        WHEN %(move)s.statement_line_id IS NOT NULL OR %(move)s.origin_payment_id IS NOT NULL
             OR %(journal)s.type IN ('bank', 'cash', 'credit')
             THEN CASE WHEN %(line)s.balance > 0 THEN 'refund' ELSE 'payment' END
        WHEN %(move)s.id = company.account_opening_move_id THEN 'opening'
        WHEN %(journal)s.id = company.currency_exchange_journal_id THEN 'exchange'
        WHEN %(line)s.balance < 0 AND %(expense)s THEN 'write_off'
        WHEN %(line)s.balance > 0 AND %(income)s THEN 'debit_note'
        WHEN %(equity)s THEN 'opening'
        ELSE 'entry'
        """,
        **names,
        expense=counterpart("expense", "expense_other", "expense_direct_cost", "expense_depreciation"),
        income=counterpart("income", "income_other"),
        equity=counterpart("equity", "equity_unaffected"),
    )
    return SQL("CASE %s %s %s END", explicit, hooked, guessed)
