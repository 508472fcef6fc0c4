"""Two users import the same file at once, or a file of days and one of the month: nothing is booked twice."""

from __future__ import annotations

import json

from tests.soak.kills import whole
from tests.soak.payments_same_file_child import DAYS, PER_DAY
from tests.soak.together import begin, together

CHILD = "tests.soak.payments_same_file_child"


def test_two_users(fresh_database: str) -> None:
    whole(CHILD, fresh_database, "prepare")
    before = json.loads(whole(CHILD, fresh_database, "digest").digest)["once"][0]
    same = together(begin(CHILD, fresh_database, "user", "same"), begin(CHILD, fresh_database, "user", "same"))
    assert sorted(one["imported"] for one in same) == [False, True], same
    loser = next(one for one in same if not one["imported"])
    assert any("received" in text or "being imported" in text or "not waiting" in text for text in loser["told"]), loser
    both = together(begin(CHILD, fresh_database, "user", "days"), begin(CHILD, fresh_database, "user", "month"))
    assert all(one["imported"] for one in both), both
    found = json.loads(whole(CHILD, fresh_database, "digest").digest)
    assert found["broken"] == [[0]]
    # every payment names a virtual account: what is imported is booked
    assert found["booked"] == [["booked", PER_DAY * (DAYS + 1)]]
    count, distinct, amount = found["once"][0]
    assert count == distinct == before[0] + PER_DAY * (DAYS + 1)
    assert float(amount) - float(before[2] or 0) == (DAYS + 1) * PER_DAY * (PER_DAY + 1) / 2
    for name, credits, listed in found["law"]:
        assert float(credits or 0) == float(listed or 0), name
