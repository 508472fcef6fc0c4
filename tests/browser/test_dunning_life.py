"""One debtor from the first SMS through a broken promise, restriction and suspension to payment and resumption.

The server's days are turned; whatever a collector, a customer's bank or the network does is done on the screens or told
by the operator's own interface.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.sms import Sent, SmsApiSimulator
from tests.stories import ROOT, CycleDatabase

from . import forms
from .client import WebClient, new_client
from .moved_clock import Clock, clocked_server

DUE = date(2026, 11, 30)  # a Monday
AMOUNT = 123.45
CASES = "bss_dunning.bss_dunning_case_action"
STEPS = (
    # code, day, gap, channel, notice, automatic
    ("sms", 3, 0, "sms", False, True),
    ("n1", 14, 3, "letter", "n1", True),
    ("restrict", 22, 3, "restrict", False, False),
    ("n2", 30, 3, "letter", "n2", True),
    ("suspend", 34, 3, "suspend", False, False),
)


@dataclass
class Debtor:
    client: WebClient
    clock: Clock
    operator: SmsApiSimulator
    account: int
    service: int
    invoice: int
    phone: str
    case: int = 0

    @property
    def messages(self) -> list[Sent]:
        """Text messages to him; the operator's other debtors get theirs too."""
        return [sent for sent in self.operator.sent if sent.phone == self.phone]

    def turn_to(self, day: date) -> None:
        """Night of a day: the run starts by its button, jobs do the rest, messages go out."""
        self.clock.set(day)
        client = self.client
        action = client.call("ir.model.data", "check_object_reference", "bss_dunning", "bss_dunning_run_action")[1]
        client.page.goto(f"{client.url}/odoo/action-{action}/new")
        client.page.wait_for_selector("button[name=action_start]:visible")
        client.settle()
        client.page.locator("button[name=action_start]:visible").click()
        client.page.locator(".modal .btn-primary").first.click()
        client.settle()
        self._wait_for_run(day)
        cron = client.call("ir.model.data", "check_object_reference", "sms", "ir_cron_sms_scheduler_action")[1]
        client.call("ir.cron", "method_direct_trigger", [cron])
        assert not forms.trouble(client), forms.trouble(client)

    def _wait_for_run(self, day: date) -> None:
        for _attempt in range(240):
            (run,) = self.client.call(
                "bss.dunning.run", "search_read", [("as_of", "=", day.isoformat())], ["state", "error"], limit=1
            )
            if run["state"] in ("done", "done_errors"):
                assert run["state"] == "done", run
                return
            self.client.page.wait_for_timeout(250)
        raise AssertionError(f"the run of {day} never ended: {run}")

    def open(self, shot: str) -> None:
        forms.open_record(self.client, CASES, self.case)
        self.client.shot(f"debtor-{shot}")

    def best(self) -> None:
        """The primary button of the case."""
        self.client.page.locator("button[name=action_best]:visible").first.click()
        self.client.settle()

    def read(self, model: str, ids: int, *names: str) -> dict[str, Any]:
        return dict(self.client.call(model, "read", [ids], list(names))[0])

    def network_did_it(self, action: str) -> None:
        """The network reports every open order of this kind as done."""
        for order in self._open_orders(action):
            forms.open_record(self.client, "bss_contracts.bss_service_order_action", order)
            forms.press(self.client, "action_ask_done")
            self.client.page.locator(".modal button[name=action_confirm]").click()
            self.client.page.wait_for_selector(".modal", state="detached")

    def _open_orders(self, action: str) -> list[int]:
        """Orders of this kind; the button that makes them may still be at work."""
        domain = [
            ("service_id", "=", self.service),
            ("action", "=", action),
            ("state", "not in", ("done", "cancelled")),
        ]
        for _attempt in range(40):
            orders: list[int] = self.client.call("bss.service.order", "search", domain)
            if orders:
                return orders
            self.client.page.wait_for_timeout(250)
        raise AssertionError(f"nobody ordered to {action}; {self.client.visible_error()}")

    def deliver(self, shot: str) -> None:
        """The receipt of the notice came back; the collector records it by the case's primary button."""
        self.open(f"{shot}-unproven")
        self.best()
        self.client.page.wait_for_selector(".modal .o_form_view")
        forms.write(self.client, "note", "R 00 1234 5678, odebrał adresat")
        forms.press(self.client, "action_record")
        self.client.page.wait_for_selector(".modal", state="detached")
        assert not forms.trouble(self.client)


@pytest.fixture
def debtor(copy_for_story: CycleDatabase, admin: WebClient, tmp_path: Path) -> Iterator[Debtor]:
    """A consumer with one active service, nothing overdue, an invoice of his own and a ladder of five rungs."""
    log = ROOT / ".bss" / "logs" / "test-browser-story.log"
    start = date(2026, 11, 23)
    with (
        clocked_server(copy_for_story, log, tmp_path, start) as (url, clock),
        SmsApiSimulator("sms-secret") as operator,
    ):
        browser = admin.page.context.browser
        assert browser is not None
        client = new_client(browser, url, admin.screens)
        client.login("admin", "admin")
        yield _prepare(client, clock, operator)
        client.page.close()


def _prepare(client: WebClient, clock: Clock, operator: SmsApiSimulator) -> Debtor:
    owing = client.call("bss.dunning.case", "search_read", [("state", "!=", "closed")], ["account_id"])
    domain = [
        ("state", "=", "active"),
        ("account_id.customer_kind", "=", "consumer"),
        ("account_id.amount_due", "<=", 0),
        ("account_id", "not in", [case["account_id"][0] for case in owing]),
    ]
    services = client.call("bss.service", "search_read", domain, ["account_id", "company_id"])
    alone = [one for one in services if sum(one["account_id"] == other["account_id"] for other in services) == 1]
    service = alone[0]
    account, company = service["account_id"][0], service["company_id"][0]
    client.call("bss.sms.gateway", "create", _gateway(operator, company))
    client.call("bss.account", "write", [account], {"dunning_strategy_id": _ladder(client, company)})
    (partner,) = client.call("bss.account", "read", [account], ["partner_id"])
    invoice = client.call(
        "account.move",
        "create",
        {
            "move_type": "out_invoice",
            "partner_id": partner["partner_id"][0],
            "bss_account_id": account,
            "invoice_date": "2026-11-23",
            "invoice_date_due": DUE.isoformat(),
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                (0, 0, {"name": "Naprawa routera", "quantity": 1, "price_unit": AMOUNT, "tax_ids": [(5, 0, 0)]})
            ],
        },
    )
    client.call("account.move", "action_post", [invoice])
    (customer,) = client.call("res.partner", "read", [partner["partner_id"][0]], ["phone"])
    phone = "".join(filter(str.isdigit, customer["phone"]))
    return Debtor(client, clock, operator, account, service["id"], invoice, phone)


def _gateway(operator: SmsApiSimulator, company: int) -> dict[str, Any]:
    return {
        "name": "Operator",
        "provider": "smsapi",
        "url": operator.address,
        "token": operator.token,
        "sender": "BSS",
        "price_per_part": 0.085,
        "company_id": company,
    }


def _ladder(client: WebClient, company: int) -> int:
    strategy = client.call(
        "bss.dunning.strategy",
        "create",
        {"name": "Historia dłużnika", "code": "story", "company_id": company, "min_amount": 10, "min_days": 3},
    )
    stage = client.call("bss.dunning.stage", "create", {"name": "Windykacja", "strategy_id": strategy})
    for number, (code, day, gap, channel, notice, auto) in enumerate(STEPS):
        client.call(
            "bss.dunning.step",
            "create",
            {
                "name": code.upper(),
                "code": code,
                "sequence": number,
                "stage_id": stage,
                "days_after_due": day,
                "days_after_previous": gap,
                "channel": channel,
                "legal_notice": notice,
                "auto": auto,
                "working_days_only": True,
                "letter_kind": "demand",
                "letter_title": "Zawiadomienie",
                "letter_text": "wzywamy do zapłaty $amount do $deadline.",
                "sms_text": "Prosimy o zaplate $amount do $deadline. Konto $account.",
            },
        )
    client.call("bss.dunning.strategy", "action_activate", [strategy])
    return int(strategy)


def test_life_of_a_debtor(debtor: Debtor) -> None:
    _first_sms(debtor)
    _promise_broken(debtor)
    _restricted(debtor)
    _suspended(debtor)
    _paid_and_resumed(debtor)
    assert not forms.trouble(debtor.client)


def _first_sms(debtor: Debtor) -> None:
    debtor.turn_to(date(2026, 12, 2))
    assert not debtor.messages, "three days after the due date, not before"
    debtor.turn_to(date(2026, 12, 3))
    (case,) = debtor.client.call("bss.dunning.case", "search", [("account_id", "=", debtor.account)])
    debtor.case = case
    (sms,) = debtor.messages
    assert "123,45" in sms.text
    debtor.turn_to(date(2026, 12, 4))
    assert len(debtor.messages) == 1, "a step is taken once"
    debtor.open("1-sms")


def _promise_broken(debtor: Debtor) -> None:
    """He promised to pay by the 10th; days after it nothing had come and the ladder went on where it had stood."""
    client = debtor.client
    client.page.locator("button[name=action_promise]:visible").first.click()
    client.page.wait_for_selector(".modal .o_form_view")
    forms.write_date(client, "date", date(2026, 12, 10))
    client.shot("debtor-2-promise")
    forms.press(client, "action_promise")
    client.page.wait_for_selector(".modal", state="detached")
    client.settle()
    assert debtor.read("bss.dunning.case", debtor.case, "state")["state"] == "hold"
    debtor.turn_to(date(2026, 12, 9))
    assert "10.12.2026" in debtor.messages[-1].text and len(debtor.messages) == 2, "reminded the day before"
    debtor.turn_to(date(2026, 12, 14))
    assert debtor.read("bss.dunning.case", debtor.case, "state")["state"] == "hold", "two days of grace end on Monday"
    debtor.turn_to(date(2026, 12, 15))
    (promise,) = client.call("bss.dunning.promise", "search_read", [("case_id", "=", debtor.case)], ["state"])
    case = debtor.read("bss.dunning.case", debtor.case, "state", "step_id")
    assert (promise["state"], case["state"]) == ("broken", "open")
    debtor.open("3-broken")


def _restricted(debtor: Debtor) -> None:
    debtor.turn_to(date(2026, 12, 15))
    debtor.deliver("4-n1")
    debtor.turn_to(date(2026, 12, 22))
    assert not debtor.client.call(
        "bss.service.order", "search_count", [("service_id", "=", debtor.service), ("cause", "=", "debt")]
    ), "the statutory term runs to the 22nd"
    debtor.turn_to(date(2026, 12, 23))
    debtor.open("5-approve-restriction")
    debtor.best()
    debtor.network_did_it("restrict")
    assert debtor.read("bss.service", debtor.service, "is_restricted")["is_restricted"]


def _suspended(debtor: Debtor) -> None:
    debtor.turn_to(date(2027, 1, 4))
    debtor.deliver("6-n2")
    debtor.turn_to(date(2027, 1, 7))
    assert debtor.read("bss.service", debtor.service, "state")["state"] == "active"
    debtor.turn_to(date(2027, 1, 8))
    debtor.open("7-approve-suspension")
    debtor.best()
    debtor.network_did_it("suspend")
    assert debtor.read("bss.service", debtor.service, "state")["state"] == "suspended"


def _paid_and_resumed(debtor: Debtor) -> None:
    client = debtor.client
    debtor.clock.set(date(2027, 1, 11))
    forms.open_record(client, "account.action_move_out_invoice_type", debtor.invoice)
    client.page.locator("button[name=action_register_payment]:visible").first.click()
    client.page.locator(".modal button[name=action_create_payments]").first.click()
    client.page.wait_for_selector(".modal", state="detached")
    client.settle()
    client.page.wait_for_selector("button[name=action_register_payment]", state="hidden")
    case = debtor.read("bss.dunning.case", debtor.case, "state", "close_reason", "amount_overdue")
    assert (case["state"], case["close_reason"], case["amount_overdue"]) == ("closed", "paid", 0)
    debtor.open("8-paid")
    debtor.network_did_it("resume")
    service = debtor.read("bss.service", debtor.service, "state", "is_restricted")
    assert (service["state"], service["is_restricted"]) == ("active", False)
    debtor.turn_to(date(2027, 1, 12))
    debtor.open("9-end")
