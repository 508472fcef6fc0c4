from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models import bss_usage_file_load
from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsageWatch(MediationCommon):
    def alarms(self, kind):
        return self.source.alarm_ids.filtered(lambda alarm: alarm.kind == kind and alarm.state == "open")

    def received(self, day, rows):
        """A loaded file of ``rows`` rows at noon of ``day``."""
        file = self.receive(self.row())
        file.write(
            {
                "state": "loaded",
                "count_rows": rows,
                "count_loaded": rows,
                "received_at": datetime.combine(day, datetime.min.time()) + timedelta(hours=11),
            }
        )
        self.env.flush_all()
        return file

    # --- a file

    def test_too_many_rows_in_suspense(self):
        person = new_test_user(self.env, "noc", groups="bss_catalog.group_bss_clerk")
        self.source.write({"alarm_email": "noc@operator.example", "responsible_id": person.id})
        good = [self.row() for _row in range(18)]
        file = self.load(*good, self.row(src="601999999"), self.row(billsec="x"))
        alarm = self.alarms("error_rate")
        self.assertEqual(alarm.file_id, file)
        self.assertIn("2 of 20", alarm.text)
        self.assertEqual(self.source.activity_ids.user_id, person)
        mail = self.env["mail.mail"].search([("email_to", "=", "noc@operator.example")])
        self.assertIn(alarm.text, mail.body_html)
        self.assertIn(self.source.code, mail.subject)

    def test_few_rows_make_no_rate(self):
        self.load(*[self.row() for _row in range(10)], self.row(billsec="x"))
        self.assertFalse(self.source.alarm_ids)

    def test_a_rejected_file_can_be_tried_again(self):
        rows = [self.row().replace(",", ";") for _row in range(30)]
        file = self.load(*rows)
        self.assertEqual((file.state, file.count_rejected), ("rejected", 30))
        self.assertEqual(self.alarms("file_rejected").file_id, file)
        self.receive(*rows)  # it left nothing behind, so it may come again
        with patch.object(bss_usage_file_load, "REJECT_FROM_ROWS", 1_000):
            self.source.file_ids.filtered(lambda other: other != file).action_reject()
            file.action_load()
        self.assertEqual((file.state, file.count_suspended, file.error), ("loaded", 30, False))

    # --- silence

    def test_a_silent_source(self):
        self.source.alarm_silence_hours = 24
        file = self.load(self.row())
        self.source._bss_watch_silence()
        self.assertFalse(self.alarms("missing_file"))
        file.received_at = fields.Datetime.now() - timedelta(hours=25)
        self.env.flush_all()
        self.source.invalidate_recordset()
        self.source._cron_watch()
        self.assertEqual(len(self.alarms("missing_file")), 1)
        self.load(self.row())
        self.assertFalse(self.alarms("missing_file"))

    # --- volume

    def test_a_day_with_half_the_usual_rows(self):
        day = fields.Date.to_date("2026-11-18")
        for week, rows in ((1, 1_000), (2, 1_100), (3, 900)):
            self.received(day - timedelta(weeks=week), rows)
        self.received(day - timedelta(days=1), 5)  # a Tuesday says nothing of Wednesdays
        self.received(day, 300)
        self.source._bss_watch_volume(day)
        alarm = self.alarms("volume")
        self.assertIn("300", alarm.text)
        self.assertIn("1000", alarm.text)
        self.received(day, 500)
        self.source._bss_watch_volume(day)
        self.assertEqual(alarm.state, "resolved")

    def test_a_new_source_has_no_usual_day(self):
        day = fields.Date.to_date("2026-11-18")
        self.received(day - timedelta(weeks=1), 1_000)
        self.source._bss_watch_volume(day)
        self.assertFalse(self.source.alarm_ids)

    # --- audit by day

    def test_audit_by_polish_day(self):
        late = self.load(self.row(), self.row(src="601999999"))
        late.received_at = datetime(2026, 11, 17, 23, 30)  # 00:30 on the 18th in Poland
        early = self.load(self.row())
        early.received_at = datetime(2026, 11, 18, 10, 0)
        self.env.flush_all()
        audit = self.env["bss.usage.audit"].search([("source_id", "=", self.source.id)])
        self.assertEqual(audit.mapped("day"), [fields.Date.to_date("2026-11-18")])
        self.assertEqual(
            (audit.count_files, audit.count_rows, audit.count_loaded, audit.count_suspended, audit.count_difference),
            (2, 3, 2, 1, 0),
        )
        found = self.env["bss.usage.file"].search(audit.action_open_files()["domain"])
        self.assertEqual(found, late | early)

    # --- exports

    def test_an_export_is_written_down(self):
        file = self.load(self.row())
        clerk = new_test_user(self.env, "usage.clerk", groups="bss_catalog.group_bss_clerk,base.group_allow_export")
        self.events(file).with_user(clerk).export_data(["a_number", "b_number"])
        log = self.env["bss.usage.export"].search([], limit=1)
        self.assertEqual((log.user_id, log.count, log.field_names), (clerk, 1, "a_number, b_number"))
        self.assertEqual(log.first_at, datetime(2026, 10, 14, 15, 58, 20))
        with self.assertRaises(AccessError):
            log.with_user(clerk).read(["count"])
