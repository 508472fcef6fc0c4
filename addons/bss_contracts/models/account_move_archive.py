import logging

from odoo import api, models
from odoo.tools.misc import file_path

from ..report import invoice_data, typst_engine

INVOICE_TEMPLATE = "bss_contracts/report/typst/invoice.typ"
ARCHIVE_BATCH = 100  # contents and files of so many are in memory at once

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _bss_invoice_pdf(self):
        """Bytes for printing: the archived document when posted, a marked draft otherwise."""
        self.ensure_one()
        if self.state == "posted":
            return self._bss_archive_invoices().sudo()._bss_content()
        return self._bss_render_invoice(self._bss_document_content())

    def _bss_render_invoice(self, data):
        """PDF bytes of a content, in the way that the company prints."""
        self.ensure_one()
        assets = invoice_data.assets(self.company_id)
        # the logo is layout, not content: today's, or none
        data = {**data, "seller": {**data["seller"], "logo": next(iter(assets), "")}}
        template = file_path(INVOICE_TEMPLATE, filter_ext=(".typ",))
        return typst_engine.render(template, data, assets, self.invoice_date or None)

    @api.private
    def _bss_archive_invoices(self):
        """Archived documents of the posted invoices; made when absent, the same ones when called again.

        A number that KSeF gives later makes a second document, because it must carry the number, and so does
        an invoice that was changed and posted again.
        """
        documents = self.env["bss.document"]
        ours = self.filtered(lambda move: move.state == "posted" and move._bss_prints_itself())
        for start in range(0, len(ours), ARCHIVE_BATCH):
            documents |= ours[start : start + ARCHIVE_BATCH]._bss_archive_batch()
        return documents

    def _bss_archive_batch(self):
        documents = self.env["bss.document"]
        existing = {
            (document.res_id, document.version, document.content_key or ""): document
            for document in documents.sudo().search(
                [("kind", "=", "invoice"), ("res_model", "=", self._name), ("res_id", "in", self.ids)]
            )
        }
        contents = self._bss_document_contents()
        keys = {
            move.id: (move.id, move.sudo().bss_document_version, (contents[move.id]["ksef"] or {}).get("number") or "")
            for move in self
        }
        missing = self.filtered(lambda move: keys[move.id] not in existing)
        made = documents._bss_archive_many(
            "invoice",
            [
                {
                    "name": move.name,
                    "pdf": move._bss_render_invoice(contents[move.id]),
                    "record": move,
                    "account": move.bss_account_id,
                    "channel": move.bss_account_id.delivery_method,
                    "content_key": keys[move.id][2],
                    "version": keys[move.id][1],
                }
                for move in missing
            ],
        )
        existing |= {keys[move.id]: document for move, document in zip(missing, made, strict=True)}
        return documents.union(*(existing[keys[move.id]].with_env(self.env) for move in self))
