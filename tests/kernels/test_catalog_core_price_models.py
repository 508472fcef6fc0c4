"""Price models: the worked examples of the trade, refusals, and laws over random tiers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.price_models import (
    PRICE_MODELS,
    TIERED_MODELS,
    Priced,
    PriceProblem,
    Tier,
    price_of,
    price_problems,
)

D = Decimal
# 0-500 at 0.10, up to 1000 at 0.08, then 0.05
CALLS = (Tier(D(0), D("0.10")), Tier(D(500), D("0.08")), Tier(D(1000), D("0.05")))
STEPS = (Tier(D(0), D(40)), Tier(D(500), D(70)), Tier(D(1000), D(100)))
PACKAGES = (Tier(D(0), D("20.00"), package_size=D(500)),)


def amount(model: str, quantity: str, tiers: tuple[Tier, ...] = CALLS, **terms: Decimal) -> Decimal:
    result = price_of(model, D(quantity), tiers, **terms)
    assert isinstance(result, Priced), result
    assert sum((piece.amount for piece in result.explanation), D(0)) == result.amount
    return result.amount


def problem(model: str, quantity: str, tiers: tuple[Tier, ...], minimum: int = 0) -> PriceProblem:
    result = price_of(model, D(quantity), tiers, minimum=D(minimum))
    assert isinstance(result, PriceProblem), result
    return result


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [("500", "50.00", "50.00"), ("501", "50.08", "40.08"), ("1001", "90.05", "50.05"), ("1250", "102.50", "62.50")],
)
def test_worked_examples_of_tiers(quantity: str, graduated: str, volume: str) -> None:
    assert amount("graduated", quantity) == D(graduated)
    assert amount("volume", quantity) == D(volume)


def test_worked_examples_of_packages_and_steps() -> None:
    assert amount("package", "1250", PACKAGES) == D("60.00")
    assert amount("package", "500", PACKAGES) == D("20.00")
    assert amount("package", "500.000001", PACKAGES) == D("40.00")
    assert amount("stairstep", "1250", STEPS) == D(100)
    assert [amount("stairstep", q, STEPS) for q in ("0.5", "500", "501", "1000", "1001")] == [40, 40, 70, 70, 100]


def test_first_package_included_then_dearer_ones() -> None:
    tiers = (Tier(D(0), D(0), package_size=D(1000)), Tier(D(1000), D(5), package_size=D(100)))
    assert [amount("package", q, tiers) for q in ("1", "1000", "1001", "1100", "1101")] == [0, 0, 5, 5, 10]


def test_flat_and_minimum() -> None:
    assert amount("flat", "12", (), unit_price=D("9.90")) == D("118.80")
    assert amount("flat", "0", (), unit_price=D("9.90")) == 0
    result = price_of("flat", D(12), (), D("9.90"), D(150))
    assert isinstance(result, Priced)
    assert result.amount == 150
    assert [(piece.kind, piece.amount) for piece in result.explanation] == [
        ("unit", D("118.80")),
        ("true_up", D("31.20")),
    ]
    assert amount("flat", "16", (), unit_price=D("9.90"), minimum=D(150)) == D("158.40")
    assert amount("graduated", "0", CALLS, minimum=D(30)) == 30


def test_the_explanation_says_which_tier_took_what() -> None:
    result = price_of("graduated", D(1250), CALLS)
    assert isinstance(result, Priced)
    taken = [(p.tier_start, p.tier_end, p.units, p.price, p.amount) for p in result.explanation]
    assert taken == [
        (0, 500, 500, D("0.10"), 50),
        (500, 1000, 500, D("0.08"), 40),
        (1000, None, 250, D("0.05"), D("12.50")),
    ]


@pytest.mark.parametrize(
    ("model", "tiers", "codes"),
    [
        ("graduated", (), ["NO_TIERS"]),
        ("volume", (Tier(D(10), D(1)),), ["HOLE"]),
        ("volume", (Tier(D(0), D(1), D(5)), Tier(D(6), D(1))), ["HOLE"]),
        ("volume", (Tier(D(0), D(1), D(7)), Tier(D(6), D(1))), ["OVERLAP"]),
        ("volume", (Tier(D(0), D(1)), Tier(D(0), D(2))), ["DUPLICATE_START"]),
        ("volume", (Tier(D(0), D(1)), Tier(D(4), D(1), D(3))), ["TIER_REVERSED", "LIMITED"]),
        ("stairstep", (Tier(D(0), D(-1)),), ["NEGATIVE_PRICE"]),
        ("stairstep", (Tier(D(-2), D(1)),), ["NEGATIVE_START"]),
        ("package", (Tier(D(0), D(1)),), ["NO_PACKAGE_SIZE"]),
        ("package", (Tier(D(0), D(1), package_size=D(0)),), ["NO_PACKAGE_SIZE"]),
        ("graduated", (Tier(D(0), D(1), D(50)),), ["LIMITED"]),
        ("percentage", (), ["UNKNOWN_MODEL"]),
        ("flat", (), []),
        ("graduated", CALLS, []),
    ],
)
def test_what_is_wrong_is_found(model: str, tiers: tuple[Tier, ...], codes: list[str]) -> None:
    found = price_problems(model, tiers, D(0))
    assert [one.code for one in found] == codes
    blocking = [one.code for one in found if one.is_error]
    if blocking:
        assert problem(model, "3", tiers).code == blocking[0]


def test_nothing_is_free_by_mistake() -> None:
    bounded = (Tier(D(0), D(1), D(50)),)
    assert amount("graduated", "50", bounded) == 50
    for model in ("graduated", "volume", "stairstep"):
        assert problem(model, "50.000001", bounded) == PriceProblem(
            "PAST_LAST_TIER", {"quantity": "50.000001", "end": "50"}
        )
    assert problem("graduated", "-1", CALLS).code == "NEGATIVE_QUANTITY"
    assert problem("flat", "1", (), minimum=-1).code == "NEGATIVE_MINIMUM"


def test_tiers_may_come_in_any_order() -> None:
    assert amount("graduated", "1250", CALLS[::-1]) == D("102.50")


# --- laws

PRICE = st.integers(0, 10**9).map(lambda value: D(value).scaleb(-6))
QUANTITY = st.integers(0, 10**10).map(lambda value: D(value).scaleb(-6))


@st.composite
def tier_sets(draw: st.DrawFn) -> tuple[Tier, ...]:
    widths = draw(st.lists(st.integers(1, 10**9).map(lambda value: D(value).scaleb(-6)), max_size=5))
    starts = [D(0)]
    for width in widths:
        starts.append(starts[-1] + width)
    sizes = st.integers(1, 10**9).map(lambda value: D(value).scaleb(-6))
    return tuple(Tier(start, draw(PRICE), package_size=draw(sizes)) for start in starts)


@given(tier_sets(), QUANTITY)
def test_graduated_equals_the_sum_over_slices(tiers: tuple[Tier, ...], quantity: Decimal) -> None:
    """Independent count in Fractions: the price of a slice times its length, slice by slice."""
    borders = [Fraction(tier.start) for tier in tiers] + [Fraction(10**12)]
    expected = sum(
        Fraction(tier.price) * max(Fraction(0), min(Fraction(quantity), borders[i + 1]) - borders[i])
        for i, tier in enumerate(tiers)
    )
    assert Fraction(amount("graduated", str(quantity), tiers)) == expected


@given(tier_sets(), QUANTITY, QUANTITY)
def test_graduated_is_monotone_and_never_jumps(tiers: tuple[Tier, ...], one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    difference = amount("graduated", str(high), tiers) - amount("graduated", str(low), tiers)
    assert 0 <= difference <= (high - low) * max(tier.price for tier in tiers)


@given(tier_sets(), QUANTITY.filter(bool))
def test_volume_is_the_reached_price_for_all(tiers: tuple[Tier, ...], quantity: Decimal) -> None:
    price = [tier.price for tier in tiers if tier.start < quantity][-1]
    assert Fraction(amount("volume", str(quantity), tiers)) == Fraction(quantity) * Fraction(price)
    assert amount("stairstep", str(quantity), tiers) == price


@given(PRICE, st.integers(1, 10**9), QUANTITY.filter(bool))
def test_packages_step(price: Decimal, size_micro: int, quantity: Decimal) -> None:
    """One package more exactly when the one before is full."""
    size = D(size_micro).scaleb(-6)
    tiers = (Tier(D(0), price, package_size=size),)
    result = price_of("package", quantity, tiers)
    assert isinstance(result, Priced)
    (piece,) = result.explanation
    assert (piece.packages - 1) * size < quantity <= piece.packages * size
    assert Fraction(result.amount) == piece.packages * Fraction(price)


@given(st.sampled_from(PRICE_MODELS), tier_sets(), QUANTITY, PRICE, PRICE)
def test_a_minimum_tops_up_exactly(
    model: str, tiers: tuple[Tier, ...], quantity: Decimal, unit_price: Decimal, minimum: Decimal
) -> None:
    bare = amount(model, str(quantity), tiers, unit_price=unit_price)
    assert amount(model, str(quantity), tiers, unit_price=unit_price, minimum=minimum) == max(bare, minimum)


@given(st.sampled_from(TIERED_MODELS), st.lists(st.tuples(QUANTITY, st.none() | QUANTITY), max_size=5), QUANTITY)
def test_a_quantity_has_one_price_or_a_problem(
    model: str, borders: list[tuple[Decimal, Decimal | None]], quantity: Decimal
) -> None:
    """Whatever the borders: a price comes only where exactly one tier serves the quantity's last unit."""
    tiers = tuple(Tier(start, D(1), end, D(1)) for start, end in borders)
    result = price_of(model, quantity, tiers)
    if isinstance(result, Priced) and quantity:
        starts = sorted(tier.start for tier in tiers)
        serving = []
        for tier in tiers:
            later = [start for start in starts if start > tier.start]
            end = tier.end if tier.end is not None else (later[0] if later else None)
            if tier.start < quantity and (end is None or quantity <= end):
                serving.append(tier)
        assert len(serving) == 1
        assert result.amount > 0
