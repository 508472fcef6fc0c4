"""Blocks of a RADIUS detail file: a line with the time of writing, then indented lines ``Attribute = value``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .text_rows import BOM, decode_line

PIECE = 1 << 19
LONGEST_BLOCK = 1 << 16
_KEPT_OF_LONG_BLOCK = 2_000
# A block begins where a line begins with something that is no blank.
_BORDER = re.compile(rb"\n(?=[^\s])")
# Only attributes that say something of usage; a block has many others.
_ATTRIBUTE = re.compile(
    r"^[ \t]+((?:Acct|User-Name|NAS-I|Call(?:ed|ing)-S|Event-T|Timestamp|Packet-T|3GPP|h323|Sip)[\w.-]*)"
    r"(?::[0-9]+)?[ \t]*[:+=]?=[ \t]*([^\n]*)$",
    re.MULTILINE,
)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


@dataclass(frozen=True, slots=True)
class Block:
    """One block as text, the number of its first line, and whether it was cut for its length."""

    line_no: int
    text: str
    too_long: bool = False


def read_blocks(stream: BinaryIO, encoding: str = "auto") -> Iterator[tuple[list[Block], int]]:
    """Blocks piece by piece with the bytes read so far; memory is bounded by :data:`LONGEST_BLOCK`."""
    held, line_no, done, cut = b"", 1, 0, False
    while True:
        piece = stream.read(PIECE)
        if not done:
            piece = piece.removeprefix(BOM)
        done += len(piece)
        data = held + piece
        parts = _BORDER.split(data)
        # The last part may go on in the next piece.
        held = parts.pop() if piece else b""
        blocks: list[Block] = []
        for part in parts:
            if not cut and not part.isspace() and part:
                blocks.append(_block(line_no, part, encoding))
            cut = False
            line_no += part.count(b"\n") + 1
        if len(held) > LONGEST_BLOCK:
            # Of a block without an end the head is kept; the rest is only counted.
            if not cut:
                blocks.append(_block(line_no, held, encoding))
            line_no += held.count(b"\n")
            held, cut = b"", True
        if blocks:
            yield blocks, done
        if not piece:
            return


def _block(line_no: int, data: bytes, encoding: str) -> Block:
    too_long = len(data) > LONGEST_BLOCK
    if too_long:
        data = data[:_KEPT_OF_LONG_BLOCK]
    data = data.rstrip()
    text = decode_line(data) if encoding == "auto" else data.decode(encoding, "replace")
    return Block(line_no, text.replace("\x00", "\ufffd"), too_long)


def attributes(text: str) -> dict[str, str]:
    """Attributes of a block that tell of usage; of repeated ones the first. Quoted values are unquoted, their escapes undone."""
    found = {}
    for name, value in reversed(_ATTRIBUTE.findall(text)):
        value = value.rstrip(" \t\r")
        if value[:1] == '"':
            value = unquoted(value)
        found[name] = value
    return found


def unquoted(value: str) -> str:
    """Text of a quoted value; octets are written as a backslash and three octal digits."""
    inner = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
    if "\\" not in inner:
        return inner
    return decode_line(_ESCAPE.sub(_unescape, inner.encode("utf-8", "replace"))).replace("\x00", "\ufffd")


def _unescape(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if len(what) == 3:
        return bytes([int(what, 8) & 0xFF])
    return _ESCAPED.get(what, what)
