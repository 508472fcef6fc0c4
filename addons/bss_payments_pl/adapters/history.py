"""Statements imported before, as the kernel sees them."""

from decimal import Decimal

from ..bank_core.keys import LastStatement


def last_statement(journal, account, before):
    """The newest statement of the journal that closes on or before a day, for the continuity check."""
    statement = (
        journal.env["account.bank.statement"]
        .sudo()
        .search(
            [("journal_id", "=", journal.id), ("bss_import_id", "!=", False), ("date", "<=", before)],
            order="date desc, id desc",
            limit=1,
        )
    )
    if not statement:
        return {}
    closing = journal.currency_id or journal.company_id.currency_id
    amount = closing.round(statement.balance_end_real)
    return {account: LastStatement(statement.bss_number or "", _decimal(amount), statement.date.year)}


def _decimal(amount):
    return Decimal(f"{amount:.2f}")
