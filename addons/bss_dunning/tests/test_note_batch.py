from datetime import date
from unittest.mock import patch

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import bss_dunning_note_batch_preview as preview
from .note_common import NoteCommon


@tagged("post_install", "-at_install")
class TestNoteBatch(NoteCommon):
    """Notes for many accounts: looked at first, resumable, nothing twice; interest on the next invoice."""

    day = date(2025, 12, 10)

    def make_batch(self, **vals):
        vals = {"date": self.day, "date_to": self.day, "company_id": self.company.id, **vals}
        batch = self.env["bss.dunning.note.batch"].with_context(queue_job__no_delay=True).create(vals)
        batch.action_preview()
        return batch

    def items(self, batch):
        return {item.account_id: (item.state, item.amount) for item in batch.item_ids}

    def test_preview_says_what_and_why_and_issue_does_it(self):
        big, small, paid = self.example(), self.example(amount=10.0), self.example()
        self.make_payment(paid, 5.0, date(2025, 5, 1))
        self.run_on(self.day)
        batch = self.make_batch()
        self.assertEqual(self.items(batch), {big: ("ready", 84.20), small: ("skipped", 0.68), paid: ("skipped", 0.0)})
        self.assertTrue(all(batch.item_ids.filtered(lambda item: item.state == "skipped").mapped("reason")))
        self.assertEqual((batch.ready_count, batch.amount_ready, batch.skipped_count), (1, 84.20, 2))
        self.assertFalse(self.Note.search([("batch_id", "=", batch.id)]), "looking issues nothing")
        batch.action_start()
        self.assertEqual((batch.state, batch.issued_count, batch.amount_issued), ("done", 1, 84.20))
        note = batch.item_ids.note_id
        self.assertEqual((note.account_id, note.state, note.case_id), (big, "issued", self.case_of(big)))
        again = self.make_batch()
        self.assertEqual(self.items(again)[big], ("skipped", 0.0))

    def test_interrupted_run_goes_on_with_the_rest(self):
        accounts = [self.example() for _number in range(4)]
        self.run_on(self.day)
        batch = self.make_batch()
        # the job dies after two accounts
        batch.sudo().write({"state": "running"})
        batch._job_issue(batch.item_ids[:2].ids)
        batch._bss_finish()
        self.assertEqual((batch.state, batch.issued_count), ("running", 2))
        batch.action_start()
        batch._job_issue(batch.item_ids.ids)  # and a repeated job changes nothing
        self.assertEqual((batch.state, batch.issued_count), ("done", 4))
        for account in accounts:
            self.assertEqual(len(account.dunning_note_ids), 1)

    def test_a_look_by_jobs_finds_what_a_look_at_once_finds(self):
        for amount in (1234.56, 10.0, 500.0):
            self.example(amount=amount)
        self.run_on(self.day)
        at_once = self.items(self.make_batch())
        with patch.object(preview, "LOOK", 1), trap_jobs() as trap:
            batch = self.env["bss.dunning.note.batch"].create({"date": self.day, "date_to": self.day})
            batch.action_preview()
            self.assertEqual((batch.state, set(batch.item_ids.mapped("state"))), ("previewing", {"new"}))
            trap.assert_jobs_count(4)
            trap.perform_enqueued_jobs()
        self.assertEqual((batch.state, self.items(batch)), ("previewed", at_once))

    def test_an_interrupted_look_goes_on_with_the_rest(self):
        for amount in (1234.56, 10.0, 500.0):
            self.example(amount=amount)
        self.run_on(self.day)
        with patch.object(preview, "LOOK", 1), trap_jobs():
            batch = self.env["bss.dunning.note.batch"].create({"date": self.day, "date_to": self.day})
            batch.action_preview()
        looked = batch.item_ids[0]
        batch.sudo()._job_look(looked.ids)
        self.assertAlmostEqual(batch.progress, 100 / 3)
        batch.sudo()._bss_looked()
        self.assertEqual(batch.state, "previewing", "two accounts are left")
        with self.assertRaises(AccessError):
            batch.with_user(self.collector).write({"min_amount": 5.0})
        looked.sudo().reason = "obejrzane"
        batch.action_preview()
        self.assertEqual((batch.state, looked.reason), ("previewed", "obejrzane"))
        self.assertNotIn("new", batch.item_ids.mapped("state"))
        with patch.object(preview, "SHOWN", 1):
            self.assertEqual(batch.shown_item_ids, batch.item_ids.sorted("amount", reverse=True)[:1])

    def test_one_bad_account_does_not_stop_the_others(self):
        good, bad = self.example(), self.example()
        self.run_on(self.day)
        batch = self.make_batch()
        own = type(self.Note)._bss_entry_vals

        def broken(note, *rest):
            if note.account_id == bad:
                raise UserError("brak konta przychodów")
            return own(note, *rest)

        with patch.object(type(self.Note), "_bss_entry_vals", broken), mute_logger("odoo.addons.bss_dunning"):
            batch.action_start()
        self.assertEqual(self.items(batch), {good: ("issued", 84.20), bad: ("failed", 84.20)})
        self.assertEqual(batch.state, "done_errors")
        self.assertIn("brak konta", batch.item_ids.filtered(lambda item: item.account_id == bad).reason)
        self.assertEqual((len(good.dunning_note_ids), len(bad.dunning_note_ids)), (1, 0))

    def test_payment_between_look_and_issue(self):
        account = self.example()
        self.run_on(self.day)
        batch = self.make_batch(scope="open")
        self.pay(account.invoice_ids, 1234.56, self.day)
        batch.action_start()
        self.assertEqual(self.items(batch), {account: ("skipped", 0.0)})
        self.assertEqual(batch.state, "done")

    def test_cases_of_the_list_and_rights(self):
        first, second = self.example(), self.example()
        self.run_on(self.day)
        asked = self.case_of(first).with_user(self.collector).action_note_batch()
        batch = self.env["bss.dunning.note.batch"].with_user(self.collector).browse(asked["res_id"])
        batch.write({"date": self.day, "date_to": self.day})
        batch.action_preview()
        self.assertEqual(batch.item_ids.account_id, first)
        with self.assertRaises(AccessError):
            batch.state = "done"
        with self.assertRaises(AccessError):
            batch.item_ids.write({"amount": 1.0})
        batch.with_context(queue_job__no_delay=True).action_start()
        self.assertEqual((batch.state, len(second.dunning_note_ids)), ("done", 0))
        viewer = self.user("podglad.partia", "bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            batch.with_user(viewer).action_preview()
        with self.assertRaises(UserError):
            batch.unlink()

    def test_interest_on_the_next_invoice(self):
        account = self.example(amount=1000.0, due=date(2026, 9, 30))
        self.run_on(date(2026, 10, 30))
        tax = self.tax_23.copy({"name": "Odsetki", "amount": 0.0})
        day = date(2026, 10, 30)
        batch = self.make_batch(way="charge", date=day, date_to=day)
        with self.assertRaisesRegex(UserError, "outside VAT.*“Interest on the next invoice”"):
            batch.action_start()
        self.company.bss_interest_tax_id = tax
        batch.action_start()
        note = batch.item_ids.note_id
        charge = note.charge_id
        self.assertEqual((charge.kind, charge.amount, charge.state, charge.tax_ids), ("interest", 7.60, "pending", tax))
        self.assertFalse(note.move_id)
        self.assertFalse(self.make_note(account, day).line_ids, "charged days are charged")
        self.bill(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30))
        self.assertEqual(charge.state, "billed")
        line = charge.move_line_id
        self.assertEqual((line.price_subtotal, line.price_total, line.tax_ids), (7.60, 7.60, tax))
        with self.assertRaisesRegex(UserError, charge.move_id.name):
            note._bss_cancel("pomyłka")

    def test_the_tax_that_says_outside_vat_is_taken_where_none_is_chosen(self):
        self.assertFalse(self.company.bss_interest_tax_id, "the Polish chart has no such tax")
        taxes = self.env["account.tax"]
        exempt = taxes.search([("company_id", "=", self.company.id), ("name", "=", "0% Exempt")], limit=1)
        reported = exempt.copy({"name": "0% NP"})
        self.assertTrue(reported.invoice_repartition_line_ids.tag_ids)
        self.assertFalse(taxes._bss_outside_vat_of(self.company), "one that the VAT return knows is none")
        plain = taxes.create(
            {"name": "Nie podlega VAT", "amount": 0.0, "type_tax_use": "sale", "company_id": self.company.id}
        )
        self.assertEqual(taxes._bss_outside_vat_of(self.company), plain)
        account = self.example(amount=1000.0, due=date(2026, 9, 30))
        note = self.make_note(account, date(2026, 10, 30), way="charge")
        note.action_issue()
        self.assertEqual(note.charge_id.tax_ids, plain)
        other = self.env["res.company"].create({"name": "Druga"})
        self.assertFalse(taxes._bss_outside_vat_of(other))
        self.env["account.chart.template"]._post_load_data("pl", self.company, {})
        self.assertEqual(self.company.bss_interest_tax_id, plain, "set-up of the Polish chart")

    def test_cancelled_charge_gives_its_days_back(self):
        account = self.example(amount=1000.0, due=date(2026, 9, 30))
        self.company.bss_interest_tax_id = self.tax_23.copy({"name": "Poza VAT", "amount": 0.0})
        note = self.make_note(account, date(2026, 10, 30), way="charge")
        note.action_issue()
        note.charge_id.action_cancel()
        self.assertEqual(note.state, "cancelled")
        with self.assertRaises(UserError):
            note.charge_id.action_restore()
        self.assertEqual(self.make_note(account, date(2026, 10, 30)).amount_total, 7.60)
