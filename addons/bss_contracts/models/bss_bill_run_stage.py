"""Last stage of a bill run: pending items in chunks, a job for each."""

from odoo import api, fields, models
from odoo.addons.queue_job.delay import chain, group
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import store
from .bss_bill_run import CHANNEL
from .bss_bill_run_chunk_work import ORM_BATCH
from .bss_bill_run_claim import MANY

WORKING = ("wait_dependencies", "pending", "enqueued", "started")


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    chunk_ids = fields.One2many("bss.bill.run.chunk", "run_id", string="Chunks", readonly=True)
    released_count = fields.Integer(
        string="Released",
        compute="_compute_released_count",
        help="Bills that wait to be issued after all chunks of the run are done: they were held before.",
    )

    @api.depends("stage", "state", "pending_count", "chunk_ids.state")
    def _compute_released_count(self):
        open_chunks = (
            self.env["bss.bill.run.chunk"]
            .sudo()
            ._read_group([("run_id", "in", self.ids), ("state", "!=", "done")], ["run_id"])
        )
        interrupted = {run.id for (run,) in open_chunks}
        for run in self:
            is_over = run.state == "running" and run.stage == "issue" and run._origin.id not in interrupted
            run.released_count = run.pending_count if is_over and run.issued_count else 0

    def action_view_chunks(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_bill_run_chunk_action")
        return {**action, "domain": [("run_id", "=", self.id)]}

    def action_issue(self):
        for run in self:
            run._bss_refuse_second_start()
        return super().action_issue()

    def _bss_refuse_second_start(self):
        """Of two managers who start the same run one is told."""
        if self._bss_has_live_jobs("issue:%"):
            waiting = self.env["queue.job"].sudo().search_count(self._bss_job_domain(WORKING, "issue:%"))
            raise UserError(
                self.env._(
                    "Bill run %(name)s is being issued already; jobs left: %(count)s.", name=self.name, count=waiting
                )
            )

    def _bss_issue(self, progress=None):
        """Issue the pending items in chunks, a job for each; also goes on with what was interrupted.

        Few invoices go through the ORM in one transaction; thousands are written as rows. With
        ``queue_job__no_delay`` in the context the chunks run here, one after another, in the transaction of the
        caller (who may commit in ``progress(done, all)``), or with ``bss_commit`` in the context as jobs do, each
        step in its own.
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        if self.stage == "collect":
            raise UserError(self.env._("Collect the charges of bill run %(name)s first.", name=self.name))
        self._bss_keep_run()
        self.write({"state": "running", "stage": "issue"})
        chunks = self._bss_cut_chunks()
        if not chunks or self.env.context.get("queue_job__no_delay"):
            return self._bss_issue_here(chunks, progress)
        self._bss_queue_chunks(chunks)
        return True

    def _bss_keep_run(self):
        """Two who start the run at once do not cut its items twice."""
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL("SELECT id FROM bss_bill_run WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id)
        )
        if not rows:
            raise UserError(self.env._("Somebody else is starting bill run %(name)s right now.", name=self.name))

    def _bss_issue_here(self, chunks, progress):
        total = sum(chunk._bss_size() for chunk in chunks)
        done = 0
        chunks._bss_commit()
        for chunk in chunks:
            count = chunk._bss_size()
            chunk._bss_work()
            done += count
            if progress:
                progress(done, total)
        self._bss_finish()
        return True

    def _bss_queue_chunks(self, chunks):
        rows = chunks.filtered(lambda chunk: chunk.way == "rows")
        steps = [group(*map(self._bss_chunk_job, some)) for some in (rows, chunks - rows) if some]
        finish = self.delayable(
            channel=CHANNEL,
            identity_key=self._bss_job_key("finish", chunks.ids),
            description=self.env._("%(run)s: closing", run=self.name),
        )._bss_finish()
        chain(*steps, finish).delay()

    def _bss_chunk_job(self, chunk):
        return chunk.delayable(
            channel=CHANNEL,
            identity_key=f"bss.bill.run:{self.id}:issue:{chunk.id}",
            description=self.env._(
                "%(run)s: invoices of chunk %(number)s (%(count)s accounts)",
                run=self.name,
                number=chunk.sequence,
                count=chunk._bss_size(),
            ),
        )._bss_work()

    # -- chunks -------------------------------------------------------------------------------------

    def _bss_setting(self, name, default):
        return int(self.env["ir.config_parameter"].sudo().get_param(f"bss_contracts.{name}") or default)

    def _bss_cut_chunks(self):
        """Chunks to work on: those begun before, first of all those with reserved numbers, and new ones."""
        chunks = self.env["bss.bill.run.chunk"].sudo()
        self.env["bss.bill.run.item"].flush_model()
        begun = chunks.search([("run_id", "=", self.id), ("state", "!=", "done")], order="sequence")
        begun.filtered(lambda chunk: chunk.state == "error").write({"state": "waiting", "error": False})
        # whoever asks for it anew may count on another try by itself
        begun.filtered("is_retried").write({"is_retried": False, "retry_at": False})
        item_ids, corrective = self._bss_uncut_items()
        plain = [item_id for item_id in item_ids if item_id not in corrective]
        if len(item_ids) < self._bss_setting("bill_run_small", 50):
            reason = self.env._("Few invoices: the ordinary way costs less.")
            new = self._bss_make_chunk(item_ids, "orm", tier="stock", reason=reason) if item_ids else chunks
        else:
            size = max(self._bss_setting("bill_run_chunk_size", 2000), 1)
            new = chunks
            for start in range(0, len(plain), size):
                new |= self._bss_make_chunk(plain[start : start + size], "rows")
            rest = sorted(corrective)
            for start in range(0, len(rest), ORM_BATCH):
                reason = self.env._("Invoices issued earlier are corrected.")
                new |= self._bss_make_chunk(rest[start : start + ORM_BATCH], "orm", tier="stock", reason=reason)
        found = (begun | new).sorted(lambda one: (one.state != "reserved", one.way != "rows", one.sequence))
        return found.with_env(self.env)

    def _bss_uncut_items(self):
        """(ids of the pending items that are in no chunk still to be worked on, those that correct invoices)"""
        self.env["bss.charge"].flush_model()
        if self.env["bss.bill.run.item"].search_count([("run_id", "=", self.id)], limit=MANY) == MANY:
            store.refresh_statistics(self.env.cr, "bss_bill_run_item", ("run_id", "state", "chunk_id"))
            store.refresh_statistics(self.env.cr, "bss_charge", ("bill_run_id", "bill_run_item_id", "kind", "state"))
        rows = self.env.execute_query(
            SQL(
                """
                -- found once for all items: asked for each, it takes minutes for tens of thousands
                SELECT item.id,
                       item.id IN (SELECT charge.bill_run_item_id FROM bss_charge charge
                                     JOIN bss_charge origin ON origin.id = charge.origin_charge_id
                                     JOIN account_move move ON move.id = origin.move_id AND move.state = 'posted'
                                    WHERE charge.bill_run_id = %s AND charge.bill_run_item_id IS NOT NULL
                                      AND charge.kind = 'correction' AND charge.amount < 0
                                      AND charge.state = 'pending')
                  FROM bss_bill_run_item item
             LEFT JOIN bss_bill_run_chunk chunk ON chunk.id = item.chunk_id
                 WHERE item.run_id = %s AND item.state = 'pending'
                   AND (chunk.id IS NULL OR chunk.state = 'done')
              ORDER BY item.id
                """,
                self.id,
                self.id,
            )
        )
        return [row[0] for row in rows], {row[0] for row in rows if row[1]}

    def _bss_make_chunk(self, item_ids, way, **vals):
        chunks = self.env["bss.bill.run.chunk"].sudo()
        last = chunks.search([("run_id", "=", self.id)], order="sequence desc", limit=1).sequence
        chunk = chunks.create(
            {"run_id": self.id, "sequence": last + 1, "way": way, "item_count": len(item_ids), **vals}
        )
        self.env.cr.execute(
            SQL("UPDATE bss_bill_run_item SET chunk_id = %s WHERE id = ANY(%s)", chunk.id, list(item_ids))
        )
        self.env["bss.bill.run.item"].invalidate_model(["chunk_id"])
        chunk.invalidate_recordset()
        return chunk
