"""Debian packages unpacked beside the rest, with the libraries that this system lacks; the system stays as it is."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from .errors import UserError
from .paths import BSS
from .progress import step
from .shell import capture, run_logged


def missing_packages(simulation: str) -> list[str]:
    """`name=version` of what apt would install, from the output of its simulation."""
    return [f"{name}={version}" for name, version in re.findall(r"(?m)^Inst (\S+) \((\S+)", simulation)]


def unpack(package: str, target: Path, title: str, cure: str) -> None:
    """The package and what it needs under `target`, as the system's own apt offers them."""
    state = BSS / "apt" / "system"
    for sub in ("lists/partial", "cache/archives/partial"):
        (state / sub).mkdir(parents=True, exist_ok=True)
    # The system's own sources and keys; only lists and cache are ours, since an ordinary user may not write those.
    own = ["-o", f"Dir::State::Lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}"]
    own += ["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "Debug::NoLocking=1"]
    if os.geteuid() == 0:
        # apt drops to its own user for downloads and warns when that user cannot write here
        own += ["-o", "APT::Sandbox::User=root"]
    debs, root = BSS / "apt" / package, target.with_suffix(".new")
    for folder in (debs, root):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with step(f"{title}: download and unpack") as bar:
        run_logged(["apt-get", *own, "update"], f"apt-{package}-update", "Fetching the package index", cure)
        simulation = capture(["apt-get", *own, "-s", "install", "--no-install-recommends", package])
        packages = missing_packages(simulation or "")
        if not packages:
            raise UserError(f"{title} is needed and apt offers none", cure)
        command = ["apt-get", *own, "download", *packages]
        run_logged(command, f"apt-{package}", f"Downloading {title}", cure, cwd=debs)
        for number, deb in enumerate(sorted(debs.glob("*.deb")), 1):
            run_logged(["dpkg", "-x", deb, root], "dpkg", f"Unpacking {deb.name}", cure)
            bar.update(number, len(packages))
        shutil.rmtree(target, ignore_errors=True)
        root.rename(target)
        shutil.rmtree(debs)


def library_path(root: Path) -> str:
    """Folders of the unpacked libraries."""
    folders = [path.parent for path in root.rglob("*.so*") if path.parent.parent.name in {"lib", "lib64"}]
    return os.pathsep.join(sorted({str(folder) for folder in folders}))


def write_wrapper(path: Path, lines: list[str]) -> None:
    """A shell script that starts an unpacked program."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(0o755)
