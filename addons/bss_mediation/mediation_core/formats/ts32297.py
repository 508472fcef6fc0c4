"""3GPP TS 32.297 files of charging records in BER, and bare sequences of the same records without a file header.

A row is what becomes one event: a service container of a PGWRecord (see :mod:`.ts32298`), or a whole record that is ignored or
unreadable. ``line_no`` counts rows. The header's own count is of records and is compared with the records.

The file is refused when it is shorter than its header says or ends inside a record (TRUNCATED), when the header makes no sense
(NOT_THIS_FORMAT), when lengths and the real size disagree or the count of records differs (AUDIT_MISMATCH). All bits set in the
file length or in the count mean "not known". A record in another encoding than BER is a problem of its own. An abnormal closure of the
file (reason of 128 or more) and lost records (any lost-CDR indicator) are warnings. The opening stamp has no year and is not used.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ..values import Chunk, Control, FileProblem, SourceProfile, empty_chunk
from . import ber
from .ber import Window
from .binary_rows import Batch, Row, Unreadable, from_hex_raw, malformed
from .registry import Option, option, register
from .replays import merged
from .ts32298 import TYPES, Decoder

_HEADER = struct.Struct(">IIBBIIIIB20sBH")
_LEAST_HEADER, _MOST_HEADER = 52, 131_200
_UNKNOWN = 0xFFFF_FFFF
_BER = 1
_EXTENDED_RELEASE = 7
_ABNORMAL = 128
_LONGEST_RECORD = 1 << 20

OPTIONS = (
    Option("records", "Record types that are billed", default=",".join(TYPES)),
    Option("home_networks", "Own networks (MCC and MNC), not roaming"),
)


def _decoder(profile: SourceProfile) -> Decoder:
    return Decoder.of(profile, option(profile, OPTIONS, "records"), option(profile, OPTIONS, "home_networks"))


def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    """Rows kept as ``hex:<record>``, with ``#<n>`` when the row is the n-th unnumbered container of its rating group."""
    decoder = _decoder(profile)
    chunks = []
    for line_no, raw in enumerate(raws, start=1):
        batch = Batch(line_no)
        text, _, place = raw.partition("#")
        record = from_hex_raw(text)
        if record is None:
            batch.refuse(malformed("no hexadecimal record"), raw.encode("utf-8", "replace"), raw)
        else:
            outcome = _rows(decoder, record)
            if isinstance(outcome, list):
                outcome = [_as_kept(row, raw, place) for row in outcome[:1]]
            for _ in _added(batch, outcome, record, 2, 0, raw):
                pass
        chunks.append(batch.chunk(0))
    return merged(chunks)


def _rows(decoder: Decoder, record: bytes) -> list[Row] | Unreadable:
    """Rows of one record, with its tag and length; none when there is nothing to bill in it."""
    head = ber.header(record, 0, len(record))
    if head is None:
        return malformed("broken record")
    tag, start, length = head
    stop = ber.end_of_contents(record, start, len(record)) if length < 0 else start + length
    if stop is None or stop > len(record):
        return malformed("broken record")
    try:
        return decoder.rows(record, tag, (start, stop)) or []
    except Unreadable as error:
        return error


def _added(
    batch: Batch,
    outcome: list[Row] | Unreadable,
    record: bytes,
    chunk_rows: int,
    done: int,
    raw: str | None = None,
) -> Iterator[Chunk]:
    """Put what became of a record into the batch, and yield the chunks that get full."""
    if isinstance(outcome, Unreadable):
        batch.refuse(outcome, record, raw)
    elif not outcome:
        batch.ignore()
    else:
        for row in outcome:
            if batch.is_full(chunk_rows):
                yield batch.chunk(done)
            batch.add(row)
    if batch.is_full(chunk_rows):
        yield batch.chunk(done)


def _as_kept(row: Row, raw: str, place: str) -> Row:
    """A row read again: as it was kept, and at its place in the record."""
    key = row.dedupe_key
    if place.isdigit() and key.endswith(":o1"):
        key = key[:-1] + place
    return row._replace(dedupe_key=key, raw=raw)


@register("ts32297", "3GPP TS 32.297 (BER)", binary=True, options=OPTIONS, replay=replay)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    window = Window(stream)
    header = _read_header(window)
    if isinstance(header, FileProblem):
        yield empty_chunk(window.done, file_problem=header)
        return
    file_length, records, sequence, warnings = header
    # The header counts records, a chunk counts rows: what it declares is compared here and not handed on as rows.
    control = Control(sequence=sequence, warnings=warnings)
    batch, decoder, counted = Batch(), _decoder(profile), 0
    outcome: list[Row] | Unreadable
    fault = None
    while fault is None and window.fill(1):
        record = _next_record(window)
        if isinstance(record, FileProblem):
            fault = record
            break
        counted += 1
        payload, encoding = record
        if encoding == _BER:
            outcome = _rows(decoder, payload)
        else:
            outcome = malformed("encoding other than BER", str(encoding))
        yield from _added(batch, outcome, payload, chunk_rows, window.done)
    if fault is None:
        fault = _audit(window.done, file_length, counted, records)
    yield batch.chunk(window.done, control, fault)


_Header = tuple[int | None, int | None, int, tuple[FileProblem, ...]]


def _read_header(window: Window) -> _Header | FileProblem:
    """File length and count of records (None: not known), sequence number, warnings; the window stands behind the header."""
    if not window.fill(_LEAST_HEADER):
        return FileProblem("TRUNCATED" if window.fill(1) else "NOT_THIS_FORMAT")
    values = _HEADER.unpack_from(window.data, window.pos)
    file_length, header_length, _high, _low, _opened, _appended, records, sequence = values[:8]
    closure_reason, lost, filter_length = values[8], values[10], values[11]
    if not _LEAST_HEADER <= header_length <= _MOST_HEADER or header_length > file_length:
        return FileProblem("NOT_THIS_FORMAT", {"detail": f"header length {header_length}"})
    if filter_length > header_length - _LEAST_HEADER:
        return FileProblem("NOT_THIS_FORMAT", {"detail": f"header length {header_length}"})
    if window.take(header_length) is None:
        return FileProblem("TRUNCATED")
    return (
        None if file_length == _UNKNOWN else file_length,
        None if records == _UNKNOWN else records,
        sequence,
        tuple(_warnings(closure_reason, lost)),
    )


def _warnings(closure_reason: int, lost: int) -> Iterator[FileProblem]:
    if closure_reason >= _ABNORMAL:
        yield FileProblem("ABNORMAL_CLOSURE", {"reason": closure_reason})
    if lost:
        yield FileProblem("LOST_RECORDS", {"indicator": lost})


def _next_record(window: Window) -> tuple[bytes, int] | FileProblem:
    """Payload and encoding of the record that follows."""
    if not window.fill(5) and not window.fill(4):
        return FileProblem("TRUNCATED")
    data, pos = window.data, window.pos
    length = data[pos] << 8 | data[pos + 1]
    head = 5 if data[pos + 2] >> 5 == _EXTENDED_RELEASE else 4
    if not window.fill(head + length):
        return FileProblem("TRUNCATED")
    data, pos = window.data, window.pos + head
    window.pos = pos + length
    return data[pos : pos + length], data[pos - head + 3] >> 5


def _audit(size: int, file_length: int | None, counted: int, records: int | None) -> FileProblem | None:
    if file_length is not None and size < file_length:
        return FileProblem("TRUNCATED", {"declared": file_length, "counted": size, "field": "bytes"})
    if file_length is not None and size > file_length:
        return FileProblem("AUDIT_MISMATCH", {"declared": file_length, "counted": size, "field": "bytes"})
    if records is not None and counted != records:
        return FileProblem("AUDIT_MISMATCH", {"declared": records, "counted": counted, "field": "records"})
    return None


@register("ts32298", "3GPP TS 32.298 BER records without file header", binary=True, options=OPTIONS, replay=replay)
def parse_bare(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Records one after the other, filler octets (00 or FF) between them skipped; never raises on content."""
    window = Window(stream)
    batch, decoder = Batch(), _decoder(profile)
    while True:
        _skip_filler(window)
        found = window.element(_LONGEST_RECORD)
        if isinstance(found, str):
            fault = None if found == ber.END else FileProblem(_BARE_FAULTS[found])
            yield batch.chunk(window.done, file_problem=fault)
            return
        tag, start, stop = found
        record = ber.element(tag, window.data[start:stop])
        yield from _added(batch, _rows(decoder, record), record, chunk_rows, window.done)


_BARE_FAULTS = {ber.TRUNCATED: "TRUNCATED", ber.MALFORMED: "NOT_THIS_FORMAT", ber.TOO_LARGE: "TOO_LARGE"}


def _skip_filler(window: Window) -> None:
    while window.fill(1):
        octet = window.data[window.pos]
        if octet not in (0x00, 0xFF):
            return
        window.pos += 1
