"""ISO 20022 account messages: camt.053 (statement), camt.052 (interim report), camt.054 (notice).

All versions from 001.01 on, whatever the namespace says: a message is told by the name of its
container. :func:`read` yields the same events as every other format, in memory that does not grow
with the file; see :mod:`.camt_xml` for what is refused.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from ..model import Event, Problem, Severity, Transaction, Unreadable
from .camt_machine import Adder, BigEntry, Machine
from .camt_xml import RecordReader, Refused, records, skip_blank
from .registry import Format, Options, Stream, register

_CONTAINER = re.compile(rb"<(?:[\w.-]{1,40}:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)")
_NAMESPACE = re.compile(rb"xsd:camt\.05[234]\.")
_DECLARED = re.compile(rb"^<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,40})[\"']")
_DIALECT = re.compile(rb"xsd:(camt\.05[234]\.\d{3}\.\d{2})")
_PREFIX = re.compile(r"<(/?)[\w.-]+:")
_ATTRIBUTE_PREFIX = re.compile(r"\s(?:xmlns(?::[\w.-]+)?|[\w.-]+:[\w.-]+)=(\"[^\"]*\"|'[^']*')")


def sniff(sample: bytes, _name: str = "") -> int:
    """100 = a camt message; 20 = XML, so that this reader can say what is wrong with it."""
    head = sample[: 1 << 16].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not head.startswith(b"<"):
        return 0
    if _CONTAINER.search(head) or _NAMESPACE.search(head):
        return 100
    return 20 if head.startswith((b"<?xml", b"<!DOCTYPE", b"<Document")) else 0


def read(stream: BinaryIO, options: Options) -> Stream:
    """``dialect`` of the stream is the version its namespace names, empty when it names none."""
    start = stream.tell()
    head = stream.read(1 << 12)
    stream.seek(start)
    bare = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    declared, dialect = _DECLARED.search(bare), _DIALECT.search(bare)
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = options.encoding or ("utf-16" if wide else declared.group(1).decode().lower() if declared else "utf-8")
    version = dialect.group(1).decode() if dialect else ""
    return Stream("camt", version, encoding, (), events(stream, options.encoding))


def events(stream: BinaryIO, encoding: str = "") -> Iterator[Event]:
    """Statements and transactions of a seekable stream; what is refused comes as the last problem."""
    start = stream.tell()
    first_line = skip_blank(stream)
    reader = RecordReader(encoding, first_line)

    def look_ahead() -> dict[int, BigEntry]:
        here = stream.tell()
        stream.seek(start)
        try:
            return _big_entries(stream, encoding)
        finally:
            stream.seek(here)

    machine = Machine(lambda: reader.container, look_ahead)
    refused: Problem | None = None
    has_statement = False
    try:
        for event in records(stream, reader):
            has_statement = has_statement or event[1].kind == "statement"
            yield from machine.take(event)
    except Refused as error:
        refused = error.problem
    yield from machine.finish()
    if refused:
        yield refused
    elif not reader.container:
        yield Problem("NOT_CAMT", Severity.ERROR, first_line, "Document")
    elif not has_statement:
        yield Problem("STATEMENT_MISSING", Severity.ERROR, first_line, reader.container)


def _big_entries(stream: BinaryIO, encoding: str) -> dict[int, BigEntry]:
    adder = Adder()
    reader = RecordReader(encoding, skip_blank(stream))
    try:
        for event in records(stream, reader):
            adder.take(event)
    except Refused:
        # the pass that reports comes to the same place
        pass
    return adder.found


def read_entry(raw: str, currency: str, own_account: str = "", line: int = 1) -> list[Transaction | Unreadable]:
    """Read one ``Ntry`` that a person corrected; several rows when it is a batch."""
    bare = _PREFIX.sub(r"<\1", _ATTRIBUTE_PREFIX.sub("", raw.strip()))
    frame = (
        "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>"
        f"{re.sub(r'[^0-9A-Za-z]', '', own_account)}</Id></Othr></Id><Ccy>{currency}</Ccy></Acct>{bare}"
        "</Stmt></BkToCstmrStmt></Document>"
    )
    found = list(events(io.BytesIO(frame.encode()), "utf-8"))
    rows = [event for event in found if isinstance(event, (Transaction, Unreadable))]
    if rows:
        return rows
    refused = [event for event in found if isinstance(event, Problem) and event.field == "XML"]
    problem = refused[-1] if refused else Problem("ENTRY_UNREADABLE", Severity.ERROR, line, "Ntry")
    return [Unreadable(line, 1, problem, raw)]


register(Format("camt", "ISO 20022 camt.052 / 053 / 054", sniff, read))
