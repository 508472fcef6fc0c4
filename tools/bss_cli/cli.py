"""The commands of `./bss` and their arguments."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from . import context as ctx
from . import databases, odoo_run, postgres
from .errors import UserError
from .paths import venv_python
from .shell import child_env

Handler = Callable[[argparse.Namespace], int]


def rest_of(args: argparse.Namespace) -> list[str]:
    words: list[str] = list(args.rest)
    return words[1:] if words[:1] == ["--"] else words


def cmd_setup(args: argparse.Namespace) -> int:
    context = ctx.prepare(args.refresh_lock)
    if not args.no_template:
        with ctx.locked("deps"):
            databases.ensure_deps(context)
    return 0


def cmd_odoo(args: argparse.Namespace) -> int:
    odoo_run.replace_process(ctx.prepare(), rest_of(args))


def cmd_shell(args: argparse.Namespace) -> int:
    context = ctx.prepare()
    odoo_run.replace_process(context, ["shell", "-d", args.database, "--no-http", *rest_of(args)])


def cmd_psql(args: argparse.Namespace) -> int:
    context = ctx.prepare()
    psql = postgres.psql_path()
    os.execve(psql, [psql, "-d", args.database, *rest_of(args)], child_env(context.server.env()))


def cmd_python(args: argparse.Namespace) -> int:
    context = ctx.prepare()
    python = str(venv_python())
    os.execve(python, [python, *rest_of(args)], child_env(context.server.env()))


def cmd_pg(args: argparse.Namespace) -> int:
    if args.action == "stop":
        print("stopped" if postgres.stop() else "was not running")
        return 0
    if args.action == "start":
        server = ctx.prepare().server
        print(f"running: host={server.host} port={server.port} user={server.user}")
        return 0
    binaries = postgres.bindir(fetch=False)
    running = binaries is not None and postgres.is_running(binaries)
    server = postgres.configured() or postgres.private_server()
    print(f"{server.kind}: host={server.host} port={server.port} user={server.user}")
    if server.kind == "private":
        print("running" if running else "stopped")
    return 0


def cmd_db(args: argparse.Namespace) -> int:
    context = ctx.prepare()
    if args.action == "template":
        from . import addons, template

        print(template.ensure(context, args.names or addons.present()))
    elif args.action == "list":
        for name in databases.names(context):
            print(name)
    elif args.action == "clone" and len(args.names) == 2:
        with ctx.locked("deps"):
            if args.names[0] == databases.DEPS:
                databases.ensure_deps(context)
            databases.clone(context, *args.names)
    elif args.action == "drop" and args.names:
        for name in args.names:
            databases.drop(context, name)
    else:
        raise UserError("db list | db clone SOURCE TARGET | db drop NAME...", "see ./bss db --help")
    return 0


def cmd_test(args: argparse.Namespace) -> int:
    from . import testing

    return testing.run(ctx.prepare(), args.paths)


def cmd_demo(args: argparse.Namespace) -> int:
    from . import demo

    # the bank books payments one by one: hours for a large base
    until = args.until or ("billing" if args.accounts > demo.LARGE else "")
    size = demo.Size(args.size, args.accounts, until)
    return demo.run(ctx.prepare(), size, not args.no_serve, args.port)


def cmd_serve(args: argparse.Namespace) -> int:
    from . import serving

    return serving.serve(ctx.prepare(), args.database, args.port)


def cmd_bench(args: argparse.Namespace) -> int:
    from . import bench

    return bench.run(ctx.prepare(), args.name, args.json, args.full)


def cmd_soak(args: argparse.Namespace) -> int:
    from . import soak

    return soak.run(ctx.prepare(), args.name, args.size)


def cmd_ksef_sim(args: argparse.Namespace) -> int:
    from . import ksef_sim

    ctx.prepare()
    ksef_sim.run(rest_of(args))


def cmd_doctor(_args: argparse.Namespace) -> int:
    from . import doctor

    return doctor.run()


def cmd_clean(args: argparse.Namespace) -> int:
    from . import clean

    return clean.run(args.downloads)


def cmd_lint(args: argparse.Namespace) -> int:
    from . import lint

    ctx.prepare()
    if args.fix:
        for command in (["format"], ["check", "--fix-only"]):
            lint.tool("ruff", *command, "--quiet", *(args.paths or lint.places()))
    return 1 if lint.run_all(show=True) else 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./bss", description="BSS for Odoo: billing and collections on Odoo 19.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, handler: Handler, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(handler=handler)
        return sub

    sub = add("setup", cmd_setup, "Get Odoo, Python packages and PostgreSQL; build the template database.")
    sub.add_argument(
        "--refresh-lock", action="store_true", help="take Debian's newest odoo-19 and rewrite tools/odoo.lock"
    )
    sub.add_argument("--no-template", action="store_true", help="leave the template database for later")
    sub = add("test", cmd_test, "Run all tests, or those of the given paths (file, folder, path::Test) or stages.")
    sub.add_argument("paths", nargs="*", help="lint, kernels, addons, matrix, e2e, browser, or paths")
    sub = add("demo", cmd_demo, "Run one whole billing cycle of the demo operator, then serve it.")
    sub.add_argument("--no-serve", action="store_true", help="end after the closing table")
    sub.add_argument("--size", type=int, default=20_000, metavar="N", help="call records to generate (default 20000)")
    sub.add_argument(
        "--accounts",
        type=int,
        default=0,
        metavar="N",
        help="grow the customer base to N billing accounts with two earlier bills each (default: the 64 made one by one)",
    )
    sub.add_argument(
        "--until",
        metavar="STAGE",
        default="",
        help="end after this stage: operator, past, usage, rating, preview (bills to look at, not issued), billing, "
        "ksef, documents, payments, collections, dunning, desk (default: the whole cycle; billing with more than 2000 accounts)",
    )
    sub.add_argument("--port", type=int, help="port of the web client (default: 8069 or the next free one)")
    sub = add("serve", cmd_serve, "Serve the web client on a database.")
    sub.add_argument("database", nargs="?", default="bss_demo")
    sub.add_argument("--port", type=int, help="default: 8069 or the next free one")
    sub = add("lint", cmd_lint, "Format, lint, layers, types: what pre-commit runs.")
    sub.add_argument("--fix", action="store_true", help="first format and repair what ruff can")
    sub.add_argument("paths", nargs="*", help="with --fix: only these")
    sub = add("bench", cmd_bench, "Measure speeds against a baseline of the same run.")
    sub.add_argument("name", help="name of a benchmark, or all")
    sub.add_argument("--json", action="store_true", help="one JSON line per figure")
    sub.add_argument("--full", action="store_true", help="also the largest size, where a benchmark has one")
    sub = add("soak", cmd_soak, "Run a kill, fuzz or volume test in its large size.")
    sub.add_argument("name")
    sub.add_argument("--size", type=int, help="own size instead of the large one")
    sub = add("ksef-sim", cmd_ksef_sim, "Serve the local stand-in for the national e-invoicing system.")
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    add("doctor", cmd_doctor, "Check everything and tell the cures; changes nothing.")
    sub = add("clean", cmd_clean, "Stop PostgreSQL and remove everything ./bss made in this clone.")
    sub.add_argument("--downloads", action="store_true", help="also the cached downloads of this user")
    sub = add("odoo", cmd_odoo, "Run Odoo with any arguments: ./bss odoo -- -d DB -u MODULE --stop-after-init")
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    sub = add("shell", cmd_shell, "Open Odoo's Python shell on a database.")
    sub.add_argument("database")
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    sub = add("psql", cmd_psql, "Open psql on a database.")
    sub.add_argument("database")
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    sub = add("python", cmd_python, "Run the environment's Python: ./bss python -- script.py")
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    sub = add("pg", cmd_pg, "Start, stop or show the private PostgreSQL.")
    sub.add_argument("action", choices=("start", "stop", "status"))
    sub = add("db", cmd_db, "Databases: db list | db clone SOURCE TARGET | db drop NAME... | db template [ADDON...]")
    sub.add_argument("action", choices=("list", "clone", "drop", "template"))
    sub.add_argument("names", nargs="*")
    return parser


def main(argv: Sequence[str]) -> int:
    args = build_parser().parse_args(argv)
    try:
        handler: Handler = args.handler
        return handler(args)
    except UserError as error:
        print(f"bss: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bss: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
