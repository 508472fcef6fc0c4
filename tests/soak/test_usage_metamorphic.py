"""The same calls in other files, orders and processes: the same events and the same totals of every account."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from tests.soak.kills import whole
from tests.soak.together import begin, together

CHILD = "tests.soak.usage_meta_child"
PROCESSES = 2


def test_how_calls_come_changes_nothing(
    fresh_database: str, soak_size: Callable[[int, int], int], tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    path = tmp_path / "calls.csv"
    whole(CHILD, fresh_database, "prepare", path, soak_size(4_000, 200_000), seed)
    ways = json.loads(whole(CHILD, fresh_database, "ways", path, seed).digest)
    usual = ways.pop("whole")
    assert usual["accounts"], "calls cost something"
    assert {state for state, *_rest in usual["events"]} >= {"rated", "free"}, "some of them are free"
    for name, found in ways.items():
        assert found == usual, f"seed {seed}: {name}"
    parts = together(*(begin(CHILD, fresh_database, "load", path, number, PROCESSES) for number in range(PROCESSES)))
    assert all(part.get("loaded") is not None and not part["difference"] for part in parts), f"seed {seed}: {parts}"
    found = json.loads(whole(CHILD, fresh_database, "finish").digest)
    assert found == usual, f"seed {seed}: two processes at once, {parts}"
