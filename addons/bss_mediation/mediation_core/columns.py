"""Checked, typed columns out of columns of text, and the way from a checked table to a chunk.

A *checked* frame has a row per record with

- ``ignored``: nothing to bill, whatever else is wrong with the record;
- ``code``, ``field``, ``value``: the first problem of the record, null when there is none;
- ``key``: identity of the record by identifiers of its own, null when it has none (then the hash of its fields);
- columns of ``EVENT_SCHEMA`` other than ``line_no``, ``dedupe_key`` and ``raw``.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .values import Problem, SourceProfile, as_events, text_key

STAMP = "%Y-%m-%d %H:%M:%S"
STAMP_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
KEY_LENGTH = 150
VALUE_LENGTH = 200

# Condition that makes a record unusable, code of the problem, column whose text is shown.
Check = tuple[pl.Expr, str, str]


def stamp(name: str, layout: str = STAMP, form: str = STAMP_FORM) -> pl.Expr:
    """Local date and time out of text; null where the text is not of exactly this form or no date of the calendar."""
    text = pl.when(pl.col(name).str.contains(form)).then(pl.col(name))
    return text.str.to_datetime(layout, strict=False, time_unit="us")


def whole_number(name: str, digits: int = 10) -> pl.Expr:
    """Integer out of text, negative ones included; null where the text is anything else."""
    text = pl.when(pl.col(name).str.contains(rf"^-?[0-9]{{1,{digits}}}$")).then(pl.col(name))
    return text.cast(pl.Int64, strict=False)


def epoch(name: str) -> pl.Expr:
    """UTC instant out of seconds since 1970, with or without decimals; null for anything else, 0 included."""
    text = pl.when(pl.col(name).str.contains(r"^[0-9]{1,11}(\.[0-9]{1,9})?$")).then(pl.col(name))
    whole = text.str.extract(r"^([0-9]+)").cast(pl.Int64, strict=False)
    part = text.str.extract(r"\.([0-9]+)$").fill_null("").str.pad_end(6, "0").str.slice(0, 6)
    micros = whole * 1_000_000 + part.cast(pl.Int64, strict=False)
    return pl.when(whole > 0).then(micros).cast(pl.Datetime("us"))


def in_years(instant: pl.Expr, profile: SourceProfile) -> pl.Expr:
    """Whether an instant can be the date of an event; null stays null."""
    return instant.dt.year().is_between(profile.first_year, profile.last_year)


def own_key(*names: str, prefix: str = "i:") -> pl.Expr:
    """Identity made of columns that must all be filled; null where one is not, or where it would be too long."""
    own = pl.concat_str(*names, separator="|")
    usable = pl.all_horizontal(*(pl.col(name) != "" for name in names)) & (own.str.len_bytes() <= KEY_LENGTH)
    return pl.when(usable).then(pl.concat_str(pl.lit(prefix), own))


def with_first_problem(frame: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
    """Add the first of ``checks`` that a record fails as ``code``, ``field``, ``value``."""
    # One number per record instead of three chains of conditions: most records fail nothing.
    failed = pl.lit(None, pl.Int16)
    for number, (bad, _code, _field) in reversed(list(enumerate(checks))):
        failed = pl.when(bad).then(pl.lit(number, pl.Int16)).otherwise(failed)
    frame = frame.with_columns(failed=failed)
    code, name, value = pl.lit(None, pl.String), pl.lit(None, pl.String), pl.lit(None, pl.String)
    if frame["failed"].null_count() < frame.height:
        numbers = range(len(checks))
        code = pl.col("failed").replace_strict(
            numbers, [check[1] for check in checks], default=None, return_dtype=pl.String
        )
        name = pl.col("failed").replace_strict(
            numbers, [check[2] for check in checks], default=None, return_dtype=pl.String
        )
        for its_field in {check[2] for check in checks}:
            its_numbers = [number for number in numbers if checks[number][2] == its_field]
            value = pl.when(pl.col("failed").is_in(its_numbers)).then(pl.col(its_field)).otherwise(value)
    return frame.with_columns(code=code, field=name, value=value).drop("failed")


def harvest(
    checked: pl.DataFrame, numbers: pl.Series, raws: pl.Series, joined: pl.Series | None = None
) -> tuple[pl.DataFrame, list[Problem], int]:
    """Events, problems and the number of ignored records of a checked frame.

    :param numbers: line number of every record. :param raws: its text as kept for replay.
    :param joined: its fields as one text, for the identity of records without one of their own; else the raw text.
    """
    frame = checked.with_columns(line_no=numbers.cast(pl.Int64), raw=raws, joined=raws if joined is None else joined)
    fine = pl.col("code").is_null()
    good = frame.filter(~pl.col("ignored") & fine)
    bad = frame.filter(~pl.col("ignored") & ~fine)
    return _events(good), _problems(bad), int(frame["ignored"].sum())


def _events(good: pl.DataFrame) -> pl.DataFrame:
    keys = good["key"]
    if keys.null_count():
        keys = pl.Series(
            [text_key(joined) if key is None else key for key, joined in zip(keys, good["joined"], strict=True)],
            dtype=pl.String,
        )
    return as_events(good.with_columns(dedupe_key=keys))


def _problems(bad: pl.DataFrame) -> list[Problem]:
    shown = [name for name in ("a_number", "b_number", "started_at") if name in bad.columns]
    columns = ["line_no", "code", "field", "value", "raw", "joined", *shown]
    return [
        Problem(
            line_no=record["line_no"],
            code=record["code"],
            field=record["field"],
            value=(record["value"] or "")[:VALUE_LENGTH],
            raw=record["raw"],
            dedupe_key=text_key(record["joined"]),
            **{name: record[name] for name in shown},
        )
        for record in bad.select(columns).iter_rows(named=True)
    ]
