"""Bank files of the browser tests: statements that no run before has seen, whatever the database holds already.

Each run marks its payments with a word of its own in payer or title. It finds them by that word, undoes what was booked
and sets them aside in the end, so that another run on the same database begins where this one did.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulators.bank.mt940_writer import Payment, write_statement

from .client import WebClient

CLEARING = "10205558"  # of the payers' bank


def word() -> str:
    """A word of letters that nobody's name holds, new each second."""
    number, letters = int(time.time()), ""
    while number:
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[rest]
    return letters.capitalize()


def payer_account(number: int) -> str:
    """A Polish account number with right check digits."""
    basic = f"{CLEARING}{number:016d}"
    return f"{98 - int(basic + '252100') % 97:02d}{basic}"


@dataclass(frozen=True)
class Debtor:
    """A customer with one open invoice that nothing was paid of."""

    account: str
    name: str
    street: str
    invoice: str
    owes: Decimal
    telephone: str = ""


class Bank:
    """The operator's bank: writes statements for the journal that his virtual accounts belong to."""

    def __init__(self, client: WebClient) -> None:
        self.client = client
        self.word = word()
        (self.virtual,) = self._read("bss.virtual.account", [["account_id.state", "=", "active"]], "nrb", "pool_id")
        (pool,) = self._read("bss.virtual.account.pool", [["id", "=", self.virtual["pool_id"][0]]], "journal_id")
        (journal,) = self._read("account.journal", [["id", "=", pool["journal_id"][0]]], "bank_account_id")
        (bank,) = self._read("res.partner.bank", [["id", "=", journal["bank_account_id"][0]]], "sanitized_acc_number")
        self.number = str(bank["sanitized_acc_number"]).removeprefix("PL")

    @property
    def today(self) -> date:
        return datetime.now(ZoneInfo("Europe/Warsaw")).date()

    def statement(self, rows: Sequence[Payment], number: int) -> bytes:
        """Every payment bears a reference of this run."""
        marked = [replace(row, reference=f"{self.word.upper()}{number}X{place}") for place, row in enumerate(rows)]
        return write_statement(marked, opening=Decimal("100.00"), account_nrb=self.number, number=number)

    def receive(self, rows: Sequence[Payment], number: int) -> list[dict[str, Any]]:
        """Import a statement as the wizard does; its payments as they were found."""
        content = base64.b64encode(self.statement(rows, number)).decode()
        call = self.client.call
        file = call("ir.attachment", "create", {"name": f"{self.word}{number}.sta", "datas": content})
        wizard = call("bss.bank.import.wizard", "create", {"attachment_ids": [[6, 0, [file]]]})
        call("bss.bank.import.wizard", "action_import", [wizard])
        return self.payments()

    def payments(self, *domain: list[Any]) -> list[dict[str, Any]]:
        """Payments of this run."""
        mine = ["bank_reference", "=like", f"{self.word.upper()}%"]
        fields = ["payer_name", "title", "amount", "state", "account_id", "decided_by_id"]
        return list(self.client.call("bss.payment.match", "search_read", [mine, *domain], fields))

    def clear(self) -> None:
        """Nothing of this run waits any more or pays anybody's debt."""
        booked = [row["id"] for row in self.payments(["state", "=", "booked"])]
        if booked:
            self.client.call("bss.payment.match", "action_undo", booked)
        left = [row["id"] for row in self.payments(["state", "in", ["proposed", "unallocated"]])]
        self.client.call("bss.payment.match", "action_reject", left)

    def debtors(self, count: int) -> list[Debtor]:
        """Customers of different names who owe one whole invoice each, those with a telephone first."""
        open_ones = [
            ["move_type", "=", "out_invoice"], ["state", "=", "posted"], ["payment_state", "=", "not_paid"],
            ["bss_account_id.state", "=", "active"], ["currency_id.name", "=", "PLN"],
        ]  # fmt: skip
        found = self._read("account.move", open_ones, "name", "amount_total", "bss_account_id", limit=400)
        ids = [move["bss_account_id"][0] for move in found]
        accounts = {row["id"]: row for row in self._by_id("bss.account", ids, "name", "partner_id", "amount_due")}
        customers = [row["partner_id"][0] for row in accounts.values()]
        partners = {row["id"]: row for row in self._by_id("res.partner", customers, "name", "street")}
        lines = self._read(
            "bss.service.identifier",
            [["kind", "=", "msisdn"], ["account_id", "in", ids]],
            "value",
            "account_id",
            limit=400,
        )
        telephones = {line["account_id"][0]: line["value"] for line in lines}
        names = [row["name"] for row in partners.values()]
        made = []
        for move in found:
            account = accounts[move["bss_account_id"][0]]
            partner = partners[account["partner_id"][0]]
            if (
                account["amount_due"] == move["amount_total"]
                and names.count(partner["name"]) == 1
                and partner["street"]
            ):
                owes = Decimal(str(move["amount_total"]))
                telephone = telephones.get(account["id"], "")
                made.append(Debtor(account["name"], partner["name"], partner["street"], move["name"], owes, telephone))
        assert len(made) >= count, f"{len(made)} customers with one open invoice each, {count} wanted"
        return sorted(made, key=lambda debtor: not debtor.telephone)[:count]

    def _read(self, model: str, domain: list[Any], *fields: str, limit: int = 1) -> list[dict[str, Any]]:
        return list(self.client.call(model, "search_read", domain, fields, limit=limit))

    def _by_id(self, model: str, ids: list[int], *fields: str) -> list[dict[str, Any]]:
        return list(self.client.call(model, "read", list(set(ids)), fields))


def slip(number: str) -> str:
    """The number with two different neighbouring digits swapped, as near its end as possible."""
    place = max(at for at in range(1, len(number)) if number[at] != number[at - 1])
    return f"{number[: place - 1]}{number[place]}{number[place - 1]}{number[place + 1 :]}"
