"""Posted invoices → kernel documents. Reads whole batches: every relation is fetched once for all moves."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from . import corrections
from .ksef_core import fa3
from .parties import tax_identity


def invoices(moves, created_at: datetime):
    """Yields (move, kernel invoice) for posted customer invoices and credit notes."""
    extra = moves._bss_ksef_extra()
    seller = {company: _seller(company) for company in moves.company_id}
    footer = {company: _footer(company) for company in moves.company_id}
    for move in moves:
        yield move, _invoice(move, extra.get(move.id) or {}, seller, footer, created_at)


def _invoice(move, extra, seller, footer, created_at) -> fa3.Invoice:
    company = move.company_id
    sign = -1 if move.move_type == "out_refund" else 1
    facts = extra.get("correction")
    correction = move.move_type == "out_refund" or bool(facts)
    rows = [line for line in move.line_ids if line.display_type == "product"]
    rows.sort(key=lambda line: (line.sequence, line.id))
    if facts:
        lines = tuple(corrections.lines(move, facts))
        rows = corrections.rows_in_order(rows, facts)
    else:
        lines = tuple(_line(line, number, sign, extra, move) for number, line in enumerate(rows, start=1))
    return fa3.Invoice(
        number=move.name or "",
        issue_date=move.invoice_date,
        created_at=created_at,
        currency=move.currency_id.name,
        seller=seller[company],
        buyer=corrections.buyer_after(_buyer(move.commercial_partner_id, extra), facts),
        lines=lines,
        totals=_totals(move, lines),
        total=_money(move.amount_total) * sign,
        kind=fa3.Kind.CORRECTION if correction else fa3.Kind.INVOICE,
        supply_date=_supply_date(move, facts),
        period=_period(move, facts),
        correction=_correction(move, extra) if correction else None,
        third_parties=tuple(extra.get("third_parties") or ()),
        annotations=_annotations(rows, extra),
        related_parties=bool(move.commercial_partner_id.l10n_pl_links_with_customer),
        notes=_notes(rows, extra),
        payment=None if move.move_type == "out_refund" else _payment(move, extra),
        contracts=_contracts(extra),
        footer=footer[company],
    )


def _money(value) -> Decimal:
    return Decimal(f"{value:.2f}")


def _number(value, places) -> Decimal:
    return Decimal(f"{value:.{places}f}")


def _address(partner, default_country="") -> fa3.Address | None:
    street = ", ".join(part for part in (partner.street, partner.street2) if part)
    place = " ".join(part for part in (partner.zip, partner.city) if part)
    if not street and not place:
        return None
    country = partner.country_id.code or default_country
    if street:
        return fa3.Address(country, street, place)
    return fa3.Address(country, place)


def _phone(partner) -> str:
    phone = (partner.phone or "").strip()
    if len(phone) > 16:
        phone = "".join(phone.split())
    return phone if len(phone) <= 16 else ""


def _email(partner) -> str:
    email = (partner.email or "").strip()
    return email if "@" in email[1:-1] and len(email) <= 255 else ""


def _seller(company) -> fa3.Seller:
    partner = company.partner_id
    return fa3.Seller(
        nip=company._bss_ksef_nip(),
        name=company.name or "",
        address=_address(partner, "PL") or fa3.Address("PL", ""),
        email=_email(partner),
        phone=_phone(partner),
    )


def _footer(company) -> fa3.Footer | None:
    registry = "".join((company.company_registry or "").split())
    if not registry.isdigit():
        return None
    if len(registry) == 10:
        return fa3.Footer(krs=registry)
    return fa3.Footer(regon=registry) if len(registry) in (9, 14) else None


def _buyer(partner, extra) -> fa3.Buyer:
    identity = tax_identity(partner)
    return fa3.Buyer(
        name=partner.name or "",
        address=_address(partner, "PL" if identity.get("nip") else ""),
        customer_number=extra.get("customer_number") or "",
        email=_email(partner),
        phone=_phone(partner),
        is_public_subunit=bool(extra.get("is_public_subunit")),
        is_vat_group_member=bool(extra.get("is_vat_group_member")),
        **identity,
    )


def _rate(line) -> fa3.Rate | None:
    rates = [tax.bss_ksef_rate for tax in line.tax_ids if tax.bss_ksef_rate]
    return fa3.Rate(rates[0]) if len(rates) == 1 else None


def _line(line, number, sign, extra, move) -> fa3.Line:
    net = _money(_booked_net(line)) * sign
    quantity = _number(line.quantity, 6) * sign
    price, discount = _price(line, net, quantity)
    rate = abs(line.balance / line.amount_currency) if _foreign(move) and line.amount_currency else 0
    own = (extra.get("lines") or {}).get(line.id) or {}
    return fa3.Line(
        number=number,
        name=line.name or line.product_id.name or "",
        net=net,
        rate=_rate(line),
        quantity=quantity,
        unit=corrections.unit(line),
        price=price,
        unit_discount=discount,
        supply_date=own.get("supply_date") or _line_date(line, move),
        gtu=line.product_id.l10n_pl_vat_gtu or "",
        exchange_rate=_number(rate, 6) if rate else None,
    )


def _booked_net(line):
    """Net of the line. Where VAT is in the price, rounding for the whole invoice is seen in the booked amount only."""
    if any(tax.price_include for tax in line.tax_ids):
        return line.amount_currency * line.move_id.direction_sign
    return line.price_subtotal


def _price(line, net, quantity):
    """Net unit price and, where the price is net, the discount per unit. The net amount of the line rules."""
    if not quantity:
        return None, None
    if any(tax.price_include for tax in line.tax_ids):
        return net / quantity, None
    price = _number(line.price_unit, 8)
    if not line.discount:
        return price, None
    return price, price * _number(line.discount, 6) / 100


def _foreign(move) -> bool:
    return move.currency_id != move.company_id.currency_id


def _line_date(line, move):
    """P_6A: only for a line whose period ended before the period of the invoice."""
    if "bss_date_end" not in line._fields or "bss_date_start" not in move._fields:
        return None
    if line.bss_date_end and move.bss_date_start and line.bss_date_end < move.bss_date_start:
        return line.bss_date_end
    return None


def _totals(move, lines) -> tuple[fa3.RateTotal, ...]:
    """Net sums from the lines, tax sums as booked: tax lines of the entry carry the rounding of the document."""
    net: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    tax: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    tax_pln: dict[fa3.Rate, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.rate:
            net[line.rate] += -line.net if line.before else line.net
    for line in move.line_ids:
        code = line.tax_line_id.bss_ksef_rate
        if code:
            tax[fa3.Rate(code)] += _money(-line.amount_currency)
            tax_pln[fa3.Rate(code)] += _money(-line.balance)
    foreign = _foreign(move)
    return tuple(
        fa3.RateTotal(rate, net[rate], tax[rate], tax_pln[rate] if foreign else None)
        for rate in sorted(net.keys() | tax.keys())
    )


def _supply_date(move, facts):
    """P_6, where it is not P_1; of a correction the date of the original, as the other fields of the sale are its."""
    if facts:
        date = facts.get("supplied")
    else:
        source = move.reversed_entry_id or move
        date = source.taxable_supply_date or source.delivery_date or source.invoice_date
    return date if date and date != move.invoice_date else None


def _period(move, facts):
    """OkresFa; of a correction that of the original."""
    if facts:
        return facts.get("days")
    if "bss_date_start" not in move._fields:
        return None
    source = move.reversed_entry_id or move
    return (source.bss_date_start, source.bss_date_end) if source.bss_date_start and source.bss_date_end else None


def _correction(move, extra) -> fa3.Correction:
    facts = extra.get("correction")
    if facts:
        return corrections.correction(move, facts)
    original = move.reversed_entry_id
    originals = (corrections.original(original),) if original else ()
    return fa3.Correction(originals, move.ref or "", extra.get("correction_effect"))


def _annotations(rows, extra) -> fa3.Annotations:
    grounds = [tax.bss_ksef_exemption for line in rows for tax in line.tax_ids if tax.bss_ksef_exemption]
    return fa3.Annotations(
        cash_method=bool(extra.get("cash_method")),
        split_payment=bool(extra.get("split_payment")),
        exemption_act="; ".join(dict.fromkeys(grounds)),
    )


def _notes(rows, extra) -> tuple[fa3.Note, ...]:
    numbers = {line.id: number for number, line in enumerate(rows, start=1)}
    notes = [fa3.Note(key, value) for key, value in extra.get("notes") or ()]
    for line_id, own in (extra.get("lines") or {}).items():
        if line_id in numbers:
            notes.extend(fa3.Note(key, value, numbers[line_id]) for key, value in own.get("notes") or ())
    return tuple(notes)


def _payment(move, extra) -> fa3.Payment:
    dues = {line.date_maturity for line in move.line_ids if line.display_type == "payment_term" and line.date_maturity}
    accounts = ()
    number = "".join((extra.get("bank_account") or "").split()).upper()
    if number:
        number = number.removeprefix("PL") if number[2:].isdigit() and len(number) == 28 else number
        accounts = (fa3.BankAccount(number, extra.get("bank_name") or ""),)
    return fa3.Payment(tuple(sorted(dues)), extra.get("payment_method", 6 if accounts else None), accounts)


def _contracts(extra) -> tuple[fa3.Contract, ...]:
    return tuple(fa3.Contract(number, signed) for number, signed in extra.get("contracts") or ())
