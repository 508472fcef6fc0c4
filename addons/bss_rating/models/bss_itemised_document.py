"""Itemised bills of invoices: archived beside them, by the bill run or at the first print, and sent with them."""

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.tools import SQL
from psycopg2.errors import UniqueViolation

from .. import itemised_store
from ..report.itemised_bill import ItemisedBill

KIND = "itemised"
ARCHIVE_BATCH = 50  # a bill may have many thousands of events: so many files are in memory at once


class BssDocument(models.Model):
    _inherit = "bss.document"

    kind = fields.Selection(selection_add=[(KIND, "Itemised bill")], ondelete={KIND: "set default"})

    _itemised_once = models.UniqueIndex(
        "(res_model, res_id, version) WHERE kind = 'itemised'",
        "The itemised bill of this version of the invoice is archived already.",
    )

    def action_open(self):
        """By a way that may write: who opens an itemised bill is written down."""
        if self.kind != KIND:
            return super().action_open()
        return {"type": "ir.actions.act_url", "url": f"/bss/itemised/document/{self.id}", "target": "new"}


class AccountMove(models.Model):
    _inherit = "account.move"

    bss_has_usage = fields.Boolean(compute="_compute_bss_has_usage", string="Charges Usage")

    def _compute_bss_has_usage(self):
        found = itemised_store.usage_charges(self.env.cr, self._origin.ids)
        for move in self:
            move.bss_has_usage = move._origin.id in found

    def action_itemised_bill(self):
        self.ensure_one()
        return self.env["bss.itemised.bill"]._bss_open(account_id=self.bss_account_id.id, move_id=self.id)

    # --- archive

    @api.private
    def _bss_archive_invoices(self):
        documents = super()._bss_archive_invoices()
        self._bss_archive_itemised()
        return documents

    def _bss_archive_itemised(self):
        """Archive the itemised bills that accounts want with every invoice; those that are there stay.

        :return: documents of all these invoices that have one
        """
        archive = self.env["bss.document"].sudo()
        wanted = self.sudo()._bss_with_itemised()
        made = {
            (document.res_id, document.version): document
            for document in archive.search(
                [("kind", "=", KIND), ("res_model", "=", self._name), ("res_id", "in", wanted.ids)]
            )
        }
        missing = wanted.filtered(lambda move: (move.id, move.bss_document_version) not in made)
        for start in range(0, len(missing), ARCHIVE_BATCH):
            batch = missing[start : start + ARCHIVE_BATCH]
            try:
                documents = archive._bss_archive_many(KIND, [move._bss_itemised_entry() for move in batch])
            except UniqueViolation as error:
                raise ConcurrencyError(self.env._("The document was archived by somebody else meanwhile.")) from error
            made |= {(document.res_id, document.version): document for document in documents}
        return archive.union(*(made[move.id, move.bss_document_version] for move in wanted))

    def _bss_itemised_entry(self):
        """What ``bss.document._bss_archive_many`` is told of the itemised bill of an invoice."""
        account = self.bss_account_id
        return {
            "name": self.env._("%(invoice)s itemised", invoice=self.name),
            "pdf": ItemisedBill(account, account._bss_itemised_view(), move=self).pdf(),
            "record": self,
            "account": account,
            "channel": account.delivery_method,
            "version": self.bss_document_version,
        }

    def _bss_with_itemised(self):
        """Posted invoices with usage, of accounts that want an itemised bill with each."""
        ours = self.filtered(
            lambda move: (
                move.state == "posted" and move._bss_prints_itself() and move.bss_account_id.itemised_bill == "invoice"
            )
        )
        found = itemised_store.usage_charges(self.env.cr, ours.ids) if ours else {}
        return ours.filtered(lambda move: move.id in found)

    # --- to the customer

    def _bss_deliver(self, document):
        """What leaves with the invoice is sent as the invoice is."""
        problem = super()._bss_deliver(document)
        itemised = self._bss_itemised_documents()
        if not problem and document.state != "issued" and itemised.state == "issued":
            itemised.channel = document.channel
            itemised.action_mark_sent()
        return problem

    def _bss_itemised_documents(self):
        """The archived itemised bill of the invoice as it stands."""
        self.ensure_one()
        found = self.sudo().bss_document_ids.filtered(
            lambda one: one.kind == KIND and one.version == self.sudo().bss_document_version
        )
        return found.sorted("id")[-1:]


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """The itemised bill leaves with its invoice.

        The archived file itself, linked to the message when Odoo is through with the files of the message, which it makes its
        own: so only those who may see whom somebody called can open it there. The e-mail is sent after that.
        """
        result = super()._send_mail(move, mail_template, **kwargs)
        document = move._bss_itemised_documents() if move.bss_account_id else self.env["bss.document"]
        if document:
            message = move.sudo().message_ids.sorted("id")[-1:]
            message.attachment_ids = [Command.link(document.attachment_id.id)]
            if document.state == "issued":
                document.channel = "email"
                document.action_mark_sent()
        return result


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_document_rows(self):
        """Also (run, invoice, its itemised bill or NULL) where the account wants one."""
        self.env["bss.account"].flush_model(["itemised_bill"])
        self.env["bss.charge"].flush_model(["move_id", "rating_run_id", "state"])
        return SQL(
            """
            %s UNION ALL
            SELECT move.bss_bill_run_id, move.id, document.id
              FROM account_move move
              JOIN bss_account account ON account.id = move.bss_account_id AND account.itemised_bill = 'invoice'
         LEFT JOIN bss_document document
                ON document.res_model = 'account.move' AND document.res_id = move.id AND document.kind = 'itemised'
               AND document.version = COALESCE(move.bss_document_version, 1)
             WHERE move.bss_bill_run_id = ANY(%s) AND move.state = 'posted'
               AND EXISTS (SELECT 1 FROM bss_charge charge WHERE charge.move_id = move.id AND %s)
            """,
            super()._bss_document_rows(),
            self._origin.ids,
            itemised_store.IS_USAGE,
        )
