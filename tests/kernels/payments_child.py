"""Memory of a process that reads a bank file of any size; the file is made while it is read.

Run as ``python payments_child.py KIND ENTRIES``: prints by how many kilobytes the peak grew.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Made(io.RawIOBase):
    """Reads parts as one file; the first megabyte can be read again, as detection does."""

    def __init__(self, parts: Iterator[bytes]):
        self._parts = parts
        self._rest = bytearray()
        self._head = bytearray()
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, at: int, _whence: int = 0) -> int:
        self._at = at
        return at

    def read(self, size: int = -1) -> bytes:
        if self._at < len(self._head):
            out = bytes(self._head[self._at : self._at + size])
        else:
            while len(self._rest) < size and (part := next(self._parts, b"")):
                self._rest += part
            out = bytes(self._rest[:size])
            del self._rest[:size]
            if len(self._head) < 1 << 20:
                self._head += out
        self._at += len(out)
        return out


def grown(kind: str, entries: int) -> int:
    """Kilobytes that a process grew by while it read a file of that many entries."""
    done = subprocess.run([sys.executable, __file__, kind, str(entries)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def _peak() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def main(kind: str, entries: int) -> None:
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "addons" / "bss_payments_pl")]
    from benchmarks import payments_files  # the paths are set here

    from bank_core.formats import open_file
    from bank_core.model import Transaction

    def read(number: int) -> int:
        stream = open_file(Made(payments_files.MAKERS[kind](number)), "x.sta")
        return sum(type(event) is Transaction for event in stream)

    read(200)
    before = _peak()
    count = read(entries)
    assert count == entries, count
    sys.stdout.write(f"{_peak() - before}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
