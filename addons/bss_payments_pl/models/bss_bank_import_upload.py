"""Files dropped on a screen: each is received and imported, and told about on one summary."""

import io

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..bank_core import formats, nrb
from ..bank_core.model import StatementHead
from .bss_bank_import_run import WAITING

SUMMARY_PROBLEMS = 5


class BssBankImportUpload(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    def create_document_from_attachment(self, attachment_ids):
        """Odoo's upload widgets call this with the files that a user dropped or chose.

        :return: the action of the summary
        :raises AccessError: the user may not import bank files
        """
        self.check_access("create")
        attachments = self.env["ir.attachment"].browse(attachment_ids).exists()
        if any(each.create_uid != self.env.user or each.res_model for each in attachments):
            raise AccessError(self.env._("These are not files of your upload."))
        files = [(each.name, each.raw or b"") for each in attachments.sorted("name")]
        journal = self.env["account.journal"].browse(self.env.context.get("default_journal_id") or [])
        taken, refused = self._bss_take_upload(files, journal.filtered(lambda each: each.type == "bank"))
        attachments.unlink()
        return taken._bss_summary_action(refused)

    @api.model
    def _bss_take_upload(self, files, journal=None):
        """Receive all files, then import those that can be used, in the order of their dates.

        :param files: [(name, bytes)]
        :param journal: bank journal of files that name no bank account of the company
        :return: (records, [{"file": name, "why": why it was refused}])
        """
        taken, refused = self.browse(), []
        for name, content in files:
            try:
                with self.env.cr.savepoint():
                    home = self._bss_journal_of(name, content) or journal or self._bss_default_journal()
                    if not home:
                        raise UserError(self.env._("The company has no bank journal."))
                    taken |= self._bss_receive(home, name, content)
            except UserError as error:
                refused.append({"file": name, "why": str(error)})
        for record in taken.filtered(lambda each: each.state == "received").sorted("date_start"):
            try:
                with self.env.cr.savepoint():
                    record.action_import()
            except UserError as error:
                refused.append({"file": record.file_name, "why": str(error)})
        return taken, refused

    @api.model
    def _bss_journal_of(self, name, content):
        """The bank journal of the account that the file names; empty when it names none of ours."""
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id), ("bank_account_id", "!=", False)]
        )
        numbers = {nrb.normalise(journal.bank_account_id.acc_number or ""): journal for journal in journals}
        for event in formats.open_file(io.BytesIO(content), name):
            if isinstance(event, StatementHead) and event.account in numbers:
                return numbers[event.account]
            if isinstance(event, StatementHead):
                break
        return self.env["account.journal"]

    @api.model
    def _bss_default_journal(self):
        company = [("company_id", "=", self.env.company.id)]
        pools = self.env["bss.virtual.account.pool"].search(company)
        return pools.journal_id[:1] or self.env["account.journal"].search([("type", "=", "bank"), *company], limit=1)

    def _bss_summary_action(self, refused=()):
        return {
            "type": "ir.actions.client",
            "tag": "bss_payments_pl.upload_summary",
            "name": self.env._("Bank Files Received"),
            "params": {"import_ids": self.ids, "refused": list(refused)},
        }

    def action_view_summary(self):
        """The same summary later, from the file's form or the list."""
        return self._bss_summary_action()

    def get_summary(self):
        """What became of each file, for the summary; amounts are whole minor units."""
        self.check_access("read")
        return [
            record._bss_summary()
            for record in self.sorted(lambda each: (each.date_start or each.create_date.date(), each.id))
        ]

    def _bss_summary(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        minor = self.env["bss.payment.inbox"]._minor
        problems = self.problem_ids.sorted(lambda each: ("error", "warning", "info").index(each.severity))
        return {
            "id": self.id,
            "name": self.name,
            "file": self.file_name or "",
            "journal": self.journal_id.sudo().display_name,
            "state": self.state,
            "state_label": states[self.state],
            "working": self.is_queued and self.state in WAITING,
            "may_import": self.has_access("write"),
            "progress": round(self.progress),
            "error": self.error or "",
            "from": str(self.date_start or ""),
            "to": str(self.date_end or ""),
            "currency": self.currency_id.id,
            "unit": 10**self.currency_id.decimal_places,
            "counts": {
                "entries": self.count_entries,
                "booked": self.count_booked,
                "to_decide": self.count_to_decide - self.count_returns,
                "returns": self.count_returns,
                "known": self.count_known,
                "unreadable": self.count_unreadable,
                "debits": self.count_debits,
            },
            "amounts": {
                name: minor(self[f"amount_{name}"], self.currency_id)
                for name in ("credits", "booked", "to_decide", "rejected", "debits", "difference")
            },
            "problems": [
                {"id": each.id, "severity": each.severity, "line": each.line_no or 0, "message": each.message}
                for each in problems[:SUMMARY_PROBLEMS]
            ],
            "more_problems": max(0, len(problems) - SUMMARY_PROBLEMS),
        }
