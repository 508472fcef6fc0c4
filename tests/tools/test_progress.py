"""What a person sees while a long step runs."""

import io
import json

import pytest

from bss_cli import bench, demo
from bss_cli.progress import Progress, format_seconds, render_bar


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.24, "4.2s"), (59.9, "59.9s"), (65, "1m05s"), (3599.6, "1h00m"), (3725, "1h02m")]
)
def test_durations(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_bar_is_half_full_at_half() -> None:
    assert "[#####.....]  50% 3.0s" in render_bar("rating", 5, 10, 3, width=10)


def test_bar_never_overflows() -> None:
    assert "[##########] 100%" in render_bar("rating", 15, 10, 3, width=10)


def test_bar_without_total_has_no_percentage() -> None:
    assert "%" not in render_bar("download", 3, 0, 1, width=10)


def test_away_from_a_terminal_only_the_closing_line_is_written() -> None:
    stream = io.StringIO()
    bar = Progress("rating", 10, stream)
    bar.update(5)
    bar.finish("10 passed")
    assert stream.getvalue().count("\n") == 1
    assert "\r" not in stream.getvalue()
    assert "10 passed" in stream.getvalue()


def test_closing_table_of_the_demo() -> None:
    rows: list[dict[str, object]] = [
        {"name": "invoices", "count": 61, "amount": "12345.6", "note": ""},
        {"name": "events", "count": 20000, "amount": None, "note": "2 files"},
    ]
    lines = demo.table(rows).splitlines()
    assert lines[2].split() == ["invoices", "61", "12", "345.60"]
    assert lines[3].split() == ["events", "20", "000", "2", "files"]


def test_benchmark_table_leaves_unknown_baselines_empty() -> None:
    row: dict[str, object] = json.loads(
        '{"name": "x", "value": 1234567, "unit": "rows/s", "baseline": null, "ratio": 2.5}'
    )
    assert bench.table([row]).splitlines()[1].split() == ["x", "1", "234", "567", "rows/s", "2.5"]
