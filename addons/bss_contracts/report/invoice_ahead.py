"""What invoices print that are about to be written as rows: the same rows as of written ones, from what is known."""

from datetime import date
from typing import NamedTuple

from ..bulk_core import NULL, decimal_token, money_token
from . import invoice_queries
from .invoice_loader import InvoiceLoader

# columns that must be NULL on the pattern, or the documents are made from the written rows
SPECIAL = ("ref", "reversed_entry_id", "bss_correction_id")


class Coming(NamedTuple):
    """An invoice to be: ids and number reserved, nothing written. ``ready``: see ``bulk.Ready``."""

    move_id: int
    number: str
    ready: object


class Head(NamedTuple):
    """As a row of ``invoice_queries.moves``."""

    id: int
    name: str
    invoice_date: date | None
    date: date | None
    invoice_date_due: date | None
    delivery_date: date | None
    supplied: date | None
    date_start: date | None
    date_end: date | None
    net: str
    vat: str
    total: str
    open: str
    currency_id: int
    currency: str
    company_id: int
    partner_id: int
    commercial_id: int
    account_id: int
    account: str
    payment_way: str
    reseller: str | None
    move_type: str = "out_invoice"
    state: str = "posted"
    ref: str = ""
    original_id: int | None = None
    original: str | None = None
    original_date: date | None = None
    original_supplied: date | None = None
    correction_id: int | None = None


class Line(NamedTuple):
    """As a row of ``invoice_queries.lines``; tax lines have no facts."""

    id: int
    move_id: int
    display_type: str
    tax_line_id: int | None
    amount_currency: str
    name: str = ""
    quantity: str = "0"
    price_unit: str = "0"
    discount: str = "0"
    date_start: date | None = None
    date_end: date | None = None
    product_type: str | None = None
    kind: str | None = None
    charge_name: str | None = None
    usage_count: int | None = None
    usage_seconds: int | None = None
    head_id: int | None = None
    head_name: str | None = None
    identifier: str | None = None
    contract: str | None = None
    usage_service: str | None = None
    zone: dict | None = None


class AheadLoader(InvoiceLoader):
    """Invoices of ``coming``, all of one chunk; ``setting`` is that of ``bulk.prepare``."""

    def __init__(self, setting, coming):
        super().__init__(setting.env["account.move"].browse([one.move_id for one in coming]))
        self.setting, self.coming = setting, coming
        self._sorted = {}

    def can_tell(self):
        """Whether these say nothing but what their requests and patterns do."""
        patterns = {id(one.ready.shape): one.ready.shape.exemplar for one in self.coming}
        return all(
            pattern.move.token("move_type") == "out_invoice"
            and pattern.move.token("state") == "posted"
            and all(pattern.move.token(column) == NULL for column in SPECIAL)
            for pattern in patterns.values()
        )

    def _heads(self):
        requests = [one.ready.request for one in self.coming]
        accounts = invoice_queries.accounts(self.env, {one.account_id for one in requests})
        resellers = invoice_queries.names(self.env, {one.reseller_id for one in requests if one.reseller_id})
        company = self.setting.company
        dates = {}
        found = []
        for one in self.coming:
            request, amounts, shape = one.ready
            if shape.key not in dates:
                dates[shape.key] = [_day(shape.exemplar.move.token(name)) for name in DATES]
            found.append(
                Head(
                    one.move_id,
                    one.number,
                    *dates[shape.key],
                    request.date_start,
                    request.date_end,
                    money_token(amounts.untaxed),
                    money_token(amounts.tax),
                    money_token(amounts.total),
                    money_token(amounts.total),
                    company.currency_id.id,
                    company.currency_id.name,
                    company.id,
                    request.partner_id,
                    self.setting.partners[request.partner_id].commercial_id,
                    request.account_id,
                    *accounts[request.account_id],
                    resellers.get(request.reseller_id),
                )
            )
        return found

    def _lines(self):
        digits = self.setting.digits
        named = [
            (line.product_id, line.service_id, line.charge_id)
            for one in self.coming
            for line in one.ready.request.lines
        ]
        facts = iter(invoice_queries.line_facts(self.env, named))
        rows, taxes_of = [], {}
        for one in self.coming:
            request, amounts, _shape = one.ready
            for line, net in zip(request.lines, amounts.nets, strict=True):
                taxes_of[len(rows)] = self._in_order(line.tax_ids)
                rows.append(
                    Line(
                        len(rows),
                        one.move_id,
                        "product",
                        None,
                        money_token(-net),
                        line.name,
                        decimal_token(line.quantity, digits["Product Unit"]),
                        repr(float(line.price_unit)),
                        decimal_token(line.discount, digits["Discount"]),
                        line.date_start,
                        line.date_end,
                        *next(facts),
                    )
                )
            rows += [
                Line(len(rows) + place, one.move_id, "tax", tax.tax_id, money_token(-tax.amount))
                for place, tax in enumerate(amounts.taxes)
            ]
        return rows, taxes_of

    def _in_order(self, tax_ids):
        if tax_ids not in self._sorted:
            taxes = self.env["account.tax"].browse(tax_ids)
            self._sorted[tax_ids] = taxes.sorted(lambda tax: (tax.sequence, tax.id)).ids
        return self._sorted[tax_ids]


# of Head, in its order
DATES = ("invoice_date", "date", "invoice_date_due", "delivery_date", "taxable_supply_date")


def _day(token):
    return None if token in (None, NULL) else date.fromisoformat(token)
