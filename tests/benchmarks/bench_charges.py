"""Recurring charges: the kernel beside the day-by-day oracle, same timelines, same bill, same amounts."""

from __future__ import annotations

import random
import resource
import time
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.kernels import charges_oracle as oracle

from billing_core import ChargingRule, Period, PriceStep, Promotion, RecurringCharge, Timeline, Version, charge_all

from . import charges_e2e
from .figures import Figure

SERVICES = 100_000
ORACLE_SERVICES = 400
BILL = Period(date(2026, 11, 1), date(2026, 11, 30))
CHARGED = BILL.start - timedelta(days=1)
PRICES = [Decimal(grosz).scaleb(-2) for grosz in (2999, 3900, 4900, 5999, 6900, 7999, 8900, 9999, 12900)]
RULES = [ChargingRule(), ChargingRule(proration="thirty"), ChargingRule(first="none", last="thirty")]
# what a catalogue has on offer; each service was granted one of them on its own day
OFFERS: list[tuple[PriceStep, ...]] = [
    (PriceStep(1, 3, "free"), PriceStep(4, 24, "percent", Decimal(20))),
    (PriceStep(1, 12, "amount", Decimal(10)), PriceStep(13, None, "amount", Decimal(5))),
    (PriceStep(1, 6, "fixed", Decimal("19.99")),),
    (PriceStep(1, None, "percent", Decimal("33.3")),),
]


def timelines(count: int) -> list[Timeline]:
    """Services with a promotion and one change inside the billed period: of the product, or of the price alone."""
    dice = random.Random(11)
    found = []
    for number in range(count):
        start = BILL.start - timedelta(days=dice.randrange(1, 700))
        change = BILL.start + timedelta(days=dice.randrange(1, BILL.days))
        offer = dice.randrange(len(OFFERS))
        product, rule = dice.randrange(1, 20), dice.choice(RULES)
        versions = (
            Version(start, product, dice.choice(PRICES), rule),
            Version(change, dice.choice((product, product + 1)), dice.choice(PRICES), rule),
        )
        found.append(
            Timeline(number, start, None, versions, (Promotion(offer, start, None, 10, False, OFFERS[offer]),))
        )
    return found


def oracle_amounts(services: list[Timeline]) -> dict[tuple[int, date], int]:
    """Grosz by service and first day of the line, one day after the other."""
    amounts = {}
    for service in services:
        # the days before the bill are of no concern here: the promotion keeps its own start
        month = replace(service, start=BILL.start)
        for _product, first, _last, grosz, _days in oracle.billed(
            oracle.sheets(month, BILL.end), BILL.start, BILL.end, CHARGED
        ):
            amounts[service.service_id, first] = grosz
    return amounts


def kernel_amounts(charges: tuple[RecurringCharge, ...]) -> dict[tuple[int, date], int]:
    return {(one.service_id, one.part.start): int(one.amount * 100) for one in charges}


def run() -> list[Figure]:
    services = timelines(SERVICES)
    few = services[:ORACLE_SERVICES]
    through: dict[int, date | None] = {one.service_id: CHARGED for one in services}
    start = time.process_time()
    slow = oracle_amounts(few)
    baseline = ORACLE_SERVICES / (time.process_time() - start)
    assert kernel_amounts(charge_all(few, BILL, through).charges) == slow, "kernel and oracle disagree"
    best = 0.0
    for _round in range(3):
        start = time.process_time()
        collected = charge_all(services, BILL, through)
        best = max(best, SERVICES / (time.process_time() - start))
        assert not collected.problems
        assert collected.charged_through() == dict.fromkeys(through, BILL.end)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("charges_services_per_cpu_s", best, "services/s"),
        Figure.against("charges_vs_day_by_day", best, "services/s", baseline),
        Figure("charges_memory_peak", peak, "MiB"),
        *charges_e2e.figures(),
    ]
