"""A file of one line of a gigabyte: one row in suspense with clear words, and the memory of a small file."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.soak.kills import whole

MOST_MEGABYTES = 200  # of which the libraries that come with the first file are the most


def test_one_line_of_a_gigabyte(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    size = soak_size(50_000_000, 1_000_000_000)
    found = json.loads(whole("tests.soak.usage_line_child", fresh_database, size).digest)
    assert found["counts"] == ["loaded", 1, 1, 0]
    assert found["reason"] == "INVALID_FORMAT"
    assert "line too long" in found["message"]
    assert found["kept"] < 70_000
    assert found["megabytes"] < MOST_MEGABYTES
