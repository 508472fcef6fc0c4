"""The customer looks at the offer and signs it on the portal, as a browser would."""

import re

from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.addons.bss_contracts.tests.offer_common import SIGNATURE
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.fields import Command
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestOfferPortal(ContractsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner = cls.env["res.partner"].create(
            {"name": "Jan Kowalski", "bss_customer_kind": "consumer", "lang": "en_US"}
        )
        promotion = cls.env["bss.promotion"].create(
            {
                "code": "ZLOTY",
                "name": "Trzy miesiące za złoty",
                "step_ids": [Command.create({"month_from": 1, "month_to": 3, "kind": "fixed", "value": 1})],
            }
        )
        promotion.action_put_on_sale()
        location = cls.env["bss.location"].create({"kind": "building", "name": "Kutno, Lipowa 3"})
        line = {
            "product_id": cls.fibre.id,
            "quantity": 1.0,
            "price_unit": 59.0,
            "price_kind": "net",
            "promotion_ids": promotion.ids,
        }
        cls.order = cls.env["sale.order"]._bss_from_availability(
            {"location": location, "partner": partner, "day": polish_day.today(), "term_months": 24, "lines": [line]}
        )
        cls.order.action_quotation_sent()

    def page(self):
        return self.url_open(self.order.get_portal_url()).text

    def sign(self, token):
        params = {"access_token": token, "name": "Jan Kowalski", "signature": SIGNATURE.decode()}
        url = f"/my/orders/{self.order.id}/accept"
        return self.url_open(url, json={"jsonrpc": "2.0", "params": params}).json()["result"]

    def test_page_says_the_first_month(self):
        page = self.page()
        self.assertRegex(page, r"1[.,]23")
        self.assertRegex(page, "To pay with VAT|Do zapłaty brutto")
        self.assertRegex(page, r"72[.,]57", "the regular price with VAT")
        self.assertNotRegex(page, r"59[.,]00", "a consumer is told no net price")
        self.assertIn("Kutno, Lipowa 3", page)
        self.assertNotIn("portal_connect_software_modal_btn", page)
        pdf = self.url_open(self.order.get_portal_url(report_type="pdf"))
        self.assertEqual((pdf.status_code, pdf.content[:5]), (200, b"%PDF-"))

    def test_signed_once_with_the_right_token(self):
        self.assertIn("error", self.sign("of somebody else"))
        self.assertFalse(self.order.bss_contract_id)
        self.assertIn("redirect_url", self.sign(self.order._portal_ensure_token()))
        contract = self.order.bss_contract_id
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(contract.service_ids.product_id, self.fibre)
        self.assertTrue(self.order.bss_signed_ip)
        mails = self.env["mail.mail"].sudo().search([("model", "=", "sale.order"), ("res_id", "=", self.order.id)])
        (mail,) = mails.filtered(lambda one: "accepted" in (one.subject or ""))
        self.assertRegex(mail.body_html, r"1[.,]23")
        self.assertRegex(mail.body_html, r"72[.,]57")
        told = [mail.body_html[: found.start()][-40:] for found in re.finditer(r"72[.,]57", mail.body_html)]
        self.assertTrue(all("After the promotions, with VAT:" in words for words in told), "as the regular price only")
        self.assertIn(contract.name, mail.body_html)
        contract.action_print_contract()
        text = text_of(contract.env["bss.document"].search([("res_id", "=", contract.id)], limit=1)._bss_content())
        # the language of documents is that of the operator, where it is installed
        self.assertRegex(text, "|".join(map(squeeze, ("Accepted electronically", "Przyjęto elektronicznie"))))
        for words in ("Jan Kowalski", self.order.bss_signed_ip, self.order.name):
            self.assertIn(squeeze(words), text)
        attached = self.order.message_ids.attachment_ids.mapped(lambda one: (one.mimetype, one.name))
        self.assertIn(("application/pdf", f"{self.order.name}.pdf"), attached)
        self.assertIn("error", self.sign(self.order.access_token), "a second click")
        self.assertEqual(self.order.bss_contract_id, contract)
