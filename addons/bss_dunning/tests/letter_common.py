import base64
import io
from datetime import date

from odoo.fields import Command
from pypdf import PdfReader

from .common import DunningCommon

DAY = date(2026, 10, 8)


class LetterCommon(DunningCommon):
    """Letters of debtors, and a postage list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letters = cls.env["bss.dunning.letter"]
        cls.env["bss.dunning.postage"].create(
            [
                {"date_start": date(2026, 1, 1), "franking": franking, "max_sheets": sheets, "price": price}
                | {"company_id": cls.company.id}
                for franking, sheets, price in (
                    ("plain", 2, 4.9),
                    ("plain", 20, 7.5),
                    ("registered", 20, 9.8),
                    ("receipt", 20, 13.7),
                )
            ]
        )

    def text_of(self, pdf):
        pages = PdfReader(io.BytesIO(pdf)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())

    def postal_debtor(self, name="Jan Kowalski", **vals):
        return self.debtor(name, **{**vals, "partner": {"email": False, **vals.get("partner", {})}})

    def write_letter(self, account, env=None, **vals):
        values = {"account_ids": [Command.set(account.ids)], "kind": "demand", "channel": "letter", **vals}
        return self.letters.with_env(env or self.env).create(values)

    def batch(self, **vals):
        batch = self.env["bss.dunning.print.batch"].create({"contents": "dunning", **vals})
        batch._bss_build()
        return batch

    def ack(self, text, batch=None):
        head = "doc_id;sent_date;tracking_no;delivered_date;return_reason;return_date\n"
        made = self.env["bss.dunning.print.ack"].create(
            {
                "file": base64.b64encode((head + text).encode()),
                "filename": "potwierdzenie.csv",
                "batch_id": batch.id if batch else False,
            }
        )
        made.action_import()
        return made
