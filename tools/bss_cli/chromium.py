"""Finding a Chromium for the browser tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .errors import UserError
from .paths import BSS
from .progress import step
from .shell import run_logged

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
UNPACKED = BSS / "chromium"
CURE = "as root: apt install chromium; or set BSS_CHROMIUM to a Chromium or Chrome"


def find() -> str | None:
    given = os.environ.get("BSS_CHROMIUM")
    if given:
        return given if Path(given).exists() else None
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return None


def chromium_path() -> str:
    """A browser, installed by apt when we may; browser tests are never skipped for want of one."""
    found = find()
    if found:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        with step("Chromium: apt install"):
            run_logged(["apt-get", "update"], "apt-update", "apt-get update", env=env)
            run_logged(
                ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
                "apt-chromium",
                "Installing Chromium",
                "install a Chromium and put it on PATH, or set BSS_CHROMIUM",
                env=env,
            )
        found = find()
        if found:
            return found
    raise UserError(
        "the browser tests need Chromium and there is none",
        CURE,
    )
