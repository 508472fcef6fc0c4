"""Two bill runs and two clerks at the same services: nothing is charged twice, nothing is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.soak.charges_together_child import ACCOUNTS, SERVICES_EACH
from tests.soak.kills import follow, start


def test_charging_and_changing_at_the_same_time(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    process = start("tests.soak.charges_together_child", fresh_database, seed, soak_size(25, 400))
    found = json.loads(follow(process).digest)
    assert found["problems"] == [], f"seed {seed}"
    assert found["repeats"], f"seed {seed}: nobody met anybody"
    assert found["left"] == 0, f"seed {seed}: a change was not settled"
    assert found["recurring"] == found["distinct"], f"seed {seed}: a day was charged twice"
    assert found["services"] == ACCOUNTS * SERVICES_EACH
    assert found["total"] == found["calm"], f"seed {seed}: charged {found['total']}, due {found['calm']}"
