"""Starting, following and killing the child of a kill test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from tests.conftest import ROOT


@dataclass
class Story:
    """What one child told: its phases with their instants, and its digest when it came to the end."""

    phases: list[tuple[str, float]] = field(default_factory=list)
    digest: str = ""
    ended: float = 0.0

    def seconds(self, phase: str) -> float:
        instants = [*self.phases, ("", self.ended)]
        place = next(n for n, (name, _at) in enumerate(instants) if name == phase)
        return instants[place + 1][1] - instants[place][1]


def start(module: str, database: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, os.environ["BSS_ODOO_CONF"], database, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=ROOT)


def follow(process: subprocess.Popen[str], kill_in: str = "", delay: float = 0.0) -> Story:
    """Read what the child tells; kill it ``delay`` seconds after the phase ``kill_in`` began."""
    story = Story()
    assert process.stdout is not None
    for line in process.stdout:
        word = line.strip()
        if word.startswith("{"):
            story.digest, story.ended = word, time.monotonic()
            continue
        story.phases.append((word, time.monotonic()))
        if word == kill_in:
            time.sleep(delay)
            process.kill()
    process.wait()
    return story


def whole(module: str, database: str, *args: object) -> Story:
    """A child that nobody disturbs."""
    process = start(module, database, *args)
    story = follow(process)
    assert process.returncode == 0
    return story
