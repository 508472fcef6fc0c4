from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ContractsCommon


@tagged("post_install", "-at_install")
class TestContract(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 30.0, service="mobile")
        cls.tv = cls.make_offering("T-TV", 39.0, service="tv")
        cls.bundle = cls.make_offering(
            "T-DUO",
            80.0,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": cls.fibre.id, "discount_percent": 10}),
                Command.create({"product_id": cls.tv.id, "discount_percent": 20}),
            ],
        )

    def make_draft(self, products, **vals):
        account = self.make_account()
        return self.env["bss.contract"].create(
            {
                "account_id": account.id,
                "date_signed": date(2026, 10, 1),
                "date_start": date(2026, 10, 5),
                "service_ids": [Command.create({"product_id": product.id}) for product in products],
                **vals,
            }
        )

    @freeze_time("2026-11-21")
    def test_life_of_a_contract(self):
        contract = self.make_draft([self.fibre, self.mobile], term_months=24)
        contract.service_ids[1].new_identifier = "600 100 300"
        self.assertRegex(contract.name, r"^UM/2026/\d{5}$")
        self.assertEqual(contract.date_term_end, date(2028, 10, 4))
        self.assertEqual(contract.amount_recurring, 89.0)
        contract.action_activate()
        orders = contract.service_ids.order_ids
        self.assertEqual(set(orders.mapped("action")), {"activate"})
        self.assertEqual(set(orders.mapped("state")), {"sent"})
        orders._bss_done(effective=date(2026, 10, 5))
        self.assertEqual(set(contract.service_ids.mapped("state")), {"active"})
        self.assertEqual(set(contract.service_ids.mapped("date_start")), {date(2026, 10, 5)})

        action = contract.action_terminate()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.termination_cause = "agreement"
        form.date_last = date(2026, 11, 30)
        change = form.save()
        change.action_preview()
        change.action_confirm()
        # it runs until its last day
        self.assertEqual((contract.state, contract.date_end), ("active", date(2026, 11, 30)))
        last = contract.service_ids.order_ids.filtered(lambda order: order.action == "terminate")
        # the network switches off the day after the last one
        self.assertEqual(set(last.mapped("state")), {"queued"})
        self.assertEqual(set(last.mapped("date_valid_from")), {date(2026, 12, 1)})
        last._bss_dispatch(date(2026, 12, 1))
        self.assertEqual(set(last.mapped("state")), {"sent"})
        with freeze_time("2026-12-01 06:00:00"), self.enter_registry_test_mode():
            self.env.ref("bss_contracts.ir_cron_finish_changes").method_direct_trigger()
        self.assertEqual((contract.state, change.state), ("terminated", "done"))
        last.action_confirm_done()
        self.assertEqual(set(contract.service_ids.mapped("date_end")), {date(2026, 11, 30)})

    def test_guards(self):
        empty = self.make_draft([])
        with self.assertRaises(UserError):
            empty.action_activate()
        contract = self.make_draft([self.fibre])
        contract.action_activate()
        with self.assertRaises(UserError):
            contract.action_terminate(date(2026, 1, 1))
        with self.assertRaises(UserError):
            contract.unlink()
        empty.unlink()
        with self.assertRaises(ValidationError):
            contract.service_ids.price_unit = -1

    @freeze_time("2026-11-21")
    def test_telephone_needs_a_number_to_be_activated(self):
        voip = self.make_offering("T-VOIP", 20.0, service="voip")
        contract = self.make_draft([self.fibre, self.mobile, voip])
        mobile, fixed = contract.service_ids[1:]
        with self.assertRaises(ValidationError) as caught:
            contract.action_activate()
        self.assertIn(mobile.name, str(caught.exception))
        self.assertIn(fixed.name, str(caught.exception))
        self.assertNotIn(self.fibre.name, str(caught.exception))
        with self.assertRaises(ValidationError):
            mobile.action_request_activate()
        with self.assertRaises(ValidationError):
            self.env["bss.service.order"].create({"service_id": mobile.id, "action": "activate"})
        # a login is no number, and neither is one that comes later
        login = self.env["bss.service.identifier"].create(
            {"service_id": mobile.id, "kind": "login", "value": "jan", "date_start": date(2026, 10, 1)}
        )
        login.copy({"kind": "msisdn", "value": "600100301", "date_start": date(2026, 10, 6)})
        fixed.new_identifier = "24 477 01 01"
        with self.assertRaises(ValidationError) as caught:
            contract.action_activate()
        self.assertNotIn(fixed.name, str(caught.exception))
        mobile.identifier_ids.filtered(lambda one: one.kind == "msisdn").date_start = contract.date_start
        contract.action_activate()
        self.assertEqual(contract.open_order_count, 3)
        self.assertEqual(contract.action_view_open_orders()["res_model"], "bss.service.order")
        contract.service_ids.order_ids._bss_done(effective=date(2026, 10, 5))
        self.assertEqual(contract.open_order_count, 0)

    def test_number_written_beside_the_service(self):
        contract = self.make_draft([self.fibre, self.mobile])
        internet, mobile = contract.service_ids
        internet.new_identifier = "jan.kowalski"
        mobile.new_identifier = "600 100 302"
        self.assertEqual((internet.identifier_ids.kind, mobile.identifier_ids.kind), ("login", "msisdn"))
        self.assertEqual(mobile.identifier_ids.date_start, contract.date_start)
        mobile.new_identifier = "600 100 303"
        self.assertEqual(mobile.identifier_ids.mapped("value"), ["48600100303"])
        mobile.new_identifier = False
        self.assertFalse(mobile.identifier_ids)
        mobile.state = "active"
        with self.assertRaises(ValidationError):
            mobile.new_identifier = "600 100 304"

    def test_pending_service_is_cancelled_with_the_contract(self):
        contract = self.make_draft([self.fibre])
        contract.service_ids.date_start = date(2026, 10, 5)
        contract.action_activate()
        contract.action_terminate(date(2026, 10, 20))
        self.assertEqual(contract.service_ids.order_ids.mapped("state"), ["cancelled"])
        self.assertEqual(contract.service_ids.state, "terminated")
        run = self.bill()
        self.assertEqual(run.amount_total, 0)

    def test_bundle_is_spread_over_its_parts(self):
        contract = self.make_draft([self.bundle])
        head = contract.service_ids.filtered("child_ids")
        parts = head.child_ids
        self.assertEqual(head.price_unit, 0)
        # 80.00 in proportion to 53.10 and 31.20
        self.assertEqual(parts.mapped("price_unit"), [50.39, 29.61])
        contract.action_activate()
        self.assertEqual(contract.service_ids.order_ids.service_id, parts)
        parts.order_ids._bss_done(effective=date(2026, 10, 5))
        self.assertEqual((head.state, head.date_start), ("active", date(2026, 10, 5)))
        run = self.bill(date_start=date(2026, 10, 1), date_end=date(2026, 10, 31))
        self.assertEqual(len(run.charge_ids), 2)
        head._bss_end(date(2026, 10, 31), "notice")
        self.assertEqual(set(parts.mapped("date_end")), {date(2026, 10, 31)})

    def test_one_service_ends_by_an_annex(self):
        account = self.make_subscriber(products=[self.fibre, self.mobile])
        service = account.service_ids[1]
        action = service.action_request_terminate()
        change = self.env[action["res_model"]].browse(action["res_id"])
        change.date_effective = date(2026, 11, 11)
        change.action_confirm()
        self.assertEqual(service.date_end, date(2026, 11, 10))
        self.assertFalse(account.service_ids[0].date_end)
        self.assertEqual(account.contract_ids.state, "active")

    def test_screens_of_a_clerk(self):
        """From nothing to an ordered activation with the forms alone."""
        clerk = new_test_user(
            self.env, "contracts_form_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id
        )
        env = self.env(user=clerk)
        form = Form(env["bss.account"])
        form.partner_id = env["res.partner"].create({"name": "Maria Nowa"})
        form.bill_cycle_id = self.cycle.with_env(env)
        account = form.save()
        form = Form(env["bss.contract"].with_context(default_account_id=account.id))
        form.term_months = 12
        with form.service_ids.new() as line:
            line.product_id = self.bundle.with_env(env)
        with form.service_ids.new() as line:
            line.product_id = self.mobile.with_env(env)
            line.new_identifier = "600 700 800"
        contract = form.save()
        self.assertEqual(len(contract.service_ids), 4)
        service = contract.service_ids.filtered(lambda one: one.product_id == self.mobile)
        self.assertEqual(service.main_identifier, "48600700800")
        with Form(service) as form, form.identifier_ids.edit(0) as line:
            line.value = "600 700 801"
        contract.action_activate()
        self.assertEqual(len(contract.service_ids.order_ids), 3)
        self.assertEqual(service.main_identifier, "48600700801")

    def test_every_new_form_opens(self):
        models = ("account", "bill.cycle", "bill.run", "charge", "contract", "device", "service", "service.order")
        for model in models:
            with self.subTest(model=model):
                Form(self.env[f"bss.{model}"])  # raises on a broken view, default or onchange

    def test_service_name_and_rate_plan(self):
        contract = self.make_draft([self.mobile])
        service = contract.service_ids
        self.assertEqual(service.name, "Offering T-MOB")
        service.identifier_ids = [
            Command.create({"kind": "imsi", "value": "260011234567890", "date_start": date(2026, 10, 5)}),
            Command.create({"kind": "msisdn", "value": "+48 600 100 200", "date_start": date(2026, 10, 5)}),
        ]
        self.assertEqual(service.name, "Offering T-MOB 48600100200")
        self.assertEqual(service.main_identifier, "48600100200")
        self.assertIn(service, self.env["bss.service"].search([("display_name", "ilike", "600100200")]))


@tagged("post_install", "-at_install")
class TestIdentifier(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.make_subscriber("First").service_ids
        cls.second = cls.make_subscriber("Second").service_ids
        cls.identifiers = cls.env["bss.service.identifier"]

    def give(self, service, value="600100200", start=date(2026, 1, 1), end=False, kind="msisdn"):
        return self.identifiers.create(
            {"service_id": service.id, "kind": kind, "value": value, "date_start": start, "date_end": end}
        )

    def test_normalised(self):
        self.assertEqual(self.give(self.first, "+48 600-100-200").value, "48600100200")
        one = self.give(self.first, "600100201")
        one.value = "600 100 202"
        self.assertEqual(one.value, "48600100202")
        with self.assertRaises(ValidationError):
            self.give(self.first, "nonsense")
        self.assertEqual(one.company_id, self.company)

    def test_no_overlap_in_time(self):
        self.give(self.first, end=date(2026, 6, 30))
        with self.assertRaises(ValidationError):
            self.give(self.second, start=date(2026, 6, 30))
        later = self.give(self.second, start=date(2026, 7, 1))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.give(self.first, start=date(2026, 8, 1))
        with self.assertRaises(ValidationError):
            later.date_start = date(2026, 6, 1)

    def test_number_moves_on_in_one_go(self):
        old = self.give(self.first)
        old.date_end = date(2026, 6, 30)
        self.give(self.second, start=date(2026, 7, 1))
        find = self.identifiers._bss_find_service
        self.assertEqual(find(self.company, "msisdn", "600100200", date(2026, 6, 30)), self.first)
        self.assertEqual(find(self.company, "msisdn", "48600100200", date(2026, 7, 1)), self.second)
        self.assertFalse(find(self.company, "msisdn", "48600100200", date(2025, 7, 1)))

    def test_termination_frees_the_number(self):
        self.give(self.first)
        self.first._bss_end(date(2026, 10, 31), "notice")
        self.first.order_ids.action_confirm_done()
        self.assertEqual(self.first.identifier_ids.date_end, date(2026, 10, 31))
        self.give(self.second, start=date(2026, 11, 1))


@tagged("post_install", "-at_install")
class TestServiceOrder(ContractsCommon):
    def request(self, services, action, **kwargs):
        return self.env["bss.service.order"]._bss_request(services, action, "debt", **kwargs)

    def test_same_order_is_not_doubled(self):
        services = (self.make_subscriber("A") | self.make_subscriber("B")).service_ids
        first = self.request(services[0], "suspend")
        both = self.request(services, "suspend")
        self.assertEqual(len(both), 2)
        self.assertIn(first, both)
        first.action_confirm_done()
        self.assertEqual(services[0].state, "suspended")
        self.assertNotEqual(self.request(services[0], "suspend"), first)
        messages = self.request(services, "message", text="Pay") | self.request(services, "message", text="Pay")
        self.assertEqual(len(messages), 4)
        self.assertEqual(len(set(messages.mapped("idempotency_key"))), 4)

    def test_restrict_and_resume(self):
        service = self.make_subscriber().service_ids
        self.request(service, "restrict").action_confirm_done()
        self.assertTrue(service.is_restricted)
        self.assertEqual(service.state, "active")
        self.request(service, "resume").action_confirm_done()
        self.assertFalse(service.is_restricted)

    def test_orders_that_make_no_sense_are_not_made(self):
        service = self.make_subscriber().service_ids
        self.assertFalse(self.request(service, "resume"))
        self.assertFalse(self.request(service, "activate"))
        late = self.request(service, "suspend")
        self.assertTrue(self.request(service, "resume"))
        service._bss_end(date(2026, 10, 31), "notice")
        service.order_ids.filtered(lambda order: order.action == "terminate").action_confirm_done()
        late._bss_done()
        self.assertEqual(service.state, "terminated")
        self.assertFalse(self.request(service, "suspend"))

    def test_failure_and_repeat(self):
        service = self.make_subscriber().service_ids
        order = self.request(service, "suspend")
        order._bss_failed("no answer")
        self.assertEqual((order.state, order.response, service.state), ("failed", "no answer", "active"))
        key = order.idempotency_key
        order.action_queue()
        order.action_confirm_done()
        self.assertEqual((order.state, order.idempotency_key, service.state), ("done", key, "suspended"))
        with self.assertRaises(UserError):
            order.action_cancel()
        with self.assertRaises(UserError):
            order.action_confirm_done()

    @freeze_time("2026-11-21 12:00:00")
    def test_charges_begin_when_the_network_confirms(self):
        account = self.make_account()
        contract = self.env["bss.contract"].create({"account_id": account.id, "date_start": date(2026, 10, 1)})
        planned, other = (self.make_service(contract, self.fibre, state="pending") for _ in range(2))
        planned.date_start = date(2026, 10, 1)
        contract.action_activate()
        self.assertEqual(set(contract.service_ids.order_ids.mapped("date_valid_from")), {date(2026, 10, 1)})
        planned.order_ids.action_confirm_done()
        self.assertEqual((planned.date_start, planned.order_ids.date_effective), (date(2026, 11, 21),) * 2)
        self.bill(date_start=date(2026, 11, 1), date_end=date(2026, 11, 30))
        self.assertEqual(planned.charge_ids.mapped("date_start"), [date(2026, 11, 21)])
        # the dialogue: done some days ago, said today
        wizard = Form(self.env["bss.order.done.wizard"].with_context(**other.order_ids.action_ask_done()["context"]))
        self.assertEqual(wizard.date_effective, date(2026, 11, 21))
        wizard.date_effective = date(2026, 11, 18)
        wizard.save().action_confirm()
        self.assertEqual((other.state, other.date_start), ("active", date(2026, 11, 18)))

    @freeze_time("2026-11-21 23:30:00")
    def test_days_of_the_network_are_polish(self):
        account = self.make_account()
        contract = self.env["bss.contract"].create({"account_id": account.id, "date_start": date(2026, 10, 1)})
        ahead, now, future = (self.make_service(contract, self.fibre, state="pending") for _ in range(3))
        ahead.date_start = date(2026, 12, 1)
        contract.action_activate()
        (ahead | now).order_ids._bss_done()
        self.assertEqual(now.date_start, date(2026, 11, 22))
        self.assertEqual(ahead.date_start, date(2026, 12, 1), "never charged from before the day ordered")
        wizard = self.env["bss.order.done.wizard"]
        with self.assertRaises(UserError):
            wizard.create({"order_ids": future.order_ids.ids, "date_effective": date(2026, 11, 23)})

    def test_termination_without_an_agreed_day_ends_when_done(self):
        service = self.make_subscriber(charged_through=date(2026, 10, 31)).service_ids
        self.bill()
        order = self.request(service, "terminate", valid_from=date(2026, 11, 10))
        order._bss_done(effective=date(2026, 11, 16))
        self.assertEqual((service.state, service.date_end), ("terminated", date(2026, 11, 15)))
        correction = service.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual(correction.amount, -29.5)

    def test_resume_supersedes_an_open_suspension(self):
        """Paid in time: whichever order the technician confirms first, the service runs."""
        for first in ("suspend", "resume"):
            with self.subTest(first=first):
                service = self.make_subscriber().service_ids
                block = self.request(service, "suspend", valid_from=date(2026, 11, 16))
                resume = self.request(service, "resume", valid_from=date(2026, 11, 10))
                self.assertEqual((block.state, block.superseded_by_id), ("cancelled", resume))
                self.assertIn(resume.name, block.response)
                for order in (block, resume) if first == "suspend" else (resume, block):
                    order._bss_done(response="OK")
                self.assertEqual(service.state, "active")
                self.assertEqual((block.state, resume.state), ("cancelled", "done"))

    def test_older_block_confirmed_after_the_resume_changes_nothing(self):
        for action in ("suspend", "restrict"):
            with self.subTest(action=action):
                service = self.make_subscriber().service_ids
                block = self.request(service, action)
                resume = self.request(service, "resume")
                block.write({"state": "sent", "superseded_by_id": False})  # as a network that was not told
                resume.action_confirm_done()
                block.action_confirm_done()
                self.assertEqual((service.state, service.is_restricted), ("active", False))
                self.assertEqual((block.state, block.superseded_by_id), ("done", resume))
                self.assertIn(resume.name, block.response)

    def test_both_confirmed_together_follow_their_sequence(self):
        service = self.make_subscriber().service_ids
        block = self.request(service, "suspend")
        resume = self.request(service, "resume")
        block.write({"state": "sent", "superseded_by_id": False})
        (resume | block).action_confirm_done()
        self.assertEqual((service.state, block.superseded_by_id.id), ("active", False))

    def test_suspension_supersedes_an_open_resume(self):
        service = self.make_subscriber().service_ids
        self.request(service, "suspend").action_confirm_done()
        resume = self.request(service, "resume")
        again = self.request(service, "suspend")
        self.assertEqual((resume.state, resume.superseded_by_id), ("cancelled", again))
        again.action_confirm_done()
        resume._bss_done()
        self.assertEqual(service.state, "suspended")

    @freeze_time("2026-11-21")
    def test_planned_absence_is_not_superseded_by_its_own_end(self):
        service = self.make_subscriber().service_ids
        away = self.request(service, "suspend", valid_from=date(2026, 12, 1))
        back = self.request(service, "resume", valid_from=date(2026, 12, 31))
        self.assertEqual((away.state, back.state), ("queued", "queued"))

    @freeze_time("2026-11-21")
    def test_block_that_was_never_sent_is_just_withdrawn(self):
        service = self.make_subscriber().service_ids
        block = self.request(service, "suspend")
        block.write({"state": "queued", "sent_at": False})
        self.assertFalse(self.request(service, "resume"))
        self.assertEqual(block.state, "cancelled")

    @freeze_time("2026-11-21")
    def test_postponed_termination_moves_the_switch_off(self):
        service = self.make_subscriber().service_ids
        service._bss_end(date(2026, 11, 20), "notice")
        order = service.order_ids
        self.assertEqual((order.state, order.date_valid_from), ("sent", date(2026, 11, 21)))
        service._bss_end(date(2026, 12, 31), "notice withdrawn", extend=True)
        self.assertEqual(service.order_ids, order)
        self.assertEqual((order.state, order.date_valid_from), ("queued", date(2027, 1, 1)))
        self.env["bss.service.order"]._cron_dispatch()
        self.assertEqual((order.state, service.state), ("queued", "active"))
        service._bss_end(date(2026, 11, 20), "sooner again")
        self.assertEqual((order.state, order.date_valid_from), ("sent", date(2026, 11, 21)))

    @freeze_time("2026-11-21")
    def test_an_agreed_end_is_not_postponed_by_another_one(self):
        service = self.make_subscriber().service_ids
        service._bss_end(date(2026, 11, 30), "notice")
        service._bss_end(date(2026, 12, 31), "moved away")
        self.assertEqual(service.date_end, date(2026, 11, 30))
        self.assertEqual(service.order_ids.date_valid_from, date(2026, 12, 1))
        service._bss_end(date(2026, 11, 25), "moved away sooner")
        self.assertEqual(service.date_end, date(2026, 11, 25))
        self.assertEqual(service.order_ids.date_valid_from, date(2026, 11, 26))
        service._bss_end(date(2026, 12, 31), "stays a month longer", extend=True)
        self.assertEqual(service.date_end, date(2026, 12, 31))
        self.assertEqual(service.order_ids.date_valid_from, date(2027, 1, 1))

    @freeze_time("2026-11-21")
    def test_a_bundle_ends_each_part_on_its_own_earlier_day(self):
        tv = self.make_offering("T-TV", 39.0, service="tv")
        parts = [Command.create({"product_id": one.id}) for one in (self.fibre, tv)]
        bundle = self.make_offering("T-DUO", bss_is_bundle=True, bss_bundle_line_ids=parts)
        head = self.make_subscriber(products=[bundle]).service_ids.filtered("child_ids")
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        first, second = head.child_ids
        first._bss_end(date(2026, 11, 30), "notice")
        head._bss_end(date(2026, 12, 31), "moved away")
        self.assertEqual((first.date_end, second.date_end), (date(2026, 11, 30), date(2026, 12, 31)))

    @freeze_time("2026-11-21")
    def test_postponed_end_of_a_contract_moves_the_switch_off(self):
        account = self.make_subscriber()
        account.contract_ids.action_terminate(date(2026, 11, 30))
        account.contract_ids.action_terminate(date(2026, 12, 31))
        self.assertEqual(account.contract_ids.date_end, date(2026, 12, 31))
        orders = account.service_ids.order_ids.filtered(lambda order: order.state != "cancelled")
        self.assertEqual(orders.date_valid_from, date(2027, 1, 1))

    @freeze_time("2026-11-21")
    def test_future_order_waits_for_its_day(self):
        order = self.request(self.make_subscriber().service_ids, "suspend", valid_from=date(2026, 11, 25))
        self.assertEqual(order.state, "queued")
        with freeze_time("2026-11-25 06:00:00"):
            self.env["bss.service.order"]._cron_dispatch()
        self.assertEqual(order.state, "sent")


@tagged("post_install", "-at_install")
class TestDevice(ContractsCommon):
    def test_lent_device(self):
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        service = self.make_subscriber().service_ids
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R1", "mac": "aabb.ccdd.ee0f", "service_id": service.id}
        )
        self.assertEqual(device.mac, "AA:BB:CC:DD:EE:0F")
        self.assertEqual(device.account_id, service.account_id)
        device.action_hand_over()
        device.action_return()
        device.action_to_stock()
        self.assertFalse(device.account_id)
        with self.assertRaises(UserError):
            device.action_hand_over()
        with self.assertRaises(ValidationError):
            device.state = "at_customer"
        with self.assertRaises(ValidationError):
            device.mac = "12"
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["bss.device"].create({"product_id": router.id, "serial": "R1"})
