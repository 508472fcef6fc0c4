"""A billing manager runs a bill in the browser: preview, hold one account, issue, release it, issue again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from . import forms
from .client import WebClient

RUN_ACTION = "bss_contracts.bss_bill_run_action"
JOBS = 120_000  # ms that the background jobs of a small run may take


@dataclass
class Operator:
    client: WebClient
    cycle: int
    accounts: list[int]

    def charge(self, account: int, amount: float, day: str) -> None:
        product = self.client.call("product.product", "search", [("taxes_id", "!=", False)], limit=1)[0]
        self.client.call(
            "bss.charge",
            "create",
            {
                "account_id": account,
                "product_id": product,
                "name": "Opłata",
                "date_start": day,
                "date_end": day,
                "price_unit": amount,
                "amount": amount,
            },
        )

    def run_of(self, start: str, end: str) -> int:
        vals = {"cycle_id": self.cycle, "date_start": start, "date_end": end, "date_invoice": start}
        return int(self.client.call("bss.bill.run", "create", vals))

    def read(self, run: int, *names: str) -> list[object]:
        row = self.client.call("bss.bill.run", "read", [run], list(names))[0]
        return [row[name] for name in names]


@pytest.fixture
def operator(admin: WebClient) -> Operator:
    """Three customers on a cycle of their own, billed 100.00 each in September."""
    admin.forget()
    (billed,) = admin.call(
        "bss.bill.cycle", "search_read", [("journal_id", "!=", False)], ["company_id", "journal_id"], limit=1
    )
    cycle = admin.call(
        "bss.bill.cycle",
        "create",
        {"name": "Podgląd", "day": 1, "company_id": billed["company_id"][0], "journal_id": billed["journal_id"][0]},
    )
    partners = admin.call(
        "res.partner",
        "create",
        [{"name": name, "city": "Gniezno", "lang": "pl_PL"} for name in ("Adam Sowa", "Beata Kos", "Celina Wilga")],
    )
    accounts = admin.call(
        "bss.account", "create", [{"partner_id": partner, "bill_cycle_id": cycle} for partner in partners]
    )
    found = Operator(admin, cycle, accounts)
    for account in accounts:
        found.charge(account, 100.0, "2026-09-01")
    september = found.run_of("2026-09-01", "2026-09-30")
    for step in ("action_collect", "action_issue"):
        admin.call("bss.bill.run", step, [september], context={"queue_job__no_delay": True})
    assert found.read(september, "state", "issued_count") == ["done", 3]
    for account, amount in zip(accounts, (100.0, 110.0, 900.0), strict=True):
        found.charge(account, amount, "2026-10-01")
    return found


def funnel(client: WebClient, state: str) -> str:
    """Number of accounts in a state, as the funnel shows it."""
    return client.page.locator(f".o_bss_run_progress [data-state='{state}'] .fs-3").inner_text()


def test_preview_hold_issue_release_issue(operator: Operator) -> None:
    client, page = operator.client, operator.client.page
    run = operator.run_of("2026-10-01", "2026-10-31")
    forms.open_record(client, RUN_ACTION, run)

    # the form follows the jobs by itself until the preview is there
    forms.press(client, "action_collect")
    page.wait_for_selector("button[name=action_review_issue]:visible", timeout=JOBS)
    client.settle()
    assert (funnel(client, "pending"), funnel(client, "issued")) == ("3", "0")
    forms.open_page(client, "preview")
    preview = " ".join(page.locator(".o_bss_run_preview").inner_text().split())
    assert "1110,00" in preview.replace(" ", "") and "300,00" in preview and "+270" in preview, preview
    client.shot("bill-run-preview")

    # one account deviates and is held
    forms.press(client, "action_view_outliers")
    page.wait_for_selector(".o_list_view")
    client.settle()
    rows = page.locator(".o_data_row")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Celina Wilga")
    client.shot("bill-run-deviations")
    rows.first.locator("button[name=action_hold]").click()
    expect(rows).to_have_count(0)
    page.go_back()
    page.wait_for_selector(".o_form_view")
    client.settle()
    expect(page.locator(".o_bss_run_progress [data-state=held] .fs-3")).to_have_text("1")

    # the rest is issued
    forms.press(client, "action_review_issue")
    client.page.locator(".modal button[name=action_issue]:visible").click()
    expect(page.locator(".o_bss_run_progress [data-state=issued] .fs-3")).to_have_text("2", timeout=JOBS)
    page.wait_for_selector(".o_bss_run_progress[data-working='0']", timeout=JOBS)
    assert operator.read(run, "state", "issued_count", "held_count") == ["done", 2, 1]
    client.shot("bill-run-issued")

    # released, and issued as well
    forms.press(client, "action_view_held")
    page.wait_for_selector(".o_list_view")
    client.settle()
    page.locator(".o_data_row button[name=action_release]").click()
    expect(page.locator(".o_data_row")).to_have_count(0)
    page.go_back()
    page.wait_for_selector("button[name=action_review_issue]:visible")
    client.settle()
    forms.press(client, "action_review_issue")
    client.page.locator(".modal button[name=action_issue]:visible").click()
    expect(page.locator(".o_bss_run_progress [data-state=issued] .fs-3")).to_have_text("3", timeout=JOBS)
    page.wait_for_selector(".o_bss_run_progress[data-working='0']", timeout=JOBS)
    assert operator.read(run, "state", "issued_count", "held_count", "pending_count") == ["done", 3, 0, 0]

    forms.open_page(client, "report")
    report = page.locator(".o_bss_run_checks")
    expect(report.locator(".text-bg-success")).to_have_count(4)
    client.shot("bill-run-report")
    assert not forms.trouble(client)
