from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import MediationCommon


@tagged("post_install", "-at_install")
class TestUsageSequence(MediationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source.write(
            {"name_pattern": "CDR_{seq}.csv", "sequence_from": "name", "sequence_first": 1, "sequence_last": 99_999}
        )

    def come(self, *numbers):
        files = self.env["bss.usage.file"]
        for number in numbers:
            files |= self.receive(self.row(), name=f"CDR_{number:05}.csv")
        return files

    def gaps(self, state="open"):
        gaps = self.source.gap_ids.filtered(lambda gap: gap.state == state)
        return sorted((gap.number_from, gap.number_to, gap.count) for gap in gaps)

    def test_numbers_that_follow(self):
        files = self.come(41, 42, 43)
        self.assertEqual(files.mapped("sequence_no"), [41, 42, 43])
        self.assertEqual(self.source.sequence_newest, 43)
        self.assertFalse(self.source.gap_ids)

    def test_a_gap_opens_shrinks_and_closes(self):
        self.come(41, 46)
        self.assertEqual(self.gaps(), [(42, 45, 4)])
        self.assertEqual(self.source.gap_count, 4)
        self.assertEqual(self.source.alarm_ids.kind, "gap")
        late = self.come(43)
        self.assertEqual(late.state, "received")
        self.assertEqual(self.gaps(), [(42, 42, 1), (44, 45, 2)])
        self.come(42, 45, 44)
        self.assertEqual(self.gaps(), [])
        self.assertEqual(self.source.alarm_ids.state, "resolved")
        self.assertEqual(self.source.sequence_newest, 46)

    def test_after_the_last_number_comes_the_first(self):
        self.come(99_998, 2)
        self.assertEqual(self.gaps(), [(99_999, 1, 2)])
        self.come(1, 99_999)
        self.assertEqual(self.gaps(), [])

    def test_a_number_that_came_before_waits_for_a_decision(self):
        self.come(41, 42)
        second = self.come(42)
        self.assertEqual(second.state, "held")
        self.assertIn("42", second.error)
        alarm = self.source.alarm_ids
        self.assertEqual((alarm.kind, alarm.file_id), ("sequence", second))
        with self.assertRaises(UserError):
            second.action_load()
        second.action_release()
        self.assertCounts(second, loaded=1)
        self.assertEqual(alarm.state, "resolved")

    def test_a_held_file_is_rejected(self):
        self.come(41)
        second = self.come(41)
        second.action_reject()
        self.assertEqual(second.state, "rejected")
        self.assertIn(self.env.user.name, second.error)
        self.assertFalse(self.events(second))

    def test_a_number_outside_the_range(self):
        self.source.sequence_last = 999
        self.assertEqual(self.come(1_000).state, "held")

    def test_the_sender_begins_anew(self):
        self.come(4_711)
        self.source.action_restart_sequence()
        self.come(1, 2)
        self.assertEqual(self.source.sequence_newest, 2)
        self.assertFalse(self.source.gap_ids)

    def test_missing_files_are_given_up_with_a_reason(self):
        self.come(1, 4)
        gap = self.source.gap_ids
        with self.assertRaises(UserError):
            gap.action_give_up()
        gap.reason = "The exchange was replaced on that day."
        clerk = new_test_user(self.env, "usage.clerk", groups="bss_catalog.group_bss_clerk")
        with self.assertRaises(AccessError):
            gap.with_user(clerk).action_give_up()
        manager = new_test_user(self.env, "usage.manager", groups="bss_catalog.group_bss_billing_manager")
        with self.assertRaises(AccessError):
            gap.with_user(manager).write({"state": "closed"})
        gap.with_user(manager).action_give_up()
        self.assertEqual((gap.state, gap.closed_by_id), ("written_off", manager))
        self.assertEqual(self.source.alarm_ids.state, "resolved")

    def test_a_pattern_without_a_number(self):
        with self.assertRaises(UserError):
            self.source.name_pattern = "*.csv"

    def test_other_names_have_no_number(self):
        file = self.receive(self.row(), name="by-hand.csv")
        self.assertEqual((file.state, file.sequence_no), ("received", 0))
