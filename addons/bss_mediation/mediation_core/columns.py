"""Checked, typed columns out of columns of text, and the way from a checked table to a chunk.

A *checked* frame has a row per record with

- ``ignored``: nothing to bill, whatever else is wrong with the record;
- ``code``, ``field``, ``value``: the first problem of the record, null when there is none;
- ``key``: identity of the record by identifiers of its own, null when it has none (then the hash of its fields);
- columns of ``EVENT_SCHEMA`` other than ``line_no``, ``dedupe_key`` and ``raw``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


# Fields of some rows (by number) as one text each.
Joined = Callable[[pl.Series], "list[str]"]


def harvest(
    checked: pl.DataFrame, numbers: pl.Series, raws: pl.Series, joined: Joined | None = None
) -> tuple[pl.DataFrame, list[Problem], int]:
    """Events, problems and the number of ignored records of a checked frame.

    :param numbers: line number of every record. :param raws: its text as kept for replay.
    :param joined: its fields as one text, for the identity of records without one of their own; else the raw text.
    """
    frame = checked.with_columns(line_no=numbers.cast(pl.Int64), raw=raws).with_row_index("row")
    joined = joined or (lambda rows: raws[rows].to_list())
    good = frame.filter(~pl.col("ignored") & pl.col("code").is_null())
    bad = frame.filter(~pl.col("ignored") & pl.col("code").is_not_null())
    return _events(good, joined), _problems(bad, joined), int(frame["ignored"].sum())


def _events(good: pl.DataFrame, joined: Joined) -> pl.DataFrame:
    keys = good["key"]
    without = keys.is_null()
    if without.any():
        hashed = [text_key(text) for text in joined(good["row"].filter(without))]
        keys = keys.scatter(without.arg_true(), pl.Series(hashed, dtype=pl.String))
    return as_events(good.with_columns(dedupe_key=keys))


def _problems(bad: pl.DataFrame, joined: Joined) -> list[Problem]:
    shown = [name for name in ("a_number", "b_number", "started_at") if name in bad.columns]
    records = bad.select("line_no", "code", "field", "value", "raw", *shown).iter_rows(named=True)
    return [
        Problem(
            line_no=record["line_no"],
            code=record["code"],
            field=record["field"],
            value=(record["value"] or "")[:VALUE_LENGTH],
            raw=record["raw"],
            dedupe_key=text_key(fields),
            **{name: record[name] for name in shown},
        )
        for record, fields in zip(records, joined(bad["row"]), strict=True)
    ]


ROUNDINGS = ("up", "half", "down")


def whole_seconds(millis: pl.Expr, rounding: str) -> pl.Expr:
    """Seconds of a length in milliseconds: every started one ("up"), the nearest ("half"), or whole ones ("down")."""
    lift = {"up": 999, "half": 500}.get(rounding, 0)
    return (millis + lift) // 1000


def fenced(frame: pl.DataFrame, profile: SourceProfile, column: str = "started_at") -> pl.DataFrame:
    """Add ``out_of_range`` and take instants out that cannot be the date of an event."""
    in_range = in_years(pl.col(column), profile)
    return frame.with_columns(out_of_range=~in_range, **{column: pl.when(in_range).then(column)})


def call_checks(
    profile: SourceProfile, *, start: str, length: str, called: str, caller: str, unreadable: pl.Expr
) -> list[Check]:
    """Checks of a call whose typed columns are ``started_at``, ``duration_s``, ``a_number``, ``b_number``,
    ``account_code`` and ``out_of_range``.

    :param start: with ``length``, ``called`` and ``caller`` the columns of text that a problem shows.
    :param unreadable: condition for a start that is no date.
    """
    nobody = pl.col("a_number").is_null() & (pl.col("account_code").fill_null("") == "")
    return [
        (unreadable, "UNREADABLE_DATE", start),
        (pl.col("out_of_range"), "DATE_OUT_OF_RANGE", start),
        (pl.col("started_at").is_null(), "NONEXISTENT_TIME", start),
        (pl.col("duration_s").is_null(), "NOT_A_NUMBER", length),
        (pl.col("duration_s") < 0, "NEGATIVE_DURATION", length),
        (pl.col("duration_s") > profile.max_duration_s, "DURATION_TOO_LONG", length),
        (pl.col("b_number").is_null(), "INVALID_NUMBER", called),
        (nobody, "INVALID_NUMBER", caller),
    ]
