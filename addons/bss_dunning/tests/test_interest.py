from datetime import date

from odoo.addons.bss_dunning import adapters
from odoo.tests import freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestInterest(DunningCommon):
    """Interest of a case, from the shipped records, with its arithmetic."""

    def case_with(self, kind="consumer", due=date(2025, 4, 15), amount=1234.56, as_of=date(2025, 12, 10), **vals):
        account = self.debtor("Dłużnik", kind, amount, due, **vals)
        self.run_on(as_of)
        return self.case_of(account).with_context(bss_as_of=as_of)

    def test_consumer_pays_civil_interest(self):
        case = self.case_with()
        self.assertAlmostEqual(case.interest_amount, 84.20, 2)
        self.assertIn("234.56 × 11.25% × 22 / 365 = 8.3713", case.interest_html.replace(",", "."))

    def test_business_pays_commercial_interest_from_the_shifted_due_date(self):
        case = self.case_with("company", date(2024, 11, 30), as_of=date(2025, 8, 20))
        self.assertAlmostEqual(case.interest_amount, 138.18, 2)
        case.account_id.interest_regime = "medical"
        case.invalidate_recordset()
        self.assertAlmostEqual(case.interest_amount, 120.52, 2)

    def test_part_payment_cuts_the_balance_from_its_day(self):
        account = self.debtor("Dłużnik", amount=1234.56, due=date(2025, 6, 30))
        self.pay(account.invoice_ids, 500.0, date(2025, 8, 18))
        self.run_on(date(2025, 12, 31))
        case = self.case_of(account).with_context(bss_as_of=date(2025, 12, 31))
        self.assertAlmostEqual(case.amount_overdue, 734.56, 2)
        self.assertAlmostEqual(case.interest_amount, 44.50, 2)

    def test_a_new_rate_is_a_new_record(self):
        before = self.case_with(due=date(2026, 3, 31), as_of=date(2026, 6, 30)).interest_amount
        self.env["bss.interest.rate"].create({"regime": "civil", "date_start": date(2026, 5, 1), "rate": 20.0})
        case = self.Case.search([("state", "!=", "closed")]).with_context(bss_as_of=date(2026, 6, 30))
        case.invalidate_recordset()
        self.assertGreater(case.interest_amount, before)

    def test_no_rate_is_told_not_guessed(self):
        self.env["bss.interest.rate"].search([("regime", "=", "civil"), ("date_start", "<", "2026-01-01")]).unlink()
        case = self.case_with()
        self.assertEqual(case.interest_amount, 0.0)
        self.assertIn("NO_RATE", case.interest_html)

    def test_interest_and_days_are_of_the_same_day(self):
        case = self.case_with().with_context(bss_as_of=False)
        with freeze_time("2026-01-05"):
            case.invalidate_recordset()
            self.assertAlmostEqual(case.interest_amount, 84.20, 2)
            self.assertTrue(case.is_stale)
        with freeze_time("2025-12-10"):
            case.invalidate_recordset()
            self.assertFalse(case.is_stale)

    def test_calendar_of_the_records(self):
        calendar = adapters.free_days(self.env)
        self.assertEqual(calendar.shift(date(2025, 12, 24)), date(2025, 12, 29))
        self.assertEqual(calendar.shift(date(2024, 12, 24)), date(2024, 12, 24))
        self.assertEqual(calendar.shift(date(2018, 11, 10)), date(2018, 11, 13))

    def test_calendar_is_the_one_of_the_catalogue(self):
        """A new day off by law moves terms; a day off of the operator's own does not."""
        friday = date(2026, 3, 6)
        day = self.env["bss.holiday"].create(
            {
                "calendar_id": self.env.ref("bss_catalog.holiday_calendar_pl").id,
                "date": friday,
                "name": "Święto firmy",
                "company_id": self.env.company.id,
            }
        )
        self.assertEqual(adapters.free_days(self.env).shift(friday), friday)
        day.write({"company_id": False, "is_statutory": True})
        self.assertEqual(adapters.free_days(self.env).shift(friday), date(2026, 3, 9))
