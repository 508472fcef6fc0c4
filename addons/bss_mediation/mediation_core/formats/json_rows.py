"""JSON objects out of a stream: one object, lines of objects, objects one after the other, or an array of them.

Objects may be written over many lines. A broken object spoils itself only: reading goes on at the next line that begins an object
at the same or a smaller indentation. What stands outside of objects (other than commas and the brackets of an array) is a
broken row of its own. Objects over 1 MB are broken.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from .text_rows import KEPT_OF_LONG_LINE, TOO_LONG, read_lines

MAX_OBJECT = 1 << 20
# Lines are read in pieces that stay small however long the lines are.
LINES_AT_ONCE = 2_000
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}"]')
_BETWEEN = re.compile(r"[\s,\[\]]*")


# First line, text, reason why it is broken or nothing, value when it was read on the way.
_Found = tuple[int, str, str, "dict[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class JsonRow:
    """An object with the number of its first line, or the reason why there is none.

    Numbers ascend: a second object on a line gets the number of the next line, and so on.
    """

    number: int
    text: str
    value: dict[str, Any] | None
    error: str
    done: int


def read_objects(stream: BinaryIO, encoding: str) -> Iterator[JsonRow]:
    """All objects of a stream in order; never raises on content."""
    last = 0
    for found, done in _found(stream, encoding):
        row = _row(*found, done)
        last = max(last + 1, row.number)
        yield row if row.number == last else dataclasses.replace(row, number=last)


def _found(stream: BinaryIO, encoding: str) -> Iterator[tuple[_Found, int]]:
    scanner = _Scanner()
    done = 0
    for lines in read_lines(stream, LINES_AT_ONCE, encoding, MAX_OBJECT):
        done = lines.done
        for place, (number, text) in enumerate(zip(lines.numbers, lines.texts, strict=True)):
            error = lines.broken.get(place)
            for found in scanner.give_up(error, text, number) if error else scanner.feed(text, number):
                yield found, done
    for found in scanner.end():
        yield found, done


def _row(number: int, text: str, error: str, value: dict[str, Any] | None, done: int) -> JsonRow:
    if not error and value is None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as reason:
            error = str(reason)[:80]
    if error:
        return JsonRow(number, text[:KEPT_OF_LONG_LINE], None, error, done)
    return JsonRow(number, text, value, "", done)


class _Scanner:
    """Finds where objects begin and end, without looking into them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.depth = 0
        self.start = 0
        self.indent = 0
        self.lost = False

    def feed(self, text: str, number: int) -> Iterator[_Found]:
        head = text.lstrip(" \t,[")
        indent = len(text) - len(head)
        if head.startswith("{"):
            if self.depth and indent <= self.indent:
                yield self._broken("object without end")
            elif self.lost and indent <= self.indent:
                self.lost = False
        if self.lost:
            return
        whole = None if self.depth else _whole(text)
        if whole is not None:
            yield number, text, "", whole
            return
        yield from self._tokens(text, number, indent)

    def _tokens(self, text: str, number: int, indent: int) -> Iterator[_Found]:
        begin = 0
        for token in _TOKEN.finditer(text):
            sign = token.group()
            if sign == "{":
                if not self.depth:
                    yield from self._outside(text[begin : token.start()], number)
                    begin, self.start, self.indent = token.start(), number, indent
                self.depth += 1
            elif sign == "}" and self.depth:
                self.depth -= 1
                if not self.depth:
                    self.parts.append(text[begin : token.end()])
                    yield self.start, "\n".join(self.parts), "", None
                    self._clear()
                    begin = token.end()
            elif sign == '"' and self.depth:
                self.parts.append(text[begin:])
                yield self._broken("text without end")
                self.lost = True
                return
        if self.depth:
            self.parts.append(text[begin:])
            self.size += len(text)
            if self.size > MAX_OBJECT:
                yield self._broken(TOO_LONG)
                self.lost = True
        else:
            yield from self._outside(text[begin:], number)

    def _outside(self, text: str, number: int) -> Iterator[_Found]:
        if text and not _BETWEEN.fullmatch(text):
            yield number, text, "no object", None

    def give_up(self, error: str, text: str, number: int) -> Iterator[_Found]:
        if self.depth:
            yield self._broken(error)
            self.lost = True
        elif not self.lost:
            yield number, text, error, None

    def end(self) -> Iterator[_Found]:
        if self.depth:
            yield self._broken("object without end")

    def _broken(self, error: str) -> _Found:
        found = self.start, "\n".join(self.parts), error, None
        self._clear()
        return found

    def _clear(self) -> None:
        self.parts, self.size, self.depth = [], 0, 0


def _whole(text: str) -> dict[str, Any] | None:
    """The object of a line that is one object: the common case needs no search for ends."""
    if not (text.startswith("{") and text.rstrip().endswith("}")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
