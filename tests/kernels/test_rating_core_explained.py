"""The explanation of every event of random worlds comes, step by step, to the amount that was charged."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernels.rating_arithmetic import half_up
from tests.kernels.rating_cases import WEDNESDAY
from tests.kernels.rating_checks import rated
from tests.kernels.rating_stories import world
from tests.kernels.rating_stories_dense import pools, tier_ends
from tests.kernels.rating_world import Event, Rate, World

from rating_core.explain import Step, explain


def explained(told: World) -> list[tuple[dict[str, Any], tuple[Step, ...]]]:
    answer = rated(told)
    money = {one.allowance_id for one in told.allowances if one.unit_kind == "money"}
    pieces: dict[int, list[dict[str, Any]]] = {}
    for row in answer.pieces.sort("id", "seq").iter_rows(named=True):
        pieces.setdefault(row["id"], []).append(row)
    uses: dict[int, list[dict[str, Any]]] = {}
    for row in answer.uses.iter_rows(named=True):
        uses.setdefault(row["id"], []).append({**row, "is_money": row["allowance_id"] in money})
    return [
        (row, explain(row, pieces.get(row["id"], ()), uses.get(row["id"], ())))
        for row in answer.events.iter_rows(named=True)
    ]


def follow(row: dict[str, Any], steps: tuple[Step, ...]) -> None:
    """Walk the steps with pencil and paper."""
    exact: Fraction | None = None
    free, due, by_tiers = 0, 0, False
    for step in steps:
        params = step.params
        if step.code == "FREE":
            free += params["units"]
        elif step.code == "TIERS":
            by_tiers = True
        elif step.code == "FEE_ONLY":
            exact = Fraction(params["connect_fee_micro"])
        elif step.code in ("MINIMUM", "MAXIMUM"):
            exact = Fraction(params["micro"])
        elif "exact_micro" in params:
            exact = params["exact_micro"]
        elif step.code == "ROUNDED":
            due = params["amount_e4"]
            if not by_tiers:
                assert exact is not None
                assert due == half_up(exact, params["decimals"])
        elif step.code == "MONEY":
            due -= params["e4"]
            assert due == params["amount_e4"] or step is not steps[-1]
    assert (free, due) == (row["free_units"], row["amount_e4"])
    assert ("NOTHING_TO_PAY" in {step.code for step in steps}) <= (row["amount_e4"] == 0)


@pytest.mark.parametrize("teller", [world, pools, tier_ends], ids=lambda teller: teller.__name__)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**48))
def test_steps_come_to_the_amount(teller: Any, seed: int) -> None:
    for row, steps in explained(teller(Random(seed), 60)):
        if row["reason"]:
            assert steps == (Step("SUSPENDED", {"reason": row["reason"]}),)
        else:
            assert steps[0].code == "ZONE"
            follow(row, steps)


def test_what_is_given_back_has_no_minimum() -> None:
    rate = Rate(1, 1, 1, "data", basis="upstream", multiplier_micro=1_000_000)
    event = Event(1, WEDNESDAY, 5, usage_kind="data", cost_micro=-210_000)
    ((row, steps),) = explained(World((event,), (rate,)))
    assert [step.code for step in steps][-2:] == ["UPSTREAM", "ROUNDED"]
    follow(row, steps)
