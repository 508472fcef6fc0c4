"""A scanner in front of the screen for letters: it types a code wherever the focus is and ends with Enter."""

from __future__ import annotations

from typing import Any

import pytest

from .client import WebClient

ROWS = ".o_bss_scan_list tbody tr"


@pytest.fixture
def letter(admin: WebClient) -> dict[str, Any]:
    """A registered letter that the print house has."""
    on_its_way = [
        ("batch_id.state", "=", "handed"),
        ("state", "in", ("ready", "sent")),
        ("franking", "!=", "plain"),
        ("document_id.state", "in", ("issued", "sent")),
    ]
    (line,) = admin.call("bss.dunning.print.line", "search_read", on_its_way, ["barcode", "document_id"], limit=1)
    return dict(line)


def _scan(client: WebClient, code: str, status: str) -> None:
    """What the wedge of a scanner does."""
    client.page.keyboard.type(code)
    client.page.keyboard.press("Enter")
    client.page.wait_for_selector(f".o_bss_scan_last[data-status={status}]")


def _state(client: WebClient, letter: dict[str, Any]) -> str:
    return str(client.call("bss.document", "read", [letter["document_id"][0]], ["state"])[0]["state"])


def test_letters_are_recorded_and_undone(admin: WebClient, letter: dict[str, Any]) -> None:
    before = _state(admin, letter)
    admin.forget()
    action = admin.call("ir.model.data", "check_object_reference", "bss_dunning", "bss_dunning_scan_screen_action")[1]
    admin.open_action(action)
    admin.page.wait_for_selector(".o_bss_scan_code:focus")

    _scan(admin, letter["barcode"], "refused")
    assert _state(admin, letter) == before, "nobody said what to record"
    admin.page.locator("[data-mode=delivered]").click()
    _scan(admin, letter["barcode"], "done")
    assert _state(admin, letter) == "delivered"
    admin.page.locator(".o_main_navbar").click(position={"x": 700, "y": 20})  # the focus is lost, nothing else
    _scan(admin, letter["barcode"].lower(), "known")
    _scan(admin, letter["barcode"][:-1], "refused")
    admin.page.locator("[data-mode=returned]").click()
    admin.page.locator("[data-reason=moved]").click()
    admin.page.wait_for_selector(".o_bss_scan_code:focus")
    _scan(admin, letter["barcode"], "refused")
    admin.shot("scan-letters-refused")
    statuses = admin.page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.status)")
    assert statuses[:4] == ["refused", "refused", "known", "done"]

    admin.page.locator(".o_bss_scan_undo").click()
    admin.page.wait_for_selector(".o_bss_scan_last[data-status=undone]")
    assert _state(admin, letter) == before
    _scan(admin, letter["barcode"], "done")
    assert _state(admin, letter) == "returned"
    admin.page.locator(".o_bss_scan_undo").click()
    admin.page.wait_for_selector(".o_bss_scan_last[data-status=undone]")
    assert _state(admin, letter) == before, "the next test finds the letter as it was"
    assert not admin.errors


def test_an_undo_that_got_no_answer_stops_no_scan(admin: WebClient, letter: dict[str, Any]) -> None:
    before = _state(admin, letter)
    action = admin.call("ir.model.data", "check_object_reference", "bss_dunning", "bss_dunning_scan_screen_action")[1]
    admin.open_action(action)
    admin.page.wait_for_selector(".o_bss_scan_code:focus")
    admin.page.locator("[data-mode=delivered]").click()
    _scan(admin, letter["barcode"], "done")
    admin.page.route("**/undo_last", lambda route: route.abort())
    admin.page.locator(".o_bss_scan_undo").click()
    admin.page.wait_for_selector(".o_bss_scan_last[data-status=refused]")
    admin.page.unroute("**/undo_last")
    _scan(admin, letter["barcode"], "known")
    admin.page.locator(".o_bss_scan_undo").click()
    admin.page.wait_for_selector(".o_bss_scan_last[data-status=undone]")
    assert _state(admin, letter) == before, "the next test finds the letter as it was"
    admin.forget()  # the request without an answer is told in the console
