"""Random lines, orders and sums of FA(3) invoices, and the arithmetic that makes them balance."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.kernels.fa3_random_parts import Dice, words

from ksef_core import fa3

D = Decimal
R = fa3.Rate
PERCENTS = {R.R23: 23, R.R22: 22, R.R8: 8, R.R7: 7, R.R5: 5, R.R4: 4, R.R3: 3}
OSS_PERCENT = D("19.5")
EXCHANGE = D("4.2567")
PROCEDURES = ("WSTO_EE", "IED", "TT_D", "B_SPV", "B_SPV_DOSTAWA", "B_MPV_PROWIZJA")
Fields = dict[str, Any]


def grosz(value: Decimal) -> Decimal:
    return value.quantize(D("0.01"), ROUND_HALF_UP)


def percent(rate: fa3.Rate | None) -> Decimal:
    if rate is R.OSS:
        return OSS_PERCENT
    return D(PERCENTS.get(rate, 0)) if rate else D(0)


def split(rate: fa3.Rate, gross: Decimal, currency: str) -> fa3.RateTotal:
    """Gross amount → net and tax inside it."""
    tax = grosz(gross * percent(rate) / (100 + percent(rate)))
    return fa3.RateTotal(rate, gross - tax, tax, in_pln(rate, tax, currency))


def in_pln(rate: fa3.Rate, tax: Decimal, currency: str) -> Decimal | None:
    return grosz(tax * EXCHANGE) if currency != "PLN" and rate in PERCENTS else None


def totals_of(dice: Dice, lines: tuple[fa3.Line, ...], currency: str) -> tuple[fa3.RateTotal, ...]:
    """Sums of lines, the tax rounded once per rate or on each line."""
    per_line = dice.chance(50)
    found = []
    for rate in sorted({line.rate for line in lines if line.rate}):
        nets = [line.net for line in lines if line.rate is rate and line.net is not None]
        gross = sum((line.gross for line in lines if line.rate is rate and line.gross is not None), D(0))
        inside = split(rate, gross, currency)
        share = percent(rate) / 100
        tax = inside.tax + (
            sum((grosz(net * share) for net in nets), D(0)) if per_line else grosz(sum(nets, D(0)) * share)
        )
        found.append(fa3.RateTotal(rate, sum(nets, D(0)) + inside.net, tax, in_pln(rate, tax, currency)))
    return tuple(found)


def minus(after: tuple[fa3.RateTotal, ...], before: tuple[fa3.RateTotal, ...]) -> tuple[fa3.RateTotal, ...]:
    """What changed, rate by rate."""
    old, new = ({total.rate: total for total in totals} for totals in (before, after))
    zero = fa3.RateTotal(R.R23, D(0))

    def pln(one: fa3.RateTotal, other: fa3.RateTotal) -> Decimal | None:
        if one.tax_pln is None and other.tax_pln is None:
            return None
        return (one.tax_pln or D(0)) - (other.tax_pln or D(0))

    pairs = [(rate, new.get(rate, zero), old.get(rate, zero)) for rate in sorted(old.keys() | new.keys())]
    return tuple(fa3.RateTotal(rate, a.net - b.net, a.tax - b.tax, pln(a, b)) for rate, a, b in pairs)


def summed(lines: tuple[fa3.Line, ...], totals: tuple[fa3.RateTotal, ...]) -> Fields:
    return {"lines": lines, "totals": totals, "total": sum((item.net + item.tax for item in totals), D(0))}


# --- what is sold


def rates(dice: Dice) -> list[fa3.Rate]:
    return dice.sample(list(R), dice.randint(1, 4))


def sale(dice: Dice, currency: str, high: int = 500_000, negative: int = 10) -> tuple[fa3.Line, ...]:
    style = dice.choice(("net", "net", "gross", "mixed"))
    choice = rates(dice)
    lines = []
    for number in range(1, dice.randint(1, 8) + 1):
        rate = dice.choice(choice)
        gross = rate is R.MARGIN or style == "gross" or (style == "mixed" and dice.chance(50))
        lines.append(_line(dice, number, rate, gross, currency, high, negative))
    return tuple(lines)


def _line(dice: Dice, number: int, rate: fa3.Rate, gross: bool, currency: str, high: int, negative: int) -> fa3.Line:
    places = dice.choice((0, 0, 3, 6))
    quantity = max(D(dice.randint(1, 20 * 10**places)).scaleb(-places), D("0.000001"))
    price = D(dice.randint(1, high * 10**4)).scaleb(-8 if dice.chance(50) else -6) / 8
    discount = price.quantize(D("0.01")) / 10 if dice.chance(20) else None
    value = min(grosz(quantity * (price - (discount or 0))), D(high).scaleb(-2) * 20)
    sign = -1 if dice.chance(negative) else 1
    return fa3.Line(
        number,
        words(dice, 512),
        None if gross else sign * value,
        rate,
        sign * quantity,
        dice.choice(("szt.", "mies.", "min", "")),
        None if gross else price,
        discount,
        dice.maybe(15, dice.day(), None),
        dice.maybe(20, f"id-{number}", ""),
        dice.maybe(15, words(dice, 50), ""),
        dice.maybe(15, "61.10.11.0", ""),
        dice.maybe(10, f"GTU_{dice.randint(1, 13):02}", ""),
        EXCHANGE if currency != "PLN" and dice.chance(80) else None,
        gross=sign * value if gross else None,
        gross_price=price if gross else None,
        tax=grosz(sign * value * percent(rate) / (100 + percent(rate))) if gross and dice.chance(20) else None,
        procedure=dice.maybe(10, dice.choice((*PROCEDURES, "I_42", "I_63")), ""),
        cn=dice.maybe(10, "8418 21 91", ""),
        pkob=dice.maybe(10, "1122", ""),
        gtin=dice.maybe(10, "5901234123457", ""),
        excise=dice.maybe(10, dice.amount(), None),
        annex15=dice.chance(10),
        rate_oss=OSS_PERCENT if rate is R.OSS else None,
    )


def order(dice: Dice, changed: bool) -> fa3.Order:
    choice = [rate for rate in rates(dice) if rate is not R.MARGIN] or [R.R23]
    lines: list[fa3.OrderLine] = []
    for number in range(1, dice.randint(1, 5) + 1):
        line = _order_line(dice, number, dice.choice(choice))
        if changed:
            lines.append(replace(line, before=True))
            line = replace(line, net=(line.net or D(0)) - dice.amount(0, 50), name=words(dice))
        lines.append(line)
    value = sum(((line.net or D(0)) + (line.tax or D(0)) for line in lines if not line.before), D(0))
    return fa3.Order(value, tuple(lines))


def _order_line(dice: Dice, number: int, rate: fa3.Rate) -> fa3.OrderLine:
    net = dice.amount(10_000, 50_000_000)
    return fa3.OrderLine(
        number,
        words(dice, 512),
        net,
        grosz(net * percent(rate) / 100),
        rate,
        D(1),
        dice.maybe(70, "szt.", ""),
        net,
        dice.maybe(30, f"oid-{number}", ""),
        dice.maybe(20, "I-1", ""),
        dice.maybe(20, "5901234123457", ""),
        dice.maybe(20, "61.10", ""),
        dice.maybe(20, "8418", ""),
        dice.maybe(20, "1122", ""),
        OSS_PERCENT if rate is R.OSS else None,
        dice.chance(20),
        dice.maybe(20, "GTU_10", ""),
        dice.maybe(20, dice.choice(PROCEDURES), ""),
        dice.maybe(20, dice.amount(), None),
    )
