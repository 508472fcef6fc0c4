import io
import logging
import os
import sys
import time
import tracemalloc
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import paramiko
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..pickup.base import PickupError
from ..pickup.folder import FolderPickup
from ..pickup.sftp import fingerprint
from .common import MediationCommon

TESTS = Path(__file__).resolve().parents[3] / "tests"
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))
from simulators.usage_files import ListedFile, SftpServer, WebServer  # noqa: E402 - they are found by the path above

PASSWORD = "s3cret-of-the-switch"


class PickupCommon(MediationCommon):
    def setUp(self):
        super().setUp()
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        roots = patch.object(type(self.source), "_bss_folder_roots", lambda _self: [folder.name])
        self.startPatcher(roots)

    def put(self, name, *rows, folder=None):
        path = (folder or self.folder) / name
        path.write_bytes(b"".join(row.encode() + b"\n" for row in rows))
        long_ago = time.time() - 3600
        os.utime(path, (long_ago, long_ago))
        return path

    def fetch_from_folder(self, **vals):
        self.source.write({"pickup": "folder", "folder": str(self.folder), "complete": "at_once", **vals})

    def pick_up(self, source=None):
        with self.jobs_at_once():
            return (source or self.source)._bss_pick_up()

    @contextmanager
    def jobs_at_once(self):
        source = self.source
        self.source = source.with_context(queue_job__no_delay=True)
        try:
            yield
        finally:
            self.source = source

    def alarms(self, kind):
        return self.source.alarm_ids.filtered(lambda alarm: alarm.kind == kind and alarm.state == "open")


@tagged("post_install", "-at_install")
class TestUsagePickup(PickupCommon):
    # --- a folder of this server

    def test_memory_grows_with_the_file_and_not_with_the_largest_allowed(self):
        self.put("small.csv", "x" * 3_000_000)
        pickup = FolderPickup(str(self.folder), [str(self.folder)])
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.assertEqual(len(pickup.fetch("small.csv", 500_000_000)), 3_000_001)
        self.assertLess(tracemalloc.get_traced_memory()[1], 20_000_000)
        for limit in (3_000_000, 5):
            with self.assertRaises(PickupError) as refused:
                pickup.fetch("small.csv", limit)
            self.assertEqual(refused.exception.code, "TOO_LARGE")

    def test_a_file_is_taken_once_loaded_and_moved(self):
        self.fetch_from_folder()
        self.put("Master.csv", self.row(), self.row())
        (file,) = self.pick_up()
        self.assertEqual((file.state, file.origin, file.name), ("loaded", "pickup", "Master.csv"))
        self.assertCounts(file, loaded=2)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["done"])
        self.assertTrue((self.folder / "done" / "Master.csv").exists())
        self.assertFalse(self.pick_up())

    def test_a_file_left_in_its_place_is_known_by_name_size_and_time(self):
        self.fetch_from_folder(after_pickup="keep")
        path = self.put("Master.csv", self.row())
        self.assertEqual(len(self.pick_up()), 1)
        with patch.object(type(self.source), "_bss_fetch", side_effect=AssertionError("fetched again")):
            self.assertFalse(self.pick_up())
        path.write_bytes(path.read_bytes() + self.row().encode() + b"\n")
        (grown,) = self.pick_up()
        self.assertCounts(grown, loaded=1, duplicate=1)

    def test_killed_before_the_file_was_moved(self):
        self.fetch_from_folder()
        self.put("Master.csv", self.row())
        # assertRaises would roll back what was kept before
        killed = patch("odoo.addons.bss_mediation.pickup.FolderPickup.finish", side_effect=KeyboardInterrupt)
        with killed, suppress(KeyboardInterrupt):
            self.pick_up()
        self.assertFalse(self.pick_up())
        self.assertTrue((self.folder / "done" / "Master.csv").exists())
        self.assertEqual(self.source.file_ids.mapped("name"), ["Master.csv"])

    def test_only_names_of_the_source(self):
        self.fetch_from_folder(name_pattern="CDR_{seq}.csv", after_pickup="delete")
        self.put("CDR_7.csv", self.row())
        self.put("README.txt", "not for us")
        self.put(".hidden.csv", self.row())
        self.assertEqual(self.pick_up().mapped("name"), ["CDR_7.csv"])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), [".hidden.csv", "README.txt"])

    def test_links_are_not_followed(self):
        self.fetch_from_folder()
        (self.folder / "Master.csv").symlink_to("/etc/passwd")
        self.assertFalse(self.pick_up())

    def test_a_marker_tells_that_a_file_is_complete(self):
        self.fetch_from_folder(complete="marker", marker=".ok", name_pattern="*.csv", after_pickup="delete")
        self.put("1.csv", self.row())
        self.put("2.csv", self.row())
        self.put("1.csv.ok")
        self.assertEqual(self.pick_up().mapped("name"), ["1.csv"])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["2.csv"])

    def test_a_growing_file_waits(self):
        self.fetch_from_folder(complete="stable", stable_minutes=5)
        path = self.put("Master.csv", self.row())
        self.assertFalse(self.pick_up())
        path.write_bytes(path.read_bytes() + self.row().encode() + b"\n")
        with self.at(minutes=6):
            self.assertFalse(self.pick_up())
        with self.at(minutes=10):
            self.assertFalse(self.pick_up())
        with self.at(minutes=12):
            (file,) = self.pick_up()
        self.assertCounts(file, loaded=2)

    @contextmanager
    def at(self, **later):
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(**later)
        with patch("odoo.fields.Datetime.now", return_value=now):
            yield

    def test_the_same_content_again_shows_as_rejected(self):
        self.fetch_from_folder(after_pickup="delete")
        row = self.row()
        self.put("Monday.csv", row)
        self.pick_up()
        self.put("Tuesday.csv", row)
        (twin,) = self.pick_up()
        self.assertEqual(twin.state, "rejected")
        self.assertIn("Monday.csv", twin.error)
        self.assertEqual(self.alarms("file_rejected").file_id, twin)
        self.assertFalse(list(self.folder.iterdir()))

    def test_a_file_too_large_is_not_read(self):
        self.fetch_from_folder(max_megabytes=1, after_pickup="keep")
        (self.folder / "huge.csv").write_bytes(b"x" * 1_000_001)
        self.put("small.csv", self.row())
        files = self.pick_up()
        self.assertEqual(files.sorted("name").mapped("state"), ["rejected", "loaded"])
        self.assertFalse(files.filtered(lambda file: file.name == "huge.csv").sudo().attachment_id)
        self.assertFalse(self.pick_up(), "it is told once")

    def test_folders_that_odoo_conf_does_not_open(self):
        for folder in ("/etc", str(self.folder / ".." / "elsewhere")):
            self.source.write({"pickup": "folder", "folder": folder, "complete": "at_once"})
            self.assertFalse(self.pick_up())
            self.assertIn("odoo.conf", self.alarms("pickup_failed").text)

    def test_an_alarm_ends_when_the_folder_is_back(self):
        self.source.responsible_id = new_test_user(self.env, "noc", groups="bss_catalog.group_bss_clerk")
        self.fetch_from_folder(folder=str(self.folder / "cdr"))
        self.pick_up()
        self.pick_up()
        alarm = self.alarms("pickup_failed")
        self.assertEqual(alarm.times, 2)
        self.assertEqual(len(self.source.activity_ids), 1, "one person is called once")
        (self.folder / "cdr").mkdir()
        self.pick_up()
        self.assertEqual(alarm.state, "resolved")
        self.assertFalse(self.source.activity_ids)

    def test_the_cron_makes_a_job_when_the_time_has_come(self):
        self.fetch_from_folder(pickup_minutes=30)
        jobs = self.env["queue.job"].search([])
        self.source._cron_pick_up()
        job = self.env["queue.job"].search([]) - jobs
        self.assertEqual(job.method_name, "_bss_pick_up")
        self.pick_up()
        self.source._cron_pick_up()
        self.assertEqual(self.env["queue.job"].search([]) - jobs, job)

    # --- SFTP

    def sftp(self, server, **vals):
        self.source.write(
            {
                "pickup": "sftp",
                "host": "127.0.0.1",
                "port": server.port,
                "login": "bss",
                "password": PASSWORD,
                "host_key": fingerprint(server.host_key),
                "folder": "out",
                "complete": "at_once",
                **vals,
            }
        )

    def test_files_of_an_sftp_server(self):
        out = self.folder / "out"
        out.mkdir()
        self.put("Master.csv", self.row(), folder=out)
        with SftpServer(self.folder, "bss", PASSWORD) as server:
            self.sftp(server)
            (file,) = self.pick_up()
            self.assertCounts(file, loaded=1)
            self.assertTrue((out / "done" / "Master.csv").exists())
            self.assertFalse(self.pick_up())

    def test_a_server_with_another_key_gets_no_password(self):
        with SftpServer(self.folder, "bss", PASSWORD) as server:
            self.sftp(server, host_key="SHA256:somebodyelse")
            self.assertFalse(self.pick_up())
            self.assertIn(fingerprint(server.host_key), self.alarms("pickup_failed").text)
            self.assertEqual(server.refused, 0)

    def test_a_connection_that_breaks_is_no_error_of_the_server_log(self):
        """The alarm of the source tells it; the library's own words are a detail."""
        channel = "paramiko.transport.bss_mediation"
        record = logging.makeLogRecord({"name": channel, "levelno": logging.ERROR, "levelname": "ERROR"})
        self.assertTrue(logging.getLogger(channel).filter(record))
        self.assertEqual((record.levelno, record.levelname), (logging.INFO, "INFO"))
        with SftpServer(self.folder, "bss", PASSWORD) as server:
            self.sftp(server)
            with patch.object(paramiko.Transport, "set_log_channel") as told:
                self.pick_up()
        self.assertIn(channel, [call.args[0] for call in told.call_args_list])

    def test_a_wrong_password_is_told_without_showing_it(self):
        with SftpServer(self.folder, "bss", "another") as server:
            self.sftp(server)
            with self.assertLogs("paramiko", "DEBUG") as logs:
                self.pick_up()
        text = self.alarms("pickup_failed").text
        self.assertIn("refuses", text)
        self.assertFalse([line for line in [text, *logs.output] if PASSWORD in line])

    def test_log_in_by_key(self):
        key = paramiko.RSAKey.generate(2048)
        text = io.StringIO()
        key.write_private_key(text)
        (self.folder / "out").mkdir()
        self.put("Master.csv", self.row(), folder=self.folder / "out")
        with SftpServer(self.folder, "bss", "-", public_key=key) as server:
            self.sftp(server, private_key=text.getvalue(), password=False, after_pickup="delete")
            self.assertEqual(len(self.pick_up()), 1)
        self.assertFalse(list((self.folder / "out").iterdir()))

    def test_a_server_that_is_not_there(self):
        with SftpServer(self.folder, "bss", PASSWORD) as server:
            self.sftp(server)
        self.assertFalse(self.pick_up())
        self.assertIn("127.0.0.1", self.alarms("pickup_failed").text)

    # --- web

    def web(self, server, **vals):
        self.source.write({"pickup": "http", "url": server.url, "complete": "at_once", "after_pickup": "keep", **vals})

    def test_files_of_a_web_address(self):
        with WebServer(token="t0ken") as server:
            server.files["Master.csv"] = ListedFile(self.row().encode())
            self.web(server, token="t0ken", after_pickup="delete")
            (file,) = self.pick_up()
            self.assertCounts(file, loaded=1)
            self.assertFalse(server.files)

    def test_what_a_web_address_may_answer_wrong(self):
        with WebServer() as server:
            self.web(server)
            server.faults.append(503)
            self.assertFalse(self.pick_up())
            self.assertIn("503", self.alarms("pickup_failed").text)
            for listing in (b"<html>", b'{"a": 1}', b'[{"name": "../x", "url": "x"}]', b'[{"name": 1}]'):
                server.listing = listing
                self.assertFalse(self.pick_up())
                self.assertIn("list of files", self.alarms("pickup_failed").text)
            # a list that leads to another server would take the token there
            server.listing = b'[{"name": "x.csv", "url": "http://127.0.0.2/x.csv"}]'
            self.assertFalse(self.pick_up())
            self.assertFalse(self.source.file_ids)

    # --- who may say where files come from

    def test_the_place_is_set_by_a_system_user(self):
        manager = new_test_user(self.env, "usage.manager", groups="bss_catalog.group_bss_billing_manager")
        source = self.source.with_user(manager)
        source.write({"name": "Renamed", "pickup_minutes": 5})
        for vals in ({"pickup": "folder", "folder": "/"}, {"url": "https://a.example"}, {"host_key": "x"}):
            with self.assertRaises(AccessError):
                source.write(vals)
        with self.assertRaises(AccessError):
            source.read(["password"])
        with self.assertRaises(AccessError):
            source.create({"name": "x", "code": "X", "pickup": "folder", "folder": "/"})
        self.assertTrue(source.create({"name": "x", "code": "X"}))

    def test_a_secret_does_not_move_to_another_server(self):
        self.source.write({"pickup": "sftp", "host": "a.example", "login": "u", "host_key": "k", "password": PASSWORD})
        self.source.write({"login": "u", "port": 22})
        self.assertEqual(self.source.password, PASSWORD)
        self.source.write({"host": "b.example"})
        self.assertFalse(self.source.password)

    def test_incomplete_settings(self):
        for vals in (
            {"pickup": "folder"},
            {"pickup": "sftp", "host": "a.example"},
            {"pickup": "http", "url": "ftp://a.example"},
            {"pickup": "http", "url": "http://a.example/list", "token": "t"},
            {"complete": "marker", "marker": ""},
            {"name_pattern": "a/b"},
            {"name_pattern": "{seq}{seq}"},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.source.write(vals)
