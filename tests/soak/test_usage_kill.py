"""A process that loads and rates usage is killed at random moments; in the end nothing is lost and nothing counted twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.conftest import _bss
from tests.soak.kills import follow, start, whole

ROWS_PER_KILL = 1_500
CHILD = "tests.soak.usage_child"
PHASES = ("load", "between", "rate", "charge")


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(5, 30)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm = f"{fresh_database}_calm"
    whole(CHILD, fresh_database, "prepare", kills * ROWS_PER_KILL, seed)
    try:
        _bss("db", "clone", fresh_database, calm)
        undisturbed = whole(CHILD, calm, "work")
    finally:
        _bss("db", "drop", calm)
    assert json.loads(undisturbed.digest)["on_load"][0][0], f"nothing was rated when loaded (seed {seed})"
    killed: dict[str, int] = {}
    for number in range(kills):
        # the load starts anew after a kill, the rating goes on: its kills share its time
        phase = PHASES[len(PHASES) * number // kills]
        seconds = undisturbed.seconds(phase)
        process = start(CHILD, fresh_database, "work")
        follow(process, phase, dice.uniform(0, seconds / max(kills // len(PHASES), 1) if phase == "rate" else seconds))
        if process.returncode == -9:
            killed[phase] = killed.get(phase, 0) + 1
        else:
            assert process.returncode == 0, f"seed {seed}"
    assert killed.get("load"), f"no kill hit the load (seed {seed})"
    assert json.loads(whole(CHILD, fresh_database, "work").digest) == json.loads(undisturbed.digest), (
        f"seed {seed}, {killed}"
    )
