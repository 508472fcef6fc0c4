from datetime import date
from io import BytesIO

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from pypdf import PdfReader

from .common import NO_MAIL, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentPortal(PaymentsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan, cls.anna = cls.make_account("Jan Kowalski"), cls.make_account("Anna Nowak")
        for account, login in ((cls.jan, "portal_jan"), (cls.anna, "portal_anna")):
            user = new_test_user(cls.env, login, "base.group_portal", context=NO_MAIL, company_id=cls.company.id)
            partner = user.partner_id
            user.partner_id = account.partner_id
            partner.active = False
        cls.viewer = new_test_user(
            cls.env, "portal_viewer", "bss_catalog.group_bss_viewer", context=NO_MAIL, company_id=cls.company.id
        )

    def pay(self, account, amount="10,00", number=1, opening="0,00"):
        record = self.import_file(
            self.entry(amount, "za net", self.key_of(account), name="KOWALSKI JAN"), number=number, opening=opening
        )
        return record.match_ids

    @staticmethod
    def text(content):
        return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())

    def test_own_payments_and_what_they_settled(self):
        invoice = self.make_invoice(self.jan, 7)
        self.pay(self.jan)
        other = self.make_invoice(self.anna, 4)
        self.pay(self.anna, "4,00", 2, "10,00")
        self.authenticate("portal_jan", "portal_jan")
        page = self.url_open("/my/payments")
        self.assertEqual(page.status_code, 200)
        text = page.text.replace("\xa0", " ")
        self.assertIn(invoice.name, text)
        self.assertRegex(text, "left for the next invoices|pozostaje na następne faktury")
        self.assertIn(self.jan.virtual_account_ids.nrb, text)
        self.assertIn("data:image/svg+xml;base64,", text)
        for foreign in (other.name, self.anna.name, self.anna.virtual_account_ids.nrb):
            self.assertNotIn(foreign, text)
        self.assertEqual(text.count('o_bss_payment"'), 1)

    def test_confirmation_of_own_payments_only(self):
        self.make_invoice(self.jan, 7)
        mine, hers = self.pay(self.jan), self.pay(self.anna, "4,00", 2, "10,00")
        waiting = self.import_file(self.entry("2,00", "?"), number=3, opening="14,00").match_ids
        self.authenticate("portal_jan", "portal_jan")
        answer = self.url_open(f"/my/payments/{mine.id}/confirmation.pdf")
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/pdf"))
        text = self.text(answer.content)
        self.assertIn("10,00", text)
        self.assertIn(self.jan.name, text)
        for match_id in (hers.id, waiting.id, 2_000_000_000):
            self.assertEqual(self.url_open(f"/my/payments/{match_id}/confirmation.pdf").status_code, 404)
        self.assertEqual(self.url_open(f"/bss/payment/{mine.id}/confirmation.pdf").status_code, 404)
        self.authenticate("portal_anna", "portal_anna")
        self.assertEqual(self.url_open(f"/my/payments/{mine.id}/confirmation.pdf").status_code, 404)
        self.assertEqual(self.url_open(f"/my/payments/{hers.id}/confirmation.pdf").status_code, 200)

    def test_confirmation_of_a_share_tells_nothing_of_the_others(self):
        match = self.import_file(self.entry("10,00", "SEKRET ANNY", name="BIURO")).match_ids
        none = self.env["account.move"]
        match._bss_book_split([(self.jan, 6, none), (self.anna, 4, none)])
        self.authenticate("portal_jan", "portal_jan")
        text = self.text(self.url_open(f"/my/payments/{match.id}/confirmation.pdf").content)
        self.assertIn("6,00", text)
        for foreign in ("SEKRET", self.anna.name, "10,00", "4,00"):
            self.assertNotIn(foreign, text)

    def test_nobody_without_a_login(self):
        match = self.pay(self.jan)
        self.authenticate(None, None)
        for url in (
            "/my/payments",
            f"/my/payments/{match.id}/confirmation.pdf",
            f"/bss/payment/{match.id}/confirmation.pdf",
        ):
            self.assertIn("/web/login", self.url_open(url).url)

    def test_number_and_code_on_the_invoice_page(self):
        invoice = self.make_invoice(self.jan, 7)
        self.authenticate("portal_jan", "portal_jan")
        page = self.url_open(f"/my/invoices/{invoice.id}").text
        self.assertIn("o_bss_pay_nrb", page)
        self.assertIn(self.jan.virtual_account_ids.nrb, page)
        self.pay(self.jan)
        self.assertNotIn("o_bss_pay_nrb", self.url_open(f"/my/invoices/{invoice.id}").text)

    def test_odoos_invoice_asks_for_the_money_on_the_customers_own_number(self):
        house = self.env["res.partner.bank"].create(
            {"acc_number": "27114020040000300201355387", "partner_id": self.jan.company_id.partner_id.id}
        )
        invoice, foreign = self.make_invoice(self.jan, 7), self.make_invoice(self.anna, 4)
        (invoice | foreign).partner_bank_id = house
        foreign.bss_account_id = False

        def printed(move):
            page = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", move.ids)[0]
            return page.decode().split('name="payment_communication"')[1].split("</p>")[0]

        number = self.jan.virtual_account_ids.nrb
        self.assertIn(number, printed(invoice).replace("\xa0", ""))
        self.assertNotIn(house.acc_number, printed(invoice))
        self.assertIn(house.acc_number, printed(foreign))
        invoice.partner_bank_id = False
        self.assertIn(number, printed(invoice).replace("\xa0", ""))
        foreign.partner_bank_id = False
        self.assertNotIn("fw-bold text-nowrap", printed(foreign))

    def test_odoos_preview_of_the_layout_of_documents_opens(self):
        """It is made of the invoice with all that extends it; an update of accounting checks it too."""
        invoice = self.make_invoice(self.jan, 7)
        layouts = self.env["base.document.layout"].with_context(active_model="account.move", active_id=invoice.id)
        wizard = layouts.with_company(self.jan.company_id).create({"company_id": self.jan.company_id.id})
        wizard.report_layout_id = self.env["report.layout"].search([], limit=1)
        self.assertIn("report_invoice_wizard_iframe", wizard._get_preview_template())
        self.assertIn("payment_communication", wizard.preview or "")
        self.env.ref("account.report_invoice_document_preview")._check_xml()

    def without_provider(self):
        self.env["payment.provider"].search([]).state = "disabled"
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")

    def test_pay_now_says_where_to_pay_without_a_payment_provider(self):
        self.without_provider()
        invoice = self.make_invoice(self.jan, 7)
        foreign = self.make_invoice(self.anna, 4)
        foreign.bss_account_id = False
        self.authenticate("portal_jan", "portal_jan")
        page = self.url_open(f"/my/invoices/{invoice.id}").text
        dialog = page.split('id="pay_with"')[1]
        self.assertIn(self.jan.virtual_account_ids.nrb, dialog.split("o_bss_pay_by_transfer")[1])
        self.assertNotRegex(page, "No payment method available|Brak dostępn")
        # nothing is promised where there is no account to pay to
        self.authenticate("portal_anna", "portal_anna")
        page = self.url_open(f"/my/invoices/{foreign.id}").text
        self.assertIn("pay_with", page)
        self.assertNotIn("o_bss_pay_by_transfer", page)

    def test_overdue_invoices_are_paid_by_account(self):
        self.without_provider()
        second = self.env["bss.account"].create({"partner_id": self.jan.partner_id.id, "bill_cycle_id": self.cycle.id})
        self.make_invoice(self.jan, 7, date(2026, 1, 1))
        self.make_invoice(self.jan, 5, date(2026, 2, 1))
        single = self.make_invoice(second, 3, date(2026, 2, 1))
        self.pay(self.jan)
        self.authenticate("portal_jan", "portal_jan")
        text = self.url_open("/my/invoices/overdue").text.replace("\xa0", " ")
        self.assertEqual(text.count("o_bss_pay_nrb"), 2)
        for account, amount in ((self.jan, 2), (second, 3)):
            self.assertIn(account.virtual_account_ids.nrb, text)
            self.assertRegex(text, rf"\b{amount}[.,]00")
        # what was paid of them is not asked for again
        self.assertRegex(text, r"\b5[.,]00")
        self.assertNotRegex(text, r"\b(8|15)[.,]00")
        self.assertIn(single.name, text)

    def test_home_page_leads_there(self):
        self.authenticate("portal_jan", "portal_jan")
        self.assertIn("/my/payments", self.url_open("/my/home").text)

    def test_confirmation_for_the_staff(self):
        self.make_invoice(self.jan, 7)
        match = self.pay(self.jan)
        self.authenticate("portal_viewer", "portal_viewer")
        answer = self.url_open(match.action_print_confirmation()["url"])
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        match.action_mail_confirmation()
        mail = self.env["mail.mail"].search([("model", "=", "bss.payment.match"), ("res_id", "=", match.id)])
        self.assertEqual(mail.recipient_ids, self.jan.partner_id)
        self.assertIn("KOWALSKI JAN", self.text(mail.attachment_ids.raw))
        self.env["mail.blacklist"].sudo()._add(self.jan.partner_id.email)
        self.jan.partner_id.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            match.action_mail_confirmation()

    def test_nothing_is_confirmed_that_is_not_booked(self):
        match = self.import_file(self.entry("2,00", "?")).match_ids
        with self.assertRaisesRegex(UserError, "Only booked"):
            match._bss_confirmation()
