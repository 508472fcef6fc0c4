import io
from datetime import date

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from pypdf import PdfReader

from .common import DunningCommon

#: half past one of 8 October in Poland: yesterday in UTC and in New York
NIGHT = "2026-10-07 23:30:00"
#: one in the afternoon of 7 October in Poland: tomorrow in Auckland
NOON = "2026-10-07 11:00:00"
YESTERDAY, TODAY = date(2026, 10, 7), date(2026, 10, 8)
ZONES = ("UTC", "America/New_York", "Pacific/Auckland")


@tagged("post_install", "-at_install")
class TestPolishDay(DunningCommon):
    """Interest, letters, deadlines and promises go by Poland's day, whatever the zone of the user or the job."""

    def in_zone(self, records, zone):
        return records.with_context(tz=zone)

    def debtors_case(self, zone, kind="consumer"):
        account = self.debtor(f"Dłużnik {zone}", kind)
        self.run_on(date(2026, 10, 6))
        return self.in_zone(self.case_of(account), zone)

    def text_of(self, document):
        pages = PdfReader(io.BytesIO(document.attachment_id.raw)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())

    def test_step_by_hand_is_dated_with_its_letter_and_deadline(self):
        for zone in ZONES:
            case = self.debtors_case(zone)
            with self.subTest(zone=zone), freeze_time(NIGHT):
                case.action_take_next_step()
                action = case.action_ids
                self.assertRecordValues(
                    action,
                    [{"state": "done", "date": TODAY, "date_done": TODAY, "deadline": date(2026, 10, 15)}],
                )
                text = self.text_of(action.document_id)
                self.assertIn("08.10.2026", text)
                self.assertIn("15.10.2026", text)
                self.assertNotIn("07.10.2026", text)

    def test_a_step_of_tomorrow_is_not_taken_today(self):
        case = self.debtors_case("Pacific/Auckland")
        with freeze_time(NOON), self.assertRaises(UserError):
            case.action_take_next_step()
        self.assertFalse(case.action_ids)

    def test_interest_counts_the_day_that_has_begun(self):
        for zone in ZONES:
            case = self.debtors_case(zone)
            with self.subTest(zone=zone), freeze_time(NIGHT):
                self.assertTrue(case.is_stale)
                case.action_refresh()
                case.invalidate_recordset()
                self.assertEqual((case.as_of, case.days_overdue, case.is_stale), (TODAY, 3, False))
                self.assertGreater(case.interest_amount, 0)
                self.assertEqual(case.interest_amount, case.with_context(bss_as_of=TODAY).interest_amount)
                self.assertIn("× 3 / 365", case.interest_html)

    def test_interest_of_a_case_never_looked_at(self):
        case = self.debtors_case("UTC")
        case.sudo().as_of = False
        with freeze_time(NIGHT):
            case.invalidate_recordset()
            self.assertIn("× 3 / 365", case.interest_html)

    def test_promise_of_a_day_that_is_over_is_refused(self):
        for zone in ZONES:
            case = self.debtors_case(zone)
            with self.subTest(zone=zone), freeze_time(NIGHT):
                values = {"case_ids": case.ids, "reason": "obietnica zapłaty"}
                wizard = self.in_zone(self.env["bss.dunning.hold.wizard"], zone)
                with self.assertRaises(UserError):
                    wizard.create({**values, "hold_until": YESTERDAY}).action_hold()
                wizard.create({**values, "hold_until": TODAY}).action_hold()
                self.assertEqual((case.state, case.hold_until), ("hold", TODAY))

    def test_promise_of_today_stands_where_tomorrow_has_begun(self):
        case = self.debtors_case("Pacific/Auckland")
        wizard = self.in_zone(self.env["bss.dunning.hold.wizard"], "Pacific/Auckland")
        with freeze_time(NOON):
            wizard.create({"case_ids": case.ids, "reason": "dziś", "hold_until": YESTERDAY}).action_hold()
        self.assertEqual((case.state, case.hold_until), ("hold", YESTERDAY))

    def test_broken_promise_holds_no_longer(self):
        for zone in ZONES:
            case = self.debtors_case(zone)
            self.run_on(TODAY)
            action = case.action_ids
            action.sudo().write({"state": "failed", "date_done": False})
            case._bss_hold(YESTERDAY, "obietnica zapłaty")
            with self.subTest(zone=zone), freeze_time(NIGHT):
                self.in_zone(action, zone).action_execute()
                self.assertEqual((action.state, action.date_done), ("done", TODAY))

    def test_skipped_step_and_call_are_dated_by_the_polish_day(self):
        for zone in ZONES:
            case = self.debtors_case(zone)
            self.run_on(TODAY)
            action = case.action_ids
            action.sudo().write({"state": "failed", "date_done": False})
            call = case.sudo().activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
            with self.subTest(zone=zone), freeze_time(NIGHT):
                self.in_zone(action, zone)._bss_skip("uzgodniono raty")
                self.assertEqual((action.state, action.date_done), ("skipped", TODAY))
                action.sudo().write({"state": "planned", "date_done": False, "activity_id": call.id})
                self.in_zone(call, zone)._action_done(feedback="nie odbiera")
                self.assertEqual((action.state, action.date_done), ("done", TODAY))

    def test_run_is_of_the_polish_day_and_year(self):
        for zone in ZONES:
            with self.subTest(zone=zone), freeze_time("2026-12-31 23:30:00"), trap_jobs() as trap:
                run = self.in_zone(self.env["bss.dunning.run"], zone).create({})
                self.assertEqual(run.as_of, date(2027, 1, 1))
                self.assertTrue(run.name.startswith("WIN/2027/"), run.name)
                run.action_start()
                trap.assert_jobs_count(1)

    def test_delivery_and_block_at_night_count_from_the_polish_day(self):
        case = self.debtors_case("UTC")
        self.run_on(TODAY)
        action = case.action_ids
        action.document_id.delivered_at = NIGHT
        self.assertEqual(action._bss_delivered_on(), TODAY)
        services = case.account_id.service_ids
        order = self.env["bss.service.order"]._bss_request(services, "restrict", "test", valid_from=TODAY, cause="debt")
        action.sudo().order_ids = order
        order.sudo().write({"state": "done", "done_at": NIGHT})
        self.assertEqual(action._bss_services_done_on("restrict"), TODAY)
