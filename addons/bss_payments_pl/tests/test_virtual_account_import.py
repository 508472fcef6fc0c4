import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..bank_core import nrb
from .common import NO_MAIL, PREFIX, PaymentsCommon


def number(payer, prefix=PREFIX):
    return nrb.virtual_nrb(prefix, payer).nrb


@tagged("post_install", "-at_install")
class TestVirtualAccountImport(PaymentsCommon):
    """Numbers that customers had in an older system."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan, cls.anna = cls.make_account("Jan Kowalski"), cls.make_account("Anna Nowak")

    def take_over(self, *lines, user=None, **vals):
        content = "\r\n".join(lines).encode("cp1250")
        wizards = self.env["bss.virtual.account.import"].with_user(user or self.env.user)
        wizard = wizards.create({"file": base64.b64encode(content), "company_id": self.company.id, **vals})
        wizard.action_import()
        return wizard

    def counts(self, wizard):
        self.assertEqual(wizard.count_lines, wizard.count_given + wizard.count_known + wizard.count_refused)
        self.assertEqual(len(wizard.problem_ids), wizard.count_refused)
        return wizard.count_given, wizard.count_known, wizard.count_refused

    def test_numbers_are_taken_over_and_printed(self):
        first = self.jan.virtual_account_ids
        wizard = self.take_over(
            "Konto;Rachunek", f"{self.jan.name};PL {nrb.pretty(number(7))}", f"{self.anna.name};{number(8)}"
        )
        self.assertEqual(self.counts(wizard), (2, 0, 0))
        self.assertEqual(self.jan._bss_payment_bank_account()[self.jan.id], number(7))
        self.assertEqual((self.anna.virtual_account_ids.filtered("is_main").nrb, first.is_main), (number(8), False))
        record = self.import_file(self.entry("3,00", "?", number(7)[14:]), self.entry("2,00", "?", first.nrb[14:]))
        self.assertEqual(record.match_ids.account_id, self.jan, "old and new numbers both lead to their customer")

    def test_only_late_payments(self):
        first = self.jan.virtual_account_ids
        self.take_over(f"{self.jan.name};{number(7)}", is_main=False)
        self.assertEqual((first.is_main, len(self.jan.virtual_account_ids)), (True, 2))

    def test_two_numbers_of_one_account(self):
        wizard = self.take_over(f"{self.jan.name};{number(7)}", f"{self.jan.name};{number(8)}")
        self.assertEqual(self.counts(wizard), (2, 0, 0))
        self.assertEqual(self.jan.virtual_account_ids.filtered("is_main").nrb, number(7))

    def test_nothing_is_lost_of_what_cannot_be_used(self):
        taken = self.anna.virtual_account_ids.nrb
        damaged = number(9)[:-1] + str((int(number(9)[-1]) + 1) % 10)
        wizard = self.take_over(
            "numer;nrb",
            f"{self.jan.name};{number(7)}",
            "",
            f"{self.jan.name};{damaged}",
            f"999999;{number(10)}",
            f"{self.jan.name};{taken}",
            f"{self.anna.name};{taken}",
            f"{self.anna.name};{number(7)}",
            f"{self.anna.name};{number(11, '114010810000')}",
            f"{self.jan.name};12",
            self.jan.name,
            f";{number(12)}",
        )
        self.assertEqual(self.counts(wizard), (1, 1, 8))
        self.assertEqual(
            [(one.line_no, one.field_name or "") for one in wizard.problem_ids],
            [(4, "nrb"), (5, "account"), (6, "nrb"), (8, "nrb"), (9, "nrb"), (10, "nrb"), (11, ""), (12, "account")],
        )
        self.assertTrue(all(wizard.problem_ids.mapped("reason")))
        self.assertIn("check digits", wizard.problem_ids[0].reason)
        self.assertEqual(wizard.problem_ids[0].nrb, damaged)
        again = self.take_over(f"{self.jan.name};{number(7)}")
        self.assertEqual(self.counts(again), (0, 1, 0))

    def test_account_of_another_company(self):
        other = (
            self.env["res.company"]
            .with_context(install_mode=True)
            .create({"name": "Inna", "country_id": self.env.ref("base.pl").id, "currency_id": self.currency.id})
        )
        wizard = self.take_over(f"{self.jan.name};{number(7)}", company_id=other.id)
        self.assertEqual(self.counts(wizard), (0, 0, 1))
        self.assertEqual(wizard.problem_ids.field_name, "account")

    def test_who_may(self):
        users = {
            role: new_test_user(
                self.env, f"va_{role}", f"bss_catalog.group_bss_{role}", context=NO_MAIL, company_id=self.company.id
            )
            for role in ("clerk", "billing_manager")
        }
        with self.assertRaises(AccessError):
            self.take_over(f"{self.jan.name};{number(7)}", user=users["clerk"])
        wizard = self.take_over(f"{self.jan.name};{number(7)}", user=users["billing_manager"])
        self.assertEqual(self.counts(wizard), (1, 0, 0))
        with self.assertRaises(UserError):
            self.take_over("konto;nrb", user=users["billing_manager"])
