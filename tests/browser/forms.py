"""Fill and read forms of the web client as a user does."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Locator

from .client import WebClient


def widget(client: WebClient, name: str, within: Locator | None = None) -> Locator:
    """The visible widget of a field: in the dialogue when one is open, else on the page."""
    if within is None:
        dialog = client.page.locator(".modal .o_form_view")
        within = dialog.last if dialog.count() else client.page.locator(".o_action_manager")
    return within.locator(f"[name='{name}']:visible").first


def write(client: WebClient, name: str, text: str, within: Locator | None = None) -> None:
    """Type into a field and leave it."""
    field = widget(client, name, within).locator("input, textarea").first
    field.click()
    field.fill(text)
    field.press("Tab")
    client.settle()


def write_date(client: WebClient, name: str, day: date) -> None:
    """A day as a Polish user types it."""
    box = widget(client, name)
    if box.locator("button").count():
        box.locator("button").first.click()  # a day that is set shows as a button
    field = box.locator("input").first
    field.click()
    field.fill(day.strftime("%d.%m.%Y"))
    field.press("Enter")
    client.settle()


def choose(client: WebClient, name: str, text: str, within: Locator | None = None) -> None:
    """Choose the record of a many2one that carries ``text``."""
    field = widget(client, name, within).locator("input").first
    field.click()
    field.fill(text)
    option = client.page.locator(".o-autocomplete--dropdown-item:visible", has_text=text).first
    option.click()
    client.settle()


def select(client: WebClient, model: str, name: str, value: str) -> None:
    """Choose a value of a selection by its key; the menu shows it in the user's language."""
    described = client.call(model, "fields_get", [name], ["selection"], context=client.call("res.users", "context_get"))
    label = dict(described[name]["selection"])[value]
    widget(client, name).locator("input").first.click()
    client.page.locator(".o_select_menu_item:visible", has_text=label).first.click()
    client.settle()


def press(client: WebClient, name: str) -> None:
    """Press the button of an action and wait until the client rests."""
    client.page.locator(f"button[name='{name}']:visible").last.click()
    client.settle()


def read(client: WebClient, name: str) -> str:
    """Text of a field, spaces of all kinds as plain ones."""
    return " ".join(widget(client, name).inner_text().split())


def open_record(client: WebClient, xml_id: str, record_id: int) -> None:
    """The form of a record under a window action of the product."""
    module, name = xml_id.split(".")
    action = client.call("ir.model.data", "check_object_reference", module, name)[1]
    client.page.goto(f"{client.url}/odoo/action-{action}/{record_id}")
    client.page.wait_for_selector(".o_form_view")
    client.settle()


def open_page(client: WebClient, name: str) -> None:
    """A page of the form's notebook by its technical name."""
    client.page.locator(f".o_notebook .nav-link[name='{name}']").click()
    client.settle()


def add_line(client: WebClient, name: str) -> Locator:
    """A new row of an editable list; returns it."""
    widget(client, name).locator(".o_field_x2many_list_row_add a").first.click()
    client.settle()
    return client.page.locator(".o_selected_row").first


def write_in_row(client: WebClient, row_text: str, name: str, text: str) -> None:
    """Write into a cell of the row that shows ``row_text``; the list may still be redrawn by the step before."""
    box = client.page.locator(f".o_selected_row td[name='{name}'] input")
    for _attempt in range(10):
        client.page.locator(".o_data_row:visible", has_text=row_text).first.locator(f"td[name='{name}']").click()
        client.page.wait_for_timeout(300)
        if box.count():
            break
    box.fill(text)
    client.page.locator(".o_last_breadcrumb_item").click()  # leave the row; Tab would open the next one
    client.page.wait_for_selector(".o_selected_row", state="detached")
    client.settle()


def trouble(client: WebClient) -> str:
    """What a user would complain of; empty when all is well."""
    return "; ".join(filter(None, [client.visible_error(), *client.errors]))
