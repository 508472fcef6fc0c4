"""Records to kernel data and kernel data to rows; the only file that knows both sides."""

from collections import Counter
from datetime import datetime

import polars as pl
from odoo import modules
from odoo.tools import config
from psycopg2.extras import Json

from . import mapping_adapters
from .mediation_core import NumberingProfile, SourceProfile
from .mediation_core.pickup import Watched


def in_test():
    """Whether the transaction belongs to a test, which must not be committed."""
    return config["test_enable"] or modules.module.current_test


def watched_from_json(value):
    """Sizes that a source watches, as its last look left them."""
    return {name: Watched(size, datetime.fromisoformat(since)) for name, (size, since) in (value or {}).items()}


def watched_to_json(watched):
    return {name: [seen.size, seen.since.isoformat()] for name, seen in watched.items()} or False


def numbering_profile(source):
    return NumberingProfile(
        country_code=source.country_code,
        national_length=source.national_length,
        international_prefix=source.international_prefix or "",
        trunk_prefix=source.trunk_prefix or "",
    )


def source_profile(source):
    return SourceProfile(
        timezone=source.timezone,
        numbering=numbering_profile(source),
        encoding=source.encoding,
        options=source._bss_options(),
        mapping=mapping_adapters.kernel_mapping(source.mapping_id) if source.mapping_kind else None,
    )


def filed_events(events, file_id):
    """Events of one file; none of them comes out of suspense."""
    return events.with_columns(file_id=pl.lit(file_id, pl.Int64), suspense_id=pl.lit(None, pl.Int64))


def joined_events(events):
    """Events out of legs: they have the file of the leg that they are counted by."""
    return events.with_columns(suspense_id=pl.lit(None, pl.Int64))


def changes_of_counts(fates, leave_out=()):
    """What joined legs change in the counts of files: {file id: {name of a count: what is added}}.

    :param fates: {(file id, line): fate} of legs that waited; None: lost, which the difference of the file shows
    :param leave_out: places of rows that did not count as waiting
    """
    changes = {}
    for place, fate in fates.items():
        if place in leave_out:
            continue
        change = changes.setdefault(place[0], Counter())
        change["count_waiting"] -= 1
        if fate:
            change[f"count_{fate}"] += 1
    return changes


def replay_frame(events, suspense):
    """Events or legs parsed from the raw rows of ``suspense``; row n of the text was record n."""
    places = pl.DataFrame(
        {
            "line_no": range(1, len(suspense) + 1),
            "own_line": [record.line_no for record in suspense],
            "file_id": [record.file_id.id for record in suspense],
            "suspense_id": suspense.ids,
        },
        schema={"line_no": pl.Int64, "own_line": pl.Int64, "file_id": pl.Int64, "suspense_id": pl.Int64},
    )
    return events.join(places, on="line_no").with_columns(line_no=pl.col("own_line"))


def months(events):
    """First days of the UTC months of the events; of guided ones only of those that have a service."""
    if "reason" in events.columns:
        events = events.filter(pl.col("reason").is_null())
    return events["started_at"].dt.truncate("1mo").dt.date().unique().to_list()


def suspense_rows(problems, source, file_id=None):
    """Problems as rows for suspense; those of legs tell their file themselves."""
    uid = source.env.uid
    rows = []
    for problem in problems:
        params = dict(problem.params)
        own_file = params.pop("file_id", file_id)
        rows.append(
            (
                source.company_id.id,
                source.id,
                own_file,
                problem.line_no,
                problem.raw,
                problem.code,
                problem.field,
                problem.value,
                Json(params),
                problem.a_number,
                problem.b_number,
                problem.started_at,
                problem.dedupe_key,
                "open",
                uid,
                uid,
            )
        )
    return rows
