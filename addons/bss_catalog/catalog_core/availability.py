"""What can be sold at an address: price, promotions and price of every month, or the reasons against it.

A bundle is offered through its parts: each is a service with its own price and its own promotions, and a part that
cannot be sold takes the bundle with it unless it is optional. Totals are what the term costs when every full period
is paid; they are exact until they are rounded to the grosz once.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .eligibility import Ineligibility, LocationFacts, OfferingFacts, why_not_available
from .money import round_half_up
from .promotion import Choice, MonthPrice, PromotionFacts, PromotionRequest, choose, price_by_month, units_by_month

PeriodUnit = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class PartCandidate:
    """Part ``candidate`` of a bundle, its price being its share of the bundle; ``key`` is given back on the offer."""

    candidate: "Candidate"
    optional: bool = False
    quantity: Decimal = Decimal(1)
    key: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offering that might be sold: its price is for a full period of ``period_count`` ``period_unit``s.

    ``reasons``: what is known against it already, besides what ``facts`` say.
    """

    product_id: int
    facts: OfferingFacts
    kind: str
    price: Decimal
    price_kind: str = "net"
    period_unit: PeriodUnit = "month"
    period_count: int = 1
    parts: tuple[PartCandidate, ...] = ()
    fee: "Candidate | None" = None
    reasons: tuple[Ineligibility, ...] = ()


@dataclass(frozen=True, slots=True)
class SaleRequest:
    """Who asks, where and for how long. ``place_ids``, ``teryt``, ``competitor_ids``: see PromotionRequest."""

    on: date
    customer_kind: str
    customer_status: str = "new"
    term_months: int = 0
    location: LocationFacts | None = None
    place_ids: frozenset[int] = frozenset()
    teryt: str = ""
    competitor_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """The answer for one offering.

    ``reasons``: why it cannot be sold; empty = it can. ``price``: list price of a full period (``price_kind`` net or
    gross). ``months``: price of every month of the service up to the one from which it stays the same, for recurring
    offerings. ``total``: what the term costs, None without a term; ``relief``: what the promotions take off over it.
    ``units``: free units of every month, pairs (unit, quantity). ``fee``: the activation fee. ``parts``: of a bundle.
    """

    product_id: int
    kind: str
    price: Decimal
    price_kind: str
    reasons: tuple[Ineligibility, ...] = ()
    choice: Choice = field(default_factory=Choice)
    months: tuple[MonthPrice, ...] = ()
    units: tuple[tuple[tuple[str, Decimal], ...], ...] = ()
    total: Decimal | None = None
    relief: Decimal | None = None
    optional: bool = False
    quantity: Decimal = Decimal(1)
    key: int = 0
    parts: tuple["Offer", ...] = ()
    fee: "Offer | None" = None

    @property
    def sellable(self) -> bool:
        return not self.reasons

    @property
    def first_price(self) -> Decimal:
        """Price of month 1 after promotions."""
        return self.months[0].price if self.months else self.price

    @property
    def promotion_ids(self) -> tuple[int, ...]:
        return tuple(promotion.promotion_id for promotion in self.choice.granted)


def offers(
    candidates: Iterable[Candidate], promotions: Sequence[PromotionFacts], request: SaleRequest
) -> tuple[Offer, ...]:
    """One answer per candidate, in their order."""
    return tuple(_offer(candidate, promotions, request, frozenset()) for candidate in candidates)


def _offer(
    candidate: Candidate, promotions: Sequence[PromotionFacts], request: SaleRequest, bundle_ids: frozenset[int]
) -> Offer:
    against = why_not_available(candidate.facts, request.on, request.location, request.customer_kind)
    reasons = (*candidate.reasons, *against)
    plain = Offer(candidate.product_id, candidate.kind, candidate.price, candidate.price_kind, reasons)
    if candidate.parts:
        return _bundle(candidate, plain, promotions, request)
    if candidate.kind != "recurring":
        return plain
    asked = _promotion_request(candidate, request, bundle_ids, "recurring")
    choice = choose([p for p in promotions if p.target == "recurring"], asked)
    fee = _fee(candidate, choice, promotions, request, bundle_ids)
    return _priced(candidate, replace(plain, choice=choice, fee=fee), request)


def _bundle(candidate: Candidate, plain: Offer, promotions: Sequence[PromotionFacts], request: SaleRequest) -> Offer:
    """Parts on their own; sums of the fixed parts on the bundle."""
    bundle_ids = frozenset({candidate.product_id})
    parts = tuple(
        replace(
            _offer(part.candidate, promotions, request, bundle_ids),
            optional=part.optional,
            quantity=part.quantity,
            key=part.key,
        )
        for part in candidate.parts
    )
    fixed = [part for part in parts if not part.optional]
    missing = tuple(
        Ineligibility("BUNDLE_PART", {"product": str(part.product_id), "reason": reason.code, **reason.params})
        for part in fixed
        for reason in part.reasons
    )
    fee = None
    if candidate.fee is not None:
        fee = _fee(candidate, Choice(), promotions, request, bundle_ids)
    return replace(
        plain,
        reasons=plain.reasons + missing,
        parts=parts,
        fee=fee,
        months=_sum_months(fixed),
        total=_sum_known([part.total for part in fixed], fixed),
        relief=_sum_known([part.relief for part in fixed], fixed),
    )


def _sum_months(parts: Sequence[Offer]) -> tuple[MonthPrice, ...]:
    """Prices of the parts added up; a shorter table goes on with its last price."""
    length = max((len(part.months) for part in parts), default=0)
    rows = []
    for month in range(1, length + 1):
        here = [(part.months[min(month, len(part.months)) - 1], part.quantity) for part in parts if part.months]
        full = sum((row.list_price * quantity for row, quantity in here), Decimal(0))
        price = sum((row.price * quantity for row, quantity in here), Decimal(0))
        rows.append(MonthPrice(month, full, price))
    return tuple(rows)


def _sum_known(values: Sequence[Decimal | None], parts: Sequence[Offer]) -> Decimal | None:
    if not values or any(value is None for value in values):
        return None
    pairs = zip(values, parts, strict=True)
    return sum((value * part.quantity for value, part in pairs if value is not None), Decimal(0))


def _fee(
    candidate: Candidate,
    beside: Choice,
    promotions: Sequence[PromotionFacts],
    request: SaleRequest,
    bundle_ids: frozenset[int],
) -> Offer | None:
    """The activation fee with the promotions that change it."""
    fee = candidate.fee
    if fee is None:
        return None
    asked = _promotion_request(candidate, request, bundle_ids, "activation")
    asked = replace(asked, product_ids=asked.product_ids | {fee.product_id})
    choice = choose([p for p in promotions if p.target == "activation"], asked, beside.granted)
    months = price_by_month(fee.price, choice.granted, 1)
    offer = Offer(fee.product_id, fee.kind, fee.price, fee.price_kind, choice=choice, months=months)
    price = round_half_up(months[0].price, 2)
    return replace(offer, total=price, relief=round_half_up(fee.price, 2) - price)


def _promotion_request(
    candidate: Candidate, request: SaleRequest, bundle_ids: frozenset[int], target: str
) -> PromotionRequest:
    served = frozenset({candidate.facts.technology})
    if candidate.facts.technology == "any":
        served = request.location.technologies if request.location is not None else frozenset()
    return PromotionRequest(
        on=request.on,
        customer_kind=request.customer_kind,
        product_ids=frozenset({candidate.product_id}),
        target=target,
        customer_status=request.customer_status,
        term_months=request.term_months,
        bundle_ids=bundle_ids,
        place_ids=request.place_ids,
        teryt=request.teryt,
        technologies=served,
        competitor_ids=request.competitor_ids,
    )


def _priced(candidate: Candidate, offer: Offer, request: SaleRequest) -> Offer:
    """Months, free units and totals of a recurring offering."""
    granted = offer.choice.granted
    horizon = horizon_of(granted, request.term_months)
    months = price_by_month(candidate.price, granted, horizon)
    units = units_by_month(granted, horizon)
    if not request.term_months:
        return replace(offer, months=months, units=units)
    paid, full = Fraction(0), Fraction(0)
    for row in months[: request.term_months]:
        share = periods_in_month(request.on, row.month, candidate.period_unit, candidate.period_count)
        paid += Fraction(row.price) * share
        full += Fraction(row.list_price) * share
    total, list_total = _grosz(paid), _grosz(full)
    return replace(offer, months=months, units=units, total=total, relief=list_total - total)


def horizon_of(promotions: Iterable[PromotionFacts], term_months: int) -> int:
    """Number of months after which nothing changes any more, plus the first of those that stay the same."""
    ends = [step.month_to or step.month_from for promotion in promotions for step in promotion.steps]
    return max([term_months, *ends]) + 1


def periods_in_month(start: date, month: int, unit: PeriodUnit, count: int) -> Fraction:
    """How many charging periods fall into month ``month`` of a service that starts on ``start``."""
    if unit == "month":
        return Fraction(1, count)
    days = (add_months(start, month) - add_months(start, month - 1)).days
    return Fraction(days, count * (7 if unit == "week" else 1))


def add_months(start: date, months: int) -> date:
    """The monthly anniversary; the 31st falls on the last day of a short month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _grosz(amount: Fraction) -> Decimal:
    """Amount in currency units to two places, HALF_UP."""
    cents = (2 * amount * 100 + 1) // 2
    return Decimal(int(cents)).scaleb(-2)
