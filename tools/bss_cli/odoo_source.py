"""Getting Odoo 19 Community: an existing tree, Debian's package, or a git clone, in this order."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .errors import UserError
from .odoo_lock import LockedPackage, format_lock, parse_lock, sha256_of
from .paths import BSS, LOCK, ODOO_GIT, ODOO_UNPACKED, cache_dir
from .progress import step
from .shell import run_logged

GIT_URL = "https://github.com/odoo/odoo.git"
BRANCH = "19.0"
DIST = Path("usr/lib/python3/dist-packages")

# Odoo's tree in Debian links to files of these packages; without jquery the login page answers 500.
# fonts-font-awesome comes from bookworm: later suites renamed the files Odoo links to.
PACKAGES = {
    "odoo-19": "sid",
    "libjs-jquery": "sid",
    "libjs-jquery-form": "sid",
    "libjs-underscore": "sid",
    "fonts-roboto-unhinted": "sid",
    "fonts-montserrat": "sid",
    "fonts-inconsolata": "sid",
    "fonts-ocr-b": "sid",
    "fonts-font-awesome": "bookworm",
}


@dataclass(frozen=True)
class OdooSource:
    """A usable Odoo tree."""

    kind: str  # "BSS_ODOO", "debian" or "git"
    python_path: Path  # the folder that holds the package `odoo`
    addons_paths: tuple[Path, ...]
    identity: str  # changes whenever the code may have changed

    @property
    def addons_path(self) -> str:
        return ",".join(str(path) for path in self.addons_paths)


def describe_tree(top: Path, kind: str, identity: str) -> OdooSource | None:
    """Recognise a source checkout (odoo-bin beside `odoo/` and `addons/`) or an installed package tree."""
    for base in (top, top / DIST, top.parent if top.name == "odoo" else top):
        release = base / "odoo" / "release.py"
        if not release.is_file():
            continue
        if "version_info = (19, 0" not in release.read_text(errors="replace"):
            raise UserError(
                f"{base} holds another version than Odoo 19.0",
                "point BSS_ODOO at an Odoo 19.0 tree or unset it",
            )
        places = [base / "odoo" / "addons"]
        # In a checkout most addons stand in the sibling folder; in the packaged tree that folder has no data files.
        if (base / "addons" / "account" / "__manifest__.py").is_file():
            places.append(base / "addons")
        return OdooSource(kind, base, tuple(places), identity)
    return None


def git_head(folder: Path) -> str:
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def from_environment() -> OdooSource | None:
    value = os.environ.get("BSS_ODOO")
    if not value:
        return None
    top = Path(value).expanduser().resolve()
    release = next((p for p in (top / "odoo/release.py", top / DIST / "odoo/release.py") if p.exists()), top)
    stamp = int(release.stat().st_mtime) if release.exists() else 0
    identity = f"BSS_ODOO {top} {git_head(top) if (top / '.git').exists() else stamp}"
    found = describe_tree(top, "BSS_ODOO", identity)
    if found is None:
        raise UserError(f"BSS_ODOO={value} holds no Odoo tree (no odoo/release.py)", "correct or unset it")
    return found


def locked() -> list[LockedPackage]:
    return parse_lock(LOCK.read_text()) if LOCK.exists() else []


def debian_identity(packages: list[LockedPackage]) -> str:
    return "debian " + " ".join(f"{p.name}={p.version}" for p in packages)


def cached_deb(package: LockedPackage) -> Path | None:
    path = cache_dir() / "debs" / package.deb_name
    if path.is_file() and sha256_of(path) == package.sha256:
        return path
    return None


def fetch_debs(packages: list[LockedPackage], refresh: bool) -> tuple[list[Path], list[LockedPackage]]:
    """Bring every package into the cache; tell when the archive has moved on from the pinned version."""
    target = cache_dir() / "debs"
    target.mkdir(parents=True, exist_ok=True)
    sources: dict[str, apt.PrivateApt] = {}
    paths, used = [], []
    for package in packages:
        path = None if refresh else cached_deb(package)
        if path is None:
            source = sources.get(package.suite)
            if source is None:
                source = sources[package.suite] = apt.PrivateApt(package.suite)
                source.update()
            version = source.candidate(package.name)
            if version is None:
                raise UserError(
                    f"Debian's suite {package.suite} offers no {package.name}",
                    "point BSS_ODOO at an Odoo 19 source tree",
                )
            moved = version != package.version
            if moved and not refresh:
                print(f"bss: Debian moved on: {package.name} {package.version} is now {version}; trying that one")
            path = source.download(package.name, version, target)
            digest = sha256_of(path)
            if not moved and not refresh and digest != package.sha256:
                path.unlink()
                raise UserError(
                    f"{package.name} {version} has another SHA-256 than tools/odoo.lock",
                    "do not use it; compare with another mirror",
                )
            package = LockedPackage(package.name, version, package.suite, digest)
        paths.append(path)
        used.append(package)
    return paths, used


def from_debian(refresh: bool = False) -> OdooSource | None:
    """Debian's odoo-19 unpacked under `.bss/odoo`, the system untouched."""
    packages = locked()
    if refresh or not packages:
        packages = [LockedPackage(name, "", suite, "0" * 64) for name, suite in PACKAGES.items()]
    stamp = ODOO_UNPACKED / ".bss-identity"
    wanted = debian_identity(packages)
    if stamp.is_file() and not refresh and stamp.read_text().startswith(wanted + "\n"):
        return describe_tree(ODOO_UNPACKED, "debian", stamp.read_text().split("\n")[1])
    if not apt.is_debian_like():
        return None
    with step("Odoo 19: download"):
        paths, used = fetch_debs(packages, refresh)
    with step("Odoo 19: unpack", total=len(paths)) as bar:
        fresh = ODOO_UNPACKED.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for number, path in enumerate(paths, 1):
            run_logged(["dpkg", "-x", path, fresh], "dpkg", f"Unpacking {path.name}")
            bar.update(number)
        # Absolute links of Debian point into /usr/share: aim them at the same root instead.
        relink(fresh)
        asked = debian_identity(used) if refresh else wanted
        (fresh / stamp.name).write_text(f"{asked}\n{debian_identity(used)}\n")
        shutil.rmtree(ODOO_UNPACKED, ignore_errors=True)
        fresh.rename(ODOO_UNPACKED)
    if refresh:
        LOCK.write_text(format_lock(used))
    return describe_tree(ODOO_UNPACKED, "debian", debian_identity(used))


def relink(root: Path) -> None:
    """Make absolute symbolic links relative, so that they stay inside the unpacked root."""
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            path = Path(folder, name)
            if path.is_symlink():
                aim = os.readlink(path)
                if os.path.isabs(aim):
                    path.unlink()
                    path.symlink_to(os.path.relpath(root / aim.lstrip("/"), folder))


def from_git() -> OdooSource | None:
    """A shallow clone of branch 19.0, for systems without apt."""
    if not (ODOO_GIT / "odoo" / "release.py").is_file():
        if not shutil.which("git"):
            return None
        with step("Odoo 19: git clone"):
            shutil.rmtree(ODOO_GIT, ignore_errors=True)
            BSS.mkdir(exist_ok=True)
            run_logged(
                ["git", "clone", "--quiet", "--depth", "1", "--branch", BRANCH, GIT_URL, ODOO_GIT],
                "git-clone",
                "Cloning Odoo 19.0",
                "check the network, or point BSS_ODOO at an Odoo 19.0 source tree",
            )
    return describe_tree(ODOO_GIT, "git", f"git {git_head(ODOO_GIT)}")


def get(refresh: bool = False) -> OdooSource:
    """The Odoo tree to use, fetched if needed."""
    found = from_environment() or from_debian(refresh) or from_git()
    if found is None:
        raise UserError(
            "no Odoo 19 found and no way to fetch it (neither apt nor git here)",
            "get an Odoo 19.0 source tree and set BSS_ODOO to its folder",
        )
    return found
