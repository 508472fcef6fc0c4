"""Starting Odoo in the virtual environment with a generated development configuration."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .context import Context
from .paths import ADDONS, FILESTORE, ODOO_CONF, ROOT, venv_python
from .shell import child_env


def addons_path(context: Context) -> str:
    places = [*context.source.addons_paths]
    if any(ADDONS.glob("*/__manifest__.py")):
        places.append(ADDONS)
    return ",".join(str(place) for place in places)


def write_conf(context: Context) -> Path:
    """Generated anew on every start, so it never goes stale; odoo.conf at the root is for production."""
    server = context.server
    values = {
        "addons_path": addons_path(context),
        "data_dir": FILESTORE,
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        **({"db_password": server.password} if server.password else {}),
        "db_template": "template0",
        "server_wide_modules": "base,rpc,web,queue_job",
        "http_interface": "127.0.0.1",
        "without_demo": "True",
        "limit_time_real": 7200,
        "limit_time_cpu": 7200,
        # of addresses, not of memory: one process carries out half of all tests
        "limit_memory_hard": 4 << 30,
        "max_cron_threads": 0,
    }
    text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
    if not ODOO_CONF.exists() or ODOO_CONF.read_text() != text:
        FILESTORE.mkdir(parents=True, exist_ok=True)
        fresh = ODOO_CONF.with_suffix(f".{os.getpid()}")
        fresh.write_text(text)
        fresh.chmod(0o600)
        fresh.replace(ODOO_CONF)
    return ODOO_CONF


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ports(args: Sequence[str]) -> list[str]:
    """Free ports unless the caller chose: two servers on one port end each other."""
    joined = " ".join(args)
    if "--no-http" in args or "--http-port" in joined or "-p" in args or "--gevent-port" in joined:
        return []
    return [f"--http-port={free_port()}", f"--gevent-port={free_port()}"]


def command(context: Context, args: Sequence[str]) -> list[str]:
    """`python -m odoo [subcommand] -c conf ...`; a first word that is no option is Odoo's subcommand."""
    conf = ["-c", str(write_conf(context))]
    head, rest = ([args[0]], list(args[1:])) if args and not args[0].startswith("-") else ([], list(args))
    if head and head[0] not in {"server", "shell", "db", "module", "i18n", "populate", "neutralize", "obfuscate"}:
        conf = []
    chosen = ports(rest) if not head or head[0] in {"server", "shell"} else []
    return [str(venv_python()), "-m", "odoo", *head, *conf, *rest, *chosen]


def environment(context: Context) -> dict[str, str]:
    return child_env(context.server.env())


def call(context: Context, args: Sequence[str], log: Path, stdin: str | None = None) -> int:
    """Run Odoo to its end with the output in a log file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as handle:
        return subprocess.run(
            command(context, args),
            input=stdin,
            text=True,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            env=environment(context),
            cwd=ROOT,
            check=False,
        ).returncode


def replace_process(context: Context, args: Sequence[str]) -> NoReturn:
    """Become Odoo: signals and the terminal go straight to it."""
    line = command(context, args)
    os.execve(line[0], line, environment(context))
