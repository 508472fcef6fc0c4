"""Invoices of a bill run through the ORM: a batch in one transaction, and each alone when one of them fails."""

import logging
from collections import defaultdict

from odoo import models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from psycopg2 import OperationalError

from .. import bulk
from ..bulk import QUIET

_logger = logging.getLogger(__name__)


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_issue_batch(self, item_ids, tier="stock"):
        """Issue these items through the ORM in one transaction; when one fails, each alone, failures listed.

        :return: the tier that was taken, "tuned" or "stock"
        """
        self.ensure_one()
        run = self.with_company(self.company_id).with_context(**QUIET)
        items = run._bss_lock_items(item_ids)
        if tier == "tuned" and run._bss_issue_tuned(items):
            return "tuned"
        run._bss_take_journals(items)
        ready = run._bss_ready_items(items)
        if not ready:
            return "stock"
        try:
            with self.env.cr.savepoint():
                run._bss_make_invoices(ready)
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one account raises, the others go on
            _logger.info("%s: batch of %s fails (%s), going one by one", self.name, len(ready), error)
            run._bss_issue_singly(ready)
        return "stock"

    def _bss_lock_items(self, item_ids):
        """Pending ones among the items, locked to the end of the transaction (waits for others)."""
        items = self.env["bss.bill.run.item"]
        items.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM bss_bill_run_item WHERE id = ANY(%s) AND run_id = %s AND state = 'pending'"
                " ORDER BY id FOR UPDATE",
                list(item_ids),
                self.id,
            )
        )
        found = items.browse([row[0] for row in rows])
        found.invalidate_recordset()
        return found

    def _bss_issue_tuned(self, items):
        """Through the ORM with all lines given; False, and nothing done, when one of them needs the ordinary way."""
        if self._bss_free_numbers():
            return False  # the ordinary way gives them away
        requests = self._bss_requests(items.ids)
        if requests.problems or requests.waiting or requests.corrective or self._bss_closed_text():
            return False
        prepared = bulk.prepare(self.env, self, requests.invoices, patterns=False)
        if prepared.problems or any(tier != bulk.TUNED for tier, _reason in prepared.tiers.values()):
            return False
        if any(self._bss_amounts_problem(requests.charges[one.request.item_id], one.amounts) for one in prepared.ready):
            return False
        try:
            with self.env.cr.savepoint():
                counters = self.env["bss.invoice.counter"].sudo()
                journal = self.cycle_id.journal_id
                counters._bss_take(journal)
                number = counters._bss_next_number(journal, self.date_invoice, "out_invoice")
                moves = bulk.write_tuned(self.env, prepared, number)
                moves._bss_after_issue()
                self._bss_mark_issued(
                    [(one.request.item_id, move.id) for one, move in zip(prepared.ready, moves, strict=True)],
                    prepared.merged(),
                )
                self._bss_no_gap(moves)
                return True
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:
            _logger.info("%s: not through the prepared ORM: %s", self.name, error, exc_info=True)
            return False

    def _bss_issue_singly(self, items):
        for item in items:
            try:
                with self.env.cr.savepoint():
                    self._bss_make_invoices(item)
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:  # noqa: BLE001 - the reason is written on the item
                item.write({"state": "error", "error": self._bss_error_text(error)})

    @staticmethod
    def _bss_error_text(error):
        text = str(error).strip()
        if isinstance(error, UserError | ValidationError) and text:
            return text
        return f"{type(error).__name__}: {text}"

    def _bss_make_invoices(self, items):
        """Create and post the invoices of the items, mark charges and items. Part of one transaction.

        An item has at most one invoice, and corrective invoices: see ``_bss_corrective_groups``.
        """
        charges = self._bss_charges_of(items)
        taxes = self._bss_taxes(self.env["bss.charge"].union(*charges.values()))
        plan, vals_list, merged = [], [], []
        for item in items:
            account = item.account_id
            invoiced, corrected = self._bss_split(charges[item.id])
            if invoiced:
                plan.append((item, invoiced))
                vals = self._bss_move_vals(account, invoiced, taxes)
                merged += self._bss_share_lines(item, vals, taxes)
                vals_list.append(vals)
            for originals, reductions in self._bss_corrective_groups(corrected):
                plan.append((item, reductions))
                vals_list.append(self._bss_refund_vals(account, originals, reductions, taxes))
        numbered = self._bss_supply_numbers(vals_list)
        moves = self.env["account.move"].create(vals_list)
        moves._post(soft=False)
        if numbered:
            self._bss_no_gap(moves)
        moves._bss_settle_collective()
        self._bss_mark_billed(moves, merged)
        self._bss_settle_roundings(moves.ids)
        issued = defaultdict(lambda: self.env["account.move"])
        billed = defaultdict(lambda: self.env["bss.charge"])
        for (item, own), move in zip(plan, moves, strict=True):
            self._bss_check_invoice(move, own)
            issued[item] |= move
            billed[item] |= own
        for item in items:
            waiting = charges[item.id] - billed[item]
            item.write(
                {
                    "state": "issued",
                    "move_id": issued[item].filtered(lambda move: move.move_type == "out_invoice").id,
                    "refund_ids": [(6, 0, issued[item].filtered(lambda move: move.move_type == "out_refund").ids)],
                    "charge_count": len(billed[item]),
                    "amount_charges": float(self._bss_sum(billed[item])),
                    "error": self._bss_waiting_text(waiting),
                    **issued[item]._bss_signed_totals(),
                }
            )
        moves._bss_after_issue()
        return moves

    def _bss_mark_billed(self, moves, merged=()):
        """Charges follow their lines; one statement for the batch. The net of a gross price is that of the line.

        :param merged: [(charge id, id of the charge whose line it shares)]
        """
        self.env["account.move.line"].flush_model(["amount_currency", "bss_charge_id"])
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge
                   SET state = 'billed', move_id = line.move_id, move_line_id = line.id,
                       amount = CASE WHEN charge.price_kind = 'gross' THEN -line.amount_currency
                                     ELSE charge.amount END,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s) AS issued(move_id)
                    -- looked up invoice by invoice: statistics know nothing of rows written a moment ago
            CROSS JOIN LATERAL (SELECT * FROM account_move_line own WHERE own.move_id = issued.move_id OFFSET 0) line
                 WHERE line.bss_charge_id = charge.id
                   AND charge.state = 'pending'
                """,
                self.env.uid,
                list(moves.ids),
            )
        )
        self._bss_mark_merged(merged)
        self.env["bss.charge"].invalidate_model(["amount", "state", "move_id", "move_line_id"])
