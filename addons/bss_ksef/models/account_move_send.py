import re

from markupsafe import Markup
from odoo import models
from odoo.tools.mail import append_content_to_html

THEIR_EDI = "pl_ksef"
# where Odoo's templates for invoices sign the e-mail
SIGNATURE = re.compile(r"<div[^>]*>\s*--\s*<br")
WITHOUT_NUMBER = ("to_send", "late", "queued", "sent", "rejected", "unknown")


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    def _get_default_extra_edis(self, move):
        """Odoo's own KSeF connector (l10n_pl_edi) steps aside for companies that send through batch sessions.

        Its `_get_all_extra_edis` may run before or after ours, so its result is filtered here, where it is used.
        """
        edis = super()._get_default_extra_edis(move)
        return edis - {THEIR_EDI} if move.company_id.bss_ksef_enabled else edis

    def _get_default_sending_settings(self, move, from_cron=False, **custom_settings):
        settings = super()._get_default_sending_settings(move, from_cron=from_cron, **custom_settings)
        if move.company_id.bss_ksef_enabled and THEIR_EDI in settings["extra_edis"]:
            settings["extra_edis"] = {edi for edi in settings["extra_edis"] if edi != THEIR_EDI}
        return settings

    def _get_default_mail_body(self, move, mail_template, mail_lang):
        """The e-mail with the invoice says its KSeF number and the link to check it."""
        body = super()._get_default_mail_body(move, mail_template, mail_lang)
        note = move._bss_ksef_mail_note()
        if not body or not note:
            return body
        signed = SIGNATURE.search(body)
        if not signed:
            return append_content_to_html(body, note, plaintext=False)
        return Markup(body[: signed.start()]) + note + Markup("<br/>") + Markup(body[signed.start() :])

    def _get_alerts(self, moves, moves_data):
        """Sent now, the invoice goes without its number in KSeF: that is said before."""
        alerts = super()._get_alerts(moves, moves_data)
        waiting = moves.filtered(lambda move: move.bss_ksef_state in WITHOUT_NUMBER)
        if waiting:
            alerts["bss_ksef_without_number"] = {
                "level": "warning",
                "message": self.env._(
                    "KSeF has not given these invoices their numbers yet; the documents will say no number and no code."
                ),
                "action_text": self.env._("View Invoices"),
                "action": waiting._get_records_action(name=self.env._("Invoices without a KSeF number")),
            }
        return alerts

    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        """A PDF that was printed before the number came is printed anew: it must carry number, link and code."""
        super()._hook_invoice_document_before_pdf_report_render(invoice, invoice_data)
        kept = invoice.invoice_pdf_report_id
        own = hasattr(invoice, "_bss_prints_itself") and invoice._bss_prints_itself()
        if not kept or own or not invoice.bss_ksef_number:
            return
        document = invoice.sudo()._bss_ksef_accepted_document()
        if document and kept.create_date <= document.write_date:
            kept.unlink()  # where the law of the company forbids that, Odoo keeps the old file beside
            invoice.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
