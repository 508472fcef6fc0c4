"""Importing a bank file in steps: what is certain is booked, the rest listed; a step is kept whole or not at all."""

import logging
from contextlib import contextmanager

from odoo import fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL
from psycopg2 import OperationalError

from ..bank_core.keys import KeyMaker
from ..bank_core.model import StatementFoot, StatementHead, Transaction, Unreadable

_logger = logging.getLogger(__name__)

#: entries that are booked in one step
CHUNK = 2000
#: states of files that are not imported yet
WAITING = ("received", "blocked", "waiting")
#: first half of the lock's name, the journal is the other
LOCK = 0x62737362


class BssBankImportRun(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def _bss_import(self, progress=None):
        """Make the statements, book what is certain, list the rest. Repeating it changes nothing.

        With ``bss_commit`` in the context, as in jobs, each step is committed: after a crash the next call goes on
        where the last one stopped. Otherwise all of it is one transaction of the caller.

        :param progress: ``progress(done, total)`` called after each step
        """
        with self._bss_in_steps() as records:
            records._bss_import_here(progress)

    def _bss_import_here(self, progress=None):
        for record in self.exists():
            # the statement belongs to accounting; who may import was checked by the access to this record
            alone = record.sudo().with_company(record.company_id).with_context(tracking_disable=True)
            with alone._bss_turn():
                alone._bss_import_alone(progress)

    def _bss_import_alone(self, progress):
        self._bss_take_state()
        try:
            if self.state in WAITING and self._bss_may_begin():
                self._bss_run(progress)
                self.env["bss.payment.match"]._bss_settle_late_returns(self.journal_id)
                self._bss_finish()
                self._bss_commit()
            # also when an earlier process died after the last step
            self._bss_wake()
            self._bss_commit()
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:
            self._bss_give_up(error)
            raise

    def _bss_may_begin(self):
        """Whether there is something to book now; the reasons against it are noted."""
        self._bss_check_unsecured()
        if self.progress_done:
            return True
        with self._bss_open() as stream:
            as_read = (stream.format, stream.dialect, stream.encoding)
        if as_read != (self.format, self.dialect or "", self.encoding or ""):
            # the settings of the journal were changed after the file was read
            self._bss_read()
        if self.state not in WAITING:
            return False
        return self._bss_report_may_begin() if self.kind == "report" else self._bss_chain_may_begin()

    def _bss_run(self, progress):
        """Read the file once more and book what has not been booked yet."""
        skip, place = self.progress_done, 0
        parts = iter(self.part_ids)
        part = maker = None
        chunk, odd = [], []
        with self._bss_open() as stream:
            for event in stream:
                if isinstance(event, StatementHead):
                    part, maker = next(parts), KeyMaker(event, stream.dialect)
                    chunk, odd = [], []
                elif isinstance(event, StatementFoot):
                    # a file that goes on has told the problems of the parts it had ended
                    if part.is_usable and not part.is_done:
                        self._bss_step(part, chunk, odd, place, progress)
                        self._bss_end_part(part)
                elif part is not None and part.is_usable and isinstance(event, (Transaction, Unreadable)):
                    place += 1
                    is_entry = isinstance(event, Transaction)
                    key = maker.key(event) if is_entry else maker.unreadable(event)
                    if place <= skip:
                        continue
                    (chunk if is_entry else odd).append((event, key))
                    if len(chunk) + len(odd) == CHUNK:
                        self._bss_step(part, chunk, odd, place, progress)
                        chunk, odd = [], []

    def _bss_step(self, part, chunk, odd, place, progress):
        if not chunk and not odd:
            return
        self._bss_book_chunk(part, chunk)
        self._bss_keep_unreadable(part, odd)
        self.progress_done = place
        if progress:
            progress(place, self.progress_total)
        self._bss_commit()

    def _bss_finish(self):
        self.write(
            {
                "state": "imported",
                "is_queued": False,
                "is_wake_due": self.kind == "statement",
                "error": False,
                "progress_done": self.progress_total,
                "imported_at": fields.Datetime.now(),
            }
        )

    def _bss_give_up(self, error):
        """The step that failed leaves nothing; those before it stay, and the file tells why it goes no further."""
        if self._bss_keep_error({"error": str(error), "is_queued": False}):
            _logger.warning("%s: import stopped", self.name, exc_info=error)
            self._bss_commit()

    # --- one at a time

    @contextmanager
    def _bss_turn(self):
        """Nobody else imports into this journal meanwhile: two files with the same entries would not see each other.

        :raises UserError: somebody does at this moment
        """
        commits = self._bss_can_commit()
        # a lock of the session outlives the commits of the steps, and a killed process gives it back
        function = SQL("pg_try_advisory_lock" if commits else "pg_try_advisory_xact_lock")
        names = SQL("%s, %s", LOCK, min(self._bss_journals_of_account().ids))
        if not self.env.execute_query(SQL("SELECT %s(%s)", function, names))[0][0]:
            self._bss_tell_busy()
        if not commits:
            yield
            return
        self._bss_commit()
        try:
            yield
        finally:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", names))
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _bss_tell_busy(self):
        text = self.env._(
            "Another file of bank journal %(journal)s is being imported; try again when it is done.",
            journal=self.journal_id.display_name,
        )
        self._bss_try_later(UserError(text), takes_long=True)

    def _bss_try_later(self, error, takes_long=False):
        """A job tries again by itself; a person is told to.

        :param error: ``UserError`` that says who was quicker
        :param takes_long: a big file of another needs more time than a job has tries; it ends, or dies, for sure
        """
        if self.env.context.get("job_uuid"):
            raise RetryableJobError(str(error), seconds=30, ignore_retry=takes_long) from error
        raise error

    def _bss_take_state(self):
        """What another process did to the file before is seen, and nobody changes it before this step ends."""
        try:
            self.lock_for_update()
        except LockError:
            self._bss_tell_busy()
        self.invalidate_recordset()
