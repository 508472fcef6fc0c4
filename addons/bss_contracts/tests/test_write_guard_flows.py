"""What nobody writes by hand happens all the same when a clerk presses the buttons."""

from datetime import date

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .contract_change_common import TODAY
from .test_write_guard import GuardCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestFlowsOfAClerk(GuardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.bss_deposit_account_id = cls.env["account.account"].create(
            {"name": "Kaucje", "code": "249008", "account_type": "liability_current", "company_ids": cls.company.ids}
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Ewa Zielińska", "bss_customer_kind": "consumer", "country_id": cls.env.ref("base.pl").id}
        )
        cls.caution = cls.make_offering("T-KAUCJA", 150.0, kind="deposit")

    def setUp(self):
        super().setUp()
        self.clerk = self.user("clerk")
        self.as_clerk = self.env(user=self.clerk.id)

    def change(self, kind, day=None, lines=(), contract=None, **vals):
        """A change that the clerk drafts, previews and confirms."""
        change = self.make_change(kind, day, lines, contract, **vals).with_user(self.clerk)
        change.action_preview()
        self.assertFalse(change.preview_refused, change.preview_html)
        change.action_confirm()
        return change

    def confirm(self, services, action):
        """The clerk says in the dialogue that the network did the open orders of the services."""
        orders = services.order_ids.filtered(
            lambda order: order.action == action and order.state in ("draft", "queued", "sent")
        ).with_user(self.clerk)
        self.assertTrue(orders)
        dialogue = orders.action_ask_done()
        wizard = self.as_clerk["bss.order.done.wizard"].with_context(**dialogue["context"]).create({})
        wizard.action_confirm()
        self.assertEqual(set(orders.mapped("state")), {"done"})

    def test_from_the_offer_to_the_end(self):
        contract = self.accepted()
        self.assertEqual((contract.state, contract.service_ids.state), ("active", "pending"))
        internet = contract.service_ids
        self.confirm(internet, "activate")
        self.assertEqual((internet.state, internet.date_start), ("active", date(2026, 11, 21)))
        annex = self.change(
            "annex",
            date(2026, 11, 21),
            [
                {"action": "change", "service_id": internet.id, "product_id": self.fast.id},
                {"action": "add", "product_id": self.tv.id},
                {"action": "add", "product_id": self.make_bundle().id, "price_unit": 128.0},
            ],
            contract,
        )
        self.assertEqual(annex.state, "done")
        self.assertEqual(internet.product_id, self.fast)
        added = contract.service_ids._bss_without_heads() - internet
        self.assertEqual(set(added.mapped("state")), {"pending"})
        self.confirm(added, "activate")
        self.assertEqual(set(contract.service_ids.mapped("state")), {"active"})
        self.suspended_and_resumed(contract)
        self.ended(contract)

    def accepted(self):
        line = {
            "product_id": self.fibre.id,
            "quantity": 1.0,
            "price_unit": 59.0,
            "price_kind": "net",
            "promotion_ids": self.promotion.ids,
            "is_fee": False,
        }
        place = self.env["bss.location"].create(
            {
                "name": "Lipowa 9",
                "kind": "building",
                "street": "Lipowa",
                "house_no": "9",
                "zip": "99-300",
                "city": "Kutno",
            }
        )
        order = self.as_clerk["sale.order"]._bss_from_availability(
            {
                "location": place,
                "partner": self.customer,
                "day": date(2026, 11, 21),
                "term_months": 24,
                "lines": [
                    line,
                    {**line, "product_id": self.caution.id, "price_unit": 150.0, "promotion_ids": []},
                ],
            }
        )
        order.action_confirm()
        self.assertEqual(order.bss_contract_id.deposit_ids.state, "due")
        return order.bss_contract_id

    def suspended_and_resumed(self, contract):
        services = contract.service_ids._bss_without_heads()
        suspension = self.change("suspension", date(2026, 11, 21), contract=contract)
        self.assertEqual((suspension.state, contract.state), ("done", "suspended"))
        self.confirm(services, "suspend")
        self.assertEqual(set(services.mapped("state")), {"suspended"})
        with freeze_time("2026-11-25 10:00:00"):
            self.change("resumption", date(2026, 11, 25), contract=contract)
            self.confirm(services, "resume")
        self.assertEqual((contract.state, set(services.mapped("state"))), ("active", {"active"}))
        self.assertEqual(set(services.suspension_ids.mapped("date_end")), {date(2026, 11, 24)})

    def ended(self, contract):
        with freeze_time("2026-11-26 10:00:00"):
            last = date(2026, 11, 30)
            change = self.change("termination", contract=contract, termination_cause="agreement", date_last=last)
            self.assertEqual((contract.date_end, set(contract.service_ids.mapped("date_end"))), (last, {last, False}))
            change.action_undo()
            self.assertFalse(contract.date_end)
            self.assertFalse(any(contract.service_ids.mapped("date_end")))
            self.change("termination", contract=contract, termination_cause="agreement", date_last=last)
        self.finish("2026-12-01")
        self.assertEqual(contract.state, "terminated")
        with freeze_time("2026-12-01 10:00:00"):
            self.confirm(contract.service_ids, "terminate")
        self.assertEqual(set(contract.service_ids.mapped("state")), {"terminated"})
        self.assertEqual(contract.service_ids.filtered("date_end").mapped("date_end")[0], last)

    def test_draft_by_hand(self):
        form = Form(self.as_clerk["bss.contract"])
        form.account_id = self.account.with_env(self.as_clerk)
        form.date_start = date(2026, 12, 1)
        with form.service_ids.new() as line:
            line.product_id = self.mobile
            line.new_identifier = self.next_msisdn()
            line.date_start = date(2026, 12, 2)
        contract = form.save()
        contract.action_activate()
        self.assertEqual(contract.state, "active")
        service = contract.service_ids
        self.assertEqual(service.order_ids.date_valid_from, date(2026, 12, 2))
        with Form(service) as screen:
            screen.date_start = date(2026, 12, 3)
        cancel = service.action_request_terminate()
        wizard = self.as_clerk[cancel["res_model"]].with_context(**cancel["context"]).create({})
        wizard.action_end()
        self.assertEqual(
            (service.state, service.date_start, service.order_ids.state), ("terminated", False, "cancelled")
        )

    def test_bundle_is_added_and_removed_again(self):
        annex = self.change(
            "annex",
            date(2026, 12, 10),
            [
                {"action": "add", "product_id": self.make_bundle().id, "price_unit": 128.0},
                {"action": "remove", "service_id": self.internet.id},
            ],
        )
        made = annex.line_ids.service_id - self.internet
        self.assertEqual(self.internet.date_end, date(2026, 12, 9))
        annex.action_undo()
        self.assertEqual(set((made | made.child_ids).mapped("state")), {"terminated"})
        self.assertFalse(self.internet.date_end)

    def test_number_is_changed_and_given_back(self):
        new = self.next_msisdn()
        line = {"action": "number", "service_id": self.phone.id, "new_identifier": new}
        change = self.change("number", date(2026, 12, 10), [line])
        old = self.phone.identifier_ids.filtered(lambda one: one.value == self.number)
        self.assertEqual(old.date_end, date(2026, 12, 9))
        change.action_undo()
        self.assertEqual((self.phone.identifier_ids, old.date_end), (old, False))
        with freeze_time("2026-12-15 10:00:00"):
            change = self.change("number", date(2026, 12, 10), [line])
            self.assertEqual((change.state, self.phone.main_identifier), ("done", new))

    def test_contract_is_assigned_and_given_back(self):
        heir = self.make_account("Anna Nowak")
        change = self.change("assignment", date(2026, 12, 10), new_account_id=heir.id)
        new = change.result_contract_id
        self.assertEqual((new.state, self.contract.date_end), ("active", date(2026, 12, 9)))
        change.action_undo()
        self.assertEqual((new.state, self.contract.date_end), ("terminated", False))
        self.assertEqual(self.phone.main_identifier, self.number)
        with freeze_time("2026-12-01 10:00:00"):
            change = self.change("assignment", date(2026, 12, 1), new_account_id=heir.id)
        new = change.result_contract_id
        self.assertEqual((change.state, self.contract.state, new.state), ("done", "terminated", "active"))
        self.assertEqual(set(new.service_ids.mapped("state")), {"active"})

    def test_orders_by_hand(self):
        self.internet.with_user(self.clerk).action_request_suspend()
        order = self.internet.order_ids.with_user(self.clerk)
        self.assertEqual((order.action, order.state), ("suspend", "sent"))
        order.action_fail()
        self.assertEqual(order.state, "failed")
        order.action_send_again()
        self.assertEqual(order.state, "sent")
        self.confirm(self.internet, "suspend")
        self.assertEqual(self.internet.state, "suspended")
        self.internet.with_user(self.clerk).action_request_resume()
        self.confirm(self.internet, "resume")
        self.assertEqual(self.internet.state, "active")
        self.internet.with_user(self.clerk).action_request_suspend()
        again = self.internet.order_ids.filtered(lambda one: one.state == "sent").with_user(self.clerk)
        again.action_cancel()
        self.assertEqual((again.state, self.internet.state), ("cancelled", "active"))

    def test_devices_go_and_come_back(self):
        router = self.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        devices = self.as_clerk["bss.device"].create(
            [
                {
                    "product_id": router.id,
                    "serial": serial,
                    "ownership": ownership,
                    "company_id": self.company.id,
                    "service_id": service,
                }
                for serial, ownership, service in (
                    ("F1", "sold", self.internet.id),
                    ("F2", "lent", self.internet.id),
                    ("F3", "lent", False),
                )
            ]
        )
        sold, lent, spare = devices
        (sold | lent).action_hand_over()
        self.assertEqual((sold.sale_charge_id.amount, sold.state), (300.0, "at_customer"))
        wizard = self.as_clerk["bss.device.swap.wizard"].create({"device_id": lent.id, "new_device_id": spare.id})
        wizard.action_swap()
        self.assertEqual((lent.state, lent.replaced_by_id, spare.state), ("returned", spare, "at_customer"))
        lent.action_to_stock()
        spare.action_lost()
        self.assertEqual((spare.state, spare.replacement_charge_id.amount), ("lost", 300.0))
        spare.action_return()
        self.assertFalse(spare.replacement_charge_id)

    def test_account_is_closed_and_opened_again(self):
        account = self.make_account("Anna Nowak").with_user(self.clerk)
        account.action_close()
        self.assertEqual(account.state, "closed")
        account.action_reopen()
        self.assertEqual(account.state, "active")

    def test_promises_of_an_annex(self):
        annex = self.change(
            "annex",
            date(2026, 11, 21),
            [
                {
                    "action": "add",
                    "product_id": self.fast.id,
                    "promotion_ids": [Command.set(self.promotion.ids)],
                }
            ],
        )
        made = annex.line_ids.service_id
        self.assertEqual(made.promised_promotion_ids, self.promotion)
        self.confirm(made, "activate")
        self.assertEqual(made.promotion_grant_ids.promotion_id, self.promotion)
