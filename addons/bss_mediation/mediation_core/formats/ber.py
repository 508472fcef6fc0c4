"""Small reader of ASN.1 BER (ITU-T X.690): bounds-checked, streaming, without recursion, never raising on content.

A tag is the number made of its raw octets: ``0x83`` is context 3 primitive, ``0xBF22`` context 34 constructed, ``0x7F8147``
application 199 constructed. Positions are offsets into the given bytes. What cannot be read is ``None``.

Lengths may be definite or indefinite. The end of an indefinite length is found by walking, with a counter instead of a
stack, so that a bomb of nested headers costs one pass; deeper than :data:`MAX_DEPTH` is malformed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import BinaryIO

MAX_DEPTH = 32
MAX_TAG_OCTETS = 4
MAX_LENGTH_OCTETS = 4
WINDOW = 1 << 18

# What Window.element() says when it has no element.
END, TRUNCATED, MALFORMED, TOO_LARGE = "END", "TRUNCATED", "MALFORMED", "TOO_LARGE"

Span = tuple[int, int]
Item = tuple[int, int, int]
# Takes the octets of a record that are not values, what they must be, and what flat() found.
_Shape = tuple[Callable[[bytes], object], object, tuple[dict[int, Span], list[Item]]]


def tag_octets(tag_class: int, number: int, *, constructed: bool = False) -> int:
    """Raw tag of a class (0 universal, 1 application, 2 context, 3 private) and number; for tables of tags."""
    first = tag_class << 6 | (0x20 if constructed else 0)
    if number < 31:
        return first | number
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return int.from_bytes(bytes([first | 0x1F, *reversed(octets)]), "big")


def header(data: bytes, pos: int, end: int) -> tuple[int, int, int] | None:
    """Tag, start of the contents and their length (-1: indefinite) of the element at ``pos``; None when it does not fit."""
    try:
        tag = data[pos]
        pos += 1
        if tag & 0x1F == 0x1F:
            for _ in range(MAX_TAG_OCTETS - 1):
                octet = data[pos]
                pos += 1
                tag = tag << 8 | octet
                if octet < 0x80:
                    break
            else:
                return None
        length = data[pos]
        pos += 1
        if length > 0x7F:
            size = length & 0x7F
            if size == 0:
                return (tag, pos, -1) if pos <= end and is_constructed(tag) else None
            if size > MAX_LENGTH_OCTETS or pos + size > len(data):
                return None
            length = int.from_bytes(data[pos : pos + size], "big")
            pos += size
    except IndexError:
        return None
    return (tag, pos, length) if pos <= end else None


def is_constructed(tag: int) -> bool:
    while tag > 0xFF:
        tag >>= 8
    return bool(tag & 0x20)


def end_of_contents(data: bytes, pos: int, end: int) -> int | None:
    """Where the contents that start at ``pos`` with an indefinite length end: the offset of their two zero octets."""
    depth = 1
    while pos < end:
        if data[pos] == 0:
            if pos + 2 > end or data[pos + 1] != 0:
                return None
            depth -= 1
            if depth == 0:
                return pos
            pos += 2
            continue
        found = header(data, pos, end)
        if found is None:
            return None
        _, pos, length = found
        if length < 0:
            depth += 1
            if depth > MAX_DEPTH:
                return None
        else:
            pos += length
    return None


def items(data: bytes, pos: int, end: int, limit: int = 100_000) -> list[Item] | None:
    """Elements between two offsets in their order as (tag, start, stop) of the contents; None when malformed."""
    found: list[Item] = []
    if end > len(data):
        return None
    try:
        while pos < end:
            tag = data[pos]
            length = data[pos + 1]
            if tag & 0x1F != 0x1F and length < 0x80:  # the common case, without a call
                start = pos + 2
            elif tag & 0x1F == 0x1F and length < 0x80 and data[pos + 2] < 0x80:
                tag, start, length = tag << 8 | length, pos + 3, data[pos + 2]
            else:
                head = header(data, pos, end)
                if head is None:
                    return None
                tag, start, length = head
                if length < 0:
                    close = end_of_contents(data, start, end)
                    if close is None:
                        return None
                    found.append((tag, start, close))
                    pos = close + 2
                    continue
            pos = start + length
            if pos > end or len(found) >= limit:
                return None
            found.append((tag, start, pos))
    except IndexError:
        return None
    return found


def fields(data: bytes, pos: int, end: int) -> dict[int, Span] | None:
    """Contents of the elements between two offsets by tag (SET or SEQUENCE); the first of equal tags counts."""
    listed = items(data, pos, end)
    if listed is None:
        return None
    found: dict[int, Span] = {}
    for tag, start, stop in listed:
        found.setdefault(tag, (start, stop))
    return found


def flat(
    data: bytes, pos: int, end: int, logged: frozenset[int], values: list[Span] | None = None
) -> tuple[dict[int, Span], list[Item]] | None:
    """All elements at every depth in one pass: the first of each tag, and those of ``logged`` tags in their order.

    For records in which a tag means the same wherever it stands (TAP). None when malformed or deeper than MAX_DEPTH.

    :param values: gets the contents of all primitive elements.
    """
    found: dict[int, Span] = {}
    log: list[Item] = []
    outer: list[tuple[int, int]] = []  # end of the surrounding element, and where to go on in it
    if end > len(data):
        return None
    try:
        while True:
            while pos == end:
                if not outer:
                    return found, log
                end, pos = outer.pop()
            first = tag = data[pos]
            length = data[pos + 1]
            if tag & 0x1F == 0x1F:
                tag = tag << 8 | length
                if length < 0x80:
                    start = pos + 3
                    length = data[pos + 2]
                else:
                    octet = data[pos + 2]
                    tag = tag << 8 | octet
                    start = pos + 4
                    # A longer tag leaves its last octets to be read by header().
                    length = data[pos + 3] if octet < 0x80 else 0x80
            else:
                start = pos + 2
            stop = start + length
            go_on = stop
            if length > 0x7F:
                head = header(data, pos, end)
                if head is None:
                    return None
                tag, start, length = head
                if length < 0:
                    close = end_of_contents(data, start, end)
                    if close is None:
                        return None
                    stop, go_on = close, close + 2
                else:
                    go_on = stop = start + length
            if go_on > end:
                return None
            if tag not in found:
                found[tag] = (start, stop)
            if tag in logged:
                log.append((tag, start, stop))
            if first & 0x20:
                if len(outer) >= MAX_DEPTH:
                    return None
                outer.append((end, go_on))
                pos, end = start, stop
            else:
                if values is not None:
                    values.append((start, stop))
                pos = go_on
    except IndexError:
        return None


class Shapes:
    """:func:`flat` with a memory: records of one sender mostly have the same tags and lengths, only their values differ.

    Whether a record has a known shape is told by comparing all octets that are not values; then nothing has to be walked.
    """

    _MOST, _MOST_OF_A_SIZE = 1_000, 4

    def __init__(self, logged: frozenset[int]) -> None:
        self._logged = logged
        self._known: dict[int, list[_Shape]] = {}
        self._count = 0

    def walk(self, data: bytes) -> tuple[dict[int, Span], list[Item]] | None:
        """What :func:`flat` finds in the whole of ``data``; the result is shared and must not be changed."""
        known = self._known.setdefault(len(data), [])
        for heads, expected, result in known:
            if heads(data) == expected:
                return result
        values: list[Span] = []
        walked = flat(data, 0, len(data), self._logged, values)
        if walked is not None:
            self._remember(known, data, values, walked)
        return walked

    def _remember(
        self, known: list[_Shape], data: bytes, values: list[Span], result: tuple[dict[int, Span], list[Item]]
    ) -> None:
        places = [0]  # itemgetter gives a tuple for two places and more only
        before = 0
        for start, stop in values:
            places += range(before, start)
            before = stop
        places += range(before, len(data))
        if len(places) < 2 or len(places) > len(data):
            return
        if self._count >= self._MOST:
            self._known.clear()
            self._count = 0
        heads: Callable[[bytes], object] = itemgetter(*places)
        known.insert(0, (heads, heads(data), result))
        self._count += 1
        if len(known) > self._MOST_OF_A_SIZE:
            known.pop()
            self._count -= 1


def unsigned(data: bytes, span: Span, octets: int = 9) -> int | None:
    """INTEGER that cannot be negative in its field; None when empty, longer than ``octets`` or negative."""
    start, stop = span
    if not 0 < stop - start <= octets or data[start] > 0x7F:
        return None
    return int.from_bytes(data[start:stop], "big")


def signed(data: bytes, span: Span, octets: int = 8) -> int | None:
    """INTEGER; None when empty or longer than ``octets``."""
    start, stop = span
    if not 0 < stop - start <= octets:
        return None
    return int.from_bytes(data[start:stop], "big", signed=True)


def element(tag: int, contents: bytes) -> bytes:
    """One element with a definite length."""
    size = len(contents)
    length = bytes([size]) if size < 0x80 else _long_length(size)
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length + contents


def _long_length(size: int) -> bytes:
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


class Window:
    """A sliding piece of a stream: whole elements up to a limit, whatever the size of the file.

    ``data`` changes with every call that may read; ``done`` is the count of octets consumed.
    """

    def __init__(self, stream: BinaryIO, size: int = WINDOW) -> None:
        self._stream = stream
        self._size = size
        self._ended = False
        self._base = 0
        self.data = b""
        self.pos = 0

    @property
    def done(self) -> int:
        return self._base + self.pos

    def fill(self, need: int) -> bool:
        """Have ``need`` octets from the present position in ``data``; False when the stream ends before."""
        while len(self.data) - self.pos < need and not self._ended:
            piece = self._stream.read(max(self._size, need - (len(self.data) - self.pos)))
            if not piece:
                self._ended = True
            self._base += self.pos
            self.data = self.data[self.pos :] + piece
            self.pos = 0
        return len(self.data) - self.pos >= need

    def take(self, count: int) -> bytes | None:
        """The next ``count`` octets, or None when there are fewer."""
        if not self.fill(count):
            return None
        start = self.pos
        self.pos += count
        return self.data[start : self.pos]

    def peek(self) -> int | None:
        """Tag of the next element; None when there is none that can be read."""
        self.fill(MAX_TAG_OCTETS + MAX_LENGTH_OCTETS + 1)
        head = header(self.data, self.pos, len(self.data))
        return None if head is None else head[0]

    def open(self) -> tuple[int, int] | str:
        """Step into the next element: its tag and length (-1: indefinite)."""
        if not self.fill(1):
            return END
        self.fill(MAX_TAG_OCTETS + MAX_LENGTH_OCTETS + 1)
        head = header(self.data, self.pos, len(self.data))
        if head is None:
            return TRUNCATED if self._short() else MALFORMED
        tag, self.pos, length = head
        return tag, length

    def element(self, limit: int) -> Item | str:
        """The next whole element as (tag, start, stop) in ``data``, or why there is none."""
        if not self.fill(1):
            return END
        self.fill(MAX_TAG_OCTETS + MAX_LENGTH_OCTETS + 1)
        head = header(self.data, self.pos, len(self.data))
        if head is None:
            return TRUNCATED if self._short() else MALFORMED
        tag, start, length = head
        if length < 0:
            return self._indefinite(tag, start - self.pos, limit)
        if length > limit:
            return TOO_LARGE
        prefix = start - self.pos
        if not self.fill(prefix + length):
            return TRUNCATED
        start = self.pos + prefix
        self.pos = start + length
        return tag, start, self.pos

    def _indefinite(self, tag: int, prefix: int, limit: int) -> Item | str:
        want = 1024
        while True:
            complete = self.fill(min(want, limit + prefix + 2))
            start = self.pos + prefix
            close = end_of_contents(self.data, start, min(len(self.data), start + limit + 2))
            if close is not None:
                self.pos = close + 2
                return tag, start, close
            if not complete:
                return TRUNCATED
            if want > limit + prefix + 2:
                return TOO_LARGE
            want = max(want, len(self.data) - self.pos) * 2

    def _short(self) -> bool:
        return len(self.data) - self.pos <= MAX_TAG_OCTETS + MAX_LENGTH_OCTETS


def blocks(window: Window, length: int, limit: int) -> Iterator[Item | str]:
    """Elements inside an opened one; the last yield is a code when the contents are broken.

    With an indefinite length the two zero octets are consumed.
    """
    stop = window.done + length
    while length < 0 or window.done < stop:
        if length < 0 and window.fill(2) and window.data[window.pos] == 0 and window.data[window.pos + 1] == 0:
            window.pos += 2
            return
        found = window.element(limit)
        if isinstance(found, str):
            yield TRUNCATED if found == END else found
            return
        if length >= 0 and window.done > stop:
            yield MALFORMED
            return
        yield found
