"""The way in: rows to booked payments, each by the fastest way that is safe for it."""

from collections import Counter

from .orm import write_orm
from .rows import BookingResult


def write(env, record, statement, rows):
    """Write statement lines with their entries, matches and reconciliation, inside the caller's transaction.

    :param record: ``bss.bank.import`` of the rows
    :param statement: ``account.bank.statement`` that the lines belong to
    :param rows: iterable of ``Row``
    :raises UserError: another import books the same transactions at this moment
    """
    rows = list(rows)
    reasons = Counter()
    lines, matches = write_orm(env, record, statement, rows)
    return BookingResult(lines.ids, matches.ids, dict(reasons))
