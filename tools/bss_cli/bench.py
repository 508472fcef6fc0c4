"""`./bss bench NAME|all`: speeds with their baseline measured in the same run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from . import addons, odoo_run
from .context import Context
from .errors import UserError
from .paths import ADDONS, LOGS, ROOT, venv_python
from .progress import step
from .shell import child_env, tail

FOLDER = ROOT / "tests" / "benchmarks"


def available(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))


def number(value: object) -> str:
    """Readable figure: thousands grouped, small values with three digits."""
    if not isinstance(value, int | float):
        return ""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:.3g}"


def table(rows: list[dict[str, object]]) -> str:
    cells = [("figure", "value", "unit", "baseline", "ratio")]
    cells += [
        (str(r["name"]), number(r["value"]), str(r["unit"] or ""), number(r["baseline"]), number(r["ratio"]))
        for r in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(5)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:<{widths[2]}}  {d:>{widths[3]}}  {e:>{widths[4]}}".rstrip()
        for a, b, c, d, e in cells
    )


def python_path() -> str:
    places = [ROOT, ROOT / "tools", *(ADDONS / name for name in addons.present())]
    return os.pathsep.join(str(place) for place in places)


def run_one(context: Context, name: str, full: bool = False) -> list[dict[str, object]]:
    output, log = LOGS / f"bench-{name}.jsonl", LOGS / f"bench-{name}.log"
    env = {**context.server.env(), "PYTHONPATH": python_path(), "BSS_ODOO_CONF": str(odoo_run.write_conf(context))}
    env |= {"BSS_BENCH_FULL": "1"} if full else {}
    with step(f"Benchmark {name}"), log.open("wb") as handle:
        done = subprocess.run(
            [str(venv_python()), "-m", "bss_cli.bench_run", name, str(output)],
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            env=child_env(env),
            cwd=ROOT,
            check=False,
        )
    if done.returncode:
        raise UserError(f"benchmark {name} failed; the end of {log}:\n{tail(log, 25)}")
    return [json.loads(line) for line in output.read_text().splitlines()]


def run(context: Context, name: str, as_json: bool, full: bool = False) -> int:
    names = available()
    chosen = names if name == "all" else [name]
    if not names or set(chosen) - set(names):
        raise UserError(f"there is no benchmark {name}", f"one of: all, {', '.join(names) or '(none yet)'}")
    rows = [row for item in chosen for row in run_one(context, item, full)]
    print("\n".join(json.dumps(row) for row in rows) if as_json else table(rows))
    return 0
