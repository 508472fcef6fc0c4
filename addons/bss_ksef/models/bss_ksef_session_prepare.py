"""Waiting invoices into sessions: frozen chunk by chunk, each chunk kept at once, so that a crash costs one of them."""

from contextlib import ExitStack

from odoo import api, models
from odoo.tools import SQL

from .. import document_store
from .bss_ksef_document_make import CHUNK

# an invoice that is corrected must have its number, or be out of KSeF for good, before its correction goes
UNSETTLED = ("to_send", "late", "queued", "sent", "unknown", "rejected")


class BssKsefSessionPrepare(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_prepare(self, company, moves=None, progress=None, as_of=None):
        """Freezes documents and puts the valid ones into sessions; nothing is told to KSeF yet.

        Commits after each chunk. A session that was filled in part by a process that died is an ordinary waiting
        session; the invoices that it did not get still wait and come into the next one.
        """
        as_of = as_of or self._bss_day()
        if moves is not None:
            self._bss_unmarked(moves)._bss_ksef_mark()
        due = self._bss_due(company, moves, as_of)
        freezing = self.env["bss.ksef.document"].sudo()._bss_freezing(as_of, self._bss_now())
        # a claim has to see what others took while the list was read: on an older snapshot PostgreSQL refuses it
        self._bss_commit()
        filled, done = self.browse(), 0
        while done < len(due):
            record, done = self._bss_fill(company, due, done, freezing, progress)
            filled |= record
        return filled

    @api.model
    def _bss_unmarked(self, moves):
        """Those that were posted before KSeF was switched on: few or none of the thousands that a job is given."""
        moves.flush_recordset(["state", "bss_ksef_state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM account_move WHERE id = ANY(%s) AND state = 'posted' AND bss_ksef_state = 'not_applicable'",
                list(moves.ids),
            )
        )
        return moves.browse([row[0] for row in rows])

    @api.model
    def _bss_fill(self, company, due, done, freezing, progress):
        """(one session filled up to its size, how many of `due` are dealt with).

        The session is locked until it is full: nobody may send it before.
        """
        record, count = self.sudo().browse(), 0
        with ExitStack() as held:
            while done < len(due) and count < company.bss_ksef_batch_size:
                part = due[done : done + min(CHUNK, company.bss_ksef_batch_size - count)]
                rows = freezing.freeze(self._bss_claim(part))
                valid = sum(content is not None for _values, content in rows)
                if valid and not record:
                    record = self._bss_new_session(company, self.env["bss.ksef.document"])
                    held.enter_context(record._bss_alone())
                freezing.store(rows, record.id)
                count += valid
                done += len(part)
                if record:
                    record.document_count = count
                self._bss_commit()
                if progress:
                    progress(done, len(due))
        return record, done

    @api.model
    def _bss_claim(self, ids):
        """Those of `ids` that still wait and that nobody else is freezing; their earlier attempts are superseded."""
        moves = self.env["account.move"].sudo()
        moves.flush_model(["state", "bss_ksef_state"])
        self.env["bss.ksef.document"].flush_model(["state", "superseded"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM account_move
                 WHERE id = ANY(%s) AND state = 'posted' AND bss_ksef_state = 'to_send'
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                list(ids),
            )
        )
        waiting = {row[0] for row in rows}
        claimed = [move_id for move_id in ids if move_id in waiting]
        document_store.supersede(self.env.cr, claimed)
        return moves.browse(claimed)

    @api.model
    def _bss_due(self, company, moves=None, as_of=None):
        """Ids of posted invoices that wait and may go, oldest first.

        With `as_of`, the day of sending, those that would be marked Offline without anybody's decision are put aside.
        """
        self.env["account.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, move.invoice_date < %(day)s AND move.bss_ksef_late_by IS NULL AND NOT %(send_late)s
                  FROM account_move move
             LEFT JOIN account_move original ON original.id = move.reversed_entry_id
                 WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.bss_ksef_state = 'to_send'
                   AND %(chosen)s AND NOT %(waits)s
              ORDER BY move.invoice_date, move.id
                """,
                day=as_of,
                send_late=company.bss_ksef_send_late,
                company=company.id,
                chosen=SQL("move.id = ANY(%s)", list(moves.ids)) if moves is not None else SQL("TRUE"),
                waits=self._bss_waits(),
            )
        )
        late = [move_id for move_id, is_late in rows if is_late]
        self.env["account.move"].sudo().browse(late)._bss_ksef_set(state="late")
        return [move_id for move_id, is_late in rows if not is_late]

    @api.model
    def _bss_waits(self):
        """Condition on `move`: an invoice that it corrects is not settled yet (see `account.move._bss_ksef_originals`)."""
        plain = SQL("COALESCE(original.bss_ksef_state IN %s, FALSE)", UNSETTLED)
        field = self.env["account.move"]._fields.get("bss_correction_id")
        if field is None:
            return plain
        named = self.env[field.comodel_name]._fields["original_ids"]
        return SQL(
            """
            CASE WHEN move.bss_correction_id IS NULL THEN %(plain)s
                 ELSE EXISTS (SELECT FROM %(relation)s named JOIN account_move one ON one.id = named.%(original)s
                               WHERE named.%(correction)s = move.bss_correction_id
                                 AND one.bss_ksef_state IN %(unsettled)s) END
            """,
            plain=plain,
            relation=SQL.identifier(named.relation),
            original=SQL.identifier(named.column2),
            correction=SQL.identifier(named.column1),
            unsettled=UNSETTLED,
        )
