import gzip
import io
import lzma
import random
import tarfile
import zipfile
import zlib

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_usage_pickup import PickupCommon


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def tarred(**files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def encrypted(packed):
    """Marked as encrypted: the first file only."""
    packed = bytearray(packed)
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


@tagged("post_install", "-at_install")
class TestUsagePackages(PickupCommon):
    def rows(self, *rows):
        return "".join(row + "\n" for row in rows or [self.row()]).encode()

    def receive_packed(self, content, name="day.zip", source=None):
        return self.env["bss.usage.file"]._bss_receive(source or self.source, name, content)

    def test_every_file_of_a_package_is_a_usage_file(self):
        package = self.receive_packed(zipped(a__csv=self.rows(self.row(), self.row()), b__csv=self.rows()))
        self.assertEqual((package.state, package.is_package, package.count_rows), ("unpacked", True, 0))
        self.assertEqual(package.member_ids.sorted("id").mapped("name"), ["a.csv", "b.csv"])
        self.assertEqual(set(package.member_ids.mapped("state")), {"received"})
        package.action_load()
        first, second = package.member_ids.sorted("id")
        self.assertCounts(first, loaded=2)
        self.assertCounts(second, loaded=1)
        self.assertEqual(first.package_id, package)
        with self.assertRaises(UserError):
            package.unlink()

    def test_every_kind_of_package(self):
        plain = self.rows()
        for number, (pack, name) in enumerate(
            [
                (gzip.compress, "a.csv.gz"),
                (lzma.compress, "a.csv.xz"),
                (lambda data: gzip.compress(tarred(a__csv=data)), "day.tgz"),
                (lambda data: zipped(a__csv=data), "day.zip"),
            ]
        ):
            source = self.source.copy({"code": f"T-P{number}"})
            package = self.receive_packed(pack(plain), name, source)
            package.action_load()
            self.assertEqual(package.member_ids.mapped("name"), ["a.csv"])
            self.assertCounts(package.member_ids, loaded=1)

    def test_the_same_package_and_the_same_content_are_refused(self):
        rows = self.rows()
        known = self.receive_packed(rows, "Monday.csv")
        content = zipped(a__csv=rows, b__csv=self.rows())
        package = self.receive_packed(content)
        twin, fresh = package.member_ids.sorted("id")
        self.assertEqual((twin.state, fresh.state), ("rejected", "received"))
        self.assertIn("Monday.csv", twin.error)
        with self.assertRaisesRegex(UserError, "day.zip"):
            self.receive_packed(content, "again.zip")
        (known | package)._bss_start()
        self.assertCounts(known, loaded=1)
        self.assertCounts(fresh, loaded=1)

    def test_bad_packages_are_refused_and_harm_nothing(self):
        before = self.env["bss.usage.event"].search_count([])
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
        noise = random.Random(5).randbytes(3000)
        self.source.max_megabytes = 10
        for content, words in (
            (bomb, "10 MB"),
            (gzip.compress(noise)[:-9], "cut off"),
            (zipped(a=noise)[:-30], "damaged"),
            (encrypted(zipped(a=noise)), "password"),
            (zipped(), "no file"),
            (gzip.compress(gzip.compress(gzip.compress(gzip.compress(noise)))), "packed into each other"),
        ):
            package = self.receive_packed(content)
            self.assertEqual((package.state, package.member_ids.ids), ("rejected", []), words)
            self.assertIn(words, package.error)
        self.source.max_megabytes = 500
        package = self.receive_packed(bomb, "bomb.gz")
        self.assertIn("swell", package.error)
        polish = self.receive_packed(encrypted(zipped(b=noise))).with_context(lang="pl_PL")
        self.assertTrue(polish.error)
        self.assertEqual(self.env["bss.usage.event"].search_count([]), before)

    def test_a_bad_file_does_not_stop_the_others(self):
        package = self.receive_packed(encrypted(zipped(a__csv=self.rows(), b__csv=self.rows(), c__csv=b"?\n" * 30)))
        package.action_load()
        locked, good, nonsense = package.member_ids.sorted("id")
        self.assertEqual((locked.state, locked.has_content), ("rejected", False))
        self.assertIn("password", locked.error)
        self.assertCounts(good, loaded=1)
        self.assertEqual((nonsense.state, nonsense.count_rejected), ("rejected", 30))
        alarms = self.source.alarm_ids.filtered(lambda alarm: alarm.kind == "file_rejected")
        self.assertEqual(alarms.file_id, locked | nonsense)

    def test_paths_do_nothing(self):
        package = self.receive_packed(zipped(**{"../../etc/passwd": self.rows(), "/abs/b__csv": self.rows()}))
        self.assertEqual(package.member_ids.sorted("id").mapped("name"), ["passwd", "b.csv"])

    def test_a_rejected_package_can_be_tried_again(self):
        self.source.max_megabytes = 1
        package = self.receive_packed(gzip.compress(self.rows() * 8000))
        self.assertEqual(package.state, "rejected")
        self.source.max_megabytes = 10
        package.action_load()
        self.assertEqual((package.state, package.error), ("unpacked", False))
        self.assertCounts(package.member_ids, loaded=1, duplicate=7999)

    def test_numbers_of_the_files_inside(self):
        self.source.write({"sequence_from": "name", "name_pattern": "CDR_{seq}*"})
        package = self.receive_packed(zipped(CDR_1__csv=self.rows(), CDR_2__csv=self.rows()), "CDR_7.zip")
        self.assertEqual((package.state, package.sequence_no), ("unpacked", 0))
        self.assertEqual(package.member_ids.sorted("id").mapped("sequence_no"), [1, 2])
        late = self.receive_packed(gzip.compress(self.rows()), "CDR_2.csv.gz")
        self.assertEqual((late.state, late.member_ids.state), ("unpacked", "held"))

    def test_number_of_the_package(self):
        self.source.write({"sequence_from": "name", "name_pattern": "day{seq}.zip"})
        self.receive_packed(zipped(a__csv=self.rows()), "day4.zip")
        held = self.receive_packed(zipped(b__csv=self.rows()), "day3.zip")
        self.assertEqual((held.state, held.member_ids.ids), ("held", []))
        held.action_release()
        self.assertEqual((held.state, held.member_ids.state), ("unpacked", "loaded"))
        self.receive_packed(zipped(c__csv=self.rows()), "day6.zip")
        self.assertEqual(self.source.gap_ids.mapped("number_from"), [5])

    def test_picked_up(self):
        self.fetch_from_folder()
        path = self.put("day.zip")
        path.write_bytes(zipped(a__csv=self.rows(), b__csv=self.rows()))
        (package,) = self.pick_up()
        self.assertEqual((package.state, package.origin), ("unpacked", "pickup"))
        for file in package.member_ids:
            self.assertEqual(file.origin, "pickup")
            self.assertCounts(file, loaded=1)
        self.assertTrue((self.folder / "done" / "day.zip").exists())

    def test_uploaded(self):
        wizard = self.env["bss.usage.upload"].create(
            {
                "source_id": self.source.id,
                "attachment_ids": [
                    (0, 0, {"name": "day.zip", "raw": zipped(a__csv=self.rows())}),
                    (0, 0, {"name": "bad.zip", "raw": encrypted(zipped(a__csv=self.rows()))}),
                ],
            }
        )
        wizard.action_upload()
        good, bad = self.source.file_ids.filtered("is_package").sorted("id")
        self.assertCounts(good.member_ids, loaded=1)
        self.assertEqual(bad.state, "rejected")

    @mute_logger("odoo.sql_db")
    def test_audit_of_the_day_counts_no_packages(self):
        self.receive_packed(zipped(a__csv=self.rows(), b__csv=self.rows())).action_load()
        self.env.flush_all()
        (day,) = self.env["bss.usage.audit"].search([("source_id", "=", self.source.id)])
        self.assertEqual((day.count_files, day.count_rows, day.count_loaded), (2, 2, 2))
