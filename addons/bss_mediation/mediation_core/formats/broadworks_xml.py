"""BroadWorks accounting CDR as XML: ``broadWorksCDR/cdrData``, read as a stream.

What is a call and what it costs in seconds is told in :mod:`.broadworks_calls`. The encoding is that of the XML declaration unless the
source states one. What is kept of a record for replay is a document of its own with the used elements.

Limits: damaged XML refuses the whole file (there is no telling where the next record begins); entities are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import polars as pl

from ..columns import harvest
from ..values import Chunk, SourceProfile, empty_chunk
from .broadworks_calls import OPTIONS, USED, checked
from .registry import option, register
from .replays import replay_records
from .tables import unknown_encoding
from .text_rows import known_encoding
from .xml_rows import XmlRow, read_records, written

RECORD = "broadWorksCDR/cdrData"
HEADER = "headerModule/"
BASIC = "basicModule/"
PATHS = {
    "type": (HEADER + "type",),
    "userNumber": (BASIC + "userNumber",),
    "direction": (BASIC + "direction",),
    "callingNumber": (BASIC + "callingNumber",),
    "calledNumber": (BASIC + "calledNumber",),
    "startTime": (BASIC + "startTime",),
    "answerIndicator": (BASIC + "answerIndicator",),
    "answerTime": (BASIC + "answerTime",),
    "releaseTime": (BASIC + "releaseTime",),
    "networkCallID": ("ipModule/networkCallID",),
    "accountCode": ("centrexModule/accountCode", BASIC + "accountCode"),
    "chargeIndicator": (BASIC + "chargeIndicator",),
    "chargedNumber": (BASIC + "chargedNumber", "centrexModule/chargedNumber"),
}
ID = (HEADER + "recordId/eventCounter", HEADER + "recordId/systemId")
KEPT = frozenset([*ID, *(path for paths in PATHS.values() for path in paths)])


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    rows = read_records(stream, RECORD, profile.encoding)
    while some := list(islice(rows, chunk_rows)):
        problem = some[-1].problem
        good = [row for row in some if row.problem is None]
        if good:
            yield _chunk(good, profile)
        if problem:
            yield empty_chunk(some[-1].done, file_problem=problem)


def _chunk(rows: Sequence[XmlRow], profile: SourceProfile) -> Chunk:
    used = [{name: _value(row.values, name) for name in USED} for row in rows]
    frame = pl.DataFrame({name: [one[name] for one in used] for name in USED}, schema=dict.fromkeys(USED, pl.String))
    frame = checked(frame, profile, option(profile, OPTIONS, "stamps"), option(profile, OPTIONS, "rounding"))
    kept = [{path: text for path, text in row.values.items() if path in KEPT} for row in rows]
    raws = pl.Series([written(RECORD, one) for one in kept], dtype=pl.String)
    texts = ["\x1f".join(one.values()) for one in used]
    numbers = pl.Series([row.number for row in rows], dtype=pl.Int64)
    events, problems, ignored = harvest(frame, numbers, raws, lambda some: [texts[place] for place in some])
    return Chunk(len(rows), ignored, events, problems, rows[-1].done)


def _value(values: dict[str, str], name: str) -> str:
    if name == "recordId":
        parts = [values.get(path, "") for path in ID]
        return "|".join(parts) if all(parts) else ""
    return next((values[path] for path in PATHS[name] if values.get(path)), "")


_replay = replay_records(lambda stream: read_records(stream, RECORD, "utf-8"), _chunk)
parse = register("broadworks_xml", "BroadWorks CDR (XML)", options=OPTIONS, replay=_replay)(_parse)
