"""SIGKILL at any moment of sending, with a KSeF that loses its answers: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from bss_cli import context, odoo_run
from tests.simulators.ksef import KsefSimulator
from tests.simulators.ksef.faults import Fault

from .ksef_worker import NIP, PART_MINUTES

ROOT = Path(__file__).resolve().parents[2]
PER_ROUND = 20
#: The dangerous ones: KSeF took the invoices and we do not know it.
LOST_CLOSE = ("close:500_after", "close:502_after", "close:drop_after", "close:timeout_after")
OTHERS = (
    "open:500_after",
    "open:502_before",
    "open:drop_after",
    "open:timeout_after",
    "open:429",
    "open:rotate_keys",
    "open:expire_access",
    "close:502_before",
    "close:expire_access",
    "upload:500_after",
    "upload:drop_after",
    "status:502_before",
    "status:429",
    "status:expire_access",
    "status:expire_refresh",
    "upo_link:500_before",
    "processing:stuck",
    "processing:430_tar_gz",
    "processing:500",
    "processing:invoice_550",
)
#: A worker that is not hit within this time has finished; requests of a whole round are about thirty.
PATIENCE = 120.0


class Worker:
    """One child process with an Odoo environment."""

    all: ClassVar[list[Worker]] = []

    def __init__(self, database: str, job: str, *arguments: str, clock: Path | str = "") -> None:
        conf = odoo_run.write_conf(context.prepare())
        paths = (str(ROOT), str(ROOT / "tools"), os.environ.get("PYTHONPATH", ""))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.ksef_worker", str(conf), database, job, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "BSS_KSEF_CLOCK": str(clock)},
        )
        self.all.append(self)

    def go(self) -> None:
        """What it waits for has come."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hear(self, event: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert told["event"] == event
        return told

    def result(self, meanwhile: Callable[[], object] = lambda: None) -> dict[str, Any]:
        """Its last words; ``meanwhile`` is done every half second until they are spoken."""
        output, until = "", time.monotonic() + 400
        while not output and time.monotonic() < until:
            meanwhile()
            try:
                output, _ = self.process.communicate(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                continue
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


@pytest.fixture(autouse=True)
def _nobody_stays_behind() -> Iterator[None]:
    yield
    while Worker.all:
        process = Worker.all.pop().process
        if process.poll() is None:
            process.kill()
            process.communicate()


def compare(told: dict[str, Any], simulator: KsefSimulator, at_least: int, seed: str = "") -> None:
    """Odoo's word against the register: every posted invoice is there once, with the number that Odoo knows."""
    in_ksef = sorted((entry.number, entry.ksef_number) for entry in simulator.register)
    again = simulator.duplicates()
    unfinished = {name: state for name, (state, _number) in told["moves"].items() if state != "accepted"}
    assert not unfinished, f"{seed}: lost or unfinished {unfinished}"
    in_odoo = sorted((name, number) for name, (_state, number) in told["moves"].items())
    assert in_odoo == in_ksef, seed
    assert len(in_odoo) >= at_least
    assert len({number for _name, number in in_odoo}) == len(in_odoo)
    assert not again, f"{seed}: sent twice {again}"
    assert not told["refused"], seed


def order(simulator: KsefSimulator, dice: random.Random) -> int:
    """Two more faults, when the last ones have happened; how many of them lose the answer to a close."""
    simulator.processing.release()  # a session that was stuck goes on after one or two kills
    if len(simulator.faults.listing()) >= 4:
        return 0
    for name in (dice.choice(LOST_CLOSE), dice.choice(OTHERS)):
        on, _, effect = name.partition(":")
        simulator.faults.add(Fault(on, effect, seconds=0.3, retry_after=1 if effect == "429" else None))
    return 1


def test_sigkill_while_sending(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    rounds = soak_size(8, 100)
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}, {rounds} kills")  # noqa: T201  the way to repeat a failure
    dice = random.Random(seed)
    with KsefSimulator(delay=0.15, limits="off", part_minutes=PART_MINUTES) as simulator:
        Worker(fresh_database, "prepare", simulator.base_url, simulator.issue_token(NIP)).result()
        kills = lost_closes = 0
        for _attempt in range(3 * rounds):
            worker = Worker(fresh_database, dice.choice(("sender", "jobs")), str(PER_ROUND))
            worker.hear("ready")
            lost_closes += order(simulator, dice)
            requests = dice.randrange(25)
            pause = dice.random() * (0.05 if requests else 1.0)
            kills += worker.kill_after(lambda: len(simulator.requests), requests, pause)
            if kills == rounds:
                break
        assert kills == rounds, "the workers were too quick to be hit"
        # three more sessions, so that what was ordered does happen
        last = Worker(fresh_database, "jobs", str(PER_ROUND))
        told = last.result(simulator.processing.release)
        left = sum(f"{fault['on']}:{fault['effect']}" in LOST_CLOSE for fault in simulator.faults.listing())
        assert left < lost_closes, "no answer to a close was lost: this run proved nothing"
        compare(told, simulator, PER_ROUND, f"seed {seed}")


def test_two_workers_start_the_same_cycle(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    """Both begin at the same instant, each with the whole cycle: they share the work and send nothing twice."""
    count = soak_size(60, 600)
    with KsefSimulator(delay=0.15, limits="off", part_minutes=PART_MINUTES) as simulator:
        Worker(fresh_database, "prepare", simulator.base_url, simulator.issue_token(NIP)).result()
        workers = []
        for invoices in (count, 1):  # one after another: they post in one journal
            workers.append(Worker(fresh_database, "together", str(invoices)))
            workers[-1].hear("ready")
            workers[-1].hear("waiting")
        for worker in workers:
            worker.go()
        told = [worker.result() for worker in workers]
        compare(max(told, key=lambda one: len(one["moves"])), simulator, count)


def test_midnight_in_mid_cycle(fresh_database: str, tmp_path: Path) -> None:
    """Told to KSeF before midnight in Warsaw: Online. The others wait for a decision, and go as Offline after it."""
    warsaw = ZoneInfo("Europe/Warsaw")
    following = datetime.now(warsaw).date() + timedelta(days=1)
    midnight = datetime.combine(following, datetime.min.time(), warsaw)
    clock = tmp_path / "clock"

    def set_clock(moment: datetime) -> None:
        clock.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(clock.read_text()))

    set_clock(midnight - timedelta(minutes=10))
    with KsefSimulator(delay=0.1, limits="off", clock=now) as simulator:
        Worker(fresh_database, "prepare", simulator.base_url, simulator.issue_token(NIP)).result()
        worker = Worker(fresh_database, "midnight", "40", clock=clock)
        worker.hear("ready")
        worker.hear("half")
        set_clock(midnight + timedelta(seconds=5))
        worker.go()
        between = worker.hear("midnight")["states"]
        told = worker.result()
        assert sorted(set(between.values())) == ["accepted", "late"]
        modes = {entry.number: entry.mode for entry in simulator.register}
        expected = {name: "Online" if state == "accepted" else "Offline" for name, state in between.items()}
        assert modes == expected
        compare(told, simulator, 40)
