"""Mass letters on their way: jobs that write them, and buttons that stop them, go on and try again."""

import logging

from odoo import models
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

CHANNEL = "root.bss.dunning"
#: letters of one job, one transaction
BATCH = 100
UNFINISHED = ("running", "stopped")


class BssDunningLetterBatchSend(models.Model):
    _inherit = "bss.dunning.letter.batch"  # pylint: disable=consider-merging-classes-inherited

    # Jobs

    def _bss_queue(self):
        """Jobs for the accounts that wait, and one that closes."""
        for batch in self:
            jobs = [
                batch.delayable(channel=CHANNEL, identity_key=f"bss_letter_batch:{batch.id}:{part[0]}")._job_send(part)
                for part in batch._bss_parts()
            ]
            finish = batch.delayable(channel=CHANNEL)._bss_finish()
            (chain(group(*jobs), finish) if jobs else finish).delay()

    def _bss_parts(self):
        """Ids of the accounts that wait, cut into lists; accounts of one customer stay together.

        Jobs run side by side: only within one of them a letter counts as a contact of the next one.
        """
        self.env["bss.dunning.letter.batch.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.id, COALESCE(partner.commercial_partner_id, partner.id)
                  FROM bss_dunning_letter_batch_item item
                  JOIN bss_account account ON account.id = item.account_id
                  JOIN res_partner partner ON partner.id = account.partner_id
                 WHERE item.batch_id = %s AND item.state = 'new'
                 ORDER BY 2, 1
                """,
                self.id,
            )
        )
        parts, last = [], None
        for item_id, customer in rows:
            if not parts or (len(parts[-1]) >= BATCH and customer != last):
                parts.append([])
            parts[-1].append(item_id)
            last = customer
        return parts

    def _job_send(self, item_ids):
        """One transaction. Passed over is what an earlier attempt has done and what another job has in its hands.

        A row that another job has finished since this one began is a lost race: the database says so to whoever locks
        it, and the whole job is repeated.
        """
        self.ensure_one()
        batch = self.with_company(self.company_id)
        if batch.state != "running":
            return  # stopped meanwhile
        items = batch.env["bss.dunning.letter.batch.item"].browse(item_ids).exists()
        items = items.try_lock_for_update().filtered(lambda item: item.state == "new")
        try:
            with self.env.cr.savepoint():
                items._bss_send()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, RetryableJobError):
            raise  # a lost race: the whole job is repeated
        except Exception:
            # one of them fails: each on its own, so that it does not stop the others
            _logger.info("Mass letter %s: accounts are written to one by one", self.name, exc_info=True)
            self.env.invalidate_all()
            for item in items:
                item._bss_send_alone()

    def _bss_finish(self):
        """Where accounts still wait it was stopped, or a job was lost: it stays open and is gone on with."""
        self.ensure_one()
        if self.state not in UNFINISHED or self.waiting_count:
            return
        self.state = "done_errors" if self.failed_count else "done"
        self._message_log(
            body=self.env._(
                "Finished: %(sent)s sent, %(skipped)s left out, %(failed)s failed.",
                sent=self.sent_count,
                skipped=self.skipped_count,
                failed=self.failed_count,
            )
        )

    # Buttons

    def action_start(self):
        """Go on with the accounts that wait, after a stop or an interruption."""
        self.check_access("write")
        for batch in self.sudo():
            if batch.state not in UNFINISHED:
                raise UserError(self.env._("Mass letter %(name)s is finished.", name=batch.name))
            batch.state = "running"
            who = batch._bss_who(batch.waiting_count)
            batch._message_log(body=self.env._("Gone on with by %(user)s: %(count)s account(s).", **who))
            batch._bss_queue()

    def action_stop(self):
        """No further job writes; those that have begun end what they have in their hands."""
        self.check_access("write")
        for batch in self.sudo():
            if batch.state != "running":
                raise UserError(self.env._("Mass letter %(name)s is not running.", name=batch.name))
            batch.state = "stopped"
            who = batch._bss_who(batch.waiting_count)
            batch._message_log(body=self.env._("Stopped by %(user)s: %(count)s account(s) left.", **who))
            batch._bss_finish()

    def action_retry(self):
        """Once more for the accounts that failed; the others, which may be many, are not read."""
        failed = [("batch_id", "in", self.ids), ("state", "=", "failed")]
        self._bss_retry(self.env["bss.dunning.letter.batch.item"].search(failed))

    def _bss_retry(self, items):
        """Once more for these accounts; to those that got their letter none is written."""
        self.check_access("write")
        for batch in self:
            if batch.state in UNFINISHED:
                raise UserError(
                    self.env._("Mass letter %(name)s is not finished: go on with it first.", name=batch.name)
                )
        again = items.sudo().filtered(lambda item: item.state in ("failed", "skipped"))
        if not again:
            raise UserError(self.env._("None of these accounts failed or was left out."))
        again.write({"state": "new", "reason": False})
        for batch, own in again.grouped("batch_id").items():
            batch.state = "running"
            who = batch._bss_who(len(own))
            batch._message_log(body=self.env._("Tried again by %(user)s: %(count)s account(s).", **who))
            batch._bss_queue()

    def _bss_who(self, count):
        """Values of what the history tells of a button."""
        return {"user": self.env.user.name, "count": count}

    def action_refresh(self):
        """The client reads the record anew after every button."""

    def action_view_items(self):
        return self._bss_view_items({})

    def action_view_failed(self):
        return self._bss_view_items({"search_default_failed": 1})

    def action_view_skipped(self):
        return self._bss_view_items({"search_default_skipped": 1})

    def _bss_view_items(self, context):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounts of %(name)s", name=self.name),
            "res_model": "bss.dunning.letter.batch.item",
            "view_mode": "list",
            "domain": [("batch_id", "=", self.id)],
            "context": context,
        }

    def action_view_letters(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        return {**action, "domain": [("letter_batch_item_ids.batch_id", "=", self.id)], "context": {}}

    def _bss_open(self):
        """Their form, or their list where accounts of several companies are written to."""
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_letter_batch_action")
        if len(self) > 1:
            return {**action, "domain": [("id", "in", self.ids)], "context": {}}
        return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": self.id, "context": {}}
