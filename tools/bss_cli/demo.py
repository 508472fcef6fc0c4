"""`./bss demo`: a fresh Polish database, one whole billing cycle, a closing table, then the web client."""

from __future__ import annotations

import datetime
import json
import subprocess
import time
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

from . import addons, databases, odoo_run, serving, template
from .context import Context
from .errors import UserError
from .paths import LOGS, ROOT, venv_python
from .progress import Progress, format_seconds
from .shell import child_env, tail

DATABASE = "bss_demo"
SIZE = 20_000
LARGE = 2_000


@dataclass(frozen=True)
class Size:
    """``calls``: records of the usage file; ``accounts``: 0 for the small base; ``until``: the last stage, "" for all."""

    calls: int = SIZE
    accounts: int = 0
    until: str = ""


@dataclass
class Outcome:
    rows: list[dict[str, object]] = field(default_factory=list)
    laws: list[dict[str, object]] = field(default_factory=list)


def prepare(context: Context, database: str, strict: bool = False) -> None:
    """A fresh database with all addons and no data."""
    missing = [name for name in addons.ALL if name not in addons.present()]
    if missing:
        raise UserError(f"the demo needs all addons; missing: {', '.join(missing)}", "restore them from git")
    if not (ROOT / "tools" / "bss_cli" / "demo_cycle.py").exists():
        raise UserError("tools/bss_cli/demo_cycle.py is missing", "restore it from git")
    source = template.ensure(context, addons.present(), strict=strict)
    databases.clone(context, source, database)


def follow(report: Path, process: subprocess.Popen[bytes]) -> Outcome:
    """Draw one bar per stage from the child's report until it ends."""
    outcome, bar, offset = Outcome(), None, 0
    ended = False
    while not ended:
        ended = process.poll() is not None
        with report.open() as handle:
            handle.seek(offset)
            complete = handle.read().rpartition("\n")[0]
        if complete:
            offset += len(complete.encode()) + 1
        for line in complete.split("\n") if complete else []:
            news = json.loads(line)
            if news["event"] == "progress":
                if bar is None or bar.label != news["stage"]:
                    if bar is not None:
                        bar.finish()
                    bar = Progress(news["stage"])
                bar.update(news["done"], news["total"])
            elif news["event"] == "row":
                outcome.rows.append(news)
            else:
                outcome.laws.append(news)
        if not ended:
            if bar is not None and bar.live:
                bar.draw()
            time.sleep(0.15)
    if bar is not None:
        bar.finish() if process.returncode == 0 else bar.abandon()
    return outcome


def fill(context: Context, database: str, size: int | Size, today: datetime.date | None = None) -> Outcome:
    """Run the cycle on a prepared database; `today` is the clock of the cycle, by default that of Poland."""
    report, log = LOGS / f"demo-{database}.jsonl", LOGS / f"demo-{database}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    report.write_text("")
    command = [str(venv_python()), "-m", "bss_cli.demo_run"]
    wanted = size if isinstance(size, Size) else Size(size)
    options = {**asdict(wanted), "today": today.isoformat() if today else ""}
    command += [str(odoo_run.write_conf(context)), database, str(report), json.dumps(options)]
    env = child_env({**context.server.env(), "PYTHONPATH": str(ROOT / "tools")})
    with log.open("wb") as handle:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT, env=env, cwd=ROOT
        )
        try:
            outcome = follow(report, process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode:
        raise UserError(f"the billing cycle failed; the end of {log}:\n{tail(log, 25)}", "read the message above")
    return outcome


def table(rows: list[dict[str, object]]) -> str:
    """Closing table: what each stage did and how much money it moved."""

    def money(value: object) -> str:
        return "" if value is None else f"{Decimal(str(value)):,.2f}".replace(",", " ")

    cells = [("stage", "count", "PLN", "")]
    cells += [
        (str(r["name"]), f"{r['count']:,}".replace(",", " "), money(r["amount"]), str(r["note"] or "")) for r in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {count:>{widths[1]}}  {amount:>{widths[2]}}  {note}".rstrip()
        for name, count, amount, note in cells
    ]
    lines.insert(1, "-" * (sum(widths) + 4))
    return "\n".join(lines)


def run(context: Context, size: Size, serve: bool, port: int | None) -> int:
    started = time.monotonic()
    prepare(context, DATABASE)
    outcome = fill(context, DATABASE, size)
    print()
    print(table(outcome.rows))
    broken = [law for law in outcome.laws if not law["holds"]]
    if outcome.laws:
        print(f"\nconservation laws: {len(outcome.laws) - len(broken)} of {len(outcome.laws)} hold")
    for law in broken:
        print(f"  broken: {law['text']}")
    print(f"database {DATABASE} ready after {format_seconds(time.monotonic() - started)}")
    if broken:
        return 1
    if serve:
        return serving.serve(context, DATABASE, port)
    print(f"to look at it: ./bss serve   (logins: {serving.LOGINS})")
    return 0
