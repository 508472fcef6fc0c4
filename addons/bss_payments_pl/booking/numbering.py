"""Numbers of bank entries, after one that the ORM gave and keeps locked until the commit."""

import re

from odoo.addons.bss_contracts.bulk_core import Number
from odoo.tools import SQL


class Series:
    """The series of numbers that a posted entry belongs to.

    ``account.move._locked_increment`` holds the number of the entry: others who post in the journal wait for this
    transaction to end, so the numbers that follow it are free.
    """

    def __init__(self, move):
        self.move = move
        reset = move._deduce_sequence_number_reset(move.name)
        self.first_day, self.last_day, *_rest = move._get_sequence_date_range(reset)
        found = re.match(r"(\d+)(.*)\Z", move.name[len(move.sequence_prefix) :], re.DOTALL)
        digits, suffix = found.groups()
        self._number = Number(move.sequence_prefix, int(digits), suffix, len(digits))

    def holds(self, day):
        return self.first_day <= day <= self.last_day

    def after(self, last):
        """Number that follows the last one given."""
        return self._number.after(last + 1 - self._number.sequence_number)

    def last(self):
        """The last number of the series; those that others took while the entry waited for its own are before it."""
        move = self.move
        [(last,)] = move.env.execute_query(
            SQL(
                "SELECT max(sequence_number) FROM account_move WHERE journal_id = %s AND sequence_prefix = %s",
                move.journal_id.id,
                move.sequence_prefix,
            )
        )
        return last

    def forget(self):
        """Whoever posts later in this transaction looks for the last number again."""
        self.move._get_sequence_cache().clear()
