"""A contract from the address to its end, by a clerk in the browser; after each step the next bill is checked."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from . import forms
from .client import WebClient

GROSZ = Decimal("0.01")
TV_BASIC, TV_MAX = Decimal(39), Decimal(64)
INTERNET = Decimal(1)  # the promotion of new customers in their first three months
ANNEX_DAY, ASSIGNMENT_DAY, LAST_DAY = 10, 20, 25
CONTRACT_ACTION = "bss_contracts.bss_contract_action"


def prorated(runs: Sequence[tuple[int, Decimal]], days: int) -> list[Decimal]:
    """Amounts of neighbouring runs of (days, monthly price), the sum rounded once."""
    found, exact, before = [], Decimal(0), Decimal(0)
    for count, price in runs:
        exact += price * count / days
        reached = exact.quantize(GROSZ, ROUND_HALF_UP)
        found.append(reached - before)
        before = reached
    return found


def polish(amount: Decimal) -> str:
    return f"{amount:.2f} zł".replace(".", ",")


@dataclass
class Story:
    client: WebClient
    cycle: int
    accounts: list[int]
    contract: int = 0

    def account_of(self, index: int) -> str:
        return str(self.client.call("bss.account", "read", [self.accounts[index]], ["name"])[0]["name"])

    def next_bill(self, contract: int) -> str:
        forms.open_record(self.client, CONTRACT_ACTION, contract)
        forms.open_page(self.client, "next_bill")
        assert not forms.trouble(self.client)
        return forms.read(self.client, "next_bill_html")


@pytest.fixture
def story(admin: WebClient) -> Story:
    """Two customers on a bill cycle of their own, so that nobody billed it yet."""
    admin.forget()
    (billed,) = admin.call(
        "bss.bill.cycle", "search_read", [("journal_id", "!=", False)], ["company_id", "journal_id"], limit=1
    )
    cycle = admin.call(
        "bss.bill.cycle",
        "create",
        {
            "name": "Historia umowy",
            "day": 1,
            "company_id": billed["company_id"][0],
            "journal_id": billed["journal_id"][0],
        },
    )
    partners = admin.call(
        "res.partner",
        "create",
        [
            {
                "name": name,
                "street": "ul. Cicha 3",
                "zip": "62-200",
                "city": "Gniezno",
                "email": email,
                "lang": "pl_PL",
                "bss_customer_kind": "consumer",
            }
            for name, email in (("Hanna Jasna", "hanna@poczta.example"), ("Igor Ciemny", "igor@poczta.example"))
        ],
    )
    accounts = admin.call(
        "bss.account", "create", [{"partner_id": partner, "bill_cycle_id": cycle} for partner in partners]
    )
    return Story(admin, cycle, accounts)


def test_life_of_a_contract(story: Story) -> None:
    client = story.client
    _offer(story)
    start = _activate(story)
    days = calendar.monthrange(start.year, start.month)[1]
    part = days - start.day + 1
    bill = story.next_bill(story.contract)
    for amount in (*prorated([(part, TV_BASIC)], days), *prorated([(part, INTERNET)], days)):
        assert polish(amount) in bill, bill
    _bill_first_month(story, start)

    month = (start.replace(day=28) + timedelta(days=7)).replace(day=1)
    days = calendar.monthrange(month.year, month.month)[1]
    bill = story.next_bill(story.contract)
    assert polish(TV_BASIC) in bill, bill
    assert polish((TV_BASIC + INTERNET) * Decimal("1.23")) in bill, bill

    _annex(story, month.replace(day=ANNEX_DAY))
    before, after = prorated([(ANNEX_DAY - 1, TV_BASIC), (days - ANNEX_DAY + 1, TV_MAX)], days)
    bill = story.next_bill(story.contract)
    assert polish(before) in bill and polish(after) in bill, bill

    heir = _assign(story, month.replace(day=ASSIGNMENT_DAY))
    before, after = prorated([(ANNEX_DAY - 1, TV_BASIC), (ASSIGNMENT_DAY - ANNEX_DAY, TV_MAX)], days)
    bill = story.next_bill(story.contract)
    assert polish(before) in bill and polish(after) in bill, bill
    (left,) = prorated([(days - ASSIGNMENT_DAY + 1, TV_MAX)], days)
    assert polish(left) in story.next_bill(heir)

    _terminate(story, heir, month.replace(day=LAST_DAY))
    (left,) = prorated([(LAST_DAY - ASSIGNMENT_DAY + 1, TV_MAX)], days)
    assert polish(left) in story.next_bill(heir)
    assert not forms.trouble(client)


def _offer(story: Story) -> None:
    """What can be sold at an address → quotation → contract."""
    client = story.client
    action = client.call("ir.model.data", "check_object_reference", "bss_catalog", "action_bss_availability")[1]
    client.open_action(action)
    # a home that fibre reaches and where a port waits for a customer
    ports = client.call(
        "bss.network.port",
        "search_read",
        [("state", "=", "free"), ("location_id.kind", "=", "premises"), ("location_id.has_fibre", "=", True)],
        ["location_id"],
        limit=1,
    )
    forms.choose(client, "location_id", ports[0]["location_id"][1])
    forms.choose(client, "partner_id", "Hanna Jasna")
    client.page.wait_for_timeout(1_000)  # the answer is asked again for this customer
    for name in ("Internet światłowodowy 300", "Telewizja Podstawowa"):
        forms.write_in_row(client, name, "quantity", "1")
    client.shot("story-1-availability")
    forms.press(client, "action_make_offer")
    client.page.wait_for_selector("button[name=action_confirm]:visible")
    client.shot("story-2-offer")
    assert not forms.trouble(client)
    client.page.locator("button[name=action_confirm]:visible").first.click()
    client.page.wait_for_selector("button[name=action_view_bss_contract]:visible")
    client.settle()
    contracts = client.call("bss.contract", "search", [("account_id", "=", story.accounts[0])])
    assert len(contracts) == 1
    story.contract = contracts[0]


def _activate(story: Story) -> date:
    """The network did it today: each order is confirmed in its dialogue."""
    client = story.client
    orders = client.call("bss.service.order", "search", [("service_id.contract_id", "=", story.contract)])
    assert len(orders) == 2
    for order in orders:
        forms.open_record(client, "bss_contracts.bss_service_order_action", order)
        forms.press(client, "action_ask_done")
        client.page.locator(".modal button[name=action_confirm]").click()
        client.page.wait_for_selector(".modal", state="detached")
        client.settle()
    client.shot("story-3-order")
    services = client.call(
        "bss.service", "search_read", [("contract_id", "=", story.contract)], ["state", "date_start"]
    )
    assert {service["state"] for service in services} == {"active"}
    return date.fromisoformat(services[0]["date_start"])


def _bill_first_month(story: Story, start: date) -> None:
    client = story.client
    last = calendar.monthrange(start.year, start.month)[1]
    run = client.call(
        "bss.bill.run",
        "create",
        {
            "cycle_id": story.cycle,
            "date_start": start.replace(day=1).isoformat(),
            "date_end": start.replace(day=last).isoformat(),
            "date_invoice": start.isoformat(),
        },
    )
    for step in ("action_collect", "action_issue"):
        client.call("bss.bill.run", step, [run], context={"queue_job__no_delay": True})
    assert client.call("bss.bill.run", "read", [run], ["state"])[0]["state"] == "done"


def _new_change(story: Story, contract: int, kind: str) -> None:
    client = story.client
    forms.open_record(client, CONTRACT_ACTION, contract)
    client.page.locator(".o_bss_change_menu").click()
    client.page.locator(f".o-dropdown-item[data-kind='{kind}']").click()
    client.page.wait_for_selector(".o_field_widget[name=date_signed]")
    client.settle()


def _confirm_change(story: Story, name: str) -> None:
    """Look at the effect, then confirm."""
    client = story.client
    forms.press(client, "action_preview")
    client.page.wait_for_selector("button[name=action_confirm]:visible")
    client.settle()
    client.shot(f"story-{name}-preview")
    assert not forms.trouble(client)
    forms.press(client, "action_confirm")
    client.page.wait_for_selector("button[name=action_preview]", state="detached")
    client.settle()
    client.shot(f"story-{name}")
    assert not forms.trouble(client)


def _annex(story: Story, day: date) -> None:
    client = story.client
    _new_change(story, story.contract, "annex")
    forms.write_date(client, "date_effective", day)
    row = forms.add_line(client, "line_ids")
    forms.choose(client, "service_id", "Telewizja Podstawowa", row)
    forms.choose(client, "product_id", "Telewizja Max", row)
    _confirm_change(story, "4-annex")


def _assign(story: Story, day: date) -> int:
    client = story.client
    _new_change(story, story.contract, "assignment")
    forms.choose(client, "new_account_id", "Igor Ciemny")
    forms.write_date(client, "date_effective", day)
    _confirm_change(story, "5-assignment")
    found = client.call("bss.contract", "search", [("account_id", "=", story.accounts[1])])
    assert len(found) == 1
    return int(found[0])


def _terminate(story: Story, contract: int, day: date) -> None:
    client = story.client
    _new_change(story, contract, "termination")
    forms.select(client, "bss.contract.change", "termination_cause", "operator_fault")
    forms.write_date(client, "date_last", day)
    _confirm_change(story, "6-termination")
