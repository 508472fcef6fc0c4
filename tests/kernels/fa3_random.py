"""Whole random FA(3) invoices of every kind: allowed, balanced, and using everything the schema has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.kernels import fa3_random_parts as parts
from tests.kernels.fa3_random_goods import (
    EXCHANGE,
    D,
    Fields,
    R,
    grosz,
    minus,
    order,
    rates,
    sale,
    split,
    summed,
    totals_of,
)
from tests.kernels.fa3_random_parts import DAY, Dice, words

from ksef_core import fa3


def invoice(seed: int) -> fa3.Invoice:
    """The random invoice number `seed`: always the same for the same seed."""
    dice = Dice(seed)
    kind = dice.choice(list(fa3.Kind))
    currency = dice.choice(("PLN", "PLN", "PLN", "EUR", "USD"))
    made = fa3.Invoice(
        **{**_common(dice, currency), "kind": kind, "currency": currency, **_MAKERS[kind](dice, currency)}
    )
    return replace(made, annotations=_annotations(dice, made), notes=_notes(dice, made))


# --- one maker per kind


def _sold(dice: Dice, currency: str) -> Fields:
    lines = sale(dice, currency)
    return summed(lines, totals_of(dice, lines, currency))


def _originals(dice: Dice) -> tuple[fa3.Original, ...]:
    return tuple(
        fa3.Original(dice.day(), f"FV/{number}", dice.maybe(80, parts.ksef_number(dice), ""))
        for number in range(dice.choice((1, 1, 1, 4)))
    )


def _correction(dice: Dice, **more: Any) -> fa3.Correction:
    return fa3.Correction(
        _originals(dice),
        dice.maybe(80, words(dice), ""),
        dice.maybe(80, dice.randint(1, 3), None),
        right_number=dice.maybe(10, "FV/9", ""),
        **more,
    )


def _corrected(dice: Dice, currency: str) -> Fields:
    way = dice.choice((_by_state, _by_state, _by_difference, _of_data, _collective))
    return way(dice, currency)


def _by_state(dice: Dice, currency: str) -> Fields:
    before = sale(dice, currency)
    after = []
    for line in before:
        factor = dice.choice((D(1), D("0.9"), D(0)))
        net, gross = (None if value is None else grosz(value * factor) for value in (line.net, line.gross))
        after.append(replace(line, net=net, gross=gross))
    totals = minus(totals_of(dice, tuple(after), currency), totals_of(dice, before, currency))
    pairs = [pair for old, new in zip(before, after, strict=True) for pair in (replace(old, before=True), new)]
    return {"correction": _correction(dice), **summed(tuple(pairs), totals)}


def _by_difference(dice: Dice, currency: str) -> Fields:
    lines = sale(dice, currency, negative=70)
    return {"correction": _correction(dice), **summed(lines, totals_of(dice, lines, currency))}


def _of_data(dice: Dice, _currency: str) -> Fields:
    seller, buyer = parts.seller(dice), replace(parts.buyer(dice), internal_id="0001")
    before = replace(buyer, name="Dawna Nazwa", address=parts.address(dice))
    other = replace(before, nip="", other_number="", eu_number="", internal_id="0002")
    correction = _correction(
        dice,
        buyer_before=before,
        other_buyers_before=(other,) if dice.chance(30) else (),
        seller_before=replace(seller, name="Dawny Sprzedawca") if dice.chance(40) else None,
    )
    return {"seller": seller, "buyer": buyer, "correction": correction, **summed((), ())}


def _collective(dice: Dice, currency: str) -> Fields:
    totals = tuple(split(rate, -dice.amount(), currency) for rate in rates(dice))
    bare = fa3.Line(1, words(dice), None, None, D(1000), "szt.")
    return {
        "correction": _correction(dice, period="pierwsze półrocze 2026"),
        **summed((bare,) if dice.chance(50) else (), totals),
    }


def _advance(dice: Dice, currency: str) -> Fields:
    ordered = order(dice, changed=False)
    gross: dict[fa3.Rate, Decimal] = {}
    for line in ordered.lines:
        if line.rate:
            gross[line.rate] = gross.get(line.rate, D(0)) + (line.net or D(0)) + (line.tax or D(0))
    totals = tuple(split(rate, grosz(value * dice.randint(1, 100) / 100), currency) for rate, value in gross.items())
    fields = {**summed((), totals), "order": ordered, "advance_rate": None if currency == "PLN" else EXCHANGE}
    if dice.chance(50):
        first = grosz(fields["total"] / 3)
        rate = None if currency == "PLN" else EXCHANGE
        amounts = (first, fields["total"] - first)
        fields["received"] = tuple(fa3.ReceivedPayment(dice.day(), amount, rate) for amount in amounts)
    return fields


def _corrected_advance(dice: Dice, currency: str) -> Fields:
    if dice.chance(20):
        fields = _of_data(dice, currency)
        return {**fields, "correction": replace(fields["correction"], due_before=dice.amount())}
    totals = tuple(split(rate, dice.amount(-500_000), currency) for rate in rates(dice) if rate is not R.MARGIN)
    correction = _correction(dice, due_before=dice.amount(), rate_before=None if currency == "PLN" else EXCHANGE)
    return {**summed((), totals), "order": order(dice, changed=True), "correction": correction}


def _final(dice: Dice, currency: str) -> Fields:
    lines = sale(dice, currency, negative=0)
    whole = totals_of(dice, lines, currency)
    told = dice.chance(50)
    rest, advances = whole, []
    for number in range(dice.randint(1, 3)):
        taken = tuple(
            split(total.rate, grosz((total.net + total.tax) * dice.randint(0, 30) / 100), currency) for total in whole
        )
        rest = minus(rest, taken)
        ksef = dice.maybe(70, parts.ksef_number(dice), "")
        advances.append(fa3.Advance(ksef, "" if ksef else f"FZ/{number}", taken if told else ()))
    return {**summed(lines, rest), "advances": tuple(advances)}


def _corrected_final(dice: Dice, currency: str) -> Fields:
    before = sale(dice, currency, negative=0)
    pairs = [pair for line in before for pair in (replace(line, before=True), replace(line, name=words(dice)))]
    totals = tuple(
        split(rate, dice.amount(-500_000), currency) for rate in sorted({line.rate for line in before if line.rate})
    )
    return {
        **summed(tuple(pairs), totals),
        "correction": _correction(dice, due_before=dice.amount()),
        "advances": (fa3.Advance(parts.ksef_number(dice)),),
    }


def _simplified(dice: Dice, currency: str) -> Fields:
    lines = tuple(
        replace(
            line, net=None if line.net is None else line.net % 10, gross=None if line.gross is None else line.gross % 10
        )
        for line in sale(dice, currency, high=500, negative=0)
    )
    fields = {"buyer": fa3.Buyer(dice.maybe(50, words(dice), ""), None, parts.nip(dice)), "place": ""}
    fields |= summed(lines, totals_of(dice, lines, currency))
    way = dice.choice(("full", "sums", "rates"))
    if way != "full":
        bare = tuple(
            replace(line, net=None, gross=None, tax=None, rate=line.rate if way == "rates" else None) for line in lines
        )
        fields["lines"] = bare
    if way == "rates":
        fields["totals"] = ()
    return fields


_MAKERS = {
    fa3.Kind.INVOICE: _sold,
    fa3.Kind.CORRECTION: _corrected,
    fa3.Kind.ADVANCE: _advance,
    fa3.Kind.SETTLEMENT: _final,
    fa3.Kind.SIMPLIFIED: _simplified,
    fa3.Kind.CORRECTED_ADVANCE: _corrected_advance,
    fa3.Kind.CORRECTED_SETTLEMENT: _corrected_final,
}


# --- what every kind may carry


def _common(dice: Dice, currency: str) -> Fields:
    day = dice.day(200)
    period = (dice.day(200), DAY) if dice.chance(40) else None
    return {
        "number": f"FV/{dice.randrange(10**6)}/<&>",
        "issue_date": day,
        "created_at": datetime(2026, 11, 21, 10, 30, dice.randrange(60), tzinfo=UTC),
        "seller": parts.seller(dice),
        "buyer": parts.buyer(dice),
        "place": dice.maybe(50, "Warszawa", ""),
        "supply_date": dice.maybe(50, day, None),
        "period": period,
        "third_parties": tuple(parts.third_party(dice) for _ in range(dice.choice((0, 0, 0, 1, 3)))),
        "related_parties": dice.chance(10),
        "charges": tuple(fa3.Amount(dice.amount(0), words(dice)) for _ in range(dice.choice((0, 0, 1, 3)))),
        "deductions": tuple(fa3.Amount(dice.amount(0), words(dice)) for _ in range(dice.choice((0, 0, 1, 3)))),
        "payment": dice.maybe(80, parts.payment(dice), None),
        "contracts": tuple(
            fa3.Contract(f"UM/{n}", dice.maybe(50, dice.day(), None)) for n in range(dice.choice((0, 1, 2)))
        ),
        "footer": dice.maybe(60, parts.footer(dice), None),
        "authorised": dice.maybe(10, parts.authorised(dice), None),
        "delivery_notes": tuple(f"WZ/{n}" for n in range(dice.choice((0, 0, 2)))),
        "receipt": dice.chance(10),
        "excise_refund": dice.chance(10),
        "order_numbers": tuple(
            fa3.OrderNumber(f"Z/{n}", dice.maybe(50, dice.day(), None)) for n in range(dice.choice((0, 0, 1)))
        ),
        "delivery": dice.maybe(15, parts.delivery(dice), None),
        "attachment": dice.maybe(15, parts.attachment(dice), None),
    }


def _annotations(dice: Dice, made: fa3.Invoice) -> fa3.Annotations:
    used = {line.rate for line in made.lines} | {total.rate for total in made.totals}
    used |= {line.rate for line in made.order.lines} if made.order else set()
    grounds = ({"exemption_act": "art. 113"}, {"exemption_directive": "art. 135"}, {"exemption_other": "wyrok"})
    return fa3.Annotations(
        cash_method=dice.chance(10),
        self_billing=dice.chance(10),
        split_payment=dice.chance(10),
        triangular=dice.chance(10),
        margin=dice.choice(list(fa3.Margin)) if R.MARGIN in used else None,
        new_vehicles=dice.maybe(10, parts.vehicles(dice), None),
        **(dice.choice(grounds) if R.EXEMPT in used else {}),
    )


def _notes(dice: Dice, made: fa3.Invoice) -> tuple[fa3.Note, ...]:
    numbers = [line.number for line in made.lines] or [None]
    return tuple(
        fa3.Note(words(dice), words(dice), dice.choice((None, *numbers))) for _ in range(dice.choice((0, 0, 1, 4)))
    )
