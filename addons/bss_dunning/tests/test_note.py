import io
from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import ExclusionViolation, UniqueViolation
from pypdf import PdfReader

from .note_common import NoteCommon


@tagged("post_install", "-at_install")
class TestNote(NoteCommon):
    """Interest notes: the worked examples to the grosz, nothing twice, cancelled and issued again."""

    def test_consumer_civil_rate(self):
        """E1: 239 days over seven rates."""
        note = self.make_note(self.example(), date(2025, 12, 10))
        self.assertEqual((note.amount_total, note.line_ids.days), (84.20, 239))
        segments = note.line_ids.segment_ids
        self.assertEqual(
            [(one.days, one.percent, one.interest) for one in segments],
            [
                (22, 11.25, 8.3713),
                (56, 10.75, 20.3618),
                (63, 10.5, 22.3743),
                (35, 10.25, 12.1342),
                (28, 10.0, 9.4706),
                (28, 9.75, 9.2338),
                (7, 9.5, 2.2493),
            ],
        )
        self.assertIn("84.20", note.line_ids.explanation.replace(",", "."))

    def test_rounding_for_each_rate_is_a_setting(self):
        self.company.bss_interest_rounding = "per_segment"
        self.assertEqual(self.make_note(self.example(), date(2025, 12, 10)).amount_total, 84.18)

    def test_business_and_medical_rate_from_the_shifted_day(self):
        """E2: due on a Saturday."""
        account = self.example("company", date(2024, 11, 30))
        note = self.make_note(account, date(2025, 8, 20))
        self.assertEqual((note.amount_total, note.line_ids.days), (138.18, 261))
        account.interest_regime = "medical"
        note.action_recompute()
        self.assertEqual(note.amount_total, 120.52)

    def test_long_leap_and_half_years(self):
        """E3, E4, E6."""
        old = self.example("sole_trader", date(2014, 10, 31), interest_professional=False)
        self.assertEqual(self.make_note(old, date(2026, 3, 31)).amount_total, 1195.92)
        leap = self.example(due=date(2024, 1, 31))
        note = self.make_note(leap, date(2024, 12, 31))
        self.assertEqual((note.amount_total, note.line_ids.days), (127.47, 335))
        business = self.example("company", date(2025, 1, 31))
        self.assertEqual(self.make_note(business, date(2026, 9, 30)).amount_total, 303.31)

    def test_part_payment_by_either_order(self):
        """E5: 500.00 on 18 August, the rest on 31 December."""
        account = self.example(due=date(2025, 6, 30))
        self.pay(account.invoice_ids, 500.0, date(2025, 8, 18))
        note = self.make_note(account, date(2025, 12, 31))
        self.assertEqual(note.amount_total, 44.50)
        self.company.bss_interest_allocation = "interest_first"
        note.action_recompute()
        self.assertEqual(note.amount_total, 45.15)  # 779.71 owed, of it 734.56 on the invoice
        self.company.bss_interest_rounding = "once"
        note.action_recompute()
        self.assertEqual(note.amount_total, 45.14)

    def test_interest_first_knows_what_was_paid_on_the_note(self):
        account = self.example(due=date(2025, 6, 30))
        self.company.bss_interest_allocation = "interest_first"
        self.pay(account.invoice_ids, 500.0, date(2025, 8, 18))
        note = self.make_note(account, date(2025, 12, 31))
        note.action_issue()
        self.pay(note.move_id, 45.15, date(2025, 12, 31))
        self.pay(account.invoice_ids, 734.56, date(2025, 12, 31))
        later = self.make_note(account, date(2026, 6, 30))
        self.assertFalse(later.line_ids, "everything is paid: nothing bears interest")

    def test_agreed_rate_is_cut_to_the_maximum_and_older_contracts_keep_theirs(self):
        account = self.example(
            due=date(2026, 3, 31), amount=1000.0, interest_rate_mode="agreed", interest_rate_agreed=30
        )
        note = self.make_note(account, date(2026, 4, 30))
        self.assertEqual((note.amount_total, note.line_ids.segment_ids.basis), (15.21, "CAP"))  # 18.5% x 30
        account.interest_rate_agreed = 5.0
        note.action_recompute()
        self.assertEqual((note.amount_total, note.line_ids.segment_ids.percent), (4.11, 5.0))
        old = self.example("company", date(2019, 11, 29), 1000.0, interest_contract_date=date(2019, 6, 1))
        segments = self.make_note(old, date(2020, 1, 31)).line_ids.segment_ids
        self.assertEqual([(one.percent, one.date_start) for one in segments][0], (9.5, date(2019, 11, 30)))
        self.assertIn("OLDER_CONTRACT", segments.mapped("basis"))
        with self.assertRaises(ValidationError):
            account.interest_rate_agreed = 0.0

    def test_nothing_is_charged_twice(self):
        account = self.example()
        first = self.make_note(account, date(2025, 12, 5))
        first.action_issue()
        second = self.make_note(account, date(2025, 12, 10))
        self.assertEqual((second.amount_total, second.line_ids.days), (1.61, 5))
        second.action_issue()
        third = self.make_note(account, date(2025, 12, 10))
        self.assertFalse(third.line_ids)
        with self.assertRaisesRegex(UserError, "nothing to charge"):
            third.action_issue()
        with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE bss_dunning_note_line SET date_from = %s WHERE id = %s",
                (date(2025, 12, 1), second.line_ids.id),
            )

    def test_entry_is_a_debt_of_the_account_outside_vat(self):
        account = self.example()
        note = self.make_note(account, date(2025, 12, 10))
        note.action_issue()
        move = note.move_id
        self.assertEqual((move.move_type, move.state, move.bss_settlement_kind), ("entry", "posted", "interest_note"))
        self.assertEqual(move.ref, account.invoice_ids.name)
        self.assertFalse(move.line_ids.tax_ids)
        receivable = self.receivable(move)
        self.assertEqual((receivable.balance, receivable.bss_account_id), (84.20, account))
        self.assertEqual(receivable.date_maturity, date(2025, 12, 24))
        self.assertFalse(receivable.no_followup, "it is collected like any other debt")
        self.assertEqual((move.line_ids - receivable).account_id.account_type, "income_other")
        self.assertEqual(note.amount_residual, 84.20)
        rows = self.env["bss.settlement"].with_context(settlement_account_ids=account.ids)._bss_rows()
        self.assertEqual([row["kind"] for row in rows], ["invoice", "interest_note"])
        case_amount = self.run_on(date(2026, 1, 5)) and self.case_of(account).amount_overdue
        self.assertAlmostEqual(case_amount, 1234.56 + 84.20, 2)
        later = self.make_note(account, date(2026, 1, 31))
        self.assertEqual(len(later.line_ids), 1, "interest bears no interest")

    def test_printed_note_is_archived(self):
        account = self.example()
        note = self.make_note(account, date(2025, 12, 10), note="Prosimy o wpłatę")
        note.action_issue()
        document = note.document_id
        self.assertEqual((document.kind, document.name, document.account_id), ("interest_note", note.name, account))
        self.assertTrue(document._bss_content().startswith(b"%PDF"))
        data = note._bss_letter_data()
        line = data["documents"][0]
        self.assertEqual(
            (line["value"].replace("\xa0", " "), line["due"], line["paid"]), ("1 234,56", "15.04.2025", "nie")
        )
        self.assertEqual((line["segments"][0]["percent"], line["segments"][0]["interest"]), ("11,25", "8,3713"))
        self.assertIn("osiemdziesiąt cztery", data["words"])
        self.assertIn("1090", data["payment"]["nrb"])
        self.assertEqual(data["deadline"], "24.12.2025")
        self.assertEqual(bool(document.print_barcode), document.channel == "post")

    def test_a_note_by_post_shows_its_barcode(self):
        account = self.example(delivery_method="post")
        note = self.make_note(account, date(2025, 12, 10))
        note.action_issue()
        page = PdfReader(io.BytesIO(note.document_id._bss_content())).pages[0].extract_text()
        self.assertIn(note.document_id.print_barcode, page)

    def test_documents_paid_late_are_charged_to_the_day_of_payment(self):
        account = self.example()
        self.pay(account.invoice_ids, 1234.56, date(2025, 12, 10))
        note = self.make_note(account, date(2025, 12, 31))
        self.assertEqual((note.amount_total, note.line_ids.date_paid), (84.20, date(2025, 12, 10)))
        note.scope = "open"
        self.assertFalse(note.line_ids)
        on_time = self.example()
        self.pay(on_time.invoice_ids, 1234.56, date(2025, 4, 15))
        self.assertFalse(self.make_note(on_time, date(2025, 12, 31)).line_ids)

    def test_a_correction_was_never_owed(self):
        account = self.example()
        refund = self.make_invoice(account, 234.56, date(2025, 5, 1), move_type="out_refund")
        (self.receivable(refund) | self.receivable(account.invoice_ids - refund)).reconcile()
        self.assertEqual(self.make_note(account, date(2025, 5, 7)).amount_total, 6.78)  # 1000 x 11.25% x 22 / 365

    def test_money_not_assigned_yet_stops_the_note(self):
        account = self.example()
        self.make_payment(account, 100.0, date(2025, 5, 1))
        note = self.make_note(account, date(2025, 12, 10))
        self.assertFalse(note.line_ids)
        self.assertIn("100", note.refusal)

    def test_disputed_and_lapsed_documents_are_left_out(self):
        account = self.example()
        self.make_invoice(account, 500.0, date(2019, 5, 6))
        self.receivable(account.invoice_ids.filtered(lambda move: move.amount_total == 1234.56)).no_followup = True
        note = self.make_note(account, date(2025, 12, 10))
        self.assertFalse(note.line_ids)
        self.assertEqual(len(note.refusal.splitlines()), 2)

    def test_cancelled_note_is_reversed_and_its_days_are_free_again(self):
        account = self.example()
        first = self.make_note(account, date(2025, 12, 5))
        first.action_issue()
        second = self.make_note(account, date(2025, 12, 10))
        second.action_issue()
        with self.assertRaisesRegex(UserError, second.name):
            first._bss_cancel("pomyłka")
        self.pay(second.move_id, 1.0, date(2025, 12, 11))
        self.env["bss.dunning.note.cancel"].create(
            {"note_ids": second.ids, "reason": "pomyłka", "date": date(2025, 12, 20)}
        ).action_cancel_notes()
        self.assertEqual((second.state, second.reversal_id.state), ("cancelled", "posted"))
        self.assertEqual(second.reversal_id.date, date(2025, 12, 20))
        self.assertTrue(self.receivable(second.move_id).reconciled)
        credits = account.move_line_ids.filtered(lambda line: line.amount_residual < 0)
        self.assertEqual(sum(credits.mapped("amount_residual")), -1.0)
        (credits | self.receivable(account.invoice_ids)).reconcile()
        again = self.make_note(account, date(2025, 12, 10))
        self.assertEqual(again.line_ids.days, 5)

    def test_a_new_rate_renews_drafts_and_cases_and_leaves_issued_notes(self):
        issued = self.make_note(self.example(due=date(2026, 3, 31)), date(2026, 6, 30))
        issued.action_issue()
        account = self.example(due=date(2026, 3, 31))
        draft = self.make_note(account, date(2026, 6, 30))
        self.run_on(date(2026, 6, 30))
        case = self.case_of(account).with_context(bss_as_of=date(2026, 6, 30))
        before = (issued.amount_total, draft.amount_total, case.interest_amount)
        self.assertEqual(before[0], before[1])
        rate = self.env["bss.interest.rate"].create({"regime": "civil", "date_start": date(2026, 5, 1), "rate": 20.0})
        case.invalidate_recordset()
        self.assertEqual(issued.amount_total, before[0])
        self.assertGreater(draft.amount_total, before[1])
        self.assertGreater(case.interest_amount, before[2])
        rate.unlink()
        self.assertEqual(draft.amount_total, before[1])

    def test_case_shows_what_is_not_charged(self):
        account = self.example()
        self.make_note(account, date(2025, 12, 5)).action_issue()
        self.run_on(date(2025, 12, 10))
        case = self.case_of(account)
        self.assertEqual((case.interest_amount, case.uncharged_amount), (84.20, 1.61))

    def test_collectors_issue_and_change_nothing_else(self):
        account = self.example()
        mine = self.Note.with_user(self.collector)
        with Form(mine) as form:
            form.account_id = account
            form.date = form.date_to = date(2025, 12, 10)
        note = mine.search([("account_id", "=", account.id)])
        self.assertEqual(note.amount_total, 84.20)
        for vals in ({"state": "issued"}, {"amount_total": 1.0}, {"name": "X"}, {"way": "waived"}):
            with self.assertRaises(AccessError):
                note.write(vals)
        with self.assertRaises(AccessError):
            note.line_ids.write({"amount": 1.0})
        note.action_issue()
        self.assertEqual(note.move_id.sudo().state, "posted")
        with self.assertRaises(UserError):
            note.date_to = date(2025, 12, 9)
        with self.assertRaises(UserError):
            note.unlink()
        viewer = self.user("podglad.not", "bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            note.with_user(viewer).read(["name"])
        for forbidden in (lambda own: own.action_recompute(), lambda own: own._bss_cancel("x")):
            with self.assertRaises(AccessError):
                forbidden(note.with_user(viewer))
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("obcy.not", "bss_catalog.group_bss_collector")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        theirs = note.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.read(["name"])

    def test_a_changed_invoice_leaves_drafts_and_not_what_was_issued(self):
        drafted, issued = self.example(), self.example()
        draft = self.make_note(drafted, date(2025, 12, 10))
        self.make_note(issued, date(2025, 12, 10)).action_issue()
        for account in (drafted, issued):
            account.invoice_ids.button_draft()
        drafted.invoice_ids.unlink()
        self.assertFalse(draft.line_ids.exists())
        with self.assertRaisesRegex(UserError, issued.dunning_note_ids.name):
            issued.invoice_ids.unlink()

    def test_no_empty_draft_is_left_when_nothing_is_to_be_noted(self):
        account = self.example()
        self.run_on(date(2025, 12, 10))
        case = self.case_of(account).with_context(lang="en_US")
        with freeze_time("2025-12-10 10:00:00"):
            opened = case.action_interest_note()
            self.Note.browse(opened["res_id"]).action_issue()
            told = case.action_interest_note()
            self.assertEqual((told["tag"], told["params"]["type"]), ("display_notification", "warning"))
            self.assertIn("charged up to today already", told["params"]["message"])
            self.assertEqual(account.dunning_note_ids.mapped("state"), ["issued"], "no empty draft")
            stale = self.make_note(account, date(2025, 12, 10))
            self.assertFalse(stale.line_ids)
            case.action_interest_note()
            self.assertFalse(stale.exists(), "one that was left before goes as well")
        self.make_payment(account, 100.0, date(2025, 12, 11))
        with freeze_time("2025-12-12 10:00:00"):
            told = case.action_interest_note()
        self.assertIn("is not set against documents yet", told["params"]["message"])
        self.assertEqual(len(account.dunning_note_ids), 1)

    def test_bad_input(self):
        account = self.example()
        with self.assertRaises(ValidationError):
            self.make_note(account, date(2025, 12, 10), date_to=date(2025, 12, 11))
        self.make_note(account, date(2025, 12, 10))
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.make_note(account, date(2025, 12, 10))
        with self.assertRaises(ValidationError):
            self.make_note(account, date(2025, 12, 10), "compensation", way="charge")
