"""What a corrective invoice says in FA(3): originals, reason, states before and after, the buyer before.

`facts` are plain values that come with `_bss_ksef_extra` as ``correction`` (see its docstring); without them a credit
note is told by differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ..ksef_core import fa3
from ..parties import identity_of
from . import sold


def of_credit_note(head, extra) -> fa3.Correction:
    """Of a plain credit note: the invoice that it reverses, and its own words."""
    originals = ()
    if head.original_id:
        originals = (fa3.Original(head.original_date, head.original_name or "", head.original_number or ""),)
    return fa3.Correction(originals, head.ref, extra.get("correction_effect"), due_before=extra.get("due_before"))


def of_facts(facts, originals) -> fa3.Correction:
    """:param originals: {move id: row of ``queries.originals``}"""
    before = facts.get("buyer_before")
    rows = [originals[move_id] for move_id in facts["original_ids"]]
    return fa3.Correction(
        tuple(fa3.Original(row.invoice_date, row.name, row.bss_ksef_number or "") for row in rows),
        facts["reason"],
        facts.get("effect"),
        facts.get("period") or "",
        _buyer(before) if before else None,
    )


def buyer_after(buyer: fa3.Buyer, facts) -> fa3.Buyer:
    """`buyer` of the customer's card, with the data that the correction gives."""
    corrected = _buyer(facts["buyer_after"])
    return replace(
        corrected,
        customer_number=buyer.customer_number,
        email=buyer.email,
        phone=buyer.phone,
        is_public_subunit=buyer.is_public_subunit,
        is_vat_group_member=buyer.is_vat_group_member,
        internal_id=buyer.internal_id,
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


def line_ids(facts):
    """Journal items whose product and unit the pairs show."""
    return [pair["original_line_id"] or pair["line_id"] for pair in facts["lines"]]


def items(head, facts, sources, book) -> Iterator[sold.Item]:
    """Two items of one number for each corrected line: StanPrzed, and the state after.

    :param sources: {line id: row of ``queries.corrected_lines``}
    """
    rate = sold.exchange_rate_of(head)
    sold_pairs = (pair for pair in facts["lines"] if not _is_settlement(pair, book))
    for number, pair in enumerate(sold_pairs, start=1):
        source = sources.get(pair["original_line_id"] or pair["line_id"])
        for name in ("before", "after"):
            yield _item(number, pair, name, source, book, rate)


def _is_settlement(pair, book):
    """Outside VAT before and after: only the difference is told, in Rozliczenie."""
    taxes = [book.tax(pair[name]["tax_id"]) for name in ("before", "after") if pair[name]["tax_id"]]
    return sold.is_settlement(taxes)


def _item(number, pair, name, source, book, exchange_rate) -> sold.Item:
    side = pair[name]
    quantity = Decimal(f"{side['quantity']:.6f}")
    price = Decimal(f"{side['price']:.8f}")
    share = Decimal(f"{side['discount'] or 0:.6f}") / 100
    tax = book.tax(side["tax_id"]) if side["tax_id"] else None
    return sold.Item(
        number=number,
        name=pair["name"],
        rate=tax.rate if tax else None,
        quantity=quantity,
        unit=book.unit(source.unit_id) if source else "szt.",
        net=Decimal(f"{side['net']:.2f}"),
        gross=(price * quantity * (1 - share)).quantize(sold.CENT, ROUND_HALF_UP) if pair["is_gross"] else None,
        price=price,
        discount=price * share if share and quantity else None,
        gtu=(source.gtu if source else "") or "",
        annex15=bool(source) and book.is_annex15(source),
        supply_date=None,
        exchange_rate=exchange_rate,
        before=name == "before",
    )
