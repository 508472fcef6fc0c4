"""The virtual environment in `.bss/venv`: pinned requirements, with Odoo visible to pip."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from .errors import UserError
from .odoo_source import OdooSource
from .paths import ROOT, VENV, venv_python
from .progress import step
from .shell import capture, run_logged

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
STAMP = VENV / ".bss-stamp"


def requirements_hash() -> str:
    digest = hashlib.sha256()
    for name in REQUIREMENTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()[:16]


def wanted_stamp(source: OdooSource) -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return f"python {version}\nodoo {source.python_path}\nrequirements {requirements_hash()}\n"


def site_packages() -> Path:
    major, minor = sys.version_info[:2]
    return VENV / "lib" / f"python{major}.{minor}" / "site-packages"


def show_odoo(source: OdooSource) -> None:
    """Put the Odoo tree on the environment's path so that `import odoo` works and pip sees version 19.0.

    OCA's wheels require `odoo==19.0.*`; Debian's tree brings its metadata, a plain checkout gets a minimal one.
    """
    site = site_packages()
    (site / "bss-odoo.pth").write_text(f"{source.python_path}\n")
    metadata = site / "odoo-19.0.dist-info"
    shutil.rmtree(metadata, ignore_errors=True)
    if not list(source.python_path.glob("odoo-19.0*.egg-info")):
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n")
        (metadata / "INSTALLER").write_text("bss\n")
        (metadata / "RECORD").write_text("")


def ensure(source: OdooSource) -> None:
    """Make or refresh the environment when Python, Odoo's place or the pins changed."""
    stamp = wanted_stamp(source)
    if STAMP.is_file() and STAMP.read_text() == stamp and venv_python().exists():
        return
    old = STAMP.read_text() if STAMP.is_file() else ""
    if not venv_python().exists() or old.split("\n")[0] != stamp.split("\n")[0]:
        shutil.rmtree(VENV, ignore_errors=True)
        with step("Python environment: create"):
            run_logged(
                [sys.executable, "-m", "venv", VENV],
                "venv",
                "Making the virtual environment",
                f"install venv for Python {sys.version_info[0]}.{sys.version_info[1]}"
                f" (on Debian as root: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv)",
            )
    show_odoo(source)
    with step("Python environment: packages"):
        files = [arg for name in REQUIREMENTS for arg in ("-r", ROOT / name)]
        run_logged(
            [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *files],
            "pip",
            "Installing Python packages",
            "check the network and pip's index configuration, then run ./bss setup again",
        )
    answer = capture([venv_python(), "-c", "import odoo.release as r; print(r.version)"])
    if not answer or not answer.startswith("19.0"):
        raise UserError("the virtual environment cannot import Odoo 19", "./bss clean && ./bss setup")
    STAMP.write_text(stamp)
