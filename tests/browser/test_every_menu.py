"""Every BSS menu opens for the administrator, as do its first record, an empty form and its other views."""

from __future__ import annotations

import re

from playwright.sync_api import Error as PlaywrightError

from .client import WebClient

OTHER_VIEWS = ("kanban", "list", "pivot", "graph", "calendar", "activity")


def _menus(client: WebClient) -> list[tuple[str, str]]:
    """``(complete name, action)`` of every menu below the BSS root that opens something."""
    root = client.call("ir.model.data", "check_object_reference", "bss_catalog", "menu_bss_root")[1]
    menus = client.call(
        "ir.ui.menu", "search_read", [("id", "child_of", root)], ["complete_name", "action"], order="parent_path"
    )
    return [(menu["complete_name"], menu["action"]) for menu in menus if menu["action"]]


def _file_name(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.split("/", 1)[-1]).strip("-").lower()


def test_every_menu_opens_without_an_error(admin: WebClient) -> None:
    menus = _menus(admin)
    assert len(menus) >= 30, f"only {len(menus)} menus: an addon lost its menus"
    faults: list[str] = []
    for title, action in menus:
        model, action_id = action.split(",")
        faults += _look_at(admin, title, int(action_id), model)
    assert not faults, "\n".join(faults)


def _look_at(client: WebClient, title: str, action_id: int, model: str) -> list[str]:
    client.forget()
    name = _file_name(title)
    try:
        client.open_action(action_id)
        client.shot(name)
        if model == "ir.actions.act_window":
            modes = client.call("ir.actions.act_window", "read", [action_id], ["view_mode", "target"])[0]
            if modes["target"] in ("current", "main", False):
                _look_at_views(client, name, modes["view_mode"].split(","))
        trouble = client.visible_error()
    except (AssertionError, PlaywrightError) as error:  # report every menu, not only the first that fails
        client.shot(f"{name}-FAILED")
        trouble = str(error).splitlines()[0]
    faults = [*client.errors, *([trouble] if trouble else [])]
    return [f"{title}: {fault}" for fault in faults]


def _look_at_views(client: WebClient, name: str, modes: list[str]) -> None:
    for mode in modes[1:]:
        if mode in OTHER_VIEWS and client.switch_to(mode):
            client.shot(f"{name}-{mode}")
    if "form" not in modes:
        return
    client.switch_to(modes[0])
    if client.open_first_record():
        client.shot(f"{name}-form")
