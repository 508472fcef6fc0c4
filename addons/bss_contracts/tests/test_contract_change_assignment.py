from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .contract_change_common import TODAY
from .test_contract_change_end import EndCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAssignment(EndCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.heir = cls.make_account(name="Ewa Lis")

    def assign(self, day=date(2026, 12, 11), **vals):
        return self.make_change("assignment", day, **{"new_account_id": self.heir.id, **vals})

    def december(self, account):
        charges = account.charge_ids.filtered(
            lambda one: one.state != "cancelled" and date(2026, 12, 1) <= one.date_start <= date(2026, 12, 31)
        )
        return round(sum(charges.mapped("amount")), 2)

    def test_everything_goes_over_on_the_day(self):
        self.with_term()
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R9", "service_id": self.internet.id, "state": "at_customer"}
        )
        change = self.assign()
        change.action_confirm()
        new = change.result_contract_id
        self.assertEqual(
            (new.account_id, new.predecessor_id, self.contract.successor_id), (self.heir, self.contract, new)
        )
        self.assertEqual((new.date_start, new.date_term_end), (date(2026, 12, 11), date(2027, 12, 31)))
        internet, phone = new.service_ids
        self.assertEqual((internet.predecessor_id, phone.predecessor_id), (self.internet, self.phone))
        self.assertEqual(internet.promotion_grant_ids.date_start, date(2026, 1, 1))
        self.assertEqual(set(self.contract.service_ids.mapped("date_end")), {date(2026, 12, 10)})
        # one owner of the number on every day
        find = self.env["bss.service.identifier"]._bss_find_service
        self.assertEqual(find(self.company, "msisdn", self.number, date(2026, 12, 10)), self.phone)
        self.assertEqual(find(self.company, "msisdn", self.number, date(2026, 12, 11)), phone)
        # the network changes the owner, it neither switches off nor on
        self.assertEqual(set(change.order_ids.mapped("action")), {"change"})
        self.assertEqual(change.order_ids.service_id, new.service_ids)
        self.assertFalse(self.contract.service_ids.order_ids)

        self.finish("2026-12-11")
        self.assertEqual((self.contract.state, new.state, change.state), ("terminated", "active", "done"))
        self.assertEqual(set(self.contract.service_ids.mapped("state")), {"terminated"})
        self.assertEqual(set(new.service_ids.mapped("state")), {"active"})
        self.assertEqual((device.service_id, device.account_id), (internet, self.heir))
        change.order_ids._bss_done()
        self.assertFalse(change.charge_ids)

    def test_both_pay_their_days(self):
        self.assign().action_confirm()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(self.december(self.heir), 60.29)  # known before the bill: in advance like everything else
        self.finish("2026-12-11")
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(self.december(self.account), 28.71)  # 59 × 10/31 + 30 × 10/31
        self.assertEqual(self.december(self.heir), 60.29)
        january = self.heir.charge_ids.filtered(lambda one: one.date_start == date(2027, 1, 1))
        self.assertEqual(sum(january.mapped("amount")), 89.0)

    def test_ended_before_the_new_customer_began(self):
        change = self.assign()
        change.action_confirm()
        new = change.result_contract_id
        new.action_terminate(date(2026, 12, 20), cause="operator_fault")
        self.assertEqual(set(new.service_ids.mapped("date_start")), {date(2026, 12, 11)})
        self.assertEqual(set(new.service_ids.mapped("date_end")), {date(2026, 12, 20)})
        orders = new.service_ids.order_ids.filtered(lambda one: one.action == "terminate")
        self.assertEqual(
            (orders.service_id, set(orders.mapped("date_valid_from"))), (new.service_ids, {date(2026, 12, 21)})
        )
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertEqual(self.december(self.heir), 28.71)  # 59 × 10/31 + 30 × 10/31

    def test_assigned_after_the_bill(self):
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        with freeze_time("2026-12-14 09:00:00"):
            self.assign().action_confirm()
            self.assertEqual(self.contract.state, "terminated")
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(self.december(self.account), 28.71)
        self.assertEqual(self.december(self.heir), 60.29)

    def test_promotion_goes_on(self):
        self.with_term()
        self.assign().action_confirm()
        self.finish("2026-12-11")
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        internet = self.heir.service_ids[0]
        january = internet.charge_ids.filtered(lambda one: one.date_start == date(2027, 1, 1))
        self.assertEqual(january.amount, 39.0)

    def test_claw_back_counts_the_whole_chain(self):
        self.with_term()
        self.assign().action_confirm()
        self.finish("2026-12-11")
        with freeze_time("2026-12-20 09:00:00"):
            end = self.make_change(
                "termination",
                contract=self.heir.contract_ids,
                termination_cause="agreement",
                date_last=date(2026, 12, 31),
            )
            end.action_preview()
        self.assertEqual(end.claw_back_amount, 240.0)

    def test_undo(self):
        self.with_term()
        change = self.assign()
        change.action_confirm()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.assertGreater(self.december(self.heir), 0.0)
        change.action_undo()
        new = change.result_contract_id
        self.assertEqual((self.contract.state, self.contract.date_end), ("active", False))
        self.assertFalse(any(self.contract.service_ids.mapped("date_end")))
        self.assertEqual((new.state, set(new.service_ids.mapped("state"))), ("terminated", {"terminated"}))
        self.assertFalse(self.contract.successor_id)
        self.assertEqual(self.phone.main_identifier, self.number)
        self.assertFalse(self.phone.identifier_ids.date_end)
        self.assertFalse(new.service_ids.identifier_ids)
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        self.assertEqual(self.december(self.account), 69.0)  # 39 with the promotion and 30
        self.assertEqual(self.december(self.heir), 0.0)

    def test_devices_stay_when_wanted(self):
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        device = self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R9", "service_id": self.internet.id, "state": "at_customer"}
        )
        with freeze_time("2026-12-11 09:00:00"):
            self.assign(move_devices=False).action_confirm()
        self.assertEqual((device.service_id, device.account_id), (self.internet, self.account))

    def make_deposit(self):
        deposit = self.env["bss.deposit"].create(
            {"contract_id": self.contract.id, "amount": 200.0, "date": date(2026, 11, 2)}
        )
        deposit.action_due()
        return deposit

    def test_deposit_goes_over_when_wanted(self):
        deposit = self.make_deposit()
        with freeze_time("2026-12-11 09:00:00"):
            change = self.assign()
            change.action_confirm()
        self.assertEqual(deposit.state, "cancelled")  # not paid: asked for again
        again = self.env["bss.deposit"].search([("contract_id", "=", change.result_contract_id.id)])
        self.assertEqual((again.account_id, again.amount, again.state), (self.heir, 200.0, "due"))

    def test_deposit_paid_in_part_goes_over(self):
        deposit = self.make_deposit()
        self.pay_part(deposit, 80.0)
        self.assertEqual((deposit.state, deposit.amount_held), ("due", 80.0))
        change = self.assign()
        change.action_confirm()
        self.finish("2026-12-11")
        new = change.result_contract_id
        self.assertEqual((change.state, set(new.service_ids.mapped("state"))), ("done", {"active"}))
        self.assertEqual(sorted((one.state, one.amount) for one in new.deposit_ids), [("due", 120.0), ("held", 80.0)])

    def test_services_go_over_whatever_is_with_the_deposit(self):
        deposit = self.make_deposit()
        change = self.assign()
        change.action_confirm()
        trouble = UserError("Journal KA is locked")
        with patch.object(type(deposit), "_bss_assign", side_effect=trouble):
            self.finish("2026-12-11")
        self.assertEqual(set(change.result_contract_id.service_ids.mapped("state")), {"active"})
        self.assertEqual((change.state, deposit.state), ("done", "due"))
        self.assertIn("locked", deposit.activity_ids.note)

    def pay_part(self, deposit, amount):
        receivable = deposit.partner_id.property_account_receivable_id
        bank = self.bank_journal
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": bank.id,
                "date": "2026-11-05",
                "bss_account_id": deposit.account_id.id,
                "line_ids": [
                    Command.create({"account_id": bank.default_account_id.id, "balance": amount}),
                    Command.create(
                        {"account_id": receivable.id, "balance": -amount, "partner_id": deposit.partner_id.id}
                    ),
                ],
            }
        )
        move._post(soft=False)
        own = deposit.move_line_ids | move.line_ids
        own.filtered(lambda line: line.account_id == receivable).reconcile()

    def test_deposit_stays_when_wanted(self):
        deposit = self.make_deposit()
        with freeze_time("2026-12-11 09:00:00"):
            self.assign(move_deposit=False).action_confirm()
        self.assertEqual((deposit.state, deposit.account_id), ("due", self.account))

    def test_bundle_goes_over_as_a_bundle(self):
        bundle = self.make_bundle()
        contract = self.make_subscriber(name="Jan Zima", products=[bundle]).contract_ids
        head = contract.service_ids.filtered("child_ids")
        head.child_ids.write({"state": "active", "date_start": date(2026, 1, 1)})
        change = self.assign(contract=contract)
        change.action_confirm()
        twins = change.result_contract_id.service_ids
        twin = twins.filtered("child_ids")
        self.assertEqual((len(twins), twin.predecessor_id, len(twin.child_ids)), (3, head, 2))
        self.assertEqual(twin.child_ids.mapped("price_unit"), head.child_ids.mapped("price_unit"))

    def test_a_clerk_may_do_it_all(self):
        """Everything a change touches is within the rights of a clerk, from the preview to its day."""
        self.with_term()
        self.make_deposit()
        router = self.make_offering("T-ROUTER", 249.0, kind="device", service="internet")
        self.env["bss.device"].create(
            {"product_id": router.id, "serial": "R9", "service_id": self.internet.id, "state": "at_customer"}
        )
        clerk = new_test_user(self.env, "all_clerk", groups="bss_catalog.group_bss_clerk", company_id=self.company.id)
        changes = self.env["bss.contract.change"].with_user(clerk)
        with freeze_time("2026-12-11 09:00:00"):
            change = changes.browse(self.assign().id)
            change.action_preview()
            self.assertNotIn("alert-danger", change.preview_html)
            change.action_confirm()
            self.assertEqual(change.state, "done")
            heir = change.result_contract_id
            away = changes.create({"contract_id": heir.id, "kind": "suspension", "date_effective": date(2026, 12, 20)})
            away.action_confirm()
            away.action_undo()
            end = changes.create(
                {
                    "contract_id": heir.id,
                    "kind": "termination",
                    "termination_cause": "agreement",
                    "date_last": date(2026, 12, 31),
                }
            )
            end.action_preview()
            self.assertNotIn("alert-danger", end.preview_html)
            end.action_confirm()
            self.assertEqual(sum(end.charge_ids.mapped("amount")), 240.0)
            end.action_undo()
            self.assertEqual((end.state, set(end.charge_ids.mapped("state"))), ("undone", {"cancelled"}))
            partner = heir.partner_id
            moved = changes.create({"contract_id": heir.id, "kind": "address", "new_email": "ewa@example.com"})
            moved.action_confirm()
        self.assertEqual(partner.email, "ewa@example.com")

    def test_preview_leaves_nothing(self):
        contracts = self.env["bss.contract"].search_count([])
        sequence = self.env.ref("bss_contracts.sequence_bss_contract")
        change = self.assign()
        before = (
            sequence.number_next_actual,
            self.env.ref("bss_contracts.sequence_bss_service_order").number_next_actual,
        )
        change.action_preview()
        self.assertIn("Ewa Lis", change.preview_html)
        self.assertNotIn("alert-danger", change.preview_html)
        self.assertEqual(self.env["bss.contract"].search_count([]), contracts)
        self.assertFalse(change.result_contract_id)
        self.assertFalse(self.contract.service_ids.order_ids)
        self.assertFalse(any(self.contract.service_ids.mapped("date_end")))
        self.assertFalse(self.contract.successor_ids)
        after = sequence.number_next_actual, self.env.ref("bss_contracts.sequence_bss_service_order").number_next_actual
        self.assertEqual(after, before)
        self.assertEqual((change.state, change.name), ("draft", "/"))

    def test_refusals(self):
        def refused(words, **vals):
            change = self.assign(**vals)
            with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                change.action_confirm()
            change.action_preview()
            self.assertRegex(change.preview_html, words)

        refused("needs another customer", new_account_id=self.account.id)
        sibling = self.account.copy({"partner_id": self.account.partner_id.id})
        refused("needs another customer", new_account_id=sibling.id)
        refused("Choose the billing account", new_account_id=False)
        self.heir.action_close()
        refused("is closed")
        self.heir.action_reopen()
        company = self.env["res.company"].create({"name": "Inny operator"})
        stranger = (
            self.env["bss.account"]
            .sudo()
            .create(
                {
                    "partner_id": self.env["res.partner"].create({"name": "Obcy"}).id,
                    "company_id": company.id,
                    "bill_cycle_id": False,
                }
            )
        )
        refused("another company", new_account_id=stranger.id)
        pending = self.make_service(self.contract, self.tv, state="pending")
        refused("Not active yet")
        pending.unlink()
        self.internet._bss_suspend(date(2026, 11, 1), None, "debt")
        refused("Suspended for debt")

    def test_agreed_later_changes_come_first(self):
        self.upgrade(date(2026, 12, 20)).action_confirm()
        with self.assertRaisesRegex(UserError, "agreed for later days"):
            self.assign().action_confirm()
