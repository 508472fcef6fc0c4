"""Nights of many complaints: read together, kept batch by batch."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import bss_complaint_clock, bss_complaint_stuck
from .common import DunningCommon

LODGED = date(2026, 10, 12)
WORK = "odoo.addons.bss_dunning.models.bss_complaint_stuck"


@tagged("post_install", "-at_install")
class TestComplaintNights(DunningCommon):
    def complaints(self, count):
        found = self.env["bss.complaint"]
        for number in range(count):
            account = self.debtor(f"Reklamujący {number}")
            with freeze_time(f"{LODGED} 12:00:00"):
                found |= found.create(
                    {
                        "account_id": account.id,
                        "subject": "Zawyżona faktura",
                        "received_on": LODGED,
                        "line_ids": [
                            Command.create({"move_line_id": self.receivable(account.invoice_ids).id, "amount": 100.0})
                        ],
                    }
                )
        self.run_on(LODGED)
        return found

    def queries(self, day):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with freeze_time(f"{day} 03:00:00"):
            self.env["bss.complaint"]._bss_nightly(day)
            self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_night_in_which_nothing_happens_reads_all_of_them_together(self):
        self.complaints(2)
        self.queries(date(2026, 10, 13))
        few = self.queries(date(2026, 10, 13))
        self.complaints(8)
        self.queries(date(2026, 10, 13))
        self.assertLessEqual(self.queries(date(2026, 10, 13)), few + 2, "no query for each complaint")

    def test_what_was_not_answered_is_deemed_accepted_in_any_batch(self):
        complaints = self.complaints(5)
        with patch.object(bss_complaint_stuck, "BATCH", 2):
            self.queries(date(2026, 11, 12))
        self.assertEqual(set(complaints.mapped("state")), {"deemed"})
        warning = self.env.ref("mail.mail_activity_data_warning")
        for complaint in complaints:
            told = complaint.activity_ids.filtered(lambda one: one.activity_type_id == warning)
            self.assertEqual(len(told), 1)
            self.assertEqual(complaint.hold_id.amount, 100.0)

    def test_one_that_is_refused_leaves_its_batch_alone(self):
        complaints = self.complaints(4)
        kind, follow = type(complaints), type(complaints)._bss_follow_clock

        def refuse(complaint, clock):
            if complaint == complaints[1]:
                raise UserError("Nie da się")
            return follow(complaint, clock)

        with patch.object(kind, "_bss_follow_clock", refuse), self.assertLogs(WORK, "WARNING") as logs:
            self.queries(date(2026, 11, 12))
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(complaints.mapped("state"), ["deemed", "new", "deemed", "deemed"])

    def test_the_cron_keeps_each_batch(self):
        complaints = self.complaints(5)
        kept = []

        def progress(_cron, processed=0, *, remaining=None, **_options):
            kept.append((processed, remaining))
            return 60.0

        with (
            patch.object(bss_complaint_clock, "BATCH", 2),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", progress),
            freeze_time("2026-11-12 03:00:00"),
        ):
            self.env["bss.complaint"]._cron_clocks()
        running = sum(processed for processed, _left in kept)
        self.assertGreaterEqual(running, 5)
        self.assertLessEqual(max(processed for processed, _left in kept), 2)
        self.assertEqual(kept[-1][1], 0)
        self.assertEqual(set(complaints.mapped("state")), {"deemed"})
