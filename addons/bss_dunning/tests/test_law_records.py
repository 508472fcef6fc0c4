from datetime import date
from decimal import Decimal

from odoo.addons.bss_dunning import adapters, adapters_law
from odoo.addons.bss_dunning.dunning_core.law.compensation import DueReading, compensation_eur
from odoo.addons.bss_dunning.dunning_core.law.court_fees import epu_fee
from odoo.addons.bss_dunning.dunning_core.law.limitation_course import Event, EventKind, limitation
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import DunningCommon

TODAY = date(2026, 11, 22)


@tagged("post_install", "-at_install")
class TestLawRecords(DunningCommon):
    """The shipped numbers of the law reach the kernel, and an administrator's change of them does too."""

    def test_every_kind_of_terms_is_recorded_today(self):
        for name in ("complaint_terms", "register_terms", "relief_terms", "epu_terms", "persistence_terms"):
            self.assertIsNotNone(getattr(adapters_law, name)(self.env, TODAY), name)
        self.assertEqual(adapters_law.interest_terms(self.env, TODAY).divisor, 365)
        self.assertEqual(adapters_law.income_relief_terms(self.env, TODAY)[1], date(2020, 1, 1))
        self.assertIsNone(adapters_law.income_relief_terms(self.env, date(2019, 12, 31)))
        self.assertIsNotNone(adapters.chain_terms(self.env, TODAY))

    def test_a_missing_number_is_told_not_guessed(self):
        self.assertIsNone(adapters_law.complaint_terms(self.env, date(2024, 11, 9)))
        self.assertIsNone(adapters_law.relief_terms(self.env, date(2021, 9, 30)))
        self.assertIsNone(adapters_law.complaint_terms(self.env, date(2026, 3, 13)).confirm_days)
        self.assertEqual(adapters_law.complaint_terms(self.env, date(2026, 3, 14)).confirm_days, 14)
        self.env["bss.legal.value"].search([("code", "=", "big_due_days")]).unlink()
        self.assertIsNone(adapters_law.register_terms(self.env, TODAY))

    def test_a_new_number_holds_from_its_day(self):
        self.env["bss.legal.value"].create(
            {"code": "complaint_answer_days", "date_start": date(2027, 1, 1), "value": 14}
        )
        self.assertEqual(adapters_law.complaint_terms(self.env, date(2026, 12, 31)).answer_days, 30)
        self.assertEqual(adapters_law.complaint_terms(self.env, date(2027, 1, 1)).answer_days, 14)

    def test_bands_of_compensation_and_fees(self):
        found = adapters_law.bands(self.env, "compensation")
        self.assertEqual(compensation_eur(Decimal("5000.00"), date(2025, 1, 31), found), 40)
        self.assertEqual(compensation_eur(Decimal("50000.00"), date(2025, 1, 31), found), 100)
        self.assertEqual(compensation_eur(Decimal("50000.00"), date(2019, 1, 31), found), 40)
        fees = adapters_law.bands(self.env, "court_fee")
        terms = adapters_law.epu_terms(self.env, TODAY)
        for value, amount in (("1234.56", 30), ("10000.01", 188), ("54321.00", 680)):
            self.assertEqual(epu_fee(Decimal(value), TODAY, fees, terms).amount, amount)
        self.assertEqual(len(adapters_law.bands(self.env, "epu_cost_norm")), 7)

    def test_new_bands_replace_the_old_ones_together(self):
        self.env["bss.legal.band"].create(
            {
                "code": "compensation",
                "date_start": date(2027, 1, 1),
                "value_from": 0,
                "value_from_included": True,
                "amount": 50,
            }
        )
        found = adapters_law.bands(self.env, "compensation")
        self.assertEqual(compensation_eur(Decimal("90000.00"), date(2026, 12, 31), found), 100)
        self.assertEqual(compensation_eur(Decimal("90000.00"), date(2027, 1, 1), found), 50)

    def test_reading_of_the_due_day_is_a_setting(self):
        self.assertIs(adapters_law.due_reading(self.env, TODAY), DueReading.DUE_DATE)
        self.env["bss.legal.value"].search([("code", "=", "compensation_next_day")]).value = 1
        self.assertIs(adapters_law.due_reading(self.env, TODAY), DueReading.DAY_AFTER)

    def test_rules_of_judgments(self):
        rules = adapters_law.limitation_rules(self.env)
        judged = Event(EventKind.JUDGMENT, date(2025, 3, 3))
        self.assertEqual(limitation(date(2022, 12, 30), rules, [judged], TODAY).end, date(2031, 12, 31))
        older = Event(EventKind.JUDGMENT, date(2015, 5, 5))
        self.assertEqual(limitation(date(2014, 12, 30), rules, [older], TODAY).end, date(2024, 12, 31))

    def test_agreed_interest_and_older_contracts(self):
        tables = adapters.rate_tables(self.env)
        agreed = adapters_law.agreed_table(self.env, tables, Decimal(30), "civil")
        self.assertEqual(agreed.on(date(2026, 7, 1)).percent, Decimal("18.5"))
        least = adapters_law.agreed_table(self.env, tables, Decimal(5), "commercial")
        self.assertEqual(least.on(date(2026, 7, 1)).percent, Decimal("13.75"))
        older = adapters_law.contract_table(self.env, tables["commercial"], date(2019, 5, 1))
        self.assertEqual(older.on(date(2020, 1, 1)).percent, Decimal("9.5"))
        self.assertEqual(older.on(date(2020, 1, 2)).percent, Decimal("11.5"))

    def test_only_administrators_change_the_law(self):
        band = self.env["bss.legal.band"].search([], limit=1)
        for group, allowed in (("viewer", False), ("collector", False), ("admin", True)):
            user = new_test_user(
                self.env,
                f"prawo_{group}",
                groups=f"base.group_user,bss_catalog.group_bss_{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
            )
            mine = band.with_user(user)
            self.assertTrue(mine.amount)
            if allowed:
                mine.amount = 41
            else:
                with self.assertRaises(AccessError):
                    mine.amount = 41

    def test_two_bands_of_one_limit_are_refused(self):
        band = self.env["bss.legal.band"].search([], limit=1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            band.copy()
