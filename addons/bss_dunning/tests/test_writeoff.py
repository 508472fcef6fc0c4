import re
from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .note_common import NoteCommon


@tagged("post_install", "-at_install")
class TestWriteoff(NoteCommon):
    """Write-offs: limits, two pairs of eyes, tax warnings, the case at once, and back again."""

    as_of = date(2026, 10, 20)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.user("kierownik", "bss_catalog.group_bss_billing_manager")
        cls.accountant = cls.user("glowna", "account.group_account_manager", "bss_catalog.group_bss_viewer")
        cls.reason = cls.env.ref("bss_dunning.writeoff_reason_small")
        cls.company.write(
            {
                "bss_writeoff_limit_collector": 20.0,
                "bss_writeoff_limit_manager": 500.0,
                "bss_writeoff_two_people": False,
            }
        )

    def make_writeoff(self, account, user=None, amounts=None, **vals):
        values = [
            {"move_line_id": line.id, "amount": (amounts or {}).get(line, line.amount_residual)}
            for line in self.receivable(account.invoice_ids)
        ]
        return (
            self.env["bss.dunning.writeoff"]
            .with_user(user or self.env.user)
            .create(
                {
                    "account_id": account.id,
                    "date": self.as_of,
                    "reason_id": self.reason.id,
                    "line_ids": [Command.create(value) for value in values],
                    **vals,
                }
            )
        )

    def in_collection(self, amount=15.0, **vals):
        account = self.debtor(amount=amount, **vals)
        self.run_on(self.as_of)
        return account, self.case_of(account)

    def test_within_the_limit_the_case_closes_at_once(self):
        account, case = self.in_collection()
        writeoff = self.make_writeoff(account, self.collector)
        self.assertFalse(writeoff.needs_approval)
        writeoff.action_confirm()
        self.assertEqual((writeoff.state, writeoff.approver_id), ("done", self.collector))
        self.assertEqual((case.state, case.close_reason), ("closed", "written_off"))
        move = writeoff.sudo().move_id
        self.assertEqual((move.state, move.bss_settlement_kind), ("posted", "write_off"))
        self.assertTrue(self.receivable(account.invoice_ids).reconciled)
        self.assertEqual(move.line_ids.filtered("debit").account_id.account_type, "expense")
        self.assertFalse(case.action_ids.filtered(lambda action: action.state == "planned"))

    def test_a_part_changes_the_case_at_once(self):
        account, case = self.in_collection(100.0)
        line = self.receivable(account.invoice_ids)
        self.make_writeoff(account, self.collector, {line: 15.0}).action_confirm()
        self.assertEqual((case.state, case.amount_overdue, line.amount_residual), ("open", 85.0, 85.0))

    def test_above_the_limit_somebody_else_decides(self):
        account, case = self.in_collection(100.0)
        writeoff = self.make_writeoff(account, self.collector)
        self.assertTrue(writeoff.needs_approval)
        writeoff.action_confirm()
        self.assertEqual((writeoff.state, case.state), ("to_approve", "open"))
        with self.assertRaises(AccessError):
            writeoff.action_approve()
        other = self.user("windykator.drugi", "bss_catalog.group_bss_collector")
        with self.assertRaisesRegex(AccessError, "limit"):
            writeoff.with_user(other).action_approve()
        writeoff.with_user(self.manager).action_approve()
        self.assertEqual((writeoff.state, writeoff.approver_id, case.state), ("done", self.manager, "closed"))

    def test_a_manager_has_a_limit_too_and_nobody_approves_his_own(self):
        account, _case = self.in_collection(600.0)
        writeoff = self.make_writeoff(account, self.manager)
        writeoff.action_confirm()
        self.assertEqual(writeoff.state, "to_approve")
        with self.assertRaises(AccessError):
            writeoff.action_approve()
        # even when his limit grows meanwhile
        self.company.bss_writeoff_limit_manager = 1000.0
        with self.assertRaisesRegex(AccessError, "does not approve"):
            writeoff.action_approve()
        writeoff.with_user(self.accountant).action_approve()
        self.assertEqual(writeoff.state, "done")

    def test_large_sums_take_two_people_whoever_asks(self):
        self.company.bss_writeoff_two_people = True
        account, case = self.in_collection(600.0)
        writeoff = self.make_writeoff(account, self.accountant)
        self.assertTrue(writeoff.needs_approval)
        writeoff.action_confirm()
        self.assertEqual((writeoff.state, writeoff.may_approve), ("to_approve", False))
        with self.assertRaises(AccessError):
            writeoff.action_approve()
        other = self.user("glowna.druga", "account.group_account_manager", "bss_catalog.group_bss_viewer")
        writeoff.with_user(other).action_approve()
        self.assertEqual((writeoff.state, case.state), ("done", "closed"))

    def test_refused_and_back_to_draft(self):
        account, case = self.in_collection(100.0)
        writeoff = self.make_writeoff(account, self.collector)
        writeoff.action_confirm()
        writeoff.with_user(self.accountant).action_refuse()
        self.assertEqual((writeoff.state, case.state), ("refused", "open"))
        writeoff.action_draft()
        writeoff.line_ids.amount = 10.0
        writeoff.action_confirm()
        self.assertEqual(writeoff.state, "done")

    def test_raw_writes_are_refused(self):
        account, _case = self.in_collection(100.0)
        writeoff = self.make_writeoff(account, self.collector)
        for vals in ({"state": "done"}, {"requester_id": self.manager.id}, {"approver_id": self.collector.id}):
            with self.assertRaises(AccessError):
                writeoff.write(vals)
        with self.assertRaises(AccessError):
            self.make_writeoff(account, self.collector, state="done")
        writeoff.action_confirm()
        with self.assertRaises(UserError):
            writeoff.line_ids.amount = 1.0
        with self.assertRaises(UserError):
            writeoff.date = self.as_of
        with self.assertRaises(UserError):
            writeoff.unlink()
        viewer = self.user("podglad.um", "bss_catalog.group_bss_viewer")
        for forbidden in ("action_confirm", "action_approve", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(writeoff.with_user(viewer), forbidden)()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("obcy.um", "bss_catalog.group_bss_collector")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(writeoff.with_user(stranger).with_context(allowed_company_ids=other.ids).search([]))

    def test_bad_input(self):
        account, _case = self.in_collection(100.0)
        line = self.receivable(account.invoice_ids)
        with self.assertRaisesRegex(UserError, "100"):
            self.make_writeoff(account, amounts={line: 100.01}).action_confirm()
        with freeze_time("2026-10-19"), self.assertRaisesRegex(UserError, "future"):
            self.make_writeoff(account).action_confirm()
        with self.assertRaisesRegex(UserError, "no document"):
            self.make_writeoff(account, line_ids=[]).action_confirm()
        stranger = self.debtor("Ktoś inny")
        with self.assertRaises(ValidationError):
            self.make_writeoff(
                account,
                line_ids=[Command.create({"move_line_id": self.receivable(stranger.invoice_ids).id, "amount": 1.0})],
            )
        paid = self.make_writeoff(account)
        self.pay(account.invoice_ids, 100.0, self.as_of)
        with self.assertRaises(UserError):
            paid.action_confirm()

    def test_absurd_amounts_are_never_stored(self):
        account, _case = self.in_collection(100.0)
        line = self.receivable(account.invoice_ids)
        number = account.invoice_ids.name
        for amount, said in ((-5.0, "above zero"), (0.0, "above zero"), (100.01, "cannot be written off")):
            with self.assertRaisesRegex(ValidationError, f"{re.escape(number)}.*{said}"), self.env.cr.savepoint():
                self.make_writeoff(account, amounts={line: amount})
        draft = self.make_writeoff(account)
        for amount in (-5.0, 0.0, 100.01):
            with self.assertRaisesRegex(ValidationError, re.escape(number)), self.env.cr.savepoint():
                draft.line_ids.amount = amount
        draft.line_ids.amount = 99.99
        self.assertEqual(draft.amount_total, 99.99)

    def test_parts_and_their_accounts(self):
        account = self.debtor("Firma", "company", 1234.56, date(2025, 1, 31))
        self.set_rate(date(2024, 12, 31), 4.2730)
        for kind in ("interest", "compensation"):
            self.make_note(account, date(2026, 9, 30), kind, date_due=date(2026, 10, 5)).action_issue()
        self.run_on(self.as_of)
        action = self.case_of(account).action_write_off()
        form = Form(self.env["bss.dunning.writeoff"].with_context(**action["context"]))
        form.reason_id = self.reason
        writeoff = form.save()
        self.assertEqual(
            (writeoff.amount_principal, writeoff.amount_interest, writeoff.amount_costs), (1234.56, 303.31, 170.92)
        )
        writeoff.action_confirm()
        booked = {line.account_id.code: line.debit for line in writeoff.move_id.line_ids if line.debit == 303.31}
        self.assertEqual(list(booked), [self.company._bss_writeoff_account("interest").code])
        self.assertEqual(self.case_of(account), self.Case)

    def test_interest_given_up_is_not_charged_later(self):
        account, _case = self.in_collection(1000.0, due=date(2026, 3, 31))
        kept, _case = self.in_collection(1000.0, due=date(2026, 3, 31))
        self.make_writeoff(account).action_confirm()
        self.make_writeoff(kept, waive_interest=False).action_confirm()
        self.assertFalse(self.make_note(account, date(2026, 10, 31)).line_ids)
        self.assertTrue(self.make_note(kept, date(2026, 10, 31)).line_ids)

    def test_cancelled_write_off_opens_the_debt_again(self):
        account, case = self.in_collection(1000.0, due=date(2026, 3, 31))
        before = self.make_note(account, self.as_of)
        amount = before.amount_total
        before.unlink()
        writeoff = self.make_writeoff(account)
        writeoff.action_confirm()
        self.assertEqual(case.state, "closed")
        with self.assertRaises(AccessError):
            writeoff.with_user(self.collector).action_cancel()
        writeoff.action_cancel()
        self.assertEqual((writeoff.state, writeoff.reversal_id.state), ("cancelled", "posted"))
        self.assertEqual(self.receivable(account.invoice_ids).amount_residual, 1000.0)
        self.assertEqual(
            (self.case_of(account), case.amount_overdue), (case, 1000.0), "it goes on, nothing is repeated"
        )
        self.assertEqual(self.make_note(account, self.as_of).amount_total, amount)

    def test_tax_is_warned_of(self):
        business = self.make_subscriber("Firma", "company", partner={"vat": "PL5261040567"})
        taxed = [Command.create({"name": "X", "price_unit": 1000.0, "tax_ids": [Command.set(self.tax_23.ids)]})]
        self.make_invoice(business, due=date(2026, 3, 31), invoice_line_ids=taxed)
        self.run_on(self.as_of)
        writeoff = self.make_writeoff(business)
        self.assertIn("89a", writeoff.warning)
        self.assertIn(business.invoice_ids.name, writeoff.warning)
        self.assertIn("Income tax", writeoff.warning)
        untaxed, _case = self.in_collection()
        self.assertNotIn("89a", self.make_writeoff(untaxed).warning)

    def test_relief_candidates_with_reasons(self):
        taxed = [Command.create({"name": "X", "price_unit": 1000.0, "tax_ids": [Command.set(self.tax_23.ids)]})]
        business = self.make_subscriber("Firma", "company", partner={"vat": "PL5261040567"})
        consumer = self.make_subscriber("Jan")
        late = self.make_invoice(business, due=date(2026, 3, 31), invoice_line_ids=taxed)
        young = self.make_invoice(business, due=date(2026, 9, 30), invoice_line_ids=taxed)
        private = self.make_invoice(consumer, due=date(2026, 3, 31), invoice_line_ids=taxed)
        self.pay(late, 615.0, date(2026, 5, 4))
        reliefs = self.env["bss.dunning.relief"]
        reliefs._bss_refresh(self.company, self.as_of)
        rows = {row.move_id: row for row in reliefs.search([("company_id", "=", self.company.id)])}
        self.assertEqual([rows[move].status for move in (late, young, private)], ["possible", "later", "fact_missing"])
        self.assertEqual(
            (rows[late].amount_vat, rows[late].amount_net, rows[late].income_possible), (115.0, 500.0, True)
        )
        self.assertEqual(rows[late].date_first, date(2026, 6, 30))
        self.assertTrue(all(row.reason for row in rows.values()))
        rows[private].listed_on = date(2026, 8, 1)
        self.assertEqual(rows[private].status, "possible")
        rows[late].taken_on = date(2026, 7, 25)
        self.pay(late, 615.0, self.as_of)
        reliefs._bss_refresh(self.company, self.as_of)
        self.assertEqual((rows[late].status, rows[late].amount_residual), ("taken", 0.0))
        self.assertEqual(reliefs.search_count([("company_id", "=", self.company.id)]), 3)
        with self.assertRaises(AccessError):
            rows[young].with_user(self.collector).taken_on = self.as_of
