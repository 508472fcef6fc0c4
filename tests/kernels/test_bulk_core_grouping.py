"""Lines that charges share: nothing is lost, nothing is rounded, nothing unlike is put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_core import Piece, groups

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def piece(price="59.00", quantity="1", kind="recurring", product=7, text="Fibre", common=None, service=1, **vals):
    quantity = Decimal(quantity)
    made = Piece(kind, product, (3,), text, common or text, quantity, Decimal(price), quantity, service, *NOVEMBER)
    return replace(made, **vals)


def test_forty_equal_services_are_one_line_of_forty():
    pieces = [piece(text=f"SIM 48600{n}", common="SIM", service=n) for n in range(40)]
    [group] = groups(pieces, "equal")
    assert (group.quantity, group.price, group.text) == (40, Decimal("59.00"), "SIM")
    assert (group.service_id, group.date_start, group.date_end) == (None, *NOVEMBER)
    assert group.places == tuple(range(40))


def test_fees_of_one_service_keep_its_number_and_span_their_days():
    pieces = [
        piece(
            "10.00", kind="one_off", text="Visit 48600", common="Visit", date_start=date(2026, 11, day), date_end=None
        )
        for day in (9, 3, 21)
    ]
    [group] = groups(pieces, "equal")
    assert (group.quantity, group.text, group.service_id) == (3, "Visit 48600", 1)
    assert (group.date_start, group.date_end) == (date(2026, 11, 3), date(2026, 11, 21))


@pytest.mark.parametrize(
    "other",
    [
        {"product_id": 8},
        {"tax_ids": (4,)},
        {"price": Decimal("58.99")},
        {"text": "Fibre L", "common_text": "Fibre L"},
        {"date_end": date(2026, 11, 20)},
        {"kind": "one_off"},
        # one piece of 59.00 that stands for three of 19.666667 is not one of 59.00
        {"units": Decimal(3)},
        {"quantity": Decimal(-1)},
    ],
)
def test_what_differs_is_not_equal(other):
    assert groups([piece(), replace(piece(), **other)], "equal") == []


@pytest.mark.parametrize("kind", ["usage", "correction", "interest"])
@pytest.mark.parametrize("mode", ["equal", "product"])
def test_usage_corrections_and_interest_stay_alone(kind, mode):
    assert groups([piece(kind=kind), piece(kind=kind)], mode) == []


def test_by_product_different_prices_are_one_piece():
    pieces = [piece("59.00", text="A", service=1), piece("49.99", text="B", service=2), piece(product=8)]
    [group] = groups(pieces, "product")
    assert (group.places, group.quantity, group.price, group.text) == ((0, 1), 1, Decimal("108.99"), None)


def test_by_product_equal_prices_are_counted():
    [group] = groups([piece(text="A"), piece(text="B", quantity="2")], "product")
    assert (group.quantity, group.price) == (3, Decimal("59.00"))


def test_what_is_taken_off_is_seen():
    assert groups([piece("10.00"), piece("-10.00")], "product") == []


def test_none_shares_nothing():
    assert groups([piece(), piece()], "none") == []


pieces_of_all_kinds = st.lists(
    st.builds(
        piece,
        price=st.sampled_from(["0.00", "0.01", "19.99", "59.00", "-5.00"]),
        quantity=st.sampled_from(["1", "1", "2", "0.50", "1.25", "-1"]),
        kind=st.sampled_from(["recurring", "one_off", "usage", "correction"]),
        product=st.sampled_from([7, 8]),
        text=st.sampled_from(["A", "B"]),
        service=st.sampled_from([1, 2, None]),
        date_start=st.sampled_from([None, *NOVEMBER]),
    ),
    max_size=40,
)


@given(pieces_of_all_kinds, st.sampled_from(["equal", "product"]))
def test_every_line_is_the_sum_of_its_charges(pieces, mode):
    seen = []
    for group in groups(pieces, mode):
        own = [pieces[place] for place in group.places]
        assert group.quantity * group.price == sum(one.quantity * one.price for one in own)
        assert group.quantity == round(group.quantity, 2)
        assert len({(one.kind, one.product_id, one.tax_ids) for one in own}) == 1
        assert len(own) > 1
        seen += group.places
    assert len(seen) == len(set(seen))
