"""Amounts of an invoice in whole grosz, equal to those of Odoo's tax engine wherever they are given at all.

The engine (``account.tax``, Odoo 19.0) rounds the tax of a document once per tax ("globally") or once per line. With
lines of whole grosz and plain percentages that is integer arithmetic. Where halves or left-over grosz would depend on
binary fractions, the engine's own steps are repeated (``floats``); everything else is left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .floats import distribute, half_up
from .request import LineRequest

RATE_SCALE = 10_000  # rates have four decimals
MOST = 10**13  # grosz; above, binary fractions no longer hold a grosz apart


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A tax as far as amounts depend on it.

    ``is_plain``: a percentage with one repartition line of 100 % to a tax account, no part in the base of others.
    """

    tax_id: int
    rate_e4: int  # percent x 10 000
    price_include: bool = False
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """Grosz of one tax line; both have the sign of the sale."""

    tax_id: int
    base: int
    amount: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """All in grosz, positive for what the customer owes.

    ``nets`` are booked; ``subtotals`` and ``totals`` are Odoo's own of each line and may differ by a rounding.
    ``taxes`` has no tax of 0.00, in the order of the first line of each.
    """

    nets: tuple[int, ...]
    subtotals: tuple[int, ...]
    totals: tuple[int, ...]
    taxes: tuple[TaxAmount, ...]
    untaxed: int
    tax: int
    total: int


def grosz_of(line: LineRequest) -> int | None:
    """Amount of the line in grosz, None when it is no whole number of them."""
    amount = line.quantity * line.price_unit
    if line.discount:
        amount = amount * (100 - line.discount) / 100
    scaled = amount * 100
    grosz = int(scaled)
    return grosz if grosz == scaled and -MOST < grosz < MOST else None


def raw_of(line: LineRequest) -> float:
    """Amount of the line as the engine has it before any rounding."""
    return float(line.quantity) * (float(line.price_unit) * (1 - (float(line.discount) / 100.0)))


def closed_form(lines: Sequence[LineRequest], taxes: Mapping[int, TaxRule], per_line: bool = False) -> Amounts | None:
    """Amounts of an invoice; None: ask the engine.

    :param taxes: rules of all taxes of the lines
    :param per_line: the company rounds the tax of every line, not that of the document
    """
    amounts: list[int] = []
    rules: list[TaxRule] = []
    for line in lines:
        if len(line.tax_ids) != 1:
            return None
        rule = taxes[line.tax_ids[0]]
        if not rule.is_plain or rule.rate_e4 < 0 or rule.price_include != taxes[lines[0].tax_ids[0]].price_include:
            return None
        grosz = grosz_of(line)
        if grosz is None:
            return None
        rules.append(rule)
        amounts.append(grosz)
    if not lines:
        return None
    if rules[0].price_include:
        return _included(lines, rules, amounts, per_line)
    return _excluded(lines, rules, amounts, per_line)


def _round(numerator: int, denominator: int) -> int | None:
    """Nearest whole number, None for an exact half."""
    doubled, rest = divmod(2 * numerator, denominator)
    if not rest and doubled & 1:
        return None
    return (doubled + 1) // 2


def _excluded(lines: Sequence[LineRequest], rules: list[TaxRule], nets: list[int], per_line: bool) -> Amounts:
    """Net prices: the tax is a percentage of them."""
    scale = 100 * RATE_SCALE
    own: list[int] = []
    for line, rule, net in zip(lines, rules, nets, strict=True):
        tax = _round(net * rule.rate_e4, scale)
        if tax is None:
            raw = net / 100 if per_line else raw_of(line)
            tax = half_up(raw * (rule.rate_e4 / RATE_SCALE) / 100.0)
        own.append(tax)
    bases: dict[int, int] = {}
    rounded: dict[int, int] = {}
    for rule, net, tax in zip(rules, nets, own, strict=True):
        bases[rule.tax_id] = bases.get(rule.tax_id, 0) + net
        rounded[rule.tax_id] = rounded.get(rule.tax_id, 0) + tax
    if not per_line and len(nets) > 1:
        rates = {rule.tax_id: rule.rate_e4 for rule in rules}
        for tax_id, base in bases.items():
            found = _round(base * rates[tax_id], scale)
            if found is None:
                found = half_up(_raw_tax_sum(lines, tax_id, rates[tax_id]))
            rounded[tax_id] = found
    untaxed, tax_total = sum(nets), sum(rounded.values())
    return Amounts(
        tuple(nets),
        tuple(nets),
        tuple([net + tax for net, tax in zip(nets, own, strict=True)]),
        tuple([TaxAmount(tax_id, bases[tax_id], amount) for tax_id, amount in rounded.items() if amount]),
        untaxed,
        tax_total,
        untaxed + tax_total,
    )


def _raw_tax_sum(lines: Sequence[LineRequest], tax_id: int, rate_e4: int) -> float:
    """Tax of a document on the half of a grosz: added up in the engine's own order of steps."""
    rate = rate_e4 / RATE_SCALE
    total = 0.0
    for line in lines:
        if line.tax_ids[0] == tax_id:
            total += raw_of(line) * rate / 100.0
    return total


def _included(lines: Sequence[LineRequest], rules: list[TaxRule], gross: list[int], per_line: bool) -> Amounts | None:
    """Gross prices: the tax is taken out of them. Exact halves are left to the engine (no rate of Poland has any)."""
    scale = 100 * RATE_SCALE
    own: list[int] = []
    for rule, amount in zip(rules, gross, strict=True):
        tax = _round(amount * rule.rate_e4, scale + rule.rate_e4)
        if tax is None:
            return None
        own.append(tax)
    sums: dict[int, int] = {}
    rounded: dict[int, int] = {}
    for rule, amount, tax in zip(rules, gross, own, strict=True):
        sums[rule.tax_id] = sums.get(rule.tax_id, 0) + amount
        rounded[rule.tax_id] = rounded.get(rule.tax_id, 0) + tax
    if not per_line and len(gross) > 1:
        rates = {rule.tax_id: rule.rate_e4 for rule in rules}
        for tax_id, amount in sums.items():
            found = _round(amount * rates[tax_id], scale + rates[tax_id])
            if found is None:
                return None
            rounded[tax_id] = found
    subtotals = [amount - tax for amount, tax in zip(gross, own, strict=True)]
    tax_total, total = sum(rounded.values()), sum(gross)
    nets = subtotals
    # what the sum of the lines misses goes to the lines, in proportion to their gross amounts
    delta = total - sum(subtotals) - tax_total
    if delta:
        parts = distribute(delta, [_raw_total(line, rule) for line, rule in zip(lines, rules, strict=True)])
        nets = [net + part for net, part in zip(subtotals, parts, strict=True)]
    return Amounts(
        tuple(nets),
        tuple(subtotals),
        tuple(gross),
        tuple([TaxAmount(tax_id, sums[tax_id] - amount, amount) for tax_id, amount in rounded.items() if amount]),
        sum(nets),
        tax_total,
        total,
    )


def _raw_total(line: LineRequest, rule: TaxRule) -> float:
    """Gross of the line as the engine adds it up again: net and tax, both unrounded."""
    base = raw_of(line)
    rate = rule.rate_e4 / RATE_SCALE
    tax = base * (1 / (1 + rate / 100.0)) * rate / 100.0
    return (base - tax) + tax
