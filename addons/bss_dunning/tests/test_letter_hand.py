import base64
from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .letter_common import DAY, LetterCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterHand(LetterCommon):
    """A letter at any moment, and texts previewed on real data."""

    def user(self, login, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    def test_a_demand_by_post(self):
        account = self.postal_debtor(due=date(2026, 9, 15))
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        wizard = self.write_letter(account, self.env(user=collector), kind="final_demand")
        self.assertIn("przedsądowe", wizard.title)
        self.assertEqual(wizard.franking, "registered")
        wizard.body += "\nDopisek windykatora: $documents dok."
        wizard.action_send()
        action = self.case_of(account).action_ids
        self.assertRecordValues(
            action, [{"origin": "letter", "state": "done", "channel": "letter", "step_id": False, "cost": 9.8}]
        )
        document = action.document_id
        self.assertRecordValues(
            document, [{"kind": "demand", "channel": "post", "print_franking": "registered", "account_id": account.id}]
        )
        self.assertIn("Dopisek windykatora: 1 dok.", self.text_of(document.attachment_id.raw))
        self.assertFalse(self.case_of(account).step_id, "the ladder stays where it was")
        self.assertIn(document.name, self.case_of(account).message_ids[0].body)
        told = " ".join(str(message.body) for message in account.message_ids)
        self.assertNotIn(document.name, told, "everybody reads the history of an account")
        self.assertIn("przedsądowe", action.display_name)

    def test_the_ladder_goes_on_after_it(self):
        account = self.postal_debtor()
        self.write_letter(account).action_send()
        self.run_on(date(2026, 10, 9))
        steps = self.case_of(account).action_ids.filtered("step_id")
        self.assertEqual(steps.step_id, self.env.ref("bss_dunning.step_household_reminder"))
        self.assertEqual(steps.state, "done")

    def test_by_email_with_its_letter(self):
        account = self.debtor()
        self.write_letter(account, channel="email", kind="reminder").action_send()
        mail = self.case_of(account).action_ids.mail_id
        self.assertIn("Przypomnienie o płatności", mail.subject)
        self.assertIn("umknęła", mail.body_html)
        self.assertEqual(mail.attachment_ids, self.case_of(account).action_ids.document_id.attachment_id)

    def test_contact_rights_are_respected(self):
        account = self.debtor()
        self.env["mail.blacklist"]._add(account.partner_id.email)
        wizard = self.write_letter(account, channel="email")
        self.assertTrue(wizard.problem)
        with self.assertRaises(UserError):
            wizard.action_send()
        self.assertFalse(self.case_of(account).action_ids.filtered(lambda one: one.state == "done"))

    def test_nothing_is_demanded_of_who_owes_nothing(self):
        account = self.make_subscriber("Anna Nowak")
        with self.assertRaisesRegex(UserError, "Nothing is overdue"):
            self.write_letter(account).action_send()

    def test_balances_of_many_are_confirmed_without_a_case(self):
        accounts = self.make_subscriber("Anna Nowak") | self.make_subscriber("Ewa Lis")
        self.make_invoice(accounts[0], 50, date(2026, 12, 1))
        debtor = self.postal_debtor()
        nobody = self.make_subscriber("Bez Adresu", partner={"street": False})
        wizard = self.write_letter(accounts | debtor | nobody, kind="balance")
        told = wizard.action_send()
        self.assertIn(nobody.name, told["params"]["message"])
        documents = self.env["bss.document"].search(
            [("account_id", "in", (accounts | debtor).ids), ("kind", "=", "other")]
        )
        self.assertEqual(len(documents), 3)
        first = documents.filtered(lambda one: one.account_id == accounts[0])
        text = self.text_of(first.attachment_id.raw)
        self.assertIn("50,00 zł", text)
        self.assertIn("Saldo niezgodne", text)
        self.assertEqual(first.print_address["street"], accounts[0].partner_id.street)
        self.assertIn(first.name, accounts[0].message_ids[0].body)

    def test_no_day_to_pay_by_in_the_past_or_beyond_all_time(self):
        account = self.postal_debtor()
        self.run_on(DAY)
        for days in (-1, 10**9):
            wizard = self.write_letter(account, deadline_days=days)
            self.assertTrue(wizard.preview_html)
            with self.assertRaisesRegex(UserError, "Days to Pay: is out of range"):
                wizard.action_send()

    def test_text_with_an_unknown_placeholder_does_not_go(self):
        with self.assertRaises(ValidationError):
            self.write_letter(self.debtor(), body="Kwota $kwota")

    def test_the_wizard_opens_from_account_case_and_customer(self):
        account = self.debtor()
        self.run_on(DAY)
        for record, method in (
            (account, "action_write_letter"),
            (self.case_of(account), "action_write_letter"),
            (account.partner_id, "action_bss_write_letter"),
        ):
            action = getattr(record, method)()
            form = Form(self.letters.with_context(**action["context"]))
            self.assertEqual(form.kind, "reminder")
            self.assertEqual(form.case_id, self.case_of(account))
            self.assertIn("123,00", form.preview_html)
            form.kind = "demand"
            self.assertIn("Wezwanie", form.title)
        with self.assertRaises(UserError):
            self.env["res.partner"].create({"name": "Nikt"}).action_bss_write_letter()

    def test_viewers_and_strangers_write_nothing(self):
        account = self.debtor()
        self.run_on(DAY)
        viewer = self.user("podglad", "bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            self.write_letter(account, self.env(user=viewer))
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("obcy", "bss_catalog.group_bss_collector", other)
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        with self.assertRaises(AccessError):
            self.write_letter(account, theirs).action_send()
        self.assertEqual(len(self.case_of(account).action_ids), 1)

    def test_preview_leaves_nothing_behind(self):
        account = self.debtor()
        self.run_on(DAY)
        case = self.case_of(account)
        numbers = self.env["bss.document"].search_count([])
        step = self.env.ref("bss_dunning.step_household_demand")
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        opened = step.with_user(collector).action_preview()
        wizard = self.env[opened["res_model"]].with_user(collector).browse(opened["res_id"])
        self.assertEqual(wizard.case_id.next_step_id, step, "a real case that waits for this step")
        wizard.case_id = case
        self.assertIn("Wezwanie do zapłaty", wizard.subject)
        self.assertIn("123,00", wizard.body_html)
        self.assertIn("123,00", wizard.sms_text)
        self.assertIn("parts", wizard.sms_size)
        wizard.action_pdf()
        self.assertIn("PODGLĄD", self.text_of(base64.b64decode(wizard.with_context(bin_size=False).pdf_file)))
        self.assertEqual(len(case.action_ids), 1)
        self.assertEqual(self.env["bss.document"].search_count([]), numbers)

    def test_template_texts_are_previewed_too(self):
        account = self.debtor()
        self.run_on(DAY)
        text = self.env.ref("bss_dunning.template_balance_any")
        opened = text.action_preview()
        wizard = self.env[opened["res_model"]].browse(opened["res_id"])
        wizard.case_id = self.case_of(account)
        self.assertEqual(wizard.title, "Potwierdzenie salda")
        self.assertIn("123,00", wizard.body_html)

    def test_sms_goes_by_the_gateway_in_the_words_of_the_hand(self):
        account = self.debtor()
        self.run_on(DAY)
        action = self.Action._bss_write_letter(
            self.case_of(account),
            self.env.ref("bss_dunning.template_demand_consumer")._bss_letter_text()._replace(sms="Dług $amount $case"),
            "sms",
            DAY,
            7,
        )
        body, size = action._bss_preview_sms()
        self.assertEqual(body.replace("\xa0", " "), f"Dług 123,00 zł {self.case_of(account).name}")
        self.assertIn("1", size)
        with self.assertRaisesRegex(UserError, "gateway"):
            action._bss_send_letter("sms", DAY)

    def test_several_accounts_of_one_customer(self):
        account = self.debtor()
        second = self.env["bss.account"].create({"partner_id": account.partner_id.id, "company_id": self.company.id})
        self.run_on(DAY)
        opened = account.partner_id.action_bss_write_letter()
        self.assertEqual(opened["context"]["default_account_ids"], account.ids)
        wizard = self.write_letter(account | second, kind="reminder", channel="email")
        told = wizard.action_send()
        self.assertIn(second.name, told["params"]["message"])
        self.assertEqual(wizard.account_ids, self.env["bss.account"].browse((account | second).ids).sorted())
