"""Two workers at one bill run and a clerk who posts by hand: no number is missing, none is given twice."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.soak.kills import whole
from tests.soak.together import begin, together

CHILD = "tests.soak.billing_together_child"


def test_two_workers_and_a_clerk(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    accounts = soak_size(1200, 20_000)
    whole(CHILD, fresh_database, "prepare", accounts)
    *workers, clerk = together(
        begin(CHILD, fresh_database, "work", 0, 2),
        begin(CHILD, fresh_database, "work", 1, 2),
        begin(CHILD, fresh_database, "clerk", soak_size(10, 60)),
    )
    found = json.loads(whole(CHILD, fresh_database, "digest").digest)
    assert all(one["invoices"] for one in workers)
    assert clerk["posted"], "the clerk came never through"
    for prefix, count, distinct, last, first, gaps in found["numbers"]:
        assert count == distinct == last - first + 1, prefix
        assert gaps == 0, prefix
    [[invoiced, accounts_invoiced]] = found["once"]
    assert invoiced == accounts_invoiced >= accounts
    assert found["open"] == [[0]]
    assert found["run"][0][1] == "finished"
