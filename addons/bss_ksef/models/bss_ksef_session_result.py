"""What KSeF decided, written on the documents of a session: UPO, numbers, refusals."""

import logging
from datetime import timedelta

from odoo import fields, models

from ..ksef_core import mode, number, states
from ..ksef_core.transport import session, upo
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault
from .bss_ksef_document import utc_naive

_logger = protect(logging.getLogger(__name__))

UPO_PATIENCE = timedelta(hours=24)  # a finished session without its whole UPO is asked about for so long


class BssKsefSessionResult(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _bss_store_upo(self, gate, token, status):
        """Every UPO page as an attachment with its bytes untouched; {page attachment: entries}."""
        pages = {}
        for page in status.upo_pages:
            name = f"UPO-{page.reference}.xml"
            kept = self.upo_attachment_ids.filtered(lambda a, name=name: a.name == name)
            content = kept.raw if kept else session.upo_page(gate, token, self.reference, page)
            if isinstance(content, Failure):
                return content
            try:
                entries = upo.read(content)
            except ValueError as exc:
                return Failure(Fault.BROKEN, f"UPO {page.reference}: {exc}")
            if not kept:
                kept = (
                    self.env["ir.attachment"]
                    .sudo()
                    .create(
                        {
                            "name": name,
                            "raw": content,
                            "mimetype": "application/xml",
                            "res_model": self._name,
                            "res_id": self.id,
                            "company_id": self.company_id.id,
                        }
                    )
                )
                self.upo_attachment_ids |= kept
            pages[kept] = entries
        return pages

    def _bss_store_accepted(self, pages):
        """Numbers go to documents by the hash of their XML, never by order or by invoice number."""
        by_hash = {document.sha256: document for document in self.document_ids}
        facts = {}
        for attachment, entries in pages.items():
            for entry in entries:
                document = by_hash.get(entry.sha256)
                if not document:
                    _logger.warning("UPO of %s confirms a document that is not in the session", self.reference)
                    continue
                if not number.is_valid(entry.ksef_number):
                    _logger.warning("KSeF number %s fails its checksum", entry.ksef_number)
                facts[document.id] = (
                    entry.ksef_number,
                    utc_naive(entry.numbered_at),
                    attachment.id,
                    mode.read(entry.mode),
                )
        self.document_ids._bss_accept(facts)

    def _bss_store_refused(self, gate, token, refused):
        """Duplicates of our own documents take their numbers; what KSeF cancelled goes again; the rest is rejected."""
        by_hash = {document.sha256: document for document in self.document_ids if document.state != "accepted"}
        rows = [(by_hash[row.sha256], row) for row in refused if row.sha256 in by_hash]
        verdicts = {row.sha256: states.invoice_verdict(row.code) for _document, row in rows}
        ours = self._bss_settle_duplicates(
            gate, token, [pair for pair in rows if verdicts[pair[1].sha256] is states.Verdict.DUPLICATE]
        )
        if isinstance(ours, Failure):
            return ours
        returned, reasons = [], {}
        for document, row in rows:
            if document in ours or verdicts[row.sha256] is states.Verdict.WAIT:
                continue
            if verdicts[row.sha256] is states.Verdict.RETURN:
                returned.append((document, row.code))
            else:
                text = "\n".join((f"[{row.code}] {row.text}", *row.details))
                reasons[document.id] = (str(row.code), text, row.reference)
        self.document_ids._bss_reject(reasons)
        self._bss_return_cancelled(returned)
        return None

    def _bss_return_cancelled(self, returned):
        """`returned`: [(document, code)] that KSeF cancelled without a fault of the invoice."""
        words = self.env["bss.ksef.document"]._bss_in_polish().env
        text = words._("KSeF cancelled it without a fault of the invoice; it goes again by itself.")
        documents = self.env["bss.ksef.document"]
        by_code = {}
        for document, code in returned:
            by_code.setdefault(code, []).append(document.id)
        for code, ids in by_code.items():
            documents |= documents.browse(ids)._bss_move_to("returned", error_code=str(code), error_text=text)
        self._bss_send_again(documents)

    def _bss_settle(self, gate, token, is_confirmed):
        """Documents that neither UPO nor the list of refused ones named: read them one list at a time.

        A session whose UPO is not whole yet (not `is_confirmed`) is asked about again: numbers are not the evidence.
        """
        failure = self._bss_return_not_taken(gate, token) if self.kind == "online" else None
        if failure:
            return failure
        silent = self.document_ids.filtered(lambda d: d.state in ("queued", "sent", "unknown"))
        if silent:
            rows = session.all_invoices(gate, token, self.reference)
            if isinstance(rows, Failure):
                return rows
            by_hash = {document.sha256: document for document in silent}
            facts = {
                by_hash[row.sha256].id: (row.ksef_number, utc_naive(row.numbered_at), None, mode.read(row.mode))
                for row in rows
                if row.sha256 in by_hash and row.ksef_number
            }
            silent._bss_accept(facts)
            rest = self.document_ids.filtered(lambda d: d.state in ("queued", "sent", "unknown"))
            if rest:
                rest._bss_move_to("unknown", error_text=self.env._("KSeF says nothing about this document."))
        asked_long = fields.Datetime.now() - (self.closed_at or self.opening_at) > UPO_PATIENCE
        if is_confirmed or asked_long:
            self._bss_finish()
        else:
            self._bss_to("processing", error=self._bss_polish()._("KSeF has not given the whole UPO yet."))
        return None

    def _bss_finish(self):
        counted = dict(
            self.env["bss.ksef.document"]._read_group([("session_id", "=", self.id)], ["state"], ["__count"])
        )
        accepted = counted.get("accepted", 0)
        self._bss_to(
            "done" if accepted == self.document_count else "done_errors",
            accepted_count=accepted,
            rejected_count=counted.get("rejected", 0),
            finished_at=fields.Datetime.now(),
            error=False,
        )
