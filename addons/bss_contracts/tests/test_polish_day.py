from datetime import date

from odoo.addons.bss_catalog import polish_day
from odoo.tests import freeze_time, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPolishDay(ChangeCommon):
    """Between midnight in Poland and midnight in UTC the day of the business is Poland's, for everybody."""

    def test_night_of_summer_and_winter(self):
        for instant, day in (
            ("2026-11-21 22:59:59", date(2026, 11, 21)),
            ("2026-11-21 23:00:00", date(2026, 11, 22)),
            ("2026-07-01 21:59:59", date(2026, 7, 1)),
            ("2026-07-01 22:00:00", date(2026, 7, 2)),
        ):
            with freeze_time(instant):
                self.assertEqual(polish_day.today(), day)

    def test_change_holds_in_the_night_of_its_day(self):
        change = self.upgrade(day=date(2026, 12, 10))
        change.action_confirm()
        with freeze_time("2026-12-09 23:30:00"), self.enter_registry_test_mode():
            self.env.ref("bss_contracts.ir_cron_finish_changes").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((change.state, self.internet.product_id, self.internet.price_unit), ("done", self.fast, 89.0))

    @freeze_time("2026-12-09 23:30:00")
    def test_zone_of_the_user_moves_nothing(self):
        for zone in ("UTC", "America/New_York", "Pacific/Auckland"):
            env = self.env(context={**self.env.context, "tz": zone})
            contract = env["bss.contract"].create({"account_id": self.account.id})
            self.assertEqual((contract.date_start, contract.date_signed), (date(2026, 12, 10),) * 2, zone)
            order = env["bss.service.order"]._bss_request(self.internet.with_env(env), "message", "test", text="test")
            self.assertEqual((order.date_valid_from, order.state), (date(2026, 12, 10), "sent"), zone)
