"""End of a bill run: closed when nothing is pending, and only when everything adds up."""

from odoo import fields, models
from odoo.tools import SQL


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_finish(self):
        """Close the run when nothing is pending; its totals must equal its invoices."""
        self.ensure_one()
        self.invalidate_recordset()
        if self.state == "cancelled" or self.pending_count:
            return False
        self._bss_assert_totals()
        self.write(
            {
                "state": "done_errors" if self.error_count else "done",
                "stage": "finished",
                "is_paused": False,
                "finished_at": fields.Datetime.now(),
            }
        )
        return True

    def _bss_assert_totals(self):
        """Sum of items = run = posted invoices = billed charges; a difference is a bug and stops."""
        self.env["account.move"].flush_model()
        self.env["bss.charge"].flush_model(["amount", "state", "bill_run_id"])
        self.env["bss.bill.run.item"].flush_model()
        [(moves, posted, net, gross)] = self.env.execute_query(
            SQL(
                """
                WITH own AS MATERIALIZED (
                    SELECT item.move_id FROM bss_bill_run_item item
                     WHERE item.run_id = %(run)s AND item.state = 'issued' AND item.move_id IS NOT NULL
                     UNION ALL
                    SELECT refund.move_id FROM bss_bill_run_item item
                      JOIN bss_bill_run_item_refund_rel refund ON refund.item_id = item.id
                     WHERE item.run_id = %(run)s AND item.state = 'issued')
                SELECT (SELECT COUNT(*) FROM own),
                       COUNT(*) FILTER (WHERE move.state = 'posted'),
                       COALESCE(SUM(move.sign * move.amount_untaxed) FILTER (WHERE move.is_own), 0),
                       COALESCE(SUM(move.sign * move.amount_total) FILTER (WHERE move.is_own), 0)
                  FROM (SELECT state, amount_untaxed, amount_total,
                               CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS sign,
                               -- hashed once; a join would compare every invoice with every item when the
                               -- statistics are from before the run, which had no invoice then
                               id IN (SELECT move_id FROM own) AS is_own
                          FROM account_move WHERE bss_bill_run_id = %(run)s) move
                """,
                run=self.id,
            )
        )
        [(charged,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(amount), 0) FROM bss_charge WHERE bill_run_id = %s AND state = 'billed'",
                self.id,
            )
        )
        same = self.currency_id.compare_amounts
        if (
            moves != posted
            or same(float(net), self.amount_untaxed)
            or same(float(gross), self.amount_total)
            or same(float(charged), float(net))
        ):
            raise AssertionError(
                f"{self.name}: items {moves}/{self.amount_untaxed}/{self.amount_total},"
                f" invoices {posted}/{net}/{gross}, charges {charged}"
            )
