"""Statements of settlements: PDF, workbook, archive."""

import base64
import io
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from openpyxl import load_workbook
from pypdf import PdfReader

from ..settlement_core import words
from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementStatement(SettlementCommon):
    def setUp(self):
        super().setUp()
        self.first = self.invoice(1234.56, date(2026, 3, 1))
        self.money = self.payment(1000.0, date(2026, 4, 1))
        (self.first | self.money).reconcile()
        self.second = self.invoice(59.0, date(2026, 5, 1))

    def statement(self, **vals):
        return self.env["bss.settlement.statement"].create({"account_id": self.account.id, **vals})

    def text(self, pdf):
        pages = PdfReader(io.BytesIO(pdf)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())

    def test_sums_on_the_form_follow_the_period(self):
        form = Form(self.env["bss.settlement.statement"].with_context(default_account_id=self.account.id))
        self.assertEqual((form.debit, form.credit, form.closing), (1293.56, 1000.0, 293.56))
        form.date_from, form.date_to = date(2026, 3, 15), date(2026, 4, 30)
        self.assertEqual((form.opening, form.debit, form.credit, form.closing), (1234.56, 0.0, 1000.0, 234.56))
        form.kind = "open"
        self.assertEqual((form.opening, form.debit, form.closing, form.overdue), (0.0, 1234.56, 234.56, 234.56))

    def test_pdf_of_movements(self):
        _title, pdf = self.statement(date_from=date(2026, 4, 1), date_to=date(2026, 5, 31))._bss_letter()
        text = self.text(pdf)
        for part in (
            "Zestawienie rozrachunków",
            "01.04.2026 – 31.05.2026",
            "Saldo początkowe 1 234,56",
            self.money.move_id.name,
            f"Rozliczono z: {self.first.move_id.name} (1 000,00)",
            "293,56",
            self.account.name,
            self.account.partner_id.name,
        ):
            self.assertIn(part.upper() if part not in text else part, text)
        self.assertNotIn("31.03.2026", text)

    def test_long_statements_are_drawn_with_the_same_words(self):
        """Past the typesetter, which lays out thousands of rows for seconds."""
        for kind in ("movements", "open", "overdue"):
            wizard = self.statement(kind=kind, date_to=date(2026, 5, 31))
            typeset = wizard._bss_letter()[1]
            with (
                patch("odoo.addons.bss_contracts.wizards.bss_settlement_statement.LONG", 0),
                patch.object(
                    type(self.env["bss.document"]), "_bss_render_typst", side_effect=AssertionError("typeset")
                ),
            ):
                drawn = wizard._bss_letter()[1]
            self.assertEqual(sorted(self.text(drawn)), sorted(self.text(typeset)))

    def test_pdf_of_open_items_and_confirmation(self):
        text = self.text(self.statement(kind="confirmation", date_to=date(2026, 5, 31))._bss_letter()[1])
        for part in (
            "Potwierdzenie salda",
            "art. 26 ust. 1 pkt 2",
            "na naszą korzyść",
            "dwieście dziewięćdziesiąt trzy złote pięćdziesiąt sześć groszy",
            "Odcinek zwrotny",
            "234,56",
        ):
            self.assertIn(part, text)
        self.assertNotIn(self.money.move_id.name, text)
        overdue = self.text(self.statement(kind="overdue", date_to=date(2026, 5, 10))._bss_letter()[1])
        self.assertIn("Zestawienie zaległości", overdue)
        self.assertNotIn(self.second.move_id.name, overdue)

    def test_documents_of_others_are_not_named_on_paper(self):
        stranger = self.make_account("Obcy")
        foreign = self.invoice(70.0, date(2026, 6, 1), stranger)
        money = self.payment(70.0, date(2026, 6, 2))
        (foreign | money).reconcile()
        text = self.text(self.statement()._bss_letter()[1])
        self.assertIn("inne konto (70,00)", text)
        self.assertIn("Wpłata Rozliczono z: inne konto", text)
        self.assertNotIn(foreign.move_id.name, text)

    def test_workbook_reopened(self):
        wizard = self.statement(date_from=date(2026, 4, 1)).with_context(lang="en_US")
        book = load_workbook(io.BytesIO(base64.b64decode(wizard.xlsx_file)))
        cells = {cell.value: cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None}
        row = cells[self.money.move_id.name].row
        sheet = book.worksheets[0]
        self.assertEqual(Decimal(str(sheet.cell(row, 8).value)), Decimal("1000"))
        self.assertTrue(sheet.cell(row, 1).is_date)
        self.assertEqual(sheet.cell(cells["Total"].row, 7).value, f"=SUM(G{row - 1}:G{row + 1})")
        self.assertEqual(book.sheetnames, ["Settlements", "Links"])

    def test_issued_statement_is_archived(self):
        action = self.statement(date_to=date(2026, 5, 31)).action_issue()
        document = self.env["bss.document"].browse(action["res_id"])
        self.assertEqual((document.kind, document.account_id, document.state), ("other", self.account, "issued"))
        self.assertEqual(document.channel, self.account.delivery_method)
        self.assertTrue(document.name.startswith("ROZ/"))
        text = self.text(document._bss_content())
        self.assertIn(document.name, text)
        self.assertIn("293,56", text)

    def test_customer_with_two_accounts(self):
        other = self.env["bss.account"].create(
            {"partner_id": self.account.partner_id.id, "bill_cycle_id": self.cycle.id}
        )
        self.invoice(10.0, date(2026, 5, 2), other)
        wizard = self.env["bss.settlement.statement"].create({"partner_id": self.account.partner_id.id})
        self.assertEqual(wizard.closing, 303.56)
        text = self.text(wizard._bss_letter()[1])
        self.assertIn(other.name, text)
        self.assertIn(self.account.name, text)
        document = self.env["bss.document"].browse(wizard.action_issue()["res_id"])
        self.assertEqual(document.account_id, self.account)

    def test_show_opens_the_period(self):
        action = self.statement(kind="overdue", date_to=date(2026, 5, 31)).action_show()
        self.assertEqual(action["context"]["settlement_date_to"], "2026-05-31")
        self.assertTrue(action["context"]["search_default_overdue"])
        ledger = self.env["bss.settlement"].with_context(**action["context"])
        again = ledger.action_statement()["context"]
        self.assertEqual((again["default_account_id"], again["default_date_to"]), (self.account.id, "2026-05-31"))

    def test_wrong_questions_are_refused(self):
        with self.assertRaises(UserError):
            self.env["bss.settlement.statement"].create({})
        with self.assertRaises(UserError):
            self.statement(date_from=date(2026, 5, 1), date_to=date(2026, 4, 1))
        viewer = new_test_user(
            self.env, "statement_viewer", groups="bss_catalog.group_bss_viewer", company_id=self.company.id
        )
        wizard = self.env["bss.settlement.statement"].with_user(viewer).create({"account_id": self.account.id})
        self.assertTrue(wizard._bss_letter()[1].startswith(b"%PDF"))
        with self.assertRaises(AccessError):
            wizard.action_issue()

    def test_every_kind_has_its_word_on_paper(self):
        kinds = dict(self.env["bss.settlement"]._fields["kind"].selection)
        for lang in ("pl", "en"):
            self.assertFalse({f"kind_{kind}" for kind in kinds if kind != "opening_balance"} - words(lang).keys())
