import base64
import csv
import io
import json
from datetime import date

from odoo import fields
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install")
class TestDialer(CallCommon):
    """Files to a dialer and back."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.call(), self.call("Anna Nowak", partner={"phone": "+48 600 100 201"})
        self.batch = self.env["bss.dunning.dialer.batch"].create({})
        self.batch.action_fill()
        self.Line = self.env["bss.dunning.dialer.line"]

    def csv(self, *rows, header="call_id;attempt;called_at;result;minutes;promise_amount;promise_date;note"):
        return "\r\n".join([header, *rows])

    def bring(self, text, encoding="utf-8", name="wyniki.csv"):
        return self.env["bss.dunning.dialer.file"]._bss_import(name, text.encode(encoding), self.company, self.batch)

    def row(self, call, result, rest=";;;", number=1, at="2026-10-26 09:30"):
        return f"{call.id};{number};{at};{result};{rest}"

    # Out

    def test_files_of_a_batch(self):
        self.assertEqual(self.batch.call_ids, self.first | self.second)
        self.batch.action_release()
        self.assertEqual(self.batch.state, "released")
        rows = list(
            csv.DictReader(io.StringIO(base64.b64decode(self.batch.csv_file).decode("utf-8-sig")), delimiter=";")
        )
        self.assertEqual([row["phone_1"] for row in rows], ["+48600100200", "+48600100201"])
        row = rows[0]
        self.assertEqual((row["version"], row["attempt"], row["language"]), ("1", "1", "pl"))
        self.assertEqual((row["amount"], row["currency"], row["oldest_due"]), ("123.00", "PLN", "2026-10-05"))
        self.assertEqual((row["last_contact"], row["hour_from"], row["hour_to"]), ("2026-10-19", "8", "20"))
        self.assertIn("Jan Kowalski", row["script"])
        told = json.loads(base64.b64decode(self.batch.json_file))
        self.assertEqual([one["call_id"] for one in told["calls"]], [self.first.id, self.second.id])
        with self.assertRaises(UserError):
            self.batch.action_fill()

    def test_a_call_is_in_one_batch(self):
        other = self.env["bss.dunning.dialer.batch"].create({})
        with self.assertRaises(UserError):
            other.action_fill()
        self.batch.action_release()
        self.batch.action_close()
        other.action_fill()
        self.assertEqual(len(other.call_ids), 2, "what was not called is free again")

    # In

    def test_results_are_taken_once(self):
        text = self.csv(
            self.row(self.first, "reached", "1,5;;;rozmowa"), self.row(self.second, "promise", "2;100,00;3.11.2026;")
        )
        file = self.bring(text)
        self.assertEqual((file.line_count, file.applied_count, file.suspended_count), (2, 2, 0))
        self.assertEqual((self.first.state, self.first.minutes, self.first.attempt_ids.source), ("done", 1.5, "dialer"))
        self.assertEqual(self.second.attempt_ids.promise_date, date(2026, 11, 3))
        self.assertEqual(self.second.case_id.state, "hold")
        again = self.bring(text)
        self.assertEqual((again.applied_count, again.duplicate_count, again.suspended_count), (0, 2, 0))
        self.assertEqual(self.first.attempt_count, 1)

    def test_bad_lines_wait_and_the_rest_goes_on(self):
        file = self.bring(
            self.csv(
                self.row(self.first, "hurra"),
                "999999;1;2026-10-26 09:30;reached;;;;",
                self.row(self.first, "promise", ";;;"),
                "x;y",
                self.row(self.second, "no_answer"),
                self.row(self.first, "reached", at="2026-10-27 09:30"),
            )
        )
        self.assertEqual((file.line_count, file.applied_count, file.suspended_count), (6, 1, 5))
        found = [(line.number, line.field or "", line.code) for line in file.line_ids]
        self.assertEqual(
            found,
            [
                (2, "result", "UNKNOWN"),
                (3, "call_id", "UNKNOWN"),
                (4, "promise_amount", "MISSING"),
                (5, "", "COLUMNS"),
                (7, "called_at", "FUTURE"),
            ],
        )
        self.assertEqual(file.line_ids[0].reason, "result: is not known here (hurra)")
        self.assertEqual((self.first.attempt_count, self.second.attempt_count), (0, 1))

    def test_a_bad_line_is_corrected_and_taken(self):
        file = self.bring(self.csv(self.row(self.first, "hurra")))
        line = file.line_ids.with_user(self.user("windykator", "bss_catalog.group_bss_collector"))
        line.action_replay()
        self.assertEqual((line.state, line.code), ("suspended", "UNKNOWN"))
        line.data = line.data.replace("hurra", "no_answer")
        line.action_replay()
        self.assertEqual((line.state, file.applied_count, file.line_count), ("applied", 1, 1))
        self.assertEqual(self.first.result, "no_answer")
        self.assertEqual(len(file.line_ids), 1)
        with self.assertRaises(UserError):
            line.action_replay()
        with self.assertRaises(AccessError):
            line.write({"state": "dropped"})

    def test_encodings(self):
        for number, encoding in enumerate(("utf-8", "utf-8-sig", "cp1250", "utf-16"), 1):
            with self.subTest(encoding=encoding):
                file = self.bring(self.csv(self.row(self.first, "no_answer", ";;;zażółć", number)), encoding)
                self.assertEqual(file.applied_count, 1)
                self.assertEqual(self.first.attempt_ids[-1:].note, "zażółć")

    def test_json(self):
        row = {"call_id": self.first.id, "attempt": 1, "called_at": "2026-10-26T09:30:00+01:00", "result": "refuse"}
        file = self.bring(json.dumps({"version": 1, "results": [row, "x"]}), name="wyniki.json")
        self.assertEqual((file.applied_count, file.line_ids.code), (1, "NO_OBJECT"))
        self.assertEqual(self.first.attempt_ids.called_at, fields.Datetime.to_datetime("2026-10-26 08:30:00"))

    def test_what_is_no_file_of_results(self):
        for text in ("", "ala ma kota", '{"version": 2, "results": []}', "{", "[" * 100_000):
            with self.assertRaisesRegex(UserError, "wyniki"):
                self.bring(text)

    def test_a_long_file_is_taken_by_jobs(self):
        rows = [self.row(self.first, "no_answer", number=1), *["999999;1;2026-10-26 09:30;reached;;;;"] * 500]
        rows.append(self.row(self.second, "reached"))
        with trap_jobs() as trap:
            file = self.bring(self.csv(*rows))
            self.assertEqual((file.line_count, len(trap.enqueued_jobs)), (0, 2))
            trap.perform_enqueued_jobs()
        self.assertEqual((file.line_count, file.applied_count, file.suspended_count), (502, 2, 500))
        self.assertEqual(file.line_ids.mapped("number"), list(range(3, 503)))

    def test_another_result_of_a_known_attempt(self):
        self.bring(self.csv(self.row(self.first, "no_answer")))
        file = self.bring(self.csv(self.row(self.first, "reached")))
        self.assertEqual((file.line_ids.code, file.line_ids.value), ("CONFLICT", "no_answer"))
        self.assertEqual(self.first.state, "open")

    def test_a_result_after_the_debt_was_paid_is_history(self):
        self.pay(self.first.account_id.invoice_ids, day=date(2026, 10, 26))
        self.Line.env["bss.dunning.call"]._bss_withdraw_orphans(self.company)
        file = self.bring(self.csv(self.row(self.first, "reached")))
        self.assertEqual((file.applied_count, self.first.state, self.first.attempt_count), (1, "cancelled", 1))

    def test_calls_of_another_company_are_unknown(self):
        other = self.env["res.company"].create({"name": "Druga"})
        files = self.env["bss.dunning.dialer.file"]
        file = files._bss_import("x.csv", self.csv(self.row(self.first, "reached")).encode(), other)
        self.assertEqual((file.line_ids.field, file.line_ids.code), ("call_id", "UNKNOWN"))
        self.assertEqual(self.first.state, "open")

    def test_upload(self):
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        content = base64.b64encode(self.csv(self.row(self.first, "reached")).encode())
        wizard = self.env["bss.dunning.dialer.upload"].with_user(collector)
        opened = wizard.create({"batch_id": self.batch.id, "file": content, "file_name": "w.csv"}).action_import()
        file = self.env[opened["res_model"]].with_user(collector).browse(opened["res_id"])
        self.assertEqual((file.name, file.applied_count, file.batch_id), ("w.csv", 1, self.batch))
        viewer = self.user("podglad", "bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            self.env["bss.dunning.dialer.upload"].with_user(viewer).create({"file": content})
        with self.assertRaises(AccessError):
            file.with_user(viewer).read(["name"])
