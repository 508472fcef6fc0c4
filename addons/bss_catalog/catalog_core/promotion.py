"""Promotions at the moment of the sale: who gets which, and what the service costs month by month.

Conditions are checked one by one, so that a refusal names every one that failed. Prices follow the daily rule of the
billing: ascending priority, each promotion on the result of the one before, never below zero; an exclusive one that
has a step in a month stands alone in it. Prices are exact Decimals, rounded only where they are shown.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from .eligibility import Ineligibility

PRICE_KINDS = frozenset({"percent", "amount", "fixed", "free"})
# Digits of exact results: a price of 16 digits through a dozen stacked percentages of 9 digits
_PRECISION = 160


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What happens in months ``month_from`` … ``month_to`` (None: to the end); month 1 begins with the service."""

    month_from: int
    month_to: int | None
    kind: str
    value: Decimal = Decimal(0)
    unit: str = ""
    quantity: Decimal = Decimal(0)

    def covers(self, month: int) -> bool:
        return self.month_from <= month and (self.month_to is None or month <= self.month_to)


@dataclass(frozen=True, slots=True)
class PromotionFacts:
    """A promotion and its conditions; an empty set or 0 sets no condition.

    ``product_ids`` and ``bundle_ids``: the offerings and bundles it names with all their later versions.
    """

    promotion_id: int
    steps: tuple[StepFacts, ...] = ()
    priority: int = 10
    exclusive: bool = False
    incompatible_ids: frozenset[int] = frozenset()
    target: str = "recurring"
    state: str = "on_sale"
    date_start: date | None = None
    date_end: date | None = None
    product_ids: frozenset[int] = frozenset()
    customer_kinds: frozenset[str] = frozenset()
    customer_status: str = "any"
    min_term: int = 0
    max_term: int = 0
    bundle_ids: frozenset[int] = frozenset()
    location_ids: frozenset[int] = frozenset()
    teryt_prefixes: tuple[str, ...] = ()
    technologies: frozenset[str] = frozenset()
    competitor_ids: frozenset[int] = frozenset()
    any_competitor: bool = False
    grants_left: int | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """Order of application, and of precedence among exclusive ones."""
        return self.priority, self.promotion_id


@dataclass(frozen=True, slots=True)
class PromotionRequest:
    """The sale that asks for promotions.

    ``product_ids``: the offering, and the fee itself when ``target`` is "activation". ``bundle_ids``: bundles it is
    sold in. ``place_ids``: the place and everything it lies in. ``technologies``: over which it is served there.
    ``term_months``: 0 for a contract without a term.
    """

    on: date
    customer_kind: str
    product_ids: frozenset[int]
    target: str = "recurring"
    customer_status: str = "new"
    term_months: int = 0
    bundle_ids: frozenset[int] = frozenset()
    place_ids: frozenset[int] = frozenset()
    teryt: str = ""
    technologies: frozenset[str] = frozenset()
    competitor_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Lost:
    """An eligible promotion that gave way to ``to_id``: "exclusive" (one of the two stands alone) or "incompatible"."""

    promotion_id: int
    to_id: int
    cause: str


@dataclass(frozen=True, slots=True)
class Refused:
    promotion_id: int
    reasons: tuple[Ineligibility, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Every promotion is in exactly one of the three; ``granted`` in the order in which they apply."""

    granted: tuple[PromotionFacts, ...] = ()
    lost: tuple[Lost, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """One promotion in one month: the price before and after it."""

    promotion_id: int
    kind: str
    value: Decimal
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class MonthPrice:
    """Price of a whole period in month ``month`` of the service, exact."""

    month: int
    list_price: Decimal
    price: Decimal
    applied: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthRelief:
    """Relief of a month against the list price, exact, and the part of every promotion (they add up to it)."""

    month: int
    relief: Decimal
    by_promotion: tuple[tuple[int, Decimal], ...] = ()


# --- conditions


def why_not_granted(promotion: PromotionFacts, request: PromotionRequest) -> tuple[Ineligibility, ...]:
    """Every condition that fails; an empty answer means the promotion may be granted."""
    return (*_sale(promotion, request), *_customer(promotion, request), *_place(promotion, request))


def _sale(promotion: PromotionFacts, request: PromotionRequest) -> Iterable[Ineligibility]:
    if promotion.state != "on_sale":
        yield Ineligibility("PROMO_NOT_ON_SALE", {"state": promotion.state})
    if promotion.date_start and request.on < promotion.date_start:
        yield Ineligibility("PROMO_NOT_YET", {"date": promotion.date_start.isoformat()})
    if promotion.date_end and request.on > promotion.date_end:
        yield Ineligibility("PROMO_NO_LONGER", {"date": promotion.date_end.isoformat()})
    if promotion.grants_left is not None and promotion.grants_left <= 0:
        yield Ineligibility("PROMO_USED_UP")
    if promotion.target != request.target:
        yield Ineligibility("PROMO_OTHER_TARGET", {"target": promotion.target})
    if promotion.product_ids and not promotion.product_ids & request.product_ids:
        yield Ineligibility("PROMO_OTHER_OFFERING")
    if promotion.bundle_ids and not promotion.bundle_ids & request.bundle_ids:
        yield Ineligibility("PROMO_NOT_IN_BUNDLE")


def _customer(promotion: PromotionFacts, request: PromotionRequest) -> Iterable[Ineligibility]:
    if promotion.customer_kinds and request.customer_kind not in promotion.customer_kinds:
        yield Ineligibility("PROMO_CUSTOMER_KIND", {"kinds": ",".join(sorted(promotion.customer_kinds))})
    if promotion.customer_status not in ("any", request.customer_status):
        yield Ineligibility("PROMO_CUSTOMER_STATUS", {"status": promotion.customer_status})
    if request.term_months < promotion.min_term:
        yield Ineligibility("PROMO_TERM_SHORT", {"least": str(promotion.min_term), "term": str(request.term_months)})
    if promotion.max_term and request.term_months > promotion.max_term:
        yield Ineligibility("PROMO_TERM_LONG", {"most": str(promotion.max_term), "term": str(request.term_months)})


def _place(promotion: PromotionFacts, request: PromotionRequest) -> Iterable[Ineligibility]:
    """Listed places and TERYT prefixes widen each other: one of them is enough."""
    if (promotion.location_ids or promotion.teryt_prefixes) and not (
        promotion.location_ids & request.place_ids
        or any(request.teryt.startswith(prefix) for prefix in promotion.teryt_prefixes)
    ):
        yield Ineligibility("PROMO_OTHER_PLACE")
    if promotion.technologies and not promotion.technologies & request.technologies:
        yield Ineligibility("PROMO_OTHER_TECHNOLOGY", {"technologies": ",".join(sorted(promotion.technologies))})
    if promotion.competitor_ids and not promotion.competitor_ids & request.competitor_ids:
        yield Ineligibility("PROMO_OTHER_COMPETITOR")
    elif promotion.any_competitor and not request.competitor_ids:
        yield Ineligibility("PROMO_NO_COMPETITOR")


# --- choice


def choose(
    promotions: Iterable[PromotionFacts], request: PromotionRequest, beside: Collection[PromotionFacts] = ()
) -> Choice:
    """Which promotions the sale gets, the same whatever their order.

    The best exclusive one (lowest priority number, then id) stands alone; without one they are taken in their order
    and each that cannot be combined with one already taken gives way to it.

    :param beside: promotions the same sale has on another fee already; only "cannot be combined" counts between them
    """
    eligible: list[PromotionFacts] = []
    refused: list[Refused] = []
    lost: list[Lost] = []
    for promotion in sorted(promotions, key=lambda p: p.rank):
        reasons = why_not_granted(promotion, request)
        rival = _rival(promotion, beside)
        if reasons:
            refused.append(Refused(promotion.promotion_id, reasons))
        elif rival is not None:
            lost.append(Lost(promotion.promotion_id, rival.promotion_id, "incompatible"))
        else:
            eligible.append(promotion)
    granted, beaten = _stack(eligible)
    lost.extend(beaten)
    return Choice(tuple(granted), tuple(sorted(lost, key=lambda one: one.promotion_id)), tuple(refused))


def _stack(eligible: Sequence[PromotionFacts]) -> tuple[list[PromotionFacts], list[Lost]]:
    alone = next((promotion for promotion in eligible if promotion.exclusive), None)
    if alone is not None:
        losers = [Lost(p.promotion_id, alone.promotion_id, "exclusive") for p in eligible if p is not alone]
        return [alone], losers
    granted: list[PromotionFacts] = []
    lost: list[Lost] = []
    for promotion in eligible:
        rival = _rival(promotion, granted)
        if rival is None:
            granted.append(promotion)
        else:
            lost.append(Lost(promotion.promotion_id, rival.promotion_id, "incompatible"))
    return granted, lost


def _rival(promotion: PromotionFacts, taken: Iterable[PromotionFacts]) -> PromotionFacts | None:
    """The first of ``taken`` that excludes ``promotion``; naming the other on one side is enough."""
    return next(
        (
            other
            for other in sorted(taken, key=lambda p: p.rank)
            if other.promotion_id in promotion.incompatible_ids or promotion.promotion_id in other.incompatible_ids
        ),
        None,
    )


def excluded_by(promotion: PromotionFacts, running: Iterable[PromotionFacts]) -> PromotionFacts | None:
    """The first of ``running`` that cannot go on beside ``promotion``: one of the two stands alone or names the other.

    The promotion itself, granted once more, is no rival of its own.
    """
    others = sorted((one for one in running if one.promotion_id != promotion.promotion_id), key=lambda p: p.rank)
    if promotion.exclusive:
        return next(iter(others), None)
    return next((one for one in others if one.exclusive), None) or _rival(promotion, others)


# --- prices


def price_by_month(list_price: Decimal, promotions: Iterable[PromotionFacts], months: int) -> tuple[MonthPrice, ...]:
    """Price of a whole period for months 1 … ``months``, all promotions starting with the service."""
    ordered = sorted(promotions, key=lambda p: p.rank)
    return tuple(_month_price(list_price, ordered, month) for month in range(1, months + 1))


def _month_price(list_price: Decimal, ordered: Sequence[PromotionFacts], month: int) -> MonthPrice:
    active = [(promotion, step) for promotion in ordered if (step := price_step(promotion, month)) is not None]
    alone = [pair for pair in active if pair[0].exclusive][:1]
    price = list_price
    applied = []
    for promotion, step in alone or active:
        after = apply_step(price, step)
        applied.append(Applied(promotion.promotion_id, step.kind, step.value, price, after))
        price = after
    return MonthPrice(month, list_price, price, tuple(applied))


def price_step(promotion: PromotionFacts, month: int) -> StepFacts | None:
    """The price step of ``month``; checked promotions have one at most, of others the earliest counts."""
    steps = [step for step in promotion.steps if step.kind in PRICE_KINDS and step.covers(month)]
    return min(steps, key=lambda step: step.month_from, default=None)


def apply_step(price: Decimal, step: StepFacts) -> Decimal:
    """``price`` after the step, exact, never below zero; a price below zero is a credit, which stays as it is."""
    if price < 0:
        return price
    if step.kind == "free":
        return Decimal(0)
    if step.kind == "fixed":
        return max(step.value, Decimal(0))
    with localcontext() as context:
        context.prec = _PRECISION
        cut = (price * step.value).scaleb(-2) if step.kind == "percent" else step.value
        return max(price - cut, Decimal(0))


def relief_by_month(list_price: Decimal, promotions: Iterable[PromotionFacts], months: int) -> tuple[MonthRelief, ...]:
    """List price less the price of the month; a promotion that raises it (fixed above the list) counts negative."""
    reliefs = []
    with localcontext() as context:
        context.prec = _PRECISION
        for row in price_by_month(list_price, promotions, months):
            parts = tuple((one.promotion_id, one.before - one.after) for one in row.applied)
            reliefs.append(MonthRelief(row.month, row.list_price - row.price, parts))
    return tuple(reliefs)


def units_by_month(promotions: Iterable[PromotionFacts], months: int) -> tuple[tuple[tuple[str, Decimal], ...], ...]:
    """Free units that every month gives: for each month pairs (unit, quantity), sorted by unit."""
    steps = [step for promotion in promotions for step in promotion.steps if step.kind == "units"]
    table = []
    for month in range(1, months + 1):
        given: dict[str, Decimal] = {}
        for step in steps:
            if step.covers(month):
                given[step.unit] = given.get(step.unit, Decimal(0)) + step.quantity
        table.append(tuple(sorted(given.items())))
    return tuple(table)


def price_runs(table: Sequence[MonthPrice]) -> tuple[tuple[int, int, Decimal], ...]:
    """The table in runs of equal price: (first month, last month, price)."""
    runs: list[tuple[int, int, Decimal]] = []
    for row in table:
        if runs and runs[-1][2] == row.price:
            runs[-1] = (runs[-1][0], row.month, row.price)
        else:
            runs.append((row.month, row.month, row.price))
    return tuple(runs)
