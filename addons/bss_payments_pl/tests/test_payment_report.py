"""Money in by day and channel, what waits by age, and the payments of one payer."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import NO_MAIL, PAYER, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentReport(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.make_invoice(cls.jan, 100)

    def setUp(self):
        super().setUp()
        self.record = self.import_file(
            self.entry("30,00", "a", key=self.key_of(self.jan), day="261118"),
            self.entry("20,00", "b", key=self.key_of(self.jan), day="261119"),
            self.entry("7,00", "kto wie", payer=PAYER, name="Ktos Obcy", day="261119"),
            self.entry("4,00", "prowizja", mark="D", day="261119"),
        )
        self.report = self.env["bss.payment.report"]

    def test_money_in_by_day_and_channel(self):
        rows = self.report._read_group([("import_id", "=", self.record.id)], ["date:day", "channel"], ["amount:sum"])
        self.assertEqual(
            {(str(day.date() if hasattr(day, "date") else day), channel): amount for day, channel, amount in rows},
            {
                ("2026-11-18", "virtual"): 30.0,
                ("2026-11-19", "virtual"): 20.0,
                ("2026-11-19", "transfer"): 7.0,
            },
        )
        automatic = self.report.search([("import_id", "=", self.record.id), ("is_automatic", "=", True)])
        self.assertEqual(sorted(automatic.mapped("amount")), [20.0, 30.0])

    def test_daily_sum_of_a_report_is_not_counted_twice(self):
        waiting = self.record.match_ids.filtered(lambda match: match.state != "booked")
        waiting.sudo().reason = "REPORT_SUM"
        self.env.flush_all()
        rows = self.report.search([("import_id", "=", self.record.id)])
        self.assertEqual(sum(rows.mapped("amount")), 50.0)

    def test_age_of_what_waits(self):
        waiting = self.record.match_ids.filtered(lambda match: match.state != "booked")
        today = fields.Date.context_today(self.report)
        for days, age in (
            (-1, "0-1"),
            (0, "0-1"),
            (1, "0-1"),
            (2, "2-7"),
            (7, "2-7"),
            (8, "8-30"),
            (30, "8-30"),
            (31, "over-30"),
        ):
            waiting.sudo().date = today - timedelta(days=days)
            self.env.flush_all()
            self.env.invalidate_all()
            row = self.report.browse(waiting.id)
            self.assertEqual((row.age, row.age_days), (age, max(days, 0)), days)
        booked = self.record.match_ids - waiting
        self.assertFalse(any(self.report.browse(match.id).age for match in booked))
        self.assertEqual(row.action_open_payment()["res_id"], waiting.id)

    def test_other_companies_are_not_counted(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env, "report_other", "bss_catalog.group_bss_admin", context=NO_MAIL, company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        report = self.report.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertEqual(report.search_count([]), 0)

    def test_payments_of_one_payer_and_of_a_customer(self):
        waiting = self.record.match_ids.filtered(lambda match: match.state != "booked")
        self.assertEqual(waiting.payer_payment_count, 1)
        second = self.import_file(self.entry("8,00", "znowu", payer=PAYER, name="Inna Nazwa"), number=2).match_ids
        waiting.invalidate_recordset(["payer_payment_count"])
        self.assertEqual(waiting.payer_payment_count, 2)
        self.assertEqual(self.Match.search(waiting.action_view_payer_payments()["domain"]), waiting | second)
        unnamed = self.record.match_ids.filtered(lambda match: match.title == "a")
        self.assertEqual(unnamed.payer_payment_count, 0)
        self.assertEqual(self.Match.search(unnamed.action_view_payer_payments()["domain"]), unnamed)
        partner = self.jan.partner_id
        self.assertEqual(partner.bss_payment_count, 2)
        self.assertEqual(len(self.Match.search(partner.action_view_bss_payments()["domain"])), 2)
