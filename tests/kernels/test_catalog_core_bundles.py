"""Bundles: choice of parts, three ways of pricing, and that parts always sum to the bundle."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.bundles import (
    BundleProblem,
    BundleTerms,
    PartFacts,
    PartPrice,
    bundle_problems,
    choose_parts,
    price_bundle,
)
from catalog_core.money import round_half_up, spread

D = Decimal
NET = PartFacts(1, "Internet", D("69.00"), discount_percent=D(10))
TV = PartFacts(2, "TV", D("39.00"), discount_percent=D(20))
BOX = PartFacts(3, "Box", D("9.99"), is_optional=True, minimum=2, usual=0, maximum=4)
PARTS = (NET, TV, BOX)


def priced(
    terms: BundleTerms, choice: dict[int, int] | None = None, parts: tuple[PartFacts, ...] = PARTS
) -> list[PartPrice]:
    chosen = choose_parts(parts, choice)
    assert isinstance(chosen, dict), chosen
    answer = price_bundle(terms, parts, chosen)
    assert not isinstance(answer, BundleProblem), answer
    return list(answer)


def amounts(terms: BundleTerms, choice: dict[int, int] | None = None) -> list[Decimal]:
    return [part.amount for part in priced(terms, choice)]


def test_sum_of_the_parts() -> None:
    assert amounts(BundleTerms("sum")) == [D("62.10"), D("31.20")]
    assert amounts(BundleTerms("sum"), {3: 2}) == [D("62.10"), D("31.20"), D("19.98")]


def test_own_price_is_spread_and_options_are_paid_beside_it() -> None:
    # 80.00 in the proportion 62.10 : 31.20
    assert amounts(BundleTerms("own", D(80))) == [D("53.25"), D("26.75")]
    assert amounts(BundleTerms("own", D(80)), {3: 3}) == [D("53.25"), D("26.75"), D("29.97")]


def test_units_above_the_usual_are_paid_beside_the_own_price() -> None:
    parts = (NET, replace(TV, maximum=3))
    shares = priced(BundleTerms("own", D(80)), {2: 3}, parts)
    assert [(part.quantity, part.amount) for part in shares] == [(1, D("53.25")), (3, D("89.15"))]


def test_discount_on_the_sum_to_the_grosz() -> None:
    # 108.00 less 10 %: 97.20; less 8.01: 99.99
    assert amounts(BundleTerms("discount", discount_percent=D(10))) == [D("62.10"), D("35.10")]
    assert amounts(BundleTerms("discount", discount_amount=D("8.01"))) == [D("63.88"), D("36.11")]
    both = BundleTerms("discount", discount_percent=D(10), discount_amount=D("7.20"))
    assert sum(amounts(both)) == D("90.00")


def test_three_equal_parts_share_the_odd_grosz() -> None:
    parts = tuple(PartFacts(key, "x", D(10)) for key in range(3))
    shares = priced(BundleTerms("own", D("20.00")), None, parts)
    assert [part.amount for part in shares] == [D("6.67"), D("6.67"), D("6.66")]


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        ({3: 0}, []),
        ({3: 1}, ["TOO_FEW"]),
        ({3: 5}, ["TOO_MANY"]),
        ({1: 0}, ["TOO_FEW"]),
        ({1: 2, 3: -1}, ["TOO_MANY", "TOO_FEW"]),
        ({9: 1}, ["UNKNOWN_PART"]),
    ],
)
def test_choices(choice: dict[int, int], codes: list[str]) -> None:
    answer = choose_parts(PARTS, choice)
    assert ([] if isinstance(answer, dict) else [problem.code for problem in answer]) == codes


def test_a_bundle_of_options_needs_one() -> None:
    answer = choose_parts((BOX,))
    assert isinstance(answer, tuple)
    assert [problem.code for problem in answer] == ["NOTHING_CHOSEN"]


@pytest.mark.parametrize(
    ("terms", "parts", "codes"),
    [
        (BundleTerms(), (), ["NO_PARTS"]),
        (BundleTerms(), PARTS, []),
        (BundleTerms("own"), PARTS, ["NO_OWN_PRICE"]),
        (BundleTerms(), (replace(NET, minimum=3, maximum=2),), ["BAD_QUANTITIES"]),
        (BundleTerms(), (replace(NET, usual=3),), ["BAD_QUANTITIES"]),
        (BundleTerms("discount", discount_amount=D("108.01")), PARTS, ["DISCOUNT_TOO_HIGH"]),
        (BundleTerms("discount", discount_amount=D("108.00")), PARTS, []),
    ],
)
def test_findings(terms: BundleTerms, parts: tuple[PartFacts, ...], codes: list[str]) -> None:
    assert [problem.code for problem in bundle_problems(terms, parts)] == codes


# --- laws

MONEY = st.integers(0, 10**7).map(lambda value: D(value).scaleb(-2))
PERCENT = st.integers(0, 10_000).map(lambda value: D(value).scaleb(-2))


@st.composite
def bundles(draw: st.DrawFn) -> tuple[tuple[PartFacts, ...], dict[int, int]]:
    parts = []
    for key in range(draw(st.integers(1, 5))):
        usual = draw(st.integers(1, 5))
        price, discount = draw(MONEY), draw(PERCENT)
        parts.append(PartFacts(key, "x", price, draw(st.booleans()), 1, usual, usual + 5, discount))
    return tuple(parts), {part.key: draw(st.integers(1, part.maximum)) for part in parts}


@given(bundles(), MONEY)
def test_fixed_parts_in_usual_quantity_sum_to_the_own_price(
    bundle: tuple[tuple[PartFacts, ...], dict[int, int]], price: Decimal
) -> None:
    parts = tuple(replace(part, is_optional=False) for part in bundle[0])
    shares = priced(BundleTerms("own", price), None, parts)
    assert sum(part.amount for part in shares) == price


@given(bundles(), PERCENT)
def test_discounted_parts_sum_to_the_discounted_whole(
    bundle: tuple[tuple[PartFacts, ...], dict[int, int]], percent: Decimal
) -> None:
    parts, choice = bundle
    shares = priced(BundleTerms("discount", discount_percent=percent), choice, parts)
    whole = sum((part.price * choice[part.key] for part in parts), D(0))
    assert sum(part.amount for part in shares) == whole - round_half_up(whole * percent / 100, 2)


@given(bundles(), st.sampled_from(["own", "sum", "discount"]), MONEY, PERCENT)
def test_unit_prices_give_the_amounts_back(
    bundle: tuple[tuple[PartFacts, ...], dict[int, int]], way: str, price: Decimal, percent: Decimal
) -> None:
    parts, choice = bundle
    for part in priced(BundleTerms(way, price, percent), choice, parts):
        assert part.amount >= 0
        assert round_half_up(part.price_unit * part.quantity, 2) == part.amount


@given(st.integers(-(10**9), 10**9), st.lists(MONEY, min_size=1, max_size=8))
def test_spread_loses_nothing_and_is_fair(grosze: int, weights: list[Decimal]) -> None:
    total = D(grosze).scaleb(-2)
    shares = spread(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    if whole:
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share - total * weight / whole) <= D("0.01")
