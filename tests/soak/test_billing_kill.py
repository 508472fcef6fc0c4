"""A bill run killed at random moments ends with exactly one invoice per account, gapless numbers and the same totals."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.conftest import _bss
from tests.soak.kills import follow, start, whole

CHILD = "tests.soak.billing_child"


# looking through a chunk, taking its numbers, between that and writing, and anywhere in between
PHASES = ("write", "look", "reserve", "issue")


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(5, 30)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm = f"{fresh_database}_calm"
    whole(CHILD, fresh_database, "prepare", 12 * kills)
    try:
        _bss("db", "clone", fresh_database, calm)
        undisturbed = whole(CHILD, calm, "work")
    finally:
        _bss("db", "drop", calm)
    assert json.loads(undisturbed.digest)["tiers"], "nothing was written as rows"
    killed = {}
    for number in range(kills):
        # only the first one hits the collecting, the others go on from there and share the time of issuing
        phase = PHASES[number % len(PHASES)] if number else "collect"
        share = undisturbed.seconds(phase) / (kills if phase == "issue" else 1)
        process = start(CHILD, fresh_database, "work")
        follow(process, phase, dice.uniform(0, share))
        assert process.returncode in (0, -9), f"seed {seed}"
        if process.returncode == -9:
            killed[phase] = killed.get(phase, 0) + 1
    assert killed.get("write"), f"no kill between reservation and writing (seed {seed})"
    result = json.loads(whole(CHILD, fresh_database, "work").digest)
    expected = json.loads(undisturbed.digest)
    # which way a chunk takes may change when a kill leaves few of a kind
    del result["tiers"], expected["tiers"]
    assert result == expected, f"seed {seed}, {killed} kills"
    [[count, distinct, span]] = result["numbers"]
    assert count == distinct == span > 0
    assert result["open"] == [[0]]
