from datetime import date
from unittest.mock import patch

from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import OCTOBER, RatingCommon

NOVEMBER = date(2026, 11, 1)


@tagged("post_install", "-at_install")
class TestChargesTakenOut(RatingCommon):
    """What a person cancels stays out of the next bill, and nobody is given back what he never paid. 61 s are 0.2948."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls.call(61))
        cls.rating = cls.rate()
        cls.rating._bss_make_charges()
        cls.charge = cls.env["bss.charge"].search([("rating_run_id", "=", cls.rating.id)])

    def billed_again(self):
        """As the bill run of November does."""
        return self.rating._bss_make_charges(until_day=NOVEMBER, with_cancelled=True)

    def standing(self):
        charges = self.env["bss.charge"].search(
            [("company_id", "=", self.company.id), ("usage_kind", "!=", False), ("state", "!=", "cancelled")],
            order="id",
        )
        return charges.mapped(lambda one: (one.zone_id, one.kind, one.amount_e4, one.amount))

    def late(self, **changes):
        self.load(self.call(61, start="2026-10-15 08:00:00"), **changes)
        self.rating._bss_rate()

    def rerate(self):
        self.env["bss.rerating"].create(
            {"date_start": OCTOBER[0], "date_end": OCTOBER[1], "reason": "Wrong price"}
        ).action_rerate()

    def test_usage_that_became_cheaper_gives_nothing_back(self):
        self.charge.action_cancel()
        version = self.plan.browse(self.plan.action_new_version()["res_id"])
        self.plan.action_withdraw()
        version.write({"date_start": self.plan.date_start, "date_end": self.plan.date_end})
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).price_micro = 100_000
        version.action_activate()
        self.rerate()
        self.assertEqual(self.billed_again(), 0)
        self.assertFalse(self.standing())

    def test_usage_that_went_to_another_zone_gives_nothing_back(self):
        self.charge.action_cancel()
        self.env["bss.rate.prefix"].create({"zone_id": self.cellular.id, "prefix": "48221"})
        self.rerate()
        self.assertEqual(self.billed_again(), 0)
        self.assertEqual(self.standing(), [(self.cellular, "usage", 5800, 0.58)])

    def test_usage_that_was_charged_anew_is_not_given_back(self):
        self.charge.action_cancel()
        self.rating._bss_make_charges()
        self.assertEqual(self.billed_again(), 0)
        self.late()
        self.assertEqual(self.billed_again(), 1)
        self.assertEqual([row[2] for row in self.standing()], [2948, 2948])

    def test_late_usage_is_charged_beside_what_was_taken_out(self):
        self.charge.action_cancel()
        self.late()
        self.assertEqual(self.billed_again(), 1)
        self.assertEqual(self.standing(), [(self.fixed, "usage", 2948, 0.30)])
        self.assertEqual(self.billed_again(), 0)

    def test_rating_again_does_not_bring_it_back(self):
        self.late()
        self.rating._bss_make_charges()
        late = self.env["bss.charge"].search([("rating_run_id", "=", self.rating.id)], order="id")[1]
        self.bill()
        self.assertEqual(late.state, "billed")
        self.load(self.call(121, start="2026-10-16 08:00:00"))
        self.rating._bss_rate()
        self.rating._bss_make_charges()
        self.env["bss.charge"].search([("rating_run_id", "=", self.rating.id)], order="id")[2].action_cancel()
        self.rerate()
        self.assertEqual([row[1:3] for row in self.standing()], [("usage", 2948), ("usage", 2948)])

    def test_two_charges_of_one_usage_are_not_both_restored(self):
        self.charge.action_cancel()
        self.rating._bss_make_charges()
        both = self.env["bss.charge"].search([("rating_run_id", "=", self.rating.id)])
        both.action_cancel()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            both.action_restore()
        self.charge.action_restore()
        self.assertEqual(self.billed_again(), 0)
        self.charge.action_cancel()
        self.assertEqual(self.billed_again(), 0, "taken out once more")

    def test_a_charge_is_not_taken_from_its_usage_by_hand(self):
        """It would be made again: the customer would pay twice."""
        manager = new_test_user(
            self.env, login="charge-manager", groups="base.group_user,bss_catalog.group_bss_billing_manager",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        for vals in ({"rating_run_id": False}, {"usage_kind": False}, {"is_recharged": True}):
            with self.assertRaises(AccessError):
                self.charge.with_user(manager).write(vals)


@tagged("post_install", "-at_install")
class TestRunClosedButNotCounted(RatingCommon):
    """Who closes the open run commits that before he counts it: what if he is killed in between?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.bss_rate_on_load = True
        cls.load(cls.call(61))
        cls.rating = cls.env["bss.rating.run"].search(
            [("is_continuous", "=", True), ("company_id", "=", cls.company.id)]
        )
        cls.rating.state = "done"

    def test_its_usage_is_billed(self):
        bill = self.env["bss.bill.run"].create(
            {
                "cycle_id": self.cycle.id,
                "date_start": NOVEMBER,
                "date_end": date(2026, 11, 30),
                "date_invoice": NOVEMBER,
            }
        )
        bill.with_context(queue_job__no_delay=True)._bss_collect()
        charges = self.env["bss.charge"].search([("bill_run_id", "=", bill.id), ("kind", "=", "usage")])
        self.assertEqual(charges.mapped("amount_e4"), [2948])

    def test_it_is_counted_the_next_day(self):
        with patch.object(polish_day, "today", lambda: date(2026, 10, 20)):
            self.env["bss.rating.run"]._cron_close_open_runs()
        self.assertEqual(
            (self.rating.count_uncharged, self.rating.state, self.rating.date_start), (1, "done", date(2026, 10, 14))
        )
        self.assertTrue(self.rating.finished_at)

    def test_making_its_charges_counts_it(self):
        self.rating._bss_make_charges()
        self.assertEqual((self.rating.count_uncharged, self.rating.charge_count), (0, 1))
        self.assertTrue(self.rating.finished_at)
