"""A clerk settles a dozen hard payments with the keyboard alone, and bank files are imported by dropping them."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.simulators.bank.mt940_writer import Payment, write_statement

from .client import WebClient
from .forms import open_record, press, trouble

COUNT_MOUSE = """() => {
    window.bssMouse = 0;
    for (const name of ["mousedown", "pointerdown"])
        window.addEventListener(name, () => { window.bssMouse += 1; }, true);
}"""


class Keyboard:
    """A user without a mouse in the inbox: every step is a key, and waits for what the screen shows then."""

    def __init__(self, client: WebClient) -> None:
        self.client = client
        self.page: Page = client.page

    def open(self) -> None:
        self.client.forget()
        self.page.goto(f"{self.client.url}/odoo/payments-inbox")
        expect(self.page.locator(".o_bss_inbox_row").first).to_be_visible()
        self.page.evaluate(COUNT_MOUSE)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def total(self) -> int:
        return int(re.sub(r"\D", "", self.page.locator(".o_bss_inbox_total").inner_text()))

    @property
    def chosen(self) -> Locator:
        return self.page.locator(".o_bss_inbox_account.o_chosen")

    def go_to(self, payer: str, title: str = "") -> None:
        """To a row by as many arrow keys as it takes, the way a user who looks at the list does."""
        rows = self.page.locator(".o_bss_inbox_row")
        texts = rows.all_inner_texts()
        place = next((at for at, text in enumerate(texts) if payer in text and title in text), None)
        assert place is not None, f"{payer} {title} does not wait: {texts}"
        self.press("Home", *["ArrowDown"] * place)
        expect(rows.nth(place)).to_have_attribute("aria-selected", "true")
        expect(self.page.locator(".o_bss_inbox_payment")).to_contain_text(payer)
        expect(self.page.locator(".o_bss_inbox_payment")).to_contain_text(title)

    def find(self, text: str, number: str) -> None:
        """Search an account and take the one with this number by the arrow keys."""
        self.press("a")
        expect(self.page.locator(".o_bss_inbox_search input")).to_be_focused()
        self.page.keyboard.type(text)
        wanted = self.page.locator(".o_bss_inbox_found", has_text=number)
        expect(wanted).to_be_visible()
        # the answer to the last letter may still redraw the list
        self.page.wait_for_timeout(600)
        texts = self.page.locator(".o_bss_inbox_found").all_inner_texts()
        self.press(*["ArrowDown"] * next(at for at, line in enumerate(texts) if number in line))
        expect(wanted).to_have_attribute("aria-selected", "true")
        self.press("Enter")
        expect(self.chosen).to_contain_text(number)

    def settle(self, *keys: str) -> str:
        """Decide with these keys; the payment leaves the list. Returns what the foot of the screen says."""
        self._until_total(self.total - 1, *keys)
        return str(self.page.locator(".o_bss_inbox_told").inner_text())

    def take_back(self) -> None:
        self._until_total(self.total + 1, "u")

    def _until_total(self, total: int, *keys: str) -> None:
        """While a decision is under way the inbox takes no second one."""
        self.press(*keys)
        expect(self.page.locator(".o_bss_inbox_total")).to_have_text(str(total))
        expect(self.page.locator(".o_bss_inbox[data-busy='0']")).to_have_count(1)


@pytest.fixture
def keyboard(admin: WebClient) -> Keyboard:
    keyboard = Keyboard(admin)
    keyboard.open()
    return keyboard


def _waiting(client: WebClient) -> dict[str, dict[str, Any]]:
    fields = ["payer_name", "title", "amount", "state"]
    domain = [["state", "in", ["proposed", "unallocated"]]]
    return {row["payer_name"] or "": row for row in client.call("bss.payment.match", "search_read", domain, fields)}


def _account(client: WebClient, **partner: str) -> dict[str, Any]:
    """The billing account of the customer with this name, street or the like."""
    domain = [[f"partner_id.{name}", "=", value] for name, value in partner.items()]
    (found,) = client.call("bss.account", "search_read", domain, ["name", "partner_id"])
    return dict(found)


def test_a_dozen_hard_payments_are_settled_by_keyboard_alone(keyboard: Keyboard) -> None:
    client = keyboard.client
    waiting = _waiting(client)
    shown = keyboard.total
    settled: dict[int, str] = {}

    def payment(payer: str) -> dict[str, Any]:
        row = next(row for name, row in waiting.items() if name.startswith(payer))
        keyboard.go_to(row["payer_name"], row["title"])
        return row

    def on(row: dict[str, Any], account: dict[str, Any], *keys: str) -> str:
        settled[row["id"]] = account["name"]
        return keyboard.settle(*(keys or ("Enter",)))

    # a relative names the customer
    row = payment("Bronisława")
    account = _account(client, name=row["title"].removeprefix("internet za "))
    keyboard.find(account["partner_id"][1], account["name"])
    client.shot("inbox-found")
    on(row, account)
    # an accountant pays for a customer and will again: a rule
    row = payment("Biuro Rachunkowe Saldo")
    name = row["title"].removesuffix(" faktura za listopad")
    account = _account(client, name=name)
    keyboard.find(name, account["name"])
    keyboard.press("r")
    client.shot("inbox-rule")
    told = on(row, account)
    assert account["name"] in told
    # what is no customer's payment
    settled[payment("Towarzystwo Ubezpieczeń")["id"]] = ""
    keyboard.settle("n")
    settled[payment("Halina Ptak")["id"]] = ""
    keyboard.settle("n")
    # the candidate of the matcher, by its number; the document ticked with the space bar
    row = next(row for name, row in waiting.items() if row["title"] == "przelew")
    keyboard.go_to(row["payer_name"], row["title"])
    number = keyboard.page.locator(".o_bss_inbox_account").first.get_attribute("data-number") or ""
    keyboard.press(number, "d")
    if keyboard.chosen.locator("[role=checkbox]").first.get_attribute("aria-checked") == "false":
        keyboard.press("Space")
    expect(keyboard.chosen.locator("[role=checkbox]").first).to_have_attribute("aria-checked", "true")
    client.shot("inbox-documents")
    (proposed,) = client.call(
        "bss.account", "search_read", [["partner_id.name", "=ilike", row["payer_name"]]], ["name"]
    )
    on(row, proposed)
    # by the address in the title
    row = payment("Wspólnota Lokatorów")
    street = re.sub(r"^oplata | \S+$", "", row["title"])
    account = _account(client, street=street)
    keyboard.find(street, account["name"])
    on(row, account)
    # by the number of the telephone
    row = payment("Lech Bury")
    account = _owner_of_telephone(client, row["title"])
    keyboard.find(row["title"].split()[-1], account["name"])
    on(row, account)
    # two digits of the customer number changed places
    row = payment("Marianna Gil")
    written = row["title"].split()[1]
    (account,) = client.call(
        "bss.account", "search_read", [["name", "=", written[:-2] + written[-1] + written[-2]]], ["name"]
    )
    keyboard.find(account["name"], account["name"])
    on(row, account)
    # paid in advance: the rest is kept as credit
    row = next(row for row in waiting.values() if row["title"].endswith("z góry"))
    keyboard.go_to(row["payer_name"], row["title"])
    account = _account(client, name=row["payer_name"])
    if not keyboard.chosen.count():
        keyboard.find(row["payer_name"], account["name"])
    assert "50,00" in on(row, account)
    # one transfer for two households
    row = next(row for row in waiting.values() if " oraz " in row["title"])
    keyboard.go_to(row["payer_name"], row["title"])
    keyboard.press("s")
    expect(keyboard.page.locator(".o_bss_inbox_part")).to_have_count(2)
    expect(keyboard.page.locator(".o_bss_inbox_left_to_split")).to_contain_text("0,00")
    client.shot("inbox-split")
    settled[row["id"]] = "split"
    keyboard.settle("Enter")

    assert len(settled) >= 10
    assert keyboard.page.evaluate("window.bssMouse") == 0, "no mouse"
    assert not trouble(client)
    for row in client.call("bss.payment.match", "read", list(settled), ["state", "account_id", "decided_by_id"]):
        expected = settled[row["id"]]
        assert row["state"] == ("booked" if expected else "rejected"), row
        if expected not in ("", "split"):
            assert row["account_id"][1].startswith(expected), row
        assert row["decided_by_id"]

    # and all of it taken back again, the last decision first
    for _decision in settled:
        keyboard.take_back()
    assert keyboard.total == shown
    states = client.call("bss.payment.match", "read", list(settled), ["state"])
    assert {row["state"] for row in states} <= {"proposed", "unallocated"}
    assert not trouble(client)


def _owner_of_telephone(client: WebClient, title: str) -> dict[str, Any]:
    digits = title.split()[-1]
    (service,) = client.call(
        "bss.service.identifier", "search_read", [["value", "like", digits], ["kind", "=", "msisdn"]], ["account_id"]
    )
    (account,) = client.call("bss.account", "read", [service["account_id"][0]], ["name"])
    return dict(account)


def test_help_and_filters_answer_to_keys(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.press("?")
    expect(page.locator(".o_bss_inbox_box")).to_be_visible()
    keyboard.press("Escape")
    expect(page.locator(".o_bss_inbox_box")).to_have_count(0)
    amounts = [row["amount"] for row in _waiting(keyboard.client).values()]
    keyboard.press("f", "ArrowDown", "ArrowDown", "Enter")
    largest = f"{max(amounts):.2f}".replace(".", ",")
    expect(page.locator(".o_bss_inbox_row").first).to_contain_text(largest)
    expect(page.locator(".o_bss_inbox")).to_be_focused()
    keyboard.press("m")
    page.keyboard.type("zapytać w BOK")
    keyboard.press("Enter")
    expect(page.locator(".o_bss_inbox_payment")).to_contain_text("zapytać w BOK")
    keyboard.press("m", "Control+a", "Delete", "Enter")
    expect(page.locator(".o_bss_inbox_payment")).not_to_contain_text("zapytać w BOK")
    assert not trouble(keyboard.client)


# --- bank files by drag and drop

DRAG = """files => {
    const data = new DataTransfer();
    for (const file of files) {
        const bytes = Uint8Array.from(atob(file.content), (char) => char.charCodeAt(0));
        data.items.add(new File([bytes], file.name));
    }
    window.bssDragged = data;
    document.querySelector(".o_list_renderer, .o_kanban_renderer")
        .dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true }));
}"""
DROP = """() => document.querySelector(".o_drop_area")
    .dispatchEvent(new DragEvent("drop", { dataTransfer: window.bssDragged, bubbles: true }))"""


def _drop(client: WebClient, files: dict[str, bytes], view: str = "list") -> None:
    action = client.call("ir.model.data", "check_object_reference", "bss_payments_pl", "bss_bank_import_action")[1]
    client.open_action(action)
    if view != "list":
        client.switch_to(view)
    page = client.page
    page.evaluate(DRAG, [{"name": name, "content": base64.b64encode(raw).decode()} for name, raw in files.items()])
    expect(page.locator(".o_drop_area")).to_be_visible()
    client.shot("bank-files-drop")
    page.evaluate(DROP)
    # reading, matching and booking happen before the summary shows
    expect(page.locator(".o_bss_upload_summary .o_bss_file")).to_have_count(len(files), timeout=60_000)


@pytest.fixture
def bank_file(admin: WebClient) -> Iterator[Callable[[int], bytes]]:
    """Makes statements of the demo operator's bank that no run before has seen; what they book is undone."""
    (journal,) = admin.call(
        "account.journal", "search_read", [["type", "=", "bank"], ["bank_account_id", "!=", False]], ["bank_account_id"],
        limit=1,
    )  # fmt: skip
    (bank,) = admin.call("res.partner.bank", "read", [journal["bank_account_id"][0]], ["sanitized_acc_number"])
    virtual = admin.call("bss.virtual.account", "search_read", [["account_id.state", "=", "active"]], ["nrb"], limit=1)
    run = int(time.time())

    def make(number: int) -> bytes:
        day = datetime.now(ZoneInfo("Europe/Warsaw")).date()
        rows = (
            Payment(
                day, Decimal("1.23"), "internet", "Jan", virtual_nrb=virtual[0]["nrb"], reference=f"{run}A{number}"
            ),
            Payment(day, Decimal("7.00"), "kto to wie", "Obca Osoba", reference=f"{run}B{number}"),
            Payment(day, Decimal("-3.50"), "prowizja", reference=f"{run}C{number}"),
        )
        account = bank["sanitized_acc_number"].removeprefix("PL")
        return write_statement(rows, opening=Decimal("100.00"), account_nrb=account, number=number)

    yield make
    domain = [["bank_reference", "like", str(run)], ["state", "=", "booked"]]
    booked = admin.call("bss.payment.match", "search", domain)
    if booked:
        admin.call("bss.payment.match", "action_undo", booked)
    others = admin.call("bss.payment.match", "search", [["bank_reference", "like", str(run)]])
    admin.call("bss.payment.match", "action_reject", others)


def test_dropped_files_are_imported_and_told_about(admin: WebClient, bank_file: Callable[[int], bytes]) -> None:
    admin.forget()
    page = admin.page
    good = bank_file(901)
    _drop(admin, {"wyciag.sta": good, "umowa.txt": b"Szanowni Panstwo"})
    statement = page.locator(".o_bss_file[data-state=imported]")
    expect(statement).to_contain_text("wyciag.sta")
    expect(statement.locator(".o_bss_adds_up.text-success")).to_be_visible()
    expect(page.locator(".o_bss_total_booked")).to_have_text("1")
    expect(page.locator(".o_bss_total_decide")).to_have_text("1")
    expect(statement.locator(".o_bss_figures")).to_contain_text("8,23")
    expect(page.locator(".o_bss_file[data-state=rejected]")).to_contain_text("umowa.txt")
    admin.shot("bank-files-summary")
    page.locator(".o_bss_decide").click()
    expect(page.locator(".o_bss_inbox_row", has_text="Obca Osoba").first).to_be_visible()
    assert not trouble(admin)


def test_the_same_file_is_refused_with_words(admin: WebClient, bank_file: Callable[[int], bytes]) -> None:
    admin.forget()
    content = bank_file(902)
    _drop(admin, {"pierwszy.sta": content})
    _drop(admin, {"drugi.sta": content}, view="kanban")
    refused = admin.page.locator(".o_bss_refused")
    expect(refused).to_contain_text("drugi.sta")
    expect(refused).to_contain_text("pierwszy.sta")
    assert not trouble(admin)


def test_reports_of_payments_draw(admin: WebClient) -> None:
    page = admin.page
    for path in ("money-in", "payments-unmatched"):
        admin.forget()
        page.goto(f"{admin.url}/odoo/{path}")
        expect(page.locator(".o_graph_view canvas, .o_graph_view .o_view_nocontent").first).to_be_visible()
        admin.settle()
        admin.shot(path)
        admin.switch_to("pivot")
        expect(page.locator(".o_pivot table")).to_be_visible()
        assert not trouble(admin)


REPORT = (
    '110,20261002,4999,10901014,0,"38109010140000071219812900","96102055584444000000000101","JAN KOWALSKI||",'
    '"TELEKOM|||",0,10205558,"FV/2026/09/000101","","","51",""\r\n'
    "999,1,4999\r\n"
).encode("cp1250")


def test_layout_of_reports_is_tried_on_a_file_while_it_is_edited(admin: WebClient) -> None:
    admin.forget()
    page = admin.page
    (shipped,) = admin.call("bss.bank.report.profile", "search", [["code", "=", "elixir_csv"]])
    open_record(admin, "bss_payments_pl.bss_bank_report_profile_action", shipped)
    press(admin, "action_copy_to_edit")
    expect(page.locator("button[name=action_copy_to_edit]")).to_have_count(0)
    page.locator(".o_field_widget[name=sample_file] input[type=file]").set_input_files(
        {"name": "raport.txt", "mimeType": "text/plain", "buffer": REPORT}
    )
    preview = page.locator(".o_field_widget[name=preview_html]")
    expect(preview).to_contain_text("JAN KOWALSKI")
    expect(preview.locator(".alert-success")).to_contain_text("49,99")
    # the amount from a wrong column: the sum of the trailer no longer agrees, before anything is saved
    amount = page.locator(".o_field_widget[name=column_ids] .o_data_row").nth(1)
    amount.locator("[name=number]").click()
    amount.locator("[name=number] input").fill("4")
    page.keyboard.press("Tab")
    expect(preview.locator(".alert-success")).to_have_count(0)
    admin.shot("report-layout-preview")
    page.locator(".o_form_button_cancel").click()
    assert not trouble(admin)
