import io
from datetime import date

from odoo.tests import tagged
from pypdf import PdfReader

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestLetters(DunningCommon):
    """What the customer gets."""

    def text_of(self, document):
        pages = PdfReader(io.BytesIO(document.attachment_id.raw)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())

    def test_first_reminder_is_an_email_with_a_letter(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertEqual((action.state, action.channel), ("done", "email"))
        mail = action.mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(account.partner_id, mail.recipient_ids)
        self.assertIn("Przypomnienie o płatności", mail.subject)
        body = mail.body_html.replace("\xa0", " ")
        self.assertIn(account.invoice_ids.name, body)
        self.assertIn("61 1090 1014 0000 0712 1981 2874", body)
        self.assertIn("123,00 zł", body)
        self.assertEqual(mail.attachment_ids, action.document_id.attachment_id)
        self.assertRecordValues(
            action.document_id, [{"kind": "reminder", "channel": "email", "account_id": account.id}]
        )

    def test_the_letter_says_what_is_owed_and_where_to_pay(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        text = self.text_of(self.case_of(account).action_ids.document_id)
        for part in (
            "Przypomnienie o płatności",
            account.partner_id.name,
            "ul. Lipowa 1",
            account.name,
            account.invoice_ids.name,
            "05.10.2026",
            "123,00 zł",
            "15.10.2026",
            "61 1090 1014 0000 0712 1981 2874",
            "sto dwadzieścia trzy złote",
        ):
            self.assertIn(part, text)
        self.assertNotIn("$", text)

    def test_without_email_the_letter_goes_by_post(self):
        account = self.debtor(partner={"email": False})
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertEqual((action.state, action.channel), ("done", "letter"))
        self.assertFalse(action.mail_id)
        self.assertEqual(action.document_id.channel, "post")
        self.assertEqual(len(action.reason.split("\n")), 2, "the refused channel and the used one")

    def test_blacklisted_address_is_not_written_to(self):
        account = self.debtor()
        self.env["mail.blacklist"]._add(account.partner_id.email)
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        self.assertFalse(action.mail_id)
        self.assertEqual(action.channel, "letter")

    def test_letter_numbers_are_unique(self):
        for number in range(3):
            self.debtor(f"Klient {number}")
        run = self.run_on(date(2026, 10, 8))
        names = run.action_ids.document_id.mapped("name")
        self.assertEqual(len(set(names)), 3)
        self.assertTrue(all(name.startswith("WZ/2026/") for name in names))

    def test_text_of_a_step_cannot_reach_into_records(self):
        step = self.env.ref("bss_dunning.step_household_reminder")
        step.letter_text = "Kwota $amount, {0.env} ${deadline} $$nieznane"
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        text = self.text_of(self.case_of(account).action_ids.document_id)
        self.assertIn("Kwota 123,00 zł, {0.env} 15.10.2026 $nieznane", text)

    def test_a_customer_without_phone_gets_a_letter_instead_of_a_call(self):
        account = self.debtor(partner={"phone": False})
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        call = self.case_of(account).action_ids.filtered(
            lambda action: action.step_id == self.env.ref("bss_dunning.step_household_call")
        )
        self.assertEqual((call.state, call.channel, call.document_id.kind), ("done", "letter", "demand"))
