"""What the customers of the demo operator pay: a statement of his bank."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from . import demo_bank_hard

DUE_DAYS = 14
SEED = 20260101
OPENING = Decimal("10000.00")


def statement(pool: Any, invoices: Any, share_paid: float) -> bytes:
    """MT940 of one bank account: most pay in full, some in part or too much, a dozen payments go astray.

    :param pool: the virtual accounts that are paid to.
    :param invoices: invoices of one day.
    """
    from odoo.addons.bss_catalog.catalog_core.identifiers import nrb_make
    from simulators.bank.mt940_writer import Payment, write_statement

    dice = random.Random(SEED)
    nrb_of = invoices.bss_account_id._bss_payment_bank_account()
    payments = []
    unpaid = []
    for move in invoices:
        if dice.random() > share_paid:
            unpaid.append(move)
            continue
        share = dice.choices((Decimal(1), Decimal("0.5"), Decimal("1.1")), (90, 6, 4))[0]
        amount = (Decimal(str(move.amount_total)) * share).quantize(Decimal("0.01"))
        payments.append(
            Payment(
                booked=move.invoice_date + timedelta(days=dice.randint(2, DUE_DAYS)),
                amount=amount,
                title=f"Zapłata za fakturę {move.name}",
                payer_name=move.partner_id.name,
                payer_nrb="",
                virtual_nrb=nrb_of[move.bss_account_id.id],
            )
        )
    last = invoices[:1].invoice_date + timedelta(days=DUE_DAYS)
    stranger = nrb_make(pool.prefix.ljust(24, "9"))
    payments.append(Payment(last, Decimal("120.00"), "internet", "Nieznany Nadawca", "", stranger))
    payments.append(Payment(last, Decimal("59.90"), "FV ???", "Bez rachunku wirtualnego"))
    payments += demo_bank_hard.payments(unpaid, Payment, nrb_make)
    payments.append(Payment(last, Decimal("-15.00"), "Prowizja za prowadzenie rachunku"))
    payments.sort(key=lambda payment: payment.booked)
    account_nrb = (pool.journal_id.bank_account_id.sanitized_acc_number or "").removeprefix("PL")
    [[earlier]] = pool.env["account.bank.statement.line"]._read_group(
        [("journal_id", "=", pool.journal_id.id)], aggregates=["amount:sum"]
    )
    opening = OPENING + Decimal(str(earlier or 0)).quantize(Decimal("0.01"))
    content: bytes = write_statement(payments, opening=opening, account_nrb=account_nrb)
    return content
