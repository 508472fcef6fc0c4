"""What people see of an invoice in KSeF: its visualisation from the frozen XML, number, link and code."""

from markupsafe import Markup
from odoo import models
from odoo.exceptions import UserError

from .. import qr_picture
from ..ksef_core import view
from ..report import visualisation
from .bss_ksef_document import LIVE


class BssKsefDocument(models.Model):
    _inherit = "bss.ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def _bss_ksef_xml(self):
        """Frozen bytes, b"" where there are none. The caller has checked who may see the invoice."""
        self.ensure_one()
        return dict(self._bss_contents(self.ids)).get(self.id, b"")

    def _bss_ksef_view(self):
        """(what the visualisation shows, what KSeF says of it: number, link, code and state as keywords)."""
        self.ensure_one()
        content = self._bss_ksef_xml()
        if not content:
            raise UserError(self.env._("This document has no XML: its invoice was refused before it was frozen."))
        words = self._bss_in_polish().env
        waiting = {
            "rejected": words._("KSeF refused this document: it is no invoice."),
            "returned": words._("KSeF gave this document back: it is not in KSeF."),
        }
        return view.read(content), {
            "ksef_number": self.ksef_number or "",
            "link": self.qr_url or "",
            "qr_svg": qr_picture.svg(self.qr_url) if self.qr_url and self.ksef_number else "",
            "state": waiting.get(self.state)
            or words._("Not in KSeF yet: the number is given when KSeF takes the invoice."),
        }

    def _bss_ksef_page(self):
        """The visualisation as one HTML page."""
        shown, facts = self._bss_ksef_view()
        return view.html_page(shown, **facts)

    def _bss_ksef_pdf(self):
        """The visualisation as PDF."""
        shown, facts = self._bss_ksef_view()
        return visualisation.pdf(shown, **facts)

    def action_show(self):
        """The visualisation of this attempt, in a page of its own."""
        self.ensure_one()
        if not self.sha256:
            raise UserError(self.env._("This document has no XML: its invoice was refused before it was frozen."))
        return {"type": "ir.actions.act_url", "url": f"/bss_ksef/document/{self.id}", "target": "new"}


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _bss_ksef_shown_document(self):
        """The attempt that stands for the invoice: the accepted one, else the newest that may be in KSeF."""
        self.ensure_one()
        documents = self.sudo()._bss_ksef_documents().filtered("sha256")
        live = documents.filtered(lambda document: document.state in LIVE)
        return documents.filtered(lambda document: document.state == "accepted")[:1] or live[:1] or documents[:1]

    def action_bss_ksef_show(self):
        """The visualisation, in a page of its own."""
        self.ensure_one()
        if not self._bss_ksef_shown_document():
            raise UserError(self.env._("This invoice has no KSeF document yet."))
        return {"type": "ir.actions.act_url", "url": f"/bss_ksef/invoice/{self.id}", "target": "new"}

    def _bss_ksef_pdf(self):
        """The visualisation as PDF; the caller has checked who may read the invoice."""
        self.ensure_one()
        document = self._bss_ksef_shown_document()
        if not document:
            raise UserError(self.env._("The invoice %(name)s has no KSeF document yet.", name=self.name or ""))
        return document._bss_ksef_pdf()

    def _bss_ksef_report_page(self):
        """The visualisation for the preview of the report, in Odoo's own page."""
        self.ensure_one()
        document = self._bss_ksef_shown_document()
        return Markup(document._bss_ksef_page()) if document else Markup()  # the page escapes all texts

    def _bss_ksef_facts(self):
        """What documents and messages of Odoo say of the invoice in KSeF: number, link, code; {} without a number.

        Taken from what was frozen and accepted, never from live data.
        """
        self.ensure_one()
        if not self.bss_ksef_number or not self.bss_ksef_qr_url:
            return {}
        return {
            "number": self.bss_ksef_number,
            "link": self.bss_ksef_qr_url,
            "code": qr_picture.data_uri(self.bss_ksef_qr_url),
        }

    def _bss_ksef_mail_note(self):
        """Lines of the e-mail that takes the invoice to its customer; above the signature where there is one."""
        self.ensure_one()
        facts = self._bss_ksef_facts()
        if not facts:
            return Markup()
        lang = self.partner_id.lang or self.env.lang
        words = self.with_context(lang=lang).env
        return Markup("<div>{number}<br/>{check}: <a href='{link}'>{link}</a></div>").format(
            number=words._("Number in KSeF: %(number)s", number=facts["number"]),
            check=words._("Check the invoice in KSeF"),
            link=facts["link"],
        )
