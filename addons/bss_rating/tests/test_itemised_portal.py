"""Itemised bills in the customer portal and as downloads of the staff: own ones only."""

from odoo.tests import HttpCase, new_test_user, tagged

from .common import OCTOBER
from .test_itemised_bill import ItemisedCommon

PASSWORD = "t-itemised-portal"
PERIOD = "date_from=2026-10-01&date_to=2026-10-31"


@tagged("post_install", "-at_install")
class TestItemisedPortal(ItemisedCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls.billed()
        cls.other = cls.make_subscriber("Jan Kowalski", products=[cls.mobile], msisdn="48501000009")
        cls.anna = cls.portal_user("t_anna", cls.account)
        cls.jan = cls.portal_user("t_jan", cls.other)

    @classmethod
    def portal_user(cls, login, account):
        return new_test_user(
            cls.env,
            login,
            groups="base.group_portal",
            password=PASSWORD,
            partner_id=account.partner_id.id,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def get(self, url, login=None):
        self.authenticate(login, PASSWORD if login else None)
        return self.url_open(url, allow_redirects=False)

    def test_own_usage_of_a_period(self):
        page = self.get("/my/itemised", "t_anna")
        self.assertIn(self.account.name, page.text)
        self.assertNotIn(self.other.name, page.text)
        url = f"/my/itemised/file?account_id={self.account.id}&{PERIOD}"
        csv = self.get(f"{url}&extension=csv", "t_anna")
        self.assertEqual((csv.status_code, csv.headers["Content-Type"]), (200, "text/csv; charset=utf-8"))
        self.assertIn("48221234***", csv.content.decode())
        self.assertNotIn("48221234567", csv.content.decode())
        pdf = self.get(f"{url}&extension=pdf&service_id={self.service.id}", "t_anna")
        self.assertEqual((pdf.status_code, pdf.content[:5]), (200, b"%PDF-"))
        log = self.env["bss.usage.export"].search([], limit=1)
        self.assertEqual((log.user_id, log.kind), (self.anna, "itemised"))

    def test_nobody_elses(self):
        service = f"&service_id={self.service.id}"
        for url in (
            f"/my/itemised/file?account_id={self.account.id}&{PERIOD}",
            f"/my/itemised/file?account_id={self.other.id}&{PERIOD}{service}",
            f"/my/itemised/file?account_id=&{PERIOD}",
            f"/my/invoices/{self.invoice.id}/itemised.pdf",
            f"/my/invoices/{self.invoice.id}/itemised.csv",
            f"/my/invoices/{self.invoice.id}/itemised.csv?access_token={self.invoice._portal_ensure_token()}",
            "/my/invoices/999999999/itemised.pdf",
        ):
            with self.subTest(url=url):
                self.assertEqual(self.get(url, "t_jan").status_code, 404)

    def test_not_without_login(self):
        for url in (
            f"/my/itemised/file?account_id={self.account.id}&{PERIOD}",
            f"/my/invoices/{self.invoice.id}/itemised.pdf?access_token={self.invoice._portal_ensure_token()}",
        ):
            answer = self.get(url)
            self.assertEqual(answer.status_code, 303)
            self.assertIn("/web/login", answer.headers["Location"])

    def test_of_an_own_invoice(self):
        page = self.get(f"/my/invoices/{self.invoice.id}", "t_anna")
        self.assertIn(f"/my/invoices/{self.invoice.id}/itemised.pdf", page.text)
        answer = self.get(f"/my/invoices/{self.invoice.id}/itemised.pdf", "t_anna")
        self.assertEqual((answer.status_code, answer.content[:5]), (200, b"%PDF-"))
        self.assertEqual(self.get(f"/my/invoices/{self.invoice.id}/itemised.exe", "t_anna").status_code, 404)

    def test_link_with_a_token_shows_no_calls(self):
        url = f"/my/invoices/{self.invoice.id}?access_token={self.invoice._portal_ensure_token()}"
        for login in (None, "t_jan"):
            page = self.get(url, login)
            self.assertEqual(page.status_code, 200)
            self.assertNotIn("itemised", page.text)

    def test_none_is_none(self):
        self.account.itemised_bill = "none"
        url = f"/my/itemised/file?account_id={self.account.id}&{PERIOD}"
        self.assertEqual(self.get(url, "t_anna").status_code, 404)
        self.assertEqual(self.get(f"/my/invoices/{self.invoice.id}/itemised.pdf", "t_anna").status_code, 404)

    def test_impossible_periods(self):
        for period in (
            "date_from=2026-10-31&date_to=2026-10-01",
            "date_from=2020-01-01&date_to=2026-10-01",
            "date_from=x",
        ):
            answer = self.get(f"/my/itemised/file?account_id={self.account.id}&{period}", "t_anna")
            self.assertEqual(answer.status_code, 303)
            self.assertIn("problem=period", answer.headers["Location"])

    def test_files_of_the_staff_are_of_who_asked(self):
        names = ("clerk", "manager")
        clerk, manager = (
            new_test_user(
                self.env,
                f"t_itemised_{name}",
                groups="bss_catalog.group_bss_clerk",
                password=PASSWORD,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for name in names
        )
        wizard = self.env["bss.itemised.bill"].with_user(clerk)
        wizard = wizard.create({"account_id": self.account.id, "date_from": OCTOBER[0], "date_to": OCTOBER[1]})
        url = wizard.action_csv()["url"]
        self.assertIn("48221234***", self.get(url, clerk.login).content.decode())
        self.assertEqual(self.get(url, manager.login).status_code, 404)
        self.assertEqual(self.get(url, "t_jan").status_code, 404)
        self.assertEqual(self.get(url.replace(".csv", ".exe"), clerk.login).status_code, 404)

    def test_opening_an_archived_one_is_written_down(self):
        self.account.itemised_bill = "invoice"
        self.invoice._bss_archive_invoices()
        document = self.env["bss.document"].search([("kind", "=", "itemised")])
        clerk, viewer = (
            new_test_user(
                self.env,
                f"t_itemised_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                password=PASSWORD,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for role in ("clerk", "viewer")
        )
        url = document.action_open()["url"]
        self.assertEqual(self.get(url, viewer.login).status_code, 404)
        self.assertEqual(self.get(url, "t_jan").status_code, 404)
        self.assertEqual(self.get(url, clerk.login).content[:5], b"%PDF-")
        log = self.env["bss.usage.export"].search([], limit=1)
        self.assertEqual((log.user_id, log.kind, log.field_names), (clerk, "itemised", f"pdf: {document.name}"))
