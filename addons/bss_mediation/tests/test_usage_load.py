import io
import random
from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import store
from ..mediation_core.generator import Mix, generate_master_csv
from ..models import bss_usage_file_load
from .common import ANY_DAY, MediationCommon


@tagged("post_install", "-at_install")
class TestUsageLoad(MediationCommon):
    def test_a_row_becomes_an_event_of_the_service(self):
        file = self.load(self.row())
        self.assertCounts(file, loaded=1)
        event = self.events(file)
        self.assertEqual(event.service_id, self.service)
        self.assertEqual(event.account_id, self.account)
        self.assertEqual((event.a_number, event.b_number), ("48501000001", "48221234567"))
        self.assertEqual(event.started_at, datetime(2026, 10, 14, 15, 58, 20))
        self.assertEqual((event.units, event.duration_s, event.state), (240, 240, "guided"))
        self.assertEqual((event.company_id, event.source_id, event.line_no), (self.company, self.source, 1))

    def test_every_row_is_counted_once(self):
        twin = self.row()
        file = self.load(
            self.row(),
            twin,
            twin,
            self.row(disposition="NO ANSWER", billsec="0"),
            self.row(src="601999999"),
            self.row(start="yesterday"),
            self.row(billsec="-1"),
            "not,a,row",
        )
        self.assertCounts(file, loaded=2, duplicate=1, ignored=1, suspended=4)
        self.assertEqual(file.state, "loaded")

    def test_the_same_file_is_refused_with_its_first_name(self):
        row = self.row()
        self.load(row, name="Monday.csv")
        with self.assertRaisesRegex(UserError, "Monday.csv"):
            self.receive(row, name="Tuesday.csv")
        other = self.source.copy({"code": "T-AST2"})
        self.assertCounts(self.load(row, source=other), loaded=1)

    def test_rows_of_an_overlapping_file_are_duplicates(self):
        first, second, bad = self.row(), self.row(), self.row(billsec="x")
        self.load(first, bad)
        again = self.load(first, second, bad)
        self.assertCounts(again, loaded=1, duplicate=2)

    def test_identity_of_the_exchange_wins_over_the_row(self):
        """A repeated record whose text changed (other quoting, other codec name) is the same call."""
        extra = ("1791000000.7", "", "", "1791000000.7", "3")
        file = self.load(self.row(*extra), self.row(*extra, lastdata="changed"), self.row(*extra[:4], "4"))
        self.assertCounts(file, loaded=2, duplicate=1)

    def test_a_lost_row_is_noticed(self):
        original = store.copy_events

        def lossy(cr, columns, data):
            return original(cr, columns, io.BytesIO(b"".join(data.readlines()[::2])))

        with patch.object(store, "copy_events", lossy), self.assertLogs(bss_usage_file_load.__name__, "ERROR"):
            file = self.load(self.row(), self.row(), self.row())
        self.assertEqual((file.count_rows, file.count_loaded, file.count_duplicate), (3, 2, 0))
        self.assertEqual(file.count_difference, 1)
        found = self.env["bss.usage.file"].search([("count_difference", "!=", 0), ("source_id", "=", self.source.id)])
        self.assertEqual(found, file)

    def test_a_row_refused_for_no_reason_is_noticed(self):
        with (
            patch.object(store, "insert_suspense", return_value=set()),
            self.assertLogs(bss_usage_file_load.__name__, "ERROR"),
        ):
            file = self.load(self.row(), self.row(start="?"))
        self.assertEqual((file.count_duplicate, file.count_difference), (0, 1))

    def test_one_identity_of_two_callers_counts_once(self):
        extra = ("1791000000.7", "", "", "1791000000.7", "3")
        rows = self.row(*extra), self.row(*extra, src="601999999")
        self.assertCounts(self.load(*rows), loaded=1, duplicate=1)
        source = self.source.copy({"code": "T-AST2"})
        with patch.object(bss_usage_file_load, "CHUNK_ROWS", 1):
            self.assertCounts(self.load(*rows, source=source), loaded=1, duplicate=1)

    def test_a_suspended_row_that_comes_again_stays_one(self):
        row = self.row(src="601999999")
        self.load(row)
        self.number(self.service, "48601999999")
        again = self.load(row, self.row())
        self.assertCounts(again, loaded=1, duplicate=1)

    def test_guide_by_the_local_day(self):
        other = self.make_service(self.service.contract_id, self.mobile)
        self.number(self.service, "48502000000", date(2026, 1, 1), date(2026, 10, 14))
        self.number(other, "48502000000", date(2026, 10, 15))
        file = self.load(
            self.row(src="502000000", start="2026-10-14 23:59:59", answer="", end=""),
            self.row(src="502000000", start="2026-10-15 00:00:00", answer="", end=""),
        )
        self.assertEqual(self.events(file).mapped("service_id.id"), [self.service.id, other.id])
        late = self.load(self.row(src="502000000", start="2025-12-31 23:59:59"))
        self.assertEqual(late.suspense_ids.reason_code, "ACCESS_INVALID_DATE")

    def test_account_code_where_the_number_is_nobodys(self):
        self.number(self.service, "ACME-7", kind="account_code")
        file = self.load(self.row(src="100", accountcode="ACME-7"), self.row(src="reception", accountcode="ACME-7"))
        self.assertCounts(file, loaded=2)

    def test_services_out_of_their_time(self):
        pending = self.make_service(self.service.contract_id, self.mobile, state="pending", msisdn="48503000001")
        ended = self.make_service(self.service.contract_id, self.mobile, msisdn="48503000002")
        ended.write({"date_end": date(2026, 9, 30)})
        self.assertEqual(pending.state, "pending")
        file = self.load(self.row(src="503000001"), self.row(src="503000002"))
        self.assertEqual(
            file.suspense_ids.sorted("line_no").mapped("reason_code"), ["SERVICE_NOT_ACTIVATED", "SERVICE_TERMINATED"]
        )

    def test_incoming_calls_are_ignored_unless_the_source_says_otherwise(self):
        incoming = {"src": "601999999", "dst": "501000001"}
        self.assertCounts(self.load(self.row(**incoming)), ignored=1)
        self.source.ignore_incoming = False
        self.assertCounts(self.load(self.row(**incoming)), suspended=1)

    def test_numbers_of_another_company_are_unknown(self):
        company = self.env["res.company"].create({"name": "Other operator"})
        source = self.env["bss.usage.source"].create({"name": "X", "code": "X", "company_id": company.id, **ANY_DAY})
        file = self.load(self.row(), source=source)
        self.assertEqual(file.suspense_ids.reason_code, "ACCESS_NOT_FOUND")
        self.assertEqual(file.suspense_ids.company_id, company)

    def test_partitions_by_month(self):
        file = self.load(
            self.row(start="2031-12-31 23:59:59", answer="", end=""),
            self.row(start="2032-01-01 01:00:00", answer="", end=""),
            self.row(start="2032-02-29 12:00:00", answer="", end=""),
        )
        self.assertCounts(file, loaded=3)
        self.env.cr.execute(
            "SELECT tableoid::regclass::text FROM bss_usage_event WHERE file_id = %s ORDER BY started_at", (file.id,)
        )
        names = [name for (name,) in self.env.cr.fetchall()]
        self.assertEqual(names, [f"bss_usage_event_y{m}" for m in ("2031m12", "2032m01", "2032m02")])
        self.env["bss.usage.event"]._cron_prepare_partitions()

    def test_a_wrong_file_is_rejected_whole(self):
        rows = [self.row() for _n in range(5)]
        file = self.load(*rows, *(f"From: spam {n}" for n in range(30)))
        self.assertEqual(file.state, "rejected")
        self.assertIn("Asterisk", file.error)
        self.assertCounts(file, rejected=35)
        self.assertFalse(file.suspense_ids)
        empty = self.load()
        self.assertEqual((empty.state, empty.count_rows), ("rejected", 0))

    def test_an_error_in_the_middle_leaves_nothing(self):
        data = generate_master_csv(["48501000001"], 300, date(2026, 10, 1), date(2026, 10, 31), 4, Mix(bad=0.05))
        file = self.env["bss.usage.file"]._bss_receive(self.source, "killed.csv", data)
        steps = []

        def killed(*args):
            steps.append(args)
            if len(steps) == 3:
                raise KeyboardInterrupt
            return original(*args)

        original = store.copy_events
        with (
            patch.object(bss_usage_file_load, "CHUNK_ROWS", 50),
            patch.object(store, "copy_events", killed),
            self.assertRaises(KeyboardInterrupt),
            self.env.cr.savepoint(),
        ):
            file._bss_load()
        file.invalidate_recordset()
        self.assertEqual((file.state, file.count_rows, file.count_loaded), ("received", 0, 0))
        self.assertFalse(self.events(file))
        file._bss_load()
        self.assertEqual((file.state, file.count_rows, file.count_difference), ("loaded", 300, 0))

    def test_chunks_change_nothing(self):
        numbers = ["48501000001", self.next_msisdn()]
        data = generate_master_csv(
            numbers, 400, date(2026, 9, 20), date(2026, 10, 31), 11, Mix(bad=0.05, duplicate=0.05)
        )
        counts, keys = [], []
        for code, size in (("T-A", 100_000), ("T-B", 37)):
            source = self.source.copy({"code": code})
            file = self.env["bss.usage.file"]._bss_receive(source, "volume.csv", data)
            progress = []
            with patch.object(bss_usage_file_load, "CHUNK_ROWS", size):
                file._bss_load(progress=lambda done, total, into=progress: into.append((done, total)))
            self.assertEqual(progress[-1], (len(data), len(data)))
            counts.append([file[name] for name in bss_usage_file_load.COUNTS])
            keys.append(sorted(self.events(file).mapped("dedupe_key")))
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(keys[0], keys[1])
        kinds = dict(zip(bss_usage_file_load.COUNTS, counts[0], strict=True))
        expected = ("count_loaded", "count_suspended", "count_duplicate", "count_ignored")
        self.assertTrue(all(kinds[name] for name in expected), "the file has rows of every kind")

    def test_a_shuffled_file_gives_the_same_events(self):
        rows = [self.row(start=f"2026-10-14 10:{minute:02}:00", answer="", end="") for minute in range(20)]
        first = self.load(*rows)
        random.Random(3).shuffle(rows)
        again = self.load(*rows)
        self.assertCounts(again, duplicate=20)
        self.assertCounts(first, loaded=20)

    def test_loaded_once(self):
        file = self.load(self.row())
        with self.assertRaises(UserError):
            file._bss_load()
        with self.assertRaises(UserError):
            file.unlink()

    def test_events_are_not_touched_by_hand(self):
        event = self.events(self.load(self.row()))
        for action in (
            lambda: event.write({"state": "free"}),
            event.unlink,
            lambda: event.create({"a_number": "1"}),
            self.service.unlink,
        ):
            with self.assertRaises(UserError):
                action()
