"""A complaint whose terms nobody recorded is told by itself; the others, the night and the run go on."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon

OLD, NEW = date(2026, 10, 8), date(2026, 10, 12)
STUCK = "bss_dunning.mail_activity_complaint_stuck"


@tagged("post_install", "-at_install")
class TestComplaintStuck(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.other = self.debtor("Anna Nowak")
        self.old, self.new = self.complain(self.account, OLD), self.complain(self.other, NEW)
        # a slip in the books of law: they begin only after the first complaint came
        self.law = self.env["bss.legal.value"].search([("code", "=like", "complaint%")])
        self.first_days = {row: row.date_start for row in self.law}
        self.law.sorted("date_start").date_start = date(2026, 10, 10)

    def complain(self, account, day, **vals):
        line = self.receivable(account.invoice_ids)
        with freeze_time(f"{day} 12:00:00"):
            return self.env["bss.complaint"].create(
                {
                    "account_id": account.id,
                    "subject": "Zawyżona faktura",
                    "received_on": day,
                    "line_ids": [Command.create({"move_line_id": line.id, "amount": 100.0})],
                    **vals,
                }
            )

    def test_the_others_go_on_and_the_one_is_told_once(self):
        with freeze_time("2026-11-12 03:00:00"):
            self.env["bss.complaint"]._bss_nightly(date(2026, 11, 12))
            self.env["bss.complaint"]._bss_nightly(date(2026, 11, 12))
        self.assertEqual(self.new.state, "deemed")
        self.assertEqual(self.old.state, "new", "nobody knows its terms, so it is not deemed anything")
        told = self.old.activity_search([STUCK])
        self.assertEqual(len(told), 1)
        self.assertEqual(
            self.old.message_ids.filtered(lambda one: told.summary in one.body).mapped("res_id"), [self.old.id]
        )
        self.assertFalse(self.new.activity_search([STUCK]))

    def test_any_other_refusal_stops_one_complaint_only(self):
        kind, told = type(self.env["bss.complaint"]), "Nie da się"
        follow = kind._bss_follow_clock

        def refuse(complaint, clock):
            if complaint == third:
                raise UserError(told)
            return follow(complaint, clock)

        third = self.complain(self.debtor("Trzeci"), NEW)
        with (
            patch.object(kind, "_bss_follow_clock", refuse),
            self.assertLogs("odoo.addons.bss_dunning.models.bss_complaint_stuck", "WARNING"),
            freeze_time("2026-11-12 03:00:00"),
        ):
            self.env["bss.complaint"]._bss_nightly(date(2026, 11, 12))
        self.assertEqual((third.state, third.activity_search([STUCK]).summary), ("new", told))
        self.assertEqual(self.new.state, "deemed")

    def test_the_run_goes_on_and_the_debt_stays_disputed(self):
        with freeze_time("2026-10-14 03:00:00"):
            run = self.run_on(date(2026, 10, 14))
        self.assertEqual(run.state, "done")
        self.assertEqual(set(run.part_ids.mapped("state")), {"done"})
        for account, complaint in ((self.account, self.old), (self.other, self.new)):
            case = self.case_of(account)
            self.assertEqual((case.amount_demanded, case.complaint_open), (23.0, True))
            self.assertEqual(complaint.hold_id.amount, 100.0)

    def test_recorded_terms_end_the_alarm(self):
        with freeze_time("2026-10-14 03:00:00"):
            self.env["bss.complaint"]._bss_nightly(date(2026, 10, 14))
        self.assertTrue(self.old.activity_search([STUCK]))
        for row, day in self.first_days.items():
            row.date_start = min(day, date(2026, 3, 14))
        with freeze_time("2026-10-15 03:00:00"):
            self.env["bss.complaint"]._bss_nightly(date(2026, 10, 15))
        self.assertFalse(self.old.activity_search([STUCK]))
        self.assertEqual(self.old.answer_due, date(2026, 11, 7))

    def test_the_form_opens_and_says_why_a_change_is_refused(self):
        form = Form(self.old)
        self.assertIn(self.old._bss_no_terms_text(), form.task_text)
        with self.assertRaises(UserError), freeze_time("2026-10-14 12:00:00"):
            self.old.action_copy_asked()

    def test_deadlines_are_dates_with_a_colour(self):
        for kind, names in (
            ("list", ["next_deadline"]),
            ("form", ["confirm_due", "answer_due", "pay_due", "resend_due"]),
        ):
            arch = self.env["bss.complaint"]._get_view(view_type=kind)[0]
            for name in names:
                (node,) = arch.xpath(f"//field[@name='{name}'][not(@invisible='1')]")
                self.assertFalse(node.get("widget"))
                self.assertIn(f"{name} < current_date", node.get("decoration-danger"))
                self.assertIn("relativedelta(days=3)", node.get("decoration-warning"))
