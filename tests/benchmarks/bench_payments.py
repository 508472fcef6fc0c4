"""MT940: entries read per CPU second, beside the mt-940 package on the same entries; both must see the same money.

The package splits the sub-fields of ``:86:`` only when they begin with ``?``; PKO's begin with ``~``, and left like that it would
do half of the work. So it gets the same bytes with the other sign.
"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from decimal import Decimal

import mt940 as package
from tests.simulators.bank.mt940_writer import Payment, write_statement

from bank_core.formats import mt940

from .figures import Figure

ENTRIES = 5_000
ACCOUNT = "60102010550000910200000001"


def statement() -> bytes:
    dice = random.Random(11)
    payments = [
        Payment(
            booked=date(2026, 10, 1) + timedelta(days=number * 30 // ENTRIES),
            amount=Decimal(dice.randrange(1_000, 30_000)) / 100,
            title=f"Zapłata za fakturę FA/2026/10/{number:05}",
            payer_name="Jan Kowalski",
            virtual_nrb=f"{dice.randrange(10, 99)}1020105512340000{number:010}",
        )
        for number in range(ENTRIES)
    ]
    return write_statement(payments, opening=Decimal(0), account_nrb=ACCOUNT)


def run() -> list[Figure]:
    data = statement()
    text = data.replace(b"~", b"?").decode("iso-8859-2")
    best = other = 0.0
    ours = theirs = Decimal(0)
    for _round in range(3):
        start = time.process_time()
        found = mt940.parse(data)
        best = max(best, ENTRIES / (time.process_time() - start))
        assert len(found.transactions) == ENTRIES
        ours = sum((entry.amount for entry in found.transactions), Decimal(0))
        start = time.process_time()
        rows = list(package.parse(text))
        other = max(other, ENTRIES / (time.process_time() - start))
        assert len(rows) == ENTRIES
        assert rows[0].data["purpose"].startswith("Zapłata"), "the package did not split the sub-fields"
        theirs = sum((row.data["amount"].amount for row in rows), Decimal(0))
    assert ours == theirs, "the two programs disagree"
    return [
        Figure("mt940_entries_per_cpu_s", best, "entries/s"),
        Figure.against("mt940_vs_mt_940_package", best, "entries/s", other),
    ]
