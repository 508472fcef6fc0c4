import json
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged

from .call_common import NOW, CallCommon


@tagged("post_install", "-at_install")
class TestDialerApi(CallCommon, HttpCase):
    """The interface of a dialer: a key opens one company's calls, and every request may be repeated."""

    def setUp(self):
        super().setUp()
        self.work = self.call()
        self.batch = self.env["bss.dunning.dialer.batch"].create({})
        self.batch.action_fill()
        self.batch.action_release()
        self.token = self.env["bss.dunning.dialer.token"].create({"name": "Dialer", "company_id": self.company.id})
        self.key = self.token.action_new_key()["context"]["default_key"]

    def ask(self, path, data=None, key=None, raw=None):
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        body = raw if raw is not None else json.dumps(data).encode() if data is not None else None
        response = self.url_open(f"/bss/dialer/v1/{path}", data=body, headers=headers)
        self.env.invalidate_all()
        return response

    def result(self, **vals):
        return {"call_id": self.work.id, "attempt": 1, "called_at": "2026-10-26T09:30:00+01:00", **vals}

    def test_calls_are_fetched(self):
        response = self.ask("calls?limit=10")
        self.assertEqual(response.status_code, 200)
        (told,) = response.json()["calls"]
        self.assertEqual((told["call_id"], told["phone_1"]), (self.work.id, "+48600100200"))
        self.assertEqual(self.ask("calls").json(), response.json(), "asking changes nothing")
        for limit in ("0", "-1", "501", "x", "9999999999"):
            self.assertEqual(self.ask(f"calls?limit={limit}").status_code, 400)

    def test_no_call_at_night_or_against_a_limit(self):
        with freeze_time("2026-10-26 20:00:00"):
            self.assertEqual(self.ask("calls").json()["calls"], [])
        self.company.bss_contact_week = 1
        self.env["bss.dunning.action"].sudo().browse(self.work.case_id.action_ids.ids).filtered(
            lambda action: action.state == "done"
        ).write({"date_done": date(2026, 10, 25)})
        with freeze_time(NOW):
            self.assertEqual(self.ask("calls").json()["calls"], [])

    def test_who_may_not_be_called_keeps_nobody_waiting(self):
        other = self.call("Anna Nowak", partner={"phone": "+48 600 100 201"})
        batch = self.env["bss.dunning.dialer.batch"].create({})
        batch.action_fill()
        batch.action_release()
        self.work.sudo().next_at = "2026-10-26 07:00:00"
        self.work.partner_id.bss_no_call = True
        with freeze_time(NOW):
            told = self.ask("calls?limit=1").json()["calls"]
        self.assertEqual([one["call_id"] for one in told], other.ids)

    def test_results_are_taken_once(self):
        data = {"version": 1, "results": [self.result(result="no_answer"), self.result(result="x", attempt=2)]}
        told = self.ask("results", data).json()["results"]
        self.assertEqual([one["status"] for one in told], ["applied", "suspended"])
        self.assertEqual((told[1]["field"], told[1]["reason"]), ("result", "UNKNOWN"))
        again = self.ask("results", {"version": 1, "results": data["results"][:1]}).json()["results"]
        self.assertEqual([one["status"] for one in again], ["duplicate"])
        self.assertEqual(self.work.attempt_count, 1)
        files = self.env["bss.dunning.dialer.file"].search([("source", "=", "api")])
        self.assertEqual(len(files), 1, "a repeat leaves no file")
        self.assertEqual((files.name, files.line_ids.state), ("Dialer", "suspended"))

    def test_nonsense_is_told(self):
        for raw, status in ((b"x", 400), (b"{}", 400), (b'{"version": 9, "results": []}', 400), (b"[" * 99999, 400)):
            self.assertEqual(self.ask("results", raw=raw).status_code, status)
        many = json.dumps({"results": [{}] * 1001}).encode()
        self.assertEqual(self.ask("results", raw=many).status_code, 413)
        self.assertEqual(self.ask("results", {"results": []}).json()["results"], [])

    def test_the_key_is_needed(self):
        for key in ("", "x", self.key[:-1], self.key + "a", "a" * 500, self.token.digest):
            self.assertEqual(self.ask("calls", key=key).status_code, 401)
            self.assertEqual(self.ask("results", {"results": []}, key=key).status_code, 401)
        self.assertEqual(self.url_open("/bss/dialer/v1/calls").status_code, 401)
        self.assertNotIn(self.key, str(self.token.read()))
        old, self.key = self.key, self.token.action_new_key()["context"]["default_key"]
        self.assertEqual(self.ask("calls", key=old).status_code, 401)
        self.assertEqual(self.ask("calls").status_code, 200)
        self.assertTrue(self.token.last_used_at)
        self.token.date_end = date(2026, 10, 25)
        self.assertEqual(self.ask("calls").status_code, 401)
        self.token.write({"date_end": False, "active": False})
        self.assertEqual(self.ask("calls").status_code, 401)

    def test_a_key_opens_one_company(self):
        other = self.env["res.company"].create({"name": "Druga"})
        token = self.env["bss.dunning.dialer.token"].create({"name": "Obcy", "company_id": other.id})
        key = token.action_new_key()["context"]["default_key"]
        self.assertEqual(self.ask("calls", key=key).json()["calls"], [])
        told = self.ask("results", {"results": [self.result(result="reached")]}, key=key).json()["results"]
        self.assertEqual((told[0]["status"], told[0]["field"]), ("suspended", "call_id"))
        self.assertEqual(self.work.state, "open")

    def test_keys_are_the_administrators(self):
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        with self.assertRaises(AccessError):
            self.token.with_user(collector).action_new_key()
        with self.assertRaises(AccessError):
            self.env["bss.dunning.dialer.token"].with_user(collector).create({"name": "X"})
        admin = self.user("szef", "bss_catalog.group_bss_admin")
        with self.assertRaises(AccessError):
            self.token.with_user(admin).read(["digest"])
        self.assertTrue(self.token.with_user(admin).action_new_key())
