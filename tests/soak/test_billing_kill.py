"""A bill run killed at random moments ends with exactly one invoice per account, gapless numbers and the same totals."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.conftest import _bss
from tests.soak.kills import follow, start, whole

CHILD = "tests.soak.billing_child"


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(4, 30)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm = f"{fresh_database}_calm"
    whole(CHILD, fresh_database, "prepare")
    try:
        _bss("db", "clone", fresh_database, calm)
        undisturbed = whole(CHILD, calm, "work")
    finally:
        _bss("db", "drop", calm)
    killed = 0
    for number in range(kills):
        # one kill in four while collecting; those of issuing share its time, for it goes on after each
        phase = "collect" if number < max(kills // 4, 1) else "issue"
        share = undisturbed.seconds(phase) / (1 if phase == "collect" else kills)
        process = start(CHILD, fresh_database, "work")
        follow(process, phase, dice.uniform(0, share))
        killed += process.returncode == -9
        assert process.returncode in (0, -9), f"seed {seed}"
    assert killed, f"no kill hit the run (seed {seed})"
    result = json.loads(whole(CHILD, fresh_database, "work").digest)
    assert result == json.loads(undisturbed.digest), f"seed {seed}, {killed} kills"
    [[count, distinct, span]] = result["numbers"]
    assert count == distinct == span > 0
