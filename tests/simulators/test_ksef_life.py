"""KSeF simulator: restart, journal, command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .ksef import KsefSimulator
from .ksef.sample import SELLER, invoice
from .ksef_testing import (
    DAY,
    GOOD,
    PLAIN,
    RawClient,
    files,
)


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        token = sim.issue_token(SELLER)
        client = RawClient(sim).login(token)
        reference = client.send({"a.xml": GOOD})
        before = client.wait(reference)
        number = client.rows(reference)[0]["ksefNumber"]
        page = PLAIN.get(before["upo"]["pages"][0]["downloadUrl"]).content
        key_id = client.public_key("SymmetricKeyEncryption")[1]
    assert b"PRIVATE" not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".pem")
    with KsefSimulator(delay=0, state=tmp_path) as sim:
        client = RawClient(sim).login(token)
        assert client.public_key("SymmetricKeyEncryption")[1] == key_id
        after = client.status(reference)
        assert after["successfulInvoiceCount"] == 1
        assert PLAIN.get(after["upo"]["pages"][0]["downloadUrl"]).content == page
        assert client.call("GET", f"/invoices/ksef/{number}").content == GOOD
        refused = client.outcome(client.send({"a.xml": GOOD}))[1][0]
        assert refused["status"]["extensions"]["originalKsefNumber"] == number


def wait_until_kept(sim: KsefSimulator, reference: str) -> None:
    """The end of a session is told a moment before it is stored."""
    file = sim.folder / "sessions" / f"{reference}.json"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(FileNotFoundError, json.JSONDecodeError):
            json.loads(file.read_text(encoding="utf-8"))
            return
        time.sleep(0.01)
    raise AssertionError("the session was not stored")


def test_what_a_killed_simulator_did_not_finish_is_gone(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    with KsefSimulator(delay=0, state=tmp_path / "alive") as sim:
        client = RawClient(sim).login()
        client.wait(first := client.send(files(3)))
        wait_until_kept(sim, first)
        entry = next(iter(sim.register))
        sim.register.add(replace(entry, ksef_number="x", number="half"), b"half of a session")
        assert len(sim.register) == 4
        shutil.copytree(sim.folder, killed)  # what a SIGKILL at this moment leaves behind
    with KsefSimulator(delay=0, state=killed) as sim:
        assert len(sim.register) == 3
        client = RawClient(sim).login()
        status = client.wait(reference := client.send({"n.xml": invoice("N", DAY)}))
        assert status["status"]["code"] == 200
        number = client.rows(reference)[0]["ksefNumber"]
    with KsefSimulator(delay=0, state=killed) as sim:
        assert len(sim.register) == 4
        entry = sim.register.get(number)
        assert entry is not None
        assert sim.register.content(entry) == invoice("N", DAY)


def test_requests_are_noted_without_secrets(sim: KsefSimulator, client: RawClient) -> None:
    client.wait(client.send(files(1)))
    noted = PLAIN.get(f"{sim.url}/_sim/requests").json()
    assert {"method": "POST", "path": "/v2/sessions/batch", "status": 201} in noted
    assert "sig=" not in str(noted)
    assert client.access not in str(noted)


def test_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators.ksef", "--port", "0", "--state", str(tmp_path), "--delay", "0"]
    process = subprocess.Popen(  # the interpreter and arguments are ours
        [*command, "--token", f"{SELLER}=secret", "--fault", "open:500_before"],
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        assert PLAIN.get(f"{base.removesuffix('/v2')}/_sim/health").json()["status"] == "ok"
        assert PLAIN.get(f"{base.removesuffix('/v2')}/_sim/faults").json()[0]["effect"] == "500_before"
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""


def test_a_simulator_without_limits_says_so() -> None:
    """A client that keeps the published limits by itself would wait for an hour."""
    with KsefSimulator(delay=0, limits="off") as sim:
        told = sim.limits.effective()
    assert "batchSession" in told
    assert {calls for group in told.values() for calls in group.values()} == {-1}
