"""What a letter to a debtor prints, as text for ``dunning_letter.typ``; Polish, because the law of the debt is."""

from decimal import Decimal
from typing import NamedTuple

from odoo.addons.bss_contracts.document_core import (
    NBSP,
    TransferQr,
    amount_in_words,
    format_amount,
    format_date,
    format_money,
    qr_svg,
    transfer_qr,
)

from ..dunning_core.letters.placeholders import fill, paragraphs

ZERO = Decimal("0.00")
PREVIEW_NUMBER = "PODGLĄD"
# documents up to which the compensation of each is written out
COMPENSATIONS_NAMED = 8


class Sums(NamedTuple):
    """Money of one letter."""

    amount: Decimal
    interest: Decimal
    per_day: Decimal
    compensation: Decimal

    @property
    def total(self):
        return self.amount + self.interest + self.compensation


def sums_of(amount, items, compensations):
    return Sums(
        amount,
        sum((item.interest for item in items), ZERO),
        sum((item.per_day for item in items), ZERO),
        sum((one.amount for _document, one in compensations), ZERO),
    )


def text_values(sums, facts):
    """{placeholder: text}; ``facts`` are those that are no money."""
    return {
        "amount": format_money(sums.amount),
        "amount_words": amount_in_words(sums.amount),
        "total": format_money(sums.total),
        "interest": format_money(sums.interest),
        "interest_per_day": format_money(sums.per_day),
        "compensation": format_money(sums.compensation),
        **facts,
    }


def rows_of(items):
    """Rows of the table of documents."""
    return [
        {
            "document": item.document,
            "issued": format_date(item.issued),
            "due": format_date(item.due),
            "total": format_amount(item.total),
            "paid": format_amount(item.total - item.left),
            "open": format_amount(item.left),
            "days": str(item.days),
            "interest": format_amount(item.interest),
            "per_day": format_amount(item.per_day),
        }
        for item in items
    ]


def row_sums(items):
    total = sum((item.total for item in items), ZERO)
    left = sum((item.left for item in items), ZERO)
    return {
        "total": format_amount(total),
        "paid": format_amount(total - left),
        "open": format_amount(left),
        "interest": format_amount(sum((item.interest for item in items), ZERO)),
        "per_day": format_amount(sum((item.per_day for item in items), ZERO)),
    }


def remarks(sums, left, credit, day, compensations, with_interest, is_noted=False):
    """Lines below the table.

    :param left: what is left of the documents in it
    :param is_noted: notes charged some of the interest before
    :param credit: open credits of the account; those set against older documents do not count here
    """
    found = []
    covered = min(credit, max(left - sums.amount, ZERO))
    withheld = left - sums.amount - covered
    if covered:
        found.append(f"Kwotę do zapłaty pomniejszono o nierozliczone wpłaty: {format_money(covered)}.")
    if withheld > 0:
        found.append(f"Wezwanie nie obejmuje kwoty spornej lub rozłożonej na raty: {format_money(withheld)}.")
    if with_interest and sums.interest:
        found.append(
            f"Odsetki za opóźnienie naliczone do dnia {format_date(day)}: {format_money(sums.interest)};"
            f" za każdy następny dzień do dnia zapłaty: {format_money(sums.per_day)}."
        )
    if with_interest and is_noted:
        found.append("Odsetek naliczonych wcześniej w notach odsetkowych nie doliczono ponownie.")
    if compensations:
        found.append(_compensation_line(sums, compensations))
    if found and with_interest and sums.total != sums.amount:
        found.append(f"Razem z należnościami ubocznymi na dzień {format_date(day)}: {format_money(sums.total)}.")
    return found


def _compensation_line(sums, compensations):
    law = "Rekompensata za koszty odzyskiwania należności (art. 10 ustawy z dnia 8 marca 2013 r. o przeciwdziałaniu"
    law += " nadmiernym opóźnieniom w transakcjach handlowych)"
    if len(compensations) > COMPENSATIONS_NAMED:
        return f"{law}, {len(compensations)} dokumentów: {format_money(sums.compensation)}."
    parts = [
        f"{document}: {one.amount_eur:.0f}{NBSP}EUR × {format_amount(one.mid_rate, 4)}"
        f" (kurs z {format_date(one.rate_day)}) = {format_money(one.amount)}"
        for document, one in compensations
    ]
    return f"{law}: {'; '.join(parts)}."


def balance_rows(movements):
    """(rows, sums) of everything open on an account: debts on the left, credits on the right."""
    rows = [
        {
            "document": document,
            "issued": format_date(issued),
            "due": format_date(due) if left > 0 else "",
            "debit": format_amount(left) if left > 0 else "",
            "credit": format_amount(-left) if left < 0 else "",
        }
        for document, issued, due, left in movements
    ]
    debit = sum((left for *_rest, left in movements if left > 0), ZERO)
    credit = -sum((left for *_rest, left in movements if left < 0), ZERO)
    return rows, {"debit": format_amount(debit), "credit": format_amount(credit)}


def words_of(text, values):
    """Texts of a letter with their values."""
    return {
        "title": fill(text.title, values),
        "salutation": fill(text.salutation, values),
        "paragraphs": paragraphs(fill(text.body, values)),
        "legal": paragraphs(fill(text.legal, values)),
    }


def payment_block(amount, nrb, seller, account):
    """Where to pay, with the transfer code of the Polish Bank Association."""
    title = f"Konto abonenta {account}"
    code = transfer_qr(nrb, int(amount.scaleb(2)), seller["name"], title, seller["vat"])
    return {
        "nrb": nrb,
        "recipient": seller["name"],
        "title": title,
        "qr_svg": qr_svg(code.payload) if isinstance(code, TransferQr) else "",
    }
