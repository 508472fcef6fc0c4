"""Each addon installed alone and removed again: a clean log, and nothing left behind."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import addons, databases, template
from .context import Context, locked
from .errors import UserError
from .paths import LOGS
from .progress import Progress

# Everything a module may leave in a database: tables, columns, external ids, models, jobs, parameters.
# Odoo itself leaves some external ids, whatever the module: those it gave in the name of `mail`, `portal`, ... to
# selections and inheritances of a removed model. They point at nothing and are not counted.
INVENTORY = """
SELECT 'table ' || table_name FROM information_schema.tables WHERE table_schema = 'public'
UNION SELECT 'column ' || table_name || '.' || column_name
  FROM information_schema.columns WHERE table_schema = 'public'
UNION SELECT 'sequence ' || sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'
UNION SELECT 'function ' || routine_name FROM information_schema.routines WHERE routine_schema = 'public'
UNION SELECT 'external id ' || module || '.' || name FROM ir_model_data
  WHERE NOT (module = 'base' AND name LIKE 'module_%')
    AND NOT (module NOT LIKE 'bss%' AND name ~ '^(selection|model_inherit)__bss_')
UNION SELECT 'model ' || model FROM ir_model
UNION SELECT 'job ' || cron_name FROM ir_cron
UNION SELECT 'parameter ' || key FROM ir_config_parameter
"""
INSTALLED = "SELECT name FROM ir_module_module WHERE state = 'installed'"

UNINSTALL = """
names = {names!r}
env["ir.module.module"].search([("name", "in", names)]).button_immediate_uninstall()
"""


def column(context: Context, database: str, query: str) -> set[str]:
    return {str(row[0]) for row in databases.sql(context, database, query)}


def check(context: Context, name: str) -> str:
    """Empty when the addon comes and goes cleanly, else what is wrong."""
    database = f"bss_t{os.getpid()}_m_{name}"
    try:
        with locked("deps"):
            databases.clone(context, databases.DEPS, database)
        before = column(context, database, INVENTORY)
        modules = column(context, database, INSTALLED)
        log = f"matrix-{name}"
        databases.install(context, database, [name], log)
        template.check_log(log, "install")
        added = sorted(column(context, database, INSTALLED) - modules)
        template.run_script(context, database, UNINSTALL.format(names=added), f"{log}-uninstall")
        template.check_log(f"{log}-uninstall", "uninstall")
        left = sorted(column(context, database, INVENTORY) - before)
        if left:
            shown = "\n".join(f"  {item}" for item in left[:20])
            return f"uninstall left {len(left)} things behind:\n{shown}"
    except UserError as error:
        return str(error)
    finally:
        databases.drop(context, database)
    return ""


@contextmanager
def beside(context: Context, ours: str, theirs: str) -> Iterator[str]:
    """A database with one addon of ours and one of others that we do not depend on; dropped at the end."""
    database = f"bss_t{os.getpid()}_b_{theirs}"
    source = template.ensure(context, [ours])
    try:
        databases.clone(context, source, database)
        log = f"beside-{theirs}"
        databases.install(context, database, [theirs], log)
        template.check_log(log, f"installing {theirs}")
        yield database
    finally:
        databases.drop(context, database)


def run(context: Context, bar: Progress) -> dict[str, str]:
    """Check all addons, two at a time."""
    with locked("deps"):
        databases.ensure_deps(context)
    names = addons.present()
    outcome: dict[str, str] = {}
    lock = threading.Lock()

    def one(name: str) -> None:
        problem = check(context, name)
        with lock:
            outcome[name] = problem
            bar.update(len(outcome), len(names))

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(one, names))
    (LOGS / "matrix.json").write_text(json.dumps(outcome, indent=1))
    return {name: outcome[name] for name in names}
