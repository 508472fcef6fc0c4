"""`./bss lint`: the same checks that pre-commit runs, two at a time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import addons, layers
from .paths import BSS, ROOT, venv_python
from .shell import child_env

PYTHON_PLACES = ("bss", "addons", "tests", "tools")


# The readme here is README.md, the author is not the OCA, explicit manifest keys do no harm, and the check for
# `self.env._` does not know lazy texts at module level.
NOT_OURS = ("missing-readme", "manifest-required-author", "manifest-superfluous-key", "prefer-env-translation")


def tool(name: str, *args: str, env: dict[str, str] | None = None) -> str:
    """Output of a tool of the environment when it complains, else nothing."""
    done = subprocess.run(
        [str(venv_python()), "-m", name, *args],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=child_env(env),
        check=False,
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def places() -> list[str]:
    return [name for name in PYTHON_PLACES if (ROOT / name).exists()]


def check_format() -> str:
    return tool("ruff", "format", "--check", "--quiet", "--output-format=concise", *places())


def check_ruff() -> str:
    return tool("ruff", "check", "--quiet", "--output-format=concise", *places())


def check_pylint() -> str:
    """pylint with the Odoo plugin; the kernels are plain Python and left to ruff and mypy."""
    if not addons.present():
        return ""
    names = [f"addons/{name}" for name in addons.present()]
    return tool("pylint", "--rcfile=pyproject.toml", f"--disable={','.join(NOT_OURS)}", "--jobs=2", "--score=n", *names)


def mypy_path(folders: list[Path]) -> str:
    return os.pathsep.join(str(folder) for folder in folders)


def check_mypy() -> str:
    """Strict types in the kernels, each a top-level package as the tests import it, and in this command line."""
    found = layers.kernels()
    shown = []
    if found:
        env = {"MYPYPATH": mypy_path([kernel.parent for kernel in found])}
        packages = [word for kernel in found for word in ("-p", kernel.name)]
        shown.append(tool("mypy", "--strict", *packages, env=env))
    packages = ["-p", "bss_cli"]
    shown.append(tool("mypy", "--strict", *packages, env={"MYPYPATH": str(ROOT / "tools")}))
    return "\n".join(text for text in shown if text)


def check_layers() -> str:
    return "\n".join(layers.check())


CHECKS: dict[str, Callable[[], str]] = {
    "ruff format": check_format,
    "ruff": check_ruff,
    "layers": check_layers,
    "mypy": check_mypy,
    "pylint-odoo": check_pylint,
}


def run_all(show: bool) -> list[str]:
    """Complaints, one text per failed check."""
    BSS.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = dict(zip(CHECKS, pool.map(lambda check: check(), CHECKS.values()), strict=True))
    problems = [f"{name}:\n{text}" for name, text in answers.items() if text]
    if show:
        for problem in problems:
            print(problem)
        print(f"{len(CHECKS) - len(problems)} of {len(CHECKS)} checks clean: {', '.join(CHECKS)}")
    return problems
