"""Workers of a dunning run are killed at random moments, or work side by side: nothing is lost and nothing goes out twice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.conftest import _bss
from tests.soak.kills import follow, start, whole

CHILD = "tests.soak.dunning_child"
DEBTORS = 24


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(4, 20)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm, together = f"{fresh_database}_calm", f"{fresh_database}_two"
    whole(CHILD, fresh_database, "prepare", soak_size(DEBTORS, 120))
    try:
        _bss("db", "clone", fresh_database, calm)
        _bss("db", "clone", fresh_database, together)
        undisturbed = whole(CHILD, calm, "work")
        expected = json.loads(undisturbed.digest)
        assert expected["twice"] == [[0]] and expected["runs"], f"seed {seed}"
        assert any(row[1] == "done" for row in expected["actions"]), "nothing was carried out"
        # two workers of one queue, at the same time
        workers = [start(CHILD, together, "worker") for _number in range(2)]
        for worker in workers:
            story = follow(worker)
            assert worker.returncode == 0
            assert json.loads(story.digest) == expected, "two workers"
    finally:
        _bss("db", "drop", calm)
        _bss("db", "drop", together)
    began, ended = undisturbed.phases[0][1], undisturbed.ended
    hit = 0
    for number in range(kills):
        # a killed run goes on where it stopped: the kills share its time
        process = start(CHILD, fresh_database, "work")
        follow(process, "run", dice.uniform(0, (ended - began) / max(kills // 2, 1)))
        if process.returncode == -9:
            hit += 1
        else:
            assert process.returncode == 0, f"seed {seed}, kill {number}"
    assert hit, f"no kill hit the run (seed {seed})"
    assert json.loads(whole(CHILD, fresh_database, "work").digest) == expected, f"seed {seed}, {hit} kills"
