"""Records out of an XML stream: no entities, no network, bounded memory.

A record is an element with a given path from the root; its texts and attributes come as a flat dictionary of paths below it
(``basicModule/userNumber``, ``price/@currency``), the first of several equal paths. A DOCTYPE may stand there, but a declaration of an entity
refuses the file: that is how an XML file is made to blow up or to read other files. Damaged XML cannot be read on behind the damage,
so it refuses the whole file; what came before it was delivered already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from ..values import FileProblem

BLOCK = 1 << 16
MAX_TEXT = 65_536
MAX_DEPTH = 60
MAX_FIELDS = 5_000
MAX_ELEMENTS = 100_000
# Bytes of one tag that are held until its end is seen.
MAX_TOKEN = 4 << 20


@dataclass(frozen=True, slots=True)
class XmlRow:
    """A record with the number of its first line; the problem of the file instead, as the last row.

    Numbers ascend: a second record on a line gets the number of the next line, and so on.
    """

    number: int
    values: dict[str, str]
    done: int
    problem: FileProblem | None = None


class _Refused(Exception):
    """Carries the problem of the file out of a callback."""


def read_records(stream: BinaryIO, record: str, encoding: str = "auto") -> Iterator[XmlRow]:
    """All records of a stream in order; never raises on content.

    :param record: path from the root without a leading slash, e.g. ``broadWorksCDR/cdrData``.
    """
    reader = _Reader(record, None if encoding == "auto" else encoding)
    fed = 0
    while True:
        block = stream.read(BLOCK)
        fed += len(block)
        try:
            reader.parser.Parse(block, not block)
            if fed - max(reader.parser.CurrentByteIndex, 0) > MAX_TOKEN:
                raise _Refused(FileProblem("TOO_LARGE", {"detail": "a tag without end"}, reader.line))
        except (expat.ExpatError, ValueError, LookupError, _Refused) as reason:
            yield from reader.rows(fed)
            if fed:
                yield XmlRow(reader.line, {}, fed, _problem(reason, reader, not block))
            return
        yield from reader.rows(fed)
        if not block:
            return


def _problem(reason: Exception, reader: _Reader, at_end: bool) -> FileProblem:
    if isinstance(reason, _Refused):
        problem = reason.args[0]
        assert isinstance(problem, FileProblem)
        return problem
    if at_end and reader.path:
        return FileProblem("TRUNCATED", {}, reader.line)
    return FileProblem("NOT_THIS_FORMAT", {"detail": str(reason)[:80]}, reader.line)


class _Reader:
    """Collects the values of records from the callbacks of expat."""

    def __init__(self, record: str, encoding: str | None) -> None:
        self.record = record.strip("/").split("/")
        self.path: list[str] = []
        self.texts: list[str] = []
        self.size = 0
        self.values: dict[str, str] | None = None
        self.start = self.last = self.elements = 0
        self.ready: list[tuple[int, dict[str, str]]] = []
        self.parser = parser = expat.ParserCreate(encoding)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True  # one call for a text, not one for each of its lines

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber

    def rows(self, done: int) -> Iterator[XmlRow]:
        ready, self.ready = self.ready, []
        for number, values in ready:
            yield XmlRow(number, values, done)

    def _entity(self, *_declaration: object) -> None:
        raise _Refused(FileProblem("NOT_THIS_FORMAT", {"detail": "declares entities"}, self.line))

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name.rpartition(":")[2] if ":" in name else name)
        if len(self.path) > MAX_DEPTH:
            raise _Refused(FileProblem("TOO_LARGE", {"detail": "elements nested too deep"}, self.line))
        if self.values is None and self.path == self.record:
            self.values, self.start, self.elements = {}, self.line, 0
        if self.values is not None:
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                raise _Refused(FileProblem("TOO_LARGE", {"detail": "a record without end"}, self.start))
            for attribute, text in attributes.items():
                self._keep(f"@{attribute}", text)
        if self.texts:
            self.texts, self.size = [], 0

    def _text(self, text: str) -> None:
        if self.values is not None and self.size < MAX_TEXT:
            self.texts.append(text)
            self.size += len(text)

    def _end(self, _name: str) -> None:
        if self.values is not None:
            if self.texts and (text := "".join(self.texts).strip()):
                self._keep("", text)
            if len(self.path) == len(self.record):
                self.last = max(self.last + 1, self.start)
                self.ready.append((self.last, self.values))
                self.values = None
        if self.texts:
            self.texts, self.size = [], 0
        self.path.pop()

    def _keep(self, leaf: str, text: str) -> None:
        assert self.values is not None
        if len(self.values) < MAX_FIELDS:
            inner = self.path[len(self.record) :]
            if leaf:
                inner.append(leaf)
            # expat refuses NUL
            self.values.setdefault("/".join(inner), text[:MAX_TEXT])


def written(record: str, values: dict[str, str]) -> str:
    """A document on one line with one record that reads back as ``values``; paths must be names of elements."""
    tree: dict[str, Any] = {}
    for path, text in values.items():
        node = tree
        for name in filter(None, path.split("/")):
            node = node.setdefault(name, {})
        node[""] = " ".join(text.split("\n"))
    outer = record.strip("/").split("/")
    head = "".join(f"<{name}>" for name in outer[:-1])
    tail = "".join(f"</{name}>" for name in reversed(outer[:-1]))
    return head + _element(outer[-1], tree) + tail


def _element(name: str, node: dict[str, Any]) -> str:
    attributes = "".join(
        f" {inner[1:]}={quoteattr(part.get('', ''))}" for inner, part in node.items() if inner.startswith("@")
    )
    content = escape(node.get("", "")) + "".join(
        _element(inner, part) for inner, part in node.items() if inner and not inner.startswith("@")
    )
    return f"<{name}{attributes}>{content}</{name}>"
