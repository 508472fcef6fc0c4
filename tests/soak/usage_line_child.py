"""Child of ``test_usage_long_line``: loads a file that is one line of many octets, and tells how much memory that took.

Called as ``… CONF DATABASE SIZE`` (octets).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.soak.child import environment, tell
from tests.soak.usage_child import TODAY

BLOCK = b"x" * (1 << 20)


class OneLine:
    """``size`` octets without a line end, never in memory together."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        size = min(self.left, len(BLOCK), size if size >= 0 else self.left)
        self.left -= size
        return BLOCK[:size]


def peak_mb() -> int:
    """The most memory of this program alone; ``ru_maxrss`` begins with the peak of whoever started it."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024


def load(env: Any, size: int) -> dict[str, Any]:
    env["bss.demo"].load(TODAY)
    env.cr.commit()
    source = env["bss.usage.source"].search([], limit=1)
    file = env["bss.usage.file"]._bss_receive(source, "line.csv", b"x")
    file.size = min(size, 2**31 - 1)

    @contextmanager
    def opened(_file: Any) -> Iterator[OneLine]:
        yield OneLine(size)

    before = peak_mb()
    with patch.object(type(file), "_bss_open", opened):
        file._bss_load()
    return {
        "megabytes": peak_mb() - before,
        "counts": [file.state, file.count_rows, file.count_suspended, file.count_difference],
        "kept": len(file.suspense_ids.raw),
        "reason": file.suspense_ids.reason_code,
        "message": file.suspense_ids.message,
    }


def main(argv: list[str]) -> int:
    conf, database, size = argv
    with environment(conf, database, queue_job__no_delay=True) as env:
        tell(json.dumps(load(env, int(size))))
        env.cr.rollback()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
