"""The printed note: Polish, frozen in the archive when it is issued."""

from odoo import fields, models
from odoo.addons.bss_contracts.document_core import (
    TransferQr,
    format_amount,
    format_date,
    format_money,
    format_nip,
    qr_svg,
    transfer_qr,
)
from odoo.addons.bss_contracts.report import invoice_data

from .. import adapters

TEMPLATE = "bss_dunning/report/typst/dunning_note.typ"
TITLES = {"interest": "Nota odsetkowa", "compensation": "Nota obciążeniowa"}
BASES = {
    "CONTRACT": "stopa umowna",
    "CAP": "stopa umowna obniżona do maksymalnej",
    "FLOOR": "stopa ustawowa (umowna jest niższa)",
    "OLDER_CONTRACT": "umowa sprzed zmiany stopy",
}
REGIMES = {
    "civil": "odsetki ustawowe za opóźnienie (art. 481 § 2 Kodeksu cywilnego)",
    "commercial": "odsetki ustawowe za opóźnienie w transakcjach handlowych (ustawa z 8 marca 2013 r.)",
    "medical": "odsetki ustawowe za opóźnienie w transakcjach handlowych z podmiotem leczniczym "
    "(ustawa z 8 marca 2013 r.)",
}
COMPENSATION_BASIS = (
    "rekompensata za koszty odzyskiwania należności (art. 10 ustawy z 8 marca 2013 r. o przeciwdziałaniu nadmiernym "
    "opóźnieniom w transakcjach handlowych)"
)


class BssDocument(models.Model):
    _inherit = "bss.document"  # pylint: disable=consider-merging-classes-inherited

    kind = fields.Selection(
        selection_add=[("interest_note", "Interest note"), ("compensation_note", "Compensation note")],
        ondelete={"interest_note": "set default", "compensation_note": "set default"},
    )


class BssDunningNoteLetter(models.Model):
    _inherit = "bss.dunning.note"  # pylint: disable=consider-merging-classes-inherited

    def _bss_print(self):
        """Archive the printed notes of one kind after the other."""
        documents = self.env["bss.document"].sudo()
        for kind, notes in self.grouped("kind").items():
            archived = documents._bss_archive_many(f"{kind}_note", [note._bss_archive_entry() for note in notes])
            for note, document in zip(notes, archived, strict=True):
                note.document_id = document

    def _bss_archive_entry(self):
        """What the archive keeps of this note; one that goes by post shows its barcode."""
        documents, channel = self.env["bss.document"], self.account_id.delivery_method
        code = documents._bss_new_barcodes(1)[0] if channel == "post" else None
        data = self._bss_letter_data() | ({"barcode": code} if code else {})
        pdf = documents._bss_render_typst(TEMPLATE, data, invoice_data.assets(self.company_id), self.date)
        return {
            "name": self.name,
            "pdf": pdf,
            "record": self,
            "account": self.account_id,
            "channel": channel,
            "print": {"print_barcode": code["text"] if code else False},
        }

    def _bss_letter_data(self):
        """Everything the template prints, as plain text; extended by super()."""
        self.ensure_one()
        company, partner = self.company_id, self.partner_id
        buyer = partner.commercial_partner_id
        references = [["Numer konta abonenta", self.account_id.name], ["NIP nabywcy", format_nip(buyer.vat or "")]]
        if self.kind == "interest":
            references.append(["Odsetki do dnia", format_date(self.date_to)])
        return {
            "lang": "pl",
            "number": self.name,
            "title": TITLES[self.kind],
            "kind": self.kind,
            "place_date": ", ".join(filter(None, [company.city, format_date(self.date)])),
            "seller": invoice_data.seller(company, "pl"),
            "recipient": invoice_data.recipient(partner, "pl"),
            "references": [row for row in references if row[1]],
            "basis": self._bss_basis_text(),
            "remarks": self.note or "",
            "documents": [self._bss_letter_line(line) for line in self.line_ids],
            "amount": format_money(adapters.to_money(self.amount_total)),
            "words": self.amount_words,
            "divisor": str(self.line_ids.segment_ids[:1].divisor),
            "deadline": format_date(self.date_due),
            "payment": self._bss_payment_data(),
        }

    def _bss_basis_text(self):
        if self.kind == "compensation":
            return COMPENSATION_BASIS
        if self.account_id.interest_rate_mode == "agreed":
            return "odsetki umowne za opóźnienie, w granicach odsetek maksymalnych (art. 481 § 2¹ Kodeksu cywilnego)"
        return REGIMES[self.account_id._bss_interest_regime()]

    def _bss_letter_line(self, line):
        return {
            "document": line.document,
            "value": format_amount(adapters.to_money(line.value)),
            "due": format_date(line.date_due),
            "paid": format_date(line.date_paid) if line.date_paid else "nie",
            "amount": format_amount(adapters.to_money(line.amount)),
            "days": str(line.days),
            "eur": format_amount(adapters.to_money(line.amount_eur)),
            "rate": f"{line.mid_rate:.4f}".replace(".", ","),
            "rate_day": format_date(line.rate_day),
            "segments": [
                {
                    "span": f"{format_date(segment.date_start)} – {format_date(segment.date_end)}",
                    "principal": format_amount(adapters.to_money(segment.principal)),
                    "days": str(segment.days),
                    "percent": f"{segment.percent:.4f}".rstrip("0").rstrip(".").replace(".", ","),
                    "basis": BASES.get(segment.basis, ""),
                    "interest": f"{segment.interest:.4f}".replace(".", ","),
                }
                for segment in line.segment_ids
            ],
        }

    def _bss_payment_data(self):
        company = self.company_id
        title = f"{self.name} konto {self.account_id.name}"
        grosze = int(adapters.to_money(self.amount_total).scaleb(2))
        code = transfer_qr(self.payment_nrb, grosze, company.name or "", title, company.partner_id.vat or "")
        return {
            "nrb": self.payment_nrb,
            "recipient": company.name or "",
            "title": title,
            "qr_svg": qr_svg(code.payload) if isinstance(code, TransferQr) else "",
        }
