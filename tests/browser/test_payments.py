"""A clerk settles a dozen hard payments with the keyboard alone, and bank files are imported by dropping them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.simulators.bank.mt940_writer import Payment

from .bank_files import Bank, Debtor, payer_account, slip
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

    def open(self, word: str, count: int) -> None:
        """The inbox with the payments that hold this word, whatever else waits there."""
        self.client.forget()
        self.page.goto(f"{self.client.url}/odoo/payments-inbox")
        expect(self.page.locator(".o_bss_inbox_row").first).to_be_visible()
        self.page.evaluate(COUNT_MOUSE)
        self.narrow(word, count)

    def narrow(self, word: str, count: int) -> None:
        self.press("/")
        assert self.page.evaluate("document.activeElement.type") == "search"
        self.page.keyboard.type(word)
        expect(self.page.locator(".o_bss_inbox_total")).to_have_text(str(count))
        self.press("Escape")
        expect(self.page.locator(".o_bss_inbox")).to_be_focused()

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
def bank(admin: WebClient) -> Iterator[Bank]:
    bank = Bank(admin)
    yield bank
    bank.clear()


@pytest.fixture
def keyboard(admin: WebClient) -> Keyboard:
    return Keyboard(admin)


def _hard_payments(bank: Bank, debtors: list[Debtor]) -> dict[str, Payment]:
    """Payments that nothing but a clerk can decide, by what is hard about them."""
    word, made = bank.word, {}

    def pay(kind: str, amount: Decimal, title: str, payer: str) -> None:
        made[kind] = Payment(bank.today, amount, title, payer, payer_account(7_700_000 + len(made)))

    called, calling, *others, mine, neighbour = debtors
    relative, customer, digits, address, advance, initials = others
    pay("insurer", Decimal("312.40"), f"Zwrot {word}", "Towarzystwo Ubezpieczeń Pewność")
    pay("donor", Decimal("35.00"), "darowizna dla schroniska", f"Halina {word}")
    pay("telephone", called.owes, f"abonament tel. {called.telephone[-9:]}", f"Lech {word}")
    pay("accountant", calling.owes, f"{calling.name} faktura za listopad", f"Biuro Rachunkowe {word}")
    pay("relative", relative.owes, f"internet za {relative.name}", f"Bronisława {word}")
    pay("name", customer.owes, f"przelew {word}", customer.name.upper())
    pay("slip", digits.owes, f"klient {slip(digits.account)} opłata", f"Marianna {word}")
    pay("address", address.owes, f"oplata {address.street}", f"Wspólnota {word}")
    pay("advance", advance.owes + 50, f"za internet i telewizję z góry {word}", advance.name)
    pay("initials", initials.owes, "rachunek", f"{initials.name[0]}. {word}")
    pay("households", mine.owes + neighbour.owes, f"{mine.invoice} oraz {neighbour.invoice}", f"Sąsiad {word}")
    return made


def test_a_dozen_hard_payments_are_settled_by_keyboard_alone(keyboard: Keyboard, bank: Bank) -> None:
    client = keyboard.client
    debtors = bank.debtors(10)
    called, calling, relative, customer, digits, address, advance, initials, mine, neighbour = debtors
    hard = _hard_payments(bank, debtors)
    waiting = bank.receive([*hard.values()], 900)
    assert {row["state"] for row in waiting} <= {"proposed", "unallocated"}, waiting
    keyboard.open(bank.word, len(hard))
    settled: dict[str, str] = {}

    def payment(kind: str) -> None:
        keyboard.go_to(hard[kind].payer_name, hard[kind].title)

    def on(kind: str, debtor: Debtor) -> str:
        settled[kind] = debtor.account
        return keyboard.settle("Enter")

    def find_and_book(kind: str, debtor: Debtor, text: str) -> str:
        payment(kind)
        keyboard.find(text, debtor.account)
        return on(kind, debtor)

    # a relative names the customer
    payment("relative")
    keyboard.find(relative.name, relative.account)
    client.shot("inbox-found")
    on("relative", relative)
    # an accountant pays for a customer and will again: a rule
    payment("accountant")
    keyboard.find(calling.name, calling.account)
    keyboard.press("r")
    client.shot("inbox-rule")
    assert calling.account in on("accountant", calling)
    # what is no customer's payment
    for kind in ("insurer", "donor"):
        payment(kind)
        settled[kind] = ""
        keyboard.settle("n")
    # the candidate of the matcher, by its number; the document ticked with the space bar
    payment("name")
    proposed = keyboard.page.locator(".o_bss_inbox_account", has_text=customer.account)
    keyboard.press(proposed.get_attribute("data-number") or "", "d")
    box = keyboard.chosen.locator("[role=checkbox]").first
    if box.get_attribute("aria-checked") == "false":
        keyboard.press("Space")
    expect(box).to_have_attribute("aria-checked", "true")
    client.shot("inbox-documents")
    on("name", customer)
    # by the address in the title, by the number of the telephone, by what the initials stand for
    find_and_book("address", address, address.street)
    find_and_book("telephone", called, called.telephone[-9:] or called.name)
    find_and_book("initials", initials, initials.name)
    # two digits of the customer number changed places
    find_and_book("slip", digits, digits.account)
    # paid in advance: the rest is kept as credit
    assert "50,00" in find_and_book("advance", advance, advance.name)
    # one transfer for two households
    payment("households")
    keyboard.press("s")
    parts = keyboard.page.locator(".o_bss_inbox_part")
    expect(parts).to_have_count(2)
    for debtor in (mine, neighbour):
        expect(parts.filter(has_text=debtor.account)).to_have_count(1)
    expect(keyboard.page.locator(".o_bss_inbox_left_to_split")).to_contain_text("0,00")
    client.shot("inbox-split")
    settled["households"] = "split"
    keyboard.settle("Enter")

    assert settled.keys() == hard.keys()
    assert keyboard.page.evaluate("window.bssMouse") == 0, "no mouse"
    assert not trouble(client)
    found = {(row["payer_name"], row["title"]): row for row in bank.payments()}
    for kind, expected in settled.items():
        row = found[hard[kind].payer_name, hard[kind].title]
        assert row["state"] == ("booked" if expected else "rejected"), row
        if expected not in ("", "split"):
            assert row["account_id"][1].startswith(expected), row
        assert row["decided_by_id"]

    # and all of it taken back again, the last decision first
    for _decision in settled:
        keyboard.take_back()
    assert keyboard.total == len(hard)
    assert {row["state"] for row in bank.payments()} <= {"proposed", "unallocated"}
    assert not trouble(client)


def test_help_and_filters_answer_to_keys(keyboard: Keyboard, bank: Bank) -> None:
    page = keyboard.page
    rows = [Payment(bank.today, Decimal(zloty), "kto to", f"Obcy {bank.word}") for zloty in (12, 345, 67)]
    bank.receive(rows, 903)
    keyboard.open(bank.word, len(rows))
    keyboard.press("?")
    expect(page.locator(".o_bss_inbox_box")).to_be_visible()
    keyboard.press("Escape")
    expect(page.locator(".o_bss_inbox_box")).to_have_count(0)
    keyboard.press("f", "ArrowDown", "ArrowDown", "Enter")
    expect(page.locator(".o_bss_inbox_row").first).to_contain_text("345,00")
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
def bank_file(bank: Bank) -> Callable[[int], bytes]:
    """Makes statements of one payment to a virtual account, one of a stranger and a fee."""

    def make(number: int) -> bytes:
        rows = (
            Payment(bank.today, Decimal("1.23"), "internet", "Jan", virtual_nrb=bank.virtual["nrb"]),
            Payment(bank.today, Decimal("7.00"), "kto to wie", f"Obca {bank.word}"),
            Payment(bank.today, Decimal("-3.50"), "prowizja"),
        )
        return bank.statement(rows, number)

    return make


def test_dropped_files_are_imported_and_told_about(
    admin: WebClient, bank: Bank, bank_file: Callable[[int], bytes], keyboard: Keyboard
) -> None:
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
    expect(page.locator(".o_bss_inbox_row").first).to_be_visible()
    keyboard.narrow(bank.word, 1)
    expect(page.locator(".o_bss_inbox_row", has_text=f"Obca {bank.word}")).to_be_visible()
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
    before = admin.call("bss.bank.report.profile", "search", [])
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
    made = admin.call("bss.bank.report.profile", "search", [["id", "not in", before]])
    assert len(made) == 1
    admin.call("bss.bank.report.profile", "unlink", made)
