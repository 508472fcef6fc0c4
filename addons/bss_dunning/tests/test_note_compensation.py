from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .note_common import NoteCommon


@tagged("post_install", "-at_install")
class TestNoteCompensation(NoteCommon):
    """40, 70 or 100 EUR by the rate of the last working day of the month before: businesses only, once."""

    as_of = date(2026, 9, 30)

    def test_bands_at_the_rate_of_the_day(self):
        """E6: due 2025-01-31, rate of 2024-12-31."""
        self.set_rate(date(2024, 12, 31), 4.2730)
        for amount, expected in ((1234.56, 170.92), (5000.0, 170.92), (5000.01, 299.11), (50000.0, 427.30)):
            note = self.make_note(self.example("company", date(2025, 1, 31), amount), self.as_of, "compensation")
            self.assertEqual((note.amount_total, note.line_ids.rate_day), (expected, date(2024, 12, 31)), amount)

    def test_shifted_due_date_moves_the_month(self):
        """E2: due Saturday 2024-11-30, so December: rate of 2024-11-29."""
        self.set_rate(date(2024, 11, 29), 4.30)
        self.set_rate(date(2024, 10, 31), 4.99)
        note = self.make_note(self.example("company", date(2024, 11, 30)), date(2025, 8, 20), "compensation")
        self.assertEqual((note.amount_total, note.line_ids.rate_day), (172.0, date(2024, 11, 29)))

    def test_missing_rate_is_told_with_its_day(self):
        self.set_rate(date(2024, 12, 30), 4.27)
        note = self.make_note(self.example("company", date(2025, 1, 31)), self.as_of, "compensation")
        self.assertFalse(note.line_ids)
        with self.assertRaisesRegex(UserError, r"31\.12\.2024|12/31/2024"):
            note.action_issue()

    def test_never_twice_and_free_again_after_cancelling(self):
        self.set_rate(date(2024, 12, 31), 4.2730)
        account = self.example("company", date(2025, 1, 31))
        note = self.make_note(account, self.as_of, "compensation")
        note.action_issue()
        self.assertEqual(note.move_id.bss_settlement_kind, "debit_note")
        self.assertEqual(note.document_id.kind, "compensation_note")
        again = self.make_note(account, self.as_of, "compensation")
        self.assertFalse(again.line_ids)
        self.assertIn(account.invoice_ids.name, again.refusal)
        copy = {"move_line_id": note.line_ids.move_line_id.id, "document": "X", "note_id": again.id, "amount": 1.0}
        again.line_ids.sudo().create(copy)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            again.sudo().write({"state": "issued", "move_id": note.move_id.id})
            again.flush_recordset()
        again.invalidate_recordset()
        again.unlink()
        note._bss_cancel("pomyłka", self.as_of)
        self.assertEqual(self.make_note(account, self.as_of, "compensation").amount_total, 170.92)

    def test_gates(self):
        self.set_rate(date(2024, 12, 31), 4.2730)
        due = date(2025, 1, 31)
        consumer = self.example("consumer", due, interest_regime="commercial")
        private = self.example("sole_trader", due, interest_professional=False)
        older = self.example("company", due, interest_contract_date=date(2013, 4, 1))
        for account in (consumer, private, older):
            note = self.make_note(account, self.as_of, "compensation")
            self.assertFalse(note.line_ids)
            self.assertTrue(note.refusal)
        for account in (self.example("sole_trader", due), self.example("public", due)):
            self.assertEqual(self.make_note(account, self.as_of, "compensation").amount_total, 170.92)
        self.assertFalse(self.make_note(self.example("company", self.as_of), self.as_of, "compensation").line_ids)

    def test_paid_late_bears_it_paid_in_time_does_not(self):
        self.set_rate(date(2024, 12, 31), 4.2730)
        late, in_time = (self.example("company", date(2025, 1, 31)) for _number in range(2))
        self.pay(late.invoice_ids, 1234.56, date(2025, 2, 3))
        self.pay(in_time.invoice_ids, 1234.56, date(2025, 1, 31))
        self.assertEqual(self.make_note(late, self.as_of, "compensation").amount_total, 170.92)
        self.assertFalse(self.make_note(in_time, self.as_of, "compensation").line_ids)

    def test_ladder_issues_notes(self):
        self.set_rate(date(2026, 8, 31), 4.25)
        strategy = self.business.copy({"name": "Noty", "company_id": self.company.id, "min_amount": 0, "min_days": 0})
        strategy.step_ids.unlink()
        stage = strategy.stage_ids[0]
        self.env["bss.dunning.step"].create(
            [
                {"name": "Nota", "stage_id": stage.id, "channel": "interest_note", "days_after_due": 3},
                {
                    "name": "Rekompensata",
                    "stage_id": stage.id,
                    "channel": "compensation_note",
                    "days_after_due": 4,
                    "days_after_previous": 1,
                },
            ]
        )
        strategy.action_activate()
        account = self.example("company", date(2026, 9, 15), 10000.0, dunning_strategy_id=strategy.id)
        for day in (date(2026, 9, 22), date(2026, 9, 23), date(2026, 9, 24)):
            self.run_on(day)
        actions = self.case_of(account).action_ids.sorted("id")
        self.assertEqual(actions.mapped("state"), ["done", "done"], actions.mapped("reason"))
        notes = actions.note_ids.sorted("id")
        self.assertEqual(notes.mapped("kind"), ["interest", "compensation"])
        self.assertEqual(notes.mapped("state"), ["issued", "issued"])
        self.assertEqual(notes.mapped("amount_total"), [26.37, 297.5])  # 10000 x 13.75% x 7 / 365; 70 EUR x 4.25
        self.assertIn(notes[0].name, actions[0].reason)
