"""Text of a bank file in pieces: decoded, control characters dropped, lines numbered, memory bounded."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO

CHUNK_BYTES = 1 << 16
#: the standard allows 65 characters; some banks write the whole :86: as one line
MAX_LINE = 4096
#: enough of the next line to judge the one before it
_PEEK = 200
_CONTROL = bytes(code for code in (*range(9), 11, 12, *range(14, 32), 127))
_CONTROL_AND_RETURN = _CONTROL + b"\r"
_ETX = b"\x03"


class Source:
    """``text[pos:]`` is what was decoded and not yet taken; line ends are ``\\n``."""

    def __init__(self, stream: BinaryIO, encoding: str, fix: Callable[[str], str] | None = None):
        self._stream = stream
        self._fix = fix
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._last = b""
        self.text = ""
        self.pos = 0
        #: number of the line at ``pos``
        self.line = 1
        self.is_over = False
        #: the line taken last was longer than ``MAX_LINE`` and cut
        self.was_cut = False
        #: the line taken last was ended by a line end or by ETX
        self.was_ended = False
        self.fill()

    def fill(self) -> None:
        """Decode one more piece behind what is left."""
        data = self._stream.read(CHUNK_BYTES)
        if data:
            self._last = data[-1:]
        else:
            self.is_over = True
        # line ends are replaced in bytes because it is faster; the decoder cares for odd ones and the edge of a piece
        plain = data.translate(None, _CONTROL_AND_RETURN)
        if len(data) - len(plain) != data.count(b"\r\n"):
            # not all that was taken away belongs to a line end
            plain = data.translate(None, _CONTROL)
        more = self._decoder.decode(plain, final=not data)
        if self.line == 1 and not self.pos:
            more = more.removeprefix("\ufeff")
        self.text = self.text[self.pos :] + more
        self.pos = 0

    def peek(self) -> str | None:
        """Beginning of the line at ``pos``; None at the end of the file."""
        while True:
            end = self.text.find("\n", self.pos, self.pos + _PEEK)
            if end >= 0:
                return self.text[self.pos : end]
            if self.is_over or len(self.text) - self.pos >= _PEEK:
                return self.text[self.pos : self.pos + _PEEK] if self.pos < len(self.text) else None
            self.fill()

    def take(self) -> str | None:
        """The line at ``pos`` without its end; the rest of a very long one is dropped."""
        end = self.text.find("\n", self.pos)
        while end < 0 and not self.is_over and len(self.text) - self.pos <= MAX_LINE:
            self.fill()
            end = self.text.find("\n", self.pos)
        if end < 0 and self.pos >= len(self.text):
            return None
        stop = len(self.text) if end < 0 else end
        self.was_cut = stop - self.pos > MAX_LINE
        line = self.text[self.pos : min(stop, self.pos + MAX_LINE)]
        self.pos = stop
        while end < 0 and not self.is_over:
            self.fill()
            end = self.text.find("\n")
            self.pos = len(self.text) if end < 0 else end
        self.was_ended = end >= 0 or self._last == _ETX
        self.pos += end >= 0
        self.line += 1
        return self._fix(line) if self._fix else line
