from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestUsageNotice(RatingCommon):
    """Thresholds of allowances and spending limits: noted once, acted on once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(polish_day, "today", lambda: date(2026, 10, 20)))
        cls.account.partner_id.email = "anna@example.com"

    def _free(self, minutes, *thresholds):
        allowance = self.give_minutes(minutes)
        allowance.threshold_ids = [Command.create(one) for one in thresholds]
        return allowance

    def _limit(self, amount, *thresholds, **values):
        return self.env["bss.spending.limit"].create(
            {
                "name": "Premium",
                "company_id": self.company.id,
                "amount": amount,
                "threshold_ids": [Command.create(one) for one in thresholds],
                **values,
            }
        )

    def _notices(self):
        return self.env["bss.usage.notice"].search([("account_id", "=", self.account.id)], order="percent, id")

    def test_each_threshold_once(self):
        self._free(10, {"percent": 50}, {"percent": 80}, {"percent": 100})
        self.load(self.call(299))  # 299 of 600 s: 49.8 %
        self.rate()
        self.assertFalse(self._notices())
        self.load(self.call(60, "2026-10-14 13:00:00"), self.call(121, "2026-10-14 14:00:00"))  # 480 s: 80 %
        self.rate()
        self.assertEqual(self._notices().mapped("percent"), [50, 80])
        self.assertEqual(set(self._notices().mapped("used")), {480.0})
        self.load(self.call(60, "2026-10-14 15:00:00"))
        self.rate()
        self.assertEqual(self._notices().mapped("percent"), [50, 80])
        self.load(self.call(60, "2026-10-14 16:00:00"), self.call(60, "2026-10-14 17:00:00"))
        self.rate()
        self.assertEqual(self._notices().mapped("percent"), [50, 80, 100])

    def test_thresholds_passed_at_once_are_told_once(self):
        self._free(2, {"percent": 50}, {"percent": 80}, {"percent": 100, "action": "activity"})
        self.load(self.call(121))  # all of 120 s
        self.rate()
        self._notices()._bss_act()
        found = [(one.percent, one.state) for one in self._notices()]
        self.assertEqual(found, [(50, "passed"), (80, "done"), (100, "done")])

    def test_what_waits_is_rated_every_hour(self):
        self._free(10, {"percent": 50})
        runs = self.env["bss.rating.run"]
        self.load(self.call(240))
        runs._cron_rate_waiting()
        self.assertFalse(runs.search([("is_hourly", "=", True)]))  # the company did not ask for it
        self.company.bss_rate_hourly = True
        runs._cron_rate_waiting()
        run = runs.search([("is_hourly", "=", True)])
        self.assertEqual((run.date_start, run.date_end, run.count_events, run.state), (*OCTOBER, 1, "done"))
        self.load(self.call(60, "2026-10-14 13:00:00"), self.call(60, "2026-09-30 13:00:00"))
        runs._cron_rate_waiting()
        runs._cron_rate_waiting()
        self.assertEqual((runs.search([("is_hourly", "=", True)]), run.count_events), (run, 3))
        self.assertEqual(self._notices().used, 300)

    def test_rating_again_notes_nothing_twice(self):
        self._free(2, {"percent": 50})
        self.load(self.call(90))
        self.rate()
        notice = self._notices()
        notice._bss_act()
        self.assertEqual(notice.state, "done")
        rerating = self.env["bss.rerating"].create(
            {"date_start": OCTOBER[0], "date_end": OCTOBER[1], "reason": "To see"}
        )
        rerating.action_rerate()
        self.assertEqual((self._notices(), notice.state), (notice, "done"))

    def test_carried_units_count_with_their_period(self):
        allowance = self._free(10, {"percent": 50})
        allowance.write({"rollover": "capped", "rollover_cap": 300})
        self.load(self.call(240))  # 240 of 300 + 300
        self.rate()
        self.assertFalse(self._notices())
        self.load(self.call(60, "2026-10-14 13:00:00"))
        self.rate()
        self.assertEqual((self._notices().used, self._notices().quantity), (300, 600))

    def test_mail(self):
        self._free(2, {"percent": 50, "action": "email"})
        self.load(self.call(90))
        self.rate()
        with self.enter_registry_test_mode():
            self.env.ref("bss_rating.cron_usage_notice").method_direct_trigger()
        mail = self.env["mail.mail"].search([("model", "=", "bss.usage.notice"), ("res_id", "=", self._notices().id)])
        self.assertEqual(len(mail), 1)
        # in the writing of the customer's language
        self.assertRegex(mail.body_html, r"1[.,]50 min.*2[.,]00 min")
        self.assertEqual(self._notices().state, "done")

    def test_text_message_to_the_number_of_the_service(self):
        self._free(2, {"percent": 50, "action": "sms"})
        self.load(self.call(90))
        self.rate()
        self._notices()._bss_act()
        message = self.env["sms.sms"].search([("number", "=", "+48501000001")])
        self.assertRegex(message.body, r"1[.,]50 min (of|z) 2[.,]00 min")  # in the customer's language

    def test_who_may_not_be_written_to(self):
        self._free(2, {"percent": 50, "action": "sms"}, {"percent": 50, "action": "email"})
        self.env["phone.blacklist"].create({"number": "+48501000001"})
        self.account.partner_id.email = False
        self.load(self.call(90))
        self.rate()
        with self.assertLogs(level="ERROR"):
            self._notices()._bss_act()
        self.assertEqual(self._notices().mapped("state"), ["failed", "failed"])

    def test_activity(self):
        self._free(2, {"percent": 50, "action": "activity", "text": "Offer 200 minutes more"})
        self.load(self.call(90))
        self.rate()
        self._notices()._bss_act()
        self.assertEqual(self.service.activity_ids.summary, "Offer 200 minutes more")

    def test_a_restriction_ends_with_the_period(self):
        self._free(2, {"percent": 50, "action": "order", "order_action": "restrict"})
        self.load(self.call(90))
        self.rate()
        self._notices()._bss_act()
        orders = self._notices().order_ids.sorted("date_valid_from")
        found = [(order.action, order.date_valid_from, order.cause) for order in orders]
        self.assertEqual(
            found, [("restrict", date(2026, 10, 20), "technical"), ("resume", date(2026, 11, 1), "technical")]
        )

    def test_a_period_that_is_over(self):
        self._free(2, {"percent": 50})
        self.load(self.call(90, "2026-09-30 12:00:00"))
        self.rate((date(2026, 9, 1), date(2026, 9, 30)))
        notice = self._notices()
        notice._bss_act()
        self.assertEqual(notice.state, "late")
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "bss.usage.notice"), ("res_id", "=", notice.id)]))

    def test_what_fails_can_be_tried_again(self):
        self._free(2, {"percent": 50, "action": "sms"})
        self.load(self.call(90))
        self.rate()
        notice = self._notices()
        with patch.object(type(notice), "_bss_sms_number", lambda _self: False), self.assertLogs(level="ERROR"):
            notice._bss_act()
        self.assertEqual(
            (notice.state, notice.error), ("failed", "No number for SMS is known, or it is on the blacklist.")
        )
        notice.action_again()
        self.assertEqual((notice.state, notice.error), ("done", False))

    # --- spending

    def test_spending_in_zones_of_a_kind(self):
        version = self.new_version(self.plan)
        version.rate_ids = [Command.create({"zone_id": self.premium.id, "price_micro": 3_690_000, "chain": "60/60"})]
        version.action_activate()
        self._limit(10.0, {"percent": 50}, {"percent": 100}, zone_kind="premium")
        self.load(self.call(60, dst="701234567"), self.call(3600, "2026-10-14 13:00:00"))  # 3.69, and 17.40 elsewhere
        self.rate()
        self.assertFalse(self._notices())
        self.load(self.call(60, "2026-10-15 12:00:00", dst="701234567"))  # 7.38
        self.rate()
        self.assertEqual([(one.percent, one.used, one.quantity) for one in self._notices()], [(50, 73_800, 100_000)])
        self.assertEqual(self._notices().service_id, self.service)
        self.load(self.call(60, "2026-11-02 12:00:00", dst="701234567"))  # another month
        self.rate((date(2026, 10, 1), date(2026, 11, 30)))
        self.assertEqual(self._notices().mapped("percent"), [50])
        self.load(self.call(60, "2026-10-16 12:00:00", dst="701234567"))  # 11.07
        self.rate()
        self.assertEqual(self._notices().mapped("percent"), [50, 100])
        self.assertEqual(self._notices()[1].used, 110_700)

    def test_spending_of_usage_that_is_rated_when_loaded(self):
        self.company.bss_rate_on_load = True
        self._limit(0.50, {"percent": 100}, zone_ids=[Command.set(self.fixed.ids)])
        self.load(self.call(60))  # 0.29
        self.assertFalse(self._notices())
        file = self.load(self.call(60, "2026-10-15 12:00:00"))
        self.assertEqual(self.events(file).state, "rated")
        self.assertEqual((self._notices().used, self._notices().quantity), (5_800, 5_000))

    def test_spending_of_an_account_in_the_month_of_its_cycle(self):
        self.account.bill_cycle_id = self.env["bss.bill.cycle"].create({"name": "15th", "day": 15})
        self._limit(1.0, {"percent": 100}, scope="account", period="cycle", zone_ids=[Command.set(self.fixed.ids)])
        days = ("10-14", "10-15", "11-14")  # 0.58 each: the first one is of the month before
        self.load(*(self.call(120, f"2026-{day} 12:00:00") for day in days[:2]))
        self.rate()
        self.assertFalse(self._notices())
        self.load(self.call(120, f"2026-{days[2]} 12:00:00"))
        self.rate((date(2026, 10, 1), date(2026, 11, 30)))
        notice = self._notices()
        self.assertEqual(
            (notice.used, notice.date_start, notice.date_end), (11_600, date(2026, 10, 15), date(2026, 11, 14))
        )
        self.assertFalse(notice.service_id)

    def test_a_limit_stops_the_services_that_spent(self):
        threshold = {"percent": 100, "action": "order", "order_action": "suspend"}
        self._limit(0.20, threshold, scope="account")
        self.load(self.call(60))
        self.rate()
        self._notices()._bss_act()
        self.assertEqual(self._notices().order_ids.service_id, self.service)
        self.assertEqual(set(self._notices().order_ids.mapped("action")), {"suspend", "resume"})

    def test_what_an_earlier_customer_spent_is_not_counted(self):
        """The contract was given to another account: its holder is neither told nor stopped for usage of the one before."""
        self._limit(0.50, {"percent": 100}, {"percent": 40})
        self._limit(0.50, {"percent": 100}, scope="account")
        self.load(self.call(90))  # 0.4350
        self.rate()
        before = self._notices()
        other = self.make_subscriber("Jan Kowal")
        self.service.contract_id.account_id = other
        self.load(self.call(60, "2026-10-16 12:00:00"))  # 0.29 of the new one: 0.7250 together
        self.rate()
        self.assertEqual((self._notices(), before.percent), (before, 40))
        found = self.env["bss.usage.notice"].search([("account_id", "=", other.id)])
        self.assertEqual(found.mapped(lambda one: (one.percent, one.used)), [(40, 2_900)])

    def test_who_may(self):
        viewer = new_test_user(self.env, "notice.viewer", groups="bss_catalog.group_bss_viewer")
        limit = self._limit(1.0)
        self.assertEqual(limit.with_user(viewer).name, "Premium")
        for model in ("bss.spending.limit", "bss.usage.threshold"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(viewer).create({"name": "x", "amount": 1, "limit_id": limit.id})

    # --- margin

    def test_margin_of_roaming(self):
        roaming = self.make_zone("T-ROAM", "roaming")
        roaming.code_ids = [Command.create({"kind": "network", "value": "262"})]
        version = self.new_version(self.plan)
        version.rate_ids = [Command.create({"zone_id": roaming.id, "price_micro": 1_200_000, "chain": "60/60"})]
        version.action_activate()
        euro = self.env.ref("base.EUR")
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2026-10-01", "inverse_company_rate": 4.0}
        )
        file = self.load(self.call(60), self.call(60, "2026-10-14 13:00:00"), self.call(60, "2026-10-14 14:00:00"))
        self.env.cr.execute(
            """UPDATE bss_usage_event SET network = '26201', cost_micro = 210000,
                      cost_currency = CASE line_no WHEN 1 THEN 'EUR' WHEN 2 THEN 'PLN' ELSE 'XYZ' END WHERE file_id = %s""",
            (file.id,),
        )
        self.rate()
        rows = self.env["bss.usage.margin"].search([("network", "=", "26201")], order="cost_currency")
        found = [(row.cost_currency, row.cost, row.amount, row.margin, row.unknown) for row in rows]
        # 0.21 EUR × 4.0 = 0.84; 1.20 is paid for each minute
        self.assertEqual(found, [("EUR", 0.84, 1.2, 0.36, 0), ("PLN", 0.21, 1.2, 0.99, 0), ("XYZ", 0.0, 1.2, 0.0, 1)])


@tagged("post_install", "-at_install")
class TestUsagePortal(RatingCommon, HttpCase):
    def test_bars_of_allowances(self):
        self.give_minutes(10, name="Portal minutes")
        today = polish_day.today()
        self.load(self.call(480, f"{today - timedelta(days=1) if today.day > 1 else today} 00:30:00"))
        self.rate((today.replace(day=1), today))
        self.env["res.users"].create(
            {
                "name": "Anna",
                "login": "anna.portal",
                "password": "anna.portal.1",
                "partner_id": self.account.partner_id.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        stranger = new_test_user(self.env, "strange.portal", groups="base.group_portal", password="strange.portal.1")
        self.assertTrue(stranger)
        self.authenticate("anna.portal", "anna.portal.1")
        page = self.url_open("/my/usage").text
        self.assertIn("Portal minutes", page)
        self.assertIn("width: 80%", page)
        self.assertIn("2 min", page)
        # before anything of a new period is rated its subscriber sees how the last one ended
        for days, shown in ((40, True), (100, False)):
            end = today - timedelta(days=days)
            allowance = self.env["bss.allowance"].search([("service_id", "=", self.service.id)])
            allowance.sudo().write({"date_start": end - timedelta(days=20), "date_end": end})
            page = self.url_open("/my/usage").text
            self.assertEqual("Portal minutes" in page, shown)
            # in the language of whoever asks, where a whole installation has Polish
            self.assertEqual("Period that ended" in page or "Okres zakończony" in page, shown)
        self.authenticate("strange.portal", "strange.portal.1")
        self.assertNotIn("Portal minutes", self.url_open("/my/usage").text)
