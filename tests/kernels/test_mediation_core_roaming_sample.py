"""The roaming file of the demo: the same for the same seed, and every record of it complete."""

from __future__ import annotations

from datetime import date

from mediation_core.roaming_sample import HEADER, roaming_rows

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def test_the_same_for_the_same_seed() -> None:
    numbers = ["48730900001", "48730900002"]
    content = roaming_rows(numbers, FIRST, LAST, 7)
    assert content == roaming_rows(numbers, FIRST, LAST, 7)
    header, *rows = content.decode().splitlines()
    assert header == HEADER
    assert len(rows) == 24
    names = header.split(";")
    for row in rows:
        record = dict(zip(names, row.split(";"), strict=True))
        assert record["subscriber"] in numbers
        assert "2026-10-01" <= record["start"] < "2026-11-02"
        assert (record["called"] == "") == (record["usage"] == "data")
        assert (record["called"] == record["subscriber"]) == (record["direction"] == "in")
        assert float(record["charge"]) >= 0
