"""Records of a camt message, read from XML of any size without trusting it.

:class:`RecordReader` is fed bytes and gives the statements, balances, entries and transaction details
of a message as flat records ``{path: [texts]}``. What XML could be abused for does not exist here:

* a document type (and with it every entity) is refused at its first line, nothing is ever fetched;
* nesting, the length of one tag, the number of different names and of namespaces are limited, because
  the parser keeps them in memory;
* a text longer than :data:`MAX_TEXT` and more than :data:`MAX_VALUES` values of one record are cut,
  which :attr:`Record.cut` tells.

Line numbers count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal
from xml.parsers import expat

from ..model import Kind as StatementKind
from ..model import Problem, Severity

PIECE = 1 << 16
MAX_TAG = 1 << 18
MAX_DEPTH = 60
MAX_NAMES = 3000
MAX_NAMESPACES = 200
MAX_TEXT = 4000
MAX_VALUES = 400
#: characters of the original text kept for one entry or detail
MAX_RAW = 1 << 15

CONTAINERS: dict[str, StatementKind] = {
    "BkToCstmrStmt": "statement",
    "BkToCstmrAcctRpt": "interim",
    "BkToCstmrDbtCdtNtfctn": "notice",
}
_STATEMENTS = frozenset({"Stmt", "Rpt", "Ntfctn"})

Kind = Literal["header", "statement", "balance", "entry", "detail"]


class Refused(Exception):
    """The XML is broken or hostile; ``problem`` says where and why."""

    def __init__(self, code: str, line: int, **params: str):
        super().__init__(code)
        self.problem = Problem(code, Severity.ERROR, line, "XML", params)


class Record:
    """Leaf texts of one statement, balance, entry or detail, by their path below it.

    The attribute ``Ccy`` of an amount stands under the path of the amount with ``@Ccy`` added.
    """

    __slots__ = ("_count", "cut", "depth", "kind", "line", "line_of", "raw", "start", "values")

    def __init__(self, kind: Kind, line: int, depth: int, start: int):
        self.kind = kind
        self.line = line
        self.depth = depth
        self.start = start
        self.values: dict[str, list[str]] = {}
        self.line_of: dict[str, int] = {}
        self.raw = ""
        #: path of the first text that was cut or left out, normally empty
        self.cut = ""
        self._count = 0

    def add(self, path: str, text: str, line: int) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            self.cut = self.cut or path
            return
        self.values.setdefault(path, []).append(text)
        self.line_of.setdefault(path, line)

    def first(self, *paths: str) -> str:
        """The first text that is not empty, of the first path that has one."""
        for path in paths:
            for text in self.values.get(path, ()):
                if text:
                    return text
        return ""

    def all(self, path: str) -> list[str]:
        return self.values.get(path, [])


#: a record begins (its texts are still to come) or is complete
Step = tuple[Literal["start", "end"], Record]


class RecordReader:
    """Feed it the bytes of a message, in order; each call gives the records that began and ended in them."""

    def __init__(self, encoding: str = "", first_line: int = 1):
        self.container = ""
        self._container_depth = 0
        self._lines_before = first_line - 1
        self._events: list[Step] = []
        self._records: list[Record] = []
        self._path: list[str] = []
        self._names: dict[str, str] = {}
        self._attributes: set[str] = set()
        self._namespaces = 0
        self._text: list[str] = []
        self._length = 0
        self._is_cut = False
        self._has_children = False
        self._window = bytearray()
        self._base = 0
        self.codec = encoding or "utf-8"
        parser = self._parser = expat.ParserCreate(encoding or None, " ")
        parser.buffer_text = True
        parser.buffer_size = 1 << 14
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        if not encoding:
            parser.XmlDeclHandler = self._declaration

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber + self._lines_before

    def feed(self, data: bytes, is_last: bool = False) -> list[Step]:
        """:raises Refused: the XML is broken or hostile; events before that are in :meth:`rest`"""
        if not self._window and not self._base and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self.codec = "utf-16-le" if data[:1] == b"\xff" else "utf-16-be"
        self._window += data
        fed = self._base + len(self._window)
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code) or ""
            raise Refused("XML_BROKEN", error.lineno + self._lines_before, reason=reason) from None
        except (ValueError, LookupError) as error:
            raise Refused("XML_BROKEN", self.line, reason=str(error)[:200]) from None
        if fed - self._parser.CurrentByteIndex > MAX_TAG + len(data):
            raise Refused("XML_TAG_TOO_LONG", self.line, limit=str(MAX_TAG))
        self._forget()
        return self.rest()

    def rest(self) -> list[Step]:
        events, self._events = self._events, []
        return events

    # --- handlers

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and not self.codec.startswith("utf-16"):
            self.codec = encoding

    def _doctype(self, *_args: object) -> None:
        raise Refused("XML_DOCTYPE", self.line)

    def _namespace(self, _prefix: str | None, _uri: str) -> None:
        self._namespaces += 1
        if self._namespaces > MAX_NAMESPACES:
            raise Refused("XML_TOO_MANY_NAMES", self.line, limit=str(MAX_NAMESPACES))

    def _local(self, name: str) -> str:
        if len(self._names) + len(self._attributes) >= MAX_NAMES:
            raise Refused("XML_TOO_MANY_NAMES", self.line, limit=str(MAX_NAMES))
        local = self._names[name] = name.rpartition(" ")[2]
        return local

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._names.get(name) or self._local(name)
        path = self._path
        if len(path) >= MAX_DEPTH:
            raise Refused("XML_TOO_DEEP", self.line, limit=str(MAX_DEPTH))
        path.append(local)
        self._text.clear()
        self._length = 0
        self._has_children = self._is_cut = False
        if attributes:
            self._note_attributes(attributes)
        kind = self._kind_of(local)
        if kind:
            record = Record(kind, self.line, len(path), self._parser.CurrentByteIndex)
            self._records.append(record)
            self._events.append(("start", record))

    def _note_attributes(self, attributes: dict[str, str]) -> None:
        for name in attributes:
            if name not in self._attributes:
                if len(self._names) + len(self._attributes) >= MAX_NAMES:
                    raise Refused("XML_TOO_MANY_NAMES", self.line, limit=str(MAX_NAMES))
                self._attributes.add(name)
        currency = attributes.get("Ccy")
        if currency is not None and self._records:
            record = self._records[-1]
            record.add("/".join(self._path[record.depth :]) + "@Ccy", currency.strip()[:10], self.line)

    def _kind_of(self, local: str) -> Kind | None:
        if self._records:
            parent = self._records[-1]
            depth = len(self._path) - parent.depth
            if parent.kind == "statement" and depth == 1:
                return "balance" if local == "Bal" else "entry" if local == "Ntry" else None
            is_detail = parent.kind == "entry" and local == "TxDtls" and depth <= 2
            return "detail" if is_detail else None
        if not self.container:
            # the first version writes BkToCstmrStmtV01
            bare = local[:-3] if local[-3:-2] == "V" and local[-2:].isdigit() else local
            if bare in CONTAINERS:
                self.container, self._container_depth = bare, len(self._path)
        elif len(self._path) == self._container_depth + 1:
            return "statement" if local in _STATEMENTS else "header" if local == "GrpHdr" else None
        return None

    def _characters(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._text.append(text[: MAX_TEXT - self._length])
        self._length += len(text)
        if self._length > MAX_TEXT and text.strip():
            self._is_cut = True

    def _end(self, _name: str) -> None:
        path = self._path
        if self._records:
            record = self._records[-1]
            if len(path) == record.depth:
                self._close(record)
            elif not self._has_children:
                key = "/".join(path[record.depth :])
                if self._is_cut:
                    record.cut = record.cut or key
                record.add(key, "".join(self._text).strip("\r\n\t"), self.line)
        path.pop()
        self._has_children = True

    def _close(self, record: Record) -> None:
        if record.kind in ("entry", "detail") and not record.raw:
            record.raw = self._slice(record.start)
        self._records.pop()
        self._events.append(("end", record))

    # --- the original text

    def _slice(self, start: int) -> str:
        closing = ">".encode(self.codec)
        here = self._parser.CurrentByteIndex - self._base
        end = self._window.find(closing, here)
        data = bytes(self._window[start - self._base : end + len(closing) if end >= 0 else here])
        return self._as_text(data)

    def _as_text(self, data: bytes) -> str:
        cut = "…" if len(data) > MAX_RAW else ""
        return data[:MAX_RAW].decode(self.codec, "replace") + cut

    def _forget(self) -> None:
        """Keep only what may still belong to an open entry or detail."""
        keep = min(self._parser.CurrentByteIndex, self._base + len(self._window))
        for record in self._records:
            if record.kind in ("entry", "detail") and not record.raw:
                if self._base + len(self._window) - record.start > MAX_RAW + PIECE:
                    record.raw = self._as_text(bytes(self._window[record.start - self._base :]))
                else:
                    keep = min(keep, record.start)
        drop = keep - self._base
        if drop > 0:
            del self._window[:drop]
            self._base = keep


def records(stream: BinaryIO, reader: RecordReader) -> Iterator[Step]:
    """Feed the rest of a stream to a reader; blank lines before the declaration are no fault.

    :raises Refused: after all events that came before the fault
    """
    piece = stream.read(PIECE)
    while True:
        following = stream.read(PIECE)
        try:
            events = reader.feed(piece, not following)
        except Refused:
            yield from reader.rest()
            raise
        yield from events
        if not following:
            return
        piece = following


def skip_blank(stream: BinaryIO) -> int:
    """Move a seekable stream past blank lines at its beginning; number of the line it stands on then."""
    start = stream.tell()
    head = stream.read(PIECE)
    blank = len(head) - len(head.lstrip(b" \t\r\n"))
    stream.seek(start + blank)
    return head[:blank].count(b"\n") + 1
