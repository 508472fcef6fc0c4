from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ..models import bss_usage_repair
from .common import MediationCommon


class BulkCommon(MediationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {"clerk": "bss_catalog.group_bss_clerk", "viewer": "bss_catalog.group_bss_viewer"}
        cls.users = {
            name: new_test_user(
                cls.env,
                login=f"bulk-{name}",
                password=f"bulk-{name}-8",
                groups=f"base.group_user,{group}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, group in groups.items()
        }

    def repair(self, rows=None, user="clerk", **values):
        values = {"company_id": self.company.id, "row_ids": rows and [Command.set(rows.ids)] or False, **values}
        return self.env["bss.usage.repair"].with_user(self.users[user]).create(values)


@tagged("post_install", "-at_install")
class TestUsageSuspenseBulk(BulkCommon):
    def test_replace_by_expression_and_replay(self):
        file = self.load(
            self.row(start="14.10.2026 10:00:01"), self.row(start="15.10.2026 11:00:02"), self.row(start="?")
        )
        originals = file.suspense_ids.mapped("raw")
        repair = self.repair(
            file.suspense_ids, action="regex", find=r"\b(\d\d)\.(\d\d)\.(\d{4}) ", replacement="${3}-${2}-${1} "
        )
        self.assertEqual(repair.row_count, 3)
        self.assertIn("2026-10-15 11:00:02", repair.preview_html)
        repair.action_start()
        self.assertCounts(file, loaded=2, suspended=1)
        self.assertEqual(
            (repair.state, repair.count_changed, repair.count_loaded, repair.count_left), ("done", 2, 2, 1)
        )
        self.assertEqual((repair.started_by_id, repair.progress), (self.users["clerk"], 100.0))
        changed = file.suspense_ids.filtered("raw_original")
        self.assertEqual(len(changed), 2)
        self.assertLessEqual(set(changed.mapped("raw_original")), set(originals))

    def test_preview_tells_what_stays_wrong_and_escapes(self):
        file = self.load(self.row(start="x", lastdata="<script>alert(1)</script>"), self.row(start="y"))
        with Form(self.env["bss.usage.repair"].with_user(self.users["clerk"])) as form:
            form.file_id = file
            form.action = "text"
            form.find, form.replacement = '"x"', '"2026-10-14 10:00:00"'
            html = form.preview_html
            self.assertEqual(form.row_count, 2)
        self.assertIn("Readable", html)
        self.assertIn("Unreadable date", html)
        self.assertIn("&lt;script&gt;", html)
        self.assertNotIn("<script", html)

    def test_filters_choose_rows(self):
        other = self.source.copy({"code": "T-B2"})
        one = self.load(self.row(src="601999999"), self.row(start="?"), self.row(src="601888888"))
        self.load(self.row(src="601999999"), source=other)
        for values, count in (
            ({"file_id": one.id}, 3),
            ({"source_id": other.id}, 1),
            ({"source_id": self.source.id, "reason_code": "ACCESS_NOT_FOUND"}, 2),
            ({"value": "48601999999"}, 2),
            ({"contains": "601888888"}, 1),
            ({"file_id": one.id, "received_to": "2020-01-01"}, 0),
            ({"file_id": one.id, "received_from": "2020-01-01"}, 3),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.repair(**values).row_count, count)

    def test_thousands_go_in_batches_of_background_jobs(self):
        rows = [self.row(src="601999999") for _n in range(7)]
        file = self.load(*rows)
        self.number(self.service, "48601999999")
        repair = self.repair(file_id=file.id)
        with patch.object(bss_usage_repair, "AT_ONCE", 2), patch.object(bss_usage_repair, "BATCH", 3):
            repair.action_start()
            self.assertEqual((repair.state, repair.total, repair.done), ("running", 7, 0))
            seen = []
            while repair.state == "running":
                jobs = self.env["queue.job"].search(
                    [("identity_key", "=", f"bss.usage.repair:{repair.id}:{repair.last_row_id}")]
                )
                self.assertEqual(len(jobs), 1)
                repair._bss_batch()
                seen.append(repair.done)
        self.assertEqual(seen, [3, 6, 7])
        self.assertEqual((repair.count_loaded, repair.count_left), (7, 0))
        self.assertCounts(file, loaded=7)
        repair._bss_batch()
        self.assertEqual(repair.done, 7)

    def test_every_result_of_a_replay_is_counted(self):
        results = {result for result, _label in self.env["bss.usage.suspense"]._fields["result"].selection}
        self.assertEqual(results, set(bss_usage_repair.RESULTS))

    def test_rows_that_stay_open_are_not_tried_for_ever(self):
        file = self.load(*[self.row(src="601999999") for _n in range(6)])
        repair = self.repair(file_id=file.id)
        with patch.object(bss_usage_repair, "AT_ONCE", 2), patch.object(bss_usage_repair, "BATCH", 3):
            repair.action_start()
            for _n in range(3):
                repair._bss_batch()
        self.assertEqual((repair.state, repair.done, repair.count_left), ("done", 6, 6))
        self.assertCounts(file, suspended=6)

    def test_stopped_work_goes_no_further(self):
        file = self.load(*[self.row(src="601999999") for _n in range(4)])
        repair = self.repair(file_id=file.id)
        with patch.object(bss_usage_repair, "AT_ONCE", 2), patch.object(bss_usage_repair, "BATCH", 3):
            repair.action_start()
            repair._bss_batch()
            repair.action_stop()
            repair._bss_batch()
        self.assertEqual((repair.state, repair.done), ("stopped", 3))

    def test_file_with_many_open_rows_is_replayed_in_the_background(self):
        file = self.load(*[self.row(src="601999999") for _n in range(3)])
        with (
            patch("odoo.addons.bss_mediation.models.bss_usage_file.AT_ONCE", 2),
            patch.object(bss_usage_repair, "AT_ONCE", 2),
        ):
            action = file.action_replay_suspense()
        repair = self.env["bss.usage.repair"].search(action["domain"])
        self.assertEqual((repair.file_id, repair.state, repair.total), (file, "running", 3))

    def test_write_off_is_for_the_manager_and_needs_a_reason(self):
        file = self.load(self.row(src="601999999"), self.row(src="601888888"))
        with self.assertRaisesRegex(ValidationError, "reason"):
            self.repair(file_id=file.id, action="write_off")
        repair = self.repair(file_id=file.id, action="write_off", reason="Test calls")
        with self.assertRaises(AccessError):
            repair.action_start()
        repair.with_user(self.env.user).action_start()
        self.assertEqual(set(file.suspense_ids.mapped("state")), {"written_off"})
        self.assertEqual(repair.count_written_off, 2)
        self.assertCounts(file, suspended=2)

    def test_evidence_stays(self):
        file = self.load(self.row(src="601999999"))
        repair = self.repair(file_id=file.id)
        repair.action_start()
        for change in (lambda: repair.write({"total": 9}), repair.unlink, repair.action_start):
            with self.assertRaises(UserError):
                change()
        with self.assertRaisesRegex(UserError, "no such open row"):
            self.repair(file_id=file.id, contains="nothing").action_start()

    def test_bad_expressions_are_refused(self):
        for find in ("", "(", "(?=a)"):
            with self.subTest(find=find), self.assertRaisesRegex(ValidationError, "looked for"):
                self.repair(action="regex", find=find)

    def test_chosen_rows_open_the_work(self):
        file = self.load(self.row(src="601999999"), self.row(src="601888888"))
        action = file.suspense_ids.with_user(self.users["clerk"]).action_repair()
        with Form(
            self.env[action["res_model"]].with_user(self.users["clerk"]).with_context(**action["context"])
        ) as form:
            form.find = "601"
        self.assertEqual(form.record.row_ids, file.suspense_ids)
        with self.assertRaises(AccessError):
            file.suspense_ids.with_user(self.users["viewer"]).action_repair()

    def test_viewer_sees_a_masked_number(self):
        file = self.load(self.row(), self.row(src="601999999"), self.row(dst="112"))
        for records, shown in ((self.events(file), {"48221***567", "***"}), (file.suspense_ids, {"48221***567"})):
            viewer, clerk = (records.with_user(self.users[name]) for name in ("viewer", "clerk"))
            self.assertEqual(set(viewer.mapped("b_number_shown")), shown)
            self.assertEqual(clerk.mapped("b_number_shown"), records.mapped("b_number"))
            self.assertNotIn("b_number", [field for field in viewer.fields_get() if field == "b_number"])
            self.assertIn('name="b_number_shown"', viewer.get_view(view_type="list")["arch"])

    def test_age_counts_days_of_the_user(self):
        row = self.load(self.row(src="601999999")).suspense_ids
        self.assertEqual(row.age_days, 0)
        self.env.cr.execute(
            "UPDATE bss_usage_suspense SET create_date = create_date - interval '3 days' WHERE id = %s", [row.id]
        )
        row.invalidate_recordset()
        self.assertEqual(row.age_days, 3)

    def test_activity_on_a_row(self):
        row = self.load(self.row(src="601999999")).suspense_ids.with_user(self.users["clerk"])
        row.activity_schedule("mail.mail_activity_data_todo", summary="Ask sales", user_id=self.users["clerk"].id)
        self.assertEqual(row.activity_ids.summary, "Ask sales")


@tagged("post_install", "-at_install")
class TestUsageDownload(BulkCommon, HttpCase):
    def exports(self, file):
        return self.env["bss.usage.export"].search([("kind", "=", "file"), ("field_names", "=", file.name)])

    def test_download_of_a_file_is_written_down(self):
        file = self.load(self.row())
        self.env.flush_all()
        self.authenticate("bulk-clerk", "bulk-clerk-8")
        answer = self.url_open(file.action_download()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn(b"501000001", answer.content)
        exports = self.exports(file)
        self.assertEqual((exports.user_id, exports.model), (self.users["clerk"], "bss.usage.file"))
        self.assertEqual(self.url_open(f"/web/content/{file.sudo().attachment_id.id}").status_code, 404)
        self.authenticate("bulk-viewer", "bulk-viewer-8")
        self.assertEqual(self.url_open(file.action_download()["url"]).status_code, 404)
        self.assertEqual(len(self.exports(file)), 1)
