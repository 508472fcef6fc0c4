import sys
from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .note_common import NoteCommon
from .sms_common import TESTS

RATES = {date(2024, 11, 29): "4.3043", date(2024, 12, 30): "4.2668", date(2024, 12, 31): "4.2730"}


def national_bank():
    """The strict National Bank of this repository."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from simulators.nbp import NbpSimulator

    return NbpSimulator({"EUR": {day: Decimal(mid) for day, mid in RATES.items()}})


@tagged("post_install", "-at_install")
class TestNbpRates(NoteCommon):
    """Mid rates of the euro from the National Bank, for the day that compensation needs."""

    def setUp(self):
        super().setUp()
        self.env = self.env(context={**self.env.context, "lang": "en_US"})
        self.bank = self.enterContext(national_bank())
        self.own = self.company.with_env(self.env)
        self.own.write(
            {"bss_nbp_import": True, "bss_nbp_address": self.bank.address, "bss_nbp_since": date(2024, 11, 25)}
        )
        self.euro = self.env.ref("base.EUR")

    def take(self, day=date(2025, 1, 3)):
        return self.own._bss_nbp_import_rates(day)

    def rates(self):
        found = self.env["res.currency.rate"].search(
            [("currency_id", "=", self.euro.id), ("company_id", "=", self.own.id)], order="name"
        )
        return {rate.name: f"{rate.inverse_company_rate:.4f}" for rate in found}

    def test_rates_of_the_days_of_their_publication(self):
        done, words = self.take()
        self.assertTrue(done)
        self.assertIn("new rates: 3", words)
        self.assertEqual(self.rates(), RATES)
        self.assertEqual(self.own.bss_nbp_until, date(2025, 1, 3))
        note = self.make_note(self.example("company", date(2025, 1, 31)), date(2026, 9, 30), "compensation")
        self.assertEqual((note.amount_total, note.line_ids.rate_day), (170.92, date(2024, 12, 31)))

    def test_again_asks_for_the_last_days_only_and_writes_nothing_twice(self):
        self.take()
        self.bank.asked.clear()
        self.bank.rates["EUR"][date(2025, 1, 3)] = Decimal("4.2700")
        done, words = self.take(date(2025, 1, 4))
        self.assertTrue(done)
        self.assertIn("new rates: 1", words)
        self.assertEqual(self.bank.asked, [("EUR", date(2024, 12, 27), date(2025, 1, 4))])
        self.assertEqual(len(self.rates()), 4)
        self.own.bss_nbp_since = date(2024, 11, 1)
        self.assertFalse(self.own.bss_nbp_until, "earlier days are asked for anew")

    def test_long_spans_are_asked_in_parts(self):
        self.own.bss_nbp_since = date(2024, 8, 1)
        done, words = self.take(date(2025, 1, 10))
        self.assertFalse(done, "no table from August to October: that is not the National Bank")
        self.assertIn("404", words)
        self.bank.rates["EUR"][date(2024, 8, 1)] = Decimal("4.2900")
        self.assertTrue(self.take(date(2025, 1, 10))[0])
        spans = [(first, last) for _code, first, last in self.bank.asked[1:]]
        self.assertEqual(spans, [(date(2024, 8, 1), date(2024, 11, 1)), (date(2024, 11, 2), date(2025, 1, 10))])

    def test_what_a_person_entered_stays_and_is_told(self):
        self.set_rate(date(2024, 12, 31), 4.30)
        done, words = self.take()
        self.assertTrue(done)
        self.assertRegex(words, "4.3000 stays, the National Bank says 4.2730")
        self.assertEqual(self.rates()[date(2024, 12, 31)], "4.3000")

    def test_failures_are_told_and_lose_nothing(self):
        for fault, said in (
            (500, "refuses the question: 500"),
            ("drop", "does not answer"),
            (b"<html>", "cannot be read"),
            (b'{"table": "C", "code": "EUR"}', "not about EUR in table A"),
        ):
            self.bank.faults.append(fault)
            done, words = self.take()
            self.assertFalse(done)
            self.assertRegex(words, said)
            self.assertEqual(self.own.bss_nbp_told, words)
            self.assertFalse(self.own.bss_nbp_until)
        self.assertFalse(self.rates())
        self.assertTrue(self.take()[0])

    def test_only_companies_that_asked_for_it(self):
        other = self.env["res.company"].create({"name": "Druga", "currency_id": self.own.currency_id.id})
        self.assertFalse(other.bss_nbp_import, "off by default")
        with freeze_time("2025-01-03 12:30:00"):
            self.env["res.company"]._cron_bss_nbp()
            self.assertEqual(self.rates(), RATES)
            asked = len(self.bank.asked)
            self.own.bss_nbp_import = False
            self.env["res.company"]._cron_bss_nbp()
        self.assertEqual(len(self.bank.asked), asked)

    def test_books_in_another_currency(self):
        self.euro.active = True
        other = self.env["res.company"].create({"name": "Dritte", "currency_id": self.euro.id})
        with self.assertRaisesRegex(ValidationError, "in zloty"):
            other.bss_nbp_import = True

    def test_button_of_the_settings(self):
        settings = self.env["res.config.settings"].create({"company_id": self.own.id})
        with freeze_time("2025-01-03 12:30:00"):
            told = settings.action_bss_nbp_import()
            self.assertEqual(told["params"]["type"], "success")
            self.bank.faults.append(503)
            told = settings.action_bss_nbp_import()
        self.assertEqual((told["params"]["type"], told["params"]["sticky"]), ("danger", True))
        self.assertIn("503", told["params"]["message"])
        with self.assertRaises(AccessError):
            settings.with_user(self.collector).action_bss_nbp_import()

    def test_missing_rate_is_told_until_it_is_imported(self):
        note = self.make_note(self.example("company", date(2025, 1, 31)), date(2026, 9, 30), "compensation")
        with self.assertRaisesRegex(UserError, r"31\.12\.2024|12/31/2024"):
            note.action_issue()
        self.take()
        note.action_recompute()
        self.assertEqual(note.amount_total, 170.92)
