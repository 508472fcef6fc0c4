"""One merged PDF of a print batch: built in one transaction, again from the start when it was interrupted."""

import hashlib
import tempfile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.pdf import merge_pdf

from ..dunning_core.printing.pdf_join import JoinFault, PdfJoin
from ..dunning_core.printing.postage import price_of, sheets_of

BLOCK = 100  # letters in memory at a time


class BssDunningPrintPart(models.Model):
    _name = "bss.dunning.print.part"
    _description = "File of a Print Batch"
    _order = "batch_id, sequence"
    _rec_name = "sequence"
    _check_company_auto = True

    batch_id = fields.Many2one(
        "bss.dunning.print.batch", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        default="waiting",
        readonly=True,
    )
    attachment_id = fields.Many2one("ir.attachment", string="File", readonly=True, ondelete="restrict")
    letter_count = fields.Integer(string="Letters", readonly=True)
    page_count = fields.Integer(string="Pages", readonly=True)
    sha256 = fields.Char(string="SHA-256", readonly=True)
    error = fields.Text(readonly=True)

    _sequence_unique = models.Constraint("UNIQUE(batch_id, sequence)", "This file of the batch exists already.")

    def action_open(self):
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("This file is not built yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    # Building

    def _bss_build(self):
        """Merge the letters of this file; one whose bytes changed since issue is left out and told."""
        if not self.exists():
            return  # its batch was discarded
        self.ensure_one()
        self.lock_for_update()
        if self.state == "done":
            return
        with tempfile.TemporaryFile("w+b") as file:
            letters = self._bss_join(file)
            file.seek(0)
            self._bss_keep(file.read(), self._bss_measure(letters))

    def _bss_join(self, file):
        """Write the letters of this part into a file, one after the other.

        :return: {id of the line: pages of its letter}
        """
        join, pages = PdfJoin(file), {}
        lines = self.env["bss.dunning.print.line"].search([("part_id", "=", self.id)], order="sequence")
        for start in range(0, len(lines), BLOCK):
            # letters of one block are read together, and forgotten with it
            block = lines[start : start + BLOCK].with_prefetch()
            block.document_id.fetch(["attachment_id", "sha256", "name"])
            for line in block:
                try:
                    pages[line.id] = self._bss_add_letter(join, line.document_id)
                except UserError as error:
                    line.document_id.delivery_error = str(error)
                    line.write({"state": "left_out", "problem": str(error)})
            block.document_id.attachment_id.invalidate_recordset(["raw", "datas"], flush=False)
        if pages:
            join.finish()
        else:
            file.truncate(0)
        return pages

    @api.model
    def _bss_add_letter(self, join, document):
        """Pages of the letter; one that our engine did not write is written anew before."""
        content = document._bss_content()
        added = join.add(content)
        if isinstance(added, JoinFault):
            added = join.add(self._bss_written_anew(content))
        if isinstance(added, JoinFault):
            raise UserError(
                self.env._("Document %(name)s cannot be printed: its file is not a readable PDF.", name=document.name)
            )
        return added

    @api.model
    def _bss_written_anew(self, content):
        """The pages as Odoo's library writes them; nothing for what it cannot read."""
        try:
            return merge_pdf([content])
        except Exception:  # noqa: BLE001 - it raises whatever it stumbles upon; one letter does not stop the others
            return b""

    def _bss_keep(self, merged, measured):
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.batch_id._bss_file_stem()}-{self.sequence:03d}.pdf",
                "raw": merged,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
                "company_id": self.company_id.id,
            }
        )
        letters, pages = measured
        self.write(
            {
                "state": "done",
                "attachment_id": attachment.id,
                "letter_count": letters,
                "page_count": pages,
                "sha256": hashlib.sha256(merged).hexdigest(),
                "error": False,
            }
        )

    def _bss_measure(self, letters):
        """Pages, sheets, envelope and postage of each letter, written in one go. :return: (letters, pages of all)"""
        company, batch = self.company_id, self.batch_id
        prices = self.env["bss.dunning.postage"]._bss_prices(company)
        duplex, inserts = company.bss_print_duplex, company.bss_print_inserts or ""
        actions = self.env["bss.dunning.action"]
        page, rows = 1, []
        for line in self.env["bss.dunning.print.line"].browse(letters):
            pages = letters[line.id]
            sheets = sheets_of(pages, duplex)
            price = price_of(line.franking, sheets, batch.issued_until, prices)
            note = actions._bss_postage_note(line.franking, sheets, price) if price is not None else None
            envelope = company._bss_print_envelope_for(sheets)
            rows.append((line.id, page, pages, sheets, envelope, duplex, inserts, price, note))
            page += pages
        self._bss_write_measures(rows)
        return len(letters), page - 1

    def _bss_write_measures(self, rows):
        lines, actions = self.env["bss.dunning.print.line"], self.env["bss.dunning.action"]
        lines.flush_model()
        self.env["bss.document"].flush_model(["print_cost"])
        actions.flush_model(["cost", "cost_note", "document_id"])
        if not rows:
            return
        values = SQL(", ").join(SQL("(%s, %s, %s, %s, %s, %s, %s, %s::numeric, %s)", *row) for row in rows)
        self.env.cr.execute(
            SQL(
                """
                WITH found(id, page, pages, sheets, envelope, duplex, inserts, price, note) AS (VALUES %s),
                measured AS (
                    UPDATE bss_dunning_print_line line
                       SET page_from = found.page, pages = found.pages, sheets = found.sheets,
                           envelope = found.envelope, duplex = found.duplex, inserts = found.inserts,
                           postage = found.price
                      FROM found WHERE line.id = found.id
                 RETURNING line.document_id, found.price, found.note
                ), dearer AS (
                    UPDATE bss_document document SET print_cost = measured.price
                      FROM measured, bss_document before
                     WHERE document.id = measured.document_id AND before.id = document.id
                       AND measured.price IS NOT NULL AND COALESCE(before.print_cost, 0) != measured.price
                 RETURNING document.id, measured.price - COALESCE(before.print_cost, 0)::numeric AS more, measured.note
                )
                UPDATE bss_dunning_action action
                   SET cost = COALESCE(action.cost, 0) + dearer.more,
                       cost_note = CONCAT_WS(E'\n', NULLIF(action.cost_note, ''), dearer.note)
                  FROM dearer
                 WHERE action.document_id = dearer.id
                """,
                values,
            )
        )
        lines.invalidate_model()
        actions.invalidate_model(["cost", "cost_note"])
        self.env["bss.document"].invalidate_model(["print_cost"])
