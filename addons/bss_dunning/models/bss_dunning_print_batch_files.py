"""Gathering letters of a print batch and writing its manifest: by blocks, never all letters in memory."""

import tempfile
from datetime import UTC, datetime, time, timedelta

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.report import invoice_data
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.letters.address import address_of, address_problems
from ..dunning_core.printing.manifest import Entry, File, Totals, barcode, csv_lines, xml_lines

BLOCK = 2000


class BssDunningPrintBatchFiles(models.Model):
    _inherit = "bss.dunning.print.batch"  # pylint: disable=consider-merging-classes-inherited

    # Gathering

    def _bss_gather(self):
        """Lines and files of the letters that wait; what was gathered before stays as it is."""
        self.ensure_one()
        self.env.flush_all()
        if self.part_ids:
            return
        last, sequence = 0, 0
        while block := self._bss_waiting_documents(last):
            last = block[-1].id
            good = self._bss_check_addresses(block)
            sequence = self._bss_add_lines(good, sequence)
            self.env["bss.document"].invalidate_model()
        self.invalidate_recordset(["part_ids", "line_ids"])

    def _bss_waiting_documents(self, last):
        """The next block of postal letters that no batch has, by their numbers."""
        kinds = SQL()
        if self.contents == "dunning":
            kinds = SQL("AND EXISTS (SELECT FROM bss_dunning_action action WHERE action.document_id = document.id)")
        elif self.contents == "letters":
            kinds = SQL("AND document.kind != 'invoice'")
        midnight = datetime.combine(self.issued_until + timedelta(days=1), time.min, polish_day.POLAND)
        until = midnight.astimezone(UTC).replace(tzinfo=None)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT document.id
                  FROM bss_document document
                 WHERE document.company_id = %s AND document.channel = 'post' AND document.state = 'issued'
                   AND document.issued_at < %s AND document.id > %s
                   AND COALESCE(document.delivery_error, '') = '' %s
                   AND NOT EXISTS (
                       SELECT FROM bss_dunning_print_line line WHERE line.document_id = document.id)
                 ORDER BY document.id LIMIT %s
                """,
                self.company_id.id,
                until,
                last,
                kinds,
                BLOCK,
            )
        )
        return self.env["bss.document"].browse(row[0] for row in rows)

    def _bss_check_addresses(self, documents):
        """[(document, address)] of those that can be posted; the others go to the list to correct, with the reason."""
        documents.fetch(["partner_id", "print_address", "print_barcode", "print_franking", "sha256"])
        words = self._bss_address_words()
        good, bad = [], {}
        for document in documents:
            block = document.print_address or invoice_data.recipient(document.partner_id, "pl")
            address = address_of(block)
            problems = address_problems(address)
            if problems:
                bad.setdefault(problems, []).append(document.id)
            else:
                good.append((document, address))
        for problems, ids in bad.items():
            reason = self.env._("Address: %(problems)s", problems=", ".join(words[code] for code in problems))
            self.env["bss.document"].browse(ids).write({"delivery_error": reason})
        self.problem_count += sum(map(len, bad.values()))
        return good

    def _bss_address_words(self):
        return {
            "NO_NAME": self.env._("no name"),
            "NO_STREET": self.env._("no street"),
            "NO_CITY": self.env._("no city"),
            "NO_POST_CODE": self.env._("no post code"),
            "BAD_POST_CODE": self.env._("the post code is not like 00-000"),
        }

    def _bss_add_lines(self, letters, sequence):
        """Lines of these letters, in files of the size that the company wants. :return: the last number given"""
        size = self.company_id.bss_print_part_size
        rows = []
        for document, address in letters:
            sequence += 1
            part = self._bss_part_of((sequence - 1) // size + 1)
            rows.append(
                (
                    self.id,
                    part.id,
                    self.company_id.id,
                    document.id,
                    sequence,
                    "ready",
                    document.print_franking or "plain",
                    address.name,
                    address.name2,
                    address.street,
                    address.post_code,
                    address.city,
                    address.country,
                    document.print_barcode or barcode(document.id),
                    document.sha256,
                )
            )
        if rows:
            self.env.cr.execute_values(
                """
                INSERT INTO bss_dunning_print_line (
                    batch_id, part_id, company_id, document_id, sequence, state, franking, name, name2, street,
                    post_code, city, country, barcode, sha256)
                VALUES %s
                """,
                rows,
                page_size=1000,
            )
        return sequence

    def _bss_part_of(self, number):
        part = self.part_ids[-1:]
        if part.sequence != number:
            part = self.env["bss.dunning.print.part"].create({"batch_id": self.id, "sequence": number})
        return part

    # Manifest

    def _bss_write_sums(self):
        self.env["bss.dunning.print.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(pages), 0), COALESCE(SUM(sheets), 0), COALESCE(SUM(postage), 0),
                       COUNT(*) FILTER (WHERE postage IS NULL)
                  FROM bss_dunning_print_line WHERE batch_id = %s AND state != 'left_out'
                """,
                self.id,
            )
        )
        letters, pages, sheets, postage, unpriced = rows[0]
        self.write(
            {
                "letter_count": letters,
                "page_count": pages,
                "sheet_count": sheets,
                "postage": postage,
                "unpriced_count": unpriced,
            }
        )

    def _bss_write_manifest(self):
        """CSV and XML, each with its sums; they must be those of the batch."""
        day = fields.Date.to_string(polish_day.today())
        files = [
            File(part.attachment_id.name, part.letter_count, part.page_count, part.sha256)
            for part in self.part_ids
            if part.letter_count
        ]
        sums = Totals(), Totals()
        self.manifest_csv_id = self._bss_keep("csv", "text/csv", csv_lines(self._bss_entries(), sums[0]))
        lines = xml_lines(self.name, day, files, self._bss_entries(), sums[1])
        self.manifest_xml_id = self._bss_keep("xml", "application/xml", lines)
        wanted = Totals(self.letter_count, self.page_count, self.sheet_count, adapters.to_money(self.postage))
        if any(found != wanted for found in sums):
            raise ValueError(f"manifest of {self.name}: {sums} is not {wanted}")

    def _bss_keep(self, extension, mimetype, lines):
        with tempfile.TemporaryFile("w+b") as file:
            for line in lines:
                file.write(line.encode())
            file.seek(0)
            return self.env["ir.attachment"].create(
                {
                    "name": f"{self._bss_file_stem()}.{extension}",
                    "raw": file.read(),
                    "mimetype": mimetype,
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )

    def _bss_file_stem(self):
        return self.name.replace("/", "-")

    def _bss_entries(self):
        """Lines of the manifest, read by blocks."""
        self.env.flush_all()
        last = 0
        while True:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT line.sequence, line.document_id, document.name, file.name, line.page_from, line.pages,
                           line.sheets, line.duplex, line.envelope, line.franking, line.name, line.name2, line.street,
                           line.post_code, line.city, line.country, line.inserts, line.barcode, line.postage,
                           line.sha256
                      FROM bss_dunning_print_line line
                      JOIN bss_document document ON document.id = line.document_id
                      JOIN bss_dunning_print_part part ON part.id = line.part_id
                      JOIN ir_attachment file ON file.id = part.attachment_id
                     WHERE line.batch_id = %s AND line.state != 'left_out' AND line.sequence > %s
                     ORDER BY line.sequence LIMIT %s
                    """,
                    self.id,
                    last,
                    BLOCK,
                )
            )
            if not rows:
                return
            last = rows[-1][0]
            for _sequence, *texts, postage, sha256 in rows:
                cells = ["" if text is None else text for text in texts]
                yield Entry(*cells, postage=adapters.to_money(postage), sha256=sha256)
