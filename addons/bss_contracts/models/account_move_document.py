import json

from odoo import api, fields, models
from odoo.tools import SQL

from .. import store
from ..document_core import invoice_content, with_codes, with_late
from ..report import invoice_queries
from ..report.invoice_ahead import AheadLoader
from ..report.invoice_loader import InvoiceLoader

FREEZE_BATCH = 1000


def _text(data):
    return json.dumps(data, ensure_ascii=False)


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

    def init(self):
        result = super().init()
        store.compress_fast(self.env.cr, self._table, "bss_document_data")
        return result

    def _compute_bss_document_count(self):
        counts = dict(
            self.env["bss.document"]
            .sudo()
            ._read_group([("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"])
        )
        for move in self:
            move.bss_document_count = counts.get(move.id, 0)

    # --- what the document says

    def _bss_invoice_documents(self):
        """{id: everything the invoice prints, as plain text}; other addons add through super(), for all at once.

        Asked once, at posting. ``ksef``: see ``_bss_late_documents``. ``message`` and ``notes``: sentences of the
        company and of single invoices.
        """
        loaded = InvoiceLoader(self).load()
        return {move_id: invoice_content(invoice) for move_id, invoice in loaded.items()}

    def _bss_invoice_document_data(self):
        """``_bss_invoice_documents`` of one invoice."""
        self.ensure_one()
        return self._bss_invoice_documents()[self.id]

    def _bss_late_documents(self):
        """{id: news that an issued document may still learn}: ``ksef`` {number, url}, ``corrected`` KSeF number."""
        found = invoice_queries.ksef(self.env, self.ids)
        news = {}
        for move_id in self.ids:
            number, url, corrected = found.get(move_id, ("", "", ""))
            news[move_id] = {"ksef": {"number": number, "url": url} if number or url else {}, "corrected": corrected}
        return news

    def _bss_document_contents(self):
        """{id: what is printed}: for an issued document what it said at issue, with what KSeF gave since."""
        moves = self.sudo()
        posted = moves.filtered(lambda move: move.state == "posted")
        kept = ["bss_document_data", "bss_document_version"]
        posted.fetch(kept)  # not prefetched otherwise
        # posted before it became part of a billing account
        posted.filtered(lambda move: not move.bss_document_data)._bss_freeze_document()
        posted.fetch(kept)
        news = posted._bss_late_documents()
        drafts = (moves - posted)._bss_invoice_documents()
        contents = {
            move.id: with_late(move.bss_document_data, news[move.id]["ksef"], news[move.id]["corrected"])
            for move in posted
        }
        return {move_id: with_codes(data) for move_id, data in (contents | drafts).items()}

    def _bss_document_content(self):
        self.ensure_one()
        return self._bss_document_contents()[self.id]

    # --- kept from the moment of posting

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted.filtered(lambda move: move.state == "posted" and move._bss_prints_itself())._bss_freeze_document()
        return posted

    def _bss_bulk_after_post(self):
        """Set-based work on the new invoices of a bill run, whoever made them, in the same transaction.

        Those that went through ``_post`` keep what it has frozen.
        """
        result = super()._bss_bulk_after_post()
        self.env["account.move"].flush_model(["bss_document_data"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM account_move WHERE id = ANY(%s) AND bss_document_data IS NULL AND state = 'posted'"
                " AND bss_account_id IS NOT NULL AND move_type IN ('out_invoice', 'out_refund') ORDER BY id",
                list(self.ids),
            )
        )
        self.browse([row[0] for row in rows])._bss_freeze_document()
        return result

    @api.model
    def _bss_bulk_documents(self, setting, coming):
        """{id: text of ``bss_document_data``} of invoices about to be written as rows, so that nothing is updated.

        Empty where another addon adds to what invoices print: they are asked when the invoices are there.
        :param setting: of ``bulk.prepare``
        :param coming: [report.invoice_ahead.Coming]
        """
        loader = AheadLoader(setting, coming)
        if self._bss_documents_extended() or not loader.can_tell():
            return {}
        contents = {move_id: invoice_content(invoice) for move_id, invoice in loader.load().items()}
        return {move_id: _text(data) for move_id, data in contents.items()}

    @api.model
    def _bss_documents_extended(self):
        name = "_bss_invoice_documents"
        owner = next(cls for cls in type(self).mro() if name in vars(cls))
        return getattr(owner, "_module", "") != "bss_contracts" or owner is type(self)

    def _bss_freeze_document(self):
        """Keep what the documents say; one statement for all, `write` would check every posted invoice."""
        for start in range(0, len(self), FREEZE_BATCH):
            self[start : start + FREEZE_BATCH]._bss_freeze_batch()
        self.invalidate_recordset(["bss_document_data", "bss_document_version"], flush=False)

    def _bss_freeze_batch(self):
        contents = self.sudo()._bss_invoice_documents()
        grown = self._bss_grown_versions(contents)
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move move
                   SET bss_document_data = source.data::jsonb,
                       bss_document_version = COALESCE(source.version, move.bss_document_version, 1)
                  FROM unnest(%s::int[], %s::text[], %s::int[]) AS source(id, data, version)
                 WHERE move.id = source.id
                """,
                list(contents),
                [_text(data) for data in contents.values()],
                [grown.get(move_id) for move_id in contents],
            )
        )

    def _bss_grown_versions(self, contents):
        """{id: next version} of the invoices whose archived version says something else now."""
        archived = self._bss_archived_versions()
        moves = self.sudo().browse(archived)
        return {
            move.id: move.bss_document_version + 1
            for move in moves
            if move.bss_document_version in archived[move.id]
            and move.bss_document_data != json.loads(json.dumps(contents[move.id]))
        }

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

    def _bss_prints_itself(self):
        """Invoices and credit notes of billing accounts have their own document."""
        self.ensure_one()
        return bool(self.bss_account_id) and self.move_type in ("out_invoice", "out_refund")

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
