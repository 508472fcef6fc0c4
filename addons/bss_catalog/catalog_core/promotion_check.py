"""What is wrong with a promotion, told before it goes on sale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .promotion import PRICE_KINDS, PromotionFacts, StepFacts, apply_step
from .rate_plan import ERROR, WARNING, Problem

UNITS = frozenset({"s", "sms", "byte"})


@dataclass(frozen=True, slots=True)
class PromotionSurroundings:
    """What the validator needs to know beyond the promotion itself.

    ``other_versions``: sale periods of the other versions on sale with the same code. ``exclusive_ids``: those among
    the promotions named as not combinable that stand alone anyway. ``list_prices``: (name, price) of its offerings.
    """

    other_versions: tuple[tuple[date | None, date | None], ...] = ()
    exclusive_ids: frozenset[int] = frozenset()
    list_prices: tuple[tuple[str, Decimal], ...] = ()


def validate_promotion(promotion: PromotionFacts, around: PromotionSurroundings | None = None) -> list[Problem]:
    """Every problem, errors first, in a stable order."""
    around = around or PromotionSurroundings()
    problems = [
        *_dates(promotion, around),
        *_conditions(promotion),
        *_stacking(promotion, around),
        *_steps(promotion),
        *_effect(promotion, around),
    ]
    return sorted(problems, key=lambda problem: problem.severity != ERROR)


def _error(code: str, **params: object) -> Problem:
    return Problem(code, ERROR, {name: str(value) for name, value in params.items()})


def _warning(code: str, **params: object) -> Problem:
    return Problem(code, WARNING, {name: str(value) for name, value in params.items()})


def _dates(promotion: PromotionFacts, around: PromotionSurroundings) -> Iterable[Problem]:
    start, end = promotion.date_start, promotion.date_end
    if start and end and end < start:
        yield _error("DATES_REVERSED", start=start.isoformat(), end=end.isoformat())
        return
    for other_start, other_end in around.other_versions:
        if (end or date.max) >= (other_start or date.min) and (other_end or date.max) >= (start or date.min):
            yield _error(
                "VERSION_OVERLAP",
                start=other_start.isoformat() if other_start else "…",
                end=other_end.isoformat() if other_end else "…",
            )


def _conditions(promotion: PromotionFacts) -> Iterable[Problem]:
    if promotion.max_term and promotion.min_term > promotion.max_term:
        yield _error("TERMS_REVERSED", least=promotion.min_term, most=promotion.max_term)
    for prefix in promotion.teryt_prefixes:
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 7):
            yield _error("BAD_TERYT", prefix=prefix)
    amounts = any(step.kind in ("amount", "fixed") for step in promotion.steps)
    if promotion.bundle_ids and promotion.target == "recurring" and amounts and not promotion.product_ids:
        yield _warning("PER_PART")
    if promotion.any_competitor and promotion.competitor_ids:
        yield _warning("COMPETITORS_TWICE")


def _stacking(promotion: PromotionFacts, around: PromotionSurroundings) -> Iterable[Problem]:
    others = promotion.incompatible_ids - {promotion.promotion_id}
    if promotion.promotion_id in promotion.incompatible_ids:
        yield _error("EXCLUDES_ITSELF")
    if promotion.exclusive and others:
        yield _error("EXCLUSIVE_WITH_LIST")
    elif others & around.exclusive_ids:
        yield _warning("LISTS_EXCLUSIVE")


def _steps(promotion: PromotionFacts) -> Iterable[Problem]:
    if not promotion.steps:
        yield _error("NO_STEPS")
        return
    if promotion.target == "activation" and any(
        step.kind == "units" or (step.month_from, step.month_to) not in ((1, 1), (1, None)) for step in promotion.steps
    ):
        yield _error("ACTIVATION_STEPS")
    for step in promotion.steps:
        yield from _step(promotion, step)
    yield from _order([step for step in promotion.steps if step.kind in PRICE_KINDS])


def _step(promotion: PromotionFacts, step: StepFacts) -> Iterable[Problem]:
    first, last = step.month_from, step.month_to
    if first < 1:
        yield _error("MONTH_BEFORE_FIRST", month=first)
    if last is not None and last < first:
        yield _error("MONTHS_REVERSED", first=first, last=last)
    if step.kind == "units":
        if step.unit not in UNITS or step.quantity <= 0:
            yield _error("EMPTY_UNITS", first=first)
    elif step.value < 0:
        yield _error("NEGATIVE_VALUE", first=first)
    elif step.kind == "percent" and step.value > 100:
        yield _error("PERCENT_TOO_HIGH", first=first, value=f"{step.value.normalize():f}")
    elif step.kind == "amount" and step.value == 0:
        yield _error("EMPTY_STEP", first=first)
    if promotion.max_term and max(first, last or 0) > promotion.max_term:
        yield _error("BEYOND_TERM", first=first, last=last or first, most=promotion.max_term)


def _order(steps: Sequence[StepFacts]) -> Iterable[Problem]:
    """Overlaps and holes between price steps; a hole that is meant is written as a step of 0 %."""
    ordered = sorted(steps, key=lambda step: (step.month_from, step.month_to or 0))
    widest: StepFacts | None = None
    for step in ordered:
        if widest is not None:
            yield from _after(widest, step)
        if widest is None or (
            widest.month_to is not None and (step.month_to is None or step.month_to > widest.month_to)
        ):
            widest = step
    if ordered and ordered[0].month_from > 1:
        yield _warning("LATE_START", last=ordered[0].month_from - 1)


def _after(before: StepFacts, after: StepFacts) -> Iterable[Problem]:
    """:param before: the step that reaches furthest among the earlier ones"""
    if before.month_to is None:
        yield _error("AFTER_OPEN_STEP", first=before.month_from, month=after.month_from)
    elif after.month_from <= before.month_to:
        yield _error("STEPS_OVERLAP", month=after.month_from)
    elif after.month_from > before.month_to + 1:
        yield _error("STEPS_GAP", first=before.month_to + 1, last=after.month_from - 1)


def _effect(promotion: PromotionFacts, around: PromotionSurroundings) -> Iterable[Problem]:
    prices = [step for step in promotion.steps if step.kind in PRICE_KINDS]
    units = [step for step in promotion.steps if step.kind == "units"]
    if prices and not units and all(step.kind == "percent" and step.value == 0 for step in prices):
        yield _error("NO_EFFECT")
    for name, price in around.list_prices:
        if any(apply_step(price, step) > price for step in prices):
            yield _warning("RAISES_PRICE", offering=name, price=price)
