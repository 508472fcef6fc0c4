from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon

LODGED = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestComplaint(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.invoice = self.account.invoice_ids
        self.line = self.receivable(self.invoice)
        self.run_on(LODGED)
        self.case = self.case_of(self.account)

    def complain(self, amount=100.0, day=LODGED, env=None, **vals):
        lines = [Command.create({"move_line_id": self.line.id, "amount": amount})] if amount else []
        with freeze_time(f"{day} 12:00:00"):
            return (env or self.env)["bss.complaint"].create(
                {
                    "account_id": self.account.id,
                    "subject": "Zawyżona faktura",
                    "received_on": day,
                    "line_ids": lines,
                    **vals,
                }
            )

    def answer(self, complaint, day, decision, **vals):
        with freeze_time(f"{day} 12:00:00"):
            complaint.write({"decision": decision, "decision_text": "Bo tak stanowi cennik.", **vals})
            complaint.action_answer()

    def night(self, day):
        return self.env["bss.complaint"]._bss_nightly(day)

    def test_registered_with_its_deadlines_and_the_debt_protected(self):
        complaint = self.complain()
        self.assertRecordValues(
            complaint,
            [
                {
                    "state": "new",
                    "confirm_due": date(2026, 10, 22),
                    "answer_due": date(2026, 11, 7),
                    "next_deadline": date(2026, 10, 22),
                    "disputed_amount": 100.0,
                    "protects": True,
                    "is_running": True,
                }
            ],
        )
        self.assertTrue(complaint.name.startswith("REK/"))
        self.assertRecordValues(complaint.hold_id, [{"kind": "dispute", "amount": 100.0, "state": "active"}])
        self.assertTrue(self.case.complaint_open)
        self.assertEqual((self.case.state, self.case.amount_demanded), ("open", 23.0), "only the disputed part leaves")
        self.assertFalse(self.case._bss_gate("suspend", date(2027, 6, 1)).allowed)
        self.assertEqual(
            complaint.activity_ids.sorted("date_deadline").mapped("date_deadline"),
            [date(2026, 10, 22), date(2026, 11, 7)],
        )

    def test_confirmed_by_a_letter(self):
        complaint = self.complain()
        with freeze_time("2026-10-12 12:00:00"):
            complaint.action_confirm()
        self.assertEqual((complaint.state, complaint.confirmed_on), ("open", date(2026, 10, 12)))
        self.assertEqual(complaint.confirmation_id.kind, "complaint")
        self.assertTrue(complaint.confirmation_id._bss_content().startswith(b"%PDF"))
        self.assertEqual(complaint.next_deadline, date(2026, 11, 7))
        with self.assertRaises(UserError):
            complaint.action_confirm()

    def test_rejected_ends_the_protection_and_exhausts_the_path(self):
        complaint = self.complain()
        self.answer(complaint, "2026-10-20", "rejected")
        self.assertRecordValues(
            complaint,
            [{"state": "rejected", "exhausted_on": date(2026, 10, 20), "protects": False, "is_running": False}],
        )
        self.assertEqual((complaint.hold_id.state, self.case.amount_demanded), ("released", 123.0))
        self.assertEqual((self.case.complaint_open, self.case.complaint_exhausted_on), (False, date(2026, 10, 20)))
        self.assertTrue(complaint.answer_id._bss_content().startswith(b"%PDF"))
        with self.assertRaises(UserError):
            complaint.write({"decision": "accepted"})

    def test_partly_accepted_withholds_what_was_granted(self):
        complaint = self.complain(requested_amount=50.0)
        self.answer(complaint, "2026-10-20", "partly", granted_amount=40.0, awarded_amount=10.0)
        self.assertRecordValues(
            complaint, [{"state": "partly", "to_pay": 10.0, "pay_due": date(2026, 11, 19), "is_running": True}]
        )
        self.assertEqual((complaint.hold_id.amount, self.case.amount_demanded), (40.0, 83.0))
        self.assertIn(self.invoice.name, complaint.suggestion)
        self.assertIn("40", complaint.suggestion)
        self.assertTrue(complaint.activity_ids.filtered(lambda one: one.summary == complaint.suggestion))
        complaint.action_corrected()
        self.assertEqual((complaint.hold_id.state, complaint.suggestion), ("released", ""))

    def test_accepted_suggests_a_correction_and_books_nothing(self):
        complaint = self.complain()
        moves = self.env["account.move"].search_count([])
        self.answer(complaint, "2026-10-20", "accepted")
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        self.assertEqual((complaint.state, self.line.amount_residual), ("accepted", 123.0))
        self.assertEqual(self.case.amount_demanded, 23.0, "not owed, so not demanded, until it is corrected")
        self.assertTrue(complaint.is_running)

    def test_not_answered_in_time_is_deemed_accepted(self):
        complaint = self.complain(requested_amount=30.0)
        self.night(date(2026, 11, 7))
        self.assertEqual(complaint.state, "new", "the last day is not over")
        self.night(date(2026, 11, 8))
        self.assertRecordValues(
            complaint, [{"state": "deemed", "to_pay": 30.0, "pay_due": date(2026, 12, 8), "protects": False}]
        )
        warning = self.env.ref("mail.mail_activity_data_warning")
        self.assertEqual(len(complaint.activity_ids.filtered(lambda one: one.activity_type_id == warning)), 1)
        self.night(date(2026, 11, 9))
        self.assertEqual(len(complaint.activity_ids.filtered(lambda one: one.activity_type_id == warning)), 1)
        with freeze_time("2026-11-09 12:00:00"), self.assertRaises(UserError):
            complaint.write({"decision": "rejected", "decision_text": "Za późno."})
            complaint.action_answer()
        self.night(date(2026, 12, 9))
        self.assertEqual(complaint.exhausted_on, date(2026, 12, 9), "granted and not paid")
        self.assertEqual(self.case.complaint_exhausted_on, date(2026, 12, 9))

    def test_lodged_too_late_is_not_considered(self):
        complaint = self.complain(basis_date=date(2025, 10, 6))
        self.assertEqual((complaint.state, complaint.protects, complaint.hold_id.id), ("not_considered", False, False))
        self.assertEqual(self.case.amount_demanded, 123.0)

    def test_counted_from_the_end_of_the_period_unless_said_otherwise(self):
        complaint = self.complain(period_from=date(2026, 8, 1), period_to=date(2026, 8, 31))
        self.assertEqual((complaint.basis_date, complaint.lodge_due), (date(2026, 8, 31), date(2027, 8, 31)))
        complaint.period_to = date(2026, 9, 30)
        self.assertEqual(complaint.basis_date, date(2026, 9, 30))

    def test_copy_of_the_answer_within_working_days(self):
        complaint = self.complain()
        self.answer(complaint, "2026-10-20", "rejected")
        with freeze_time("2026-10-22 12:00:00"):
            complaint.action_copy_asked()
        self.assertEqual((complaint.resend_due, complaint.is_running), (date(2026, 10, 27), True))
        with freeze_time("2026-10-23 12:00:00"):
            complaint.action_copy_sent()
        self.assertFalse(complaint.is_running)

    def test_a_debt_that_falls_due_later_is_disputed_from_its_first_day(self):
        account = self.make_subscriber("Anna Nowak", "consumer")
        invoice = self.make_invoice(account, 80.0, date(2026, 10, 26))
        with freeze_time("2026-10-12 12:00:00"):
            complaint = self.env["bss.complaint"].create(
                {
                    "account_id": account.id,
                    "subject": "Nie zamawiałam",
                    "line_ids": [Command.create({"move_line_id": self.receivable(invoice).id})],
                }
            )
        self.assertEqual((complaint.disputed_amount, bool(complaint.hold_id)), (80.0, False))
        self.run_on(date(2026, 10, 28))
        case = self.case_of(account)
        self.assertEqual((complaint.hold_id.case_id, case.complaint_open), (case, True))
        self.assertEqual((case.amount_demanded, case.action_ids.ids), (0.0, []))

    def test_limitation_stands_still(self):
        complaint = self.complain()
        self.answer(complaint, "2026-10-20", "rejected")
        pauses = complaint._bss_limitation_pauses(date(2026, 11, 1))
        ((event,),) = pauses.values()
        self.assertEqual((event.kind.value, event.day, event.ended), ("suspended", LODGED, date(2026, 10, 20)))

    def test_answers_need_a_decision_with_reasons(self):
        complaint = self.complain()
        for vals, words in (
            ({"decision": False}, "choose the decision"),
            ({"decision": "rejected", "decision_text": ""}, "reasons"),
            ({"decision": "partly", "decision_text": "x", "granted_amount": 100.01}, "than is disputed"),
            ({"decision": "partly", "decision_text": "x", "granted_amount": 0}, "what was granted"),
        ):
            with self.subTest(words=words), freeze_time("2026-10-12 12:00:00"):
                complaint.write(vals)
                with self.assertRaises(UserError) as refused:
                    complaint.action_answer()
                self.assertIn(words, str(refused.exception))

    def test_facts_have_to_make_sense(self):
        with self.assertRaises(ValidationError):
            self.complain(123.01)
        with self.assertRaises(ValidationError):
            self.complain(period_from=date(2026, 9, 30), period_to=date(2026, 9, 1))
        with freeze_time("2026-10-07 12:00:00"), self.assertRaises(ValidationError):
            self.env["bss.complaint"].create({"account_id": self.account.id, "subject": "Jutro", "received_on": LODGED})
        stranger = self.debtor("Obcy")
        with self.assertRaises(ValidationError):
            self.complain(line_ids=[Command.create({"move_line_id": self.receivable(stranger.invoice_ids).id})])

    def user(self, login, kind, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups=f"base.group_user,bss_catalog.group_bss_{kind}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    def test_rights(self):
        clerk, viewer = self.user("rekl.k", "clerk"), self.user("rekl.p", "viewer")
        complaint = self.complain(env=self.env(user=clerk))
        self.assertEqual(complaint.user_id, clerk)
        with freeze_time("2026-10-12 12:00:00"):
            complaint.action_confirm()
        with self.assertRaises(UserError):
            complaint.write({"answer_sent_on": date(2026, 10, 12)})
        Form(complaint)
        Form(complaint.with_user(viewer))
        with self.assertRaises(AccessError):
            complaint.with_user(viewer).write({"subject": "X"})
        with self.assertRaises(AccessError):
            complaint.with_user(viewer).action_answer()
        with self.assertRaises(UserError):
            complaint.with_user(self.user("rekl.a", "admin")).unlink()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("rekl.obcy", "clerk", other)
        theirs = complaint.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.read(["subject"])
