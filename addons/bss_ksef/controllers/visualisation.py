"""Visualisations: an invoice for everybody who may read it, an attempt for those who work with KSeF."""

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

# the page loads nothing and runs nothing, whatever its invoice says
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class KsefVisualisation(CustomerPortal):
    @http.route("/bss_ksef/invoice/<int:move_id>", type="http", auth="public", methods=["GET"])
    def bss_ksef_invoice(self, move_id, access_token=None, form="html"):
        """`form`: html, pdf or xml. Customers see what KSeF has accepted, nothing before."""
        try:
            move = self._document_check_access("account.move", move_id, access_token)
        except (AccessError, MissingError):
            raise request.not_found() from None
        document = move.sudo()._bss_ksef_shown_document()
        if not document or (document.state != "accepted" and not request.env.user._is_internal()):
            raise request.not_found()
        return self._bss_ksef_answer(document, form)

    @http.route("/bss_ksef/document/<int:document_id>", type="http", auth="user", methods=["GET"])
    def bss_ksef_document(self, document_id, form="html"):
        document = request.env["bss.ksef.document"].browse(document_id).exists()
        if not document or not document.has_access("read") or not document.move_id.has_access("read"):
            raise request.not_found()
        document = document.sudo()
        if not document.sha256:
            raise request.not_found()
        return self._bss_ksef_answer(document, form)

    def _bss_ksef_answer(self, document, form):
        if form == "xml":
            return self._bss_ksef_file(document._bss_ksef_xml(), "application/xml", document.xml_name)
        if form == "pdf":
            name = document.xml_name.removesuffix(".xml") + ".pdf"
            return self._bss_ksef_file(document._bss_ksef_pdf(), "application/pdf", name)
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        return request.make_response(document._bss_ksef_page(), headers)

    def _bss_ksef_file(self, content, kind, name):
        headers = [
            ("Content-Type", kind),
            ("Content-Length", len(content)),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Disposition", http.content_disposition(name)),
        ]
        return request.make_response(content, headers)
