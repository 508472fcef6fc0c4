from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..ksef_core.transport.limits import Group
from .common import KsefCommon


@tagged("post_install", "-at_install")
class TestForecast(KsefCommon):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.company.bss_ksef_token = "any"

    def _forecast(self, *moment):
        sessions = self.env["bss.ksef.session"].with_context(lang="en_US")
        with patch.object(type(sessions), "_bss_now", lambda _self: datetime(*moment, tzinfo=UTC)):
            return sessions._bss_forecast(self.company)

    def test_nothing_waits(self):
        told = self._forecast(2026, 11, 22, 20)
        self.assertEqual((told["waiting"], told["sessions"], told["before_midnight"]), (0, 0, True))
        self.assertIn("Nothing waits", told["reason"])

    def test_waiting_invoices_and_frozen_sessions_count(self):
        self.company.bss_ksef_batch_size = 2
        self.env["bss.ksef.session"]._bss_prepare(self.company, self._make_moves([self.business] * 3))
        self._make_moves([self.business] * 5)
        told = self._forecast(2026, 11, 22, 20)
        self.assertEqual((told["waiting"], told["sessions"], told["fits"], told["left"]), (8, 5, 8, 0))
        self.assertTrue(told["before_midnight"])
        self.assertGreater(told["ready_at"], datetime(2026, 11, 22, 20))
        self.assertIn("before midnight", told["reason"])

    def test_shortly_before_midnight_in_warsaw(self):
        self.company.bss_ksef_batch_size = 1
        self._make_moves([self.business] * 3)
        told = self._forecast(2026, 11, 22, 22, 57, 30)
        self.assertEqual((told["fits"], told["left"], told["before_midnight"]), (2, 1, False))
        self.assertIn("2 of 3", told["reason"])
        self.assertTrue(self._forecast(2026, 11, 22, 23, 0)["before_midnight"], "a new day begins")
        self.assertTrue(self._forecast(2026, 10, 24, 21, 50)["before_midnight"], "summer time: 23:50")
        self.assertFalse(self._forecast(2026, 10, 24, 21, 58)["before_midnight"], "summer time: 23:58")

    def test_limits_used_up_carry_over_midnight(self):
        self._make_moves(self.business)
        self.env.cr.execute(
            "INSERT INTO bss_ksef_call SELECT 'test', %s, %s, clock_timestamp() - interval '1 minute'"
            " FROM generate_series(1, 60)",
            [self.NIP, Group.BATCH_OPEN.value],
        )
        now = datetime.now(UTC)
        from ..ksef_core import plan

        told = self._forecast(*now.timetuple()[:6])
        late = plan.midnight_after(now) - now < timedelta(hours=1, minutes=1)
        self.assertEqual(told["before_midnight"], not late)
        self.assertGreater(told["ready_at"] - now.replace(tzinfo=None), timedelta(minutes=59))

    def test_a_login_that_cannot_work_is_said_first(self):
        self._make_moves(self.business)
        self.company.bss_ksef_token = False
        self.assertIn("token", self._forecast(2026, 11, 22, 20)["reason"])
