"""Running other programs quietly: output goes to a log, and its end is shown only when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import UserError
from .paths import LOGS


def child_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of the programs we start: ours plus what is asked, without the caller's Python settings."""
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}
    env.update(extra or {})
    return env


def tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def run_logged(
    args: Sequence[str | Path],
    log: str,
    what: str,
    cure: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program with its output in `.bss/logs/<log>.log`; raise one clear error if it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w") as handle:
        code = subprocess.run(
            [str(a) for a in args],
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=child_env(env),
            check=False,
        ).returncode
    if code:
        raise UserError(f"{what} failed (exit {code}); the end of {path}:\n{tail(path)}", cure)


def capture(args: Sequence[str | Path], env: Mapping[str, str] | None = None) -> str | None:
    """Output of a short program, or None when it is missing or fails."""
    try:
        done = subprocess.run(
            [str(a) for a in args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=child_env(env),
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
