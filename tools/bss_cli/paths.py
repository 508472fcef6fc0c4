"""Where things are. All that `./bss` makes stands under `.bss/` of the clone, downloads in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BSS = ROOT / ".bss"
VENV = BSS / "venv"
ODOO_UNPACKED = BSS / "odoo"
ODOO_GIT = BSS / "odoo-git"
PG = BSS / "pg"
LOGS = BSS / "logs"
STATE = BSS / "state"
FILESTORE = BSS / "data"
ODOO_CONF = BSS / "odoo-dev.conf"
ADDONS = ROOT / "addons"
LOCK = ROOT / "tools" / "odoo.lock"


def cache_dir() -> Path:
    """Downloads survive `clean` and are shared by all clones of one user."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = Path(base) / "bss"
    path.mkdir(parents=True, exist_ok=True)
    return path


def venv_python() -> Path:
    return VENV / "bin" / "python"
