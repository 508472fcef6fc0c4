"""The way in: rows to booked payments, each by the fastest way that is safe for it."""

import logging
import random
from collections import Counter

from . import facts
from .after import after_rows
from .clash import clashes_told
from .copy import write_rows
from .eligibility import RowChecks, call_reason
from .exemplar import learn
from .inserter import UnknownValueError
from .numbering import Series
from .orm import is_listed, write_orm
from .rows import BookingResult
from .verify import CanaryDifferenceError, differences, picture, twins

_logger = logging.getLogger(__name__)

#: below it the payments that the ORM must book anyway, as examples and twins, are most of all
MINIMUM = 12
CANARIES = 1
NO_ROWS = "bss_booking_by_orm"


def write(env, record, statement, rows):
    """Write statement lines with their entries, matches and reconciliation, inside the caller's transaction.

    One payment of each kind is booked by the ORM and is the example for the others, which are written as rows;
    one of those is made by the ORM too, compared in every stored column, and undone. A difference sends all of
    them to the ORM.

    :param record: ``bss.bank.import`` of the rows
    :param statement: ``account.bank.statement`` that the lines belong to
    :param rows: iterable of ``Row``; their parts fit what is open when they are booked one after another
    :raises ClashError: another import books the same transactions, or somebody took the numbers of the entries
    :raises odoo.addons.bss_payments_pl.bank_core.settling.OverpaidError: the parts are more than is open
    """
    with clashes_told(env, statement.journal_id or record.journal_id):
        result = _Booking(env, record, statement, list(rows)).run()
        env.flush_all()
    return result


class _Booking:
    def __init__(self, env, record, statement, rows):
        self.env, self.record, self.statement, self.rows = env, record, statement, rows
        self.lines, self.matches = [0] * len(rows), [0] * len(rows)
        self.reasons = Counter()
        # payments of a report stand on another journal than the statement of the bank
        self.journal = statement.journal_id or record.journal_id

    def run(self):
        places = range(len(self.rows))
        by_orm = self._by_orm(places)
        examples = self._examples([place for place in places if place not in by_orm])
        first = sorted({*by_orm, *examples})
        self._write_orm(first)
        rest = [place for place in places if place not in by_orm and place not in examples]
        if rest:
            self._write_rest(rest, examples)
        booked = [match for match, row in zip(self.matches, self.rows, strict=True) if match and row.account_id]
        self.env["bss.payment.match"].browse(booked)._bss_after_booking()
        return BookingResult(self.lines, [match for match in self.matches if match], dict(self.reasons))

    def _by_orm(self, places):
        """Places of the rows that only the ORM may write, with all others of their accounts: order matters there."""
        reason = ""
        if len(self.rows) < MINIMUM:
            reason = self.env._("So few payments are booked one by one.")
        elif self.env.context.get(NO_ROWS):
            reason = self.env._("It was asked for.")
        reason = reason or call_reason(self.env, self.journal)
        if reason:
            self.reasons[reason] = len(self.rows)
            return set(places)
        ids = {row.account_id for row in self.rows} | {row.match.account_id for row in self.rows}
        self.payees = facts.payees(self.env, {one for one in ids if one})
        parts = {part.item_id for row in self.rows for part in row.parts}
        self.items = facts.items(self.env, parts, self.record.company_id)
        checks = RowChecks(self.env, self.journal, self.payees, self.items)
        found = {}
        for place in places:
            reason = checks.reason(self.rows[place])
            if reason:
                found[place] = reason
        accounts = {self.rows[place].account_id for place in found} - {0}
        for place in places:
            if place not in found and self.rows[place].account_id in accounts:
                found[place] = self.env._("Another payment of the billing account is booked by itself.")
        self.reasons.update(found.values())
        return set(found)

    def _examples(self, places):
        """{place: shape} of rows for the ORM: of each shape and each month one, with the others of their accounts."""
        rows = self.rows
        first = {}
        for place in sorted(places, key=lambda place: (rows[place].tx.entry_date, place)):
            day = rows[place].tx.entry_date
            first.setdefault(_shape(rows[place]), place)
            first.setdefault((day.year, day.month), place)
        chosen = set(first.values())
        accounts = {rows[place].account_id for place in chosen} - {0}
        chosen |= {place for place in places if rows[place].account_id in accounts}
        return {place: _shape(rows[place]) for place in sorted(chosen)}

    def _write_orm(self, places):
        if not places:
            return
        lines, matches = write_orm(self.env, self.record, self.statement, [self.rows[place] for place in places])
        own = iter(matches.ids)
        for place, line_id in zip(places, lines.ids, strict=True):
            self.lines[place] = line_id
            self.matches[place] = next(own) if is_listed(self.rows[place]) else 0

    def _write_rest(self, places, examples):
        env = self.env
        env.flush_all()
        rows = [self.rows[place] for place in places]
        exemplars, series = self._learn(examples)
        # what is open on the items changed when the examples were booked
        items = facts.items(env, {part.item_id for row in rows for part in row.parts}, self.record.company_id)
        groups = facts.matched_before(env, items)
        chosen = _canaries(rows)
        try:
            expected = twins(env, self.record, self.statement, [rows[place] for place in chosen])
            with env.cr.savepoint():
                written = write_rows(
                    env,
                    self.record,
                    self.statement,
                    rows,
                    lambda row: exemplars[_shape(row)],
                    series,
                    (self.payees, items, groups),
                )
                env.invalidate_all(flush=False)
                self._compare(written, chosen, expected)
        except (CanaryDifferenceError, UnknownValueError) as error:
            _logger.warning("Payments are booked by the ORM: %s", error)
            env.invalidate_all(flush=False)
            self.reasons[env._("What was written differed from Odoo's own: %(columns)s", columns=str(error))] += len(
                rows
            )
            self._write_orm(places)
            return
        for place, line_id, match_id in zip(places, *written[:2], strict=True):
            self.lines[place], self.matches[place] = line_id, match_id
        after_rows(env, written[2])

    def _learn(self, examples):
        """({shape: Exemplar}, [Series])"""
        exemplars, series = {}, []
        for place, shape in examples.items():
            line = self.env["account.bank.statement.line"].browse(self.lines[place])
            if shape not in exemplars:
                match = self.env["bss.payment.match"].browse(self.matches[place] or ())
                exemplars[shape] = learn(self.env, line, match)
            if not any(one.holds(line.move_id.date) for one in series):
                series.append(Series(line.move_id))
        return exemplars, series

    def _compare(self, written, chosen, expected):
        self.env.flush_all()
        for place, theirs in zip(chosen, expected, strict=True):
            found = differences(picture(self.env, written[0][place], written[1][place]), theirs)
            if found:
                raise CanaryDifferenceError("; ".join(found[:8]))


def _shape(row):
    """What decides which rows of which tables a payment has."""
    return bool(row.account_id), row.tx.amount > 0, bool(row.parts), bool(row.match.candidates), is_listed(row)


def _canaries(rows):
    """Places of payments chosen at random whose accounts pay once only: a twin stands for itself alone."""
    counts = Counter(row.account_id for row in rows)
    alone = [place for place, row in enumerate(rows) if not row.account_id or counts[row.account_id] == 1]
    booked = [place for place in alone if rows[place].account_id]
    return sorted(random.sample(booked or alone, min(CANARIES, len(booked or alone))))
