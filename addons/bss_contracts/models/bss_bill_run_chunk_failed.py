"""What becomes of a chunk that failed: one more try by itself, and numbers given back that nobody can use."""

import json
from datetime import timedelta

from odoo import fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .. import bulk
from .bss_bill_run import CHANNEL

RETRY_SECONDS = 60


class NotIssuedError(Exception):
    """A reserved item cannot be invoiced any more; its number waits until it can."""


class BssBillRunChunk(models.Model):
    _inherit = "bss.bill.run.chunk"  # pylint: disable=consider-merging-classes-inherited

    is_retried = fields.Boolean(readonly=True, help="It failed once and was given another try by itself.")
    retry_at = fields.Datetime(
        string="Next Try", readonly=True, help="It failed; at this time it is tried once more by itself."
    )

    def _bss_fail(self, error):
        """Keep what went wrong; the first time a job tries again a minute later.

        A chunk with reserved numbers stays reserved and goes on when the cause is cured.
        """
        if self._bss_can_commit():
            self._bss_rollback()
        text = self.run_id._bss_error_text(error)
        is_again = self._bss_is_job() and not self.is_retried
        state = "reserved" if self.reserved_item_ids else "waiting" if is_again else "error"
        self._bss_set(error=text, state=state, retry_at=None)
        if is_again:
            self._bss_retry_later()
        self._bss_commit()

    def _bss_may_fail(self, error):
        """Whether this error of the database is one of the chunk: a full disk, a statement cancelled for its time.

        Of those who got in each other's way the queue lets one begin anew; for whatever else it would give the job up,
        and those that wait for it never begin. A lost connection is waited for.
        """
        if isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or not self._bss_is_job():
            return False
        if self.env.cr.connection.closed:
            raise RetryableJobError(str(error), seconds=RETRY_SECONDS) from error
        return True

    def _bss_is_job(self):
        return bool(self.env.context.get("job_uuid") and not self.env.context.get("queue_job__no_delay"))

    def _bss_retry_later(self):
        """Most of what fails once is over a minute later: a full disk, a lock, a server that was restarted."""
        at = fields.Datetime.now() + timedelta(seconds=RETRY_SECONDS)
        self._bss_set(is_retried=True, retry_at=at)
        self.with_context(job_uuid=False).delayable(
            channel=CHANNEL,
            eta=at,
            identity_key=f"bss.bill.run:{self.run_id.id}:issue:{self.id}:again",
            description=self.env._(
                "%(run)s: invoices of chunk %(number)s, second try", run=self.run_id.name, number=self.sequence
            ),
        )._bss_work_again().delay()

    def _bss_work_again(self):
        """Job: the second try; the jobs that would close the run may be over by now."""
        self._bss_work()
        self.env.invalidate_all()
        for run in self.exists().run_id:
            if run.state == "running" and run.stage == "issue":
                run._bss_finish()
        return True

    # -- numbers without invoices -------------------------------------------------------------------

    def _bss_prepare_again(self, ids):
        """What was reserved before a crash: the same items in the same order, less those whose numbers were given back.

        :raises NotIssuedError: one of them cannot be invoiced any more and its number cannot be given back
        """
        run = self.run_id
        requests = run._bss_requests(ids)
        prepared = bulk.prepare(self.env, run, requests.invoices)
        problems = {**requests.problems, **requests.waiting, **prepared.problems}
        problems.update(run._bss_amounts_problems(requests, prepared))
        problems.update(dict.fromkeys(requests.corrective, False))
        closed = run._bss_closed_text()
        if closed:
            problems = dict.fromkeys(ids, closed)
        ready = {one.request.item_id for one in prepared.ready} - problems.keys()
        for item_id in ids:
            if item_id not in ready and not problems.get(item_id):
                problems[item_id] = self.env._("its charges have changed")
        if problems and not self._bss_give_back(ids, problems):
            item = self.env["bss.bill.run.item"].browse(next(iter(problems)))
            raise NotIssuedError(
                self.env._(
                    "Numbers are reserved for these invoices, but that of account %(account)s cannot be issued: "
                    "%(reason)s Cure this and go on issuing.",
                    account=item.account_id.name,
                    reason=problems[item.id],
                )
            )
        return prepared.without(problems)

    def _bss_give_back(self, ids, problems):
        """Items that cannot be invoiced become errors, their numbers those of nobody: the last ones of the range.

        Only where no later number of the journal is taken: else they would be missing. With the counter taken, nobody
        takes one meanwhile; and whoever took one since this transaction began makes it begin anew.
        :return: whether that was possible
        """
        self.env["bss.invoice.counter"].sudo()._bss_take(self.number_journal_id)
        if self._bss_leaves_out():
            self._bss_leave_out(problems)
            return True
        if self._bss_later_numbers():
            return False
        self._bss_set_items("error", problems)
        left = [item_id for item_id in ids if item_id not in problems]
        vals = {"first_number": None, "last_number": None, "number_first": None}
        if left:
            vals = {"last_number": self._bss_number().text(len(left) - 1)}
        self._bss_set(
            reserved_item_ids=json.dumps(left) if left else None,
            number_count=len(left),
            error_count=self.error_count + len(problems),
            **vals,
        )
        return True

    def _bss_later_numbers(self):
        """Whether numbers after those of this chunk are reserved, or on an invoice."""
        [(found,)] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (SELECT FROM bss_bill_run_chunk
                                WHERE state = 'reserved' AND number_journal_id = %(journal)s
                                  AND number_prefix = %(prefix)s AND number_first > %(last)s)
                    OR EXISTS (SELECT FROM account_move
                                WHERE journal_id = %(journal)s AND sequence_prefix = %(prefix)s
                                  AND sequence_number > %(last)s)
                """,
                journal=self.number_journal_id.id,
                prefix=self.number_prefix,
                last=self.number_first + self.number_count - 1,
            )
        )
        return found
