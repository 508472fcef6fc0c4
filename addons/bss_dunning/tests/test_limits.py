"""Ways round the limits of write-offs, plans, promises and disputes, as a collector could try them by RPC."""

from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .note_common import NoteCommon

DAY = date(2026, 10, 20)


@tagged("post_install", "-at_install")
@freeze_time("2026-10-20 10:00:00")
class TestLimits(NoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "bss_writeoff_limit_collector": 20.0,
                "bss_writeoff_limit_manager": 500.0,
                "bss_promise_max_days": 14,
                "bss_instalment_max": 3,
                "bss_instalment_min_amount": 10.0,
            }
        )
        cls.reason = cls.env.ref("bss_dunning.writeoff_reason_small")

    def setUp(self):
        super().setUp()
        self.account = self.debtor("Jan Dłużnik", amount=100.0)
        self.other = self.debtor("Ktoś Inny", amount=70.0)
        self.run_on(DAY)
        self.case = self.case_of(self.account).with_user(self.collector)
        self.line = self.receivable(self.account.invoice_ids)
        self.writeoffs = self.env["bss.dunning.writeoff"].with_user(self.collector)

    def draft(self, amount=10.0, line=None, **vals):
        values = {"account_id": self.account.id, "reason_id": self.reason.id, "date": DAY}
        values["line_ids"] = [Command.create({"move_line_id": (line or self.line).id, "amount": amount})]
        return self.writeoffs.create({**values, **vals})

    # Write-offs

    def test_no_absurd_amount_is_stored(self):
        for amount in (-5.0, 0.0, 0.001, 100.01, 1e12):
            with self.subTest(amount=amount), self.assertRaises(ValidationError):
                self.draft(amount)
        writeoff = self.draft()
        for amount in (-1.0, 100.01):
            with self.subTest(written=amount), self.assertRaises(ValidationError):
                writeoff.line_ids.write({"amount": amount})
        self.assertEqual(writeoff.amount_total, 10.0)

    def test_only_open_documents_of_the_account(self):
        strange = self.receivable(self.other.invoice_ids)
        income = self.account.invoice_ids.line_ids - self.line
        writeoff = self.draft()
        tries = (
            lambda: self.draft(line=strange),
            lambda: self.draft(line=income),
            lambda: writeoff.line_ids.write({"move_line_id": strange.id}),
            lambda: writeoff.write({"account_id": self.other.id}),
            lambda: writeoff.line_ids.create({"writeoff_id": writeoff.id, "move_line_id": strange.id, "amount": 1.0}),
        )
        for number, forbidden in enumerate(tries):
            with self.subTest(number), self.assertRaises(ValidationError):
                forbidden()
        self.assertEqual((writeoff.account_id, writeoff.line_ids.move_line_id), (self.account, self.line))

    def test_a_debt_cut_into_small_pieces_stays_under_the_limit(self):
        first = self.draft(15.0)
        first.action_confirm()
        self.assertEqual(first.state, "done")
        second = self.draft(15.0)
        self.assertTrue(second.needs_approval)
        second.action_confirm()
        self.assertEqual((second.state, second.may_approve), ("to_approve", False))
        small = self.draft(5.0)
        small.action_confirm()
        self.assertEqual(small.state, "done", "twenty in all are his")
        with self.assertRaises(AccessError):
            self.draft(1.0).write({"case_id": False})

    def colleague(self, group="collector"):
        return self.user(f"drugi.{group}", f"bss_catalog.group_bss_{group}")

    def test_two_collectors_share_one_limit_of_a_debt(self):
        self.draft(15.0).action_confirm()
        colleague = self.colleague()
        second = self.draft(15.0).with_user(colleague)
        self.assertTrue(second.needs_approval)
        second.action_confirm()
        self.assertEqual((second.state, second.approver_id.id), ("to_approve", False))
        small = self.draft(5.0).with_user(colleague)
        small.action_confirm()
        self.assertEqual(small.state, "done", "twenty in all, whoever of them it was")

    def test_nor_do_they_approve_each_other_above_it(self):
        self.draft(15.0).action_confirm()
        second = self.draft(15.0)
        second.action_confirm()
        colleague = self.colleague()
        self.assertFalse(second.with_user(colleague).may_approve)
        with self.assertRaisesRegex(AccessError, "limit"):
            second.with_user(colleague).action_approve()
        second.with_user(self.colleague("billing_manager")).action_approve()
        self.assertEqual(second.state, "done")

    def test_what_a_manager_decided_leaves_the_limit_of_collectors_alone(self):
        asked = self.draft(50.0)
        asked.action_confirm()
        asked.with_user(self.colleague("billing_manager")).action_approve()
        small = self.draft(15.0)
        small.action_confirm()
        self.assertEqual((asked.state, small.state), ("done", "done"))

    def test_another_case_of_the_account_counts_while_its_days_run(self):
        self.make_invoice(self.account, 15.0)
        first = self.draft(15.0, self.receivable(self.account.invoice_ids - self.line.move_id))
        first.action_confirm()
        self.env.cr.execute("UPDATE bss_dunning_writeoff SET case_id = NULL WHERE id = %s", [first.id])
        first.invalidate_recordset()
        self.assertTrue(self.draft(15.0).needs_approval)
        with freeze_time("2027-02-20 10:00:00"):
            self.assertFalse(self.draft(15.0).needs_approval, "ninety days are over")
            self.company.bss_writeoff_limit_days = 180
            self.assertTrue(self.draft(15.0).needs_approval)

    def test_who_comes_second_waits_for_the_first(self):
        """Both write on the account, so the database makes the second begin again and count the first."""
        draft = self.draft(15.0)
        self.env.flush_all()
        place = SQL("SELECT ctid::text FROM bss_account WHERE id = %s", self.account.id)
        before = self.env.execute_query(place)
        draft.action_confirm()
        self.assertNotEqual(self.env.execute_query(place), before)

    def test_what_was_written_off_within_the_limit_is_taken_back_by_its_collector(self):
        first, second = self.draft(15.0), self.draft(5.0)
        first.action_confirm()
        second.action_confirm()
        self.company.bss_writeoff_limit_collector = 16.0
        first.action_cancel()
        self.assertEqual(first.state, "cancelled")

    def test_nothing_is_put_into_what_is_decided(self):
        asked, loose = self.draft(50.0), self.draft(10.0)
        asked.action_confirm()
        self.assertEqual(asked.state, "to_approve")
        with self.assertRaises(UserError):
            loose.line_ids.write({"writeoff_id": asked.id})
        with self.assertRaises(UserError):
            asked.line_ids.create({"writeoff_id": asked.id, "move_line_id": self.line.id, "amount": 1.0})
        with self.assertRaises(AccessError):
            asked.action_approve()

    def test_the_context_sets_no_state(self):
        entry = self.account.invoice_ids
        forged = {"default_state": "done", "default_move_id": entry.id, "default_approver_id": self.collector.id}
        writeoff = self.draft().with_context(**forged).copy()
        self.assertRecordValues(writeoff, [{"state": "draft", "move_id": False, "approver_id": False}])
        self.writeoffs = self.writeoffs.with_context(**forged)
        self.assertRecordValues(self.draft(), [{"state": "draft", "move_id": False, "approver_id": False}])

    def test_a_copy_decides_nothing(self):
        done = self.draft()
        done.action_confirm()
        again = done.copy()
        self.assertRecordValues(
            again, [{"state": "draft", "move_id": False, "approver_id": False, "requester_id": False}]
        )
        self.assertFalse(again.line_ids)

    def test_interest_is_given_up_by_write_offs_only(self):
        notes = self.env["bss.dunning.note"].with_user(self.collector)
        values = {"account_id": self.account.id, "date": DAY, "date_to": DAY}
        with self.assertRaises(AccessError):
            notes.create({**values, "way": "waived"})
        with self.assertRaises(AccessError):
            notes.with_context(default_way="waived").create(values)
        made = notes.with_context(
            default_state="issued",
            bss_note_lines_given=True,
            default_line_ids=[Command.create({"move_line_id": self.line.id, "amount": 9999.0})],
        ).create(values)
        self.assertEqual(made.state, "draft")
        self.assertNotIn(9999.0, made.line_ids.mapped("amount"))

    # Promises and plans

    def promise(self, **vals):
        values = {"case_id": self.case.id, "amount": 50.0, "date": date(2026, 10, 25), **vals}
        return self.env["bss.dunning.promise.wizard"].with_user(self.collector).create(values).action_promise()

    def test_promises_outside_the_rules(self):
        for vals in (
            {"amount": -1.0},
            {"amount": 0.0},
            {"amount": 100.01},
            {"date": date(2026, 10, 19)},
            {"date": date(2026, 11, 10)},
            {"date": date(9999, 12, 31)},
        ):
            with self.subTest(**vals), self.assertRaises(UserError):
                self.promise(**vals)
        self.assertFalse(self.case.promise_ids)
        with self.assertRaises(AccessError):
            self.env["bss.dunning.promise"].with_user(self.collector).create(
                {"hold_id": self.case.sudo()._bss_hold(False, "x").id, "date": DAY, "date_last": DAY, "amount": 1.0}
            )

    def test_the_context_makes_no_promise_kept(self):
        wizard = self.env["bss.dunning.promise.wizard"].with_user(self.collector)
        made = wizard.create({"case_id": self.case.id, "amount": 50.0, "date": date(2026, 10, 25)})
        made.with_context(default_state="kept", default_amount_paid=50.0, default_reminded=True).action_promise()
        promise = self.case.promise_ids
        self.assertRecordValues(promise, [{"state": "open", "amount_paid": 0.0, "reminded": False}])
        self.assertEqual(promise.hold_id.state, "active")
        with self.assertRaises(AccessError):
            promise.copy()

    def plan(self, context=None, **vals):
        wizard = self.env["bss.dunning.instalment.wizard"].with_user(self.collector)
        values = {"case_id": self.case.id, "count": 3, "date_first": date(2026, 11, 20), **vals}
        return wizard.create(values).with_context(**(context or {})).action_agree()

    def test_plans_outside_the_rules(self):
        for vals in (
            {"count": 0},
            {"count": -3},
            {"count": 4},
            {"count": 10**9},
            {"down_payment": -10.0},
            {"down_payment": 100.0},
            {"date_first": date(2026, 10, 19)},
            {"date_first": date(2099, 1, 1)},
            {"date_first": date(9999, 12, 31)},
            {"monthly_day": 99},
        ):
            with self.subTest(**vals), self.assertRaises(UserError):
                self.plan(**vals)
        self.assertFalse(self.case.plan_ids)

    def test_neither_the_context_nor_a_value_changes_the_sum_of_a_plan(self):
        self.plan({"default_state": "kept", "default_date_acknowledged": "2020-01-01"}, amount_total=1.0)
        plan = self.case.plan_ids
        self.assertRecordValues(plan, [{"state": "active", "date_acknowledged": False, "amount_total": 100.0}])
        self.assertEqual(sum(plan.line_ids.mapped("amount")), 100.0)
        for values in ({"amount_total": 1.0}, {"date_acknowledged": "2026-01-01"}, {"grace_days": 999}):
            with self.assertRaises(AccessError):
                plan.write(values)
        with self.assertRaises(AccessError):
            plan.copy()

    # Disputes

    def dispute(self, amount, line=None):
        wizard = self.env["bss.dunning.hold.wizard"].with_user(self.collector)
        values = {"move_line_id": (line or self.line).id, "amount": amount, "disputed": True}
        return wizard.create(
            {"case_ids": self.case.ids, "kind": "dispute", "reason": "spór", "line_ids": [Command.create(values)]}
        ).action_hold()

    def test_a_dispute_is_about_what_is_open(self):
        for amount in (0.0, -1.0, 100.01):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, self.account.invoice_ids.name):
                self.dispute(amount)
        with self.assertRaises(UserError):
            self.dispute(10.0, self.receivable(self.other.invoice_ids))
        self.assertFalse(self.case.hold_ids)
        self.dispute(40.0)
        self.assertEqual(self.case.hold_ids.amount, 40.0)
        with self.assertRaises(ValidationError):
            self.dispute(61.0)
