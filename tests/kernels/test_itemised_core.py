"""Itemised bills: groups, sums to the grosz, and numbers as they may be shown."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itemised_core import KINDS, Charged, ChargeGroup, Use, grouped, is_unlisted, settle, shown_number, words

NOON = datetime(2026, 10, 14, 12)  # noqa: DTZ001  (wall clock)


def use(service: int = 1, kind: str = "voice", zone: int = 1, amount_e4: int = 0, units: int = 60) -> Use:
    return Use(
        service, f"s{service}", kind, zone, f"z{zone}", NOON, 120, "48221234567", "", "", False, units, 0, 0, amount_e4
    )


def test_groups_follow_the_order_and_sum_what_they_hold() -> None:
    uses = [use(amount_e4=2948), use(amount_e4=1740), use(zone=2, amount_e4=5317), use(service=2, kind="sms", units=1)]
    found = []
    for group in grouped(iter(uses)):
        amounts = [one.amount_e4 for one in group.uses]
        found.append((group.key, amounts, group.sums.events, group.sums.units, group.sums.amount))
    assert found == [
        ((1, "voice", 1), [2948, 1740], 2, 120, Decimal("0.4688")),
        ((1, "voice", 2), [5317], 1, 60, Decimal("0.5317")),
        ((2, "sms", 1), [0], 1, 1, Decimal("0.0000")),
    ]


def test_sums_of_groups_add_up() -> None:
    total = None
    for group in grouped([use(amount_e4=2948), use(zone=2, amount_e4=5317)]):
        list(group.uses)
        if total is None:
            total = group.sums
        else:
            total += group.sums
    assert total is not None
    assert (total.events, total.amount) == (2, Decimal("0.8265"))


def test_the_rounding_of_a_charge_is_shown() -> None:
    """Worked by hand: 0.2948 + 0.1740 + 0.5317 = 1.0005, charged 1.00."""
    told = settle(10_005, Charged(Decimal("1.00"), Decimal(0)))
    assert told == (Decimal("1.0005"), Decimal("-0.0005"), Decimal(0), Decimal(0), Decimal("1.00"))


def test_what_other_bills_charge_is_no_rounding() -> None:
    """A call of 0.58 was charged, then rated again at 0.2948: the next bill gives 0.29 back."""
    told = settle(2_948, Charged(Decimal("0.58"), Decimal("-0.29")))
    assert told.elsewhere == Decimal("-0.29")
    assert told.rounding == Decimal("-0.0048")
    assert told.events + told.rounding - told.elsewhere - told.later == told.charged


START, BORDER, END = (datetime(2026, 10, day) for day in (1, 15, 31))  # noqa: DTZ001


def group(**sums: object) -> ChargeGroup:
    return ChargeGroup(START, END, START, BORDER, **sums)  # type: ignore[arg-type]


def test_the_part_that_a_bill_was_for_is_listed_alone() -> None:
    """Half of a month, 0.2948, is on the first bill; the other half, 0.29, is not charged yet."""
    told = group(here=Decimal("0.29"), here_e4=2948, all_e4=5848, inside_e4=2948).listed()
    assert told == (START, BORDER, Charged(Decimal("0.29")))


def test_what_came_late_is_listed_with_the_whole_group() -> None:
    """0.29 of an earlier day came after its bill: the next one charges it beside its own days."""
    sums = {"here": Decimal("0.58"), "here_e4": 5800, "elsewhere": Decimal("0.29"), "elsewhere_e4": 2948}
    since, until, charged = group(**sums, all_e4=9748, inside_e4=2900).listed()
    assert (since, until) == (START, END)
    assert charged == Charged(Decimal("0.58"), Decimal("0.29"), 1000)
    told = settle(9748, charged)
    assert (told.later, told.rounding) == (Decimal("0.1000"), Decimal("-0.0048"))


@given(st.lists(st.lists(st.integers(-(10**9), 10**9), min_size=1), min_size=1))
def test_events_and_roundings_come_to_the_charges(groups: list[list[int]]) -> None:
    charges = [(Decimal(sum(one)) / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP) for one in groups]
    told = [settle(sum(one), Charged(charge, Decimal(0))) for one, charge in zip(groups, charges, strict=True)]
    assert sum(one.events + one.rounding for one in told) == sum(charges)
    assert all(abs(one.rounding) <= Decimal("0.005") for one in told)


@pytest.mark.parametrize(
    ("number", "digits", "shown"),
    [
        ("48221234567", 3, "48221234***"),
        ("48221234567", 0, "48221234567"),
        ("48112", 5, "*****"),
        ("112", 5, "***"),
        ("", 3, ""),
        (None, 3, ""),
    ],
)
def test_last_digits_are_hidden(number: str | None, digits: int, shown: str) -> None:
    assert shown_number(number, digits) == shown


@given(st.text("0123456789", min_size=1, max_size=15), st.integers(1, 15))
def test_no_hidden_digit_is_told(number: str, digits: int) -> None:
    shown = shown_number(number, digits)
    assert len(shown) == len(number)
    assert shown.rstrip("*") == number[: max(0, len(number) - digits)]


@pytest.mark.parametrize(
    ("number", "zone_kind", "amount_e4", "unlisted"),
    [
        ("48116111", "national_fixed", 0, True),  # the helpline of children
        ("48116111", "national_fixed", 1, False),  # what costs is listed, or the sums would be wrong
        ("4811611155", "national_fixed", 0, False),  # a number of Warsaw's neighbourhood, not of six digits
        ("48112", "emergency", 0, True),
        ("48800123456", "free", 0, True),
        ("48501234567", "national_mobile", 0, False),  # free units paid for it
        (None, None, 0, False),
    ],
)
def test_numbers_left_out(number: str | None, zone_kind: str | None, amount_e4: int, unlisted: bool) -> None:
    assert is_unlisted(number, zone_kind, amount_e4) is unlisted


def test_both_languages_say_the_same_things() -> None:
    assert words("pl").keys() == words("en").keys() == words("de").keys()
    assert {f"kind_{kind}" for kind in KINDS} | {f"usage_{kind}" for kind in KINDS} <= words("pl").keys()
