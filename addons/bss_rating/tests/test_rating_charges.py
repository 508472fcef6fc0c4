from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .. import charge_store
from .common import OCTOBER, RatingCommon


@tagged("post_install", "-at_install")
class TestRatingCharges(RatingCommon):
    """Charges are the difference of what is rated and what is charged: 61 s to a fixed line are 0.2948."""

    def charges(self, run, *states):
        return self.env["bss.charge"].search(
            [("rating_run_id", "=", run.id), ("state", "in", states or ("pending", "billed"))], order="id"
        )

    def sums(self, run):
        return [(int(charge.amount_e4), charge.amount, charge.usage_count) for charge in self.charges(run)]

    def later(self, day, seconds=61, **changes):
        return self.load(self.call(seconds, start=f"2026-10-{day} 08:00:00", **changes))

    def charged(self, *calls):
        self.load(*calls or [self.call(61)])
        run = self.rate()
        run._bss_make_charges()
        return run

    def test_twice_is_nothing(self):
        run = self.charged()
        before = self.sums(run)
        self.assertEqual(before, [(2948, 0.29, 1)])
        self.assertEqual(run._bss_make_charges(), 0)
        self.assertEqual((self.sums(run), run.charge_batch), (before, 1))

    def test_a_group_of_three_batches_sums(self):
        """The amounts are differences of rounded totals: 0.2948, 0.5896 and 0.8844 are 0.29, 0.59 and 0.88."""
        run = self.charged()
        for day in ("15", "16"):
            self.later(day)
            run._bss_rate()
            self.assertEqual((run.count_uncharged, run.amount_uncharged), (1, 0.2948))
            self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(self.sums(run), [(2948, 0.29, 1), (2948, 0.30, 1), (2948, 0.29, 1)])
        self.assertEqual((run.count_uncharged, run.amount_uncharged, run.charge_count), (0, 0, 3))
        self.assertAlmostEqual(run.amount_charges, 0.88, 2)
        keys = self.charges(run).mapped("identity_key")
        key = f"usage:{self.service.id}:{self.fixed.id}:voice:2026-10-01:{run.id}"
        self.assertEqual(keys, [key, f"{key}.2", f"{key}.3"])
        self.assertConserved()

    def test_late_usage_of_a_billed_group_is_charged_on_the_next_bill(self):
        run = self.charged()
        self.bill()
        self.later("15")
        run._bss_rate()
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(self.charges(run).mapped("state"), ["billed", "pending"])
        self.assertEqual(self.charges(run, "pending").usage_count, 1)

    def test_a_cancelled_charge_is_made_anew(self):
        run = self.charged()
        first = self.charges(run)
        first.action_cancel()
        run._bss_count()
        self.assertEqual((run.count_uncharged, run.amount_uncharged), (1, 0.2948))
        self.assertEqual(run._bss_make_charges(with_cancelled=True), 0, "what a person took out of billing stays out")
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(self.sums(run), [(2948, 0.29, 1)])
        with self.assertRaises(UserError):
            first.action_restore()
        self.charges(run).action_cancel()
        first.action_restore()
        self.assertEqual(run._bss_make_charges(), 0)

    def test_of_three_batches_the_deleted_one_is_charged_again(self):
        run = self.charged()
        for day in ("15", "16"):
            self.later(day, 121)
            run._bss_rate()
            run._bss_make_charges()
        self.charges(run)[1].unlink()
        self.assertEqual(run._bss_make_charges(), 1)
        # 0.2948 + 0.5848 + 0.5848
        self.assertEqual([row[0] for row in self.sums(run)], [2948, 5848, 5848])
        self.assertAlmostEqual(sum(row[1] for row in self.sums(run)), 1.46, 2)

    def test_kinds_and_accounts_are_groups_of_their_own(self):
        other = self.make_subscriber("Jan Kowal", products=[self.mobile], msisdn="48501000009")
        other.service_ids.rate_plan_id = self.plan
        file = self.load(self.call(61), self.call(61, start="2026-10-15 12:00:00"))
        self.env.cr.execute(
            "UPDATE bss_usage_event SET account_id = %s WHERE id = %s", (other.id, self.events(file)[1].id)
        )
        self.env.invalidate_all()
        run = self.rate()
        self.assertEqual(run._bss_make_charges(), 2, "the service changed hands")
        self.assertEqual(self.charges(run).account_id, self.account | other)
        self.assertEqual(run.count_uncharged, 0)
        self.assertConserved()

    def test_from_a_charge_to_its_events_and_back(self):
        self.load(self.call(61), self.call(61, dst="501234567", start="2026-10-14 13:00:00"), self.call(5, dst="112"))
        late = self.load(self.call(61, start="2026-09-30 23:30:00"))
        run = self.charged(self.call(30, start="2026-10-01 00:30:00"))
        charges = self.charges(run)
        self.assertEqual(len(charges), 3)
        events = self.env["bss.usage.event"]
        for charge in charges:
            found = events.search(charge.action_view_events()["domain"])
            self.assertEqual((len(found), sum(found.mapped("amount_e4"))), (charge.usage_count, charge.amount_e4))
            self.assertEqual((found.charge_id, found.charge_ids), (charge, charge))
        self.assertEqual(self.events(late).charge_id.date_start, date(2026, 9, 1), "the Polish month of the call")
        self.assertEqual(len(events.search([("charge_id", "in", charges.ids), ("rating_run_id", "=", run.id)])), 4)
        domain = [("rating_run_id", "=", run.id)]
        self.assertFalse(events.search([*domain, ("charge_id.state", "=", "billed")]))
        self.assertEqual(events.search([*domain, ("charge_id", "=", False)]).mapped("amount_e4"), [0])
        self.bill()
        self.env.invalidate_all()
        self.assertEqual(len(events.search([*domain, ("charge_id.state", "=", "billed")])), 4)
        self.assertEqual(set(events.search([*domain, ("amount_e4", "!=", 0)]).mapped("charge_state")), {"billed"})
        with Form(charges[0]) as form:
            self.assertTrue(form)

    def test_late_usage_of_a_run_of_half_a_month_has_charges_of_its_own(self):
        self.load(self.call(61, start="2026-10-09 23:59:59"), self.call(61, start="2026-10-10 00:00:00"))
        run = self.rate((date(2026, 10, 10), date(2026, 11, 9)))
        run._bss_make_charges()
        charges = self.charges(run).sorted("date_start")
        self.assertEqual(
            charges.mapped(lambda one: (one.date_start, one.date_end, one.usage_count)),
            [(*OCTOBER, 1), (date(2026, 10, 10), date(2026, 11, 9), 1)],
        )
        for charge in charges:
            found = self.env["bss.usage.event"].search([("charge_id", "=", charge.id)])
            self.assertEqual((len(found), found.charge_ids), (1, charge))

    def test_only_up_to_a_day_and_nothing_back(self):
        self.load(self.call(61), self.call(61, start="2026-10-20 08:00:00"))
        run = self.rate()
        until = date(2026, 10, 15)
        self.assertEqual(run._bss_make_charges(until_day=until), 1)
        self.assertEqual(self.sums(run), [(2948, 0.29, 1)])
        self.assertEqual((run.count_uncharged, run.amount_uncharged), (1, 0.2948))
        self.assertEqual(run._bss_make_charges(), 1)
        self.assertEqual(run._bss_make_charges(until_day=until), 0, "later days were charged in between")
        self.assertEqual(run._bss_make_charges(until_day=date(2026, 10, 1)), 0)

    def test_only_some_services(self):
        other = self.make_service(
            self.service.contract_id, self.mobile, msisdn="48501000002", rate_plan_id=self.plan.id
        )
        self.load(self.call(61), self.call(61, src="501000002"))
        run = self.rate()
        self.assertEqual(run._bss_make_charges(services=other.ids), 1)
        self.assertEqual(self.charges(run).service_id, other)
        self.assertEqual(run._bss_make_charges(), 1)

    def test_what_usage_a_charge_is_for_is_not_typed(self):
        run = self.charged()
        charge = self.charges(run)
        clerk = new_test_user(
            self.env, login="charge-clerk", groups="base.group_user,bss_catalog.group_bss_billing_manager",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        for vals in ({"rating_run_id": run.copy().id}, {"date_start": date(2026, 9, 1)}):
            with self.assertRaises(AccessError):
                charge.with_user(clerk).write(vals)
        with self.assertRaises(AccessError):
            self.env["bss.charge"].with_user(clerk).create(
                {"account_id": self.account.id, "product_id": self.usage_product.id, "rating_run_id": run.id}
            )

    def test_charges_of_an_earlier_version_find_their_group(self):
        run = self.charged()
        charge = self.charges(run)
        self.env.cr.execute("UPDATE bss_charge SET rating_run_id = NULL, usage_kind = NULL WHERE id = %s", (charge.id,))
        charge_store.group_old_charges(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual((charge.rating_run_id, charge.usage_kind), (run, "voice"))
        self.assertEqual(run._bss_make_charges(), 0)

    def test_borders_of_months_are_polish(self):
        """Summer and winter time: 2026-03-29 and 2026-10-25."""
        run = self.make_rating()
        self.load(self.call(61, start="2026-03-31 12:00:00"), self.call(61, start="2026-11-02 12:00:00"))
        run.by_month = True
        found = {first: str(start) for start, _end, first, _last in charge_store.periods(self.env.cr, run)}
        self.assertEqual(found[date(2026, 3, 1)], "2026-02-28 23:00:00")
        self.assertEqual(found[date(2026, 4, 1)], "2026-03-31 22:00:00")
        self.assertEqual(found[date(2026, 11, 1)], "2026-10-31 23:00:00")
