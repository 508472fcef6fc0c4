"""Receiving a bank file: kept as it came, read, and what is wrong with it noted; nothing is booked."""

import hashlib
import io
from contextlib import contextmanager
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime
from psycopg2 import errors

from .. import adapters
from ..bank_core import formats, nrb
from ..bank_core.formats import container
from ..bank_core.model import Problem, Severity, StatementFoot, StatementHead, Transaction, Unreadable
from ..file_reading import PartReading, refusal

MAX_PROBLEMS = 500


class BssBankImportRead(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    @api.constrains("attachment_id")
    def _check_attachment_id(self):
        """The file is read past the rights to attachments: it must be this record's own."""
        for record in self:
            attachment = record.attachment_id.sudo()
            if attachment and (attachment.res_model, attachment.res_id) != (record._name, record.id):
                raise ValidationError(self.env._("The file of a bank file cannot be exchanged for another one."))

    @api.model
    def _bss_receive(self, journal, name, content):
        """Keep a file as it came and read it; nothing is booked yet.

        :param journal: bank journal the file belongs to
        :raises UserError: the same bytes were received for this journal before
        :return: the record, state ``received``, ``shown`` (only for information) or ``rejected`` (nothing of it
            can be used); of an archive one record for each file in it
        """
        journal.ensure_one()
        name = adapters.storable(name)
        if not container.is_container(content):
            return self._bss_receive_one(journal, name, content)
        return self._bss_receive_packed(journal, name, content)

    @api.model
    def _bss_receive_packed(self, journal, name, content):
        """The files of an archive; the archive itself is kept when something in it cannot be taken."""
        records, refused, problems = self.browse(), [], []
        for member in container.members(content, name):
            if member.problem:
                problems.append(replace(member.problem, field=member.name))
                continue
            try:
                # an archive of several accounts: each file goes to the journal of its own
                home = self.with_company(journal.company_id)._bss_journal_of(member.name, member.content) or journal
                records |= self._bss_receive_one(home, adapters.storable(member.name), member.content)
            except UserError as error:
                refused.append(str(error))
                params = {"value": str(error)}
                problems.append(Problem("MEMBER_REFUSED", Severity.WARNING, 0, member.name, params))
        if refused and not records and len(refused) == len(problems):
            raise UserError("\n".join(refused))
        if problems:
            archive = self._bss_keep(journal, name, content)
            archive.state = "rejected"
            archive._bss_note_problems(problems)
            records |= archive
        return records

    @api.model
    def _bss_receive_one(self, journal, name, content):
        record = self._bss_keep(journal, name, content)
        record._bss_read()
        return record

    @api.model
    def _bss_keep(self, journal, name, content):
        """The record of a file, as it came.

        :raises UserError: the same bytes were received for this journal before
        """
        digest = hashlib.sha256(content).hexdigest()
        known = self.sudo().search([("journal_id", "=", journal.id), ("sha256", "=", digest)], limit=1)
        if known:
            raise UserError(
                self.env._(
                    "File %(file)s was received before, as %(name)s on %(date)s (%(known)s).",
                    file=name,
                    name=known.name,
                    date=format_datetime(self.env, known.received_at, dt_format="short"),
                    known=known.file_name,
                )
            )
        vals = {
            "journal_id": journal.id,
            "file_name": name,
            "sha256": digest,
            "size": len(content),
            "received_at": fields.Datetime.now(),
        }
        try:
            with self.env.cr.savepoint():
                record = self.create(vals)
                record.flush_recordset()
        except errors.UniqueViolation as error:
            raise UserError(
                self.env._("File %(file)s is being received by somebody else at this moment.", file=name)
            ) from error
        record.attachment_id = self.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": self._name, "res_id": record.id}
        )
        return record

    @contextmanager
    def _bss_open(self):
        """The file as a stream of events, read as it is consumed: its size does not matter."""
        self.ensure_one()
        attachment = self.attachment_id.sudo()
        if attachment.store_fname:
            attachment.flush_recordset()
            with open(attachment._full_path(attachment.store_fname), "rb") as source:
                yield self._bss_stream(source)
        else:
            yield self._bss_stream(io.BytesIO(attachment.raw or b""))

    def _bss_stream(self, source):
        return formats.open_file(source, self.file_name or "", "", self._bss_options())

    def _bss_options(self):
        journal = self.journal_id
        return formats.Options(
            dialect=journal.bss_statement_dialect or "",
            encoding=journal.bss_statement_encoding or "",
            currency=self.currency_id.name,
            own_account=self._bss_own_account(),
            **journal._bss_report_options(),
        )

    def _bss_own_account(self):
        return nrb.normalise(self.journal_id.sudo().bank_account_id.acc_number or "")

    def _bss_read(self):
        """Read the file and note what is in it and what is wrong with it."""
        self.ensure_one()
        if self.progress_done:
            raise UserError(self.env._("File %(name)s is imported in part; go on importing it.", name=self.name))
        with self._bss_open() as stream:
            parts, problems, more = self._bss_take_down(stream)
            vals = {"format": stream.format, "dialect": stream.dialect, "encoding": stream.encoding}
        refusals = self._bss_refusals(parts)
        usable = [reading for reading in parts if reading.is_usable]
        self.sudo().problem_ids.unlink()
        self.sudo().part_ids.unlink()
        self.write({**vals, **self._bss_totals(usable), "state": self._bss_state_after_reading(usable)})
        made = self.env["bss.bank.import.statement"].sudo().create([reading.vals(self.id) for reading in parts])
        if more:
            problems.append(Problem("MORE_PROBLEMS", Severity.WARNING, params={"value": str(more)}))
        self._bss_note_problems([*refusals, *problems])
        return made

    def _bss_refusals(self, parts):
        """Why statements cannot be used for this journal; marks them."""
        own = self._bss_own_account()
        if not own:
            for reading in parts:
                reading.is_usable = False
            return [Problem("JOURNAL_WITHOUT_ACCOUNT", Severity.ERROR, params={"journal": self.journal_id.name})]
        if self.journal_id.restrict_mode_hash_table:
            for reading in parts:
                reading.is_usable = False
            return [_secured(self.journal_id)]
        refusals = []
        for reading in parts:
            problem = refusal(reading, own, self.currency_id.name)
            if problem:
                reading.is_usable = False
                refusals.append(problem)
            elif reading.kind in ("interim", "notice") and not self.journal_id.bss_book_notices:
                refusals.append(Problem("INTERIM", Severity.INFO, reading.head.line))
        return refusals

    def _bss_check_unsecured(self):
        """Journals that hash their entries take none that is not reconciled, and a file has always some: fees at least.

        Nothing may be booked before somebody says so: with the first hash the journal can never be freed of them.

        :raises UserError: such a journal would be booked in
        """
        for journal in self.journal_id | self._bss_line_journal():
            if journal.restrict_mode_hash_table:
                raise UserError(self._bss_problem_text(_secured(journal)))

    def _bss_take_down(self, stream):
        """(statements, problems, number of problems beyond those kept) of a whole file, in flat memory."""
        parts, problems, more, reading = [], list(stream.problems), 0, None
        for event in stream:
            found = ()
            if isinstance(event, Transaction):
                reading.take(event)
                found = event.problems
            elif isinstance(event, StatementHead):
                reading = PartReading(event, len(parts), stream.format)
                parts.append(reading)
            elif isinstance(event, Unreadable):
                reading.take_unreadable(event)
                found = (event.problem,)
            elif isinstance(event, StatementFoot):
                reading.end(event)
            else:
                found = (event,)
            room = max(MAX_PROBLEMS - len(problems), 0)
            problems.extend(found[:room])
            more += len(found[room:])
        return parts, sorted(problems, key=lambda problem: problem.line), more

    def _bss_totals(self, usable):
        first, last = (usable[0], usable[-1]) if usable else (None, None)
        days = [day for reading in usable for day in (reading.first, reading.last) if day]
        return {
            "kind": first.kind if first else "statement",
            "date_start": min(days, default=False),
            "date_end": max(days, default=False),
            "balance_start": float(first.opening or 0) if first else 0,
            "balance_end": float(last.closing or 0) if last else 0,
            "has_opening": bool(first) and first.opening is not None,
            "has_closing": bool(last) and last.closing is not None,
            "count_entries": sum(reading.count for reading in usable),
            "count_unreadable": sum(reading.count_unreadable for reading in usable),
            "progress_total": sum(reading.count for reading in usable),
            "is_queued": False,
            "error": False,
        }

    def _bss_state_after_reading(self, usable):
        if not usable:
            return "rejected"
        kinds = {reading.kind for reading in usable}
        if kinds <= {"interim", "notice"} and not self.journal_id.bss_book_notices:
            return "shown"
        return "received"

    def _bss_note_problems(self, problems, part=None):
        return (
            self.env["bss.bank.import.problem"]
            .sudo()
            .create(
                [
                    {
                        "import_id": self.id,
                        "part_id": part.id if part else False,
                        "code": problem.code,
                        "severity": problem.severity.value,
                        "line_no": problem.line,
                        "field_name": adapters.storable(problem.field),
                        "params": {key: adapters.storable(value) for key, value in problem.params.items()},
                    }
                    for problem in problems[: MAX_PROBLEMS + 10]
                ]
            )
        )

    def _bss_problem_text(self, problem):
        return (
            self.env["bss.bank.import.problem"]
            .new({"code": problem.code, "line_no": problem.line, "params": dict(problem.params)})
            .message
        )


def _secured(journal):
    return Problem("JOURNAL_SECURED", Severity.ERROR, params={"journal": journal.name})
