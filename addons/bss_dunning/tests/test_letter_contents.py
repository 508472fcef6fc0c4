from datetime import date

from odoo import Command
from odoo.addons.bss_dunning.adapters_letter import LetterDesk
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .letter_common import DAY, LetterCommon


@tagged("post_install", "-at_install")
class TestLetterContents(LetterCommon):
    """What letters say, and what it costs to read it."""

    def data_of(self, action, as_of=DAY):
        return action._bss_letter_data(as_of, "WZ/1")[0]

    def demand_of(self, account, day=date(2026, 10, 26)):
        self.run_on(DAY)
        self.run_on(day)
        return self.case_of(account).action_ids.sorted("id")[-1]

    def test_demand_shows_interest_to_date_and_per_day(self):
        account = self.debtor(amount=1234.56, due=date(2026, 9, 15))
        action = self.demand_of(account)
        data = self.data_of(action, date(2026, 10, 26))
        self.assertTrue(data["with_interest"])
        (row,) = data["documents"]
        # 1 234,56 × 9,25 % × 41 / 365 = 12,8276; a day 0,3129
        self.assertEqual((row["days"], row["interest"], row["per_day"]), ("41", "12,83", "0,31"))
        self.assertEqual(row["paid"], "0,00")
        self.assertIn("12,83", " ".join(data["remarks"]))

    def test_part_payment_shows_as_paid(self):
        account = self.debtor(amount=1000, due=date(2026, 9, 15))
        self.pay(account.invoice_ids, 400, date(2026, 9, 30))
        action = self.demand_of(account)
        (row,) = self.data_of(action, date(2026, 10, 26))["documents"]
        self.assertEqual((row["total"], row["paid"], row["open"]), ("1\xa0000,00", "400,00", "600,00"))

    def test_compensation_by_setting_and_only_for_businesses(self):
        self.company.bss_letter_compensation = True
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": date(2026, 8, 31), "company_id": self.company.id, "rate": 1 / 4.25}
        )
        firm = self.debtor("Firma", "company", amount=1000, due=date(2026, 9, 15))
        jan = self.debtor(amount=1000, due=date(2026, 9, 15))
        later = self.debtor("Druga", "company", amount=1000, due=date(2026, 8, 14))
        self.run_on(DAY)
        texts = {}
        for account in (firm, jan, later):
            wizard = self.write_letter(account)
            wizard.action_send()
            action = self.case_of(account).action_ids.filtered(lambda one: one.origin == "letter")
            texts[account] = self.text_of(action.document_id.attachment_id.raw)
        self.assertIn("170,00 zł", texts[firm], "40 EUR × 4,2500")
        self.assertNotIn("Rekompensata", texts[jan])
        self.assertNotIn("Rekompensata", texts[later], "no rate of 2026-07-31 is recorded: nothing is guessed")

    def test_the_notice_counts_its_days_from_delivery(self):
        account = self.postal_debtor(due=date(2026, 8, 3))
        step = self.env.ref("bss_dunning.step_household_n1")
        self.run_on(DAY)
        case = self.case_of(account)
        text = step._bss_letter_text("consumer", self.company)
        action = self.Action._bss_write_letter(case, text, "letter", DAY, 7)
        data = self.data_of(action)
        self.assertEqual(data["deadline"], "7 dni od dnia doręczenia tego pisma")
        self.assertTrue(any("numerami alarmowymi" in line for line in data["legal"]))
        self.assertEqual(text.franking, "receipt", "its delivery must be proven")

    def test_address_stands_where_the_window_is(self):
        account = self.postal_debtor()
        self.run_on(DAY)
        action = self.case_of(account).action_ids
        self.assertNotIn("window", self.data_of(action))
        self.company.write({"bss_letter_window": "left", "bss_letter_window_x": 20, "bss_letter_window_y": 45})
        data = self.data_of(action)
        self.assertEqual(data["window"]["x"], 20)
        self.assertIn("ul. Lipowa 1", self.text_of(self.Action._bss_print_letter(data, {}, DAY)))
        with self.assertRaises(ValidationError):
            self.company.bss_letter_window_y = 10

    def test_two_hundred_documents_take_pages_with_numbers(self):
        account = self.postal_debtor()
        self.run_on(DAY)
        action = self.case_of(account).action_ids
        data = self.data_of(action)
        data["documents"] = data["documents"] * 200
        text = self.text_of(self.Action._bss_print_letter(data, {}, DAY))
        self.assertRegex(text, r"Strona 1 z [4-9]")
        self.assertEqual(text.count(account.invoice_ids.name), 200)

    def test_letters_of_a_batch_are_read_together(self):
        """However many letters there are, reading what they say takes the same queries."""
        for number in range(8):
            self.postal_debtor(f"Klient {number}", amount=100 + number)
        self.run_on(DAY)
        actions = self.Action.search([("company_id", "=", self.company.id), ("channel", "=", "letter")])
        self.assertEqual(len(actions), 8)

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            desk = LetterDesk(self.env, DAY, some)
            for action in some:
                action.with_context(bss_letter_desk=desk)._bss_letter_data(DAY, "WZ/1", desk)
            return self.env.cr.sql_log_count - before

        two, eight = queries(actions[:2]), queries(actions)
        self.assertEqual(eight, two)
        self.assertGreater(two, 3)

    def test_numbers_are_taken_by_blocks_and_stay_unique(self):
        numbers = self.Action._bss_letter_numbers(self.company, DAY, 1)
        numbers += self.Action._bss_letter_numbers(self.company, DAY, 30)
        numbers += self.Action._bss_letter_numbers(self.company, date(2027, 1, 2), 3)
        self.assertEqual(len(set(numbers)), 34)
        self.assertTrue(numbers[0].startswith("WZ/2026/") and numbers[-1].startswith("WZ/2027/"))

    def test_steps_without_text_speak_in_the_tone_of_the_customer(self):
        step = self.env.ref("bss_dunning.step_business_reminder")
        step.write({"letter_text": False, "letter_title": False})
        bodies = {step._bss_letter_text(kind, self.company).body for kind in ("company", "public", "consumer")}
        self.assertEqual(len(bodies), 3)
        step.letter_tone = "consumer"
        self.assertEqual(
            step._bss_letter_text("company", self.company), step._bss_letter_text("consumer", self.company)
        )

    def test_the_companys_own_template_goes_before_the_shared_one(self):
        shared = self.env.ref("bss_dunning.template_reminder")
        own = shared.copy({"name": "Nasze", "company_id": self.company.id})
        self.assertEqual(len(own.text_ids), len(shared.text_ids))
        self.assertEqual(shared._bss_of_kind("reminder", self.company), own)

    def test_unknown_placeholders_are_refused_when_saved(self):
        text = self.env.ref("bss_dunning.template_reminder_consumer")
        for name in ("title", "body", "legal_text", "sms_text"):
            with self.assertRaisesRegex(ValidationError, r"\$kwota.*\$amount"):
                text[name] = "Zapłać $kwota"
        with self.assertRaisesRegex(ValidationError, r"\$case"):
            self.env.ref("bss_dunning.step_household_reminder").sms_text = "$case"
        with self.assertRaises(ValidationError):
            self.env["bss.dunning.template"].create(
                {"name": "X", "text_ids": [Command.create({"title": "T", "body": "5 $ rabatu"})]}
            )

    def test_placeholders_are_listed_with_values_of_a_real_case(self):
        template = self.env.ref("bss_dunning.template_demand").with_context(lang="en_US")
        self.assertFalse(self.Case.search([("state", "!=", "closed")]))
        self.assertIn("Example", template.placeholder_html)
        account = self.debtor("Jan Przykładowy", amount=1234.56)
        self.run_on(DAY)
        case = self.case_of(account)
        template.invalidate_recordset()
        table = template.placeholder_html.replace("\xa0", " ")
        for name in self.env["bss.dunning.template"]._bss_placeholder_words():
            self.assertIn(f"<code>${name}</code>", table)
        for example in ("1 234,56 zł", "Jan Przykładowy", case.name, account.name, self.company.name):
            self.assertIn(example, table)
        viewer = new_test_user(self.env, "podglad.szablonow", groups="base.group_user,bss_catalog.group_bss_viewer")
        self.assertIn("$amount_words", template.with_user(viewer).placeholder_html)

    def test_every_placeholder_is_documented_and_filled(self):
        self.company.bss_dunning_bureau = "BIG Przykład S.A."
        account = self.debtor()
        self.run_on(DAY)
        case = self.case_of(account)
        words = self.env["bss.dunning.template"]._bss_placeholder_words()
        text = self.env.ref("bss_dunning.template_demand_consumer")._bss_letter_text()
        text = text._replace(body="\n".join(f"{name}=${name};" for name in words))
        action = self.Action._bss_write_letter(case, text, "letter", DAY, 7)
        said = "\n".join(self.data_of(action)["paragraphs"])
        self.assertNotIn("$", said)
        for name in words:
            self.assertNotIn(f"{name}=;", said.replace("company_phone=;", "").replace("company_email=;", ""))
