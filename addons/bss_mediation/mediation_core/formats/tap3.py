"""TAP 3.12 (GSMA TD.57): roaming usage exchanged between operators, with the charges of the visited network.

Written from field numbers and meanings only; the specification text is not part of this repository.

- A row is one call event. Own customers abroad are the charged side: of a call that they received the caller is ``a_number`` and
  the customer is ``b_number`` and ``charged_number``. ``network`` is the serving network, else the sender of the file.
- Stamps are local with a code into the file's table of offsets, so they are never ambiguous.
- Cost: the sum of the charges of type 00 of all charge informations, plus the CAMEL invocation fee, minus refunds, in the TAP currency
  (SDR is written XDR). By option in the local currency of the sender: then by the event's exchange rate, read as units of local
  currency per unit of TAP currency (option ``exchange_rate``; the direction is not certain from public sources).
- Volumes: incoming is taken as down, outgoing as up; their sum is what is billed.
- Messaging events are SMS by option; mobile sessions are voice, outgoing when a destination was requested.
- Identity: hash of party, start, other side, references, volumes, cost; events without a reference that repeat within a file are
  counted (second, third ...). The file's sequence number is not part of it: the same event in two files is a duplicate.
- Audit: count of events, total charge (with or without CAMEL fees, which senders handle differently), total refund, earliest
  and latest start (option ``check_times``). What events that cannot be read would have added is not guessed: then only the
  count is compared. A difference refuses the file.
- A notification is an empty file that takes a sequence number. A test file (file type indicator) is refused.

``raw`` of a row: ``hex:<event>``, a blank, and what the event needs of the head of its file.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ..values import Chunk, Control, FileProblem, NameParts, SourceProfile, empty_chunk
from . import ber
from . import tap3_tags as tag
from .ber import Item, Span, Window, blocks
from .binary_rows import Batch, Row, Unreadable, from_hex_raw, hex_raw, instant, malformed
from .registry import option, register
from .replays import merged
from .tap3_context import OPTIONS, Context, amount, group, number, offset_stamp, text
from .tap3_events import Reader

_LARGEST_HEAD = 8 << 20
_LARGEST_EVENT = 1 << 18
_SPECIFICATION, _FIRST_RELEASE = 3, 10
_REMEMBERED = 50_000
_FILLER = b"\x00\xff\r\n"
_FAULTS = {
    ber.TRUNCATED: "TRUNCATED",
    ber.MALFORMED: "NOT_THIS_FORMAT",
    ber.TOO_LARGE: "TOO_LARGE",
    ber.END: "TRUNCATED",
}
_NAME = re.compile(r"(CD|TD)([A-Z0-9]{5})([A-Z0-9]{5})([0-9]{5})(?![0-9])")


class _Refused(Exception):
    """The file cannot be taken; never leaves this module."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def name_parts(file_name: str) -> NameParts | None:
    """Sender, recipient and sequence number out of a file name such as CDXXXTAXXXTB00042; TD is test data."""
    found = _NAME.match(file_name.rsplit("/", 1)[-1].upper())
    return NameParts(found[2], found[3], int(found[4]), found[1] == "TD") if found else None


def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    """Rows kept in suspense, each with its own part of the head."""
    chunks = []
    for line_no, raw in enumerate(raws, start=1):
        batch = Batch(line_no)
        text_part, _, note = raw.partition(" ")
        content, (note, ordinal) = from_hex_raw(text_part), _split_ordinal(note)
        reader = Reader.of(profile)
        if content is None or not reader.context.recall(note):
            batch.refuse(malformed("no hexadecimal event with its head"), raw.encode("utf-8", "replace"), raw)
        else:
            _replay_event(batch, reader, content, raw, ordinal)
        chunks.append(batch.chunk(0))
    return merged(chunks)


def _split_ordinal(note: str) -> tuple[str, int]:
    head, _, last = note.rpartition(";#")
    return (head, int(last)) if head and last.isascii() and last.isdigit() and len(last) < 10 else (note, 1)


def _replay_event(batch: Batch, reader: Reader, content: bytes, raw: str, ordinal: int) -> None:
    window = ber.items(content, 0, len(content))
    try:
        if not window or len(window) != 1:
            raise malformed("broken event")
        name, start, stop = window[0]
        row = reader.row(name, content[start:stop], content)
    except Unreadable as error:
        batch.refuse(error, content, raw)
        return
    key = row.dedupe_key if ordinal == 1 else f"{row.dedupe_key}#{ordinal}"
    batch.add(row._replace(dedupe_key=key, raw=raw))


@dataclass
class _File:
    """One file while it is read."""

    window: Window
    reader: Reader
    check_times: bool
    batch: Batch = field(default_factory=Batch)
    control: Control = field(default_factory=Control)
    seen: dict[str, int] = field(default_factory=dict)
    events: int = 0
    audited: bool = False

    @property
    def context(self) -> Context:
        return self.reader.context

    def head(self, name: int, data: bytes, span: Span) -> None:
        """Take one group of the file that is not its events."""
        try:
            if name == tag.CONTROL:
                self.read_control(data, span)
            elif name == tag.ACCOUNTING:
                self.context.read_accounting(data, *span)
            elif name == tag.NETWORK:
                self.context.read_network(data, *span)
            elif name == tag.AUDIT:
                self.audited = True
                self.audit(data, span)
        except Unreadable as error:
            raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": str(error.params.get("detail", error.name))}))

    def read_control(self, data: bytes, span: Span, *, notification: bool = False) -> None:
        found = group(data, span)
        self.context.sender = text(data, found.get(tag.SENDER), 8)
        sequence = text(data, found.get(tag.FILE_SEQUENCE), 5)
        version, release = number(data, found, tag.VERSION), number(data, found, tag.RELEASE)
        if version != _SPECIFICATION or release is None or release < _FIRST_RELEASE:
            raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": f"version {version}.{release}"}))
        if tag.FILE_TYPE in found:
            raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": "test file"}))
        if not (sequence.isascii() and sequence.isdigit()):
            raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": "fileSequenceNumber"}))
        created = offset_stamp(data, found.get(tag.CREATED))
        self.control = Control(
            sequence=int(sequence),
            created_at=None if created is None else instant(created),
            sender=self.context.sender,
            recipient=text(data, found.get(tag.RECIPIENT), 8),
            is_notification=notification,
        )

    def event(self, item: Item) -> None:
        name, start, stop = item
        contents = self.window.data[start:stop]
        self.events += 1
        whole = ber.element(name, contents)
        try:
            row = self.reader.row(name, contents, whole)
        except Unreadable as error:
            note = self.context.note(None, None, None)
            self.batch.refuse(error, whole, f"{hex_raw(whole)} {note}")
            return
        self.batch.add(self.counted(row))

    def counted(self, row: Row) -> Row:
        """Events without a reference that repeat are events of their own."""
        if row.session_key is not None:
            return row
        if len(self.seen) > _REMEMBERED:
            self.seen.clear()
        ordinal = self.seen[row.dedupe_key] = self.seen.get(row.dedupe_key, 0) + 1
        if ordinal == 1:
            return row
        return row._replace(dedupe_key=f"{row.dedupe_key}#{ordinal}", raw=f"{row.raw};#{ordinal}")

    def audit(self, data: bytes, span: Span) -> None:
        """:raises _Refused: the tail declares other sums than those of the events."""
        found, reader = group(data, span), self.reader
        count, total = number(data, found, tag.EVENT_COUNT), amount(data, found, tag.TOTAL_CHARGE)
        self.control = dataclasses.replace(self.control, rows=count, currency=self.context.tap_currency or None)
        if total is not None:
            micro, currency = self.context.in_tap_currency(total)
            self.control = dataclasses.replace(self.control, amount_micro=micro, currency=currency)
        _compare("events", count, (self.events,))
        if reader.charges_known:
            _compare("totalCharge", total, (reader.total, reader.total + reader.camel))
            _compare("totalChargeRefund", amount(data, found, tag.TOTAL_REFUND), (reader.refund,))
        if self.check_times and reader.times_known and self.events:
            _compare("earliest", _shown(offset_stamp(data, found.get(tag.EARLIEST))), (_shown(reader.earliest),))
            _compare("latest", _shown(offset_stamp(data, found.get(tag.LATEST))), (_shown(reader.latest),))


def _shown(micros: int | None) -> str | None:
    """An instant as people read it, in UTC."""
    return None if micros is None else f"{instant(micros)} UTC"


def _compare(what: str, declared: int | str | None, counted: tuple[int | str | None, ...]) -> None:
    if declared is not None and declared not in counted:
        raise _Refused(FileProblem("AUDIT_MISMATCH", {"field": what, "declared": declared, "counted": counted[0] or 0}))


@register("tap3", "TAP 3.12 (GSMA TD.57)", binary=True, options=OPTIONS, replay=replay, name_parts=name_parts)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` events; never raises on content."""
    window = Window(stream)
    opened = window.open()
    if isinstance(opened, str) or opened[0] not in (tag.BATCH, tag.NOTIFICATION):
        yield empty_chunk(window.done, file_problem=FileProblem("NOT_THIS_FORMAT"))
        return
    file = _File(window, Reader.of(profile), option(profile, OPTIONS, "check_times") == "1")
    try:
        if opened[0] == tag.NOTIFICATION:
            _notification(file, opened[1])
        else:
            yield from _batch(file, opened[1], chunk_rows)
        _nothing_behind(window)
    except _Refused as refused:
        yield file.batch.chunk(window.done, file.control, refused.problem)
        return
    yield file.batch.chunk(window.done, file.control)


def _notification(file: _File, length: int) -> None:
    contents = bytearray()
    for item in blocks(file.window, length, _LARGEST_HEAD):
        name, start, stop = _item(item)
        contents += ber.element(name, file.window.data[start:stop])
    try:
        file.read_control(bytes(contents), (0, len(contents)), notification=True)
    except Unreadable as error:
        raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": str(error.params.get("detail", error.name))}))


def _batch(file: _File, length: int, chunk_rows: int) -> Iterator[Chunk]:
    window = file.window
    stop = window.done + length
    if window.peek() != tag.CONTROL:
        raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": "batchControlInfo"}))
    while not _at_end(window, length, stop):
        if window.peek() == tag.EVENTS:
            opened = window.open()
            if isinstance(opened, str):
                raise _Refused(FileProblem(_FAULTS[opened]))
            for item in blocks(window, opened[1], _LARGEST_EVENT):
                file.event(_item(item))
                if file.batch.is_full(chunk_rows):
                    yield file.batch.chunk(window.done)
        else:
            name, start, last = _item(window.element(_LARGEST_HEAD))
            file.head(name, window.data, (start, last))
    if length >= 0 and window.done != stop:
        raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": "length"}))
    if file.control.sequence is None or not file.audited:
        raise _Refused(FileProblem("TRUNCATED", {"detail": "auditControlInfo"}))


def _at_end(window: Window, length: int, stop: int) -> bool:
    if length >= 0:
        return window.done >= stop
    if window.fill(2) and window.data[window.pos] == 0 and window.data[window.pos + 1] == 0:
        window.pos += 2
        return True
    return False


def _item(found: Item | str) -> Item:
    if isinstance(found, str):
        raise _Refused(FileProblem(_FAULTS[found]))
    return found


def _nothing_behind(window: Window) -> None:
    while window.fill(1):
        rest = window.data[window.pos :]
        if rest.strip(_FILLER):
            raise _Refused(FileProblem("AUDIT_MISMATCH", {"field": "bytes", "declared": 0, "counted": len(rest)}))
        window.pos += len(rest)
