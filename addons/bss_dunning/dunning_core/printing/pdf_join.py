"""Letters joined into one PDF as they come: each is written out at once and forgotten, whatever the file will hold.

General PDF libraries keep all documents in memory until the end and copy every font and logo of each of them. The letters
come from one engine: a table of cross references, no encryption, no compressed objects. What is otherwise is a fault that
the caller cures (by writing that document anew); nothing of it is written then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
SECTION = re.compile(rb"\s*(\d+) (\d+)\s*?\r?\n")
OBJECT = re.compile(rb"\s*(\d+)\s+\d+\s+obj\s*(.*?)\s*endobj\s*$", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n")
# strings are passed over: what looks like a reference inside them is text; brackets in pairs need no escape in them
TEXT = rb"\((?:[^()\\]|\\.)*\)"
for _depth in range(3):
    TEXT = rb"\((?:[^()\\]|\\.|%s)*\)" % TEXT
TOKEN = re.compile(TEXT + rb"|<<|<[0-9A-Fa-f\s]*>|(?<![\d.])(\d+)\s+(\d+)\s+R(?![A-Za-z0-9])", re.DOTALL)
KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
PARENT = re.compile(rb"/Parent\s+\d+\s+\d+\s+R")
STRUCTURE = re.compile(rb"/StructParents\s+\d+")
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
# what pages inherit without needing it: how they lie and what of them is seen
INHERITED = re.compile(rb"/(?:Rotate|CropBox)(?![A-Za-z])")
ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])")
ENTRY_SIZE = 20
PAGES, CATALOG, FIRST_FREE = 1, 2, 3


@dataclass(frozen=True)
class JoinFault:
    """``code``: NO_TABLE, ENCRYPTED, BROKEN, NO_PAGES, INHERITED, CYCLE."""

    code: str


class _Fault(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PdfJoin:
    """Writes documents one after the other into a file that is only written to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._free = FIRST_FREE
        self._pages: list[int] = []
        self._known: dict[bytes, int] = {}
        self._write(b"%PDF-1.7\n%\x80\x80\x80\x80\n")

    def add(self, content: bytes) -> int | JoinFault:
        """Append the pages of a document. :return: how many they are"""
        try:
            document = _Document(content)
            pages = document.pages()
            order = document.order(pages)
        except _Fault as fault:
            return JoinFault(fault.code)
        numbers = dict(zip(pages, self._take(len(pages)), strict=True))
        for number in order:
            self._put(document, number, numbers)
        for page in pages:
            head = _renumbered(PARENT.sub(b"", STRUCTURE.sub(b"", document.head(page))), numbers)
            self._object(numbers[page], head.removesuffix(b">>") + b"/Parent %d 0 R>>" % PAGES)
        self._pages += [numbers[page] for page in pages]
        return len(pages)

    def finish(self) -> int:
        """Write what makes a file of it. :return: pages of all documents"""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._object(PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self._pages), kids))
        self._object(CATALOG, b"<</Type/Catalog/Pages %d 0 R>>" % PAGES)
        start = self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f\r\n" % self._free)
        for number in range(1, self._free):
            self._write(b"%010d 00000 n\r\n" % self._offsets[number])
        self._write(b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (self._free, CATALOG, start))
        return len(self._pages)

    def _put(self, document: _Document, number: int, numbers: dict[int, int]) -> None:
        """Write an object, unless one with the same bytes is written: letters share their logo and many fonts."""
        body = _renumbered(document.head(number), numbers) + document.stream(number)
        key = hashlib.sha256(body).digest()
        if key not in self._known:
            (self._known[key],) = self._take(1)
            self._object(self._known[key], body)
        numbers[number] = self._known[key]

    def _take(self, count: int) -> range:
        self._free += count
        return range(self._free - count, self._free)

    def _object(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


class _Document:
    """Objects of one document, cut out by its table of cross references."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        found = START.search(content[-64:])
        if not found or not content.startswith(b"xref", int(found[1])):
            raise _Fault("NO_TABLE")
        self._table = int(found[1])
        # behind this table: a file made for the web has its other table, without what stands here, at its end
        _table, _word, trailer = content[self._table :].partition(b"trailer")
        if b"/Encrypt" in trailer:
            raise _Fault("ENCRYPTED")
        root = re.search(rb"/Root\s+(\d+)\s+\d+\s+R", trailer)
        if not root or b"/Prev" in trailer:
            raise _Fault("NO_TABLE")
        self._root = int(root[1])
        offsets = dict(self._entries())
        ends = sorted({*offsets.values(), self._table})
        after = dict(zip(ends, ends[1:], strict=False))
        self._spans = {number: (offset, after.get(offset, self._table)) for number, offset in offsets.items()}
        self._parts: dict[int, tuple[bytes, bytes]] = {}

    def _entries(self) -> Iterator[tuple[int, int]]:
        """(number, offset) of the objects in use."""
        at = self._table + len(b"xref")
        while section := SECTION.match(self._content, at):
            first, count, at = int(section[1]), int(section[2]), section.end()
            for number in range(first, first + count):
                entry = ENTRY.match(self._content, at)
                if not entry:
                    raise _Fault("BROKEN")
                at += ENTRY_SIZE
                if entry[2] == b"n":
                    yield number, int(entry[1])

    def head(self, number: int) -> bytes:
        """Everything of an object but the bytes of its stream."""
        return self._part(number)[0]

    def stream(self, number: int) -> bytes:
        return self._part(number)[1]

    def _part(self, number: int) -> tuple[bytes, bytes]:
        if number not in self._parts:
            found = OBJECT.match(self._content[slice(*self._spans.get(number, (0, 0)))])
            if not found or int(found[1]) != number:
                raise _Fault("BROKEN")
            body = found[2]
            cut = STREAM.search(body) if body.endswith(b"endstream") else None
            self._parts[number] = (body[: cut.start()], body[cut.start() :]) if cut else (body, b"")
        return self._parts[number]

    def pages(self) -> list[int]:
        """Numbers of the pages in their order."""
        tree = re.search(rb"/Pages\s+(\d+)\s+\d+\s+R", self.head(self._root))
        pages = list(self._leaves(int(tree[1]), set())) if tree else []
        if not pages:
            raise _Fault("NO_PAGES")
        for page in pages:
            head = self.head(page)
            if b"/Resources" not in head or b"/MediaBox" not in head or not head.endswith(b">>"):
                raise _Fault("INHERITED")
        return pages

    def _leaves(self, number: int, seen: set[int]) -> Iterator[int]:
        if number in seen:
            raise _Fault("CYCLE")
        seen.add(number)
        head = self.head(number)
        kids = KIDS.search(head)
        if not kids:
            if not PAGE.search(head):
                raise _Fault("NO_PAGES")
            yield number
            return
        if INHERITED.search(head):
            raise _Fault("INHERITED")
        for kid in _references(kids[1]):
            yield from self._leaves(kid, seen)

    def order(self, pages: list[int]) -> list[int]:
        """What the pages need, each object after those that it refers to; without the structure of the document."""
        done: dict[int, bool] = dict.fromkeys(pages, True)
        order: list[int] = []
        for page in pages:
            stack = [iter(list(_references(PARENT.sub(b"", self.head(page)))))]
            path: list[int] = []
            while stack:
                number = next(stack[-1], None)
                if number is None:
                    stack.pop()
                    if path:
                        done[path[-1]] = True
                        order.append(path.pop())
                elif number not in done:
                    done[number] = False
                    path.append(number)
                    stack.append(iter(list(_references(self.head(number)))))
                elif not done[number]:
                    raise _Fault("CYCLE")
        return order


def _references(head: bytes) -> Iterator[int]:
    return (int(token[1]) for token in TOKEN.finditer(head) if token[1])


def _renumbered(head: bytes, numbers: dict[int, int]) -> bytes:
    return TOKEN.sub(lambda token: b"%d 0 R" % numbers[int(token[1])] if token[1] else token[0], head)
