"""The lock file of Debian packages: what is downloaded, from which suite, with which checksum."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .errors import UserError

HEADER = """\
# Odoo 19 Community as Debian packages it, and the web libraries and fonts its tree links to.
# One line per package: name version suite sha256. Refresh with `./bss setup --refresh-lock`.
"""


@dataclass(frozen=True)
class LockedPackage:
    name: str
    version: str
    suite: str
    sha256: str

    @property
    def deb_name(self) -> str:
        """File name as apt writes it: the epoch's colon is escaped."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def parse_lock(text: str) -> list[LockedPackage]:
    packages = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        parts = line.split()
        if len(parts) != 4 or len(parts[3]) != 64:
            raise UserError(
                f"tools/odoo.lock line {number} is not 'name version suite sha256': {line}",
                "restore the file from git",
            )
        packages.append(LockedPackage(*parts))
    return packages


def format_lock(packages: list[LockedPackage]) -> str:
    rows = [(p.name, p.version, p.suite, p.sha256) for p in packages]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join([*(row[i].ljust(widths[i]) for i in range(3)), row[3]]) for row in rows]
    return HEADER + "\n".join(lines) + "\n"


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
