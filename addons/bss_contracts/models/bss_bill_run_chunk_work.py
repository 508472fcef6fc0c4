"""What a chunk does: look, reserve numbers, write. Each step one transaction, each can be repeated."""

import json
import logging
import time
from itertools import groupby

from odoo import fields, models, modules
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.tools import SQL
from odoo.tools.misc import format_date
from psycopg2 import OperationalError
from psycopg2.errors import DeadlockDetected, SerializationFailure

from .. import bulk
from .bss_bill_run_requests import CLAIM

_logger = logging.getLogger(__name__)

ATTEMPTS = 5
ORM_BATCH = 100


class NotIssuedError(Exception):
    """A reserved item cannot be invoiced any more; its number waits until it can."""


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"

    def _bss_work(self):
        """Job: issue the chunk, then those split from it. Repeating it issues nothing twice."""
        context = self.env.context
        is_job = context.get("job_uuid") and not context.get("queue_job__no_delay")
        if is_job and not modules.module.current_test:
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
                self._bss_set(started_at=fields.Datetime.now(), error=None)
                if self.way == "orm":
                    self._bss_work_orm()
                else:
                    prepared = self._bss_look()
                state = self.state
            if state == "reserved":
                self._bss_reserve()
                self._bss_write(prepared)
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:
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

    def _bss_fail(self, error):
        """Keep what went wrong; a chunk with reserved numbers stays reserved and goes on when the cause is cured."""
        if self._bss_can_commit():
            self._bss_rollback()
        text = self.run_id._bss_error_text(error)
        state = "reserved" if self.reserved_item_ids else "error"
        self._bss_set(error=text, state=state)
        self._bss_commit()

    # -- 1. look ------------------------------------------------------------------------------------

    def _bss_look(self):
        """Sort the pending items: problems become errors, the rest is listed for numbers. Ends its transaction."""
        run = self.run_id
        items = run._bss_lock_items(self.item_ids.ids)
        run._bss_drop_given_back_rows(items.ids)
        requests = run._bss_requests(items.ids)
        problem = run._bss_closed_text()
        if problem:
            requests.problems.update((one.item_id, problem) for one in requests.invoices)
            requests.invoices = []
        prepared = bulk.prepare(self.env, run, requests.invoices)
        requests.problems.update(prepared.problems)
        for ready in prepared.ready:
            text = ready.amounts and run._bss_amounts_problem(requests.charges[ready.request.item_id], ready.amounts)
            if text:
                requests.problems[ready.request.item_id] = text
        prepared = prepared.without(requests.problems)
        self._bss_set_items("error", requests.problems)
        self._bss_set_items("empty", requests.waiting)
        self._bss_split_off(requests, prepared)
        part = prepared.tier("copy")
        ids = [one.request.item_id for one in part.ready]
        self._bss_set(
            item_count=len(ids) + len(requests.problems) + len(requests.waiting),
            error_count=len(requests.problems),
            state="reserved" if ids else "done",
            reserved_item_ids=json.dumps(ids) if ids else None,
            tier="copy" if ids else None,
            reason=None if ids else self.env._("Nothing here could be written as rows."),
        )
        # whoever read these items before starts again when he wants to change one (see bss_write_guard_reserved)
        self.env.cr.execute(SQL("UPDATE bss_bill_run_item SET chunk_id = %s WHERE id = ANY(%s)", self.id, ids))
        self._bss_commit()
        return part

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
        """Chunks of their own for what cannot be written as rows, by tier and reason."""
        groups = {}
        for ready in prepared.ready:
            tier, reason = prepared.tiers[ready.request.item_id]
            if tier != "copy":
                groups.setdefault((tier, reason), []).append(ready.request.item_id)
        if requests.corrective:
            groups["stock", self.env._("Invoices issued earlier are corrected.")] = requests.corrective
        for (tier, reason), item_ids in groups.items():
            for start in range(0, len(item_ids), ORM_BATCH):
                self.run_id._bss_make_chunk(
                    item_ids[start : start + ORM_BATCH], "orm", tier=tier, reason=reason, origin_id=self.id
                )

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
        ids = self.reserved_item_ids
        if len(run._bss_lock_items(ids)) != len(ids):
            raise AssertionError(f"{run.name}: reserved items are not pending any more")
        prepared = prepared or self._bss_prepare_again(ids)
        number = self._bss_number()
        pairs, tiers, reasons = [], set(), []
        place = 0
        tiers_in_order = [prepared.tiers[one.request.item_id][0] for one in prepared.ready]
        # neighbours only: the numbers follow the order
        for tier, some in groupby(tiers_in_order):  # pylint: disable=bad-builtin-groupby
            count = len(list(some))
            part = prepared.slice(place, place + count)
            tier, move_ids, reason = self._bss_write_part(part, tier, number.after(place))
            pairs += zip(ids[place : place + count], move_ids, strict=True)
            tiers.add(tier)
            reasons += [reason] if reason else []
            place += count
        run._bss_mark_issued(pairs)
        [total] = self.env.execute_query(
            SQL("SELECT COALESCE(SUM(amount_total), 0) FROM account_move WHERE id = ANY(%s)", [one for _, one in pairs])
        )
        self._bss_set(
            state="done",
            tier=tiers.pop() if len(tiers) == 1 else "mixed",
            reason="\n".join(dict.fromkeys(reasons)) or None,
            error=None,
            invoice_count=len(pairs),
            amount_total=total[0],
        )

    def _bss_prepare_again(self, ids):
        """What was reserved before a crash: the same items in the same order."""
        run = self.run_id
        requests = run._bss_requests(ids)
        prepared = bulk.prepare(self.env, run, requests.invoices)
        problems = {**requests.problems, **requests.waiting, **prepared.problems}
        problems.update(dict.fromkeys(requests.corrective, False))
        closed = run._bss_closed_text()
        if problems or closed or len(prepared.ready) != len(ids):
            item = self.env["bss.bill.run.item"].browse(next(iter(problems), ids[0]))
            reason = closed or problems.get(item.id) or self.env._("its charges have changed")
            raise NotIssuedError(
                self.env._(
                    "Numbers are reserved for these invoices, but that of account %(account)s cannot be issued: "
                    "%(reason)s Cure this and go on issuing.",
                    account=item.account_id.name,
                    reason=reason,
                )
            )
        return prepared

    def _bss_write_part(self, part, tier, number):
        """Write as the tier says, or as the next one does; (tier, ids of the invoices, why not as rows)."""
        reason = next(iter(part.tiers.values()))[1]
        if tier == "copy":
            try:
                with self.env.cr.savepoint():
                    return "copy", bulk.write_copy(self.env, part, number), ""
            except bulk.CanaryDifference as error:
                reason = self.env._(
                    "An invoice differed from that of the ORM: %(columns)s", columns="; ".join(error.columns[:6])
                )
                _logger.warning("%s: %s", self.run_id.name, reason)
                tier = "tuned"
        if tier == "tuned":
            try:
                with self.env.cr.savepoint():
                    moves = bulk.write_tuned(self.env, part, number)
                    moves._bss_after_issue()
                    return "tuned", moves.ids, reason
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:
                _logger.info("%s: not through the prepared ORM: %s", self.run_id.name, error, exc_info=True)
                reason = f"{reason}\n{self.run_id._bss_error_text(error)}".strip()
        moves = self.env["account.move"].create(
            [bulk.move_vals(self.run_id, one.request, number.text(place)) for place, one in enumerate(part.ready)]
        )
        moves._post(soft=False)
        moves._bss_after_issue()
        return "stock", moves.ids, reason

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


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_closed_text(self):
        """Why nothing can be posted on the invoice date, "" when it can."""
        journal = self.cycle_id.journal_id
        locks = journal and self.company_id._get_violated_lock_dates(self.date_invoice, True, journal)
        if not locks:
            return ""
        return self.env._("The books are closed on %(date)s.", date=format_date(self.env, self.date_invoice))

    def _bss_amounts_problem(self, rows, amounts):
        """Where the invoice would not be the sum of its charges, "" when it is. Amounts in grosz."""
        gross_lines = gross_charges = 0
        for row, subtotal, total in zip(rows, amounts.subtotals, amounts.totals, strict=True):
            if row.price_kind == "gross":
                gross_lines, gross_charges = gross_lines + total, gross_charges + int(row.amount_gross * 100)
            elif subtotal != int(row.amount * 100):
                return self.env._(
                    "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                    name=row.name,
                    line=f"{subtotal / 100:.2f}",
                    charge=row.amount,
                )
        if gross_lines != gross_charges:
            return self.env._(
                "The lines of gross prices are %(lines)s, their charges are %(charges)s.",
                lines=f"{gross_lines / 100:.2f}",
                charges=f"{gross_charges / 100:.2f}",
            )
        return ""

    def _bss_mark_issued(self, pairs):
        """Charges billed, items issued with the figures of their invoices; sums compared, item by item.

        :param pairs: [(item id, id of its invoice)]
        """
        item_ids, move_ids = map(list, zip(*pairs, strict=True))
        self._bss_mark_billed(self.env["account.move"].browse(move_ids))
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET state = 'issued', error = NULL, move_id = move.id, charge_count = found.charges,
                       amount_charges = found.net, amount_untaxed = move.amount_untaxed,
                       amount_tax = move.amount_tax, amount_total = move.amount_total,
                       write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(items)s, %(moves)s) AS pair(item_id, move_id)
                  JOIN account_move move ON move.id = pair.move_id AND move.state = 'posted'
                  JOIN (SELECT move_id, COUNT(*) AS charges, SUM(amount) AS net FROM bss_charge
                         WHERE move_id = ANY(%(moves)s) AND state = 'billed' GROUP BY move_id) found
                    ON found.move_id = move.id AND found.net = move.amount_untaxed
                 WHERE item.id = pair.item_id AND item.state = 'pending'
                """,
                uid=self.env.uid,
                items=item_ids,
                moves=move_ids,
            )
        )
        if cr.rowcount != len(pairs):
            raise AssertionError(f"{self.name}: {cr.rowcount} of {len(pairs)} invoices are the sum of their charges")
        [(left,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM bss_charge charge JOIN bss_bill_run_item item ON %s"
                " WHERE item.id = ANY(%s) AND charge.state = 'pending'",
                CLAIM,
                item_ids,
            )
        )
        if left:
            raise AssertionError(f"{self.name}: {left} charges did not reach an invoice")
        self.env["bss.bill.run.item"].invalidate_model()
