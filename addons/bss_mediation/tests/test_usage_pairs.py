from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .. import store
from .common import ANY_DAY, MediationCommon

SAMPLES = Path(__file__).resolve().parents[3] / "tests" / "data" / "cdr" / "kamailio_flatstore"


def invite(call, seconds=0, caller="501000001", callee="221234567"):
    return f"INVITE|f{call}|t{call}|{call}@sip|200|OK|{1791000000 + seconds}|*postpaid|{caller}|{callee}"


def bye(call, seconds=60):
    return f"BYE|f{call}|t{call}|{call}@sip|200|OK|{1791000000 + seconds}||||"


def block(status, seconds, up=0, down=0, session="s-1", login="anna"):
    """A record of a RADIUS detail file, ``seconds`` after the start of the session."""
    lines = [
        f'\tAcct-Status-Type = {status}\n\tUser-Name = "{login}"\n\tNAS-IP-Address = 10.0.0.1',
        f'\tAcct-Session-Id = "{session}"\n\tAcct-Unique-Session-Id = "u-{session}"',
        f"\tAcct-Session-Time = {seconds}\n\tAcct-Input-Octets = {up}\n\tAcct-Output-Octets = {down}",
        f"\tTimestamp = {1791000000 + seconds}",
    ]
    return "Wed Oct 14 10:00:00 2026\n" + "\n".join(lines) + "\n"


@tagged("post_install", "-at_install")
class TestUsagePairs(MediationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.number(cls.service, "anna", kind="login")
        cls.flatstore = cls.env["bss.usage.source"].create(
            {"name": "SIP", "code": "T-SIP", "format": "flatstore", **ANY_DAY}
        )

    def at(self, now):
        """The records are of 2026-10-04: much later they have waited too long."""
        return patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now))

    def test_both_halves_in_one_file(self):
        with self.at(datetime(2026, 10, 5)):
            file = self.load(invite(1), bye(1), "BYE|broken", source=self.flatstore)
        self.assertCounts(file, loaded=1, merged=1, suspended=1)
        event = self.events(file)
        self.assertEqual((event.units, event.line_no, event.service_id), (60, 1, self.service))

    def test_the_later_half_moves_the_earlier_file_from_waiting(self):
        parts = {"invite": [invite(1), invite(2)], "bye": [bye(2, 90), bye(1)]}
        found = []
        for order in permutations(parts):
            source = self.flatstore.copy({"code": f"T-{order[0]}"})
            with self.at(datetime(2026, 10, 5)):
                first = self.load(*parts[order[0]], source=source, name=order[0])
                self.assertCounts(first, waiting=2)
                second = self.load(*parts[order[1]], source=source, name=order[1])
            by_name = {first.name: first, second.name: second}
            self.assertCounts(by_name["invite"], loaded=2)
            self.assertCounts(by_name["bye"], merged=2)
            events = self.events(by_name["invite"])
            found.append(sorted(events.mapped(lambda event: (event.dedupe_key, event.units, event.started_at))))
        self.assertEqual(found[0], found[1])
        self.assertEqual([units for _key, units, _start in sorted(found[0], key=lambda row: row[1])], [60, 90])

    def test_a_leg_that_comes_again_is_a_duplicate(self):
        with self.at(datetime(2026, 10, 5)):
            first = self.load(invite(1), source=self.flatstore)
            again = self.load(invite(1), bye(1), bye(1), source=self.flatstore)
            late = self.load(bye(1), invite(1), "", source=self.flatstore)
        self.assertCounts(first, loaded=1)
        self.assertCounts(again, duplicate=2, merged=1)
        self.assertEqual((late.count_duplicate, late.count_difference), (2, 0))

    def test_a_call_of_a_stranger_is_in_suspense_and_can_be_replayed(self):
        with self.at(datetime(2026, 10, 5)):
            file = self.load(invite(1, caller="601999999"), bye(1), source=self.flatstore)
            self.assertCounts(file, suspended=1, merged=1)
            self.assertEqual(file.suspense_ids.reason_code, "ACCESS_NOT_FOUND")
            self.number(self.service, "48601999999")
            file.action_replay_suspense()
        self.assertCounts(file, loaded=1, merged=1)

    def test_a_half_that_waited_too_long(self):
        with self.at(datetime(2026, 10, 5)):
            file = self.load(invite(1), source=self.flatstore)
            self.env["bss.usage.source"]._cron_pair()
            self.assertCounts(file, waiting=1)
        with self.at(datetime(2026, 12, 5)):
            self.env["bss.usage.source"]._cron_pair()
            self.assertCounts(file, suspended=1)
            row = file.suspense_ids
            self.assertEqual((row.reason_code, row.line_no), ("UNPAIRED", 1))
            self.assertIn("30", row.message)
            row.action_replay()
            self.assertEqual(row.state, "open")
            other = self.load(bye(1), source=self.flatstore)
            self.assertCounts(other, suspended=1)
        with self.at(datetime(2026, 10, 6)):
            (file | other).suspense_ids.action_replay()
        self.assertCounts(file, loaded=1)
        self.assertCounts(other, merged=1)

    def test_a_half_replayed_before_the_other_comes(self):
        with self.at(datetime(2026, 12, 5)):
            file = self.load(invite(1), source=self.flatstore)
            self.assertCounts(file, suspended=1)
        with self.at(datetime(2026, 10, 6)):
            file.suspense_ids.action_replay()
            self.assertEqual(file.suspense_ids.result, "waiting")
            self.assertCounts(file, waiting=1)
        with self.at(datetime(2026, 12, 5)):
            self.env["bss.usage.source"]._cron_pair()
            self.assertCounts(file, suspended=1)
            self.assertEqual(file.suspense_ids.state, "open")

    def test_sessions_over_several_files_in_any_order(self):
        records = [
            block("Start", 0),
            block("Interim-Update", 600, 1_000, 5_000),
            block("Stop", 900, 1_500, 9_000),
        ]
        totals = []
        for number, order in enumerate(permutations(records)):
            source = self.env["bss.usage.source"].create(
                {"name": "NAS", "code": f"T-NAS{number}", "format": "radius_detail", **ANY_DAY}
            )
            with self.at(datetime(2026, 10, 5)):
                files = [self.load(record, source=source, name=f"detail-{place}") for place, record in enumerate(order)]
            self.assertEqual([file.count_difference for file in files], [0, 0, 0])
            counts = [sum(file[f"count_{name}"] for file in files) for name in ("loaded", "merged", "waiting")]
            events = self.env["bss.usage.event"].search([("source_id", "=", source.id)])
            totals.append((counts, sum(events.mapped("units")), sum(events.mapped("volume_up")), events.service_id))
        for counts, units, volume_up, service in totals:
            self.assertEqual(sum(counts), 3)
            self.assertEqual((units, volume_up, service), (10_500, 1_500, self.service), counts)

    def test_recorded_dialogs_in_both_orders(self):
        """BYE in the first file, its INVITE in the second, with an INVITE that is never answered by a BYE."""
        number = self.flatstore._bss_normalise("1002")
        # an extension of the recording is no number that a subscriber gets
        identifier = self.number(self.service, "48501009999", date_start=date(2015, 1, 1))
        self.env.flush_all()
        self.env.cr.execute("UPDATE bss_service_identifier SET value = %s WHERE id = %s", (number, identifier.id))
        self.env.cr.execute("UPDATE bss_service SET date_start = '2015-01-01' WHERE id = %s", (self.service.id,))
        identifier.invalidate_recordset()
        self.service.invalidate_recordset()
        contents = {name: (SAMPLES / f"{name}.csv").read_bytes() for name in ("part1", "part2")}
        for order in permutations(contents):
            source = self.flatstore.copy({"code": f"T-{order[0]}"})
            files = {}
            with self.at(datetime(2015, 7, 10)):
                for name in order:
                    files[name] = self.env["bss.usage.file"]._bss_receive(source, name, contents[name])
                    files[name]._bss_load()
            self.assertCounts(files["part1"], merged=1)
            self.assertCounts(files["part2"], loaded=1, waiting=1)
            event = self.events(files["part2"])
            self.assertEqual((event.units, event.a_number, event.service_id), (4, number, self.service))
            self.assertEqual(event.started_at, datetime(2015, 7, 9, 15, 10, 47))

    def test_a_killed_load_leaves_no_leg(self):
        file = self.receive(invite(1), bye(1), source=self.flatstore)
        with (
            patch.object(store, "stage_fates", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
            self.env.cr.savepoint(),
            self.at(datetime(2026, 10, 5)),
        ):
            file._bss_load()
        self.assertTrue(store.open_legs(self.env.cr, self.flatstore.id).is_empty())
        file.invalidate_recordset()
        with self.at(datetime(2026, 10, 5)):
            file._bss_load()
        self.assertCounts(file, loaded=1, merged=1)

    def test_waiting_legs_of_another_source_are_left_alone(self):
        other = self.flatstore.copy({"code": "T-OTHER"})
        with self.at(datetime(2026, 10, 5)):
            one = self.load(invite(1), source=self.flatstore)
            two = self.load(bye(1), source=other)
        self.assertCounts(one, waiting=1)
        self.assertCounts(two, waiting=1)

    def test_joined_halves_are_forgotten_in_time(self):
        def legs():
            self.env.cr.execute("SELECT count(*) FROM bss_usage_leg WHERE source_id = %s", (self.flatstore.id,))
            return self.env.cr.fetchone()[0]

        with self.at(datetime(2026, 10, 5)):
            file = self.load(invite(1), bye(1), invite(2), source=self.flatstore)
        self.assertEqual(legs(), 3)
        sources = self.env["bss.usage.source"]
        self.flatstore.keep_legs_days = 30
        with self.at(datetime(2026, 11, 2)):
            sources._cron_forget_legs()
            self.assertEqual(legs(), 3, "of 2026-10-03: 30 days are not over")
        with self.at(datetime(2026, 11, 4)):
            self.flatstore.keep_legs_days = 0
            sources._cron_forget_legs()
            self.assertEqual(legs(), 3)
            self.flatstore.keep_legs_days = 30
            sources._cron_forget_legs()
            self.assertEqual(legs(), 1, "what waits for its other half stays")
        self.assertEqual(self.events(file).units, 60)
        with self.at(datetime(2026, 10, 5)):
            again = self.load(invite(1), bye(1), "BYE|broken", source=self.flatstore)
        self.assertEqual(
            self.events(file).ids, self.env["bss.usage.event"].search([("source_id", "=", self.flatstore.id)]).ids
        )
        self.assertEqual(again.count_difference, 0)
