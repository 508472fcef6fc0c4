"""Receiving a bank file: kept as it came, read, and what is wrong with it noted; nothing is booked."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import adapters
from ..bank_core import formats, nrb
from ..bank_core.model import Problem, Severity

MAX_PROBLEMS = 500


class BssBankImportRead(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_receive(self, journal, name, content):
        """Keep a file as it came and read it; nothing is booked yet.

        :param journal: bank journal the file belongs to
        :raises UserError: the same bytes were received for this journal before
        :return: the record, state ``received`` or ``rejected`` (nothing of it can be used)
        """
        journal.ensure_one()
        name = adapters.storable(name)
        digest = hashlib.sha256(content).hexdigest()
        known = self.sudo().search([("journal_id", "=", journal.id), ("sha256", "=", digest)], limit=1)
        if known:
            raise UserError(
                self.env._(
                    "File %(file)s was received before, as %(name)s on %(date)s (%(known)s).",
                    file=name,
                    name=known.name,
                    date=fields.Datetime.context_timestamp(self, known.received_at).strftime("%Y-%m-%d %H:%M"),
                    known=known.file_name,
                )
            )
        record = self.create(
            {
                "journal_id": journal.id,
                "file_name": name,
                "sha256": digest,
                "size": len(content),
                "received_at": fields.Datetime.now(),
            }
        )
        record.attachment_id = self.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": self._name, "res_id": record.id}
        )
        record._bss_read()
        return record

    def _bss_parse(self):
        self.ensure_one()
        journal = self.journal_id
        return formats.read(
            self.format or "mt940",
            self.attachment_id.raw or b"",
            journal.bss_statement_dialect or "",
            journal.bss_statement_encoding or "",
        )

    def _bss_read(self):
        """Read the file and note what is in it and what is wrong with it."""
        self.ensure_one()
        found = self._bss_parse()
        usable, refusals = self._bss_usable(found)
        days = [balance.day for s in usable for balance in (s.head.opening, s.foot.closing) if balance]
        days += [tx.entry_date for s in usable for tx in s.transactions]
        self.sudo().problem_ids.unlink()
        self.write(
            {
                "dialect": found.dialect,
                "encoding": found.encoding,
                "state": "received" if usable else "rejected",
                "date_start": min(days, default=False),
                "date_end": max(days, default=False),
                "balance_start": float(usable[0].opening or 0) if usable else 0,
                "balance_end": float(usable[-1].closing or 0) if usable else 0,
                "has_opening": bool(usable) and usable[0].opening is not None,
                "has_closing": bool(usable) and usable[-1].closing is not None,
                "count_entries": sum(len(s.transactions) + len(s.unreadable) for s in usable),
                "count_unreadable": sum(len(s.unreadable) for s in usable),
            }
        )
        self._bss_note_problems([*refusals, *found.all_problems])
        return usable

    def _bss_usable(self, found):
        """Statements of this journal's bank account and currency; why the others are not."""
        own = nrb.normalise(self.journal_id.bank_account_id.acc_number or "")
        if not own:
            return [], [Problem("JOURNAL_WITHOUT_ACCOUNT", Severity.ERROR, params={"journal": self.journal_id.name})]
        usable, problems = [], []
        for statement in found.statements:
            head = statement.head
            interim = statement.opening is None and statement.closing is None
            if statement.account != own:
                params = {"value": statement.account or "?", "expected": own}
                problems.append(
                    Problem("OTHER_ACCOUNT", Severity.ERROR, head.account_line or head.line, ":25:", params)
                )
            elif statement.currency and statement.currency != self.currency_id.name:
                params = {"value": statement.currency, "expected": self.currency_id.name}
                line = head.opening.line if head.opening else head.line
                problems.append(Problem("OTHER_CURRENCY", Severity.ERROR, line, ":60F:", params))
            elif interim:
                problems.append(Problem("INTERIM", Severity.ERROR, head.line, ":60F:"))
            else:
                usable.append(statement)
        return usable, problems

    def _bss_note_problems(self, problems):
        self.env["bss.bank.import.problem"].sudo().create(
            [
                {
                    "import_id": self.id,
                    "code": problem.code,
                    "severity": problem.severity.value,
                    "line_no": problem.line,
                    "field_name": problem.field,
                    "params": {key: adapters.storable(value) for key, value in problem.params.items()},
                }
                for problem in problems[:MAX_PROBLEMS]
            ]
        )
