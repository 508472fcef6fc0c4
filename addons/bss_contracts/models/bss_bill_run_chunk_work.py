"""What a chunk does: look, reserve numbers, write. Each step one transaction, each can be repeated."""

import json
import logging
import time
from contextlib import nullcontext
from itertools import groupby

from odoo import fields, models, modules
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.tools import SQL
from psycopg2 import OperationalError
from psycopg2.errors import DeadlockDetected, SerializationFailure

from .. import bulk, garbage

_logger = logging.getLogger(__name__)

ATTEMPTS = 5
ORM_BATCH = 100


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"

    def _bss_work(self):
        """Job: issue the chunk, then those split from it. Repeating it issues nothing twice."""
        if self._bss_is_job() and not modules.module.current_test:
            # the transaction of the job keeps the job: its steps need one that they may end
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr)).with_context(bss_commit=True)._bss_work_here()
        else:
            self._bss_work_here()
        return True

    def _bss_work_here(self):
        for chunk in self.exists():
            chunk._bss_work_alone()
            rest = self.search([("origin_id", "=", chunk.id), ("state", "=", "waiting")], order="sequence")
            for part in rest:
                part._bss_work_alone()

    def _bss_work_alone(self):
        self = self.with_company(self.company_id).with_context(**bulk.QUIET)
        began, cpu = time.monotonic(), time.thread_time()
        prepared = None
        try:
            state = self._bss_lock()
            if state == "waiting" and self._bss_may_begin():
                self._bss_set(started_at=fields.Datetime.now(), error=None, retry_at=None)
                with self._bss_step():
                    if self.way == "orm":
                        self._bss_work_orm()
                    else:
                        with garbage.paused():
                            prepared = self._bss_look()
                state = self.state
            if state == "reserved":
                with self._bss_step():
                    self._bss_reserve()
                self._bss_write(prepared)
        except RetryableJobError:
            raise
        except Exception as error:
            if isinstance(error, OperationalError) and not self._bss_may_fail(error):
                raise
            _logger.exception("%s: chunk %s", self.run_id.name, self.sequence)
            self._bss_fail(error)
            return
        self._bss_take_time(began, cpu)
        self._bss_commit()

    def _bss_take_time(self, began, cpu):
        if self.state == "done" and not self.seconds:
            seconds = time.monotonic() - began
            self._bss_set(
                seconds=seconds,
                seconds_cpu=time.thread_time() - cpu,
                invoices_per_second=self.invoice_count / seconds if seconds else 0,
                finished_at=fields.Datetime.now(),
            )

    # -- transactions -------------------------------------------------------------------------------

    def _bss_can_commit(self):
        """Jobs commit between the steps, and scripts that ask for it; never a test, a trial or a person's request."""
        return bool(
            self.env.context.get("bss_commit")
            and not modules.module.current_test
            and not any(self.run_id.mapped("is_test"))
        )

    def _bss_commit(self):
        if self._bss_can_commit():
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _bss_step(self):
        """All of a step or nothing of it, also where nothing is committed in between."""
        return nullcontext() if self._bss_can_commit() else self.env.cr.savepoint()

    def _bss_rollback(self):
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)

    def _bss_lock(self):
        """State of the chunk, kept from others to the end of the transaction."""
        self.flush_recordset()
        rows = self.env.execute_query(SQL("SELECT state FROM bss_bill_run_chunk WHERE id = %s FOR UPDATE", self.id))
        self.invalidate_recordset()
        return rows[0][0] if rows else "done"

    def _bss_may_begin(self):
        """Nothing new while the run is paused, given up or looked at again."""
        run = self.run_id
        run.invalidate_recordset()
        return run.state == "running" and run.stage == "issue" and not run.is_paused

    # -- 1. look ------------------------------------------------------------------------------------

    def _bss_look(self):
        """Sort the pending items: problems become errors, the rest is listed for numbers. Ends its transaction."""
        run = self.run_id
        items = run._bss_lock_items(self._bss_item_ids())
        run._bss_drop_given_back_rows(items.ids)
        requests = run._bss_requests(items.ids)
        problem = run._bss_closed_text()
        if problem:
            requests.problems.update((one.item_id, problem) for one in requests.invoices)
            requests.invoices = []
        prepared = bulk.prepare(self.env, run, requests.invoices)
        requests.problems.update(prepared.problems)
        requests.problems.update(run._bss_amounts_problems(requests, prepared))
        prepared = prepared.without(requests.problems)
        self._bss_set_items("error", requests.problems)
        self._bss_set_items("empty", requests.waiting)
        part = prepared.tier("copy").without(self._bss_split_off(requests, prepared))
        ids = [one.request.item_id for one in part.ready]
        self._bss_set(
            item_count=len(ids) + len(requests.problems) + len(requests.waiting),
            error_count=len(requests.problems),
            state="reserved" if ids else "done",
            reserved_item_ids=json.dumps(ids) if ids else None,
            tier="copy" if ids else None,
            reason=None if ids else self._bss_why_nothing(requests),
        )
        # whoever read these items before starts again when he wants to change one (see bss_write_guard_reserved)
        self.env.cr.execute(SQL("UPDATE bss_bill_run_item SET chunk_id = %s WHERE id = ANY(%s)", self.id, ids))
        self._bss_commit()
        return part

    def _bss_why_nothing(self, requests):
        """Reason of a chunk without invoices: the one that all its errors have, else that there are none as rows."""
        texts = set(requests.problems.values())
        return texts.pop() if len(texts) == 1 else self.env._("Nothing here could be written as rows.")

    def _bss_item_ids(self):
        """Ids of its items; their records would come with accounts and all."""
        self.env["bss.bill.run.item"].flush_model(["chunk_id"])
        rows = self.env.execute_query(SQL("SELECT id FROM bss_bill_run_item WHERE chunk_id = %s ORDER BY id", self.id))
        return [row[0] for row in rows]

    def _bss_set_items(self, state, texts):
        """:param texts: {item id: reason or False}"""
        if texts:
            self.env.cr.execute_values(
                """
                UPDATE bss_bill_run_item item SET state = source.state, error = source.text
                  FROM (VALUES %s) AS source(id, state, text) WHERE item.id = source.id
                """,
                [(item_id, state, text or None) for item_id, text in texts.items()],
                template="(%s, %s, %s::text)",
            )
            self.env["bss.bill.run.item"].invalidate_model()

    def _bss_split_off(self, requests, prepared):
        """Chunks of their own for what cannot be written as rows, by tier and reason.

        :return: ids of the items that could, but fill numbers that are free
        """
        groups = {}
        for ready in prepared.ready:
            tier, reason = prepared.tiers[ready.request.item_id]
            if tier != "copy":
                groups.setdefault((tier, reason), []).append(ready.request.item_id)
        if requests.corrective:
            groups["stock", self.env._("Invoices issued earlier are corrected.")] = requests.corrective
        filling = [one.request.item_id for one in prepared.tier("copy").ready[: len(self.run_id._bss_free_numbers())]]
        if filling:
            groups["stock", self.env._("They take numbers that were set free.")] = filling
        for (tier, reason), item_ids in groups.items():
            for start in range(0, len(item_ids), ORM_BATCH):
                self.run_id._bss_make_chunk(
                    item_ids[start : start + ORM_BATCH], "orm", tier=tier, reason=reason, origin_id=self.id
                )
        return filling

    # -- 2. reserve ---------------------------------------------------------------------------------

    def _bss_reserve(self):
        """Give the listed items the next numbers of the journal, in a short transaction of its own.

        It reads committed rows as they are at each statement, so that it sees what others wrote while it waited.
        """
        cr = self.env.cr
        if self._bss_can_commit():
            cr.commit()  # pylint: disable=invalid-commit
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute("SELECT number_first FROM bss_bill_run_chunk WHERE id = %s FOR UPDATE", (self.id,))
        if not cr.fetchone()[0]:
            run, counters = self.run_id, self.env["bss.invoice.counter"].sudo()
            journal = run.cycle_id.journal_id
            counters._bss_add(journal)
            counters._bss_take(journal)
            number = counters._bss_next_number(journal, run.date_invoice, "out_invoice")
            count = len(self.reserved_item_ids)
            self._bss_set(
                number_journal_id=journal.id,
                number_prefix=number.prefix,
                number_suffix=number.suffix,
                number_width=number.width,
                number_first=number.sequence_number,
                number_count=count,
                first_number=number.text(),
                last_number=number.text(count - 1),
            )
        self._bss_commit()

    def _bss_number(self):
        return bulk.Number(self.number_prefix, self.number_first, self.number_suffix or "", self.number_width)

    # -- 3. write -----------------------------------------------------------------------------------

    def _bss_write(self, prepared):
        """Invoices of the reserved items with the reserved numbers; begins again when somebody was in the way."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                if self._bss_lock() != "reserved":
                    return
                with self._bss_step():
                    self._bss_write_once(prepared)
                self._bss_commit()
                return
            except (SerializationFailure, DeadlockDetected):
                if attempt == ATTEMPTS or not self._bss_can_commit():
                    raise
                self._bss_rollback()
                prepared = None

    def _bss_write_once(self, prepared):
        run = self.run_id
        if self.is_freeing:
            # also to see the numbers that others have taken since
            self.env["bss.invoice.counter"].sudo()._bss_take(self.number_journal_id)
        ids = self.reserved_item_ids
        if len(run._bss_lock_items(ids)) != len(ids):
            raise AssertionError(f"{run.name}: reserved items are not pending any more")
        # both may have changed since this was prepared, in an earlier transaction
        if not (prepared and prepared.is_current()) or run._bss_closed_text():
            prepared = self._bss_prepare_again(ids)
            # some of the numbers may have been given back
            ids = prepared.item_ids()
        number, written, place = self._bss_number(), [], 0
        tiers_in_order = [prepared.tiers[one.request.item_id][0] for one in prepared.ready]
        # neighbours only: the numbers follow the order
        for tier, some in groupby(tiers_in_order):  # pylint: disable=bad-builtin-groupby
            count = len(list(some))
            written += self._bss_write_part(prepared.slice(place, place + count), tier, number.after(place))
            place += count
        pairs = [pair for one in written for pair in one.pairs]
        tiers = {one.tier for one in written}
        [total] = self.env.execute_query(
            SQL("SELECT COALESCE(SUM(amount_total), 0) FROM account_move WHERE id = ANY(%s)", [one for _, one in pairs])
        )
        self._bss_set(
            state="done",
            tier=tiers.pop() if len(tiers) == 1 else "mixed" if tiers else None,
            reason="\n".join(dict.fromkeys(one.reason for one in written if one.reason)) or None,
            retry_at=None,
            reserved_item_ids=json.dumps([item_id for item_id, _move_id in pairs]),
            error=None,
            invoice_count=len(pairs),
            amount_total=total[0],
        )
        if self.is_freeing:
            self._bss_free_unused()

    # -- the ORM alone ------------------------------------------------------------------------------

    def _bss_work_orm(self):
        """Invoices and corrective invoices of these items through the ORM, in one transaction."""
        run = self.run_id
        item_ids = self.item_ids.filtered(lambda item: item.state == "pending").ids
        tier = run._bss_issue_batch(item_ids, self.tier) if item_ids else self.tier
        items = self.env["bss.bill.run.item"].browse(item_ids)
        items.invalidate_recordset()
        moves = items.move_id | items.sudo().refund_ids
        self._bss_set(
            state="done",
            tier=tier or "stock",
            item_count=len(item_ids),
            invoice_count=len(moves),
            error_count=len(items.filtered(lambda item: item.state == "error")),
            amount_total=sum(items.mapped("amount_total")),
        )
        self._bss_commit()
