"""`./bss test`: lint, kernels, addons on cloned databases, install matrix, end-to-end and browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import addons, databases, install_matrix, lint, odoo_run, template
from .chromium import chromium_path
from .context import Context
from .errors import UserError
from .log_policy import violations
from .paths import LOGS, ROOT, STATE, venv_python
from .progress import Progress, format_seconds
from .shell import child_env

STAGES = ("lint", "kernels", "addons", "matrix", "e2e", "browser")
KERNEL_FOLDERS = ("tests/tools", "tests/kernels", "tests/simulators")
DURATIONS = STATE / "durations.json"
WORKERS = 2


@dataclass
class Result:
    """Counts of one stage; failures carry what to show."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes


@dataclass
class Selection:
    """What to run: a list of pytest arguments per stage; an empty list means the stage's default."""

    stages: dict[str, list[str]]

    def has(self, stage: str) -> bool:
        return stage in self.stages


def select(paths: Sequence[str], root: Path = ROOT) -> Selection:
    """Sort arguments (stage names, files, folders, `path::Test`) into stages; none means everything."""
    if not paths:
        return Selection({stage: [] for stage in STAGES})
    stages: dict[str, list[str]] = {}
    for given in paths:
        if given in STAGES:
            stages.setdefault(given, [])
            continue
        file_part = given.split("::")[0].rstrip("/")
        path = Path(file_part)
        full = path if path.is_absolute() else root / path
        if not full.exists():
            raise UserError(f"there is no {given}", f"give a path, path::Test or one of: {', '.join(STAGES)}")
        relative = full.resolve().relative_to(root.resolve())
        stage = stage_of(relative)
        if stage is None:
            raise UserError(f"{given} belongs to no kind of test", "tests stand in addons/*/tests and tests/*")
        stages.setdefault(stage, []).append(str(relative) + given[len(file_part) :].removeprefix("/"))
    return Selection(stages)


def stage_of(relative: Path) -> str | None:
    parts = relative.parts
    if parts[:1] == ("addons",):
        return "addons"
    if parts[:1] == ("tests",) and len(parts) > 1:
        return {"tools": "kernels", "e2e": "e2e", "soak": "e2e", "browser": "browser", "oca": "matrix"}.get(
            parts[1], "kernels"
        )
    return None


# --- pytest in child processes


@dataclass
class Worker:
    """One pytest process with its report file and log."""

    name: str
    args: list[str]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    total: int = 0
    done: int = 0
    offset: int = 0
    final: dict[str, object] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return LOGS / f"test-{self.name}.log"

    @property
    def report(self) -> Path:
        return LOGS / f"test-{self.name}.jsonl"

    def start(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.report.write_text("")
        env = child_env({"BSS_TEST_REPORT": str(self.report), "PYTHONPATH": str(ROOT / "tools"), **self.env})
        command = [str(venv_python()), "-m", "pytest", "-p", "bss_cli.pytest_bss", "-q", "--no-header", "--tb=short"]
        command += ["-p", "no:cacheprovider", "--color=no", "--continue-on-collection-errors", *self.args]
        with self.log.open("wb") as handle:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT, env=env, cwd=ROOT
            )

    def poll(self) -> bool:
        """Read news; True when the process has ended."""
        assert self.process is not None
        ended = self.process.poll() is not None
        with self.report.open() as handle:
            handle.seek(self.offset)
            text = handle.read()
        complete = text.rpartition("\n")[0]
        if complete:
            self.offset += len(complete) + 1
            for line in complete.split("\n"):
                self.take(json.loads(line))
        return ended

    def take(self, news: dict[str, object]) -> None:
        if news["event"] == "collected":
            self.total = int(str(news["total"]))
        elif news["event"] == "test":
            self.done = int(str(news["done"]))
        elif news["event"] == "finished":
            self.final = news

    def result(self) -> Result:
        assert self.process is not None
        code = self.process.returncode
        if not self.final or (code not in {0, 1, 5}):
            return Result(failed=1, notes=[f"pytest ended with {code}:\n{interesting(self.log)}"])
        passed, failed, skipped = (int(str(self.final[key])) for key in ("passed", "failed", "skipped"))
        result = Result(passed, failed, skipped)
        remember_durations(self.final.get("seconds"))
        stray = self.final.get("stray")
        if isinstance(stray, list) and stray:
            result.failed += 1
            result.notes.append("outside of tests, in the server log:\n" + "\n".join(map(str, stray)))
        skips = self.final.get("skips")
        if isinstance(skips, list) and skips:
            result.notes.append("skipped:\n" + "\n".join(f"  {line}" for line in skips))
            if os.environ.get("CI"):
                result.failed += len(skips)
                result.notes.append("skipped tests count as failed under CI")
        if code == 1 and not result.failed:
            result.failed += 1
        if result.failed:
            result.notes.append(interesting(self.log))
        return result


def interesting(log: Path, limit: int = 250) -> str:
    """The part of pytest's output that a person needs: errors and failures, not the dots."""
    lines = log.read_text(errors="replace").splitlines()
    start = next(
        (i for i, line in enumerate(lines) if line.startswith("====") and ("FAIL" in line or "ERR" in line)), 0
    )
    shown = lines[start:] if start else lines
    if len(shown) > limit:
        shown = [*shown[: limit - 60], f"... {len(shown) - limit} lines more in {log} ...", *shown[-60:]]
    return "\n".join(shown)


def remember_durations(seconds: object) -> None:
    if not isinstance(seconds, dict):
        return
    known = load_durations()
    known.update({str(key): round(float(value), 2) for key, value in seconds.items()})
    STATE.mkdir(parents=True, exist_ok=True)
    fresh = DURATIONS.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(known, indent=0, sort_keys=True))
    fresh.replace(DURATIONS)


def load_durations() -> dict[str, float]:
    try:
        return dict(json.loads(DURATIONS.read_text()))
    except (OSError, ValueError):
        return {}


def split(files: Sequence[str], weights: dict[str, float], parts: int) -> list[list[str]]:
    """Share files out so that the parts take about the same time: heaviest first, to the lightest part."""
    loads = [0.0] * parts
    shares: list[list[str]] = [[] for _ in range(parts)]
    for name in sorted(files, key=lambda item: (-weights.get(item, 1.0), item)):
        lightest = loads.index(min(loads))
        shares[lightest].append(name)
        loads[lightest] += weights.get(name, 1.0)
    return [sorted(share) for share in shares if share]


def run_workers(label: str, workers: Sequence[Worker]) -> Result:
    bar = Progress(label)
    for worker in workers:
        worker.start()
    try:
        running = list(workers)
        while running:
            running = [worker for worker in running if not worker.poll()]
            bar.update(sum(w.done for w in workers), sum(w.total for w in workers))
            time.sleep(0.1)
    finally:
        for worker in workers:
            if worker.process and worker.process.poll() is None:
                worker.process.terminate()
                worker.process.wait()
    total = Result()
    for worker in workers:
        worker.poll()
        total.add(worker.result())
    bar.finish(counts(total))
    return total


def counts(result: Result) -> str:
    text = f"{result.passed} passed, {result.failed} failed"
    return text + (f", {result.skipped} skipped" if result.skipped else "")


# --- stages


def run_lint() -> Result:
    bar = Progress("Lint")
    problems = lint.run_all(show=False)
    result = Result(passed=len(lint.CHECKS) - len(problems), failed=len(problems), notes=problems)
    bar.finish(counts(result))
    return result


def run_kernels(args: Sequence[str]) -> Result:
    chosen = list(args) or [name for name in KERNEL_FOLDERS if (ROOT / name).is_dir()]
    if not chosen:
        return Result()
    files = test_files(chosen)
    shares = split(files, weights_of(files), WORKERS if len(files) > 3 else 1)
    workers = [Worker(f"kernels-{os.getpid()}-{n}", ["-p", "no:odoo", *share], {}) for n, share in enumerate(shares, 1)]
    return run_workers("Kernels", workers) if workers else Result(failed=1, notes=["no tests found there"])


def test_files(chosen: Sequence[str]) -> list[str]:
    """Test files behind the given paths; `file::Test` stays as it is."""
    files: list[str] = []
    for given in chosen:
        path = ROOT / given.split("::")[0]
        if path.is_file():
            files.append(given)
        else:
            files += sorted(str(p.relative_to(ROOT)) for p in path.rglob("test_*.py"))
    return files


def weights_of(files: Sequence[str]) -> dict[str, float]:
    """Seconds each file took last time; before that its size stands in."""
    known = load_durations()
    sizes = {name: (ROOT / name.split("::")[0]).stat().st_size / 2000 for name in files}
    return {name: known.get(name.split("::")[0], sizes[name]) for name in files}


def run_addons(context: Context, args: Sequence[str]) -> Result:
    files = test_files(args or [f"addons/{name}/tests" for name in addons.present()])
    if not files:
        return Result(failed=1 if args else 0, notes=["no tests found there"] if args else [])
    # The whole run uses the template with all addons; a part of it only what that part stands on, so that
    # an unfinished neighbour cannot stop it.
    wanted = addons.present() if not args else sorted({Path(name).parts[1] for name in files})
    source = template.ensure(context, wanted)
    shares = split(files, weights_of(files), WORKERS if len(files) > 3 else 1)
    workers, clones = [], []
    try:
        for number, share in enumerate(shares, 1):
            database = f"bss_t{os.getpid()}_{number}"
            databases.clone(context, source, database)
            clones.append(database)
            workers.append(database_worker(context, database, f"addons-{number}", share))
        return run_workers("Addons", workers)
    finally:
        for database in clones:
            databases.drop(context, database)


def database_worker(context: Context, database: str, name: str, share: Sequence[str]) -> Worker:
    """Odoo's tests of these files on a database of their own."""
    conf = odoo_run.write_conf(context)
    options = [f"--odoo-config={conf}", f"--odoo-database={database}", "--odoo-log-level=warn", "--odoo-http"]
    options += [f"--odoo-extra=db-filter=^{database}$", f"--odoo-extra=gevent-port={odoo_run.free_port()}"]
    env = {**context.server.env(), "BSS_TEST_WATCH_LOG": "1", "BSS_TEST_DATABASE": database}
    env["ODOO_QUEUE_JOB_CHANNELS"] = "root:0"  # the runner would look for committed jobs behind the tests
    kind, _dash, number = name.partition("-")
    return Worker("-".join(filter(None, (kind, str(os.getpid()), number))), [*options, *share], env)


def story_env(context: Context) -> dict[str, str]:
    """End-to-end and browser tests are plain pytest; they make their databases themselves (tests/stories.py)."""
    return {
        **context.server.env(),
        "BSS_TEST_TEMPLATE": template.ensure(context, addons.present()),
        "BSS_ODOO_CONF": str(odoo_run.write_conf(context)),
        "BSS_TEST_WATCH_LOG": "1",
        "ODOO_QUEUE_JOB_CHANNELS": "root:0",
    }


def run_e2e(context: Context, args: Sequence[str]) -> Result:
    """End-to-end tests; the first of them runs the whole cycle, as the demo does."""
    chosen = list(args) or [
        f"tests/{name}" for name in ("e2e", "soak") if any((ROOT / "tests" / name).glob("test_*.py"))
    ]
    if not chosen:
        return Result()
    return run_workers("End to end", [Worker(f"e2e-{os.getpid()}", ["-p", "no:odoo", *chosen], story_env(context))])


def run_browser(context: Context, args: Sequence[str]) -> Result:
    """Browser tests against a server on the database of the finished cycle; its log must stay clean too."""
    chosen = list(args) or ["tests/browser"]
    if not args and not any((ROOT / "tests" / "browser").glob("test_*.py")):
        return Result()
    browser = chromium_path()
    env = story_env(context)
    env |= {"BSS_CHROMIUM": browser, "PATH": f"{Path(browser).parent}{os.pathsep}{os.environ['PATH']}"}
    started = time.time()
    result = run_workers("Browser", [Worker(f"browser-{os.getpid()}", ["-p", "no:odoo", *chosen], env)])
    for log in LOGS.glob("test-browser-server*.log"):
        bad = violations(log.read_text(errors="replace").splitlines()) if log.stat().st_mtime >= started else []
        if bad:
            result.failed += 1
            result.notes.append(f"in {log} during browser tests:\n" + "\n".join(f"  {item}" for item in bad[:10]))
    return result


def drop_stale(context: Context) -> None:
    """Databases of test runs that were killed: their process is gone."""
    for name, _note in databases.comments(context, "bss_t"):
        digits = name.removeprefix("bss_t").split("_")[0]
        if digits.isdigit() and not Path(f"/proc/{digits}").exists():
            databases.drop(context, name)


def drop_own(context: Context) -> None:
    """Databases that stages of this run left for the next stage."""
    for name, _note in databases.comments(context, f"bss_t{os.getpid()}_"):
        databases.drop(context, name)


def run(context: Context, paths: Sequence[str]) -> int:
    started = time.monotonic()
    chosen = select(paths)
    drop_stale(context)
    for old in LOGS.glob("test-*"):
        if time.time() - old.stat().st_mtime > 86400:
            old.unlink(missing_ok=True)
    total = Result()
    stages: dict[str, Callable[[list[str]], Result]] = {
        "lint": lambda args: run_lint(),
        "kernels": run_kernels,
        "addons": lambda args: run_addons(context, args),
        "matrix": lambda args: run_matrix(context, args),
        "e2e": lambda args: run_e2e(context, args),
        "browser": lambda args: run_browser(context, args),
    }
    try:
        for stage in STAGES:
            if not chosen.has(stage):
                continue
            try:
                result = stages[stage](chosen.stages[stage])
            except UserError as error:
                result = Result(failed=1, notes=[f"{stage}: {error}"])
            for note in result.notes:
                print(note)
            sys.stdout.flush()
            total.add(result)
    finally:
        drop_own(context)
    if not total.passed and not total.failed:
        print("bss: no test was run", file=sys.stderr)
        return 1
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"whole run {format_seconds(time.monotonic() - started)}")
    print(f"{total.passed} passed, {total.failed} failed{skipped}")
    return 1 if total.failed else 0


def run_matrix(context: Context, args: Sequence[str]) -> Result:
    """Every addon alone, then ours with an addon of others beside; with paths only the latter."""
    total = Result()
    if not args:
        bar = Progress("Install matrix")
        outcome = install_matrix.run(context, bar)
        problems = [f"{name}: {problem}" for name, problem in outcome.items() if problem]
        total = Result(passed=len(outcome) - len(problems), failed=len(problems), notes=problems)
        bar.finish(counts(total))
    with install_matrix.beside(context, "bss_payments_pl", "account_reconcile_oca") as database:
        total.add(run_workers("Beside OCA", [database_worker(context, database, "oca", list(args) or ["tests/oca"])]))
    return total
