"""Pausing, resuming, giving up and trying again."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

UNISSUED = ("pending", "held", "error")
# states whose charges no other run takes
KEPT = ("pending", "held", "issued")


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def action_pause(self):
        """Stop the jobs of running runs between two batches; what is issued stays."""
        for run in self:
            if run.state != "running":
                raise UserError(self.env._("Bill run %(name)s is not running.", name=run.name))
        self.write({"is_paused": True})

    def action_resume(self):
        """Go on where the run was paused."""
        for run in self.filtered("is_paused"):
            run._bss_refuse_cancelled()
            run.is_paused = False
            if run.state == "running" and run.stage == "collect":
                run._bss_collect()
            elif run.state == "running" and run.stage == "issue":
                run._bss_issue()

    def action_cancel(self):
        """Give up what is not issued; its charges wait for another run. Invoices that are issued stay."""
        for run in self:
            if run.state in ("done", "done_errors"):
                raise UserError(
                    self.env._("Bill run %(name)s is finished: there is nothing left to cancel.", name=run.name)
                )
        for run in self:
            run._bss_cancel()

    def _bss_cancel(self):
        """Items that are not issued are cancelled and release their charges."""
        self.ensure_one()
        open_items = self._bss_cancellable_items()
        self._bss_release_charges(SQL("bill_run_item_id = ANY(%s)", open_items.ids))
        open_items.write({"state": "cancelled"})
        self.invalidate_recordset()
        if self.pending_count:
            return  # what has its number already is still written, then the run ends
        ended = {"is_paused": False, "finished_at": fields.Datetime.now()}
        if self.issued_count:
            self.write({**ended, "state": "done", "stage": "finished"})
        else:
            self.item_ids.write({"state": "cancelled"})
            self._bss_release_charges(SQL("bill_run_id = %s", self.id))
            self.write({**ended, "state": "cancelled"})

    def _bss_cancellable_items(self):
        """Items that can be given up. Extended where invoices are written under numbers reserved before."""
        return self.env["bss.bill.run.item"].search([("run_id", "=", self.id), ("state", "in", UNISSUED)])

    def _bss_release_charges(self, condition):
        """Pending charges that meet the condition wait for another run. Set-based: they may be very many."""
        charges = self.env["bss.charge"]
        charges.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge
                   SET bill_run_id = NULL, bill_run_item_id = NULL,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                 WHERE state = 'pending' AND %s
                """,
                self.env.uid,
                condition,
            )
        )
        charges.invalidate_model(["bill_run_id", "bill_run_item_id"])

    def action_retry_failed(self):
        """Collect and issue the items that failed once more."""
        for run in self:
            run._bss_retry(run.item_ids.filtered(lambda item: item.state == "error"))

    def _bss_retry(self, items):
        """Collect and issue failed items again."""
        self.ensure_one()
        self._bss_refuse_cancelled()
        if not items:
            return False
        account_ids = self._bss_open_account_ids(items.ids)
        if account_ids:
            self.write({"stage": "preview", "state": "running", "finished_at": False})
            self._bss_collect_accounts(account_ids)  # few: here and now
        return self._bss_issue()

    # -- report -------------------------------------------------------------------------------------

    def _bss_report(self):
        """Figures of the run: what was collected, and what became of it.

        :return: ``states`` {state of items: count, charges, amount}; ``collected`` their sums; ``difference``: net of
            the charges themselves that items are issued with or keep, less that of the items (0 unless something is
            wrong); what is carried over, failed or given up may be in a later run by now
        """
        self.ensure_one()
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "=", self.id)], ["state"], ["__count", "charge_count:sum", "amount_charges:sum"]
        )
        rounded = self.currency_id.round
        names = ("count", "charges", "amount")
        states = {
            state: dict(zip(names, (count, charges, rounded(amount)), strict=True))
            for state, count, charges, amount in rows
        }
        collected = {name: sum(figures[name] for figures in states.values()) for name in names}
        collected["amount"] = rounded(collected["amount"])
        kept = sum(figures["amount"] for state, figures in states.items() if state in KEPT)
        self.env["bss.charge"].flush_model(["amount", "state", "bill_run_item_id"])
        [(claimed,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(charge.amount), 0)
                  FROM bss_charge charge
                  JOIN bss_bill_run_item item ON item.id = charge.bill_run_item_id
                 WHERE item.run_id = %s
                   AND item.state IN %s
                   AND (charge.state = 'billed' OR charge.state = 'pending' AND item.state != 'issued')
                """,
                self.id,
                KEPT,
            )
        )
        return {"states": states, "collected": collected, "difference": rounded(float(claimed) - kept)}
