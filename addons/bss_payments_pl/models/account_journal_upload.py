from odoo import models


class AccountJournalUpload(models.Model):
    _inherit = "account.journal"  # pylint: disable=consider-merging-classes-inherited

    def create_document_from_attachment(self, attachment_ids):
        """Files dropped on the card of a bank journal in the accounting dashboard are bank files."""
        journal = self.browse(self.env.context.get("default_journal_id") or [])
        if journal.type == "bank" and journal.bank_account_id:
            return self.env["bss.bank.import"].create_document_from_attachment(attachment_ids)
        return super().create_document_from_attachment(attachment_ids)
