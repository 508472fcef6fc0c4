"""Letters of actions: their Polish words, the PDF frozen in the archive, proof of delivery."""

from datetime import UTC, datetime, time, timedelta
from string import Template

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import (
    TransferQr,
    amount_in_words,
    format_date,
    format_money,
    format_nip,
    format_nrb,
    qr_svg,
    transfer_qr,
)
from odoo.exceptions import UserError

from .. import adapters

LETTER_TEMPLATE = "bss_dunning/report/typst/dunning_letter.typ"


class BssDunningActionLetter(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    # Words

    @api.depends("amount", "deadline", "line_ids", "step_id.letter_text", "step_id.letter_title")
    def _compute_words(self):
        numbers = self.account_id._bss_payment_bank_account() if self.account_id else {}
        for action in self:
            action.amount_text = format_money(adapters.to_money(action.amount))
            action.deadline_text = format_date(action.deadline)
            action.nrb_text = format_nrb(numbers.get(action.account_id.id, ""))
            action.letter_title = action.step_id.letter_title or action.step_id.name
            action.letter_html = Markup("").join(Markup("<p>%s</p>") % text for text in action._bss_paragraphs())
            action.documents_html = action._bss_documents_html()

    def _bss_paragraphs(self):
        values = {
            "amount": format_money(adapters.to_money(self.amount)),
            "deadline": format_date(self.deadline),
            "account": self.account_id.name or "",
            "oldest_due": format_date(self.case_id.oldest_due),
        }
        text = Template(self.step_id.letter_text or "").safe_substitute(values)
        return [part.strip() for part in text.split("\n") if part.strip()]

    def _bss_rows(self):
        """Documents demanded, oldest first."""
        lines = self.line_ids.sorted(lambda line: (line.date_maturity or line.date, line.id))
        return [
            {
                "document": line.move_id.name or "",
                "issued": format_date(line.move_id.invoice_date or line.date),
                "due": format_date(line.date_maturity),
                "total": format_money(adapters.to_money(line.balance)),
                "open": format_money(adapters.to_money(line.amount_residual)),
            }
            for line in lines
        ]

    def _bss_documents_html(self):
        cell = Markup("<td style='padding:4px 12px 4px 0'>%s</td>")
        head = ("Dokument", "Wystawiony", "Termin płatności", "Kwota", "Do zapłaty")
        rows = [Markup("").join(cell % value for value in row.values()) for row in self._bss_rows()]
        body = Markup("").join(Markup("<tr>%s</tr>") % row for row in rows)
        titles = Markup("").join(
            Markup("<th style='text-align:left;padding:4px 12px 4px 0'>%s</th>") % text for text in head
        )
        return Markup("<table><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (titles, body)

    # The letter

    def _bss_do_letter(self, as_of):
        self._check_documents()
        document = self._bss_archive_letter(as_of, "post")
        return self.env._("Letter %(number)s by post.", number=document.name)

    def _check_documents(self):
        if not self.line_ids:
            raise UserError(self.env._("No document is open any more."))

    def _bss_archive_letter(self, as_of, channel):
        """The PDF, frozen in the archive."""
        number = (
            self.env["ir.sequence"]
            .sudo()
            .with_company(self.company_id)
            .next_by_code("bss.dunning.letter", sequence_date=as_of)
        )
        documents = self.env["bss.document"].sudo()
        data, assets = self._bss_letter_data(as_of, number)
        pdf = documents._bss_render_typst(LETTER_TEMPLATE, data, assets)
        document = documents._bss_archive(
            self.step_id.letter_kind or "reminder",
            number,
            pdf,
            self,
            self.account_id,
            channel,
            issued_at=self._bss_issued_at(as_of),
        )
        self.document_id = document
        return document

    def _bss_issued_at(self, as_of):
        """Now; for the run of a past day the beginning of that day in Poland."""
        day = datetime.combine(as_of, time.min, tzinfo=polish_day.POLAND).astimezone(UTC).replace(tzinfo=None)
        now = fields.Datetime.now()
        return now if day + timedelta(days=1) > now else day

    def _bss_letter_data(self, as_of, number):
        """Everything the letter template prints, as plain text; extended by super()."""
        action = self.sudo()
        company, partner = action.company_id, action.partner_id
        seller = company.partner_id
        rows = action._bss_rows()
        credit = action.case_id.amount_credit
        return {
            "lang": "pl",
            "number": number,
            "title": action.letter_title,
            "place_date": ", ".join(filter(None, [company.city, format_date(as_of)])),
            "date": format_date(as_of),
            "seller": {
                "name": company.name or "",
                "street": " ".join(filter(None, [seller.street, seller.street2])),
                "zip": seller.zip or "",
                "city": seller.city or "",
                "vat": format_nip(seller.vat or ""),
                "email": company.email or "",
                "phone": company.phone or "",
                "website": company.website or "",
            },
            "recipient": {
                "name": partner.name or "",
                "street": " ".join(filter(None, [partner.street, partner.street2])),
                "zip": partner.zip or "",
                "city": partner.city or "",
                "country": partner.country_id.name if partner.country_id != seller.country_id else "",
            },
            "references": [["Numer konta abonenta", action.account_id.name], ["Numer sprawy", action.case_id.name]],
            "paragraphs": action._bss_paragraphs(),
            "documents": rows,
            "credit": format_money(adapters.to_money(credit)) if credit else "",
            "amount": action.amount_text,
            "deadline": action.deadline_text,
            "words": amount_in_words(adapters.to_money(action.amount)),
            "payment": action._bss_payment_data(),
        }, {}

    def _bss_payment_data(self):
        company = self.company_id
        title = f"Konto abonenta {self.account_id.name}"
        grosze = int(adapters.to_money(self.amount).scaleb(2))
        code = transfer_qr(self.nrb_text, grosze, company.name or "", title, company.partner_id.vat or "")
        return {
            "nrb": self.nrb_text,
            "recipient": company.name or "",
            "title": title,
            "qr_svg": qr_svg(code.payload) if isinstance(code, TransferQr) else "",
        }

    # Delivery

    def _bss_delivered_on(self):
        """Polish day of proven delivery of the letter, None when not proven."""
        document = self.document_id.sudo()
        delivered = document.delivered_at
        if not delivered or document.state == "returned":
            return None
        return polish_day.day_of(delivered)
