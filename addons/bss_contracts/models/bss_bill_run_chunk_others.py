"""A chunk that stands still over items that cannot be invoiced: a manager has the others issued, no number is lost."""

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .. import bulk
from .bss_bill_run_chunk_ways import Written
from .bss_invoice_number import MANAGER


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"  # pylint: disable=consider-merging-classes-inherited

    is_freeing = fields.Boolean(
        readonly=True, help="A manager has decided: what cannot be issued becomes an error, its number free for others."
    )
    can_free = fields.Boolean(compute="_compute_can_free", string="Stands Still")

    @api.depends("state", "error", "number_count")
    def _compute_can_free(self):
        for chunk in self:
            chunk.can_free = bool(chunk.state == "reserved" and chunk.error and chunk.number_count)

    def action_issue_others(self):
        """Issue what can be issued; numbers of the rest go to the next invoices of the journal in that month."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing manager sets reserved numbers free."))
        self.check_access("read")
        for chunk in self:
            run = chunk.run_id
            if not chunk.can_free:
                raise UserError(self.env._("Chunk %(chunk)s does not stand still.", chunk=chunk.display_name))
            run._bss_refuse_second_start()
            closed = run._bss_closed_text()
            if closed:
                raise UserError(
                    self.env._("%(closed)s Open them first: no other invoice could take the numbers.", closed=closed)
                )
            run.message_post(
                body=self.env._(
                    "Chunk %(chunk)s (%(first)s – %(last)s): issued without the accounts that cannot be invoiced. %(error)s",
                    chunk=chunk.sequence,
                    first=chunk.first_number,
                    last=chunk.last_number,
                    error=chunk.error,
                )
            )
            chunk.sudo()._bss_set(is_freeing=True)
        for run in self.run_id:
            run._bss_issue()
        return True

    def _bss_leaves_out(self):
        """Whether items that cannot be invoiced become errors here and their numbers free."""
        return bool(self.is_freeing and not self.run_id._bss_closed_text())

    def _bss_leave_out(self, problems):
        self._bss_set_items("error", problems)
        self._bss_set(error_count=self.error_count + len(problems))

    def _bss_write_singly(self, part, number):
        """Through the ORM one by one; those that fail become errors and the next ones take their numbers."""
        run, pairs, problems = self.run_id, [], {}
        for one in part.ready:
            item_id = one.request.item_id
            try:
                with self.env.cr.savepoint():
                    vals = bulk.move_vals(run, one.request, number.text(len(pairs)))
                    move = self.env["account.move"].create(vals)
                    move._post(soft=False)
                    move._bss_after_issue()
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever one account raises, the others go on
                problems[item_id] = run._bss_error_text(error)
            else:
                pairs.append((item_id, move.id))
        run._bss_no_gap(self.env["account.move"].browse([move_id for _item_id, move_id in pairs]))
        run._bss_mark_issued(pairs, part.without(problems).merged())
        self._bss_leave_out(problems)
        return [Written("stock", pairs, "\n".join(dict.fromkeys(problems.values())))]

    def _bss_free_unused(self):
        """Numbers of the range without an invoice are free where later ones are taken; those at the end are anyway."""
        journal, run = self.number_journal_id, self.run_id
        last = self.number_first + self.number_count - 1
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.number
                  FROM generate_series(%(first)s, %(last)s) AS own(number)
                 WHERE NOT EXISTS (SELECT FROM account_move
                                    WHERE journal_id = %(journal)s AND sequence_prefix = %(prefix)s
                                      AND sequence_number = own.number)
                   AND (%(later)s OR EXISTS (SELECT FROM account_move
                                              WHERE journal_id = %(journal)s AND sequence_prefix = %(prefix)s
                                                AND sequence_number > own.number))
              ORDER BY 1
                """,
                first=self.number_first,
                last=last,
                journal=journal.id,
                prefix=self.number_prefix,
                later=self._bss_later_numbers(),
            )
        )
        number, errors = (
            self._bss_number(),
            self.env["bss.bill.run.item"].search([("chunk_id", "=", self.id), ("state", "=", "error")]),
        )
        reasons = "\n".join(f"{item.account_id.name}: {item.error}" for item in errors)
        self.env["bss.invoice.number"].sudo().create(
            [
                {
                    "name": number.text(free - self.number_first),
                    "journal_id": journal.id,
                    "prefix": self.number_prefix,
                    "number": free,
                    "date": run.date_invoice,
                    "chunk_id": self.id,
                    "reason": reasons,
                }
                for (free,) in rows
            ]
        )
        self._bss_set(is_freeing=False)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    standing_text = fields.Text(compute="_compute_standing_text", string="What Stands Still")

    @api.depends("chunk_ids.state", "chunk_ids.error")
    def _compute_standing_text(self):
        for run in self:
            standing = run.chunk_ids.filtered("can_free")
            run.standing_text = "\n".join(
                self.env._(
                    "Chunk %(chunk)s stands still with numbers %(first)s – %(last)s: %(error)s",
                    chunk=chunk.sequence,
                    first=chunk.first_number,
                    last=chunk.last_number,
                    error=chunk.error,
                )
                for chunk in standing
            )

    def action_issue_others(self):
        """Issue what can be issued of the chunks that stand still: see ``bss.bill.run.chunk``."""
        return self.chunk_ids.filtered("can_free").action_issue_others()
