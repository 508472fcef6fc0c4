"""What an invoice of a billing account says: rows in, plain text out. The template only places it."""

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from num2words import num2words

from .formats import (
    format_amount,
    format_date,
    format_duration,
    format_money,
    format_nrb,
    format_period,
    format_price,
    format_quantity,
    price_from_amount,
)
from .invoice_correction import buyer, buyer_before, corrected, states
from .invoice_rows import ZERO, Invoice, Line, Party
from .invoice_words import WORDS
from .qr import qr_svg
from .transfer_qr import TransferQr, transfer_qr
from .words import amount_in_words

# "… (01.11.2026 – 30.11.2026)", in the date format of any language
PERIOD_AT_END = re.compile(r"\s*\(\d[\d./-]*(?: – \d[\d./-]*)?\)$")
LINE_ORDER = {"recurring": 0, "one_off": 1, "correction": 2, "usage": 3, "interest": 4}
HISTORY_MONTHS = 6
Content = dict[str, Any]


def invoice_content(invoice: Invoice) -> Content:
    """Everything that the document prints. ``ksef`` and the codes come later, see ``with_late``."""
    words = WORDS[invoice.lang]
    correcting = invoice.refund or invoice.correction is not None
    kind = "correction" if correcting else "invoice"
    issued = invoice.issued or invoice.accounting_date
    to_pay = invoice.total - overpayment_used(invoice)
    return {
        "lang": invoice.lang,
        "kind": kind,
        "title": title(invoice, words),
        "number": invoice.number,
        "watermark": "" if invoice.posted else words["watermark"],
        "issued_on": issued.isoformat() if issued else "",
        "place_date": "",
        "seller": invoice.seller.data,
        "recipient": recipient(invoice.recipient, invoice.buyer),
        "buyer": buyer((invoice.correction and invoice.correction.buyer_after) or invoice.buyer),
        "buyer_before": buyer_before(invoice.correction),
        "dates": {
            "issue": format_date(invoice.issued),
            "sale": format_date(invoice.supplied),
            "due": format_date(invoice.due),
        },
        "references": references(invoice, words),
        "corrected": corrected(invoice),
        "lines": lines(invoice, words),
        "states": states(invoice),
        "taxes": taxes(invoice),
        "totals": totals(invoice, to_pay),
        "payment": None if invoice.refund else payment(invoice, words, to_pay),
        "balance": balance(invoice, words),
        "settlement": settlement(invoice),
        "usage": [] if correcting else usage(invoice),
        "history": [] if correcting else history(invoice),
        "ksef": invoice.ksef,
        "message": invoice.seller.message,
        "notes": [],
    }


def title(invoice: Invoice, words: dict[str, str]) -> str:
    if not invoice.posted:
        return words["draft"]
    if invoice.refund:
        return words["correction"]
    return words["rising"] if invoice.correction else words["invoice"]


def with_late(data: Content, ksef: dict[str, str], original_ksef_number: str) -> Content:
    """Frozen ``data`` of an issued invoice with what KSeF gave since, and nothing else changed."""
    corrected_data = data.get("corrected")
    if corrected_data:
        corrected_data = {**corrected_data, "ksef_number": original_ksef_number}
    return {**data, "ksef": ksef, "corrected": corrected_data}


def with_codes(data: Content) -> Content:
    """``data`` with its codes drawn: of the transfer, and of what KSeF gave."""
    ksef, pay = data.get("ksef") or {}, data.get("payment")
    if ksef.get("url"):
        label = ksef.get("number") or ksef.get("label") or "OFFLINE"
        ksef = {**ksef, "label": label, "qr_svg": qr_svg(ksef["url"], "M", 2)}
    if pay and pay.get("qr_payload"):
        pay = {**pay, "qr_svg": qr_svg(pay["qr_payload"], "L", 2)}
    return {**data, "ksef": ksef or None, "payment": pay}


# --- parties


def recipient(party: Party, head: Party) -> Content:
    """Whom the envelope names: the contact below its company."""
    lines = [party.name] if party is not head and party.name else []
    return {**(party if lines else head).address(), "name": head.name, "lines": lines}


# --- head


def references(invoice: Invoice, words: dict[str, str]) -> list[list[str]]:
    contracts = {line.contract for line in invoice.lines if line.contract}
    ours = not invoice.refund
    rows = [
        (words["issued"], format_date(invoice.issued)),
        (words["sold"], format_date(invoice.supplied)),
        (words["period"], format_period(invoice.date_start, invoice.date_end)),
        (words["due"], format_date(invoice.due) if ours else ""),
        (words["account"], invoice.account),
        (words["contract"], contracts.pop() if len(contracts) == 1 else ""),
        (words["way"], words["cash" if invoice.cash else "transfer"] if ours else ""),
        (words["reseller"], invoice.reseller),
    ]
    return [[label, value] for label, value in rows if value]


# --- lines


def lines(invoice: Invoice, words: dict[str, str]) -> list[Content]:
    """Product lines, under the name of their service when a service has several."""
    sign = -1 if invoice.refund else 1
    groups: dict[int, list[Line]] = {}
    for line in invoice.lines:
        groups.setdefault(line.head_id, []).append(line)
    rows: list[Content] = []
    number = 0
    for head, group in groups.items():
        several = head and len(group) > 1
        if several:
            rows.append({"section": True, "name": group[0].head_name})
        # fees first, usage after them
        for line in sorted(group, key=lambda one: LINE_ORDER.get(one.kind, 0)):
            number += 1
            rows.append(line_row(line, number, words, sign, with_identifier=not several))
    return rows


def line_row(line: Line, number: int, words: dict[str, str], sign: int, *, with_identifier: bool) -> Content:
    return {
        "no": number,
        "name": line_name(line, with_identifier=with_identifier),
        "period": format_period(line.date_start, line.date_end),
        "quantity": format_quantity(line.quantity * sign),
        "unit": words["goods_unit" if line.goods else "service_unit"],
        "price": format_price(net_price(line)),
        "net": format_amount(line.net * sign),
        "vat_rate": line.rate,
    }


def net_price(line: Line) -> Decimal:
    """Unit price beside the net amount, discount taken off: there is no column for it (art. 106e(1)(9, 10) VAT act).

    Of a gross price it is what the net amount leaves for one unit, in as many decimals as give the amount back.
    """
    if not (line.gross_price and line.quantity):
        return line.price_unit * (100 - line.discount) / 100
    return price_from_amount(line.net, line.quantity)


def line_name(line: Line, *, with_identifier: bool) -> str:
    """The text of the line without its period, which has a column of its own."""
    name = PERIOD_AT_END.sub("", line.name) if line.date_start else line.name
    if with_identifier and line.identifier and line.identifier not in name:
        return f"{name} – {line.identifier}"
    return name


# --- sums


def taxes(invoice: Invoice) -> list[Content]:
    """Net, VAT and gross of every rate, from the posted lines."""
    sign = -1 if invoice.refund else 1
    net: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in invoice.lines:
        net[line.rate] += line.net
    # a second tax of a line, which its rate does not name, has VAT and no net of its own
    for rate in invoice.vat_by_rate:
        net[rate] += ZERO
    found = []
    for rate in sorted(net, key=lambda label: (len(label), label), reverse=True):
        vat = invoice.vat_by_rate.get(rate, ZERO)
        found.append(
            {
                "rate": rate,
                "net": format_amount(net[rate] * sign),
                "vat": format_amount(vat * sign),
                "gross": format_amount((net[rate] + vat) * sign),
            }
        )
    return found


def totals(invoice: Invoice, to_pay: Decimal) -> Content:
    """``due`` is what is left to pay; the words tell the amount of the invoice.

    ``returned``: of a corrective invoice what lowers no debt and is the customer's to get back, "" when there is none.
    """
    total = -invoice.total if invoice.refund else invoice.total
    sign = -1 if invoice.refund else 1
    in_polish = invoice.lang == "pl" and invoice.currency == "PLN"
    return {
        "net": format_amount(invoice.net * sign),
        "vat": format_amount(invoice.vat * sign),
        "gross": format_amount(total),
        "due": format_money(abs(to_pay), invoice.currency),
        "words": amount_in_words(abs(total)) if in_polish else other_words(abs(total), invoice.currency, invoice.lang),
        "negative": total < 0,
        "returned": format_money(invoice.left, invoice.currency) if total < 0 and invoice.left else "",
    }


def other_words(total: Decimal, currency: str, lang: str) -> str:
    """``seventy-two PLN 57/100``: other languages and currencies."""
    whole, cents = divmod(int(total.scaleb(2)), 100)
    return f"{num2words(whole, lang=lang)} {currency} {cents:02d}/100"


# --- balance of the account


def overpayment_used(invoice: Invoice) -> Decimal:
    """What the customer has paid too much before, up to the amount of the invoice."""
    if invoice.refund or invoice.balance.total >= 0 or invoice.total <= 0:
        return ZERO
    return min(invoice.total, -invoice.balance.total)


def overdue_before(invoice: Invoice) -> Decimal:
    """What of earlier documents is past its day and still owed."""
    if invoice.refund or invoice.total <= 0:
        return ZERO
    return max(min(invoice.balance.total, invoice.balance.overdue), ZERO)


def settlement(invoice: Invoice) -> dict[str, str]:
    """What ``balance`` adds to the amount of the invoice and takes from it, as plain numbers for machines."""
    amounts = {"overpaid": overpayment_used(invoice), "overdue": overdue_before(invoice)}
    return {name: f"{amount:.2f}" for name, amount in amounts.items() if amount}


def balance(invoice: Invoice, words: dict[str, str]) -> list[list[str]]:
    """Rows [label, amount] from the invoice's amount to what the customer owes; none when there is only the invoice."""
    used, overdue = overpayment_used(invoice), overdue_before(invoice)
    if not used and not overdue:
        return []
    rows = [("invoice_amount", invoice.total)]
    if used:
        rows += [("overpaid", -used), ("to_pay", invoice.total - used)]
    else:
        rows += [("overdue", overdue), ("with_overdue", invoice.total + overdue)]
    return [[words[label], format_money(amount, invoice.currency)] for label, amount in rows]


# --- payment


def payment(invoice: Invoice, words: dict[str, str], to_pay: Decimal) -> Content | None:
    """Where and how to pay; the account's own number when it has one."""
    if not invoice.total:
        return None
    if not to_pay:
        return {"heading": words["pay_settled"], "text": words["text_settled"]}
    way = "cash" if invoice.cash else "transfer"
    data: Content = {"heading": words[f"pay_{way}"], "text": words.get(f"text_{way}", "")}
    if not invoice.nrb:
        return data
    seller = invoice.seller
    data.update(
        receiver=seller.name,
        nrb=format_nrb(invoice.nrb),
        bank=seller.banks.get(invoice.nrb[2:6], ""),
        amount=format_money(to_pay, invoice.currency),
        title=invoice.number,
    )
    if invoice.currency == "PLN" and invoice.posted:
        code = transfer_qr(invoice.nrb, int(to_pay.scaleb(2)), seller.name, invoice.number, seller.vat)
        if isinstance(code, TransferQr):
            data.update(qr_payload=code.payload, amount_open=code.amount_open)
    return data


# --- usage and earlier months


def usage(invoice: Invoice) -> list[Content]:
    """Usage of the invoice by service and direction; ``share`` is its part of the dearest row, in percent."""
    found = [line.usage for line in invoice.lines if line.usage]
    top = max((row.net for row in found), default=ZERO)
    rows = [
        {
            "service": row.service,
            "zone": row.zone,
            "count": format_quantity(Decimal(row.count)),
            "duration": format_duration(row.seconds) if row.seconds else "",
            "amount": format_amount(row.net),
            "share": share(row.net, top),
        }
        for row in found
    ]
    return sorted(rows, key=lambda row: (row["service"], row["zone"]))


def history(invoice: Invoice) -> list[Content]:
    """Gross amounts of the months before and of this invoice, for a chart; nothing for a new customer."""
    if not invoice.issued or not invoice.history:
        return []
    bars: list[tuple[tuple[int, int], Decimal]] = []
    for back in range(HISTORY_MONTHS - 1, 0, -1):
        month = month_before(invoice.issued, back)
        if bars or month in invoice.history:
            bars.append((month, invoice.history.get(month, ZERO)))
    if not bars:
        return []
    bars.append(((invoice.issued.year, invoice.issued.month), invoice.total))
    top = max(amount for _month, amount in bars)
    return [
        {"label": f"{month:02d}.{year}", "amount": format_amount(amount), "share": share(amount, top)}
        for (year, month), amount in bars
    ]


def month_before(day: date, back: int) -> tuple[int, int]:
    year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    return year, month + 1


def share(part: Decimal, whole: Decimal) -> int:
    return max(0, int(part * 100 / whole)) if whole > 0 else 0
