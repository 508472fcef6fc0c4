"""Rates that a contract makes different from the statutory table: agreed interest, and contracts older than 2020."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .rates import Rate, RateTable

CONTRACT, CAP, FLOOR, OLDER = "CONTRACT", "CAP", "FLOOR", "OLDER_CONTRACT"


@dataclass(frozen=True)
class CapFactor:
    """How many times the civil rate interest for delay may reach at most, from a day on (art. 481 § 2(1))."""

    valid_from: date
    factor: Decimal


@dataclass(frozen=True)
class OlderContracts:
    """A new commercial rate from ``change``, held by contracts older than that day only from ``applies_from``."""

    change: date
    applies_from: date


def contractual_table(
    percent: Decimal, civil: RateTable, factors: Iterable[CapFactor], statutory: RateTable | None = None
) -> RateTable:
    """Agreed percent per year, cut to the cap (art. 481 § 2(2)), day by day.

    :param statutory: commercial or medical table of a business debtor: agreed interest below it is void (art. 7, 13
        of Dz.U. 2013/403) and the statutory rate holds; None for consumers, who may agree on less
    :return: a table that begins with the first cap: what the law of earlier days allowed is not recorded
    """
    caps = sorted(factors, key=lambda factor: factor.valid_from)
    tables = [civil] if statutory is None else [civil, statutory]
    days = {cap.valid_from for cap in caps}
    if caps:
        days |= {rate.valid_from for table in tables for rate in table.rates if rate.valid_from > caps[0].valid_from}
    rates: list[Rate] = []
    for day in sorted(days):
        rate = _agreed(percent, day, civil, caps, statutory)
        if rate is not None and (not rates or (rates[-1].percent, rates[-1].basis) != (rate.percent, rate.basis)):
            rates.append(rate)
    return RateTable("contractual", rates)


def _agreed(
    percent: Decimal, day: date, civil: RateTable, caps: list[CapFactor], statutory: RateTable | None
) -> Rate | None:
    base = civil.on(day)
    if base is None:
        return None
    factor = [cap.factor for cap in caps if cap.valid_from <= day][-1]
    cap = base.percent * factor
    rate = Rate(day, cap, CAP) if percent > cap else Rate(day, percent, CONTRACT)
    least = statutory.on(day) if statutory is not None else None
    if least is not None and rate.percent < least.percent:
        return Rate(day, least.percent, FLOOR)
    return rate


def older_contract_table(table: RateTable, concluded: date, rules: Iterable[OlderContracts]) -> RateTable:
    """Commercial rates of a contract by the day it was concluded (art. 20(1) and (3) of Dz.U. 2019/1649).

    For contracts older than a change the rate before it runs on through the day before ``applies_from``: interest that
    became due *after* 1 January 2020 follows the new rate.
    """
    rates = {rate.valid_from: rate for rate in table.rates}
    for rule in rules:
        old = table.on(rule.change - timedelta(days=1))
        if concluded >= rule.change or old is None or rule.applies_from <= rule.change:
            continue
        new = table.on(rule.applies_from)
        for day in [day for day in rates if rule.change <= day <= rule.applies_from]:
            del rates[day]
        assert new is not None
        rates[rule.applies_from] = Rate(rule.applies_from, new.percent, OLDER)
    return RateTable(table.regime, rates.values())
