"""Downloading Debian packages with apt's own signature check, without touching the system.

apt gets a private configuration: own lists, own cache, one source entry copied from the system's with another
suite. The mirror and its signing key are the system's; nothing is written outside the clone and the user's cache.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .errors import UserError
from .paths import BSS
from .shell import capture, run_logged

SOURCES = Path("/etc/apt")


@dataclass(frozen=True)
class Entry:
    """The system's own source of Debian packages."""

    uri: str
    signed_by: str


def parse_deb822(text: str) -> list[Entry]:
    """Entries of a `.sources` file that serve binary packages."""
    entries = []
    for block in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields = dict(re.findall(r"(?m)^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", block))
        lowered = {key.lower(): value.strip() for key, value in fields.items()}
        if "deb" in lowered.get("types", "").split() and lowered.get("uris"):
            if lowered.get("enabled", "yes").lower() == "no":
                continue
            entries.append(Entry(lowered["uris"].split()[0], lowered.get("signed-by", "")))
    return entries


def parse_one_line(text: str) -> list[Entry]:
    """Entries of a `sources.list` file."""
    entries = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+\S+", line)
        if match:
            signed = re.search(r"signed-by=(\S+)", match[1] or "")
            entries.append(Entry(match[2], signed[1] if signed else ""))
    return entries


def system_entry() -> Entry | None:
    """The main Debian archive as this machine is configured to reach it (not security, not third parties)."""
    entries: list[Entry] = []
    for path in sorted((SOURCES / "sources.list.d").glob("*.sources")):
        entries += parse_deb822(path.read_text(errors="replace"))
    lists = [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.is_file():
            entries += parse_one_line(path.read_text(errors="replace"))
    for entry in entries:
        if re.search(r"/debian/?$", entry.uri):
            return entry
    return None


def is_debian_like() -> bool:
    return bool(shutil.which("apt-get") and shutil.which("dpkg")) and system_entry() is not None


class PrivateApt:
    """apt for one suite with all its state under `.bss/apt/<suite>`."""

    def __init__(self, suite: str) -> None:
        entry = system_entry()
        if entry is None:
            raise UserError(
                "apt has no entry for the main Debian archive",
                "point BSS_ODOO at an Odoo 19 source tree",
            )
        self.suite = suite
        self.base = BSS / "apt" / suite
        for sub in ("lists/partial", "cache/archives/partial", "sources.d", "empty.d"):
            (self.base / sub).mkdir(parents=True, exist_ok=True)
        signed = f"Signed-By: {entry.signed_by}\n" if entry.signed_by else ""
        (self.base / "sources.d" / "bss.sources").write_text(
            f"Types: deb\nURIs: {entry.uri}\nSuites: {suite}\nComponents: main\n{signed}"
        )
        if os.geteuid() == 0:
            # apt drops to its own user for downloads and warns when that user cannot write here
            self.sandbox = ["-o", "APT::Sandbox::User=root"]
        else:
            self.sandbox = []

    def options(self) -> list[str]:
        values = {
            "Dir::State::Lists": self.base / "lists",
            "Dir::Cache": self.base / "cache",
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": self.base / "sources.d",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": self.base / "empty.d",
            "APT::Get::AllowUnauthenticated": "false",
            "Acquire::Languages": "none",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "Acquire::Retries": "3",
        }
        return [*self.sandbox, *(x for key, value in values.items() for x in ("-o", f"{key}={value}"))]

    def update(self) -> None:
        run_logged(
            ["apt-get", *self.options(), "update"],
            f"apt-update-{self.suite}",
            f"Fetching Debian's package index ({self.suite})",
            "check the network and apt's proxy, or point BSS_ODOO at an Odoo 19 source tree",
        )

    def candidate(self, name: str) -> str | None:
        """Version the suite offers now."""
        shown = capture(["apt-cache", *self.options(), "show", "--no-all-versions", name])
        match = re.search(r"(?m)^Version: (\S+)", shown or "")
        return match[1] if match else None

    def download(self, name: str, version: str, target: Path) -> Path:
        target.mkdir(parents=True, exist_ok=True)
        run_logged(
            ["apt-get", *self.options(), "download", f"{name}={version}"],
            f"apt-download-{name}",
            f"Downloading {name} {version}",
            "check the network and apt's proxy, or point BSS_ODOO at an Odoo 19 source tree",
            cwd=target,
        )
        found = sorted(target.glob(f"{name}_*.deb"), key=lambda p: p.stat().st_mtime)
        if not found:
            raise UserError(f"apt downloaded no {name} {version}", "see .bss/logs")
        return found[-1]
