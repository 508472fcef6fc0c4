"""Finding a Chromium for the browser tests: they are never skipped for want of one."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from .errors import UserError
from .paths import BSS
from .progress import step
from .shell import capture, run_logged

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


def missing_packages(simulation: str) -> list[str]:
    """`name=version` of what apt would install, from the output of its simulation."""
    return [f"{name}={version}" for name, version in re.findall(r"(?m)^Inst (\S+) \((\S+)", simulation)]


def unpack() -> None:
    """Debian's Chromium and the libraries this system lacks, under `.bss/chromium`, without touching the system."""
    state = BSS / "apt" / "system"
    for sub in ("lists/partial", "cache/archives/partial"):
        (state / sub).mkdir(parents=True, exist_ok=True)
    # The system's own sources and keys; only lists and cache are ours, since an ordinary user may not write those.
    own = ["-o", f"Dir::State::Lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}"]
    own += ["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "Debug::NoLocking=1"]
    debs, root = BSS / "apt" / "chromium", UNPACKED.with_suffix(".new")
    for folder in (debs, root):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with step("Chromium: download and unpack") as bar:
        run_logged(["apt-get", *own, "update"], "apt-chromium-update", "Fetching the package index", CURE)
        simulation = capture(["apt-get", *own, "-s", "install", "--no-install-recommends", "chromium"])
        packages = missing_packages(simulation or "")
        if not packages:
            raise UserError("the browser tests need Chromium and apt offers none", CURE)
        command = ["apt-get", *own, "download", *packages]
        run_logged(command, "apt-chromium", "Downloading Chromium", CURE, cwd=debs)
        for number, deb in enumerate(sorted(debs.glob("*.deb")), 1):
            run_logged(["dpkg", "-x", deb, root], "dpkg", f"Unpacking {deb.name}", CURE)
            bar.update(number, len(packages))
        write_wrapper(root)
        shutil.rmtree(UNPACKED, ignore_errors=True)
        root.rename(UNPACKED)
        shutil.rmtree(debs)


def write_wrapper(root: Path) -> None:
    """Starts the unpacked browser with the unpacked libraries."""
    folders = [path.parent for path in root.rglob("*.so*") if path.parent.parent.name in {"lib", "lib64"}]
    libraries = sorted({str(UNPACKED / folder.relative_to(root)) for folder in folders})
    wrapper = root / "bin" / "chromium"
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(
        "#!/bin/sh\n"
        f'LD_LIBRARY_PATH="{os.pathsep.join(libraries)}" exec "{UNPACKED}/usr/lib/chromium/chromium" --no-sandbox "$@"\n'
    )
    wrapper.chmod(0o755)
