from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestCockpit(KsefCommon):
    @property
    def cockpit(self):
        return self.env["bss.ksef.cockpit"]

    def _figures(self, **options):
        return self.cockpit.get_figures(self.company.id, **options)

    def _steps(self, **options):
        return {step["state"]: step["count"] for step in self._figures(**options)["steps"]}

    def test_a_company_that_is_not_set_up(self):
        self.company.bss_ksef_enabled = False
        figures = self._figures()
        self.assertFalse(figures["enabled"])
        self.assertTrue(figures["may_set_up"])

    def test_the_cycle_by_state_with_amounts(self):
        with simulator() as sim:
            self._aim(sim)
            sent = self._make_moves(self.business | self._make_partner("Druga Sp. z o.o.", "1111111111"))
            nowhere = self._make_moves(
                self._make_partner("Bez Adresu Sp. z o.o.", "5265877635", street=False, city=False, zip=False)
            )
            self._send(sent | nowhere)
            waiting = self._make_moves(self.business)
            waiting |= self._make_moves(self.business)
            waiting[1]._bss_ksef_set(state="late")
            steps = self._steps()
            self.assertEqual(
                steps,
                {"to_send": 1, "late": 1, "queued": 0, "sent": 0, "unknown": 0, "rejected": 1, "accepted": 2},
            )
            amounts = {step["state"]: step["amount"].replace(",", ".") for step in self._figures()["steps"]}
            self.assertIn("169.74", amounts["accepted"])
            self.assertIn("84.87", amounts["to_send"])
            documents = sent.bss_ksef_document_ids
            documents.accepted_at = fields.Datetime.now() - timedelta(days=3)
            self.assertEqual(self._steps()["accepted"], 2, "numbers of an earlier day, but told tonight")
            self.assertEqual(self._listed(), documents)
            documents.session_id.finished_at = fields.Datetime.now() - timedelta(days=3)
            self.assertEqual(self._steps()["accepted"], 0)
            self.assertFalse(self._listed())
            self.assertEqual(self._steps(hours=24 * 7)["accepted"], 2)
            self.assertEqual(self._listed(hours=24 * 7), documents)

    def _listed(self, **options):
        """Documents behind the figure of the accepted ones."""
        action = self.cockpit.open_state(self.company.id, "accepted", **options)
        return self.env[action["res_model"]].search(action["domain"])

    def test_a_session_says_only_what_went_wrong(self):
        with simulator() as sim:
            self._aim(sim)
            self._send(self._make_moves(self.business))
            self.assertEqual([each["words"] for each in self._figures()["sessions"]], [""])
            sim.faults.add("processing:invoice_550")
            self._send(self._make_moves(self.business))
            self.assertIn("without a fault of theirs: 1", self._figures()["sessions"][0]["words"])
            sim.faults.add("processing:stuck")
            (stuck,) = self.env["bss.ksef.session"]._bss_prepare(self.company, self._make_moves(self.business))
            stuck._bss_transmit()
            self.assertFalse(self._figures()["sessions"][0]["slow"])
            stuck.stuck_since = fields.Datetime.now()
            told = self._figures()["sessions"][0]
            self.assertEqual((told["id"], told["slow"]), (stuck.id, True))
            self.assertIn("nothing is sent again", told["words"])

    def test_a_reason_of_our_check_says_what_to_do_on_its_document(self):
        nowhere = self._make_partner("Bez Adresu Sp. z o.o.", "5265877635", street=False, city=False, zip=False)
        self.env["bss.ksef.session"]._bss_prepare(self.company, self._make_moves(nowhere))
        document = self.env["bss.ksef.document"].search([("company_id", "=", self.company.id)])
        self.assertEqual(document.state, "invalid")
        self.assertIn("Correct the customer", document.advice)
        document._bss_supersede()
        self.assertFalse(document.advice)

    def test_another_company_is_not_counted(self):
        self._make_moves(self.business)
        other = self.env["res.company"].create({"name": "Drugi Operator Sp. z o.o.", "bss_ksef_enabled": True})
        self.env.user.company_ids |= other
        cockpit = self.cockpit.with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertEqual(sum(step["count"] for step in cockpit.get_figures(other.id)["steps"]), 0)
        self.assertEqual(
            {each["id"] for each in cockpit.get_figures(other.id)["companies"]}, {self.company.id, other.id}
        )

    def _break_things(self, sim):
        """Refused by our check: two for one reason on different lines, one for another; by KSeF: one."""
        no_rate = self.tax["23"].copy({"name": "bez stawki", "bss_ksef_rate": False})
        good = ("Internet 600", 1, 69.0, self.tax["23"])
        bad = ("Usługa", 1, 10.0, no_rate)
        lines = self._make_moves(self.business, lines=[bad, good]) | self._make_moves(
            self.business, lines=[good, good, bad]
        )
        nowhere = self._make_moves(
            self._make_partner("Bez Adresu Sp. z o.o.", "5265877635", street=False, city=False, zip=False)
        )
        first = self._make_moves(self.business)
        self._send(lines | nowhere | first)
        return no_rate, lines, nowhere, first

    def test_reasons_are_grouped_whatever_the_line(self):
        with simulator() as sim:
            self._aim(sim)
            _tax, lines, nowhere, _first = self._break_things(sim)
            reasons = {reason["code"]: reason for reason in self._figures()["reasons"]}
            self.assertEqual(reasons["missing_rate"]["count"], 2)
            self.assertEqual(reasons["missing_rate"]["element"], "Fa/FaWiersz/P_12")
            self.assertIn("tax", reasons["missing_rate"]["advice"])
            self.assertEqual(reasons["missing_address"]["count"], 1)
            self.assertIn("customer", reasons["missing_address"]["advice"])
            # one customer's name would mislead where many are meant
            self.assertNotIn("Bez Adresu", reasons["missing_address"]["text"])
            for code, moves in (("missing_rate", lines), ("missing_address", nowhere)):
                reason = reasons[code]
                action = self.cockpit.open_reason(self.company.id, reason["state"], code, reason["element"])
                found = self.env["bss.ksef.document"].search(action["domain"])
                self.assertEqual(found.move_id, moves)

    def test_a_reason_is_repeated_after_the_fix(self):
        with simulator() as sim:
            self._aim(sim)
            tax, lines, nowhere, _first = self._break_things(sim)
            tax.bss_ksef_rate = "23"
            self.cockpit.repeat_reason(self.company.id, "invalid", "missing_rate", "Fa/FaWiersz/P_12")
            self.assertEqual(set(lines.mapped("bss_ksef_state")), {"to_send"})
            self.assertEqual(nowhere.bss_ksef_state, "rejected")
            with self.assertRaisesRegex(UserError, "Nothing"):
                self.cockpit.repeat_reason(self.company.id, "invalid", "missing_rate", "Fa/FaWiersz/P_12")
            self.cockpit.with_context(queue_job__no_delay=True).send_waiting(self.company.id)
            self.assertEqual(set(lines.mapped("bss_ksef_state")), {"accepted"})
            self.assertEqual([reason["code"] for reason in self._figures()["reasons"]], ["missing_address"])

    def test_a_number_taken_in_ksef_is_not_repeated(self):
        move = self._make_moves(self.business)
        self.env["bss.ksef.document"].create(
            {
                "name": move.name,
                "move_id": move.id,
                "company_id": self.company.id,
                "environment": "test",
                "state": "rejected",
                "error_code": "440",
                "error_text": "[440] Duplikat faktury",
            }
        )
        reason = self._figures()["reasons"][0]
        self.assertEqual((reason["code"], reason["may_repeat"]), ("440", False))
        with self.assertRaisesRegex(UserError, "numbers are taken"):
            self.cockpit.repeat_reason(self.company.id, "rejected", "440", "")

    def test_sessions_with_a_lost_answer(self):
        with simulator(faults=["close:500_after", "status:500_before*200"]) as sim:
            self._aim(sim)
            move = self._make_moves(self.business)
            with mute_logger("odoo.addons.bss_ksef.models.bss_ksef_session_send"):
                self.env["bss.ksef.session"]._bss_send_batch(self.company, move, timeout=0)
            self.assertEqual(self._steps()["unknown"], 1)
            (session,) = self._figures()["sessions"]
            self.assertTrue(session["is_open"])
            self.assertEqual((session["state"], session["documents"]), ("unknown", 1))
            self.assertTrue(session["words"])
            sim.faults.clear()
            answer = self.cockpit.ask_now(self.company.id)
            self.assertEqual(move.bss_ksef_state, "accepted")
            self.assertIn("1", answer)
            (session,) = self._figures()["sessions"]
            self.assertEqual((session["state"], session["accepted"], session["percent"]), ("done", 1, 100))

    def test_state_buttons_open_what_they_count(self):
        moves = self._make_moves(self.business)
        action = self.cockpit.open_state(self.company.id, "to_send")
        self.assertEqual(self.env["account.move"].search(action["domain"]), moves)
        with simulator() as sim:
            self._aim(sim)
            self._send(moves)
            action = self.cockpit.open_state(self.company.id, "accepted")
            self.assertEqual(self.env["bss.ksef.document"].search(action["domain"]).move_id, moves)

    def test_login_and_its_end(self):
        self.company.write({"bss_ksef_auth": "certificate", "bss_ksef_certificate": False})
        self.assertEqual(self._figures()["login"]["colour"], "danger")
        self.company.write({"bss_ksef_certificate": b"eA==", "bss_ksef_key": b"eA=="})
        for days, colour in ((200, "success"), (12, "warning"), (-1, "danger")):
            self.company.bss_ksef_certificate_until = fields.Datetime.now() + timedelta(days=days, hours=1)
            self.assertEqual(self._figures()["login"]["colour"], colour)

    def test_forecast_in_a_sentence(self):
        self.assertFalse(self._figures()["forecast"])
        self._make_moves(self.business)
        self.assertEqual(self._figures()["forecast"]["colour"], "danger", "there is no token")
        self.company.bss_ksef_token = "x"
        sessions = type(self.env["bss.ksef.session"])
        for hour, colour in ((19, "success"), (22, "warning")):
            with patch.object(
                sessions, "_bss_now", lambda _self, hour=hour: datetime(2026, 11, 22, hour, 59, tzinfo=UTC)
            ):
                told = self._figures()["forecast"]
            self.assertEqual(told["colour"], colour, told["text"])

    def test_limits_left(self):
        self.assertEqual(self._figures()["limits"], [])
        self.env.cr.execute(
            "INSERT INTO bss_ksef_call SELECT 'test', %s, 'batchSession', clock_timestamp() - interval '2 seconds'"
            " FROM generate_series(1, 15)",
            [self.NIP],
        )
        self.env.invalidate_all()
        limits = {limit["key"]: limit for limit in self._figures()["limits"]}
        self.assertEqual(limits["batchSession"]["percent"], 75, "15 of 20 in a minute")
        self.assertIn("5", limits["batchSession"]["words"])
        self.assertFalse(limits["batchSession"]["blocked"])
        self.env.cr.execute(
            "INSERT INTO bss_ksef_allowance (scope, nip, call_group, blocked_until)"
            " VALUES ('test', %s, 'sessionMisc', clock_timestamp() + interval '1 minute')",
            [self.NIP],
        )
        self.env.invalidate_all()
        first = self._figures()["limits"][0]
        self.assertEqual((first["key"], first["blocked"]), ("sessionMisc", True))

    def test_connection(self):
        with simulator() as sim:
            self._aim(sim)
            self.assertTrue(self.cockpit.test_connection(self.company.id)["ok"])
            self.company.bss_ksef_token = "zły"
            answer = self.cockpit.test_connection(self.company.id)
            self.assertFalse(answer["ok"])
            self.assertNotIn("zły", answer["message"])

    def test_statements_do_not_grow_with_invoices(self):
        def statements():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._figures()
            return self.env.cr.sql_log_count - before

        self._figures()
        few = statements()
        self._make_moves(self.business + self.business + self.business)
        self.assertLessEqual(statements(), few)
        self.assertLessEqual(few, 30)
