import random
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import MediationCommon

DATA = Path(__file__).resolve().parents[3] / "tests/data/cdr/synthetic_asn1"


class OneLine:
    """A stream of ``size`` octets in one line, never in memory together."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        size = min(self.left, size if size >= 0 else self.left, 1 << 20)
        self.left -= size
        return b"x" * size


@tagged("post_install", "-at_install")
class TestUsageFaults(MediationCommon):
    """Whatever comes instead of a usage file: a clear word on the file or the row, and nothing harmed."""

    def setUp(self):
        super().setUp()
        self.good = self.load(self.row())
        self.rows = self.env["bss.usage.event"].search_count([])

    def load_bytes(self, content, source=None, name="odd.csv"):
        file = self.env["bss.usage.file"]._bss_receive(source or self.source, name, content)
        file._bss_load()
        return file

    def assertRefused(self, file, words):
        self.assertEqual(file.state, "rejected")
        self.assertIn(words, file.error)
        self.assertFalse(file.suspense_ids)
        self.assertEqual(file.count_rows, file.count_rejected)
        self.assertNothingHarmed()

    def assertNothingHarmed(self, more=0):
        self.assertEqual(self.env["bss.usage.event"].search_count([]), self.rows + more)
        self.assertCounts(self.good, loaded=1)
        self.assertCounts(self.load(self.row()), loaded=1)
        self.rows += 1 + more

    def test_binary_instead_of_text(self):
        self.assertRefused(self.load_bytes(random.Random(3).randbytes(60_000)), "Asterisk")

    def test_empty_blank_and_header_only(self):
        self.assertRefused(self.load_bytes(b""), "empty")
        self.assertRefused(self.load_bytes(b"\n\n\r\n"), "empty")

    def test_cut_off_in_the_middle_of_a_row(self):
        whole = self.row()
        file = self.load_bytes((self.row() + "\n" + whole[: len(whole) // 2]).encode())
        self.assertCounts(file, loaded=1, suspended=1)
        self.assertIn(file.suspense_ids.reason_code, ("INVALID_FORMAT", "TOO_FEW_COLUMNS"))
        self.assertNothingHarmed(more=1)
        again = self.load_bytes((whole + "\n").encode(), name="whole.csv")
        self.assertCounts(again, loaded=1)

    def test_binary_files_cut_off(self):
        for number, (kind, name) in enumerate([("tap3", "CDXXXTAXXXTB00042"), ("ts32297", "pgw_ts32297_seq309.cdr")]):
            source = self.source.copy({"code": f"T-CUT{number}", "format": kind})
            content = (DATA / name).read_bytes()
            self.assertRefused(self.load_bytes(content[: len(content) * 2 // 3], source, name), "cut off")
            self.assertRefused(self.load_bytes(b"\x00" * 5_000, source, name), "not a file of format")

    def test_sums_that_contradict(self):
        source = self.source.copy({"code": "T-SUM", "format": "tap3"})
        file = self.load_bytes((DATA / "CDXXXTAXXXTB00043_bad_audit").read_bytes(), source)
        self.assertRefused(file, "declares")

    def test_wrong_encoding(self):
        row = self.row(clid='"Żółć" <501000001>')
        self.assertCounts(self.load_bytes(row.encode("cp1250")), loaded=1)
        self.rows += 1
        text = "".join(f"{self.row()}\n" for _n in range(25))
        unmarked = text.encode("utf-16-le")
        self.assertRefused(self.load_bytes(unmarked), "Asterisk")
        stated = self.source.copy({"code": "T-UTF16", "encoding": "utf-16-le"})
        self.assertCounts(self.load_bytes(unmarked, stated), loaded=25)
        marked = self.source.copy({"code": "T-MARK"})
        self.assertCounts(self.load_bytes(text.encode("utf-16"), marked), loaded=25)

    def test_one_endless_line(self):
        """The same with a gigabyte and its memory is in the soak tests."""
        size = 20_000_000
        file = self.env["bss.usage.file"]._bss_receive(self.source, "line.csv", b"x")
        with patch.object(type(file), "_bss_open", lambda _file: _Opened(size)):
            file._bss_load()
        self.assertCounts(file, suspended=1)
        self.assertLess(len(file.suspense_ids.raw), 70_000)
        self.assertNothingHarmed()

    def test_negative_duration(self):
        file = self.load(self.row(billsec="-5"), self.row(duration="-5"), self.row())
        self.assertCounts(file, loaded=1, suspended=2)
        self.assertEqual(set(file.suspense_ids.mapped("reason_code")), {"NEGATIVE_DURATION"})
        self.assertIn("below zero", file.suspense_ids[0].message)

    def test_clock_that_jumped(self):
        now = fields.Datetime.now().replace(microsecond=0)
        ahead, behind = now + timedelta(days=400), now - timedelta(days=3650)
        self.number(self.service, "48502000000", date(1999, 1, 1))

        def row(start):
            return self.row(src="502000000", start=start.strftime("%Y-%m-%d %H:%M:%S"), answer="", end="")

        self.source.write({"ahead_hours": 24, "max_age_days": 30, "timezone": "UTC"})
        rows = [row(now), row(ahead), row(behind), row(now - timedelta(days=3)), row(now + timedelta(hours=23))]
        file = self.load(*rows)
        self.assertCounts(file, loaded=3, suspended=2)
        future, past = file.suspense_ids.sorted("line_no")
        self.assertEqual((future.reason_code, past.reason_code), ("EVENT_IN_FUTURE", "EVENT_TOO_OLD"))
        self.assertIn("Check the clock", future.message)
        self.assertIn(behind.strftime("%Y-%m-%d"), past.message)
        for start in (ahead, behind):
            self.env.cr.execute("SELECT to_regclass(%s)", (f"bss_usage_event_y{start:%Y}m{start:%m}",))
            self.assertEqual(self.env.cr.fetchone(), (None,), "no partition for a month that never was")
        self.assertCounts(self.load(*rows[1:3], rows[0], name="again.csv"), duplicate=3)
        self.source.ahead_hours = 0
        future.action_replay()
        self.assertEqual((future.state, future.result), ("replayed", "loaded"))
        self.assertEqual(file.count_loaded, 4)


class _Opened:
    def __init__(self, size):
        self.stream = OneLine(size)

    def __enter__(self):
        return self.stream

    def __exit__(self, *_error):
        return False
