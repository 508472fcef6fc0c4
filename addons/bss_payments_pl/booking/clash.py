"""What is told when the database refuses payments because somebody else was quicker."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from psycopg2 import errors

#: indexes that keep a transaction of the bank from being booked twice
SAME_TRANSACTION = {"account_bank_statement_line_bss_dedupe_unique", "bss_payment_match_dedupe_unique"}
#: and a number of accounting from being given twice
SAME_NUMBER = {"account_move_unique_name"}


class ClashError(UserError):
    """Somebody else booked the same at this moment; nothing was written, and a later try may come through."""


@contextmanager
def clashes_told(env, journal):
    """Tell a clash with another transaction in words; what else is not unique is a fault and stays one.

    :param journal: ``account.journal`` whose numbers the entries take
    :raises ClashError: see above
    """
    try:
        yield
    except errors.UniqueViolation as error:
        text = _words(env, journal, error.diag.constraint_name)
        if not text:
            raise
        raise ClashError(text) from error


def _words(env, journal, constraint):
    if constraint in SAME_TRANSACTION:
        return env._("Another import of the same transactions is running; try again when it is done.")
    if constraint in SAME_NUMBER:
        return env._(
            "Somebody else has just given the next entry numbers of journal %(journal)s; nothing was booked, try again.",
            journal=journal.display_name,
        )
    return ""
