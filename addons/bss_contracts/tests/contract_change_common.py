"""What the tests of contract changes share."""

from datetime import date

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time

TODAY = "2026-11-21 10:00:00"


class ChangeCommon(ContractsCommon):
    """A subscriber with internet and a mobile, charged up to the end of November 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fast = cls.make_offering("T-NET900", 89.0, service="internet")
        cls.tv = cls.make_offering("T-TV", 39.0, service="tv")
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.account = cls.make_subscriber(
            products=[cls.fibre, cls.mobile], date_start=date(2026, 1, 1), charged_through=date(2026, 11, 30)
        )
        cls.contract = cls.account.contract_ids
        cls.internet, cls.phone = cls.contract.service_ids
        cls.number = cls.next_msisdn()
        cls.env["bss.service.identifier"].create(
            {"service_id": cls.phone.id, "kind": "msisdn", "value": cls.number, "date_start": date(2026, 1, 1)}
        )

    def make_change(self, kind, day=None, lines=(), contract=None, **vals):
        vals = {
            "contract_id": (contract or self.contract).id,
            "kind": kind,
            "line_ids": [Command.create(line) for line in lines],
            **vals,
        }
        if day:
            vals["date_effective"] = day
        return self.env["bss.contract.change"].create(vals)

    def assertRefused(self, change, *words):
        """The change is not confirmed, for a reason that has all of ``words`` (expressions), and stays a draft."""
        for word in words:
            with self.assertRaisesRegex(UserError, word), self.env.cr.savepoint():
                change.action_confirm()
        self.assertEqual(change.state, "draft")

    def upgrade(self, day=date(2026, 12, 10), **vals):
        return self.make_change(
            "annex", day, [{"action": "change", "service_id": self.internet.id, "product_id": self.fast.id}], **vals
        )

    def make_bundle(self):
        return self.make_offering(
            "T-DUO",
            0.0,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.fast.id}),
                Command.create({"product_id": self.tv.id}),
            ],
        )

    def finish(self, day):
        """The cron of ``day``."""
        with freeze_time(f"{day} 06:00:00"), self.enter_registry_test_mode():
            self.env.ref("bss_contracts.ir_cron_finish_changes").method_direct_trigger()
        self.env.invalidate_all()

    def price_on(self, service, day):
        return float(service._bss_as_of(day)["price_unit"])
