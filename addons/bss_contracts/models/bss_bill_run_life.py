"""Pausing, resuming, giving up and trying again."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .bss_bill_run_collect import COLLECT_BATCH

UNISSUED = ("pending", "held", "error")
WORKING_STAGES = ("collect", "issue")
# accounts that a message of the log names; the list of items shows the others
NAMED = 20


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def action_pause(self):
        """Stop the jobs of runs that collect or issue between two batches; what is issued stays."""
        for run in self:
            if run.state != "running":
                raise UserError(self.env._("Bill run %(name)s is not running.", name=run.name))
            if run.stage not in WORKING_STAGES:
                raise UserError(
                    self.env._("Bill run %(name)s is neither collecting nor issuing: nothing to pause.", name=run.name)
                )
        self.write({"is_paused": True})

    def action_resume(self):
        """Go on where the run was paused."""
        for run in self:
            run._bss_refuse_cancelled()
            if not run.is_paused:
                raise UserError(self.env._("Bill run %(name)s is not paused.", name=run.name))
        for run in self:
            run._bss_resume()

    def _bss_resume(self):
        self.ensure_one()
        self.is_paused = False
        if self.state == "running" and self.stage == "collect":
            self._bss_go_on_collecting()
        elif self.state == "running" and self.stage == "issue":
            self._bss_issue()

    def _bss_reopen(self):
        """Runs that were finished and have bills to issue again: they are not done."""
        self.filtered(lambda run: run.stage == "finished" and run.pending_count).write(
            {"state": "running", "stage": "issue", "finished_at": False}
        )

    def _bss_close(self):
        """Runs whose last waiting bill was held or given up are finished; nothing is left for a job to do."""
        for run in self.filtered(lambda run: run.state == "running" and run.stage == "issue"):
            run._bss_finish()

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
            # what has its number already is still written, by jobs that wait or anew; then the run ends
            if self.is_paused:
                self._bss_resume()
            return
        ended = {"is_paused": False, "finished_at": fields.Datetime.now()}
        if self.issued_count:
            self.write({**ended, "state": "done", "stage": "finished"})
        else:
            self.item_ids.write({"state": "cancelled"})
            self._bss_release_charges(SQL("bill_run_id = %s", self.id))
            self.write({**ended, "state": "cancelled"})

    def action_cancel_held(self):
        """Give up everything that is held in these runs."""
        self.env["bss.bill.run.item"].search([("run_id", "in", self.ids), ("state", "=", "held")]).action_cancel_held()

    def _bss_give_up(self, items):
        """Cancel these items of the run; their charges wait for another run. The log says who did it, when, of whom."""
        self.ensure_one()
        items &= self._bss_cancellable_items()
        if not items:
            return
        self._bss_release_charges(SQL("bill_run_item_id = ANY(%s)", items.ids))
        items.write({"state": "cancelled", "held": False})
        self._bss_close()
        names = ", ".join(items[:NAMED].mapped("account_id.display_name"))
        self.message_post(
            body=self.env._(
                "Held accounts given up, their charges wait for the next bill run: %(count)s, net %(amount)s. %(names)s",
                count=len(items),
                amount=formatLang(self.env, sum(items.mapped("amount_charges")), currency_obj=self.currency_id),
                names=f"{names}…" if len(items) > NAMED else names,
            )
        )

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
        items = self.env["bss.bill.run.item"]
        failed = items.search([("run_id", "in", self.ids), ("state", "=", "error")]).grouped("run_id")
        return self._bss_retry_all({run: failed.get(run, items) for run in self})

    def _bss_retry_all(self, items_by_run):
        """:return: window that asks about deviations, or None; with several runs an error that names the run"""
        for run, items in items_by_run.items():
            answer = run._bss_retry(items)
            if isinstance(answer, dict):
                if len(items_by_run) == 1:
                    return answer
                raise UserError(
                    self.env._("Check the deviations first, bill run by bill run: %(names)s", names=run.name)
                )
        return None

    def _bss_retry(self, items):
        """Collect and issue failed items again."""
        self.ensure_one()
        self._bss_refuse_cancelled()
        if self.stage == "collect":
            raise UserError(
                self.env._("Bill run %(name)s is still collecting: retry the errors in its preview.", name=self.name)
            )
        if not items:
            return False
        account_ids = self._bss_open_account_ids(items.ids)
        if len(account_ids) > COLLECT_BATCH:
            return self._bss_collect_in_jobs(items)
        if account_ids:
            self.write({"stage": "preview", "state": "running", "finished_at": False})
            self._bss_collect_accounts(account_ids)  # few: here and now
        return self._bss_issue_retried()

    def _bss_collect_in_jobs(self, items):
        """Collect many items again, in jobs; then the run stands in its preview and is issued from there."""
        self._bss_refuse_second_start()
        self.write({"stage": "collect", "state": "running", "is_paused": False, "finished_at": False})
        items.write({"previewed_at": False})
        return self._bss_go_on_collecting()

    def _bss_issue_retried(self):
        """Issue what was collected again. Extended where deviations are asked about first."""
        return self._bss_issue()
