"""Who gets a promotion, what gives way to what, and the price month by month."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import (
    Choice,
    PromotionFacts,
    PromotionRequest,
    StepFacts,
    choose,
    excluded_by,
    price_by_month,
    price_runs,
    relief_by_month,
    units_by_month,
    why_not_granted,
)

ON = date(2026, 11, 21)
PLAIN = PromotionFacts(promotion_id=1, steps=(StepFacts(1, 3, "fixed", Decimal(1)),))
REQUEST = PromotionRequest(
    on=ON,
    customer_kind="consumer",
    product_ids=frozenset({7}),
    customer_status="new",
    term_months=24,
    place_ids=frozenset({100, 10, 1}),
    teryt="1002011",
    technologies=frozenset({"fibre"}),
    competitor_ids=frozenset({55}),
)


def codes(promotion: PromotionFacts, request: PromotionRequest = REQUEST) -> list[str]:
    return [reason.code for reason in why_not_granted(promotion, request)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"state": "draft"}, ["PROMO_NOT_ON_SALE"]),
        ({"state": "withdrawn"}, ["PROMO_NOT_ON_SALE"]),
        ({"date_start": ON}, []),
        ({"date_start": ON + timedelta(1)}, ["PROMO_NOT_YET"]),
        ({"date_end": ON}, []),
        ({"date_end": ON - timedelta(1)}, ["PROMO_NO_LONGER"]),
        ({"grants_left": 1}, []),
        ({"grants_left": 0}, ["PROMO_USED_UP"]),
        ({"target": "activation"}, ["PROMO_OTHER_TARGET"]),
        ({"product_ids": frozenset({7, 8})}, []),
        ({"product_ids": frozenset({8})}, ["PROMO_OTHER_OFFERING"]),
        ({"bundle_ids": frozenset({9})}, ["PROMO_NOT_IN_BUNDLE"]),
        ({"customer_kinds": frozenset({"consumer", "public"})}, []),
        ({"customer_kinds": frozenset({"company"})}, ["PROMO_CUSTOMER_KIND"]),
        ({"customer_status": "new"}, []),
        ({"customer_status": "retained"}, ["PROMO_CUSTOMER_STATUS"]),
        ({"min_term": 24, "max_term": 24}, []),
        ({"min_term": 25}, ["PROMO_TERM_SHORT"]),
        ({"max_term": 12}, ["PROMO_TERM_LONG"]),
        ({"location_ids": frozenset({10})}, []),
        ({"location_ids": frozenset({11})}, ["PROMO_OTHER_PLACE"]),
        ({"teryt_prefixes": ("14", "1002")}, []),
        ({"teryt_prefixes": ("1003",)}, ["PROMO_OTHER_PLACE"]),
        ({"location_ids": frozenset({11}), "teryt_prefixes": ("10",)}, []),
        ({"technologies": frozenset({"fibre", "hfc"})}, []),
        ({"technologies": frozenset({"hfc"})}, ["PROMO_OTHER_TECHNOLOGY"]),
        ({"competitor_ids": frozenset({55, 56})}, []),
        ({"competitor_ids": frozenset({56})}, ["PROMO_OTHER_COMPETITOR"]),
        ({"any_competitor": True}, []),
        (
            {"state": "draft", "customer_status": "retained", "location_ids": frozenset({2})},
            ["PROMO_NOT_ON_SALE", "PROMO_CUSTOMER_STATUS", "PROMO_OTHER_PLACE"],
        ),
    ],
)
def test_every_failed_condition_is_named(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(replace(PLAIN, **changes)) == expected  # type: ignore[arg-type]  # names from a table


def test_conditions_on_a_poorer_request() -> None:
    nowhere = replace(REQUEST, place_ids=frozenset(), teryt="", competitor_ids=frozenset(), term_months=0)
    assert codes(replace(PLAIN, any_competitor=True), nowhere) == ["PROMO_NO_COMPETITOR"]
    assert codes(replace(PLAIN, teryt_prefixes=("10",)), nowhere) == ["PROMO_OTHER_PLACE"]
    assert codes(replace(PLAIN, max_term=12), nowhere) == []
    assert codes(replace(PLAIN, min_term=1), nowhere) == ["PROMO_TERM_SHORT"]
    assert codes(replace(PLAIN, bundle_ids=frozenset({8, 9})), replace(nowhere, bundle_ids=frozenset({9}))) == []


ALONE = replace(PLAIN, promotion_id=8, exclusive=True, priority=20)
FIRST = replace(PLAIN, promotion_id=5, priority=5)
RIVAL = replace(PLAIN, promotion_id=6, incompatible_ids=frozenset({7}))
OTHER = replace(PLAIN, promotion_id=7)


@pytest.mark.parametrize(
    ("promotion", "running", "expected"),
    [
        (OTHER, (), None),
        (OTHER, (FIRST,), None),
        (OTHER, (FIRST, RIVAL), RIVAL),
        (RIVAL, (FIRST, OTHER), OTHER),
        (OTHER, (RIVAL, ALONE), ALONE),
        (ALONE, (OTHER, FIRST), FIRST),
        (ALONE, (ALONE,), None),
        (ALONE, (), None),
    ],
)
def test_what_a_running_promotion_excludes(
    promotion: PromotionFacts, running: tuple[PromotionFacts, ...], expected: PromotionFacts | None
) -> None:
    assert excluded_by(promotion, running) == expected
    assert excluded_by(promotion, running[::-1]) == expected


# --- prices

SPRING = replace(PLAIN, steps=(StepFacts(1, 3, "fixed", Decimal(1)), StepFacts(4, 24, "percent", Decimal(20))))


def test_one_zloty_for_three_months_then_twenty_percent_off() -> None:
    table = price_by_month(Decimal("59.00"), [SPRING], 26)
    assert price_runs(table) == (
        (1, 3, Decimal(1)),
        (4, 24, Decimal("47.2000")),
        (25, 26, Decimal("59.00")),
    )
    relief = relief_by_month(Decimal("59.00"), [SPRING], 24)
    assert sum(row.relief for row in relief) == 3 * Decimal(58) + 21 * Decimal("11.80")
    assert relief[0].by_promotion == ((1, Decimal(58)),)


def test_each_promotion_works_on_the_result_of_the_one_before() -> None:
    percent = PromotionFacts(1, (StepFacts(1, None, "percent", Decimal(10)),), priority=20)
    amount = PromotionFacts(2, (StepFacts(1, 12, "amount", Decimal(5)),), priority=10)
    assert [row.price for row in price_by_month(Decimal(100), [percent, amount], 1)] == [Decimal("85.5")]
    swapped = replace(percent, priority=5)
    assert [row.price for row in price_by_month(Decimal(100), [swapped, amount], 1)] == [Decimal("85.0")]


def test_an_exclusive_one_stands_alone_while_it_has_a_step() -> None:
    alone = PromotionFacts(9, (StepFacts(1, 2, "amount", Decimal(3)),), priority=90, exclusive=True)
    percent = PromotionFacts(1, (StepFacts(1, None, "percent", Decimal(50)),))
    assert [row.price for row in price_by_month(Decimal(40), [percent, alone], 3)] == [37, 37, 20]
    better = replace(alone, promotion_id=3, priority=1, steps=(StepFacts(1, 1, "free"),))
    assert [row.price for row in price_by_month(Decimal(40), [percent, alone, better], 3)] == [0, 37, 20]


def test_free_units_add_up_and_change_no_price() -> None:
    units = StepFacts(1, 2, "units", unit="byte", quantity=Decimal(5))
    one = replace(PLAIN, steps=(units, StepFacts(1, 3, "percent", Decimal(0))))
    two = PromotionFacts(2, (StepFacts(2, None, "units", unit="byte", quantity=Decimal(1)),))
    assert units_by_month([one, two], 3) == ((("byte", Decimal(5)),), (("byte", Decimal(6)),), (("byte", Decimal(1)),))
    assert [row.price for row in price_by_month(Decimal(10), [one, two], 3)] == [10, 10, 10]


# --- choice


def test_an_exclusive_one_wins_and_says_over_whom() -> None:
    plain, alone, worse = (
        PLAIN,
        replace(PLAIN, promotion_id=2, exclusive=True, priority=50),
        replace(PLAIN, promotion_id=3, exclusive=True, priority=60),
    )
    choice = choose([plain, worse, alone], REQUEST)
    assert [p.promotion_id for p in choice.granted] == [2]
    assert [(one.promotion_id, one.to_id, one.cause) for one in choice.lost] == [
        (1, 2, "exclusive"),
        (3, 2, "exclusive"),
    ]


def test_not_combinable_works_both_ways_and_against_the_other_fee() -> None:
    first, second = PLAIN, replace(PLAIN, promotion_id=2, incompatible_ids=frozenset({1}))
    assert [p.promotion_id for p in choose([second, first], REQUEST).granted] == [1]
    earlier = replace(second, priority=1)
    assert [p.promotion_id for p in choose([earlier, first], REQUEST).granted] == [2]
    beside = choose([second], REQUEST, beside=[first])
    assert not beside.granted
    assert [(one.to_id, one.cause) for one in beside.lost] == [(1, "incompatible")]


# --- properties

decimals = st.decimals(min_value=0, max_value=500, places=6)
steps = st.builds(
    lambda first, length, kind, value: StepFacts(
        first,
        None if length == 0 else first + length - 1,
        kind,
        min(value, Decimal(100)) if kind == "percent" else value,
    ),
    st.integers(1, 30),
    st.integers(0, 30),
    st.sampled_from(["percent", "amount", "fixed", "free"]),
    decimals,
)
ids = st.frozensets(st.integers(1, 8), max_size=3)


@st.composite
def promotions(draw: st.DrawFn) -> list[PromotionFacts]:
    count = draw(st.integers(0, 8))
    return [
        PromotionFacts(
            number,
            tuple(draw(st.lists(steps, max_size=3))),
            priority=draw(st.integers(1, 3)),
            exclusive=draw(st.integers(0, 5)) == 0,
            incompatible_ids=draw(ids),
            state=draw(st.sampled_from(["on_sale", "on_sale", "draft"])),
            min_term=draw(st.sampled_from([0, 12, 36])),
            location_ids=draw(st.sampled_from([frozenset(), frozenset({10}), frozenset({11})])),
            grants_left=draw(st.sampled_from([None, 0, 3])),
        )
        for number in range(1, count + 1)
    ]


@given(promotions(), st.randoms(use_true_random=False))
def test_order_of_the_input_never_matters(offered: list[PromotionFacts], rnd: object) -> None:
    mixed = list(offered)
    rnd.shuffle(mixed)  # type: ignore[attr-defined]
    assert choose(mixed, REQUEST) == choose(offered, REQUEST)
    assert price_by_month(Decimal(59), mixed, 30) == price_by_month(Decimal(59), offered, 30)


def _check_choice(offered: list[PromotionFacts], choice: Choice) -> None:
    told = [p.promotion_id for p in choice.granted]
    told += [one.promotion_id for one in choice.lost] + [one.promotion_id for one in choice.refused]
    assert sorted(told) == sorted(p.promotion_id for p in offered)
    for one in choice.granted:
        assert not why_not_granted(one, REQUEST)
        for other in choice.granted:
            assert other.promotion_id not in one.incompatible_ids or one == other
    if any(p.exclusive for p in choice.granted):
        assert len(choice.granted) == 1


@given(promotions())
def test_the_choice_is_complete_and_keeps_the_rules(offered: list[PromotionFacts]) -> None:
    choice = choose(offered, REQUEST)
    _check_choice(offered, choice)
    granted = {p.promotion_id: p for p in choice.granted}
    by_id = {p.promotion_id: p for p in offered}
    for one in choice.lost:
        winner, loser = granted[one.to_id], by_id[one.promotion_id]
        if one.cause == "exclusive":
            assert winner.exclusive
        else:
            assert winner.rank < loser.rank
            assert loser.promotion_id in winner.incompatible_ids or winner.promotion_id in loser.incompatible_ids


@given(promotions(), decimals)
def test_prices_follow_a_plain_rule_and_are_never_negative(offered: list[PromotionFacts], price: Decimal) -> None:
    """Against the rule written again in fractions."""
    for row in price_by_month(price, offered, 40):
        assert row.price >= 0
        assert Fraction(row.price) == _oracle(Fraction(price), offered, row.month)
    for row in relief_by_month(price, offered, 40):
        assert Fraction(row.relief) == sum((Fraction(part) for _promotion, part in row.by_promotion), Fraction(0))


def _oracle(price: Fraction, offered: list[PromotionFacts], month: int) -> Fraction:
    active = []
    for promotion in sorted(offered, key=lambda p: (p.priority, p.promotion_id)):
        here = sorted(
            (s.month_from, n, s)
            for n, s in enumerate(promotion.steps)
            if s.month_from <= month <= (s.month_to or 10**6)
        )
        if here:
            active.append((promotion, here[0][2]))
    exclusive = [pair for pair in active if pair[0].exclusive]
    for _promotion, step in exclusive[:1] if exclusive else active:
        value = Fraction(step.value)
        if step.kind == "percent":
            price = price * (100 - value) / 100
        elif step.kind == "amount":
            price = price - value
        else:
            price = value if step.kind == "fixed" else Fraction(0)
        price = max(price, Fraction(0))
    return price


@given(
    promotions(), st.sampled_from(["state", "min_term", "max_term", "technologies", "competitor_ids", "grants_left"])
)
def test_a_new_condition_never_admits_anyone(offered: list[PromotionFacts], field: str) -> None:
    harder = {
        "state": "withdrawn",
        "min_term": 36,
        "max_term": 6,
        "technologies": frozenset({"radio"}),
        "competitor_ids": frozenset({99}),
        "grants_left": 0,
    }
    for promotion in offered:
        before = set(codes(promotion))
        stricter = replace(promotion, **{field: harder[field]})  # type: ignore[arg-type]  # names from a table
        assert before <= set(codes(stricter))


@given(promotions(), st.integers(0, 60))
def test_a_longer_term_only_lifts_minimums(offered: list[PromotionFacts], term: int) -> None:
    for promotion in offered:
        short = why_not_granted(promotion, replace(REQUEST, term_months=term))
        longer = why_not_granted(promotion, replace(REQUEST, term_months=term + 12))
        assert {r.code for r in longer} <= {r.code for r in short}
