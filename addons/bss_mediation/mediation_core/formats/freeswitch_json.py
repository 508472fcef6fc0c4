"""FreeSWITCH ``mod_json_cdr``: an object per leg with its channel ``variables``, all of them text.

One object per file (as the module writes), lines of objects, or an array (as collectors join them). Values are URL-encoded unless
``encode-values`` is off; the option says which, or that it is to be told by the form of each value. What is a call and what it
costs in seconds is told in :mod:`.freeswitch_calls`; an object without ``variables`` is read as if it were them. Numbers come
from the variables, else from the first ``caller_profile`` of the ``callflow``, which is the last part of the call.

What is kept for replay are the used variables as one line of JSON, not the whole object (it is 12 KB and more); the file has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO
from urllib.parse import unquote

import polars as pl

from ..columns import harvest
from ..values import Chunk, Problem, SourceProfile, row_key
from .freeswitch_calls import ROUNDING, USED, checked
from .json_rows import JsonRow, read_objects
from .registry import Option, option, register
from .replays import replay_records
from .tables import unknown_encoding
from .text_rows import known_encoding

OPTIONS = (Option("encoded", "URL-encoded values", "choice", "auto", ("auto", "yes", "no")), ROUNDING)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
PROFILE = ("caller_id_number", "destination_number")


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    rows = read_objects(stream, profile.encoding)
    while some := list(islice(rows, chunk_rows)):
        yield _chunk(some, profile)


def _chunk(rows: Sequence[JsonRow], profile: SourceProfile) -> Chunk:
    encoded, rounding = option(profile, OPTIONS, "encoded"), option(profile, OPTIONS, "rounding")
    problems = [_broken(row) for row in rows if row.value is None]
    good = [row for row in rows if row.value is not None]
    used = [_used(row.value or {}, encoded) for row in good]
    schema = dict.fromkeys(USED, pl.String)
    frame = checked(
        pl.DataFrame({name: [one[name] for one in used] for name in USED}, schema=schema), profile, rounding
    )
    raws = [_WRITER.encode({"variables": _kept(one)}) for one in used]
    numbers = pl.Series([row.number for row in good], dtype=pl.Int64)
    texts = ["\x1f".join(one.values()) for one in used]
    events, bad, ignored = harvest(
        frame, numbers, pl.Series(raws, dtype=pl.String), lambda some: [texts[place] for place in some]
    )
    problems = sorted(problems + bad, key=lambda problem: problem.line_no)
    return Chunk(len(rows), ignored, events, problems, rows[-1].done)


# One for all rows: making it costs more than a row.
_WRITER = json.JSONEncoder(ensure_ascii=False)


def _kept(used: dict[str, str]) -> dict[str, str]:
    """Filled values, encoded so that they read the same whatever the option says of the source."""
    return {name: value.replace("%", "%25") for name, value in used.items() if value}


def _broken(row: JsonRow) -> Problem:
    raw = row.text or "?"
    return Problem(row.number, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": row.error})


def _used(value: dict[str, Any], encoded: str) -> dict[str, str]:
    variables = value.get("variables", value)
    if not isinstance(variables, dict):
        variables = {}
    flow = value.get("callflow")
    first = flow[0] if isinstance(flow, list) and flow else flow
    caller = first.get("caller_profile") if isinstance(first, dict) else None
    caller = caller if isinstance(caller, dict) else {}
    found = {}
    for name in USED:
        text = variables.get(name)
        if text is None and name in PROFILE:
            text = caller.get(name)
        found[name] = "" if text is None else _plain(text, encoded)
    return found


def _plain(value: object, encoded: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if "%" in text and (encoded == "yes" or (encoded == "auto" and _ENCODED.search(text))):
        text = unquote(text)
    if text.isascii() and "\x00" not in text:
        return text
    # What a database text cannot hold: NUL, and halves of signs that JSON escapes may spell.
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


_replay = replay_records(lambda stream: read_objects(stream, "utf-8"), _chunk)
parse = register("freeswitch_json", "FreeSWITCH mod_json_cdr", options=OPTIONS, replay=_replay)(_parse)
