import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..report import invoice_data

INVOICE_TEMPLATE = "bss_contracts/report/typst/invoice.typ"


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_document_ids = fields.One2many(
        "bss.document",
        "res_id",
        string="Issued documents",
        readonly=True,
    )
    bss_document_data = fields.Json(
        string="Content at Issue",
        readonly=True,
        copy=False,
        prefetch=False,
        groups="base.group_system",
        help="What the document says, kept from the moment of posting: later changes of customers do not reach it.",
    )
    bss_document_version = fields.Integer(
        string="Document Version",
        readonly=True,
        copy=False,
        default=1,
        groups="base.group_system",
        help="Grows when an issued invoice is set back to draft, changed and posted again.",
    )
    bss_document_count = fields.Integer(string="Issued", compute="_compute_bss_document_count")

    def _compute_bss_document_count(self):
        counts = dict(
            self.env["bss.document"]
            .sudo()
            ._read_group([("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"])
        )
        for move in self:
            move.bss_document_count = counts.get(move.id, 0)

    # --- what the document says

    def _bss_invoice_document_data(self):
        """Everything the invoice prints, as plain text; other addons add through super().

        Asked once, at posting. ``ksef``: see ``_bss_late_document_data``.
        ``notes``: sentences below the amount in words.
        """
        self.ensure_one()
        return invoice_data.collect(self)

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted.filtered(lambda move: move.state == "posted" and move._bss_prints_itself())._bss_freeze_document()
        return posted

    def _bss_freeze_document(self):
        """Keep what the document says; one cheap statement each, `write` would check every posted invoice."""
        self.flush_recordset()
        archived = self._bss_archived_versions()
        for move in self.sudo():
            data = json.dumps(move._bss_invoice_document_data(), ensure_ascii=False)
            version = move.bss_document_version
            if version in archived.get(move.id, ()) and move.bss_document_data != json.loads(data):
                version += 1
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move SET bss_document_data = %s::jsonb, bss_document_version = %s WHERE id = %s",
                    data,
                    version,
                    move.id,
                )
            )
        self.invalidate_recordset(["bss_document_data", "bss_document_version"], flush=False)

    def _bss_archived_versions(self):
        """{id of the invoice: versions of it in the archive}"""
        rows = (
            self.env["bss.document"]
            .sudo()
            ._read_group(
                [("kind", "=", "invoice"), ("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id"],
                ["version:array_agg"],
            )
        )
        return {move_id: set(versions) for move_id, versions in rows}

    def _bss_document_content(self):
        """What is printed: for an issued document what it said at issue, with what KSeF gave since."""
        self.ensure_one()
        move = self.sudo()
        if move.state != "posted":
            return invoice_data.finish(move._bss_invoice_document_data())
        if not move.bss_document_data:  # posted before it became part of a billing account
            move._bss_freeze_document()
        return invoice_data.finish(invoice_data.with_late(move.bss_document_data, move._bss_late_document_data()))

    def _bss_late_document_data(self):
        """News that an issued document may still learn: ``ksef`` {number, url}, ``corrected`` KSeF number."""
        self.ensure_one()
        return invoice_data.late(self)

    def _bss_prints_itself(self):
        """Invoices and credit notes of billing accounts have their own document."""
        self.ensure_one()
        return bool(self.bss_account_id) and self.move_type in ("out_invoice", "out_refund")

    # --- PDF

    def _bss_invoice_pdf(self):
        """Bytes for printing: the archived document when posted, a marked draft otherwise."""
        self.ensure_one()
        if self.state == "posted":
            return self._bss_archive_invoice().sudo()._bss_content()
        return self._bss_render_invoice(self._bss_document_content())

    def _bss_render_invoice(self, data):
        self.ensure_one()
        assets = invoice_data.assets(self.company_id)
        # the logo is layout, not content: today's, or none
        data = {**data, "seller": {**data["seller"], "logo": next(iter(assets), "")}}
        return self.env["bss.document"]._bss_render_typst(INVOICE_TEMPLATE, data, assets, self.invoice_date or None)

    @api.private
    def _bss_archive_invoice(self):
        """Archived documents of the posted invoices; made when absent, the same ones when called again.

        A number that KSeF gives later makes a second document, because it must carry the number, and so does
        an invoice that was changed and posted again.
        """
        documents = self.env["bss.document"]
        existing = {
            (document.res_id, document.version, document.content_key or ""): document
            for document in documents.sudo().search(
                [("kind", "=", "invoice"), ("res_model", "=", self._name), ("res_id", "in", self.ids)]
            )
        }
        for move in self.filtered(lambda m: m.state == "posted" and m._bss_prints_itself()):
            data = move._bss_document_content()
            key = (data["ksef"] or {}).get("number") or ""
            version = move.sudo().bss_document_version
            document = existing.get((move.id, version, key))
            if not document:
                document = documents._bss_archive(
                    "invoice",
                    move.name,
                    move._bss_render_invoice(data),
                    move,
                    move.bss_account_id,
                    move.bss_account_id.delivery_method,
                    content_key=key,
                    version=version,
                )
            documents |= document.with_env(self.env)
        return documents

    # --- Odoo's own print, send and portal

    def bss_print_own_pdf(self, report_name):
        """The web client asks: is ``report_name`` of all these invoices made by us?"""
        self.check_access("read")
        return bool(self) and self.env["ir.actions.report"]._bss_own_records(report_name, self.ids) == self

    def action_print_pdf(self):
        self.ensure_one()
        if not self._bss_prints_itself():
            return super().action_print_pdf()
        # no look into the layout of Odoo's documents: ours has its own
        report = self.env["account.move.send"]._get_default_pdf_report_id(self)
        return report.report_action(self.ids, config=False)

    def _get_invoice_legal_documents(self, filetype, allow_fallback=False):
        self.ensure_one()
        if (
            filetype == "pdf"
            and self.state == "posted"
            and self._bss_prints_itself()
            and not self.invoice_pdf_report_id
        ):
            return self._bss_legal_document()
        return super()._get_invoice_legal_documents(filetype, allow_fallback=allow_fallback)

    def _get_invoice_legal_documents_all(self, allow_fallback=False):
        self.ensure_one()
        if self.state == "posted" and self._bss_prints_itself() and not self.invoice_pdf_report_id:
            return [self._bss_legal_document()]
        return super()._get_invoice_legal_documents_all(allow_fallback=allow_fallback)

    def _bss_legal_document(self):
        return {
            "filename": self._get_invoice_report_filename(),
            "filetype": "pdf",
            "content": self._bss_invoice_pdf(),
        }

    def action_open_bss_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action
