"""Writes MT940 statements as PKO BP does, from the bank's description alone.

Independent of the parser on purpose: nothing is imported from the addons. One statement per
call: ISO-8859-2, CRLF, ``~`` sub-fields one per line, byte 0xFF in empty sub-fields, virtual
payers as ``SWRK`` in ``~63``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

EMPTY = "\u02d9"  # byte 0xFF in ISO-8859-2
PIECE = 27
TITLE_PIECES = 6
CLIENT_PREFIX = 12  # clearing number (8) + client code (4); the rest is the payer's number


@dataclass(frozen=True)
class Payment:
    """Money in when ``amount`` is positive; a negative amount is a debit (fee, refund)."""

    booked: date
    amount: Decimal
    title: str
    payer_name: str = ""
    payer_nrb: str = ""
    #: virtual account paid to, empty = the main account
    virtual_nrb: str = ""
    code: str = "240"
    #: overrides the number made from date and position
    reference: str = ""


def write_statement(
    payments: Iterable[Payment],
    *,
    opening: Decimal,
    account_nrb: str,
    number: int = 1,
    day: date | None = None,
    currency: str = "PLN",
    swrk_prefix: int = CLIENT_PREFIX,
    newline: str = "\r\n",
) -> bytes:
    """One statement as bytes; ``account_nrb`` is the bank account it is about (26 digits).

    ``swrk_prefix`` is how many of the 24 digits after the check digits belong to bank and client;
    what follows them is printed as the payer's number.
    """
    rows = list(payments)
    day = day or (max(row.booked for row in rows) if rows else date(2026, 1, 1))
    lines = [
        ":20:MT940",
        f":25:/PL{account_nrb}",
        f":28C:{number}",
        f":60F:{_balance(opening, day, currency)}",
    ]
    balance = opening
    for position, payment in enumerate(rows):
        balance += payment.amount
        lines += _entry(payment, number, position, swrk_prefix)
    lines += [
        f":62F:{_balance(balance, day, currency)}",
        f":64:{_balance(balance, day, currency)}",
        "-",
        "",
    ]
    return newline.join(lines).encode("iso-8859-2", "replace")


def closing_balance(payments: Iterable[Payment], opening: Decimal) -> Decimal:
    return opening + sum((payment.amount for payment in payments), Decimal(0))


def _entry(payment: Payment, number: int, position: int, swrk_prefix: int) -> list[str]:
    mark = "C" if payment.amount >= 0 else "D"
    reference = payment.reference or f"{payment.booked:%y%m%d}{number % 1000:03d}{position:07d}"
    title = _pieces(payment.title, TITLE_PIECES)
    name = _pieces(payment.payer_name, 2)
    swrk = f"SWRK {payment.virtual_nrb[2 + swrk_prefix :]}" if payment.virtual_nrb else ""
    fields = [
        *zip(("20", "21", "22", "23", "24", "25"), title, strict=True),
        ("30", payment.payer_nrb[2:10]),
        ("31", payment.payer_nrb[10:]),
        ("32", name[0]),
        ("33", name[1]),
        ("38", f"PL{payment.payer_nrb}" if payment.payer_nrb else ""),
        ("60", ""),
        ("63", swrk),
    ]
    return [
        f":61:{payment.booked:%y%m%d%m%d}{mark}{_amount(abs(payment.amount))}N{payment.code}NONREF//{reference}",
        f"{payment.code} 0",
        f":86:020~00{payment.code}",
        *(f"~{code}{text or EMPTY}" for code, text in fields),
    ]


def _pieces(text: str, count: int) -> Sequence[str]:
    text = text[: PIECE * count]
    return [text[i * PIECE : (i + 1) * PIECE] for i in range(count)]


def _balance(amount: Decimal, day: date, currency: str) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}{currency}{_amount(abs(amount))}"


def _amount(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'))}".replace(".", ",")
