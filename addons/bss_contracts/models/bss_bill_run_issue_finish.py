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
                SELECT COUNT(*) FILTER (WHERE item.id IS NOT NULL),
                       COUNT(*) FILTER (WHERE move.state = 'posted'),
                       COALESCE(SUM(move.sign * move.amount_untaxed) FILTER (WHERE item.id IS NOT NULL), 0),
                       COALESCE(SUM(move.sign * move.amount_total) FILTER (WHERE item.id IS NOT NULL), 0)
                  FROM (SELECT id, state, amount_untaxed, amount_total,
                               CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS sign
                          FROM account_move WHERE bss_bill_run_id = %(run)s) move
             -- no OR in the condition: that would compare every invoice with every item
             LEFT JOIN (SELECT own.id, own.move_id FROM bss_bill_run_item own
                         WHERE own.run_id = %(run)s AND own.state = 'issued' AND own.move_id IS NOT NULL
                         UNION ALL
                        SELECT own.id, refund.move_id FROM bss_bill_run_item own
                          JOIN bss_bill_run_item_refund_rel refund ON refund.item_id = own.id
                         WHERE own.run_id = %(run)s AND own.state = 'issued') item
                    ON item.move_id = move.id
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
