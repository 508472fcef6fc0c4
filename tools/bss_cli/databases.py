"""Databases: create, clone, drop, and the template with Odoo's own modules."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import odoo_run, venv
from .context import Context
from .errors import UserError
from .paths import FILESTORE, LOGS, venv_python
from .progress import step
from .shell import child_env

DEPS = "bss_deps"
# What the BSS addons stand on; Odoo adds what auto-installs (l10n_pl_edi, certificate, account_peppol, ...).
DEPS_MODULES = (
    "account",
    "l10n_pl",
    "sale_management",
    "portal",
    "sms",
    "phone_validation",
    "queue_job",
)
LANGUAGE = "pl_PL"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")

_SQL = """
import json, sys, psycopg2
connection = psycopg2.connect(dbname=sys.argv[1])
connection.autocommit = True
cursor = connection.cursor()
for statement in json.load(sys.stdin):
    cursor.execute(statement)
print(json.dumps(cursor.fetchall() if cursor.description else [], default=str))
"""


def sql(context: Context, database: str, *statements: str) -> list[list[object]]:
    """Run statements outside a transaction; rows of the last one. Uses the environment's driver, not psql."""
    done = subprocess.run(
        [str(venv_python()), "-c", _SQL, database],
        input=json.dumps(statements),
        capture_output=True,
        text=True,
        env=child_env(context.server.env()),
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("psycopg2.")]
        raise UserError(f"database {database}: {lines[-1] if lines else done.stderr.strip()}", "./bss doctor")
    rows: list[list[object]] = json.loads(done.stdout)
    return rows


def check_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise UserError(f"'{name}' is no database name", "letters, digits, - and _, at most 63")
    return name


def names(context: Context) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
    return [str(row[0]) for row in sql(context, "postgres", query)]


def exists(context: Context, name: str) -> bool:
    return name in names(context)


def comment(context: Context, name: str) -> str:
    query = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{check_name(name)}'"
    rows = sql(context, "postgres", query)
    return str(rows[0][0] or "") if rows else ""


def comments(context: Context, prefix: str) -> list[tuple[str, str]]:
    """Databases whose name begins so, with their comments."""
    query = f"SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE '{prefix}%'"
    return [(str(row[0]), str(row[1] or "")) for row in sql(context, "postgres", query)]


def _disconnect(name: str) -> str:
    # Only our own sessions: the cleaner of the server (autovacuum) may be at work, gives way by itself, and is nobody's to end.
    ours = f"datname = '{check_name(name)}' AND usename = current_user"
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"


def filestore(name: str) -> Path:
    return FILESTORE / "filestore" / name


def drop(context: Context, name: str) -> None:
    check_name(name)
    sql(context, "postgres", _disconnect(name), f'DROP DATABASE IF EXISTS "{name}"')
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(context: Context, source: str, target: str) -> None:
    """Copy a database and its filestore. The files are immutable (named by content), so hard links do."""
    check_name(target)
    if not exists(context, check_name(source)):
        raise UserError(f"there is no database {source}", "./bss db list")
    drop(context, target)
    sql(context, "postgres", _disconnect(source), f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), filestore(target), copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def rename(context: Context, source: str, target: str) -> None:
    check_name(target)
    sql(context, "postgres", _disconnect(source), f'ALTER DATABASE "{check_name(source)}" RENAME TO "{target}"')
    if filestore(source).is_dir():
        shutil.rmtree(filestore(target), ignore_errors=True)
        filestore(source).rename(filestore(target))


def set_comment(context: Context, name: str, text: str) -> None:
    quoted = text.replace("'", "''")
    sql(context, "postgres", f"COMMENT ON DATABASE \"{check_name(name)}\" IS '{quoted}'")


def deps_key(context: Context) -> str:
    """Changes only when Odoo, the pins or the list of modules change."""
    text = "\n".join((context.source.identity, venv.requirements_hash(), *DEPS_MODULES, LANGUAGE))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def install(context: Context, database: str, modules: Sequence[str], log: str, *extra: str) -> Path:
    """Install modules with the server's own command; its log is kept for the log policy to read."""
    path = LOGS / f"{log}.log"
    args = ["-d", database, "-i", ",".join(modules), "--stop-after-init", "--no-http", "--without-demo=True", *extra]
    code = odoo_run.call(context, args, log=path)
    if code:
        raise UserError(f"installing {', '.join(modules)} failed (exit {code}), see {path}", "read the log's end")
    return path


def ensure_deps(context: Context) -> str:
    """The template with Odoo's modules only; minutes to build, so it is kept until its key changes."""
    key = deps_key(context)
    if comment(context, DEPS) == key:
        return DEPS
    building = f"{DEPS}_building"
    with step("Odoo modules: template database"):
        drop(context, building)
        sql(context, "postgres", f"CREATE DATABASE \"{building}\" ENCODING 'UTF8' TEMPLATE template0")
        install(context, building, DEPS_MODULES, "deps-template", f"--load-language={LANGUAGE}")
        drop(context, DEPS)
        rename(context, building, DEPS)
        set_comment(context, DEPS, key)
    return DEPS
