"""What an invoice of a billing account says, as plain text for the template.

Every function takes records and gives strings: the template only places them.
"""

import base64
import re
from collections import defaultdict

from num2words import num2words
from odoo.tools.mimetypes import guess_mimetype

from ..document_core import (
    TransferQr,
    amount_in_words,
    decimal_from_float,
    format_amount,
    format_date,
    format_duration,
    format_money,
    format_nip,
    format_nrb,
    format_period,
    format_quantity,
    qr_svg,
    transfer_qr,
)

LOGO_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg", "image/webp": "webp", "image/gif": "gif"}

# "… (01.11.2026 – 30.11.2026)", in the date format of any language
PERIOD_AT_END = re.compile(r"\s*\(\d[\d./-]*(?: – \d[\d./-]*)?\)$")
LINE_ORDER = {"recurring": 0, "one_off": 1, "correction": 2, "usage": 3, "interest": 4}

WORDS = {
    "pl": {
        "invoice": "Faktura VAT",
        "correction": "Faktura korygująca",
        "draft": "Projekt faktury",
        "watermark": "PROJEKT",
        "issued": "Data wystawienia",
        "sold": "Data sprzedaży",
        "period": "Okres rozliczeniowy",
        "due": "Termin płatności",
        "account": "Numer klienta",
        "contract": "Umowa",
        "way": "Sposób zapłaty",
        "transfer": "przelew",
        "cash": "gotówka",
        "pay_transfer": "Płatność przelewem",
        "pay_cash": "Płatność gotówką",
        "text_cash": "Zapłata w kasie lub przelewem na poniższy rachunek.",
        "service_unit": "usł.",
        "goods_unit": "szt.",
        "seats": "Odbiorca",
    },
    "en": {
        "invoice": "Invoice",
        "correction": "Credit note",
        "draft": "Draft invoice",
        "watermark": "DRAFT",
        "issued": "Date of issue",
        "sold": "Date of supply",
        "period": "Billing period",
        "due": "Payment due",
        "account": "Customer number",
        "contract": "Contract",
        "way": "Payment method",
        "transfer": "bank transfer",
        "cash": "cash",
        "pay_transfer": "Payment by transfer",
        "pay_cash": "Payment in cash",
        "text_cash": "Pay at the cash desk or by transfer to the account below.",
        "service_unit": "serv.",
        "goods_unit": "pcs",
        "seats": "Recipient",
    },
}


def language(partner):
    """Polish, unless the customer is abroad and reads another language."""
    abroad = partner.country_id and partner.country_id.code != "PL"
    return "en" if abroad and not (partner.lang or "").startswith("pl") else "pl"


def collect(move):
    """Data of one invoice or credit note for ``invoice.typ``; ``finish`` draws its codes."""
    lang = language(move.commercial_partner_id)
    words = WORDS[lang]
    sign = -1 if move.move_type == "out_refund" else 1
    kind = "correction" if sign < 0 else "invoice"
    draft = move.state != "posted"
    return {
        "lang": lang,
        "kind": kind,
        "title": words["draft"] if draft else words[kind],
        "number": move.name or "",
        "watermark": words["watermark"] if draft else "",
        "issued_on": (move.invoice_date or move.date).isoformat() if (move.invoice_date or move.date) else "",
        "place_date": "",
        "seller": seller(move.company_id, lang),
        "recipient": recipient(move.partner_id, lang),
        "buyer": buyer(move.commercial_partner_id, lang),
        "dates": {
            "issue": format_date(move.invoice_date),
            "sale": format_date(supply_date(move)),
            "due": format_date(move.invoice_date_due),
        },
        "references": references(move, words),
        "corrected": corrected(move),
        "lines": lines(move, words, sign),
        "taxes": taxes(move, sign),
        "totals": totals(move, sign, lang),
        "payment": payment(move, words) if kind == "invoice" else None,
        "usage": usage(move) if kind == "invoice" else [],
        "ksef": ksef(move),
        "notes": [],
    }


def late(move):
    """What an issued invoice learns afterwards: the numbers that KSeF gives."""
    return {"ksef": ksef(move), "corrected": corrected_number(move)}


def corrected_number(move):
    return ksef(move.reversed_entry_id).get("number", "") if move.reversed_entry_id else ""


def with_late(data, news):
    """Frozen ``data`` of an issued invoice with the ``late`` news, and nothing else changed."""
    corrected_data = data.get("corrected")
    if corrected_data:
        corrected_data = {**corrected_data, "ksef_number": news["corrected"]}
    return {**data, "ksef": news["ksef"], "corrected": corrected_data}


def finish(data):
    """Draw the codes: of the transfer, and of what KSeF gave."""
    ksef_data, pay = data.get("ksef") or {}, data.get("payment")
    if ksef_data.get("url"):
        ksef_data = {
            **ksef_data,
            "label": ksef_data.get("number") or ksef_data.get("label") or "OFFLINE",
            "qr_svg": qr_svg(ksef_data["url"], "M", 2),
        }
    if pay and pay.get("qr_payload"):
        pay = {**pay, "qr_svg": qr_svg(pay["qr_payload"], "L", 2)}
    return {**data, "ksef": ksef_data or None, "payment": pay}


# --- parties


def seller(company, lang):
    partner = company.partner_id
    return {
        **address(partner, lang),
        "name": company.name or "",
        "country": "",
        "vat": format_nip(company.vat or ""),
        "regon": company.company_registry or "",
        "email": company.email or "",
        "phone": company.phone or "",
        "website": (company.website or "").removeprefix("https://").removeprefix("http://").rstrip("/"),
        "color": company.primary_color or "",
        "logo": logo_name(company),
    }


def logo_name(company):
    if not company.logo or company.uses_default_logo:
        return ""
    extension = LOGO_TYPES.get(guess_mimetype(base64.b64decode(company.logo)))
    return f"logo.{extension}" if extension else ""


def assets(company):
    """Files beside the template: the logo, when the company has its own."""
    name = logo_name(company)
    return {name: base64.b64decode(company.logo)} if name else {}


def address(partner, lang):
    abroad = partner.country_id and partner.country_id.code != "PL"
    return {
        "street": ", ".join(filter(None, (partner.street, partner.street2))),
        "zip": partner.zip or "",
        "city": partner.city or "",
        "country": country_name(partner.country_id, lang) if abroad else "",
    }


def country_name(country, lang):
    """In the language of the document, not of whoever prints it."""
    return country.with_context(lang={"pl": "pl_PL", "en": "en_US"}[lang]).name or ""


def recipient(partner, lang):
    """Whom the envelope names: the contact below its company."""
    head = partner.commercial_partner_id
    if head == partner or not partner.name:
        return {**address(partner, lang), "name": head.name or "", "lines": []}
    return {**address(partner, lang), "name": head.name or "", "lines": [partner.name]}


def buyer(partner, lang):
    return {**address(partner, lang), "name": partner.name or "", "vat": format_nip(partner.vat or "")}


# --- head


def supply_date(move):
    """The day that VAT calls the date of sale."""
    if "taxable_supply_date" in move._fields and move.taxable_supply_date:
        return move.taxable_supply_date
    return move.delivery_date or move.invoice_date


def references(move, words):
    account = move.bss_account_id
    contracts = move.invoice_line_ids.bss_service_id.contract_id
    period = format_period(move.bss_date_start, move.bss_date_end)
    rows = [
        (words["issued"], format_date(move.invoice_date)),
        (words["sold"], format_date(supply_date(move))),
        (words["period"], period),
        (words["due"], format_date(move.invoice_date_due) if move.move_type == "out_invoice" else ""),
        (words["account"], account.name or ""),
        (words["contract"], contracts.name if len(contracts) == 1 else ""),
        (words["way"], words[way_to_pay(account)] if move.move_type == "out_invoice" else ""),
    ]
    return [[label, value] for label, value in rows if value]


def corrected(move):
    original = move.reversed_entry_id
    if move.move_type != "out_refund" or not original:
        return None
    reason = (move.ref or "").strip()
    return {
        "number": original.name or "",
        "date": format_date(original.invoice_date),
        "reason": reason,
        "ksef_number": corrected_number(move),
    }


# --- lines


def lines(move, words, sign):
    """Product lines, under the name of their service when a service has several."""
    rows, number = [], 0
    for service, group in lines_by_service(move):
        several = len(group) > 1 and service
        if several:
            rows.append({"section": True, "name": service.name or ""})
        for line in group:
            number += 1
            rows.append(line_row(line, number, words, sign, with_identifier=not several))
    return rows


def lines_by_service(move):
    """[(head service or empty, lines)] in the order of the invoice."""
    groups = defaultdict(list)
    for line in move.invoice_line_ids.filtered(lambda one: one.display_type == "product"):
        groups[line.bss_service_id.parent_id or line.bss_service_id].append(line)
    return [(service, sorted(group, key=kind_order)) for service, group in groups.items()]


def kind_order(line):
    """Fees first, usage after them."""
    return LINE_ORDER.get(line.bss_charge_id.kind, 0)


def line_row(line, number, words, sign, with_identifier):
    return {
        "no": number,
        "name": line_name(line, with_identifier),
        "period": format_period(line.bss_date_start, line.bss_date_end),
        "quantity": format_quantity(decimal_from_float(line.quantity, 6) * sign),
        "unit": words["goods_unit" if line.product_id.type == "consu" else "service_unit"],
        "price": format_amount(net_price(line)),
        "net": format_amount(net_amount(line) * sign),
        "vat_rate": rate_label(line.tax_ids),
    }


def net_amount(line):
    """Net of a line as it is booked; of gross prices it may differ from Odoo's own of the line by a grosz."""
    if any(tax.price_include for tax in line.tax_ids):
        return decimal_from_float(line.amount_currency * line.move_id.direction_sign)
    return decimal_from_float(line.price_subtotal)


def net_price(line):
    """Unit price beside the net amount; of a gross price it is what the amount leaves for one unit."""
    if line.quantity and any(tax.price_include for tax in line.tax_ids):
        return net_amount(line) / decimal_from_float(line.quantity, 6)
    return decimal_from_float(line.price_unit)


def line_name(line, with_identifier):
    """The text of the line without its period, which has a column of its own."""
    name = (line.name or "").strip()
    if line.bss_date_start:
        name = PERIOD_AT_END.sub("", name)
    identifier = line.bss_service_id.main_identifier or ""
    if with_identifier and identifier and identifier not in name:
        return f"{name} – {identifier}"
    return name


def rate_label(line_taxes):
    tax = line_taxes[:1]
    if not tax:
        return "–"
    return tax.invoice_label or f"{tax.amount:g}%"


def taxes(move, sign):
    """Net, VAT and gross of every rate, from the posted lines."""
    net, vat = defaultdict(int), defaultdict(int)
    for line in move.invoice_line_ids.filtered(lambda one: one.display_type == "product"):
        net[rate_label(line.tax_ids)] += net_amount(line)
    for line in move.line_ids.filtered("tax_line_id"):
        vat[rate_label(line.tax_line_id)] += decimal_from_float(line.amount_currency) * move.direction_sign
    return [
        {
            "rate": rate,
            "net": format_amount(net[rate] * sign),
            "vat": format_amount(vat[rate] * sign + decimal_from_float(0.0)),
            "gross": format_amount((net[rate] + vat[rate]) * sign),
        }
        for rate in sorted(net, key=lambda label: (len(label), label), reverse=True)
    ]


def totals(move, sign, lang):
    currency = move.currency_id.name
    total = decimal_from_float(move.amount_total) * sign
    in_polish = lang == "pl" and currency == "PLN"
    return {
        "net": format_amount(decimal_from_float(move.amount_untaxed) * sign),
        "vat": format_amount(decimal_from_float(move.amount_tax) * sign),
        "gross": format_amount(total),
        "due": format_money(abs(total), currency),
        "words": amount_in_words(abs(total)) if in_polish else other_words(move, total, lang),
        "negative": total < 0,
    }


def other_words(move, total, lang):
    """``seventy-two PLN 57/100``: other languages and currencies."""
    whole, cents = divmod(int(abs(total).scaleb(2)), 100)
    return f"{num2words(whole, lang=lang)} {move.currency_id.name} {cents:02d}/100"


# --- payment


def way_to_pay(account):
    """Cash or transfer: nothing collects direct debits and cards yet, so the invoice must not promise it."""
    return "cash" if account.payment_way == "cash" else "transfer"


def payment(move, words):
    """Where and how to pay; the account's own number when it has one."""
    if move.move_type != "out_invoice" or not move.amount_total:
        return None
    account, company = move.bss_account_id, move.company_id
    way = way_to_pay(account)
    currency = move.currency_id.name
    total = decimal_from_float(move.amount_total)
    data = {"heading": words[f"pay_{way}"], "text": words.get(f"text_{way}", "")}
    nrb = account._bss_payment_bank_account().get(account.id, "")
    if not nrb:
        return data
    data.update(
        receiver=company.name or "",
        nrb=format_nrb(nrb),
        bank=bank_name(company, nrb),
        amount=format_money(total, currency),
        title=move.name or "",
    )
    if currency == "PLN" and move.state == "posted":
        code = transfer_qr(nrb, int(total.scaleb(2)), company.name or "", move.name or "", company.vat or "")
        if isinstance(code, TransferQr):
            data.update(qr_payload=code.payload, amount_open=code.amount_open)
    return data


def bank_name(company, nrb):
    """The bank of ``nrb``: the company's account whose clearing number begins alike."""
    for bank in company.partner_id.bank_ids:
        own = "".join(char for char in bank.acc_number or "" if char.isdigit())
        if len(own) == 26 and own[2:6] == nrb[2:6]:
            return bank.bank_id.name or ""
    return ""


# --- KSeF


def ksef(move):
    """Number and verification link, where an addon for the national e-invoice system keeps them on the invoice."""
    if "bss_ksef_number" not in move._fields:
        return {}
    url = move["bss_ksef_qr_url"] if "bss_ksef_qr_url" in move._fields else ""
    found = {"number": move["bss_ksef_number"] or "", "url": url or ""}
    return found if any(found.values()) else {}


# --- usage


def usage(move):
    """Usage of the invoice by service and direction."""
    rows = []
    for line in move.invoice_line_ids.filtered(lambda one: one.bss_charge_id.kind == "usage"):
        charge = line.bss_charge_id
        rows.append(
            {
                "service": charge.service_id.name or "",
                "zone": charge.zone_id.name or charge.name or "",
                "count": format_quantity(decimal_from_float(float(charge.usage_count or 0), 0)),
                "duration": format_duration(int(charge.usage_seconds)) if charge.usage_seconds else "",
                "amount": format_amount(decimal_from_float(line.price_subtotal)),
            }
        )
    return sorted(rows, key=lambda row: (row["service"], row["zone"]))
