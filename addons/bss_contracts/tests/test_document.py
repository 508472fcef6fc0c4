import base64
import io
from datetime import date
from unittest.mock import patch

from odoo.addons.bss_contracts.document_core import format_nrb
from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from PyPDF2 import PdfReader

NRB = "61109010140000071219812874"


def squeeze(text):
    """Readers of PDF put spaces where letters were kerned: compare without any."""
    return "".join(text.split()).upper()


def text_of(pdf):
    return squeeze(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@tagged("post_install", "-at_install")
class TestDocument(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids.unlink()
        cls.env["res.partner.bank"].create(
            {"acc_number": NRB, "partner_id": cls.company.partner_id.id, "company_id": cls.company.id}
        )
        cls.account = cls.make_subscriber("Żaneta Gżegżółka", charged_through=date(2026, 10, 31))
        cls.bill()
        cls.move = cls.env["account.move"].search([("bss_account_id", "=", cls.account.id)])

    def test_invoice_says_what_was_billed(self):
        text = text_of(self.move._bss_invoice_pdf())
        for part in (
            self.move.name,
            "Żaneta Gżegżółka",
            "01–30.11.2026",
            "72,57 zł",
            "siedemdziesiąt dwa złote pięćdziesiąt siedem groszy",
            format_nrb(NRB),
            self.account.name,
            "23%",
            "Strona 1 z 1",
        ):
            self.assertIn(squeeze(part), text)

    def test_data_add_up(self):
        data = self.move._bss_invoice_document_data()
        self.assertEqual([line["net"] for line in data["lines"]], ["59,00"])
        self.assertEqual(data["taxes"], [{"rate": "23%", "net": "59,00", "vat": "13,57", "gross": "72,57"}])
        self.assertEqual(data["totals"]["gross"], "72,57")
        self.assertIn("<svg", self.move._bss_document_content()["payment"]["qr_svg"])

    def test_archive_is_idempotent_and_frozen(self):
        document = self.move._bss_archive_invoices()
        self.assertEqual(self.move._bss_archive_invoices(), document)
        self.assertEqual((document.kind, document.account_id, document.state), ("invoice", self.account, "issued"))
        self.assertEqual(len(document.sha256), 64)
        self.assertEqual(document.size, len(document._bss_content()))
        for name, value in (("sha256", "0"), ("name", "X"), ("partner_id", False)):
            with self.assertRaises(UserError):
                document[name] = value
        with self.assertRaises(UserError):
            document.unlink()
        with self.assertRaises(UserError):
            document.attachment_id.raw = b"other"
        with self.assertRaises(UserError):
            document.attachment_id.unlink()
        document.action_mark_sent()
        self.assertEqual(document.state, "sent")

    def test_a_changed_file_is_noticed(self):
        document = self.move._bss_archive_invoices()
        document.attachment_id.with_context(bss_archiving=True).raw = b"forged"
        with self.assertRaises(UserError):
            document.action_verify()

    def test_context_of_a_caller_does_not_open_the_archive(self):
        document = self.move._bss_archive_invoices()
        clerk = new_test_user(
            self.env,
            "t_doc_forger",
            groups="bss_catalog.group_bss_clerk",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        attachment = document.attachment_id.with_user(clerk).with_context(bss_archiving=True)
        for change in (lambda: attachment.write({"raw": b"forged"}), attachment.unlink):
            with self.assertRaises(UserError):
                change()
        document.action_verify()

    def test_same_invoice_gives_same_bytes(self):
        data = self.move._bss_invoice_document_data()
        self.assertEqual(self.move._bss_render_invoice(data), self.move._bss_render_invoice(data))

    def test_ksef_number_makes_a_second_version(self):
        first = self.move._bss_archive_invoices()
        number = "1234563218-20261101-010080615740-E4"
        news = {"ksef": {"number": number, "url": "https://qr.example/invoice/1/2/3"}, "corrected": ""}
        with patch.object(type(self.move), "_bss_late_documents", lambda moves: dict.fromkeys(moves.ids, news)):
            second = self.move._bss_archive_invoices()
            self.assertEqual(self.move._bss_archive_invoices(), second)
            text = text_of(self.move._bss_invoice_pdf())
        self.assertNotEqual(first, second)
        self.assertEqual(second.content_key, number)
        self.assertIn(squeeze(number), text)

    def test_issued_invoice_keeps_what_it_said(self):
        """Nobody printed it yet, and the customer, the seller and the account have changed since."""
        self.account.partner_id.write({"name": "Żaneta Nowa", "street": "ul. Inna 99"})
        self.company.partner_id.street = "ul. Przeniesiona 7"
        self.account.payment_way = "cash"
        text = text_of(self.move._bss_invoice_pdf())
        for part in ("Żaneta Gżegżółka", "ul. Lipowa 1", "Płatność przelewem"):
            self.assertIn(squeeze(part), text)
        for part in ("Żaneta Nowa", "Inna 99", "Przeniesiona"):
            self.assertNotIn(squeeze(part), text)

    def test_invoice_changed_and_posted_again_makes_a_new_version(self):
        move = self.move.copy({"invoice_date": "2026-11-21"})
        move.action_post()
        first = move._bss_archive_invoices()
        first.action_mark_sent()
        move.button_draft()
        move.action_post()
        self.assertEqual(move._bss_archive_invoices(), first, "it says the same")
        move.button_draft()
        move.invoice_line_ids.filtered(lambda line: line.display_type == "product").price_unit = 100.0
        self.account.partner_id.street = "ul. Nowa 5"
        move.action_post()
        ready, waiting = move._bss_to_deliver()
        self.assertEqual(ready | waiting, move, "the customer does not have this one yet")
        second = move._bss_archive_invoices()
        self.assertEqual(move._bss_archive_invoices(), second)
        self.assertNotEqual(first, second)
        self.assertEqual((first.version, second.version), (1, 2))
        text = text_of(move._bss_invoice_pdf())
        for part in ("123,00 zł", "ul. Nowa 5"):
            self.assertIn(squeeze(part), text)
        self.assertIn(squeeze("72,57 zł"), text_of(first._bss_content()))

    def test_content_at_issue_is_nobodys_to_write(self):
        manager = new_test_user(
            self.env,
            "t_doc_manager",
            groups="bss_catalog.group_bss_billing_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.move.with_user(manager).write({"bss_document_data": {}})

    def test_credit_note_is_frozen_too(self):
        note = self.move._reverse_moves([{"invoice_date": date(2026, 11, 21), "ref": "Awaria"}])
        note.action_post()
        self.account.partner_id.name = "Żaneta Nowa"
        self.assertIn(squeeze("Żaneta Gżegżółka"), text_of(note._bss_invoice_pdf()))

    def test_print_send_and_portal_give_the_archived_bytes(self):
        content = self.move._bss_archive_invoices()._bss_content()
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "account.report_invoice_with_payments", self.move.ids
        )
        self.assertEqual((pdf, kind), (content, "pdf"))
        self.assertEqual(self.move._get_invoice_legal_documents("pdf", allow_fallback=True)["content"], content)
        self.assertEqual(self.move._get_invoice_legal_documents_all(allow_fallback=True)[0]["content"], content)
        action = self.move.action_print_pdf()
        self.assertEqual(action["context"]["active_ids"], self.move.ids)
        self.assertTrue(self.move.bss_print_own_pdf(action["report_name"]))
        self.env["account.move.send"]._generate_and_send_invoices(self.move, sending_methods=[])
        self.assertEqual(self.move.invoice_pdf_report_id.raw, content)

    def test_sending_by_email_marks_the_document(self):
        self.account.partner_id.email = "zaneta@example.com"
        document = self.move._bss_archive_invoices()
        self.env["account.move.send"]._generate_and_send_invoices(self.move, sending_methods=["email"])
        self.assertEqual(document.state, "sent")
        mail = self.env["mail.mail"].search([("model", "=", "account.move"), ("res_id", "=", self.move.id)])
        self.assertIn(document._bss_content(), mail.attachment_ids.mapped("raw"))

    def test_other_invoices_stay_with_odoo(self):
        other = self.move.copy({"bss_account_id": False, "invoice_date": "2026-11-21"})
        other.action_post()
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "account.report_invoice_with_payments", other.ids
        )
        self.assertEqual(kind, "html")
        self.assertFalse(other._bss_archive_invoices())
        self.assertFalse((other | self.move).bss_print_own_pdf("account.report_invoice_with_payments"))

    def test_draft_is_marked_and_not_archived(self):
        draft = self.move.copy()
        self.assertIn("PROJEKT", text_of(draft._bss_invoice_pdf()))
        self.assertFalse(draft._bss_archive_invoices())

    def test_credit_note_is_a_correction(self):
        note = self.move._reverse_moves([{"invoice_date": date(2026, 11, 21), "ref": "Awaria łącza"}])
        note.action_post()
        text = text_of(note._bss_invoice_pdf())
        for part in ("Faktura korygująca", self.move.name, "Awaria łącza", "Zmniejszenie należności", "\u221272,57"):
            self.assertIn(squeeze(part), text)
        self.assertNotIn("ZESKANUJ", text)
        self.assertEqual([line["name"] for line in note._bss_invoice_document_data()["lines"]], ["Offering T-NET300"])

    def test_every_way_of_paying_shows_where_to_pay(self):
        """Nothing collects direct debits and cards yet: the invoice must not say that it will."""
        for way in ("transfer", "direct_debit", "card", "cash"):
            with self.subTest(way=way):
                self.account.payment_way = way
                self.move._bss_freeze_document()
                data = self.move._bss_document_content()
                self.assertEqual(data["payment"]["nrb"], format_nrb(NRB))
                self.assertIn("<svg", data["payment"]["qr_svg"])
                self.assertNotIn("pobran", str(data))
                self.assertIn("gotówka" if way == "cash" else "przelew", dict(data["references"]).values())

    def test_customer_abroad_reads_english(self):
        self.account.partner_id.write({"country_id": self.env.ref("base.de").id, "lang": "en_US"})
        self.move._bss_freeze_document()
        text = text_of(self.move._bss_invoice_pdf())
        for part in ("Amount due", "Invoice", "Seventy-Two"):
            self.assertIn(squeeze(part), text)

    def test_logo_is_printed(self):
        pixel = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
        self.company.logo = pixel
        self.assertEqual(self.move._bss_invoice_document_data()["seller"]["logo"], "logo.png")
        self.assertTrue(base64.b64decode(pixel))
        self.assertTrue(self.move._bss_invoice_pdf().startswith(b"%PDF"))

    def test_roles(self):
        document = self.move._bss_archive_invoices()
        clerk = new_test_user(
            self.env,
            "t_doc_clerk",
            groups="bss_catalog.group_bss_clerk",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        mine = document.with_user(clerk)
        self.assertEqual(mine.name, self.move.name)
        self.assertTrue(mine.attachment_id.raw)
        mine.action_mark_sent()
        with self.assertRaises(AccessError):
            mine.create({"name": "X"})

    def test_unsafe_template_and_asset_names(self):
        documents = self.env["bss.document"]
        template = "bss_contracts/report/typst/invoice.typ"
        with self.assertRaises(ValueError):
            documents._bss_render_typst(template, {}, {"../x.png": b""})
        with self.assertRaises(FileNotFoundError):
            documents._bss_render_typst("bss_contracts/report/typst/none.typ", {})


@tagged("post_install", "-at_install")
class TestDocumentDownload(HttpCase, ContractsCommon):
    def test_customer_downloads_the_archived_bytes(self):
        account = self.make_subscriber("Anna Portalowa", charged_through=date(2026, 10, 31))
        self.bill()
        move = self.env["account.move"].search([("bss_account_id", "=", account.id)])
        content = move._bss_archive_invoices()._bss_content()
        token = move._portal_ensure_token()
        url = f"/my/invoices/{move.id}?report_type=pdf&download=true&access_token={token}"
        response = self.url_open(url)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertEqual(response.content, content)

    def test_clerk_prints_without_any_system_engine(self):
        account = self.make_subscriber("Adam Drukowany", charged_through=date(2026, 10, 31))
        self.bill()
        move = self.env["account.move"].search([("bss_account_id", "=", account.id)])
        self.authenticate("admin", "admin")
        response = self.url_open(f"/report/pdf/account.report_invoice_with_payments/{move.id}")
        self.assertEqual(response.content, move._bss_archive_invoices()._bss_content())
