"""What the database knows of the accounts and items of many rows, each in one statement."""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools import SQL


class Payee(NamedTuple):
    """Of a billing account: its customer, who owes for it, and on which receivable."""

    id: int
    customer_id: int
    partner_id: int
    ledger_id: int
    company_id: int


class Item(NamedTuple):
    """An open journal item; ``refusal`` says why its reconciliation is left to the ORM, "" when it is not."""

    id: int
    residual: int
    day: object
    ledger_id: int
    number: str
    move_id: int
    is_invoice: bool
    refusal: str


def payees(env, account_ids):
    """{account id: Payee}: the receivable is that of the oldest debt, else the customer's own.

    Archived receivables take no payment: Odoo posts nothing on them.

    :raises UserError: a company has no receivable
    """
    if not account_ids:
        return {}
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """
            SELECT account.id, account.partner_id, COALESCE(partner.commercial_partner_id, partner.id), account.company_id,
                   COALESCE((
                   SELECT line.account_id
                     FROM account_move_line line JOIN account_account ledger ON ledger.id = line.account_id
                    WHERE line.bss_account_id = account.id
                      AND line.parent_state = 'posted'
                      AND line.reconciled IS NOT TRUE
                      AND line.amount_residual > 0
                      AND ledger.account_type = 'asset_receivable'
                      AND ledger.active
                 ORDER BY COALESCE(line.date_maturity, line.date), line.id
                    LIMIT 1), own.id)
              FROM bss_account account
              JOIN res_partner partner ON partner.id = account.partner_id
              JOIN res_partner head ON head.id = COALESCE(partner.commercial_partner_id, partner.id)
         LEFT JOIN account_account own
                ON own.active
               AND own.id = NULLIF(head.property_account_receivable_id ->> account.company_id::text, 'false')::integer
             WHERE account.id = ANY(%s)
            """,
            sorted(account_ids),
        )
    )
    usual = {company_id: _usual_ledger(env, company_id) for *_ids, company_id, ledger_id in rows if not ledger_id}
    return {
        account_id: Payee(account_id, customer_id, partner_id, ledger_id or usual[company_id], company_id)
        for account_id, customer_id, partner_id, company_id, ledger_id in rows
    }


def _usual_ledger(env, company_id):
    """Id of the receivable of customers who have none of their own."""
    company = env["res.company"].browse(company_id)
    partners = env["res.partner"].with_company(company)
    ledger = partners._fields["property_account_receivable_id"].get_company_dependent_fallback(partners)
    if not ledger.active:
        raise UserError(
            env._(
                "Company %(name)s has no receivable account for payments: choose one for its customers.",
                name=company.name,
            )
        )
    return ledger.id


def items(env, line_ids, company):
    """{line id: Item}, locked in the order of their ids."""
    if not line_ids:
        return {}
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            SELECT line.id, round(line.amount_residual * 100)::bigint, line.date, line.account_id,
                   COALESCE(line.matching_number, ''), line.move_id, move.move_type, line.company_id,
                   line.currency_id = line.company_currency_id, line.display_type, line.parent_state,
                   move.amount_residual_signed = line.amount_residual, COALESCE(move.payment_state, ''),
                   line.bss_deposit_part IS NOT NULL, line.discount_date IS NOT NULL,
                   move.statement_line_id IS NOT NULL,
                   EXISTS (SELECT FROM account_move__account_payment link WHERE link.invoice_id = move.id)
                   OR EXISTS (
                      SELECT FROM account_partial_reconcile part
                        JOIN account_move_line other ON other.id = part.credit_move_id
                        JOIN account_move paying ON paying.id = other.move_id
                       WHERE part.debit_move_id = line.id AND paying.origin_payment_id IS NOT NULL)
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.id = ANY(%s)
          ORDER BY line.id
               FOR NO KEY UPDATE OF line
            """,
            sorted(line_ids),
        )
    )
    result = {}
    for row in env.cr.fetchall():
        line_id, residual, day, ledger_id, number, move_id, kind = row[:7]
        is_invoice = kind in ("out_invoice", "out_refund")
        result[line_id] = Item(
            line_id, residual, day, ledger_id, number, move_id, is_invoice, _refusal(env, company, is_invoice, *row[7:])
        )
    return result


def _refusal(env, company, is_invoice, company_id, at_home, display, state, alone, payment_state, *special):
    deposit, discount, statement, paid = special
    if company_id != company.id:
        return env._("A debt belongs to another company.")
    if not at_home:
        return env._("A debt is in a foreign currency.")
    if state != "posted":
        return env._("A debt is not posted.")
    if deposit:
        return env._("A deposit is paid.")
    if discount:
        return env._("An invoice has a discount for early payment.")
    if paid:
        return env._("An invoice is linked with a payment order of accounting.")
    if is_invoice:
        if display != "payment_term" or not alone:
            return env._("An invoice has several instalments.")
        if payment_state not in ("not_paid", "partial"):
            return env._("An invoice has the payment status “%(state)s”.", state=payment_state)
    elif not statement:
        return env._("A debt is neither an invoice nor a payment.")
    return ""


def matched_before(env, found):
    """[(item ids, matching ids)] of the items that were matched in part before, and {id: residual} of their mates."""
    # "I…" is only a mark for a matching to come
    numbers = sorted({item.number for item in found.values() if item.number.startswith("P")})
    if not numbers:
        return [], {}
    rows = env.execute_query(
        SQL(
            """
            SELECT array_agg(line.id), array_agg(round(line.amount_residual * 100)::bigint),
                   ARRAY(SELECT part.id FROM account_partial_reconcile part
                          WHERE part.debit_move_id = ANY(array_agg(line.id))
                             OR part.credit_move_id = ANY(array_agg(line.id)))
              FROM account_move_line line
             WHERE line.matching_number = ANY(%s)
          GROUP BY line.matching_number
            """,
            numbers,
        )
    )
    residuals = {}
    groups = []
    for line_ids, open_amounts, partial_ids in rows:
        residuals.update(zip(line_ids, open_amounts, strict=True))
        groups.append((line_ids, partial_ids))
    return groups, residuals
