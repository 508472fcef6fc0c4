"""The addons of this repository: which exist, what they depend on, and when their code changed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

from .errors import UserError
from .paths import ADDONS

# Install order, lowest floor first.
ALL = (
    "bss_catalog",
    "bss_contracts",
    "bss_mediation",
    "bss_rating",
    "bss_ksef",
    "bss_payments_pl",
    "bss_dunning",
)
# Changes in these folders do not change what an installed database looks like.
WITHOUT_EFFECT = {"tests", "static", "__pycache__", "doc", "docs"}


def present(folder: Path = ADDONS) -> list[str]:
    found = {path.parent.name for path in folder.glob("bss_*/__manifest__.py")}
    return [name for name in ALL if name in found] + sorted(found - set(ALL))


def manifest(name: str, folder: Path = ADDONS) -> dict[str, object]:
    path = folder / name / "__manifest__.py"
    try:
        data = ast.literal_eval(path.read_text())
    except (OSError, ValueError, SyntaxError) as error:
        raise UserError(f"addons/{name}/__manifest__.py cannot be read: {error}", "correct it") from error
    if not isinstance(data, dict):
        raise UserError(f"addons/{name}/__manifest__.py is not a dictionary", "correct it")
    return data


def closure(names: Iterable[str], folder: Path = ADDONS) -> list[str]:
    """The addons and all of ours they stand on, lowest first."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        depends = manifest(name, folder).get("depends", [])
        for other in depends if isinstance(depends, list) else []:
            if (folder / str(other) / "__manifest__.py").is_file():
                visit(str(other))
        ordered.append(name)

    for name in names:
        visit(name)
    return ordered


def has_effect(relative: Path) -> bool:
    parts = relative.parts
    if set(parts) & WITHOUT_EFFECT or relative.suffix in {".md", ".pyc"}:
        return False
    return not any(part.endswith("_core") for part in parts[:-1])


def code_hash(names: Iterable[str], folder: Path = ADDONS) -> str:
    """Hash of everything that shapes a database with these addons installed."""
    digest = hashlib.sha256()
    for name in sorted(names):
        for path in sorted((folder / name).rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and has_effect(Path(*relative.parts[1:])):
                digest.update(str(relative).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
