from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .sms_common import SmsCommon


@tagged("post_install", "-at_install")
class TestSmsSettings(SmsCommon):
    """Settings of a gateway, its prices, and who may see and change them."""

    def test_the_token_goes_to_no_other_address(self):
        gateway = self.gateway
        gateway.url = "https://api.example.com"
        self.assertFalse(gateway.token)
        gateway.token = "x"
        gateway.provider = "serwersms"
        self.assertEqual((gateway.url, gateway.token), ("https://api.example.com", "x"), "an own address stays")
        with self.assertRaises(ValidationError):
            gateway.write({"url": "http://api.example.com", "token": "x"})

    def test_the_usual_address_follows_the_operator(self):
        self.gateway.active = False
        form = Form(self.env["bss.sms.gateway"])
        form.name = "Nowa"
        self.assertEqual(form.url, "https://api.smsapi.pl")
        form.provider = "serwersms"
        self.assertEqual(form.url, "https://api2.serwersms.pl")

    def test_one_gateway_in_a_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.connect()
        self.gateway.active = False
        self.env.flush_all()
        self.assertTrue(self.connect().active)

    def test_test_message(self):
        wizard = self.env["bss.sms.test"].create({"gateway_id": self.gateway.id, "phone": "600100200", "text": "Próba"})
        self.assertIn("0,0850", wizard.size)
        self.assertEqual(wizard.action_send()["params"]["type"], "success")
        self.assertEqual(self.sim.sent[0].text, "Proba")
        self.sim.faults.append(("error", 14))
        with self.assertRaisesRegex(UserError, "Sender name not confirmed"):
            wizard.action_send()

    def test_test_mode(self):
        self.gateway.test_mode = True
        sms = self.sms()
        self.run_queue()
        log = self.log(sms)
        self.assertEqual((log.state, log.test, log.cost, self.sim.sent), ("accepted", True, 0.0, []))

    @freeze_time("2026-11-02 22:30:00")
    def test_hours_are_polish(self):
        self.company.write({"bss_contact_hour_from": 8, "bss_contact_hour_to": 20})
        night = fields.Datetime.now()
        self.assertEqual(
            self.company._bss_contact_moment(night, "sms"), fields.Datetime.to_datetime("2026-11-03 07:00:00")
        )
        summer = fields.Datetime.to_datetime("2026-07-02 06:00:00")
        self.assertEqual(self.company._bss_contact_moment(summer, "sms"), summer)

    @freeze_time("2026-11-10 10:00:00")
    def test_a_price_holds_from_its_day(self):
        self.gateway.price_ids = [Command.create({"date_start": "2026-11-11", "price": 0.1})]
        self.assertEqual(self.gateway.price_per_part, 0.085)
        old = self.sms()
        self.run_queue()
        with freeze_time("2026-11-11 10:00:00"):
            self.gateway.invalidate_recordset(["price_per_part"])
            self.assertEqual(self.gateway.price_per_part, 0.1)
            new = self.sms(number="+48600100201")
            self.run_queue()
        self.assertEqual([round(self.log(one).cost, 4) for one in (old, new)], [0.085, 0.1])

    def test_two_prices_of_one_day(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.gateway.price_ids = [Command.create({"date_start": "2020-01-01", "price": 1})]

    # Rights

    def test_rights(self):
        def user(login, group):
            return new_test_user(
                self.env,
                login,
                groups=f"base.group_user,{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )

        admin, collector = user("szef", "bss_catalog.group_bss_admin"), user("zb", "bss_catalog.group_bss_collector")
        self.send(self.sms())
        mine = self.gateway.with_user(admin)
        mine.sender = "BSS2"
        with self.assertRaises(AccessError):
            mine.read(["token"])
        with self.assertRaises(AccessError):
            mine.read(["callback_url"])
        with self.assertRaises(AccessError):
            self.gateway.with_user(collector).sender = "X"
        with self.assertRaises(AccessError):
            self.env["bss.sms.test"].with_user(collector).create({"gateway_id": self.gateway.id, "phone": "1"})
        log = self.Log.with_user(collector).search([])
        self.assertEqual(log.state, "accepted")
        for who in (admin, collector):
            with self.assertRaises(AccessError):
                log.with_user(who).body = "inny"
            with self.assertRaises(AccessError):
                log.with_user(who).unlink()

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "Druga"})
        stranger = new_test_user(
            self.env,
            "obcy",
            groups="base.group_user,bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=other.ids,
            context={"no_reset_password": True},
        )
        self.send(self.sms())
        for model in (self.env["bss.sms.gateway"], self.Log):
            self.assertTrue(model.search([]))
            self.assertFalse(model.with_user(stranger).with_context(allowed_company_ids=other.ids).search([]))
