"""A billing manager runs bills in the browser: looks, holds, issues, pauses, tries again and gives up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from . import forms
from .client import WebClient

RUN_ACTION = "bss_contracts.bss_bill_run_action"
JOBS = 120_000  # ms that the background jobs of a small run may take
CROWD = 60  # enough that a click comes before the last of them, however fast they are


@dataclass
class Operator:
    client: WebClient
    cycle: int
    accounts: list[int]

    def charge(self, accounts: list[int], amount: float, day: str) -> None:
        product = self.client.call("product.product", "search", [("taxes_id", "!=", False)], limit=1)[0]
        vals = {"product_id": product, "name": "Opłata", "date_start": day, "date_end": day}
        vals |= {"price_unit": amount, "amount": amount}
        self.client.call("bss.charge", "create", [{**vals, "account_id": account} for account in accounts])

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
    found.charge(accounts, 100.0, "2026-09-01")
    september = found.run_of("2026-09-01", "2026-09-30")
    for step in ("action_collect", "action_issue"):
        admin.call("bss.bill.run", step, [september], context={"queue_job__no_delay": True})
    assert found.read(september, "state", "issued_count") == ["done", 3]
    for account, amount in zip(accounts, (100.0, 110.0, 900.0), strict=True):
        found.charge([account], amount, "2026-10-01")
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
    assert operator.read(run, "state", "stage", "released_count") == ["running", "issue", 1]
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


@pytest.fixture
def crowd(operator: Operator) -> Iterator[Operator]:
    """Many accounts more and a job for each: long enough to press a button while they are issued."""
    client = operator.client
    names = [f"Klient {number:02}" for number in range(CROWD)]
    partners = client.call("res.partner", "create", [{"name": name, "lang": "pl_PL"} for name in names])
    vals = [{"partner_id": partner, "bill_cycle_id": operator.cycle} for partner in partners]
    more = client.call("bss.account", "create", vals)
    operator.accounts.extend(more)
    operator.charge(more, 50.0, "2026-10-01")
    settings = {"bss_contracts.bill_run_small": "1", "bss_contracts.bill_run_chunk_size": "1"}
    for key, value in settings.items():
        client.call("ir.config_parameter", "set_param", key, value)
    yield operator
    for key in settings:
        client.call("ir.config_parameter", "set_param", key, False)


def confirm(client: WebClient, button: str) -> None:
    """Press a button that asks, and say yes."""
    forms.press(client, button)
    client.page.locator(".modal footer .btn-primary:visible").click()
    client.page.wait_for_selector(".modal", state="detached")
    client.settle()


def collect(operator: Operator, run: int) -> None:
    """Collect the run on the screen and accept what deviates."""
    client = operator.client
    forms.open_record(client, RUN_ACTION, run)
    forms.press(client, "action_collect")
    client.page.wait_for_selector("button[name=action_review_issue]:visible", timeout=JOBS)
    deviating = client.call("bss.bill.run.item", "search", [("run_id", "=", run), ("is_to_check", "=", True)])
    if deviating:
        client.call("bss.bill.run.item", "action_accept", deviating)
    # nothing works in the preview that could be paused
    assert not client.page.locator("button[name=action_pause]:visible, button[name=action_resume]:visible").count()


def issue_and_pause(operator: Operator, run: int) -> int:
    """Issue on the screen, pause while the jobs work; how many invoices there are then."""
    client, page = operator.client, operator.client.page
    forms.press(client, "action_review_issue")
    page.locator(".modal button[name=action_issue]:visible").click()
    expect(page.locator(".o_bss_run_progress [data-state=issued] .fs-3")).not_to_have_text("0", timeout=JOBS)
    confirm(client, "action_pause")
    # the funnel follows until the job at work is through, then it stands still
    page.wait_for_selector(".o_bss_run_progress[data-working='0']", timeout=JOBS)
    issued = int(str(operator.read(run, "issued_count")[0]))
    expect(page.locator(".o_bss_run_progress [data-state=issued] .fs-3")).to_have_text(str(issued))
    page.wait_for_timeout(1500)
    assert operator.read(run, "state", "stage", "is_paused", "issued_count") == ["running", "issue", True, issued]
    assert 0 < issued < len(operator.accounts)
    return issued


def wait_until_over(operator: Operator, run: int) -> None:
    """The jobs of the run are through; an error shows its button long before the last of them."""
    for _look in range(JOBS // 250):
        if operator.read(run, "state") != ["running"]:
            return
        operator.client.page.wait_for_timeout(250)
    raise AssertionError("the run is still at work")


def test_pause_resume_retry_give_up(crowd: Operator) -> None:
    client, page, total = crowd.client, crowd.client.page, len(crowd.accounts)
    [broken] = client.call("bss.account", "read", crowd.accounts[-1:], ["partner_id"])
    client.call("res.partner", "write", [broken["partner_id"][0]], {"active": False})

    # paused in the middle, gone on: nobody is invoiced twice, and one account is an error
    run = crowd.run_of("2026-10-01", "2026-10-31")
    collect(crowd, run)
    issue_and_pause(crowd, run)
    client.shot("bill-run-paused")
    confirm(client, "action_resume")
    wait_until_over(crowd, run)
    page.wait_for_selector("button[name=action_retry_failed]:visible", timeout=JOBS)
    assert crowd.read(run, "state", "issued_count", "error_count") == ["done_errors", total - 1, 1]
    forms.press(client, "action_view_errors")
    rows = page.locator(".o_list_view .o_data_row")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(broken["partner_id"][1])
    client.shot("bill-run-errors")
    page.go_back()
    page.wait_for_selector("button[name=action_retry_failed]:visible")
    client.settle()

    # the cause is cured
    client.call("res.partner", "write", [broken["partner_id"][0]], {"active": True})
    forms.press(client, "action_retry_failed")
    expect(page.locator(".o_bss_run_progress [data-state=issued] .fs-3")).to_have_text(str(total), timeout=JOBS)
    page.wait_for_selector(".o_bss_run_progress[data-working='0']", timeout=JOBS)
    assert crowd.read(run, "state", "issued_count", "error_count") == ["done", total, 0]
    assert client.call("account.move", "search_count", [("bss_bill_run_id", "=", run)]) == total

    # the next one is given up in the middle: what is issued stays, the other charges are free
    crowd.charge(crowd.accounts, 50.0, "2026-11-01")
    run = crowd.run_of("2026-11-01", "2026-11-30")
    collect(crowd, run)
    issued = issue_and_pause(crowd, run)
    confirm(client, "action_cancel")
    expect(page.locator(".o_bss_run_progress [data-state=cancelled] .fs-3")).to_have_text(str(total - issued))
    assert crowd.read(run, "state", "stage", "is_paused", "issued_count") == ["done", "finished", False, issued]
    free = [("account_id", "in", crowd.accounts), ("state", "=", "pending"), ("bill_run_id", "=", False)]
    assert client.call("bss.charge", "search_count", free) == total - issued
    client.shot("bill-run-given-up")
    assert not forms.trouble(client)
