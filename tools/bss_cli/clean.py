"""`./bss clean`: everything that `./bss` made, and on request the cached downloads too."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import postgres
from .paths import BSS, cache_dir


def run(downloads: bool) -> int:
    if postgres.configured() is None:
        postgres.stop()
        places = (postgres.data_dir(), postgres.socket_dir(), postgres.wheel_dir())
        for place in places:
            # Only what stands outside of .bss because the clone itself was out of reach.
            if BSS not in place.parents and Path(place).is_dir():
                shutil.rmtree(place)
    shutil.rmtree(BSS, ignore_errors=True)
    for name in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"):
        shutil.rmtree(BSS.parent / name, ignore_errors=True)
    if downloads:
        shutil.rmtree(cache_dir(), ignore_errors=True)
    print("removed .bss" + (" and the cached downloads" if downloads else ""))
    return 0
