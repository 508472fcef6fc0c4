import re
from unittest.mock import patch

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import format_date, mute_logger


@tagged("post_install", "-at_install")
class TestRatePlan(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sos = cls.make_zone("T-SOS", "emergency", ["48912"])
        cls.fix = cls.make_zone("T-FIX", "national_fixed", ["48922", "489225"])

    def _rates(self, price=290_000):
        return [{"zone_id": self.sos.id}, {"zone_id": self.fix.id, "price_micro": price}]

    def test_price_typed_is_kept_exactly(self):
        plan = self.make_rate_plan(self._rates(), activate=False)
        rate = plan.rate_ids.filtered(lambda r: r.zone_id == self.fix)
        for typed, micro in ((0.29, 290_000), (0.006, 6_000), (0.000001, 1), (1234.567891, 1_234_567_891)):
            rate.price_display = typed
            self.assertEqual(rate.price_micro, micro)
            self.assertEqual(rate.price_display, typed)

    def test_activation_refuses_with_the_list_of_problems(self):
        plan = self.make_rate_plan([{"zone_id": self.fix.id, "price_micro": 1}], activate=False)
        self.assertTrue(plan.has_errors)
        with self.assertRaisesRegex(UserError, "112"):
            plan.action_activate()
        self.assertEqual(plan.state, "draft")

    def test_active_plan_is_frozen_and_versioned(self):
        plan = self.make_rate_plan(self._rates(), date_start="2026-01-01")
        self.assertEqual(plan.state, "active")
        with self.assertRaises(UserError):
            plan.rate_ids[0].price_micro = 5
        with self.assertRaises(UserError):
            plan.rate_ids[0].unlink()
        with self.assertRaises(UserError):
            plan.unlink()
        version = self.env["bss.rate.plan"].browse(plan.action_new_version()["res_id"])
        self.assertEqual((version.code, version.state, len(version.rate_ids)), (plan.code, "draft", 2))
        with self.assertRaisesRegex(UserError, re.escape(format_date(self.env, plan.date_start))):
            version.action_activate()
        plan.date_end = "2026-12-31"
        version.date_start = "2027-01-01"
        version.action_activate()
        self.assertEqual(version.state, "active")

    def test_missing_zones_are_added(self):
        plan = self.make_rate_plan([], activate=False)
        plan.action_add_missing_zones()
        self.assertLessEqual(self.sos | self.fix, plan.rate_ids.zone_id)

    def test_longest_prefix_serves_the_number(self):
        zone = self.env["bss.rate.zone"]
        self.assertEqual(zone._bss_match("48922511111", self.company).prefix, "489225")
        self.assertEqual(zone._bss_match("48922111111", self.company).prefix, "48922")
        self.assertFalse(zone._bss_match("0", self.company))

    def test_zone_is_found_by_the_number_as_written(self):
        zones = self.env["bss.rate.zone"]
        for text in ("+48 922 511 111", "0048922511111", "922-511-111", "48922511111"):
            self.assertEqual(zones.search([("called_number", "ilike", text)]), self.fix, text)
        self.assertEqual(zones.search([("called_number", "=", "912")]), self.sos)
        self.assertFalse(zones.search([("called_number", "=", "+999999")]))

    def test_prefix_is_normalised_and_checked(self):
        prefix = self.env["bss.rate.prefix"].create({"prefix": "+48 93-2", "zone_id": self.fix.id})
        self.assertEqual(prefix.prefix, "48932")
        self.assertEqual(prefix.company_id, self.company)
        with self.assertRaises(ValidationError):
            prefix.prefix = "12ab"

    def test_prefix_stands_in_one_zone_only(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "(?i)unique|another zone"),
            self.cr.savepoint(),
        ):
            self.env["bss.rate.prefix"].create({"prefix": "48922", "zone_id": self.sos.id})

    def test_own_prefix_may_equal_a_shared_one(self):
        zones = self.env["bss.rate.zone"].create(
            [
                {"code": "T-ALL", "name": "Shared", "kind": "international", "prefix_ids": [(0, 0, {"prefix": "999"})]},
                {
                    "code": "T-OWN",
                    "name": "Own",
                    "kind": "international",
                    "company_id": self.company.id,
                    "prefix_ids": [(0, 0, {"prefix": "999"})],
                },
            ]
        )
        self.env.flush_all()
        self.assertEqual(zones.prefix_ids.mapped("company_id"), self.company)
        self.assertEqual(len(zones.prefix_ids), 2)

    def test_plan_in_use_is_not_reopened(self):
        plan = self.make_rate_plan(self._rates())
        plan.action_draft()
        plan.action_activate()
        with (
            patch.object(type(plan), "_bss_in_use", lambda plans: plans),
            self.assertRaisesRegex(UserError, "new version"),
        ):
            plan.action_draft()
        self.assertEqual(plan.state, "active")

    def test_form_shows_findings(self):
        with Form(self.env["bss.rate.plan"]) as form:
            form.name, form.code = "Plan", "FORM"
        self.assertTrue(form.record.problem_text)
