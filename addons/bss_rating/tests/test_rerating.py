from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .. import rerating_store
from ..models import bss_rerating
from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestRerating(RatingCommon):
    """61 s in 60/1 at 0.29 cost 0.2948; in 60/60 they cost 0.5800 (rating facts, section 7)."""

    def correct_prices(self, **prices):
        """Withdraw the wrong version and activate one for the same days with other values of the fixed zone."""
        version = self.plan.browse(self.plan.action_new_version()["res_id"])
        self.plan.action_withdraw()
        version.write({"date_start": self.plan.date_start, "date_end": self.plan.date_end})
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).write(prices)
        version.action_activate()
        return version

    def rerating(self, **vals):
        return self.env["bss.rerating"].create(
            {"date_start": OCTOBER[0], "date_end": OCTOBER[1], "reason": "Wrong increments", **vals}
        )

    def charged(self):
        """Charges that stand: (amount_e4, amount, state), oldest first."""
        charges = self.env["bss.charge"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "!=", "cancelled"),
                "|",
                ("kind", "=", "usage"),
                ("identity_key", "=like", "rerated:%"),
            ],
            order="id",
        )
        return [(charge.amount_e4, charge.amount, charge.state) for charge in charges]

    def used(self):
        """Free seconds used in October."""
        return (
            self.env["bss.allowance"]
            .search([("service_id", "=", self.service.id), ("date_start", "=", OCTOBER[0])])
            .used
        )

    def assertBalanced(self):
        events = self.env["bss.usage.event"].search(
            [("company_id", "=", self.company.id), ("state", "!=", "suspended")]
        )
        self.assertEqual(sum(events.mapped("amount_e4")), sum(row[0] for row in self.charged()))

    def rated(self, *calls):
        file = self.load(*calls)
        run = self.rate()
        run._bss_make_charges()
        return file, run

    # --- events without a bill

    def test_unchanged_prices_change_nothing(self):
        self.give_minutes(1)
        file, _run = self.rated(self.call(61), self.call(90, start="2026-10-15 08:00:00"))
        before = [
            event.read(["state", "zone_id", "amount_e4", "free_units", "explanation"]) for event in self.events(file)
        ]
        rerating = self.rerating()
        rerating.action_rerate()
        self.events(file).invalidate_recordset()
        after = [
            event.read(["state", "zone_id", "amount_e4", "free_units", "explanation"]) for event in self.events(file)
        ]
        self.assertEqual(before, after)
        self.assertEqual((rerating.state, rerating.count_events, rerating.count_changed), ("done", 2, 0))
        self.assertEqual(self.used(), 60)
        self.assertBalanced()

    def test_a_pending_charge_is_made_anew(self):
        file, _run = self.rated(self.call(61))
        version = self.correct_prices(chain="60/60")
        rerating = self.rerating()
        rerating.action_rerate()
        event = self.events(file)
        self.assertEqual((event.amount_e4, event.plan_id), (5800, version))
        self.assertEqual(self.charged(), [(5800, 0.58, "pending")])
        self.assertEqual((rerating.count_changed, rerating.amount_before, rerating.amount_after), (1, 0.2948, 0.58))
        self.assertEqual(event.charge_id.date_start, OCTOBER[0], "the month of the call, not the span of the re-rating")
        self.assertIn("0.2948", event.earlier_html)
        self.assertIn("Wrong increments", event.earlier_html)
        self.assertBalanced()

    def test_twice_is_once(self):
        self.rated(self.call(61))
        self.correct_prices(chain="60/60")
        self.rerating().action_rerate()
        charged = self.charged()
        again = self.rerating()
        again.action_rerate()
        self.assertEqual(self.charged(), charged)
        self.assertEqual(again.count_changed, 0)
        with self.assertRaises(UserError):
            again.action_rerate()

    def test_units_go_back_to_their_allowance(self):
        """60 s are free. In whole minutes the first call takes all of them, in seconds it leaves half."""
        self.give_minutes(1)
        file, _run = self.rated(self.call(30), self.call(61, start="2026-10-15 08:00:00"))
        self.assertEqual(self.events(file).mapped("free_units"), [60, 0])
        self.correct_prices(chain="1/1")
        self.rerating().action_rerate()
        self.assertEqual(self.events(file).mapped("free_units"), [30, 30])
        # 31 s are paid: 31 x 0.29 / 60
        self.assertEqual(self.amounts(file), [0, 1498])
        self.assertEqual(self.used(), 60)
        self.assertBalanced()

    def test_usage_without_a_price_gets_one(self):
        file, _run = self.rated(self.call(60, dst="0049301234"))
        self.assertEqual(self.events(file).state, "suspended")
        germany = self.make_zone("T-DE", "international", ["49"])
        version = self.correct_prices(price_micro=290_000)
        version.browse(version.id)
        with patch.object(type(version), "_bss_in_use", lambda plans: plans.browse()):
            version.action_withdraw()
            version.action_draft()
            version.rate_ids = [(0, 0, {"zone_id": germany.id, "price_micro": 500_000, "chain": "60/60"})]
            version.action_activate()
        self.rerating().action_rerate()
        self.assertEqual(self.amounts(file), [5000])
        self.assertBalanced()

    # --- billed events

    def billed(self, *calls):
        file, _run = self.rated(*calls)
        run = self.bill()
        charge = self.events(file).charge_id
        self.assertEqual(charge.state, "billed", run.item_ids.mapped("error"))
        return file, charge

    def test_a_billed_call_that_was_too_cheap_is_charged_the_difference(self):
        file, charge = self.billed(self.call(61))
        self.correct_prices(chain="60/60")
        rerating = self.rerating()
        rerating.action_rerate()
        correction = self.env["bss.charge"].search([("origin_charge_id", "=", charge.id)])
        # 0.58 less the 0.29 that stand on the invoice
        self.assertEqual((correction.amount_e4, correction.amount, correction.state), (2852, 0.29, "pending"))
        self.assertEqual(self.events(file).charge_id, charge)
        self.assertEqual(rerating.charge_count, 1)
        # the event stays in its run, which has the new sum; the run of the re-rating holds nothing to charge
        first, own = self.events(file).rating_run_id, rerating.run_id
        self.assertEqual((first.count_events, first.amount, first.amount_uncharged), (1, 0.58, 0.0))
        self.assertEqual((own.count_events, own.amount, own.count_uncharged, own.amount_uncharged), (0, 0.0, 0, 0.0))
        # outside of tests nothing is in the cache at the end of a batch
        rerating.invalidate_recordset()
        self.assertEqual(rerating._bss_touched_runs(), own | first)
        self.assertBalanced()

    def test_a_billed_call_that_was_too_dear_is_given_back_on_a_corrective_invoice(self):
        file, charge = self.billed(self.call(121))
        invoice = charge.move_id
        self.correct_prices(price_micro=145_000)
        self.rerating().action_rerate()
        correction = self.env["bss.charge"].search([("origin_charge_id", "=", charge.id)])
        # 121 s in 60/1: 0.5848 before, 0.2924 now; rounded 0.58 and 0.29
        self.assertEqual((correction.amount_e4, correction.amount), (-2924, -0.29))
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(correction.state, "billed")
        self.assertEqual(correction.move_id.move_type, "out_refund")
        self.assertEqual(correction.move_id.reversed_entry_id, invoice)
        self.assertEqual(correction.move_id.amount_untaxed, 0.29)
        self.assertBalanced()

    def test_corrections_of_corrections_come_to_the_new_total(self):
        _file, charge = self.billed(self.call(121))
        first = self.correct_prices(price_micro=145_000)
        self.rerating().action_rerate()
        self.plan = first
        self.correct_prices(price_micro=1_000_000)
        self.rerating(reason="Still wrong").action_rerate()
        corrections = self.env["bss.charge"].search([("origin_charge_id", "=", charge.id)])
        # 121 s at 1.00: 2.0167
        self.assertEqual(charge.amount_e4 + sum(corrections.mapped("amount_e4")), 20167)
        self.assertAlmostEqual(charge.amount + sum(corrections.mapped("amount")), 2.02, 2)
        self.assertBalanced()

    def test_a_billed_call_goes_up_and_down_and_comes_to_what_it_would_be(self):
        _file, charge = self.billed(self.call(121))
        for price in (1_000_000, 145_000, 290_000):
            self.plan = self.correct_prices(price_micro=price)
            self.rerating().action_rerate()
            self.assertBalanced()
        corrections = self.env["bss.charge"].search([("origin_charge_id", "=", charge.id)], order="id")
        # 0.5848 → 2.0167 → 0.2924 → 0.5848
        self.assertEqual(corrections.mapped("amount_e4"), [14319, -17243, 2924])
        self.assertEqual(corrections.mapped("amount"), [1.44, -1.73, 0.29])

    def test_a_call_of_another_zone_leaves_its_group(self):
        file, charge = self.billed(self.call(61), self.call(61, dst="223345678", start="2026-10-15 08:00:00"))
        moved = self.make_zone("T-NEW", prefixes=["48223"])
        version = self.plan.browse(self.plan.action_new_version()["res_id"])
        self.plan.action_withdraw()
        version.write({"date_start": self.plan.date_start, "date_end": self.plan.date_end})
        version.rate_ids = [(0, 0, {"zone_id": moved.id, "price_micro": 600_000, "chain": "60/60"})]
        version.action_activate()
        rerating = self.rerating()
        rerating.action_rerate()
        stays, left = self.events(file).sorted("id")
        self.assertEqual((stays.rating_run_id, stays.zone_id), (charge.rating_run_id, self.fixed))
        self.assertEqual((left.rating_run_id, left.zone_id), (rerating.run_id, moved))
        correction = self.env["bss.charge"].search([("origin_charge_id", "=", charge.id)])
        self.assertEqual((correction.amount_e4, correction.usage_count), (-2948, -1))
        self.assertEqual((left.charge_id.amount_e4, left.charge_id.kind), (12000, "usage"))
        self.assertEqual(stays.charge_ids, charge | correction)
        self.assertBalanced()

    def test_less_is_taken_off_every_bill_that_has_it(self):
        """Two bills hold the group, 0.58 and 0.29; at a tenth of the price 0.09 is left of 0.88."""
        file, first = self.billed(self.call(121))
        run = first.rating_run_id
        late = self.load(self.call(61, start="2026-10-20 08:00:00"))
        run._bss_rate()
        run._bss_make_charges()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        second = self.env["bss.charge"].search([("rating_run_id", "=", run.id)]) - first
        self.assertEqual(second.state, "billed")
        self.correct_prices(price_micro=29_000)
        self.rerating().action_rerate()
        self.assertEqual(self.amounts(file) + self.amounts(late), [585, 295])
        corrections = self.env["bss.charge"].search([("identity_key", "=like", "rerated:%")])
        found = {one.origin_charge_id: (one.amount_e4, one.amount) for one in corrections}
        # from the newer bill all that stands on it, the rest from the older one
        self.assertEqual(found, {second: (-2948, -0.30), first: (-4968, -0.49)})
        self.assertBalanced()

    def test_waiting_usage_stays_with_its_run(self):
        """Nothing was charged of it: its own run will, when it is told to."""
        file = self.load(self.call(61))
        run = self.rate()
        self.correct_prices(chain="60/60")
        self.rerating().action_rerate()
        self.assertEqual((self.events(file).rating_run_id, self.charged()), (run, []))
        self.assertEqual((run.count_uncharged, run.amount_uncharged), (1, 0.58))
        run._bss_make_charges()
        self.assertEqual(self.charged(), [(5800, 0.58, "pending")])

    # --- around

    def test_try_out_leaves_nothing_but_figures(self):
        file, _run = self.rated(self.call(61))
        charged, runs = self.charged(), self.env["bss.rating.run"].search_count([])
        self.correct_prices(chain="60/60")
        rerating = self.rerating()
        rerating.action_preview()
        self.assertEqual((rerating.state, rerating.count_changed, rerating.amount_difference), ("draft", 1, 0.2852))
        self.assertEqual(self.amounts(file), [2948])
        self.assertEqual(self.charged(), charged)
        self.assertFalse(rerating.run_id)
        self.assertEqual(self.env["bss.rating.run"].search_count([]), runs)
        self.env.cr.execute("SELECT count(*) FROM bss_usage_rerated WHERE rerating_id = %s", (rerating.id,))
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_only_what_is_selected_and_what_depends_on_it(self):
        other = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009")
        other.service_ids.rate_plan_id = self.plan
        file, _run = self.rated(self.call(61), self.call(61, src="501000009"))
        self.correct_prices(chain="60/60")
        self.rerating(account_ids=[(6, 0, other.ids)]).action_rerate()
        amounts = {event.account_id: event.amount_e4 for event in self.events(file)}
        self.assertEqual(amounts, {self.account: 2948, other: 5800})
        with self.assertRaises(UserError):
            self.rerating(zone_ids=[(6, 0, self.premium.ids)]).action_rerate()

    def test_batches_give_the_same_as_one(self):
        others = [self.make_subscriber(f"Nr {n}", products=[self.mobile], msisdn=f"4850100001{n}") for n in range(3)]
        for account in others:
            account.service_ids.rate_plan_id = self.plan
        file, _run = self.rated(self.call(61), *[self.call(61, src=f"50100001{n}") for n in range(3)])
        self.correct_prices(chain="60/60")
        rerating = self.rerating()
        jobs = self.env["queue.job"].search([])
        with patch.object(bss_rerating, "ACCOUNTS_AT_ONCE", 2):
            rerating.action_rerate()
            self.assertEqual((self.env["queue.job"].search([]) - jobs).method_name, "_bss_run")
            self.assertEqual(self.amounts(file), [2948] * 4)
            rerating._bss_run()
        self.assertEqual(self.amounts(file), [5800] * 4)
        self.assertEqual((rerating.count_done, rerating.count_changed, rerating.progress), (4, 4, 100.0))
        self.assertBalanced()

    def test_killed_in_between(self):
        others = [self.make_subscriber(f"Nr {n}", products=[self.mobile], msisdn=f"4850100001{n}") for n in range(3)]
        for account in others:
            account.service_ids.rate_plan_id = self.plan
        file, _run = self.rated(self.call(61), *[self.call(61, src=f"50100001{n}") for n in range(3)])
        self.correct_prices(chain="60/60")
        rerating = self.rerating()
        half = rerating._bss_accounts()[:2]
        rerating.state = "running"
        rerating._bss_rerate(half)
        rerating.action_rerate()
        self.assertEqual(self.amounts(file), [5800] * 4)
        self.assertEqual((rerating.count_changed, rerating.amount_difference), (4, 4 * 0.2852))
        self.assertBalanced()

    def test_who_may(self):
        self.rated(self.call(61))
        viewer = new_test_user(self.env, "usage.viewer", groups="bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            self.rerating().with_user(viewer).action_rerate()
        self.assertFalse(rerating_store.history_of(self.env.cr, [0]))
