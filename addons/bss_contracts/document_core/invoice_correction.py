"""What a corrective invoice says beside an ordinary one: states before and after, several originals, the buyer."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .formats import (
    format_amount,
    format_date,
    format_nip,
    format_period,
    format_price,
    format_quantity,
    price_from_amount,
)
from .invoice_rows import CorrectedLine, Correction, Invoice, LineSide, Original, Party

Content = dict[str, Any]


def corrected(invoice: Invoice) -> Content | None:
    """Which invoices are corrected and why; None on an ordinary invoice."""
    correction = invoice.correction
    originals = correction.originals if correction else [invoice.original] if invoice.original else []
    if not originals or not (invoice.refund or correction):
        return None
    single = len(originals) == 1
    names = [one.number if single else f"{one.number} ({format_date(one.issued)})" for one in originals]
    return {
        "number": ", ".join(names),
        "date": format_date(originals[0].issued) if single else "",
        "reason": (correction.reason if correction else invoice.ref).strip(),
        "ksef_number": ", ".join(one.ksef_number for one in originals if one.ksef_number),
        "discount_period": format_period(*correction.discount_days) if correction and correction.discount_days else "",
        "invoices": [] if single else [original(one) for one in originals],
    }


def original(one: Original) -> Content:
    return {
        "number": one.number,
        "date": format_date(one.issued),
        "period": format_period(one.date_start, one.date_end),
    }


def states(invoice: Invoice) -> list[Content]:
    """Each corrected line before, after, and their difference."""
    correction = invoice.correction
    if not correction:
        return []
    several = len(correction.originals) > 1
    return [line_states(line, number, several=several) for number, line in enumerate(correction.lines, start=1)]


def line_states(line: CorrectedLine, number: int, *, several: bool) -> Content:
    return {
        "no": number,
        "name": f"{line.name} ({line.original})" if several and line.original else line.name,
        "before": side(line.before),
        "after": side(line.after),
        "difference": {
            "quantity": quantity_change(line),
            "price": "",
            "net": format_amount(line.after.net - line.before.net),
            "vat_rate": rate_change(line),
        },
    }


def rate_change(line: CorrectedLine) -> str:
    before, after = line.before.rate, line.after.rate
    return after if before == after else f"{before} → {after}"


def quantity_change(line: CorrectedLine) -> str:
    change = line.after.quantity - line.before.quantity
    return format_quantity(change) if change else ""


def side(one: LineSide) -> Content:
    return {
        "quantity": format_quantity(one.quantity),
        "price": format_price(side_price(one)),
        "net": format_amount(one.net),
        "vat_rate": one.rate,
    }


def side_price(one: LineSide) -> Decimal:
    """Net unit price: of a gross price, or with a discount, it is what the amount leaves for one unit."""
    if not one.quantity:
        return Decimal(0) if one.is_gross else one.price
    whole = (one.quantity * one.price).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if whole == one.net and not one.is_gross:
        return one.price
    return price_from_amount(one.net, one.quantity)


def buyer_before(correction: Correction | None) -> Content | None:
    """The buyer as the corrected invoice named him, when his data are corrected."""
    return buyer(correction.buyer_before) if correction and correction.buyer_before else None


def buyer(party: Party) -> Content:
    return {**party.address(), "name": party.name, "vat": format_nip(party.vat)}
