from datetime import date

from odoo.tests import freeze_time, tagged

from ..adapters_letter import LetterDesk
from .letter_common import LetterCommon
from .note_common import NoteCommon


@tagged("post_install", "-at_install")
class TestLetterNotes(LetterCommon, NoteCommon):
    """Letters to who was charged interest or compensation already: nothing is demanded twice, notes bear no interest."""

    def demanded(self, account, day):
        """{document: item} of all that is open on an account, as a letter of that day demands it."""
        lines = account.invoice_ids.line_ids | account.dunning_note_ids.move_id.line_ids
        lines = lines.filtered(lambda line: line.account_type == "asset_receivable" and line.amount_residual > 0)
        desk = LetterDesk(self.env, day, accounts=account)
        return desk, {item.document: item for item in desk.items_of(lines.ids)}

    def test_interest_that_a_note_charged_is_not_demanded_again(self):
        account = self.debtor(amount=1000, due=date(2026, 7, 31))
        note = self.make_note(account, date(2026, 9, 8))
        note.action_issue()
        # 1 000 × 9,25 % × 39 days to 8 September, and 30 days from there
        self.assertEqual(note.amount_total, 9.88)
        desk, items = self.demanded(account, date(2026, 10, 8))
        invoice, own = items[account.invoice_ids.name], items[note.name]
        self.assertEqual((str(invoice.interest), str(invoice.per_day)), ("7.60", "0.25"))
        self.assertEqual((str(own.left), str(own.interest), str(own.per_day)), ("9.88", "0.00", "0.00"))
        self.assertIn(note.name, [row[0] for row in desk.balance(account)], "by the number that the debtor knows")

    def test_agreed_rate_corrections_and_interest_first(self):
        account = self.debtor(amount=1000, due=date(2026, 7, 31))
        account.write({"interest_rate_mode": "agreed", "interest_rate_agreed": 5.0})
        invoice = account.invoice_ids
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 9, 1), "date": date(2026, 9, 1)}])
        refund.invoice_line_ids[:1].price_unit /= 2
        refund.action_post()
        (refund.line_ids + invoice.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        self.assertTrue(0 < invoice.amount_residual < 1000)
        _desk, items = self.demanded(account, date(2026, 10, 8))
        # what was corrected was never owed: interest of what is left, from the beginning, at the agreed rate
        expected = round(invoice.amount_residual * 0.05 * 69 / 365, 2)
        self.assertEqual(float(items[invoice.name].interest), expected)

    def test_compensation_is_claimed_once_and_not_for_notes(self):
        self.company.bss_letter_compensation = True
        self.set_rate(date(2026, 7, 31), 4.25)
        self.set_rate(date(2026, 8, 31), 4.25)
        firm = self.debtor("Firma", "company", amount=1000, due=date(2026, 8, 14))
        desk, items = self.demanded(firm, date(2026, 10, 8))
        self.assertEqual([str(one.amount) for _number, one in desk.compensation(firm, items.values())], ["170.00"])
        note = self.make_note(firm, date(2026, 10, 7), "compensation")
        note.action_issue()
        desk, items = self.demanded(firm, date(2026, 11, 30))
        self.assertEqual(set(items), {firm.invoice_ids.name, note.name})
        self.assertEqual(desk.compensation(firm, items.values()), [])
        self.assertEqual(items[note.name].interest, 0)

    def test_a_plan_does_not_take_in_interest_twice(self):
        account = self.debtor(amount=1000, due=date(2026, 7, 31))
        self.run_on(date(2026, 9, 8))
        note = self.make_note(account, date(2026, 9, 8))
        note.action_issue()
        case = self.case_of(account).with_context(bss_as_of=date(2026, 9, 8))
        with freeze_time("2026-09-08 10:00:00"):
            self.assertEqual((case.interest_amount, case._bss_instalment_interest()), (9.88, 0.0))

    def test_the_list_of_documents_shows_none_on_a_note(self):
        account = self.debtor(amount=1000, due=date(2026, 7, 31))
        note = self.make_note(account, date(2026, 8, 31))
        note.action_issue()
        lines = (account.invoice_ids + note.move_id).line_ids.filtered(lambda line: line.amount_residual > 0)
        shown = {line.move_id: line.with_context(bss_as_of=date(2026, 11, 30)).dunning_interest for line in lines}
        self.assertEqual(shown[note.move_id], 0.0)
        self.assertEqual(shown[account.invoice_ids], 30.92)

    def test_a_demand_says_that_notes_charged_the_days_before(self):
        account = self.debtor(amount=1000, due=date(2026, 7, 31))
        self.run_on(date(2026, 10, 8))
        self.write_letter(account).action_send()
        action = self.case_of(account).action_ids.filtered(lambda one: one.origin == "letter")
        self.assertNotIn("w notach odsetkowych", self.remarks_of(action))
        self.make_note(account, date(2026, 9, 8)).action_issue()
        self.assertIn("w notach odsetkowych nie doliczono ponownie", self.remarks_of(action))

    def remarks_of(self, action):
        return " ".join(action._bss_letter_data(date(2026, 10, 8), "WZ/1")[0]["remarks"])
