import csv
import io
import struct
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ANY_DAY, MediationCommon

DATA = Path(__file__).resolve().parents[3] / "tests/data/cdr/synthetic_asn1"


@tagged("post_install", "-at_install")
class TestUsageControl(MediationCommon):
    """What name, header and trailer of a file say beside each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tap = cls.env["bss.usage.source"].create(
            {"name": "Roaming", "code": "T-TAP", "format": "tap3", "sequence_from": "name", **ANY_DAY}
        )
        cls.batch = (DATA / "CDXXXTAXXXTB00042").read_bytes()

    def receive_tap(self, name, content=None, source=None):
        return self.env["bss.usage.file"]._bss_receive(source or self.tap, name, content or self.batch)

    def test_numbers_of_tap_names_need_no_pattern(self):
        first = self.receive_tap("CDXXXTAXXXTB00042")
        self.assertEqual(first.sequence_no, 42)
        ahead = self.receive_tap("CDXXXTAXXXTB00045", (DATA / "CDXXXTAXXXTB00045_gap").read_bytes())
        self.assertEqual((ahead.sequence_no, ahead.state), (45, "received"))
        self.assertEqual((self.tap.gap_ids.number_from, self.tap.gap_ids.number_to), (43, 44))
        with self.assertRaises(UserError):
            self.source.sequence_from = "name"

    def test_the_name_agrees_with_the_header(self):
        file = self.receive_tap("CDXXXTAXXXTB00042")
        file._bss_load()
        self.assertEqual((file.state, file.warnings, file.declared_rows), ("loaded", False, 5))

    def test_a_name_that_contradicts_the_header_waits_for_a_person(self):
        for name, words in (
            ("CDXXXTAXXXTB00041", "42"),
            ("CDYYYTAXXXTB00042", "XXXTA"),
            ("CDXXXTAYYYTB00042", "XXXTB"),
            ("TDXXXTAXXXTB00042", "test file"),
        ):
            source = self.tap.copy({"code": f"T-{name}", "sequence_from": "header"})
            file = self.receive_tap(name, source=source)
            file._bss_load()
            self.assertEqual((file.state, file.count_rows), ("held", 0), name)
            self.assertIn(words, file.error)
            file.action_release()
            self.assertEqual((file.state, file.count_rows), ("loaded", 5), name)

    def test_names_of_other_forms_say_nothing(self):
        source = self.tap.copy({"code": "T-FREE", "sequence_from": "header"})
        file = self.receive_tap("roaming of may.ber", source=source)
        file._bss_load()
        self.assertEqual((file.state, file.sequence_no), ("loaded", 42))

    def test_what_the_sender_lost_is_shown_and_raises_an_alarm(self):
        source = self.tap.copy({"code": "T-GGSN", "format": "ts32297", "sequence_from": "none"})
        content = bytearray((DATA / "pgw_ts32297_seq309.cdr").read_bytes())
        lost = struct.calcsize(">IIBBIIIIB20s")
        content[lost] = 5
        content[lost - 21] = 128
        file = self.receive_tap("pgw.cdr", bytes(content), source)
        file._bss_load()
        self.assertEqual(file.state, "loaded")
        self.assertIn("indicator 5", file.warnings)
        self.assertIn("reason 128", file.warnings)
        alarm = source.alarm_ids.filtered(lambda alarm: alarm.kind == "warning")
        self.assertEqual((alarm.file_id, alarm.state), (file, "open"))
        self.assertIn(file, self.env["bss.usage.file"].search([("warnings", "!=", False)]))


@tagged("post_install", "-at_install")
class TestUsageErrorList(MediationCommon, HttpCase):
    def listed(self, file):
        return list(csv.DictReader(io.StringIO(file._bss_error_list().removeprefix("\ufeff")), delimiter=";"))

    def test_every_refused_row_is_listed_as_it_came(self):
        bad = self.row(billsec="-1")
        file = self.load(self.row(), bad, self.row(src="601999999", clid="=1+1"), '=cmd,"')
        first, stranger, formula = self.listed(file)
        self.assertEqual((first["Line"], first["Reason"], first["Value"]), ("2", "NEGATIVE_DURATION", "-1"))
        self.assertEqual(first["Record"], bad)
        self.assertEqual((stranger["Reason"], stranger["Value"]), ("ACCESS_NOT_FOUND", "48601999999"))
        self.assertEqual(formula["Record"], "'=cmd,\"", "no spreadsheet runs what a stranger wrote")
        row = file.suspense_ids.filtered(lambda row: row.line_no == 2)
        row.raw = self.row(billsec="10")
        row.action_replay()
        self.assertEqual(self.listed(file)[0]["Record"], bad, "as received, not as corrected")

    def test_the_name_of_a_file_is_written_by_strangers_too(self):
        file = self.env["bss.usage.file"]._bss_receive(self.source, '=HYPERLINK("x")', b"spam\n" * 30, origin="push")
        file._bss_load()
        (line,) = self.listed(file)
        self.assertEqual((line["File"], line["Reason"]), ('\'=HYPERLINK("x")', "FILE"))

    def test_a_rejected_file_tells_why(self):
        file = self.load(*(f"spam {n}" for n in range(30)))
        (line,) = self.listed(file)
        self.assertEqual((line["Reason"], line["Message"]), ("FILE", file.error))

    def test_download_is_for_clerks_and_written_down(self):
        file = self.load(self.row(billsec="-1"))
        for role in ("viewer", "clerk"):
            new_test_user(
                self.env, login=f"errors-{role}", groups=f"base.group_user,bss_catalog.group_bss_{role}",
                company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
            )  # fmt: skip
        self.env.flush_all()
        exports = self.env["bss.usage.export"]
        before = exports.search_count([("kind", "=", "errors")])
        self.authenticate("errors-viewer", "errors-viewer")
        self.assertEqual(self.url_open(file.action_download_errors()["url"]).status_code, 404)
        self.authenticate("errors-clerk", "errors-clerk")
        answer = self.url_open(file.action_download_errors()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn(b"NEGATIVE_DURATION", answer.content)
        self.assertEqual(exports.search_count([("kind", "=", "errors")]), before + 1)
