from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from .common import ContractsCommon


class TimelineCommon(ContractsCommon):
    @classmethod
    def make_promotion(cls, code, steps, **vals):
        """:param steps: (month_from, month_to, kind, value)"""
        promotion = cls.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "step_ids": [
                    (0, 0, {"month_from": one, "month_to": two, "kind": kind, "value": value})
                    for one, two, kind, value in steps
                ],
                **vals,
            }
        )
        promotion.action_put_on_sale()
        return promotion

    def amounts(self, service, kind=None):
        charges = service.charge_ids.filtered(lambda one: not kind or one.kind == kind)
        return [
            (one.date_start.isoformat(), one.date_end.isoformat(), one.amount)
            for one in charges.sorted(lambda one: (one.date_start, one.id))
        ]

    def assertSettled(self, service):
        """Nothing is left to correct."""
        self.assertFalse(service._bss_recalculate())


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestBillingTimeline(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.faster = cls.make_offering("T-NET600", 69.0, service="internet")
        cls.account = cls.make_subscriber(products=[cls.make_offering("T-NET100", 49.0)], date_start=date(2026, 9, 1))
        cls.service = cls.account.service_ids
        cls.service.charged_through = date(2026, 9, 30)

    def test_a_new_price_inside_the_period(self):
        """The worked example: 49 → 69 on 16 October is 59.32."""
        self.service._bss_set_version(date(2026, 10, 16), {"price_unit": 69})
        run = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(self.amounts(self.service), [("2026-10-01", "2026-10-31", 59.32)])
        self.assertEqual(run.amount_untaxed, 59.32)
        self.assertEqual(self.service.charge_ids.period_start, date(2026, 10, 1))
        self.assertSettled(self.service)

    def test_a_new_offering_inside_the_period_has_its_own_line(self):
        self.service._bss_set_version(date(2026, 10, 16), {"product_id": self.faster, "price_unit": 69})
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(
            self.amounts(self.service), [("2026-10-01", "2026-10-15", 23.71), ("2026-10-16", "2026-10-31", 35.61)]
        )
        lines = self.account.invoice_ids.invoice_line_ids.sorted("bss_date_start")
        self.assertEqual(lines.product_id, self.service.version_ids.product_id)
        self.assertIn("T-NET600", lines[1].name)
        self.assertSettled(self.service)

    def test_a_change_learned_late_is_settled(self):
        """Billed in advance, changed afterwards: the difference of the offering given back and of the new one."""
        first = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.service._bss_set_version(date(2026, 10, 16), {"product_id": self.faster, "price_unit": 69})
        self.service._bss_recalculate()
        self.assertEqual(
            sorted(self.service.charge_ids.filtered(lambda one: one.kind == "correction").mapped("amount")),
            [-25.29, 35.61],
        )
        self.assertSettled(self.service)
        following = self.bill()
        self.assertEqual(following.item_ids.refund_ids.amount_untaxed, 25.29)
        self.assertEqual(following.item_ids.refund_ids.reversed_entry_id, first.item_ids.move_id)
        self.assertEqual(following.item_ids.move_id.amount_untaxed, 104.61)
        self.assertEqual(following.amount_untaxed, 79.32)

    def test_the_bill_run_itself_settles_what_is_marked(self):
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertFalse(self.service.is_recalculation_due)
        self.service._bss_set_version(date(2026, 10, 16), {"price_unit": 69})
        self.assertTrue(self.service.is_recalculation_due)
        run = self.bill()
        self.assertEqual(run.amount_untaxed, 79.32)
        self.assertFalse(self.service.is_recalculation_due)
        self.assertSettled(self.service)

    def test_undoing_a_change_gives_everything_back(self):
        change = self.env["bss.contract.change"].create({"contract_id": self.service.contract_id.id})
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.service._bss_set_version(date(2026, 10, 16), {"product_id": self.faster, "price_unit": 69}, change)
        self.service._bss_recalculate()
        self.bill()
        self.env["bss.service"]._bss_undo_change(change)._bss_recalculate()
        following = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        october, november = 49.0, 49.0
        total = sum(self.service.charge_ids.mapped("amount"))
        self.assertAlmostEqual(total, october + november + 49.0, 2)
        self.assertEqual(set(self.service.charge_ids.mapped("state")), {"billed"})
        self.assertEqual(following.item_ids.refund_ids.reversed_entry_id.bss_date_start, date(2026, 11, 1))

    def test_suspension_by_cause(self):
        self.service._bss_apply_order("suspend", date(2026, 10, 11), "request")
        self.service._bss_apply_order("resume", date(2026, 10, 21), "request")
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(self.service.charge_ids.amount, 33.19)  # 21 of 31 days
        self.service._bss_apply_order("suspend", date(2026, 11, 1), "debt")
        self.bill()
        self.assertEqual(self.amounts(self.service)[-1], ("2026-11-01", "2026-11-30", 49.0))
        self.service.suspension_ids.sorted("date_start")[-1].charge_percent = 50
        self.service._bss_recalculate()
        self.assertEqual(self.amounts(self.service, "correction"), [("2026-11-01", "2026-11-30", -24.5)])
        self.assertSettled(self.service)

    def test_suspended_without_a_fee_waits_and_is_charged_again(self):
        self.service._bss_suspend(date(2026, 10, 1), None, "request")
        run = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual((run.issued_count, self.service.charge_ids.mapped("amount")), (0, [0.0]))
        self.assertEqual(self.service.charged_through, date(2026, 10, 31))
        self.service._bss_resume_from(date(2026, 10, 16))
        run = self.bill(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30))
        self.assertEqual(run.amount_untaxed, 74.29)  # November, and 16 of 31 days of October
        self.assertEqual(set(self.service.charge_ids.mapped("state")), {"billed"})
        self.assertSettled(self.service)

    def test_promotion_month_by_month(self):
        promotion = self.make_promotion("T-START", [(1, 1, "free", 0), (2, 2, "percent", 50), (3, 0, "amount", 5)])
        self.service._bss_grant(promotion, date(2026, 10, 1))
        for month in (10, 11, 12):
            last = date(2026, month % 12 + 1, 1) if month < 12 else date(2027, 1, 1)
            self.bill(date_start=date(2026, month, 1), date_end=last - timedelta(days=1))
        self.assertEqual([amount for _start, _end, amount in self.amounts(self.service)], [0.0, 24.5, 44.0])
        texts = self.service.charge_ids.sorted("date_start").mapped("source_ref")
        self.assertIn("Promotion T-START", texts[1])
        self.assertIn("2", texts[1])

    def test_promotion_granted_late_and_for_other_offerings(self):
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        other = self.make_promotion("T-OTHER", [(1, 0, "percent", 90)], product_ids=[(6, 0, self.faster.ids)])
        self.service._bss_grant(other, date(2026, 10, 1))
        self.assertFalse(self.service._bss_recalculate(), "it changes another offering only")
        half = self.make_promotion("T-HALF", [(1, 3, "percent", 50)])
        self.service._bss_grant(half, date(2026, 10, 1))
        self.assertEqual(self.service._bss_recalculate().mapped("amount"), [-24.5])
        self.assertSettled(self.service)

    def test_tiers_and_quantity(self):
        tiered = self.make_offering(
            "T-SEATS",
            0.0,
            bss_price_model="graduated",
            bss_price_tier_ids=[
                (0, 0, {"quantity_from": 0, "quantity_to": 5, "price": 20}),
                (0, 0, {"quantity_from": 5, "quantity_to": 10, "price": 15}),
            ],
        )
        account = self.make_subscriber("Seats", products=[tiered], date_start=date(2026, 10, 1))
        service = account.service_ids
        service.quantity = 7
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(service.charge_ids.amount, 130.0)
        service._bss_set_version(date(2026, 11, 1), {"quantity": 50})
        run = self.bill()
        self.assertEqual(run.item_ids.filtered(lambda item: item.account_id == account).state, "error")
        self.assertIn("50", run.error_item_ids.error)

    def test_charging_periods_of_weeks(self):
        weekly = self.make_offering("T-WEEK", 7.0, bss_period_unit="week")
        service = self.make_subscriber("Weekly", products=[weekly], date_start=date(2026, 10, 7)).service_ids
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(
            [start for start, _end, _amount in self.amounts(service)],
            ["2026-10-07", "2026-10-14", "2026-10-21", "2026-10-28"],
        )
        self.bill()
        self.assertEqual(self.amounts(service)[4], ("2026-11-04", "2026-11-10", 7.0))

    def test_what_an_earlier_system_charged_is_left_alone(self):
        self.service._bss_set_version(date(2026, 9, 10), {"price_unit": 1})
        self.assertFalse(self.service._bss_recalculate())
        self.service._bss_end(date(2026, 9, 15), "moved away")
        self.assertFalse(self.service.charge_ids)

    def test_a_cancelled_charge_stays_cancelled(self):
        run = self.make_run(date(2026, 10, 1), date(2026, 10, 31)).with_context(queue_job__no_delay=True)
        run._bss_collect()
        self.service.charge_ids.action_cancel()
        self.service._bss_set_version(date(2026, 10, 16), {"price_unit": 69})
        self.assertFalse(self.service._bss_recalculate())

    def test_a_fixed_number_of_queries(self):
        def count(services):
            start = self.env.cr.sql_log_count
            services._bss_recalculate()
            return self.env.cr.sql_log_count - start

        accounts = self.env["bss.account"]
        half = self.make_promotion("T-HALF", [(1, 3, "percent", 50)])
        for index in range(12):
            accounts |= self.make_subscriber(f"S{index}", date_start=date(2026, 10, 1))
        services = accounts.service_ids
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        for service in services:
            service._bss_set_version(date(2027, 1, 1), {"price_unit": 70})
        services._bss_grant(half, date(2027, 1, 1))
        self.env.flush_all()
        count(services[0])
        self.env.invalidate_all()
        one = count(services[1])
        self.env.invalidate_all()
        self.assertLessEqual(count(services[2:]), one + 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestGrossPrices(TimelineCommon):
    def test_three_services_of_59_gross_are_177_gross(self):
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.company.tax_calculation_rounding_method = method
                account = self.make_subscriber(method, products=[self.fibre] * 3, date_start=date(2026, 10, 1))
                account.service_ids.price_kind = "gross"
                run = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
                move = account.invoice_ids
                self.assertEqual((run.state, move.amount_total), ("done", 177.0))
                self.assertAlmostEqual(sum(account.charge_ids.mapped("amount")), move.amount_untaxed, 2)
                self.assertEqual(sum(account.charge_ids.mapped("amount_gross")), 177.0)
                twin = move.invoice_line_ids.tax_ids
                self.assertEqual((len(twin), twin.bss_net_tax_id), (1, self.tax_23))
                self.assertEqual(twin.amount, 23.0)
                tags = [tax.invoice_repartition_line_ids.mapped("tag_ids") for tax in (twin, self.tax_23)]
                self.assertEqual(*tags)

    def test_part_of_a_period_and_its_correction(self):
        account = self.make_subscriber(date_start=date(2026, 10, 12))
        service = account.service_ids
        service.price_kind = "gross"
        self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(account.invoice_ids.amount_total, 38.06)  # 20 of 31 days of 59.00
        service._bss_end(date(2026, 10, 21), "moved away")
        correction = service.charge_ids.filtered(lambda one: one.kind == "correction")
        self.assertEqual((correction.amount_gross, correction.price_kind), (-19.03, "gross"))
        run = self.bill()
        refund = run.item_ids.refund_ids
        self.assertEqual((run.state, refund.amount_total), ("done", 19.03))
        self.assertEqual(refund.invoice_line_ids.tax_ids.bss_net_tax_id, self.tax_23)
        self.assertAlmostEqual(correction.amount, -refund.amount_untaxed, 2)
        self.assertSettled(service)

    def test_net_and_gross_on_one_invoice(self):
        account = self.make_subscriber(products=[self.fibre] * 2, date_start=date(2026, 10, 1))
        account.service_ids[0].price_kind = "gross"
        run = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual((run.state, run.amount_total), ("done", 59.0 + 72.57))
        service = account.service_ids[1]
        service._bss_set_version(date(2026, 11, 16), {"price_kind": "gross"})
        self.bill()
        kinds = {one.date_start: one.price_kind for one in service.charge_ids}
        self.assertEqual((kinds[date(2026, 11, 1)], kinds[date(2026, 11, 16)]), ("net", "gross"))
        self.assertSettled(service)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-21 12:00:00")
class TestFees(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activation = cls.make_offering("T-ACT", 120.0, kind="one_off")
        cls.closing = cls.make_offering("T-CLOSE", 50.0, kind="one_off")
        cls.product = cls.make_offering(
            "T-NETFEE",
            59.0,
            bss_activation_product_id=cls.activation.id,
            bss_termination_product_id=cls.closing.id,
        )
        cls.account = cls.make_account()
        cls.contract = cls.env["bss.contract"].create({"account_id": cls.account.id, "date_start": date(2026, 10, 1)})
        cls.service = cls.make_service(cls.contract, cls.product, state="pending")

    def fees(self, service):
        return [(one.product_id, one.date_start, one.amount) for one in service.charge_ids.sorted("id")]

    def test_once_at_each_end_of_life(self):
        self.service._bss_apply_order("activate", date(2026, 10, 5))
        self.service._bss_apply_order("suspend", date(2026, 10, 6))
        self.service._bss_apply_order("resume", date(2026, 10, 7))
        self.assertEqual(self.fees(self.service), [(self.activation, date(2026, 10, 5), 120.0)])
        self.service._bss_apply_order("terminate", date(2026, 10, 20))
        self.service._bss_apply_order("terminate", date(2026, 10, 21))
        self.assertEqual(self.fees(self.service)[1:], [(self.closing, date(2026, 10, 19), 50.0)])

    def test_reduced_by_promotions_of_activation(self):
        for code, steps, target in (
            ("T-A", [(1, 1, "percent", 50)], "activation"),
            ("T-B", [(1, 1, "amount", 59)], "activation"),
            ("T-C", [(1, 1, "free", 0)], "recurring"),
        ):
            promotion = self.make_promotion(code, steps, target=target, priority=ord(code[-1]))
            self.service._bss_grant(promotion, date(2026, 10, 1))
        self.service._bss_apply_order("activate", date(2026, 10, 5))
        self.assertEqual(self.fees(self.service), [(self.activation, date(2026, 10, 5), 1.0)])

    def test_an_assignee_pays_neither(self):
        heir = self.make_service(self.contract, self.product, state="pending", predecessor_id=self.service.id)
        self.service.write({"state": "active", "date_start": date(2026, 9, 1)})
        heir._bss_apply_order("activate", date(2026, 10, 5))
        self.service._bss_apply_order("terminate", date(2026, 10, 5))
        self.assertFalse((heir | self.service).charge_ids)
