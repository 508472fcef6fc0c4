from datetime import date, timedelta

from freezegun import freeze_time
from odoo.tests import tagged

from .. import adapters, adapters_strategy
from ..dunning_core.strategy.timeline import timeline
from .common import DunningCommon

START = date(2026, 10, 5)


@tagged("post_install", "-at_install")
class TestTerminate(DunningCommon):
    """The whole chain of the law day by day, with instant delivery and a network that answers at once."""

    def setUp(self):
        super().setUp()
        self.ladder = self.household.copy({"name": "Sam łańcuch", "min_days": 0})
        kept = ("n1", "restrict", "n2", "suspend", "n3", "terminate")
        self.ladder.step_ids.filtered(lambda step: step.code not in kept).unlink()
        self.ladder.step_ids.write({"days_after_due": 1, "days_after_previous": 0, "auto": True})
        self.ladder.invalidate_recordset()
        self.ladder.action_activate()
        self.account = self.debtor(dunning_strategy_id=self.ladder.id)

    def live(self, first, last, confirm=("restrict", "suspend")):
        """Every day of a span: run, letters delivered, blocks confirmed by the network."""
        day = first
        while day <= last:
            with freeze_time(f"{day} 09:00:00"):
                self.run_on(day)
                actions = self.case.action_ids
                for document in actions.document_id.filtered(lambda one: not one.delivered_at):
                    document.delivered_at = f"{day} 10:00:00"
                self.env["bss.service.order"]._cron_dispatch()
                orders = actions.order_ids.filtered(lambda one: one.action in confirm and one.state == "sent")
                if orders:
                    orders.action_confirm_done()
            day += timedelta(days=1)

    @property
    def case(self):
        return self.Case.search([("account_id", "=", self.account.id)], order="id desc", limit=1)

    def taken(self):
        return {action.step_id.code: action.date_done for action in self.case.action_ids if action.state == "done"}

    def test_days_of_life_are_those_of_the_calendar_in_the_editor(self):
        self.live(START, START + timedelta(days=60))
        moments = timeline(
            adapters_strategy.rungs(self.ladder._bss_ordered_steps()),
            self.due,
            adapters.free_days(self.env),
            adapters.chain_terms(self.env, START),
        )
        self.assertEqual(self.taken(), {moment.rung.code: moment.day for moment in moments})
        self.assertEqual(len(moments), 6)

    def test_the_contract_ends_for_debt_with_orders_to_the_network(self):
        self.live(START, START + timedelta(days=60))
        action = self.case.action_ids.filtered(lambda one: one.channel == "terminate")
        contract = self.account.contract_ids
        change = contract.change_ids
        self.assertRecordValues(
            change, [{"kind": "termination", "terminated_by": "operator", "termination_cause": "immediate"}]
        )
        self.assertEqual((change.date_last, contract.date_end), (action.date_done, action.date_done))
        self.assertEqual(action.order_ids, change.order_ids)
        self.assertEqual(set(action.order_ids.mapped(lambda one: (one.action, one.cause))), {("terminate", "debt")})
        self.assertEqual(action.order_ids.service_id, self.account.service_ids)
        self.assertIn(contract.name, action.reason)

    def test_no_end_before_the_term_of_the_notice(self):
        self.live(START, START + timedelta(days=60), confirm=("restrict",))
        self.assertEqual(set(self.taken()), {"n1", "restrict", "n2", "suspend"})
        self.assertEqual(self.case.next_params["why"], "NOT_SUSPENDED", "the network has not suspended yet")
        answer = self.case._bss_gate("terminate", START + timedelta(days=400))
        self.assertFalse(answer.allowed)

    def test_by_default_a_person_ends_the_contract(self):
        step = self.ladder.step_ids.filtered(lambda one: one.code == "terminate")
        step.auto = False
        self.live(START, START + timedelta(days=60))
        action = self.case.action_ids.filtered(lambda one: one.step_id == step)
        self.assertEqual((action.state, action.by_hand), ("planned", True))
        self.assertFalse(self.account.contract_ids.change_ids)

    def test_payment_on_the_last_day_calls_the_end_off_and_brings_services_back(self):
        day = START
        while "terminate" not in self.taken():
            self.live(day, day)
            day += timedelta(days=1)
        last = day - timedelta(days=1)
        with freeze_time(f"{last} 18:00:00"):
            self.pay(self.account.invoice_ids, day=last)
        change = self.account.contract_ids.change_ids
        self.assertEqual((change.state, self.account.contract_ids.date_end), ("undone", False))
        self.assertEqual(set(change.order_ids.mapped("state")), {"cancelled"})
        resumed = self.account.service_ids.order_ids.filtered(lambda one: one.action == "resume")
        self.assertEqual(resumed.mapped("state"), ["sent"])

    def test_payment_after_the_end_does_not_wake_the_contract(self):
        self.live(START, START + timedelta(days=60), confirm=("restrict", "suspend", "terminate"))
        with freeze_time(f"{START + timedelta(days=61)} 09:00:00"):
            self.account.contract_ids.change_ids.filtered(lambda one: one.state == "confirmed")._bss_finish()
            self.pay(self.account.invoice_ids, day=START + timedelta(days=61))
        self.assertEqual(self.account.contract_ids.state, "terminated")
        self.assertEqual(self.account.service_ids.mapped("state"), ["terminated"])
        self.assertEqual(self.case.state, "closed")
