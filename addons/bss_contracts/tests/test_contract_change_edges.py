"""Changes that meet other changes: ends over ends, undoing what became real, what an assignment carries over."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..private_context import PROJECTION
from .contract_change_common import TODAY
from .test_contract_change_end import EndCommon


class EdgeCommon(EndCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.heir = cls.make_account(name="Ewa Lis")

    def assign(self, day=date(2026, 12, 11), **vals):
        change = self.make_change("assignment", day, **{"new_account_id": self.heir.id, **vals})
        change.action_confirm()
        return change

    def add_tv(self, day):
        change = self.make_change("annex", day, [{"action": "add", "product_id": self.tv.id}])
        change.action_confirm()
        return change

    def remove_internet(self, day):
        change = self.make_change("annex", day, [{"action": "remove", "service_id": self.internet.id}])
        change.action_confirm()
        return change

    def twin(self, service):
        return service.successor_ids

    def charged(self, service, month):
        charges = service.charge_ids.filtered(
            lambda one: one.state != "cancelled" and (one.date_start.year, one.date_start.month) == month
        )
        return round(sum(charges.mapped("amount")), 2)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestEndOverEnd(EdgeCommon):
    def test_an_agreed_end_never_moves_later(self):
        self.with_term()
        remove = self.remove_internet(date(2026, 12, 1))
        end = self.terminate(date_last=date(2026, 12, 31))
        end.action_confirm()
        self.assertEqual(self.internet.date_end, date(2026, 11, 30))
        self.assertEqual(self.phone.date_end, date(2026, 12, 31))
        self.assertEqual(remove.charge_ids.mapped("amount"), [260.38])
        self.assertFalse(end.charge_ids)
        order = self.internet.order_ids
        self.assertEqual((order.date_valid_from, order.change_id), (date(2026, 12, 1), remove))
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(self.charged(self.phone, (2026, 12)), 30.0)
        recurring = self.internet.charge_ids.filtered(lambda one: one.kind == "recurring")
        self.assertFalse(recurring)
        with self.assertRaisesRegex(UserError, "build on"), self.env.cr.savepoint():
            remove.action_undo()  # the termination left the service alone because of it
        end.action_undo()
        self.assertEqual((self.internet.date_end, self.phone.date_end), (date(2026, 11, 30), False))
        remove.action_undo()
        self.assertFalse(self.internet.date_end)

    def test_not_switched_off_yet_is_ended_all_the_same(self):
        self.with_term()
        self.remove_internet(date(2026, 12, 1))
        with freeze_time("2026-12-03 09:00:00"):
            self.assertEqual(self.internet.state, "active")  # the network has not answered
            end = self.terminate(date_last=date(2026, 12, 31))
            end.action_confirm()
        self.assertEqual(self.internet.date_end, date(2026, 11, 30))
        self.assertFalse(end.charge_ids)

    def test_part_of_a_bundle_that_ends_earlier(self):
        head = self.make_service(self.contract, self.make_bundle(), state="active", date_start=date(2026, 1, 1))
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        first, second = head.child_ids
        self.make_change("annex", date(2026, 12, 1), [{"action": "remove", "service_id": first.id}]).action_confirm()
        whole = self.make_change("annex", date(2027, 1, 1), [{"action": "remove", "service_id": head.id}])
        whole.action_confirm()
        self.assertEqual((first.date_end, second.date_end), (date(2026, 11, 30), date(2026, 12, 31)))
        self.assertEqual(whole.order_ids.service_id, second)
        self.assertEqual(first.order_ids.date_valid_from, date(2026, 12, 1))

    def test_a_service_agreed_to_begin_before_the_end_still_runs(self):
        tv = self.add_tv(date(2026, 12, 1)).line_ids.service_id
        end = self.terminate(date_last=date(2027, 3, 31))
        end.action_confirm()
        self.assertEqual((tv.state, tv.date_start, tv.date_end), ("pending", date(2026, 12, 1), date(2027, 3, 31)))
        orders = {one.action: (one.state, one.date_valid_from) for one in tv.order_ids}
        self.assertEqual(orders, {"activate": ("queued", date(2026, 12, 1)), "terminate": ("queued", date(2027, 4, 1))})
        with freeze_time("2026-12-01 09:00:00"):
            tv._bss_apply_order("activate", date(2026, 12, 1))
            self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
            self.assertEqual(self.charged(tv, (2026, 12)), 39.0)
            end.action_undo()
        self.assertEqual((tv.state, tv.date_start, tv.date_end), ("active", date(2026, 12, 1), False))
        self.assertEqual(tv.order_ids.filtered(lambda one: one.action == "terminate").state, "cancelled")

    def test_never_activated_by_the_end(self):
        tv = self.add_tv(date(2026, 12, 1)).line_ids.service_id
        self.terminate(date_last=date(2026, 12, 31)).action_confirm()
        self.finish("2027-01-01")
        self.assertEqual((self.contract.state, tv.state, tv.date_start), ("terminated", "terminated", False))
        self.assertEqual(set(tv.order_ids.mapped("state")), {"cancelled"})
        self.assertFalse(tv.charge_ids)

    def test_nothing_is_added_to_a_contract_that_ends(self):
        self.terminate(date_last=date(2026, 12, 31)).action_confirm()
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": self.tv.id}])
        self.assertRefused(change, "Undo it first")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestUndoEdges(EdgeCommon):
    def test_an_activated_service_is_not_undone(self):
        change = self.add_tv(date(2026, 12, 10))
        tv = change.line_ids.service_id
        with freeze_time("2026-12-05 09:00:00"):
            change.order_ids._bss_done()
            self.assertEqual(tv.state, "active")
            with self.assertRaisesRegex(UserError, "Activated already"), self.env.cr.savepoint():
                change.action_undo()
            self.assertEqual(change.state, "confirmed")
            away = self.make_change("annex", date(2026, 12, 10), [{"action": "remove", "service_id": tv.id}])
            away.action_confirm()
        self.assertEqual(tv.date_end, date(2026, 12, 9))

    def test_half_activated_bundle_is_not_undone(self):
        change = self.make_change("annex", date(2026, 12, 1), [{"action": "add", "product_id": self.make_bundle().id}])
        change.action_confirm()
        change.line_ids.service_id.child_ids[0]._bss_apply_order("activate", date(2026, 12, 1))
        with self.assertRaisesRegex(UserError, "Activated already"), self.env.cr.savepoint():
            change.action_undo()

    def last_days(self):
        """What the end of the internet on 10 December costs: its last period in full, and the fee."""
        fee = self.make_offering("T-OFF", 100.0, kind="one_off", service="internet")
        copy = self.make_offering(
            "T-NETF", 59.0, service="internet", bss_proration_last="none", bss_termination_product_id=fee.id
        )
        self.internet.with_context(bss_projection=PROJECTION).product_id = copy
        self.internet.with_context(bss_projection=PROJECTION).price_unit = 59.0

    def test_undone_assignment_leaves_no_heirs(self):
        self.last_days()
        change = self.assign()
        change.action_undo()
        self.assertFalse(self.internet.successor_ids)
        self.assertEqual(change.result_contract_id.predecessor_id, self.contract)
        self.terminate(date_last=date(2026, 12, 10)).action_confirm()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        with freeze_time("2026-12-11 09:00:00"):
            self.internet._bss_apply_order("terminate", date(2026, 12, 11))
        self.assertEqual(sorted(self.internet.charge_ids.mapped("amount")), [59.0, 100.0])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDuringAssignment(EdgeCommon):
    def test_what_would_be_lost_is_refused(self):
        self.assign()
        day = date(2026, 12, 5)
        remove = {"action": "remove", "service_id": self.internet.id}
        self.assertRefused(self.make_change("annex", day, [remove]), "assigned from")
        number = {"action": "number", "service_id": self.phone.id, "new_identifier": self.next_msisdn()}
        self.assertRefused(self.make_change("number", day, [number]), "assigned from")
        self.assertRefused(self.make_change("renewal", day, new_term_months=24), "assigned from")

    def test_what_it_was_counted_with_is_not_undone(self):
        upgrade = self.upgrade(day=date(2026, 12, 5))
        upgrade.action_confirm()
        remove = self.make_change("annex", date(2026, 12, 8), [{"action": "remove", "service_id": self.phone.id}])
        remove.action_confirm()
        change = self.assign()
        with self.assertRaisesRegex(UserError, "build on"), self.env.cr.savepoint():
            remove.action_undo()
        later = self.make_change(
            "price",
            date(2026, 12, 20),
            [{"action": "price", "service_id": self.twin(self.internet).id, "price_unit": 95.0}],
            contract=change.result_contract_id,
        )
        self.finish("2026-12-05")
        self.assertEqual(upgrade.state, "done")
        later.action_confirm()
        with self.assertRaisesRegex(UserError, "build on"), self.env.cr.savepoint():
            change.action_undo()
        later.action_undo()
        change.action_undo()
        self.assertEqual(self.price_on(self.internet, date(2026, 12, 31)), 89.0)

    def test_what_is_over_before_the_day_is_not(self):
        self.assign()
        self.make_change("suspension", date(2026, 12, 1), date_end=date(2026, 12, 8)).action_confirm()
        self.make_change("address", date(2026, 12, 2), new_email="jan@example.com").action_confirm()
        self.assertFalse(self.twin(self.internet).suspension_ids)

    def test_a_technical_block_goes_over(self):
        self.assign()
        with freeze_time("2026-12-03 09:00:00"):
            self.internet._bss_apply_order("suspend", date(2026, 12, 3), "technical")
        self.finish("2026-12-11")
        twin = self.twin(self.internet)
        self.assertEqual((twin.state, self.twin(self.phone).state), ("suspended", "active"))
        row = twin.suspension_ids
        self.assertEqual((row.date_start, row.date_end, row.cause), (date(2026, 12, 11), False, "technical"))
        with freeze_time("2026-12-13 09:00:00"):
            twin._bss_apply_order("resume", date(2026, 12, 13))
        self.assertEqual((twin.state, row.date_end), ("active", date(2026, 12, 12)))

    def test_the_debt_of_the_old_customer_does_not_block_the_new_one(self):
        self.assign()
        with freeze_time("2026-12-03 09:00:00"):
            self.internet._bss_apply_order("suspend", date(2026, 12, 3), "debt")
        self.finish("2026-12-11")
        twin = self.twin(self.internet)
        self.assertEqual(twin.suspension_ids.cause, "technical")
        order = twin.order_ids.filtered(lambda one: one.action == "resume")
        self.assertEqual(order.date_valid_from, date(2026, 12, 11))
        with freeze_time("2026-12-11 09:00:00"):
            order._bss_done()
        self.assertEqual((twin.state, twin.suspension_ids.ids), ("active", []))

    def test_a_planned_resume_goes_over(self):
        away = self.make_change(
            "suspension",
            date(2026, 12, 1),
            date_end=date(2026, 12, 20),
            charge_percent=0.0,
            service_ids=[Command.set(self.internet.ids)],
        )
        away.action_confirm()
        change = self.assign()
        with freeze_time("2026-12-01 09:00:00"):
            away.order_ids.filtered(lambda one: one.action == "suspend")._bss_done()
        self.finish("2026-12-11")
        twin = self.twin(self.internet)
        self.assertEqual((change.state, twin.state), ("done", "suspended"))
        self.assertEqual(
            [(one.date_start, one.date_end, one.cause) for one in twin.suspension_ids],
            [(date(2026, 12, 11), date(2026, 12, 20), "request")],
        )
        order = twin.order_ids.filtered(lambda one: one.action == "resume")
        self.assertEqual((order.state, order.date_valid_from), ("queued", date(2026, 12, 21)))

    def test_ports_and_characteristics_go_over(self):
        kind = self.env["bss.characteristic"].create(
            {"name": "Profil", "code": "T_PROFILE", "value_type": "text", "is_configurable": True}
        )
        self.fibre.product_tmpl_id.bss_characteristic_ids = [
            Command.create({"characteristic_id": kind.id, "value": "A"})
        ]
        self.internet._bss_fill_characteristics()
        self.internet.characteristic_ids.value = "B"
        node = self.env["bss.network.node"].create({"code": "OLT-X", "name": "OLT", "kind": "olt"})
        good, bad = self.env["bss.network.port"].create(
            [{"node_id": node.id, "name": name, "service_id": self.internet.id} for name in ("1/1", "1/2")]
        )
        bad.state = "faulty"
        self.assign()
        self.finish("2026-12-11")
        twin = self.twin(self.internet)
        self.assertEqual((good.service_id, good.state), (twin, "used"))
        self.assertEqual((bad.service_id.ids, bad.state), ([], "faulty"))
        self.assertEqual(twin.characteristic_ids.mapped("value"), ["B"])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAtTheirDay(EdgeCommon):
    def test_the_contract_runs_again_after_a_suspension_with_an_end(self):
        change = self.make_change("suspension", date(2026, 12, 1), date_end=date(2026, 12, 10), charge_percent=0.0)
        change.action_confirm()
        self.finish("2026-12-01")
        with freeze_time("2026-12-01 09:00:00"):
            change.order_ids.filtered(lambda one: one.action == "suspend")._bss_done()
        self.assertEqual(self.contract.state, "suspended")
        first, second = change.order_ids.filtered(lambda one: one.action == "resume")
        with freeze_time("2026-12-11 09:00:00"):
            first._bss_done()
            self.assertEqual(self.contract.state, "suspended")
            second._bss_done()
        self.assertEqual(self.contract.state, "active")

    def test_the_cron_finds_a_contract_left_suspended(self):
        self.contract.state = "suspended"
        self.internet._bss_suspend(date(2026, 11, 1), date(2026, 11, 25), "request")
        self.finish("2026-11-25")
        self.assertEqual(self.contract.state, "suspended")
        self.finish("2026-11-26")
        self.assertEqual(self.contract.state, "active")

    def test_a_relocation_frees_the_port_of_the_old_place(self):
        places = self.env["bss.location"]
        old, new = places.create(
            [{"name": name, "kind": "building", "city": "Kutno", "has_fibre": True} for name in ("Lipowa 1", "Polna 2")]
        )
        self.internet._bss_set_version(date(2026, 1, 1), {"location_id": old})
        node = self.env["bss.network.node"].create({"code": "OLT-X", "name": "OLT", "kind": "olt"})
        port = self.env["bss.network.port"].create(
            {"node_id": node.id, "name": "1/1", "location_id": old.id, "service_id": self.internet.id}
        )
        change = self.make_change(
            "relocation", date(2026, 12, 3), [{"service_id": self.internet.id}], location_id=new.id
        )
        change.action_confirm()
        self.assertEqual(port.state, "used")
        self.finish("2026-12-03")
        self.assertEqual((change.state, port.state, port.service_id.ids), ("done", "free", []))
        self.assertIn("Polna 2", change.activity_ids.note)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTerminateButton(EdgeCommon):
    def draft(self, services):
        action = services.action_request_terminate()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_a_service_ends_by_an_annex(self):
        self.with_term()
        change = self.draft(self.internet)
        self.assertEqual((change.kind, change.state, change.contract_id), ("annex", "draft", self.contract))
        self.assertEqual(change.line_ids.mapped(lambda one: (one.action, one.service_id)), [("remove", self.internet)])
        self.assertFalse(self.internet.date_end)
        change.date_effective = date(2026, 12, 11)
        change.action_preview()
        self.assertEqual(change.claw_back_amount, 253.80)
        change.action_confirm()
        self.assertEqual(self.internet.date_end, date(2026, 12, 10))
        self.assertEqual(change.charge_ids.amount, 253.80)
        self.assertTrue(change.document_id)
        self.assertEqual(self.contract.revision, 1)

    def test_the_last_service_ends_by_a_termination(self):
        change = self.draft(self.internet | self.phone)
        self.assertEqual((change.kind, change.contract_id, change.line_ids.ids), ("termination", self.contract, []))
        self.phone.date_end = date(2026, 11, 30)
        with freeze_time("2026-12-01 09:00:00"):
            self.assertEqual(self.draft(self.internet).kind, "termination")

    def test_bundle_with_its_parts_is_one_line(self):
        head = self.make_service(self.contract, self.make_bundle(), state="active", date_start=date(2026, 1, 1))
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        change = self.draft(head | head.child_ids)
        self.assertEqual(change.line_ids.service_id, head)

    def test_one_contract_at_a_time(self):
        other = self.make_subscriber(name="Jan Zima").service_ids
        with self.assertRaisesRegex(UserError, "one contract"):
            (self.internet | other).action_request_terminate()
        pending = self.make_service(self.contract, self.tv, state="pending")
        with self.assertRaisesRegex(UserError, "not active yet"):
            (self.internet | pending).action_request_terminate()

    def test_the_dialogue_only_cancels_what_never_ran(self):
        clerk = new_test_user(self.env, "e_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id)
        pending = self.make_service(self.contract, self.tv, state="pending")
        self.env["bss.service.order"]._bss_request(pending, "activate", "new", valid_from=date(2026, 12, 1))
        action = pending.action_request_terminate()
        wizards = self.env[action["res_model"]].with_user(clerk)
        Form(wizards.with_context(**action["context"])).save().action_end()
        self.assertEqual((pending.state, pending.order_ids.state), ("terminated", "cancelled"))
        self.assertEqual(self.contract.revision, 1)
        with self.assertRaisesRegex(UserError, "annex"):
            wizards.create({"service_ids": [Command.set(self.internet.ids)]}).action_end()
        self.assertFalse(self.internet.date_end)
