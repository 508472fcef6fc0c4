"""Child process of `./bss bench`: runs one benchmark in the virtual environment and writes its figures."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

FIELDS = ("name", "value", "unit", "baseline", "ratio")


def as_row(figure: Any) -> dict[str, object]:
    """A figure may be a dataclass or a dictionary; missing fields are null."""
    if isinstance(figure, dict):
        return {key: figure.get(key) for key in FIELDS}
    return {key: getattr(figure, key, None) for key in FIELDS}


def main(argv: list[str]) -> int:
    name, output = argv
    module = importlib.import_module(f"tests.benchmarks.bench_{name}")
    with Path(output).open("w") as handle:
        for figure in module.run():
            handle.write(json.dumps(as_row(figure)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
