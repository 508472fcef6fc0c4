"""The test template: a Polish company with our addons installed, rebuilt only when code or pins change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from . import addons, databases, odoo_run
from .context import Context, locked
from .errors import UserError
from .log_policy import violations
from .paths import LOGS
from .progress import step
from .shell import tail

PREFIX = "bss_test_"

# install_mode keeps Odoo from installing every Polish module the moment the country is written.
COMPANY = """
env = env(context=dict(env.context, install_mode=True, tracking_disable=True))
company = env.company
env.ref("base.PLN").active = True
company.write({"country_id": env.ref("base.pl").id, "currency_id": env.ref("base.PLN").id})
env["account.chart.template"].try_loading("pl", company=company, install_demo=False)
env.cr.commit()
"""


def run_script(context: Context, database: str, script: str, log: str) -> None:
    """Run Python in an Odoo shell; the script commits itself."""
    path = LOGS / f"{log}.log"
    guarded = f"import sys, traceback\ntry:\n    exec({script!r}, globals())\nexcept BaseException:\n"
    guarded += "    traceback.print_exc()\n    sys.stderr.flush()\n    import os\n    os._exit(3)\n"
    if odoo_run.call(context, ["shell", "-d", database, "--no-http"], path, stdin=guarded):
        raise UserError(f"a step on database {database} failed; the end of {path}:\n{tail(path)}")


def check_log(log: str, what: str) -> None:
    path = LOGS / f"{log}.log"
    bad = violations(path.read_text(errors="replace").splitlines())
    if bad:
        shown = "\n".join(f"  {item}" for item in bad[:10])
        raise UserError(f"{what}: {len(bad)} warnings or errors in the server log ({path}):\n{shown}")


def key_of(context: Context, names: Sequence[str]) -> str:
    text = "\n".join((databases.deps_key(context), addons.code_hash(names), COMPANY, *names))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def complaints(log: str) -> list[str]:
    lines = (LOGS / f"{log}.log").read_text(errors="replace").splitlines()
    return [str(item) for item in violations(lines)]


def ensure(context: Context, wanted: Sequence[str], strict: bool = True) -> str:
    """Name of a template with these addons (and what they stand on) installed.

    What the install complained of is kept with the template: tests (`strict`) refuse it, a demo goes on.
    """
    names = addons.closure(wanted)
    key = key_of(context, names)
    name = PREFIX + key
    group = hashlib.sha256(" ".join(names).encode()).hexdigest()[:8]
    with locked("deps"):
        databases.ensure_deps(context)
    with locked(f"template-{group}"):
        note = databases.comment(context, name)
        if not note:
            note = build(context, name, names, group)
    bad = json.loads(note).get("complaints", [])
    if bad and strict:
        shown = "\n".join(f"  {item}" for item in bad[:10])
        raise UserError(f"installing {', '.join(names)}: {len(bad)} warnings or errors in the server log:\n{shown}")
    return name


def build(context: Context, name: str, names: Sequence[str], group: str) -> str:
    """Build the template beside the old one, then put it in its place; answers its note."""
    with step(f"Template: {len(names)} addons"):
        building = f"bss_building_{group}"
        with locked("deps"):
            databases.clone(context, databases.DEPS, building)
        log = f"template-{group}"
        run_script(context, building, COMPANY, f"{log}-company")
        databases.install(context, building, names, log)
        note = json.dumps({"group": group, "addons": list(names), "complaints": complaints(log)[:20]})
        for old, old_note in databases.comments(context, PREFIX):
            if old_note and json.loads(old_note).get("group") == group:
                databases.drop(context, old)
        databases.rename(context, building, name)
        databases.set_comment(context, name, note)
    return note
