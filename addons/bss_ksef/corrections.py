"""What a corrective invoice says in FA(3): originals, reason, states before and after, the buyer before.

`facts` are plain values that come with `_bss_ksef_extra` as ``correction`` (see its docstring); without them a credit
note is told by differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from .ksef_core import fa3
from .parties import identity_of


def correction(move, facts) -> fa3.Correction:
    originals = move.env["account.move"].sudo().browse(facts["original_ids"])
    before = facts.get("buyer_before")
    return fa3.Correction(
        tuple(original(one) for one in originals),
        facts["reason"],
        facts.get("effect"),
        facts.get("period") or "",
        _buyer(before) if before else None,
    )


def original(move) -> fa3.Original:
    return fa3.Original(move.invoice_date, move.name, move.bss_ksef_number or "")


def buyer_after(buyer: fa3.Buyer, facts) -> fa3.Buyer:
    """`buyer` of the customer's card, with the data that the correction gives."""
    after = facts and facts.get("buyer_after")
    if not after:
        return buyer
    corrected = _buyer(after)
    return replace(
        corrected,
        customer_number=buyer.customer_number,
        email=buyer.email,
        phone=buyer.phone,
        is_public_subunit=buyer.is_public_subunit,
        is_vat_group_member=buyer.is_vat_group_member,
    )


def _buyer(data) -> fa3.Buyer:
    identity = identity_of(data.get("vat") or "", data.get("country") or "")
    place = " ".join(part for part in (data.get("zip"), data.get("city")) if part)
    lines = [part for part in (data.get("street"), place) if part]
    country = data.get("country") or "PL"
    return fa3.Buyer(
        name=data.get("name") or "",
        address=fa3.Address(country, *lines) if lines else None,
        **identity,
    )


def rows_in_order(rows, facts):
    """Journal items in the order of their pairs, so that notes find their line."""
    order = {pair["line_id"]: index for index, pair in enumerate(facts["lines"])}
    return sorted(rows, key=lambda row: order.get(row.id, len(order)))


def lines(move, facts) -> Iterator[fa3.Line]:
    """Two rows of one number for each corrected line: StanPrzed, and the state after."""
    items = move.env["account.move.line"].sudo()
    taxes = move.env["account.tax"].sudo()
    foreign = move.currency_id != move.company_id.currency_id
    rate = Decimal(f"{1 / move.invoice_currency_rate:.6f}") if foreign and move.invoice_currency_rate else None
    for number, pair in enumerate(facts["lines"], start=1):
        source = items.browse(pair["original_line_id"] or pair["line_id"])
        for name in ("before", "after"):
            side = pair[name]
            net = Decimal(f"{side['net']:.2f}")
            quantity = Decimal(f"{side['quantity']:.6f}")
            price, discount = _price(side, net, quantity, is_gross=pair["is_gross"])
            code = taxes.browse(side["tax_id"]).bss_ksef_rate
            yield fa3.Line(
                number=number,
                name=pair["name"],
                net=net,
                rate=fa3.Rate(code) if code else None,
                quantity=quantity,
                unit=unit(source),
                price=price,
                unit_discount=discount,
                gtu=source.product_id.l10n_pl_vat_gtu or "",
                exchange_rate=rate,
                before=name == "before",
            )


def _price(side, net, quantity, *, is_gross):
    """Net unit price and discount per unit; of a gross price what the net amount leaves for one unit."""
    if not quantity:
        return (None, None) if is_gross else (Decimal(f"{side['price']:.8f}"), None)
    if is_gross:
        return net / quantity, None
    price = Decimal(f"{side['price']:.8f}")
    if not side["discount"]:
        return price, None
    return price, price * Decimal(f"{side['discount']:.6f}") / 100


def unit(line) -> str:
    """Odoo's plain unit has no name of its own on a Polish invoice."""
    measure = line.product_uom_id
    if not measure or measure == line.env.ref("uom.product_uom_unit", raise_if_not_found=False):
        return "szt."
    return measure.name
