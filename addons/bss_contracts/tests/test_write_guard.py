from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY
from .test_contract_change_end import EndCommon


class GuardCommon(EndCommon):
    def user(self, role):
        return new_test_user(
            self.env,
            f"direct_{role}",
            groups=f"bss_catalog.group_bss_{role}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def refused(self, record, vals, words=""):
        name = next(iter(vals))
        before = record[name]
        with self.assertRaisesRegex(AccessError, words, msg=name):
            record.write(vals)
        record.invalidate_recordset()
        self.assertEqual(record[name], before, name)

    def not_made(self, model, vals, **context):
        """Neither with these values nor with the same as defaults of the client's context."""
        with self.assertRaises(AccessError, msg=vals), self.env.cr.savepoint():
            model.create({**vals, **context})
        with self.assertRaises(AccessError, msg=vals), self.env.cr.savepoint():
            model.with_context(**{f"default_{name}": value for name, value in context.items()}).create(vals)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDirectWrite(GuardCommon):
    def test_facts_of_code_are_not_written(self):
        self.with_term()
        for role in ("clerk", "billing_manager"):
            user = self.user(role)
            contract, internet = self.contract.with_user(user), self.internet.with_user(user)
            self.refused(contract, {"term_months": 0})
            self.refused(contract, {"date_start": date(2020, 1, 1)})
            self.refused(contract, {"date_term_start": date(2020, 1, 1)})
            self.refused(contract, {"revision": 7})
            self.refused(internet, {"charged_through": date(2030, 1, 1)})
            self.refused(internet, {"predecessor_id": self.phone.id})
            self.refused(internet, {"is_recalculation_due": not self.internet.is_recalculation_due})
            contract.write({"term_months": self.contract.term_months, "note": "called"})

    def test_draft_gets_its_term(self):
        clerk = self.user("clerk")
        draft = self.env["bss.contract"].with_user(clerk).create({"account_id": self.account.id})
        draft.write({"term_months": 24, "date_start": date(2026, 12, 1)})
        self.assertEqual((draft.term_months, draft.date_term_start), (24, date(2026, 12, 1)))

    def test_price_below_the_list_is_the_managers(self):
        clerk, manager = self.user("clerk"), self.user("billing_manager")
        internet = self.internet.with_user(clerk)
        self.refused(internet, {"price_unit": 1.0})
        internet.price_unit = 70.0
        internet.price_unit = 59.0
        self.refused(internet, {"price_unit": 58.99})
        self.refused(internet, {"quantity": 0.5}, "only a billing manager")
        self.internet.with_user(manager).price_unit = 50.0
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 1)), 50.0)
        self.refused(internet, {"price_kind": "gross"})

    def test_nothing_cheap_is_added_past_the_manager(self):
        vals = {"contract_id": self.contract.id, "product_id": self.internet.product_id.id}
        clerk, manager = (self.env["bss.service"].with_user(self.user(role)) for role in ("clerk", "billing_manager"))
        for price in ({"price_unit": 1.0}, {"price_unit": 59.0, "price_kind": "gross"}):
            with self.subTest(price), self.assertRaises(AccessError), self.env.cr.savepoint():
                clerk.create({**vals, **price})
        self.assertEqual(clerk.create(vals).price_unit, 59.0)
        self.assertEqual(manager.create({**vals, "price_unit": 1.0}).price_unit, 1.0)

    def test_clerk_writes_by_contract_changes(self):
        clerk = self.user("clerk")
        self.contract.write({"term_months": 12})
        renewal = self.make_change("renewal", date(2026, 12, 1), new_term_months=24).with_user(clerk)
        renewal.action_confirm()
        self.upgrade().with_user(clerk).action_confirm()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 10)), 89.0)

    # -- life ---------------------------------------------------------------------------------------

    def test_life_of_a_contract_is_not_written(self):
        for role in ("clerk", "billing_manager"):
            contract = self.contract.with_user(self.user(role))
            for state in ("draft", "suspended", "terminated"):
                self.refused(contract, {"state": state}, "State cannot be written directly; make a contract change")
            other = self.make_account("Anna Nowak")
            for vals in (
                {"date_end": date(2026, 11, 30)},
                {"date_signed": date(2020, 1, 1)},
                {"account_id": other.id},
                {"notice_months": 0},
                {"notice_days": 3},
                {"notice_rule": "month_end"},
                {"sale_order_id": self.env["sale.order"].create({"partner_id": self.account.partner_id.id}).id},
            ):
                self.refused(contract, vals)

    def test_nobody_makes_a_contract_in_force(self):
        clerk = self.env["bss.contract"].with_user(self.user("clerk"))
        vals = {"account_id": self.account.id}
        self.not_made(clerk, vals, state="active")
        self.not_made(clerk, vals, state="terminated")
        self.not_made(clerk, vals, date_end=date(2026, 12, 1))
        self.not_made(clerk, vals, predecessor_id=self.contract.id)
        draft = clerk.create({**vals, "date_start": date(2026, 12, 1)})
        self.refused(draft, {"state": "active"}, "State cannot be written directly; activate the draft")
        self.refused(draft, {"date_end": date(2027, 1, 1)})
        draft.write({"date_start": date(2026, 12, 5), "notice_months": 2, "date_signed": date(2026, 11, 20)})

    def test_life_of_a_service_is_not_written(self):
        self.env.invalidate_all()
        fresh = self.make_service(self.contract, self.tv)  # runs, and is not charged yet
        for role in ("clerk", "billing_manager"):
            user = self.user(role)
            running, new = self.internet.with_user(user), fresh.with_user(user)
            for state in ("pending", "suspended", "terminated"):
                self.refused(running, {"state": state}, "State cannot be written directly")
            for vals in (
                {"date_end": date(2026, 11, 30)},
                {"date_start": date(2026, 12, 1)},
                {"date_start": False},
                {"is_restricted": True},
                {"product_id": self.tv.id},
                {"contract_id": self.make_subscriber("Anna Nowak").contract_ids.id},
                {"active": False},
            ):
                self.refused(running, vals)
            self.assertFalse(running.can_move_start)
            self.assertEqual(new.can_move_start, role == "billing_manager")
        self.refused(fresh.with_user(self.user_of("direct_clerk")), {"date_start": date(2026, 11, 1)})
        fresh.with_user(self.user_of("direct_billing_manager")).date_start = date(2026, 11, 1)
        self.assertEqual(fresh.date_start, date(2026, 11, 1))

    def user_of(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def test_nobody_makes_a_running_service(self):
        clerk = self.env["bss.service"].with_user(self.user("clerk"))
        draft = self.env["bss.contract"].with_user(clerk.env.user).create({"account_id": self.account.id})
        vals = {"contract_id": draft.id, "product_id": self.tv.id}
        for state in ("active", "suspended", "terminated"):
            self.not_made(clerk, vals, state=state)
        self.not_made(clerk, vals, date_end=date(2026, 12, 1))
        self.not_made(clerk, vals, predecessor_id=self.internet.id)
        self.not_made(clerk, vals, charged_through=date(2030, 1, 1))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            draft.write({"service_ids": [Command.create({"product_id": self.tv.id, "state": "active"})]})
        pending = clerk.create(vals)
        pending.write({"date_start": date(2026, 12, 1), "product_id": self.fast.id, "price_unit": 1.0})
        self.refused(pending, {"state": "active"})
        self.refused(pending, {"date_end": date(2026, 12, 31)})

    def test_nothing_agreed_gets_cheap_before_it_runs(self):
        clerk = self.user("clerk")
        pending = self.make_service(self.contract, self.tv, state="pending").with_user(clerk)
        self.refused(pending, {"price_unit": 1.0}, "only a billing manager")
        self.refused(pending, {"promised_promotion_ids": [Command.link(self.promotion.id)]}, "only a billing manager")
        vals = {"contract_id": self.contract.id, "product_id": self.internet.product_id.id}
        self.not_made(self.env["bss.service"].with_user(clerk), vals, promised_promotion_ids=self.promotion.ids)

    # -- what hangs on a service --------------------------------------------------------------------

    def test_timelines_are_not_written(self):
        self.with_term()
        self.internet._bss_suspend(date(2026, 12, 1), date(2026, 12, 5), "request")
        self.internet._bss_set_version(date(2027, 1, 1), {"price_unit": 70.0})
        rows = {
            "suspension_ids": {"date_start": date(2026, 12, 10), "charge_percent": 0.0},
            "promotion_grant_ids": {"promotion_id": self.promotion.id, "date_start": date(2026, 12, 1)},
            "version_ids": {
                "date_start": date(2026, 12, 1),
                "product_id": self.internet.product_id.id,
                "price_unit": 1.0,
                "quantity": 1.0,
                "price_kind": "net",
            },
        }
        for role in ("clerk", "billing_manager"):
            service = self.internet.with_user(self.user(role))
            for name, vals in rows.items():
                row = service[name][:1]
                self.assertTrue(row)
                for command in (
                    Command.create(vals),
                    Command.update(row.id, {"date_start": date(2026, 12, 2)}),
                    Command.delete(row.id),
                ):
                    with self.subTest(role=role, name=name, command=command), self.assertRaises(AccessError):
                        service.write({name: [command]})
                    self.env.invalidate_all()

    def test_numbers_that_served_stay(self):
        clerk, manager = self.user("clerk"), self.user("billing_manager")
        number = self.phone.identifier_ids.with_user(clerk)
        for vals in (
            {"value": self.next_msisdn()},
            {"service_id": self.internet.id},
            {"date_start": date(2026, 11, 1)},
            {"kind": "login"},
        ):
            self.refused(number, vals, "has served")
        with self.assertRaisesRegex(AccessError, "only a billing manager may correct that"):
            number.unlink()
        number.date_end = date(2026, 11, 20)
        self.refused(number, {"date_end": False}, "has served")
        new = number.create({"service_id": self.phone.id, "kind": "msisdn", "value": self.next_msisdn()})
        new.value = self.next_msisdn()  # a slip of today
        new.unlink()
        number.with_user(manager).date_end = date(2026, 11, 19)
        number.with_user(manager).unlink()

    def test_orders_are_answered_and_not_written(self):
        clerk = self.user("clerk")
        orders = self.env["bss.service.order"].with_user(clerk)
        vals = {"service_id": self.internet.id, "action": "suspend"}
        for name, value in (
            ("state", "done"),
            ("state", "queued"),
            ("date_effective", date(2026, 1, 1)),
            ("sent_at", "2026-01-01 10:00:00"),
            ("change_id", self.upgrade().id),
        ):
            self.not_made(orders, vals, **{name: value})
        with self.assertRaisesRegex(AccessError, "make an annex that removes it"), self.env.cr.savepoint():
            orders.create({**vals, "action": "terminate"})
        order = orders.create({**vals, "action": "message"})
        with self.assertRaisesRegex(AccessError, "make an annex that removes it"), self.env.cr.savepoint():
            order.action = "terminate"
        order.invalidate_recordset()
        order.write({"action": "restrict", "cause": "technical", "date_valid_from": date(2026, 12, 1)})
        for name, value in (
            ("state", "done"),
            ("state", "sent"),
            ("done_at", "2026-01-01 10:00:00"),
            ("date_effective", date(2026, 1, 1)),
        ):
            self.refused(order, {name: value}, "cannot be written directly; send, confirm or cancel")
        order.action_queue()
        order.date_valid_from = date(2026, 12, 3)
        for name, value in (("action", "resume"), ("service_id", self.phone.id), ("cause", "debt")):
            self.refused(order, {name: value})
        order.response = "called them"

    def test_a_clerk_orders_only_what_is_technical_by_hand(self):
        clerk, manager = self.user("clerk"), self.user("billing_manager")
        vals = {"service_id": self.internet.id, "cause": "technical"}
        orders = self.env["bss.service.order"].with_user(clerk)
        for action in ("suspend", "change"):
            with self.assertRaisesRegex(AccessError, "Make a contract change"), self.env.cr.savepoint():
                orders.create({**vals, "action": action, "reason": "wants it"})
        order = orders.create({**vals, "action": "restrict"})
        with self.assertRaisesRegex(AccessError, "Make a contract change"), self.env.cr.savepoint():
            order.action = "suspend"
        order.invalidate_recordset()
        order.action_queue()
        for action in ("resume", "message"):
            orders.create({**vals, "action": action}).action_queue()
        orders = self.env["bss.service.order"].with_user(manager)
        with self.assertRaisesRegex(UserError, "Give the reason"), self.env.cr.savepoint():
            orders.create({**vals, "action": "suspend", "reason": " "})
        order = orders.create({**vals, "action": "suspend", "reason": "fault of the line"})
        with self.assertRaisesRegex(UserError, "Give the reason"), self.env.cr.savepoint():
            order.reason = False
        order.invalidate_recordset()
        order.action_queue()
        self.assertIn(order.state, ("queued", "sent"))

    def test_the_revision_of_a_change_is_taken_over_and_not_chosen(self):
        clerk = self.user("clerk")
        draft = self.upgrade(date(2026, 12, 20)).with_user(clerk)
        self.upgrade().action_confirm()
        self.assertTrue(draft.is_outdated)
        self.refused(draft, {"revision": self.contract.revision}, "Take over the present state")
        with self.assertRaisesRegex(UserError, "after this change was drafted"), self.env.cr.savepoint():
            draft.action_confirm()
        vals = {"contract_id": self.contract.id, "kind": "annex"}
        changes = self.env["bss.contract.change"].with_user(clerk)
        with self.assertRaisesRegex(AccessError, "Take over the present state"), self.env.cr.savepoint():
            changes.create({**vals, "revision": self.contract.revision + 1})
        self.assertTrue(changes.create({**vals, "revision": 0}).is_outdated)  # the form was opened before
        draft.action_refresh()
        self.assertFalse(draft.is_outdated)

    def test_devices_deposits_and_accounts(self):
        clerk = self.user("clerk")
        router = self.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        vals = {"product_id": router.id, "serial": "G1", "company_id": self.company.id}
        devices = self.env["bss.device"].with_user(clerk)
        self.not_made(devices, {**vals, "service_id": self.internet.id}, state="at_customer")
        device = devices.create({**vals, "service_id": self.internet.id, "ownership": "sold"})
        charge = self.env["bss.charge"].create({"account_id": self.account.id, "product_id": self.fibre.id})
        for name, value in (
            ("state", "at_customer"),
            ("date_handed_over", date(2026, 1, 1)),
            ("sale_charge_id", charge.id),
            ("replacement_charge_id", charge.id),
        ):
            self.refused(device, {name: value}, "hand it over, take it back")
        self.env.company.bss_deposit_account_id = self.env["account.account"].create(
            {"name": "Kaucje", "code": "249009", "account_type": "liability_current", "company_ids": self.company.ids}
        )
        deposits = self.env["bss.deposit"].with_user(clerk)
        deposit = {"contract_id": self.contract.id, "amount": 100.0}
        self.not_made(deposits, deposit, predecessor_id=self.env["bss.deposit"].create(deposit).id)
        made = deposits.with_context(default_amount_held=7.0).create({**deposit, "state": "held"})
        self.env.flush_all()
        made.invalidate_recordset()
        self.assertEqual((made.state, made.amount_held), ("draft", 0.0))  # the ledger says what it is
        made.action_due()
        for name, value in (("state", "draft"), ("amount_held", 100.0), ("amount_returned", 5.0)):
            self.refused(made, {name: value}, "follows from the ledger")
        self.refused(self.account.with_user(clerk), {"state": "closed"}, "close or reopen it")

    def test_found_facts_of_a_charge(self):
        clerk = self.user("clerk")
        charge = (
            self.env["bss.charge"].with_user(clerk).create({"account_id": self.account.id, "product_id": self.fibre.id})
        )
        for name, value in (
            ("change_id", self.upgrade().id),
            ("price_kind", "gross"),
            ("amount_gross", 1.0),
            ("period_start", date(2026, 1, 1)),
        ):
            self.refused(charge, {name: value})
        charge.write({"name": "Visit", "price_unit": 80.0})
        self.assertEqual(charge.amount, 80.0)
