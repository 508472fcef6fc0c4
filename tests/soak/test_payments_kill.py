"""A process that imports bank files is killed at random moments; in the end nothing is lost and nothing is booked twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.conftest import _bss
from tests.soak.kills import Story, follow, start, whole

PAYMENTS_PER_DAY = 120
CHILD = "tests.soak.payments_child"


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(4, 20)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm = f"{fresh_database}_calm"
    whole(CHILD, fresh_database, "prepare", soak_size(PAYMENTS_PER_DAY, 1_000), seed)
    try:
        _bss("db", "clone", fresh_database, calm)
        undisturbed = whole(CHILD, calm, "work")
    finally:
        _bss("db", "drop", calm)
    expected = json.loads(undisturbed.digest)
    assert expected["broken"] == [[0]], f"seed {seed}"
    states = {state for state, *_others in expected["payments"]}
    assert states >= {"booked", "unallocated"} and expected["reconciled"][0][0], f"nothing was settled (seed {seed})"
    for name, credits, listed in expected["law"]:
        assert credits and credits == listed, f"{name}: {credits} in the file, {listed} in the lists (seed {seed})"
    began, ended = undisturbed.phases[0][1], undisturbed.ended
    hit = 0
    for number in range(kills):
        # a killed import goes on where it stopped: the kills share its time
        process = start(CHILD, fresh_database, "work")
        follow(process, "import", dice.uniform(0, (ended - began) / max(kills // 2, 1)))
        if process.returncode == -9:
            hit += 1
        else:
            assert process.returncode == 0, f"seed {seed}, kill {number}"
    assert hit, f"no kill hit the import (seed {seed})"
    assert json.loads(whole(CHILD, fresh_database, "work").digest) == expected, f"seed {seed}, {hit} kills"


def test_killed_before_it_wakes_the_file_that_waited(fresh_database: str) -> None:
    whole(CHILD, fresh_database, "prepare", 10, 1)
    assert states(whole(CHILD, fresh_database, "block")) == [
        ["imported", False],
        ["received", None],
        ["blocked", None],
    ]
    process = start(CHILD, fresh_database, "late")
    follow(process, "wake")
    assert process.returncode == -9
    assert states(whole(CHILD, fresh_database, "cron")) == [["imported", False]] * 3


def states(story: Story) -> list[list[object]]:
    found: list[list[object]] = json.loads(story.digest)["states"]
    return found
