import base64
import io
from datetime import date

from lxml import etree, html
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.pdf import PdfFileReader

from ..ksef_core import qr, view
from ..report import visualisation
from .common import SIMULATORS, KsefCommon

SAMPLES = SIMULATORS / "data" / "ksef" / "fa3"
NUMBER = "1234563218-20260210-0A1B2C3D4E5F-7A"


class ShownCommon(KsefCommon):
    day = date(2026, 2, 10)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._make_moves(cls.business)
        cls.document = cls._freeze(cls.move)

    @classmethod
    def _freeze(cls, moves):
        documents = cls.env["bss.ksef.document"].sudo()
        return documents._bss_freeze(moves, cls.day, cls.env["bss.ksef.session"]._bss_now())

    @classmethod
    def _accept(cls, document):
        document._bss_move_to("sent")
        document._bss_accept({document.id: (NUMBER, None, None, "online")})


@tagged("post_install", "-at_install")
class TestInvoiceShown(ShownCommon):
    """Number, link, code and visualisation come from what was frozen."""

    def test_visualisation_says_what_was_frozen_whatever_changed_since(self):
        self.business.name = "Nazwa po zmianie"
        page = self.document._bss_ksef_page()
        self.assertIn("Zakład Usługowy Sp. z o.o.", page)
        self.assertNotIn("Nazwa po zmianie", page)
        self.assertIn("Internet 600", page)
        self.assertNotIn(NUMBER, page)
        self.assertNotIn("<svg", page)
        self._accept(self.document)
        page = self.document._bss_ksef_page()
        self.assertIn(NUMBER, page)
        self.assertIn("<svg", page)
        self.assertIn(self.document.qr_url, page)

    def test_link_is_that_of_the_frozen_bytes(self):
        self._accept(self.document)
        expected = qr.invoice_url(
            "https://qr-test.ksef.mf.gov.pl", self.NIP, self.day, qr.sha256_base64(base64.b64decode(self.document.xml))
        )
        self.assertEqual(self.move._bss_ksef_facts()["link"], expected)

    def test_pdf_of_several_invoices(self):
        other = self._make_moves(self.business)
        self._freeze(other)
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "bss_ksef.report_visualisation", (self.move | other).ids
        )
        self.assertEqual(kind, "pdf")
        self.assertEqual(len(PdfFileReader(io.BytesIO(content)).pages), 2)

    def test_pdf_says_every_word_of_the_official_samples(self):
        samples = sorted(SAMPLES.glob("*.xml"))
        self.assertEqual(len(samples), 26)
        for sample in samples:
            with self.subTest(sample=sample.name):
                content = sample.read_bytes()
                pdf = PdfFileReader(io.BytesIO(visualisation.pdf(view.read(content), state="Jeszcze nie w KSeF")))
                printed = "".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").replace(",", ".")
                printed = "".join(printed.split())
                leaves = [one for one in etree.fromstring(content).iter() if isinstance(one.tag, str) and not len(one)]
                words = {word for one in leaves for word in (one.text or "").replace(",", ".").split()}
                # longer ones may be broken at the end of a line
                missing = {word for word in words if len(word) <= 24 and word not in printed}
                self.assertFalse(missing)

    def test_an_invoice_without_document_says_so(self):
        move = self._make_moves(self.business)
        with self.assertRaises(UserError):
            move.action_bss_ksef_show()
        with self.assertRaises(UserError):
            self.env["ir.actions.report"]._render_qweb_pdf("bss_ksef.report_visualisation", move.ids)

    def test_the_newest_living_attempt_is_shown(self):
        self.document._bss_move_to("sent")
        self.document._bss_move_to("rejected")
        self.assertEqual(self.move._bss_ksef_shown_document(), self.document)
        self.document._bss_supersede()
        self.move._bss_ksef_set(state="to_send")
        second = self._freeze(self.move)
        self.assertEqual(self.move._bss_ksef_shown_document(), second)
        self._accept(second)
        self.assertEqual(self.move._bss_ksef_shown_document(), second)

    def test_odoos_own_invoice_carries_number_link_and_code(self):
        def block():
            content, _kind = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", self.move.ids)
            return html.fromstring(content).xpath("//div[@name='bss_ksef']")

        self.assertFalse(block())
        self._accept(self.document)
        (found,) = block()
        self.assertIn(NUMBER, found.text_content())
        self.assertEqual(found.xpath(".//a/@href"), [self.document.qr_url])
        (picture,) = found.xpath(".//img/@src")
        self.assertTrue(
            picture.startswith("data:image/png;base64,"), "nothing to fetch, and a picture that every engine draws"
        )

    def test_the_email_says_number_and_link(self):
        sender = self.env["account.move.send"]
        template = self.env.ref("account.email_template_edi_invoice")
        before = sender._get_default_mail_body(self.move, template, "en_US")
        self.assertNotIn("KSeF", before)
        settings = {**sender._get_default_sending_settings(self.move), "mail_partner_ids": self.move.partner_id}
        alerts = sender._get_alerts(self.move, {self.move: settings})
        self.assertIn("bss_ksef_without_number", alerts)
        self._accept(self.document)
        body = sender._get_default_mail_body(self.move, template, "en_US")
        self.assertIn(NUMBER, body)
        self.assertIn(self.document.qr_url, body)
        self.move.invoice_user_id.signature = "<p>Kierownik biura</p>"
        signed = sender._get_default_mail_body(self.move, template, "en_US")
        self.assertLess(signed.index(NUMBER), signed.index("Kierownik biura"), "above the signature")
        alerts = sender._get_alerts(self.move, {self.move: settings})
        self.assertNotIn("bss_ksef_without_number", alerts)

    def test_a_pdf_from_before_the_number_is_printed_anew(self):
        sender = self.env["account.move.send"]
        kept = self.env["ir.attachment"].create(
            {
                "name": "faktura.pdf",
                "raw": b"%PDF-1.4 without number",
                "res_model": "account.move",
                "res_id": self.move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.move.invalidate_recordset(["invoice_pdf_report_id"])
        settings = sender._get_default_sending_settings(self.move)
        sender._hook_invoice_document_before_pdf_report_render(self.move, settings)
        self.assertEqual(self.move.invoice_pdf_report_id, kept, "no number yet: it is still right")
        self._accept(self.document)
        sender._hook_invoice_document_before_pdf_report_render(self.move, settings)
        self.assertFalse(self.move.invoice_pdf_report_id)


@tagged("post_install", "-at_install")
class TestPagesOfInvoices(ShownCommon, HttpCase):
    """Who may see which visualisation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = new_test_user(
            cls.env,
            "ksef_buyer",
            groups="base.group_portal",
            partner_id=cls.business.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.stranger = new_test_user(cls.env, "ksef_stranger", groups="base.group_portal")
        cls.clerk = new_test_user(
            cls.env,
            "ksef_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.page = f"/bss_ksef/invoice/{cls.move.id}"

    def status(self, login, url):
        self.authenticate(login, login)
        return self.url_open(url).status_code

    def test_the_customer_sees_his_accepted_invoices_only(self):
        self.assertEqual(self.status("ksef_buyer", self.page), 404, "not in KSeF yet")
        self._accept(self.document)
        self.assertEqual(self.status("ksef_buyer", self.page), 200)
        self.assertEqual(self.status("ksef_buyer", f"/bss_ksef/document/{self.document.id}"), 404)
        self.assertEqual(self.status("ksef_stranger", self.page), 404)
        self.authenticate(None, None)
        self.assertEqual(self.url_open(self.page).status_code, 404)
        self.assertEqual(self.url_open(f"{self.page}?access_token=wrong").status_code, 404)
        token = self.move._portal_ensure_token()
        self.assertEqual(self.url_open(f"{self.page}?access_token={token}").status_code, 200)

    def test_the_clerk_sees_every_attempt(self):
        self.authenticate("ksef_clerk", "ksef_clerk")
        answer = self.url_open(f"/bss_ksef/document/{self.document.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(self.url_open(self.page).status_code, 200)
        xml = self.url_open(f"{self.page}?form=xml")
        self.assertEqual(qr.sha256_base64(xml.content), self.document.sha256)
        pdf = self.url_open(f"{self.page}?form=pdf")
        self.assertEqual((pdf.headers["Content-Type"], pdf.content[:5]), ("application/pdf", b"%PDF-"))

    def test_portal_page_leads_to_it(self):
        self._accept(self.document)
        self.authenticate("ksef_buyer", "ksef_buyer")
        page = self.url_open(f"/my/invoices/{self.move.id}").text
        self.assertIn(NUMBER, page)
        self.assertIn(f"/bss_ksef/invoice/{self.move.id}?access_token=", page)

    def test_what_is_in_ksef_is_no_proforma_on_the_portal(self):
        self.authenticate("ksef_buyer", "ksef_buyer")
        url = f"/my/invoices/{self.move.id}?report_type=html"
        self.assertIn("proforma", self.url_open(url).text.lower(), "Odoo's own word while there is no PDF")
        self._accept(self.document)
        self.assertNotIn("proforma", self.url_open(url).text.lower())
