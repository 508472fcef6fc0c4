from odoo import api, models
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools.misc import file_path
from psycopg2.errors import UniqueViolation

from ..document_core import html_nodes
from ..page_core import invoice_pdf
from ..report import invoice_data, pictures, typst_engine

MASS_TEMPLATE = "bss_contracts/report/typst/invoice.typ"
LETTER_TEMPLATE = "bss_contracts/report/typst/letter_document.typ"
QWEB_TEMPLATE = "bss_contracts.report_bss_invoice"
# what a page holds, and the place of the chart and of the heading of the usage, in rows
ONE_PAGE_ROWS = 21
CHART_ROWS = 6
USAGE_ROWS = 3
ARCHIVE_BATCH = 100  # contents and files of so many are in memory at once


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
        template = MASS_TEMPLATE
        if self.company_id.bss_invoice_engine == "qweb":
            template, data = LETTER_TEMPLATE, self._bss_qweb_document(data)
        else:
            page = self._bss_render_page(data, assets)
            if page:
                return page
        path = file_path(template, filter_ext=(".typ",))
        # what is surely longer is not tried on one page first
        rows = len(data["lines"]) + len(data["usage"])
        rows += (USAGE_ROWS if data["usage"] else 0) + (CHART_ROWS if data.get("history") else 0)
        render = typst_engine.render if rows > ONE_PAGE_ROWS else typst_engine.render_short
        return render(path, data, assets, self.invoice_date or None)

    def _bss_render_page(self, data, assets):
        """PDF bytes of an ordinary invoice of one page, in a fifth of the time of the typesetter; None for others."""
        logo = None
        if assets:
            [logo] = [pictures.picture(content) for content in assets.values()]
            if not logo:
                return None
        words = typst_engine.labels()[data["lang"]]
        return invoice_pdf(data, words, typst_engine.FONTS, self.invoice_date or None, logo)

    def _bss_qweb_document(self, data):
        """The content as the company's QWeb template words it, in the letter frame."""
        names = {
            "data": data,
            "words": typst_engine.labels()[data["lang"]],
            "move": self,
            "company": self.company_id,
        }
        try:
            html = self.env["ir.qweb"]._render(QWEB_TEMPLATE, names)
        except (QWebError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The template %(template)s cannot be printed: %(error)s", template=QWEB_TEMPLATE, error=error
                )
            ) from error
        codes = {
            "transfer": (data["payment"] or {}).get("qr_svg", ""),
            "ksef": (data["ksef"] or {}).get("qr_svg", ""),
        }
        return {**data, "blocks": html_nodes(str(html)), "codes": codes}

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
        entries = [
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
        ]
        try:
            made = documents._bss_archive_many("invoice", entries)
        except UniqueViolation as error:
            # a second click, or the night's job: begun anew, the request finds the document of the other
            raise ConcurrencyError(self.env._("The document was archived by somebody else meanwhile.")) from error
        existing |= {keys[move.id]: document for move, document in zip(missing, made, strict=True)}
        return documents.union(*(existing[keys[move.id]].with_env(self.env) for move in self))
