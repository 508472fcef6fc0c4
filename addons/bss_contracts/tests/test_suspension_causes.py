from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .contract_change_common import TODAY
from .test_contract_change_end import EndCommon

AWAY = ("request", date(2026, 12, 10), date(2026, 12, 20), 0.0)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuspensionCauses(EndCommon):
    """A customer who is away from 10 to 20 December does not pay in November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["bss.service.order"]

    def go_away(self, **vals):
        vals = {"date_end": AWAY[2], "charge_percent": 0.0, **vals}
        away = self.make_change("suspension", AWAY[1], service_ids=[Command.set(self.internet.ids)], **vals)
        away.action_confirm()
        return away

    def ask(self, action, cause="debt"):
        return self.orders._bss_request(self.internet, action, "arrears", cause=cause)

    def rows(self):
        return [
            (one.cause, one.date_start, one.date_end, one.charge_percent)
            for one in self.internet.suspension_ids.sorted("date_start")
        ]

    def open_orders(self):
        orders = self.internet.order_ids.filtered(lambda order: order.state in ("queued", "sent"))
        return sorted((order.action, order.cause, str(order.date_valid_from)) for order in orders)

    def test_debt_leaves_what_was_agreed(self):
        away = self.go_away()
        agreed = [("resume", "request", "2026-12-21"), ("suspend", "request", "2026-12-10")]
        with freeze_time("2026-11-25 09:00:00"):
            block = self.ask("suspend")
            self.assertEqual(
                (block.cause, block.change_id.id, block.date_valid_from), ("debt", False, date(2026, 11, 25))
            )
            block._bss_done()
        self.assertEqual(
            self.rows(),
            [
                ("debt", date(2026, 11, 25), date(2026, 12, 9), 100.0),
                AWAY,
                ("debt", date(2026, 12, 21), False, 100.0),
            ],
        )
        self.assertEqual(self.open_orders(), agreed)
        with freeze_time("2026-11-28 09:00:00"):
            self.ask("resume")._bss_done()
        self.assertEqual(self.rows(), [("debt", date(2026, 11, 25), date(2026, 11, 27), 100.0), AWAY])
        self.assertEqual((self.internet.state, self.open_orders()), ("active", agreed))
        for day, state in (("2026-12-10", "suspended"), ("2026-12-21", "active")):
            with freeze_time(f"{day} 09:00:00"):
                self.orders._cron_dispatch()
                away.order_ids.filtered(lambda order: order.state == "sent")._bss_done()
                self.assertEqual(self.internet.state, state)
        self.assertEqual(self.rows()[-1], AWAY)
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        december = self.internet.charge_ids.filtered(lambda charge: charge.date_start >= date(2026, 12, 1))
        self.assertAlmostEqual(sum(december.mapped("amount")), round(59.0 * 20 / 31, 2))

    def test_agreed_suspension_does_not_put_off_a_block_for_debt(self):
        block = self.ask("suspend")
        self.go_away()
        self.assertEqual((block.state, block.date_valid_from), ("sent", date(2026, 11, 21)))
        self.assertIn(("suspend", "request", "2026-12-10"), self.open_orders())

    def test_end_of_the_agreed_suspension_does_not_lift_the_debt(self):
        away = self.go_away()
        with freeze_time("2026-11-25 09:00:00"):
            self.ask("suspend")._bss_done()
        with freeze_time("2026-12-10 09:00:00"):
            self.orders._cron_dispatch()
            away.order_ids.filtered(lambda order: order.state == "sent")._bss_done()
        with freeze_time("2026-12-21 09:00:00"):
            self.orders._cron_dispatch()
        resume = away.order_ids.filtered(lambda order: order.action == "resume")
        self.assertEqual((resume.state, self.internet.state), ("done", "suspended"))
        self.assertIn("another cause", resume.response)
        with freeze_time("2026-12-23 09:00:00"):
            self.ask("resume")._bss_done()
        self.assertEqual(self.internet.state, "active")
        self.assertEqual(self.rows()[-1], ("debt", date(2026, 12, 21), date(2026, 12, 22), 100.0))

    def test_payment_does_not_end_a_running_agreed_suspension(self):
        away = self.go_away()
        with freeze_time("2026-11-25 09:00:00"):
            self.ask("suspend")._bss_done()
        with freeze_time("2026-12-10 09:00:00"):
            self.orders._cron_dispatch()
            away.order_ids.filtered(lambda order: order.state == "sent")._bss_done()
        with freeze_time("2026-12-15 09:00:00"):
            paid = self.ask("resume")
        self.assertEqual((paid.state, paid.sent_at == paid.done_at), ("done", True))
        self.assertEqual((self.internet.state, self.rows()[-1]), ("suspended", AWAY))
        with freeze_time("2026-12-21 09:00:00"):
            self.orders._cron_dispatch()
            away.order_ids.filtered(lambda order: order.state == "sent")._bss_done()
        self.assertEqual(self.internet.state, "active")

    def test_clerk_switches_on_by_hand_whatever_the_cause(self):
        self.go_away()
        self.ask("suspend")._bss_done()
        self.ask("resume", cause="request")._bss_done()
        self.assertEqual((self.internet.state, self.rows()), ("active", [AWAY]))
