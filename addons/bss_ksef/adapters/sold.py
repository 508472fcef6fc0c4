"""What is sold, with net and, where the prices hold the tax, gross amounts: one of the two becomes the lines."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..ksef_core import fa3

ZERO = Decimal(0)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")
RATE_PLACES = Decimal("0.000001")


class Item(NamedTuple):
    """One line to be. `price` and `discount` (per unit) are net or, when `gross` is not None, gross."""

    number: int
    name: str
    rate: fa3.Rate | None
    quantity: Decimal
    unit: str
    net: Decimal
    gross: Decimal | None
    price: Decimal | None
    discount: Decimal | None
    gtu: str
    annex15: bool
    supply_date: object  # date or None
    exchange_rate: Decimal | None
    rate_oss: Decimal | None = None
    before: bool = False


def rate_of(taxes) -> fa3.Rate | None:
    """The one KSeF rate of a line; without exactly one it has none."""
    rates = [tax.rate for tax in taxes if tax.rate or tax.is_settlement]
    return rates[0] if len(rates) == 1 else None


def is_settlement(taxes) -> bool:
    """Outside VAT: no line of the invoice but an item of Rozliczenie."""
    return bool(taxes) and all(tax.is_settlement for tax in taxes)


def items(head, rows, sign, extra, book):
    """Items of journal items; numbers are places."""
    own = extra.get("lines") or {}
    exchange_rate = exchange_rate_of(head)
    margin = bool(extra.get("margin"))
    for number, row in enumerate(rows, start=1):
        taxes = [book.tax(tax_id) for tax_id in row.tax_ids]
        rate = rate_of(taxes)
        if rate is None and margin and not any(tax.percent for tax in taxes):
            rate = fa3.Rate.MARGIN
        in_price = any(tax.is_in_price for tax in taxes) or rate is fa3.Rate.MARGIN
        quantity = Decimal(row.quantity) * sign
        price = Decimal(row.price)
        discount = Decimal(row.discount)
        yield Item(
            number=number,
            name=row.name,
            rate=rate,
            quantity=quantity,
            unit=book.unit(row.unit_id),
            net=Decimal(row.amount),  # as booked: rounding for the whole invoice is not in the sum of the line
            gross=Decimal(row.total) * sign if in_price else None,
            price=price if quantity else None,
            discount=price * discount / HUNDRED if discount and quantity else None,
            gtu=row.gtu or "",
            annex15=book.is_annex15(row),
            supply_date=(own.get(row.id) or {}).get("supply_date") or _own_date(head, row),
            exchange_rate=exchange_rate,
            rate_oss=Decimal(f"{taxes[0].percent:.2f}") if rate is fa3.Rate.OSS else None,
        )


def _own_date(head, row):
    """P_6A: only for a line whose period ended before the period of the invoice."""
    return row.date_end if row.date_end and head.own_start and row.date_end < head.own_start else None


def exchange_rate_of(head) -> Decimal | None:
    """KursWaluty: that of the invoice, not what rounding leaves of it in a small amount."""
    if not head.is_foreign or not Decimal(head.currency_rate or 0):
        return None
    return (1 / Decimal(head.currency_rate)).quantize(RATE_PLACES)


def taxes_of(items, totals) -> list[Decimal]:
    """Tax of each item, together what is booked: the largest of a rate takes what rounding leaves."""
    taxes = [_tax_of(item) for item in items]
    for total in totals:
        places = [place for place, item in enumerate(items) if item.rate == total.rate]
        if places:
            largest = max(places, key=lambda place: abs(items[place].net))
            taxes[largest] += total.tax - sum(taxes[place] for place in places)
    return taxes


def _tax_of(item) -> Decimal:
    if item.gross is not None:
        return item.gross - item.net
    percent = Decimal(item.rate) if item.rate and item.rate.isdigit() else ZERO
    return (item.net * percent / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def totals(items, tax_rows, book, *, is_foreign) -> tuple[fa3.RateTotal, ...]:
    """Net sums from the items, tax sums as booked: tax lines of the entry carry the rounding of the document."""
    net: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    tax: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    tax_pln: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    for item in items:
        if item.rate:
            net[item.rate] += -item.net if item.before else item.net
    for row in tax_rows:
        rate = book.tax(row.tax_line_id).rate
        if rate:
            tax[rate] += Decimal(row.amount)
            tax_pln[rate] += Decimal(row.balance)
    return tuple(
        fa3.RateTotal(rate, net[rate], tax[rate], tax_pln[rate] if is_foreign else None)
        for rate in sorted(net.keys() | tax.keys())
    )


def are_gross(items, totals) -> bool:
    """Whether gross lines tell the truth: every price holds its tax, and they sum up to what is booked.

    Otherwise, as where net and gross prices meet on one invoice, the lines are net and the unit price follows.
    """
    if not any(item.gross is not None for item in items):
        return False
    sums: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    for item in items:
        if item.rate is None:
            return False
        gross = item.gross
        if gross is None:
            if fa3.TOTAL_ELEMENTS[item.rate][1]:
                return False
            gross = item.net  # without tax both are the same
        sums[item.rate] += -gross if item.before else gross
    return all(sums[total.rate] == total.net + total.tax for total in totals)


def lines(items, *, gross: bool) -> tuple[fa3.Line, ...]:
    return tuple(_line(item, gross) for item in items)


def _line(item, gross):
    price, discount = item.price, item.discount
    if not gross and item.gross is not None:
        # a net unit price is what the net amount leaves for one unit
        price, discount = (item.net / item.quantity if item.quantity else None), None
    return fa3.Line(
        number=item.number,
        name=item.name,
        net=None if gross else item.net,
        rate=item.rate,
        quantity=item.quantity,
        unit=item.unit,
        price=None if gross else price,
        unit_discount=discount,
        supply_date=item.supply_date,
        gtu=item.gtu,
        exchange_rate=item.exchange_rate,
        before=item.before,
        gross=(item.net if item.gross is None else item.gross) if gross else None,
        gross_price=price if gross else None,
        annex15=item.annex15,
        rate_oss=item.rate_oss,
    )
