"""Reports of mass payments, read by a :class:`~.report_profile.Profile`.

A report whose header or trailer does not agree with its rows is refused whole: the whole file is
added up first (:func:`verify`), then read. A row that cannot be read becomes an
:class:`~bank_core.model.Unreadable`; its amount, where that is legible, still counts in the sum.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from .. import codepage
from ..model import Event, Problem, Severity, StatementFoot, StatementHead, Transaction, Unreadable
from .registry import SAMPLE_BYTES, Format, Options, Stream, register
from .report_profile import SHIPPED, Profile, faults
from .report_rows import Bad, Reader, Row, lines

_SNIFF_ROWS = 20
_MAX_TOLD = 20


@dataclass(frozen=True, slots=True)
class Totals:
    """What the rows of a report add up to; ``problem`` when a header or trailer says otherwise."""

    count: int
    total: Decimal
    unreadable: int
    #: the file holds a header or trailer with a count or a sum, and it agrees
    is_checked: bool
    problem: Problem | None


def code_page(sample: bytes, profile: Profile, encoding: str = "") -> codepage.CodePage:
    chosen = encoding or profile.encoding
    return codepage.CodePage(chosen.lower()) if chosen else codepage.detect(sample)


def rows(stream: BinaryIO, profile: Profile, page: codepage.CodePage) -> Iterator[Row]:
    codec = "utf-8-sig" if page.misread_as or page.encoding in ("utf-8", "utf8") else page.encoding
    # a plain sample says nothing about what follows
    codec = "cp1250" if codec == "ascii" else codec
    return lines(stream, profile, codec, page.fixer())


def verify(found: Iterator[Row], profile: Profile) -> Totals:
    """Add up a report and compare it with what its headers and trailers announce.

    Several reports in one file, each with its own trailer, are compared one by one.
    """
    adder = _Adder(profile)
    problem = None
    for row in found:
        problem = problem or adder.take(row)
    return adder.totals(problem or adder.end())


class _Adder:
    def __init__(self, profile: Profile):
        self._profile = profile
        self._reader = Reader(profile)
        self._announced: tuple[int, int | None, Decimal | None] | None = None
        self.count = self.block_count = self.unreadable = self.last_line = 0
        self.total = self.block_total = Decimal("0.00")
        self._is_checked = False
        self._is_open = self._has_trailer = self._has_header = False

    def take(self, row: Row) -> Problem | None:
        self.last_line = row.line
        header, trailer = self._profile.header, self._profile.trailer
        try:
            cells = self._reader.cells(row)
        except Bad:
            return self._payment(None)
        kind = self._reader.kind(cells)
        try:
            if header and kind == header.record:
                problem = self._close() if self._is_open else None
                self._has_header = True
                self._announced = (row.line, *self._reader.announced(cells, header))
                return problem
            if trailer and kind == trailer.record:
                self._has_trailer = True
                count, total = self._reader.announced(cells, trailer)
                return self._compare(row.line, count, total) or self._close()
        except Bad as bad:
            return bad.problem(row.line)
        return self._payment(cells) if self._reader.is_payment(kind) else None

    def _payment(self, cells: list[str] | None) -> Problem | None:
        self.count += 1
        self.block_count += 1
        self._is_open = True
        try:
            if cells is None:
                raise Bad("ROW_QUOTES", "")
            value = self._reader.amount(cells)
        except Bad:
            self.unreadable += 1
            return None
        self.total += value
        self.block_total += value
        return None

    def _close(self) -> Problem | None:
        problem = self._compare(*self._announced) if self._announced else None
        self._announced = None
        self.block_count, self.block_total, self._is_open = 0, Decimal("0.00"), False
        return problem

    def _compare(self, line: int, count: int | None, total: Decimal | None) -> Problem | None:
        self._is_checked = self._is_checked or count is not None or total is not None
        if count not in (None, self.block_count):
            params = {"expected": str(count), "value": str(self.block_count)}
            return Problem("REPORT_COUNT", Severity.ERROR, line, "count", params)
        if total not in (None, self.block_total):
            params = {"expected": str(total), "value": str(self.block_total), "unreadable": str(self.unreadable)}
            return Problem("REPORT_SUM", Severity.ERROR, line, "total", params)
        return None

    def end(self) -> Problem | None:
        trailer, header = self._profile.trailer, self._profile.header
        if trailer and trailer.is_required and (self._is_open or not self._has_trailer):
            params = {"record": trailer.record}
            return Problem("REPORT_TRAILER_MISSING", Severity.ERROR, self.last_line, "record", params)
        if header and header.is_required and not self._has_header:
            params = {"record": header.record}
            return Problem("REPORT_HEADER_MISSING", Severity.ERROR, 1, "record", params)
        return self._close()

    def totals(self, problem: Problem | None) -> Totals:
        return Totals(self.count, self.total, self.unreadable, self._is_checked and not problem, problem)


def events(stream: BinaryIO, profile: Profile, page: codepage.CodePage, options: Options) -> Iterator[Event]:
    start = stream.tell()
    if profile.checks:
        found = verify(rows(stream, profile, page), profile)
        if found.problem:
            yield found.problem
            return
        stream.seek(start)
    yield StatementHead(1, "", options.own_account, "", "", None, options.currency, kind="report")
    position = line = 0
    for event in payments(rows(stream, profile, page), profile):
        line = event.line
        position += not isinstance(event, Problem)
        yield event
    if not position:
        yield Problem("REPORT_EMPTY", Severity.WARNING, line)
    yield StatementFoot(max(line, 1), None, None, "")


def payments(found: Iterator[Row], profile: Profile) -> Iterator[Transaction | Unreadable | Problem]:
    """Payments of the rows; rows of a type that the profile does not know are told, the first ones."""
    reader = Reader(profile)
    known = {*profile.ignored, *(check.record for check in profile.checks)}
    position = told = 0
    for row in found:
        try:
            cells = reader.cells(row)
        except Bad as bad:
            position += 1
            yield Unreadable(row.line, position, bad.problem(row.line), row.text[:4000])
            continue
        kind = reader.kind(cells)
        if reader.is_payment(kind):
            position += 1
            yield reader.transaction(row, cells, position)
        elif kind not in known and told < _MAX_TOLD:
            told += 1
            yield Problem("ROW_OTHER", Severity.WARNING, row.line, "record", {"value": kind[:20]})


def read_row(raw: str, profile: Profile, line: int = 1, position: int = 1) -> Transaction | Unreadable:
    """Read one row that a person corrected."""
    wrong = faults(profile)
    if wrong:
        return Unreadable(line, position, wrong[0], raw)
    reader = Reader(profile)
    try:
        return reader.transaction(Row(line, raw, False), reader.cells(Row(line, raw, False)), position)
    except Bad as bad:
        return Unreadable(line, position, bad.problem(line), raw)


def score(sample: bytes, profile: Profile) -> int:
    """0..100: how many of the first rows are payments that can be read without any complaint."""
    page = code_page(sample, profile)
    head = list(itertools.islice(rows(io.BytesIO(sample), profile, page), _SNIFF_ROWS + 1))
    # the last row of a sample may be cut
    head = head[:_SNIFF_ROWS] if len(head) > _SNIFF_ROWS else head
    told = list(payments(iter(head), profile))
    good = sum(isinstance(event, Transaction) and not event.problems and bool(event.payer_key) for event in told)
    return 100 * good // len(told) if told else 0


def guess(sample: bytes) -> Profile | None:
    """The shipped profile that reads a file best; None when none reads most of it."""
    best, points = None, 60
    for profile in SHIPPED.values():
        reached = score(sample[: 1 << 15], profile) if profile.is_verified else 0
        if reached > points:
            best, points = profile, reached
    return best


def sniff(sample: bytes, _name: str = "") -> int:
    return 60 if b"\x00" not in sample[:4096] and guess(sample) else 0


def read(stream: BinaryIO, options: Options) -> Stream:
    """``dialect`` of the stream is the code of the profile that was used."""
    start = stream.tell()
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(start)
    profile = options.profile or SHIPPED.get(options.dialect) or guess(sample)
    if profile is None:
        return Stream("report", "", "", (Problem("PROFILE_UNKNOWN", Severity.ERROR),), iter(()))
    wrong = tuple(faults(profile))
    if wrong:
        return Stream("report", profile.code, "", wrong, iter(()))
    page = code_page(sample, profile, options.encoding)
    return Stream("report", profile.code, page.encoding, (), events(stream, profile, page, options))


register(Format("report", "Report of mass payments", sniff, read))
