"""Suspensions and resumptions agreed as contract changes."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .contract_change_common import TODAY, ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestSuspension(ChangeCommon):
    def test_planned_absence(self):
        change = self.make_change("suspension", date(2026, 12, 5), date_end=date(2026, 12, 20), charge_percent=10.0)
        change.action_confirm()
        spans = (self.internet | self.phone).suspension_ids
        self.assertEqual(
            {(one.date_start, one.date_end, one.cause, one.charge_percent) for one in spans},
            {(date(2026, 12, 5), date(2026, 12, 20), "request", 10.0)},
        )
        orders = {(one.service_id, one.action, one.date_valid_from, one.state) for one in change.order_ids}
        self.assertEqual(
            orders,
            {
                (service, action, day, "queued")
                for service in (self.internet, self.phone)
                for action, day in (("suspend", date(2026, 12, 5)), ("resume", date(2026, 12, 21)))
            },
        )
        change.action_undo()
        self.assertFalse((self.internet | self.phone).suspension_ids)
        self.assertEqual(set(change.order_ids.mapped("state")), {"cancelled"})

    def test_one_service_only(self):
        change = self.make_change(
            "suspension", date(2026, 12, 5), service_ids=[Command.set(self.phone.ids)], charge_percent=0.0
        )
        change.action_confirm()
        self.assertFalse(self.internet.suspension_ids)
        self.assertTrue(self.phone.suspension_ids)
        self.finish("2026-12-05")
        self.assertEqual(self.contract.state, "active")

    def test_overlap_is_refused(self):
        self.make_change("suspension", date(2026, 12, 5), date_end=date(2026, 12, 20)).action_confirm()
        again = self.make_change("suspension", date(2026, 12, 20), date_end=date(2026, 12, 24))
        with self.assertRaisesRegex(UserError, "suspended already"):
            again.action_confirm()

    def test_reversed_days_are_said_by_the_preview(self):
        """Not by a dialogue at saving: the clerk corrects what stands in the form."""
        change = self.make_change("suspension", date(2026, 12, 20), date_end=date(2026, 12, 19))
        change.action_preview()
        self.assertTrue(change.preview_refused)
        self.assertIn("ends before it starts", change.preview_html)
        with self.assertRaisesRegex(UserError, "ends before it starts"):
            change.action_confirm()

    def test_days_that_are_over_only_give_money_back(self):
        change = self.make_change("suspension", date(2026, 11, 10), date_end=date(2026, 11, 15), charge_percent=0.0)
        change.action_confirm()
        self.assertEqual((change.state, self.contract.state), ("done", "active"))
        self.assertFalse(change.order_ids, "there is nothing left to switch")
        self.assertEqual(self.internet.suspension_ids.date_end, date(2026, 11, 15))
        self.assertEqual(set(self.contract.service_ids.mapped("state")), {"active"})

    def test_sooner_back(self):
        away = self.make_change("suspension", date(2026, 11, 25), date_end=date(2026, 12, 31))
        away.action_confirm()
        back = self.make_change("resumption", date(2026, 12, 10))
        back.action_confirm()
        self.assertEqual(set(self.internet.suspension_ids.mapped("date_end")), {date(2026, 12, 9)})
        resumes = (self.internet | self.phone).order_ids.filtered(lambda order: order.action == "resume")
        self.assertEqual(set(resumes.mapped("date_valid_from")), {date(2026, 12, 10)})
        back.action_undo()
        self.assertEqual(set(self.internet.suspension_ids.mapped("date_end")), {date(2026, 12, 31)})
        self.assertEqual(set(resumes.mapped("date_valid_from")), {date(2027, 1, 1)})
        self.assertEqual(set(resumes.mapped("state")), {"queued"})

    def test_whole_contract_suspended_and_resumed(self):
        self.make_change("suspension", date(2026, 11, 21)).action_confirm()
        self.assertEqual(self.contract.state, "suspended")
        self.contract.service_ids.order_ids.filtered(lambda one: one.action == "suspend")._bss_done()
        with freeze_time("2026-11-25 08:00:00"):
            self.make_change("resumption", date(2026, 11, 25)).action_confirm()
            self.assertEqual(self.contract.state, "active")
            self.contract.service_ids.order_ids.filtered(lambda one: one.action == "resume")._bss_done()
        self.assertEqual(set(self.contract.service_ids.mapped("state")), {"active"})

    def test_nothing_to_resume(self):
        with self.assertRaisesRegex(UserError, "No service is suspended"):
            self.make_change("resumption", date(2026, 12, 1)).action_confirm()

    def test_debt_is_not_resumed_on_request(self):
        self.internet._bss_suspend(date(2026, 11, 1), None, "debt")
        with self.assertRaisesRegex(UserError, "Suspended for debt"):
            self.make_change("resumption", date(2026, 12, 1)).action_confirm()
