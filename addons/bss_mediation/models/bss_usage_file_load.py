import io
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import polars as pl
from odoo import fields, models
from odoo.exceptions import UserError
from psycopg2.errors import UniqueViolation

from .. import adapters, store
from ..desk import Desk, Prepared
from ..mediation_core import FileProblem, get_format
from ..mediation_core.formats.legs import filed
from ..mediation_core.values import STRUCTURAL_CODES
from .bss_usage_file import COUNTS

_logger = logging.getLogger(__name__)

CHUNK_ROWS = 50_000
REJECT_FROM_ROWS = 20
ANALYZE_FROM_ROWS = 1_000


class _Rejected(Exception):
    """(rows read, FileProblem): nothing of the file is to be stored."""


class _Held(Exception):
    """A person must decide; nothing of the file is stored until then."""


@contextmanager
def ahead(chunks):
    """``chunks`` with the next one made in a thread while the last one is stored: neither side holds the interpreter for long."""
    with ThreadPoolExecutor(1, "bss-usage-parser") as pool:

        def following():
            coming = pool.submit(next, chunks, None)
            while (chunk := coming.result()) is not None:
                coming = pool.submit(next, chunks, None)
                yield chunk

        yield following()


class BssUsageFile(models.Model):
    _inherit = "bss.usage.file"  # pylint: disable=consider-merging-classes-inherited

    def _bss_load(self, progress=None):
        """Turn the rows into events and suspense, in one transaction with the counts.

        A process killed in the middle leaves the file received and nothing of it stored.

        :param progress: called with (bytes read, bytes in all) after every chunk
        """
        self.ensure_one()
        self.lock_for_update()
        if self.state != "received":
            raise UserError(self.env._("File %(name)s was loaded already.", name=self.name))
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                counts = self._bss_load_rows(progress)
        except _Rejected as rejected:
            rows, problem = rejected.args
            error = self._bss_refusal(problem)
            counts = {"count_rows": rows, "count_rejected": rows, "state": "rejected", "error": error}
        except _Held as held:
            counts = {"state": "held", "error": str(held)}
        self.env["bss.usage.event"].invalidate_model()
        self.env["bss.usage.suspense"].invalidate_model()
        self.write({"state": "loaded", "error": False, **counts, "loaded_at": fields.Datetime.now()})
        _logger.info("Usage file %s (%s): %s", self.id, self.name, counts)
        if self.count_difference:
            _logger.error("Usage file %s (%s): the counts miss %s rows", self.id, self.name, self.count_difference)
        self.source_id._bss_watch_file(self)
        return True

    def _bss_load_rows(self, progress):
        counts = dict.fromkeys(COUNTS, 0)
        unreadable, months, control = 0, set(), None
        source = self.source_id
        profile = adapters.source_profile(source)
        if get_format(source.format).pair:
            source._bss_take_turn()
        store.take_source(self.env.cr, source.id)
        desk = Desk(source, self.id, self.size)
        with self._bss_open() as stream, ahead(self._bss_chunks(stream, profile, desk)) as chunks:
            for prepared in chunks:
                chunk = prepared.chunk
                counts["count_rows"] += chunk.rows
                counts["count_ignored"] += chunk.ignored
                if chunk.file_problem:
                    raise _Rejected(counts["count_rows"], chunk.file_problem)
                control = chunk.control or control
                unreadable += sum(problem.code in STRUCTURAL_CODES for problem in chunk.problems)
                self._bss_check_format(counts["count_rows"], unreadable)
                self._bss_store(prepared, desk, counts)
                months.update(adapters.months(chunk.events))
                if progress:
                    progress(chunk.bytes_read, self.size)
        desk.finish()
        if not counts["count_rows"] and not (control and control.is_notification):
            raise _Rejected(0, FileProblem("EMPTY"))
        if control:
            counts |= self._bss_take_control(control)
        if get_format(source.format).pair:
            self._bss_pair(counts)
        if counts["count_loaded"] >= ANALYZE_FROM_ROWS:
            store.analyze(self.env.cr, months, counts["count_loaded"])
        return counts

    def _bss_chunks(self, stream, profile, desk):
        chunks = get_format(self.source_id.format).parse(stream, profile, CHUNK_ROWS)
        return map(desk.prepare if desk.is_whole else Prepared, chunks)

    def _bss_pair(self, counts):
        """Bring the legs of this file and those that waited together; the counts of earlier files follow at once."""
        changes = adapters.changes_of_counts(self.source_id._bss_join_legs())
        for column, change in changes.pop(self.id, {}).items():
            counts[column] += change
        self._bss_recount(changes)

    def _bss_recount(self, changes):
        """:param changes: {file id: {name of a count: what is added}}"""
        for file_id, own in sorted(changes.items()):
            file = self.browse(file_id)
            file.write({column: file[column] + change for column, change in own.items()})

    def _bss_take_control(self, control):
        """What header and trailer declare; a sequence number out of order puts the file on hold."""
        source = self.source_id
        if (odd := self._bss_odd_name(control)) and not self.is_released:
            raise _Held(odd)
        if source.sequence_from == "header" and not self.is_released:
            if control.sequence is None:
                raise _Held(self.env._("The file has no sequence number in its header."))
            if not source._bss_note_sequence(self, control.sequence):
                raise _Held(self.env._("Sequence number %(number)s is out of order.", number=control.sequence))
        return {
            "declared_rows": control.rows or 0,
            "declared_units": control.units or 0,
            "declared_amount": (control.amount_micro or 0) / 1_000_000,
            "warnings": self._bss_warnings(control),
        }

    def _bss_refusal(self, problem):
        """What is wrong with the file as a whole, in the user's language."""
        label = get_format(self.source_id.format).label
        templates = {
            "EMPTY": self.env._("The file is empty."),
            "UNREADABLE": self.env._(
                "%(bad)s of the first %(rows)s rows are unreadable: this is not a file of format %(format)s."
            ),
            "TRUNCATED": self.env._("The file is cut off: its end is missing."),
            "AUDIT_MISMATCH": self.env._(
                "The file declares %(field)s = %(declared)s, but its rows make %(counted)s: it is incomplete or was changed."
            ),
            "NOT_THIS_FORMAT": self.env._("This is not a file of format %(format)s (%(detail)s)."),
            "UNREADABLE_ENCODING": self.env._("The file cannot be read in the encoding %(encoding)s."),
            "TOO_LARGE": self.env._("A single record of the file is too large to be one (%(detail)s)."),
        }
        values = {"format": label, "detail": "", "encoding": "", "field": "", "declared": "", "counted": ""}
        return templates[problem.code] % (values | problem.params)

    def _bss_check_format(self, rows, unreadable):
        if rows >= REJECT_FROM_ROWS and 100.0 * unreadable > rows * self.source_id.error_threshold:
            raise _Rejected(rows, FileProblem("UNREADABLE", {"bad": unreadable, "rows": rows}))

    def _bss_store(self, prepared, desk, counts):
        cr, source, chunk = self.env.cr, self.source_id, prepared.chunk
        suspended = 0
        if chunk.problems:
            suspended = len(store.insert_suspense(cr, adapters.suspense_rows(chunk.problems, source, self.id)))
            rows = [(problem.line_no, problem.dedupe_key) for problem in chunk.problems]
            counts["count_duplicate"] += store.count_suspense_twins(cr, source.id, self.id, rows)
        counts["count_suspended"] += suspended
        if not chunk.legs.is_empty():
            legs = filed(chunk.legs, self.id)
            waiting, known = store.insert_legs(cr, source.company_id.id, source.id, legs)
            counts["count_waiting"] += waiting
            counts["count_duplicate"] += known
        if not chunk.events.is_empty():
            prepared = prepared if prepared.rows else desk.prepare(chunk)
            store.ensure_partitions(cr, adapters.months(prepared.rows.events))
            self._bss_store_rows(prepared, desk, counts)

    def _bss_store_rows(self, prepared, desk, counts):
        events, rest = prepared.rows.events, prepared.rows.rest
        counts["count_duplicate"] += prepared.rows.repeats
        if not events.is_empty():
            try:
                with self.env.cr.savepoint(flush=False):
                    self._bss_copy(prepared, desk, counts)
            except UniqueViolation:
                # Another transaction has stored some of them since ours began: row by row, and if need be once more from the start.
                self._bss_stage(events, counts)
        if not rest.is_empty():
            self._bss_stage(rest, counts)

    def _bss_copy(self, prepared, desk, counts):
        """Store the events that are not known yet."""
        cr, source = self.env.cr, self.source_id
        known = store.known_lines(cr, source.id, prepared.rows.events)
        if known:
            prepared = desk.without(prepared, known)
        loaded = store.copy_events(cr, prepared.columns, prepared.data) if prepared.data else 0
        counts["count_loaded"] += loaded
        counts["count_duplicate"] += len(known)

    def _bss_stage(self, rows, counts):
        """Store rows of any kind, those that are known left out."""
        cr, source = self.env.cr, self.source_id
        expected = rows.select((pl.col("reason").is_null() & ~pl.col("incoming")).sum()).item()
        store.copy_to_stage(cr, rows)
        loaded = store.insert_events(cr, source.company_id.id, source.id) if expected else 0
        counts["count_loaded"] += loaded
        if len(rows) > expected:
            counts["count_suspended"] += store.insert_suspense_of_stage(
                cr, source.company_id.id, source.id, self.env.uid
            )
            counts["count_ignored"] += store.count_incoming(cr, source.id)
        if len(rows) > loaded:
            counts["count_duplicate"] += store.count_twins(cr, source.id, only_unguided=loaded == expected)

    @contextmanager
    def _bss_open(self):
        """The content as a binary stream; from the file store without reading it whole."""
        attachment = self.sudo().attachment_id
        if attachment.store_fname and attachment._storage() == "file":
            with open(attachment._full_path(attachment.store_fname), "rb") as stream:
                yield stream
        else:
            yield io.BytesIO(attachment.raw or b"")
