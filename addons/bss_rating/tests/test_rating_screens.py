from datetime import timedelta
from unittest.mock import patch

from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..models import bss_rating_run
from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestRatingScreens(RatingCommon):
    def test_buttons_of_a_run(self):
        self.load(self.call(61))
        with Form(self.env["bss.rating.run"]) as form:
            form.date_start, form.date_end = OCTOBER
        run = form.save()
        self.assertRegex(run.name, r"^RT/\d{4}/\d{5}$")
        self.assertEqual(run.count_waiting, 1)
        run.action_rate()
        self.assertEqual((run.state, run.count_waiting, run.count_uncharged), ("done", 0, 1))
        action = run.action_make_charges()
        self.assertEqual(self.env["bss.charge"].search(action["domain"]).amount, 0.29)
        self.assertEqual((run.charge_count, run.amount_charges), (1, 0.29))
        events = self.env["bss.usage.event"].search(run.action_open_events()["domain"])
        self.assertEqual(events.rating_run_id, run)
        self.assertEqual(events.charge_id.action_view_events()["domain"], [("charge_id", "=", events.charge_id.id)])
        with self.assertRaises(UserError):
            run.unlink()

    def test_a_big_run_goes_to_the_background(self):
        run = self.make_rating()
        self.load(self.call(61))
        run.invalidate_recordset()
        with patch.object(bss_rating_run, "RATE_AT_ONCE_EVENTS", 0), trap_jobs() as trap:
            run.action_rate()
            trap.assert_jobs_count(1, only=run._bss_rate)
            with self.enter_registry_test_mode():
                trap.perform_enqueued_jobs()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")

    def test_a_background_run_keeps_every_chunk(self):
        """By the job controller, which forbids commits unless the job function allows them."""
        file = self.load(*(self.call(61, start=f"2026-10-14 12:{minute:02}:00") for minute in range(5)))
        run = self.make_rating()
        run.invalidate_recordset()
        with patch.object(bss_rating_run, "RATE_AT_ONCE_EVENTS", 0):
            run.action_rate()
        record = self.env["queue.job"].search([("model_name", "=", run._name)], order="id desc", limit=1)
        with (
            self.enter_registry_test_mode(),
            patch.object(bss_rating_run, "CHUNK_EVENTS", 2),
            patch.object(bss_rating_run, "in_test", return_value=False),
        ):
            job = Job.load(self.env, record.uuid)
            RunJobController._try_perform_job(self.env, job)
        self.env.invalidate_all()
        self.assertEqual((job.state, run.state, run.count_rated), ("done", "done", 5))
        self.assertEqual(self.events(file).mapped("state"), ["rated"] * 5)

    def test_event_form_explains_the_amount(self):
        self.give_minutes(1)
        file = self.load(self.call(121), self.call(5, dst="112", start="2026-10-14 13:00:00"))
        self.rate()
        event, emergency = self.events(file)
        text = event.explanation_html
        for words in (
            "4822",
            "T-FIX",
            "T-STD",
            "121 s in increments 60/1 are 121 s",
            "60 s are free",
            "Free minutes",
            "0.2948",
        ):
            self.assertIn(words, text)
        self.assertIn("Prefix 48112", emergency.explanation_html)
        # a connection fee of nothing is not told, amounts have their currency and the decimals of the language
        self.assertNotIn("connection fee", text)
        self.assertIn("0.2948\N{NO-BREAK SPACE}zł", text)
        self.env["res.lang"]._activate_lang("pl_PL")
        self.assertIn("0,2948\N{NO-BREAK SPACE}zł", event.with_context(lang="pl_PL").explanation_html)
        with Form(event) as form:
            self.assertTrue(form)

    def test_minimum_charge_is_explained(self):
        version = self.new_version(self.plan)
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).min_charge_micro = 1_000_000
        version.action_activate()
        file = self.load(self.call(3))
        self.rate()
        event = self.events(file)
        self.assertEqual(event.amount_e4, 10000)
        self.assertIn("minimum charge of 1.0000", event.explanation_html)

    def test_nobody_is_explained_a_waiting_event(self):
        event = self.events(self.load(self.call(3)))
        self.assertFalse(event.explanation_html)

    def test_a_new_run_is_of_the_last_whole_month(self):
        with Form(self.env["bss.rating.run"]) as form:
            self.assertEqual(form.date_start.day, 1)
            self.assertEqual(form.date_end + timedelta(days=1), polish_day.today().replace(day=1))
            self.assertEqual((form.date_end.year, form.date_end.month), (form.date_start.year, form.date_start.month))

    def test_period_and_roles(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.make_rating(OCTOBER[::-1])
        clerk = new_test_user(
            self.env, login="rate-clerk", groups="base.group_user,bss_catalog.group_bss_clerk",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        file = self.load(self.call(60, dst="00995123456"))
        run = self.rate()
        with self.assertRaises(AccessError):
            run.with_user(clerk).write({"note": "x"})
        with self.assertRaises(AccessError):
            self.events(file).with_user(clerk).action_rate_again()
        with self.assertRaises(AccessError):
            self.env["bss.allowance"].with_user(clerk).create({})

    def test_forms_open(self):
        self.give_minutes(1)
        self.load(self.call(61))
        run = self.rate()
        run._bss_make_charges()
        allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
        charge = self.env["bss.charge"].search([("source_ref", "=", run.name)])
        self.assertEqual((allowance.granted_display, allowance.remaining_display), ("1 min", "0 min"))
        self.env["res.lang"]._activate_lang("pl_PL")
        shown = allowance.with_context(lang="pl_PL")._bss_shown
        self.assertEqual([shown(number) for number in (50.0, 49.5, 1 / 3)], ["50", "49,5", "0,33"])
        for record in (run, allowance, charge, self.service, self.company):
            with Form(record) as form:
                self.assertTrue(form)
