"""`./bss soak NAME`: the kill, fuzz and volume tests in their large size (`./bss test` runs them small)."""

from __future__ import annotations

import subprocess
from pathlib import Path

from . import addons, odoo_run, template
from .context import Context
from .errors import UserError
from .paths import ROOT, venv_python
from .shell import child_env

FOLDER = ROOT / "tests" / "soak"


def available(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem.removeprefix("test_") for path in folder.glob("test_*.py"))


def run(context: Context, name: str, size: int | None) -> int:
    names = available()
    if name not in names:
        raise UserError(f"there is no soak test {name}", f"one of: {', '.join(names) or '(none yet)'}")
    env = {
        **context.server.env(),
        "BSS_SIZE": str(size) if size else "large",
        "BSS_TEST_TEMPLATE": template.ensure(context, addons.present()),
        "BSS_ODOO_CONF": str(odoo_run.write_conf(context)),
        "PYTHONPATH": str(ROOT / "tools"),
    }
    command = [str(venv_python()), "-m", "pytest", "-p", "no:odoo", "-p", "no:cacheprovider", "-s"]
    return subprocess.run(
        [*command, f"tests/soak/test_{name}.py"], env=child_env(env), cwd=ROOT, check=False
    ).returncode
