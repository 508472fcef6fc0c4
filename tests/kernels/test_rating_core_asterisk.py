"""The Asterisk sample from bytes to money, kernels only: totals worked out on paper from the columns of the file.

``awk`` over the file: the 218 rows carry 38,947 s of billsec, 133 rows are ANSWERED with 38,839 s in 710 started minutes, 24
of them with 0 s; the other 108 s stand on five rows that say NO ANSWER. 37 answered calls of 188 started minutes
go to 397-815-2211, the other 96 of 522.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from mediation_core import NumberingProfile, SourceProfile, get_format
from rating_core import Engine, Plan, Prefix, Rate, Tariff

SAMPLE = Path(__file__).parents[1] / "data/cdr/asterisk/cdr.csv"
AMERICA = SourceProfile(timezone="UTC", numbering=NumberingProfile("1", 10, "011"))
PREFIXES = (Prefix("1", 1), Prefix("1397815", 2))


def events(chunk_rows: int = 1000) -> pl.DataFrame:
    chunks = get_format("asterisk_csv").parse(io.BytesIO(SAMPLE.read_bytes()), AMERICA, chunk_rows)
    parsed = pl.concat([chunk.events for chunk in chunks])
    columns = ("started_at", "answered_at", "usage_kind", "b_number", "units")
    return parsed.select(pl.col("line_no").alias("id"), *columns).with_columns(
        service_id=pl.lit(1, pl.Int64), plan_id=pl.lit(1, pl.Int64)
    )


def total(rates: Sequence[Rate], plan: Plan | None = None) -> tuple[str, dict[str, int]]:
    rated = Engine(Tariff(PREFIXES, rates, plans=[plan or Plan(1)])).rate(events()).events
    states = dict(rated.group_by("state").len().iter_rows())
    return f"{rated['amount_e4'].sum() / 10_000:.4f}", states


def price(micro: int, *chain: int, zone: int = 1, connect: int = 0) -> Rate:
    return Rate(zone, 1, zone, "voice", micro, connect, chain=chain)


def both(micro: int, *chain: int, connect: int = 0) -> list[Rate]:
    return [price(micro, *chain, zone=zone, connect=connect) for zone in (1, 2)]


def test_the_file_says_what_the_sheet_says() -> None:
    with SAMPLE.open(newline="") as file:
        rows = list(csv.reader(file))
    answered = [int(row[13]) for row in rows if row[14] == "ANSWERED"]
    assert (len(rows), sum(int(row[13]) for row in rows)) == (218, 38_947)
    assert (len(answered), sum(answered), answered.count(0)) == (133, 38_839, 24)


def test_a_grosz_a_second() -> None:
    """38,839 x 0.01."""
    assert total(both(600_000, 1, 1)) == ("388.3900", {"rated": 109, "free": 24})


def test_started_minutes() -> None:
    """710 x 0.29; a call of no seconds as one second adds 24 minutes."""
    assert total(both(290_000, 60, 60)) == ("205.9000", {"rated": 109, "free": 24})
    assert total(both(290_000, 60, 60), Plan(1, zero_length="second")) == ("212.8600", {"rated": 133})


def test_the_first_minute_whole_and_a_fee() -> None:
    """Short calls lengthened to a minute: 40,301 s x 0.01, and 0.15 for each of 109 calls."""
    assert total(both(600_000, 60, 1)) == ("403.0100", {"rated": 109, "free": 24})
    assert total(both(600_000, 60, 1, connect=150_000)) == ("419.3600", {"rated": 109, "free": 24})


def test_one_zone_of_two() -> None:
    """522 and 188 minutes at 0.29; the calls of the zone without a price wait."""
    amount, states = total([price(290_000, 60, 60)])
    assert (amount, states["suspended"]) == ("151.3800", 37)
    amount, states = total([price(290_000, 60, 60, zone=2)])
    assert (amount, states["suspended"]) == ("54.5200", 96)


@pytest.mark.parametrize("chunk_rows", [1, 7, 1000])
def test_pieces_of_the_file_are_the_same_events(chunk_rows: int) -> None:
    assert events(chunk_rows).equals(events())
