"""Own checks that no linter brings: what a kernel may import, and which floor may name which.

Run as `python -m bss_cli.layers` by pre-commit, and by `./bss lint`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from . import addons
from .paths import ADDONS, ROOT

BANNED_IN_KERNEL = {"odoo", "openerp"}


def kernels(folder: Path = ADDONS) -> list[Path]:
    return sorted(path for path in folder.glob("bss_*/*_core") if (path / "__init__.py").is_file())


def imported(tree: ast.AST) -> Iterator[tuple[int, str, int]]:
    """(line, module, level) of every import, also of those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, 0
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "", node.level


def kernel_problems(source: str, name: str, depth: int) -> list[str]:
    """A kernel imports no Odoo and nothing relative above itself; `depth` is the file's depth in the kernel."""
    problems = []
    for line, module, level in imported(ast.parse(source)):
        if module.split(".")[0] in BANNED_IN_KERNEL:
            problems.append(f"{name}:{line}: a kernel must not import {module}")
        elif level > depth:
            problems.append(f"{name}:{line}: a kernel must not import from its addon (relative import too high)")
    return problems


def floor_problems(source: str, name: str, addon: str, allowed: set[str]) -> list[str]:
    """An addon may import only itself and the addons below it."""
    problems = []
    for line, module, _level in imported(ast.parse(source)):
        match = re.match(r"odoo\.addons\.(bss_\w+)", module)
        if match and match[1] != addon and match[1] not in allowed:
            problems.append(f"{name}:{line}: {addon} stands below or beside {match[1]} and must not import it")
    return problems


def check() -> list[str]:
    problems: list[str] = []
    for kernel in kernels():
        for path in sorted(kernel.rglob("*.py")):
            depth = len(path.relative_to(kernel).parts)
            problems += kernel_problems(path.read_text(), str(path.relative_to(ROOT)), depth)
    for addon in addons.present():
        allowed = set(addons.closure([addon]))
        for path in sorted((ADDONS / addon).rglob("*.py")):
            problems += floor_problems(path.read_text(), str(path.relative_to(ROOT)), addon, allowed)
    return problems


def main() -> int:
    problems = check()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
