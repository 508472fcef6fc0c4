"""What KSeF decided, written on the documents of a session: UPO, numbers, refusals."""

import logging

from odoo import fields, models

from ..ksef_core import mode, number, states
from ..ksef_core.transport import session, upo
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault
from .bss_ksef_document import utc_naive

_logger = protect(logging.getLogger(__name__))


class BssKsefSessionResult(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _bss_store_upo(self, gate, token, status):
        """Every UPO page as an attachment with its bytes untouched; {page attachment: entries}."""
        pages = {}
        for page in status.upo_pages:
            name = f"UPO-{page.reference}.xml"
            kept = self.upo_attachment_ids.filtered(lambda a, name=name: a.name == name)
            if not kept:
                content = session.upo_page(gate, token, self.reference, page)
                if isinstance(content, Failure):
                    return content
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
            try:
                pages[kept] = upo.read(kept.raw)
            except ValueError as exc:
                return Failure(Fault.BROKEN, f"UPO {page.reference}: {exc}")
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
        by_hash = {document.sha256: document for document in self.document_ids}
        returned = self.env["bss.ksef.document"]
        for row in refused:
            document = by_hash.get(row.sha256)
            if not document or document.state == "accepted":
                continue
            verdict = states.invoice_verdict(row.code)
            if verdict is states.Verdict.DUPLICATE:
                ours = self._bss_settle_duplicate(gate, token, document, row)
                if isinstance(ours, Failure):
                    return ours
                if ours:
                    continue
            if verdict is states.Verdict.RETURN:
                returned |= document
            elif verdict is not states.Verdict.WAIT:
                document._bss_move_to(
                    "rejected",
                    error_code=str(row.code),
                    error_text="\n".join((f"[{row.code}] {row.text}", *row.details)),
                    invoice_reference=row.reference,
                )
        returned._bss_move_to("returned", error_text=self.env._("KSeF cancelled it without a fault of the invoice."))
        return None

    def _bss_settle_duplicate(self, gate, token, document, row):
        """True when the invoice that KSeF already has is exactly ours: then its number is our number."""
        original = row.extensions.get("originalKsefNumber")
        if not original:
            return False
        known = session.invoice_of_number(gate, token, original)
        if isinstance(known, Failure):
            return known
        if known is None or known.sha256 != document.sha256:
            return False
        document._bss_accept({document.id: (original, None, None, mode.read(known.mode))})
        return True

    def _bss_settle(self, gate, token):
        """Documents that neither UPO nor the list of refused ones named: read them one list at a time."""
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
        self._bss_finish()
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
