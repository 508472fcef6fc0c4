"""Numbers of invoices of bill runs: reserved in ranges, without a gap, beside people who post by hand."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from ..bulk_core import Number


class BssInvoiceCounter(models.Model):
    """One row for each journal of a bill cycle, changed by everyone who takes a number there.

    Whoever began before somebody else took a number cannot change the row: PostgreSQL tells it to start again
    (serialization failure), so that nobody works with an old last number. No other table refers to the row, so
    changing it disturbs nobody else.
    """

    _name = "bss.invoice.counter"
    _description = "Counter of a Journal of Bill Runs"
    _log_access = False

    journal_id = fields.Many2one("account.journal", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="journal_id.company_id")
    version = fields.Integer(required=True, default=0, readonly=True, help="Grows whenever a number is taken.")

    _journal_unique = models.Constraint("UNIQUE(journal_id)", "The journal has a counter already.")

    def init(self):
        if table_exists(self.env.cr, "bss_bill_cycle"):
            cycles = self.env["bss.bill.cycle"].with_context(active_test=False)
            self._bss_add(cycles.search([("journal_id", "!=", False)]).journal_id)

    @api.model
    def _bss_add(self, journals):
        """Counters of the journals that have none yet."""
        if journals:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO bss_invoice_counter (journal_id, version)
                       SELECT id, 0 FROM account_journal WHERE id = ANY(%s)
                  ON CONFLICT (journal_id) DO NOTHING""",
                    journals.ids,
                )
            )

    @api.model
    def _bss_take(self, journals):
        """Keep others from taking numbers in these journals to the end of the transaction.

        Waits for those who have taken one and not committed yet. Journals without bill cycle have no counter.
        :return: ids of the journals that have one
        :raises psycopg2.errors.SerializationFailure: somebody took a number since this transaction began
        """
        if not journals:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT journal_id FROM bss_invoice_counter WHERE journal_id = ANY(%s) ORDER BY journal_id FOR UPDATE",
                journals.ids,
            )
        )
        found = [row[0] for row in rows]
        if found:
            self.env.cr.execute(
                SQL("UPDATE bss_invoice_counter SET version = version + 1 WHERE journal_id = ANY(%s)", found)
            )
        return found

    @api.model
    def _bss_reserved_run(self, journal_ids):
        """(name of the bill run, name of the journal, error) of one that has numbers reserved and not written, or None.

        With an error it stands still until the cause is cured or a manager has the others issued.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT run.name, chunk.number_journal_id, chunk.error
                  FROM bss_bill_run_chunk chunk JOIN bss_bill_run run ON run.id = chunk.run_id
                 WHERE chunk.state = 'reserved' AND chunk.number_journal_id = ANY(%s)
              ORDER BY chunk.error IS NULL
                 LIMIT 1
                """,
                list(journal_ids),
            )
        )
        if not rows:
            return None
        name, journal_id, error = rows[0]
        return name, self.env["account.journal"].sudo().browse(journal_id).display_name, error or ""

    @api.model
    def _bss_refuse_while_issuing(self, journals):
        """Take the counters, for somebody who posts by hand.

        :raises UserError: a bill run has numbers reserved in one of the journals
        """
        taken = self._bss_take(journals)
        reserved = taken and self._bss_reserved_run(taken)
        if reserved and reserved[2]:
            raise UserError(
                self.env._(
                    "Bill run %(run)s stands still with numbers of journal %(journal)s. %(error)s Or a billing manager has "
                    "it issue the others.",
                    run=reserved[0],
                    journal=reserved[1],
                    error=reserved[2],
                )
            )
        if reserved:
            raise UserError(
                self.env._(
                    "Bill run %(run)s is issuing invoices in journal %(journal)s; try again in a minute.",
                    run=reserved[0],
                    journal=reserved[1],
                )
            )

    @api.model
    def _bss_move(self, journal, day, move_type):
        """An invoice of this journal, day and kind, to ask for its series."""
        moves = self.env["account.move"].with_company(journal.company_id)
        return moves.new({"move_type": move_type, "journal_id": journal.id, "invoice_date": day, "date": day})

    @api.model
    def _bss_affixes(self, template, values):
        """(prefix, suffix) of the numbers of a series, as told by ``account.move._get_next_sequence_format``"""
        moves = self.env["account.move"]
        text = template.format(**{**values, "seq": values["seq"] + 1})
        pattern = moves._make_regex_non_capturing(moves._sequence_fixed_regex.replace(r"?P<seq>", ""))
        found = re.match(pattern, text)
        return text[: found.start(1)], text[found.end(1) :]

    @api.model
    def _bss_next_number(self, journal, day, move_type):
        """The number after the last one of the journal, also after those that are reserved and not written yet.

        To be asked only with the counter of the journal taken.
        :param day: accounting date
        :param move_type: decides in journals whose credit notes have numbers of their own
        :return: Number
        """
        # Reserved numbers first: whoever writes them meanwhile turns them into invoices, which are looked at afterwards.
        # Read the other way round, under READ COMMITTED, such a range would be seen neither here nor there.
        reserved = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT number_prefix, MAX(number_first + number_count - 1) FROM bss_bill_run_chunk
                     WHERE state = 'reserved' AND number_journal_id = %s
                  GROUP BY number_prefix
                    """,
                    journal.id,
                )
            )
        )
        template, values = self._bss_move(journal, day, move_type)._get_next_sequence_format()
        prefix, suffix = self._bss_affixes(template, values)
        return Number(prefix, max(values["seq"], reserved.get(prefix) or 0) + 1, suffix, values["seq_length"])


class BssBillCycle(models.Model):
    _inherit = "bss.bill.cycle"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        cycles = super().create(vals_list)
        self.env["bss.invoice.counter"]._bss_add(cycles.journal_id)
        return cycles

    def write(self, vals):
        result = super().write(vals)
        if vals.get("journal_id"):
            self.env["bss.invoice.counter"]._bss_add(self.journal_id)
        return result


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _post(self, soft=True):
        # bill runs take their numbers themselves
        others = self.filtered(lambda move: not move.bss_bill_run_id)
        if others:
            self.env["bss.invoice.counter"]._bss_refuse_while_issuing(others.journal_id)
        return super()._post(soft=soft)
