"""Payment, settlement outside VAT, annotations, notes and contracts of an invoice."""

from __future__ import annotations

from decimal import Decimal

from ..ksef_core import fa3
from .sold import is_settlement

# art. 106e(1)(18a) of the VAT act: above this gross value, with an item of annex 15, the payment is split
SPLIT_PAYMENT_ABOVE = Decimal(15_000)  # PLN
ROUNDING = "Zaokrąglenie"
IN_EU = frozenset({fa3.Rate.ZERO_EU, fa3.Rate.OUTSIDE_EU_SERVICE})


def settlement(rows, sign, extra, book):
    """(rows that are sold, charges, deductions, sum of the invoice's own ones): what stands outside VAT leaves the lines.

    The sum is in the total of the books and not in P_15. Rounding to cash is such an amount, too.
    """
    sold, charges, deductions, total = [], [], [], Decimal(0)
    for row in rows:
        if row.is_rounding:
            amount = Decimal(row.amount)
        elif is_settlement([book.tax(tax_id) for tax_id in row.tax_ids]):
            amount = Decimal(row.total) * sign
        else:
            sold.append(row)
            continue
        total += amount
        if amount:
            (charges if amount > 0 else deductions).append(fa3.Amount(abs(amount), row.name or ROUNDING))
    charges.extend(fa3.Amount(*item) for item in extra.get("charges") or ())
    deductions.extend(fa3.Amount(*item) for item in extra.get("deductions") or ())
    return sold, tuple(charges), tuple(deductions), total


def annotations(rows, must_split, extra, book) -> fa3.Annotations:
    grounds = [book.tax(tax_id).exemption for row in rows for tax_id in row.tax_ids]
    margin = extra.get("margin")
    return fa3.Annotations(
        cash_method=bool(extra.get("cash_method")),
        self_billing=bool(extra.get("self_billing")),
        reverse_charge=bool(extra.get("reverse_charge")),
        split_payment=bool(extra.get("split_payment")) or must_split,
        exemption_act="; ".join(dict.fromkeys(ground for ground in grounds if ground)),
        triangular=bool(extra.get("triangular")),
        margin=fa3.Margin(margin) if margin else None,
    )


def must_split(head, items, buyer, total, originals) -> bool:
    """By `total`, P_15, without what is outside VAT; a correction says what its originals had to say."""
    if not buyer.nip or not any(item.annex15 for item in items):
        return False
    value = abs(total)
    booked = abs(Decimal(head.total))
    if head.is_foreign and booked:
        value *= head.value / booked
    return max(value, head.original_value, *(row.value for row in originals)) > SPLIT_PAYMENT_ABOVE


def notes(rows, extra) -> tuple[fa3.Note, ...]:
    found = [fa3.Note(key, value) for key, value in extra.get("notes") or ()]
    own = extra.get("lines")
    if own:
        numbers = {row.id: number for number, row in enumerate(rows, start=1)}
        for line_id, values in own.items():
            if line_id in numbers:
                found.extend(fa3.Note(key, value, numbers[line_id]) for key, value in values.get("notes") or ())
    return tuple(found)


def payment(head, due_dates, extra) -> fa3.Payment | None:
    """Platnosc; a credit note asks for no payment."""
    if head.move_type == "out_refund":
        return None
    accounts = ()
    number = "".join((extra.get("bank_account") or "").split()).upper()
    if number:
        number = number.removeprefix("PL") if number[2:].isdigit() and len(number) == 28 else number
        accounts = (fa3.BankAccount(number, extra.get("bank_name") or ""),)
    return fa3.Payment(
        due_dates=tuple(sorted(due_dates)),
        method=extra.get("payment_method", 6 if accounts else None),
        accounts=accounts,
        paid_on=extra.get("paid_on"),
        link=extra.get("payment_link") or "",
        ipksef=extra.get("ipksef") or "",
        partial=tuple(fa3.PartialPayment(day, amount) for day, amount in extra.get("partial_payments") or ()),
    )


def contracts(extra) -> tuple[fa3.Contract, ...]:
    return tuple(fa3.Contract(number, signed) for number, signed in extra.get("contracts") or ())


def order_numbers(extra) -> tuple[fa3.OrderNumber, ...]:
    """Given as numbers, or as (number, date)."""
    return tuple(
        fa3.OrderNumber(item) if isinstance(item, str) else fa3.OrderNumber(*item)
        for item in extra.get("order_numbers") or ()
    )


def advances(extra) -> tuple[fa3.Advance, ...]:
    return tuple(
        fa3.Advance(item.get("ksef_number") or "", item.get("number") or "", tuple(item.get("totals") or ()))
        for item in extra.get("advances") or ()
    )
