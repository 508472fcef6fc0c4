"""From the records of a camt message to the events of its statements.

:class:`Machine` holds the open statement and the open entry, nothing else. A batch entry gives one
transaction per detail when the details add up to it, otherwise it stays one transaction with a
problem. Entries of more than :data:`MAX_HELD` details are not kept until their end: a look ahead
(:class:`Adder`) says beforehand whether they add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from ..model import Event, Problem, Severity
from . import camt_entry
from .camt_entry import Bad, Entry
from .camt_statement import ENTRYS, NONE, OWN, OpenStatement
from .camt_xml import CONTAINERS, Record, Step

MAX_HELD = 1000


class Sums:
    """Do the details add up to their entry?"""

    def __init__(self, currency: str):
        self.currency = currency
        self.count = 0
        self.plain = Decimal(0)
        self.signed = Decimal(0)
        self.is_known = True

    def add(self, detail: Record) -> None:
        self.count += 1
        try:
            value = camt_entry.detail_amount(detail, self.currency)
        except Bad:
            value = None
        if value is None:
            self.is_known = False
            return
        self.plain += value
        self.signed += -value if detail.first("CdtDbtInd").strip() == "DBIT" else value

    def mode(self, total: Decimal) -> str:
        if not self.is_known:
            return NONE
        if self.signed == total:
            return OWN
        # many banks leave the mark out, or repeat the original's
        return ENTRYS if self.plain == abs(total) else NONE


class BigEntry(NamedTuple):
    """What the look ahead found out about an entry with many details."""

    record: Record
    sums: Sums


LookAhead = Callable[[], dict[int, BigEntry]]


class Adder:
    """The look ahead: adds up the details of big entries, keeps nothing else."""

    def __init__(self) -> None:
        self.found: dict[int, BigEntry] = {}
        self._number = 0
        self._record: Record | None = None
        self._sums = Sums("")

    def take(self, event: Step) -> None:
        step, record = event
        if record.kind == "entry" and step == "start":
            self._number += 1
            self._record, self._sums = record, Sums("")
        elif record.kind == "detail" and step == "end" and self._record is not None:
            self._sums.currency = self._record.first("Amt@Ccy")
            self._sums.add(record)
        elif record.kind == "entry" and self._sums.count > MAX_HELD:
            record.raw = record.raw[:2000]
            self.found[self._number] = BigEntry(record, self._sums)


class Machine:
    def __init__(self, container: Callable[[], str], look_ahead: LookAhead):
        self._container = container
        self._look_ahead = look_ahead
        self._big: dict[int, BigEntry] | None = None
        self._header: Record | None = None
        self._number = 0
        self._statement: OpenStatement | None = None
        self._details: list[Record] = []
        self._streamed: Entry | None = None
        self._mode = NONE
        self._is_streaming = False

    def take(self, event: Step) -> Iterator[Event]:
        step, record = event
        if record.kind == "detail":
            if step == "end":
                yield from self._detail(record)
        elif record.kind == "entry":
            if step == "start":
                self._number += 1
                self._details = []
                self._is_streaming = False
            else:
                yield from self._entry_ends(record)
        elif record.kind == "balance" and step == "end" and self._statement:
            self._statement.balance(record)
        elif record.kind == "statement":
            if step == "start":
                self._statement = OpenStatement(record, CONTAINERS[self._container()], self._header)
            else:
                yield from self.finish()
        elif record.kind == "header":
            self._header = record

    def finish(self) -> Iterator[Event]:
        """End of the statement, or of a file that breaks off."""
        if self._statement:
            yield from self._statement.head()
            yield from self._statement.foot()
        self._statement = None

    # --- entries

    def _detail(self, record: Record) -> Iterator[Event]:
        if self._is_streaming:
            yield from self._stream([record])
            return
        self._details.append(record)
        if len(self._details) > MAX_HELD:
            if self._big is None:
                self._big = self._look_ahead()
            held, self._details = self._details, []
            self._is_streaming = True
            big = self._big.get(self._number)
            self._streamed, self._mode = None, NONE
            if big:
                yield from self._begin_stream(big)
            yield from self._stream(held)

    def _begin_stream(self, big: BigEntry) -> Iterator[Event]:
        statement = self._statement
        if statement is None:
            return
        entry = yield from statement.open_entry(big.record)
        if entry is None:
            return
        self._mode = big.sums.mode(entry.amount)
        if self._mode:
            self._streamed = entry
        else:
            yield statement.one_line(entry, big.record, [], _no_sum(entry, big.sums))

    def _stream(self, records: list[Record]) -> Iterator[Event]:
        if self._streamed and self._statement:
            for record in records:
                yield self._statement.detail(self._streamed, record, self._mode)

    def _entry_ends(self, record: Record) -> Iterator[Event]:
        statement, details = self._statement, self._details
        self._details = []
        if statement is None or self._is_streaming:
            return
        entry = yield from statement.open_entry(record)
        if entry is None:
            return
        sums = Sums(entry.currency)
        for detail in details:
            sums.add(detail)
        mode = sums.mode(entry.amount)
        if len(details) > 1 and mode:
            for detail in details:
                yield statement.detail(entry, detail, mode)
            return
        problem = None
        if len(details) > 1 or (details and sums.is_known and not mode):
            problem = _no_sum(entry, sums)
        elif not details and record.first("NtryDtls/Btch/NbOfTxs", "Btch/NbOfTxs").strip() not in ("", "0", "1"):
            count = record.first("NtryDtls/Btch/NbOfTxs", "Btch/NbOfTxs").strip()[:20]
            problem = Problem("BATCH_WITHOUT_DETAILS", Severity.INFO, record.line, "NtryDtls", {"count": count})
        yield statement.one_line(entry, record, details, problem)


def _no_sum(entry: Entry, sums: Sums) -> Problem:
    total = str(sums.plain) if sums.is_known else "?"
    params = {"count": str(sums.count), "sum": total, "amount": str(abs(entry.amount))}
    return Problem("DETAILS_SUM", Severity.WARNING, entry.line, "NtryDtls", params)
