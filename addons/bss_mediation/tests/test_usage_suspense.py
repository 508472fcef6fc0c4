from unittest.mock import patch
from uuid import UUID

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .. import store
from ..mediation_core.guide import identity
from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsageSuspense(MediationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {"clerk": "bss_catalog.group_bss_clerk", "viewer": "bss_catalog.group_bss_viewer"}
        cls.users = {
            name: new_test_user(
                cls.env,
                login=f"usage-{name}",
                groups=f"base.group_user,{group}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name, group in groups.items()
        }

    def test_every_reason_has_a_message(self):
        Suspense = self.env["bss.usage.suspense"]
        reasons = {code for code, _label in Suspense._selection_reason_code()}
        self.assertEqual(reasons, set(Suspense._bss_message_templates()))

    def test_messages_name_line_field_and_value(self):
        file = self.load(
            self.row(start="2026/10/14 10:00"),
            self.row("1791000000.7", "u", "", "l", "1", "codec=alaw"),
            self.row(src="601999999"),
            self.row(billsec="-5"),
            "a,b",
            '"broken',
        )
        messages = dict(file.suspense_ids.sorted("line_no").mapped(lambda row: (row.line_no, row.message)))
        for line, words in {
            1: ("Line 1", "start", "2026/10/14 10:00"),
            2: ("Line 2", "column 22", "codec=alaw"),
            3: ("Line 3", "Caller", "48601999999"),
            4: ("Line 4", "billsec", "-5"),
            5: ("Line 5", "2 columns", "16"),
            6: ("Line 6",),
        }.items():
            for word in words:
                self.assertIn(word, messages[line])

    def test_unknown_number_is_found_after_the_number_was_entered(self):
        file = self.load(self.row(src="601999999"), self.row(src="601888888"), self.row())
        self.assertCounts(file, loaded=1, suspended=2)
        self.number(self.service, "48601999999")
        file.action_replay_suspense()
        self.assertCounts(file, loaded=2, suspended=1)
        replayed = file.suspense_ids.filtered(lambda row: row.state == "replayed")
        self.assertEqual((replayed.result, replayed.value), ("loaded", "48601999999"))
        event = self.events(file).filtered(lambda one: one.a_number == "48601999999")
        self.assertEqual((event.line_no, event.dedupe_key), (1, str(UUID(identity(replayed.dedupe_key)))))

    def test_corrected_row_and_its_evidence(self):
        bad = self.row(start="14.10.2026 10:00")
        file = self.load(bad, self.row())
        row = file.suspense_ids.with_user(self.users["clerk"])
        row.raw = bad.replace("14.10.2026 10:00", "2026-10-14 10:00:00")
        row.action_replay()
        self.assertEqual((row.state, row.result, row.replayed_by), ("replayed", "loaded", self.users["clerk"]))
        self.assertEqual(row.raw_original, bad)
        self.assertCounts(file, loaded=2)
        self.assertCounts(self.load(bad, self.row()), duplicate=1, loaded=1)

    def test_wrong_correction_tells_the_new_reason(self):
        file = self.load(self.row(start="?"), self.row())
        row = file.suspense_ids
        row.raw = self.row(billsec="-3")
        row.action_replay()
        self.assertEqual((row.state, row.reason_code, row.field_name), ("open", "NEGATIVE_DURATION", "billsec"))
        row.raw = self.row(src="601999999")
        row.action_replay()
        self.assertEqual((row.state, row.reason_code, row.value), ("open", "ACCESS_NOT_FOUND", "48601999999"))
        self.assertCounts(file, loaded=1, suspended=1)

    def test_corrected_to_a_known_event_or_to_nothing_to_bill(self):
        good = self.row()
        file = self.load(good, self.row(start="?"), self.row(start="??"))
        first, second = file.suspense_ids.sorted("line_no")
        first.raw = good
        second.raw = self.row(disposition="BUSY")
        (first | second).action_replay()
        self.assertEqual((first.result, second.result), ("duplicate", "ignored"))
        self.assertCounts(file, loaded=1, duplicate=1, ignored=1)

    def test_replay_of_two_identical_corrections_loads_one(self):
        good = self.row()
        file = self.load(self.row(start="?"), self.row(start="??"))
        file.suspense_ids.raw = good
        file.suspense_ids.action_replay()
        self.assertEqual(sorted(file.suspense_ids.mapped("result")), ["duplicate", "loaded"])
        self.assertCounts(file, loaded=1, duplicate=1)

    def test_bulk_replay_over_files_and_sources(self):
        other = self.source.copy({"code": "T-AST2"})
        files = self.load(self.row(src="601999999")) | self.load(self.row(src="601999999"), source=other)
        self.number(self.service, "48601999999")
        action = files.suspense_ids.action_replay()
        self.assertEqual(action["params"]["type"], "success")
        for file in files:
            self.assertCounts(file, loaded=1)
        with self.assertRaises(UserError):
            files.suspense_ids.action_replay()

    def test_write_off_needs_the_manager_and_a_reason(self):
        file = self.load(self.row(src="601999999"))
        row = file.suspense_ids
        with self.assertRaises(AccessError):
            row.with_user(self.users["clerk"])._bss_write_off("no")
        action = row.action_write_off()
        wizard = self.env["bss.usage.write.off"].with_context(**action["context"]).create({"reason": "Test calls"})
        self.assertEqual(wizard.row_count, 1)
        wizard.action_confirm()
        self.assertEqual(
            (row.state, row.written_off_reason, row.written_off_by), ("written_off", "Test calls", self.env.user)
        )
        self.assertCounts(file, suspended=1)
        self.number(self.service, "48601999999")
        self.assertCounts(self.load(row.raw, self.row()), loaded=1, duplicate=1)
        with self.assertRaises(UserError):
            row.raw = "x"

    def test_who_may_do_what(self):
        row = self.load(self.row(src="601999999")).suspense_ids
        clerk, viewer = row.with_user(self.users["clerk"]), row.with_user(self.users["viewer"])
        with self.assertRaises(AccessError):
            clerk.write({"state": "written_off"})
        with self.assertRaises(AccessError):
            viewer.action_replay()
        with self.assertRaises(AccessError):
            viewer.raw = "x"
        with self.assertRaises(AccessError):
            viewer.b_number  # noqa: B018 - reading it is what the test tries
        self.assertTrue(clerk.b_number)

    def test_a_replayed_row_that_vanishes_stays_open(self):
        file = self.load(self.row(src="601999999"), self.row())
        self.number(self.service, "48601999999")
        with (
            patch.object(store, "insert_events", return_value=0),
            self.assertLogs("odoo.addons.bss_mediation.models.bss_usage_suspense", "ERROR"),
        ):
            file.suspense_ids.action_replay()
        self.assertEqual(file.suspense_ids.state, "open")
        self.assertCounts(file, loaded=1, suspended=1)

    def test_viewer_sees_that_a_row_waits_but_not_whom_it_calls(self):
        file = self.load(self.row(dst="tel:sekret"), '"broken,501000001,221234567', self.row(src="601999999"))
        for row in file.suspense_ids.with_user(self.users["viewer"]):
            for name in ("raw", "raw_original", "value"):
                with self.assertRaises(AccessError):
                    row[name]
            self.assertTrue(row.message)
            for secret in ("sekret", "221234567"):
                self.assertNotIn(secret, row.message)
        clerk = file.suspense_ids.with_user(self.users["clerk"])
        self.assertIn("tel:sekret", " ".join(clerk.mapped("message")))
        viewer = self.env["bss.usage.suspense"].with_user(self.users["viewer"])
        with self.assertRaises(AccessError):
            viewer.search([("raw", "ilike", "221234567")])
        for view in ("list", "form", "search"):
            self.assertNotIn('name="raw"', viewer.get_view(view_type=view)["arch"])
