"""A user of the Odoo web client in headless Chromium: logs in, opens menus, and hears every error the page makes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Messages that say nothing of our pages, each with its reason.
HARMLESS = (
    "favicon",  # browsers ask for it whatever the page says
    "ResizeObserver loop",  # raised by Odoo's own list view when a column is laid out again
)


@dataclass
class WebClient:
    """One logged-in page; ``errors`` collects what the browser complained of since the last :meth:`forget`."""

    page: Page
    url: str
    screens: Path
    errors: list[str] = field(default_factory=list)

    def login(self, login: str, password: str) -> None:
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar", timeout=60_000)

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call the server with the session of the page, as the web client does."""
        answer = self.page.request.post(
            f"{self.url}/web/dataset/call_kw/{model}/{method}",
            data={"jsonrpc": "2.0", "params": {"model": model, "method": method, "args": args, "kwargs": kwargs}},
        ).json()
        if "error" in answer:
            raise AssertionError(f"{model}.{method}: {answer['error']['data']['message']}")
        return answer.get("result")

    def open_action(self, action_id: int) -> None:
        """Open a window action and wait until its view shows records, its help, or a form."""
        self.page.goto(f"{self.url}/odoo/action-{action_id}")
        self.page.wait_for_selector(
            ".o_action_manager .o_view_controller, .o_action_manager .o_action, .o_dialog .modal-body", timeout=30_000
        )
        self.settle()

    def settle(self) -> None:
        """Wait until no request of the web client is under way (the bus has its own connection and never rests)."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function("!document.querySelector('.o_blockUI, .o_loading_indicator')")

    def switch_to(self, mode: str) -> bool:
        """Show another view of the action; ``False`` when it has none of that kind."""
        button = self.page.locator(f".o_switch_view.o_{mode}")
        if not button.count():
            return False
        button.first.click()
        self.page.wait_for_selector(f".o_action_manager .o_{mode}_view")
        self.settle()
        return True

    def open_first_record(self) -> bool:
        """Open the first record of a list or kanban; ``False`` when there is none or the list is edited in place."""
        if self.page.locator(".o_view_sample_data").count():
            return False
        for selector in (
            ".o_list_view .o_data_row .o_data_cell:not(.o_handle_cell):not(.o_boolean_toggle_cell)",
            ".o_kanban_view .o_kanban_record:not(.o_kanban_ghost)",
        ):
            cell = self.page.locator(selector).first
            if cell.count() and cell.is_visible():
                cell.click()
                self.settle()
                if self.page.locator(".o_list_view .o_selected_row").count():
                    return False
                self.page.wait_for_selector(".o_action_manager .o_form_view")
                self.settle()
                return True
        return False

    def shot(self, name: str) -> Path:
        path = self.screens / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def visible_error(self) -> str:
        """Text of an error dialog or notification on the screen, empty when there is none."""
        dialog = self.page.locator(".o_error_dialog, .o_notification.border-danger")
        return dialog.first.inner_text() if dialog.count() else ""

    def forget(self) -> None:
        self.errors.clear()


@contextmanager
def web_client(url: str, screens: Path) -> Iterator[WebClient]:
    """Start Chromium with one page on ``url``; screenshots go to ``screens``."""
    screens.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        raise RuntimeError("No Chromium found: install Debian's package 'chromium'.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        try:
            yield new_client(browser, url, screens)
        finally:
            browser.close()


def new_client(browser: Browser, url: str, screens: Path) -> WebClient:
    """Another page with cookies of its own; Playwright itself runs only once in a process."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="pl-PL")
    page.set_default_timeout(30_000)
    client = WebClient(page, url, screens)
    page.on("pageerror", lambda error: client.errors.append(f"page error: {error}"))
    page.on("console", lambda message: _note_console(client, message))
    page.on("response", lambda response: _note_response(client, response))
    return client


def _note_console(client: WebClient, message: Any) -> None:
    if message.type == "error" and not any(harmless in message.text for harmless in HARMLESS):
        client.errors.append(f"console: {message.text}")


def _note_response(client: WebClient, response: Any) -> None:
    if response.status >= 500:
        client.errors.append(f"HTTP {response.status}: {response.url}")
