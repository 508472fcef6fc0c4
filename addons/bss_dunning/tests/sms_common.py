import sys
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import requests
from odoo import fields
from odoo.fields import Command

from .common import DunningCommon

TESTS = Path(__file__).resolve().parents[3] / "tests"


def operator(provider="smsapi", **options):
    """A strict operator of text messages of this repository."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    from simulators.sms import SerwerSmsSimulator, SmsApiSimulator

    kinds = {"smsapi": SmsApiSimulator, "serwersms": SerwerSmsSimulator}
    return kinds[provider]("sms-secret", **options)


class SmsCommon(DunningCommon):
    """A gateway to a simulated operator. Cursors of the gateway's own transactions are those of the test."""

    provider = "smsapi"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        # tests run at any hour of any day; those about hours set their own
        cls.company.write({"bss_contact_hour_from": 0, "bss_contact_hour_to": 24, "bss_contact_working_days": False})

    def setUp(self):
        super().setUp()
        if not type(self)._registry_patched:
            own = self.enter_registry_test_mode()
            own.__enter__()
            self.addCleanup(own.__exit__, None, None, None)
        self.sim = self.enterContext(operator(self.provider))
        self.gateway = self.connect()
        self.Log = self.env["bss.sms.log"]

    def connect(self, **vals):
        return self.env["bss.sms.gateway"].create(
            {
                "name": "Operator",
                "provider": self.provider,
                "url": self.sim.address,
                "token": self.sim.token,
                "sender": "BSS",
                "price_ids": [Command.create({"date_start": "2020-01-01", "price": 0.085})],
                "timeout_s": 1,
                "max_attempts": 3,
                "company_id": self.company.id,
                **vals,
            }
        )

    def sms(self, body="Prosimy o zapłatę", number="+48600100200", **vals):
        return self.env["sms.sms"].create({"number": number, "body": body, "bss_company_id": self.company.id, **vals})

    def send(self, *messages):
        """Answers by the gateway itself: {uuid: answer}"""
        return self.gateway._bss_send([{"uuid": one.uuid, "number": one.number, "body": one.body} for one in messages])

    def run_queue(self):
        """What the scheduled action of Odoo does, once."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0):
            self.env["sms.sms"]._process_queue()
        self.env.invalidate_all()

    def wake(self, messages):
        """The moment of the next attempt has come."""
        messages.write({"bss_next_try": fields.Datetime.now()})

    def log(self, sms):
        return self.Log.search([("uuid", "=", sms.uuid)])

    @contextmanager
    def fault(self, kind):
        """One answer is lost; ``late``: it comes after the gateway has stopped waiting."""
        if kind != "late":
            self.sim.faults.append(kind)
            yield
            return
        post = requests.post

        def late(*args, **kwargs):
            post(*args, **kwargs)
            raise requests.ReadTimeout

        with patch.object(requests, "post", late):
            yield
