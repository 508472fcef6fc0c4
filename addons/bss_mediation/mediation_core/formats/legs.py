"""What the pairing formats share: frames of legs with their files, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..values import EVENT_SCHEMA, LEG_SCHEMA, Paired, Problem, as_events, as_legs

# A leg in the hands of pair(): with the file that it came from.
FILED_LEG_SCHEMA: dict[str, pl.DataType] = {"file_id": pl.Int64(), **LEG_SCHEMA}
FILED_EVENT_SCHEMA: dict[str, pl.DataType] = {"file_id": pl.Int64(), **EVENT_SCHEMA}
_USED = ("file_id", "line_no", "leg_key")


def filed(legs: pl.DataFrame, file_id: int) -> pl.DataFrame:
    """The legs of a parsed file with the number of that file."""
    return as_legs(legs).select(pl.lit(file_id, pl.Int64).alias("file_id"), pl.all())


def no_legs() -> pl.DataFrame:
    return pl.DataFrame(schema=FILED_LEG_SCHEMA)


def together(open_legs: pl.DataFrame, new_legs: pl.DataFrame) -> pl.DataFrame:
    """Old and new legs in one order that does not depend on which is which."""
    frames = [frame.select(list(FILED_LEG_SCHEMA)) for frame in (open_legs, new_legs)]
    return pl.concat(frames).sort("pair_key", "at", "leg_key", "file_id", "line_no")


def paired(events: pl.DataFrame, left: pl.DataFrame, used: pl.DataFrame, problems: Sequence[Problem] = ()) -> Paired:
    """The result in its fixed shape, whatever else the frames carry."""
    shaped = as_events(events).insert_column(0, events["file_id"].cast(pl.Int64))
    return Paired(
        shaped.sort("file_id", "line_no"),
        left.select(list(FILED_LEG_SCHEMA)).sort("file_id", "line_no"),
        used.select(_USED).sort("file_id", "line_no"),
        sorted(problems, key=lambda problem: (problem.params.get("file_id", 0), problem.line_no)),
    )


def leg_problems(legs: pl.DataFrame, code: str, field: str, value: pl.Expr, **params: str | int) -> list[Problem]:
    """A problem for each leg; ``params`` gets the ``file_id``, because a line number alone does not tell the file."""
    rows = legs.select("file_id", "line_no", "raw", "leg_key", "a_number", "b_number", "at", value.alias("value"))
    return [
        Problem(
            line_no=row["line_no"],
            code=code,
            field=field,
            value=str(row["value"])[:200],
            raw=row["raw"],
            dedupe_key=row["leg_key"],
            params={**params, "file_id": row["file_id"]},
            a_number=row["a_number"],
            b_number=row["b_number"],
            started_at=row["at"],
        )
        for row in rows.iter_rows(named=True)
    ]
