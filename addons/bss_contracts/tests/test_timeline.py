from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ContractsCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestVersions(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.faster = cls.make_offering("T-NET600", 79.0, service="internet")
        cls.service = cls.make_subscriber(date_start=date(2026, 3, 10)).service_ids

    def history(self, service=None):
        return [
            (one.date_start.isoformat(), one.price_unit, one.quantity, one.product_id.default_code)
            for one in (service or self.service).version_ids.sorted("date_start")
        ]

    def test_without_versions_the_service_itself_is_the_truth(self):
        for day in (date(2026, 3, 10), date(2026, 11, 21), date(2030, 1, 1)):
            facts = self.service._bss_as_of(day)
            self.assertEqual((facts["product"], facts["price_unit"]), (self.fibre, Decimal("59.0")))
            self.assertEqual(facts["state"], "active")
        self.assertEqual(self.service._bss_as_of(date(2026, 3, 9))["state"], "pending")

    def test_versions_follow_each_other(self):
        self.service._bss_set_version(date(2026, 6, 1), {"price_unit": 69.0})
        self.service._bss_set_version(date(2027, 1, 1), {"product_id": self.faster, "price_unit": 79.0})
        versions = self.service.version_ids.sorted("date_start")
        self.assertEqual(versions.mapped("date_end"), [date(2026, 5, 31), date(2026, 12, 31), False])
        self.assertEqual((self.service.price_unit, self.service.product_id), (69.0, self.fibre))
        self.assertEqual(self.service._bss_as_of(date(2027, 1, 1))["product"], self.faster)
        self.assertEqual(self.service._bss_as_of(date(2026, 1, 1))["price_unit"], Decimal("59.0"))
        self.assertEqual(versions[1].changed, "Price")
        with freeze_time("2027-01-01 08:00:00"):
            self.env["bss.service"]._cron_sync_current()
        self.assertEqual((self.service.price_unit, self.service.product_id), (79.0, self.faster))
        self.assertEqual(len(self.service.version_ids), 3, "showing the day adds no version")

    def test_a_change_carries_on_into_later_versions(self):
        self.service._bss_set_version(date(2027, 3, 1), {"quantity": 2})
        self.service._bss_set_version(date(2027, 6, 1), {"price_unit": 99})
        self.service._bss_set_version(date(2027, 1, 1), {"price_unit": 65, "quantity": 3})
        self.assertEqual(
            self.history(),
            [
                ("2026-03-10", 59.0, 1.0, "T-NET300"),
                ("2027-01-01", 65.0, 3.0, "T-NET300"),
                ("2027-03-01", 65.0, 2.0, "T-NET300"),
                ("2027-06-01", 99.0, 2.0, "T-NET300"),
            ],
        )

    def test_before_the_first_day_and_on_it(self):
        self.service._bss_set_version(date(2026, 3, 10), {"price_unit": 49})
        self.service._bss_set_version(date(2026, 1, 1), {"quantity": 2})
        self.assertEqual(self.history(), [("2026-01-01", 49.0, 2.0, "T-NET300")])

    def test_a_price_finer_than_a_grosz(self):
        self.service._bss_set_version(date(2026, 6, 1), {"price_unit": Decimal("0.012345")})
        self.assertEqual(self.service._bss_as_of(date(2026, 6, 1))["price_unit"], Decimal("0.012345"))
        self.assertEqual(self.service.price_unit, 0.012345)
        self.env["bss.service"]._cron_sync_current()
        with self.assertRaises(ValueError):
            self.service._bss_set_version(date(2026, 6, 1), {"colour": "red"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.service._bss_set_version(date(2026, 6, 1), {"quantity": 0})

    def test_a_direct_write_keeps_what_was_charged(self):
        service = self.make_subscriber(date_start=date(2026, 3, 10), charged_through=date(2026, 11, 30)).service_ids
        service.price_unit = 69.0
        self.assertEqual(
            self.history(service), [("2026-03-10", 59.0, 1.0, "T-NET300"), ("2026-12-01", 69.0, 1.0, "T-NET300")]
        )
        self.assertEqual(service.price_unit, 59.0)
        service.product_id = self.faster
        self.assertEqual(self.history(service)[1], ("2026-12-01", 79.0, 1.0, "T-NET600"))
        place = self.env["bss.location"].create({"name": "Lipowa 1", "kind": "building"})
        service.location_id = place
        self.assertEqual((service.location_id, service._bss_as_of(date(2026, 12, 1))["location"]), (place, place))
        self.assertEqual(len(service.version_ids), 2)
        self.service.price_unit = 61.0
        self.assertFalse(self.service.version_ids, "nothing charged yet: the service was never anything else")

    def test_only_clerks_change_it(self):
        viewer = new_test_user(self.env, "bss_viewer_t", groups="bss_catalog.group_bss_viewer")
        clerk = new_test_user(self.env, "bss_clerk_t", groups="bss_catalog.group_bss_clerk")
        with self.assertRaises(AccessError):
            self.service.with_user(viewer)._bss_set_version(date(2026, 6, 1), {"price_unit": 1})
        with self.assertRaises(AccessError):
            self.service.with_user(viewer)._bss_suspend(date(2026, 6, 1), None, "request")
        self.service.with_user(clerk)._bss_set_version(date(2026, 6, 1), {"price_unit": 61})
        self.assertEqual(self.service.with_user(viewer).version_ids[0].price_unit, 59.0)
        with self.assertRaises(AccessError):
            self.service.with_user(clerk).version_ids.write({"price_unit": 1})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestSuspensions(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.make_subscriber(date_start=date(2026, 3, 10)).service_ids

    def spans(self):
        return [
            (one.date_start.isoformat(), one.date_end.isoformat() if one.date_end else None, one.cause)
            for one in self.service.suspension_ids.sorted("date_start")
        ]

    def test_planned_absence(self):
        self.service._bss_suspend(date(2026, 12, 1), date(2026, 12, 31), "request")
        self.assertEqual(self.service.suspension_ids.charge_percent, 0.0)
        self.assertEqual(self.service._bss_as_of(date(2026, 12, 31))["state"], "suspended")
        self.assertEqual(self.service._bss_as_of(date(2027, 1, 1))["state"], "active")
        with self.assertRaisesRegex(UserError, "suspended already"):
            self.service._bss_suspend(date(2026, 12, 31), None, "technical")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.service._bss_add_suspensions([(self.service, date(2026, 12, 31), False)], "technical")

    def test_percent_by_cause(self):
        self.company.bss_suspension_percent_request = 25.0
        self.service._bss_suspend(date(2026, 5, 1), date(2026, 5, 2), "request")
        self.service._bss_suspend(date(2026, 6, 1), date(2026, 6, 2), "debt")
        self.service._bss_suspend(date(2026, 7, 1), date(2026, 7, 2), "technical")
        self.service._bss_suspend(date(2026, 8, 1), None, "debt", percent=Decimal("12.5"))
        percents = self.service.suspension_ids.sorted("date_start").mapped("charge_percent")
        self.assertEqual(percents, [25.0, 100.0, 0.0, 12.5])

    def test_what_the_network_does(self):
        self.service._bss_apply_order("suspend", date(2026, 11, 3), "debt")
        self.service._bss_apply_order("suspend", date(2026, 11, 5), "debt")
        self.assertEqual(self.spans(), [("2026-11-03", None, "debt")])
        self.service._bss_apply_order("resume", date(2026, 11, 10))
        self.assertEqual(self.spans(), [("2026-11-03", "2026-11-09", "debt")])
        self.service._bss_apply_order("suspend", date(2026, 11, 12), "technical")
        self.service._bss_apply_order("resume", date(2026, 11, 12))
        self.assertEqual(self.spans(), [("2026-11-03", "2026-11-09", "debt")], "there and back on one day")

    def test_orders_carry_their_cause_and_day(self):
        orders = self.env["bss.service.order"]
        orders._bss_request(self.service, "suspend", "unpaid", cause="debt")._bss_done(effective=date(2026, 11, 16))
        orders._bss_request(self.service, "resume", "paid")._bss_done(effective=date(2026, 11, 18))
        self.assertEqual(self.spans(), [("2026-11-16", "2026-11-17", "debt")])

    def test_debt_during_a_planned_absence(self):
        self.service._bss_suspend(date(2026, 8, 1), date(2026, 8, 31), "request")
        self.service._bss_suspend(date(2026, 10, 1), date(2026, 10, 31), "request")
        self.service._bss_apply_order("suspend", date(2026, 8, 1), "request")
        self.assertEqual(len(self.spans()), 2, "what was agreed is not doubled")
        self.service._bss_apply_order("suspend", date(2026, 8, 10), "debt")
        self.assertEqual(
            self.spans()[1:],
            [
                ("2026-09-01", "2026-09-30", "debt"),
                ("2026-10-01", "2026-10-31", "request"),
                ("2026-11-01", None, "debt"),
            ],
        )
        self.service._bss_apply_order("resume", date(2026, 9, 10))
        self.assertEqual(self.spans(), [("2026-08-01", "2026-08-31", "request"), ("2026-09-01", "2026-09-09", "debt")])


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestTakingBack(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.make_subscriber(date_start=date(2026, 3, 10)).service_ids
        cls.first, cls.second = cls.env["bss.contract.change"].create(
            [{"contract_id": cls.service.contract_id.id, "kind": kind} for kind in ("price", "annex")]
        )
        cls.promotion = cls.env["bss.promotion"].create(
            {"name": "Half price", "code": "T-HALF", "step_ids": [(0, 0, {"month_to": 6, "value": 50})]}
        )
        cls.promotion.action_put_on_sale()

    def undo(self, change):
        return self.env["bss.service"]._bss_undo_change(change)

    def prices(self):
        return [
            (one.date_start.isoformat(), one.price_unit, one.quantity)
            for one in self.service.version_ids.sorted("date_start")
        ]

    def test_one_of_two_changes_of_the_same_day(self):
        self.service._bss_set_version(date(2026, 6, 1), {"price_unit": 69}, self.first)
        self.service._bss_set_version(date(2026, 6, 1), {"price_unit": 79, "quantity": 2}, self.second)
        self.service._bss_set_version(date(2027, 6, 1), {"quantity": 3}, self.second)
        self.assertEqual(self.service.price_unit, 79)
        self.assertEqual(self.undo(self.second), self.service)
        self.assertEqual(self.prices(), [("2026-03-10", 59, 1), ("2026-06-01", 69, 1)])
        self.assertEqual((self.service.price_unit, self.service.quantity), (69, 1))
        self.service._bss_set_version(date(2026, 6, 1), {"price_unit": 79, "quantity": 2}, self.second)
        self.undo(self.first)
        self.assertEqual(self.prices(), [("2026-03-10", 59, 1), ("2026-06-01", 79, 2)])
        self.assertEqual(self.service.version_ids[-1].change_id, self.second)
        self.undo(self.second)
        self.assertEqual(self.prices(), [("2026-03-10", 59, 1)])
        self.assertFalse(self.undo(self.second))

    def test_suspension_and_resumption(self):
        self.service._bss_suspend(date(2026, 12, 1), date(2027, 1, 31), "request", change=self.first)
        suspension = self.service.suspension_ids
        self.service._bss_resume_from(date(2027, 1, 11), self.second)
        self.assertEqual(suspension.date_end, date(2027, 1, 10))
        self.undo(self.second)
        self.assertEqual(suspension.date_end, date(2027, 1, 31))
        self.service._bss_resume_from(date(2026, 12, 1), self.second)
        self.assertEqual(self.service._bss_as_of(date(2026, 12, 1))["state"], "active")
        self.undo(self.second)
        self.assertEqual(self.service._bss_as_of(date(2026, 12, 1))["state"], "suspended")
        self.undo(self.first)
        self.assertFalse(self.service.suspension_ids)

    def test_the_earlier_of_two_resumptions(self):
        self.service._bss_suspend(date(2026, 12, 1), None, "request")
        self.service._bss_resume_from(date(2027, 3, 1), self.first)
        self.service._bss_resume_from(date(2027, 1, 1), self.second)
        self.undo(self.first)
        self.assertEqual(self.service.suspension_ids.date_end, date(2026, 12, 31))
        self.undo(self.second)
        self.assertFalse(self.service.suspension_ids.date_end)

    def test_grants(self):
        grant = self.service._bss_grant(self.promotion, date(2026, 12, 1), self.first)
        self.assertFalse(self.service._bss_grant(self.promotion, date(2026, 12, 1), self.second), "a repeat")
        self.assertEqual(self.promotion.grant_count, 1)
        self.assertEqual(self.service.promotion_grant_ids, grant)
        self.promotion.action_withdraw()
        with self.assertRaisesRegex(UserError, "not on sale"):
            self.service._bss_grant(self.promotion, date(2027, 12, 1))
        heir = self.make_subscriber(date_start=date(2027, 1, 1)).service_ids
        heir.predecessor_id = self.service
        self.assertTrue(heir._bss_grant(self.promotion, date(2026, 12, 1)), "an assignee keeps the promotion")
        self.assertEqual(self.undo(self.first), self.service)
        self.promotion.invalidate_recordset()
        self.assertEqual(self.promotion.grant_count, 1)
