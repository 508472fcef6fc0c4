"""Two imports that pay the same invoices at once, and a clerk in the same journal: nothing is paid twice, no number missing."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.soak.kills import whole
from tests.soak.together import begin, together

CHILD = "tests.soak.payments_together_child"


def test_two_imports_and_a_clerk(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    count = soak_size(100, 2_000)
    whole(CHILD, fresh_database, "prepare", count)
    one, two, clerk = together(
        begin(CHILD, fresh_database, "work", 0),
        begin(CHILD, fresh_database, "work", 1),
        begin(CHILD, fresh_database, "clerk", soak_size(8, 60)),
    )
    found = json.loads(whole(CHILD, fresh_database, "digest").digest)
    assert one["by_orm"] == two["by_orm"] == {}
    assert clerk["posted"], "the clerk came never through"
    for prefix, entries, distinct, last, first in found["numbers"]:
        assert entries == distinct == last - first + 1, prefix
    assert found["overpaid"] == found["wrong"] == [[0]]
    assert found["invoices"] == [["paid", count]]
    assert found["payments"] == [[2 * count, 2 * count]]
    assert found["left"] == [[f"{-30 * count}.00"]]
    assert found["log"] == [[f"{70 * count}.00"]]
