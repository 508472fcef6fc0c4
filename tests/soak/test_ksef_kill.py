"""SIGKILL at any moment of sending, with a KSeF that loses its answers: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bss_cli import context, odoo_run
from tests.simulators.ksef import KsefSimulator

from .ksef_worker import NIP, PART_MINUTES

ROOT = Path(__file__).resolve().parents[2]
PER_ROUND = 20
#: The dangerous ones: KSeF took the invoices and we do not know it.
LOST_CLOSE = ("close:500_after", "close:drop_after")
OTHERS = (
    "open:500_after",
    "open:502_before",
    "open:drop_after",
    "close:502_before",
    "upload:500_after",
    "status:502_before",
    "upo_link:500_before",
    "processing:invoice_550",
)
#: A worker that is not hit within this time has finished; requests of a whole round are about thirty.
PATIENCE = 120.0


class Worker:
    """One child process with an Odoo environment."""

    def __init__(self, database: str, job: str, *arguments: str) -> None:
        conf = odoo_run.write_conf(context.prepare())
        paths = (str(ROOT), str(ROOT / "tools"), os.environ.get("PYTHONPATH", ""))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.ksef_worker", str(conf), database, job, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline())["event"] == "ready"

    def result(self) -> dict[str, Any]:
        output, _ = self.process.communicate(timeout=600)
        assert self.process.returncode == 0
        return json.loads(output.splitlines()[-1]) if output.strip() else {}

    def kill_after(self, seen: Callable[[], int], requests: int, pause: float) -> bool:
        """Strikes a little after KSeF has seen so many more requests; False when the worker was done before."""
        aim, until = seen() + requests, time.monotonic() + PATIENCE
        while seen() < aim and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.002)
        time.sleep(pause)
        if self.process.poll() is not None:
            assert self.process.returncode == 0, "the worker fell over by itself"
            return False
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        return True


def doubled(simulator: KsefSimulator) -> list[str]:
    """Invoices that reached KSeF although it had them (440)."""
    with simulator.lock:
        return [
            invoice.file_name
            for session in simulator.sessions.all.values()
            for invoice in session.invoices
            if invoice.code == 440
        ]


def test_sigkill_while_sending(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    rounds = soak_size(3, 100)
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}, {rounds} kills")  # noqa: T201  the way to repeat a failure
    dice = random.Random(seed)
    with KsefSimulator(delay=0.15, limits="off", part_minutes=PART_MINUTES) as simulator:
        Worker(fresh_database, "prepare", simulator.base_url, simulator.issue_token(NIP)).result()
        kills = lost_closes = 0
        for _attempt in range(3 * rounds):
            worker = Worker(fresh_database, "work", str(PER_ROUND))
            worker.ready()
            if len(simulator.faults.listing()) < 4:
                simulator.faults.add(dice.choice(LOST_CLOSE))
                lost_closes += 1
                simulator.faults.add(dice.choice(OTHERS))
            requests = dice.randrange(25)
            pause = dice.random() * (0.05 if requests else 1.0)
            kills += worker.kill_after(lambda: len(simulator.requests), requests, pause)
            if kills == rounds:
                break
        assert kills == rounds, "the workers were too quick to be hit"
        # three more sessions, so that what was ordered does happen
        told = Worker(fresh_database, "work", str(PER_ROUND)).result()
        left = sum(f"{fault['on']}:{fault['effect']}" in LOST_CLOSE for fault in simulator.faults.listing())
        assert left < lost_closes, "no answer to a close was lost: this run proved nothing"
        in_ksef = sorted((entry.number, entry.ksef_number) for entry in simulator.register)
        again = doubled(simulator)
    unfinished = {name: state for name, (state, _number) in told["moves"].items() if state != "accepted"}
    assert not unfinished, f"seed {seed}: lost or unfinished {unfinished}"
    in_odoo = sorted((name, number) for name, (_state, number) in told["moves"].items())
    assert in_odoo == in_ksef, f"seed {seed}"
    assert len(in_odoo) >= PER_ROUND
    assert len({number for _name, number in in_odoo}) == len(in_odoo)
    assert not again, f"seed {seed}: sent twice {again}"
    assert not told["refused"], f"seed {seed}"
