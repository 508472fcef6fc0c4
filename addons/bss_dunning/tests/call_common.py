from datetime import UTC, date, datetime

from odoo.tests import freeze_time, new_test_user

from ..dunning_core.contact.results import CallResult
from .common import DunningCommon

#: Monday, ten o'clock in Poland
NOW = "2026-10-26 09:00:00"


class CallCommon(DunningCommon):
    """A debtor whose step is a call, on the day on which it is given out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.Call = cls.env["bss.dunning.call"]
        cls.step = cls.env.ref("bss_dunning.step_household_call")
        cls.company.write({"bss_call_minute_price": 0.5, "bss_call_attempts": 2, "bss_call_retry_hours": 3})

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    def call(self, name="Jan Kowalski", **vals):
        """The open call of a new debtor."""
        account = self.debtor(name, **vals)
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        return self.Call.search([("account_id", "=", account.id)])

    def result(self, call, result, number=None, **vals):
        """A checked result of one attempt."""
        at = datetime.now(UTC)
        return CallResult(call.id, number or call._bss_next_number(), result, at, phone=call.phone or "", **vals)

    @classmethod
    def user(cls, login, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )
