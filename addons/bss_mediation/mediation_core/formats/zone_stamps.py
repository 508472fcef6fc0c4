"""Stamps with the name of a zone in them, as gateways write them: ``15:54:56.868 PST Mon DEC 18 2017``.

A known zone name counts (also in the repeated hour), with any other the stamp is local time of the source. A sign before the clock (``*``,
``.``) says that the gateway was not sure of its time; the stamp counts as written.
"""

from __future__ import annotations

import polars as pl

from ..local_time import to_utc
from ..values import SourceProfile

# Minutes east of Greenwich of the names that mean one thing.
ZONES = {
    **dict.fromkeys(["UTC", "GMT", "WET"], 0),
    **dict.fromkeys(["CET", "WEST", "BST"], 60),
    **dict.fromkeys(["CEST", "EET"], 120),
    "EEST": 180,
    "EDT": -240,
    **dict.fromkeys(["EST", "CDT"], -300),
    **dict.fromkeys(["MDT"], -360),
    **dict.fromkeys(["MST", "PDT"], -420),
    "PST": -480,
}
_STAMP = r"^[*.]?([0-9]{1,2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,6})? +([A-Za-z]+) +(?:[A-Za-z]{3} +)?([A-Za-z]{3}) +([0-9]{1,2}) +([0-9]{4})$"


def instants(texts: pl.Series, profile: SourceProfile) -> pl.Series:
    """UTC instants; null where the text is no such stamp."""
    parts = texts.to_frame("text").select(
        clock=pl.col("text").str.extract(_STAMP, 1),
        part=pl.col("text").str.extract(_STAMP, 2).fill_null("").str.slice(1).str.pad_end(6, "0"),
        zone=pl.col("text").str.extract(_STAMP, 3).str.to_uppercase(),
        month=pl.col("text").str.extract(_STAMP, 4).str.to_titlecase(),
        day=pl.col("text").str.extract(_STAMP, 5),
        year=pl.col("text").str.extract(_STAMP, 6),
    )
    whole = pl.concat_str("year", "month", "day", "clock", separator=" ")
    local = whole.str.to_datetime("%Y %b %d %H:%M:%S", strict=False, time_unit="us")
    frame = parts.select(
        local=local + pl.duration(microseconds=pl.col("part").cast(pl.Int64, strict=False)),
        offset=pl.col("zone").replace_strict(ZONES, default=None, return_dtype=pl.Int64),
    )
    by_source = to_utc(frame["local"], profile.timezone)
    return frame.select(
        pl.when(pl.col("offset").is_null()).then(by_source).otherwise(pl.col("local") - pl.duration(minutes="offset"))
    ).to_series()
