"""FA(3): invoices checked, written and validated per CPU second, beside the bare schema validation of the same bytes;
posted invoices to stored XML beside Odoo's own rendering (``ksef_e2e``); a cycle of 30,000 invoices (``ksef_cycle``).

The validation alone (lxml, nothing of ours) is the floor: no program that proves its documents valid can be quicker.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from lxml import etree

from ksef_core import fa3

from . import ksef_cycle, ksef_e2e
from .figures import Figure

INVOICES = 5_000
DAY = date(2026, 11, 21)
SAMPLE = fa3.Invoice(
    number="FA/2026/11/0001",
    issue_date=DAY,
    created_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    currency="PLN",
    seller=fa3.Seller("5261040567", "Demo Telekom Sp. z o.o.", fa3.Address("PL", "ul. Długa 1", "00-001 Warszawa")),
    buyer=fa3.Buyer("Żółw Sp. z o.o.", fa3.Address("PL", "ul. Krótka 2", "99-300 Kutno"), nip="5265877635"),
    lines=(
        fa3.Line(1, "Internet 600", Decimal("69.00"), fa3.Rate.R23, Decimal(1), "mies.", Decimal(69)),
        fa3.Line(2, "Telefon stacjonarny", Decimal("9.90"), fa3.Rate.R23, Decimal(1), "mies.", Decimal("9.90")),
        fa3.Line(3, "Połączenia krajowe", Decimal("12.35"), fa3.Rate.R23, Decimal(1), "kpl.", Decimal("12.35")),
        fa3.Line(4, "Połączenia międzynarodowe", Decimal("3.15"), fa3.Rate.R23, Decimal(1), "kpl.", Decimal("3.15")),
    ),
    totals=(fa3.RateTotal(fa3.Rate.R23, Decimal("94.40"), Decimal("21.71")),),
    total=Decimal("116.11"),
    period=(date(2026, 11, 1), date(2026, 11, 30)),
    payment=fa3.Payment((date(2026, 12, 5),), 6, (fa3.BankAccount("60102010550000910200000001"),)),
)


def kernel() -> list[Figure]:
    schema = fa3.validator()
    bare = schema._schema  # the compiled official schema itself, without our reader of problems
    invoices = [replace(SAMPLE, number=f"FA/2026/11/{number:06}") for number in range(INVOICES)]
    made, best, floor = [], 0.0, 0.0
    for _round in range(3):
        start = time.process_time()
        made = [fa3.freeze(invoice, DAY, schema) for invoice in invoices]
        best = max(best, INVOICES / (time.process_time() - start))
    documents = [frozen.xml for frozen in made if isinstance(frozen, fa3.Frozen)]
    assert len(documents) == INVOICES, made[0]
    for _round in range(3):
        start = time.process_time()
        valid = sum(bare.validate(etree.fromstring(xml)) for xml in documents)
        floor = max(floor, INVOICES / (time.process_time() - start))
        assert valid == INVOICES
    return [
        Figure("fa3_valid_per_cpu_s", best, "invoices/s"),
        Figure.against("fa3_vs_bare_validation", best, "invoices/s", floor),
    ]


def run() -> list[Figure]:
    """The kernel, the way from posted invoices to their stored XML, and a whole cycle with KSeF."""
    return [*kernel(), *ksef_e2e.figures(), *ksef_cycle.figures()]
