"""A process that loads and rates usage is killed at random moments; in the end nothing is lost and nothing counted twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.conftest import ROOT, _bss

ROWS_PER_KILL = 1_500


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


def _start(database: str, *args: object) -> subprocess.Popen[str]:
    conf = os.environ["BSS_ODOO_CONF"]
    command = [sys.executable, "-m", "tests.soak.usage_child", conf, database, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=ROOT)


def _follow(process: subprocess.Popen[str], kill_in: str = "", delay: float = 0.0) -> Story:
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


def _whole(database: str, *args: object) -> Story:
    process = _start(database, *args)
    story = _follow(process)
    assert process.returncode == 0
    return story


def test_kills_change_nothing(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    kills = soak_size(3, 30)
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    calm = f"{fresh_database}_calm"
    _whole(fresh_database, "prepare", kills * ROWS_PER_KILL, seed)
    try:
        _bss("db", "clone", fresh_database, calm)
        undisturbed = _whole(calm, "work")
    finally:
        _bss("db", "drop", calm)
    killed: dict[str, int] = {}
    for number in range(kills):
        # the load starts anew after a kill, the rating goes on: its kills share its time
        phase = ("load", "rate", "charge")[3 * number // kills]
        whole = undisturbed.seconds(phase)
        process = _start(fresh_database, "work")
        _follow(process, phase, dice.uniform(0, whole / max(kills // 3, 1) if phase == "rate" else whole))
        if process.returncode == -9:
            killed[phase] = killed.get(phase, 0) + 1
        else:
            assert process.returncode == 0, f"seed {seed}"
    assert killed.get("load"), f"no kill hit the load (seed {seed})"
    assert json.loads(_whole(fresh_database, "work").digest) == json.loads(undisturbed.digest), f"seed {seed}, {killed}"
