"""Stage of a bill run after its issue: the PDFs of its invoices, prepared by the night's jobs."""

import logging

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .bss_bill_run import CHANNEL
from .bss_bill_run_report import JOB_STATES

_logger = logging.getLogger(__name__)

BATCH = 200  # invoices of one job: one transaction


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    document_total = fields.Integer(
        compute="_compute_documents", string="Documents", help="Posted invoices and corrective invoices of the run."
    )
    document_count = fields.Integer(
        compute="_compute_documents",
        string="Documents Prepared",
        help="Those whose PDF is in the archive as it would be printed now.",
    )
    document_progress = fields.Float(
        compute="_compute_documents", string="Documents Progress", help="Share of the documents prepared, in percent."
    )
    document_state = fields.Selection(
        [("none", "Not prepared"), ("partial", "Being prepared"), ("ready", "Prepared")],
        compute="_compute_documents",
        string="Preparation of Documents",
    )

    def _compute_documents(self):
        figures = self._bss_document_figures()
        for run in self:
            total, done = figures.get(run._origin.id, (0, 0))
            run.document_total = total
            run.document_count = done
            run.document_progress = 100.0 * done / total if total else 0.0
            run.document_state = "none" if not done else "ready" if done == total else "partial"

    def _bss_document_rows(self):
        """Query: (run, invoice, its archived document or NULL) of everything the runs have issued.

        A row for each document: other addons add those that leave with invoices.
        """
        moves = self.env["account.move"]
        moves.flush_model(["state", "bss_bill_run_id"])
        self.env["bss.document"].flush_model()
        # a number that KSeF gives later makes another document
        ksef = SQL("COALESCE(move.bss_ksef_number, '')") if "bss_ksef_number" in moves._fields else SQL("''")
        return SQL(
            """
            SELECT move.bss_bill_run_id AS run_id, move.id AS move_id, document.id AS document_id
              FROM account_move move
         LEFT JOIN bss_document document
                ON document.res_model = 'account.move' AND document.res_id = move.id AND document.kind = 'invoice'
               AND document.version = COALESCE(move.bss_document_version, 1)
               AND COALESCE(document.content_key, '') = %s
             WHERE move.bss_bill_run_id = ANY(%s) AND move.state = 'posted' AND move.bss_account_id IS NOT NULL
            """,
            ksef,
            self._origin.ids,
        )

    def _bss_document_figures(self):
        """{run id: (documents, prepared ones)}"""
        rows = self.env.execute_query(
            SQL("SELECT run_id, COUNT(*), COUNT(document_id) FROM (%s) found GROUP BY 1", self._bss_document_rows())
        )
        return {run_id: (total, done) for run_id, total, done in rows}

    @api.readonly
    def get_progress(self):
        """Also ``documents``: {"total", "done"} while jobs prepare them, else False."""
        figures = super().get_progress()
        figures["documents"] = False
        jobs = self.env["queue.job"].sudo()
        waiting = [("identity_key", "=like", f"bss.bill.run:{self.id}:documents:%"), ("state", "in", JOB_STATES)]
        if figures["jobs"] and jobs.search_count(waiting, limit=1):
            total, done = self._bss_document_figures().get(self.id, (0, 0))
            figures["documents"] = {"total": total, "done": done}
        return figures

    def action_prepare_documents(self):
        """Put the PDFs of the issued invoices into the archive, in jobs; what is there already stays."""
        for run in self:
            run._bss_prepare_documents()

    def _bss_prepare_documents(self):
        """Jobs for the documents that are missing; asked again after a stop, it goes on where it stopped.

        With ``queue_job__no_delay`` in the context the batches run here, one after another.
        """
        self.ensure_one()
        self.check_access("write")
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT move_id FROM (%s) found WHERE document_id IS NULL ORDER BY move_id",
                self._bss_document_rows(),
            )
        )
        move_ids = [move_id for (move_id,) in rows]
        for start in range(0, len(move_ids), BATCH):
            batch = move_ids[start : start + BATCH]
            self.with_delay(
                channel=CHANNEL,
                identity_key=self._bss_job_key("documents", batch),
                description=self.env._(
                    "%(run)s: documents %(first)s-%(last)s of %(all)s",
                    run=self.name,
                    first=start + 1,
                    last=start + len(batch),
                    all=len(move_ids),
                ),
            )._bss_prepare_batch(batch)
        return len(move_ids)

    def _bss_prepare_batch(self, move_ids):
        """Job: archive these invoices; when one cannot be printed, each alone, and the run says which failed."""
        self.ensure_one()
        moves = self.env["account.move"].browse(move_ids).exists()
        try:
            with self.env.cr.savepoint():
                moves._bss_archive_invoices()
        except (OperationalError, RetryableJobError):
            raise
        except ConcurrencyError as error:
            # a customer has opened one of them meanwhile: begin anew and see it
            raise RetryableJobError("a document of the batch was archived meanwhile", seconds=5) from error
        except Exception as error:  # noqa: BLE001 - whatever one invoice raises, the others are printed
            _logger.info("%s: batch of %s documents fails (%s), going one by one", self.name, len(moves), error)
            self._bss_prepare_singly(moves)
        # files and contents are not needed any more
        self.env.invalidate_all()
        return len(moves)

    def _bss_prepare_singly(self, moves):
        failed = []
        for move in moves:
            try:
                with self.env.cr.savepoint():
                    move._bss_archive_invoices()
            except (OperationalError, RetryableJobError):
                raise
            except ConcurrencyError as error:
                raise RetryableJobError("a document was archived meanwhile", seconds=5) from error
            except Exception as error:  # noqa: BLE001 - listed below
                failed.append(f"{move.name}: {error}")
        if failed:
            self._message_log(body=self.env._("Documents not prepared: %(list)s", list="; ".join(failed)))
