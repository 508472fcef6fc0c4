"""Finding a Chromium for the browser tests: they are never skipped for want of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import unpacked
from .errors import UserError
from .paths import BSS
from .progress import step
from .shell import run_logged

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
UNPACKED = BSS / "chromium"
WRAPPER = UNPACKED / "bin" / "chromium"
CURE = "as root: apt install chromium; or set BSS_CHROMIUM to a Chromium or Chrome"


def find() -> str | None:
    given = os.environ.get("BSS_CHROMIUM")
    if given:
        return given if Path(given).exists() else None
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return str(WRAPPER) if WRAPPER.exists() else None


def chromium_path() -> str:
    """A browser: the system's, installed by apt when we may, else unpacked beside the rest."""
    found = find()
    if found is None and shutil.which("apt-get"):
        if os.geteuid() == 0:
            install()
        else:
            unpack()
        found = find()
    if found is None:
        raise UserError("the browser tests need Chromium and there is none", CURE)
    return found


def install() -> None:
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    with step("Chromium: apt install"):
        run_logged(["apt-get", "update"], "apt-update", "apt-get update", CURE, env=env)
        command = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        run_logged(command, "apt-chromium", "Installing Chromium", CURE, env=env)


def unpack() -> None:
    """Debian's Chromium and the libraries this system lacks, under `.bss/chromium`, without touching the system."""
    unpacked.unpack("chromium", UNPACKED, "Chromium", CURE)
    unpacked.write_wrapper(
        WRAPPER,
        [
            f'LD_LIBRARY_PATH="{unpacked.library_path(UNPACKED)}" exec "{UNPACKED}/usr/lib/chromium/chromium" --no-sandbox "$@"'
        ],
    )
