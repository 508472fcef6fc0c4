"""The administrator leads through the KSeF set-up; the cockpit counts, lists and sends through the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.simulators.ksef import KsefSimulator

from .client import WebClient
from .forms import press, trouble

KEPT = ("bss_ksef_environment", "bss_ksef_base_url", "bss_ksef_auth", "bss_ksef_token", "bss_ksef_auto_send")


@pytest.fixture(scope="module")
def ksef() -> Iterator[KsefSimulator]:
    with KsefSimulator(delay=0.05) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def company(admin: WebClient, ksef: KsefSimulator) -> Iterator[int]:
    """The demo operator, logging in to the simulator of this test; afterwards as he was."""
    (found,) = admin.call("res.company", "search_read", [["bss_ksef_enabled", "=", True]], ["vat", *KEPT], limit=1)
    nip = found["vat"].removeprefix("PL")
    admin.call(
        "res.company",
        "write",
        [found["id"]],
        {
            "bss_ksef_environment": "local",
            "bss_ksef_base_url": ksef.base_url,
            "bss_ksef_auth": "token",
            "bss_ksef_token": ksef.issue_token(nip),
            "bss_ksef_auto_send": False,
        },
    )
    yield found["id"]
    admin.call("res.company", "write", [found["id"]], {name: found[name] for name in KEPT})


@pytest.fixture
def cockpit(admin: WebClient, company: int) -> WebClient:
    _show(admin)
    return admin


def _show(client: WebClient) -> None:
    client.forget()
    client.page.goto(f"{client.url}/odoo/ksef")
    expect(client.page.locator(".o_bss_ksef_cockpit .o_bss_ksef_card").first).to_be_visible()
    client.settle()


def _digits(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _step(page: Page, state: str) -> int:
    return _digits(page.locator(f".o_bss_ksef_step[data-state={state}] .fs-3").inner_text())


def _invoice(client: WebClient, company: int, **buyer: Any) -> int:
    """A posted invoice of today for a new business."""
    partner = client.call(
        "res.partner",
        "create",
        [{"name": "Sklep Rowerowy Szprycha", "is_company": True, "vat": "5261040567", **buyer}],
        context={"no_vat_validation": True},
    )[0]
    taxes = [["company_id", "=", company], ["type_tax_use", "=", "sale"], ["bss_ksef_rate", "=", "23"]]
    tax = client.call("account.tax", "search", taxes, limit=1)
    line = {"name": "Internet", "quantity": 1, "price_unit": 69.0, "tax_ids": [[6, 0, tax]]}
    today = datetime.now(ZoneInfo("Europe/Warsaw")).date().isoformat()  # the day of KSeF
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": today}
    move = client.call("account.move", "create", [{**values, "invoice_line_ids": [[0, 0, line]]}])[0]
    client.call("account.move", "action_post", [move])
    return int(move)


def _address(client: WebClient) -> dict[str, Any]:
    poland = client.call("res.country", "search", [["code", "=", "PL"]])[0]
    return {"street": "ul. Rynek 5", "zip": "99-300", "city": "Kutno", "country_id": poland}


def test_the_accepted_of_the_cycle_are_counted_and_listed(cockpit: WebClient) -> None:
    page = cockpit.page
    accepted = _step(page, "accepted")
    assert accepted > 0, "the cycle that was finished today is told, whatever day it billed"
    page.locator(".o_bss_ksef_step[data-state=accepted]").click()
    expect(page.locator(".o_list_view .o_data_row").first).to_be_visible()
    assert _digits(page.locator(".o_pager_limit").inner_text()) == accepted
    assert not trouble(cockpit)


def test_what_is_refused_is_corrected_queued_again_and_sent(
    cockpit: WebClient, company: int, ksef: KsefSimulator
) -> None:
    """Without an address our check refuses it; after the correction it goes from the cockpit to its number."""
    page = cockpit.page
    move = _invoice(cockpit, company)
    (name,) = (row["name"] for row in cockpit.call("account.move", "read", [move], ["name"]))
    _show(cockpit)
    _send(page)
    reason = page.locator(".o_bss_ksef_reason", has_text=name)
    _until(cockpit, reason)
    cockpit.shot("ksef-cockpit")
    partner = cockpit.call("account.move", "read", [move], ["partner_id"])[0]["partner_id"][0]
    cockpit.call("res.partner", "write", [partner], _address(cockpit))
    reason.locator("button").last.click()
    page.locator(".modal .btn-primary").click()
    expect(reason).to_have_count(0)
    _send(page)
    for _attempt in range(60):
        (told,) = cockpit.call("account.move", "read", [move], ["bss_ksef_state", "bss_ksef_number"])
        if told["bss_ksef_state"] == "accepted":
            break
        cockpit.call("bss.ksef.cockpit", "ask_now", company)
        page.wait_for_timeout(1000)
    assert told["bss_ksef_number"] in {entry.ksef_number for entry in ksef.register}
    assert not trouble(cockpit)


def _send(page: Page) -> None:
    page.locator(".o_control_panel .btn-primary:visible").first.click()
    page.locator(".modal .btn-primary").click()
    expect(page.locator(".modal")).to_have_count(0)


def _until(client: WebClient, wanted: Locator) -> None:
    """Jobs work behind the screen, which asks for news by itself after the sending."""
    expect(wanted).to_have_count(1, timeout=60_000)
    client.settle()


def test_wizard_tells_a_wrong_file_and_ends_with_a_login(cockpit: WebClient) -> None:
    page = cockpit.page
    page.locator(".o_bss_ksef_set_up").click()
    expect(page.locator(".modal [name=nip]")).to_be_visible()
    press(cockpit, "action_next")
    auth = page.locator(".modal [name=auth] input[type=radio]")
    auth.first.click()
    upload = page.locator(".modal [name=certificate_file] input[type=file]")
    upload.set_input_files({"name": "umowa.crt", "mimeType": "application/x-x509-ca-cert", "buffer": b"umowa"})
    expect(page.locator(".modal .alert-danger:visible")).to_be_visible()
    cockpit.shot("ksef-setup")
    auth.last.click()  # the token that is kept
    press(cockpit, "action_next")
    expect(page.locator(".modal [name=batch_size]")).to_be_visible()
    press(cockpit, "action_next")
    press(cockpit, "action_finish")
    expect(page.locator(".o_notification_bar.bg-success")).to_be_visible()
    expect(page.locator(".breadcrumb-item")).to_have_count(0)
    assert not trouble(cockpit)
